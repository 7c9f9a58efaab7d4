"""Financial years, quarters and months: every spelling of a year that is read, and every one that is refused."""

import contextlib
from dataclasses import FrozenInstanceError, replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pooledcare.kernel.periods import FinancialYear, Month, Quarter, check_in_range
from pooledcare.kernel.problems import Problem, Refused

days = st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31))
years = st.integers(min_value=1900, max_value=2200).map(FinancialYear)

READ = {
    "F40": ["2015-16"],
    "F41": ["2015/16", "2015-2016", "2015/2016", "2015–16", "FY2015-16", "FY2015/16", "fy2015-16", " 2015-16 "],
}
REFUSED = {
    "F41 too short": ("AMBIGUOUS_FY", ["15-16", "2015", "15/16", "FY2015", "FY15", "15"]),
    "F42 not following": ("BAD_FY", ["2015-17", "2016-15", "2015-2017", "2015-1916", "9999-00"]),
    "F42 not a year": ("BAD_FY", ["2015-6", "2015 16", "2015-16-17", "twenty", "2015-016", "２０１５-16", "0000-01"]),
    "F43 turned into a date": ("BAD_FY", ["Nov-10", "10-Nov", "2010-11-01"]),
    "blank": ("REQUIRED", ["", "  "]),
}


@pytest.mark.parametrize(("case", "text"), [(case, text) for case, texts in READ.items() for text in texts])
def test_a_year_is_read_however_it_is_written(case, text):
    assert FinancialYear.parse(text) == FinancialYear(2015)
    assert str(FinancialYear.parse(text)) == "2015-16"


@pytest.mark.parametrize(
    ("case", "code", "text"), [(case, code, text) for case, (code, texts) in REFUSED.items() for text in texts]
)
def test_anything_else_is_refused_with_a_way_out(case, code, text):
    with pytest.raises(Refused) as refused:
        FinancialYear.parse(text)
    problem = refused.value.problems[0]
    assert problem.code == code
    assert "2025-26" in problem.fix


def test_the_turn_of_the_century_is_written_with_two_digits():
    assert str(FinancialYear(1999)) == "1999-00"
    assert FinancialYear.parse("1999-00") == FinancialYear.parse("1999-2000") == FinancialYear(1999)


@given(years)
def test_a_year_is_read_back_as_it_is_written(year):
    assert FinancialYear.parse(str(year)) == year


@given(days)
def test_every_day_is_in_one_year_one_quarter_and_one_month(day):
    year, quarter, month = FinancialYear.containing(day), Quarter.containing(day), Month.containing(day)
    assert day in year
    assert day not in year.next
    assert day not in year.previous
    assert quarter.first_day <= day <= quarter.last_day
    assert month.first_day <= day <= month.last_day
    assert quarter in year.quarters
    assert month in quarter.months
    assert month in year.months
    assert month.quarter == quarter


@given(years)
def test_months_and_quarters_fill_the_year_without_gap_or_overlap(year):
    for parts in (year.months, year.quarters):
        assert parts[0].first_day == year.first_day
        assert parts[-1].last_day == year.last_day
        for earlier, later in pairwise(parts):
            assert earlier.last_day + timedelta(days=1) == later.first_day
            assert earlier.next == later
            assert earlier < later
    assert year.quarters[3].next == year.next.quarters[0]
    assert year.quarters[0].previous == year.previous.quarters[3]
    assert year.quarters[1].previous == year.quarters[0]
    assert year.months[11].next == year.next.months[0]
    assert year.previous < year < year.next


@given(st.text(max_size=12))
def test_no_text_makes_a_year_without_four_digits_or_breaks_the_reader(text):
    with contextlib.suppress(Refused):
        assert f"{FinancialYear.parse(text).start:04d}" in text


def test_the_thirteenth_period_is_for_adjustments():
    adjustments = Month(FinancialYear(2025), 13)
    assert adjustments.is_adjustments
    assert str(adjustments) == "2025-26 M13"
    assert adjustments.label == "Adjustments 2025-26"
    assert adjustments.first_day == adjustments.last_day == date(2026, 3, 31)
    assert adjustments.quarter == Quarter(FinancialYear(2025), 4)
    assert adjustments.next == Month(FinancialYear(2026), 1)
    assert adjustments not in FinancialYear(2025).months
    assert Month(FinancialYear(2025), 12) < adjustments < Month(FinancialYear(2026), 1)
    assert Month(FinancialYear(2025), 12).label == "March 2026"


def test_quarters_are_written_with_their_year():
    assert [str(quarter) for quarter in FinancialYear(2025).quarters] == [f"2025-26 Q{n}" for n in range(1, 5)]


