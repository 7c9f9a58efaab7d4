"""The data passed on while a table is read: batches of rows, chunks of columns, and notices of what was tidied."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pooledcare.kernel.problems import Problem

if TYPE_CHECKING:
    import pandas as pd

Numbers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that was tidied in order to read the file. The preview shows it before people accept the file."""

    code: str
    message: str
    count: int = 1


@dataclass
class Batch:
    """Rows as they are in the file: their row numbers, their cells, and problems by position in the batch.

    `without_result` are problems of formulas whose result the workbook does not hold. They count only in a table that
    is read whole. `hidden` are the numbers of rows that are hidden in the workbook.
    """

    numbers: Numbers
    rows: list[list[str]]
    problems: dict[int, list[Problem]] = field(default_factory=dict)
    without_result: dict[int, list[Problem]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Chunk:
    """Rows of one width as columns of text, named by their positions. `numbers` are the row numbers in the file.

    Every row that was read is either in the frame, or blank, or refused; `rows_read` is the sum of the three. `hidden`
    are the numbers of rows that are hidden in the workbook.
    """

    first_row: int
    numbers: Numbers
    frame: "pd.DataFrame"
    problems: list[Problem]
    notices: list[Notice]
    rows_read: int
    blank_rows: int
    refused_rows: int
    hidden: frozenset[int] = frozenset()


def merge(notices: Iterable[Notice]) -> list[Notice]:
    """The notices, each once, with their counts added up."""
    counts: dict[tuple[str, str], int] = {}
    for notice in notices:
        key = (notice.code, notice.message)
        counts[key] = counts.get(key, 0) + notice.count
    return [Notice(code, message, count) for (code, message), count in counts.items()]
