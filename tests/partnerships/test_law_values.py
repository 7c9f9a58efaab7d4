"""The values of law: on which days a rule is valid, what a finding takes from it, and in which order findings stand."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools

import pytest

from partnerships.rules.law import AgreementFacts, Finding, LawFunction, LawRule, gravest_first, verdict
from partnerships.rules.law.values import decided, finding, in_order
from partnerships.terms import Confidence, FindingSeverity, Outcome, RuleKind
from tests.partnerships.law_tables import AFTER, BEFORE, DAY, a_rule

LATER = DAY + dt.timedelta(days=30)


@pytest.mark.parametrize(("day", "valid"), [(BEFORE, False), (DAY, True), (AFTER, True)])
def test_a_rule_is_valid_from_its_first_day_on(day: dt.date, valid: bool):
    assert a_rule("power").is_valid_on(day) is valid


@pytest.mark.parametrize(("day", "valid"), [(BEFORE, True), (DAY, True), (AFTER, False)])
def test_a_rule_is_valid_to_its_last_day(day: dt.date, valid: bool):
    assert a_rule("power", valid_from=BEFORE, valid_to=DAY).is_valid_on(day) is valid


def test_a_rule_of_one_day_is_valid_on_that_day_alone():
    one = a_rule("power", valid_to=DAY)
    assert [one.is_valid_on(day) for day in (BEFORE, DAY, AFTER)] == [False, True, False]


@pytest.mark.parametrize(("day", "cited"), [(BEFORE, "reg 1"), (DAY, "reg 1"), (AFTER, "reg 1; ended by SI 9/9")])
def test_a_rule_is_cited_with_what_ended_it_from_the_day_after_its_last(day: dt.date, cited: str):
    assert a_rule("power", "1", valid_from=BEFORE, valid_to=DAY, ended_by="SI 9/9").cited_on(day) == cited


def test_a_rule_that_nothing_ended_is_cited_by_its_provision_alone():
    assert a_rule("power", "1", valid_to=DAY).cited_on(AFTER) == "reg 1"
    assert a_rule("power", "1", ended_by="SI 9/9").cited_on(AFTER) == "reg 1"


@pytest.mark.parametrize(
    ("named", "asked", "expected"),
    [
        (set(), set(), True),
        (set(), {"pooled_fund"}, True),
        ({"pooled_fund"}, {"pooled_fund"}, True),
        ({"pooled_fund", "lead"}, {"lead", "other"}, True),
        ({"pooled_fund"}, {"lead"}, False),
        ({"pooled_fund"}, set(), False),
    ],
)
def test_a_rule_reaches_the_flexibilities_it_names_or_all(named: set[str], asked: set[str], expected: bool):
    assert a_rule("consent", flexibilities=named).reaches(frozenset(asked)) is expected


@pytest.mark.parametrize("outcome", Outcome)
def test_only_what_was_read_in_an_instrument_decides(outcome: Outcome):
    assert decided(outcome, Confidence.INSTRUMENT) == outcome
    assert decided(outcome, Confidence.INFERENCE) == Outcome.NOT_SETTLED
    assert decided(outcome, Confidence.DEFAULT) == Outcome.NOT_SETTLED


@pytest.mark.parametrize(
    ("outcome", "severity"), [("lawful", "note"), ("not_settled", "warning"), ("unlawful", "blocking")]
)
def test_a_finding_says_what_its_rule_says(outcome: str, severity: str):
    rule = a_rule("power", "1", valid_to=DAY, ended_by="SI 9/9", proposed=True)
    assert finding(rule, on=AFTER, about="it", outcome=Outcome(outcome), sentence="So it is.") == Finding(
        on=AFTER,
        about="it",
        rule="1",
        outcome=Outcome(outcome),
        severity=FindingSeverity(severity),
        sentence="So it is.",
        provision="reg 1; ended by SI 9/9",
        instrument="SI 1/1",
        confidence=Confidence.INSTRUMENT,
        proposed=True,
    )


def test_a_finding_of_a_rule_that_was_not_read_settles_nothing_and_warns():
    rule = a_rule("power", confidence=Confidence.INFERENCE)
    for outcome in Outcome:
        found = finding(rule, on=DAY, about="it", outcome=outcome, sentence="")
        assert (found.outcome, found.severity, found.confidence) == ("not_settled", "warning", "inference")


def test_a_finding_may_be_graver_or_lighter_than_its_outcome():
    lighter = finding(
        a_rule("power"), on=DAY, about="it", outcome=Outcome.UNLAWFUL, sentence="", severity=FindingSeverity.NOTE
    )
    assert (lighter.outcome, lighter.severity, lighter.proposed) == ("unlawful", "note", False)


FIRST = Finding(DAY, "a", "a", Outcome.LAWFUL, FindingSeverity.NOTE, "a", "reg", "SI", Confidence.INSTRUMENT)


def test_findings_stand_by_day_then_subject_then_rule_then_outcome_then_sentence_and_none_twice():
    parts = itertools.product((DAY, AFTER), ("a", "b"), ("a", "b"), Outcome, ("a", "b"))
    ordered = [
        dataclasses.replace(FIRST, on=on, about=about, rule=rule, outcome=outcome, sentence=sentence)
        for on, about, rule, outcome, sentence in parts
    ]
    assert in_order([*reversed(ordered), *ordered]) == ordered


def graded(*outcomes: str) -> list[Finding]:
    return [dataclasses.replace(FIRST, about=str(n), outcome=Outcome(each)) for n, each in enumerate(outcomes)]


def test_the_gravest_comes_first_and_the_order_is_otherwise_kept():
    found = graded("lawful", "unlawful", "not_settled", "unlawful", "lawful", "not_settled")
    assert [each.about for each in gravest_first(found)] == ["1", "3", "2", "5", "0", "4"]


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ((), "not_settled"),
        (("lawful",), "lawful"),
        (("lawful", "not_settled"), "not_settled"),
        (("not_settled", "lawful"), "not_settled"),
        (("not_settled", "unlawful", "lawful"), "unlawful"),
    ],
)
def test_the_verdict_is_the_gravest_outcome(outcomes: tuple[str, ...], expected: str):
    assert verdict(graded(*outcomes)) == expected


def test_what_a_rule_does_not_name_is_empty():
    rule = LawRule("1", RuleKind.POWER, frozenset(), DAY, None, True, Confidence.DEFAULT, "reg", "SI", "Text.")
    assert (rule.side, rule.function, rule.needs, rule.subject, rule.ended_by) == ("",) * 5
    assert (rule.body_kinds, rule.flexibilities, rule.proposed) == (frozenset(), frozenset(), False)
    assert LawFunction("care", "Care", "nhs").carries_exclusions is False
    assert FIRST.proposed is False


@pytest.mark.parametrize("kind", [AgreementFacts, Finding, LawFunction, LawRule])
def test_what_is_not_said_of_a_rule_a_finding_or_an_agreement_is_nothing(kind: type):
    defaults = [each.default for each in dataclasses.fields(kind) if each.default is not dataclasses.MISSING]
    assert defaults
    assert not any(defaults)
