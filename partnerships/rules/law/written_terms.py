"""Regulations 7(3) and (4), 8(2) and 9(3): what the written agreement must specify, and what is missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from partnerships.rules.law.facts import AgreementFacts
from partnerships.rules.law.functions import charges
from partnerships.rules.law.ruleset import RuleSet
from partnerships.rules.law.values import Finding, LawRule, finding
from partnerships.terms import AgreementTerm, Flexibility, Outcome, RuleKind, Side
from pooledcare.kernel.days import written


def terms_needed(facts: AgreementFacts, power: str, day: dt.date, rules: RuleSet) -> list[LawRule]:
    """The terms that this agreement must have on the day, for the flexibilities it uses."""
    codes = [service.function for service in facts.services_on(day)]
    charging = charges(power, codes, day, rules)
    return [
        rule
        for rule in rules.valid(RuleKind.TERM, power, on=day)
        if rule.flexibilities & facts.flexibilities and (charging or rule.subject != AgreementTerm.CHARGING)
    ]


def term_findings(facts: AgreementFacts, power: str, day: dt.date, rules: RuleSet) -> Iterator[Finding]:
    needed = terms_needed(facts, power, day, rules)
    for rule in needed:
        if facts.terms is not None and rule.subject not in facts.terms:
            label = AgreementTerm(rule.subject).label.lower()
            text = f"The agreement lacks a term on {written(day)}: {label}."
            yield finding(rule, on=day, about=f"term:{rule.subject}", outcome=Outcome.UNLAWFUL, sentence=text)
        if rule.subject == AgreementTerm.FUNCTIONS and Flexibility.POOLED_FUND in rule.flexibilities:
            yield from _both_sides(rule, facts, day, rules)


def _both_sides(rule: LawRule, facts: AgreementFacts, day: dt.date, rules: RuleSet) -> Iterator[Finding]:
    """A pooled fund is for NHS functions and for health-related functions of councils together."""
    services = facts.services_on(day)
    present = {rules.function_by_code[service.function].side for service in services}
    if services and present != {Side.NHS, Side.LOCAL_AUTHORITY}:
        text = f"A pooled fund needs both an NHS function and a function of a council on {written(day)}."
        yield finding(rule, on=day, about="functions", outcome=Outcome.UNLAWFUL, sentence=text)
