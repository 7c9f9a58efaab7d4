"""Tables as values, without markup. Pages, CSV and Excel files are made from the same table."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Cell = Any  # a value, or a mapping with `value` and optional url, note, missing, tag (see the data_table component)

# How `templates/components/data_table.jinja` writes a value. Amounts are in pounds, in files too.
ColumnFormat = Literal[
    "text",  # as it is
    "pounds",  # £1,234.50
    "pounds_whole",  # £1,235: without pence
    "pounds_short",  # £1.2 million: where the exact amount is nearby
    "change",  # +£1,234.50 or −£1,234.50
    "number",  # 1,234
    "percent",  # 12.3%, from the share 0.123
    "date",  # 1 April 2026
    "moment",  # 1 April 2026 at 9:05am
    "year",  # 2026-27: as text that is never broken over two lines
]
POUND_FORMATS: frozenset[ColumnFormat] = frozenset({"pounds", "pounds_whole", "pounds_short", "change"})
NUMERIC_FORMATS = POUND_FORMATS | {"number", "percent"}  # on the right of their column; numbers in an Excel file


@dataclass(frozen=True)
class Column:
    """A heading, the format of its cells, and the words for a missing value.

    A column can be left out of the page or of files: a page has a link and a note in one cell, a file in several.
    """

    label: str
    format: ColumnFormat = "text"
    missing: str = "No data"
    on_page: bool = True
    in_file: bool = True


@dataclass(frozen=True)
class Table:
    """A table. `key` names it in the address of its download. `foot` has rows of sums, only of what may be added up.

    `context` are headings and values that a page gives once, outside the table, and a file repeats in each row. With
    `plain_file`, a file leaves missing values empty and has no column of notes, as other columns give that information.
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
        """The table with only the columns that are on the page."""
        kept = [column.on_page for column in self.columns]
        if all(kept):
            return self
        return replace(
            self,
            columns=list(itertools.compress(self.columns, kept)),
            rows=[list(itertools.compress(row, kept)) for row in self.rows],
            foot=[list(itertools.compress(row, kept)) for row in self.foot],
        )
