"""May these bodies pool this function on this day: every finding of the answer, what else is needed, what changes."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from partnerships.rules.law import (
    Answer,
    BodyAnswer,
    Change,
    Finding,
    LawRule,
    Question,
    answer,
    changes_between,
    other_powers,
    reason,
)
from partnerships.rules.law.values import finding
from partnerships.terms import Condition, Holding, Outcome, Power
from tests.partnerships.law_tables import AFTER, BEFORE, DAY, a_law, a_rule

LONG_AGO = dt.date(2001, 4, 1)
POWER = a_rule("power", "power", valid_from=LONG_AGO)
BOARD = a_rule("body", "board", body_kinds={"icb"}, valid_from=LONG_AGO)
CHARGES = a_rule("function", "charges", function="charges", valid_from=LONG_AGO)
HOLDER = a_rule("holder", "holder", function="charges", body_kinds={"county"}, valid_from=LONG_AGO)
SURGERY = a_rule("exclusion", "surgery", subject="surgery", valid_from=LONG_AGO, allowed=False)
COMPANION = a_rule(
    "companion", "companion", function="charges", needs="home-care", flexibilities={"lead"}, valid_from=LONG_AGO
)
ALL = (POWER, BOARD, CHARGES, HOLDER, SURGERY, COMPANION)


def question(body: str = "icb", **given: Any) -> Question:
    values = {"power": "s75", "on": DAY, "bodies": frozenset({body}), "function": "charges"} | given
    return Question(**values)


def ask(*rules: LawRule, **given: Any) -> Answer:
    return answer(question(**given), a_law(*rules))


def outcomes(asked: Answer) -> dict[str, str]:
    return {each.about: each.outcome.value for each in asked.findings}


def test_an_answer_has_every_finding_in_order_and_the_gravest_outcome():
    asked = ask(*ALL, exclusions=frozenset({"surgery"}))
    assert [(each.on, each.about, each.rule, each.outcome) for each in asked.findings] == [
        (DAY, "body:icb", "board", "lawful"),
        (DAY, "companion:charges", "companion", "unlawful"),
        (DAY, "exclusion:charges:surgery", "surgery", "not_settled"),
        (DAY, "function:charges", "charges", "lawful"),
        (DAY, "holder:charges", "holder", "not_settled"),
        (DAY, "power:s75", "power", "lawful"),
    ]
    assert asked == Answer(Outcome.UNLAWFUL, tuple(asked.findings), (), asked.bodies)


def test_the_body_that_asks_is_the_holder_that_is_meant():
    assert "holder:charges" not in outcomes(ask(*ALL, body="county"))


def test_functions_beside_it_are_companions_whatever_the_arrangement():
    assert outcomes(ask(*ALL, together_with=frozenset({"home-care"})))["companion:charges"] == "lawful"
    assert outcomes(ask(*ALL, together_with=frozenset({"nhs-care"})))["companion:charges"] == "unlawful"


@pytest.mark.parametrize("rule", [POWER, BOARD, CHARGES])
@pytest.mark.parametrize(("day", "outcome"), [(BEFORE, "unlawful"), (DAY, "lawful"), (AFTER, "lawful")])
def test_each_finding_is_of_the_day_that_is_asked_about(rule: LawRule, day: dt.date, outcome: str):
    later = dataclasses.replace(rule, valid_from=DAY)
    asked = ask(*(later if each is rule else each for each in (POWER, BOARD, CHARGES)), on=day)
    assert asked.outcome == outcome
    assert {each.on for each in asked.findings} == {day}


def test_a_power_that_is_named_only_is_said_to_be_no_pool():
    named = a_rule("named_power", "named", powers={"s76"})
    condition = a_rule("condition", "condition", powers={"s76"}, subject="improvement")
    asked = ask(*ALL, named, condition, power="s76")
    assert (asked.outcome, asked.also_needed) == (Outcome.NOT_SETTLED, ())
    assert [(each.on, each.about, each.rule) for each in asked.findings] == [(DAY, "power:s76", "named")]


def test_an_answer_on_nothing_is_not_settled():
    assert ask() == Answer(Outcome.NOT_SETTLED, (), ())
    assert reason(ask()) is None


def test_a_body_that_no_rule_names_is_not_settled():
    board = BodyAnswer("icb", Outcome.NOT_SETTLED, (), Holding.NOT_KNOWN)
    assert ask(POWER, CHARGES).bodies == (board,)


@pytest.mark.parametrize(("day", "needed"), [(BEFORE, []), (DAY, list(Condition)), (AFTER, list(Condition))])
def test_the_conditions_of_the_day_are_needed_besides_in_their_order(day: dt.date, needed: list[str]):
    conditions = [a_rule("condition", f"{9 - place}", subject=each) for place, each in enumerate(Condition)]
    asked = ask(POWER, *conditions, on=day)
    assert [rule.subject for rule in asked.also_needed] == needed
    assert [each.about for each in asked.findings] == ["power:s75"]


@pytest.mark.parametrize(
    ("given", "needed"),
    [({}, []), ({"body": "nhs_trust"}, ["consent"]), ({"body": "nhs_trust", "on": BEFORE}, [])],
)
def test_consent_is_needed_besides_of_the_bodies_of_its_rule_on_its_days(given: dict[str, Any], needed: list[str]):
    consent = a_rule("consent", "consent", subject="icb", body_kinds={"nhs_trust", "pct"})
    other = a_rule("consent", "other", subject="icb", body_kinds={"nhs_trust"}, powers={"s31"})
    assert [rule.code for rule in ask(POWER, consent, other, **given).also_needed] == needed


# --- several kinds of body -------------------------------------------------------------------------------------------

NHS = a_rule("body", "nhs", body_kinds={"icb", "nhs_england"}, side="nhs", valid_from=LONG_AGO)
COUNTY = a_rule("body", "county", body_kinds={"county"}, side="local_authority")
BOTH_SIDES = a_rule("condition", "sides", subject="partners", valid_from=LONG_AGO)
DELEGATED = a_rule(
    "delegation", "delegated", function="charges", body_kinds={"icb"}, allowed=False, valid_from=LONG_AGO
)
PARTNERS = (POWER, NHS, COUNTY, CHARGES, HOLDER, BOTH_SIDES)


@pytest.mark.parametrize(("day", "outcome"), [(BEFORE, "unlawful"), (DAY, "lawful"), (AFTER, "lawful")])
def test_several_bodies_get_one_verdict_for_the_arrangement_and_one_each(day: dt.date, outcome: str):
    asked = ask(*PARTNERS, bodies=frozenset({"icb", "county"}), on=day)
    assert (asked.outcome, outcomes(asked)["partners"]) == (outcome, outcome)
    assert [(each.kind, each.outcome, each.holding) for each in asked.bodies] == [
        ("county", outcome, Holding.HOLDS),
        ("icb", Outcome.LAWFUL, Holding.NOT_HELD),
    ]
    assert [[finding.rule for finding in each.findings] for each in asked.bodies] == [["county"], ["nhs"]]
    assert asked.also_needed == ()


def test_partners_of_one_side_are_no_arrangement():
    asked = ask(*PARTNERS, bodies=frozenset({"icb", "nhs_england"}))
    assert (asked.outcome, outcomes(asked)["partners"]) == (Outcome.UNLAWFUL, "unlawful")
    assert {each.outcome for each in asked.bodies} == {Outcome.LAWFUL}


def test_of_one_body_it_is_not_judged_whether_it_has_partners():
    asked = ask(*PARTNERS, body="county")
    assert asked.outcome == Outcome.LAWFUL
    assert "partners" not in outcomes(asked)
    assert [rule.code for rule in asked.also_needed] == ["sides"]


def test_one_partner_that_holds_the_function_is_enough():
    assert "holder:charges" in outcomes(ask(*PARTNERS, body="icb"))
    assert "holder:charges" not in outcomes(ask(*PARTNERS, bodies=frozenset({"icb", "county"})))


def test_a_delegated_function_is_not_settled_and_says_for_whom():
    asked = ask(*PARTNERS, DELEGATED, bodies=frozenset({"icb", "nhs_england"}))
    (finding,) = [each for each in asked.findings if each.about == "holder:charges"]
    assert finding.outcome == Outcome.NOT_SETTLED
    assert finding.sentence == (
        "Whether an integrated care board may pool the delegated money for “Charges” on 1 April 2010 is not settled: "
        "record the delegation."
    )
    assert [each.holding for each in asked.bodies] == [Holding.DELEGATED, Holding.NOT_HELD]


# --- the reason, and other powers ------------------------------------------------------------------------------------


def test_the_reason_is_of_the_gravest_outcome_and_names_the_power_first():
    later = dataclasses.replace(POWER, valid_from=AFTER)
    unlawful_twice = reason(ask(later, BOARD, dataclasses.replace(CHARGES, valid_from=AFTER)))
    assert unlawful_twice is not None
    assert unlawful_twice.about == "power:s75"
    only_the_function = reason(ask(POWER, BOARD, dataclasses.replace(CHARGES, valid_from=AFTER), HOLDER))
    assert only_the_function is not None
    assert only_the_function.about == "function:charges"


def test_every_other_power_with_rules_has_one_line():
    joint = [
        dataclasses.replace(each, code=f"joint-{each.code}", powers=frozenset({"s65Z5_65Z6"})) for each in PARTNERS
    ]
    payment = a_rule("named_power", "payment", powers={"s256"}, allowed=False)
    lines = other_powers(question(body="county"), a_law(*PARTNERS, *joint, payment))
    assert [(each.power, each.outcome, each.is_judged, each.reason.rule) for each in lines] == [
        (Power.S65Z5_65Z6, Outcome.LAWFUL, True, "joint-power"),
        (Power.S256, Outcome.NOT_SETTLED, False, "payment"),
    ]


def made(about: str, outcome: str = "lawful", code: str = "rule") -> Finding:
    return finding(a_rule("power", code), on=DAY, about=about, outcome=Outcome(outcome), sentence="So it is.")


def test_what_is_judged_otherwise_is_a_change_in_the_order_of_what_it_is_about():
    before = Answer(Outcome.LAWFUL, (made("d"), made("c"), made("b"), made("same")), ())
    after = Answer(Outcome.LAWFUL, (made("a"), made("same"), made("b", "unlawful"), made("c", code="other")), ())
    assert changes_between(before, after) == [
        Change("a", None, made("a")),
        Change("b", made("b"), made("b", "unlawful")),
        Change("c", made("c"), made("c", code="other")),
        Change("d", made("d"), None),
    ]
    assert changes_between(before, before) == []
