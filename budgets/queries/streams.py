"""Funding streams: what they are, their totals, who holds them, and who has not reported."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.db.models import CharField, Count, F, Func, Q, QuerySet, Sum, Value
from django.db.models.functions import Lower

from budgets.models import Allocation, FundingStream
from budgets.queries.absent import with_absent
from budgets.queries.totals import (
    COLUMNS,
    PUBLISHERS,
    TOTAL_KEY,
    Total,
    added_up,
    line_of,
    published_totals,
    read_total,
    totals_in,
)
from budgets.queries.visibility import allocations_visible_to, as_at, with_restated
from pooledcare.directory.access import ANONYMOUS, Actor
from pooledcare.directory.models import Organisation
from pooledcare.directory.queries.organisations import known_to, latest_population
from pooledcare.kernel.periods import FinancialYear

MOST_NAMED = 400


def streams_listed() -> list[FundingStream]:
    """Every stream in the order of pages, annotated with `known_to`."""
    return list(
        FundingStream.objects.select_related("part_of").annotate(known_to=known_to()).order_by("position", "code")
    )


def stream_by_code(code: str) -> FundingStream | None:
    return (
        FundingStream.objects.filter(code=code)
        .select_related("part_of", "source")
        .prefetch_related("parts")
        .annotate(known_to=known_to())
        .first()
    )


def streams_found(text: str) -> list[FundingStream]:
    """Streams whose name, code or description contains every word, in the order of pages."""
    words = re.findall(r"[\w'-]+", text.lower())
    if not words:
        return []
    found = FundingStream.objects.annotate(
        everything=Lower(
            Func(Value(" "), "name", "code", "description", function="concat_ws", output_field=CharField())
        )
    )
    for word in words:
        found = found.filter(everything__contains=word)
    return list(found.order_by("position", "code"))


def all_totals() -> list[Total]:
    """Every stream's published totals by year and basis."""
    return added_up(with_absent(totals_in(published_totals(), by_region=True)), key=line_of)


def stream_totals(
    stream: FundingStream, *, published_by: dt.date | None = None, known_at: dt.datetime | None = None
) -> list[Total]:
    """Published totals by year, basis and region: the stored ones, or calculated as at the given times."""
    if published_by is None and known_at is None:
        return with_absent(totals_in(published_totals().filter(stream=stream), by_region=True))
    stood = as_at(
        allocations_visible_to(ANONYMOUS).filter(stream=stream, source__kind__in=PUBLISHERS),
        as_at=published_by,
        known_at=known_at,
    )
    regions = {"region_name": F("organisation__region__name"), "region_kind": F("organisation__region__kind")}
    columns = {**COLUMNS, **regions}
    holds = Q(organisation__kind__in=stream.holder_kinds)
    found = (
        stood.values(**columns)
        .values(*columns, *TOTAL_KEY)
        .annotate(
            sum_amount=Sum("amount"),
            sum_reported=Count("amount", filter=holds),
            sum_missing=Count("pk", filter=holds & Q(amount=None)),
            sum_included=Count("amount", filter=~holds),
            sum_included_amount=Sum("amount", filter=~holds),
        )
        .order_by(*TOTAL_KEY, "source_name", "region_kind", "region_name")
    )
    totals = [read_total(row) for row in found]
    return with_absent([total for total in totals if total.expected or total.included])


def holders_of(
    stream: FundingStream,
    *,
    year: int,
    basis: str,
    actor: Actor,
    published_by: dt.date | None = None,
    known_at: dt.datetime | None = None,
) -> QuerySet[Allocation]:
    """Figures of one year and basis by name of holder, annotated with the holder's `population`."""
    moment = {"published_by": published_by, "known_at": known_at}
    found = _figures(stream, year=year, basis=basis, actor=actor, **moment)  # type: ignore[arg-type]
    return found.filter(organisation__kind__in=stream.holder_kinds)


def _figures(
    stream: FundingStream,
    *,
    year: int,
    basis: str,
    actor: Actor,
    published_by: dt.date | None,
    known_at: dt.datetime | None,
) -> QuerySet[Allocation]:
    found = allocations_visible_to(actor).filter(stream=stream, financial_year=year, basis=basis)
    return (
        with_restated(as_at(found, as_at=published_by, known_at=known_at))
        .select_related("organisation", "organisation__region", "source", "stream")
        .annotate(population=latest_population("organisation_id"))
        .order_by("organisation__name", "pk")
    )


@dataclass(frozen=True)
class Silence:
    """Who has no figure: holders `marked` by the publisher as not reporting or `absent` from the publication.

    `not_counted` are marked too, but do not hold the stream: nobody is waiting for a figure of theirs.
    """

    marked: list[Organisation]
    absent: list[Organisation]
    not_counted: list[Organisation]


def silence(
    stream: FundingStream,
    *,
    year: int,
    basis: str,
    published_by: dt.date | None = None,
    known_at: dt.datetime | None = None,
) -> Silence:
    """Names of organisations without a figure in one year and basis. Two queries."""
    published = as_at(
        allocations_visible_to(ANONYMOUS).filter(stream=stream, financial_year=year, basis=basis),
        as_at=published_by,
        known_at=known_at,
    )
    last_day = FinancialYear(year).last_day
    marked = Organisation.objects.filter(pk__in=published.filter(amount=None).values("organisation_id"))
    named = list(marked.order_by("name", "pk")[:MOST_NAMED])
    absent = (
        Organisation.objects.open_on(last_day)
        .filter(kind__in=stream.expected_kinds, illustrative=False)
        .exclude(pk__in=published.values("organisation_id"))
    )
    return Silence(
        marked=[body for body in named if body.kind in stream.holder_kinds],
        absent=list(absent.order_by("name", "pk")[:MOST_NAMED]) if stream.expects_in(year) else [],
        not_counted=[body for body in named if body.kind not in stream.holder_kinds],
    )


def figures_of_others(
    stream: FundingStream,
    *,
    year: int,
    basis: str,
    actor: Actor,
    published_by: dt.date | None = None,
    known_at: dt.datetime | None = None,
) -> QuerySet[Allocation]:
    """Amounts of organisations that do not hold the stream, as `holders_of`: in the sums, but not counted."""
    moment = {"published_by": published_by, "known_at": known_at}
    found = _figures(stream, year=year, basis=basis, actor=actor, **moment)  # type: ignore[arg-type]
    return found.exclude(organisation__kind__in=stream.holder_kinds).exclude(amount=None)
