"""The list of uploads, for its page and for download."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from pooledcare.kernel.tables import Cell, Column, Table
from pooledcare.uploads.models import Upload
from pooledcare.uploads.presenting import who
from pooledcare.uploads.terms import UploadState

_CAPTION = "Uploads of your organisations"
_EMPTY = "No upload matches. Your organisation’s uploads appear here."
# The columns of the page by which the list can be sorted, from 0, and their fields.
SORTED_BY = {
    0: "",
    1: "organisation__name",
    2: "state_in_words",
    3: "prepared_at",
    5: "rows_read",
    6: "problem_count",
}
_COLUMNS = (
    Column("Organisation"),
    Column("State"),
    Column("Received", "date"),
    Column("Prepared by"),
    Column("Rows", "number"),
    Column("Problems", "number"),
)


def page_table(uploads: Iterable[Upload]) -> Table:
    """The table on the page, with links and tags. The file name is a note below the reference."""
    rows = [
        [
            {"value": upload.reference, "url": upload.get_absolute_url(), "note": _what(upload)},
            *_cells(upload, {"value": UploadState(upload.state).label, "tag": upload.state}),
        ]
        for upload in uploads
    ]
    return Table("uploads", _CAPTION, (Column("Upload"), *_COLUMNS), rows, empty=_EMPTY)


def _what(upload: Upload) -> str:
    if upload.publishes_id is not None:
        return f"{upload.filename}, publication of figures of UP-{upload.publishes_id}"
    return upload.filename


def file_table(uploads: Iterable[Upload]) -> Table:
    """The table in a download, in which the file name has its own column."""
    rows = [[upload.reference, upload.filename, *_cells(upload, UploadState(upload.state).label)] for upload in uploads]
    return Table("uploads", _CAPTION, (Column("Upload"), Column("File"), *_COLUMNS), rows, empty=_EMPTY)


def _cells(upload: Upload, state: Cell) -> list[Cell]:
    return [
        upload.organisation.name,
        state,
        timezone.localdate(upload.prepared_at),
        who(upload.prepared_by, upload.prepared_actor),
        upload.rows_read,
        upload.problem_count,
    ]


def state_choices(chosen: str) -> list[dict[str, Any]]:
    anything = {"value": "", "text": "Any state", "chosen": not chosen}
    return [
        anything,
        *({"value": value, "text": label, "chosen": value == chosen} for value, label in UploadState.choices),
    ]
