"""Reading a whole column of amounts, with the same results as `read_amount` for each cell but much faster.

It calls `read_amount` only for cells that are not already in canonical form.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from pooledcare.kernel.amounts import PENNY, as_text, read_amount
from pooledcare.kernel.number_styles import DECIMAL_POINT, NumberStyle
from pooledcare.kernel.problems import Problem, Refused

if TYPE_CHECKING:
    import pandas as pd

# The canonical form, without negative zeros, which `read_amount` changes to 0.
_CANONICAL = re.compile(r"(?!-0+(?:\.0+)?$)-?[0-9]{1,12}(?:\.[0-9]{1,2})?")
# These match a whole column, joined by line ends. Negative zeros have their own pattern, because Python 3.11.0 to
# 3.11.4 does not find them inside a possessive group.
_ALL_NUMBERS = re.compile(r"(?:-?[0-9]{1,12}(?:\.[0-9]{1,2})?\n)*+")
_NEGATIVE_ZERO = re.compile(r"^-0+(?:\.0+)?$", re.MULTILINE)


@dataclass(frozen=True)
class AmountColumn:
    """The amounts in a column of text. Arrays have one element for each cell; mappings are by position in the column.

    `text` is the amount in pounds in canonical form, ready for COPY; it is empty where `ok` is false. `codes` are the
    codes of problems, or None. `normalised` is true where something was tidied, and `notes` say what.
    """

    text: np.ndarray[Any, np.dtype[np.object_]]
    ok: np.ndarray[Any, np.dtype[np.bool_]]
    codes: np.ndarray[Any, np.dtype[np.object_]]
    normalised: np.ndarray[Any, np.dtype[np.bool_]]
    problems: Mapping[int, Problem] = field(default_factory=dict)
    notes: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def pence(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The amounts in pence, exactly; 0 where `ok` is false."""
        return np.fromiter((_pence(text) for text in self.text), dtype=np.int64, count=len(self.text))

    def total(self) -> Decimal:
        """The sum in pounds of the cells that could be read. Added with Python integers, which cannot overflow."""
        return Decimal(sum(self.pence.tolist())).scaleb(-2).quantize(PENNY)


def read_amounts(
    column: "pd.Series[str]", unit: Decimal = Decimal(1), style: NumberStyle = DECIMAL_POINT
) -> AmountColumn:
    """Read every cell as `read_amount` does, for a column whose amounts are in units of `unit` pounds."""
    cells: list[str] = column.tolist()
    size = len(cells)
    text = np.empty(size, dtype=object)
    text[:] = cells
    codes = np.full(size, None, dtype=object)
    ok = np.ones(size, dtype=np.bool_)
    normalised = np.zeros(size, dtype=np.bool_)
    problems: dict[int, Problem] = {}
    notes: dict[int, str] = {}
    for i in _others(cells, unit):
        try:
            amount = read_amount(cells[i], unit, style)
        except Refused as refused:
            [problems[i]] = refused.problems
            text[i], codes[i], ok[i] = "", refused.code, False
            continue
        text[i] = as_text(amount.value)
        if amount.normalised is not None:
            notes[i], normalised[i] = amount.normalised, True
    return AmountColumn(text, ok, codes, normalised, problems, notes)


def _others(cells: list[str], unit: Decimal) -> list[int] | range:
    """The positions whose text is not yet canonical, or is not a plain text but a `ShownNumber`."""
    if unit != 1:
        return range(len(cells))
    if any(type(cell) is not str for cell in cells):
        return [i for i, cell in enumerate(cells) if type(cell) is not str or _CANONICAL.fullmatch(cell) is None]
    joined = "\n".join(cells)
    all_numbers = joined.count("\n") == len(cells) - 1 and _ALL_NUMBERS.fullmatch(joined + "\n")
    if all_numbers and ("-0" not in joined or not _NEGATIVE_ZERO.search(joined)):
        return []
    canonical = _CANONICAL.fullmatch
    return [i for i, cell in enumerate(cells) if canonical(cell) is None]


def _pence(text: str) -> int:
    whole, _, decimals = text.partition(".")
    return int(whole + (decimals + "00")[:2])