@pytest.mark.parametrize(("start", "is_in_range"), [(1999, False), (2000, True), (2028, True), (2029, False)])
def test_a_year_is_held_from_2000_to_three_years_ahead(start, is_in_range):
    today = date(2026, 3, 31)
    if is_in_range:
        assert check_in_range(FinancialYear(start), today=today) == FinancialYear(start)
    else:
        with pytest.raises(Refused, match="between 2000-01 and 2028-29"):
            check_in_range(FinancialYear(start), today=today)


# ── Exact answers at the edges ───────────────────────────────────────────────────────────────────────────────────────

Y2025 = FinancialYear(2025)


@pytest.mark.parametrize(
    ("day", "year", "quarter", "period"),
    [
        (date(2025, 3, 31), 2024, 4, 12),
        (date(2025, 4, 1), 2025, 1, 1),
        (date(2025, 4, 30), 2025, 1, 1),
        (date(2025, 5, 1), 2025, 1, 2),
        (date(2025, 6, 30), 2025, 1, 3),
        (date(2025, 7, 1), 2025, 2, 4),
        (date(2025, 8, 31), 2025, 2, 5),
        (date(2025, 9, 30), 2025, 2, 6),
        (date(2025, 10, 1), 2025, 3, 7),
        (date(2025, 11, 15), 2025, 3, 8),
        (date(2025, 12, 31), 2025, 3, 9),
        (date(2026, 1, 1), 2025, 4, 10),
        (date(2026, 2, 28), 2025, 4, 11),
        (date(2026, 3, 31), 2025, 4, 12),
        (date(2026, 4, 1), 2026, 1, 1),
    ],
)
def test_a_day_on_the_edge_belongs_to_exactly_these_periods(day, year, quarter, period):
    assert FinancialYear.containing(day) == FinancialYear(year)
    assert Quarter.containing(day) == Quarter(FinancialYear(year), quarter)
    assert Month.containing(day) == Month(FinancialYear(year), period)


@pytest.mark.parametrize(
    ("day", "is_in"),
    [
        (date(2025, 3, 31), False),
        (date(2025, 4, 1), True),
        (date(2025, 4, 2), True),
        (date(2026, 3, 30), True),
        (date(2026, 3, 31), True),
        (date(2026, 4, 1), False),
    ],
)
def test_a_year_holds_its_first_and_last_day_and_neither_neighbour(day, is_in):
    assert (day in Y2025) is is_in


@pytest.mark.parametrize(
    ("period", "first", "last", "label"),
    [
        (1, date(2023, 4, 1), date(2023, 4, 30), "April 2023"),
        (3, date(2023, 6, 1), date(2023, 6, 30), "June 2023"),
        (9, date(2023, 12, 1), date(2023, 12, 31), "December 2023"),
        (10, date(2024, 1, 1), date(2024, 1, 31), "January 2024"),
        (11, date(2024, 2, 1), date(2024, 2, 29), "February 2024"),
        (12, date(2024, 3, 1), date(2024, 3, 31), "March 2024"),
        (13, date(2024, 3, 31), date(2024, 3, 31), "Adjustments 2023-24"),
    ],
)
def test_a_month_has_these_days_and_this_name(period, first, last, label):
    month = Month(FinancialYear(2023), period)
    assert (month.first_day, month.last_day, month.label) == (first, last, label)
    assert month.is_adjustments is (period == 13)


@pytest.mark.parametrize(
    ("number", "first", "last", "periods"),
    [
        (1, date(2023, 4, 1), date(2023, 6, 30), (1, 2, 3)),
        (2, date(2023, 7, 1), date(2023, 9, 30), (4, 5, 6)),
        (3, date(2023, 10, 1), date(2023, 12, 31), (7, 8, 9)),
        (4, date(2024, 1, 1), date(2024, 3, 31), (10, 11, 12)),
    ],
)
def test_a_quarter_has_these_days_and_these_months(number, first, last, periods):
    year = FinancialYear(2023)
    quarter = Quarter(year, number)
    assert (quarter.first_day, quarter.last_day) == (first, last)
    assert quarter.months == tuple(Month(year, period) for period in periods)
    assert [month.quarter for month in quarter.months] == [quarter] * 3


def test_the_quarter_and_the_month_before_and_after():
    last = FinancialYear(2024)
    assert [quarter.previous for quarter in Y2025.quarters] == [Quarter(last, 4), *Y2025.quarters[:3]]
    assert [quarter.next for quarter in Y2025.quarters] == [*Y2025.quarters[1:], Quarter(FinancialYear(2026), 1)]
    assert [month.next for month in Y2025.months] == [*Y2025.months[1:], Month(FinancialYear(2026), 1)]
    assert (Y2025.previous, Y2025.next) == (last, FinancialYear(2026))


def test_periods_are_written_with_two_digits():
    assert [str(Month(Y2025, period)) for period in (1, 9, 10, 13)] == [
        "2025-26 M01",
        "2025-26 M09",
        "2025-26 M10",
        "2025-26 M13",
    ]
    assert len(Y2025.months) == 12
    assert [quarter.number for quarter in Y2025.quarters] == [1, 2, 3, 4]


