"""Reading a file by a publisher's layout: its figures, its control totals, and what is left out, with its sum."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
from django.conf import settings

from pooledcare.directory.bodies import Bodies
from pooledcare.directory.queries.bodies import all_bodies
from pooledcare.kernel.characters import trim
from pooledcare.kernel.money import PENNY, AmountColumn, as_text, read_amount, read_amounts
from pooledcare.kernel.number_styles import NumberStyle
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.kernel.tabular import Chunk, InputTable, Sheet, column_letter, merge
from pooledcare.kernel.units import unit_in_heading
from pooledcare.uploads.checks import Flags, Numbers, Objects, Piece
from pooledcare.uploads.hidden import Hidden
from pooledcare.uploads.kinds import LayoutColumns
from pooledcare.uploads.layouts import Figures, Pattern, Profile, RowRule, SheetLayout, squeezed
from pooledcare.uploads.made_layouts import (
    AS_WRITTEN,
    CONFIRMED,
    NamedBodies,
    Repairs,
    offset_year,
    style_as_stated,
)
from pooledcare.uploads.stated_units import layout_problem
from pooledcare.uploads.stated_years import plain_year, refuse_other_year, refuse_other_years
from pooledcare.uploads.text_amounts import CutAmounts, style_notices, style_of

if TYPE_CHECKING:
    import pandas as pd

LINEAGE = ("source_sheet", "source_row", "source_cell", "published_text")
_DECIDED, _BY_NAME = "Left out by name", "Somebody decided that rows with this name are left out"
_ANY_CODE = re.compile(r".+")
_TOO_WIDE = "The row has more cells than there are headings"
_ONE_CELL_EACH = "Give the row one cell for each heading. A comma inside a cell needs quotation marks around the cell."
_DECIMALS = re.compile(r"\.([0-9]+)")


def open_published(
    profile: Profile, filled: LayoutColumns, table: InputTable, year: str = "", bodies: Bodies | None = None
) -> PublishedFile:
    """The file, to be read by a layout. `year` is the financial year that its sender states, where the file does not.

    `bodies` are those of the directory, which are read from the database if a layout needs them and they are not given.

    Raises `Refused` if the file does not have that layout, or is for another year.
    """
    if not profile.fit(table):
        raise Refused.because(
            "WRONG_LAYOUT",
            f"The file does not have the sheets and headings of “{profile.title}”",
            fix="Choose the file as it was published, or do not choose a layout, so that it is recognised.",
        )
    return PublishedFile(profile, filled, table, year, bodies)


class PublishedFile:
    """A file with a known layout. `filled` says which columns of its kind are filled from the file."""

    def __init__(
        self,
        profile: Profile,
        filled: LayoutColumns,
        table: InputTable,
        year: str = "",
        bodies: Bodies | None = None,
    ) -> None:
        self.profile_used = profile
        self.profile = profile.key
        self.table = table
        self.edition = profile.edition(table)
        if bodies is None and any(sheet.needs_bodies for sheet in self.edition.sheets):
            bodies = all_bodies()
        self.readings = [SheetReading(profile, filled, year, bodies, *match) for match in self.edition.matches(table)]

    def pieces(self) -> Iterator[Piece]:
        for reading in self.readings:
            yield from reading.pieces()

    def notices(self) -> list[str]:
        read = {reading.sheet.name for reading in self.readings}
        others = [sheet.name for sheet in self.table.sheets if sheet.name not in read]
        unknown = [f"Sheet “{name}” was not read: this layout does not know it" for name in others]
        edition = f", edition {self.edition.name}" if self.edition.name else ""
        recognised = f"The file was recognised as “{self.profile_used.title}”{edition}"
        if self.profile == CONFIRMED:
            recognised = "The file was read as its sender confirmed"
        styles = dict.fromkeys(notice for reading in self.readings for notice in reading.style_notices())
        return [recognised, *(notice.message for notice in self.table.notices), *styles, *unknown]

    def warnings(self) -> list[Problem]:
        hidden = [warning for reading in self.readings for warning in reading.hidden.warnings()]
        totals = [warning for reading in self.readings for warning in reading.control_warnings()]
        return [*hidden, *totals]

    def preview_extras(self) -> dict[str, Any]:
        return {
            "controls": [line for reading in self.readings for line in reading.controls()],
            "not_read": [line for reading in self.readings for line in reading.not_read_lines()],
            "source_title": self.profile_used.source_title,
            "profile_notes": list(self.profile_used.notes),
        }


@dataclass
class FigureColumn:
    """One column of figures.

    `unit` is the number of pounds in one unit, `ours` the sum in pounds of the `rows` read so far, and `control` the
    publisher's total as printed.
    """

    figures: Figures
    index: int
    heading: str
    values: dict[str, str]
    unit: Decimal
    ours: Decimal = Decimal(0)
    rows: int = 0
    control: str = ""
    control_row: int = 0


@dataclass
class _SumOfLeftOut:
    """The sum in pounds, and the number of cells, of a column or of rows that are not read."""

    label: str
    reason: str
    amount: Decimal = Decimal(0)
    cells: int = 0

    def add(self, cells: pd.Series[str], unit: Decimal, style: NumberStyle) -> None:
        amounts = read_amounts(cells, unit, style)
        self.amount += amounts.total()
        self.cells += int(amounts.ok.sum())


@dataclass
class _Columns:
    """The columns of a chunk as trimmed texts, computed when they are first needed."""

    chunk: Chunk
    texts: dict[int, Objects] = field(default_factory=dict)

    def text(self, index: int) -> Objects:
        if index not in self.texts:
            cells = (
                self.chunk.frame[index].tolist() if index in self.chunk.frame.columns else [""] * len(self.chunk.frame)
            )
            self.texts[index] = np.array([trim(cell) for cell in cells] + [None], dtype=object)[:-1]
        return self.texts[index]


class SheetReading:
    """Reads one sheet, from the row below the heading to the end of the table."""

    def __init__(
        self,
        profile: Profile,
        filled: LayoutColumns,
        year: str,
        bodies: Bodies | None,
        layout: SheetLayout,
        sheet: Sheet,
        header: int,
        headings: list[str],
    ) -> None:
        self.profile, self.filled, self.layout, self.sheet = profile, filled, layout, sheet
        self.header, self.headings, self.year = header, headings, year
        self.has_begun = self.has_ended = False
        self.last_row = header
        self.refused: set[int] = set()  # rows that could not be read, which must not be taken for blank rows
        self.bodies = bodies
        self.named = NamedBodies(bodies, layout.family, profile.names) if bodies is not None else None
        self.repairs = Repairs(profile, sheet)
        self.sums_above: dict[int, int] = {}  # by column: pence of bodies since the headings
        self.sums_since: dict[int, int] = {}  # the same since the last row that is such a sum
        self.rows_above = 0
        self.columns = [column for figures in layout.figures for column in self._columns_of(figures)]
        self.units = {column.index: column.unit for column in self.columns}
        self._check_columns()
        self._check_units()
        self.hidden = Hidden(sheet)
        self.left_out = self._left_out_columns()
        amounts = [column.index for column in self.columns] or self._amount_columns()
        self.style = style_as_stated(profile, style_of(sheet, amounts, after=header), sheet)
        self.rows_left_out = {
            (rule.label, column.index): _SumOfLeftOut(f"{rule.label}: {column.heading}", rule.reason)
            for rule in layout.rows_left_out
            for column in self.columns
        }

    def style_notices(self) -> list[str]:
        if self.repairs.has_comma:
            return ["Amounts were read with a decimal comma, as the layout says"]
        return style_notices(self.style)

    def _check_columns(self) -> None:
        """Raise `Refused` if two rules of the layout read the same column, whose money would be counted twice."""
        counts = Counter(column.index for column in self.columns)
        for column in self.columns:
            if counts[column.index] > 1:
                raise Refused.because(
                    "LAYOUT_UNCLEAR",
                    "The layout reads this column twice",
                    where=Where(self.sheet.name or None, self.header, column_letter(column.index), column.heading),
                    fix="Describe the layout of the file again.",
                )

    def _check_units(self) -> None:
        """Raise `Refused` if the sheet states another unit than the layout."""
        figures = [(column.index, column.heading, column.unit) for column in self.columns]
        problem = layout_problem(self.sheet, self.header, figures)
        if problem is not None:
            raise Refused([problem])

    def _amount_columns(self) -> list[int]:
        """The column of amounts of a table in which each row is one figure."""
        amount = self.layout.columns.get(self.filled.amount)
        return [] if amount is None else [self._index(amount)]

    def _index(self, heading: Pattern) -> int:
        return next(index for index, text in enumerate(self.headings) if heading.fullmatch(text))

    def _columns_of(self, figures: Figures) -> Iterator[FigureColumn]:
        unit = figures.unit or self.profile.unit
        for index, heading in enumerate(self.headings):
            match = figures.heading.fullmatch(heading)
            if match is None or figures.letter not in ("", column_letter(index)):
                continue
            stated = {name: text for name, text in match.groupdict().items() if text}
            values = {**self.profile.defaults, **figures.values}
            if self.filled.year in self.layout.row_values:
                yield FigureColumn(figures, index, heading, values, unit)
                continue
            said = stated.get("year") or values.get(self.filled.year) or self._year_of_sheet()
            if offset_year(said, "") != said:
                said = offset_year(said, plain_year(self._year_of_sheet()) or self.year)
                values[self.filled.year] = said or self._year("", index, heading)
            else:
                values[self.filled.year] = self._year(said, index, heading)
            yield FigureColumn(figures, index, heading, values, unit)

    def _year(self, said: str, index: int, heading: str) -> str:
        """The year that the file says, or that its sender states. Raises `Refused` if it is neither, or two years."""
        if said:
            year = plain_year(said)
            refuse_other_year(year, self.year, Where(self.sheet.name, self.header, column_letter(index), heading))
            return year
        if self.year:
            return self.year
        raise Refused.because(
            "NO_YEAR",
            f"The file does not say which year it is for, as “{self.profile.title}” does above its headings",
            fix="Send the file again, and state the financial year of its figures with it.",
        )

    def _year_of_sheet(self) -> str:
        """The year in the name of the sheet, or in the title above the heading row; empty if there is none."""
        named = self.layout.title.fullmatch(self.sheet.name)
        if named is not None and named.groupdict().get("year"):
            return named["year"]
        if self.profile.year is not None:
            for number, row in self.sheet.head(self.layout.header_within):
                for cell in row if number < self.header else []:
                    if match := self.profile.year.search(squeezed(cell)):
                        return match["year"]
        return ""

    def _left_out_columns(self) -> dict[int, _SumOfLeftOut]:
        """The columns that are not read, by index: those that the layout names, and any others of money."""
        read = {column.index for column in self.columns}
        found = {}
        for index, heading in enumerate(self.headings):
            if index in read or not heading:
                continue
            rule = next((rule for rule in self.layout.not_read if rule.heading.fullmatch(heading)), None)
            if rule is not None:
                found[index] = _SumOfLeftOut(heading, rule.reason)
            elif self.profile.money is not None and self.profile.money.search(heading):
                found[index] = _SumOfLeftOut(heading, "This layout does not know the column")
        return found

    # ── Rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def pieces(self) -> Iterator[Piece]:
        for chunk in self.sheet.chunks(settings.UPLOAD_CHUNK_ROWS, width=None, after=self.header):
            columns = _Columns(chunk)
            if self.layout.columns:
                yield self._long_piece(chunk)
            else:
                yield from self._wide_pieces(columns)

    def _long_piece(self, chunk: Chunk) -> Piece:
        """A piece of one of our own compiled tables, in which each row is one figure."""
        indexes = {name: self._index(heading) for name, heading in self.layout.columns.items()}
        frame = chunk.frame[[*indexes.values()]]
        frame.columns = list(indexes)
        self.hidden.add_rows(chunk.numbers, chunk.hidden)
        for name, index in indexes.items():
            self.hidden.add_column(index, self.headings[index], frame[name])
            if name == self.filled.amount:
                self.hidden.add_amounts(index, frame[name], chunk.numbers, chunk.hidden, self.profile.unit)
        if self.filled.year in indexes:
            refuse_other_years(frame[self.filled.year], chunk.numbers, self.year, self.sheet.name)
        for name in (*self.filled.names, *LINEAGE):
            if name not in indexes:
                frame[name] = np.full(len(frame), self.profile.defaults.get(name, ""), dtype=object)
        return Piece(
            sheet=self.sheet.name,
            numbers=chunk.numbers,
            frame=frame,
            letters={name: column_letter(index) for name, index in indexes.items()},
            headings={name: self.headings[index] for name, index in indexes.items()},
            unit=self.profile.unit,
            missing=self.profile.missing,
            has_lineage="published_text" in indexes,
            style=self.style,
            rows_read=chunk.rows_read - chunk.blank_rows,
            refused_before=chunk.refused_rows,
            problems=chunk.problems,
            notices=Counter({notice.message: notice.count for notice in merge(chunk.notices)}),
        )

    def _wide_pieces(self, columns: _Columns) -> Iterator[Piece]:
        """Pieces of a sheet in which each row is one organisation: one piece for each column of figures."""
        chunk = columns.chunk
        kept = self._kept_to_the_end(columns) if self.layout.to_the_end else self._kept_rows(columns)
        too_wide = self._too_wide(columns, kept)
        below = [] if self.layout.to_the_end else self._below_the_end(columns, kept)
        problems = [*chunk.problems, *too_wide.values(), *below]
        kept[list(too_wide)] = False
        refused = chunk.refused_rows + len(problems) - len(chunk.problems)
        for left in self.left_out:
            self._add(self.left_out[left], chunk, left, kept)
        self._note_hidden(chunk, kept)
        first = True
        already_reported: set[tuple[str, str, int]] = set()
        already_named: set[tuple[int, str]] = set()
        for column in self.columns:
            rows = kept & ~self._zeros_left_out(columns, column, kept)
            unnamed = self._unnamed(columns, column, rows, already_named)
            rows[[*unnamed]] = False
            cells = self._amount_cells(chunk, column.index, rows)
            column.rows += len(cells)
            column.ours += read_amounts(cells, column.unit, self.style).total()
            self.hidden.add_amounts(column.index, cells, chunk.numbers[rows], chunk.hidden, column.unit)
            first_problems = problems if first else []
            named = [problem for problem in unnamed.values() if problem is not None]
            refused_here = (refused if first else 0) + len(unnamed)
            piece = self._wide_piece(columns, column, rows, [*first_problems, *named], refused_here)
            piece.already_reported = already_reported
            yield piece
            first = False

    def _note_hidden(self, chunk: Chunk, kept: Flags) -> None:
        self.hidden.add_rows(chunk.numbers[kept], chunk.hidden)
        for column in self.columns:
            self.hidden.add_column(column.index, column.heading, _series(chunk, column.index, kept))
        for index in (self._code_index(), self._name_index()):
            if index is None:
                continue
            self.hidden.add_column(index, self.headings[index], _series(chunk, index, kept))

    def _kept_rows(self, columns: _Columns) -> Flags:
        """Which rows are those of organisations: up to the blank row or total that ends the table, without totals and
        without the rows that the layout leaves out."""
        chunk = columns.chunk
        size = len(chunk.numbers)
        inside = np.zeros(size, dtype=bool)
        controls = self._totals(columns)
        self.refused |= {problem.where.row for problem in chunk.problems if problem.where and problem.where.row}
        for position, number in enumerate(chunk.numbers.tolist()):
            is_after_blank = any(row not in self.refused for row in range(self.last_row + 1, number))
            self.has_ended = self.has_ended or (self.has_begun and is_after_blank)
            self.last_row = number
            if controls[position]:
                self._note_control(chunk, position)
                self.has_ended = self.has_ended or self.has_begun
            elif not self.has_ended:
                self.has_begun = inside[position] = True
        for rule in self.layout.rows_left_out:
            found = inside & self._matches(columns, rule.column, rule.text)
            for column in self.columns:
                self._add(self.rows_left_out[rule.label, column.index], chunk, column.index, found)
            inside &= ~found
        return inside

    def _kept_to_the_end(self, columns: _Columns) -> Flags:
        """Which rows are those of bodies, where neither a blank row nor a total ends the table.

        A row with a known body is one, and so is any other row with a text in a column of figures, whose body is then
        refused as not known. Other rows are remarks or blank.
        """
        chunk, size = columns.chunk, len(columns.chunk.numbers)
        known = self._known_bodies(columns)
        has_figure, stands_again = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
        for column in self.columns:
            texts = columns.text(column.index)
            has_figure |= np.fromiter((bool(text) for text in texts), dtype=bool, count=size)
            stands_again |= np.fromiter(
                (bool(text) and squeezed(text) == column.heading for text in texts), dtype=bool, count=size
            )
        inside = known | (has_figure & ~stands_again & ~self._remarks(columns, has_figure & ~known))
        for rule in self.layout.rows_left_out:
            found = inside & self._follows(columns, rule)
            for column in self.columns:
                self._add(self.rows_left_out[rule.label, column.index], chunk, column.index, found)
            inside &= ~found
        if self.named is not None and self.named.decided:
            names = columns.text(self._marking_index())
            left = inside & np.fromiter((self.named.is_left_out(name) for name in names), dtype=bool, count=size)
            for column in self.columns:
                key = (_DECIDED, column.index)
                rows = self.rows_left_out.setdefault(key, _SumOfLeftOut(f"{_DECIDED}: {column.heading}", _BY_NAME))
                self._add(rows, chunk, column.index, left)
            inside &= ~left
        totals = inside & self._totals_to_the_end(columns, inside & known)
        for position in np.flatnonzero(totals).tolist():
            self._note_control(chunk, position)
        return inside & ~totals

    def _remarks(self, columns: _Columns, rows: Flags) -> Flags:
        """Which of these rows hold nothing but one text, such as the source of the table, below a column of figures."""
        found = np.zeros(len(rows), dtype=bool)
        if rows.any():
            read = {column.index: self._amounts(columns.chunk, column, np.ones_like(rows)) for column in self.columns}
            for position in np.flatnonzero(rows).tolist():
                filled = [index for index in columns.chunk.frame.columns if columns.text(index)[position]]
                has_amount = any(amounts.ok[position] for amounts in read.values())
                found[position] = len(filled) == 1 and not has_amount
        return found

    def _known_bodies(self, columns: _Columns) -> Flags:
        """Which rows have the code of a body of some year, or its name if the layout has no codes."""
        assert self.bodies is not None
        assert self.named is not None
        texts = columns.text(self._marking_index())
        bodies, named = self.bodies, self.named
        by_code = self.layout.code is not None

        def is_known(text: str) -> bool:
            return bool(bodies.with_code(named.corrected(text))) if by_code else named.is_known(text)

        return np.fromiter((bool(text) and is_known(text) for text in texts), dtype=bool, count=len(texts))

    def _totals_to_the_end(self, columns: _Columns, bodies: Flags) -> Flags:
        """Which rows are totals. Rules with `is_sum` also need that the figures are the sums of those above."""
        size = len(columns.chunk.numbers)
        found = np.zeros(size, dtype=bool)
        by_sum = np.zeros(size, dtype=bool)
        for rule in self.layout.totals:
            if rule.is_sum:
                by_sum |= self._follows(columns, rule) & ~bodies
            else:
                found |= self._follows(columns, rule)
        if any(rule.is_sum for rule in self.layout.totals):
            found |= self._sums_of_rows_above(columns, by_sum, bodies & ~found)
        return found

    def _sums_of_rows_above(self, columns: _Columns, candidates: Flags, bodies: Flags) -> Flags:
        found = np.zeros(len(candidates), dtype=bool)
        every = np.ones(len(candidates), dtype=bool)
        read = {column.index: self._amounts(columns.chunk, column, every) for column in self.columns}
        for position in range(len(candidates)):
            if candidates[position] and self._is_sum(columns.chunk, read, position):
                found[position] = True
                self.sums_since = {}
            elif bodies[position]:
                self.rows_above += 1
                for index, amounts in read.items():
                    pence = int(amounts.pence[position])
                    self.sums_above[index] = self.sums_above.get(index, 0) + pence
                    self.sums_since[index] = self.sums_since.get(index, 0) + pence
        return found

    def _is_sum(self, chunk: Chunk, read: dict[int, AmountColumn], position: int) -> bool:
        """Whether every figure of the row is the sum of the bodies above it, but for rounding."""
        shown = {index: amounts for index, amounts in read.items() if amounts.ok[position]}
        if not shown or not self.rows_above:
            return False
        for sums in (self.sums_above, self.sums_since):
            if all(
                abs(int(amounts.pence[position]) - sums.get(index, 0))
                <= most_rounding(chunk.frame[index].iloc[position], self.units[index], self.rows_above)
                for index, amounts in shown.items()
            ):
                return True
        return False

    def _totals(self, columns: _Columns) -> Flags:
        """Which rows are totals by their text, unless they have a code that marks a data row."""
        found = self._find(columns, self.layout.totals)
        if self.layout.code is None or self.layout.codes is None:
            return found
        return found & ~self._matches(columns, self.layout.code, self.layout.codes)

    def _too_wide(self, columns: _Columns, kept: Flags) -> dict[int, Problem]:
        """A problem for each row of a text file with a cell beyond the headings, because its figures may have moved."""
        chunk, width = columns.chunk, len(self.headings)
        beyond = [index for index in chunk.frame.columns if index >= width] if self.sheet.delimiter else []
        found = np.zeros(len(kept), dtype=bool)
        for index in beyond:
            found |= np.fromiter((bool(text) for text in columns.text(index)), dtype=bool, count=len(kept))
        cut = CutAmounts(self.sheet, [column.index for column in self.columns], self.headings)
        problems = {}
        for position in np.flatnonzero(found & kept).tolist():
            message, fix = cut.explain(chunk.frame.iloc[position].tolist()) or (_TOO_WIDE, _ONE_CELL_EACH)
            problems[position] = Problem("EXTRA_COLUMN", message, Where(row=int(chunk.numbers[position])), fix=fix)
        return problems

    def _amounts(self, chunk: Chunk, column: FigureColumn, rows: Flags) -> AmountColumn:
        return read_amounts(self._amount_cells(chunk, column.index, rows), column.unit, self.style)

    def _below_the_end(self, columns: _Columns, kept: Flags) -> list[Problem]:
        """A problem for each row of an organisation with a figure below the end of the table, where it would be lost.

        Probably a blank row or a total was put above it by mistake.
        """
        assert self.layout.code is not None
        chunk = columns.chunk
        coded = self._matches(columns, self.layout.code, self.layout.codes or _ANY_CODE)
        lost = coded & ~kept & ~self._totals(columns) & ~self._find(columns, self.layout.rows_left_out)
        if not lost.any():
            return []
        every = np.ones(len(kept), dtype=bool)
        has_figure = np.zeros(len(kept), dtype=bool)
        for column in self.columns:
            has_figure |= self._amounts(chunk, column, every).ok
        index = self._index(self.layout.code)
        return [
            Problem(
                "ROW_AFTER_END",
                "This row is below the end of the table, so its figures would be left out",
                Where(self.sheet.name, int(chunk.numbers[position]), column_letter(index), self.headings[index]),
                columns.text(index)[position],
                "Delete the blank row or the total above it, or clear the row if it is not part of the table.",
            )
            for position in np.flatnonzero(lost & has_figure).tolist()
        ]

    def _find(self, columns: _Columns, rules: tuple[RowRule, ...]) -> Flags:
        found = np.zeros(len(columns.chunk.numbers), dtype=bool)
        for rule in rules:
            found |= self._matches(columns, rule.column, rule.text)
        return found

    def _matches(self, columns: _Columns, heading: Pattern, text: Pattern) -> Flags:
        cells = columns.text(self._index_of_rule(heading))
        return np.fromiter((text.fullmatch(cell) is not None for cell in cells), dtype=bool, count=len(cells))

    def _follows(self, columns: _Columns, rule: RowRule) -> Flags:
        """Which rows a rule is about."""
        cells = columns.text(self._index_of_rule(rule.column))
        found: Flags = np.fromiter(
            (rule.text.fullmatch(squeezed(cell)) is not None for cell in cells), dtype=bool, count=len(cells)
        )
        return found & (columns.chunk.numbers == rule.row) if rule.row else found

    def _index_of_rule(self, heading: Pattern) -> int:
        """The index of a column with this heading: that of codes or names if it is theirs, or else the first."""
        if self.layout.code is not None and heading.pattern == self.layout.code.pattern:
            return self.layout.index("code", self.headings)
        if self.layout.name is not None and heading.pattern == self.layout.name.pattern:
            return self.layout.index("name", self.headings)
        return self._index(heading)

    def _code_index(self) -> int | None:
        return None if self.layout.code is None else self.layout.index("code", self.headings)

    def _name_index(self) -> int | None:
        return None if self.layout.name is None else self.layout.index("name", self.headings)

    def _marking_index(self) -> int:
        """The column that says which body a row is about: that of codes, or else that of names."""
        code = self._code_index()
        return self.layout.index("name", self.headings) if code is None else code

    def _unnamed(
        self, columns: _Columns, column: FigureColumn, rows: Flags, already_named: set[tuple[int, str]]
    ) -> dict[int, Problem | None]:
        """Rows whose name is that of no body in the year of the column, by position, each with its problem once."""
        if self.named is None or self.layout.code is not None or self.layout.columns:
            return {}
        index = self._marking_index()
        names, years = columns.text(index), self._years(columns, column)
        found: dict[int, Problem | None] = {}
        for position in np.flatnonzero(rows).tolist():
            name, year = names[position], years[position]
            if year is None or self.named.code(name, year):
                continue  # a year that cannot be read is refused by the checks of the kind
            said, number = str(year), int(columns.chunk.numbers[position])
            where = Where(self.sheet.name or None, number, column_letter(index), self.headings[index])
            is_new = (number, said) not in already_named
            already_named.add((number, said))
            found[position] = self.named.problem(name, year, where) if is_new else None
        return found

    def _amount_cells(self, chunk: Chunk, index: int, rows: Flags) -> pd.Series[str]:
        """The amounts of a column as they are read: as the file has them, or repaired as the layout says."""
        cells = _series(chunk, index, rows)
        if not self.repairs.any:
            return cells
        unit = self.units.get(index, self.profile.unit)
        return cells.map(lambda text: self.repairs.repaired(text, unit))

    def _note_control(self, chunk: Chunk, position: int) -> None:
        """Remember the first total that the publisher prints for each column, as text."""
        for column in self.columns:
            if not column.control and column.index in chunk.frame.columns:
                column.control = chunk.frame[column.index].iloc[position]
                column.control_row = int(chunk.numbers[position])

    def _zeros_left_out(self, columns: _Columns, column: FigureColumn, kept: Flags) -> Flags:
        """Which rows of the column are left out, because the figure is 0 or blank and a rule of the layout applies."""
        found = np.zeros(len(columns.chunk.numbers), dtype=bool)
        for rule in self.layout.left_out:
            classes = columns.text(self._index(rule.column))
            cells = columns.text(column.index)
            others = np.fromiter((text not in rule.unless for text in classes), dtype=bool, count=len(classes))
            zeros = np.fromiter((text in ("0", "0.00", "") for text in cells), dtype=bool, count=len(cells))
            found |= kept & others & zeros
            rows = self.rows_left_out.setdefault((rule.reason, column.index), _SumOfLeftOut("Rows with 0", rule.reason))
            rows.cells += int((kept & others & zeros).sum())
        return found

    def _add(self, left: _SumOfLeftOut, chunk: Chunk, index: int, rows: Flags) -> None:
        if rows.any() and index in chunk.frame.columns:
            stated = unit_in_heading(self.headings[index])
            unit = self.units.get(index) or (stated and stated.pounds) or self.profile.unit
            left.add(self._amount_cells(chunk, index, rows), unit, self.style)

    def _wide_piece(
        self, columns: _Columns, column: FigureColumn, rows: Flags, problems: list[Problem], refused: int
    ) -> Piece:
        import pandas as pd

        where: Numbers = np.flatnonzero(rows)
        filled, code, name = self.filled, self._marking_index(), self._name_index()
        count = len(where)
        texts: dict[str, Any] = {
            name: np.full(count, column.values.get(name, ""), dtype=object)
            for name in filled.names
            if name != filled.amount
        }
        texts[filled.code] = self._codes(columns, column)[where]
        cells = self._amount_cells(columns.chunk, column.index, rows)
        texts[filled.amount] = cells.to_numpy(dtype=object)
        if self.repairs.any:
            texts[AS_WRITTEN] = _series(columns.chunk, column.index, rows).to_numpy(dtype=object)
        if name is not None and name != code:
            texts["name"] = columns.text(name)[where]
        letters = dict.fromkeys(filled.names, column_letter(column.index))
        letters[filled.code] = column_letter(code)
        headings = dict.fromkeys(filled.names, column.heading)
        headings[filled.code] = self.headings[code]
        if name is not None and name != code:
            letters["name"], headings["name"] = column_letter(name), self.headings[name]
        for stated, heading in self.layout.row_values.items():
            index = self._index(heading)
            texts[stated] = columns.text(index)[where]
            if stated == filled.year:
                numbers = columns.chunk.numbers[where]
                refuse_other_years(pd.Series(texts[stated], dtype=object), numbers, self.year, self.sheet.name)
            letters[stated], headings[stated] = column_letter(index), self.headings[index]
        return Piece(
            sheet=self.sheet.name,
            numbers=columns.chunk.numbers[where],
            frame=pd.DataFrame(texts, dtype=object),
            letters=letters,
            headings=headings,
            unit=column.unit,
            missing=self.profile.missing,
            style=self.style,
            rows_read=count + refused,
            refused_before=refused,
            problems=problems,
        )

    def _codes(self, columns: _Columns, column: FigureColumn) -> Objects:
        """The code of the body of each row, as the file has it, as somebody corrected it, or found by its name."""
        texts = columns.text(self._marking_index())
        if self.layout.code is not None:
            if self.named is None or not self.named.decided:
                return texts
            return np.array([*(self.named.corrected(text) for text in texts), None], dtype=object)[:-1]
        assert self.named is not None
        named, years = self.named, self._years(columns, column)
        found = [named.code(name, year) if year is not None else "" for name, year in zip(texts, years, strict=True)]
        codes: Objects = np.array([*found, None], dtype=object)[:-1]
        return codes

    def _years(self, columns: _Columns, column: FigureColumn) -> list[int | None]:
        """The starting year of each row, as the row itself or the column states it; None if it cannot be read."""
        heading = self.layout.row_values.get(self.filled.year)
        if heading is None:
            return [_start_of(column.values[self.filled.year])] * len(columns.chunk.numbers)
        return [_start_of(text) for text in columns.text(self._index(heading))]

    # ── Control totals and parts not read ────────────────────────────────────────────────────────────────────────────

    def controls(self) -> list[dict[str, Any]]:
        lines = []
        for column in self.columns:
            publishers = self.control(column)
            if publishers is None:
                continue
            lines.append(
                {
                    "sheet": self.sheet.name,
                    "cell": f"{column_letter(column.index)}{column.control_row}",
                    "label": "Total",
                    "column": column.heading,
                    **{name: column.values.get(name, "") for name in self.filled.beside_totals},
                    "ours": as_text(column.ours),
                    "publishers": as_text(publishers),
                    "published_text": trim(column.control),
                    "note": column.figures.control_note,
                }
            )
        return lines

    def control(self, column: FigureColumn) -> Decimal | None:
        """The publisher's total of a column in pounds; None if there is none that can be read."""
        if not column.control:
            return None
        try:
            return read_amount(self.repairs.repaired(column.control, column.unit), column.unit, self.style).value
        except Refused:
            return None

    def control_warnings(self) -> list[Problem]:
        """A warning for each publisher's total that differs from the sum, unless the layout gives a reason."""
        return [
            self._control_warning(column, publishers)
            for column in self.columns
            if (publishers := self.control(column)) is not None
            if not column.figures.control_note and abs(publishers - column.ours) > self.rounding(column)
        ]

    def rounding(self, column: FigureColumn) -> Decimal:
        """By how much rounding may change the publisher's total, in pounds: half of its last printed digit.

        In layouts that people made, half a penny for each figure too: each was rounded, and nobody explains the rest.
        """
        decimals = _DECIMALS.search(column.control)
        of_figures = PENNY * column.rows / 2 if self.layout.to_the_end else 0
        return column.unit / 10 ** len(decimals[1] if decimals else "") / 2 + of_figures

    def _control_warning(self, column: FigureColumn, publishers: Decimal) -> Problem:
        return Problem(
            "W_CONTROL_TOTAL",
            "The figures do not add up to the publisher’s total, and the layout gives no reason",
            Where(self.sheet.name, column.control_row, column_letter(column.index), column.heading),
            f"£{publishers:,.2f} stated, £{column.ours:,.2f} read",
            "Look for a wrong or missing figure in this column before the upload is accepted.",
            severity="warning",
        )

    def not_read_lines(self) -> list[dict[str, Any]]:
        every = [*self.left_out.values(), *self.rows_left_out.values()]
        return [
            {
                "sheet": self.sheet.name,
                "label": left.label,
                "reason": left.reason,
                "amount": as_text(left.amount),
                "cells": left.cells,
            }
            for left in every
            if left.cells
        ]


def _start_of(year: str) -> int | None:
    try:
        return FinancialYear.parse(plain_year(year)).start
    except Refused:
        return None


def most_rounding(text: str, unit: Decimal, rows: int) -> Decimal:
    """By how many pence rounding may change a sum of `rows` figures in units of `unit` pounds, printed as `text`."""
    decimals = _DECIMALS.search(text)
    printed = unit * 100 / 10 ** len(decimals[1] if decimals else "")
    return max(printed, Decimal(1)) * (rows + 1) / 2


def _series(chunk: Chunk, index: int, rows: Flags) -> pd.Series[str]:
    import pandas as pd

    if index not in chunk.frame.columns:
        return pd.Series([""] * int(rows.sum()), dtype=object)
    return chunk.frame[index][rows]
