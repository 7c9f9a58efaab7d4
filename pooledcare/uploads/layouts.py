"""A publisher's layout, read from a TOML file: its sheets, heading rows and columns, and what each column means.

Everything about a particular publisher is in its TOML file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pooledcare.kernel.characters import without_invisible
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.tabular import column_index
from pooledcare.uploads.stated_data import Stated

if TYPE_CHECKING:
    from pooledcare.kernel.tabular import InputTable, Sheet

Pattern = re.Pattern[str]
DECIMALS = ("", "point", "comma")
_LETTER = re.compile(r"[A-Z]{1,3}")


def pattern(text: str) -> Pattern:
    return re.compile(text, re.IGNORECASE)


def squeezed(text: str) -> str:
    """A heading on one line.

    >>> squeezed("2023/24 COVID \\n(£k)")
    '2023/24 COVID (£k)'
    """
    return " ".join(without_invisible(text).split())


@dataclass(frozen=True)
class Figures:
    """Columns of figures: all whose heading matches. A group `year` in the pattern gives the year of the figures.

    With a `letter`, only the column with this letter. A year in `values` such as +1 is counted from the year that the
    sender states. `unit` is the number of pounds in one unit of these columns, if it is not that of the whole layout.
    """

    heading: Pattern
    values: dict[str, str]
    control_note: str = ""
    required: bool = True
    letter: str = ""
    unit: Decimal | None = None


@dataclass(frozen=True)
class RowRule:
    """Rows recognised by their text in one column: totals, or rows that are deliberately left out.

    With a `row`, only the row with this number. With `is_sum`, only rows whose figures are the sums of those above.
    """

    column: Pattern
    text: Pattern
    label: str = ""
    reason: str = ""
    row: int = 0
    is_sum: bool = False


@dataclass(frozen=True)
class LeftOut:
    """A rule that leaves out figures that are 0 or blank, in rows whose text in `column` is not one of `unless`."""

    column: Pattern
    unless: frozenset[str]
    reason: str


@dataclass(frozen=True)
class NotRead:
    """Columns that are deliberately not read, and why."""

    heading: Pattern
    reason: str


@dataclass(frozen=True)
class SheetLayout:
    """The layout of one sheet, or of several sheets with the same columns.

    `codes` is the pattern of the codes that mark a data row. A row with such a code is never a total, and is an error
    below the end of the table. If it is not set, no row is kept from being a total, and every non-empty code marks a
    data row below the end.

    With `to_the_end`, a blank row or a total does not end the table: all rows below the headings are read, but for
    totals, rows left out, headings that stand again, and rows with neither a known body nor a figure. Without a `code`,
    bodies are found by their `name`. `row_values` are columns of the kind that each row states itself.

    Headings that stand more than once need the letter of their column (`letters` for code and name, `Figures.letter`).
    Then `whole_row` has all headings of the row, so that no other column is read if one is added.
    """

    title: Pattern
    required: bool
    code: Pattern | None
    name: Pattern | None
    columns: dict[str, Pattern]
    figures: tuple[Figures, ...]
    not_read: tuple[NotRead, ...]
    rows_left_out: tuple[RowRule, ...]
    totals: tuple[RowRule, ...]
    left_out: tuple[LeftOut, ...]
    codes: Pattern | None = None
    header_within: int = 30
    heading_rows: int = 1
    to_the_end: bool = False
    family: str = ""
    row_values: dict[str, Pattern] = field(default_factory=dict)
    letters: dict[str, str] = field(default_factory=dict)
    whole_row: tuple[Pattern, ...] = ()

    def heading_row(self, sheet: Sheet) -> tuple[int, list[str]] | None:
        """The number and headings of the first row with all headings that this layout needs; None if there is none."""
        if self.title.fullmatch(sheet.name) is None:
            return None
        for number, headings in headings_of_rows(sheet.head(self.header_within), self.heading_rows):
            if not self.missing(headings) and self.is_whole_row(headings):
                return number, headings
        return None

    def is_whole_row(self, headings: Sequence[str]) -> bool:
        """Whether the row has exactly the headings of `whole_row`, if the layout has any."""
        if not self.whole_row:
            return True
        width = max((index + 1 for index, heading in enumerate(headings) if heading), default=0)
        return width == len(self.whole_row) and all(
            wanted.fullmatch(heading) for wanted, heading in zip(self.whole_row, headings, strict=False)
        )

    def needed(self) -> list[Pattern]:
        """The headings that a sheet must have."""
        own = [one for one in (self.code, self.name) if one is not None]
        of_rows = [*self.columns.values(), *self.row_values.values()]
        return [*own, *of_rows, *(figures.heading for figures in self.figures if figures.required)]

    def missing(self, headings: Sequence[str]) -> list[Pattern]:
        """The needed headings that are not in a row."""
        return [wanted for wanted in self.needed() if not any(wanted.fullmatch(heading) for heading in headings)]

    @property
    def needs_bodies(self) -> bool:
        """Whether the bodies of the directory are needed for reading it."""
        return self.to_the_end or (self.code is None and bool(self.figures))

    def index(self, which: str, headings: Sequence[str]) -> int:
        """The index of the column of codes or names (`which` is code or name)."""
        if which in self.letters:
            return column_index(self.letters[which])
        heading = self.code if which == "code" else self.name
        assert heading is not None, f"The layout has no column for the {which}."
        return next(index for index, text in enumerate(headings) if heading.fullmatch(text))


def headings_of_rows(
    head: Sequence[tuple[int, Sequence[str]]], heading_rows: int = 1
) -> Iterator[tuple[int, list[str]]]:
    """The headings that each of the first rows would give, with the number of the row.

    With two rows of headings, those of the row above are joined in front. A heading that stands over several columns
    is stored only in the first of them, so it holds until the next one.

    >>> list(headings_of_rows([(1, ["", "2024/25", ""]), (2, ["Body", "Core", "Other"])], 2))
    [(2, ['Body', '2024/25 Core', '2024/25 Other'])]
    """
    above: list[str] = []
    for place, (number, row) in enumerate(head):
        own = [squeezed(cell) for cell in row]
        if heading_rows == 1:
            yield number, own
        elif place:
            last, joined = "", []
            for index in range(max(len(own), len(above))):
                last = (above[index] if index < len(above) else "") or last
                joined.append(squeezed(f"{last} {own[index] if index < len(own) else ''}"))
            yield number, joined
        above = own


@dataclass(frozen=True)
class Edition:
    """The sheets of one edition of a layout. A publisher may name or head them otherwise from one year to the next."""

    name: str
    sheets: tuple[SheetLayout, ...] = field(repr=False)

    def matches(self, table: InputTable) -> list[tuple[SheetLayout, Sheet, int, list[str]]]:
        """The sheets of a file that match: the layout of the sheet, the sheet, and its heading row."""
        found = []
        for sheet in table.sheets:
            for layout in self.sheets:
                heading = layout.heading_row(sheet)
                if heading is not None:
                    found.append((layout, sheet, *heading))
                    break
        return found

    def fit(self, table: InputTable) -> int:
        """The number of sheets that match; 0 if a required sheet is missing."""
        matched = self.matches(table)
        present = {id(layout) for layout, *_ in matched}
        if any(layout.required and id(layout) not in present for layout in self.sheets):
            return 0
        return len(matched)


@dataclass(frozen=True)
class Profile:
    """One publisher's layout. `unit` is the number of pounds in one unit of its amounts, such as 1,000.

    `missing` are the publisher's marks for a figure that is not reported, and `defaults` the values of columns that the
    file does not have. `decimals` (point or comma) says how amounts are written where a text file leaves that open, and
    `broken_pounds` which characters in front of amounts are a pound sign that was broken. With `rounds`, amounts in
    pounds with parts of a penny are rounded to the penny. `names` gives the code for names of bodies that are not
    certain; rows with a name whose code is empty are left out.
    """

    key: str
    title: str
    publisher: str
    summary: str
    source_title: str
    is_published: bool
    unit: Decimal
    missing: frozenset[str]
    money: Pattern | None
    year: Pattern | None
    defaults: dict[str, str]
    notes: tuple[str, ...]
    editions: tuple[Edition, ...] = field(repr=False)
    decimals: str = ""
    broken_pounds: str = ""
    rounds: bool = False
    names: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def sheets(self) -> tuple[SheetLayout, ...]:
        """The layouts of the sheets of all editions."""
        return tuple(sheet for edition in self.editions for sheet in edition.sheets)

    def edition(self, table: InputTable) -> Edition:
        """The edition that explains most sheets of a file; the first of several."""
        return max(self.editions, key=lambda edition: edition.fit(table))

    def matches(self, table: InputTable) -> list[tuple[SheetLayout, Sheet, int, list[str]]]:
        """The sheets of a file that match its edition: the layout of the sheet, the sheet, and its heading row."""
        return self.edition(table).matches(table)

    def fit(self, table: InputTable) -> int:
        """The number of sheets that match in the best edition; 0 if a required sheet is missing in each."""
        return max(edition.fit(table) for edition in self.editions)


@lru_cache(maxsize=64)
def _read(path: Path, modified: int) -> Profile:
    with path.open("rb") as file:
        stated = tomllib.load(file, parse_float=Decimal)
    return profile_from(stated, path.stem, only_literals=False)


def read_profile(path: Path) -> Profile:
    """The profile in a file. It is cached until the file changes."""
    return _read(path, path.stat().st_mtime_ns)


def profile_from(stated: Mapping[str, Any], key: str, *, only_literals: bool = True) -> Profile:
    """A profile from plain data, in the shape of the TOML files.

    Raises `Refused` for unknown names, wrong types and patterns that cannot be used. Data that a person or a program
    sent may only have patterns that match one text, written as `re.escape` does, in which a financial year may stand
    for any year (`stated_data.YEAR_FORMS`, alone or as the group `year`). Such a pattern cannot be slow. Our own files
    are read with `only_literals=False`, which allows any pattern.
    """
    whole = Stated(stated, only_literals=only_literals)
    profile = Profile(
        key=key,
        title=whole.text("title"),
        publisher=whole.text("publisher"),
        summary=whole.text("summary"),
        source_title=whole.text("source_title", ""),
        is_published=whole.flag("published", default=True),
        unit=whole.amount("unit", 1),
        missing=frozenset(whole.texts("missing")),
        money=whole.optional_pattern("money"),
        year=whole.optional_pattern("year"),
        defaults=whole.texts_by_name("defaults"),
        notes=whole.texts("notes"),
        editions=_editions(whole),
        decimals=whole.text("decimals", ""),
        broken_pounds=whole.text("broken_pounds", ""),
        rounds=whole.flag("rounds", default=False),
        names=whole.texts_by_name("names"),
    )
    whole.close()
    if profile.decimals not in DECIMALS:
        raise Refused.because("BAD_LAYOUT", "“decimals” must be point or comma", value=profile.decimals)
    if profile.year is not None and "year" not in profile.year.groupindex:
        raise Refused.because("BAD_LAYOUT", "“year” does not say where the year stands", value=profile.year.pattern)
    return profile


def _editions(whole: Stated) -> tuple[Edition, ...]:
    """The editions of a profile; a profile that lists its sheets without an edition has one."""
    if not whole.has("editions"):
        return (Edition("", tuple(_sheet(sheet) for sheet in whole.parts("sheets"))),)
    found = []
    for one in whole.parts("editions"):
        found.append(Edition(one.text("name"), tuple(_sheet(sheet) for sheet in one.parts("sheets"))))
        one.close()
    if not found:
        raise Refused.because("BAD_LAYOUT", "A layout needs at least one edition", fix="Add one, or list its sheets.")
    return tuple(found)


def _sheet(stated: Stated) -> SheetLayout:
    layout = SheetLayout(
        title=stated.pattern("title", ".*"),
        required=stated.flag("required", default=True),
        code=stated.optional_pattern("code"),
        name=stated.optional_pattern("name"),
        codes=stated.optional_pattern("codes"),
        columns=stated.patterns_by_name("columns"),
        figures=tuple(_figures(one) for one in stated.parts("figures")),
        not_read=tuple(_not_read(one) for one in stated.parts("not_read")),
        rows_left_out=tuple(_row_rule(one) for one in stated.parts("rows_left_out")),
        totals=tuple(_row_rule(one) for one in stated.parts("totals")),
        left_out=tuple(_left_out(one) for one in stated.parts("left_out")),
        heading_rows=stated.number("heading_rows", 1, least=1, most=2),
        to_the_end=stated.flag("to_the_end", default=False),
        family=stated.text("family", ""),
        row_values=stated.patterns_by_name("row_values"),
        letters=stated.texts_by_name("letters"),
        whole_row=stated.patterns("whole_row"),
    )
    stated.close()
    for letter in [*layout.letters.values(), *(one.letter for one in layout.figures if one.letter)]:
        if _LETTER.fullmatch(letter) is None:
            raise Refused.because("BAD_LAYOUT", f"“{letter}” is not the letter of a column", value=letter)
    return layout


def _figures(stated: Stated) -> Figures:
    heading, note = stated.pattern("heading"), stated.text("control_note", "")
    required, letter = stated.flag("required", default=True), stated.text("letter", "")
    unit = stated.amount("unit", 1) if stated.has("unit") else None
    return Figures(heading, stated.rest(), note, required=required, letter=letter, unit=unit)


def _not_read(stated: Stated) -> NotRead:
    found = NotRead(stated.pattern("heading"), stated.text("reason"))
    stated.close()
    return found


def _row_rule(stated: Stated) -> RowRule:
    found = RowRule(
        stated.pattern("column"),
        stated.pattern("text"),
        stated.text("label", ""),
        stated.text("reason", ""),
        row=stated.number("row", 0, least=0, most=10_000_000),
        is_sum=stated.flag("is_sum", default=False),
    )
    stated.close()
    return found


def _left_out(stated: Stated) -> LeftOut:
    found = LeftOut(stated.pattern("column"), frozenset(stated.texts("unless")), stated.text("reason"))
    stated.close()
    return found
