"""A publisher's layout, read from a TOML file: its sheets, heading rows and columns, and what each column means.

Everything about a particular publisher is in its TOML file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pooledcare.kernel.characters import without_invisible

if TYPE_CHECKING:
    from pooledcare.kernel.tabular import InputTable, Sheet

Pattern = re.Pattern[str]


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
    """Columns of figures: all whose heading matches. A group `year` in the pattern gives the year of the figures."""

    heading: Pattern
    values: dict[str, str]
    control_note: str = ""
    required: bool = True


@dataclass(frozen=True)
class RowRule:
    """Rows recognised by their text in one column: totals, or rows that are deliberately left out."""

    column: Pattern
    text: Pattern
    label: str = ""
    reason: str = ""


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

    def heading_row(self, sheet: Sheet) -> tuple[int, list[str]] | None:
        """The number and headings of the first row with all headings that this layout needs; None if there is none."""
        if self.title.fullmatch(sheet.name) is None:
            return None
        for number, row in sheet.head(self.header_within):
            headings = [squeezed(cell) for cell in row]
            if not self.missing(headings):
                return number, headings
        return None

    def needed(self) -> list[Pattern]:
        """The headings that a sheet must have."""
        own = [one for one in (self.code, self.name) if one is not None]
        return [*own, *self.columns.values(), *(figures.heading for figures in self.figures if figures.required)]

    def missing(self, headings: Sequence[str]) -> list[Pattern]:
        """The needed headings that are not in a row."""
        return [wanted for wanted in self.needed() if not any(wanted.fullmatch(heading) for heading in headings)]


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
    file does not have.
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
    return Profile(
        key=path.stem,
        title=stated["title"],
        publisher=stated["publisher"],
        summary=stated["summary"],
        source_title=stated.get("source_title", ""),
        is_published=stated.get("published", True),
        unit=Decimal(stated.get("unit", 1)),
        missing=frozenset(stated.get("missing", [])),
        money=pattern(stated["money"]) if "money" in stated else None,
        year=pattern(stated["year"]) if "year" in stated else None,
        defaults=stated.get("defaults", {}),
        notes=tuple(stated.get("notes", [])),
        editions=_editions(stated),
    )


def read_profile(path: Path) -> Profile:
    """The profile in a file. It is cached until the file changes."""
    return _read(path, path.stat().st_mtime_ns)


def _editions(stated: dict[str, Any]) -> tuple[Edition, ...]:
    """The editions of a profile; a profile that lists its sheets without an edition has one."""
    listed = stated.get("editions", [{"name": "", "sheets": stated.get("sheets", [])}])
    return tuple(Edition(one["name"], tuple(_sheet(sheet) for sheet in one["sheets"])) for one in listed)


def _sheet(stated: dict[str, Any]) -> SheetLayout:
    return SheetLayout(
        title=pattern(stated.get("title", ".*")),
        required=stated.get("required", True),
        code=_optional(stated, "code"),
        name=_optional(stated, "name"),
        codes=_optional(stated, "codes"),
        columns={name: pattern(heading) for name, heading in stated.get("columns", {}).items()},
        figures=tuple(_figures(one) for one in stated.get("figures", [])),
        not_read=tuple(NotRead(pattern(one["heading"]), one["reason"]) for one in stated.get("not_read", [])),
        rows_left_out=tuple(_row_rule(one) for one in stated.get("rows_left_out", [])),
        totals=tuple(_row_rule(one) for one in stated.get("totals", [])),
        left_out=tuple(
            LeftOut(pattern(one["column"]), frozenset(one["unless"]), one["reason"])
            for one in stated.get("left_out", [])
        ),
    )


def _optional(stated: dict[str, Any], name: str) -> Pattern | None:
    return pattern(stated[name]) if name in stated else None


def _figures(stated: dict[str, Any]) -> Figures:
    values = {name: text for name, text in stated.items() if name not in ("heading", "control_note", "required")}
    return Figures(
        pattern(stated["heading"]), values, stated.get("control_note", ""), required=stated.get("required", True)
    )


def _row_rule(stated: dict[str, str]) -> RowRule:
    return RowRule(
        pattern(stated["column"]), pattern(stated["text"]), stated.get("label", ""), stated.get("reason", "")
    )
