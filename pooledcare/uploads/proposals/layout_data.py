"""From decisions to a layout, as plain data in the shape of the TOML files of built-in layouts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.kernel.tabular import column_letter
from pooledcare.uploads.layouts import headings_of_rows, pattern, squeezed
from pooledcare.uploads.proposals.decisions import ColumnDecision, Decisions, SheetDecisions
from pooledcare.uploads.proposals.samples import HEAD_ROWS, MOST_ROWS
from pooledcare.uploads.proposals.shapes import Role
from pooledcare.uploads.proposals.texts import literal, years_in
from pooledcare.uploads.stated_data import LONGEST_PATTERN

if TYPE_CHECKING:
    from pooledcare.kernel.tabular import InputTable, Sheet
    from pooledcare.uploads.kinds import LayoutColumns, UploadKind

LEFT_OUT = "Left out by decision"
_LEFT_OUT_REASON = "Whoever described the file decided that these rows are not of bodies"


def stated_layout(
    decisions: Decisions, table: InputTable, kind: UploadKind, *, title: str, publisher: str = "", summary: str = ""
) -> dict[str, Any]:
    """The layout as data for `layouts.profile_from`, which can be stored as JSON.

    All patterns are literal texts of the file, in which a financial year may stand for any year. The year that the
    sender states is not part of the layout: it is stated with each file (`Upload.financial_year`).

    Raises `Refused` if the decisions are not complete or contradict the file: no unit, no column of bodies, and so on.
    """
    return _Layout(decisions, table, kind).stated(title, publisher, summary)


class _Layout:
    def __init__(self, decisions: Decisions, table: InputTable, kind: UploadKind) -> None:
        assert kind.layout_columns is not None, "Only kinds with amounts have layouts."
        self.decisions = decisions
        self.kind = kind
        self.filled: LayoutColumns = kind.layout_columns
        names = Counter(sheet.name for sheet in table.sheets)
        self.table = table
        self.used: list[_Sheet] = []
        for decided in decisions.sheets:
            if decided.use:
                sheet = table.sheet(decided.name)
                if sheet is None or names[decided.name] > 1:
                    raise _incomplete(f"The file has no sheet “{decided.name}”", "Choose one of its sheets.")
                self.used.append(_Sheet(sheet, decided, decisions, self.filled, kind))

    def stated(self, title: str, publisher: str, summary: str) -> dict[str, Any]:
        if not self.used:
            raise _incomplete("No sheet is read", "Choose at least one sheet with figures.")
        if not self.decisions.unit_of_layout:
            raise _incomplete("The unit of the amounts is not decided", "State the unit, such as pounds or thousands.")
        sheets: list[dict[str, Any]] = []
        for sheet in self.used:
            stated = sheet.stated()
            names = [other.name for other in self.table.sheets]
            if sheet.sheet.name:
                stated["title"] = self._title(sheet, stated, names)
            if stated not in sheets:
                sheets.append(stated)
        data: dict[str, Any] = {
            "title": title,
            "publisher": publisher,
            "summary": summary,
            "source_title": title,
            "unit": self.decisions.unit_of_layout,
            "missing": list(self.decisions.missing),
            "defaults": {name: value for name, value in self.decisions.values.items() if value},
            "sheets": sheets,
        }
        if year := self._title_year():
            data["year"] = year
        for name in ("decimals", "broken_pounds"):
            if value := getattr(self.decisions, name):
                data[name] = value
        if self.decisions.rounds:
            data["rounds"] = True
        if self.decisions.names:
            data["names"] = dict(self.decisions.names)
        return data

    def _title(self, sheet: _Sheet, stated: dict[str, Any], names: list[str]) -> str:
        """The pattern for the name of a sheet. Its year may be any, unless another sheet that differs would fit too."""
        own = sheet.sheet.name
        found = years_in(own)
        if len(found) != 1 or found[0].year not in sheet.years:
            return literal(own)
        general = literal(own, found[0].year)
        fitting = [name for name in names if pattern(general).fullmatch(name)]
        alike = [
            other
            for other in self.used
            if other.sheet.name in fitting and {**other.stated(), "title": ""} == {**stated, "title": ""}
        ]
        return general if len(alike) == len(fitting) else literal(own)

    def _title_year(self) -> str:
        """The pattern for a title above the headings that states the year of the file; empty if there is none."""
        for sheet in self.used:
            if text := sheet.title_with_year:
                return literal(text, years_in(text)[0].year)
        return ""


@dataclass
class _Sheet:
    """One sheet that is read, and what was decided about it."""

    sheet: Sheet
    decided: SheetDecisions
    decisions: Decisions
    filled: LayoutColumns
    kind: UploadKind

    # ── What is in the file ──────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def rows(self) -> dict[int, list[str]]:
        return dict(self.sheet.head(MOST_ROWS))

    @cached_property
    def headings(self) -> list[str]:
        head = [(number, row) for number, row in self.rows.items() if number <= HEAD_ROWS]
        for number, headings in headings_of_rows(head, self.decided.header_rows):
            if number == self.decided.header_row:
                return headings
        raise _incomplete(
            f"Row {self.decided.header_row} cannot be the row of headings",
            f"Choose a row among the first {HEAD_ROWS} that has headings.",
            Where(self.sheet.name or None, self.decided.header_row),
        )

    def heading(self, index: int) -> str:
        return self.headings[index] if index < len(self.headings) else ""

    def text(self, row: int, index: int) -> str:
        cells = self.rows.get(row, [])
        return squeezed(cells[index]) if index < len(cells) else ""

    def of_role(self, role: Role) -> list[ColumnDecision]:
        return [column for column in self.decided.columns if column.role is role]

    @cached_property
    def amounts(self) -> list[ColumnDecision]:
        found = self.of_role(Role.AMOUNT)
        if not found:
            raise self._incomplete("No column of amounts is read", "Choose at least one, or do not use the sheet.")
        return found

    @cached_property
    def marking(self) -> ColumnDecision:
        """The column that says which body a row is about: that of codes, or else that of names."""
        found = self.of_role(Role.CODE) or self.of_role(Role.NAME)
        if len(found) != 1:
            message = "No column says which body a row is about" if not found else "Two columns say which body it is"
            raise self._incomplete(message, "Choose one column of codes, or one of names.")
        return found[0]

    @cached_property
    def years(self) -> set[str]:
        return {year for column in self.amounts if (year := self._year(column))}

    def _year(self, column: ColumnDecision) -> str:
        return column.values.get(self.filled.year, "") or self.decisions.year

    @cached_property
    def title_with_year(self) -> str:
        """A text above the headings that states the one year of the columns whose headings do not state it."""
        unsaid = {
            self._year(column)
            for column in self.amounts
            if not self._says_its_year(column) and not self._is_of_sheet_name(column)
        }
        if len(unsaid) != 1:
            return ""
        first = self.decided.header_row - self.decided.header_rows + 1
        texts = [squeezed(cell) for number, row in self.rows.items() if number < first for cell in row]
        with_year = [text for text in texts if years_in(text)]
        if {one.year for text in with_year for one in years_in(text)} != unsaid:
            return ""
        return next((text for text in with_year if len(years_in(text)) == 1 and len(text) * 2 < LONGEST_PATTERN), "")

    def _says_its_year(self, column: ColumnDecision) -> bool:
        found = years_in(self.heading(column.index))
        return len(found) == 1 and found[0].year == self._year(column)

    def _is_of_sheet_name(self, column: ColumnDecision) -> bool:
        found = years_in(self.sheet.name)
        return len(found) == 1 and found[0].year == self._year(column)

    @cached_property
    def has_repeated(self) -> bool:
        """Whether a heading that is needed stands more than once, or is blank."""
        counts = Counter(heading.casefold() for heading in self.headings)
        needed = [column for column in self.decided.columns if column.role is not Role.NOT_READ]
        return any(not self.heading(each.index) or counts[self.heading(each.index).casefold()] > 1 for each in needed)

    # ── The data ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def stated(self) -> dict[str, Any]:
        data: dict[str, Any] = {"to_the_end": True}
        if self.decided.header_rows != 1:
            data["heading_rows"] = self.decided.header_rows
        is_by_name = self.marking.role is Role.NAME
        letters = {}
        if is_by_name and self.decided.family:
            data["family"] = self.decided.family
        names = [self.marking] if is_by_name else self.of_role(Role.NAME)[:1]
        for which, columns in (("code", [] if is_by_name else [self.marking]), ("name", names)):
            for column in columns:
                data[which] = literal(self.heading(column.index))
                letters[which] = column_letter(column.index)
        if self.has_repeated:
            data["letters"] = letters
            data["whole_row"] = self._whole_row()
        figures: list[dict[str, Any]] = []
        for column in self.amounts:
            if (one := self._figures(column)) not in figures:
                figures.append(one)
        data["figures"] = figures
        if values := {column.fills: self._row_value(column) for column in self.of_role(Role.VALUE)}:
            data["row_values"] = values
        if not_read := self._not_read():
            data["not_read"] = not_read
        data["totals"] = [self._rule(row, is_total=True) for row in self.decided.total_rows]
        data["rows_left_out"] = [self._rule(row, is_total=False) for row in self.decided.rows_left_out]
        return data

    def _whole_row(self) -> list[str]:
        width = max(index for index, heading in enumerate(self.headings) if heading) + 1
        return [literal(heading, self._any_year(index)) for index, heading in enumerate(self.headings[:width])]

    def _any_year(self, index: int) -> str:
        """The year of a heading for which any may stand; empty if it has none, or several."""
        found = years_in(self.heading(index))
        return found[0].year if len(found) == 1 else ""

    def _row_value(self, column: ColumnDecision) -> str:
        if column.fills not in self.filled.names:
            raise self._incomplete(f"Column {column_letter(column.index)} fills nothing", "Say what its cells state.")
        if self.has_repeated and self.headings.count(self.heading(column.index)) > 1:
            raise self._incomplete(
                f"The heading of column {column_letter(column.index)} stands more than once", "Do not read the column."
            )
        return literal(self.heading(column.index))

    def _figures(self, column: ColumnDecision) -> dict[str, Any]:
        stated: dict[str, Any] = {"heading": self._heading_pattern(column)}
        if self.has_repeated:
            stated["letter"] = column_letter(column.index)
        stated.update({name: value for name, value in column.values.items() if value and name != self.filled.year})
        if column.unit not in ("", self.decisions.unit_of_layout):
            stated["unit"] = column.unit
        self._check_values(column)
        by_rows = {each.fills for each in self.of_role(Role.VALUE)}
        if self.filled.year not in by_rows and "(?P<year>" not in stated["heading"]:
            stated.update(self._stated_year(column))
        return stated

    def _check_values(self, column: ColumnDecision) -> None:
        """Raise `Refused` if a column lacks a value that the kind needs, or has one that it does not know."""
        by_rows = {each.fills for each in self.of_role(Role.VALUE)}
        for wanted in self.kind.columns:
            name = wanted.heading
            if name not in self.filled.names or wanted.choices is None:
                continue
            value = column.values.get(name) or self.decisions.values.get(name, "")
            if value and value not in {known for known, _ in wanted.choices()}:
                raise self._incomplete(f"“{value}” is no {wanted.label.lower()}", "Choose one of the list.", column)
            if not value and wanted.required and name not in by_rows:
                raise self._incomplete(
                    f"Nothing says the {wanted.label.lower()} of this column", "Choose it for the column.", column
                )

    def _heading_pattern(self, column: ColumnDecision) -> str:
        """The pattern of the heading of a column. Its year may be any, unless another column would fit too."""
        heading, year = self.heading(column.index), self._year(column)
        if not self._says_its_year(column):
            return literal(heading)
        general = literal(heading, year)
        alike = self._but_for_year(column)
        for index, other in enumerate(self.headings):
            if index == column.index or pattern(general).fullmatch(other) is None:
                continue
            twin = next((each for each in self.amounts if each.index == index), None)
            if twin is None or self._but_for_year(twin) != alike or not self._says_its_year(twin):
                return literal(heading)
        return general

    def _but_for_year(self, column: ColumnDecision) -> dict[str, str]:
        """What the figures of a column are, without their year."""
        return {**column.values, self.filled.year: "", "unit": column.unit or self.decisions.unit}

    def _stated_year(self, column: ColumnDecision) -> dict[str, str]:
        """The year of a column as the layout states it: nothing if title, sheet or sender say it, or fixed, or counted
        from the year of the file."""
        year = self._year(column)
        if not year:
            raise self._incomplete("Nothing says the year of this column", "State the year of the file.", column)
        if self._says_its_year(column):
            return {self.filled.year: year}
        if self._is_of_sheet_name(column) or self.title_with_year:
            return {}
        if not self.decisions.year:
            raise self._incomplete(
                "The year of this column is not in the file", "State the financial year of the whole file.", column
            )
        offset = FinancialYear.parse(year).start - FinancialYear.parse(self.decisions.year).start
        return {self.filled.year: f"{offset:+d}"} if offset else {}

    def _not_read(self) -> list[dict[str, str]]:
        """The columns with a heading that are not read, so that their sums are shown."""
        read = {column.index for column in self.decided.columns if column.role is not Role.NOT_READ}
        patterns = [pattern(self._heading_pattern(column)) for column in self.amounts]
        found: dict[str, str] = {}
        for index, heading in enumerate(self.headings):
            is_read = index in read or any(each.fullmatch(heading) for each in patterns)
            if heading and not is_read and len(heading) * 2 < LONGEST_PATTERN:
                found.setdefault(literal(heading, self._any_year(index)), heading)
        return [{"heading": heading, "reason": "Not chosen by whoever described the file"} for heading in found]

    def _rule(self, row: int, *, is_total: bool) -> dict[str, Any]:
        """The rule for a row that is a total or left out: by its text, or by its figures if it has no text."""
        if row not in self.rows or row <= self.decided.header_row:
            raise self._incomplete(f"Row {row} is not one of the rows below the headings", "Choose another row.")
        names = [column for column in self.of_role(Role.NAME) if column.index != self.marking.index]
        labelled = [column for column in (self.marking, *names) if self.text(row, column.index)]
        column = labelled[0] if labelled else self.marking
        text = self.text(row, column.index)
        rule: dict[str, Any] = {"column": literal(self.heading(column.index)), "text": literal(text)}
        if is_total:
            if not text:
                rule["is_sum"] = True
            return rule
        rule |= {"label": LEFT_OUT, "reason": _LEFT_OUT_REASON}
        alike = [
            other
            for other in self.rows
            if other > self.decided.header_row and self.text(other, column.index).casefold() == text.casefold()
        ]
        if not text or set(alike) - set(self.decided.rows_left_out):
            rule["row"] = row
        return rule

    def _incomplete(self, message: str, fix: str, column: ColumnDecision | None = None) -> Refused:
        letter = column_letter(column.index) if column is not None else None
        heading = self.heading(column.index) if column is not None else None
        row = self.decided.header_row if column is not None else None
        return _incomplete(message, fix, Where(self.sheet.name or None, row, letter, heading))


def _incomplete(message: str, fix: str, where: Where | None = None) -> Refused:
    return Refused([Problem("LAYOUT_INCOMPLETE", message, where, None, fix)])
