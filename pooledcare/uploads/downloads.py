"""Downloads of the upload pages: tables as CSV and Excel, and the workbooks of the demonstration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http.response import HttpResponseBase
from django.urls import reverse

from pooledcare.kernel.table_files import FORMATS, file_of
from pooledcare.kernel.tables import Table
from pooledcare.uploads import kinds
from pooledcare.uploads.kinds import Sample, UploadKind
from pooledcare.uploads.models import Upload


def attachment(name: str) -> dict[str, str]:
    """
    >>> attachment("UP-1 problems.csv")["Content-Disposition"]
    "attachment; filename*=UTF-8''UP-1%20problems.csv"
    """
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}


def table_download(name: str, table: Table, wanted: str) -> HttpResponseBase:
    """A table as a file that a spreadsheet opens safely."""
    response = file_of(replace(table, key=name), wanted, filename=name)
    for header, value in attachment(f"{name}.{wanted}").items():
        response.headers[header] = value
    return response


def preview_table(upload: Upload, name: str, parameters: Mapping[str, str]) -> Table | None:
    """One table of what the upload would change; None if its kind has no table of that name."""
    shows = kinds.kind(upload.kind).shows
    made = shows.tables.get(name)
    return made(upload, shows.asked(parameters)) if made is not None else None


def preview_links(upload: Upload, table: str, asked: Mapping[str, str]) -> list[tuple[str, str]]:
    """Pairs of label and address for one table of the preview, with the filters of the page."""
    filters = f"?{urlencode(asked)}" if asked else ""
    return [
        (label, reverse("uploads:upload-lines", args=[upload.reference, table, wanted]) + filters)
        for wanted, label in FORMATS.items()
    ]


def samples(kind: UploadKind) -> list[Sample]:
    """The demonstration workbooks of the kind that exist."""
    return [sample for sample in kind.samples if settings.DEMO and _sample_path(sample).is_file()]


def sample_named(name: str) -> Path | None:
    """The path of the demonstration workbook of that name, of any kind; None if there is none."""
    return next((_sample_path(one) for kind in kinds.kinds() for one in samples(kind) if one.name == name), None)


def _sample_path(sample: Sample) -> Path:
    return settings.VAR_DIR / "demo" / sample.name
