"""The preview of an upload about drafts: each row that changes something, field by field in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pooledcare.kernel.tables import Cell, Column, Table
from pooledcare.uploads.kinds import Showing
from pooledcare.uploads.models import Upload

_WHAT = {"new": "New", "changed": "Changed"}
# For the download, where empty cells stay empty.
_COLUMNS = (
    Column("Row", "number"),
    Column("Agreement", missing=""),
    Column("Name", missing=""),
    Column("What"),
    Column("Field"),
    Column("Before", missing=""),
    Column("After", missing=""),
)


def _context(upload: Upload, asked: Mapping[str, str]) -> dict[str, Any]:
    return {"drafts": upload.preview.get("drafts", []), "more": upload.preview.get("more", 0), "what": _WHAT}


def _table(upload: Upload, asked: Mapping[str, str]) -> Table:
    rows: list[list[Cell]] = [
        [one["row"], one["agreement"], one["name"], _WHAT[one["what"]], each["label"], each["before"], each["after"]]
        for one in upload.preview.get("drafts", [])
        for each in one["fields"]
    ]
    return Table("drafts", "What would change, row by row", _COLUMNS, rows)


DRAFTS = Showing(template="partnerships/upload_changes.jinja", context=_context, tables={"drafts": _table})
