"""Financial years, quarters and months: every spelling of a year that is read, and every one that is refused."""

import contextlib
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pooledcare.kernel.periods import FinancialYear, Month, Quarter, check_in_range
from pooledcare.kernel.problems import Refused

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


def test_a_year_that_excel_made_a_date_gets_the_reason():
    with pytest.raises(Refused) as refused:
        FinancialYear.parse("Nov-10")
    assert "Excel may have changed" in refused.value.problems[0].fix


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


def test_boundary_days():
    assert str(FinancialYear.containing(date(2013, 3, 31))) == "2012-13"
    assert str(FinancialYear.containing(date(2013, 4, 1))) == "2013-14"


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


@pytest.mark.parametrize(
    "make",
    [lambda y: Month(y, 0), lambda y: Month(y, 14), lambda y: Quarter(y, 0), lambda y: Quarter(y, 5)],
    ids=["month 0", "month 14", "quarter 0", "quarter 5"],
)
def test_there_are_no_other_periods(make):
    with pytest.raises(ValueError, match="There is no"):
        make(FinancialYear(2025))


def test_quarters_are_written_with_their_year():
    assert [str(quarter) for quarter in FinancialYear(2025).quarters] == [f"2025-26 Q{n}" for n in range(1, 5)]


def test_there_is_no_year_without_dates():
    with pytest.raises(ValueError, match="no financial year"):
        FinancialYear(9999)


@pytest.mark.parametrize(("start", "is_in_range"), [(1999, False), (2000, True), (2028, True), (2029, False)])
def test_a_year_is_held_from_2000_to_three_years_ahead(start, is_in_range):
    today = date(2026, 3, 31)
    if is_in_range:
        assert check_in_range(FinancialYear(start), today=today) == FinancialYear(start)
    else:
        with pytest.raises(Refused, match="between 2000-01 and 2028-29"):
            check_in_range(FinancialYear(start), today=today)
