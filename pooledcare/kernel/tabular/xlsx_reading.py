"""Reading XLSX workbooks as numbered rows of text, streamed. The text of a cell is what a person sees in it.

A number becomes the shortest text for the stored number, so 4.35 is 4.35 although Excel stores 4.3499999999999996. If
its number format shows something else, such as 50% or £1,234.5k, the text is a `ShownNumber`, which says both. Dates
are in ISO form. The result of a formula is the stored one: nothing is calculated, and no link is followed. Document
type declarations are refused.

No library is used, because python-calamine holds a whole sheet in memory (about 450 MB for a million rows of seven
cells), and both it and openpyxl read a formula that was saved without a value as an empty cell.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from functools import cached_property
from typing import BinaryIO
from xml.parsers import expat

import numpy as np

from pooledcare.kernel.number_formats import (
    ShownNumber,
    beneath_a_merged_cell,
    blank_nought,
    with_a_conditional_format,
)
from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.rich_text import joined, look_of
from pooledcare.kernel.tabular import packages
from pooledcare.kernel.tabular.batches import Batch, Notice
from pooledcare.kernel.tabular.cell_text import date_text, number_text
from pooledcare.kernel.tabular.encoding import refuse_columns
from pooledcare.kernel.tabular.limits import Limits
from pooledcare.kernel.tabular.packages import (
    Attributes,
    check_sheets,
    from_another_workbook,
    make_parser,
    place,
    refuse_cells,
    refuse_damaged,
    too_long,
    without_result,
)
from pooledcare.kernel.tabular.places import column_of
from pooledcare.kernel.tabular.sheets import BATCH, Sheet, refuse_rows
from pooledcare.kernel.tabular.xlsx_parts import SheetPart, Workbook, read_workbook, unescape
from pooledcare.kernel.tabular.xlsx_ranges import Beneath, Range, Within, conditional_ranges, merged_cells

# `[1]Sheet1!A1` and `'[1]Sheet one'!A1`, but not the column headed 2024 of `Table1[2024]`.
_OTHER_WORKBOOK = re.compile(r"\[[0-9]+\](?:[\w.:]*|(?:[^\[\]']|'')*')!|\[[^\[\]]+\.xl[a-z]{1,2}\]", re.IGNORECASE)
_LAST_ROW = 1_048_576
_NO = ("0", "false", "off")
_TEXTS = ("str", "inlineStr")


def open_workbook(file: BinaryIO, limits: Limits) -> tuple[list[Sheet], list[Notice]]:
    """The sheets of a workbook, and notices. Rows are read only when they are needed."""
    workbook, notices = read_workbook(file, limits)
    check_sheets(len(workbook.sheets), limits)
    return [XlsxSheet(part, workbook, limits) for part in workbook.sheets], notices


class XlsxSheet(Sheet):
    """One worksheet."""

    stores_empty_cells = False

    def __init__(self, part: SheetPart, workbook: Workbook, limits: Limits) -> None:
        self.name = part.name
        self.is_hidden = part.is_hidden
        self.hidden_columns: set[int] = set()
        self.part = part.part
        self.workbook = workbook
        self.limits = limits

    @cached_property
    def merged(self) -> list[Range]:
        return merged_cells(self.workbook.archive, self.part)

    @cached_property
    def conditional(self) -> list[Range]:
        """The cells for which a conditional format has a number format that shows numbers otherwise."""
        styles = self.workbook.styles.conditional
        return conditional_ranges(self.workbook.archive, self.part, styles) if styles else []

    def batches(self, size: int = BATCH) -> Iterator[Batch]:
        reading = _Reading(self)
        rows_read = 0
        for _ in reading.blocks():
            while len(reading.rows) >= size:
                rows_read += size
                yield reading.take(size)
            if rows_read + len(reading.rows) > self.limits.rows + 1:
                refuse_rows(self.limits, self.name)
        if reading.rows:
            yield reading.take(len(reading.rows))


class _Reading:
    """One pass over a worksheet's XML. The handlers are called for every cell, so they must be fast."""

    def __init__(self, sheet: XlsxSheet) -> None:
        self.sheet = sheet
        self.limits = sheet.limits
        self.texts = sheet.workbook.texts
        self.date_styles = sheet.workbook.styles.dates
        self.formats = sheet.workbook.styles.formats
        self.beneath = Beneath(sheet.merged, sheet.limits.columns) if sheet.merged else None
        self.conditional = Within(sheet.conditional, sheet.limits.columns) if sheet.conditional else None
        self.shows_noughts = True
        # Whether every number is shown as it is.
        self.shows_numbers = not (self.date_styles or self.formats or self.beneath or self.conditional)
        self.hidden: set[int] = set()
        self.without_result: dict[int, list[Problem]] = {}
        self.rows: list[list[str]] = []
        self.numbers: list[int] = []
        self.problems: dict[int, list[Problem]] = {}
        self.row: list[str] = []
        self.number = 0
        self.column = -1
        self.cells = 0
        self.kind = "n"
        self.style = ""
        self.value: list[str] = []
        self.look = ""
        self.looks: list[tuple[int, str]] = []  # of the runs of a text in a cell: where each starts in `value`
        self.has_value = False
        self.formula: list[str] | None = None
        self.into: list[str] | None = None
        self.in_phonetic = False
        self.shared: str | None = None
        self.shared_links: set[str | None] = set()

    def blocks(self) -> Iterator[None]:
        parser = make_parser()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        try:
            with self.sheet.workbook.archive.open(self.sheet.part) as stream:
                while block := stream.read(packages.BLOCK):
                    parser.Parse(block, False)
                    yield
            parser.Parse(b"", True)
        except (expat.ExpatError, zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, IndexError):
            refuse_damaged()

    def take(self, size: int) -> Batch:
        batch = Batch(
            np.array(self.numbers[:size], dtype=np.int64),
            self.rows[:size],
            {index: found for index, found in self.problems.items() if index < size},
            {index: found for index, found in self.without_result.items() if index < size},
            self.hidden.intersection(self.numbers[:size]) if self.hidden else set(),
        )
        self.problems = {index - size: found for index, found in self.problems.items() if index >= size}
        self.without_result = {index - size: found for index, found in self.without_result.items() if index >= size}
        self.hidden -= batch.hidden
        self.numbers, self.rows = self.numbers[size:], self.rows[size:]
        return batch

    def _start(self, name: str, attributes: Attributes) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self._start_cell(attributes)
        elif name == "v":
            self.into = self.value
            self.has_value = True
        elif name == "t":
            self.into = None if self.in_phonetic else self.value
            self.looks.append((len(self.value), self.look))
        elif name == "row":
            self._start_row(attributes)
        elif name == "f":
            self.formula = self.into = []
            self.shared = attributes.get("si")
        elif name == "rPh":
            self.in_phonetic = True
        elif name == "is":
            self.has_value = True
        elif name == "r":
            self.look = ""
        elif name in ("vertAlign", "strike"):
            self.look = look_of(name, attributes) or self.look
        elif name == "col":
            self._note_hidden_columns(attributes)
        elif name == "sheetView":
            self.shows_noughts = attributes.get("showZeros", "1") not in _NO
            self.shows_numbers = self.shows_numbers and self.shows_noughts

    def _characters(self, text: str) -> None:
        if self.into is not None:
            self.into.append(text)

    def _end(self, name: str) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            if self.value or self.formula is not None:
                self._end_cell()
        elif name in ("v", "t", "f"):
            self.into = None
        elif name == "row":
            self._end_row()
        elif name == "rPh":
            self.in_phonetic = False

    def _start_row(self, attributes: Attributes) -> None:
        number = int(attributes.get("r", self.number + 1))
        if not self.number < number <= _LAST_ROW:
            refuse_damaged()
        self.number, self.row, self.column = number, [], -1
        if self.beneath is not None:
            self.beneath.start_row(number)
        if self.conditional is not None:
            self.conditional.start_row(number)
        if _is_hidden(attributes, "ht"):
            self.hidden.add(number)

    def _note_hidden_columns(self, attributes: Attributes) -> None:
        if _is_hidden(attributes, "width"):
            last = min(int(attributes["max"]), self.limits.columns)
            self.sheet.hidden_columns.update(range(int(attributes["min"]) - 1, last))

    def _end_row(self) -> None:
        if len(self.row) > self.limits.columns:
            refuse_columns(self.limits, row=self.number, sheet=self.sheet.name)
        self.rows.append(self.row)
        self.numbers.append(self.number)

    def _start_cell(self, attributes: Attributes) -> None:
        self.cells += 1
        if self.cells > self.limits.cells:
            refuse_cells(self.limits, self.sheet.name)
        reference = attributes.get("r")
        column = column_of(reference) if reference else self.column + 1
        if column <= self.column:
            refuse_damaged()
        self.column = column
        self.kind = attributes.get("t", "n")
        self.style = attributes.get("s", "0")
        self.value = []
        self.has_value = False
        self.formula = None
        if self.looks or self.look:
            self.look, self.looks = "", []

    def _end_cell(self) -> None:
        text = self._text("".join(self.value))
        if self.formula is not None:
            text = self._check_formula("".join(self.formula), text)
        if not text and not isinstance(text, ShownNumber):
            return
        if len(text) > self.limits.cell:
            self._add_problem(too_long(self.limits, self._where(), text))
        gap = self.column - len(self.row)
        if gap:
            self.row.extend([""] * gap)
        self.row.append(text)

    def _text(self, stored: str) -> str:
        kind = self.kind
        if kind == "s":
            return self.texts[int(stored)] if stored else ""
        if kind == "n":
            return number_text(stored) if self.shows_numbers else self._number(stored)
        if kind == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(stored, stored)
        return self._rich() if any(look for _, look in self.looks) else unescape(stored)

    def _rich(self) -> str:
        ends = [start for start, _ in self.looks[1:]] + [len(self.value)]
        runs = [
            (unescape("".join(self.value[start:end])), look)
            for (start, look), end in zip(self.looks, ends, strict=True)
        ]
        return joined(runs)

    def _number(self, stored: str) -> str:
        style = int(self.style)
        if style in self.date_styles:
            return date_text(stored, uses_1904=self.sheet.workbook.uses_1904)
        text = number_text(stored)
        if self.beneath is not None and self.beneath.has(self.column):
            return beneath_a_merged_cell(text, self.formats[style].code if style in self.formats else "General")
        if not self.shows_noughts and text in ("0", "-0"):
            return blank_nought(text)
        shown = self.formats[style].shown_as(text) if style in self.formats else text
        if self.conditional is not None and self.conditional.has(self.column):
            return self._with_condition(text, shown)
        return shown

    def _with_condition(self, text: str, shown: str) -> str:
        """The number as its cell shows it, if conditional formats show it in the same way. Conditions are not tried."""
        for found in self.sheet.workbook.styles.conditional.values():
            if found is None or found.shown_as(text) != shown:
                return with_a_conditional_format(text)
        return shown

    def _check_formula(self, formula: str, text: str) -> str:
        """The stored result of a formula, which may be an empty text; or the formula itself if it has none."""
        if _OTHER_WORKBOOK.search(formula):
            self.shared_links.add(self.shared or formula)
        if self.shared in self.shared_links or formula in self.shared_links:
            self._add_problem(from_another_workbook(self._where(), text))
        if self.value or (self.has_value and self.kind in _TEXTS):
            return text
        shown = f"={formula}" if formula else "=" if self.shared is not None else ""
        if shown:
            problem = without_result(self._where(), shown)
            self.without_result.setdefault(len(self.rows), []).append(problem)
        return shown

    def _add_problem(self, problem: Problem) -> None:
        self.problems.setdefault(len(self.rows), []).append(problem)

    def _where(self) -> Where:
        return place(self.sheet.name, self.number, self.column)


def _is_hidden(attributes: Attributes, size: str) -> bool:
    """Whether a row or column is hidden, filtered out or folded away, or has no height or width."""
    return attributes.get("hidden", "0") not in _NO or not attributes.get(size, "1").strip("0.")
