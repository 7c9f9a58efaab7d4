"""The API of organisations, places and changes. Anybody may read them, but only members see unpublished changes."""

from __future__ import annotations

from typing import Any, cast

from django.urls import path
from rest_framework.request import Request

from pooledcare.directory import api_schema as shapes
from pooledcare.directory.access import Actor
from pooledcare.directory.queries import listings, neighbours
from pooledcare.directory.queries.code_days import nobody_had
from pooledcare.directory.terms import OrganisationKind
from pooledcare.kernel.rest import parameters as p
from pooledcare.kernel.rest.authentication import Public
from pooledcare.kernel.rest.listings import Listing
from pooledcare.kernel.rest.problems import HttpProblem
from pooledcare.kernel.rest.schema import Operation
from pooledcare.kernel.rest.views import DetailView, ListView, absolute, list_paths

API = "/api/v1"


def actor_of(request: Request) -> Actor:
    """The actor of a request. Raises a problem 401 for an invalid key."""
    return cast(Actor, request.auth)


def organisation_link(code: str) -> str:
    return absolute(f"{API}/organisations/{code}/")


def known_organisations(code: str, parameter: str) -> list[int]:
    """The ids of the organisations that have or had the code. Raises a problem 404 if none ever had it."""
    found = listings.organisation_ids(code)
    if not found:
        raise HttpProblem("not-found", f"{nobody_had(code).message} ({parameter}).")
    return found


def known_region(code: str) -> int:
    found = listings.region_id(code)
    if found is None:
        raise HttpProblem("not-found", f"There is no region with the code {code} (region).")
    return found


