"""A table as numbered rows of text, and as chunks of whole columns, whatever kind of file it came from.

Every physical row is accounted for: it is in a chunk's frame, or counted as blank, or refused with a problem.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import numpy as np

from pooledcare.kernel.characters import CONTROL, EDGES
from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.tabular.limits import Limits, refuse
from pooledcare.kernel.tabular.places import column_letter

if TYPE_CHECKING:
    import pandas as pd

CHUNK = 50_000
_MAY_BE_BLANK = frozenset({"", *EDGES})
Numbers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that was tidied in order to read the file; people confirm it in the preview."""

    code: str
    message: str
    count: int = 1


@dataclass
class Batch:
    """Physical rows as they stand: their numbers, their cells, and what is wrong with some of them by position."""

    numbers: Numbers
    rows: list[list[str]]
    problems: dict[int, list[Problem]] = field(default_factory=dict)


@dataclass(frozen=True)
class Chunk:
    """Rows of one width as columns of text, each column named by its position; `numbers` are the rows' own numbers."""

    first_row: int
    numbers: Numbers
    frame: "pd.DataFrame"
    problems: list[Problem]
    notices: list[Notice]
    rows_read: int
    blank_rows: int
    refused_rows: int


class Sheet(ABC):
    """One table of a file. Reading starts again from the top with every call."""

    name: str
    limits: Limits
    # A workbook does not store the empty cells at the end of a row, so its rows are never too short.
    stores_empty_cells = True
    may_hold_controls = True

    @abstractmethod
    def batches(self, size: int = CHUNK) -> Iterator[Batch]:
        """All physical rows in order, `size` at a time."""

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row with its number, as it stands."""
        for batch in self.batches():
            yield from zip(batch.numbers.tolist(), batch.rows, strict=True)

    def head(self, count: int = 20) -> list[tuple[int, list[str]]]:
        """The first rows, from which the layout is recognised; problems in them are told when the rows are read."""
        batch = next(self.batches(count), None)
        return [] if batch is None else list(islice(zip(batch.numbers.tolist(), batch.rows, strict=True), count))

    def chunks(self, size: int = CHUNK, *, width: int | None = None, after: int = 0) -> Iterator[Chunk]:
        """The rows below row `after` as columns.

        With a `width`, rows of another width are refused; without one, short rows are padded, for layouts in which
        tables of several shapes follow one another.
        """
        for batch in self.batches(size):
            kept = _below(batch, after)
            if self.may_hold_controls:
                _find_controls(kept, self.name)
            if kept.rows:
                yield _Shaping(kept, self, width).chunk()


def _below(batch: Batch, after: int) -> Batch:
    """The part of the batch that lies below a row; almost always all of it."""
    if after <= 0 or not batch.rows or batch.numbers[0] > after:
        return batch
    skip = int(np.searchsorted(batch.numbers, after, side="right"))
    problems = {index - skip: found for index, found in batch.problems.items() if index >= skip}
    return Batch(batch.numbers[skip:], batch.rows[skip:], problems)


def _find_controls(batch: Batch, sheet: str) -> None:
    if CONTROL.search("\n".join(chain.from_iterable(batch.rows))) is None:
        return
    for index, row in enumerate(batch.rows):
        for column, cell in enumerate(row):
            found = CONTROL.search(cell)
            if found is not None:
                problem = Problem(
                    "CONTROL_CHAR",
                    f"The cell has a control character in it (U+{ord(found.group()):04X})",
                    Where(sheet=sheet or None, row=int(batch.numbers[index]), column=column_letter(column)),
                    cell[:100],
                    "Type the cell again.",
                )
                batch.problems.setdefault(index, []).append(problem)


class _Shaping:
    """One batch on its way to being columns."""

    def __init__(self, batch: Batch, sheet: Sheet, width: int | None) -> None:
        self.batch = batch
        self.sheet = sheet
        self.rows = batch.rows
        self.problems = dict(batch.problems)
        self.blank: set[int] = set()
        self.cut = 0
        self.width = width if width is not None else max(1, max(map(len, batch.rows)))
        self.is_ragged = width is None or not sheet.stores_empty_cells

    def chunk(self) -> Chunk:
        self._find_blank_rows()
        if set(map(len, self.rows)) != {self.width}:
            self._fit_rows()
        refused = self.problems.keys() - self.blank
        left_out = sorted(refused | self.blank)
        kept, numbers = self.rows, self.batch.numbers
        if left_out:
            out = set(left_out)
            kept = [row for index, row in enumerate(kept) if index not in out]
            numbers = np.delete(numbers, left_out)
        return Chunk(
            first_row=int(self.batch.numbers[0]),
            numbers=numbers,
            frame=_frame(kept, self.width),
            problems=[problem for index in sorted(refused) for problem in self.problems[index]],
            notices=self._notices(),
            rows_read=len(self.rows),
            blank_rows=len(self.blank),
            refused_rows=len(refused),
        )

    def _find_blank_rows(self) -> None:
        candidates = [index for index, row in enumerate(self.rows) if not row or row[0][:1] in _MAY_BE_BLANK]
        for index in candidates:
            if index not in self.problems and not any(cell.strip(EDGES) for cell in self.rows[index]):
                self.blank.add(index)

    def _fit_rows(self) -> None:
        """Pad or cut where that loses nothing; refuse the row where it would."""
        fitted = list(self.rows)
        message = "The row has {:,} cells, and the heading row {:,}"
        for index, row in enumerate(self.rows):
            found = len(row)
            if found == self.width or index in self.blank or index in self.problems:
                continue
            if found > self.width and not any(cell.strip(EDGES) for cell in row[self.width :]):
                fitted[index] = row[: self.width]
                self.cut += 1
            elif found > self.width:
                self._refuse(index, "EXTRA_COLUMN", message.format(found, self.width))
            elif self.is_ragged:
                fitted[index] = row + [""] * (self.width - found)
            else:
                self._refuse(index, "MISSING_COLUMN", message.format(found, self.width))
        self.rows = fitted

    def _refuse(self, index: int, code: str, message: str) -> None:
        where = Where(sheet=self.sheet.name or None, row=int(self.batch.numbers[index]))
        fix = "Give the row one cell for each heading. A comma inside a cell needs quotation marks around the cell."
        self.problems.setdefault(index, []).append(Problem(code, message, where, None, fix))

    def _notices(self) -> list[Notice]:
        notices = []
        if self.blank:
            notices.append(Notice("BLANK_ROWS", "Blank rows were left out", len(self.blank)))
        if self.cut:
            notices.append(Notice("EMPTY_CELLS", "Empty cells at the end of rows were left out", self.cut))
        return notices


def _frame(rows: list[list[str]], width: int) -> "pd.DataFrame":
    """Columns of Python strings. One array of objects, laid out by column, is the whole cost."""
    import pandas as pd

    if not rows:
        return pd.DataFrame({position: pd.Series([], dtype=object) for position in range(width)})
    block = np.empty((width, len(rows)), dtype=object)
    for position, cells in enumerate(zip(*rows, strict=True)):
        block[position] = cells
    return pd.DataFrame(block.T, dtype=object, copy=False)


def merge(notices: Iterator[Notice] | list[Notice]) -> list[Notice]:
    """The same notice from many chunks, once, with its count."""
    counts: dict[tuple[str, str], int] = {}
    for notice in notices:
        key = (notice.code, notice.message)
        counts[key] = counts.get(key, 0) + notice.count
    return [Notice(code, message, count) for (code, message), count in counts.items()]


def refuse_rows(limits: Limits, sheet: str | None = None) -> None:
    refuse(
        "TOO_MANY_ROWS",
        f"The selected file must have at most {limits.rows:,} rows",
        fix="Split the file into smaller files.",
        sheet=sheet,
    )
