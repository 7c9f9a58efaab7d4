"""Dates as people write and read them, in British order (day before month), whatever the machine's locale."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from functools import cache

from pooledcare.kernel.periods import MONTH_NAMES

_WIDE_SPACES = re.compile("[\\u00a0\\u2007\\u202f]")  # which keep a line together, as in texts of Word
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]00:00(?::00)?)?")
_NUMBERS = re.compile(r"([0-9]{1,2})[/ .-]([0-9]{1,2})[/ .-]([0-9]{4})")
# A day of the week, perhaps with a comma, is allowed before a month in words, and must be the right one.
_WEEKDAY = r"(?:(?P<weekday>[a-z]{3,9})[,.]?\s+)?"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_MONTH = r"(?P<month>[a-z]{3,9})"
_GAP = r"\s*[,./-]?\s*"
_APART = r"(?:\s*[,./-]\s*|\s+)"
_YEAR = r"(?P<year>[0-9]{4})"
_WORDS = [
    re.compile(pattern, re.IGNORECASE | re.ASCII)
    for pattern in (
        rf"{_WEEKDAY}{_DAY}(?:\s+of\s+|{_GAP}){_MONTH}{_GAP}{_YEAR}",  # 1 November 2026
        rf"{_WEEKDAY}{_MONTH}{_GAP}{_DAY}{_APART}{_YEAR}",  # November 1, 2026
        rf"{_YEAR}{_GAP}{_MONTH}{_GAP}{_DAY}",  # 2026 November 1
    )
]
_DAY_ALONE = re.compile(_DAY, re.IGNORECASE | re.ASCII)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@cache
def written(day: dt.date) -> str:
    """
    >>> written(dt.date(2016, 4, 1))
    '1 April 2016'
    """
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"


def day_written(text: str) -> dt.date | None:
    """The date that a text states, or None. A time of midnight after the date is ignored, as spreadsheets add one.

    The day comes before the month, except in ISO 8601 and where the month is a word. Months and days of the week may be
    shortened to three letters or more. A year has four digits.

    >>> day_written("1 April 2026") == day_written("01/04/2026") == day_written("2026-04-01 00:00:00")
    True
    >>> day_written("Wed 1st Apr 2026") == day_written("April 1, 2026") == day_written("01-Apr-2026")
    True
    >>> day_written("31 Sept 2026"), day_written("4/1/26"), day_written("Friday 1 April 2026")
    (None, None, None)
    """
    text = _WIDE_SPACES.sub(" ", text)
    if iso := _ISO.fullmatch(text):
        return _day(iso[1], int(iso[2]), iso[3])
    if numbers := _NUMBERS.fullmatch(text):
        return _day(numbers[3], int(numbers[2]), numbers[1])
    for pattern in _WORDS:
        if words := pattern.fullmatch(text):
            found = _day(words["year"], month_written(words["month"]), words["day"])
            return found if found and _agrees(found, words.groupdict().get("weekday")) else None
    return None


def month_written(text: str) -> int:
    """The number of a month that is given as a number, or by three letters or more of its name; 0 if it is neither.

    >>> month_written("11"), month_written("Nov."), month_written("november"), month_written("No"), month_written("13")
    (11, 11, 11, 0, 0)
    """
    if text.isascii() and text.isdigit():
        return int(text) if len(text) <= 2 and int(text) <= 12 else 0
    return _place(text.removesuffix("."), MONTH_NAMES)


def day_of(day: str, month: str, year: str) -> dt.date | None:
    """The date in three texts, as in the three boxes of a form. The month may be a word, and the day end in st or th.

    >>> day_of("1st", "Nov", "2026"), day_of("1", "11", "26")
    (datetime.date(2026, 11, 1), None)
    """
    number = _DAY_ALONE.fullmatch(day)
    is_year = len(year) == 4 and year.isascii() and year.isdigit()
    return _day(year, month_written(month), number["day"]) if number and is_year else None


def _day(year: str, month: int, day: str) -> dt.date | None:
    try:
        return dt.date(int(year), month, int(day))
    except ValueError:
        return None


def _agrees(day: dt.date, weekday: str | None) -> bool:
    return weekday is None or _place(weekday, _WEEKDAYS) == day.isoweekday()


def _place(text: str, names: Sequence[str]) -> int:
    """The place, from 1, of the name that begins with this text of three letters or more; 0 if there is none."""
    begun = (place for place, name in enumerate(names, 1) if name.lower().startswith(text.lower()))
    return next(begun, 0) if len(text) >= 3 else 0
