"""Writing the audit trail and the change feed: called by actions, inside their transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from django.db import connection

from pooledcare.directory.models import AuditEvent, Change
from pooledcare.kernel.context import request_id

if TYPE_CHECKING:
    from pooledcare.directory.access import Actor

NEXT_NUMBERS = """
insert into directory_changehead (id, sequence) values (1, %(count)s)
on conflict (id) do update set sequence = directory_changehead.sequence + %(count)s
returning sequence
"""
_waiting: ContextVar[list[Change] | None] = ContextVar("changes that wait for their numbers", default=None)


def record(*, by: Actor, action: str, subject: str, sentence: str, organisation: str = "") -> AuditEvent:
    """Add a line to the audit trail. The sentence must have references only: no names of people, and no free text."""
    return AuditEvent.objects.create(
        actor=by.reference,
        action=action,
        subject=subject,
        sentence=sentence,
        organisation=organisation,
        request_id=request_id.get(),
    )


def announce(
    *,
    resource: str,
    reference: str,
    event: str,
    public: bool,
    organisation: str = "",
    readers: Collection[int] = (),
    counts: dict[str, int] | None = None,
) -> None:
    """Add an entry to the change feed, numbered in commit order. Raises RuntimeError outside a transaction.

    If it is not public, only members of `organisation`, and of the organisations with ids in `readers`, see it.

    The row with the last number stays locked until commit, so that a reader who has seen number n has missed none
    below. Call this last in an action, because others wait for the lock; long work uses `announced_together`.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A change must be announced inside the transaction that makes it.")
    change = Change(
        resource=resource,
        reference=reference,
        event=event,
        public=public,
        organisation=organisation,
        reader_ids=sorted(readers),
        counts=counts or {},
    )
    waiting = _waiting.get()
    if waiting is None:
        _number([change])
    else:
        waiting.append(change)


@contextmanager
def announced_together() -> Iterator[None]:
    """Number the changes announced inside the block when it ends, so that long work holds the lock only briefly.

    If the block raises, nothing is announced. Do not roll back only a part of the block (to a savepoint): the changes
    announced in that part would still be added to the feed.
    """
    waiting: list[Change] = []
    token = _waiting.set(waiting)
    try:
        yield
    finally:
        _waiting.reset(token)
    if waiting:
        _number(waiting)


def _number(changes: list[Change]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(NEXT_NUMBERS, {"count": len(changes)})
        (last,) = cursor.fetchone()
    for number, change in enumerate(changes, last - len(changes) + 1):
        change.sequence = number
    Change.objects.bulk_create(changes)
