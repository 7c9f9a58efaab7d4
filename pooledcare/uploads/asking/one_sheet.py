"""The form for how one sheet is read: its headings, what each column is, and which rows are no bodies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django import forms

from pooledcare.directory.bodies import FAMILIES
from pooledcare.kernel.fields import CheckboxField, RadiosField, SelectField, TextField
from pooledcare.kernel.formats import pounds
from pooledcare.uploads.proposals import (
    ColumnDecision,
    Decisions,
    Proposal,
    ProposedColumn,
    ProposedRow,
    ProposedSheet,
    Role,
    SheetDecisions,
    answered,
)

ROLES = {
    Role.NOT_READ: "not read",
    Role.CODE: "codes of bodies",
    Role.NAME: "names of bodies",
    Role.AMOUNT: "amounts",
}
UNITS = (("1", "pounds"), ("1000", "thousands of pounds (£000, £k)"), ("1000000", "millions of pounds (£m)"))
_ROWS = re.compile(r"([0-9]{1,7})(?:\s*[-–]\s*([0-9]{1,7}))?")
MOST_ROWS = 4_000


@dataclass(frozen=True)
class ColumnFields:
    """One column as the page shows it: what was found, the field for what it is, and those for what its amounts are."""

    column: ProposedColumn
    sum: str
    role: Any
    values: list[Any]


class SheetForm(forms.Form):
    """Asks how one sheet is read, with what is proposed or was decided already filled in."""

    use = CheckboxField(label="Read this sheet", required=False)
    header_row = SelectField(label="The headings are in", missing="Select the row of the headings")
    header_rows = RadiosField(
        label="How many rows have headings?",
        choices=[("1", "One"), ("2", "Two: this one, and the one above it")],
        looks={"inline": True},
    )
    total_rows = TextField(label="Rows with totals", required=False, max_length=4_000)
    rows_left_out = TextField(label="Other rows to leave out", required=False, max_length=4_000)

    def __init__(
        self,
        *args: Any,
        proposal: Proposal,
        decisions: Decisions,
        sheet: ProposedSheet,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.proposal, self.decided, self.sheet = proposal, decisions, sheet
        self.before = decisions.sheet(sheet.name) or SheetDecisions(sheet.name, use=sheet.use)
        self._known = {column.index: column for column in self.before.columns}
        self.initial = {
            "use": self.before.use,
            "header_row": str(self.before.header_row),
            "header_rows": str(self.before.header_rows),
            "total_rows": rows_written(self.before.total_rows),
            "rows_left_out": rows_written(self.before.rows_left_out),
        }
        rows = {row.row: f"row {row.row}: {_first(row.cells)}" for row in sheet.head}
        rows.setdefault(self.before.header_row, f"row {self.before.header_row}")
        self.fields["header_row"].choices = [(str(row), text) for row, text in sorted(rows.items())]  # type: ignore[attr-defined]
        self.fields["header_row"].help_text = sheet.header_reason
        self.fields["total_rows"].help_text = _reasons(sheet.total_rows, "They are compared, and not read as figures.")
        self.fields["rows_left_out"].help_text = _reasons(sheet.rows_left_out, "Such as 50, or 50-55.")
        self._add_columns()
        self._add_family()

    def _add_columns(self) -> None:
        fills = [(f"fills:{value.name}", f"{value.label.lower()} of each row") for value in self.proposal.value_columns]
        roles = [*((role.value, text) for role, text in ROLES.items()), *fills]
        for column in self.sheet.columns:
            decided = self._known.get(column.index)
            chosen = Role.NOT_READ.value if decided is None else _role(decided)
            self.fields[f"role-{column.index}"] = SelectField(
                label=f"Column {column.letter} is", choices=roles, initial=chosen
            )
            if decided is not None and decided.role == Role.AMOUNT:
                self._add_values(column, decided)

    def _add_values(self, column: ProposedColumn, decided: ColumnDecision) -> None:
        more = [(decided.unit, f"£{decided.unit}")] if decided.unit and decided.unit not in dict(UNITS) else []
        self.fields[f"value-{column.index}-unit"] = SelectField(
            label=f"Amounts of column {column.letter} are in",
            required=False,
            choices=[("", "As for the whole file"), *UNITS, *more],
            initial=decided.unit,
        )
        for value in self.proposal.value_columns:
            name, given = f"value-{column.index}-{value.name}", decided.values.get(value.name, "")
            label = f"{value.label} of column {column.letter}"
            if value.options:
                choices = [("", "As for the whole file"), *((one.value, one.label) for one in value.options)]
                self.fields[name] = SelectField(label=label, required=False, choices=choices, initial=given)
            else:
                self.fields[name] = TextField(
                    label=label,
                    required=False,
                    max_length=20,
                    initial=given,
                    help_text="Empty: as for the whole file",
                    looks={"width": "10"},
                )

    def _add_family(self) -> None:
        if any(column.role == Role.NAME for column in self.before.columns):
            choices = [("", "Any body"), *FAMILIES.items()]
            self.fields["family"] = SelectField(label="The names are those of", required=False, choices=choices)
            self.initial["family"] = self.before.family

    def clean_total_rows(self) -> tuple[int, ...]:
        return self._rows("total_rows")

    def clean_rows_left_out(self) -> tuple[int, ...]:
        return self._rows("rows_left_out")

    def _rows(self, name: str) -> tuple[int, ...]:
        rows = rows_stated(self.cleaned_data[name])
        if rows is None:
            raise forms.ValidationError("Enter the numbers of rows, such as 46 or 50-55")
        return rows

    def decisions(self) -> Decisions:
        """All decisions so far, with those of this sheet as the form says. That its columns were seen is one too."""
        said = self.cleaned_data
        sheet = replace(
            self.before,
            use=said["use"],
            header_row=int(said["header_row"]),
            header_rows=int(said["header_rows"]),
            family=said.get("family", self.before.family),
            columns=tuple(self._columns()),
            total_rows=said["total_rows"],
            rows_left_out=said["rows_left_out"],
        )
        others = [sheet if one.name == sheet.name else one for one in self.decided.sheets]
        decided = replace(self.decided, sheets=tuple(others))
        for question in self.proposal.questions:
            if question.key == f"columns:{self.sheet.name}":
                decided = answered(decided, question, "yes")
        return decided

    def _columns(self) -> Iterator[ColumnDecision]:
        for column in self.sheet.columns:
            role, _, fills = self.cleaned_data[f"role-{column.index}"].partition(":")
            if role == "fills":
                yield ColumnDecision(column.index, Role.VALUE, fills=fills)
            elif role == Role.AMOUNT:
                unit = self.cleaned_data.get(f"value-{column.index}-unit", column.unit)
                yield ColumnDecision(column.index, Role.AMOUNT, self._values(column), unit=unit)
            elif role != Role.NOT_READ:
                yield ColumnDecision(column.index, Role(role))

    def _values(self, column: ProposedColumn) -> dict[str, str]:
        """The values of a column of amounts. Those of a column that was not one before are the proposed ones."""
        names = [value.name for value in self.proposal.value_columns]
        given = {name: self.cleaned_data.get(f"value-{column.index}-{name}", "") for name in names}
        if f"value-{column.index}-{names[0]}" not in self.fields:
            given = {name: column.values.get(name, "") for name in names}
        return {name: text.strip() for name, text in given.items() if text.strip()}

    def columns(self) -> list[ColumnFields]:
        """The columns with their fields, for the page."""
        return [
            ColumnFields(
                column,
                self._sum(column),
                self[f"role-{column.index}"],
                [self[name] for name in self.fields if name.startswith(f"value-{column.index}-")],
            )
            for column in self.sheet.columns
        ]

    def _sum(self, column: ProposedColumn) -> str:
        """The sum of the column's numbers: in pounds if the unit is known, or as they stand in the file."""
        if not column.sum:
            return ""
        amount = Decimal(column.sum)
        return pounds(amount) if self.proposal.unit or column.unit else f"{amount:,} in the file’s own unit"


