"""How an upload of drafts shows what it would change: each row that changes something, field by field in words."""

from __future__ import annotations

from typing import Any

from pooledcare.kernel.tabular import FileColumn, Value
from pooledcare.uploads.kinds import Showing
from pooledcare.uploads.models import Upload
from pooledcare.uploads.presenting import Table

_WHAT = {"new": "New", "changed": "Changed"}


def _context(upload: Upload) -> dict[str, Any]:
    return {"drafts": upload.preview.get("drafts", []), "more": upload.preview.get("more", 0), "what": _WHAT}


def _table(upload: Upload) -> Table:
    columns = [
        FileColumn("Row", "number"),
        FileColumn("Agreement"),
        FileColumn("Name"),
        FileColumn("What"),
        FileColumn("Field"),
        FileColumn("Before"),
        FileColumn("After"),
    ]
    rows: list[list[Value]] = [
        [one["row"], one["agreement"], one["name"], _WHAT[one["what"]], each["label"], each["before"], each["after"]]
        for one in upload.preview.get("drafts", [])
        for each in one["fields"]
    ]
    return Table(columns, rows)


DRAFTS = Showing(template="partnerships/upload_changes.jinja", context=_context, tables={"drafts": _table})
