"""A table as a page, a CSV file, an Excel file and a chart show it: declared once, without markup."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Cell = Any  # a plain value, or {value, url, note, missing, tag} as the data_table component has it


@dataclass(frozen=True)
class Column:
    """A heading, how its cells are written, and what stands there when there is nothing.

    A page says in one cell, with its link and note, what a file says in several: a column can be left out of either.
    """

    label: str
    format: str = "text"
    missing: str = "No data"
    on_page: bool = True
    in_file: bool = True


@dataclass(frozen=True)
class Table:
    """`key` names it in the address of its download; `foot` holds sums, and only of what may be summed.

    `context` are headings and values that the page says once for the whole table; a file repeats them in each row.
    A `plain_file` leaves gaps empty and has no column of notes: for tables whose file has columns of its own for that.
    """

    key: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    foot: Sequence[Sequence[Cell]] = field(default_factory=list)
    empty: str = "There is nothing to show here yet."
    context: Sequence[tuple[str, Cell]] = ()
    plain_file: bool = False

    def for_page(self) -> Table:
        """The table with the columns that its page has."""
        kept = [column.on_page for column in self.columns]
        if all(kept):
            return self
        return replace(
            self,
            columns=list(itertools.compress(self.columns, kept)),
            rows=[list(itertools.compress(row, kept)) for row in self.rows],
            foot=[list(itertools.compress(row, kept)) for row in self.foot],
        )
