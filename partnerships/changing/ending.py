"""Ending agreements and schemes. Called by actions that hold the agreement's lock."""

from __future__ import annotations

import datetime as dt

from partnerships.changing.agreement import set_state
from partnerships.models import Agreement, Deed, ImpactAssessment, Occurrence, Scheme
from partnerships.queries.agreements.records import record_of
from partnerships.rules.agreements.harming import was_agreed
from partnerships.terms import OPEN_DEEDS, AgreementState, DeedState, OccurrenceKind
from pooledcare.directory.access import Actor
from pooledcare.directory.models import Organisation


def end_agreement(
    agreement: Agreement,
    state: AgreementState,
    last_day: dt.date,
    *,
    by: Actor,
    organisation: Organisation | None,
    note: str = "",
) -> None:
    """Set the final state and last day, and withdraw any open deed.

    An unsigned draft remains readable to its partners.
    """
    agreement.ended_on = last_day
    set_state(agreement, state, by=by, organisation=organisation, note=note)
    for deed in Deed.objects.filter(agreement=agreement, state__in=sorted(OPEN_DEEDS)):
        deed.state = DeedState.WITHDRAWN
        deed.version += 1
        deed.save()


def end_scheme(
    agreement: Agreement, scheme: Scheme, last_day: dt.date, *, by: Actor, organisation: Organisation
) -> Occurrence:
    """Record that notice on the scheme has run out. From the day after `last_day` the agreement is read without it."""
    return note_occurrence(
        agreement,
        OccurrenceKind.NOTICE_SERVED,
        last_day,
        evidence="Notice given in PooledCare has run out.",
        scheme=scheme,
        organisation=organisation,
        by=by,
    )


def note_occurrence(
    agreement: Agreement,
    kind: OccurrenceKind,
    happened_on: dt.date,
    *,
    evidence: str,
    scheme: Scheme | None = None,
    ends_agreement: bool = False,
    organisation: Organisation,
    by: Actor,
) -> Occurrence:
    """Record an event, and whether it breaks the principle of doing no harm."""
    return Occurrence.objects.create(
        agreement=agreement,
        kind=kind,
        happened_on=happened_on,
        evidence=evidence,
        scheme=scheme,
        ends_agreement=ends_agreement,
        breaks_principle=_breaks_principle(agreement, happened_on, scheme),
        organisation=organisation,
        actor=by.reference,
    )


def _breaks_principle(agreement: Agreement, happened_on: dt.date, scheme: Scheme | None) -> bool:
    if not agreement.is_integrated:
        return False
    assessed = set(ImpactAssessment.objects.filter(deed__agreement=agreement).values_list("deed__number", flat=True))
    slug = scheme.slug if scheme else ""
    return not was_agreed(record_of(agreement), assessed, last_day=happened_on, scheme=slug)
