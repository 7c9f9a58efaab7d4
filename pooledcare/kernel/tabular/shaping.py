"""Turning batches of rows into columns: leaves out blank rows and refuses rows with a wrong number of cells."""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from pooledcare.kernel.characters import CONTROL, EDGES
from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.tabular.batches import Batch, Chunk, Notice, merge
from pooledcare.kernel.tabular.places import column_letter

if TYPE_CHECKING:
    import pandas as pd

# From the cells of a row with a wrong number of them: what is probably wrong and how to correct it; None if unknown.
Explain = Callable[[Sequence[str]], tuple[str, str] | None]
Cells = np.ndarray[Any, np.dtype[np.object_]]

_WRONG_WIDTH = "The row has {:,} cells, and the heading row {:,}"
_HOW_TO_MEND_A_ROW = (
    "Give the row one cell for each heading. A comma inside a cell needs quotation marks around the cell."
)


def below(batch: Batch, after: int) -> Batch:
    """The part of the batch below a row; almost always all of it."""
    if after <= 0 or not batch.rows or batch.numbers[0] > after:
        return batch
    skip = int(np.searchsorted(batch.numbers, after, side="right"))
    problems, without_result = (
        {index - skip: found for index, found in each.items() if index >= skip}
        for each in (batch.problems, batch.without_result)
    )
    return Batch(batch.numbers[skip:], batch.rows[skip:], problems, without_result, batch.hidden)


def find_controls(batch: Batch, sheet: str) -> None:
    """Add a problem to each row with a control character in it."""
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


class Shaping:
    """One batch: first the widths of its rows are found, then `fit` turns them into columns of one width.

    With `is_whole`, every cell counts, so that a formula without a result is a problem wherever it is.
    """

    def __init__(
        self,
        batch: Batch,
        sheet: str,
        *,
        may_pad: bool,
        is_whole: bool = False,
        explain: Explain | None = None,
    ) -> None:
        self.numbers = batch.numbers
        self.rows = batch.rows
        self.sheet = sheet
        self.may_pad = may_pad
        self.explain = explain
        self.problems = dict(batch.problems)
        self.hidden = batch.hidden
        for index, found in batch.without_result.items() if is_whole else ():
            self.problems[index] = [*self.problems.get(index, []), *found]
        self.blank = self._blank_rows()
        self.widths = set(map(len, self.rows))
        self.rows_read = len(self.rows)
        self.first_row = int(self.numbers[0])
        self.cut = 0
        self.cells: Cells | None = None

    def _blank_rows(self) -> set[int]:
        # A row whose first cell begins with "!" to "~" is not blank; this quick test excludes most rows.
        candidates = [index for index, row in enumerate(self.rows) if not row or not "!" <= row[0] < "\x7f"]
        return {
            index
            for index in candidates
            if index not in self.problems and not any(cell.strip(EDGES) for cell in self.rows[index])
        }

    def fit(self, width: int) -> Cells:
        """The good rows, by column. Sets `numbers` to their row numbers; other rows are in `blank` or `problems`."""
        if self.cells is not None:
            return self.cells
        if self.widths != {width}:
            self._fit_rows(width)
        left_out = self.blank | self.problems.keys()
        if left_out:
            self.rows = [row for index, row in enumerate(self.rows) if index not in left_out]
            self.numbers = np.delete(self.numbers, sorted(left_out))
        kept = len(self.rows)
        cells = np.fromiter(chain.from_iterable(self.rows), dtype=object, count=kept * width)
        self.cells = cells.reshape(kept, width).T
        # Free the lists now: to keep them until the chunk is full would be slow with a million rows.
        self.rows = []
        return self.cells

    def _fit_rows(self, width: int) -> None:
        """Pad or cut rows if no text is lost; refuse them otherwise."""
        fitted = list(self.rows)
        for index, row in enumerate(self.rows):
            found = len(row)
            if found == width or index in self.blank or index in self.problems:
                continue
            if found > width and not any(cell.strip(EDGES) for cell in row[width:]):
                fitted[index] = row[:width]
                self.cut += 1
            elif found > width:
                self._refuse(index, "EXTRA_COLUMN", _WRONG_WIDTH.format(found, width))
            elif self.may_pad:
                fitted[index] = row + [""] * (width - found)
            else:
                self._refuse(index, "MISSING_COLUMN", _WRONG_WIDTH.format(found, width))
        self.rows = fitted

    def _refuse(self, index: int, code: str, message: str) -> None:
        where = Where(sheet=self.sheet or None, row=int(self.numbers[index]))
        known = self.explain(self.rows[index]) if self.explain else None
        message, fix = known or (message, _HOW_TO_MEND_A_ROW)
        self.problems.setdefault(index, []).append(Problem(code, message, where, None, fix))

    def notices(self) -> list[Notice]:
        notices = []
        if self.blank:
            notices.append(Notice("BLANK_ROWS", "Blank rows were left out", len(self.blank)))
        if self.cut:
            notices.append(Notice("EMPTY_CELLS", "Empty cells at the end of rows were left out", self.cut))
        return notices


def as_chunk(parts: Sequence[Shaping], width: int | None) -> Chunk:
    """Several batches as one chunk. Without a `width`, it is as wide as the widest row."""
    width = width or max(1, *(widest for part in parts for widest in part.widths))
    cells = np.concatenate([part.fit(width) for part in parts], axis=1)
    return Chunk(
        first_row=parts[0].first_row,
        numbers=np.concatenate([part.numbers for part in parts]),
        frame=_frame(cells),
        problems=[problem for part in parts for index in sorted(part.problems) for problem in part.problems[index]],
        notices=merge([notice for part in parts for notice in part.notices()]),
        rows_read=sum(part.rows_read for part in parts),
        blank_rows=sum(len(part.blank) for part in parts),
        refused_rows=sum(len(part.problems) for part in parts),
        hidden=frozenset().union(*(part.hidden for part in parts)),
    )


def _frame(cells: Cells) -> "pd.DataFrame":
    """A data frame of Python strings, in pandas' own memory layout, so that pandas neither copies nor converts them."""
    import pandas as pd

    return pd.DataFrame(cells.T, dtype=object, copy=False)
