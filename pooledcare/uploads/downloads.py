"""Downloads of the upload pages: tables as CSV and Excel, and the workbooks of the demonstration."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http.response import HttpResponseBase
from django.urls import reverse

from pooledcare.directory.access import Actor, can
from pooledcare.kernel.table_files import FORMATS, file_of
from pooledcare.kernel.tables import Table
from pooledcare.uploads import kinds
from pooledcare.uploads.kinds import OwnSample, Sample
from pooledcare.uploads.models import Upload

if TYPE_CHECKING:
    from pooledcare.directory.models import Organisation


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


def samples_for(actor: Actor) -> list[Sample | OwnSample]:
    """The files of the demonstration that suit the actor: those that they may submit as they are.

    Workbooks of a publisher are for those who publish there; others get files with rows of their own organisation.
    """
    found: list[Sample | OwnSample] = []
    for kind in kinds.kinds() if settings.DEMO else []:
        for organisation in actor.holds(kind.prepare):
            workbooks = [sample for sample in kind.samples if _suits(sample, organisation, actor)]
            found += workbooks or kind.own_samples(organisation, actor)
    return found


def sample_named(name: str, actor: Actor) -> BinaryIO | None:
    """The content of a file of the demonstration that suits the actor; None if there is none of that name."""
    sample = next((one for one in samples_for(actor) if one.name == name), None)
    if isinstance(sample, OwnSample):
        return io.BytesIO(sample.content)
    return None if sample is None else _sample_path(sample).open("rb")


def _suits(sample: Sample, organisation: Organisation, actor: Actor) -> bool:
    is_theirs = organisation.code == sample.organisation and can(actor, sample.permission, organisation)
    return is_theirs and _sample_path(sample).is_file()


def _sample_path(sample: Sample) -> Path:
    return settings.VAR_DIR / "demo" / sample.name
