"""The API of funding streams, allocations and totals: published figures, and the client's own."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.urls import path
from django.utils import timezone

from budgets import api_schema as shapes
from budgets.queries import listings
from budgets.queries.comparison import compared_with, comparison, largest_line, measure_of
from budgets.queries.holdings import holdings_of
from budgets.queries.listing_columns import COMPARISON_COLUMNS
from budgets.queries.listings import ALLOCATIONS, ALWAYS_APART, MAY_DIVIDE, STREAMS, Asked
from budgets.queries.streams import stream_by_code, stream_totals
from budgets.rules.comparing import Holding, Peers, peers_of
from budgets.terms import Basis, GrossOrNet, Recurrence
from pooledcare.directory.api import API, actor_of, known_organisations, known_region
from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.rest import parameters as p
from pooledcare.kernel.rest.authentication import Public
from pooledcare.kernel.rest.listings import Listing
from pooledcare.kernel.rest.problems import HttpProblem
from pooledcare.kernel.rest.schema import Operation
from pooledcare.kernel.rest.views import DetailView, ListView, absolute, list_paths

_REFERENCE = re.compile("AL-([1-9][0-9]{0,17})")
FILTERS = (
    p.code("organisation", "Only figures of the bodies that have, or ever had, this code.", "QSL"),
    p.pattern("stream", "Only this funding stream.", grammar="[a-z0-9-]{1,40}", example="nhs-core"),
    p.financial_year(),
    p.choice("basis", Basis, "Only this basis."),
    p.choice("gross_or_net", GrossOrNet, "Only gross, or only net figures."),
    p.choice("recurrence", Recurrence, "Only this recurrence."),
    p.code("region", "Only figures of holders in the region with this code.", "Y58"),
    p.code("source", "Only figures given by the body with this code.", "X24"),
    p.pattern("upload", "Only figures from this upload.", grammar="UP-[1-9][0-9]{0,8}", example="UP-1"),
    p.day("as_at", "The versions published by the end of this day, instead of the current ones."),
    p.day(
        "known_at", "The versions that PooledCare held at the end of this day, without later corrections.", "2026-04-30"
    ),
)


def asked_for(asked: dict[str, Any]) -> Asked:
    """The filters with codes replaced by keys. Raises 404 for an unknown code, rather than giving an empty list."""
    plain: list[tuple[str, Any]] = [
        (name, asked[name]) for name in ("financial_year", "basis", "gross_or_net", "recurrence") if name in asked
    ]
    if upload := asked.get("upload"):
        plain.append(("upload_id", int(upload.removeprefix("UP-"))))
    if reference := asked.get("reference"):
        plain.append(("id", int(reference.removeprefix("AL-"))))
    organisation, source, region = asked.get("organisation"), asked.get("source"), asked.get("region")
    return Asked(
        organisation_ids=known_organisations(organisation, "organisation") if organisation else None,
        source_ids=known_organisations(source, "source") if source else None,
        stream_id=known_stream(asked["stream"]) if "stream" in asked else None,
        region_id=known_region(region) if region else None,
        plain=tuple(plain),
        as_at=asked.get("as_at"),
        known_at=end_of(asked["known_at"]) if "known_at" in asked else None,
    )


def known_stream(code: str) -> int:
    found = listings.stream_id(code)
    if found is None:
        raise HttpProblem("not-found", f"There is no funding stream {code} (stream).")
    return found


def end_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.max))


class StreamList(ListView):
    """The named sources of money. Known clients: none outside PooledCare yet."""

    tag = "funding-streams"
    filename = "funding-streams"
    permission_classes = [Public]
    operations = {
        "GET": Operation(
            id="listFundingStreams",
            summary="List funding streams",
            description="In the order of the pages.",
            answers={200: shapes.STREAM_PAGE},
            parameters=p.LIST,
            curl='curl "$API/funding-streams/"',
        )
    }

    def listing(self, asked: dict[str, Any], **names: str) -> Listing:
        return STREAMS

    def present(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return stream(row)


def stream(row: tuple[Any, ...]) -> dict[str, Any]:
    values = STREAMS.entry(row)
    links = {
        "self": stream_link(values["code"]),
        "allocations": absolute(f"{API}/allocations/?stream={values['code']}"),
        "page": absolute(f"/streams/{values['code']}/"),
    }
    return values | {"links": links}


def stream_link(code: str) -> str:
    return absolute(f"{API}/funding-streams/{code}/")


class StreamDetail(DetailView):
    """One funding stream."""

    tag = "funding-streams"
    permission_classes = [Public]
    operations = {
        "GET": Operation(
            id="getFundingStream",
            summary="Read one funding stream",
            description="By its code.",
            answers={200: shapes.STREAM_ANSWER},
            path_parameters={"code": shapes.PATH_STREAM},
            problems=(404,),
            curl='curl "$API/funding-streams/nhs-core/"',
        )
    }

    def detail(self, asked: dict[str, Any], **names: str) -> Any:
        row = STREAMS.narrowed("s.code = %s", names["code"]).one()
        if row is None:
            raise HttpProblem("not-found")
        return stream(row)


class StreamComparison(ListView):
    """The holders of a funding stream compared a head. Known clients: none outside PooledCare yet."""

    tag = "funding-streams"
    filename = "a-head"
    permission_classes = [Public]
    operations = {
        "GET": Operation(
            id="compareHolders",
            summary="Compare the holders of a funding stream a head",
            description=(
                "What each holder has a head for one financial year, its rank and England's mean, the highest first. "
                "The figures differ in nothing but the holder: they are those of the largest sum of the year and "
                "basis. Without `financial_year` and `basis` it is the latest year with figures. With `organisation` "
                "only that one and those like it are listed; ranks and the mean remain those of all. Only published "
                "figures are compared, so every client gets the same."
            ),
            answers={200: shapes.COMPARISON_PAGE},
            path_parameters={"code": shapes.PATH_STREAM},
            parameters=(
                p.financial_year(),
                p.choice("basis", Basis, "Figures of this basis."),
                p.code("organisation", "Only this holder and its peers."),
                p.choice("peers", Peers, "With which holders it is compared; by default the ten nearest."),
                p.pattern(
                    "others",
                    "The codes of holders to compare with, separated by commas, for `peers=chosen`.",
                    grammar="[A-Za-z0-9]{1,12}(,[A-Za-z0-9]{1,12}){0,199}",
                    example="QR1,QHM",
                    upper=True,
                ),
                p.day("as_at", "The versions published by the end of this day, instead of the current ones."),
                p.day(
                    "known_at",
                    "The versions that PooledCare held at the end of this day, without later corrections.",
                    "2026-04-30",
                ),
                *p.LIST,
            ),
            problems=(404,),
            curl='curl "$API/funding-streams/nhs-core/a-head/?financial_year=2024-25"',
        )
    }

    def listing(self, asked: dict[str, Any], **names: str) -> Listing:
        stream = stream_by_code(names["code"])
        if stream is None:
            raise HttpProblem("not-found")
        _refuse_incomplete(asked)
        moment = {
            "published_by": asked.get("as_at"),
            "known_at": end_of(asked["known_at"]) if "known_at" in asked else None,
        }
        totals = stream_totals(stream, **moment)
        chosen = measure_of(totals, {"year": asked.get("financial_year"), "basis": asked.get("basis")})
        line = largest_line(totals, chosen) if chosen else None
        compared = compared_with(line) if line else None
        everyone = holdings_of(compared, **moment) if compared else []
        code = asked.get("organisation", "")
        own = _holder(code, everyone) if code else None
        others = [_holder(other, everyone).code for other in asked["others"].split(",")] if "others" in asked else []
        peers = peers_of(own, everyone, asked.get("peers", Peers.NEAREST), others) if own else []
        return comparison(compared, everyone, own, peers)

    def present(self, row: tuple[Any, ...]) -> dict[str, Any]:
        shape = dict(zip((column.name for column in COMPARISON_COLUMNS), row, strict=True))
        api = absolute(API)
        page = f"year={shape['financial_year']}&basis={shape['basis']}&body={shape['organisation']}"
        return shape | {
            "links": {
                "organisation": f"{api}/organisations/{shape['organisation']}/",
                "stream": f"{api}/funding-streams/{shape['stream']}/",
                "allocation": f"{api}/allocations/{shape['allocation']}/",
                "page": absolute(f"/streams/{shape['stream']}/a-head/?{page}"),
            }
        }


def _refuse_incomplete(asked: dict[str, Any]) -> None:
    """Raise a problem 400 for a choice of peers that cannot be followed."""
    problems = []
    if "organisation" not in asked and ("peers" in asked or "others" in asked):
        problems.append(Problem("REQUIRED", "Say whose peers are wanted.", Where(field="organisation")))
    if ("others" in asked) != (asked.get("peers") == Peers.CHOSEN):
        sentence = "peers=chosen needs others, the codes to compare with, and others needs peers=chosen."
        problems.append(Problem("REQUIRED", sentence, Where(field="others")))
    if problems:
        raise HttpProblem("invalid-parameter", errors=problems)


def _holder(code: str, everyone: list[Holding]) -> Holding:
    """The holder that has, or ever had, this code. Raises 404 if no holder with a published figure has."""
    known = known_organisations(code, "organisation")
    found = next((one for one in everyone if one.organisation_id in known), None)
    if found is None:
        raise HttpProblem("not-found", f"{code} has no published figure to compare (organisation, others).")
    return found


class AllocationList(ListView):
    """The figures themselves. Known clients: none outside PooledCare yet."""

    tag = "allocations"
    filename = "allocations"
    permission_classes = [Public]
    operations = {
        "GET": Operation(
            id="listAllocations",
            summary="List allocations",
            description=(
                "The current versions, or with `as_at` and `known_at` those of that time, in the order in which they "
                "were recorded. A publisher's figure and a holder's own are separate entries with separate "
                "sources. Unpublished figures are only given to a key of their holder."
            ),
            answers={200: shapes.ALLOCATION_PAGE},
            parameters=(
                *FILTERS,
                p.pattern(
                    "reference", "Only the version with this reference.", grammar=_REFERENCE.pattern, example="AL-1"
                ),
                *p.LIST,
            ),
            problems=(404,),
            curl='curl "$API/allocations/?organisation=QSL&financial_year=2024-25&stream=nhs-core"',
        )
    }

    def listing(self, asked: dict[str, Any], **names: str) -> Listing:
        return listings.allocations(asked_for(asked), actor=actor_of(self.request))

    def present(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return allocation(row)


_PLACES = tuple((each.name, place) for place, each in enumerate(ALLOCATIONS.columns) if not each.within)
_LINEAGE_PLACES = tuple((each.name, place) for place, each in enumerate(ALLOCATIONS.columns) if each.within)


def allocation(row: tuple[Any, ...]) -> dict[str, Any]:
    """One figure with its source. Built from plain values rather than a model, because lists are long."""
    shape = {name: row[place] for name, place in _PLACES}
    lineage = {name: row[place] or None for name, place in _LINEAGE_PLACES}
    api = absolute(API)
    shape["lineage"] = lineage
    shape["links"] = {
        "self": f"{api}/allocations/{shape['reference']}/",
        "organisation": f"{api}/organisations/{shape['organisation']}/",
        "stream": f"{api}/funding-streams/{shape['stream']}/",
        "source": f"{api}/organisations/{shape['source']}/",
        "upload": f"{api}/uploads/{lineage['upload']}/",
    }
    return shape


class AllocationDetail(DetailView):
    """One version of one figure, current or superseded."""

    tag = "allocations"
    permission_classes = [Public]
    operations = {
        "GET": Operation(
            id="getAllocation",
            summary="Read one version of one figure",
            description="By its reference. You can also read superseded versions.",
            answers={200: shapes.ALLOCATION_ANSWER},
            path_parameters={"reference": shapes.PATH_REFERENCE},
            problems=(404,),
            curl='curl "$API/allocations/AL-1/"',
        )
    }

    def detail(self, asked: dict[str, Any], **names: str) -> Any:
        written = _REFERENCE.fullmatch(names["reference"])
        row = listings.allocation(int(written[1]), actor=actor_of(self.request)) if written else None
        if row is None:
            raise HttpProblem("not-found")
        return allocation(row)


class AllocationTotals(ListView):
    """Sums of figures. Known clients: none outside PooledCare yet."""

    tag = "allocations"
    filename = "allocation-totals"
    permission_classes = [Public]
    operations = {
        "GET": Operation(
            id="listAllocationTotals",
            summary="Add up allocations",
            description=(
                f"There are separate sums for each {', '.join(ALWAYS_APART)}: figures of different years, bases or "
                "sources are never added together. `by` divides them further. Each total says how many holders of the "
                "stream are in it and how many were not reported; what was not reported is never counted as zero. "
                "Figures of bodies that do not hold the stream, such as what a few districts spend on adult social "
                "care, are in the sum as published and counted apart. Where streams are added together, one that is "
                "published inside another is counted once."
            ),
            answers={200: shapes.TOTAL_PAGE},
            parameters=(
                p.several("by", "How to divide the sums.", MAY_DIVIDE, ["stream", "region"]),
                *FILTERS,
                *p.LIST,
            ),
            problems=(404,),
            curl='curl "$API/allocations/totals/?by=stream,region&financial_year=2024-25"',
        )
    }

    def listing(self, asked: dict[str, Any], **names: str) -> Listing:
        by = asked.pop("by", ())
        self.listed = listings.totals(asked_for(asked), by, actor=actor_of(self.request))
        return self.listed

    def present(self, row: tuple[Any, ...]) -> dict[str, Any]:
        shape = self.listed.entry(row)
        if "region" in shape:
            shape["region"] = shape["region"] or None
        return shape


urlpatterns = [
    *list_paths("funding-streams", StreamList, name="funding-stream-list"),
    *list_paths("funding-streams/<slug:code>/a-head", StreamComparison, name="funding-stream-comparison"),
    path("funding-streams/<slug:code>/", StreamDetail.as_view(), name="funding-stream-detail"),
    *list_paths("allocations", AllocationList, name="allocation-list"),
    *list_paths("allocations/totals", AllocationTotals, name="allocation-totals"),
    path("allocations/<slug:reference>/", AllocationDetail.as_view(), name="allocation-detail"),
]
