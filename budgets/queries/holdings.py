"""What every holder of a funding stream has a head, for one year: published figures only, so that all see the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from budgets.models import Allocation
from budgets.queries.totals import PUBLISHERS
from budgets.queries.visibility import allocations_visible_to, as_at
from budgets.rules.comparing import Holding
from pooledcare.directory.access import ANONYMOUS
from pooledcare.directory.models import Organisation
from pooledcare.directory.queries.organisations import Head, latest_population_or_of_place
from pooledcare.kernel.periods import FinancialYear


@dataclass(frozen=True)
class Compared:
    """What figures share that can be compared: everything but the holder. `stream` and `source` are codes."""

    stream: str
    year: int
    basis: str
    gross_or_net: str
    recurrence: str
    source: str

    @classmethod
    def of(cls, figure: Allocation) -> Compared:
        return cls(
            figure.stream.code,
            figure.financial_year,
            figure.basis,
            figure.gross_or_net,
            figure.recurrence,
            figure.source.code,
        )


def holdings_of(
    compared: Compared, *, published_by: dt.date | None = None, known_at: dt.datetime | None = None
) -> list[Holding]:
    """Every holder with a published figure, invented ones left out, with its people. One query."""
    found = allocations_visible_to(ANONYMOUS).filter(
        stream__code=compared.stream,
        financial_year=compared.year,
        basis=compared.basis,
        gross_or_net=compared.gross_or_net,
        recurrence=compared.recurrence,
        source__code=compared.source,
        source__kind__in=PUBLISHERS,
        organisation__illustrative=False,
    )
    figures = (
        as_at(found, as_at=published_by, known_at=known_at)
        .select_related("organisation", "organisation__region", "stream")
        .annotate(population=latest_population_or_of_place("organisation_id"))
        .order_by("organisation__name", "pk")
    )
    return [holding(figure) for figure in figures if figure.organisation.kind in figure.stream.holder_kinds]


def holding(figure: Any) -> Holding:
    """A figure that is annotated with the `population` of its holder."""
    body, found = figure.organisation, figure.population
    head = Head.read(found)
    return Holding(
        organisation_id=figure.organisation_id,
        name=body.name,
        code=body.code,
        kind=body.kind,
        region=body.region.name if body.region else "",
        amount=figure.amount,
        persons=head.persons if head else None,
        counted_on=head.as_at if head else None,
        measure=head.measure if head else "",
        is_of_place=bool(found and found.get("of_place")),
        reference=figure.reference,
        published_text=figure.published_text,
        closed=body.closed,
    )


@dataclass(frozen=True)
class People:
    """The organisations of some kinds on a day: how many, of which kinds, and all of their people if they are known.

    `persons` is None if people of one organisation are not known, or were not all counted in the same way.
    """

    count: int
    kinds: frozenset[str]
    persons: int | None


def people_of(kinds: Collection[str], year: int) -> dict[str, tuple[int, int | None, frozenset[str]]]:
    """By kind of organisation, those that existed on the last day of a financial year: their number, their people (None
    if not all are known), and how people were counted. Invented ones are left out. One query."""
    found: dict[str, tuple[int, int | None, frozenset[str]]] = {}
    bodies = (
        Organisation.objects.open_on(FinancialYear(year).last_day)
        .filter(kind__in=sorted(kinds), illustrative=False)
        .annotate(population=latest_population_or_of_place())
        .values_list("kind", "population")
    )
    for kind, population in bodies:
        count, persons, measures = found.get(kind, (0, 0, frozenset()))
        head = Head.read(population)
        known = None if head is None or persons is None else persons + head.persons
        found[kind] = (count + 1, known, measures | ({head.measure} if head else set()))
    return found


def people_in(found: dict[str, tuple[int, int | None, frozenset[str]]], kinds: Collection[str]) -> People:
    """The organisations of some of the kinds that `people_of` has counted."""
    held = {kind: found[kind] for kind in kinds if kind in found}
    persons = [counted for _, counted, _ in held.values()]
    measures = frozenset().union(*(ways for _, _, ways in held.values()))
    are_known = persons and None not in persons and len(measures) == 1
    return People(
        count=sum(count for count, _, _ in held.values()),
        kinds=frozenset(held),
        persons=sum(one or 0 for one in persons) if are_known else None,
    )
