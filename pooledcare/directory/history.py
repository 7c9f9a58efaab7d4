"""Writing the audit trail and the change feed: called by actions, inside their transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import F

from pooledcare.directory.models import AuditEvent, Change, ChangeHead
from pooledcare.kernel.context import request_id

if TYPE_CHECKING:
    from pooledcare.directory.access import Actor


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
    *, resource: str, reference: str, event: str, public: bool, organisation: str = "", counts: dict[str, int] | None = None
) -> Change:
    """One entry of the change feed, numbered in commit order.

    The head row stays locked until commit, so a reader who has seen number n has missed nothing below it. Call
    it last in an action: whoever holds the head makes others wait.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A change is announced inside the transaction that makes it.")
    head = ChangeHead.objects.select_for_update().get(pk=1)
    ChangeHead.objects.filter(pk=1).update(sequence=F("sequence") + 1)
    return Change.objects.create(
        sequence=head.sequence + 1,
        resource=resource,
        reference=reference,
        event=event,
        public=public,
        organisation=organisation,
        counts=counts or {},
    )
