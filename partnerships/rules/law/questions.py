"""May these bodies pool this function on this day? And what would a proposal change in the answer?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from partnerships.rules.law.facts import Question, ServiceFact
from partnerships.rules.law.functions import holding, service_findings
from partnerships.rules.law.parties import (
    body_findings,
    is_partnership,
    named_power_findings,
    power_findings,
    sides_findings,
)
from partnerships.rules.law.ruleset import RuleSet
from partnerships.rules.law.values import Finding, LawRule, gravest_first, in_order, verdict
from partnerships.terms import Condition, Holding, Outcome, Power, RuleKind

_OF_PARTNERS = (Condition.PARTNERS, Condition.RELEVANT_BODIES)  # judged if several kinds of body are given
_FIRST_TO_SAY = ("power", "partners", "function")  # what decides most comes first among findings of one outcome


@dataclass(frozen=True, slots=True)
class BodyAnswer:
    """One kind of body: whether it may be a partner, and whether it holds the function."""

    kind: str
    outcome: Outcome
    findings: tuple[Finding, ...]
    holding: Holding


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome for the arrangement, the findings behind it, and other rules that it must also meet.

    `bodies` are the kinds of body in alphabetical order; empty under a power that PooledCare does not judge.
    """

    outcome: Outcome
    findings: tuple[Finding, ...]
    also_needed: tuple[LawRule, ...]
    bodies: tuple[BodyAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class PowerLine:
    """The same case under another power: the outcome, and the finding that says best why.

    `is_judged` is false for a power that PooledCare names but does not judge, such as section 256.
    """

    power: Power
    outcome: Outcome
    reason: Finding
    is_judged: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that two sets of rules judge differently."""

    about: str
    before: Finding | None
    after: Finding | None


def answer(question: Question, rules: RuleSet) -> Answer:
    """The answer for the arrangement and for each kind of body.

    If several kinds of body are given, it is also judged whether they may be partners of one another.
    """
    if not is_partnership(question.power, rules):
        found = in_order(named_power_findings(question.power, question.on, rules))
        return Answer(verdict(found), tuple(found), ())
    findings = in_order(_findings(question, rules))
    bodies = tuple(_body_answer(question, kind, rules) for kind in sorted(question.bodies))
    return Answer(verdict(findings), tuple(findings), tuple(_also_needed(question, rules)), bodies)


def _findings(question: Question, rules: RuleSet) -> Iterator[Finding]:
    power, day = question.power, question.on
    yield from power_findings(power, day, rules)
    for kind in question.bodies:
        yield from body_findings(power, kind, day, rules)
    if len(question.bodies) > 1:
        yield from sides_findings(power, question.bodies, day, rules)
    yield from service_findings(
        ServiceFact(question.function, exclusions=question.exclusions),
        power=power,
        day=day,
        kinds=question.bodies,
        beside=question.together_with,
        flexibilities=frozenset(),
        rules=rules,
    )


def _body_answer(question: Question, kind: str, rules: RuleSet) -> BodyAnswer:
    findings = body_findings(question.power, kind, question.on, rules)
    held = holding(question.power, question.function, kind, question.on, rules)
    return BodyAnswer(kind, verdict(findings), tuple(findings), held)


def _also_needed(question: Question, rules: RuleSet) -> Iterator[LawRule]:
    """Rules that the case cannot settle: conditions before entering, exemptions, consents."""
    power, day = question.power, question.on
    for condition in Condition:
        if len(question.bodies) == 1 or condition not in _OF_PARTNERS:
            yield from rules.valid(RuleKind.CONDITION, power, condition, on=day)
    for rule in rules.valid(RuleKind.CONSENT, power, on=day):
        if question.bodies & rule.body_kinds:
            yield rule


def reason(found: Answer) -> Finding | None:
    """The finding that says best why the answer is what it is; None if there are no findings."""

    def place(finding: Finding) -> int:
        kind = finding.about.split(":")[0]
        return _FIRST_TO_SAY.index(kind) if kind in _FIRST_TO_SAY else len(_FIRST_TO_SAY)

    gravest = [each for each in gravest_first(found.findings) if each.outcome == found.outcome]
    return min(gravest, key=place, default=None)


def other_powers(question: Question, rules: RuleSet) -> list[PowerLine]:
    """The same case under each other power, in the order of `Power`; without powers on which there is no rule."""
    lines = []
    for power in Power:
        if power != question.power:
            found = answer(replace(question, power=power.value), rules)
            why = reason(found)
            if why is not None:
                lines.append(PowerLine(power, found.outcome, why, is_judged=is_partnership(power, rules)))
    return lines


def changes_between(before: Answer, after: Answer) -> list[Change]:
    """What the two answers judge differently, in order of subject."""
    old = {each.about: each for each in before.findings}
    new = {each.about: each for each in after.findings}
    return [
        Change(about, old.get(about), new.get(about))
        for about in sorted(old.keys() | new.keys())
        if old.get(about) != new.get(about)
    ]
