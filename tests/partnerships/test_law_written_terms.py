"""What the written agreement must specify: for the flexibilities it uses, on the days of the rule."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from partnerships.rules.law import AgreementFacts, Finding, ServiceFact
from partnerships.rules.law.written_terms import term_findings, terms_needed
from tests.partnerships.law_tables import AFTER, BEFORE, DAY, a_law, a_rule

AIMS = a_rule("term", "aims", subject="aims", flexibilities={"pooled_fund", "lead"})
LEAD = a_rule("term", "lead", subject="monitoring", flexibilities={"lead"})
CHARGING = a_rule("term", "charging", subject="charging", flexibilities={"lead"})
FUNCTIONS = a_rule("term", "functions", subject="functions", flexibilities={"pooled_fund"})
COMPANION = a_rule("companion", "companion", function="charges", needs="home-care")


def facts(*services: ServiceFact, flexibilities: str = "lead", **given: Any) -> AgreementFacts:
    values: dict[str, Any] = {
        "power": "s75", "start": BEFORE, "partners": frozenset(), "services": frozenset(services),
        "flexibilities": frozenset(flexibilities.split()), "terms": frozenset(),
    }  # fmt: skip
    return AgreementFacts(**values | given)


def needed(agreement: AgreementFacts, *rules: Any, power: str = "s75", day: dt.date = DAY) -> list[str]:
    return [rule.code for rule in terms_needed(agreement, power, day, a_law(*rules))]


def found(agreement: AgreementFacts, *rules: Any, day: dt.date = DAY) -> list[Finding]:
    return list(term_findings(agreement, "s75", day, a_law(*rules)))


@pytest.mark.parametrize(
    ("flexibilities", "codes"),
    [("lead", ["aims", "lead"]), ("pooled_fund", ["aims"]), ("lead pooled_fund", ["aims", "lead"]), ("", []),
     ("other", [])],
)  # fmt: skip
def test_a_term_is_needed_for_the_flexibilities_of_its_rule(flexibilities: str, codes: list[str]):
    assert needed(facts(flexibilities=flexibilities), AIMS, LEAD) == codes


@pytest.mark.parametrize(("day", "codes"), [(BEFORE, []), (DAY, ["aims"]), (AFTER, ["aims"])])
def test_a_term_is_needed_from_the_first_day_of_its_rule_on(day: dt.date, codes: list[str]):
    assert needed(facts(), AIMS, day=day) == codes
    assert [one.rule for one in found(facts(), AIMS, day=day)] == codes


def test_a_term_is_needed_under_the_power_that_is_asked_about():
    assert needed(facts(), AIMS, power="s31") == []
    assert needed(facts(power="s31"), AIMS, power="s75") == ["aims"]


@pytest.mark.parametrize(
    ("services", "codes"),
    [
        ([ServiceFact("charges")], ["aims", "charging"]),
        ([ServiceFact("home-care"), ServiceFact("charges")], ["aims", "charging"]),
        ([ServiceFact("home-care")], ["aims"]),
        ([], ["aims"]),
        ([ServiceFact("charges", end=BEFORE)], ["aims"]),
        ([ServiceFact("charges", start=AFTER)], ["aims"]),
    ],
)
def test_a_term_of_charging_is_needed_where_a_function_charges_on_the_day(
    services: list[ServiceFact], codes: list[str]
):
    assert needed(facts(*services), AIMS, CHARGING, COMPANION) == codes


def test_a_term_that_is_lacking_is_named_with_its_day():
    (one,) = found(facts(), AIMS)
    assert (one.on, one.about, one.rule, one.outcome, one.sentence) == (
        DAY, "term:aims", "aims", "unlawful", "The agreement lacks a term on 1 April 2010: aims and outcomes.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("terms", "lacking"),
    [(frozenset(), ["aims", "lead"]), (frozenset({"aims"}), ["lead"]), (frozenset({"aims", "monitoring"}), []),
     (None, [])],
)  # fmt: skip
def test_only_terms_that_were_looked_for_and_not_found_are_lacking(terms: frozenset[str] | None, lacking: list[str]):
    assert [one.rule for one in found(facts(terms=terms), AIMS, LEAD)] == lacking


POOLED: dict[str, Any] = {"flexibilities": "pooled_fund", "terms": None}
NHS, HOME = ServiceFact("nhs-care"), ServiceFact("home-care")


def test_a_pooled_fund_needs_functions_of_both_sides():
    (one,) = found(facts(NHS, **POOLED), FUNCTIONS)
    assert (one.on, one.about, one.rule, one.outcome, one.sentence) == (
        DAY, "functions", "functions", "unlawful",
        "A pooled fund needs both an NHS function and a function of a council on 1 April 2010.",
    )  # fmt: skip
    assert [one.about for one in found(facts(HOME, **POOLED), FUNCTIONS)] == ["functions"]
    assert found(facts(NHS, HOME, **POOLED), FUNCTIONS) == []
    assert found(facts(NHS, HOME, ServiceFact("charges"), **POOLED), FUNCTIONS) == []
    assert found(facts(**POOLED), FUNCTIONS) == []


@pytest.mark.parametrize(
    ("day", "both"), [(BEFORE, True), (DAY, True), (AFTER, False)]
)  # fmt: skip
def test_the_functions_of_the_day_count(day: dt.date, both: bool):
    rule = a_rule("term", "functions", subject="functions", flexibilities={"pooled_fund"}, valid_from=BEFORE)
    agreement = facts(NHS, ServiceFact("home-care", end=DAY), **POOLED)
    assert (found(agreement, rule, day=day) == []) is both


def test_functions_of_both_sides_are_asked_for_by_the_term_of_functions_of_a_pooled_fund_alone():
    both = "pooled_fund lead"
    of_a_lead = a_rule("term", "functions", subject="functions", flexibilities={"lead"})
    other = a_rule("term", "aims", subject="aims", flexibilities={"pooled_fund"})
    assert found(facts(NHS, flexibilities=both, terms=None), of_a_lead, other) == []
    assert len(found(facts(NHS, flexibilities=both, terms=None), FUNCTIONS)) == 1
    assert found(facts(NHS, flexibilities="lead", terms=None), FUNCTIONS) == []


def test_a_lacking_term_of_functions_and_a_missing_side_are_two_findings():
    agreement = facts(NHS, flexibilities="pooled_fund")
    assert [one.about for one in found(agreement, FUNCTIONS)] == ["term:functions", "functions"]
