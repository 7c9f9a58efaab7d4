"""Lists as SQL. One declaration of columns, conditions and order gives pages, cursors and the whole list as CSV.

`documented` makes the documentation of the API from the same columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from django.db import connection

from pooledcare.kernel.rest.cursors import Cursor
from pooledcare.kernel.tabular import neutralise_sql


@dataclass(frozen=True, slots=True)
class ListingColumn:
    """One value of a row: its SQL expression, and how the API documents it.

    - `free`: text that people wrote, in which a CSV must neutralise formulas.
    - `file`: SQL for the value in a CSV if it differs from `sql`; `file_example` is an example of it.
    - `schema` and `example`: of the property in JSON. A column without a schema is only in the CSV.
    - `within`: the name of the JSON object in which the property is nested; empty if it is not.
    - `is_json`: `sql` gives JSON text, which is written as it is.
    """

    name: str
    sql: str
    free: bool = False
    file: str | None = None
    schema: Mapping[str, Any] | None = None
    example: Any = None
    file_example: str | None = None
    within: str = ""
    is_json: bool = False


@dataclass(frozen=True)
class Listing:
    """A query in parts. The expressions in `order` must together be unique, and none may be null.

    `values` are the parameters of `where`. `before` is SQL in front of the select, such as a WITH clause, and
    `before_values` are its parameters.
    """

    columns: tuple[ListingColumn, ...]
    tables: str
    order: tuple[str, ...]
    where: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    descending: bool = False
    before: str = ""
    before_values: tuple[Any, ...] = ()

    def schema_of(self, name: str) -> Mapping[str, Any] | None:
        """The schema of the column of this name. Raises StopIteration if there is no such column."""
        return next(column.schema for column in self.columns if column.name == name)

    def entry(self, row: Sequence[Any]) -> dict[str, Any]:
        """One row as JSON, with the columns that have a schema."""
        made: dict[str, Any] = {}
        for column, value in zip(self.columns, row, strict=True):
            if column.schema is not None:
                holder = made.setdefault(column.within, {}) if column.within else made
                holder[column.name] = orjson.Fragment(value) if column.is_json else value
        return made

    def named(self, row: Sequence[Any]) -> dict[str, Any]:
        """The values of a row by column name, including columns that are only in the CSV."""
        return dict(zip((column.name for column in self.columns), row, strict=True))

    def narrowed(self, condition: str, *values: Any) -> Listing:
        """The same list with one more condition."""
        return replace(self, where=(*self.where, condition), values=(*self.values, *values))

    def page(self, size: int, cursor: Cursor | None = None) -> Page:
        """Up to `size` rows after or before the cursor. Reads one more, to know whether there is another page."""
        backwards = cursor is not None and cursor.backwards
        falling = self.descending != backwards
        where, values = list(self.where), list(self.values)
        if cursor is not None:
            marks = ", ".join(["%s"] * len(self.order))
            where.append(f"({', '.join(self.order)}) {'<' if falling else '>'} ({marks})")
            values.extend(cursor.key)
        sort = ", ".join(f"{term}{' desc' if falling else ''}" for term in self.order)
        statement = f"{self._select(self._expressions())} {_condition(where)} order by {sort} limit {size + 1}"
        with connection.cursor() as database:
            database.execute(statement, [*self.before_values, *values])
            rows = database.fetchall()
        return self._page(rows, size, cursor)

    def _page(self, rows: list[tuple[Any, ...]], size: int, cursor: Cursor | None) -> Page:
        backwards = cursor is not None and cursor.backwards
        more, rows = len(rows) > size, rows[:size]
        if backwards:
            rows.reverse()
        width = len(self.columns)
        first = rows[0][width:] if rows else None
        last = rows[-1][width:] if rows else None
        follows, precedes = (True, more) if backwards else (more, cursor is not None)
        return Page(
            rows=[row[:width] for row in rows],
            next=Cursor(last) if last is not None and follows else None,
            previous=Cursor(first, backwards=True) if first is not None and precedes else None,
        )

    def one(self) -> tuple[Any, ...] | None:
        """The first row that meets the conditions, or None."""
        page = self.page(1)
        return page.rows[0] if page.rows else None

    def export(self) -> tuple[str, list[Any]]:
        """The select statement for the whole list as CSV, in the same order, and its parameters."""
        sort = ", ".join(f"{term}{' desc' if self.descending else ''}" for term in self.order)
        columns = [f'{_for_file(column)} as "{column.name}"' for column in self.columns]
        statement = f"{self._select(columns)} {_condition(self.where)} order by {sort}"
        return statement, [*self.before_values, *self.values]

    def _expressions(self) -> list[str]:
        return [*(column.sql for column in self.columns), *self.order]

    def _select(self, expressions: Sequence[str]) -> str:
        return f"{self.before} select {', '.join(expressions)} from {self.tables}"  # noqa: S608  fixed text of ours


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page, and the cursors of the next and previous pages if there are any."""

    rows: list[tuple[Any, ...]]
    next: Cursor | None
    previous: Cursor | None


def _condition(where: Sequence[str]) -> str:
    return f"where {' and '.join(where)}" if where else ""


def _for_file(column: ListingColumn) -> str:
    expression = column.file or column.sql
    return neutralise_sql(expression) if column.free else expression


def iso_moment(expression: str) -> str:
    """SQL for a timestamp as ISO 8601 in UTC, for columns of a CSV."""
    return f"""to_char({expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


def moment(name: str, sql: str, **documented: Any) -> ListingColumn:
    """A column of timestamps as ISO 8601; a CSV always has six decimals of a second."""
    example = documented.get("example")
    cell = example.replace("Z", ".000000Z") if example else None
    return ListingColumn(name, sql, file=iso_moment(sql), file_example=cell, **documented)


def flag(name: str, sql: str, **documented: Any) -> ListingColumn:
    """A column of true and false."""
    return ListingColumn(name, sql, file=f"({sql})::text", **documented)


def several(
    name: str, sql: str, *, items: Mapping[str, Any], example: Sequence[str], description: str = ""
) -> ListingColumn:
    """A column of codes, each with the schema `items`: a list in JSON, and separated by spaces in a CSV."""
    schema: dict[str, Any] = {"type": "array", "items": items}
    if description:
        schema["description"] = description
    cell = " ".join(example)
    return ListingColumn(
        name, sql, file=f"array_to_string({sql}, ' ')", schema=schema, example=example, file_example=cell
    )
