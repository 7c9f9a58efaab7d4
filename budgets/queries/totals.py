"""Totals of published figures, from the stored `AllocationTotal` rows rather than from a million figures.

Only publishers' figures are included. Figures that holders publish themselves are shown on their own pages.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Count, F, QuerySet, Sum

from budgets.models import AllocationTotal
from pooledcare.directory.terms import OrganisationKind, RegionKind

NO_REGION = "No region"
PUBLISHERS = (OrganisationKind.NHS_ENGLAND, OrganisationKind.GOVERNMENT_DEPARTMENT)


@dataclass(frozen=True)
class Measure:
    """A year and a basis. Only figures that share both are ever added together."""

    year: int
    basis: str
    streams: int = 0


@dataclass(frozen=True)
class Total:
    """A sum of figures that share year, basis, gross or net, recurrence and source.

    Of the `expected` holders, `reported` have a figure in it, `not_reported` are marked as missing by the publisher,
    and `absent` are in no row of it. `included` further figures, of organisations that do not hold the stream, are in
    the sum with `included_amount`, and are not counted. `amount` is None if nobody has reported.
    """

    stream: str
    stream_name: str
    position: int
    part_of: str | None
    holder_kinds: tuple[str, ...]
    year: int
    basis: str
    gross_or_net: str
    recurrence: str
    source: str
    source_code: str
    region: str
    region_kind: str
    amount: Decimal | None
    reported: int
    not_reported: int
    absent: int = 0
    included: int = 0
    included_amount: Decimal = Decimal(0)
    expected_kinds: tuple[str, ...] = ()  # empty if nobody is expected to have a figure in that year

    @property
    def expected(self) -> int:
        return self.reported + self.not_reported + self.absent


COLUMNS = {
    "stream_code": F("stream__code"),
    "stream_name": F("stream__name"),
    "position": F("stream__position"),
    "part_of": F("stream__part_of__code"),
    "holder_kinds": F("stream__holder_kinds"),
    "expected_kinds": F("stream__expected_kinds"),
    "expected_from": F("stream__expected_from"),
    "source_name": F("source__name"),
    "source_code": F("source__code"),
    "region_name": F("region__name"),
    "region_kind": F("region__kind"),
}
TOTAL_KEY = ("financial_year", "basis", "gross_or_net", "recurrence")


def published_totals() -> QuerySet[AllocationTotal]:
    """Publishers' totals; those of which every figure was withdrawn, or is not counted, are left out."""
    return AllocationTotal.objects.filter(source__kind__in=PUBLISHERS).exclude(reported=0, not_reported=0, included=0)


def measures() -> list[Measure]:
    """Years and bases with publishers' figures, the oldest first, with the number of streams of each."""
    found = (
        published_totals()
        .values("financial_year", "basis")
        .annotate(streams=Count("stream", distinct=True))
        .order_by("financial_year", "basis")
    )
    return [Measure(row["financial_year"], row["basis"], row["streams"]) for row in found]


def totals_in(totals: QuerySet[AllocationTotal], *, by_region: bool) -> list[Total]:
    """The totals, with or without their regions, by stream, year, basis and region; one query."""
    columns = [name for name in COLUMNS if by_region or not name.startswith("region_")]
    found = (
        totals.values(**{name: COLUMNS[name] for name in columns})
        .values(*columns, *TOTAL_KEY)
        .annotate(
            sum_amount=Sum("amount"),
            sum_reported=Sum("reported"),
            sum_missing=Sum("not_reported"),
            sum_included=Sum("included"),
            sum_included_amount=Sum("included_amount"),
        )
        .order_by(
            "position", "stream_code", *TOTAL_KEY, "source_name", *(["region_kind", "region_name"] if by_region else [])
        )
    )
    return [read_total(row) for row in found]


def publication_of(total: Total) -> tuple[object, ...]:
    """What a source says of one stream in one year, on one basis."""
    return (total.stream, total.year, total.basis, total.source_code)


def line_of(total: Total) -> tuple[object, ...]:
    """The key of sums that differ only in the region."""
    return (*publication_of(total), total.gross_or_net, total.recurrence)


def region_of(name: object, kind: object) -> tuple[str, str]:
    """The name and kind under which a region is shown; for an organisation without one, “No region”."""
    return str(name or NO_REGION), str(kind or RegionKind.STATISTICAL)


def read_total(row: dict[str, object]) -> Total:
    """The `Total` of one row of a query with COLUMNS, TOTAL_KEY and the sums."""
    starts = row["expected_from"]
    region = region_of(row.get("region_name"), row.get("region_kind"))
    is_expected = starts is None or row["financial_year"] >= starts  # type: ignore[operator]
    return Total(
        stream=row["stream_code"],  # type: ignore[arg-type]
        stream_name=row["stream_name"],  # type: ignore[arg-type]
        position=row["position"],  # type: ignore[arg-type]
        part_of=row["part_of"],  # type: ignore[arg-type]
        holder_kinds=tuple(row["holder_kinds"]),  # type: ignore[arg-type]
        year=row["financial_year"],  # type: ignore[arg-type]
        basis=row["basis"],  # type: ignore[arg-type]
        gross_or_net=row["gross_or_net"],  # type: ignore[arg-type]
        recurrence=row["recurrence"],  # type: ignore[arg-type]
        source=row["source_name"],  # type: ignore[arg-type]
        source_code=row["source_code"],  # type: ignore[arg-type]
        region=region[0],
        region_kind=region[1],
        amount=row["sum_amount"] if row["sum_reported"] or row["sum_included"] else None,  # type: ignore[arg-type]
        reported=row["sum_reported"],  # type: ignore[arg-type]
        not_reported=row["sum_missing"],  # type: ignore[arg-type]
        included=row["sum_included"],  # type: ignore[arg-type]
        included_amount=row["sum_included_amount"] or Decimal(0),  # type: ignore[arg-type]
        expected_kinds=tuple(row["expected_kinds"]) if is_expected else (),  # type: ignore[arg-type]
    )


def added_up(totals: Iterable[Total], key: Callable[[Total], Hashable]) -> list[Total]:
    """Add together totals with the same key, in the order of first appearance.

    Raises `ValueError` for totals of different years or bases, or of gross and net.
    """
    groups: dict[Hashable, list[Total]] = {}
    for total in totals:
        groups.setdefault(key(total), []).append(total)
    return [_sum_of(group) for group in groups.values()]


def _sum_of(group: list[Total]) -> Total:
    if len({(total.year, total.basis, total.gross_or_net) for total in group}) > 1:
        raise ValueError("Figures of different years, bases, or gross and net are never added up.")
    known = [total.amount for total in group if total.amount is not None]
    return replace(
        group[0],
        amount=sum(known, Decimal(0)) if known else None,
        reported=sum(total.reported for total in group),
        not_reported=sum(total.not_reported for total in group),
        absent=sum(total.absent for total in group),
        included=sum(total.included for total in group),
        included_amount=sum((total.included_amount for total in group), Decimal(0)),
    )


def without_parts(totals: Iterable[Total]) -> list[Total]:
    """Leave out streams that are included in another one of the same year, basis and source."""
    kept = list(totals)
    wholes = {(total.stream, total.year, total.basis, total.source_code) for total in kept}
    return [total for total in kept if (total.part_of, total.year, total.basis, total.source_code) not in wholes]
