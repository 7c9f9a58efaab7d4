"""The functions of an arrangement: poolable, held, free of excluded treatments, beside their companions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import pytest

from partnerships.rules.law import Finding, LawRule, ServiceFact
from partnerships.rules.law.functions import (
    charges,
    companion_findings,
    exclusion_findings,
    function_findings,
    holder_findings,
    service_findings,
)
from partnerships.terms import Exclusion
from tests.partnerships.law_tables import AFTER, BEFORE, DAY, a_law, a_rule

LONG_AGO = dt.date(2001, 4, 1)
FUNCTION = a_rule("function", "fn", function="nhs-care")
SURGERY = a_rule("exclusion", "ex", subject="surgery", allowed=False)
COMPANION = a_rule("companion", "co", function="charges", needs="home-care", flexibilities={"pooled_fund"})


def said(findings: Iterable[Finding]) -> list[tuple[str, str, str, str]]:
    return [(each.about, each.rule, each.outcome.value, each.sentence) for each in findings]


# --- poolable --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "outcome", "sentence"),
    [
        (BEFORE, "unlawful", "“NHS care” may not be pooled under section 75 on 31 March 2010, only from 1 April 2010."),
        (DAY, "lawful", "“NHS care” may be pooled under section 75 on 1 April 2010."),
        (AFTER, "lawful", "“NHS care” may be pooled under section 75 on 2 April 2010."),
    ],
)
def test_a_function_is_judged_on_the_day(day: dt.date, outcome: str, sentence: str):
    rules = a_law(FUNCTION)
    (one,) = function_findings("s75", "nhs-care", day, rules)
    assert (one.on, *said([one])[0]) == (day, "function:nhs-care", "fn", outcome, sentence)
    assert function_findings("s75", "nhs-care", day, rules) == (one,)


def test_functions_powers_and_days_are_not_taken_for_one_another():
    rules = a_law(
        FUNCTION, a_rule("function", "home", function="home-care"),
        a_rule("function", "old", function="nhs-care", powers={"s31"}),
        a_rule("body", "body", body_kinds={"icb"}),
    )  # fmt: skip
    asked = [("s75", "nhs-care"), ("s75", "home-care"), ("s31", "nhs-care"), ("s31", "home-care")]
    assert [[each.rule for each in function_findings(*one, DAY, rules)] for one in asked] == [
        ["fn"], ["home"], ["old"], [],
    ]  # fmt: skip
    assert [function_findings("s75", "nhs-care", day, rules)[0].on for day in (BEFORE, DAY)] == [BEFORE, DAY]
    assert function_findings("s75", "nhs-care", DAY, rules) is function_findings("s75", "nhs-care", DAY, rules)


# --- held ------------------------------------------------------------------------------------------------------------

OWN = a_rule("holder", "own", function="nhs-care", body_kinds={"ccg", "nhs_england"})
SIDE = a_rule("holder", "side", side="nhs", body_kinds={"icb"}, valid_from=LONG_AGO)
DELEGATED = a_rule("delegation", "delegated", function="nhs-care", body_kinds={"icb", "pct"})


def held(*rules: LawRule, kinds: str = "icb", evidence: str = "", day: dt.date = DAY) -> list[Finding]:
    service = ServiceFact("nhs-care", delegation_evidence=evidence)
    return list(holder_findings("s75", service, frozenset(kinds.split()), day, a_law(*rules)))


def test_a_body_that_does_not_hold_a_function_is_named():
    (one,) = held(OWN)
    assert (one.on, *said([one])[0]) == (
        DAY, "holder:nhs-care", "own", "not_settled",
        "“NHS care” does not seem to be a function of an integrated care board on 1 April 2010.",
    )  # fmt: skip
    (one,) = held(OWN, kinds="pct county icb")
    assert one.sentence == (
        "“NHS care” does not seem to be a function of a county council or an integrated care board or a primary care"
        " trust on 1 April 2010."
    )


@pytest.mark.parametrize("kinds", ["ccg", "icb nhs_england", "ccg nhs_england", ""])
def test_one_that_holds_the_function_is_enough_and_nobody_is_not_asked(kinds: str):
    assert held(OWN, kinds=kinds) == []


def test_where_no_rule_says_who_holds_a_function_nobody_is_asked():
    assert held() == held(a_rule("holder", function="home-care", body_kinds={"ccg"})) == []


@pytest.mark.parametrize(
    ("day", "icb", "ccg"), [(BEFORE, [], ["side"]), (DAY, ["own"], []), (AFTER, ["own"], [])]
)  # fmt: skip
def test_the_holders_of_the_function_come_before_those_of_its_side(day: dt.date, icb: list[str], ccg: list[str]):
    assert [each.rule for each in held(OWN, SIDE, day=day)] == icb
    assert [each.rule for each in held(OWN, SIDE, kinds="ccg", day=day)] == ccg


def test_holders_of_any_of_several_rules_hold_the_function():
    second = a_rule("holder", "second", function="nhs-care", body_kinds={"pct"})
    assert held(OWN, second, kinds="pct") == held(OWN, second, kinds="ccg") == []
    assert [each.rule for each in held(second, OWN)] == ["own"]


def test_a_delegate_does_not_pool_until_evidence_is_recorded():
    (one,) = held(OWN, DELEGATED)
    assert (one.on, *said([one])[0]) == (
        DAY, "holder:nhs-care", "delegated", "not_settled",
        "Whether an integrated care board may pool the delegated money for “NHS care” on 1 April 2010 is not settled: "
        "record the delegation.",
    )  # fmt: skip
    assert held(OWN, DELEGATED, evidence="Schedule 2") == []
    assert [each.rule for each in held(OWN, evidence="Schedule 2")] == ["own"]


@pytest.mark.parametrize(("day", "rule"), [(BEFORE, "side"), (DAY, "delegated"), (AFTER, "delegated")])
def test_a_function_is_delegated_on_the_days_of_the_delegation(day: dt.date, rule: str):
    side = a_rule("holder", "side", side="nhs", body_kinds={"nhs_england"}, valid_from=LONG_AGO)
    assert [each.rule for each in held(side, DELEGATED, day=day)] == [rule]
    assert bool(held(side, DELEGATED, day=day, evidence="Schedule 2")) is (rule == "side")


def test_of_several_delegates_the_first_by_kind_is_cited():
    to_board = a_rule("delegation", "z", function="nhs-care", body_kinds={"icb"})
    to_trust = a_rule("delegation", "a", function="nhs-care", body_kinds={"pct"})
    assert [each.rule for each in held(OWN, to_board, to_trust, kinds="pct icb")] == ["z"]


# --- excluded treatments ---------------------------------------------------------------------------------------------


def excluded(*rules: LawRule, code: str = "nhs-care", day: dt.date = DAY) -> list[tuple[str, str, str, str]]:
    found = list(exclusion_findings("s75", "surgery", code, day, a_law(*rules)))
    assert all(each.on == day for each in found)
    return said(found)


def test_an_excluded_treatment_may_not_be_pooled_within_a_function_of_its_paragraph():
    assert excluded(SURGERY) == [
        (
            "exclusion:nhs-care:surgery", "ex", "unlawful",
            "Surgery within “NHS care” may not be pooled under section 75 on 1 April 2010.",
        )
    ]  # fmt: skip
    assert excluded() == []


def test_within_a_function_of_another_paragraph_it_is_not_settled():
    assert excluded(SURGERY, code="home-care") == [
        (
            "exclusion:home-care:surgery", "ex", "not_settled",
            "Whether surgery may be part of “Home care” is not settled: the words that exclude it are in another"
            " paragraph.",
        )
    ]  # fmt: skip


def test_a_rule_for_that_very_function_decides_though_it_is_of_another_paragraph():
    own = a_rule("exclusion", "own", subject="surgery", function="home-care", allowed=False)
    (one,) = excluded(SURGERY, own, code="home-care")
    assert one[1:3] == ("own", "unlawful")
    assert one[3] == "Surgery within “Home care” may not be pooled under section 75 on 1 April 2010."


def test_a_general_rule_that_allows_a_treatment_allows_it_in_another_paragraph_too():
    allowing = a_rule("exclusion", "ex", subject="surgery")
    assert [each[2] for each in excluded(allowing, code="home-care")] == ["lawful"]
    assert [each[2] for each in excluded(allowing)] == ["lawful"]


def test_outside_the_days_of_a_general_rule_the_day_is_said_in_any_paragraph():
    (one,) = excluded(a_rule("exclusion", "ex", subject="surgery"), code="home-care", day=BEFORE)
    assert one[2:] == (
        "unlawful",
        "Surgery within “Home care” may not be pooled under section 75 on 31 March 2010, only from 1 April 2010.",
    )


# --- companions ------------------------------------------------------------------------------------------------------


def beside(*codes: str, flexibilities: str = "", rule: LawRule = COMPANION, day: dt.date = DAY) -> list[Any]:
    found = list(
        companion_findings("s75", "charges", frozenset(codes), frozenset(flexibilities.split()), day, a_law(rule))
    )
    assert all(each.on == day for each in found)
    return said(found)


STANDS = ("companion:charges", "co", "lawful", "“Charges” is in the same arrangement as “Home care” on 1 April 2010.")
ONLY_THERE = (
    "companion:charges", "co", "unlawful",
    "“Charges” may be pooled only in a pooled fund, or where an NHS body exercises council functions.",
)  # fmt: skip


def test_charging_needs_the_service_that_is_charged_for():
    without = (
        "companion:charges",
        "co",
        "unlawful",
        "“Charges” may not be pooled without “Home care” on 1 April 2010.",
    )
    assert beside("home-care", "nhs-care") == [STANDS]
    assert beside("nhs-care") == beside("nhs-care", flexibilities="lead") == [without]


@pytest.mark.parametrize(
    ("flexibilities", "expected"),
    [("", STANDS), ("pooled_fund", STANDS), ("lead", ONLY_THERE), ("lead pooled_fund", STANDS)],
)
def test_charging_is_pooled_only_in_the_arrangements_of_its_rule(flexibilities: str, expected: Any):
    assert beside("home-care", flexibilities=flexibilities) == [expected]


def test_a_rule_of_all_arrangements_lets_charging_be_pooled_in_any():
    rule = a_rule("companion", "co", function="charges", needs="home-care")
    assert beside("home-care", flexibilities="lead", rule=rule) == [STANDS]


@pytest.mark.parametrize(("day", "found"), [(BEFORE, False), (DAY, True), (AFTER, True)])
def test_a_companion_is_needed_on_the_days_of_its_rule(day: dt.date, found: bool):
    assert bool(beside("nhs-care", day=day)) is found
    assert charges("s75", ["nhs-care", "charges"], day, a_law(COMPANION)) is found


def test_charging_is_among_the_functions_where_one_of_them_charges():
    rules = a_law(COMPANION)
    assert charges("s75", ["charges"], DAY, rules) is True
    assert charges("s75", ["home-care", "nhs-care"], DAY, rules) is False
    assert charges("s75", [], DAY, rules) is False
    assert charges("s31", ["charges"], DAY, rules) is False


# --- all of it -------------------------------------------------------------------------------------------------------


def test_a_service_is_judged_in_every_respect():
    treatments = [a_rule("exclusion", f"no {each}", subject=each, allowed=False) for each in Exclusion.values]
    companion = a_rule("companion", "needs", function="nhs-care", needs="home-care")
    found = service_findings(
        ServiceFact("nhs-care", exclusions=frozenset(Exclusion.values)),
        power="s75",
        day=DAY,
        kinds=frozenset({"icb"}),
        beside=frozenset({"home-care"}),
        flexibilities=frozenset(),
        rules=a_law(FUNCTION, OWN, companion, *treatments),
    )
    assert [(each.on, each.about, each.rule, each.outcome) for each in found] == [
        (DAY, "function:nhs-care", "fn", "lawful"),
        (DAY, "holder:nhs-care", "own", "not_settled"),
        *((DAY, f"exclusion:nhs-care:{each}", f"no {each}", "unlawful") for each in sorted(Exclusion.values)),
        (DAY, "companion:nhs-care", "needs", "lawful"),
    ]
