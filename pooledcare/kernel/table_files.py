"""Tables as they stand on a page, as CSV and Excel: the same rows, words and gaps, numbers as numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.text import slugify

from pooledcare.kernel import tabular
from pooledcare.kernel.tables import Cell, Column, Table
from pooledcare.kernel.tabular import SheetOut

FORMATS = {"csv": "CSV", "xlsx": "Excel"}
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_POUNDS = frozenset({"pounds", "pounds_whole", "pounds_short", "change"})
_NUMBERS = _POUNDS | {"number", "percent"}
_NOT_KEPT = ("format", "table", "after", "before")


def wants_file(request: HttpRequest) -> bool:
    """Whether the address asks for a file, so that long lists are read whole for files only."""
    return "format" in request.GET


def download(request: HttpRequest, tables: Sequence[Table], *, name: str) -> HttpResponseBase | None:
    """The table that the address asks for as a file; None when it asks for a page. An unknown wish is a bad request."""
    wanted = request.GET.get("format")
    if wanted is None:
        return None
    if wanted not in FORMATS:
        raise BadRequest("The format must be csv or xlsx.")
    table = _wanted_table(request, tables)
    response = file_of(table, wanted, sheet=table.key)
    filename = f"pooledcare-{slugify(name)}-{table.key}.{wanted}"
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def file_of(table: Table, wanted: str, *, sheet: str) -> HttpResponseBase:
    """The table as a file of one of `FORMATS`, still without a name; `sheet` is the name of the sheet in a workbook."""
    if wanted == "csv":
        content = tabular.safe_csv(_rows(table), _columns(table), bom=True)
        return StreamingHttpResponse(content, content_type=CSV)
    return HttpResponse(tabular.safe_xlsx([SheetOut(sheet, _columns(table), _rows(table))]), content_type=XLSX)


def _wanted_table(request: HttpRequest, tables: Sequence[Table]) -> Table:
    key = request.GET.get("table", tables[0].key if tables else "")
    for table in tables:
        if table.key == key:
            return table
    raise BadRequest(f"This page has no table “{key[:40]}”.")


def download_links(request: HttpRequest, table: Table) -> list[tuple[str, str]]:
    """Pairs of label and address: this address with its filters, without the place in a long list."""
    links = []
    for format_, label in FORMATS.items():
        parameters = request.GET.copy()
        for name in _NOT_KEPT:
            parameters.pop(name, None)
        parameters["format"], parameters["table"] = format_, table.key
        links.append((label, f"?{parameters.urlencode()}"))
    return links


def _columns(table: Table) -> list[tabular.FileColumn]:
    columns = [
        tabular.FileColumn(_heading(column), "number" if column.format in _NUMBERS else _kind(column))
        for column in table.columns
    ]
    columns += [
        tabular.FileColumn(label, "number" if isinstance(value, int | Decimal) else "text")
        for label, value in table.context
    ]
    return [*columns, tabular.FileColumn("Notes")] if _has_notes(table) else columns


def _kind(column: Column) -> Any:
    return "date" if column.format == "date" else "text"


def _heading(column: Column) -> str:
    """Units stand in the heading, where cells are bare numbers."""
    if column.format in _POUNDS:
        return f"{column.label} (£)"
    return f"{column.label} (%)" if column.format == "percent" else column.label


def _rows(table: Table) -> Iterator[list[Any]]:
    noted = _has_notes(table)
    for row in [*table.rows, *table.foot]:
        cells = [_value(cell, column) for cell, column in zip(row, table.columns, strict=True)]
        cells += [value for _, value in table.context]
        yield [*cells, _notes(row, table.columns)] if noted else cells


def _value(cell: Cell, column: Column) -> Any:
    """What the page shows, but for separators and signs: a gap says what the page says there, never 0."""
    whole = cell if isinstance(cell, dict) else {"value": cell}
    value = whole["value"]
    if value is None or value == "":
        return whole.get("missing") or column.missing
    if column.format == "percent" and isinstance(value, Decimal):
        return (value * 100).quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN)
    return value


def _has_notes(table: Table) -> bool:
    return any(isinstance(cell, dict) and cell.get("note") for row in [*table.rows, *table.foot] for cell in row)


def _notes(row: Sequence[Cell], columns: Sequence[Column]) -> str:
    """What stands in small print beside cells, with the heading it belongs to."""
    found = [
        f"{column.label}: {cell['note']}"
        for cell, column in zip(row, columns, strict=True)
        if isinstance(cell, dict) and cell.get("note")
    ]
    return "; ".join(found)
