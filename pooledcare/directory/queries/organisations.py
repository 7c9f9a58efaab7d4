"""Queries on organisations for pages: by code, lists, and successions."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection
from django.db.models import DateField, F, Max, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject

from pooledcare.directory.models import (
    AreaTransfer,
    Organisation,
    OrganisationCode,
    OrganisationName,
    Overlap,
    PlaceCouncil,
    Population,
    Region,
    Source,
    Succession,
)
from pooledcare.directory.queries.short_names import short_names_typed
from pooledcare.directory.terms import CouncilRole

Row = TypeVar("Row", bound=Model)


def reference_known_to() -> dt.date | None:
    """The newest date printed in any publication that the reference tables come from."""
    return Source.objects.aggregate(latest=Max("dated"))["latest"]


def known_to() -> Subquery:
    """`reference_known_to` as a subquery, to save a query."""
    return Subquery(
        Source.objects.order_by(F("dated").desc(nulls_last=True)).values("dated")[:1], output_field=DateField(null=True)
    )


def latest_population(organisation: str = "pk") -> Subquery:
    """A subquery for the newest population of an organisation, as {persons, as_at, measure}; null if there is none."""
    return Subquery(
        Population.objects.filter(organisation=OuterRef(organisation))
        .order_by("-as_at", "measure")
        .values(found=JSONObject(persons="persons", as_at="as_at", measure="measure"))[:1]
    )


def latest_population_or_of_place(organisation: str = "pk") -> Coalesce:
    """The newest population of an organisation; for a council without one, that of the place that is its area.

    An abolished council has none of its own. The keys are those of `latest_population`, and `of_place` if it is that of
    the place.
    """
    of_place = (
        Population.objects.filter(
            organisation__places__role=CouncilRole.UPPER_TIER,
            organisation__places__place__councils__role=CouncilRole.UPPER_TIER,
            organisation__places__place__councils__organisation=OuterRef(organisation),
        )
        .order_by("-as_at", "measure", "pk")
        .values(found=JSONObject(persons="persons", as_at="as_at", measure="measure", of_place=Value(True)))[:1]
    )
    return Coalesce(latest_population(organisation), Subquery(of_place))


@dataclass(frozen=True)
class Head:
    """A number of people, with its kind and date, which must be shown with every amount per head."""

    persons: int
    as_at: dt.date
    measure: str

    @classmethod
    def read(cls, found: dict[str, object] | None) -> Head | None:
        if found is None:
            return None
        return cls(int(str(found["persons"])), dt.date.fromisoformat(str(found["as_at"])), str(found["measure"]))


def organisations_named_by(code: str) -> list[Organisation]:
    """The organisations that have or had the code; the one whose current code it is comes first.

    Two organisations can have had the same code, one after the other. Each has the attributes `known_to` and
    `population`.
    """
    wanted = code.strip().upper()
    by_history = OrganisationCode.objects.filter(code=wanted).values("organisation_id")
    found = (
        Organisation.objects.filter(Q(code=wanted) | Q(pk__in=by_history))
        .select_related("region", "source")
        .annotate(known_to=known_to(), population=latest_population())
    )
    return sorted(found, key=lambda body: (body.code != wanted, body.name))


def organisations_listed(
    *, text: str = "", kind: str = "", region: str = "", open_on: dt.date | None = None, kinds: Iterable[str] = ()
) -> QuerySet[Organisation]:
    """Organisations by name. `text` is searched for in current, former and short names and codes."""
    listed = Organisation.objects.all()
    if text:
        codes = OrganisationCode.objects.filter(code=text.strip().upper()).values("organisation_id")
        names = OrganisationName.objects.filter(name__icontains=text).values("organisation_id")
        short = short_names_typed(text).values("organisation")
        listed = listed.filter(
            Q(name__icontains=text) | Q(code=text.strip().upper()) | Q(pk__in=codes) | Q(pk__in=names) | Q(pk__in=short)
        )
    if kind:
        listed = listed.filter(kind=kind)
    if region:
        listed = listed.filter(region__code=region)
    if open_on is not None:
        listed = listed.open_on(open_on)
    if kinds := tuple(kinds):
        listed = listed.filter(kind__in=kinds)
    return listed.select_related("region").annotate(population=latest_population()).order_by("name", "pk")


_CODES_NAMED_BY = """
    select o.code from directory_organisation o where o.id = any(%s)
    union
    select c.code from directory_organisation o
    join directory_organisationcode now on now.organisation_id = o.id and now.code = o.code
    join directory_organisationcode c on c.organisation_id = o.id and c.scheme = now.scheme
    where o.id = any(%s)
        and not exists (select from directory_organisation other where other.code = c.code and other.id <> o.id)
    order by 1