def test_the_first_and_the_last_year_that_there_are():
    assert str(FinancialYear(1)) == "0001-02"
    assert FinancialYear.parse("0001-02") == FinancialYear(1)
    assert str(FinancialYear(9998)) == "9998-99"
    assert FinancialYear.parse("9998-9999") == FinancialYear.parse("9998-99") == FinancialYear(9998)
    for start in (0, 9999):
        with pytest.raises(ValueError, match=f"There is no financial year that starts in {start}\\."):
            FinancialYear(start)
    for number in (0, 5):
        with pytest.raises(ValueError, match=f"There is no quarter {number}\\."):
            Quarter(Y2025, number)
    for period in (0, 14):
        with pytest.raises(ValueError, match=f"There is no period {period}\\."):
            Month(Y2025, period)


def test_periods_are_ordered_by_year_before_their_number():
    assert Quarter(Y2025, 4) < Quarter(FinancialYear(2026), 1)
    assert Month(Y2025, 12) < Month(Y2025, 13) < Month(FinancialYear(2026), 1)


def test_periods_are_values_that_cannot_be_changed():
    for value, name in ((Y2025, "start"), (Quarter(Y2025, 1), "number"), (Month(Y2025, 1), "period")):
        assert len({value, type(value)(*(getattr(value, field) for field in value.__match_args__))}) == 1
        with pytest.raises(FrozenInstanceError):
            setattr(value, name, 2)


@pytest.mark.parametrize("dash", "-\u2010\u2011\u2012\u2013/")
def test_every_dash_that_people_type_is_read(dash):
    assert FinancialYear.parse(f"2015{dash}16") == FinancialYear(2015)
    assert FinancialYear.parse(f"fy 2015{dash}2016") == FinancialYear(2015)


HOW = "Write the financial year like 2025-26."
AMBIGUOUS = Problem(
    "AMBIGUOUS_FY",
    "The financial year could mean more than one year",
    fix=f"{HOW} Give the first year with four digits and the second after it.",
)
NOT_FOLLOWING = Problem(
    "BAD_FY", "The two years must follow one another", fix=f"{HOW} The second year is the one after the first."
)
NO_YEAR = Problem("BAD_FY", "This is not a financial year", fix=HOW)
A_DATE = replace(
    NO_YEAR,
    fix=f"{HOW} Excel may have changed this year to a date: format the column as text and type the year again.",
)


@pytest.mark.parametrize(
    ("text", "problem", "value"),
    [
        ("", Problem("REQUIRED", "Enter a financial year", fix=HOW), ""),
        (" \t ", Problem("REQUIRED", "Enter a financial year", fix=HOW), ""),
        (" 15-16 ", AMBIGUOUS, "15-16"),
        ("15\u201316", AMBIGUOUS, "15\u201316"),
        ("FY 15", AMBIGUOUS, "FY 15"),
        ("fy2015", AMBIGUOUS, "fy2015"),
        (" 2015-17 ", NOT_FOLLOWING, " 2015-17 "),
        ("2015-15", NOT_FOLLOWING, "2015-15"),
        ("2015-1916", NOT_FOLLOWING, "2015-1916"),
        ("0000-01", NOT_FOLLOWING, "0000-01"),
        ("9999-00", NOT_FOLLOWING, "9999-00"),
        ("2015\u201416", NO_YEAR, "2015\u201416"),
        ("155", NO_YEAR, "155"),
        ("November-10", NO_YEAR, "November-10"),
        ("Nov-2010", NO_YEAR, "Nov-2010"),
        ("2010-11-02", NO_YEAR, "2010-11-02"),
        ("110-Nov", NO_YEAR, "110-Nov"),
        ("Nov-10", A_DATE, "Nov-10"),
        ("1-Nov", A_DATE, "1-Nov"),
        ("10-nov", A_DATE, "10-nov"),
        ("2010-11-01", A_DATE, "2010-11-01"),
    ],
)
def test_a_year_that_is_not_one_is_refused_in_these_words(text, problem, value):
    with pytest.raises(Refused) as refused:
        FinancialYear.parse(text)
    assert refused.value.problems == [replace(problem, value=value)]


@pytest.mark.parametrize(("today", "latest"), [(date(2026, 3, 31), 2028), (date(2026, 4, 1), 2029)])
def test_three_years_ahead_are_counted_from_the_financial_year_of_today(today, latest):
    assert check_in_range(FinancialYear(latest), today=today) == FinancialYear(latest)
    too_late = FinancialYear(latest).next
    with pytest.raises(Refused) as refused:
        check_in_range(too_late, today=today)
    assert refused.value.problems == [
        Problem(
            "FY_OUT_OF_RANGE",
            f"The financial year must be between 2000-01 and {FinancialYear(latest)}",
            value=str(too_late),
            fix="Check the year: figures are held from 2000-01 to three years ahead.",
        )
    ]
