"""The headings of a file with our own columns: their names, where they stand again, and a first row that has none."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from pooledcare.kernel.amounts import read_amount
from pooledcare.kernel.characters import holds_any, trim, without_invisible
from pooledcare.kernel.days import day_written
from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.kernel.tabular import column_letter
from pooledcare.uploads.kinds import normal_heading

if TYPE_CHECKING:
    import pandas as pd

    from pooledcare.uploads.checks import Numbers

# The heading of the column that `exports.marked_file` adds, and the heading that it added before December 2026. Columns
# under either are ignored if the file is uploaded again.
PROBLEM_HEADING = "PooledCare: what to correct"
EARLIER_PROBLEM_HEADING = "PooledCare: what to mend"


def names_of(row: Sequence[str]) -> list[str]:
    """The headings in normal form; that of our added column becomes empty."""
    ours = (PROBLEM_HEADING, EARLIER_PROBLEM_HEADING)
    return [normal_heading("" if cell.startswith(ours) else cell) for cell in row]


def invisible_in_headings(row: Sequence[str]) -> list[str]:
    """A notice for each heading of which invisible characters were left out."""
    return [
        f"Invisible characters were left out of the heading {trim(without_invisible(cell))} "
        f"(column {column_letter(index)})"
        for index, cell in enumerate(row)
        if without_invisible(cell) != cell
    ]


class CellsWithoutHeading:
    """Finds columns of one sheet that hold text but have no heading, because what they hold would be left out.

    `row` are the headings as written. Columns after the last heading are not looked at.
    """

    def __init__(self, sheet: str, row: Sequence[str], width: int) -> None:
        self.sheet = sheet
        self.columns = [index for index in range(width) if not normal_heading(row[index])]

    def found(self, numbers: Numbers, frame: pd.DataFrame) -> list[Problem]:
        """A problem for each column at its first cell with text, if it was not found before."""
        problems = []
        for index in list(self.columns):
            place = next((place for place, cell in enumerate(frame[index].tolist()) if trim(cell)), None)
            if place is not None:
                self.columns.remove(index)
                where = Where(self.sheet or None, int(numbers[place]), column_letter(index))
                message = f"Column {column_letter(index)} has no heading, so its cells would be left out"
                fix = (
                    "Give the column a heading, or clear its cells. A merged heading belongs to its first column only."
                )
                problems.append(Problem("NO_HEADING", message, where, frame[index].iloc[place], fix))
        return problems


class HeadingsAgain:
    """Finds rows of one sheet in which the headings stand again. `column` is the index of one of its columns, which is
    looked at first: of amounts if there are any, since amounts are not words."""

    def __init__(self, sheet: str, names: list[str], column: int) -> None:
        self.sheet, self.names, self.column = sheet, names, column
        self.wanted = sorted(filter(None, names))
        self.rows: list[int] = []
        self.other_order: int | None = None

    def found(self, numbers: Numbers, frame: pd.DataFrame) -> set[int]:
        """The positions of rows that cannot be read: headings, and everything below headings in another order."""
        if self.other_order is not None:
            return set(range(len(numbers)))
        positions: set[int] = set()
        texts = frame[self.column].tolist()
        if not holds_any(texts, _LETTERS):
            return positions
        for position in [place for place, text in enumerate(texts) if not text[-1:].isdigit()]:
            if normal_heading(texts[position]) not in self.names:
                continue
            names = names_of(frame.iloc[position].tolist())
            if sorted(filter(None, names)) != self.wanted:
                continue
            if names != self.names[: len(names)]:
                self.other_order = int(numbers[position])
                return positions | set(range(position, len(numbers)))
            positions.add(position)
            self.rows.append(int(numbers[position]))
        return positions

    def problems(self) -> list[Problem]:
        """One problem for all of them, and one for the first in another order."""
        found = []
        if self.rows:
            message = f"The headings are there again in {_rows_in_words(self.rows)}"
            where = Where(self.sheet or None, self.rows[0])
            fix = "Delete the repeated headings, and keep those in row 1."
            found.append(Problem("HEADINGS_AGAIN", message, where, None, fix))
        if self.other_order is not None:
            message = f"The headings are there again in row {self.other_order:,}, in another order"
            where = Where(self.sheet or None, self.other_order)
            fix = "Upload the rows below as a file of their own, or put their cells into the order of row 1."
            found.append(Problem("HEADINGS_AGAIN", message, where, None, fix))
        return found


def _rows_in_words(rows: Sequence[int]) -> str:
    """
    >>> _rows_in_words([3]), _rows_in_words([3, 7, 9]), _rows_in_words(range(3, 20))
    ('row 3', 'rows 3, 7 and 9', 'rows 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 7 more')
    """
    shown = [f"{row:,}" for row in rows[:10]]
    if len(rows) > len(shown):
        return f"rows {', '.join(shown)} and {len(rows) - len(shown):,} more"
    return f"row {shown[0]}" if len(shown) == 1 else f"rows {', '.join(shown[:-1])} and {shown[-1]}"


_LETTERS = string.ascii_letters.encode()
_CODE_WITH_NUMBER = re.compile(r"[A-Za-z]{1,3}[0-9]*-?[0-9]{3,}")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


def looks_like_data(cell: str) -> bool:
    """Whether the cell is an amount, a date or a code with a number: not a heading, as a year alone may be.

    >>> [looks_like_data(cell) for cell in ("100", "£1,000", "E06000028", "1 April 2026", "2026", "2026-27", "amount")]
    [True, True, True, True, False, False, False]
    """
    bare = trim(without_invisible(cell))
    if _YEAR.fullmatch(bare) or not any(character.isdigit() for character in bare):
        return False
    if _CODE_WITH_NUMBER.fullmatch(bare) or day_written(bare) is not None:
        return True
    with suppress(Refused):
        read_amount(bare)
        return True
    return False
