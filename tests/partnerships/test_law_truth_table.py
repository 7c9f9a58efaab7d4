"""The truth table: cases written by hand from the law, without looking at the rules that must agree with it."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from partnerships.rules.law import Question, answer
from partnerships.terms import Outcome
from tests.partnerships.law_tables import law, truth_table

CASES = truth_table()
BOUNDARIES = [
    "2000-03-31", "2000-04-01", "2007-02-28", "2007-03-01", "2009-03-31", "2009-04-01", "2010-05-31", "2010-06-01",
    "2013-03-31", "2013-04-01", "2015-03-31", "2015-04-01", "2016-03-31", "2016-04-01", "2022-06-30", "2022-07-01",
]  # fmt: skip


def question(case: dict[str, str]) -> Question:
    return Question(
        power=case["power"],
        on=dt.date.fromisoformat(case["on"]),
        bodies=frozenset({case["body"]}),
        function=case["function"],
        exclusions=frozenset(case["exclusions"].split()),
        together_with=frozenset(case["together_with"].split()),
    )


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: "-".join(filter(None, list(case.values())[:7])).replace(" ", "+")
)
def test_the_law_answers_as_the_table_says(case: dict[str, str]):
    found = answer(question(case), law(*case["proposed"].split()))
    assert found.outcome == case["expected"], [finding.sentence for finding in found.findings]


@pytest.mark.parametrize("case", [case for case in CASES if "SI " in case["provision"]], ids=str)
def test_the_findings_cite_the_instrument_of_the_table(case: dict[str, str]):
    found = answer(question(case), law(*case["proposed"].split()))
    cited = " ".join(f"{finding.instrument} {finding.provision}" for finding in found.findings)
    for instrument in re.findall(r"SI \d{4}/\d+", case["provision"]):
        assert instrument in cited, cited


def test_the_table_is_large_and_holds_every_boundary_day_with_every_outcome():
    assert len({tuple(case.values())[:7] for case in CASES}) == len(CASES) > 200
    assert set(BOUNDARIES) <= {case["on"] for case in CASES}
    assert {case["expected"] for case in CASES} == set(Outcome.values)
    assert all(case["provision"] for case in CASES)


def test_the_table_speaks_of_every_function_of_the_law():
    functions = {function.code for function in law().functions}
    assert {case["function"] for case in CASES} == functions
