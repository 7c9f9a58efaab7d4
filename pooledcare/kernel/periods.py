"""Financial years, quarters and months as ordered values. A financial year runs from 1 April to 31 March."""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Self

from pooledcare.kernel.problems import Refused

EARLIEST_START = 2000
YEARS_AHEAD = 3
ADJUSTMENTS = 13
HOW_TO_WRITE_A_YEAR = "Write the financial year like 2025-26."

MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DASHES = "-\u2010\u2011\u2012\u2013"
_TWO_YEARS = re.compile(rf"(?:FY ?)?([0-9]{{4}})[{_DASHES}/]([0-9]{{4}}|[0-9]{{2}})", re.IGNORECASE)
_TOO_SHORT = re.compile(rf"(?:FY ?)?(?:[0-9]{{4}}|[0-9]{{2}}(?:[{_DASHES}/][0-9]{{2}})?)", re.IGNORECASE)
_EXCEL_DATE = re.compile(r"([A-Za-z]{3})-([0-9]{2})|([0-9]{1,2})-([A-Za-z]{3})|[0-9]{4}-[0-9]{2}-01")


@dataclass(frozen=True, slots=True, order=True)
class FinancialYear:
    """The year that starts on 1 April of `start`.

    >>> str(FinancialYear(2025)), FinancialYear(2025).last_day.isoformat()
    ('2025-26', '2026-03-31')
    """

    start: int

    def __post_init__(self) -> None:
        if not 1 <= self.start <= 9998:
            raise ValueError(f"There is no financial year that starts in {self.start}.")

    def __str__(self) -> str:
        return f"{self.start:04d}-{(self.start + 1) % 100:02d}"

    @property
    def first_day(self) -> date:
        return date(self.start, 4, 1)

    @property
    def last_day(self) -> date:
        return date(self.start + 1, 3, 31)

    @property
    def next(self) -> "FinancialYear":
        return FinancialYear(self.start + 1)

    @property
    def previous(self) -> "FinancialYear":
        return FinancialYear(self.start - 1)

    @property
    def quarters(self) -> tuple["Quarter", ...]:
        return tuple(Quarter(self, number) for number in range(1, 5))

    @property
    def months(self) -> tuple["Month", ...]:
        """The twelve months, without the adjustments period (13)."""
        return tuple(Month(self, period) for period in range(1, 13))

    def __contains__(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day

    @classmethod
    def containing(cls, day: date) -> Self:
        """
        >>> str(FinancialYear.containing(date(2026, 3, 31))), str(FinancialYear.containing(date(2026, 4, 1)))
        ('2025-26', '2026-27')
        """
        return cls(day.year if day.month >= 4 else day.year - 1)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a year as people write it, such as 2025-26 or 2025/26. Raises Refused if it is unclear or not a year."""
        trimmed = text.strip()
        match = _TWO_YEARS.fullmatch(trimmed)
        if match is None:
            raise _unreadable(trimmed)
        first, second = match.groups()
        start = int(first)
        if not second == f"{start + 1:04d}"[-len(second) :] or not 1 <= start <= 9998:
            raise Refused.because(
                "BAD_FY",
                "The two years must follow one another",
                value=text,
                fix=f"{HOW_TO_WRITE_A_YEAR} The second year is the one after the first.",
            )
        return cls(start)


def _unreadable(text: str) -> Refused:
    if not text:
        return Refused.because("REQUIRED", "Enter a financial year", value=text, fix=HOW_TO_WRITE_A_YEAR)
    if _TOO_SHORT.fullmatch(text):
        return Refused.because(
            "AMBIGUOUS_FY",
            "The financial year could mean more than one year",
            value=text,
            fix=f"{HOW_TO_WRITE_A_YEAR} Give the first year with four digits and the second after it.",
        )
    fix = HOW_TO_WRITE_A_YEAR
    if _EXCEL_DATE.fullmatch(text):
        fix += " Excel may have changed this year to a date: format the column as text and type the year again."
    return Refused.because("BAD_FY", "This is not a financial year", value=text, fix=fix)


def check_in_range(year: FinancialYear, *, today: date) -> FinancialYear:
    """The same year. Raises Refused if it is before 2000-01 or more than three years after the current one."""
    latest = FinancialYear(FinancialYear.containing(today).start + YEARS_AHEAD)
    if FinancialYear(EARLIEST_START) <= year <= latest:
        return year
    raise Refused.because(
        "FY_OUT_OF_RANGE",
        f"The financial year must be between {FinancialYear(EARLIEST_START)} and {latest}",
        value=str(year),
        fix="Check the year: figures are held from 2000-01 to three years ahead.",
    )


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """
    >>> str(Quarter(FinancialYear(2025), 4)), Quarter(FinancialYear(2025), 4).first_day.isoformat()
    ('2025-26 Q4', '2026-01-01')
    """

    year: FinancialYear
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 4:
            raise ValueError(f"There is no quarter {self.number}.")

    def __str__(self) -> str:
        return f"{self.year} Q{self.number}"

    @property
    def months(self) -> tuple["Month", ...]:
        return tuple(Month(self.year, period) for period in range(3 * self.number - 2, 3 * self.number + 1))

    @property
    def first_day(self) -> date:
        return self.months[0].first_day

    @property
    def last_day(self) -> date:
        return self.months[-1].last_day

    @property
    def next(self) -> "Quarter":
        return Quarter(self.year, self.number + 1) if self.number < 4 else Quarter(self.year.next, 1)

    @property
    def previous(self) -> "Quarter":
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year.previous, 4)

    @classmethod
    def containing(cls, day: date) -> Self:
        month = Month.containing(day)
        return cls(month.year, (month.period + 2) // 3)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """An accounting period: 1 is April, 12 is March, and 13 is for adjustments made after the end of the year.

    >>> str(Month(FinancialYear(2025), 1)), Month(FinancialYear(2025), 10).label
    ('2025-26 M01', 'January 2026')
    """

    year: FinancialYear
    period: int

    def __post_init__(self) -> None:
        if not 1 <= self.period <= ADJUSTMENTS:
            raise ValueError(f"There is no period {self.period}.")

    def __str__(self) -> str:
        return f"{self.year} M{self.period:02d}"

    @property
    def is_adjustments(self) -> bool:
        return self.period == ADJUSTMENTS

    @property
    def label(self) -> str:
        """The period in words, whatever the machine's locale."""
        if self.is_adjustments:
            return f"Adjustments {self.year}"
        return f"{MONTH_NAMES[self.first_day.month - 1]} {self.first_day.year}"

    @property
    def first_day(self) -> date:
        """The first day of the month. For adjustments it is the last day of the year, whenever they are made."""
        if self.is_adjustments:
            return self.year.last_day
        month = (self.period + 2) % 12 + 1
        return date(self.year.start + (month < 4), month, 1)

    @property
    def last_day(self) -> date:
        first = self.first_day
        return first.replace(day=calendar.monthrange(first.year, first.month)[1])

    @property
    def quarter(self) -> Quarter:
        return Quarter(self.year, min((self.period + 2) // 3, 4))

    @property
    def next(self) -> "Month":
        """The next calendar month. Both March and the adjustments are followed by April of the next year."""
        return Month(self.year, self.period + 1) if self.period < 12 else Month(self.year.next, 1)

    @classmethod
    def containing(cls, day: date) -> Self:
        """The calendar month of a date; never the adjustments, because no date belongs to them."""
        return cls(FinancialYear.containing(day), (day.month + 8) % 12 + 1)
