"""The tables of organisations: the list, codes, predecessors and successors, places and population."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from budgets.queries.organisation import OrganisationPage
from budgets.tables.table import body_cell, date_text, kind_text
from pooledcare.directory.codes import undated_change
from pooledcare.directory.models import Organisation, OrganisationCode, Succession
from pooledcare.directory.queries.organisations import Head
from pooledcare.directory.terms import CodeScheme, CouncilRole, OverlapMeasure, PopulationMeasure
from pooledcare.kernel.names import joined
from pooledcare.kernel.tables import Cell, Column, Table


def organisation_list(organisations: Iterable[Organisation]) -> Table:
    return Table(
        key="organisations",
        caption="Organisations",
        columns=[
            Column("Organisation"),
            Column("Code"),
            Column("Kind"),
            Column("Region", missing="No region held"),
            Column("People", "number"),
            Column("From", "date", "Not known"),
            Column("Until", "date", "Still"),
        ],
        rows=[_listed(body) for body in organisations],
        empty="No organisation matches. Try another word, or clear the filters.",
    )


def _listed(body: Organisation) -> list[Cell]:
    head = Head.read(body.population)  # type: ignore[attr-defined]
    return [
        body_cell(body),
        body.code,
        kind_text(body.kind),
        body.region.name if body.region else None,
        {"value": head.persons if head else None, "note": date_text(head.as_at) if head else None},
        body.opened,
        body.closed,
    ]


def codes(page: OrganisationPage) -> Table:
    ended_some_day = _codes_without_a_last_day(page.codes)
    return Table(
        key="codes",
        caption="Codes and their lifetimes",
        columns=[
            Column("Code"),
            Column("Kind of code"),
            Column("From", "date", "Not known"),
            Column("Until", "date", "Still"),
            Column("Source"),
        ],
        rows=[
            [
                code.code,
                str(CodeScheme(code.scheme).label),
                code.valid_from,
                {"value": None, "missing": "Not known"} if code.pk in ended_some_day else code.valid_to,
                code.source.title if code.source else None,
            ]
            for code in page.codes
        ],
        empty="No code is held.",
    )


def _codes_without_a_last_day(codes: Iterable[OrganisationCode]) -> set[int]:
    """Keys of codes that another one followed on a day that no source gives."""
    by_scheme: dict[str, list[OrganisationCode]] = defaultdict(list)
    for code in codes:
        by_scheme[code.scheme].append(code)
    changes = [(held, undated_change([(one.valid_from, one.valid_to) for one in held])) for held in by_scheme.values()]
    return {held[change[0]].pk for held, change in changes if change is not None}


def other_names(page: OrganisationPage) -> Table:
    return Table(
        key="names",
        caption="Other names",
        columns=[Column("Name"), Column("Source")],
        rows=[[other.name, other.source.title if other.source else None] for other in page.other_names],
    )


def successions(page: OrganisationPage) -> Table:
    """All predecessors and successors, and parts of areas that passed without a succession, in order of date."""
    return Table(
        key="successions",
        caption="What came before, and what came after",
        columns=[
            Column("On", "date"),
            Column("From"),
            Column("To"),
            Column("How much"),
            Column("Share", "percent", "Not published"),
            Column("Source"),
        ],
        rows=sorted([*_steps(page), *_areas(page)], key=lambda row: str(row[0])),
    )


def _steps(page: OrganisationPage) -> list[list[Cell]]:
    return [
        [
            step.effective_on,
            body_cell(step.predecessor),
            body_cell(step.successor),
            "Whole" if page.lineage.is_whole(step) else "Part",
            step.share,
            step.source.title if step.source else None,
        ]
        for step in page.lineage.steps
    ]


def _areas(page: OrganisationPage) -> list[list[Cell]]:
    return [
        [
            each.effective_on,
            body_cell(each.giver),
            body_cell(each.receiver),
            f"Part of its area: {each.area}",
            None,
            each.source.title if each.source else None,
        ]
        for each in page.lineage.transfers
    ]


def places(page: OrganisationPage) -> Table:
    """For a council, the places in its area; for an NHS commissioner, the places where its people live."""
    rows: list[list[Cell]] = [
        [
            {"value": council.place.name, "url": council.place.get_absolute_url()},
            str(CouncilRole(council.role).label),
            council.valid_from,
            {"value": None, "missing": "Not applicable"},
            {"value": None, "missing": "Not applicable"},
        ]
        for council in page.places
    ]
    rows += [
        [
            {"value": shared.place.name, "url": shared.place.get_absolute_url()},
            str(OverlapMeasure(shared.measure).label),
            shared.as_at,
            shared.share,
            shared.share_of_place,
        ]
        for shared in page.overlaps
    ]
    return Table(
        key="places",
        caption="Places",
        columns=[
            Column("Place"),
            Column("Part in it, or measured by"),
            Column("Since, or as at", "date", "Not known"),
            Column("Share of the organisation", "percent"),
            Column("Share of the place", "percent"),
        ],
        rows=rows,
        empty="No published lookup says which places the organisation serves.",
    )


def populations(page: OrganisationPage) -> Table:
    return Table(
        key="populations",
        caption="People",
        columns=[Column("Counted as"), Column("As at", "date"), Column("People", "number"), Column("Source")],
        rows=[
            [
                str(PopulationMeasure(count.measure).label),
                count.as_at,
                count.persons,
                count.source.title if count.source else None,
            ]
            for count in page.populations
        ],
        empty="No population is held for this organisation.",
    )


def taken_over_sentence(steps: Iterable[Succession]) -> str | None:
    """Who took over, and when, in words; None if nobody did."""
    return joined(f"{step.successor.name} ({date_text(step.effective_on)})" for step in steps) or None
