"""The holders of a stream beside each other: pounds a head, rank, and how far above England's mean."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.urls import reverse

from budgets.rules.comparing import Holding, comparable, mean_a_head, rank_of
from budgets.rules.words import share_above
from budgets.tables.table import NOT_REPORTED, date_text
from pooledcare.kernel.tables import Cell, Column, Table

NO_POPULATION = "No population held"


def a_head(
    shown: Sequence[Holding],
    *,
    everyone: Sequence[Holding],
    caption: str,
    context: Sequence[tuple[str, str]],
    own: str = "",
) -> Table:
    """A row for each of the `shown` holders, the highest first; ranks and the mean are those of `everyone`.

    `own` is the code of the organisation that is compared with the others.
    """
    known = comparable(everyone)
    mean = mean_a_head(everyone)
    ordered = comparable(shown)
    ranked = {one.organisation_id for one in ordered}
    ordered += [one for one in shown if one.organisation_id not in ranked]
    return Table(
        key="a-head",
        caption=caption,
        columns=[
            Column("Holder"),
            Column("A head", "pounds", NO_POPULATION),
            Column("Amount", "pounds_whole", NOT_REPORTED),
            Column("Compared with England", "percent", "Not known"),
            Column("Rank", "number", "Not ranked"),
            Column("Region", missing="No region held"),
            Column("People", "number", NO_POPULATION),
            Column("People counted on", "date", NO_POPULATION),
        ],
        rows=[_row(one, known, mean, own) for one in ordered],
        foot=[_england(known, mean)] if known else [],
        empty="No published figures can be compared.",
        context=context,
    )


def _row(one: Holding, known: Sequence[Holding], mean: Decimal | None, own: str) -> list[Cell]:
    is_known = any(one is other for other in known)
    return [
        {
            "value": one.name,
            "url": reverse("budgets:organisation-detail", args=[one.code]),
            "note": _note(one, own),
        },
        {"value": one.a_head, "missing": NO_POPULATION if one.amount is not None else NOT_REPORTED},
        _amount(one),
        share_above(one.a_head, mean) if is_known and one.a_head is not None and mean is not None else None,
        rank_of(one, known) if is_known else None,
        one.region,
        one.persons,
        {"value": one.counted_on, "note": "people of the place that was its area" if one.is_of_place else None},
    ]


def _note(one: Holding, own: str) -> str | None:
    notes = ["compared here"] if one.code == own else []
    if one.closed is not None:
        notes.append(f"until {date_text(one.closed)}")
    return ", ".join(notes) or None


def _amount(one: Holding) -> Cell:
    if one.amount is None:
        return {"value": None, "missing": f"{NOT_REPORTED} ({one.published_text})"}
    return {"value": one.amount, "url": reverse("budgets:allocation-detail", args=[one.reference])}


def _england(known: Sequence[Holding], mean: Decimal | None) -> list[Cell]:
    """All comparable holders together: their amounts divided by their people."""
    nothing: Cell = {"value": None, "missing": "Not applicable"}
    return [
        f"England: {len(known):,} together",
        mean,
        sum((one.amount for one in known if one.amount is not None), Decimal(0)),
        nothing,
        nothing,
        "All regions",
        sum(one.persons or 0 for one in known),
        nothing,
    ]


def dots_of(holdings: Sequence[Holding], *, stream: str, year: str, own: str = "") -> Table:
    """The table behind the dots of a page: every holder of a stream that can be compared, one of them perhaps `own`."""
    return a_head(holdings, everyone=holdings, caption=f"{stream} a head, {year}", context=[], own=own)
