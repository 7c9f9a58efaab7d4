"""Days of the year with percentages that together make 100, such as the days on which instalments are paid.

A share is kept as text, `04-15 25.00`: month and day, then the percentage with two decimals. The days come in the order
of the financial year, which begins on 1 April.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from pooledcare.kernel.days import day_written
from pooledcare.kernel.periods import MONTH_NAMES
from pooledcare.kernel.problems import Problem, Refused

MOST_SHARES = 60
SHARE_GRAMMAR = r"(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]) (?:100\.00|[0-9]{1,2}\.[0-9]{2})"
HOW_WRITTEN = "Write each as a day and its percentage, such as 15 April: 25%."
_KEPT = re.compile(SHARE_GRAMMAR)
_MONTH_FIRST = re.compile(r"([0-9]{2})-([0-9]{2})")
_TYPED = re.compile(r"(?P<day>.*?[^\s:])\s*(?::\s*|\s)(?P<share>[0-9]{1,3}(?:\.[0-9]{1,2})?)\s*(?:%|per ?cent)?", re.I)
_YEAR = 2025  # has no 29 February: a day of every year is meant


class YearSharesField(ArrayField):  # type: ignore[type-arg]
    """A model field for such shares."""

    def __init__(self, base_field: Any = None, **rest: Any) -> None:
        super().__init__(base_field or models.CharField(max_length=12), **rest)


def read_shares(texts: Sequence[str]) -> list[str]:
    """Shares as people write them, as they are kept. They need not add up. Raises `Refused` for the first wrong one.

    >>> read_shares(["15 January: 75", "15 April 25%", "04-16 0.50"])
    ['04-15 25.00', '04-16 0.50', '01-15 75.00']
    """
    return in_order([_read(" ".join(text.split())) for text in texts])


def share_in_words(share: str) -> str:
    """
    >>> share_in_words("04-15 25.00"), share_in_words("01-01 33.33")
    ('15 April: 25%', '1 January: 33.33%')
    """
    month, day, percent = int(share[:2]), int(share[3:5]), share[6:].removesuffix(".00")
    return f"{day} {MONTH_NAMES[month - 1]}: {percent}%"


def in_order(shares: Sequence[str]) -> list[str]:
    return sorted(shares, key=lambda share: ((int(share[:2]) - 4) % 12, share))


def shares_problem(label: str, shares: Any) -> Problem | None:
    """What is wrong with shares that are to be kept, if anything. None at all is allowed."""
    if not isinstance(shares, (list, tuple)) or not all(isinstance(each, str) for each in shares):
        return Problem("WRONG_TYPE", f"{label} must be a list of days and percentages")
    if len(shares) > MOST_SHARES:
        return Problem("TOO_MANY", f"{label}: at most {MOST_SHARES} days are allowed")
    for each in shares:
        if not _KEPT.fullmatch(each) or day_written(f"{_YEAR}-{each[:5]}") is None:
            message = f"{label}: “{each[:40]}” is not a day of every year and a percentage"
            return Problem("NOT_A_SHARE", message, fix=HOW_WRITTEN)
        if Decimal(each[6:]) == 0:
            return Problem(
                "SHARE_IS_NOTHING", f"{label}: the share of {share_in_words(each)} is nothing", fix="Delete it."
            )
    days = [each[:5] for each in shares]
    twice = next((each for each in shares if days.count(each[:5]) > 1), None)
    if twice is not None:
        message = f"{label}: {share_in_words(twice).partition(':')[0]} is given more than once"
        return Problem("DAY_TWICE", message, fix="Give each day once, with its whole share.")
    total = sum((Decimal(each[6:]) for each in shares), Decimal(0))
    if shares and total != 100:
        message = f"{label}: the shares add up to {f'{total:f}'.removesuffix('.00')}%, not to 100%"
        return Problem("SHARES_NOT_WHOLE", message, fix="Correct the shares.")
    return None


def _read(text: str) -> str:
    if _KEPT.fullmatch(text):
        return text
    typed = _TYPED.fullmatch(text)
    day = _day(typed["day"]) if typed else None
    if typed is None or day is None or not 0 <= Decimal(typed["share"]) <= 100:
        message = f"“{text[:40]}” is not a day of every year and a percentage"
        raise Refused([Problem("NOT_A_SHARE", message, fix=HOW_WRITTEN)])
    return f"{day} {Decimal(typed['share']):.2f}"


def _day(text: str) -> str | None:
    """Month and day of a day without a year, such as `15 April` or `04-15`."""
    if _MONTH_FIRST.fullmatch(text):
        found = day_written(f"{_YEAR}-{text}")
    elif any(each.isalpha() for each in text):
        found = day_written(f"{text} {_YEAR}")
    else:
        return None  # 1/4 could be the first of April or the fourth of January
    return None if found is None else f"{found.month:02}-{found.day:02}"
