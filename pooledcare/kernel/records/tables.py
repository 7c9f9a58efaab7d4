"""A record as a table of a page and of its files: a column for each field, written by the field's kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pooledcare.kernel.records.declared import FieldKind, RecordField
from pooledcare.kernel.records.values import value_text
from pooledcare.kernel.tables import Cell, Column, ColumnFormat, Table

# The formats of columns for kinds of field that are not shown as text; `ColumnFormat` explains each.
_FORMATS: dict[FieldKind, ColumnFormat] = {FieldKind.DAY: "date", FieldKind.MONEY: "pounds", FieldKind.WHOLE: "number"}


def table_of(key: str, caption: str, fields: Iterable[RecordField], rows: Iterable[Any], *, empty: str) -> Table:
    """Rows of the model, or frozen values, as a table whose first column is the first field."""
    shown = list(fields)
    return Table(
        key, caption, [table_column(each) for each in shown], [cells_of(shown, row) for row in rows], empty=empty
    )


def table_column(field: RecordField) -> Column:
    return Column(field.label, _FORMATS.get(field.kind, "text"), missing="Not given")


def cells_of(fields: Iterable[RecordField], row: Any) -> list[Cell]:
    return [_cell(field, getattr(row, field.name)) for field in fields]


def _cell(field: RecordField, value: Any) -> Cell:
    return value if field.kind in _FORMATS else value_text(field, value)
