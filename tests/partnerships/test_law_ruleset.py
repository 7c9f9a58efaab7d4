"""Which rule speaks about a thing on a day: the index, the judging, and the days on which the answer changes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from partnerships.rules.law import LawRule, RuleSet
from partnerships.rules.law.ruleset import Judgement, judge
from partnerships.terms import Confidence, Outcome, RuleKind
from tests.partnerships.law_tables import AFTER, BEFORE, CHARGES, DAY, HOME_CARE, NHS_CARE, a_law, a_rule

ONE = dt.timedelta(days=1)
LONG_AGO, LONG_AFTER = dt.date(2001, 4, 1), dt.date(2020, 4, 1)


def body(code: str = "rule", **values: Any) -> LawRule:
    return a_rule("body", code, **{"body_kinds": {"icb"}} | values)


# --- one rule of several ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "is_valid", "outcome"),
    [(BEFORE, False, "unlawful"), (DAY, True, "lawful"), (AFTER, True, "lawful"), (AFTER + ONE, False, "unlawful")],
)  # fmt: skip
def test_a_rule_judges_on_its_days_and_forbids_outside_them(day: dt.date, is_valid: bool, outcome: str):
    rule = body(valid_to=AFTER)
    assert judge([rule], day) == Judgement(rule, is_valid, Outcome(outcome))


def test_a_rule_that_forbids_makes_unlawful_on_its_days_and_before():
    rule = body(allowed=False)
    assert judge([rule], DAY) == Judgement(rule, True, Outcome.UNLAWFUL)
    assert judge([rule], BEFORE) == Judgement(rule, False, Outcome.UNLAWFUL)


@pytest.mark.parametrize("day", [BEFORE, DAY])
def test_a_rule_that_was_not_read_settles_nothing_on_any_day(day: dt.date):
    judged = judge([body(confidence=Confidence.INFERENCE)], day)
    assert judged is not None
    assert judged.outcome == Outcome.NOT_SETTLED


@pytest.mark.parametrize(
    "better",
    [
        {"code": "a", "valid_from": AFTER},
        {"code": "c"},
        {"code": "a", "valid_from": LONG_AGO, "proposed": True},
    ],
)
def test_of_several_valid_rules_a_proposed_the_younger_and_the_last_by_code_speaks(better: dict[str, Any]):
    usual, other = body("b"), body(**better)
    for candidates in ([usual, other], [other, usual]):
        judged = judge(candidates, AFTER)
        assert judged is not None
        assert (judged.rule, judged.is_valid) == (other, True)


def test_where_no_rule_of_law_is_there_nothing_is_judged():
    assert judge([], DAY) is None
    assert judge([body(proposed=True)], BEFORE) is None
    judged = judge([body(proposed=True)], DAY)
    assert judged is not None
    assert judged.outcome == Outcome.LAWFUL


def test_a_proposed_rule_is_not_the_nearest():
    law, proposed = body("law", valid_to=LONG_AFTER), body("proposed", valid_from=LONG_AFTER, proposed=True)
    judged = judge([proposed, law], BEFORE)
    assert judged is not None
    assert judged.rule == law


def test_the_nearest_rule_is_the_last_that_ended_and_else_the_first_that_begins():
    first, second = body("b", valid_from=LONG_AGO, valid_to=BEFORE), body("a", valid_from=LONG_AGO, valid_to=DAY)
    twin = body("c", valid_from=LONG_AGO, valid_to=DAY)
    coming, later = body("0", valid_from=LONG_AFTER), body("9", valid_from=LONG_AFTER + ONE)

    def nearest(*rules: LawRule, on: dt.date = AFTER) -> str:
        judged = judge(iter(rules), on)
        assert judged is not None
        assert (judged.is_valid, judged.outcome) == (False, Outcome.UNLAWFUL)
        return judged.rule.code

    assert nearest(first, second, coming) == nearest(second, coming, first) == "a"
    assert nearest(twin, second) == nearest(second, twin) == "c"
    assert nearest(coming, later) == "0"
    assert nearest(first, coming, on=LONG_AGO - ONE) == "b"
    ending_later = body("z", valid_from=LONG_AFTER, valid_to=LONG_AFTER + ONE)
    assert nearest(first, ending_later) == "b"


def test_the_nearest_rule_forbids_only_if_it_was_read():
    judged = judge([body(confidence=Confidence.DEFAULT, valid_to=DAY)], AFTER)
    assert judged is not None
    assert (judged.is_valid, judged.outcome) == (False, Outcome.NOT_SETTLED)


# --- the index -------------------------------------------------------------------------------------------------------

WHOLE: dict[str, Any] = {
    "side": "nhs", "function": "nhs-care", "needs": "home-care", "subject": "aims", "body_kinds": {"icb", "ccg"},
}  # fmt: skip
KEYS: dict[str, list[tuple[str, ...]]] = {
    "power": [()],
    "continuation": [()],
    "named_power": [()],
    "body": [("icb",), ("ccg",)],
    "condition": [("aims",)],
    "exemption": [("aims",)],
    "function": [("nhs-care",)],
    "exclusion": [("aims", "nhs-care")],
    "companion": [("nhs-care",)],
    "holder": [("nhs-care",)],
    "delegation": [("nhs-care", "icb"), ("nhs-care", "ccg")],
    "term": [()],
    "consent": [()],
    "report": [()],
    "audit": [()],
}
ALL_PARTS = [(), ("side", "nhs"), ("aims",), ("aims", ""), *(part for parts in KEYS.values() for part in parts)]


@pytest.mark.parametrize("kind", RuleKind.values)
def test_a_rule_is_found_under_its_power_and_what_it_is_about_and_under_nothing_else(kind: str):
    rule = a_rule(kind, powers={"s75", "s31"}, **WHOLE)
    rules = a_law(rule)
    found = {(power, part) for power in ("s75", "s31", "s76") for part in ALL_PARTS if rules.about(kind, power, *part)}
    assert found == {(power, part) for power in ("s75", "s31") for part in KEYS[kind]}
    assert all(rules.about(kind, power, *part) == (rule,) for power, part in found)
    assert not any(rules.about(other, "s75", *part) for other in RuleKind.values if other != kind for part in ALL_PARTS)


@pytest.mark.parametrize("kind", ["function", "holder"])
def test_a_rule_of_no_function_is_found_under_its_side(kind: str):
    rule = a_rule(kind, side="nhs", body_kinds={"icb"})
    assert a_law(rule).about(kind, "s75", "side", "nhs") == (rule,)
    assert a_law(rule).about(kind, "s75", "side", "local_authority") == ()


def test_an_exclusion_of_no_function_is_found_as_the_general_one():
    rule = a_rule("exclusion", subject="surgery")
    assert a_law(rule).about("exclusion", "s75", "surgery", "") == (rule,)


def test_rules_stand_in_the_order_of_their_first_day_and_then_of_their_code():
    ordered = [body("z", valid_from=BEFORE), body("a"), body("b"), body("c"), body("0", valid_from=AFTER)]
    assert a_law(*reversed(ordered)).about("body", "s75", "icb") == tuple(ordered)


@pytest.mark.parametrize(("day", "codes"), [(BEFORE, ["a"]), (DAY, ["a", "b"]), (AFTER, ["b"])])
def test_only_the_rules_of_the_day_are_valid(day: dt.date, codes: list[str]):
    rules = a_law(body("a", valid_from=LONG_AGO, valid_to=DAY), body("b"), body("other", body_kinds={"ccg"}))
    assert [rule.code for rule in rules.valid("body", "s75", "icb", on=day)] == codes


def test_a_set_in_force_has_every_function_and_no_proposed_rule():
    law, proposed = body("law"), body("proposed", proposed=True)
    rules = a_law(law, proposed)
    assert rules.in_force() == a_law(law)
    assert rules.in_force().functions == frozenset({NHS_CARE, HOME_CARE, CHARGES})
    assert rules.function_by_code == {"nhs-care": NHS_CARE, "home-care": HOME_CARE, "charges": CHARGES}


def test_sets_of_the_same_rules_are_equal_and_others_are_not():
    assert RuleSet.of([body("a"), body("b")], [NHS_CARE]) == RuleSet.of([body("b"), body("a")], [NHS_CARE])
    assert RuleSet.of([body("a")], [NHS_CARE]) != RuleSet.of([body("a")], [HOME_CARE])
    assert RuleSet.of([body("a")], [NHS_CARE]) != RuleSet.of([body("b")], [NHS_CARE])


# --- judging by kind -------------------------------------------------------------------------------------------------


def judged_by(judged: Judgement | None) -> str | None:
    return judged and judged.rule.code


def test_powers_and_exemptions_are_judged_by_the_rules_about_them():
    rules = a_law(
        a_rule("power", "p75"), a_rule("power", "p31", powers={"s31"}),
        a_rule("exemption", "care", subject="care_trust"), a_rule("exemption", "fund", subject="better_care_fund"),
    )  # fmt: skip
    assert [judged_by(rules.power(power, DAY)) for power in ("s75", "s31", "s76")] == ["p75", "p31", None]
    subjects = ("care_trust", "better_care_fund", "voluntary_schemes")
    assert [judged_by(rules.exemption("s75", each, DAY)) for each in subjects] == ["care", "fund", None]
    assert rules.exemption("s31", "care_trust", DAY) is None


def test_bodies_are_judged_by_power_kind_and_day():
    rules = a_law(body("icb", allowed=False), body("ccg", body_kinds={"ccg"}), body("old", powers={"s31"}))
    asked = [("s75", "icb"), ("s75", "ccg"), ("s31", "icb"), ("s31", "ccg")]
    assert [judged_by(rules.body(*each, DAY)) for each in asked] == ["icb", "ccg", "old", None]
    outcomes = [judged.outcome for day in (BEFORE, DAY) if (judged := rules.body("s75", "ccg", day))]
    assert outcomes == ["unlawful", "lawful"]


def test_a_function_is_judged_by_its_own_rules_and_else_by_the_rule_of_its_side():
    own = a_rule("function", "own", function="nhs-care")
    side = a_rule("function", "side", side="nhs", valid_from=LONG_AGO)
    proposed = a_rule("function", "proposed", function="nhs-care", valid_from=AFTER, proposed=True)
    assert judged_by(a_law(own, side).function("s75", "nhs-care", BEFORE)) == "own"
    assert judged_by(a_law(side).function("s75", "nhs-care", DAY)) == "side"
    assert a_law(side).function("s75", "home-care", DAY) is None
    assert a_law(side, own).function("s31", "nhs-care", DAY) is None
    both = a_law(side, proposed)
    assert [judged_by(both.function("s75", "nhs-care", day)) for day in (DAY, AFTER)] == ["side", "proposed"]
    all_three = a_law(side, own, proposed)
    assert [judged_by(all_three.function("s75", "nhs-care", day)) for day in (BEFORE, DAY, AFTER)] == [
        "own", "own", "proposed",
    ]  # fmt: skip


def test_a_function_with_a_law_of_its_own_is_never_judged_by_its_side_even_beside_a_proposal():
    own = a_rule("function", "own", function="nhs-care", valid_to=DAY)
    side = a_rule("function", "side", side="nhs", valid_from=LONG_AGO)
    proposed = a_rule("function", "proposed", function="nhs-care", valid_from=LONG_AFTER, proposed=True)
    assert judged_by(a_law(own, side, proposed).function("s75", "nhs-care", AFTER)) == "own"


def test_an_exclusion_is_judged_by_the_rule_for_its_function_on_its_days_and_else_by_the_general_one():
    general = a_rule("exclusion", "general", subject="surgery", valid_from=LONG_AGO, allowed=False)
    own = a_rule("exclusion", "own", subject="surgery", function="nhs-care", valid_to=AFTER)
    rules = a_law(general, own)
    days = (BEFORE, DAY, AFTER, AFTER + ONE)
    assert [judged_by(rules.exclusion("s75", "surgery", "nhs-care", day)) for day in days] == [
        "general", "own", "own", "general",
    ]  # fmt: skip
    assert judged_by(rules.exclusion("s75", "surgery", "home-care", DAY)) == "general"
    assert rules.exclusion("s75", "endoscopy", "nhs-care", DAY) is None
    assert rules.exclusion("s31", "surgery", "nhs-care", DAY) is None


def test_two_treatments_of_one_function_are_judged_apart():
    rules = a_law(
        a_rule("exclusion", "a", subject="surgery", function="nhs-care"),
        a_rule("exclusion", "b", subject="endoscopy", function="nhs-care"),
        a_rule("exclusion", "c", subject="surgery", function="home-care"),
    )
    asked = [("surgery", "nhs-care"), ("endoscopy", "nhs-care"), ("surgery", "home-care")]
    assert [judged_by(rules.exclusion("s75", *each, DAY)) for each in asked] == ["a", "b", "c"]


def test_what_was_asked_once_is_remembered_under_its_own_key():
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        return name

    rules = a_law()
    assert [rules.remembered(key, lambda key=key: make(key)) for key in ("a", "b", "a")] == ["a", "b", "a"]
    assert made == ["a", "b"]
    assert a_law().remembered("a", lambda: make("anew")) == "anew"


def test_the_same_question_is_judged_once():
    rules = a_law(body())
    assert rules.body("s75", "icb", DAY) is rules.body("s75", "icb", DAY)
    assert rules.valid("body", "s75", "icb", on=DAY) is rules.valid("body", "s75", "icb", on=DAY)


# --- the days on which the answer changes ----------------------------------------------------------------------------


def test_rules_change_on_their_first_day_and_on_the_day_after_their_last():
    rules = a_law(body("a", valid_to=LONG_AFTER), body("b", valid_from=AFTER), body("c", valid_to=AFTER))
    assert rules.change_days == (DAY, AFTER, AFTER + ONE, LONG_AFTER + ONE)


def test_an_answer_changes_on_the_days_on_which_it_is_another_than_the_day_before():
    rules = a_law(
        body("first", valid_from=LONG_AGO, valid_to=BEFORE, allowed=False),
        body("second", valid_to=AFTER),
        body("third", valid_from=AFTER + ONE, valid_to=LONG_AFTER),
        body("other", body_kinds={"ccg"}, valid_from=dt.date(2015, 1, 1)),
    )
    changes = rules.body_changes("s75", "icb")
    assert [(day, after.rule.code, after.outcome) for day, after in changes] == [
        (DAY, "second", "lawful"), (LONG_AFTER + ONE, "third", "unlawful"),
    ]  # fmt: skip
    assert [(day, after.outcome) for day, after in rules.body_changes("s75", "ccg")] == [
        (dt.date(2015, 1, 1), "lawful")
    ]
    assert rules.body_changes("s31", "icb") == ()


def test_a_thing_on_which_nothing_was_said_the_day_before_does_not_change():
    proposed = a_law(body(proposed=True))
    assert proposed.body("s75", "icb", BEFORE) is None
    assert proposed.body_changes("s75", "icb") == ()
    assert a_law(body(proposed=True, valid_to=DAY)).body_changes("s75", "icb") == ()


def test_functions_change_as_bodies_do():
    rules = a_law(
        a_rule("function", "a", function="nhs-care"), a_rule("function", "b", function="home-care", valid_from=AFTER),
        a_rule("function", "c", function="nhs-care", powers={"s31"}, valid_from=LONG_AFTER),
    )  # fmt: skip
    asked = [("s75", "nhs-care"), ("s75", "home-care"), ("s31", "nhs-care")]
    assert [[day for day, _ in rules.function_changes(*each)] for each in asked] == [[DAY], [AFTER], [LONG_AFTER]]


def test_changes_of_a_body_and_of_a_function_of_the_same_name_are_kept_apart():
    rules = a_law(body(), a_rule("function", function="nhs-care", valid_from=AFTER))
    assert rules.body_changes("s75", "nhs-care") == ()
    assert [day for day, _ in rules.function_changes("s75", "nhs-care")] == [AFTER]
