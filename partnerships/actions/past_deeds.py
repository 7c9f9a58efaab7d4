"""Recording agreements that were signed outside PooledCare, from the reference tables and the demonstration data."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied

from partnerships.changing.agreement import finish_change, lock_agreement, refuse
from partnerships.changing.locked_deed import LockedDeed
from partnerships.models import Agreement, Publication
from partnerships.rules.agreements.signing import open_problems
from partnerships.terms import SENTENCES, Power
from pooledcare.directory.access import Actor
from pooledcare.directory.models import Source
from pooledcare.kernel.actions import action


@action(SENTENCES)
def record_history(
    *, agreement: Agreement, signed: dict[int, dt.date], published: bool, source: Source | None, power: str = "",
    by: Actor,
) -> Agreement:  # fmt: skip
    """Mark the deeds as signed on the given days, by deed number. Only for PooledCare itself, not for users.

    No approvals are needed, and unlawful findings do not prevent signing. `power` may be one that PooledCare names but
    does not judge, such as that of a care trust.
    """
    if not by.is_system:
        raise PermissionDenied("Only PooledCare itself records the past of an agreement.")
    agreement = lock_agreement(agreement)
    if power:
        agreement.power = Power(power)
        agreement.save()
    tell: list[tuple[str, str]] = []
    for number, day in sorted(signed.items()):
        locked = LockedDeed(agreement.deeds.get(number=number))
        agreement = locked.agreement
        if locked.deed.signed_on == day:
            continue
        refuse(open_problems(locked.record, locked.deed_record, "signed"))
        locked.mark_signed(day, by=by, organisation=agreement.prepared_by)
        tell += locked.changed_parts
        if published:
            _publish(locked, by)
        agreement.save()
    agreement.source = source or agreement.source
    finish_change(
        agreement,
        by=by,
        action="agreement.recorded",
        sentence=f"{agreement.reference}: recorded as signed in the past.",
        organisation=agreement.prepared_by,
        tell=tell,
        public=published,
    )
    return agreement


def _publish(locked: LockedDeed, by: Actor) -> None:
    Publication.objects.bulk_create(
        Publication(deed=locked.deed, organisation_id=decider.body.pk, actor=by.reference)
        for decider in locked.deciding_bodies
    )
    locked.mark_public()
