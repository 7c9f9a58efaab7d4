"""The tables of pages as CSV and Excel files: the same rows and words as on the page, with numbers as numbers."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.text import slugify

from pooledcare.kernel import tabular
from pooledcare.kernel.tables import NUMERIC_FORMATS, POUND_FORMATS, Cell, Column, Table
from pooledcare.kernel.tabular import SheetOut

FORMATS = {"csv": "CSV", "xlsx": "Excel"}
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NOT_KEPT = ("format", "table", "after", "before")


def wants_file(request: HttpRequest) -> bool:
    """Whether the request is for a file, which needs all rows of a long list, and not for a page."""
    return "format" in request.GET


def download(request: HttpRequest, tables: Sequence[Table], *, name: str) -> HttpResponseBase | None:
    """The file that the request asks for, or None if it asks for a page. Raises BadRequest for unknown ones."""
    if not wants_file(request):
        return None
    wanted = wanted_format(request)
    table = _wanted_table(request, tables)
    return file_of(table, wanted, filename=f"pooledcare-{slugify(name)}-{table.key}")


def wanted_format(request: HttpRequest) -> str:
    """The format that the request asks for, or else csv. Raises BadRequest for an unknown format."""
    wanted = request.GET.get("format", "csv")
    if wanted not in FORMATS:
        raise BadRequest("The format must be csv or xlsx.")
    return wanted


def file_of(
    table: Table, wanted: str, *, filename: str, rows: Iterable[Sequence[Cell]] | None = None
) -> HttpResponseBase:
    """The table as a file in one of the FORMATS; `filename` is without its extension.

    `rows` replace the rows of the table. They may be an iterator, for a plain file that is too long to hold in memory.
    """
    columns, lines = _columns(table), _rows(table, table.rows if rows is None else rows)
    if wanted == "csv":
        response: HttpResponseBase = StreamingHttpResponse(
            tabular.safe_csv(lines, columns, bom=True), content_type="text/csv; charset=utf-8"
        )
    else:
        response = HttpResponse(tabular.safe_xlsx([SheetOut(table.key, columns, lines)]), content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}.{wanted}"'
    return response


def _wanted_table(request: HttpRequest, tables: Sequence[Table]) -> Table:
    key = request.GET.get("table", tables[0].key if tables else "")
    for table in tables:
        if table.key == key:
            return table
    raise BadRequest(f"This page has no table “{key[:40]}”.")


def download_links(request: HttpRequest, table: Table, *, address: str = "") -> list[tuple[str, str]]:
    """Pairs of label and address, one for each format, with the filters of the page but not its page number or cursor.

    `address` is the address of the download if it is not that of the page.
    """
    links = []
    for format_, label in FORMATS.items():
        parameters = request.GET.copy()
        for name in _NOT_KEPT:
            parameters.pop(name, None)
        parameters["format"], parameters["table"] = format_, table.key
        links.append((label, f"{address}?{parameters.urlencode()}"))
    return links


def _columns(table: Table) -> list[tabular.FileColumn]:
    columns = [
        tabular.FileColumn(_heading(column), "number" if column.format in NUMERIC_FORMATS else _kind(column))
        for column in table.columns
        if column.in_file
    ]
    columns += [
        tabular.FileColumn(label, "number" if isinstance(value, int | Decimal) else "text")
        for label, value in table.context
    ]
    return [*columns, tabular.FileColumn("Notes")] if _has_notes(table) else columns


def _kind(column: Column) -> Any:
    return "date" if column.format == "date" else "text"


def _heading(column: Column) -> str:
    """The heading with its unit, because the cells of a file are plain numbers."""
    if column.format in POUND_FORMATS:
        return f"{column.label} (£)"
    return f"{column.label} (%)" if column.format == "percent" else column.label


def _rows(table: Table, rows: Iterable[Sequence[Cell]]) -> Iterator[list[Any]]:
    noted = _has_notes(table)
    for row in itertools.chain(rows, table.foot):
        kept = _in_file(row, table)
        cells = [_value(cell, column, plain=table.plain_file) for cell, column in kept]
        cells += [value for _, value in table.context]
        yield [*cells, _notes(kept)] if noted else cells


def _in_file(row: Sequence[Cell], table: Table) -> list[tuple[Cell, Column]]:
    """The cells of a row that are in files, each with its column."""
    return [(cell, column) for cell, column in zip(row, table.columns, strict=True) if column.in_file]


def _value(cell: Cell, column: Column, *, plain: bool) -> Any:
    """The value of a cell in a file. A missing value has the same words as on the page, never 0; a `plain` file leaves
    it empty."""
    whole = cell if isinstance(cell, dict) else {"value": cell}
    value = whole["value"]
    if value is None or value == "":
        return None if plain else whole.get("missing") or column.missing
    if column.format == "percent" and isinstance(value, Decimal):
        return (value * 100).quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN)
    return value


def _has_notes(table: Table) -> bool:
    if table.plain_file:
        return False
    return any(_notes(_in_file(row, table)) for row in itertools.chain(table.rows, table.foot))


def _notes(cells: Iterable[tuple[Cell, Column]]) -> str:
    """The notes of the cells, each with the heading of its column."""
    found = [f"{column.label}: {cell['note']}" for cell, column in cells if isinstance(cell, dict) and cell.get("note")]
    return "; ".join(found)
