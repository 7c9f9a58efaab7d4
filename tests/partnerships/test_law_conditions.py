"""Regulation 4: each condition, each exemption, each day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from partnerships.rules.law import AgreementFacts, Finding
from partnerships.rules.law.conditions import condition_findings
from partnerships.terms import Confidence, Exemption
from tests.partnerships.law_tables import AFTER, BEFORE, DAY, a_law, a_rule

LONG_AGO = dt.date(2001, 4, 1)
IMPROVEMENT = a_rule("condition", "improvement", subject="improvement", valid_from=LONG_AGO)
CONSULTATION = a_rule("condition", "consultation", subject="joint_consultation", valid_from=LONG_AGO)
PLAN = a_rule("condition", "plan", subject="plan_fit", valid_from=LONG_AGO, valid_to=DAY)
FUND = a_rule("exemption", "fund", subject="better_care_fund")
TRUST = a_rule("exemption", "trust", subject="care_trust", valid_from=LONG_AGO)
BESIDE = a_rule("exemption", "beside", subject="voluntary_schemes", allowed=False)
Said = tuple[str, str, str, str]


def judged(*rules: Any, **given: Any) -> list[Finding]:
    values: dict[str, Any] = {"power": "s75", "start": DAY, "partners": frozenset(), "services": frozenset()}
    agreement = AgreementFacts(**values | given)
    found = list(condition_findings(agreement, a_law(*rules)))
    assert all(each.on == agreement.start for each in found)
    return found


def said(*rules: Any, **given: Any) -> list[Said]:
    return [(each.about, each.rule, each.outcome.value, each.sentence) for each in judged(*rules, **given)]


@pytest.mark.parametrize(
    ("rule", "name", "about", "label"),
    [
        (IMPROVEMENT, "improvement", "condition:improvement", "improvement"),
        (PLAN, "plan_fit", "condition:plan_fit", "fit with the health improvement plan"),
        (CONSULTATION, "consulted", "condition:joint_consultation", "joint consultation"),
    ],
)
def test_a_condition_is_met_not_met_or_not_recorded(rule: Any, name: str, about: str, label: str):
    assert said(rule, **{name: True}) == [
        (about, rule.code, "lawful", f"The condition “{label}” is recorded as met for 1 April 2010.")
    ]
    assert said(rule, **{name: False}) == [
        (about, rule.code, "unlawful", f"The condition “{label}” is recorded as not met for 1 April 2010.")
    ]
    assert said(rule) == [(about, rule.code, "not_settled", f"Nothing is recorded on the condition “{label}”.")]


def test_each_condition_is_judged_by_its_own_fact():
    found = judged(IMPROVEMENT, CONSULTATION, PLAN, improvement=True, plan_fit=False)
    assert [(each.rule, each.outcome) for each in found] == [
        ("improvement", "lawful"), ("plan", "unlawful"), ("consultation", "not_settled"),
    ]  # fmt: skip


@pytest.mark.parametrize(("start", "asked"), [(BEFORE, ["plan"]), (DAY, ["plan"]), (AFTER, [])])
def test_a_condition_is_asked_for_by_agreements_that_start_on_its_days(start: dt.date, asked: list[str]):
    assert [each.rule for each in judged(PLAN, start=start)] == asked
    ended = a_rule("condition", "plan", subject="joint_consultation", valid_from=LONG_AGO, valid_to=DAY)
    assert [each.rule for each in judged(ended, start=start)] == asked


def test_conditions_of_another_power_are_not_asked_for():
    assert judged(IMPROVEMENT, CONSULTATION, PLAN, power="s31") == []


@pytest.mark.parametrize("consulted", [None, False])
def test_an_exemption_stands_in_the_place_of_consultation(consulted: bool | None):
    assert said(CONSULTATION, FUND, BESIDE, consulted=consulted, exemption=Exemption.BETTER_CARE_FUND) == [
        (
            "condition:joint_consultation", "fund", "lawful",
            "No joint consultation is needed: mandated pool of the better care fund.",
        )
    ]  # fmt: skip


def test_who_consulted_needs_no_exemption():
    (one,) = judged(CONSULTATION, FUND, consulted=True, exemption=Exemption.BETTER_CARE_FUND)
    assert (one.rule, one.outcome) == ("consultation", "lawful")


def test_an_exemption_that_was_not_read_settles_nothing():
    unread = a_rule("exemption", "fund", subject="better_care_fund", confidence=Confidence.DEFAULT)
    (one,) = judged(CONSULTATION, unread, exemption=Exemption.BETTER_CARE_FUND)
    assert (one.rule, one.outcome) == ("fund", "not_settled")


@pytest.mark.parametrize(
    ("start", "outcome", "rule"), [(BEFORE, "unlawful", "consultation"), (DAY, "lawful", "fund"),
                                   (AFTER, "lawful", "fund")]
)  # fmt: skip
def test_an_exemption_counts_from_its_first_day_on(start: dt.date, outcome: str, rule: str):
    (one,) = judged(CONSULTATION, FUND, start=start, exemption=Exemption.BETTER_CARE_FUND)
    assert (one.rule, one.outcome) == (rule, outcome)


def test_an_exemption_that_is_none_on_the_day_says_from_when_it_is_or_until_when_it_was():
    about = "condition:joint_consultation"
    fund, trust = "mandated pool of the better care fund", "consulted on in a care trust proposal"
    lead = "No joint consultation was held, and"
    assert said(CONSULTATION, FUND, start=BEFORE, exemption=Exemption.BETTER_CARE_FUND) == [
        (
            about,
            "consultation",
            "unlawful",
            f"{lead} “{fund}” is no exemption on 31 March 2010, only from 1 April 2010.",
        )
    ]
    ended = a_rule("exemption", "trust", subject="care_trust", valid_from=LONG_AGO, valid_to=BEFORE)
    assert said(CONSULTATION, ended, exemption=Exemption.CARE_TRUST) == [
        (
            about,
            "consultation",
            "unlawful",
            f"{lead} “{trust}” is no exemption on 1 April 2010, only until 31 March 2010.",
        )
    ]
    assert said(CONSULTATION, FUND, exemption=Exemption.CARE_TRUST) == [
        (about, "consultation", "unlawful", f"{lead} “{trust}” is no exemption on 1 April 2010.")
    ]


def test_voluntary_schemes_beside_the_mandated_pool_are_not_settled():
    _, beside = said(
        CONSULTATION, FUND, BESIDE, exemption=Exemption.BETTER_CARE_FUND, has_voluntary_schemes=True
    )  # fmt: skip
    about = "condition:joint_consultation:voluntary_schemes"
    assert beside == (about, "beside", "not_settled", "The text of beside.")


@pytest.mark.parametrize(
    "given",
    [
        {"exemption": Exemption.BETTER_CARE_FUND, "has_voluntary_schemes": False},
        {"exemption": Exemption.CARE_TRUST, "has_voluntary_schemes": True},
        {"exemption": Exemption.BETTER_CARE_FUND, "has_voluntary_schemes": True, "consulted": True},
        {"exemption": Exemption.BETTER_CARE_FUND, "has_voluntary_schemes": True, "start": BEFORE},
        {"exemption": None, "has_voluntary_schemes": True},
    ],
)
def test_nothing_is_said_of_voluntary_schemes_otherwise(given: dict[str, Any]):
    assert [each.rule for each in judged(CONSULTATION, FUND, TRUST, BESIDE, **given) if each.rule == "beside"] == []