"""


def codes_named_by(organisation_ids: Iterable[int]) -> list[str]:
    """The codes by which the audit trail and the change feed have named these organisations: their present codes, and
    those of the same scheme before. Codes by which another organisation is now named are left out. One query.
    """
    ids = list(organisation_ids)
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_CODES_NAMED_BY, (ids, ids))
        return [code for (code,) in cursor.fetchall()]


def regions_in_use() -> list[Region]:
    """The regions that have an organisation, by kind and name."""
    used = Organisation.objects.exclude(region=None).values("region_id")
    return list(Region.objects.filter(pk__in=used).order_by("kind", "name"))


def codes_of(organisation: Organisation) -> list[OrganisationCode]:
    return list(organisation.codes.select_related("source").order_by("scheme", "valid_from", "code"))


def other_names_of(organisation: Organisation) -> list[OrganisationName]:
    return list(organisation.other_names.select_related("source").order_by("name", "pk"))


def populations_of(organisation: Organisation) -> list[Population]:
    return list(organisation.populations.select_related("source").order_by("measure", "-as_at"))


def places_of(organisation: Organisation) -> list[PlaceCouncil]:
    """The places of which the organisation is, or was, a council."""
    return list(organisation.places.select_related("place").order_by("place__name", "pk"))


def overlaps_of(organisation: Organisation) -> list[Overlap]:
    """The places that have part of an NHS commissioner's population, the largest share first."""
    return list(
        organisation.overlaps.select_related("place", "source").order_by("measure", "-as_at", "-quantity", "pk")
    )


# The rows of all tables in one value, so that a page needs one query: successions, parts of areas, and the bodies and
# sources that they name.
_LINEAGE = """
    with recursive earlier as (
        select s.id, s.predecessor_id from directory_succession s where s.successor_id = any(%(ids)s)
        union
        select s.id, s.predecessor_id from directory_succession s join earlier e on s.successor_id = e.predecessor_id
    ), later as (
        select s.id, s.successor_id from directory_succession s where s.predecessor_id = any(%(ids)s)
        union
        select s.id, s.successor_id from directory_succession s join later l on s.predecessor_id = l.successor_id
    ), steps as (
        select * from directory_succession where id in (select id from earlier union select id from later)
    ), everyone as (
        select unnest(%(ids)s::bigint[]) as id
        union select predecessor_id from steps
        union select successor_id from steps
    ), transfers as (
        select * from directory_areatransfer
        where giver_id in (select id from everyone) or receiver_id in (select id from everyone)
    ), bodies as (
        select * from directory_organisation
        where id in (
            select predecessor_id from steps union select successor_id from steps
            union select giver_id from transfers union select receiver_id from transfers
        )
    ), sources as (
        select * from directory_source where id in (select source_id from steps union select source_id from transfers)
    )
    select jsonb_build_object(
        'steps', (
            select coalesce(jsonb_agg(to_jsonb(s) order by s.effective_on, before.name, after.name), '[]')
            from steps s
            join bodies before on before.id = s.predecessor_id
            join bodies after on after.id = s.successor_id
        ),
        'transfers', (
            select coalesce(jsonb_agg(to_jsonb(t) order by t.effective_on, giver.name, receiver.name), '[]')
            from transfers t
            join bodies giver on giver.id = t.giver_id
            join bodies receiver on receiver.id = t.receiver_id
        ),
        'bodies', (select coalesce(jsonb_agg(to_jsonb(bodies)), '[]') from bodies),
        'sources', (select coalesce(jsonb_agg(to_jsonb(sources)), '[]') from sources)
    )
"""


