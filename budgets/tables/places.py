"""The tables of places: the list, councils, NHS commissioners, overlap, apportionment, and similar places."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from budgets.queries.figures import Line, years_of
from budgets.queries.place import PlacePage
from budgets.tables.table import (
    ILLUSTRATIVE,
    NO_FIGURE,
    basis_text,
    body_cell,
    date_text,
    kind_text,
    year_text,
)
from pooledcare.directory.models import Organisation, Place
from pooledcare.directory.queries.organisations import Head
from pooledcare.directory.terms import CouncilRole, OverlapMeasure
from pooledcare.kernel.money import split
from pooledcare.kernel.names import joined
from pooledcare.kernel.tables import Cell, Column, Table

MOST_COMPARED = 4


def place_list(places: Iterable[Place]) -> Table:
    return Table(
        key="places",
        caption="Places",
        columns=[
            Column("Place"),
            Column("Council"),
            Column("Kind of council"),
            Column("Region"),
            Column("NHS commissioner"),
            Column("People", "number"),
            Column("Same boundary as one NHS commissioner"),
        ],
        rows=[_listed(place) for place in places],
        empty="No place matches. Try another word, or clear the filters.",
    )


def _listed(place: Place) -> list[Cell]:
    council = place.council or {}  # type: ignore[attr-defined]
    boards = place.commissioners  # type: ignore[attr-defined]
    head = Head.read(place.population)  # type: ignore[attr-defined]
    return [
        {
            "value": place.name,
            "url": place.get_absolute_url(),
            "note": ILLUSTRATIVE if place.illustrative else None,
        },
        council.get("name"),
        kind_text(council["kind"]) if council else None,
        council.get("region"),
        {"value": joined(board["name"] for board in boards) or None, "missing": "No published overlap"},
        {"value": head.persons if head else None, "note": date_text(head.as_at) if head else None},
        _boundary(place),
    ]


def _boundary(place: Place) -> str:
    now, then = place.is_coterminous_now, place.was_coterminous  # type: ignore[attr-defined]
    if now:
        return "Yes"
    return "With its clinical commissioning group only" if then else "No"


def councils(page: PlacePage) -> Table:
    return Table(
        key="councils",
        caption="Councils",
        columns=[
            Column("Council"),
            Column("Code"),
            Column("Kind"),
            Column("Part in the place"),
            Column("From", "date", "Not known"),
            Column("Until", "date", "Still"),
        ],
        rows=[
            [
                body_cell(council.organisation),
                council.organisation.code,
                kind_text(council.organisation.kind),
                str(CouncilRole(council.role).label),
                council.valid_from,
                council.valid_to,
            ]
            for council in page.councils
        ],
        empty="No council is recorded for this place.",
    )


def commissioners(page: PlacePage, *, on: dt.date | None) -> Table:
    """NHS commissioners that existed on a day, or all of them. Each row says how we know that it belongs here."""
    return Table(
        key="commissioners" if on else "commissioners-all",
        caption=f"NHS commissioners on {date_text(on)}" if on else "All NHS commissioners, then and now",
        columns=[
            Column("NHS commissioner"),
            Column("Code"),
            Column("Kind"),
            Column("From", "date", "Not known"),
            Column("Until", "date", "Still"),
            Column("How we know"),
        ],
        rows=[
            [body_cell(body), body.code, kind_text(body.kind), body.opened, body.closed, _evidence(page, body)]
            for body in page.commissioners()
            if on is None or body.is_open_on(on)
        ],
        empty="No source that we hold says who commissioned NHS care here on that day.",
    )


def _evidence(page: PlacePage, body: Organisation) -> str:
    published = [overlap for overlap in page.overlaps if overlap.organisation_id == body.pk]
    if published:
        names = joined(f"{_measure_in_words(o.measure)}, {date_text(o.as_at)}" for o in published)
        return f"Published overlap: {names}"
    if areas := [each for each in page.areas_here if each.receiver_id == body.pk]:
        names = joined(f"{each.area}, from that of {each.giver.name}" for each in areas)
        return f"Its area took in {names} on {date_text(areas[0].effective_on)}"
    if steps := page.lineage.into(body.pk):
        names = joined(step.predecessor.name for step in steps)
        return f"Took over from {names} on {date_text(steps[0].effective_on)}"
    steps = page.lineage.out_of(body.pk)
    names = joined(step.successor.name for step in steps)
    return f"Taken over by {names} on {date_text(steps[0].effective_on)}; its own overlap with this place is not held"


def _measure_in_words(measure: str) -> str:
    """With a small first letter, for use within a sentence."""
    label = _measure(measure)
    return label[0].lower() + label[1:]


def _measure(measure: str) -> str:
    return str(OverlapMeasure(measure).label)


def overlap(page: PlacePage) -> Table:
    return Table(
        key="overlap",
        caption="Overlap with NHS commissioners",
        columns=[
            Column("NHS commissioner"),
            Column("Measured by"),
            Column("As at", "date"),
            Column("Shared", "number"),
            Column("Share of the commissioner", "percent"),
            Column("Share of the place", "percent"),
        ],
        rows=[
            [
                body_cell(shared.organisation),
                _measure(shared.measure),
                shared.as_at,
                shared.quantity,
                shared.share,
                shared.share_of_place,
            ]
            for shared in page.overlaps
        ],
        empty="No published lookup says how NHS commissioners overlap with this place.",
    )


def apportioned(page: PlacePage) -> Table:
    """The commissioners' figures times the share of their patients who live here: an estimate, in no total."""
    shares = {
        shared.organisation_id: shared
        for shared in page.overlaps
        if shared.measure == OverlapMeasure.REGISTERED_POPULATION
    }
    lines = [line for line in page.lines if line.first.organisation_id in shares]
    years = years_of(lines)
    return Table(
        key="apportioned",
        caption="Apportioned by registered population: an estimate, not an allocation to the place",
        columns=[
            Column("NHS commissioner"),
            Column("Funding stream"),
            Column("Basis"),
            Column("Share of its patients", "percent"),
            Column("Patients counted on", "date"),
            *(Column(f"{year_text(year)}, apportioned", "pounds_whole") for year in years),
        ],
        rows=[_apportioned(line, shares[line.first.organisation_id], years) for line in lines],
        empty="No published count of registered patients says how to apportion.",
    )


def _apportioned(line: Line, shared: object, years: list[int]) -> list[Cell]:
    figure, share = line.first, shared.share  # type: ignore[attr-defined]
    return [
        body_cell(figure.organisation),
        {"value": figure.stream.name, "url": figure.stream.get_absolute_url()},
        basis_text(figure.basis, figure.gross_or_net, figure.recurrence),
        share,
        shared.as_at,  # type: ignore[attr-defined]
        *(_part(line, year, share) for year in years),
    ]


def _part(line: Line, year: int, share: Decimal) -> Cell:
    figure = line.cells.get(year)
    if figure is None or figure.amount is None:
        return {"value": None, "missing": NO_FIGURE}
    return {"value": split(figure.amount, [share, 1 - share])[0], "note": "apportioned"}
