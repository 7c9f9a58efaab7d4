"""Why partners may not record that others took the place of a partner that the reference loses sight of."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from partnerships.rules.agreements.succeeding import Claim, succeeding_problems
from pooledcare.kernel.problems import Problem, Where
from tests.partnerships.agreement_values import DAY

TODAY = dt.date(2026, 6, 15)
CLOSED = dt.date(2020, 3, 31)
CLAIM = Claim("Care Agency", CLOSED, [(8, "Care Office", True)], CLOSED + DAY, "Order of 2020")


def problems(claim: Claim = CLAIM, **given) -> list[Problem]:
    plain = {"is_partner": True, "known": (), "already": (), "claimed_by": 1, "today": TODAY}
    return list(succeeding_problems(claim, **plain | given))


def at(field: str) -> Where:
    return Where(field=field)


def test_the_successor_of_a_partner_that_is_gone_is_named_by_another():
    assert problems() == []


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"is_partner": False},
         Problem("NOT_A_PARTNER", "Care Agency was not a partner by a signed deed on the day before", at("partner"))),
        ({"known": ["Care Office", "Care Bureau"]},
         Problem("SUCCESSOR_KNOWN", "The reference data names its successors: Care Office, Care Bureau", at("partner"),
                 fix="They take its place automatically.")),
        ({"already": ["Care Office", "Care Bureau"]},
         Problem("ALREADY_SUCCEEDED", "Care Office, Care Bureau has already taken its place", at("partner"))),
        ({"claimed_by": 8},
         Problem("NOT_YOURSELF", "Care Office cannot name itself as the successor of another partner", at("successors"),
                 fix="Let another partner record it, or prepare a deed together.")),
    ],
)  # fmt: skip
def test_each_reason_alone_is_said(given, problem):
    assert problems(**given) == [problem]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"closed": None},
         Problem("STILL_THERE", "Care Agency still exists, according to the reference data", at("partner"),
                 fix="Prepare a deed by which one leaves and the other joins.")),
        ({"evidence": " \n"},
         Problem("REQUIRED", "Enter where the succession is written down", at("evidence"))),
        ({"successors": []}, Problem("REQUIRED", "Choose who has taken its place", at("successors"))),
        ({"successors": [(8, "Care Office", True), (9, "Care Bureau", False)]},
         Problem("NOT_THERE_YET", "Care Bureau did not exist on 1 April 2020", at("successors"))),
    ],
)  # fmt: skip
def test_each_fault_of_the_claim_alone_is_said(changes, problem):
    assert problems(replace(CLAIM, **changes)) == [problem]


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_it_has_happened_by_today(days):
    future = Problem("NOT_YET", "The day must be today or in the past", at("effective_on"))
    assert problems(replace(CLAIM, effective_on=TODAY + days * DAY)) == ([future] if days > 0 else [])


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_it_happened_after_the_last_day_of_the_partner(days):
    there = Problem(
        "STILL_THERE", "Care Agency existed until 31 March 2020", at("effective_on"), fix="Enter a later day."
    )
    assert problems(replace(CLAIM, effective_on=CLOSED + days * DAY)) == ([there] if days < 1 else [])


def test_everything_is_said_at_once_and_of_every_successor():
    wrong = Claim("Care Agency", None, [(1, "A", False), (2, "B", False)], TODAY + DAY, "")
    found = problems(wrong, is_partner=False, known=["A"], already=["B"], claimed_by=1)
    assert [each.code for each in found] == [
        "NOT_A_PARTNER", "STILL_THERE", "SUCCESSOR_KNOWN", "ALREADY_SUCCEEDED", "NOT_YET", "REQUIRED", "NOT_YOURSELF",
        "NOT_THERE_YET", "NOT_THERE_YET",
    ]  # fmt: skip
