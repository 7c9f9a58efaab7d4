"""Days as people write and read them, the day before the month."""

from datetime import date

import pytest

from pooledcare.kernel.days import day_written, written

APRIL = date(2026, 4, 1)


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
        "1st April 2026",
        " 1 April 2026",
        "001/04/2026",
        "1,4,2026",
        "٠١/04/2026",
        "1 4 2026 ",
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
