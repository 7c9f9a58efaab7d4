"""The list of uploads, for its page and for download."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from pooledcare.kernel.table_files import FORMATS
from pooledcare.kernel.tables import Cell, Column, Table
from pooledcare.uploads.models import Upload
from pooledcare.uploads.presenting import who
from pooledcare.uploads.terms import UploadState

_CAPTION = "Uploads of your organisations, newest first"
_EMPTY = "No upload matches. Your organisation’s uploads appear here."
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


def list_url(state: str, before: int | None) -> str | None:
    """The address of the next page of the list, or None if there is none."""
    if before is None:
        return None
    return f"{reverse('uploads:upload-list')}?{urlencode({'state': state, 'before': before})}"


def list_downloads(asked: Mapping[str, str]) -> list[tuple[str, str]]:
    """Label and address of the downloads of the list, with the filters of the page."""
    kept = {name: asked[name] for name in ("state", "before") if asked.get(name)}
    return [(label, f"?{urlencode({**kept, 'format': wanted})}") for wanted, label in FORMATS.items()]
