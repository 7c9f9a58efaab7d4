"""Figures of organisations arranged as lines: one line for each kind of figure, with a cell for each year.

A line never mixes bases, gross with net, recurrent with one-off money, or sources. Its cells are never added together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from budgets.models import Allocation
from budgets.queries.visibility import allocations_visible_to, as_at, with_restated
from pooledcare.directory.access import Actor
from pooledcare.directory.queries.organisations import latest_population_or_of_place


def figures_of(
    organisation_ids: Collection[int],
    *,
    actor: Actor,
    year: int | None = None,
    published_by: dt.date | None = None,
    known_at: dt.datetime | None = None,
) -> QuerySet[Allocation]:
    """Figures of these organisations that the actor may see: current, or as at the given times."""
    where = Q(organisation__in=organisation_ids)
    if year is not None:
        where &= Q(financial_year=year)
    return figures(where, actor=actor, published_by=published_by, known_at=known_at)


def figures(
    where: Q, *, actor: Actor, published_by: dt.date | None = None, known_at: dt.datetime | None = None
) -> QuerySet[Allocation]:
    """Visible figures of organisations that meet the condition, by organisation, stream, kind of figure and year.

    Each has the attributes `population`, that of its organisation, and `is_restated`.
    """
    found = allocations_visible_to(actor).filter(where)
    return (
        with_restated(as_at(found, as_at=published_by, known_at=known_at))
        .select_related("organisation", "organisation__region", "stream", "source")
        .annotate(population=latest_population_or_of_place("organisation_id"))
        .order_by(
            "organisation__name",
            "stream__position",
            "stream__code",
            "basis",
            "gross_or_net",
            "recurrence",
            "source__name",
            "financial_year",
            "pk",
        )
    )


@dataclass
class Line:
    """Figures that differ only in the year."""

    first: Allocation
    cells: dict[int, Allocation] = field(default_factory=dict)

    @property
    def is_own(self) -> bool:
        """Whether the figures are the holder's own rather than a publisher's."""
        return self.first.source_id == self.first.organisation_id


def lines_of(figures: Iterable[Allocation]) -> list[Line]:
    """One line for each kind of figure, in the order of the figures."""
    lines: dict[tuple[object, ...], Line] = {}
    for figure in figures:
        key = (
            figure.organisation_id,
            figure.stream_id,
            figure.basis,
            figure.gross_or_net,
            figure.recurrence,
            figure.source_id,
        )
        lines.setdefault(key, Line(figure)).cells[figure.financial_year] = figure
    return list(lines.values())


def by_organisation(lines: Iterable[Line]) -> dict[int, list[Line]]:
    """The lines by the key of their organisation."""
    found: dict[int, list[Line]] = {}
    for line in lines:
        found.setdefault(line.first.organisation_id, []).append(line)
    return found


def years_of(lines: Iterable[Line]) -> list[int]:
    return sorted({year for line in lines for year in line.cells})


@dataclass(frozen=True)
class SideBySide:
    """One figure according to its publisher and according to its holder."""

    publishers: Allocation
    own: Allocation


def both_sources(lines: Iterable[Line]) -> list[SideBySide]:
    """Figures that both the holder and a publisher give, for the same stream, year, basis and kind."""
    own: dict[tuple[object, ...], Allocation] = {}
    others: list[tuple[tuple[object, ...], Allocation]] = []
    for line in lines:
        for year, figure in line.cells.items():
            key = (figure.organisation_id, figure.stream_id, figure.basis, figure.gross_or_net, figure.recurrence, year)
            if line.is_own:
                own[key] = figure
            else:
                others.append((key, figure))
    return [SideBySide(publishers=figure, own=own[key]) for key, figure in others if key in own]
