"""The tables of England's page: by stream, by region, over the years, and what the visitor's own organisation has."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from django.urls import reverse

from budgets.models import Allocation
from budgets.queries.england import England
from budgets.queries.totals import Total, added_up, without_parts
from budgets.tables.table import amount_cell, basis_text, body_cell, counted_text, source_text, sum_cell, year_text
from budgets.terms import Basis, GrossOrNet
from pooledcare.directory.terms import NHS_KINDS, RegionKind
from pooledcare.kernel.tables import Column, Table


def stream_key(total: Total) -> tuple[str, ...]:
    """The key by which sums of one year and basis are kept apart."""
    return (total.stream, total.gross_or_net, total.recurrence, total.source_code)


def holders_text(holder_kinds: Iterable[str]) -> str:
    return "NHS commissioners" if set(holder_kinds) <= NHS_KINDS else "Councils"


def stream_cell(total: Total) -> dict[str, object]:
    return {"value": total.stream_name, "url": reverse("budgets:stream-detail", args=[total.stream])}


def by_stream(page: England) -> Table:
    """One year and basis: a row for each stream, and a sum for each kind of holder (never of gross and net)."""
    streams = added_up(page.by_region, key=stream_key)
    whole = {total.stream for total in without_parts(streams)}
    rows = [
        [
            stream_cell(total) | {"note": None if total.stream in whole else "counted inside another stream"},
            holders_text(total.holder_kinds),
            basis_text(total.basis, total.gross_or_net, total.recurrence),
            total.source,
            counted_text(total),
            sum_cell(total.amount, total.reported, total.expected),
        ]
        for total in streams
    ]
    foot = [
        [
            "All streams above",
            holders_text(total.holder_kinds),
            basis_text(total.basis, total.gross_or_net),
            ", ".join(sorted({one.source for one in page.by_region if _counts_in(one, total)})),
            counted_text(total),
            sum_cell(total.amount, total.reported, total.expected),
        ]
        for total in sums_by_holder(page)
    ]
    return Table(
        key="streams",
        caption=f"{_of(page)}, by funding stream",
        columns=[
            Column("Funding stream"),
            Column("Held by"),
            Column("Basis"),
            Column("Source"),
            Column("Figures reported"),
            Column("Amount", "pounds_whole"),
        ],
        rows=rows,
        foot=foot,
        context=of_year(page),
    )


def of_year(page: England) -> list[tuple[str, str]]:
    """The year and basis shown above the tables of the page, to be included in a downloaded file."""
    return [("Year", year_text(page.chosen.year))] if page.chosen else []


def _counts_in(one: Total, total: Total) -> bool:
    return (holders_text(one.holder_kinds), one.gross_or_net) == (holders_text(total.holder_kinds), total.gross_or_net)


def sums_by_holder(page: England) -> list[Total]:
    """The sum for each kind of holder in the chosen year and basis; gross and net apart, nothing counted twice."""
    return added_up(
        without_parts(page.by_region), key=lambda total: (holders_text(total.holder_kinds), total.gross_or_net)
    )


def by_region(page: England) -> list[Table]:
    """A table for NHS England's regions and one for the English regions; only those that have figures."""
    ordered = sorted(page.by_region, key=lambda total: total.region_kind)
    return [_regions(page, kind, list(totals)) for kind, totals in groupby(ordered, lambda total: total.region_kind)]


def _regions(page: England, kind: str, totals: list[Total]) -> Table:
    streams = added_up(totals, key=stream_key)
    cells = {(total.region, stream_key(total)): total for total in totals}
    rows = [
        [region, *(_cell(cells.get((region, stream_key(stream)))) for stream in streams)]
        for region in sorted({total.region for total in totals})
    ]
    foot = [["England", *(sum_cell(stream.amount, stream.reported, stream.expected) for stream in streams)]]
    label = RegionKind(kind).label
    return Table(
        key=f"regions-{kind}",
        caption=f"{_of(page)}, by {label}",
        columns=[Column(str(label)), *(Column(_heading(stream, streams), "pounds_whole") for stream in streams)],
        rows=rows,
        foot=foot,
        context=[
            *of_year(page),
            ("Basis", ", ".join(sorted({str(Basis(total.basis).label) for total in totals}))),
            ("Source", ", ".join(sorted({total.source for total in totals}))),
        ],
    )


def _cell(total: Total | None) -> object:
    return sum_cell(None, 0, 0) if total is None else sum_cell(total.amount, total.reported, total.expected)


def _heading(stream: Total, among: list[Total]) -> str:
    """The stream's name, with what distinguishes it from other columns of the same stream."""
    if sum(other.stream == stream.stream for other in among) == 1:
        return stream.stream_name
    return f"{stream.stream_name} ({basis_text(stream.basis, stream.gross_or_net, stream.recurrence)}, {stream.source})"


def over_years(page: England) -> list[Table]:
    """A table for each basis: streams down, years across. Years and bases are never added together."""
    tables = []
    for basis in Basis:
        totals = [total for total in page.over_years if total.basis == basis]
        if totals:
            tables.append(_years(basis, totals))
    return tables


def _years(basis: Basis, totals: list[Total]) -> Table:
    years = sorted({total.year for total in totals})
    cells = {(stream_key(total), total.year): total for total in totals}
    lines = {stream_key(total): total for total in totals}
    return Table(
        key=f"years-{basis.value}",
        caption=f"{basis.label} over the years",
        columns=[
            Column("Funding stream"),
            Column("Basis"),
            Column("Source"),
            *(Column(year_text(year), "pounds_whole") for year in years),
        ],
        rows=[
            [
                stream_cell(line),
                basis_text(line.basis, line.gross_or_net, line.recurrence),
                line.source,
                *(_cell(cells.get((key, year))) for year in years),
            ]
            for key, line in lines.items()
        ],
    )


def own_figures(page: England) -> Table:
    """What the visitor's own organisations have in the chosen year, unpublished figures included."""
    return Table(
        key="own",
        caption=f"Your organisation, {year_text(page.chosen.year) if page.chosen else ''}",
        columns=[
            Column("Organisation"),
            Column("Funding stream"),
            Column("Basis"),
            Column("Source"),
            Column("Amount", "pounds_whole"),
        ],
        rows=[_own(figure) for figure in page.own],
        empty=_no_own_figures(page),
        context=of_year(page),
    )


def _no_own_figures(page: England) -> str:
    if page.chosen is None or page.latest_own is None:
        return "No figures."
    return f"No {year_text(page.chosen.year)} figures. Latest: {year_text(page.latest_own)}."


def _own(figure: Allocation) -> list[object]:
    return [
        body_cell(figure.organisation),
        {"value": figure.stream.name, "url": figure.stream.get_absolute_url()},
        basis_text(figure.basis, figure.gross_or_net, figure.recurrence),
        source_text(figure),
        amount_cell(figure),
    ]


def _of(page: England) -> str:
    if page.chosen is None:
        return ""
    return f"{year_text(page.chosen.year)} {str(Basis(page.chosen.basis).label).lower()}"


def gross_or_nets(page: England) -> list[str]:
    """Which of gross, net and neither occur in the chosen year and basis; a chart must not mix them."""
    return [value for value in GrossOrNet.values if any(total.gross_or_net == value for total in page.by_region)]
