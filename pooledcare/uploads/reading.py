"""From a stored file to pieces of text columns: by a publisher's layout if one matches, or else as a canonical file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, BinaryIO, Protocol, cast

import numpy as np
from django.conf import settings
from django.core.files import File

from pooledcare.kernel.characters import trim, without_invisible
from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.kernel.tabular import (
    OLD_ENCODINGS,
    FileType,
    InputTable,
    Limits,
    Sheet,
    column_letter,
    merge,
    open_table,
)
from pooledcare.uploads.asking import recognition
from pooledcare.uploads.checks import Piece
from pooledcare.uploads.headings import (
    CellsWithoutHeading,
    HeadingsAgain,
    invisible_in_headings,
    looks_like_data,
    names_of,
)
from pooledcare.uploads.hidden import Hidden
from pooledcare.uploads.kinds import UploadColumn, UploadKind
from pooledcare.uploads.models import Upload
from pooledcare.uploads.nearest import nearest
from pooledcare.uploads.stated_units import (
    file_problem,
    heading_problem,
    is_plainly_pounds,
    sheet_problem,
    title_advice,
    unit_rows,
)
from pooledcare.uploads.stated_years import refuse_other_years
from pooledcare.uploads.terms import Channel
from pooledcare.uploads.text_amounts import CutAmounts, style_notices, style_of

MOST_CANONICAL_COLUMNS = 100
_OUR_OWN_HEADINGS = 3  # a row with so many of them is meant as ours, whatever else the file looks like


class Source(Protocol):
    """A file that is read by one layout."""

    profile: str
    table: InputTable

    def pieces(self) -> Iterator[Piece]: ...
    def notices(self) -> list[str]: ...
    def warnings(self) -> list[Problem]:
        """Warnings to check before accepting. Complete once all pieces have been read."""
        ...

    def preview_extras(self) -> dict[str, Any]:
        """What the preview shows besides the rows: control totals, and what was deliberately not read."""
        ...


@contextmanager
def opened(file: BinaryIO | File[bytes], upload: Upload, kind: UploadKind) -> Iterator[Source]:
    """The file, opened with its layout. Raises `NeedsLayout` if a person must say which."""
    with opened_table(file, upload, kind) as table:
        try:
            source = _layout(table, upload, kind)
        except recognition.NeedsLayout as needs:
            needs.encoding = encoding_fields(table)
            raise
        yield source


@contextmanager
def opened_table(file: BinaryIO | File[bytes], upload: Upload, kind: UploadKind) -> Iterator[InputTable]:
    """The file with its sheets, whatever its layout is.

    A text file is read in the encoding that somebody chose, if anybody did.
    """
    rows = min(settings.UPLOAD_MAX_ROWS, kind.most_rows or settings.UPLOAD_MAX_ROWS)
    limits = Limits(size=settings.UPLOAD_MAX_BYTES, rows=rows, only_utf8=upload.channel == Channel.API)
    chosen = upload.encoding if upload.encoding_chosen_actor else ""
    with open_table(
        cast(BinaryIO, file),
        upload.filename,
        limits,
        is_heading=lambda row: is_heading(row, kind, upload.financial_year),
        encoding=chosen,
    ) as table:
        if chosen and table.file_type is not FileType.CSV:
            message = f"The file is a workbook, but {OLD_ENCODINGS[chosen]} was stated as its encoding"
            raise Refused.because("ENCODING", message, fix="Leave the encoding out.")
        yield table


def encoding_fields(table: InputTable) -> dict[str, Any]:
    """The fields of an upload that say in which encoding its file is read, and which others are possible."""
    choice = table.choice
    stored = asdict(choice) if choice is not None and len(choice.possible) > 1 else {}
    return {"encoding": table.encoding or "", "encoding_choice": stored}


def _layout(table: InputTable, upload: Upload, kind: UploadKind) -> Source:
    """The file by its layout, or as a canonical file. Raises `NeedsLayout` if it is neither."""
    if upload.profile:
        _refuse_empty(table)  # there is nothing to ask about
    stated = recognition.stated_source(table, upload, kind)
    if stated is not None:
        return stated
    year = upload.financial_year
    if any(is_heading(row, kind, year) for sheet in table.sheets for _, row in sheet.head(1)):
        return Canonical(table, kind, year)
    recognised = recognition.recognised_source(table, upload, kind)
    if recognised is not None:
        return recognised
    if kind.layout_columns is None or is_meant_as_ours(table, kind, year):
        return Canonical(table, kind, year)
    raise recognition.asked_how(table, upload, kind)


def _refuse_empty(table: InputTable) -> None:
    if not any(trim(cell) for sheet in table.sheets for _, row in sheet.head(30) for cell in row):
        raise Refused.because("EMPTY_FILE", "The selected file is empty", fix="Select a file that has rows in it.")


def is_meant_as_ours(table: InputTable, kind: UploadKind, year: str = "") -> bool:
    """Whether a file without all our headings is plainly ours, with a mistake that can be named; or is empty.

    It is if a row at its top has most of our headings, if its first row has no others, or if its first row already
    holds our words, such as the code of a stream and that of a basis.
    """
    known = {column.heading for column in kind.columns}
    least = min(_OUR_OWN_HEADINGS, len(_needed(kind, year)) - 1)
    choices = {value for column in kind.columns if column.choices for value, _ in column.choices()}
    heads = [sheet.head(30) for sheet in table.sheets]
    rows = [row[0].split(",") if len(row) == 1 else row for head in heads for _, row in head]
    if not any(trim(cell) for row in rows for cell in row):
        return True
    if any(len(set(names_of(row)) & known) >= least for row in rows):
        return True
    firsts = [head[0][1] for head in heads if head]
    width = max(map(len, rows))
    if any(len(row) == width and known.issuperset(names_of(row)) for row in firsts):
        return True
    return any(sum(trim(without_invisible(cell)) in choices for cell in row) > 1 for row in firsts)


def _needed(kind: UploadKind, year: str) -> list[UploadColumn]:
    """The columns that a file needs: all required ones, but for that of the year if the sender states the year."""
    stated = kind.layout_columns.year if year and kind.layout_columns is not None else ""
    return [column for column in kind.columns if column.required and column.heading != stated]


def is_heading(row: Sequence[str], kind: UploadKind, year: str = "") -> bool:
    """Whether the row has all the headings that a file of the kind needs, if its sender states this year or none."""
    names = set(names_of(row))
    return all(column.heading in names for column in _needed(kind, year))


class Canonical:
    """A file with our own headings in its first row, in any order. In a workbook, all sheets with them are read.

    `year` is the financial year that the sender states. It fills the column of the year if the file does not have it.
    """

    profile = ""

    def __init__(self, table: InputTable, kind: UploadKind, year: str = "") -> None:
        self.table = table
        self.kind = kind
        self.year = year
        self.year_column = kind.layout_columns.year if kind.layout_columns is not None else ""
        self.needed = _needed(kind, year)
        self._notices = [notice.message for notice in table.notices]
        self.amounts = [column for column in kind.columns if column.is_amount]
        self.sheets = self._sheets()
        self.hidden = [Hidden(sheet) for sheet in self.sheets]

    def notices(self) -> list[str]:
        return self._notices

    def warnings(self) -> list[Problem]:
        return [warning for hidden in self.hidden for warning in hidden.warnings()]

    def preview_extras(self) -> dict[str, Any]:
        return {}

    def _sheets(self) -> list[Sheet]:
        with_heading = [s for s in self.table.sheets if any(self._is_ours(s, row) for _, row in s.head(1))]
        if not with_heading:
            self._refuse_headings()
        for sheet in self.table.sheets:
            if sheet not in with_heading:
                self._notices.append(
                    f"Sheet “{sheet.name}” was not read: its first row has no headings of a column that we know"
                )
        return with_heading

    def _is_ours(self, sheet: Sheet, row: Sequence[str]) -> bool:
        """Whether the row is our heading row, also if the heading of its amounts only states a unit too."""
        if is_heading(row, self.kind, self.year):
            return True
        names = set(names_of(row))
        others = [column.heading for column in self.needed if not column.is_amount]
        has_others = bool(others) and names.issuperset(others)
        seen = map(without_invisible, row)
        return has_others and any(heading_problem(sheet, 0, heading, self.amounts) for heading in seen)

    def _refuse_headings(self) -> None:
        """Raise `Refused` with what is wrong with the headings, in the sheet that comes closest."""
        heads = [(sheet, sheet.head(30)) for sheet in self.table.sheets]
        _refuse_empty(self.table)
        for sheet, head in heads:
            for number, row in head[1:]:
                if is_heading(row, self.kind, self.year):
                    message = f"The headings must be in row 1; they were found in row {number}"
                    raise _not_found(sheet, message, number, title_advice(head, number) if self.amounts else "")
        known = max(len(set(names_of(row)) & self._known()) for _, head in heads for _, row in head)
        like = nearest(self.kind.key, self.table) if known < _OUR_OWN_HEADINGS else None
        if like is not None:
            raise Refused(like.problems())
        sheet, head = max(heads, key=lambda each: len(set(names_of(each[1][0][1] if each[1] else [])) & self._known()))
        row = head[0][1] if head else []
        if len(row) == 1 and is_heading(row[0].split(","), self.kind, self.year):
            raise _not_found(sheet, "Every row is inside quotation marks, so that it has only one cell", 1)
        if not set(names_of(row)) & self._known() and self._is_data(row):
            needed = ", ".join(column.heading for column in self.kind.template_columns if column.required)
            raise Refused.because(
                "HEADER_NOT_FOUND",
                f"There is no row of headings: row {head[0][0]:,} already holds data",
                where=Where(sheet.name or None, head[0][0]),
                value=", ".join(row),
                fix=f"Put a row above it with the heading of each column; needed are {needed}.",
            )
        raise Refused(self._heading_problems(sheet, row))

    def _is_data(self, row: Sequence[str]) -> bool:
        """Whether the row holds an amount, a date or a code, or at least two words of which a column allows a few."""
        choices = {value for column in self.kind.columns if column.choices for value, _ in column.choices()}
        words = sum(trim(without_invisible(cell)) in choices for cell in row)
        return words > 1 or any(looks_like_data(cell) for cell in row)

    def _known(self) -> set[str]:
        return {column.heading for column in self.kind.columns}

    def _heading_problems(self, sheet: Sheet, row: Sequence[str]) -> list[Problem]:
        """All missing, unknown and repeated headings."""
        names, known = names_of(row), self._known()
        problems = []
        offered = ", ".join(column.heading for column in self.kind.template_columns)
        unknown = {name: index for index, name in enumerate(names) if name and name not in known}
        seen = {index: without_invisible(row[index]) for index in unknown.values()}
        units = [heading_problem(sheet, index, text, self.amounts) for index, text in seen.items()]
        in_units = [problem for problem in units if problem is not None]
        unknown = {name: index for (name, index), unit in zip(unknown.items(), units, strict=True) if unit is None}
        for column in self.needed:
            if column.heading not in names and not (column.is_amount and in_units):
                missing = _missing(sheet, column, list(unknown), row, unknown)
                or_stated = f"{missing.fix} Or state the financial year when you send the file."
                problems.append(replace(missing, fix=or_stated) if column.heading == self.year_column else missing)
        problems += in_units
        is_amount_missing = any(column.required and column.heading not in names for column in self.amounts)
        in_what = " Amounts must be in pounds." if is_amount_missing else ""
        for index in unknown.values():
            where = Where(sheet.name or None, 1, column_letter(index), trim(without_invisible(row[index])))
            fix = f"Delete the column, or use one of these headings: {offered}.{in_what}"
            problems.append(Problem("UNKNOWN_HEADER", "This heading is not one that we know", where, row[index], fix))
        for name, count in Counter(name for name in names if name).items():
            if count > 1:
                index = len(names) - 1 - names[::-1].index(name)
                where = Where(sheet.name or None, 1, column_letter(index), name)
                problems.append(
                    Problem("DUPLICATE_HEADER", f"The heading {name} appears {count} times", where, name, "Keep one.")
                )
        return problems

    def _has_amounts(self, sheet: Sheet) -> bool:
        return any(column.heading in names_of(sheet.head(1)[0][1]) for column in self.amounts)

    def pieces(self) -> Iterator[Piece]:
        problems = [problem for sheet in self.sheets for problem in self._heading_problems(sheet, sheet.head(1)[0][1])]
        problems += [found for sheet in self.sheets if self._has_amounts(sheet) and (found := sheet_problem(sheet, 1))]
        if any(map(self._has_amounts, self.sheets)) and (of_name := file_problem(self.table.name)):
            problems.append(of_name)
        if problems:
            raise Refused(problems)
        for sheet, hidden in zip(self.sheets, self.hidden, strict=True):
            yield from self._pieces_of(sheet, hidden)

    def _pieces_of(self, sheet: Sheet, hidden: Hidden) -> Iterator[Piece]:
        (number, row), *_ = sheet.head(1)
        names = names_of(row)
        width = max(index for index, cell in enumerate(row) if trim(cell)) + 1
        if width > MOST_CANONICAL_COLUMNS:
            raise Refused.because(
                "TOO_MANY_COLUMNS", f"The selected file must have at most {MOST_CANONICAL_COLUMNS} columns"
            )
        places = {name: index for index, name in enumerate(names) if name}
        headings = {name: trim(without_invisible(row[index])) for name, index in places.items()}
        letters = {name: column_letter(index) for name, index in places.items()}
        amounts = [places[column.heading] for column in self.amounts if column.heading in places]
        style = style_of(sheet, amounts, after=number)
        self._notices += [*invisible_in_headings(row), *style_notices(style)]
        cut = CutAmounts(sheet, amounts, [name.replace("_", " ") for name in names])
        without_heading = CellsWithoutHeading(sheet.name, row, width)
        again = HeadingsAgain(sheet.name, names, amounts[0] if amounts else min(places.values()))
        for chunk in sheet.chunks(settings.UPLOAD_CHUNK_ROWS, width=width, after=number, explain=cut.explain):
            left_out = again.found(chunk.numbers, chunk.frame)
            found = {
                **unit_rows(sheet, chunk.numbers, chunk.frame, amounts),
                **cut.found(chunk.numbers, chunk.frame),
            }
            found = {place: one for place, one in found.items() if place not in left_out}
            frame, numbers = chunk.frame, chunk.numbers
            problems = [*chunk.problems, *found.values(), *without_heading.found(numbers, frame)]
            if left_out or found:
                good = np.setdiff1d(np.arange(len(numbers)), [*left_out, *found])
                frame, numbers = frame.iloc[good].reset_index(drop=True), numbers[good]
            frame = frame[[*places.values()]]
            frame.columns = list(places)
            hidden.add_rows(numbers, chunk.hidden)
            for name, index in places.items():
                hidden.add_column(index, headings[name], frame[name])
            for column in self.amounts:
                if column.heading in places:
                    index = places[column.heading]
                    hidden.add_amounts(index, frame[column.heading], numbers, chunk.hidden, Decimal(1))
            for column in self.kind.columns:
                if column.heading not in places:
                    text = self.year if column.heading == self.year_column else ""
                    frame[column.heading] = np.full(len(frame), text, dtype=object)
            if self.year_column in places:
                refuse_other_years(frame[self.year_column], chunk.numbers, self.year, sheet.name)
            yield Piece(
                sheet=sheet.name,
                numbers=numbers,
                frame=frame,
                letters=letters,
                headings=headings,
                style=style,
                rows_read=chunk.rows_read - chunk.blank_rows,
                refused_before=chunk.refused_rows + len(chunk.numbers) - len(numbers),
                problems=problems,
                notices=Counter({notice.message: notice.count for notice in merge(chunk.notices)}),
            )
        if problems := again.problems():
            nothing = frame.iloc[:0]
            yield Piece(sheet.name, chunk.numbers[:0], nothing, letters, headings, problems=problems)


def _not_found(sheet: Sheet, message: str, row: int, first: str = "") -> Refused:
    fix = f"{first}Delete everything above the headings and save the file again, or start from the blank template."
    return Refused.because("HEADER_NOT_FOUND", message, where=Where(sheet.name or None, row), fix=fix)


def _missing(
    sheet: Sheet, column: UploadColumn, unknown: list[str], row: Sequence[str], places: dict[str, int]
) -> Problem:
    nearest = get_close_matches(column.heading, unknown, n=1, cutoff=0.6)
    fix = f"Add a column with the heading {column.heading}."
    if nearest:
        place = places[nearest[0]]
        heading = trim(without_invisible(row[place]))
        fix = f"Rename “{heading}” in column {column_letter(place)} to {column.heading}."
        if column.is_amount and not is_plainly_pounds(heading, column):
            fix = f"{fix[:-1]} if its cells are amounts in pounds. If they are not, change them to pounds first."
    return Problem("MISSING_HEADER", f"There is no column {column.heading}", Where(sheet.name or None, 1), None, fix)
