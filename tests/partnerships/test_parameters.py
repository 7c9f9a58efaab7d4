"""Dated parameters: which value counts on which day, and that none or two are our mistake."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from partnerships.reference import parameters as module
from partnerships.reference import tables
from partnerships.reference.parameters import Parameter, parameter, parameters, parameters_on
from partnerships.terms import Confidence
from tests.partnerships.law_tables import AFTER, BEFORE, DAY

HEAD = "code,valid_from,valid_to,value,unit,source,confidence\n"
ROWS = """\
review_months,2010-04-02,,6,months,SI 2/2,default
notice_months,2000-04-01,2010-04-01,12,months,SI 1/1,instrument
review_months,2000-04-01,2010-04-01,3,months,SI 1/1,instrument
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "parameters.csv").write_text(HEAD + ROWS, encoding="utf-8")
    yield tmp_path
    parameters.cache_clear()


@pytest.fixture
def ours(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parameters of the folder in place of our own."""
    found = parameters(folder)
    monkeypatch.setattr(module, "parameters", lambda: found)


def test_parameters_are_read_as_they_are_written_by_code_and_then_by_day(folder: Path):
    old, until = dt.date(2000, 4, 1), DAY
    assert parameters(folder) == (
        Parameter("notice_months", old, until, 12, "months", "SI 1/1", Confidence.INSTRUMENT),
        Parameter("review_months", old, until, 3, "months", "SI 1/1", Confidence.INSTRUMENT),
        Parameter("review_months", AFTER, None, 6, "months", "SI 2/2", Confidence.DEFAULT),
    )


def test_our_own_parameters_are_read_once():
    assert parameters() is parameters()
    assert {each.code for each in parameters()} == {row["code"] for row in tables.PARAMETERS.read(tables.HERE)}


@pytest.mark.parametrize(("day", "valid"), [(BEFORE, False), (DAY, True), (AFTER, False)])
def test_a_parameter_is_valid_from_its_first_to_its_last_day(day: dt.date, valid: bool):
    one = Parameter("days", DAY, DAY, 1, "days", "", Confidence.DEFAULT)
    assert one.is_valid_on(day) is valid


@pytest.mark.parametrize(("day", "valid"), [(BEFORE, False), (DAY, True), (AFTER, True)])
def test_a_parameter_without_end_goes_on(day: dt.date, valid: bool):
    assert Parameter("days", DAY, None, 1, "days", "", Confidence.DEFAULT).is_valid_on(day) is valid


@pytest.mark.usefixtures("ours")
@pytest.mark.parametrize(
    ("day", "values"),
    [
        (dt.date(2000, 3, 31), []),
        (dt.date(2000, 4, 1), [12, 3]),
        (DAY, [12, 3]),
        (AFTER, [6]),
    ],
)
def test_the_parameters_of_a_day_are_those_that_are_valid_then(day: dt.date, values: list[int]):
    assert [each.value for each in parameters_on(day)] == values


@pytest.mark.usefixtures("ours")
def test_a_parameter_has_the_value_of_its_code_and_day():
    assert [parameter("review_months", on=day) for day in (BEFORE, DAY, AFTER)] == [3, 3, 6]
    assert parameter("notice_months", on=DAY) == 12


@pytest.mark.usefixtures("ours")
@pytest.mark.parametrize(("code", "day"), [("notice_months", AFTER), ("nothing", DAY)])
def test_a_code_or_day_without_a_value_is_our_mistake(code: str, day: dt.date):
    with pytest.raises(LookupError, match=rf"^parameters\.csv has 0 values of {code} on {day}$"):
        parameter(code, on=day)


def test_two_values_at_once_are_our_mistake(monkeypatch: pytest.MonkeyPatch):
    one = Parameter("days", DAY, None, 1, "days", "", Confidence.DEFAULT)
    monkeypatch.setattr(module, "parameters", lambda: (one, one))
    with pytest.raises(LookupError, match="has 2 values of days on 2010-04-01"):
        parameter("days", on=DAY)
