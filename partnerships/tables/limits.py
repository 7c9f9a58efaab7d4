"""The delegated limits of a fund as a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from partnerships.rules.agreements.limits import amount_text, deputy_text
from partnerships.terms import OfficerPower
from pooledcare.kernel.tables import Cell, Column, Table

if TYPE_CHECKING:
    from partnerships.rules.agreements import PoolContent


def limit_table(pool: PoolContent, url: Callable[[int], str] | None = None) -> Table:
    """One row for each limit. `url` gives the address of the page that changes it, by its position from 1."""
    columns = [
        Column("Office"),
        Column("Partner"),
        Column("May"),
        Column("Limit"),
        Column("Deputies", missing="None"),
    ]
    rows: list[list[Cell]] = [
        [
            {"value": each.office, "url": url(position) if url else ""},
            each.partner.name,
            str(OfficerPower(each.power).label),
            amount_text(each).capitalize(),
            "; ".join(deputy_text(deputy) for deputy in each.deputies),
        ]
        for position, each in enumerate(pool.limits, start=1)
    ]
    caption = f"Delegated limits of {pool.name}"
    return Table(f"limits-{pool.slug}", caption, columns, rows, empty="No delegated limit is stated.")
