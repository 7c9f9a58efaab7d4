"""Findings about functions: whether they may be pooled, who holds them, excluded treatments, and charging."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from partnerships.rules.law.facts import ServiceFact
from partnerships.rules.law.ruleset import RuleSet
from partnerships.rules.law.values import Finding, LawRule, finding
from partnerships.rules.law.wording import body_name, power_name, sentence, treatment_name
from partnerships.terms import Holding, Outcome, RuleKind
from pooledcare.kernel.days import written


def service_findings(
    service: ServiceFact,
    *,
    power: str,
    day: dt.date,
    kinds: frozenset[str],
    beside: frozenset[str],
    flexibilities: frozenset[str],
    rules: RuleSet,
) -> Iterator[Finding]:
    """All findings about one service on one day. `kinds` are possible holders; `beside` the other functions."""
    yield from function_findings(power, service.function, day, rules)
    yield from holder_findings(power, service, kinds, day, rules)
    for treatment in sorted(service.exclusions):
        yield from exclusion_findings(power, treatment, service.function, day, rules)
    yield from companion_findings(power, service.function, beside, flexibilities, day, rules)


def function_findings(power: str, code: str, day: dt.date, rules: RuleSet) -> tuple[Finding, ...]:
    return rules.remembered(
        ("function findings", power, code, day), lambda: tuple(_function_findings(power, code, day, rules))
    )


def _function_findings(power: str, code: str, day: dt.date, rules: RuleSet) -> Iterator[Finding]:
    judged = rules.function(power, code, day)
    if judged is None:
        return
    who = f"“{rules.function_by_code[code].name}”"
    text = sentence(judged, who=who, may=f"be pooled under {power_name(power)}", day=day)
    yield finding(judged.rule, on=day, about=f"function:{code}", outcome=judged.outcome, sentence=text)


def holder_findings(
    power: str, service: ServiceFact, kinds: frozenset[str], day: dt.date, rules: RuleSet
) -> Iterator[Finding]:
    """Whether a partner holds the function. A body that exercises a function by delegation does not hold it."""
    code = service.function
    holders = _holders(power, code, day, rules)
    if not kinds or not holders or any(kinds & rule.body_kinds for rule in holders):
        return
    name = rules.function_by_code[code].name
    delegated = [rule for kind in sorted(kinds) for rule in rules.valid(RuleKind.DELEGATION, power, code, kind, on=day)]
    if delegated and service.delegation_evidence:
        return
    rule = delegated[0] if delegated else holders[0]
    if delegated:
        bodies = " or ".join(body_name(kind) for kind in sorted(kinds) if any(kind in r.body_kinds for r in delegated))
        text = (
            f"Whether {bodies} may pool the delegated money for “{name}” on {written(day)} is not settled: "
            "record the delegation."
        )
    else:
        bodies = " or ".join(body_name(kind) for kind in sorted(kinds))
        text = f"“{name}” does not seem to be a function of {bodies} on {written(day)}."
    yield finding(rule, on=day, about=f"holder:{code}", outcome=Outcome.NOT_SETTLED, sentence=text)


def holding(power: str, code: str, kind: str, day: dt.date, rules: RuleSet) -> Holding:
    """Whether this kind of body holds the function on the day."""
    holders = _holders(power, code, day, rules)
    if any(kind in rule.body_kinds for rule in holders):
        return Holding.HOLDS
    if rules.valid(RuleKind.DELEGATION, power, code, kind, on=day):
        return Holding.DELEGATED
    return Holding.NOT_HELD if holders else Holding.NOT_KNOWN


def _holders(power: str, code: str, day: dt.date, rules: RuleSet) -> tuple[LawRule, ...]:
    own = rules.valid(RuleKind.HOLDER, power, code, on=day)
    return own or rules.valid(RuleKind.HOLDER, power, "side", rules.function_by_code[code].side, on=day)


def exclusion_findings(power: str, treatment: str, code: str, day: dt.date, rules: RuleSet) -> Iterator[Finding]:
    judged = rules.exclusion(power, treatment, code, day)
    if judged is None:
        return
    function = rules.function_by_code[code]
    about = f"exclusion:{code}:{treatment}"
    outcome = judged.outcome
    if judged.is_valid and not judged.rule.function and not function.carries_exclusions:
        # The exclusion is in a paragraph about other functions, and no instrument says whether it applies to this one.
        outcome = Outcome.NOT_SETTLED if outcome == Outcome.UNLAWFUL else outcome
        treated = treatment_name(treatment).lower()
        where = "the words that exclude it are in another paragraph"
        text = f"Whether {treated} may be part of “{function.name}” is not settled: {where}."
    else:
        who = f"{treatment_name(treatment)} within “{function.name}”"
        text = sentence(judged, who=who, may=f"be pooled under {power_name(power)}", day=day)
    yield finding(judged.rule, on=day, about=about, outcome=outcome, sentence=text)


def companion_findings(
    power: str, code: str, beside: frozenset[str], flexibilities: frozenset[str], day: dt.date, rules: RuleSet
) -> Iterator[Finding]:
    """Regulation 6(k) and (l): charging is pooled only beside the service that is charged for."""
    for rule in rules.valid(RuleKind.COMPANION, power, code, on=day):
        name, parent = rules.function_by_code[code].name, rules.function_by_code[rule.needs].name
        if rule.needs not in beside:
            outcome, text = Outcome.UNLAWFUL, f"“{name}” may not be pooled without “{parent}” on {written(day)}."
        elif flexibilities and not rule.reaches(flexibilities):
            text = f"“{name}” may be pooled only in a pooled fund, or where an NHS body exercises council functions."
            outcome = Outcome.UNLAWFUL
        else:
            outcome, text = Outcome.LAWFUL, f"“{name}” is in the same arrangement as “{parent}” on {written(day)}."
        yield finding(rule, on=day, about=f"companion:{code}", outcome=outcome, sentence=text)


def charges(power: str, codes: Iterable[str], day: dt.date, rules: RuleSet) -> bool:
    """Whether any of the functions is a charging function on the day."""
    return any(rules.valid(RuleKind.COMPANION, power, code, on=day) for code in codes)
