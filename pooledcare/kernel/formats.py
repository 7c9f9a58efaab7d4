"""How values are written for people: pounds, percentages, numbers, days. Pages and documents write them alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from pooledcare.kernel import money
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.tables import ColumnFormat

NO_DATA = "No data"
MINUS = "\N{MINUS SIGN}"


def written(value: Any, format_: ColumnFormat = "text") -> str:
    """A value in the format of its column (`text`, `pounds`, `date` …). A value that is text already stays as it is.

    >>> written(Decimal("-1234.5"), "pounds"), written(Decimal("1200"), "change"), written("Not known", "pounds")
    ('−£1,234.50', '+£1,200.00', 'Not known')
    """
    if isinstance(value, str):
        return value
    return WRITERS.get(format_, str)(value)


def pounds(value: Decimal | int | None, pence: bool = True) -> str:
    """
    >>> pounds(Decimal("-1234.5")), pounds(Decimal("1055946000.00"), pence=False), pounds(None)
    ('−£1,234.50', '£1,055,946,000', 'No data')
    """
    if value is None:
        return NO_DATA
    return money.pounds(Decimal(value)) if pence else money.pounds(Decimal(round(value))).removesuffix(".00")


def pounds_short(value: Decimal | int | None) -> str:
    return NO_DATA if value is None else money.pounds_short(Decimal(value))


def percent(value: Decimal | int | None, places: int = 1) -> str:
    """A share of one as a percentage.

    >>> percent(Decimal("0.1234")), percent(Decimal("-0.25"), 0)
    ('12.3%', '−25%')
    """
    if value is None:
        return NO_DATA
    share = Decimal(value)
    return f"{MINUS if share < 0 else ''}{100 * abs(share):,.{places}f}%"


def number(value: Decimal | int | None, places: int = 0) -> str:
    """
    >>> number(1234567), number(Decimal("-3.456"), 2)
    ('1,234,567', '−3.46')
    """
    if value is None:
        return NO_DATA
    shown = f"{abs(value):,.{places}f}"
    return f"{MINUS if value < 0 and shown.strip('0.,') else ''}{shown}"


def day(value: date | None) -> str:
    """A date in words; for a datetime, its date in London.

    >>> day(date(2026, 4, 1)), day(datetime.fromisoformat("2026-03-31T23:30+00:00"))
    ('1 April 2026', '1 April 2026')
    """
    if value is None:
        return NO_DATA
    return date_format(timezone.localtime(value) if isinstance(value, datetime) else value, "j F Y")


def moment(value: datetime | None) -> str:
    """A datetime in London time: 1 April 2026 at 9:05am."""
    if value is None:
        return NO_DATA
    local = timezone.localtime(value)
    return f"{day(local.date())} at {local.hour % 12 or 12}:{local.minute:02d}{'am' if local.hour < 12 else 'pm'}"


def financial_year(value: FinancialYear | str | None) -> str:
    """
    >>> financial_year("2025-26"), financial_year(FinancialYear(1999))
    ('2025 to 2026', '1999 to 2000')
    """
    if value is None:
        return NO_DATA
    start = value.start if isinstance(value, FinancialYear) else FinancialYear.parse(value).start
    return f"{start} to {start + 1}"


def _change(value: Decimal | int) -> str:
    return f"+{pounds(value)}" if value > 0 else pounds(value)


WRITERS: dict[ColumnFormat, Callable[[Any], str]] = {
    "pounds": pounds,
    "pounds_whole": lambda value: pounds(value, pence=False),
    "pounds_short": pounds_short,
    "thousands": lambda value: number(Decimal(value) / money.THOUSAND),
    "millions": lambda value: number(Decimal(value) / money.MILLION, 1),
    "change": _change,
    "number": number,
    "percent": percent,
    "date": day,
    "moment": moment,
}
