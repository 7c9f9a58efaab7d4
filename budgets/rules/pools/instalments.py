"""When a contribution is paid: instalments that sum to it to the penny, and what is due, received and overdue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from budgets.terms import InstalmentEventKind
from partnerships.terms import Instalments
from pooledcare.kernel.money import split
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Refused

NOTHING = Decimal(0)
# Days after the day on which an instalment was due.
AGES = ((30, "0–30 days"), (60, "31–60 days"), (90, "61–90 days"))
OLDEST = "over 90 days"
AGE_LABELS = (*(label for _, label in AGES), OLDEST)


@dataclass(frozen=True, slots=True)
class Due:
    """An instalment to be recorded: a day, and pounds."""

    on: dt.date
    amount: Decimal


def spread(
    amount: Decimal, *, method: str, year: FinancialYear, count: int | None = None, shares: Sequence[str] = ()
) -> list[Due]:
    """The instalments of an amount in pounds. They sum to it to the penny (largest remainder, the earlier first).

    `count` is for equal instalments, `shares` (such as `04-15 25.00`: month, day, percentage) for given days. Parts of
    0.00 are left out. Raises Refused if what the method needs is missing.

    >>> [str(due.amount) for due in spread(Decimal("100.00"), method="equal", year=FinancialYear(2025), count=3)]
    ['33.34', '33.33', '33.33']
    """
    days = _days(method, year, count, shares)
    parts = split(amount, [weight for _, weight in days])
    return [Due(day, part) for (day, _), part in zip(days, parts, strict=True) if part]


def _days(
    method: str, year: FinancialYear, count: int | None, shares: Sequence[str]
) -> list[tuple[dt.date, Decimal | int]]:
    match method:
        case Instalments.EQUAL:
            if not count or not 1 <= count <= 12:
                message = "Equal instalments need a number of instalments from 1 to 12"
                raise Refused.because("INSTALMENT_COUNT", message, fix="Enter how many instalments there are.")
            return [(year.months[12 * place // count].first_day, 1) for place in range(count)]
        case Instalments.MONTHLY:
            return [(month.first_day, 1) for month in year.months]
        case Instalments.QUARTERLY_ADVANCE:
            return [(quarter.first_day, 1) for quarter in year.quarters]
        case Instalments.QUARTERLY_ARREARS:
            return [(quarter.last_day, 1) for quarter in year.quarters]
    if not shares:
        message = "Instalments on given days need the days and their shares"
        raise Refused.because("INSTALMENT_SHARES", message, fix="Enter each day with its share, such as 15 April: 25%.")
    return [(_in_year(year, share), Decimal(share[6:])) for share in shares]


def _in_year(year: FinancialYear, share: str) -> dt.date:
    month, day = int(share[:2]), int(share[3:5])
    return dt.date(year.start + (month < 4), month, day)


@dataclass(frozen=True, slots=True)
class Event:
    kind: str
    on: dt.date
    amount: Decimal | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What has happened to one instalment by a day. Amounts are in pounds.

    `overdue` is what is owed after the day on which it was due; an instalment that is suspended is never overdue.
    `age` is one of `AGE_LABELS`, or empty if nothing is overdue.
    """

    due_on: dt.date
    amount: Decimal
    invoiced_on: dt.date | None
    received: Decimal
    suspended_for: str
    today: dt.date

    @property
    def outstanding(self) -> Decimal:
        return self.amount - self.received

    @property
    def is_due(self) -> bool:
        return self.due_on <= self.today

    @property
    def due(self) -> Decimal:
        return self.amount if self.is_due else NOTHING

    @property
    def overdue(self) -> Decimal:
        return self.outstanding if self.due_on < self.today and not self.suspended_for else NOTHING

    @property
    def suspended(self) -> Decimal:
        return self.outstanding if self.suspended_for else NOTHING

    @property
    def age(self) -> str:
        return age_of((self.today - self.due_on).days) if self.overdue else ""


def age_of(days: int) -> str:
    """
    >>> [age_of(days) for days in (0, 30, 31, 60, 61, 90, 91)]
    ['0–30 days', '0–30 days', '31–60 days', '31–60 days', '61–90 days', '61–90 days', 'over 90 days']
    """
    return next((label for most, label in AGES if days <= most), OLDEST)


def standing(due_on: dt.date, amount: Decimal, events: Iterable[Event], *, today: dt.date) -> Standing:
    """`events` come in the order in which they were recorded; those dated after `today` do not count yet."""
    invoiced_on, received, suspended_for = None, NOTHING, ""
    for event in events:
        if event.on > today:
            continue
        match event.kind:
            case InstalmentEventKind.INVOICED:
                invoiced_on = event.on
            case InstalmentEventKind.RECEIVED:
                received += event.amount or NOTHING
            case InstalmentEventKind.SUSPENDED:
                suspended_for = event.reason
            case InstalmentEventKind.RESUMED:
                suspended_for = ""
    return Standing(due_on, amount, invoiced_on, received, suspended_for, today)
