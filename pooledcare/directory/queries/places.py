"""Queries on places for pages: lists with councils and NHS commissioners, single places, and similar places."""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from pooledcare.directory.models import Organisation, Overlap, Place, PlaceCouncil, PlaceSuccession, Population
from pooledcare.directory.queries.organisations import known_to, latest_population
from pooledcare.directory.queries.short_names import short_names_typed
from pooledcare.directory.terms import CouncilRole, OverlapMeasure

# The overlaps that show whether boundaries are the same: registered patients for today's integrated care boards, and
# small areas for the last clinical commissioning groups.
BOUNDARY_NOW = OverlapMeasure.REGISTERED_POPULATION
BOUNDARY_THEN = OverlapMeasure.SMALL_AREAS


def places_listed(
    *, text: str = "", region: str = "", kind: str = "", commissioner: str = "", coterminous: str = "", on: dt.date
) -> QuerySet[Place]:
    """Places that exist on a day, by name, each with its council, its NHS commissioners and its population.

    `coterminous` filters places with the same boundary as one commissioner: "now" by the newest lookup of registered
    patients, "then" by that of small areas, "neither" by none of them.
    """
    listed = Place.objects.open_on(on).annotate(
        council=Subquery(_councils_on(on).values(found=_body("organisation"))[:1]),
        commissioners=ArraySubquery(
            Overlap.objects.filter(place=OuterRef("pk"), measure=BOUNDARY_NOW)
            .order_by("-share_of_place", "organisation__name")
            .values(found=_body("organisation"))
        ),
        population=Subquery(_populations().values(found=_head())[:1]),
        is_coterminous_now=_coterminous(BOUNDARY_NOW),
        was_coterminous=_coterminous(BOUNDARY_THEN),
    )
    if text:
        short = short_names_typed(text).values("organisation")
        bodies = Q(councils__organisation__name__icontains=text) | Q(overlaps__organisation__name__icontains=text)
        bodies |= Q(councils__organisation__in=short) | Q(overlaps__organisation__in=short)
        listed = listed.filter(pk__in=Place.objects.filter(Q(name__icontains=text) | bodies).values("pk"))
    if region:
        listed = listed.filter(Exists(_councils_on(on).filter(organisation__region__code=region)))
    if kind:
        listed = listed.filter(Exists(_councils_on(on).filter(organisation__kind=kind)))
    if commissioner:
        listed = listed.filter(
            Exists(Overlap.objects.filter(place=OuterRef("pk"), organisation__code=commissioner.strip().upper()))
        )
    if coterminous:
        listed = listed.filter(
            **{
                "now": {"is_coterminous_now": True},
                "then": {"was_coterminous": True},
                "neither": {"is_coterminous_now": False, "was_coterminous": False},
            }[coterminous]
        )
    return listed.order_by("name", "pk")


def _councils_on(day: dt.date) -> QuerySet[PlaceCouncil]:
    return (
        PlaceCouncil.objects.filter(place=OuterRef("pk"), role=CouncilRole.UPPER_TIER)
        .filter(Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day))
        .order_by("organisation__name", "pk")
    )


def _body(path: str) -> JSONObject:
    return JSONObject(name=f"{path}__name", code=f"{path}__code", kind=f"{path}__kind", region=f"{path}__region__name")


def _populations() -> QuerySet[Population]:
    """Populations of a place, newest first: those of its councils with social care duties."""
    return Population.objects.filter(
        organisation__places__place=OuterRef("pk"), organisation__places__role=CouncilRole.UPPER_TIER
    ).order_by("-as_at", "measure", "pk")


def _head() -> JSONObject:
    return JSONObject(persons="persons", as_at="as_at", measure="measure")


def _coterminous(measure: str) -> Exists:
    return Exists(Overlap.objects.filter(place=OuterRef("pk"), measure=measure, share=1, share_of_place=1))


def commissioners_in_use() -> list[Organisation]:
    """NHS commissioners with a published overlap: integrated care boards first, then clinical commissioning groups."""
    shared = Overlap.objects.values("organisation_id")
    return list(Organisation.objects.filter(pk__in=shared).order_by("-kind", "name"))


def place_by_slug(slug: str) -> Place | None:
    """One place with its population, predecessors and successors, and the date of the reference tables. One query."""
    return (
        Place.objects.filter(slug=slug)
        .annotate(
            known_to=known_to(),
            population=Subquery(_populations().values(found=_head())[:1]),
            came_from=_steps("predecessor"),
            became=_steps("successor"),
        )
        .first()
    )


def _steps(end: str) -> ArraySubquery:
    own = "successor" if end == "predecessor" else "predecessor"
    return ArraySubquery(
        PlaceSuccession.objects.filter(**{own: OuterRef("pk")})
        .order_by("effective_on", f"{end}__name")
        .values(found=JSONObject(name=f"{end}__name", slug=f"{end}__slug", on="effective_on"))
    )


def councils_of(place: Place) -> list[PlaceCouncil]:
    """Its councils, those with social care duties first. Each organisation has the attribute `population`."""
    return list(
        PlaceCouncil.objects.filter(place=place)
        .select_related("organisation", "organisation__region")
        .annotate(population=latest_population("organisation_id"))
        .order_by("-role", "-valid_from", "organisation__name", "pk")
    )


def overlaps_of_place(place: Place) -> list[Overlap]:
    """The populations that NHS commissioners share with the place: newest lookup first, then largest share."""
    return list(
        Overlap.objects.filter(place=place)
        .select_related("organisation", "source")
        .annotate(population=latest_population("organisation_id"))
        .order_by("-as_at", "measure", "-share_of_place", "organisation__name")
    )
