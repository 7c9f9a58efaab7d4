"""Organisations as pages need them: found by code, listed, and with everything that became of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import DateField, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject

from pooledcare.directory.models import (
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


def reference_known_to() -> dt.date | None:
    """The newest date printed in any publication behind the reference tables."""
    return Source.objects.aggregate(latest=Max("dated"))["latest"]


def known_to() -> Subquery:
    """The same as `reference_known_to`, as a column, for pages that count their queries."""
    return Subquery(
        Source.objects.order_by(F("dated").desc(nulls_last=True)).values("dated")[:1], output_field=DateField(null=True)
    )


def latest_population(organisation: str = "pk") -> Subquery:
    """The newest count of an organisation's people as {persons, as_at, measure}, as a column; None without one."""
    return Subquery(
        Population.objects.filter(organisation=OuterRef(organisation))
        .order_by("-as_at", "measure")
        .values(found=JSONObject(persons="persons", as_at="as_at", measure="measure"))[:1]
    )


@dataclass(frozen=True)
class Head:
    """A number of people, of what kind and when: whatever is divided by it names it."""

    persons: int
    as_at: dt.date
    measure: str

    @classmethod
    def read(cls, found: dict[str, object] | None) -> Head | None:
        if found is None:
            return None
        return cls(int(str(found["persons"])), dt.date.fromisoformat(str(found["as_at"])), str(found["measure"]))


def organisations_named_by(code: str) -> list[Organisation]:
    """Every body that the code names or ever named; the one whose present code it is comes first.

    Each carries `known_to` and `population`. The same code can have had two holders, one after the other.
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
    """Organisations by name; `text` is looked for in names and codes, as they are or were."""
    listed = Organisation.objects.all()
    if text:
        codes = OrganisationCode.objects.filter(code=text.strip().upper()).values("organisation_id")
        names = OrganisationName.objects.filter(name__icontains=text).values("organisation_id")
        listed = listed.filter(
            Q(name__icontains=text) | Q(code=text.strip().upper()) | Q(pk__in=codes) | Q(pk__in=names)
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


def regions_in_use() -> list[Region]:
    """Regions to which some organisation belongs, by kind and name."""
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
    """The places into which an NHS commissioner's population falls, the largest share first."""
    return list(
        organisation.overlaps.select_related("place", "source").order_by("measure", "-as_at", "-quantity", "pk")
    )


_SUCCESSIONS = """
    with recursive earlier as (
        select s.id, s.predecessor_id from directory_succession s where s.successor_id = any(%s)
        union
        select s.id, s.predecessor_id from directory_succession s join earlier e on s.successor_id = e.predecessor_id
    ), later as (
        select s.id, s.successor_id from directory_succession s where s.predecessor_id = any(%s)
        union
        select s.id, s.successor_id from directory_succession s join later l on s.predecessor_id = l.successor_id
    )
    select id from earlier union select id from later
"""


@dataclass(frozen=True)
class Lineage:
    """Everything that led to some organisations, and everything that came of them, in the order of events."""

    steps: tuple[Succession, ...]

    def into(self, organisation_id: int) -> list[Succession]:
        """From whom an organisation took over."""
        return [step for step in self.steps if step.successor_id == organisation_id]

    def out_of(self, organisation_id: int) -> list[Succession]:
        """Who took over from an organisation."""
        return [step for step in self.steps if step.predecessor_id == organisation_id]

    def heirs(self, organisation_id: int) -> list[Organisation]:
        """Those that hold its functions in the end, after however many steps; nobody when nobody took over."""
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
        """Every body that takes part, once, by name."""
        bodies = {body.pk: body for step in self.steps for body in (step.predecessor, step.successor)}
        return sorted(bodies.values(), key=lambda body: body.name)


def lineage(organisation_ids: Sequence[int]) -> Lineage:
    """Successions before and after these organisations, step by step to both ends; one query."""
    ids = list(organisation_ids)
    found = (
        Succession.objects.filter(pk__in=RawSQL(_SUCCESSIONS, (ids, ids)))  # noqa: S611 - a constant
        .select_related("predecessor", "successor", "source")
        .order_by("effective_on", "predecessor__name", "successor__name")
    )
    return Lineage(tuple(found))
