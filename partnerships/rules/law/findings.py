"""Everything the law says about an agreement, in the order of days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from partnerships.rules.law.changes import change_findings
from partnerships.rules.law.conditions import condition_findings
from partnerships.rules.law.facts import AgreementFacts
from partnerships.rules.law.functions import service_findings
from partnerships.rules.law.parties import (
    body_findings,
    consent_findings,
    continuation_findings,
    is_partnership,
    named_power_findings,
    power_findings,
    power_on,
    sides_findings,
)
from partnerships.rules.law.ruleset import RuleSet
from partnerships.rules.law.values import Finding, in_order
from partnerships.rules.law.written_terms import term_findings


def legal_findings(facts: AgreementFacts, rules: RuleSet) -> list[Finding]:
    """Findings at the start, at each variation and succession, and where rules change in between; no duplicates."""
    if not is_partnership(facts.power, rules):
        return in_order(named_power_findings(facts.power, facts.start, rules))
    return in_order(_all(facts, rules))


def _all(facts: AgreementFacts, rules: RuleSet) -> Iterator[Finding]:
    yield from power_findings(facts.power, facts.start, rules)
    yield from continuation_findings(facts, rules)
    yield from condition_findings(facts, rules)
    for day in facts.days_to_check():
        yield from _on_day(facts, day, rules)
    yield from change_findings(facts, rules)


def _on_day(facts: AgreementFacts, day: dt.date, rules: RuleSet) -> Iterator[Finding]:
    power = power_on(facts, day, rules)
    services = facts.services_on(day)
    kinds = frozenset(partner.kind for partner in facts.partners_on(day))
    for kind in kinds:
        yield from body_findings(power, kind, day, rules)
    yield from sides_findings(power, kinds, day, rules)
    yield from consent_findings(facts, power, day, rules)
    beside = frozenset(service.function for service in services)
    for service in services:
        yield from service_findings(
            service,
            power=power,
            day=day,
            kinds=frozenset({service.holder}) if service.holder else kinds,
            beside=beside,
            flexibilities=facts.flexibilities,
            rules=rules,
        )
    yield from term_findings(facts, power, day, rules)
