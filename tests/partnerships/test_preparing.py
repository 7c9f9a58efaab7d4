"""Why a deed, or the renewal of an agreement, may not be begun."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from partnerships.rules.agreements.preparing import preparing_problems, reason_problems, renewing_problems
from partnerships.terms import AgreementState
from pooledcare.kernel.problems import Problem, Where
from tests.partnerships.agreement_values import COUNTY, DAY, ICB, START, deed, joined, record

TODAY = dt.date(2026, 6, 15)
FIRST = deed(0, joined=(joined(ICB), joined(COUNTY)))
RUNS = record(FIRST)
UNDATED = record(replace(FIRST, effective_on=None))


def preparing(agreement=RUNS, kind: str = "variation", effective_on: dt.date | None = TODAY) -> list[Problem]:
    return list(preparing_problems(agreement, kind=kind, effective_on=effective_on))


@pytest.mark.parametrize("kind", ["variation", "termination", "original", ""])
def test_a_later_deed_varies_or_ends(kind):
    unknown = Problem("UNKNOWN_KIND", "Choose a deed of variation or of termination", where=Where(field="kind"))
    assert preparing(kind=kind) == ([] if kind in ("variation", "termination") else [unknown])


@pytest.mark.parametrize("state", AgreementState.values)
def test_only_what_is_signed_and_not_over_is_varied(state):
    unsigned = Problem("NOT_SIGNED", "The agreement is not signed yet", fix="Change its own text instead.")
    over = Problem("AGREEMENT_OVER", "The agreement is over", fix="Begin a new one, or renew it.")
    found = preparing(replace(RUNS, state=state))
    if state in ("draft", "changes_requested", "approved"):
        assert found == [unsigned]
    else:
        assert found == ([] if state in ("signed", "in_operation", "notice_given") else [over])


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_deed_has_effect_from_the_first_day_of_the_agreement_at_the_earliest(days):
    early = Problem(
        "DEED_BEFORE_START", "A deed cannot have effect before the agreement, which starts on 1 April 2012",
        where=Where(field="effective_on"),
    )  # fmt: skip
    assert preparing(effective_on=START + days * DAY) == ([early] if days < 0 else [])
    assert preparing(UNDATED, effective_on=START + days * DAY) == []
    assert preparing(effective_on=None) == []


def renewing(agreement=RUNS, start: dt.date = TODAY, end_on: dt.date | None = None, begun: str = "") -> list[Problem]:
    return list(renewing_problems(agreement, start=start, end_on=end_on, begun=begun))


def test_only_what_was_signed_is_renewed_and_once():
    assert renewing() == []
    unsigned = record(replace(FIRST, state="draft"))
    fix = "Change its own text instead."
    assert renewing(unsigned) == [Problem("NOT_SIGNED", "The agreement was never signed", fix=fix)]
    message, fix = "S75-0002 is being drafted as its renewal", "Continue with that draft."
    begun = Problem("RENEWAL_BEGUN", message, value="S75-0002", fix=fix)
    assert renewing(begun="S75-0002") == [begun]


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_renewal_starts_after_the_agreement(days):
    early = Problem(
        "RENEWAL_BEFORE_START", "The renewal must start after the agreement, which started on 1 April 2012",
        where=Where(field="start"),
    )  # fmt: skip
    assert renewing(start=START + days * DAY) == ([early] if days < 1 else [])
    assert renewing(UNDATED, start=START + days * DAY) == []


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_renewal_ends_no_sooner_than_it_starts(days):
    early = Problem("ENDS_BEFORE_START", "The renewal cannot end before it starts", where=Where(field="end_on"))
    assert renewing(end_on=TODAY + days * DAY) == ([early] if days < 0 else [])


def test_a_reason_is_more_than_blanks():
    missing = Problem("REQUIRED", "Say why", where=Where(field="reason"), fix="A sentence is enough.")
    assert list(reason_problems(" \n", "reason", "Say why")) == [missing]
    assert list(reason_problems(" x", "reason", "Say why")) == []
