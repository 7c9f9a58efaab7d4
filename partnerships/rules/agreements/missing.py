"""The task list: what is missing from the text and the recorded facts of an agreement, each with its regulation.

Text that is there but unlawful is in `unlawful_points`, which the page of tasks lists first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from partnerships.rules.agreements.content import Content
from partnerships.rules.agreements.legal_facts import facts_of, terms_written
from partnerships.rules.agreements.money_terms import money_terms_left_open
from partnerships.rules.agreements.points import Point, points_of_law
from partnerships.rules.agreements.reading import content_as_at, content_of
from partnerships.rules.agreements.record import AgreementRecord, DeedRecord
from partnerships.rules.agreements.summary import findings_of, reading_day
from partnerships.rules.law import AgreementFacts, LawRule, RuleSet
from partnerships.rules.law.parties import consent_rules, needs_consent, power_on
from partnerships.rules.law.written_terms import terms_needed
from partnerships.terms import (
    AgreementTerm,
    ClauseKind,
    Condition,
    DecisionBody,
    Flexibility,
    Outcome,
    PoolKind,
    RuleKind,
    Side,
)
from pooledcare.kernel.days import written

GOOD_PRACTICE = "Good practice, not required by a regulation"
_SIDE_WANTED = {Side.NHS: "an NHS body", Side.LOCAL_AUTHORITY: "a council"}
_FUNCTION_WANTED = {Side.NHS: "an NHS function", Side.LOCAL_AUTHORITY: "a health-related function of a council"}
_DECIDES = {
    Side.NHS: {DecisionBody.NHS_BOARD, DecisionBody.OFFICER},
    Side.LOCAL_AUTHORITY: {DecisionBody.CABINET, DecisionBody.COUNCIL_COMMITTEE, DecisionBody.OFFICER},
}
_USUAL_CLAUSES = (ClauseKind.IMPROVEMENT, ClauseKind.DISPUTES, ClauseKind.EXIT)


@dataclass(frozen=True, slots=True)
class MissingItem:
    """One missing item. `where` is a part of the agreement, or a part and an item in it, such as `clauses/aims`."""

    sentence: str
    provision: str
    where: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is checked: the text with the open deed, on its first day; without an open deed, the text as at today."""

    record: AgreementRecord
    deed: DeedRecord
    content: Content
    facts: AgreementFacts
    power: str
    day: dt.date
    rules: RuleSet

    def terms(self) -> dict[str, str]:
        """The terms that the regulations require, each with its provisions."""
        found: dict[str, list[str]] = {}
        for rule in terms_needed(self.facts, self.power, self.day, self.rules):
            found.setdefault(rule.subject, []).append(rule.provision)
        return {term: "; ".join(provisions) for term, provisions in found.items()}


def missing_items(
    record: AgreementRecord, today: dt.date, rules: RuleSet, *, decisions: Collection[str] | None = None
) -> list[MissingItem]:
    """Missing items, in the usual order of an agreement. `decisions` are the kinds of body with a recorded decision."""
    asked = _asked(record, today, rules)
    if asked is None:
        return []
    terms = asked.terms()
    found = [
        *_main_terms(asked, terms.get(AgreementTerm.DURATION, GOOD_PRACTICE)),
        *_partners(asked),
        *_funds(asked, terms),
        *_money_of_funds(asked),
        *_schemes(asked, terms.get(AgreementTerm.FUNCTIONS, GOOD_PRACTICE)),
        *_clauses(asked, terms),
        *_conditions(asked),
        *_consents(asked),
        *(() if decisions is None else _decisions(decisions)),
    ]
    return list(dict.fromkeys(found))


def unlawful_points(record: AgreementRecord, today: dt.date, rules: RuleSet) -> list[Point]:
    """Everything unlawful in the agreement, with the open deed as if it were signed."""
    dated = _dated(record, today)
    including = dated.open_deed.number if dated.open_deed else None
    found = findings_of(dated, rules, including=including)
    unlawful = [each for each in found if each.outcome == Outcome.UNLAWFUL]
    return points_of_law(dated, unlawful, rules, including=including)


def not_listed_twice(missing: Iterable[MissingItem], unlawful: Iterable[Point]) -> list[MissingItem]:
    """The missing items without those that are also unlawful points: missing terms, conditions and consents."""
    said = {point.where for point in unlawful if point.finding.about.split(":")[0] in ("term", "condition", "consent")}
    return [each for each in missing if each.where not in said]


