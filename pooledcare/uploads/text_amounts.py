"""Amounts in text files: how the file writes its numbers, and amounts cut in two by commas without quotation marks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pooledcare.kernel.characters import holds_any, trim, without_invisible
from pooledcare.kernel.number_styles import DECIMAL_POINT, NumberStyle, StyleSearch
from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.tabular import CsvSheet, column_letter

if TYPE_CHECKING:
    import pandas as pd

    from pooledcare.kernel.tabular import Sheet
    from pooledcare.uploads.checks import Numbers

_SIGNS = r"£\s+\-\u2212\u2013"
_BEFORE = rf"[({_SIGNS}]*+(?:GBP[{_SIGNS}]*+)?"
_START = re.compile(rf"{_BEFORE}[1-9][0-9]{{0,2}}", re.IGNORECASE)
_GROUP = re.compile(r"[0-9]{3}")
_UNITS = r"k|m|mn|bn|thousand|million|billion"
# What people write after an amount: a sign, the currency or a unit, perhaps a bracket, and perhaps a remark.
_REMARK = r"[(\[].*|net|gross|est\.?|p\.?a\.?|per annum"
_AFTER = rf"\s*+(?:[-+*\u2212\u2013]|£|GBP|CR|DR|p|{_UNITS})?\s*+\)?\s*+(?:{_REMARK})?"
_LAST_GROUP = re.compile(rf"[0-9]{{3}}(?:\.[0-9]*+)?{_AFTER}", re.IGNORECASE)
_BEFORE_PENCE = re.compile(rf"{_BEFORE}[0-9]+", re.IGNORECASE)
_PENCE = re.compile(r"[0-9]{2}\s*+(?:[-+*\u2212\u2013]|£|GBP|CR|DR)?\s*+\)?", re.IGNORECASE)
_DECIMALS_OF_A_UNIT = re.compile(rf"[0-9]{{1,3}}\s*+(?:{_UNITS})\s*+\)?", re.IGNORECASE)
_DIGITS = b"0123456789"


def style_of(sheet: Sheet, columns: Collection[int], *, after: int) -> NumberStyle:
    """What the amounts in these columns, below row number `after`, show of how the file writes its numbers.

    Workbooks store numbers without any style. Between commas, only an amount in quotation marks can have a comma.
    """
    if not _may_have_styles(sheet) or not columns:
        return DECIMAL_POINT
    search = StyleSearch(sheet.delimiter)
    _look(sheet, dict.fromkeys(columns, search), after)
    return search.style


def styles_of(sheet: Sheet, columns: Collection[int], *, after: int) -> dict[int, NumberStyle]:
    """The same as `style_of` for each column alone. The file is read once."""
    if not _may_have_styles(sheet):
        return dict.fromkeys(columns, DECIMAL_POINT)
    searches = {index: StyleSearch(sheet.delimiter) for index in columns}
    _look(sheet, searches, after)
    return {index: search.style for index, search in searches.items()}


def _may_have_styles(sheet: Sheet) -> bool:
    return isinstance(sheet, CsvSheet) and (sheet.delimiter != "," or sheet.text.has_quotes)


def _look(sheet: Sheet, searches: Mapping[int, StyleSearch], after: int) -> None:
    for batch in sheet.batches():
        rows = [(number, row) for number, row in zip(batch.numbers.tolist(), batch.rows, strict=True) if number > after]
        for index, search in searches.items():
            filled = [(number, row[index]) for number, row in rows if len(row) > index]
            search.look([cell for _, cell in filled], [number for number, _ in filled], column_letter(index))


def style_notices(style: NumberStyle) -> list[str]:
    if not style.has_decimal_comma:
        return []
    return [f"Amounts were read with a decimal comma, as the file shows with {style.comma}"]


def cut_amount(cells: Sequence[str], amount: int) -> list[str]:
    """The parts of an amount that commas cut in several cells; empty if it looks whole.

    The commas stood between thousands, as in `1,234`, or before the pence, as in `1234,56`. `amount` is the index of
    the cell of the amount.

    >>> cut_amount(["QSL", "1", "234", "567.50", "a note"], 1), cut_amount(["QSL", "1", "2"], 1)
    (['1', '234', '567.50'], [])
    >>> cut_amount(["GBP 1", " 234 "], 0), cut_amount(["1234", "56"], 0)
    (['GBP 1', '234'], ['1234', '56'])
    """
    parts = [trim(without_invisible(cell)) for cell in cells[amount:]]
    if len(parts) < 2:
        return []
    if _BEFORE_PENCE.fullmatch(parts[0]) and _is_after_a_decimal_comma(parts[1]):
        return parts[:2]
    if not _START.fullmatch(parts[0]):
        return []
    end = 1
    while end < len(parts) and _GROUP.fullmatch(parts[end]):
        end += 1
    if end < len(parts) and _LAST_GROUP.fullmatch(parts[end]):
        end += 1
    return parts[:end] if end > 1 else []


def _is_after_a_decimal_comma(text: str) -> bool:
    """Whether it is the pence of `1234,56`, or the rest of `1,5m`. The rest of `1,234m` is three digits more.

    >>> [_is_after_a_decimal_comma(text) for text in ("56", "56 CR", "5m", "234m", "5")]
    [True, True, True, False, False]
    """
    return bool(_PENCE.fullmatch(text) or (_DECIMALS_OF_A_UNIT.fullmatch(text) and not _LAST_GROUP.fullmatch(text)))


def _looks_like_the_end(text: str) -> bool:
    bare = trim(without_invisible(text))
    return bool(_LAST_GROUP.fullmatch(bare) or _is_after_a_decimal_comma(bare))


class CutAmounts:
    """Finds amounts of one sheet that commas cut in two. `columns` are its columns of amounts.

    A sheet that is not separated by commas has none. A cell inside quotation marks was meant to be a cell of its own.
    """

    def __init__(self, sheet: Sheet, columns: Sequence[int], headings: Sequence[str]) -> None:
        self.sheet = sheet
        self.columns = columns if sheet.delimiter == "," else ()
        self.headings = headings
        self._written: Iterator[tuple[int, str]] | None = None
        if isinstance(sheet, CsvSheet) and sheet.text.has_quotes:
            self._written = enumerate(sheet.lines(), start=1)
        self._line = (0, "")

    def explain(self, cells: Sequence[str]) -> tuple[str, str] | None:
        """Of a row with a wrong number of cells: that an amount was cut, if it looks so."""
        for index in self.columns:
            if parts := cut_amount(cells, index):
                return self._sentences(parts, index)
        return None

    def found(self, numbers: Numbers, frame: pd.DataFrame) -> dict[int, Problem]:
        """A problem for each row with such an amount, by its position. The columns of the frame are named by index."""
        problems: dict[int, Problem] = {}
        for position, index in sorted(self._suspects(frame)):
            row = int(numbers[position])
            if position not in problems and not self._is_quoted(row, index):
                parts = cut_amount(frame.iloc[position].tolist(), index)
                message, fix = self._sentences(parts, index)
                where = Where(row=row, column=column_letter(index), column_name=self.headings[index])
                problems[position] = Problem("CUT_AMOUNT", message, where, ",".join(parts), fix)
        return problems

    def _suspects(self, frame: pd.DataFrame) -> Iterator[tuple[int, int]]:
        """Positions and columns of short amounts with three digits in the cell after them."""
        for index in self.columns:
            if index + 1 not in frame.columns:
                continue
            after = frame[index + 1].tolist()
            if not holds_any(after, _DIGITS):
                continue
            likely = {text for text in set(after) if _looks_like_the_end(text)}
            if not likely:
                continue
            for position, (text, start) in enumerate(zip(after, frame[index].tolist(), strict=True)):
                if text in likely and cut_amount([start, text], 0):
                    yield position, index

    def _sentences(self, parts: list[str], index: int) -> tuple[str, str]:
        """What is wrong, with the parts under their headings, and how to correct it."""
        name, number = self.headings[index], ",".join(parts)
        names = [
            f"the {heading} “{part}”" if heading else f"the cell “{part}”"
            for part, heading in zip(parts[1:], [*self.headings[index + 1 :], *[""] * len(parts)], strict=False)
        ]
        if _PENCE.fullmatch(parts[1]):
            message = f"The {name} {parts[0]} and {names[0]} look like one number {number} with its pence after a comma"
            fix = f"If they are one number, write it as {'.'.join(parts)}."
        elif _is_after_a_decimal_comma(parts[1]):
            message = f"The {name} {parts[0]} and {names[0]} look like one number {number} with a decimal comma"
            fix = "If they are one number, write it in pounds with digits only."
        else:
            message = (
                f"The {name} {parts[0]} and {' and '.join(names)} look like one number {number} that needs quotation "
                "marks"
            )
            fix = f'Write it as {"".join(parts)}, or as "{number}" with its quotation marks.'
        if parts[0].isdigit():
            fix += f" If they are separate cells, write the {name} with its pence, as {parts[0]}.00."
        return message, fix

    def _is_quoted(self, row: int, index: int) -> bool:
        """Whether the amount or the cell after it is inside quotation marks. Must be asked in the order of the rows."""
        if self._written is None:
            return False
        while self._line[0] < row:
            self._line = next(self._written)
        cells = re.findall(r'(?:^|,)("(?:[^"]|"")*"|[^,\r\n]*)', self._line[1])
        return any(cell.startswith('"') for cell in cells[index : index + 2])
