"""Blank templates of a kind of upload, made from the same columns that the parser reads."""

from __future__ import annotations

from pooledcare.kernel.tabular import FileColumn as OutColumn
from pooledcare.kernel.tabular import SheetOut, safe_xlsx
from pooledcare.uploads.kinds import UploadKind


def headings(kind: UploadKind) -> list[str]:
    """The first row of a template. `UploadColumn.heading` says where each heading comes from."""
    return [column.heading for column in kind.template_columns]


def workbook(kind: UploadKind) -> bytes:
    """An Excel workbook: a sheet with the headings and drop-down lists, and a sheet of guidance."""
    columns = [
        OutColumn(column.heading, choices=tuple(value for value, _ in column.choices()) if column.choices else ())
        for column in kind.template_columns
    ]
    return safe_xlsx(
        [SheetOut(kind.label, columns), SheetOut("Guidance", ["Subject", "What to know"], _guidance(kind))]
    )


def _guidance(kind: UploadKind) -> list[list[str]]:
    rows = [["This file", kind.purpose], *(["How to fill it in", line] for line in kind.guidance)]
    for column in kind.template_columns:
        need = "" if column.required else " May be left blank."
        example = f" For example: {column.example}" if column.example else ""
        rows.append([column.heading, f"{column.help}{need}{example}"])
        if column.choices:
            rows += [[f"{column.heading}: {value}", label] for value, label in column.choices()]
    return rows
