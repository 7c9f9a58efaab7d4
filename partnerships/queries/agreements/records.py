"""Reading agreements into `AgreementRecord` values. The number of queries does not depend on how many are read."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from partnerships.models import Agreement
from partnerships.queries.agreements import record_statements as statements
from partnerships.queries.agreements.record_statements import rows_of
from partnerships.records import DEED, POOL, SCHEME, SCHEME_FUNCTION
from partnerships.rules.agreements import (
    AgreementRecord,
    Body,
    ConsentFact,
    DeedRecord,
    DeputyContent,
    FunctionContent,
    Joined,
    LimitContent,
    PlaceNamed,
    PoolContent,
    PreconditionFact,
    SchemeClosed,
    SchemeContent,
)
from pooledcare.directory.models import Organisation
from pooledcare.kernel.records import FieldKind, Record

T = TypeVar("T")
Row = Any  # a named tuple, with the columns of its statement
Bodies = Mapping[int | None, Body]


def record_of(agreement: Agreement) -> AgreementRecord:
    return records_of([agreement])[agreement.pk]


def records_of(agreements: Collection[Agreement]) -> dict[int, AgreementRecord]:
    """Records by key of the agreement. Twelve queries, however many agreements."""
    keys = [agreement.pk for agreement in agreements]
    rows = _Rows.read(keys)
    deeds = _deeds(keys, rows)
    successors = _by(rows.carried, "agreement_id", rows.joined)
    places = _by(
        rows_of(statements.PLACES, keys), "agreement_id", lambda row: PlaceNamed(row.place_id, row.slug, row.name)
    )
    conditions = _by(
        rows_of(statements.PRECONDITIONS, keys),
        "agreement_id",
        lambda row: PreconditionFact(row.kind, row.is_met, row.met_on),
    )
    consents = _by(
        rows_of(statements.CONSENTS, keys),
        "agreement_id",
        lambda row: ConsentFact(row.trust, row.commissioner, row.consented_on),
    )
    closures = _by(
        rows_of(statements.CLOSURES, keys), "agreement_id", lambda row: SchemeClosed(row.slug, row.happened_on)
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
            consents=newest_consents(consents[agreement.pk], lambda each: (each.trust, each.commissioner)),
            closures=closures[agreement.pk],
        )
        for agreement in agreements
    }


@dataclass
class _Rows:
    """The rows that deeds refer to, read for all agreements at once. Each organisation becomes one `Body`."""

    carried: list[Row]
    partners: list[Row]
    pools: list[Row]
    schemes: list[Row]
    functions: list[Row]
    bodies: dict[int | None, Body]

    @classmethod
    def read(cls, keys: Collection[int]) -> _Rows:
        joined = rows_of(statements.PARTNERS, keys)
        found = cls(
            carried=[row for row in joined if row.deed_id is None],
            partners=[row for row in joined if row.deed_id is not None],
            pools=rows_of(statements.POOLS, keys),
            schemes=rows_of(statements.SCHEMES, keys),
            functions=rows_of(statements.FUNCTIONS, keys),
            bodies={},
        )
        wanted = {row.organisation_id for row in joined}
        wanted |= {pk for row in found.pools for pk in (row.host_id, row.manager_employer_id) if pk}
        wanted |= {each["partner"] for row in found.pools for each in _limits_read(row)}
        wanted |= {row.lead_id for row in found.schemes if row.lead_id}
        wanted |= {row.holder_id for row in found.functions if row.holder_id}
        found.bodies = {row.id: Body(*row) for row in rows_of(statements.BODIES, wanted)}
        return found

    def joined(self, row: Row) -> Joined:
        body = self.bodies[row.organisation_id]
        return Joined(row.id, body, row.role, row.contributes, row.valid_from, row.by_succession_of_id)

    def function(self, row: Row) -> FunctionContent:
        holder = self.bodies.get(row.holder_id)
        return FunctionContent(code=row.code, name=row.name, holder=holder, **_said(row, SCHEME_FUNCTION))


def _by(rows: Iterable[Row], key: str, value: Callable[[Row], T]) -> defaultdict[Any, tuple[T, ...]]:
    """Values grouped by the column `key`, in the order of the rows."""
    found: defaultdict[Any, tuple[T, ...]] = defaultdict(tuple)
    gathered: defaultdict[Any, list[T]] = defaultdict(list)
    for row in rows:
        gathered[getattr(row, key)].append(value(row))
    found.update((name, tuple(values)) for name, values in gathered.items())
    return found


def newest_consents(consents: Iterable[T], pair: Callable[[T], Hashable]) -> tuple[T, ...]:
    """Only the newest consent of each trust and commissioner, which `pair` reads. `consents` must be oldest first."""
    return tuple({pair(each): each for each in consents}.values())


def body_of(organisation: Organisation | None) -> Body | None:
    if organisation is None:
        return None
    return Body(organisation.pk, organisation.code, organisation.name, organisation.kind)


def _deeds(keys: Collection[int], rows: _Rows) -> defaultdict[int, tuple[DeedRecord, ...]]:
    clauses = _by(rows_of(statements.CLAUSES, keys), "deed_id", lambda row: (row.kind, row.text))
    joined = _by(rows.partners, "deed_id", rows.joined)
    left = _by(rows_of(statements.LEAVINGS, keys), "deed_id", lambda row: row.partner_id)
    pools = _by(rows.pools, "deed_id", lambda row: row)
    schemes = _by(rows.schemes, "deed_id", lambda row: row)
    functions = _by(rows.functions, "terms_id", rows.function)
    return _by(
        rows_of(statements.DEEDS, keys),
        "agreement_id",
        lambda deed: DeedRecord(
            pk=deed.id,
            number=deed.number,
            kind=deed.kind,
            state=deed.state,
            **_said(deed, DEED),
            signed_on=deed.signed_on,
            published_on=deed.published_on,
            clauses=clauses[deed.id],
            joined=joined[deed.id],
            left=left[deed.id],
            pools=tuple(_pool(row, rows.bodies) for row in pools[deed.id] if not row.is_closed),
            closed_pools=tuple(row.slug for row in pools[deed.id] if row.is_closed),
            schemes=tuple(_scheme(row, functions[row.id], rows.bodies) for row in schemes[deed.id] if not row.is_ended),
            ended_schemes=tuple(row.slug for row in schemes[deed.id] if row.is_ended),
        ),
    )


def _said(row: Row, record: Record) -> dict[str, Any]:
    """The plain fields of a record, with lists as tuples and codes sorted."""
    values = {field.name: getattr(row, field.name) for field in record.plain}
    for field in record.of_kind(FieldKind.CHOICES):
        values[field.name] = tuple(sorted(values[field.name]))
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def _pool(row: Row, bodies: Bodies) -> PoolContent:
    return PoolContent(
        pk=row.pool_id,
        slug=row.slug,
        host=bodies.get(row.host_id),
        manager_employer=bodies.get(row.manager_employer_id),
        limits=tuple(_limit(each, bodies) for each in _limits_read(row)),
        **_said(row, POOL),
    )


def _limits_read(row: Row) -> list[dict[str, Any]]:
    """The delegated limits of a fund, as its statement gives them."""
    return json.loads(row.limits) if row.limits else []


def _limit(said: Mapping[str, Any], bodies: Bodies) -> LimitContent:
    return LimitContent(
        partner=bodies[said["partner"]],
        office=said["office"],
        power=said["power"],
        limit=None if said["limit"] is None else Decimal(said["limit"]),
        is_unlimited=said["is_unlimited"],
        deputies=tuple(
            DeputyContent(office, dt.date.fromisoformat(first), dt.date.fromisoformat(last))
            for office, first, last in said["deputies"] or ()
        ),
    )


def _scheme(row: Row, functions: tuple[FunctionContent, ...], bodies: Bodies) -> SchemeContent:
    return SchemeContent(
        pk=row.scheme_id,
        slug=row.slug,
        lead=bodies.get(row.lead_id),
        pool=row.pool or "",
        functions=functions,
        **_said(row, SCHEME),
    )
