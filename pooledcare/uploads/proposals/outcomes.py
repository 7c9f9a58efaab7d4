"""What a layout reads from a file: figures, bodies, sums beside the publisher's own totals, and what is left."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pooledcare.directory.bodies import Bodies, Body
from pooledcare.kernel.characters import trim
from pooledcare.kernel.money import as_text, read_amounts
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Problem, Refused
from pooledcare.kernel.tabular import column_letter
from pooledcare.uploads.made_layouts import AS_WRITTEN
from pooledcare.uploads.proposals.json_data import JsonData
from pooledcare.uploads.published import FigureColumn, SheetReading, open_published
from pooledcare.uploads.stated_years import plain_year

if TYPE_CHECKING:
    from pooledcare.kernel.tabular import InputTable
    from pooledcare.uploads.checks import Piece
    from pooledcare.uploads.kinds import LayoutColumns, UploadKind
    from pooledcare.uploads.layouts import Profile

MOST_FIRST = 10
MOST_UNKNOWN = 200
MOST_BAD = 50


@dataclass(frozen=True)
class Figure(JsonData):
    """One figure. `amount` is in pounds, or empty if it is not reported; `values` are the kind's other columns."""

    sheet: str
    cell: str
    body: str
    code: str
    text: str
    amount: str
    values: dict[str, str]


@dataclass(frozen=True)
class UnknownRow(JsonData):
    """A row with figures whose body was not found in that year, with the cell of its code or name."""

    sheet: str
    cell: str
    text: str
    year: str
    message: str


@dataclass(frozen=True)
class ColumnSum(JsonData):
    """The figures of one column: `total` is their sum in pounds, `publishers` the file's own total, if it has one."""

    sheet: str
    letter: str
    heading: str
    values: dict[str, str]
    figures: int
    not_reported: int
    total: str
    publishers: str = ""
    publishers_cell: str = ""
    agrees: bool = False


@dataclass(frozen=True)
class Unread(JsonData):
    """A column or rows not read, with the sum in pounds."""

    sheet: str
    label: str
    reason: str
    total: str
    cells: int


@dataclass(frozen=True)
class BadCell(JsonData):
    """A cell in a column of amounts that cannot be read as an amount and is no marker."""

    sheet: str
    cell: str
    text: str
    message: str


@dataclass(frozen=True)
class Outcome(JsonData):
    """`figures` counts the amounts read, `not_reported` the markers, and `bodies` different bodies found."""

    figures: int
    not_reported: int
    bodies: int
    unknown: tuple[UnknownRow, ...]
    sums: tuple[ColumnSum, ...]
    first: tuple[Figure, ...]
    unread: tuple[Unread, ...]
    bad: tuple[BadCell, ...]
    unknown_count: int = 0
    bad_count: int = 0
    notices: tuple[str, ...] = ()


def outcome(table: InputTable, layout: Profile, kind: UploadKind, bodies: Bodies, *, year: str = "") -> Outcome:
    """What the layout reads from the whole file. `year` is the financial year that the sender states.

    `unknown`, `first` and `bad` are cut to their first entries; the counts are of all. Raises `Refused` if the file
    does not have the layout, or is for another year.
    """
    assert kind.layout_columns is not None, "Only kinds with amounts have layouts."
    source = open_published(layout, kind.layout_columns, table, year, bodies)
    gathered = _Gathered(kind.layout_columns, bodies)
    for reading in source.readings:
        for piece in reading.pieces():
            gathered.add(piece)
    return Outcome(
        figures=gathered.figures,
        not_reported=gathered.not_reported,
        bodies=len(gathered.bodies_found),
        unknown=tuple(gathered.unknown[:MOST_UNKNOWN]),
        sums=tuple(_sum(reading, column, gathered) for reading in source.readings for column in reading.columns),
        first=tuple(gathered.first),
        unread=tuple(
            Unread(line["sheet"], line["label"], line["reason"], line["amount"], line["cells"])
            for reading in source.readings
            for line in reading.not_read_lines()
        ),
        bad=tuple(gathered.bad[:MOST_BAD]),
        unknown_count=len(gathered.unknown),
        bad_count=len(gathered.bad),
        notices=tuple(source.notices()),
    )