def _dated(record: AgreementRecord, today: dt.date) -> AgreementRecord:
    """The record, in which an open deed without a first day starts today, or with the agreement if that is later."""
    start = record.original.effective_on or today
    return replace(record, deeds=tuple(_with_a_day(deed, max(today, start)) for deed in record.deeds))


def _asked(record: AgreementRecord, today: dt.date, rules: RuleSet) -> _Asked | None:
    """What to check. An open deed without a first day is treated as starting today, or with the agreement if later."""
    dated = _dated(record, today)
    deed = record.open_deed or record.original
    shown = dated.open_deed
    day = reading_day(record, today) if shown is None else shown.effective_on or today
    content = content_as_at(record, day) if shown is None else content_of(dated, shown)
    facts = facts_of(dated, including=None if shown is None else shown.number)
    if content is None or facts is None:
        return None
    return _Asked(record, deed, content, facts, power_on(facts, day, rules), day, rules)


def _with_a_day(deed: DeedRecord, day: dt.date) -> DeedRecord:
    return replace(deed, effective_on=day) if deed.is_open and deed.effective_on is None else deed


def _main_terms(asked: _Asked, provision: str) -> Iterator[MissingItem]:
    if not asked.content.title:
        yield MissingItem("The agreement has no title.", GOOD_PRACTICE, "main-terms/title")
    if asked.deed.effective_on is None:
        what = "The deed" if asked.deed.number else "The agreement"
        yield MissingItem(f"{what} has no first day.", provision, "main-terms/effective_on")
    if not any(deed.sets_end for deed in asked.record.deeds if deed.is_signed or deed.is_open or not deed.number):
        text = "The agreement does not say whether it ends, and on which day."
        yield MissingItem(text, provision, "main-terms/end_on")
    if asked.content.notice_months is None:
        yield MissingItem("No period of notice is set.", provision, "main-terms/notice_months")
    if not asked.content.review_on:
        yield MissingItem("No day of review is set.", provision, "main-terms/review_on")
    if not asked.content.places:
        yield MissingItem("No place is named.", GOOD_PRACTICE, "main-terms/places")


def _partners(asked: _Asked) -> Iterator[MissingItem]:
    present = set()
    for each in asked.content.partners:
        judged = asked.rules.body(asked.power, each.body.kind, asked.day)
        if judged is not None and judged.outcome != Outcome.UNLAWFUL:
            present.add(judged.rule.side)
    for rule in asked.rules.valid(RuleKind.CONDITION, asked.power, Condition.PARTNERS, on=asked.day):
        for side, who in _SIDE_WANTED.items():
            if side not in present:
                text = f"The agreement needs {who} that may be a partner on {written(asked.day)}."
                yield MissingItem(text, rule.provision, "partners")


def _funds(asked: _Asked, terms: dict[str, str]) -> Iterator[MissingItem]:
    if AgreementTerm.HOST not in terms:
        return
    pooled = [pool for pool in asked.content.pools if pool.kind == PoolKind.POOLED]
    if not pooled:
        yield MissingItem("The agreement has no pooled fund.", terms[AgreementTerm.HOST], "pools")
    for pool in pooled:
        where = f"pools/{pool.slug}"
        if pool.host is None:
            yield MissingItem(f"The fund “{pool.name}” has no host.", terms[AgreementTerm.HOST], where)
        if not pool.manager:
            provision = terms.get(AgreementTerm.POOL_MANAGER, GOOD_PRACTICE)
            yield MissingItem(f"The fund “{pool.name}” has no pool manager.", provision, where)


def _money_of_funds(asked: _Asked) -> Iterator[MissingItem]:
    for pool in asked.content.pools:
        for sentence in money_terms_left_open(pool, f"The fund “{pool.name}”"):
            yield MissingItem(sentence, GOOD_PRACTICE, f"pools/{pool.slug}")


def _schemes(asked: _Asked, provision: str) -> Iterator[MissingItem]:
    schemes = asked.content.schemes
    if not schemes:
        yield MissingItem("The agreement has no scheme, and so names no function.", provision, "schemes")
        return
    for scheme in schemes:
        where, name = f"schemes/{scheme.slug}", f"The scheme “{scheme.name}”"
        if not scheme.functions:
            yield MissingItem(f"{name} names no function.", provision, where)
        if not scheme.flexibilities:
            text = f"{name} does not say which flexibility it uses. What the agreement must specify depends on that."
            yield MissingItem(text, "SI 2000/617 regs 7, 8 and 9", where)
        if Flexibility.POOLED_FUND in scheme.flexibilities and not scheme.pool:
            yield MissingItem(f"{name} does not say which fund it is paid from.", GOOD_PRACTICE, where)
        if any(function.holder is None for function in scheme.functions):
            yield MissingItem(f"{name} does not say whose each of its functions is.", GOOD_PRACTICE, where)
        for sentence in money_terms_left_open(scheme, name):
            yield MissingItem(sentence, GOOD_PRACTICE, where)
    if Flexibility.POOLED_FUND in asked.content.flexibilities:
        yield from _both_sides(asked, provision)


