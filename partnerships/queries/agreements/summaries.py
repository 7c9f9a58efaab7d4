"""Calculating the summaries of agreements. The number of queries does not depend on how many there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping

from django.db import connection

from partnerships.models import Agreement, AgreementSummary
from partnerships.queries.agreements.records import records_of
from partnerships.queries.agreements.waiting import waiting_in
from partnerships.queries.law import law_in_force
from partnerships.rules.agreements import AgreementRecord, findings_of, published, summary_on
from partnerships.rules.agreements.waiting import NOBODY, Waiting
from partnerships.rules.law import Finding
from partnerships.terms import Audience

_SUCCESSORS = """
with recursive successors (origin, successor) as (
    select predecessor_id, successor_id from directory_succession
    union
    select x.origin, s.successor_id from successors x join directory_succession s on s.predecessor_id = x.successor
)
select origin, successor from successors
"""


def successors_by_organisation() -> dict[int, set[int]]:
    """For each organisation, the keys of all its successors, direct and indirect."""
    found: dict[int, set[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SUCCESSORS)
        for origin, successor in cursor.fetchall():
            found.setdefault(origin, set()).add(successor)
    return found


def summaries_on(
    agreements: Collection[Agreement], today: dt.date, *, records: Mapping[int, AgreementRecord] | None = None
) -> Iterator[AgreementSummary]:
    """Unsaved rows: for the partners of each agreement, and for the public where it has been published."""
    law, successors = law_in_force(), successors_by_organisation()
    known = records_of(agreements) if records is None else records
    waiting = waiting_in([known[agreement.pk] for agreement in agreements], today, law)
    for agreement in agreements:
        record = known[agreement.pk]
        findings = findings_of(record, law)
        awaited = waiting.get(agreement.pk, NOBODY)
        yield from _summary(agreement, record, today, Audience.PARTNERS, findings, successors, awaited)
        public = published(record)
        if public.deeds and public.deeds[0].number == 0:
            if public.deeds != record.deeds:
                findings = findings_of(public, law)
            yield from _summary(agreement, public, today, Audience.PUBLIC, findings, successors)


def _summary(
    agreement: Agreement,
    record: AgreementRecord,
    today: dt.date,
    audience: Audience,
    findings: Collection[Finding],
    successors: Mapping[int, Collection[int]],
    awaited: Waiting = NOBODY,
) -> Iterator[AgreementSummary]:
    values = summary_on(
        record, today, audience=audience, findings=findings, successors=successors, drafted_by=agreement.prepared_by_id
    )
    if values is not None:
        named = {name: getattr(values, name) for name in values.__slots__}
        named |= {"awaits": awaited.what, "awaited_ids": list(awaited.bodies), "edited_by": awaited.edited_by}
        named["unpublished_ids"] = list(awaited.unpublished)
        yield AgreementSummary(agreement=agreement, audience=audience, worked_out_on=today, **named)
