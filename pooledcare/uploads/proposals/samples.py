"""The first rows of a sheet, as texts and as what they hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pooledcare.uploads.layouts import squeezed
from pooledcare.uploads.proposals.cells import BLANK, Cell, Kind, look

if TYPE_CHECKING:
    from pooledcare.kernel.tabular import InputTable, Sheet

MOST_ROWS = 2_000  # of one sheet
MOST_CELLS = 120_000  # of the whole file
LEAST_ROWS = 40  # of each sheet, whatever the others have
MOST_COLUMNS = 400
HEAD_ROWS = 30


@dataclass
class Sample:
    """`numbers` are the row numbers of `rows`, whose cells are texts as in the file. Blank rows are left out.

    `is_whole` says whether these are all rows of the sheet. With `comma`, numbers have a decimal comma.
    """

    sheet: Sheet
    numbers: list[int]
    rows: list[list[str]]
    is_whole: bool
    comma: bool = False
    _cells: dict[tuple[int, int], Cell] = field(default_factory=dict, repr=False)
    _texts: dict[int, list[str]] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        return self.sheet.name

    @cached_property
    def width(self) -> int:
        return min(max((len(row) for row in self.rows), default=0), MOST_COLUMNS)

    def text(self, place: int, column: int) -> str:
        """The text of a cell on one line; `place` counts the rows of the sample from 0."""
        if place not in self._texts:
            self._texts[place] = [squeezed(cell) for cell in self.rows[place][: self.width]]
        row = self._texts[place]
        return row[column] if column < len(row) else ""

    def cell(self, place: int, column: int) -> Cell:
        key = (place, column)
        if key not in self._cells:
            row = self.rows[place]
            self._cells[key] = look(row[column], comma=self.comma) if column < len(row) else BLANK
        return self._cells[key]

    def has_number(self, place: int) -> bool:
        return any(self.cell(place, column).kind in (Kind.NUMBER, Kind.BROKEN) for column in range(self.width))

    def filled(self, place: int) -> list[int]:
        """The columns of a row with a text in them."""
        self.text(place, 0)
        return [column for column, text in enumerate(self._texts[place]) if text]


def samples(table: InputTable) -> Iterator[Sample]:
    """A sample of each sheet. What is read of all sheets together is limited, so that it takes only moments."""
    left, sheets = MOST_CELLS, len(table.sheets)
    for place, sheet in enumerate(table.sheets):
        budget = left // (sheets - place)
        first = sheet.head(LEAST_ROWS + 1)
        width = max(1, min(max((len(row) for _, row in first), default=1), MOST_COLUMNS))
        most = max(LEAST_ROWS, min(MOST_ROWS, budget // width))
        rows = first if len(first) <= LEAST_ROWS else sheet.head(most + 1)
        is_whole = len(rows) <= most
        kept = [(number, row) for number, row in rows[:most] if any(squeezed(cell) for cell in row)]
        left = max(0, left - width * len(kept))
        yield Sample(sheet, [number for number, _ in kept], [row for _, row in kept], is_whole)
