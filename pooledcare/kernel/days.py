"""Dates as people write and read them, in British order (day before month), whatever the machine's locale."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache

from pooledcare.kernel.periods import MONTH_NAMES

_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]00:00(?::00)?)?")
_BRITISH = re.compile(r"([0-9]{1,2})[/ .-]([0-9]{1,2}|[A-Za-z]{3,9})[/ .-]([0-9]{4})")


@cache
def written(day: dt.date) -> str:
    """
    >>> written(dt.date(2016, 4, 1))
    '1 April 2016'
    """
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"


def day_written(text: str) -> dt.date | None:
    """The date that a text states, or None. A time of midnight after the date is ignored, as spreadsheets add one.

    >>> day_written("1 April 2026") == day_written("01/04/2026") == day_written("2026-04-01 00:00:00")
    True
    >>> day_written("31 Sept 2026"), day_written("4/1/26")
    (None, None)
    """
    if iso := _ISO.fullmatch(text):
        year, month, day = iso[1], iso[2], iso[3]
    elif british := _BRITISH.fullmatch(text):
        day, month, year = british[1], british[2], british[3]
    else:
        return None
    try:
        return dt.date(int(year), _number(month), int(day))
    except ValueError:
        return None


def _number(month: str) -> int:
    if month.isdigit():
        return int(month)
    return next((n for n, name in enumerate(MONTH_NAMES, 1) if name.lower().startswith(month.lower())), 0)
