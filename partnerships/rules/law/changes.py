"""Findings about rules that change during the term of an agreement, even if it is not varied on that day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from partnerships.rules.law.facts import AgreementFacts
from partnerships.rules.law.parties import power_on
from partnerships.rules.law.ruleset import NEXT_DAY, Judgement, RuleSet
from partnerships.rules.law.values import Finding, finding
from partnerships.rules.law.wording import body_name, capital
from partnerships.terms import FindingSeverity, Outcome, RuleKind
from pooledcare.kernel.days import written

DUTIES = (RuleKind.TERM, RuleKind.REPORT, RuleKind.AUDIT)


def change_findings(facts: AgreementFacts, rules: RuleSet) -> Iterator[Finding]:
    checked = set(facts.days_to_check())
    for power, first, last in _stretches(facts, rules):
        yield from _new_duties(facts, power, first, last, rules)
        for kind in {partner.kind for partner in facts.partners}:
            for day, after in rules.body_changes(power, kind):
                is_there = any(p.kind == kind and p.is_there_on(day) for p in facts.partners)
                if is_there and first < day <= last and day not in checked:
                    yield _announced(after, f"body:{kind}", f"{capital(body_name(kind))} as a partner", day)
        for code in {service.function for service in facts.services}:
            for day, after in rules.function_changes(power, code):
                is_there = any(s.function == code and s.is_there_on(day) for s in facts.services)
                if is_there and first < day <= last and day not in checked:
                    yield _announced(after, f"function:{code}", f"“{rules.function_by_code[code].name}”", day)


def _stretches(facts: AgreementFacts, rules: RuleSet) -> Iterator[tuple[str, dt.date, dt.date]]:
    """The powers under which the agreement has effect, each with its period; the first day is not included."""
    end = facts.end or dt.date.max
    continued = [r for r in rules.about(RuleKind.CONTINUATION, facts.power) if facts.start < r.valid_from <= end]
    for rule in continued:
        if power_on(facts, rule.valid_from, rules) == rule.subject:
            yield facts.power, facts.start, rule.valid_from - NEXT_DAY
            yield rule.subject, rule.valid_from - NEXT_DAY, end
            return
    yield facts.power, facts.start, end


def _new_duties(facts: AgreementFacts, power: str, first: dt.date, last: dt.date, rules: RuleSet) -> Iterator[Finding]:
    for kind in DUTIES:
        for rule in rules.about(kind, power):
            day = rule.valid_from
            if first < day <= last and rule.flexibilities & facts.flexibilities:
                text = f"A rule begins on {written(day)}, within the term: {rule.text}"
                about = f"change:{kind.value}:{rule.subject}"
                note = FindingSeverity.NOTE
                yield finding(rule, on=day, about=about, outcome=Outcome.LAWFUL, sentence=text, severity=note)


def _announced(after: Judgement, about: str, what: str, day: dt.date) -> Finding:
    """A note if the changed rule allows it; otherwise a warning, as it applies when the agreement is next varied."""
    helps = after.outcome == Outcome.LAWFUL
    now = after.outcome.label.lower()
    text = f"The rule changes on {written(day)}, within the term: {what} is {now} from then on."
    return finding(
        after.rule,
        on=day,
        about=f"change:{about}",
        outcome=Outcome.LAWFUL if helps else Outcome.NOT_SETTLED,
        sentence=text,
    )
