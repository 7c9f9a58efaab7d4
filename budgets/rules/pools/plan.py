"""The rules of a plan: its amounts, months and hash, and what keeps it from being submitted. Amounts are in pounds."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from budgets.terms import MovementKind, ProfileMethod
from pooledcare.kernel.money import pounds, split
from pooledcare.kernel.periods import FinancialYear, Month
from pooledcare.kernel.problems import Problem, Refused, Where

NOTHING = Decimal("0.00")
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Amounts:
    """A gross amount and the client income within it."""

    expenditure: Decimal = NOTHING
    client_income: Decimal = NOTHING

    @property
    def net(self) -> Decimal:
        return self.expenditure - self.client_income

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(self.expenditure + other.expenditure, self.client_income + other.client_income)


@dataclass(frozen=True, slots=True)
class Movement:
    """A dated change of a line; reductions are negative. `virement` is the reference of the virement it is part of."""

    kind: str
    amounts: Amounts
    effective_on: dt.date
    reason: str = ""
    virement: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Whose money pays for a line: a partner's code, and the code of a funding stream or nothing for its own money."""

    partner: str
    stream: str = ""

    def __str__(self) -> str:
        return f"{self.partner}, {self.stream}" if self.stream else f"{self.partner}, own money"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a plan by value. Bodies and the scheme are given by code, the provider by name."""

    number: int
    scheme: str
    source: Source
    commissioner: str | None
    nhs_share: Decimal | None = None
    provider: str = ""
    area_of_spend: str = ""
    permitted_expenditure: str = ""
    nature: str = "revenue"
    ring_fence: str = ""
    description: str = ""
    outputs: Decimal | None = None
    output_unit: str = ""
    savings_expected: Decimal | None = None
    movements: tuple[Movement, ...] = ()
    profile_method: str = ""
    profile: tuple[Decimal, ...] = ()

    @property
    def original(self) -> Amounts:
        return _sum(each.amounts for each in self.movements if each.kind == MovementKind.ORIGINAL)

    @property
    def revised(self) -> Amounts:
        """With every virement and in-year change that is recorded, whenever it applies."""
        return _sum(each.amounts for each in self.movements)

    def revised_on(self, day: dt.date) -> Amounts:
        """With the changes that apply on that day. The original plan applies from the first."""
        return _sum(
            each.amounts for each in self.movements if each.kind == MovementKind.ORIGINAL or each.effective_on <= day
        )

    def months(self, year: FinancialYear) -> tuple[Decimal, ...] | None:
        """The revised gross amount by month, April first; None if the line has no profile.

        The original follows the profile. A later change is spread evenly from the month in which it applies to March.
        """
        if not self.profile:
            return None
        found = list(self.profile)
        for each in self.movements:
            if each.kind != MovementKind.ORIGINAL:
                first = Month.containing(each.effective_on).period - 1
                for index, part in enumerate(split(each.amounts.expenditure, [1] * (12 - first)), first):
                    found[index] += part
        return tuple(found)


def _sum(amounts: Iterable[Amounts]) -> Amounts:
    return sum(amounts, Amounts())


def total(lines: Iterable[Line]) -> tuple[Amounts, Amounts]:
    """The original and the revised plan."""
    held = list(lines)
    return _sum(each.original for each in held), _sum(each.revised for each in held)


def to_date(lines: Iterable[Line], year: FinancialYear, day: dt.date) -> Decimal | None:
    """The gross plan to the end of the last month that has ended by `day`; None if a line has no profile."""
    ended = sum(month.last_day <= day for month in year.months)
    found = NOTHING
    for line in lines:
        months = line.months(year)
        if months is None:
            return None
        found += sum(months[:ended], NOTHING)
    return found


# --- months ----------------------------------------------------------------------------------------------------------


def monthly(
    method: str,
    amount: Decimal,
    year: FinancialYear,
    *,
    last_year: Sequence[Decimal] | None = None,
    by_hand: Sequence[Decimal] | None = None,
) -> tuple[Decimal, ...]:
    """Twelve amounts, April first, that sum to `amount`. Raises Refused if the method lacks what it needs."""
    if method == ProfileMethod.TWELFTHS:
        return tuple(split(amount, [1] * 12))
    if method == ProfileMethod.WORKING_DAYS:
        return tuple(split(amount, [_weekdays(month) for month in year.months]))
    if method == ProfileMethod.QUARTERLY:
        quarters = split(amount, [1] * 4)
        return tuple(quarters[index // 3] if index % 3 == 2 else NOTHING for index in range(12))
    if method == ProfileMethod.LAST_YEAR:
        if last_year is None or not any(last_year) or any(each < 0 for each in last_year):
            raise Refused.because(
                "NO_LAST_YEAR",
                "Last year’s plan has no line of this scheme and source with a profile",
                where=Where(field="method"),
                fix="Choose another way to divide the year.",
            )
        return tuple(split(amount, list(last_year)))
    return _by_hand(amount, by_hand)


def _by_hand(amount: Decimal, months: Sequence[Decimal] | None) -> tuple[Decimal, ...]:
    if months is None or len(months) != 12:
        raise Refused.because(
            "TWELVE_MONTHS",
            "Enter an amount for each of the twelve months, April first",
            where=Where(field="months"),
            fix="Enter 0 for a month without spending.",
        )
    found = sum(months, NOTHING)
    if found != amount:
        raise Refused.because(
            "PLAN_PROFILE_SUMS_TO_LINE",
            f"The twelve months sum to {pounds(found)}, and the line has {pounds(amount)}",
            where=Where(field="months"),
            fix=f"Change the months by {pounds(amount - found)} in all.",
        )
    return tuple(months)


def _weekdays(month: Month) -> int:
    days = (month.last_day - month.first_day).days + 1
    return sum((month.first_day + dt.timedelta(days=each)).weekday() < SATURDAY for each in range(days))


# --- what partners approve -------------------------------------------------------------------------------------------


def plan_hash(pool_year: str, lines: Iterable[Line]) -> str:
    """SHA-256, in hexadecimal, of every field of the lines, their movements and profiles."""
    said = {"pool_year": pool_year, "lines": [_plain(each) for each in sorted(lines, key=lambda line: line.number)]}
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat() if isinstance(value, dt.date) else value


@dataclass(frozen=True, slots=True)
class SourceBalance:
    """What one source contributes, net, beside what the plan spends of it, net. A source that is in one only has 0."""

    source: Source
    income: Decimal
    spend: Decimal

    @property
    def difference(self) -> Decimal:
        """Positive: the plan spends more than is contributed."""
        return self.spend - self.income


def balances(lines: Iterable[Line], contributions: Mapping[Source, Decimal]) -> list[SourceBalance]:
    """Each source once, in order of its partner and stream."""
    spent: dict[Source, Decimal] = {}
    for line in lines:
        spent[line.source] = spent.get(line.source, NOTHING) + line.revised.net
    sources = sorted({*spent, *contributions}, key=lambda each: (each.partner, each.stream))
    return [SourceBalance(each, contributions.get(each, NOTHING), spent.get(each, NOTHING)) for each in sources]


def submitting_problems(lines: Collection[Line], contributions: Mapping[Source, Decimal]) -> Iterator[Problem]:
    """What keeps a plan from being submitted and approved."""
    if not lines:
        yield Problem("NO_LINES", "The plan has no lines", fix="Add its lines first.")
    for line in lines:
        if not line.profile:
            fix = "Say how the line’s amount falls on the months."
            yield Problem("NO_PROFILE", f"Line {line.number} is not divided over the months", fix=fix)
    for each in balances(lines, contributions):
        if each.difference:
            more = "more" if each.difference > 0 else "less"
            yield Problem(
                "INCOME_IS_NOT_EXPENDITURE",
                f"{each.source}: the plan spends {pounds(each.spend)} net and {pounds(each.income)} is contributed, "
                f"so it spends {pounds(abs(each.difference))} {more}",
                fix="Change the lines or the contribution until they are equal for each source.",
            )


# --- one scheme over several years -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SchemeYear:
    """A scheme's plan in one year, and the sum of it and all earlier years."""

    year: FinancialYear
    revised: Amounts
    so_far: Amounts


def scheme_years(plans: Mapping[int, Iterable[Line]], scheme: str) -> list[SchemeYear]:
    """`plans` has the lines of each year by its starting year. Years in which the scheme has no line are left out."""
    found: list[SchemeYear] = []
    for start in sorted(plans):
        lines = [each for each in plans[start] if each.scheme == scheme]
        if lines:
            revised = _sum(each.revised for each in lines)
            before = found[-1].so_far if found else Amounts()
            found.append(SchemeYear(FinancialYear(start), revised, before + revised))
    return found