class OrganisationList(ListView):
    """All organisations that hold or publish money, including those that no longer exist."""

    tag = "organisations"
    filename = "organisations"
    permission_classes = [Public]
    operations = {
        "GET": Operation(
            id="listOrganisations",
            summary="List organisations",
            description="Ordered by name, then by an internal number. A body and its successor are separate entries.",
            answers={200: shapes.ORGANISATION_PAGE},
            parameters=(
                p.choice("kind", OrganisationKind, "Only bodies of this kind.", "icb"),
                p.code("region", "Only bodies in the region with this code.", "Y63"),
                p.code("code", "Only bodies that have, or ever had, this ODS, ONS or E-code.", "QSL"),
                p.day("as_at", "With `code`: only the body that had the code on this day."),
                p.day("open_on", "Only bodies that existed on this day."),
                p.words(
                    "name",
                    "Only bodies with this text in one of their names, or as a short name; case does not matter.",
                    "Somerset",
                ),
                *p.LIST,
            ),
            problems=(404,),
            curl='curl "$API/organisations/?kind=icb&open_on=2024-06-30&page_size=5"',
        )
    }

    def listing(self, asked: dict[str, Any], **names: str) -> Listing:
        if region := asked.get("region"):
            known_region(region)
        return listings.organisations(asked)

    def present(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return organisation(row)


def organisation(row: tuple[Any, ...]) -> dict[str, Any]:
    found = listings.ORGANISATIONS.entry(row)
    code = found["code"]
    links = {
        "self": organisation_link(code),
        "allocations": absolute(f"{API}/allocations/?organisation={code}"),
        "page": absolute(f"/organisations/{code}/"),
    }
    return found | {"links": links}


class OrganisationDetail(DetailView):
    """One organisation, by any code that it has or had, with its predecessors, successors and places."""

    tag = "organisations"
    permission_classes = [Public]
    operations = {
        "GET": Operation(
            id="getOrganisation",
            summary="Read one organisation",
            description=(
                "By ODS, ONS or E-code. Two organisations can have had the same code, one after the other. `as_at` "
                "chooses the one on a day; without it, you get the organisation that has the code now, or had it last."
            ),
            answers={200: shapes.ORGANISATION_ANSWER},
            parameters=(p.day("as_at", "The body that had the code on this day.", "2021-04-01"),),
            path_parameters={"code": shapes.path_code("QSL")},
            problems=(404,),
            curl='curl "$API/organisations/QSL/"',
        )
    }

    def detail(self, asked: dict[str, Any], **names: str) -> Any:
        found = listings.organisation_ids(names["code"].upper(), asked.get("as_at"))
        row = listings.ORGANISATIONS.narrowed("o.id = %s", found[0]).one() if found else None
        if row is None:
            problem = nobody_had(names["code"], on=asked.get("as_at"))
            raise HttpProblem("not-found", f"{problem.message}. {problem.fix}")
        around = neighbours.around_organisation(found[0])
        steps = ("predecessors", "successors", "areas_given", "areas_received")
        for body in (body for name in steps for body in around[name]):
            body["link"] = organisation_link(body["organisation"])
        for place in (*around["places"], *around["overlaps"]):
            place["link"] = place_link(place["place"])
        return organisation(row) | around


def place_link(slug: str) -> str:
    return absolute(f"{API}/places/{slug}/")


class PlaceList(ListView):
    """All places: the areas of health and wellbeing boards."""

    tag = "places"
    filename = "places"
    permission_classes = [Public]
    operations = {
        "GET": Operation(
            id="listPlaces",
            summary="List places",
            description="A place is the area of one health and wellbeing board. Ordered by name.",
            answers={200: shapes.PLACE_PAGE},
            parameters=(
                p.day("open_on", "Only places that existed on this day."),
                p.words(
                    "name",
                    "Only places with this text in their name, or as their council’s short name; case does not matter.",
                    "Somerset",
                ),
                p.code("council", "Only places of the council with this code.", "E06000066"),
                p.code("commissioner", "Only places into which the population of this NHS commissioner falls.", "11X"),
                *p.LIST,
            ),
            problems=(404,),
            curl='curl "$API/places/?open_on=2024-06-30"',
        )
    }

    def listing(self, asked: dict[str, Any], **names: str) -> Listing:
        for name in ("council", "commissioner"):
            if code := asked.get(name):
                known_organisations(code, name)
        return listings.places(asked)

    def present(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return place(row)


def place(row: tuple[Any, ...]) -> dict[str, Any]:
    found = listings.PLACES.entry(row)
    slug = found["slug"]
    return found | {"links": {"self": place_link(slug), "page": absolute(f"/places/{slug}/")}}


class PlaceDetail(DetailView):
    """One place, with its councils, its NHS commissioners on a day, and their shared populations."""

    tag = "places"
    permission_classes = [Public]
    operations = {
        "GET": Operation(
            id="getPlace",
            summary="Read one place",
            description=(
                "`commissioners` are the NHS bodies on the day `as_at` (today if it is not given), worked out from "
                "the published overlaps and the successions since then. `overlaps` are the published counts."
            ),
            answers={200: shapes.PLACE_ANSWER},
            parameters=(p.day("as_at", "The day for which commissioners are given."),),
            path_parameters={"slug": shapes.path_slug("somerset")},
            problems=(404,),
            curl='curl "$API/places/somerset/?as_at=2021-06-30"',
        )
    }

    def detail(self, asked: dict[str, Any], **names: str) -> Any:
        row = listings.PLACES.narrowed("l.slug = %s", names["slug"]).one()
        pk = neighbours.place_id(names["slug"])
        if row is None or pk is None:
            raise HttpProblem("not-found")
        around = neighbours.around_place(pk, as_at=asked.get("as_at"))
        for body in (*around["commissioners"], *around["overlaps"]):
            body["link"] = organisation_link(body["organisation"])
        for other in (*around["predecessors"], *around["successors"]):
            other["link"] = place_link(other["place"])
        return place(row) | around


class ChangeList(ListView):
    """The change feed, for clients such as data warehouses that keep a copy."""

    tag = "changes"
    filename = "changes"
    permission_classes = [Public]
    operations = {
        "GET": Operation(
            id="listChanges",
            summary="Follow what was published or changed",
            description=(
                "In the order in which changes were committed. If you have read up to a `sequence`, ask again with it "
                "as `after`, and you miss nothing. Gaps in the numbers are changes that you may not see. An accepted "
                "upload is one entry, whatever its size; its link leads to the figures."
            ),
            answers={200: shapes.CHANGE_PAGE},
            parameters=(
                p.whole("after", "Only changes with a higher sequence.", least=0, most=10**15, example=0),
                p.pattern("resource", "Only changes of this resource.", grammar="[a-z-]{1,40}", example="allocations"),
                *p.LIST,
            ),
            curl='curl "$API/changes/?after=0"',
        )
    }

    def listing(self, asked: dict[str, Any], **names: str) -> Listing:
        return listings.changes(asked, actor=actor_of(self.request))

    def present(self, row: tuple[Any, ...]) -> dict[str, Any]:
        found = listings.CHANGES.entry(row)
        found["organisation"] = found["organisation"] or None
        return found | {"links": change_links(found["resource"], found["reference"])}


def change_links(resource: str, reference: str) -> dict[str, str]:
    """The link of a change: to the figures of an upload, or to the resource itself."""
    if reference.startswith("UP-"):
        return {"allocations": absolute(f"{API}/allocations/?upload={reference}")}
    return {"self": absolute(f"{API}/{resource}/{reference}/")}


urlpatterns = [
    *list_paths("organisations", OrganisationList, name="organisation-list"),
    path("organisations/<str:code>/", OrganisationDetail.as_view(), name="organisation-detail"),
    *list_paths("places", PlaceList, name="place-list"),
    path("places/<slug:slug>/", PlaceDetail.as_view(), name="place-detail"),
    *list_paths("changes", ChangeList, name="change-list"),
]
