"""When an agreement may begin to operate, what may be recorded of it, and when its term has run out."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from partnerships.rules.agreements.operating import occurrence_problems, run_out, start_problems
from partnerships.terms import AgreementState, OccurrenceKind
from pooledcare.kernel.problems import Problem, Where
from tests.partnerships.agreement_values import COUNTY, DAY, ICB, START, deed, joined, record

TODAY = dt.date(2026, 6, 15)
FIRST = deed(0, joined=(joined(ICB), joined(COUNTY)))
WAITS = record(FIRST, state="signed", operating_since=None)
SINCE = Where(field="since")


def starting(agreement=WAITS, since: dt.date = TODAY) -> list[Problem]:
    return list(start_problems(agreement, since=since, today=TODAY))


@pytest.mark.parametrize("state", AgreementState.values)
def test_what_is_over_does_not_begin_to_operate(state):
    over = [Problem("AGREEMENT_OVER", "The agreement is over")]
    assert starting(replace(WAITS, state=state)) == (over if state in ("ended", "expired", "withdrawn") else [])


def test_it_begins_to_operate_once():
    already = Problem("OPERATING_ALREADY", "It has been in operation since 1 April 2012", SINCE)
    assert starting(replace(WAITS, operating_since=START)) == [already]


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_it_has_begun_by_today(days):
    future = Problem("NOT_YET", "The first day of operation must be today or in the past", SINCE)
    assert starting(since=TODAY + days * DAY) == ([future] if days > 0 else [])


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_it_begins_on_the_first_day_of_the_agreement_at_the_earliest(days):
    early = Problem(
        "BEFORE_START", "The agreement starts on 1 April 2012", SINCE,
        fix="Enter that day or a later one, or change the start of the agreement.",
    )  # fmt: skip
    assert starting(since=START + days * DAY) == ([early] if days < 0 else [])
    undated = record(replace(FIRST, effective_on=None, state="draft"), state="draft", operating_since=None)
    assert starting(undated, since=START + days * DAY) == []


# --- what happened ---------------------------------------------------------------------------------------------------


def occurring(**given) -> list[Problem]:
    plain = {"kind": "direction", "happened_on": TODAY, "evidence": "Letter", "scheme": "", "ends_agreement": False}
    return list(occurrence_problems(**plain | given, today=TODAY))


@pytest.mark.parametrize("kind", OccurrenceKind.values)
def test_what_happens_to_the_whole_to_a_scheme_and_what_ends_nothing(kind):
    closure, host = kind == "closure_of_scheme", kind == "change_of_host"
    named = Problem("REQUIRED", "Choose the scheme that was closed", Where(field="scheme"))
    whole = Problem("NOT_OF_A_SCHEME", "A change of host concerns the whole agreement", Where(field="scheme"))
    nothing = Problem("ENDS_NOTHING", "This does not end the whole agreement", Where(field="ends_agreement"))
    assert occurring(kind=kind) == ([named] if closure else [])
    assert occurring(kind=kind, scheme="reablement") == ([whole] if host else [])
    ending = occurring(kind=kind, ends_agreement=True)
    assert ending == [named, nothing] if closure else ending == ([nothing] if host else [])
    assert occurring(kind=kind, scheme="reablement", ends_agreement=True) == [*([whole] if host else []), nothing]


def test_only_what_can_happen_is_recorded():
    unknown = Problem("UNKNOWN_KIND", "Choose what has happened", Where(field="kind"))
    assert occurring(kind="luck") == [unknown]


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_only_what_has_happened_is_recorded(days):
    future = Problem("NOT_YET", "The day must be today or in the past", Where(field="happened_on"))
    assert occurring(happened_on=TODAY + days * DAY) == ([future] if days > 0 else [])


def test_somebody_says_where_it_is_written():
    missing = Problem("REQUIRED", "Enter where this is recorded", Where(field="evidence"), fix="A reference is enough.")
    assert occurring(evidence=" \n") == [missing]


# --- its term --------------------------------------------------------------------------------------------------------

BOUND = replace(FIRST, sets_end=True, end_on=TODAY)
NOT_YET = (None, AgreementState.EXPIRED)


@pytest.mark.parametrize(("days", "result"), [(-1, NOT_YET), (0, NOT_YET), (1, (TODAY, AgreementState.EXPIRED))])
def test_a_term_has_run_out_on_the_day_after_its_end(days, result):
    assert run_out(record(BOUND), TODAY + days * DAY) == result
    assert run_out(record(FIRST), TODAY + days * DAY) == NOT_YET


@pytest.mark.parametrize("state", AgreementState.values)
def test_only_what_runs_runs_out(state):
    runs = state in ("signed", "in_operation", "notice_given")
    assert run_out(record(BOUND, state=state), TODAY + DAY) == ((TODAY, "expired") if runs else NOT_YET)


@pytest.mark.parametrize(
    ("later", "over"),
    [
        (deed(1, kind="termination", sets_end=True, end_on=TODAY), "ended"),
        (deed(1, sets_end=True, end_on=TODAY), "expired"),
        (deed(1, kind="termination"), "expired"),
    ],
)
def test_all_ended_it_where_the_deed_that_set_its_end_is_one_of_termination(later, over):
    assert run_out(record(BOUND, later), TODAY + DAY) == (TODAY, over)


def test_the_last_deed_that_sets_an_end_says_how_it_ended():
    ending = deed(1, kind="termination", sets_end=True, end_on=TODAY - DAY)
    longer = deed(2, sets_end=True, end_on=TODAY)
    assert run_out(record(BOUND, ending, longer), TODAY + DAY) == (TODAY, "expired")


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_it_ends_no_sooner_than_it_began_to_operate(days):
    made = record(BOUND, operating_since=TODAY + days * DAY)
    assert run_out(made, TODAY + 9 * DAY) == (max(TODAY, TODAY + days * DAY), "expired")
    assert run_out(record(BOUND, operating_since=None), TODAY + DAY) == (TODAY, "expired")


def test_what_cannot_be_read_yet_has_not_run_out():
    assert run_out(record(BOUND), START - DAY) == NOT_YET
