"""What a person has decided about a file with an unknown layout. Plain data, stored with the upload."""

from __future__ import annotations

from dataclasses import dataclass, field

from pooledcare.uploads.proposals.json_data import JsonData
from pooledcare.uploads.proposals.shapes import Role


@dataclass(frozen=True)
class ColumnDecision(JsonData):
    """What one column is. `values` are those of the kind's columns for a column of amounts: stream, financial_year …

    A value that is missing is the one of the whole file (`Decisions.values`, `Decisions.year`). So is the `unit` of a
    column of amounts, the pounds in one unit, if it is empty (`Decisions.unit`).
    """

    index: int
    role: Role
    values: dict[str, str] = field(default_factory=dict)
    fills: str = ""
    unit: str = ""


@dataclass(frozen=True)
class SheetDecisions(JsonData):
    """`header_row` is the last row of the headings, of which there are `header_rows` (1 or 2).

    Columns that are not listed are not read. `rows_left_out` are rows of neither bodies nor totals. `family` says which
    bodies are meant by names, such as council or ccg (`directory.bodies.FAMILIES`); empty if any.
    """

    name: str
    use: bool
    header_row: int = 1
    header_rows: int = 1
    family: str = ""
    columns: tuple[ColumnDecision, ...] = ()
    total_rows: tuple[int, ...] = ()
    rows_left_out: tuple[int, ...] = ()


@dataclass(frozen=True)
class Decisions(JsonData):
    """`unit`, `year`, `decimals` (point or comma) and `published_on` (2025-03-14) are empty until decided.

    `missing` are the markers for “not reported”; the empty text means that a blank cell is not reported.
    `broken_pounds` are the characters in front of amounts that stand for a broken pound sign. With `rounds`, amounts in
    pounds with parts of a penny are rounded to the penny. `names` says for each
    doubtful name the code of the body, or nothing if its rows are left out. `answers` are the answers to questions by
    their keys.
    """

    sheets: tuple[SheetDecisions, ...]
    unit: str = ""
    year: str = ""
    values: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    decimals: str = ""
    broken_pounds: str = ""
    rounds: bool = False
    published_on: str = ""
    names: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)

    def amounts(self) -> list[ColumnDecision]:
        """The columns of amounts of all sheets that are read."""
        return [column for sheet in self.sheets if sheet.use for column in sheet.columns if column.role is Role.AMOUNT]

    @property
    def unit_of_layout(self) -> str:
        """The unit that the layout states for the whole file; empty if a column of amounts has none."""
        units = [column.unit or self.unit for column in self.amounts()]
        return (self.unit or units[0]) if units and all(units) else ""

    def sheet(self, name: str) -> SheetDecisions | None:
        return next((sheet for sheet in self.sheets if sheet.name == name), None)
