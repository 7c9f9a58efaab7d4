"""Figures of bodies by stream over the years: the amounts, the same for each person, and two sources side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from budgets.queries.figures import Line, both_sources, years_of
from budgets.tables.table import (
    Cell,
    Column,
    Table,
    amount_cell,
    basis_text,
    body_cell,
    head_text,
    per_head,
    source_text,
    year_text,
)
from pooledcare.directory.queries.organisations import Head


def amounts(lines: Sequence[Line], *, key: str = "figures", caption: str, empty: str, with_body: bool = True) -> Table:
    """Streams down, years across; every row says its basis and source."""
    years = years_of(lines)
    return Table(
        key=key,
        caption=caption,
        columns=[*_columns(with_body), *(Column(year_text(year), "pounds_whole") for year in years)],
        rows=[[*_start(line, with_body), *(amount_cell(line.cells.get(year)) for year in years)] for line in lines],
        empty=empty,
    )


def _columns(with_body: bool) -> list[Column]:
    return [*([Column("Holder")] if with_body else []), Column("Funding stream"), Column("Basis"), Column("Source")]


def _start(line: Line, with_body: bool) -> list[Cell]:
    figure = line.first
    return [
        *([body_cell(figure.organisation)] if with_body else []),
        {"value": figure.stream.name, "url": figure.stream.get_absolute_url()},
        basis_text(figure.basis, figure.gross_or_net, figure.recurrence),
        source_text(figure),
    ]


def per_person(
    lines: Sequence[Line],
    heads: Mapping[int, tuple[Head, bool]],
    *,
    key: str = "per-head",
    caption: str,
    with_body: bool = True,
) -> Table:
    """Pounds a head of the holder's own population; every row says which population, and of when."""
    counted = [line for line in lines if line.first.organisation_id in heads]
    years = years_of(counted)
    return Table(
        key=key,
        caption=caption,
        columns=[
            *_columns(with_body),
            Column("People", "number"),
            Column("Counted as"),
            *(Column(year_text(year), "pounds") for year in years),
        ],
        rows=[
            [
                *_start(line, with_body),
                heads[line.first.organisation_id][0].persons,
                _counted(*heads[line.first.organisation_id]),
                *(_per_person(line, year, heads[line.first.organisation_id][0]) for year in years),
            ]
            for line in counted
        ],
        empty="No population is held for the bodies of these figures.",
    )


def _counted(head: Head, of_the_place: bool) -> str:
    words = head_text(head)
    return f"{words}, of the place" if of_the_place else words


def _per_person(line: Line, year: int, head: Head) -> Cell:
    figure = line.cells.get(year)
    cell = amount_cell(figure)
    if figure is None or figure.amount is None:
        return cell
    return {"value": per_head(figure.amount, head), "note": cell["note"]}


def two_sources(lines: Sequence[Line]) -> Table:
    """The publisher's figure beside the holder's own, with the difference; only where both are held."""
    rows = []
    for pair in both_sources(lines):
        theirs, own = pair.publishers, pair.own
        known = theirs.amount is not None and own.amount is not None
        rows.append(
            [
                {"value": own.stream.name, "url": own.stream.get_absolute_url()},
                year_text(own.financial_year),
                basis_text(own.basis, own.gross_or_net, own.recurrence),
                {"value": theirs.source.name},
                amount_cell(theirs),
                amount_cell(own),
                own.amount - theirs.amount if known else {"value": None, "missing": "Not known"},
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
