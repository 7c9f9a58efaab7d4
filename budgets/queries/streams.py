"""Funding streams: what they are, their totals, who holds them, and who has not reported."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.db.models import CharField, Count, F, Func, QuerySet, Sum, Value
from django.db.models.functions import Lower

from budgets.models import Allocation, FundingStream
from budgets.queries.totals import COLUMNS, PUBLISHERS, TOTAL_KEY, Total, published_totals, read_total, totals_in
from budgets.queries.visibility import allocations_visible_to, as_at
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
    return totals_in(published_totals(), by_region=False)


def stream_totals(
    stream: FundingStream, *, published_by: dt.date | None = None, known_at: dt.datetime | None = None
) -> list[Total]:
    """Published totals by year, basis and region: the stored ones, or calculated as at the given times."""
    if published_by is None and known_at is None:
        return totals_in(published_totals().filter(stream=stream), by_region=True)
    stood = as_at(
        allocations_visible_to(ANONYMOUS).filter(stream=stream, source__kind__in=PUBLISHERS),
        as_at=published_by,
        known_at=known_at,
    )
    regions = {"region_name": F("organisation__region__name"), "region_kind": F("organisation__region__kind")}
    columns = {**COLUMNS, **regions}
    found = (
        stood.values(**columns)
        .values(*columns, *TOTAL_KEY)
        .annotate(sum_amount=Sum("amount"), sum_reported=Count("amount"), sum_missing=Count("pk") - Count("amount"))
        .order_by(*TOTAL_KEY, "source_name", "region_kind", "region_name")
    )
    return [read_total(row) for row in found]


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
    found = allocations_visible_to(actor).filter(stream=stream, financial_year=year, basis=basis)
    return (
        as_at(found, as_at=published_by, known_at=known_at)
        .select_related("organisation", "organisation__region", "source", "stream")
        .annotate(population=latest_population("organisation_id"))
        .order_by("organisation__name", "pk")
    )


@dataclass(frozen=True)
class Silence:
    """Holders without a figure: `marked` by the publisher as not reporting, or `absent` from the publication."""

    marked: list[Organisation]
    absent: list[Organisation]


def silence(
    stream: FundingStream,
    *,
    year: int,
    basis: str,
    published_by: dt.date | None = None,
    known_at: dt.datetime | None = None,
) -> Silence:
    """Names of holders without a figure in one year and basis. Two queries."""
    published = as_at(
        allocations_visible_to(ANONYMOUS).filter(stream=stream, financial_year=year, basis=basis),
        as_at=published_by,
        known_at=known_at,
    )
    last_day = FinancialYear(year).last_day
    marked = Organisation.objects.filter(pk__in=published.filter(amount=None).values("organisation_id"))
    absent = (
        Organisation.objects.open_on(last_day)
        .filter(kind__in=stream.holder_kinds, illustrative=False)
        .exclude(pk__in=published.values("organisation_id"))
    )
    return Silence(
        marked=list(marked.order_by("name", "pk")[:MOST_NAMED]), absent=list(absent.order_by("name", "pk")[:MOST_NAMED])
    )
