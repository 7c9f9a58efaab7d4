"""Tables as values, without markup. Pages, CSV and Excel files are made from the same table."""

from __future__ import annotations

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
    "thousands",  # 1,235, of pounds: the heading says £000
    "millions",  # 1.2, of pounds: the heading says £m
    "change",  # +£1,234.50 or −£1,234.50
    "number",  # 1,234
    "percent",  # 12.3%, from the share 0.123
    "date",  # 1 April 2026
    "moment",  # 1 April 2026 at 9:05am
    "year",  # 2026-27: as text that is never broken over two lines
]
POUND_FORMATS: frozenset[ColumnFormat] = frozenset(
    {"pounds", "pounds_whole", "pounds_short", "thousands", "millions", "change"}
)
NUMERIC_FORMATS = POUND_FORMATS | {"number", "percent"}  # on the right of their column; numbers in an Excel file


@dataclass(frozen=True)
class Column:
    """A heading, the format of its cells, and the words for a missing value.

    A column can be left out of the page or of files: a page has a link and a note in one cell, a file in several.
    `sort_url` is the address of the page with the table sorted by this column; `sorted` says that it is so now.
    """

    label: str
    format: ColumnFormat = "text"
    missing: str = "No data"
    on_page: bool = True
    in_file: bool = True
    sort_url: str | None = None
    sorted: Literal["ascending", "descending"] | None = None


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
        kept = [index for index, column in enumerate(self.columns) if column.on_page]
        return self if len(kept) == len(self.columns) else self._with_columns(kept)

    def amounts_second(self) -> Table:
        """The table with its amounts directly after the first column, where a narrow screen shows them."""
        numbers = [index for index, column in enumerate(self.columns) if index and column.format in POUND_FORMATS]
        others = [index for index in range(1, len(self.columns)) if index not in numbers]
        return self._with_columns([0, *numbers, *others])

    def _with_columns(self, indexes: Sequence[int]) -> Table:
        return replace(
            self,
            columns=[self.columns[index] for index in indexes],
            rows=[[row[index] for index in indexes] for row in self.rows],
            foot=[[row[index] for index in indexes] for row in self.foot],
        )
