"""Reading CSV as numbered rows: strict about quotation marks, with exact line numbers, in constant memory."""

import contextlib
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np

from pooledcare.kernel.characters import trim, without_invisible
from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.tabular.batches import Batch, Notice, Numbers
from pooledcare.kernel.tabular.encoding import BLOCK, Text, refuse_columns
from pooledcare.kernel.tabular.limits import Limits, refuse
from pooledcare.kernel.tabular.places import column_letter, count_line_ends
from pooledcare.kernel.tabular.sheets import BATCH, Sheet, refuse_rows

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_SEPARATOR_LINE = re.compile(r'"?sep=([,;|\t])"?(?:\r\n|\r|\n|$)', re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")
_ROWS_TO_JUDGE = 20
_HEAD = 1 << 18
_MARK = "\ufeff"

IsHeading = Callable[[list[str]], bool]


class CsvSheet(Sheet):
    """The one sheet of a CSV file."""

    name = ""

    def __init__(self, text: Text, limits: Limits, is_heading: IsHeading | None = None) -> None:
        self.text = text
        self.limits = limits
        self.may_hold_controls = text.has_controls
        self.notices: list[Notice] = []
        head = _head(text)
        if text.has_marks:
            self.notices.append(Notice("BYTE_ORDER_MARK", "Byte order marks (U+FEFF) inside the file were left out"))
        self.skips_first_line = (separator := _SEPARATOR_LINE.match(head)) is not None
        if separator is not None:
            self.delimiter = separator.group(1)
            self.notices.append(Notice("SEPARATOR_LINE", f"The first line, {separator.group().strip()}, was left out"))
        else:
            self.delimiter = _delimiter(head, is_heading)
        if self.delimiter != ",":
            name = DELIMITERS.get(self.delimiter, f"“{self.delimiter}”")
            self.notices.append(Notice("DELIMITER", f"The cells are separated by {name}"))

    def batches(self, size: int = BATCH) -> Iterator[Batch]:
        return _Reading(self).batches(size)

    def lines(self) -> Iterator[str]:
        """Every line of the file as it is written, with its line end."""
        for block in blocks_of_lines(self.text):
            yield from io.StringIO(_without_marks(block.decode("utf-8")), newline="")

    def rows_as_written(self) -> Iterator[tuple[int, list[str]]]:
        """Each row with its number and its cells as they are written, with their quotation marks."""
        mark = re.escape(self.delimiter)
        cells = re.compile(rf'(?:^|{mark})("(?:[^"]|"")*"(?={mark}|$)|[^{mark}]*)')
        lines = enumerate(self.lines(), start=1)
        numbers = (number for number, _ in self.rows())
        number = next(numbers, None)
        while number is not None:
            following = next(numbers, None)
            row = [line for place, line in _up_to(lines, following) if place >= number]
            yield number, cells.findall("".join(row).rstrip("\r\n"))
            number = following


def _up_to(lines: Iterator[tuple[int, str]], following: int | None) -> Iterator[tuple[int, str]]:
    """The lines above the line number `following`, or all if there is none."""
    for number, line in lines:
        yield number, line
        if following is not None and number == following - 1:
            return


def _head(text: Text) -> str:
    text.file.seek(text.start)
    data = text.file.read(_HEAD)
    whole_lines = _end_of_lines(data) if len(data) == _HEAD else len(data)
    return _without_marks(data[:whole_lines].decode("utf-8"))


def _without_marks(text: str) -> str:
    """The text without byte order marks, which files that were joined together have in their middle."""
    return text.replace(_MARK, "") if _MARK in text else text


def _delimiter(head: str, is_heading: IsHeading | None) -> str:
    """The delimiter with which a row is the heading, or else with which most rows have the same number of cells.

    Unlike a delimiter, commas in decimals and semicolons in notes differ in number from row to row, and are not in the
    heading.
    """
    tried = {delimiter: _try(head, delimiter) for delimiter in DELIMITERS}
    if is_heading is not None:
        for delimiter, rows in tried.items():
            if any(is_heading(row) for row in rows):
                return delimiter
    best, most = ",", (0, 1)
    for delimiter, rows in tried.items():
        widths = Counter(len(row) for row in rows if any(map(trim, row)))
        agreeing = max(((count, width) for width, count in widths.items() if width > 1), default=(0, 1))
        if agreeing > most:
            best, most = delimiter, agreeing
    return best


def _try(head: str, delimiter: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        for row in islice(reader, _ROWS_TO_JUDGE):
            rows.append(row)
    return rows


def blocks_of_lines(text: Text) -> Iterator[bytes]:
    """The text in pieces that end at line ends."""
    position, rest = text.start, b""
    while True:
        text.file.seek(position)
        data = text.file.read(BLOCK)
        position += len(data)
        joined = rest + data
        end = len(joined) if not data else _end_of_lines(joined)
        block, rest = joined[:end], joined[end:]
        if block:
            yield block
        if not data:
            return


@dataclass(frozen=True, slots=True)
class _Block:
    """A piece of the text that is still in use, and the numbers of its lines in the file."""

    text: str
    lines_above: int
    last_line: int
    has_quotes: bool


class _Reading:
    """One pass over the file. `line` counts the lines given to `csv`, and must in the end equal those in the blocks."""

    def __init__(self, sheet: CsvSheet) -> None:
        self.sheet = sheet
        self.limits = sheet.limits
        self.kept: list[_Block] = []
        self.lines_in_blocks = 0
        self.line = 0
        self.rows_read = 0
        self.strict = csv.reader(self._lines(), delimiter=sheet.delimiter, strict=True)

    def batches(self, size: int) -> Iterator[Batch]:
        if self.sheet.skips_first_line:
            next(self.strict, None)
            self.line = self.strict.line_num
        while True:
            batch = self._next(size)
            if not batch.rows:
                break
            self.rows_read += len(batch.rows)
            if self.rows_read > self.limits.rows + 1:
                refuse_rows(self.limits)
            yield batch
        if self.line != self.lines_in_blocks:
            raise AssertionError(f"{self.lines_in_blocks:,} lines were in the file and {self.line:,} were read.")

    def _lines(self) -> Iterator[str]:
        return chain.from_iterable(map(self._split, self._blocks()))

    def _split(self, text: str) -> Iterable[str]:
        """Lines with their line ends. Not by `splitlines` alone, which also splits at control characters."""
        return io.StringIO(text, newline="") if self.sheet.text.has_controls else text.splitlines(keepends=True)

    def _blocks(self) -> Iterator[str]:
        for block in blocks_of_lines(self.sheet.text):
            above = self.lines_in_blocks
            text = _without_marks(block.decode("utf-8"))
            left = text.encode() if self.sheet.text.has_marks else block
            self.lines_in_blocks += count_line_ends(left) + bool(left and not left.endswith((b"\n", b"\r")))
            self.kept.append(_Block(text, above, self.lines_in_blocks, '"' in text))
            yield text

    def _next(self, size: int) -> Batch:
        rows: list[list[str]] = []
        problems: dict[int, list[Problem]] = {}
        first_line = self.line
        while len(rows) < size:
            try:
                for row in islice(self.strict, size - len(rows)):
                    rows.append(row)
                break
            except csv.Error as error:
                problems[len(rows)] = [self._misquoted(error, first_line, rows)]
                rows.append([])
        self.line = self.strict.line_num
        has_several_lines = self.line - first_line != len(rows)
        numbers = self._numbers(first_line, rows) if has_several_lines else np.arange(len(rows)) + first_line + 1
        batch = Batch(numbers.astype(np.int64, copy=False), rows, problems)
        self._check(batch, has_several_lines)
        self.kept = [block for block in self.kept if block.last_line > self.line]
        return batch

    @staticmethod
    def _numbers(first_line: int, rows: list[list[str]]) -> Numbers:
        """The line on which each row starts. Rows whose cells have line ends take several lines."""
        taken = [_lines_taken(row) for row in rows]
        return first_line + 1 + np.cumsum([0, *taken])[: len(rows)]

    def _misquoted(self, error: csv.Error, first_line: int, rows: list[list[str]]) -> Problem:
        """The problem of a row with a wrong quotation mark. Raises Refused if it is not within one line, because then
        the rest of the file cannot be read reliably."""
        line = self.strict.line_num
        opened = int(self._numbers(first_line, [*rows, []])[-1])
        if line != opened or "unexpected end" in str(error):
            refuse(
                "UNCLOSED_QUOTE",
                f"A quotation mark that opens on line {opened:,} is not closed",
                fix="Close the quotation mark, or delete it. Inside a quoted cell, write two quotation marks for one.",
                row=opened,
            )
        return _bad_quote(opened)

    def _check(self, batch: Batch, has_several_lines: bool) -> None:
        widest = max(map(len, batch.rows), default=0)
        if widest > self.limits.columns:
            row = next(i for i, cells in enumerate(batch.rows) if len(cells) > self.limits.columns)
            refuse_columns(self.limits, row=int(batch.numbers[row]))
        if self.sheet.text.has_long_lines or has_several_lines:
            self._find_long_cells(batch)
        if any(block.has_quotes for block in self.kept):
            self._find_bad_quotes(batch)

    def _find_long_cells(self, batch: Batch) -> None:
        fix = f"Use at most {self.limits.cell:,} characters."
        for index, row in enumerate(batch.rows):
            for column, cell in enumerate(row):
                if len(cell) > self.limits.cell:
                    where = Where(row=int(batch.numbers[index]), column=column_letter(column))
                    message = f"The cell is longer than {self.limits.cell:,} characters"
                    problem = Problem("FIELD_TOO_LONG", message, where, cell[:100], fix)
                    batch.problems.setdefault(index, []).append(problem)

    def _find_bad_quotes(self, batch: Batch) -> None:
        """Find quotation marks inside unquoted cells, which `csv` allows even in strict mode, by the row as written."""
        if '"' not in "".join(chain.from_iterable(batch.rows)):
            return
        quoting = [index for index, row in enumerate(batch.rows) if any('"' in cell for cell in row)]
        suspects = [index for index in quoting if index not in batch.problems]
        well_quoted = _well_quoted(self.sheet.delimiter)
        above = self.kept[0].lines_above
        lines = list(chain.from_iterable(self._split(block.text) for block in self.kept))
        for index in suspects:
            number = int(batch.numbers[index])
            first = number - 1 - above
            as_written = "".join(lines[first : first + _lines_taken(batch.rows[index])])
            if well_quoted.fullmatch(as_written.rstrip("\r\n")) is None:
                batch.problems[index] = [_bad_quote(number, _hidden_before_quote(as_written, self.sheet.delimiter))]


def _lines_taken(row: list[str]) -> int:
    return 1 + sum(len(_LINE_END.findall(cell)) for cell in row)


def _well_quoted(delimiter: str) -> re.Pattern[str]:
    mark = re.escape(delimiter)
    cell = rf'(?:"(?:[^"]|"")*+"|[^"{mark}\r\n]*+)'
    return re.compile(rf"{cell}(?:{mark}{cell})*+")


def _hidden_before_quote(as_written: str, delimiter: str) -> str:
    """The invisible character between the start of a cell and its quotation mark; empty if there is none."""
    for before in re.findall(rf'(?:^|{re.escape(delimiter)})([^"{re.escape(delimiter)}]+)"', as_written):
        if not without_invisible(before):
            return str(before[0])
    return ""


def _bad_quote(row: int, hidden: str = "") -> Problem:
    if hidden:
        return Problem(
            "BAD_QUOTE",
            f"There is an invisible character (U+{ord(hidden):04X}) between the start of a cell and its quotation mark",
            Where(row=row),
            None,
            "Delete what is in front of the quotation mark and type the mark again.",
        )
    return Problem(
        "BAD_QUOTE",
        "There is a quotation mark inside a cell that does not start with one",
        Where(row=row),
        None,
        "Put quotation marks around the whole cell and write two inside it for each one, or delete the mark.",
    )


def _end_of_lines(data: bytes) -> int:
    """The position after the last complete line. A carriage return at the very end may be the first half of CRLF."""
    found = data.rfind(b"\n")
    if found < 0:
        found = data.rfind(b"\r", 0, len(data) - 1)
    return found + 1
