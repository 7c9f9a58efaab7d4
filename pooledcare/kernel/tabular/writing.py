"""Writing CSV and XLSX files in which a spreadsheet runs no formulas and changes no numbers."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation

from pooledcare.kernel.characters import CONTROL
from pooledcare.kernel.number_formats import ShownNumber
from pooledcare.kernel.tabular.formulas import neutralise
from pooledcare.kernel.tabular.places import column_letter

Kind = Literal["text", "number", "date"]
Value = str | Decimal | int | date | bool | None

_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,12})?", re.ASCII)
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\]")
_ROWS_AT_ONCE = 500
_LONGEST_IN_XLSX = 32_767
_MOST_CHOICE_ROWS = 10_000
BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A heading and the kind of its cells. Text in a number column is not neutralised if it is a number."""

    heading: str
    kind: Kind = "text"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class SheetOut:
    """A sheet to write; `choices` of a column become a drop-down list."""

    name: str
    columns: Sequence[FileColumn | str]
    rows: Iterable[Sequence[Value]] = field(default_factory=list)


def safe_csv(
    rows: Iterable[Sequence[Value]], columns: Sequence[FileColumn | str], bom: bool = False
) -> Iterator[bytes]:
    """CSV as in RFC 4180, in pieces. Use `bom` (a byte order mark) for spreadsheets, but not for other systems."""
    made = _columns(columns)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    buffer.write(BOM if bom else "")
    writer.writerow([neutralise(column.heading) for column in made])
    for count, row in enumerate(rows, start=1):
        writer.writerow([safe_text(value, column.kind) for value, column in zip(row, made, strict=True)])
        if count % _ROWS_AT_ONCE == 0:
            yield _emptied(buffer)
    yield _emptied(buffer)


def _emptied(buffer: io.StringIO) -> bytes:
    written = buffer.getvalue().encode("utf-8")
    buffer.seek(0)
    buffer.truncate()
    return written


def _columns(columns: Sequence[FileColumn | str]) -> list[FileColumn]:
    return [column if isinstance(column, FileColumn) else FileColumn(column) for column in columns]


def safe_text(value: Value, kind: Kind = "text") -> str:
    """
    >>> safe_text("-5", "number"), safe_text("-5"), safe_text(Decimal("-5.00")), safe_text("-5+cmd", "number")
    ('-5', "'-5", '-5.00', "'-5+cmd")
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str):
        raise TypeError(f"A cell cannot be a {type(value).__name__}.")
    if kind == "number" and _NUMBER.fullmatch(value):
        return value
    return neutralise(value)


def safe_xlsx(sheets: Iterable[SheetOut]) -> bytes:
    """A workbook with text as text, numbers as numbers, and heading rows that stay in view when people scroll."""
    book = Workbook(write_only=True)
    try:
        lists: list[tuple[str, ...]] = []
        for sheet in sheets:
            _write_sheet(book, sheet, lists)
        if lists:
            _write_lists(book, lists)
    except Exception:
        # openpyxl keeps each sheet in a temporary file until the workbook is saved.
        for page in book.worksheets:
            page.close()
        raise
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _write_sheet(book: Any, sheet: SheetOut, lists: list[tuple[str, ...]]) -> None:
    columns = _columns(sheet.columns)
    page = book.create_sheet(sheet_name(sheet.name))
    page.freeze_panes = "A2"
    for index, column in enumerate(columns):
        page.column_dimensions[column_letter(index)].width = min(max(len(column.heading) + 4, 14), 60)
        if column.choices:
            lists.append(column.choices)
            page.data_validations.append(_choice(column, index, len(lists)))
    headings = [_text_cell(page, column.heading) for column in columns]
    for cell in headings:
        cell.font = Font(bold=True)
    page.append(headings)
    for row in sheet.rows:
        page.append([_cell(page, value, column.kind) for value, column in zip(row, columns, strict=True)])


def _choice(column: FileColumn, index: int, position: int) -> DataValidation:
    letter = column_letter(index)
    source = f"Lists!${column_letter(position - 1)}$1:${column_letter(position - 1)}${len(column.choices)}"
    rule = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=True)
    rule.errorTitle, rule.error = column.heading[:32], "Choose a value from the list"
    rule.add(f"{letter}2:{letter}{_MOST_CHOICE_ROWS}")
    return rule


def _write_lists(book: Any, lists: Sequence[tuple[str, ...]]) -> None:
    page = book.create_sheet("Lists")
    page.sheet_state = "hidden"
    for row in range(max(map(len, lists))):
        page.append([_text_cell(page, choices[row] if row < len(choices) else "") for choices in lists])


def _cell(page: Any, value: Value, kind: Kind) -> Any:
    if isinstance(value, ShownNumber):
        cell = WriteOnlyCell(page, value=Decimal(value.stored))
        cell.number_format = value.code
        return cell
    if isinstance(value, str) and kind == "number" and _NUMBER.fullmatch(value):
        value = Decimal(value)
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        cell = WriteOnlyCell(page, value=value)
        cell.number_format = "#,##0.00" if isinstance(value, Decimal) else "General"
        return cell
    if isinstance(value, date) and not isinstance(value, datetime):
        cell = WriteOnlyCell(page, value=value)
        cell.number_format = "yyyy-mm-dd"
        return cell
    return _text_cell(page, value if isinstance(value, str) else safe_text(value))


def _text_cell(page: Any, text: str) -> Any:
    """A text cell, which openpyxl would otherwise make a formula (`=…`) or an error (`#REF!`). Removes control
    characters, which XML does not allow."""
    safe = neutralise(CONTROL.sub("\ufffd", text))
    if len(safe) > _LONGEST_IN_XLSX:
        raise ValueError("A cell of a workbook holds at most 32,767 characters.")
    cell = WriteOnlyCell(page, value="")
    cell.value = safe
    cell.data_type = "s"
    return cell


def sheet_name(name: str) -> str:
    """
    >>> sheet_name("Allocations: 2025/26 [draft]")
    'Allocations  2025 26  draft '
    """
    return _NOT_IN_SHEET_NAMES.sub(" ", name)[:31] or "Sheet"
