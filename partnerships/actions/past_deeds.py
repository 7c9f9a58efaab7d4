"""The past of an agreement, as reference tables and the demonstration tell it: signed before PooledCare knew of it."""

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
    """Signs deeds as they were signed, for PooledCare itself only.

    Nothing is approved here, and what the law says of it is left as it is. `power` may be one that is named and not
    judged, such as that of a care trust.
    """
    if not by.is_system:
        raise PermissionDenied("Only PooledCare itself records the past of an agreement.")
    agreement = lock_agreement(agreement)
    if power:
        agreement.power = Power(power)
        agreement.save()
    tell: list[tuple[str, str]] = []
    for number, day in sorted(signed.items()):
        table = LockedDeed(agreement.deeds.get(number=number))
        agreement = table.agreement
        if table.deed.signed_on == day:
            continue
        refuse(open_problems(table.record, table.said, "signed"))
        table.mark_signed(day, by=by, organisation=agreement.prepared_by)
        tell += table.tell
        if published:
            _publish(table, by)
        agreement.save()
    agreement.source = source or agreement.source
    finish_change(
        agreement,
        by=by,
        action="agreement.recorded",
        sentence=f"{agreement.reference}: recorded as it was.",
        organisation=agreement.prepared_by,
        tell=tell,
        public=published,
    )
    return agreement


def _publish(table: LockedDeed, by: Actor) -> None:
    Publication.objects.bulk_create(
        Publication(deed=table.deed, organisation_id=voice.body.pk, actor=by.reference) for voice in table.voices
    )
    table.show()
