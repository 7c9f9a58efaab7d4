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
    """One line of the audit trail. The sentence names references only, never people or free text."""
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
    """One entry of the change feed, numbered in commit order.

    What is not public is seen by members of `organisation`, and of every organisation whose key is among `readers`.

    The head row stays locked until commit, so a reader who has seen number n has missed nothing below it. Call
    it last in an action: whoever holds the head makes others wait. Long work announces together.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A change is announced inside the transaction that makes it.")
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
    """Changes that are announced inside get their numbers when it ends: long work holds the head for a moment only.

    What ends in an exception announces nothing. No part of what is done inside may be undone alone: it would be told.
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
