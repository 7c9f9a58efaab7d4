"""Reading ODS workbooks (OpenDocument spreadsheets) as numbered rows of text, streamed, with the same texts as XLSX.

The text of a cell is what a person sees in it: see `xlsx_reading`. An ODS workbook also stores the text that each cell
displays. It is compared with the stored number (`displayed`). Rows that are repeated are counted until they are needed.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import IO, BinaryIO
from xml.parsers import expat

import numpy as np

from pooledcare.kernel.number_formats import (
    NumberFormat,
    ShownNumber,
    beneath_a_merged_cell,
    blank_nought,
    number_format,
)
from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.rich_text import as_it_looks, looking
from pooledcare.kernel.tabular import packages
from pooledcare.kernel.tabular.batches import Batch, Notice
from pooledcare.kernel.tabular.cell_text import date_text, number_text
from pooledcare.kernel.tabular.displayed import as_displayed
from pooledcare.kernel.tabular.encoding import refuse_columns
from pooledcare.kernel.tabular.limits import Limits
from pooledcare.kernel.tabular.ods_parts import OdsWorkbook, SheetPlace, read_workbook
from pooledcare.kernel.tabular.ods_styles import OFFICE, TABLE, TEXT
from pooledcare.kernel.tabular.packages import (
    Attributes,
    from_another_workbook,
    make_parser,
    place,
    refuse_cells,
    refuse_damaged,
    too_long,
    without_result,
)
from pooledcare.kernel.tabular.sheets import BATCH, Sheet, refuse_rows

_ROW, _CELL, _COVERED, _COLUMN = (
    f"{TABLE}table-{name}" if name != "covered" else f"{TABLE}covered-table-cell"
    for name in ("row", "cell", "covered", "column")
)
_GROUPS = frozenset({f"{TABLE}table-row-group", f"{TABLE}table-column-group"})
_AROUND = _GROUPS | {
    f"{TABLE}{name}" for name in ("table", "table-rows", "table-header-rows", "table-columns", "table-header-columns")
}
_PARAGRAPH, _SPAN, _SPACES, _TAB, _LINE_BREAK = (f"{TEXT}{name}" for name in ("p", "span", "s", "tab", "line-break"))
# What stands in a paragraph and is not part of its text: comments, footnotes, and how a word is pronounced.
_ASIDE = (
    f"{OFFICE}annotation",
    f"{TEXT}note",
    f"{TEXT}ruby-text",
    "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0 ",
)
_REPEATED = {name: f"{TABLE}number-{what}-repeated" for name, what in ((_ROW, "rows"), (_CELL, "columns"))}
_FORMULA, _STYLE, _DEFAULT_STYLE = (f"{TABLE}{name}" for name in ("formula", "style-name", "default-cell-style-name"))
_VISIBILITY, _DISPLAY = f"{TABLE}visibility", f"{TABLE}display"
_TYPE, _VALUE, _CURRENCY = (f"{OFFICE}{name}" for name in ("value-type", "value", "currency"))
_DATE, _TIME, _BOOLEAN, _STRING = (f"{OFFICE}{name}-value" for name in ("date", "time", "boolean", "string"))
_NUMBERS = ("float", "percentage", "currency")
# `['file:///plan.ods'#$Sheet1.A1]`, but not `['Sheet one'.A1]` of the same workbook.
_OTHER_WORKBOOK = re.compile(r"\[\s*'(?:[^']|'')+'\s*#|\[\s*[a-z]+:[^\[\]]*#", re.IGNORECASE)
_DIALECT = re.compile(r"^[A-Za-z][\w.-]*:=|^=")
_WHITE = re.compile(r"[ \t\r\n]+")
_PLAIN_TEXT = re.compile(r"[^ \t\r\n\x00-\x02]+(?: [^ \t\r\n\x00-\x02]+)*+")
_NO_SECONDS = re.compile(r"T00:00:00(?:\.0+)?$|\.0+$")
_DURATION = re.compile(r"(-?)PT(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})(?:[.,][0-9]+)?S)?")
_PERCENTAGE = number_format("0.00%")
_PLAIN = number_format("General")
# Stand in the text of a paragraph for what elements mean, because XML cannot hold these characters otherwise.
_SPACE_MARK, _TAB_MARK, _LINE_MARK = "\x00\x01\x02"
_MARKS = str.maketrans({_SPACE_MARK: " ", _TAB_MARK: "\t", _LINE_MARK: "\n"})


def open_ods(file: BinaryIO, limits: Limits) -> tuple[list[Sheet], list[Notice], IO[bytes]]:
    """The sheets of a workbook, notices, and a temporary copy of its content for the caller to close."""
    workbook, notices = read_workbook(file, limits)
    return [OdsSheet(found, workbook, limits) for found in workbook.sheets], notices, workbook.content


class OdsSheet(Sheet):
    """One sheet."""

    stores_empty_cells = False

    def __init__(self, found: SheetPlace, workbook: OdsWorkbook, limits: Limits) -> None:
        self.name = found.name
        self.is_hidden = found.is_hidden
        self.hidden_columns: set[int] = set()
        self.place = found
        self.workbook = workbook
        self.limits = limits

    def batches(self, size: int = BATCH) -> Iterator[Batch]:
        gathered = _Gathered()
        rows_read = 0
        for row in _Reading(self).rows():
            for offset in range(row.count):
                rows_read += 1
                if rows_read > self.limits.rows + 1:
                    refuse_rows(self.limits, self.name)
                gathered.add(row, offset)
                if len(gathered.numbers) == size:
                    yield gathered.batch()
                    gathered = _Gathered()
        if gathered.numbers:
            yield gathered.batch()


@dataclass
class _Row:
    """A row with something in it, which stands in the sheet `count` times."""

    number: int
    count: int
    cells: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    without_result: list[Problem] = field(default_factory=list)
    is_hidden: bool = False


class _Gathered:
    """The rows of the next batch."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.rows: list[list[str]] = []
        self.problems: dict[int, list[Problem]] = {}
        self.without_result: dict[int, list[Problem]] = {}
        self.hidden: set[int] = set()

    def add(self, row: _Row, offset: int) -> None:
        index, number = len(self.rows), row.number + offset
        self.numbers.append(number)
        self.rows.append(row.cells)
        if row.is_hidden:
            self.hidden.add(number)
        for found, into in ((row.problems, self.problems), (row.without_result, self.without_result)):
            if found:
                into[index] = [_in_row(problem, number) for problem in found]

    def batch(self) -> Batch:
        numbers = np.array(self.numbers, dtype=np.int64)
        return Batch(numbers, self.rows, self.problems, self.without_result, self.hidden)


