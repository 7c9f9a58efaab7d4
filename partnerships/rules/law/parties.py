"""Findings about the legal power and the partners: may it be used, may each be a partner, are there both sides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from partnerships.rules.law.facts import AgreementFacts, PartnerFact
from partnerships.rules.law.ruleset import RuleSet
from partnerships.rules.law.values import Finding, LawRule, finding, in_order
from partnerships.rules.law.wording import body_name, power_name, sentence
from partnerships.terms import Condition, Outcome, RuleKind, Side
from pooledcare.kernel.days import written


def named_power_findings(power: str, day: dt.date, rules: RuleSet) -> list[Finding]:
    """Findings for a power that PooledCare names but does not judge: they say what it is."""
    return [
        finding(rule, on=day, about=f"power:{power}", outcome=Outcome.NOT_SETTLED, sentence=rule.text)
        for rule in rules.about(RuleKind.NAMED_POWER, power)
    ]


def power_findings(power: str, day: dt.date, rules: RuleSet) -> Iterator[Finding]:
    judged = rules.power(power, day)
    if judged is not None:
        text = sentence(judged, who=power_name(power), may="be used to enter an arrangement", day=day)
        yield finding(judged.rule, on=day, about=f"power:{power}", outcome=judged.outcome, sentence=text)


def power_on(facts: AgreementFacts, day: dt.date, rules: RuleSet) -> str:
    """The power under which an agreement has effect on a day: the one it was made under, or its replacement."""
    made = rules.power(facts.power, facts.start)
    if made is None or not made.is_valid:
        return facts.power
    later = rules.valid(RuleKind.CONTINUATION, facts.power, on=day)
    return later[0].subject if later else facts.power


def continuation_findings(facts: AgreementFacts, rules: RuleSet) -> Iterator[Finding]:
    """Findings that an agreement continues under a later power."""
    made = rules.power(facts.power, facts.start)
    if made is None or not made.is_valid:
        return
    for rule in rules.about(RuleKind.CONTINUATION, facts.power):
        if facts.contains(rule.valid_from) and rule.valid_from > facts.start:
            text = f"From {written(rule.valid_from)} the agreement has effect under {power_name(rule.subject)}."
            about = f"power:{facts.power}"
            yield finding(rule, on=rule.valid_from, about=about, outcome=Outcome.LAWFUL, sentence=text)


def body_findings(power: str, kind: str, day: dt.date, rules: RuleSet) -> tuple[Finding, ...]:
    return rules.remembered(("body findings", power, kind, day), lambda: tuple(_body_findings(power, kind, day, rules)))


def _body_findings(power: str, kind: str, day: dt.date, rules: RuleSet) -> Iterator[Finding]:
    judged = rules.body(power, kind, day)
    if judged is not None:
        text = sentence(judged, who=body_name(kind), may=f"be a partner under {power_name(power)}", day=day)
        yield finding(judged.rule, on=day, about=f"body:{kind}", outcome=judged.outcome, sentence=text)


def sides_findings(power: str, kinds: Iterable[str], day: dt.date, rules: RuleSet) -> Iterator[Finding]:
    """Under section 75, one or more NHS bodies and one or more local authorities."""
    for rule in rules.valid(RuleKind.CONDITION, power, Condition.RELEVANT_BODIES, on=day):
        yield finding(rule, on=day, about="partners", outcome=Outcome.NOT_SETTLED, sentence=rule.text)
    for rule in rules.valid(RuleKind.CONDITION, power, Condition.PARTNERS, on=day):
        outcome = _sides_outcome(power, kinds, day, rules)
        yield finding(rule, on=day, about="partners", outcome=outcome, sentence=_sides_sentence(outcome, day))


def _sides_outcome(power: str, kinds: Iterable[str], day: dt.date, rules: RuleSet) -> Outcome:
    """The worse outcome of the two sides; each side has the outcome of its best partner."""
    said: dict[str, set[Outcome]] = {Side.NHS: set(), Side.LOCAL_AUTHORITY: set()}
    for kind in kinds:
        judged = rules.body(power, kind, day)
        if judged is not None and judged.rule.side:
            said[judged.rule.side].add(judged.outcome)
    best = [_best(outcomes) for outcomes in said.values()]
    return next(each for each in (Outcome.UNLAWFUL, Outcome.NOT_SETTLED, Outcome.LAWFUL) if each in best)


def _best(outcomes: set[Outcome]) -> Outcome:
    return next((each for each in (Outcome.LAWFUL, Outcome.NOT_SETTLED) if each in outcomes), Outcome.UNLAWFUL)


def _sides_sentence(outcome: Outcome, day: dt.date) -> str:
    when = written(day)
    if outcome == Outcome.LAWFUL:
        return f"An NHS body and a local authority are partners on {when}."
    if outcome == Outcome.NOT_SETTLED:
        return (
            f"Whether an NHS body and a local authority are partners on {when} is not settled, as one of them is not."
        )
    return f"On {when} the partners are not at least one NHS body and one local authority that may be partners."


def consent_rules(power: str, flexibilities: frozenset[str], day: dt.date, rules: RuleSet) -> list[LawRule]:
    """The rules on consent to contributions that are valid on the day and apply to one of the flexibilities."""
    return [rule for rule in rules.valid(RuleKind.CONSENT, power, on=day) if rule.reaches(flexibilities)]


def needs_consent(rule: LawRule, kind: str, *, contributes: bool) -> bool:
    """Whether a partner of this kind needs the consent of its commissioners to contribute.

    Regulations 7(2) and 9(2) ask it of NHS trusts. We read this as not including NHS foundation trusts, because section
    275 of the Act and regulation 3 list them separately.
    """
    return contributes and kind in rule.body_kinds


def consent_findings(facts: AgreementFacts, power: str, day: dt.date, rules: RuleSet) -> Iterator[Finding]:
    """Regulations 7(2) and 9(2): an NHS trust contributes with the consent of its commissioners; in order of trusts.

    Unlawful if a consent that was asked for is missing on the day. As every unlawful finding on a day of a deed does,
    it refuses the signature: `signing_problems` in `rules/agreements/signing.py`. If no consent is recorded at all, the
    finding is not settled, which refuses nothing.
    """
    for rule in consent_rules(power, facts.flexibilities, day, rules):
        trusts = [p for p in facts.partners_on(day) if needs_consent(rule, p.kind, contributes=p.contributes)]
        yield from in_order(_consent(rule, trust, day) for trust in trusts)


def _consent(rule: LawRule, trust: PartnerFact, day: dt.date) -> Finding:
    awaited = sorted(c.commissioner for c in trust.consents if c.consented_on is None or c.consented_on > day)
    name = f"The NHS trust {trust.key}" if trust.key else "The NHS trust"
    if awaited:
        outcome = Outcome.UNLAWFUL
        text = f"{name} may not contribute on {written(day)} without the consent of {', '.join(awaited)}."
    elif not trust.consents:
        outcome = Outcome.NOT_SETTLED
        text = f"{name} needs its commissioners' consent to contribute, and none is recorded."
    else:
        outcome = Outcome.LAWFUL
        text = f"{name} contributes with the consent of its commissioners on {written(day)}."
    return finding(rule, on=day, about=f"consent:{trust.key or trust.kind}", outcome=outcome, sentence=text)


def is_partnership(power: str, rules: RuleSet) -> bool:
    """Whether PooledCare judges arrangements under this power."""
    return bool(rules.about(RuleKind.POWER, power))
