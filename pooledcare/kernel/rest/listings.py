"""Lists as SQL: one declaration of columns, filters and order gives the page, its neighbours and the whole as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from pooledcare.kernel.rest.cursors import Cursor
from pooledcare.kernel.tabular import neutralise_sql


@dataclass(frozen=True, slots=True)
class ListingColumn:
    """One value of a row. `free` text is written by people, so a spreadsheet could run it; the rest follows a grammar.

    `file` is what stands in a CSV instead, for columns that are nested in JSON.
    """

    name: str
    sql: str
    free: bool = False
    file: str | None = None


@dataclass(frozen=True)
class Listing:
    """A query in parts. `order` names SQL expressions that together are unique and never null."""

    columns: tuple[ListingColumn, ...]
    tables: str
    order: tuple[str, ...]
    where: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    descending: bool = False
    before: str = ""
    before_values: tuple[Any, ...] = ()

    def narrowed(self, condition: str, *values: Any) -> Listing:
        """The same list with one more condition."""
        return replace(self, where=(*self.where, condition), values=(*self.values, *values))

    def page(self, size: int, cursor: Cursor | None = None) -> Page:
        """Up to `size` rows beside the cursor. One row more is read, to know whether another page follows."""
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
        """The single row that the conditions leave, if there is one."""
        page = self.page(1)
        return page.rows[0] if page.rows else None

    def export(self) -> tuple[str, list[Any]]:
        """The statement that writes the whole list as CSV, in the same order, and its values."""
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
    """The rows of one page, and the cursors of its neighbours."""

    rows: list[tuple[Any, ...]]
    next: Cursor | None
    previous: Cursor | None


def _condition(where: Sequence[str]) -> str:
    return f"where {' and '.join(where)}" if where else ""


def _for_file(column: ListingColumn) -> str:
    expression = column.file or column.sql
    return neutralise_sql(expression) if column.free else expression


def iso_moment(expression: str) -> str:
    """A moment as ISO 8601 in UTC, for columns of a CSV."""
    return f"""to_char({expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
