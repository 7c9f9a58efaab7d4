"""The records of agreements, for one or for ten thousand with the same number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar

from partnerships.models import (
    Agreement,
    AgreementPlace,
    Clause,
    Deed,
    Occurrence,
    Partner,
    PartnerLeaving,
    PoolTerms,
    Precondition,
    SchemeFunction,
    SchemeTerms,
    TrustConsent,
)
from partnerships.rules.agreements import (
    AgreementRecord,
    Body,
    ConsentFact,
    DeedRecord,
    FunctionContent,
    Joined,
    PlaceNamed,
    PoolContent,
    PreconditionFact,
    SchemeClosed,
    SchemeContent,
)
from pooledcare.directory.models import Organisation

T = TypeVar("T")


def record_of(agreement: Agreement) -> AgreementRecord:
    return records_of([agreement])[agreement.pk]


def records_of(agreements: Collection[Agreement]) -> dict[int, AgreementRecord]:
    """By key of the agreement. Thirteen queries, however many."""
    keys = [agreement.pk for agreement in agreements]
    deeds = _deeds(keys)
    carried = Partner.objects.filter(agreement__in=keys, deed=None).select_related("organisation")
    successors = _by(carried, "agreement_id", _joined)
    places = _by(
        AgreementPlace.objects.filter(agreement__in=keys).select_related("place"),
        "agreement_id",
        lambda row: PlaceNamed(row.place.pk, row.place.slug, row.place.name),
    )
    conditions = _by(
        Precondition.objects.filter(agreement__in=keys),
        "agreement_id",
        lambda row: PreconditionFact(row.kind, row.is_met, row.met_on),
    )
    consents = _by(
        TrustConsent.objects.filter(agreement__in=keys).select_related("trust", "commissioner"),
        "agreement_id",
        lambda row: ConsentFact(row.trust.code, row.commissioner.name, row.consented_on),
    )
    closures = _by(
        Occurrence.objects.filter(agreement__in=keys, scheme__isnull=False).select_related("scheme"),
        "agreement_id",
        lambda row: SchemeClosed(row.scheme.slug, row.happened_on),
    )
    return {
        agreement.pk: AgreementRecord(
            pk=agreement.pk,
            power=agreement.power,
            state=agreement.state,
            operating_since=agreement.operating_since,
            ended_on=agreement.ended_on,
            is_integrated=agreement.is_integrated,
            places=places[agreement.pk],
            deeds=deeds[agreement.pk],
            successors=successors[agreement.pk],
            preconditions=conditions[agreement.pk],
            consents=_newest(consents[agreement.pk]),
            closures=closures[agreement.pk],
        )
        for agreement in agreements
    }


def _by(rows: Iterable[Any], key: str, value: Callable[[Any], T]) -> defaultdict[Any, tuple[T, ...]]:
    """Tuples of values under what the rows have as `key`, in the order of the rows."""
    found: defaultdict[Any, tuple[T, ...]] = defaultdict(tuple)
    gathered: defaultdict[Any, list[T]] = defaultdict(list)
    for row in rows:
        gathered[getattr(row, key)].append(value(row))
    found.update((name, tuple(values)) for name, values in gathered.items())
    return found


def _newest(consents: tuple[ConsentFact, ...]) -> tuple[ConsentFact, ...]:
    """Of each trust and commissioner only what was recorded last."""
    return tuple({(each.trust, each.commissioner): each for each in consents}.values())


def body_of(organisation: Organisation | None) -> Body | None:
    if organisation is None:
        return None
    return Body(organisation.pk, organisation.code, organisation.name, organisation.kind)


def _joined(row: Partner) -> Joined:
    organisation = row.organisation
    body = Body(organisation.pk, organisation.code, organisation.name, organisation.kind)
    return Joined(row.pk, body, row.role, row.contributes, row.valid_from, row.by_succession_of_id)


def _deeds(keys: Collection[int]) -> defaultdict[int, tuple[DeedRecord, ...]]:
    inside = {"deed__agreement__in": keys}
    clauses = _by(Clause.objects.filter(**inside), "deed_id", lambda row: (row.kind, row.text))
    joined = _by(Partner.objects.filter(**inside).select_related("organisation"), "deed_id", _joined)
    left = _by(PartnerLeaving.objects.filter(**inside), "deed_id", lambda row: row.partner_id)
    pools = _by(
        PoolTerms.objects.filter(**inside).select_related("pool", "host", "manager_employer"),
        "deed_id",
        lambda row: row,
    )
    schemes = _by(
        SchemeTerms.objects.filter(**inside).select_related("scheme", "lead", "pool"), "deed_id", lambda row: row
    )
    functions = _by(
        SchemeFunction.objects.filter(terms__deed__agreement__in=keys)
        .select_related("function", "holder")
        .order_by("function__position", "pk"),
        "terms_id",
        _function,
    )
    rows = Deed.objects.filter(agreement__in=keys).order_by("agreement_id", "number")
    return _by(
        rows,
        "agreement_id",
        lambda deed: DeedRecord(
            pk=deed.pk,
            number=deed.number,
            kind=deed.kind,
            state=deed.state,
            title=deed.title,
            summary=deed.summary,
            effective_on=deed.effective_on,
            sets_end=deed.sets_end,
            end_on=deed.end_on,
            notice_months=deed.notice_months,
            review_on=None if deed.review_on is None else tuple(deed.review_on),
            signed_on=deed.signed_on,
            published_on=deed.published_on,
            clauses=clauses[deed.pk],
            joined=joined[deed.pk],
            left=left[deed.pk],
            pools=tuple(pool_content(row) for row in pools[deed.pk] if not row.is_closed),
            closed_pools=tuple(row.pool.slug for row in pools[deed.pk] if row.is_closed),
            schemes=tuple(scheme_content(row, functions[row.pk]) for row in schemes[deed.pk] if not row.is_ended),
            ended_schemes=tuple(row.scheme.slug for row in schemes[deed.pk] if row.is_ended),
        ),
    )


def _function(row: SchemeFunction) -> FunctionContent:
    return FunctionContent(
        code=row.function.code,
        name=row.function.name,
        holder=body_of(row.holder),
        exclusions=tuple(sorted(row.exclusions)),
        delegation_evidence=row.delegation_evidence,
    )


def pool_content(row: PoolTerms) -> PoolContent:
    return PoolContent(
        pk=row.pool_id,
        slug=row.pool.slug,
        name=row.name,
        kind=row.kind,
        host=body_of(row.host),
        manager=row.manager,
        manager_employer=body_of(row.manager_employer),
        vat_structure=row.vat_structure,
        vat_regime=row.vat_regime,
        irrecoverable_vat=row.irrecoverable_vat,
        vat_advice=row.vat_advice,
        accounting=row.accounting,
    )


def scheme_content(row: SchemeTerms, functions: tuple[FunctionContent, ...]) -> SchemeContent:
    return SchemeContent(
        pk=row.scheme_id,
        slug=row.scheme.slug,
        name=row.name,
        aims=row.aims,
        services=row.services,
        client_group=row.client_group,
        geography=row.geography,
        providers=row.providers,
        governance=row.governance,
        exit_terms=row.exit_terms,
        flexibilities=tuple(sorted(row.flexibilities)),
        ways_of_working=tuple(sorted(row.ways_of_working)),
        lead=body_of(row.lead),
        pool=row.pool.slug if row.pool else "",
        start_on=row.start_on,
        end_on=row.end_on,
        notice_months=row.notice_months,
        is_voluntary=row.is_voluntary,
        functions=functions,
    )
