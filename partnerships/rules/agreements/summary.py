"""The summary of an agreement on a day, for its partners and for the public; used by lists and filters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from partnerships.rules.agreements.content import Content
from partnerships.rules.agreements.legal_facts import facts_of
from partnerships.rules.agreements.reading import content_as_at
from partnerships.rules.agreements.record import AgreementRecord
from partnerships.rules.law import Finding, RuleSet, legal_findings, verdict
from partnerships.terms import BEFORE_SIGNING, AgreementState, Audience, Outcome


@dataclass(frozen=True, slots=True)
class SummaryValues:
    """The values of one row of `AgreementSummary`, without its keys."""

    title: str
    state: str
    is_operating_unsigned: bool
    start_on: dt.date | None
    end_on: dt.date | None
    partner_ids: list[int]
    reader_ids: list[int]
    host_ids: list[int]
    place_ids: list[int]
    function_codes: list[str]
    flexibilities: list[str]
    pool_count: int
    scheme_count: int
    verdict: str
    unlawful_count: int
    not_settled_count: int


def findings_of(record: AgreementRecord, rules: RuleSet, *, including: int | None = None) -> list[Finding]:
    """The findings of law about the agreement, with the open deed `including` as if it were signed."""
    facts = facts_of(record, including=including)
    return [] if facts is None else legal_findings(facts, rules)


def reading_day(record: AgreementRecord, today: dt.date) -> dt.date:
    """The day as at which an agreement is shown by default: today, or the nearest day within its term."""
    start = record.original.effective_on
    day = min(today, record.ended_on) if record.ended_on else today
    return max(day, start) if start else day


def read_on(record: AgreementRecord, today: dt.date) -> Content:
    """The agreement as its partners read it by default."""
    content = content_as_at(record, reading_day(record, today))
    if content is None:
        raise ValueError(f"Agreement {record.pk} cannot be read.")
    return content


def summary_on(
    record: AgreementRecord,
    today: dt.date,
    *,
    audience: Audience,
    findings: Collection[Finding],
    successors: Mapping[int, Collection[int]],
    drafted_by: int,
) -> SummaryValues | None:
    """The summary for one audience, or None if it has nothing to read.

    `successors` gives the keys of all direct and indirect successors of an organisation, by its key.
    """
    content = content_as_at(record, reading_day(record, today), audience=audience)
    if content is None:
        return None
    return SummaryValues(
        title=content.title,
        state=shown_state(record.state, audience),
        is_operating_unsigned=record.operating_since is not None and record.state in BEFORE_SIGNING,
        start_on=content.start,
        end_on=record.ended_on or content.end,
        partner_ids=sorted({each.body.pk for each in content.partners}),
        reader_ids=sorted(_readers(record, successors, drafted_by)) if audience == Audience.PARTNERS else [],
        host_ids=sorted({pool.host.pk for pool in content.pools if pool.host}),
        place_ids=sorted(place.pk for place in content.places),
        function_codes=sorted(content.function_codes),
        flexibilities=sorted(content.flexibilities),
        pool_count=len(content.pools),
        scheme_count=len(content.schemes),
        verdict=verdict(findings),
        unlawful_count=sum(each.outcome == Outcome.UNLAWFUL for each in findings),
        not_settled_count=sum(each.outcome == Outcome.NOT_SETTLED for each in findings),
    )


def shown_state(state: str, audience: Audience) -> str:
    """The state to show. Notice is shown only to partners until it has run out; the public sees "in operation"."""
    if audience == Audience.PUBLIC and state == AgreementState.NOTICE_GIVEN:
        return AgreementState.IN_OPERATION
    return state


def _readers(record: AgreementRecord, successors: Mapping[int, Collection[int]], drafted_by: int) -> set[int]:
    """Keys of all who read it as partners: partners ever (also by open deeds), its drafter, and their successors."""
    named = {each.body.pk for deed in record.deeds for each in deed.joined}
    named |= {each.body.pk for each in record.successors} | {drafted_by}
    return named | {successor for pk in named for successor in successors.get(pk, ())}
