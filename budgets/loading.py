"""Loads funding streams and published figures, each publication as an upload by its publisher.

Figures are only ever created by uploads, so the actor `reference-load` submits one and the actor `reference-check`
accepts it as the second person.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files import File

from budgets.models import FundingStream
from pooledcare.directory.access import system_actor
from pooledcare.directory.models import Organisation, Source
from pooledcare.uploads import actions, pipeline
from pooledcare.uploads.models import Upload, UploadProblem
from pooledcare.uploads.terms import Channel, UploadState

REFERENCE = Path(__file__).parent / "reference"
PREPARER = system_actor("reference-load")
ACCEPTER = system_actor("reference-check")
KIND, PROFILE = "allocations", "pooledcare-figures"


@dataclass(frozen=True)
class Publication:
    """One canonical file of published figures."""

    key: str
    path: Path
    publisher: str
    title: str
    published_on: dt.date


def publications() -> list[Publication]:
    """The publications in `publications.toml`, in its order."""
    with (REFERENCE / "publications.toml").open("rb") as file:
        stated = tomllib.load(file)
    return [
        Publication(key, REFERENCE / one["file"], one["publisher"], one["title"], one["published_on"])
        for key, one in stated.items()
    ]


def load_streams() -> Iterator[str]:
    """Create or update the streams from the table. Yields a line for each change."""
    sources = dict(Source.objects.values_list("slug", "pk"))
    known = {stream.code: stream for stream in FundingStream.objects.all()}
    rows = _stream_rows()
    for position, row in enumerate(rows, start=1):
        values = _stream_values(row, position, sources)
        stream = known.get(row["code"])
        if stream is None:
            known[row["code"]] = FundingStream.objects.create(code=row["code"], **values)
            yield f"Funding stream {row['code']} is new."
        elif any(getattr(stream, name) != value for name, value in values.items()):
            FundingStream.objects.filter(pk=stream.pk).update(**values)
            yield f"Funding stream {row['code']} has changed."
    for row in rows:
        part_of = known[row["part_of"]].pk if row["part_of"] else None
        FundingStream.objects.filter(code=row["code"]).exclude(part_of=part_of).update(part_of=part_of)


def _stream_rows() -> list[dict[str, str]]:
    with (REFERENCE / "funding_streams.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _kinds(text: str) -> list[str]:
    return text.split("|") if text else []


def _stream_values(row: dict[str, str], position: int, sources: dict[str, int]) -> dict[str, Any]:
    return {
        "name": row["name"],
        "description": row["description"],
        "holder_kinds": _kinds(row["holder_kinds"]),
        "expected_kinds": _kinds(row["expected_kinds"]),
        "expected_from": int(row["expected_from"]) if row["expected_from"] else None,
        "included_kinds": _kinds(row["included_kinds"]),
        "funder": row["funder"],
        "functions": row["functions"],
        "ring_fenced": row["ring_fenced"] == "yes",
        "nature": row["nature"],
        "gross_or_net": row["gross_or_net"],
        "first_year": int(row["first_year"]),
        "last_year": int(row["last_year"]) if row["last_year"] else None,
        "position": position,
        "source_id": sources.get(row["source"]),
    }


def load_publication(publication: Publication) -> str:
    """Submit one file as its publisher, unless it is already accepted. Returns a line of output."""
    publisher = Organisation.objects.get(code=publication.publisher)
    earlier = Upload.objects.filter(
        organisation=publisher, kind=KIND, state=UploadState.ACCEPTED, sha256=_sha256(publication.path)
    ).first()
    if earlier is not None:
        return f"{publication.title}: unchanged ({earlier.reference})."
    upload = _resumed(publisher, publication) or _received(publisher, publication)
    pipeline.work(upload.pk)
    upload.refresh_from_db()
    if upload.state == UploadState.AWAITING_SECOND_PERSON or upload.state == UploadState.READY:
        upload = actions.accept_upload(upload=upload, by=ACCEPTER)
        pipeline.work(upload.pk)
        upload.refresh_from_db()
    if upload.state != UploadState.ACCEPTED:
        raise NotLoaded(publication, upload)
    counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in upload.counts.items() if count)
    return f"{publication.title}: accepted as {upload.reference} ({counts})."


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _resumed(publisher: Organisation, publication: Publication) -> Upload | None:
    """The upload of an interrupted earlier load, to be continued; None if there is none."""
    waiting = Upload.objects.filter(organisation=publisher, kind=KIND, sha256=_sha256(publication.path))
    open_states = [UploadState.RECEIVED, UploadState.READING, UploadState.CHECKED, UploadState.ACCEPTING]
    ready = [UploadState.READY, UploadState.AWAITING_SECOND_PERSON]
    return waiting.filter(channel=Channel.REFERENCE, state__in=[*open_states, *ready]).first()


def _received(publisher: Organisation, publication: Publication) -> Upload:
    with publication.path.open("rb") as file:
        return actions.receive_upload(
            organisation=publisher,
            kind=KIND,
            file=File(file),
            filename=publication.path.name,
            profile=PROFILE,
            published_on=publication.published_on,
            channel=Channel.REFERENCE,
            by=PREPARER,
        )


class NotLoaded(Exception):
    """A publication was not accepted. The error is in our own file, so the message says where."""

    def __init__(self, publication: Publication, upload: Upload) -> None:
        problems = UploadProblem.objects.filter(upload=upload).order_by("pk")[:20]
        lines = [f"  {one.code} row {one.row} {one.column_name}: {one.message} [{one.value}]" for one in problems]
        super().__init__("\n".join([f"{publication.path.name}: {upload.state} {upload.failure}", *lines]))
