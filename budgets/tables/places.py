"""The tables of places: the list, councils, NHS commissioners, overlap, apportionment, and similar places."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.urls import reverse

from budgets.queries.figures import Line, years_of
from budgets.queries.place import PlacePage
from budgets.tables.table import (
    ILLUSTRATIVE,
    NO_FIGURE,
    NOT_REPORTED,
    basis_text,
    body_cell,
    date_text,
    kind_text,
    per_head,
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


def nearest(page: PlacePage) -> Table:
    """This place and the ten places nearest to it in population, with their councils' figures per head."""
    measures = compared_measures(page)
    heads = [Column("Place"), Column("Region"), Column("People counted on", "date"), Column("People", "number")]
    own = [
        (
            page.place.name,
            page.place.get_absolute_url(),
            "this place",
            _own_region(page),
            page.head,
            _own_councils(page),
        )
    ]
    others = [
        (
            n.name,
            reverse("budgets:place-detail", args=[n.slug]),
            ILLUSTRATIVE if n.illustrative else None,
            n.region,
            n.head,
            n.councils,
        )
        for n in page.neighbours
    ]
    return Table(
        key="nearest",
        caption="Beside the ten places nearest in population: pounds a head",
        columns=[*heads, *(Column(_measure_text(measure), "pounds") for measure in measures)],
        rows=[
            [
                {"value": name, "url": address, "note": note},
                region,
                head.as_at if head else None,
                head.persons if head else None,
                *(_beside(page, councils, measure, head) for measure in measures),
            ]
            for name, address, note, region, head, councils in [*own, *others]
        ]
        if page.neighbours
        else [],
        empty="No population is held for this place, so no place can be called near to it.",
    )


Measured = tuple[str, str, str, str, int]  # stream's code and name, basis, gross or net, year


def compared_measures(page: PlacePage) -> list[Measured]:
    """The figures that are compared: for each stream and basis, the latest year in which any place has one."""
    latest: dict[tuple[int, str, str, str, str], int] = {}
    for lines in page.compared.values():
        for line in lines:
            figure = line.first
            key = (figure.stream.position, figure.stream.code, figure.stream.name, figure.basis, figure.gross_or_net)
            latest[key] = max(latest.get(key, 0), *line.cells)
    found = [(code, name, basis, kind, year) for (_, code, name, basis, kind), year in sorted(latest.items())]
    return found[:MOST_COMPARED]


def _measure_text(measure: Measured) -> str:
    _, name, basis, gross_or_net, year = measure
    return f"{name}, {year_text(year)} {basis_text(basis, gross_or_net).lower()}"


def _beside(page: PlacePage, councils: Iterable[int], measure: Measured, head: Head | None) -> Cell:
    code, _, basis, gross_or_net, year = measure
    found = [
        line.cells[year]
        for council in councils
        for line in page.compared.get(council, [])
        if (line.first.stream.code, line.first.basis, line.first.gross_or_net) == (code, basis, gross_or_net)
        and year in line.cells
    ]
    if not found:
        return {"value": None, "missing": NO_FIGURE}
    silent = [figure.published_text for figure in found if figure.amount is None]
    if silent:
        return {"value": None, "missing": f"{NOT_REPORTED} ({silent[0]})"}
    return per_head(sum((figure.amount or Decimal(0) for figure in found), Decimal(0)), head)


def _own_councils(page: PlacePage) -> list[int]:
    return [council.organisation_id for council in page.upper_tier]


def _own_region(page: PlacePage) -> str:
    regions = [council.organisation.region for council in page.upper_tier if council.organisation.region]
    return regions[0].name if regions else ""
