"""Turning the record of an agreement into the facts that the law is applied to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from partnerships.rules.agreements.content import Content
from partnerships.rules.agreements.reading import content_as_at
from partnerships.rules.agreements.record import AgreementRecord, DeedRecord, PreconditionFact
from partnerships.rules.law import AgreementFacts, CommissionerConsent, PartnerFact, ServiceFact
from partnerships.terms import AgreementTerm, ClauseKind, Exemption, PoolKind, PreconditionKind

_DAY = dt.timedelta(days=1)
_EXEMPTIONS = {
    PreconditionKind.CARE_TRUST: Exemption.CARE_TRUST,
    PreconditionKind.BETTER_CARE_FUND: Exemption.BETTER_CARE_FUND,
}
_TERMS_WRITTEN = frozenset(kind.value for kind in AgreementTerm) & frozenset(kind.value for kind in ClauseKind)


def facts_of(record: AgreementRecord, *, including: int | None = None) -> AgreementFacts | None:
    """The facts by the signed deeds, and by the open deed with the number `including` as if it were signed.

    None if the agreement has no first day, because nothing can be judged without one.
    """
    start = record.original.effective_on
    if start is None:
        return None
    if including is None and not record.original.is_signed:
        including = 0
    deeds = [deed for deed in record.deeds if deed.is_signed or deed.number == including]
    stretches = list(_stretches(record, deeds, including))
    if not stretches:
        return None
    latest = stretches[-1][2]
    recorded = {each.kind: each for each in record.preconditions}
    return AgreementFacts(
        power=record.power,
        start=start,
        end=record.ended_on or latest.end,
        partners=frozenset(_partners(record, stretches)),
        services=frozenset(_services(stretches)),
        variations=frozenset(d.effective_on for d in deeds if d.effective_on and d.effective_on > start),
        successions=frozenset(each.since for each in record.successors if each.since),
        flexibilities=frozenset(code for _, _, content in stretches for code in content.flexibilities),
        improvement=_met(recorded, PreconditionKind.IMPROVEMENT),
        consulted=_met(recorded, PreconditionKind.JOINT_CONSULTATION),
        exemption=next((law for kind, law in _EXEMPTIONS.items() if _met(recorded, kind)), None),
        has_voluntary_schemes=any(s.is_voluntary for _, _, content in stretches for s in content.schemes),
        plan_fit=_met(recorded, PreconditionKind.PLAN_FIT),
        terms=terms_written(record, latest),
    )


def _met(recorded: dict[str, PreconditionFact], kind: PreconditionKind) -> bool | None:
    found = recorded.get(kind)
    return None if found is None else found.is_met


Stretch = tuple[dt.date, dt.date | None, Content]


def _stretches(record: AgreementRecord, deeds: list[DeedRecord], including: int | None) -> Iterator[Stretch]:
    """Periods in which the content does not change: (first day, last day or None, content)."""
    days = {deed.effective_on for deed in deeds if deed.effective_on}
    days |= {each.since for each in record.successors if each.since and days and each.since > min(days)}
    days |= {closed.last_day + _DAY for closed in record.closures}
    ordered = sorted(days)
    for place, day in enumerate(ordered):
        content = content_as_at(record, day, including=including)
        if content is not None:
            yield day, ordered[place + 1] - _DAY if place + 1 < len(ordered) else None, content


def _services(stretches: list[Stretch]) -> Iterator[ServiceFact]:
    """Each function of each scheme, with adjacent periods joined where nothing about the function changes."""
    running: dict[tuple[str, ...], dt.date] = {}
    last: dict[tuple[str, ...], dt.date | None] = {}
    found: list[tuple[tuple[str, ...], ServiceFact]] = []

    def close(key: tuple[str, ...]) -> None:
        _, code, holder, evidence, *exclusions = key
        fact = ServiceFact(code, holder, frozenset(exclusions), running.pop(key), last.pop(key), evidence)
        found.append((key, fact))

    for day, until, content in stretches:
        here = {
            (s.slug, f.code, f.holder.kind if f.holder else "", f.delegation_evidence, *sorted(f.exclusions)): (
                max(day, s.start_on) if s.start_on else day,
                min(filter(None, (until, s.end_on)), default=None),
            )
            for s in content.schemes
            for f in s.functions
        }
        for key in list(running):
            was_there = running[key] < day and last[key] == day - _DAY
            if not (was_there and key in here and here[key][0] == day):
                close(key)
        for key, (first, end) in here.items():
            running.setdefault(key, first)
            last[key] = end
    for key in list(running):
        close(key)
    return (fact for _, fact in found if fact.end is None or fact.start is None or fact.start <= fact.end)


def _partners(record: AgreementRecord, stretches: list[Stretch]) -> Iterator[PartnerFact]:
    days: dict[tuple[int, str, str, bool], tuple[dt.date, dt.date | None]] = {}
    for day, until, content in stretches:
        for each in content.partners:
            key = (each.pk, each.body.kind, each.body.code, each.contributes)
            days[key] = (days[key][0] if key in days else day, until)
    for (_, kind, code, contributes), (first, last) in days.items():
        consents = frozenset(
            CommissionerConsent(each.commissioner, each.consented_on) for each in record.consents if each.trust == code
        )
        yield PartnerFact(kind, code, first, last, contributes, consents)


def terms_written(record: AgreementRecord, content: Content) -> frozenset[str]:
    """The terms that the agreement has. An agreement that operates unsigned is not in writing."""
    terms = {kind for kind, text in content.clauses if kind in _TERMS_WRITTEN and text.strip()}
    if record.original.is_signed or record.operating_since is None:
        terms.add(AgreementTerm.IN_WRITING)
    if content.function_codes:
        terms.add(AgreementTerm.FUNCTIONS)
    pooled = [pool for pool in content.pools if pool.kind == PoolKind.POOLED]
    if pooled and all(pool.host for pool in pooled):
        terms.add(AgreementTerm.HOST)
    if pooled and all(pool.manager.strip() for pool in pooled):
        terms.add(AgreementTerm.POOL_MANAGER)
    return frozenset(terms)
