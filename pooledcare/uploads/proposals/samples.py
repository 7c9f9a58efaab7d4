"""The first rows of a sheet, as texts and as what they hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

from pooledcare.uploads.layouts import squeezed
from pooledcare.uploads.proposals.cells import BLANK, Cell, Kind, look

if TYPE_CHECKING:
    from pooledcare.kernel.tabular import InputTable, Sheet

MOST_ROWS = 2_000  # of one sheet
MOST_CELLS = 120_000  # of the whole file
LEAST_ROWS = 40  # of each sheet, whatever the others have
MOST_CELLS_AT_ALL = 200_000  # of the whole file, those of LEAST_ROWS included; later sheets are not looked at
MOST_COLUMNS = 400
HEAD_ROWS = 30


@dataclass
class Sample:
    """`numbers` are the row numbers of `rows`, whose cells are texts as in the file. Blank rows are left out.

    `is_whole` says whether these are all rows of the sheet. A sheet that is not `looked_at` has none. With `comma`,
    numbers have a decimal comma.
    """

    sheet: Sheet
    numbers: list[int]
    rows: list[list[str]]
    is_whole: bool
    comma: bool = False
    looked_at: bool = True
    _cells: dict[int, list[Cell]] = field(default_factory=dict, repr=False)
    _texts: dict[int, list[str]] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        return self.sheet.name

    @cached_property
    def width(self) -> int:
        return min(max((len(row) for row in self.rows), default=0), MOST_COLUMNS)

    @cached_property
    def more_columns(self) -> int:
        """How many columns are not looked at, because the sheet has so many."""
        return max((len(row) for row in self.rows), default=0) - self.width

    def text(self, place: int, column: int) -> str:
        """The text of a cell on one line; `place` counts the rows of the sample from 0."""
        row = self.texts(place)
        return row[column] if column < len(row) else ""

    def texts(self, place: int) -> list[str]:
        """The texts of a row, which may end before the widest row does."""
        found = self._texts.get(place)
        if found is None:
            found = self._texts[place] = [squeezed(cell) for cell in self.rows[place][: self.width]]
        return found

    def cell(self, place: int, column: int) -> Cell:
        row = self.cells(place)
        return row[column] if column < len(row) else BLANK

    def cells(self, place: int) -> list[Cell]:
        """What the cells of a row hold. A row may end before the widest one does."""
        found = self._cells.get(place)
        if found is None:
            found = self._cells[place] = [look(cell, comma=self.comma) for cell in self.rows[place][: self.width]]
        return found

    def has_number(self, place: int) -> bool:
        return any(cell.kind in (Kind.NUMBER, Kind.BROKEN) for cell in self.cells(place))

    def filled(self, place: int) -> list[int]:
        """The columns of a row with a text in them."""
        return [column for column, text in enumerate(self.texts(place)) if text]


def samples(table: InputTable) -> Iterator[Sample]:
    """A sample of each sheet. What is read of all sheets together is limited, so that it takes only moments."""
    left, sheets, seen = MOST_CELLS, len(table.sheets), 0
    for place, sheet in enumerate(table.sheets):
        if seen > MOST_CELLS_AT_ALL:
            yield Sample(sheet, [], [], is_whole=False, looked_at=False)
            continue
        budget = left // (sheets - place)
        rows = sheet.first_rows(LEAST_ROWS + 1, partial(_wanted, budget))
        most, width = _wanted(budget, rows[: LEAST_ROWS + 1]) - 1, _width(rows[: LEAST_ROWS + 1])
        is_whole = len(rows) <= most
        kept = [(number, row) for number, row in rows[:most] if any(squeezed(cell) for cell in row)]
        left = max(0, left - width * len(kept))
        seen += width * len(kept)
        yield Sample(sheet, [number for number, _ in kept], [row for _, row in kept], is_whole)


def _width(rows: list[tuple[int, list[str]]]) -> int:
    return max(1, min(max((len(row) for _, row in rows), default=1), MOST_COLUMNS))


def _wanted(budget: int, first: list[tuple[int, list[str]]]) -> int:
    """One row more than are looked at of a sheet, if its first rows are these and so many cells may be."""
    return max(LEAST_ROWS, min(MOST_ROWS, budget // _width(first))) + 1