def _both_sides(asked: _Asked, provision: str) -> Iterator[MissingItem]:
    known = asked.rules.function_by_code
    present = {known[code].side for code in asked.content.function_codes if code in known}
    if present:
        for side, wanted in _FUNCTION_WANTED.items():
            if side not in present:
                yield MissingItem(f"A pooled fund needs {wanted} among its functions too.", provision, "schemes")


_ELSEWHERE = {AgreementTerm.HOST, AgreementTerm.POOL_MANAGER, AgreementTerm.FUNCTIONS}


def _clauses(asked: _Asked, terms: dict[str, str]) -> Iterator[MissingItem]:
    """Required terms that are written as clauses, and other clauses that agreements usually have."""
    there = terms_written(asked.record, asked.content)
    for term, provision in terms.items():
        if term in there or term in _ELSEWHERE:
            continue
        if term == AgreementTerm.IN_WRITING:
            yield MissingItem(
                "The arrangements are in operation, but the agreement is not signed.", provision, "signing"
            )
            continue
        label = AgreementTerm(term).label.lower()
        yield MissingItem(f"There is no clause on this: {label}.", provision, f"clauses/{term}")
    for kind in _USUAL_CLAUSES:
        if not asked.content.clause(kind):
            label = str(kind.label).split(":")[0].lower()
            yield MissingItem(f"There is no clause on this: {label}.", GOOD_PRACTICE, f"clauses/{kind.value}")


def _conditions(asked: _Asked) -> Iterator[MissingItem]:
    """Regulation 4: the conditions before the partners enter, judged on the first day of the agreement."""
    facts = asked.facts
    recorded = {Condition.IMPROVEMENT: facts.improvement, Condition.PLAN_FIT: facts.plan_fit}
    for condition, fact in recorded.items():
        for rule in _condition_rules(asked, condition):
            yield from _condition(rule, condition, fact)
    for rule in _condition_rules(asked, Condition.JOINT_CONSULTATION):
        judged = facts.exemption and asked.rules.exemption(facts.power, facts.exemption, facts.start)
        if not (judged and judged.is_valid):
            yield from _condition(rule, Condition.JOINT_CONSULTATION, facts.consulted)


def _condition_rules(asked: _Asked, condition: Condition) -> Iterable[LawRule]:
    return asked.rules.valid(RuleKind.CONDITION, asked.facts.power, condition, on=asked.facts.start)


def _condition(rule: LawRule, condition: Condition, fact: bool | None) -> Iterator[MissingItem]:
    label, where = condition.label.lower(), f"conditions/{condition.value}"
    if fact is None:
        yield MissingItem(f"Nothing is recorded on the condition “{label}”.", rule.provision, where)
    elif not fact:
        yield MissingItem(f"The condition “{label}” is recorded as not met.", rule.provision, where)


def _consents(asked: _Asked) -> Iterator[MissingItem]:
    """Regulations 7(2) and 9(2): the consent of each commissioner to what an NHS trust contributes."""
    for rule in consent_rules(asked.power, asked.content.flexibilities, asked.day, asked.rules):
        for partner in asked.content.partners:
            if not needs_consent(rule, partner.body.kind, contributes=partner.contributes):
                continue
            trust = partner.body
            where = f"consents/{trust.code}"
            asked_for = [each for each in asked.record.consents if each.trust == trust.code]
            if not asked_for:
                text = f"No commissioner’s consent to what {trust.name} contributes is recorded."
                yield MissingItem(text, rule.provision, where)
            for each in asked_for:
                if each.consented_on is None:
                    text = f"{each.commissioner} has not consented to what {trust.name} contributes."
                    yield MissingItem(text, rule.provision, where)


def _decisions(decisions: Collection[str]) -> Iterator[MissingItem]:
    for side, who in _SIDE_WANTED.items():
        if not _DECIDES[side] & set(decisions):
            yield MissingItem(f"No decision of {who} to enter the agreement is recorded.", GOOD_PRACTICE, "decisions")
