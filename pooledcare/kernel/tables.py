"""A table as a page, a CSV file, an Excel file and a chart show it: declared once, without markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Cell = Any  # a plain value, or {value, url, note, missing, tag} as the data_table component has it


@dataclass(frozen=True)
class Column:
    """A heading, how its cells are written, and what stands there when there is nothing."""

    label: str
    format: str = "text"
    missing: str = "No data"


@dataclass(frozen=True)
class Table:
    """`key` names it in the address of its download; `foot` holds sums, and only of what may be summed.

    `context` are headings and values that the page says once for the whole table; a file repeats them in each row.
    """

    key: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    foot: Sequence[Sequence[Cell]] = field(default_factory=list)
    empty: str = "There is nothing to show here yet."
    context: Sequence[tuple[str, Cell]] = ()
