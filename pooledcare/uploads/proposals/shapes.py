"""A proposal: how a file is probably meant, with the reason for each choice, and what only a person can decide.

All of it is plain data that can be stored as JSON (`as_json`, `from_json`). Rows are numbered as in a spreadsheet, and
columns by index from 0; `letter` is the column's letter. Sums are texts in pounds, such as 1234.50, or empty.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from pooledcare.uploads.proposals.json_data import JsonData


class Role(StrEnum):
    """What a column of a sheet is."""

    CODE = "code"  # the codes of the bodies
    NAME = "name"  # their names; read instead of codes where there are none
    AMOUNT = "amount"  # one figure for each body
    VALUE = "value"  # a column of the kind for each row, such as the year
    NOT_READ = "not_read"


@dataclass(frozen=True)
class Option(JsonData):
    value: str
    label: str


@dataclass(frozen=True)
class Question(JsonData):
    """Something that a person must decide, because the file leaves it open.

    `key` is unique in the proposal, and `sheet` empty if it concerns the whole file. Without `options` the answer is a
    text, such as a year. `suggested` is what the file makes likely, with its `reason`; it is taken only if
    `is_settled`, which means that the sender need only look at it. An empty answer counts only if `may_be_empty`.
    `cells` are the places to look at, such as C12.

    Give an answer with `answered(decisions, question, answer)`. Keys, and where the answer goes in `Decisions`:

    - `year`: `year`, such as 2025-26
    - `unit`: `unit`, the pounds in one unit, such as 1000
    - `decimals`: `decimals`, point or comma
    - `pounds`: `broken_pounds`, if the answer is yes
    - `rounds`: `rounds`, if the answer is yes
    - `value:NAME`: `values[NAME]`, for a column of the kind that is the same in the whole file
    - `bodies:SHEET`: which column names the bodies: its index
    - `family:SHEET`: `SheetDecisions.family`
    - `columns:SHEET`: nothing by `answered` but that it was confirmed: which columns are read, and as what, is in
      `SheetDecisions.columns`. The answer is `yes`.
    - `column:SHEET:INDEX:NAME`: the value NAME of one column of amounts, or `not_read`
    - `rows:SHEET:ROW,ROW`: two rows for one body, or with the same figures: the row to leave out, or `none`
    - `row:SHEET:ROW`: a row that may be a total: `total`, `body` or `left_out`
    - `names:SHEET`: `names`, filled directly; the answer is `yes`, once all of them are decided
    """

    key: str
    sheet: str
    text: str
    options: tuple[Option, ...] = ()
    suggested: str = ""
    reason: str = ""
    is_settled: bool = False
    may_be_empty: bool = False
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProposedColumn(JsonData):
    """`values` are those of the kind's columns, such as stream and financial_year, for a column of amounts.

    `fills` is the kind's column that the cells fill, for the role VALUE. `unit` is the pounds in one unit if heading or
    cells say it and the unit of the whole file is another one, or not known. `sum` is in pounds if a unit is known, and
    else in the file's own unit.
    """

    index: int
    letter: str
    heading: str
    role: Role
    reason: str
    values: dict[str, str] = field(default_factory=dict)
    fills: str = ""
    sum: str = ""
    numbers: int = 0
    is_hidden: bool = False
    unit: str = ""


@dataclass(frozen=True)
class ProposedRow(JsonData):
    """A row that is not a body's: a total, or a row to leave out."""

    row: int
    label: str
    reason: str


@dataclass(frozen=True)
class ProposedSheet(JsonData):
    """`head` are the first rows as (row number, cells), for showing them. `doubts` are sentences about what looks odd.

    `rows` is the number of rows of bodies, and `known` how many of their codes or names are known. `family` says which
    bodies are meant by names (`directory.bodies.FAMILIES`).
    """

    name: str
    use: bool
    reason: str
    header_row: int = 0
    header_rows: int = 1
    header_reason: str = ""
    columns: tuple[ProposedColumn, ...] = ()
    total_rows: tuple[ProposedRow, ...] = ()
    rows_left_out: tuple[ProposedRow, ...] = ()
    family: str = ""
    rows: int = 0
    known: int = 0
    doubts: tuple[str, ...] = ()
    head: tuple[HeadRow, ...] = ()
    is_hidden: bool = False


@dataclass(frozen=True)
class HeadRow(JsonData):
    row: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Marker(JsonData):
    """A text in cells of amounts that means “not reported”."""

    text: str
    cells: int
    reason: str


@dataclass(frozen=True)
class DoubtfulName(JsonData):
    """The name of a body that is not certain. `candidates` are codes and names of bodies that it may be."""

    sheet: str
    row: int
    cell: str
    text: str
    reason: str
    candidates: tuple[Option, ...] = ()


@dataclass(frozen=True)
class Nearest(JsonData):
    """The known layout that comes closest, or with `is_stated` the one by which the sender wanted the file to be read.

    `key` is the profile's key; `differences` are sentences.
    """

    key: str
    title: str
    edition: str
    differences: tuple[str, ...]
    is_stated: bool = False


@dataclass(frozen=True)
class ValueColumn(JsonData):
    """A column of the kind that a layout can fill for a whole column of amounts, with what it may hold.

    Without `options` it is the financial year.
    """

    name: str
    label: str
    required: bool
    options: tuple[Option, ...] = ()


@dataclass(frozen=True)
class Proposal(JsonData):
    """`unit` is the pounds in one unit, and `year` the year of the whole file; each empty if the file does not say."""

    sheets: tuple[ProposedSheet, ...]
    value_columns: tuple[ValueColumn, ...]
    unit: str = ""
    unit_reason: str = ""
    year: str = ""
    year_reason: str = ""
    values: dict[str, str] = field(default_factory=dict)
    markers: tuple[Marker, ...] = ()
    questions: tuple[Question, ...] = ()
    doubtful_names: tuple[DoubtfulName, ...] = ()
    nearest: Nearest | None = None
    # Why nothing can be read, such as that no column holds amounts; empty if something can.
    nothing: str = ""

    @property
    def has_figures(self) -> bool:
        return any(sheet.use for sheet in self.sheets)
