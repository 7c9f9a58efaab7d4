"""How values are written, by the format of their column."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from markupsafe import Markup

from pooledcare.kernel.formats import day, financial_year, moment, number, percent, pounds, pounds_short, written


@pytest.mark.parametrize(
    ("value", "format_", "expected"),
    [
        (Decimal("1234.5"), "pounds", "£1,234.50"),
        (Decimal("1234.5"), "pounds_whole", "£1,234"),
        (Decimal("1055946000"), "pounds_short", "£1.06 billion"),
        (Decimal("1"), "change", "+£1.00"),
        (Decimal("0"), "change", "£0.00"),
        (Decimal("-1"), "change", "−£1.00"),
        (-1234, "number", "−1,234"),
        (Decimal("0.1234"), "percent", "12.3%"),
        (dt.date(2026, 4, 1), "date", "1 April 2026"),
        (dt.datetime(2026, 3, 31, 23, 5, tzinfo=dt.UTC), "moment", "1 April 2026 at 12:05am"),
        (2026, "year", "2026"),
        (3, "text", "3"),
        ("Not reported", "pounds", "Not reported"),
    ],
)
def test_a_value_is_written_in_the_format_of_its_column(value: Any, format_: str, expected: str):
    assert written(value, format_) == expected


@pytest.mark.parametrize("write", [pounds, pounds_short, percent, number, day, moment, financial_year])
def test_what_is_missing_is_said(write: Callable[[Any], str]):
    assert write(None) == "No data"


def test_markup_stays_markup():
    assert isinstance(written(Markup("<b>a</b>"), "text"), Markup)