@dataclass(frozen=True)
class Lineage:
    """The successions that led to some organisations and followed from them, however many steps away, by date.

    `transfers` are the parts of areas that passed from or to one of these organisations.
    """

    steps: tuple[Succession, ...]
    transfers: tuple[AreaTransfer, ...] = ()

    def areas_into(self, organisation_id: int) -> list[AreaTransfer]:
        """The parts of other organisations' areas that passed to the organisation."""
        return [each for each in self.transfers if each.receiver_id == organisation_id]

    def areas_out_of(self, organisation_id: int) -> list[AreaTransfer]:
        """The parts of the organisation's area that passed to others."""
        return [each for each in self.transfers if each.giver_id == organisation_id]

    def is_whole(self, step: Succession) -> bool:
        """Whether the successor took over from the whole predecessor: from no part of it alone."""
        heirs = [each for each in self.out_of(step.predecessor_id) if each.effective_on == step.effective_on]
        parts = [each for each in self.areas_out_of(step.predecessor_id) if each.effective_on == step.effective_on]
        return len(heirs) == 1 and not parts

    def into(self, organisation_id: int) -> list[Succession]:
        """The successions in which the organisation took over from others."""
        return [step for step in self.steps if step.successor_id == organisation_id]

    def out_of(self, organisation_id: int) -> list[Succession]:
        """The successions in which others took over from the organisation."""
        return [step for step in self.steps if step.predecessor_id == organisation_id]

    def final_successors(self, organisation_id: int) -> list[Organisation]:
        """The organisations that have its functions now, after any number of successions; empty if nobody took over."""
        last: dict[int, Organisation] = {}
        seen, waiting = {organisation_id}, self.out_of(organisation_id)
        while waiting:
            step = waiting.pop(0)
            onward = self.out_of(step.successor_id)
            if not onward:
                last[step.successor_id] = step.successor
            elif step.successor_id not in seen:
                seen.add(step.successor_id)
                waiting += onward
        return sorted(last.values(), key=lambda body: body.name)

    def everyone(self) -> list[Organisation]:
        """Every organisation in these successions, once, by name."""
        bodies = {body.pk: body for step in self.steps for body in (step.predecessor, step.successor)}
        return sorted(bodies.values(), key=lambda body: body.name)


def lineage(organisation_ids: Sequence[int]) -> Lineage:
    """All successions before and after these organisations, however far away, and parts of areas. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_LINEAGE, {"ids": list(organisation_ids)})
        (text,) = cursor.fetchone()
    found = json.loads(text)
    bodies = {body.pk: body for body in (_from_row(Organisation, row) for row in found["bodies"])}
    sources = {source.pk: source for source in (_from_row(Source, row) for row in found["sources"])}
    steps = [_from_row(Succession, row) for row in found["steps"]]
    transfers = [_from_row(AreaTransfer, row) for row in found["transfers"]]
    for step in steps:
        step.predecessor, step.successor = bodies[step.predecessor_id], bodies[step.successor_id]
    for transfer in transfers:
        transfer.giver, transfer.receiver = bodies[transfer.giver_id], bodies[transfer.receiver_id]
    linked: list[Succession | AreaTransfer] = [*steps, *transfers]
    for each in linked:
        if each.source_id is not None:
            each.source = sources[each.source_id]
    return Lineage(tuple(steps), tuple(transfers))


def _from_row(model: type[Row], row: dict[str, Any]) -> Row:
    """An object as if it had been read from its table, of which `row` is a row in JSON."""
    fields = model._meta.concrete_fields
    values = [field.to_python(row[field.attname]) for field in fields]
    return model.from_db(connection.alias, [field.attname for field in fields], values)
