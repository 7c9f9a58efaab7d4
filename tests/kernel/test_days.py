"""Days as people write and read them, the day before the month."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pooledcare.kernel.days import day_of, day_written, month_written, written
from pooledcare.kernel.periods import MONTH_NAMES

WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
APRIL, NOVEMBER = date(2026, 4, 1), date(2026, 11, 1)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-04-01", APRIL),
        ("2026-04-01 00:00", APRIL),
        ("2026-04-01 00:00:00", APRIL),
        ("2026-04-01T00:00:00", APRIL),
        ("01/04/2026", APRIL),
        ("1/4/2026", APRIL),
        ("1.4.2026", APRIL),
        ("1-4-2026", APRIL),
        ("1 4 2026", APRIL),
        ("1 Apr 2026", APRIL),
        ("1-apr-2026", APRIL),
        ("1 APRIL 2026", APRIL),
        ("31/12/2026", date(2026, 12, 31)),
        ("1 January 2026", date(2026, 1, 1)),
        ("1 Jun 2026", date(2026, 6, 1)),
        ("1 Jul 2026", date(2026, 7, 1)),
        ("1 Mar 2026", date(2026, 3, 1)),
        ("30 September 2026", date(2026, 9, 30)),
        ("31 Dec 2026", date(2026, 12, 31)),
        ("29 February 2024", date(2024, 2, 29)),
        ("1 Nov 2026", NOVEMBER),
        ("1 November 2026", NOVEMBER),
        ("01-Nov-2026", NOVEMBER),
        ("1/Nov/2026", NOVEMBER),
        ("1.Nov.2026", NOVEMBER),
        ("1st November 2026", NOVEMBER),
        ("1ST NOV 2026", NOVEMBER),
        ("1st of November 2026", NOVEMBER),
        ("1 of November, 2026", NOVEMBER),
        ("1 Nov. 2026", NOVEMBER),
        ("1 November, 2026", NOVEMBER),
        ("1\N{NO-BREAK SPACE}November\N{NO-BREAK SPACE}2026", NOVEMBER),
        ("1  Nov   2026", NOVEMBER),
        ("01Nov2026", NOVEMBER),
        ("Nov 1 2026", NOVEMBER),
        ("Nov 1, 2026", NOVEMBER),
        ("November 1st, 2026", NOVEMBER),
        ("Nov. 1 2026", NOVEMBER),
        ("2026 Nov 1", NOVEMBER),
        ("2026-Nov-01", NOVEMBER),
        ("Sunday 1 November 2026", NOVEMBER),
        ("Sun, 1 Nov 2026", NOVEMBER),
        ("Sunday, November 1, 2026", NOVEMBER),
        ("2nd December 2026", date(2026, 12, 2)),
        ("3rd May 2026", date(2026, 5, 3)),
        ("30th Sept 2026", date(2026, 9, 30)),
    ],
)
def test_a_day_is_read_however_it_is_written(text, day):
    assert day_written(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-4-1",
        "2026-04-01 12:00:00",
        "2026-04-01 00:00:01",
        "2026-13-01",
        "2026-00-01",
        "2026-04-00",
        "0000-04-01",
        "20260401",
        "4/13/2026",
        "1/4/26",
        "1/0/2026",
        "0/4/2026",
        "29 February 2025",
        "31 Sept 2026",
        "1 Ap 2026",
        "1 Foo 2026",
        "1 pril 2026",
        "1 Apriles 2026",
        " 1 April 2026",
        "001/04/2026",
        "1,4,2026",
        "٠١/04/2026",
        "1 4 2026 ",
        "1 Nov 26",
        "01-Nov-26",
        "Nov 2026",
        "1 November",
        "Nov12026",
        "Nov 12026",
        "31st November 2026",
        "Monday 1 November 2026",
        "Someday 1 November 2026",
        "1 No 2026",
        "1st 11 2026",
        "1 of 11 2026",
        "November 32 2026",
        "1 November 2026 to 3 December 2026",
        "1 Nov 2026 12:00",
        "1 \N{LATIN SMALL LETTER LONG S}ept 2026",
        "1 Novembre 2026",
        "1,November,,2026",
        "NaN",
    ],
)
def test_what_names_no_day_or_could_name_two_is_not_read(text):
    assert day_written(text) is None


def test_a_day_is_written_with_the_name_of_its_month():
    assert written(date(2026, 1, 1)) == "1 January 2026"
    assert written(date(2026, 12, 31)) == "31 December 2026"
    assert written(date(16, 4, 1)) == "1 April 16"
    for month in range(1, 13):
        assert day_written(written(date(2026, month, 28))) == date(2026, month, 28)


FORMS = (
    "{day.day} {month} {day.year}",
    "{day.day}-{month}-{day.year}",
    "{day:%d}{month}{day.year}",
    "{day.day}th of {month}, {day.year}",
    "{month} {day.day}, {day.year}",
    "{weekday}, {day.day} {month} {day.year}",
    "{weekday} {month} {day.day}th {day.year}",
    "{day.year}-{month}-{day:%d}",
)


@given(
    day=st.dates(min_value=date(1000, 1, 1)),
    form=st.sampled_from(FORMS),
    letters=st.integers(3, 9),
    case=st.sampled_from([str.lower, str.upper, str.title]),
)
def test_a_day_with_its_month_in_words_is_that_day_however_it_is_put(day, form, letters, case):
    names = {"month": case(MONTH_NAMES[day.month - 1][:letters]), "weekday": WEEKDAYS[day.weekday()][:letters]}
    assert day_written(form.format(day=day, **names)) == day


@given(day=st.dates(min_value=date(1000, 1, 1)), other=st.integers(1, 6))
def test_a_day_of_the_week_that_is_not_that_days_is_not_overlooked(day, other):
    assert day_written(f"{WEEKDAYS[(day.weekday() + other) % 7]} {written(day)}") is None


@pytest.mark.parametrize(
    ("text", "month"),
    [("1", 1), ("01", 1), ("12", 12), ("Jan", 1), ("jun", 6), ("JULY", 7), ("Sept.", 9), ("dec.", 12), ("May", 5)]
    + [(text, 0) for text in ("", "0", "13", "001", "-1", "Ja", "Janvier", "Ma", "xyz", "٣", "1.", "Sep..", "a")],
)
def test_a_month_is_a_number_or_begins_like_its_name(text, month):
    assert month_written(text) == month


@pytest.mark.parametrize(
    ("parts", "day"),
    [
        (("1", "11", "2026"), NOVEMBER),
        (("01", "Nov", "2026"), NOVEMBER),
        (("1st", "november", "2026"), NOVEMBER),
        (("1", "Nov.", "2026"), NOVEMBER),
        (("1", "Nov", "26"), None),
        (("2026", "Nov", "1"), None),
        (("Nov", "1", "2026"), None),
        (("1 Nov", "11", "2026"), None),
        (("31", "Nov", "2026"), None),
        (("1", "", "2026"), None),
        (("001", "11", "2026"), None),
        (("1", "11", "0000"), None),
        (("1", "11", "٢٠٢٦"), None),
    ],
)
def test_three_boxes_are_a_day(parts, day):
    assert day_of(*parts) == day
