"""May this body pool this function on this day? And what would a proposal change in the answer?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from partnerships.rules.law.facts import Question, ServiceFact
from partnerships.rules.law.functions import service_findings
from partnerships.rules.law.parties import body_findings, is_partnership, named_power_findings, power_findings
from partnerships.rules.law.ruleset import RuleSet
from partnerships.rules.law.values import Finding, LawRule, in_order, verdict
from partnerships.terms import Condition, Outcome, RuleKind


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome, the findings behind it, and other rules that an arrangement must also meet."""

    outcome: Outcome
    findings: tuple[Finding, ...]
    also_needed: tuple[LawRule, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that two sets of rules judge differently."""

    about: str
    before: Finding | None
    after: Finding | None


def answer(question: Question, rules: RuleSet) -> Answer:
    if not is_partnership(question.power, rules):
        found = in_order(named_power_findings(question.power, question.on, rules))
        return Answer(verdict(found), tuple(found), ())
    findings = in_order(_findings(question, rules))
    return Answer(verdict(findings), tuple(findings), tuple(_also_needed(question, rules)))


def _findings(question: Question, rules: RuleSet) -> Iterator[Finding]:
    power, day = question.power, question.on
    yield from power_findings(power, day, rules)
    yield from body_findings(power, question.body, day, rules)
    yield from service_findings(
        ServiceFact(question.function, question.body, question.exclusions),
        power=power,
        day=day,
        kinds=frozenset({question.body}),
        beside=question.together_with,
        flexibilities=frozenset(),
        rules=rules,
    )


def _also_needed(question: Question, rules: RuleSet) -> Iterator[LawRule]:
    """Rules that one body and one function cannot settle: conditions before entering, exemptions, consents."""
    power, day = question.power, question.on
    for condition in Condition:
        yield from rules.valid(RuleKind.CONDITION, power, condition, on=day)
    for rule in rules.valid(RuleKind.CONSENT, power, on=day):
        if question.body in rule.body_kinds:
            yield rule


def changes_between(before: Answer, after: Answer) -> list[Change]:
    """What the two answers judge differently, in order of subject."""
    old = {each.about: each for each in before.findings}
    new = {each.about: each for each in after.findings}
    return [
        Change(about, old.get(about), new.get(about))
        for about in sorted(old.keys() | new.keys())
        if old.get(about) != new.get(about)
    ]
