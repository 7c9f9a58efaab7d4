"""Figures of organisations by stream and year, in total and per head, and the figures of two sources compared."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.text import slugify

from budgets.queries.figures import Line, both_sources, years_of
from budgets.tables.table import (
    NO_FIGURE,
    amount_cell,
    basis_text,
    date_text,
    head_text,
    not_reported_text,
    per_head,
    source_text,
    year_text,
)
from pooledcare.directory.queries.organisations import Head
from pooledcare.directory.terms import PopulationMeasure
from pooledcare.kernel.tables import Cell, Column, Table


def of_body(lines: Sequence[Line], head: Head | None, *, of_the_place: bool = False) -> Table:
    """The figures of one organisation: streams down, years across, with a column per head beside each year.

    Each row says its basis and source; the caption says which population, counted when.
    """
    body = lines[0].first.organisation
    years = years_of(lines)
    return Table(
        key=f"figures-{slugify(body.code)}",
        caption=f"{body.name}: figures by stream",
        columns=[
            Column("Funding stream"),
            Column("Basis"),
            Column("Source"),
            *(column for year in years for column in _year_columns(year, head)),
        ],
        rows=[[*_start(line), *(cell for year in years for cell in _year_cells(line, year, head))] for line in lines],
        context=[
            ("Holder", body.name),
            ("Holder's code", body.code),
            ("People", head.persons if head else "No population held"),
            ("Counted as", people_text(head, of_the_place=of_the_place)),
        ],
    )


def _year_columns(year: int, head: Head | None) -> list[Column]:
    amount = Column(year_text(year), "pounds_whole")
    return [amount, Column(f"{year_text(year)} a head", "pounds")] if head else [amount]


def _start(line: Line) -> list[Cell]:
    figure = line.first
    return [
        {"value": figure.stream.name, "url": figure.stream.get_absolute_url()},
        basis_text(figure.basis, figure.gross_or_net, figure.recurrence),
        source_text(figure),
    ]


def _year_cells(line: Line, year: int, head: Head | None) -> list[Cell]:
    figure = line.cells.get(year)
    amount = amount_cell(figure)
    if head is None:
        return [amount]
    missing = NO_FIGURE if figure is None else not_reported_text(figure)
    return [amount, {"value": per_head(figure.amount if figure else None, head), "missing": missing}]


def people_text(head: Head | None, *, of_the_place: bool = False) -> str:
    """The population by which a figure is divided, in words."""
    if head is None:
        return "No population held"
    words = head_text(head)
    return f"{words}, of the place, which is its area" if of_the_place else words


def divided_by_text(head: Head | None, *, of_the_place: bool = False) -> str:
    """By how many people the amounts a head of an organisation are divided, as a sentence."""
    if head is None:
        return "No population is held, so nothing can be said a head."
    one = _ONE_OF[head.measure]
    place = " of the place, which was its area" if of_the_place else ""
    return f"Per {one}{place}: {head.persons:,} on {date_text(head.as_at)}, for every year."


_ONE_OF: dict[str, str] = {
    PopulationMeasure.REGISTERED: "registered patient",
    PopulationMeasure.RESIDENT_ESTIMATE: "resident",
}


def by_body(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines grouped by organisation: NHS first; existing organisations before closed ones."""
    bodies: dict[int, list[Line]] = {}
    for line in lines:
        bodies.setdefault(line.first.organisation_id, []).append(line)
    return sorted(
        bodies.values(),
        key=lambda of: (not of[0].first.organisation.is_nhs, of[0].first.organisation.closed is not None),
    )


def _difference(own: Decimal | None, theirs: Decimal | None) -> Cell:
    if own is None or theirs is None:
        return {"value": None, "missing": "Not known"}
    return own - theirs


def two_sources(lines: Sequence[Line]) -> Table:
    """The publisher's figure, the holder's own and the difference; only where both exist."""
    rows = []
    for pair in both_sources(lines):
        theirs, own = pair.publishers, pair.own
        rows.append(
            [
                {"value": own.stream.name, "url": own.stream.get_absolute_url()},
                year_text(own.financial_year),
                basis_text(own.basis, own.gross_or_net, own.recurrence),
                {"value": theirs.source.name},
                amount_cell(theirs),
                amount_cell(own),
                _difference(own.amount, theirs.amount),
            ]
        )
    return Table(
        key="sources",
        caption="The publisher's figure beside its own",
        columns=[
            Column("Funding stream"),
            Column("Year"),
            Column("Basis"),
            Column("Publisher"),
            Column("Publisher's figure", "pounds_whole"),
            Column("Its own figure", "pounds_whole"),
            Column("Difference", "change"),
        ],
        rows=rows,
    )
