"""How the reader of a page chose to see its tables: sorted by a column, and with amounts in £, £000 or £m.

The choices are query parameters, so that an address shows a page as its reader saw it. `sort` names a table and the
number of a column, such as `streams.2`, or `-streams.2` for the largest first. `unit` is pounds, thousands or millions.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from django.core.exceptions import BadRequest
from django.http import HttpRequest, QueryDict

from pooledcare.kernel.tables import NUMERIC_FORMATS, Cell, Column, ColumnFormat, Table

SORT, UNIT = "sort", "unit"
UNITS: dict[str, tuple[str, ColumnFormat]] = {
    "pounds": ("£", "pounds_whole"),
    "thousands": ("£000", "thousands"),
    "millions": ("£m", "millions"),
}
# The position in a list has no meaning in another order.
_NOT_KEPT = (SORT, "after", "before", "format", "table")
_SORT = re.compile(r"(-?)([a-z0-9][a-z0-9-]{0,79})\.([0-9]{1,2})", re.ASCII)


@dataclass(frozen=True)
class Unit:
    """A unit that can be chosen: its name in words, the address of the page with it, and whether it is chosen now."""

    label: str
    url: str
    is_chosen: bool


@dataclass(frozen=True)
class Sort:
    """The chosen order: the key of a table, the number of a column from 0, and whether the largest comes first."""

    key: str
    column: int
    is_descending: bool


def chosen_sort(request: HttpRequest) -> Sort | None:
    """The order that the address asks for. Raises BadRequest for one that cannot be read."""
    given = request.GET.get(SORT)
    if given is None:
        return None
    match = _SORT.fullmatch(given)
    if match is None:
        raise BadRequest("A table is sorted by the name of the table and the number of a column, like “streams.2”.")
    return Sort(match[2], int(match[3]), is_descending=match[1] == "-")


def sorts(request: HttpRequest, key: str) -> bool:
    """Whether the address asks for an order of this table: a list that comes in pages is then shown whole."""
    sort = chosen_sort(request)
    return sort is not None and sort.key == key


def chosen_field(request: HttpRequest, key: str, fields: Mapping[int, str]) -> tuple[str, bool] | None:
    """The field by which the database sorts a long list, and whether the largest comes first; None if none is chosen.

    `fields` are the columns that the list can be sorted by. Raises BadRequest for any other.
    """
    sort = chosen_sort(request)
    if sort is None:
        return None
    if sort.key != key or sort.column not in fields:
        raise BadRequest("This list is not sorted by that column. The headings that are links sort it.")
    return fields[sort.column], sort.is_descending


def chosen_unit(request: HttpRequest) -> str:
    """pounds, thousands or millions. Raises BadRequest for anything else."""
    given = request.GET.get(UNIT, "pounds")
    if given not in UNITS:
        raise BadRequest("Amounts are shown in pounds, thousands or millions.")
    return given


def units(request: HttpRequest) -> list[Unit]:
    """The units to choose from, each with the address of the page in that unit."""
    chosen = chosen_unit(request)
    return [Unit(label, _with(request.GET, UNIT, name), name == chosen) for name, (label, _) in UNITS.items()]


def unit_context(request: HttpRequest) -> dict[str, Any]:
    """What a template needs for the choice of a unit: `units`, `is_rounded`, and what a filter keeps of the address."""
    chosen = chosen_unit(request)
    return {
        "units": units(request),
        "is_rounded": chosen != "pounds",
        "kept": {UNIT: chosen} if UNIT in request.GET else {},
    }


def sorted_table(request: HttpRequest, table: Table) -> Table:
    """The table in the order that the address asks for, with a link in each heading that sorts by its column.

    Missing values come last in both orders; sums stay at the end. Raises BadRequest for a column that is not there.
    """
    sort = chosen_sort(request)
    rows = table.rows
    if sort is not None and sort.key == table.key:
        if sort.column >= len(table.columns):
            raise BadRequest(f"The table “{table.caption}” has no column {sort.column}.")
        rows = in_order(rows, sort.column, is_descending=sort.is_descending)
    return replace(with_sort_links(request, table), rows=rows)


def with_sort_links(request: HttpRequest, table: Table, columns: Collection[int] | None = None) -> Table:
    """The table with links in the headings of these columns, or of all; its rows are in the chosen order already."""
    sort = chosen_sort(request)
    return replace(
        table,
        columns=[
            _sortable(request, table, index, column, sort) if columns is None or index in columns else column
            for index, column in enumerate(table.columns)
        ],
    )


def in_order(rows: Sequence[Sequence[Cell]], column: int, *, is_descending: bool) -> list[Sequence[Cell]]:
    """The rows by the values of a column; numbers by size, words by letters. Rows without a value come last."""
    known = [row for row in rows if _value(row[column]) not in (None, "")]
    missing = [row for row in rows if _value(row[column]) in (None, "")]
    return [*sorted(known, key=lambda row: _comparable(_value(row[column])), reverse=is_descending), *missing]


def _sortable(request: HttpRequest, table: Table, index: int, column: Column, sort: Sort | None) -> Column:
    is_chosen = sort is not None and (sort.key, sort.column) == (table.key, index)
    is_number = column.format in NUMERIC_FORMATS
    descends_next = not sort.is_descending if is_chosen and sort is not None else is_number
    name = f"{'-' if descends_next else ''}{table.key}.{index}"
    state: Literal["ascending", "descending"] | None = None
    if is_chosen and sort is not None:
        state = "descending" if sort.is_descending else "ascending"
    return replace(column, sort_url=f"{_with(request.GET, SORT, name)}#table-{table.key}", sorted=state)


def in_unit(request: HttpRequest, table: Table) -> Table:
    """The table with its whole pounds in the chosen unit, which its headings say. The amounts themselves stay exact."""
    unit = chosen_unit(request)
    if unit == "pounds":
        return table
    sign, format_ = UNITS[unit]
    columns = [
        replace(column, label=f"{column.label} ({sign})", format=format_) if column.format == "pounds_whole" else column
        for column in table.columns
    ]
    return replace(table, columns=columns)


def as_chosen(request: HttpRequest, table: Table) -> Table:
    """The table as its reader chose to see it on the page, with its amounts beside the first column.

    Columns are numbered as in its file, where they keep their order.
    """
    return in_unit(request, sorted_table(request, table)).amounts_second()


def _with(parameters: QueryDict, name: str, value: str) -> str:
    kept = parameters.copy()
    for old in (*_NOT_KEPT, name) if name == SORT else (name, "format", "table"):
        kept.pop(old, None)
    kept[name] = value
    return f"?{kept.urlencode()}"


def _value(cell: Cell) -> Any:
    return cell["value"] if isinstance(cell, dict) else cell


def _comparable(value: Any) -> tuple[int, Any]:
    """Numbers before days before words, so that a column of several kinds has an order."""
    if isinstance(value, int | Decimal):
        return 0, Decimal(value)
    if hasattr(value, "isoformat"):
        return 1, value.isoformat()
    return 2, str(value).casefold()
