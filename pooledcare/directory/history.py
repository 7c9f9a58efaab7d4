"""Writing the audit trail and the change feed: called by actions, inside their transaction."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import connection

from pooledcare.directory.models import AuditEvent, Change
from pooledcare.kernel.context import request_id

if TYPE_CHECKING:
    from pooledcare.directory.access import Actor

NEXT_NUMBER = """
insert into directory_changehead (id, sequence) values (1, 1)
on conflict (id) do update set sequence = directory_changehead.sequence + 1
returning sequence
"""


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
) -> Change:
    """One entry of the change feed, numbered in commit order.

    What is not public is seen by members of `organisation`, and of every organisation whose key is among `readers`.

    The head row stays locked until commit, so a reader who has seen number n has missed nothing below it. Call
    it last in an action: whoever holds the head makes others wait.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A change is announced inside the transaction that makes it.")
    with connection.cursor() as cursor:
        cursor.execute(NEXT_NUMBER)
        (sequence,) = cursor.fetchone()
    return Change.objects.create(
        sequence=sequence,
        resource=resource,
        reference=reference,
        event=event,
        public=public,
        organisation=organisation,
        reader_ids=sorted(readers),
        counts=counts or {},
    )
