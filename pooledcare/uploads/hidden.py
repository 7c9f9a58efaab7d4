"""Warnings about rows, columns and sheets that were read although they are hidden in the workbook.

People may not have seen them, so a warning says how many there are and what their amounts add up to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from pooledcare.kernel.characters import trim
from pooledcare.kernel.money import read_amounts
from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.tabular import column_letter

if TYPE_CHECKING:
    import pandas as pd

    from pooledcare.kernel.tabular import Sheet
    from pooledcare.uploads.checks import Flags, Numbers

_MOST_ROWS_NAMED = 10
_LOOK = "and check that it belongs in the file before the upload is accepted."


class Hidden:
    """What was read of one sheet although it is hidden. Add its rows and amounts while they are read."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.rows_read = 0
        self.rows: list[int] = []  # the numbers of the first hidden rows
        self.row_count = 0
        self.headings: dict[int, str] = {}
        self.amounts: dict[int, int] = {}  # by column: how many amounts were read, if the column is hidden
        self.sum_of_columns: dict[int, Decimal] = {}
        self.sum_of_rows = self.sum_of_sheet = Decimal(0)
        self.has_amounts = False

    def add_rows(self, numbers: Numbers, hidden: Set[int]) -> None:
        self.rows_read += len(numbers)
        if hidden:
            found = [number for number in numbers.tolist() if number in hidden]
            self.row_count += len(found)
            self.rows += found[: max(0, _MOST_ROWS_NAMED - len(self.rows))]

    def add_column(self, index: int, heading: str, cells: Iterable[str]) -> None:
        """Note a column that is read, unless it is blank."""
        if index in self.sheet.hidden_columns and any(map(trim, cells)):
            self.headings[index] = heading

    def add_amounts(self, index: int, cells: pd.Series[str], numbers: Numbers, hidden: Set[int], unit: Decimal) -> None:
        """Add the amounts of a column, in units of `unit` pounds: one cell for each row number."""
        self.has_amounts = True
        is_hidden_column = index in self.sheet.hidden_columns
        in_hidden_rows: Flags = (
            np.isin(numbers, np.fromiter(hidden, dtype=np.int64)) if hidden else np.zeros(len(numbers), dtype=bool)
        )
        if not (is_hidden_column or self.sheet.is_hidden or in_hidden_rows.any()):
            return
        read = read_amounts(cells, unit)
        total = read.total()
        self.sum_of_sheet += total
        self.sum_of_rows += Decimal(sum(read.pence[in_hidden_rows].tolist())).scaleb(-2)
        if is_hidden_column:
            self.amounts[index] = self.amounts.get(index, 0) + int(read.ok.sum())
            self.sum_of_columns[index] = self.sum_of_columns.get(index, Decimal(0)) + total

    def warnings(self) -> Iterator[Problem]:
        if self.sheet.is_hidden:
            message = f"The sheet is hidden in the workbook, and was read: {_rows(self.rows_read)}"
            yield self._warning(
                "W_HIDDEN_SHEET", f"{message}{self._sum(self.sum_of_sheet)}", Where(sheet=self.sheet.name),
                f"Show the sheet, {_LOOK}",
            )  # fmt: skip
        if self.row_count:
            was = "was" if self.row_count == 1 else "were"
            message = f"{_rows(self.row_count, 'hidden ')} {was} read{self._sum(self.sum_of_rows)}"
            where = Where(sheet=self.sheet.name, row=self.rows[0])
            more = self.row_count - len(self.rows)
            value = "Row " + ", ".join(map(str, self.rows)) + (f" and {more:,} more" if more else "")
            yield self._warning("W_HIDDEN_ROWS", message, where, f"Show all rows, {_LOOK}", value)
        for index, heading in sorted(self.headings.items()):
            message = "The column is hidden in the workbook, and was read"
            if index in self.amounts:
                count = self.amounts[index]
                message += f": {count:,} {'amount' if count == 1 else 'amounts'}{self._sum(self.sum_of_columns[index])}"
            where = Where(self.sheet.name, None, column_letter(index), heading)
            yield self._warning("W_HIDDEN_COLUMN", message, where, f"Show the column, {_LOOK}")

    def _sum(self, total: Decimal) -> str:
        sign = "-" if total < 0 else ""
        return f", adding up to {sign}£{abs(total):,.2f}" if self.has_amounts else ""

    def _warning(self, code: str, message: str, where: Where, fix: str, value: str | None = None) -> Problem:
        return Problem(code, message, where, value, fix, "warning")


def _rows(count: int, which: str = "") -> str:
    return f"{count:,} {which}{'row' if count == 1 else 'rows'}"
