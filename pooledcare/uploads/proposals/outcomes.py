"""What a layout reads from a file: figures, bodies, sums beside the publisher's own totals, and what is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pooledcare.uploads.proposals.json_data import JsonData

if TYPE_CHECKING:
    from pooledcare.directory.bodies import Bodies
    from pooledcare.kernel.tabular import InputTable
    from pooledcare.uploads.kinds import UploadKind
    from pooledcare.uploads.layouts import Profile


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
    raise NotImplementedError