def _in_row(problem: Problem, number: int) -> Problem:
    assert problem.where is not None, "Each problem of a cell says where it is."
    return replace(problem, where=replace(problem.where, row=number))


class _Reading:
    """One pass over the XML of a sheet. The handlers are called for every cell, so they must be fast."""

    def __init__(self, sheet: OdsSheet) -> None:
        self.sheet = sheet
        self.limits = sheet.limits
        self.workbook = sheet.workbook
        self.found: list[_Row] = []
        self.depth = 0
        self.aside = 0  # the depth of an element that is left out with all that is in it; 0 if there is none
        self.folded: list[bool] = []  # for each group that is open, whether it is folded away
        self.column_styles: list[str] = []
        self.row = _Row(0, 0)
        self.row_number = 1
        self.row_style = ""
        self.column = 0
        self.cells = 0
        self.cell: Attributes | None = None
        self.is_covered = False
        self.paragraphs: list[str] = []
        self.text: list[str] | None = None
        self.spans: list[tuple[int, str]] = []  # of the open spans of a paragraph: the depth, and how digits look
        self.looks: dict[int, str] = {}  # by the place of a piece in `text`, if its digits look different
        self.looking: dict[int, str] = {}  # the paragraphs of the cell that look different, by their place
        self.length = 0

    def rows(self) -> Iterator[_Row]:
        parser = make_parser(" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        position, end = self.sheet.place.first, self.sheet.place.end
        try:
            parser.Parse(self.workbook.start, False)
            while position < end:
                self.workbook.content.seek(position)
                block = self.workbook.content.read(min(packages.BLOCK, end - position))
                position += len(block)
                parser.Parse(block, False)
                yield from self.found
                self.found = []
        except (expat.ExpatError, zlib.error, ValueError, IndexError):
            refuse_damaged()

    def _start(self, name: str, attributes: Attributes) -> None:
        self.depth += 1
        if self.aside:
            return
        if self.text is not None:
            self._start_in_text(name, attributes)
        elif self.cell is not None:
            if name == _PARAGRAPH:
                self.text = []
            else:
                self.aside = self.depth
        elif name in (_CELL, _COVERED):
            self.cell, self.is_covered, self.paragraphs, self.length = attributes, name == _COVERED, [], 0
            self.looking = {}
        elif name == _ROW:
            self._start_row(attributes)
        elif name == _COLUMN:
            self._columns(attributes)
        elif name in _GROUPS:
            self.folded.append(attributes.get(_DISPLAY, "true") == "false")
        elif name not in _AROUND and self.depth > 1:
            self.aside = self.depth

    def _start_in_text(self, name: str, attributes: Attributes) -> None:
        assert self.text is not None
        if name == _SPAN:
            before = self.spans[-1][1] if self.spans else ""
            look = self.workbook.styles.look_of(attributes.get(f"{TEXT}style-name", ""))
            self.spans.append((self.depth, look or before))
        elif name == _SPACES:
            count = int(attributes.get(f"{TEXT}c", "1"))
            self._add_text(_SPACE_MARK * min(count, self.limits.cell + 1))
        elif name == _TAB:
            self._add_text(_TAB_MARK)
        elif name == _LINE_BREAK:
            self._add_text(_LINE_MARK)
        elif name.startswith(_ASIDE):
            self.aside = self.depth

    def _characters(self, text: str) -> None:
        if self.text is not None and not self.aside:
            self._add_text(text)

    def _add_text(self, text: str) -> None:
        """Keep the text, up to a length at which the cell is refused anyway."""
        if self.length <= self.limits.cell and self.text is not None:
            if self.spans and self.spans[-1][1]:
                self.looks[len(self.text)] = self.spans[-1][1]
            self.text.append(text)
            self.length += len(text)

    def _end(self, name: str) -> None:
        self.depth -= 1
        if self.aside:
            if self.depth < self.aside:
                self.aside = 0
        elif self.text is not None:
            if name == _PARAGRAPH:
                self._end_paragraph(self.text)
                self.text = None
            elif self.spans and self.depth < self.spans[-1][0]:
                self.spans.pop()
        elif self.cell is not None:
            self._end_cell(self.cell)
            self.cell = None
        elif name == _ROW:
            self._end_row()
        elif name in _GROUPS:
            self.folded.pop()

    def _end_paragraph(self, pieces: list[str]) -> None:
        words = _paragraph("".join(pieces))
        if self.looks:
            looks = _paragraph("".join(as_it_looks(piece, self.looks.get(at, "")) for at, piece in enumerate(pieces)))
            if looks != words:
                self.looking[len(self.paragraphs)] = looks
            self.looks = {}
        self.paragraphs.append(words)

    def _columns(self, attributes: Attributes) -> None:
        first = len(self.column_styles)
        count = min(_repeated(attributes, _REPEATED[_CELL]), self.limits.columns - first)
        self.column_styles += [attributes.get(_DEFAULT_STYLE, "")] * count
        if self._is_hidden("table-column", attributes):
            self.sheet.hidden_columns.update(range(first, first + count))

    def _is_hidden(self, family: str, attributes: Attributes) -> bool:
        """Whether a row or column is hidden, filtered out or folded away, or has no height or width."""
        is_shown = attributes.get(_VISIBILITY, "visible") == "visible" and not any(self.folded)
        return not is_shown or self.workbook.styles.is_hidden(family, attributes.get(_STYLE, ""))

    def _start_row(self, attributes: Attributes) -> None:
        count = _repeated(attributes, _REPEATED[_ROW])
        self.row = _Row(self.row_number, count, is_hidden=self._is_hidden("table-row", attributes))
        self.row_style = attributes.get(_DEFAULT_STYLE, "")
        self.column = 0

    def _end_row(self) -> None:
        row = self.row
        if row.cells:
            self.cells += len(row.cells) * row.count
            self._check_cells()
            self.found.append(row)
        self.row_number += row.count

    def _check_cells(self) -> None:
        """Refuse too many cells of the sheet, or of all sheets together."""
        read = self.workbook.cells_read
        read[self.sheet.place.first] = max(self.cells, read.get(self.sheet.place.first, 0))
        if sum(read.values()) > self.limits.cells:
            refuse_cells(self.limits, self.sheet.name)

    def _end_cell(self, cell: Attributes) -> None:
        count = _repeated(cell, _REPEATED[_CELL])
        text = self._text(cell) if self.paragraphs or _TYPE in cell or _FORMULA in cell else ""
        if text or isinstance(text, ShownNumber):
            last = self.column + count
            if last > self.limits.columns:
                refuse_columns(self.limits, row=self.row.number, sheet=self.sheet.name)
            if len(text) > self.limits.cell:
                self.row.problems += [too_long(self.limits, self._where(), text)]
            self.row.cells += [""] * (self.column - len(self.row.cells)) + [text] * count
        self.column += count

    def _text(self, cell: Attributes) -> str:
        kind = cell.get(_TYPE, "")
        displayed = "\n".join(self.paragraphs)
        if kind in _NUMBERS:
            text = self._number(cell, kind, displayed)
        elif kind == "date":
            text = _NO_SECONDS.sub("", cell.get(_DATE, displayed))
        elif kind == "time":
            text = _time_text(cell.get(_TIME, displayed))
        elif kind == "boolean":
            text = {"true": "TRUE", "false": "FALSE"}.get(cell.get(_BOOLEAN, ""), displayed)
        else:
            text = _as_written(displayed, cell.get(_STRING, ""))
            if self.looking:
                lines = enumerate(self.paragraphs)
                text = looking(text, "\n".join(self.looking.get(index, line) for index, line in lines))
        return self._check_formula(cell, text) if _FORMULA in cell else text

    def _number(self, cell: Attributes, kind: str, displayed: str) -> str:
        text = number_text(cell.get(_VALUE, ""))
        if not text:
            return displayed
        found = self._format(cell, kind)
        if not isinstance(found, NumberFormat):
            return _date_or_boolean(found, text, displayed)
        if self.is_covered:
            return beneath_a_merged_cell(text, found.code)
        if not self.workbook.shows_noughts and _is_nought(text):
            return blank_nought(text)
        return as_displayed(text, displayed, found)

    def _format(self, cell: Attributes, kind: str) -> NumberFormat | str:
        """The number format of a cell: its own, or that of its row or column, or the usual one of its type."""
        style = cell.get(_STYLE) or self.row_style
        if not style and self.column < len(self.column_styles):
            style = self.column_styles[self.column]
        found = self.workbook.styles.format_of(style or "Default") or _PLAIN
        if not isinstance(found, NumberFormat):
            return found
        if kind == "percentage" and not any(section.percents for section in found.sections):
            return _PERCENTAGE
        currency = cell.get(_CURRENCY, "")
        if kind == "currency" and currency not in ("", "GBP") and found.shows_every_number:
            return number_format('0.00" ' + currency.replace('"', "")[:10] + '"')
        return found

    def _check_formula(self, cell: Attributes, text: str) -> str:
        """The stored result of a formula, which may be an empty text; or the formula itself if it has none."""
        formula = cell[_FORMULA]
        if _OTHER_WORKBOOK.search(formula):
            self.row.problems.append(from_another_workbook(self._where(), text))
        if self.paragraphs or _TYPE in cell:
            return text
        shown = "=" + _DIALECT.sub("", formula, count=1)
        self.row.without_result.append(without_result(self._where(), shown))
        return shown

    def _where(self) -> Where:
        return place(self.sheet.name, self.row.number, self.column)


def _paragraph(text: str) -> str:
    """The text of a paragraph, in which white space between words is one space, unless elements stand for more.

    A space at the end is kept, because LibreOffice writes it plainly.

    >>> _paragraph(" two   words\\n"), _paragraph("two\\x00\\x00words")
    ('two words ', 'two  words')
    """
    if _PLAIN_TEXT.fullmatch(text):
        return text
    return _WHITE.sub(" ", text).lstrip(" ").translate(_MARKS)


def _repeated(attributes: Attributes, name: str) -> int:
    count = int(attributes.get(name, "1"))
    if not 1 <= count <= 1 << 31:
        refuse_damaged()
    return count


def _date_or_boolean(shown_as: str, number: str, displayed: str) -> str:
    if shown_as == "date":
        return date_text(number, uses_1904=False)
    return displayed or ("FALSE" if _is_nought(number) else "TRUE")


def _as_written(displayed: str, stored: str) -> str:
    """The text that is displayed, with its white space as it is stored; the stored text if none is displayed.

    >>> _as_written("a b", "a  b"), _as_written("#REF!", ""), _as_written("", "a"), _as_written("5", "6")
    ('a  b', '#REF!', 'a', '5')
    """
    return stored if stored and displayed.split() == stored.split() else displayed or stored


def _is_nought(number: str) -> bool:
    try:
        return Decimal(number) == 0
    except InvalidOperation:
        return False


def _time_text(stored: str) -> str:
    """
    >>> _time_text("PT12H30M00S"), _time_text("PT36H5M1.5S"), _time_text("-PT1H")
    ('12:30:00', '36:05:01', '-01:00:00')
    """
    match = _DURATION.fullmatch(stored)
    if match is None:
        return stored
    hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    minutes, seconds = minutes + seconds // 60, seconds % 60
    hours, minutes = hours + minutes // 60, minutes % 60
    return f"{match[1]}{hours:02}:{minutes:02}:{seconds:02}"