def _role(decided: ColumnDecision) -> str:
    return f"fills:{decided.fills}" if decided.role == Role.VALUE else decided.role.value


def _first(cells: Sequence[str], longest: int = 60) -> str:
    text = ", ".join(cell for cell in cells if cell.strip())
    return f"{text[:longest]}…" if len(text) > longest else text or "blank"


def _reasons(rows: Iterable[ProposedRow], otherwise: str) -> str:
    said = [f"Row {row.row} “{row.label}”: {row.reason}." for row in rows]
    return " ".join([*said[:5], f"And {len(said) - 5} more."] if len(said) > 5 else said) or otherwise


def rows_written(rows: Iterable[int]) -> str:
    """
    >>> rows_written((46, 50, 51, 52))
    '46, 50-52'
    """
    spans: list[list[int]] = []
    for row in sorted(rows):
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


def rows_stated(text: str) -> tuple[int, ...] | None:
    """The numbers of rows that a text names; None if it cannot be read.

    >>> rows_stated("46, 50-52"), rows_stated(""), rows_stated("the last"), rows_stated("9-7")
    ((46, 50, 51, 52), (), None, None)
    """
    rows: list[int] = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        match = _ROWS.fullmatch(part)
        if match is None:
            return None
        first, last = int(match[1]), int(match[2] or match[1])
        if not 0 < first <= last or len(rows) + last - first >= MOST_ROWS:
            return None
        rows.extend(range(first, last + 1))
    return tuple(dict.fromkeys(rows))
