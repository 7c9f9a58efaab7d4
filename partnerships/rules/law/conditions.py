"""Regulation 4: the conditions before partners enter an arrangement, judged at its start."""

from __future__ import annotations

from collections.abc import Iterator

from partnerships.rules.law.facts import AgreementFacts
from partnerships.rules.law.ruleset import RuleSet
from partnerships.rules.law.values import Finding, LawRule, finding
from partnerships.rules.law.wording import days_of
from partnerships.terms import Condition, Exemption, Outcome, RuleKind
from pooledcare.kernel.days import written


def condition_findings(facts: AgreementFacts, rules: RuleSet) -> Iterator[Finding]:
    recorded = {Condition.IMPROVEMENT: facts.improvement, Condition.PLAN_FIT: facts.plan_fit}
    for condition, fact in recorded.items():
        for rule in rules.valid(RuleKind.CONDITION, facts.power, condition, on=facts.start):
            yield _recorded(rule, condition, fact, facts)
    for rule in rules.valid(RuleKind.CONDITION, facts.power, Condition.JOINT_CONSULTATION, on=facts.start):
        yield from _consultation(rule, facts, rules)


def _recorded(rule: LawRule, condition: Condition, fact: bool | None, facts: AgreementFacts) -> Finding:
    """A condition that the partners judge themselves: recorded as met, as not met, or not recorded."""
    label = condition.label.lower()
    outcome, text = {
        True: (Outcome.LAWFUL, f"The condition “{label}” is recorded as met for {written(facts.start)}."),
        False: (Outcome.UNLAWFUL, f"The condition “{label}” is recorded as not met for {written(facts.start)}."),
        None: (Outcome.NOT_SETTLED, f"Nothing is recorded on the condition “{label}”."),
    }[fact]
    return finding(rule, on=facts.start, about=f"condition:{condition.value}", outcome=outcome, sentence=text)


def _consultation(rule: LawRule, facts: AgreementFacts, rules: RuleSet) -> Iterator[Finding]:
    if facts.consulted or facts.exemption is None:
        yield _recorded(rule, Condition.JOINT_CONSULTATION, facts.consulted, facts)
        return
    about, label = f"condition:{Condition.JOINT_CONSULTATION.value}", facts.exemption.label.lower()
    judged = rules.exemption(facts.power, facts.exemption, facts.start)
    if judged is None or not judged.is_valid:
        when = f", {days_of(judged.rule, facts.start)}" if judged else ""
        text = f"No joint consultation was held, and “{label}” is no exemption on {written(facts.start)}{when}."
        yield finding(rule, on=facts.start, about=about, outcome=Outcome.UNLAWFUL, sentence=text)
        return
    text = f"No joint consultation is needed: {label}."
    yield finding(judged.rule, on=facts.start, about=about, outcome=judged.outcome, sentence=text)
    if facts.exemption == Exemption.BETTER_CARE_FUND and facts.has_voluntary_schemes:
        for beside in rules.valid(RuleKind.EXEMPTION, facts.power, Exemption.VOLUNTARY_SCHEMES, on=facts.start):
            where = f"{about}:{Exemption.VOLUNTARY_SCHEMES.value}"
            yield finding(beside, on=facts.start, about=where, outcome=Outcome.NOT_SETTLED, sentence=beside.text)
