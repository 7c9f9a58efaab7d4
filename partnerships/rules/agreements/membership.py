"""The periods for which organisations were partners, how each joined, and whom it replaced."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from partnerships.rules.agreements.content import Body
from partnerships.rules.agreements.record import AgreementRecord, DeedRecord, Joined

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MembershipPeriod:
    """A period during which an organisation was a partner.

    `until` is its last day; `deed` is the number it joined by.
    """

    body: Body
    role: str
    contributes: bool
    since: dt.date | None
    until: dt.date | None
    deed: int | None
    succeeds: Body | None
    is_agreed: bool  # joined by a signed deed

    def is_there_on(self, day: dt.date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


def membership_periods(record: AgreementRecord) -> list[MembershipPeriod]:
    """Every partner ever, in the order of joining. Withdrawn deeds are ignored."""
    found = list(_joined(record)) + list(_succeeded(record))
    return sorted(found, key=lambda period: (period.since or dt.date.max, period.body.name))


def _counted(record: AgreementRecord) -> list[DeedRecord]:
    return [deed for deed in record.deeds if deed.is_signed or deed.is_open]


def _joined(record: AgreementRecord) -> Iterator[MembershipPeriod]:
    for deed in _counted(record):
        for each in deed.joined:
            last = _last_day(record, each)
            yield MembershipPeriod(
                each.body, each.role, each.contributes, deed.effective_on, last, deed.number, None, deed.is_signed
            )


def _succeeded(record: AgreementRecord) -> Iterator[MembershipPeriod]:
    known = {each.pk: each for deed in _counted(record) for each in deed.joined}
    for each in sorted(record.successors, key=lambda one: one.pk):
        if each.succeeds in known:
            before = known[each.succeeds].body
            known[each.pk] = each
            yield MembershipPeriod(
                each.body, each.role, each.contributes, each.since, _last_day(record, each), None, before, True
            )


def _last_day(record: AgreementRecord, partner: Joined) -> dt.date | None:
    """The day before it left by a signed deed or was succeeded, whichever is first; None if neither."""
    after = [each.since for each in record.successors if each.succeeds == partner.pk and each.since]
    after += [
        deed.effective_on for deed in record.deeds if deed.is_signed and partner.pk in deed.left and deed.effective_on
    ]
    return min(after) - _DAY if after else record.ended_on
