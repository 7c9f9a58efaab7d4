"""The records of agreements, for one or for ten thousand with the same number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
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
Bodies = Mapping[int | None, Body]


def record_of(agreement: Agreement) -> AgreementRecord:
    return records_of([agreement])[agreement.pk]


def records_of(agreements: Collection[Agreement]) -> dict[int, AgreementRecord]:
    """By key of the agreement. Fourteen queries, however many."""
    keys = [agreement.pk for agreement in agreements]
    rows = _Rows.read(keys)
    deeds = _deeds(keys, rows)
    successors = _by(rows.carried, "agreement_id", rows.joined)
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


@dataclass
class _Rows:
    """What the deeds name, read whole, with each organisation made into a body once."""

    carried: list[Partner]
    partners: list[Partner]
    pools: list[PoolTerms]
    schemes: list[SchemeTerms]
    functions: list[tuple[Any, ...]]
    bodies: dict[int | None, Body]

    @classmethod
    def read(cls, keys: Collection[int]) -> _Rows:
        inside = {"deed__agreement__in": keys}
        found = cls(
            carried=list(Partner.objects.filter(agreement__in=keys, deed=None)),
            partners=list(Partner.objects.filter(**inside)),
            pools=list(PoolTerms.objects.filter(**inside).select_related("pool")),
            schemes=list(SchemeTerms.objects.filter(**inside).select_related("scheme", "pool")),
            functions=list(
                SchemeFunction.objects.filter(terms__deed__agreement__in=keys)
                .order_by("function__position", "pk")
                .values_list("terms_id", "function__code", "function__name", "holder_id", "exclusions",
                             "delegation_evidence")
            ),
            bodies={},
        )  # fmt: skip
        wanted = {row.organisation_id for row in (*found.carried, *found.partners)}
        wanted |= {pk for row in found.pools for pk in (row.host_id, row.manager_employer_id) if pk}
        wanted |= {row.lead_id for row in found.schemes if row.lead_id} | {row[3] for row in found.functions if row[3]}
        named = Organisation.objects.filter(pk__in=wanted).values_list("pk", "code", "name", "kind")
        found.bodies = {row[0]: Body(*row) for row in named}
        return found

    def joined(self, row: Partner) -> Joined:
        body = self.bodies[row.organisation_id]
        return Joined(row.pk, body, row.role, row.contributes, row.valid_from, row.by_succession_of_id)

    def functions_by_terms(self) -> defaultdict[int, tuple[FunctionContent, ...]]:
        gathered: defaultdict[int, list[FunctionContent]] = defaultdict(list)
        for terms, code, name, holder, exclusions, evidence in self.functions:
            content = FunctionContent(code, name, self.bodies.get(holder), tuple(sorted(exclusions)), evidence)
            gathered[terms].append(content)
        found: defaultdict[int, tuple[FunctionContent, ...]] = defaultdict(tuple)
        found.update((pk, tuple(contents)) for pk, contents in gathered.items())
        return found


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


def _deeds(keys: Collection[int], rows: _Rows) -> defaultdict[int, tuple[DeedRecord, ...]]:
    inside = {"deed__agreement__in": keys}
    clauses: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for deed_id, kind, text in Clause.objects.filter(**inside).values_list("deed_id", "kind", "text"):
        clauses[deed_id].append((kind, text))
    joined = _by(rows.partners, "deed_id", rows.joined)
    left = _by(PartnerLeaving.objects.filter(**inside), "deed_id", lambda row: row.partner_id)
    pools = _by(rows.pools, "deed_id", lambda row: row)
    schemes = _by(rows.schemes, "deed_id", lambda row: row)
    functions = rows.functions_by_terms()
    return _by(
        Deed.objects.filter(agreement__in=keys).order_by("agreement_id", "number"),
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
            clauses=tuple(clauses[deed.pk]),
            joined=joined[deed.pk],
            left=left[deed.pk],
            pools=tuple(_pool(row, rows.bodies) for row in pools[deed.pk] if not row.is_closed),
            closed_pools=tuple(row.pool.slug for row in pools[deed.pk] if row.is_closed),
            schemes=tuple(_scheme(row, functions[row.pk], rows.bodies) for row in schemes[deed.pk] if not row.is_ended),
            ended_schemes=tuple(row.scheme.slug for row in schemes[deed.pk] if row.is_ended),
        ),
    )


def _pool(row: PoolTerms, bodies: Bodies) -> PoolContent:
    return PoolContent(
        pk=row.pool_id,
        slug=row.pool.slug,
        name=row.name,
        kind=row.kind,
        host=bodies.get(row.host_id),
        manager=row.manager,
        manager_employer=bodies.get(row.manager_employer_id),
        vat_structure=row.vat_structure,
        vat_regime=row.vat_regime,
        irrecoverable_vat=row.irrecoverable_vat,
        vat_advice=row.vat_advice,
        accounting=row.accounting,
    )


def _scheme(row: SchemeTerms, functions: tuple[FunctionContent, ...], bodies: Bodies) -> SchemeContent:
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
        lead=bodies.get(row.lead_id),
        pool=row.pool.slug if row.pool else "",
        start_on=row.start_on,
        end_on=row.end_on,
        notice_months=row.notice_months,
        is_voluntary=row.is_voluntary,
        functions=functions,
    )