def _sum(reading: SheetReading, column: FigureColumn, gathered: _Gathered) -> ColumnSum:
    letter = column_letter(column.index)
    figures, missing = gathered.counts[reading.sheet.name, letter]
    publishers = reading.control(column)
    return ColumnSum(
        sheet=reading.sheet.name,
        letter=letter,
        heading=column.heading,
        values={name: value for name, value in column.values.items() if value},
        figures=figures,
        not_reported=missing,
        total=as_text(column.ours),
        publishers=as_text(publishers) if publishers is not None else "",
        publishers_cell=f"{letter}{column.control_row}" if publishers is not None else "",
        agrees=publishers is not None and abs(publishers - column.ours) <= reading.rounding(column),
    )


@dataclass
class _Gathered:
    """What is read, added up piece by piece."""

    filled: LayoutColumns
    bodies: Bodies
    figures: int = 0
    not_reported: int = 0
    bodies_found: set[int] = field(default_factory=set)
    unknown: list[UnknownRow] = field(default_factory=list)
    first: list[Figure] = field(default_factory=list)
    bad: list[BadCell] = field(default_factory=list)
    counts: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    _asked: set[tuple[str, int, str]] = field(default_factory=set)
    _held: dict[tuple[str, int | None], list[Body]] = field(default_factory=dict)

    def add(self, piece: Piece) -> None:
        for problem in piece.problems:
            self._add_problem(piece, problem)
        amounts = read_amounts(piece.frame[self.filled.amount], piece.unit, piece.style)
        texts = piece.frame[AS_WRITTEN if AS_WRITTEN in piece.frame else self.filled.amount].tolist()
        columns = {name: piece.frame[name].tolist() for name in self.filled.names if name in piece.frame}
        for position, number in enumerate(piece.numbers.tolist()):
            row = {name: cells[position] for name, cells in columns.items() if name != self.filled.amount}
            body = self._body(piece, number, row)
            text = trim(columns[self.filled.amount][position])
            cell = f"{piece.letters[self.filled.amount]}{number}"
            is_missing = text in piece.missing
            if not is_missing and not amounts.ok[position]:
                message = amounts.problems[position].message
                self.bad.append(BadCell(piece.sheet, cell, str(texts[position]), message))
                continue
            place = self.counts[piece.sheet, piece.letters[self.filled.amount]]
            place[is_missing] += 1
            self.figures += not is_missing
            self.not_reported += is_missing
            if len(self.first) < MOST_FIRST:
                amount = "" if is_missing else str(amounts.text[position])
                code = row.pop(self.filled.code)
                name = body.name if body is not None else ""
                values = {name: value for name, value in row.items() if value}
                self.first.append(Figure(piece.sheet, cell, name, code, str(texts[position]), amount, values))

    def _body(self, piece: Piece, number: int, row: dict[str, str]) -> Body | None:
        code, said = row[self.filled.code], plain_year(row.get(self.filled.year, ""))
        try:
            year = FinancialYear.parse(said).start
        except Refused:
            year = None
        if (code, year) not in self._held:
            self._held[code, year] = self.bodies.with_code(code, year)
        there = self._held[code, year]
        if len(there) == 1:
            self.bodies_found.add(there[0].key)
            return there[0]
        if (piece.sheet, number, said) not in self._asked:
            self._asked.add((piece.sheet, number, said))
            ever = self.bodies.with_code(code)
            message = f"“{code}” is not the code of a body in {said}"
            if not code:
                message = "The row has figures and no code of a body"
            elif ever and not there:
                message = f"“{code}” is a code of other years than {said}: that of {ever[0].name}"
            cell = f"{piece.letters[self.filled.code]}{number}"
            self.unknown.append(UnknownRow(piece.sheet, cell, code, said, message))
        return None

    def _add_problem(self, piece: Piece, problem: Problem) -> None:
        cell = (problem.where.cell or f"row {problem.where.row}") if problem.where is not None else ""
        text = problem.value or ""
        if problem.code == "UNKNOWN_NAME":
            self.unknown.append(UnknownRow(piece.sheet, cell, text, "", problem.message))
        else:
            self.bad.append(BadCell(piece.sheet, cell, text, problem.message))
