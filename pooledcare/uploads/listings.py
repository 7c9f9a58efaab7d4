"""Uploads and their problems as rows for the API: each list one query in a stated order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pooledcare.directory.access import Actor
from pooledcare.kernel.rest.listings import Listing, ListingColumn, flag, moment
from pooledcare.kernel.rest.schema import COUNT, DATE, FLAG, MOMENT, TEXT, array, described, nullable, one_of
from pooledcare.uploads.models import Upload
from pooledcare.uploads.terms import Channel, Severity, UploadState

UPLOADS = Listing(
    columns=(
        ListingColumn("reference", "'UP-' || u.id", schema=TEXT, example="UP-12"),
        ListingColumn(
            "organisation", "o.code", schema=described(TEXT, "Code of the organisation that uploads"), example="X24"
        ),
        ListingColumn("kind", "u.kind", schema=TEXT, example="allocations"),
        ListingColumn(
            "profile",
            "u.profile",
            schema=nullable(
                described(
                    TEXT,
                    "The layout by which the file is read: a publisher's, a saved one with its version (UL-3.2), or "
                    "confirmed for this file only (confirmed); null for a file with our own columns",
                )
            ),
        ),
        ListingColumn(
            "publishes",
            "'UP-' || u.publishes_id",
            schema=nullable(described(TEXT, "The accepted upload whose figures this publication makes public")),
        ),
        ListingColumn("channel", "u.channel", schema=one_of(Channel.values), example="api"),
        flag(
            "complete",
            "u.complete",
            schema=described(FLAG, "Declared complete: figures that are missing from the file are withdrawn"),
            example=False,
        ),
        ListingColumn(
            "published_on",
            "u.published_on",
            schema=nullable(described(DATE, "Null if only the organisation's members see it")),
            example="2026-04-01",
        ),
        ListingColumn(
            "financial_year",
            "nullif(u.financial_year, '')",
            schema=nullable(described(TEXT, "The year that the sender stated with the file; null if none")),
        ),
        ListingColumn("filename", "u.filename", free=True, schema=TEXT, example="allocations.csv"),
        ListingColumn("size", "u.size", schema=COUNT, example=1834),
        ListingColumn(
            "sha256",
            "u.sha256",
            schema={"type": "string", "pattern": "^[0-9a-f]{64}$"},
            example="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ),
        ListingColumn(
            "encoding",
            "nullif(u.encoding, '')",
            schema=nullable(described(TEXT, "The encoding in which a CSV file was read; null for a workbook")),
            example="utf-8",
        ),
        ListingColumn(
            "encoding_chosen_by",
            "nullif(u.encoding_chosen_actor, '')",
            schema=nullable(
                described(TEXT, "Who chose the encoding; null if nobody did: recognised from the file or assumed")
            ),
        ),
        ListingColumn("state", "u.state", schema=one_of(UploadState.values), example="ready"),
        moment("state_at", "u.state_at", schema=MOMENT, example="2026-04-02T09:30:02Z"),
        ListingColumn("progress", "u.progress", schema=described(COUNT, "Rows done in the current step"), example=42),
        ListingColumn("rows_read", "u.rows_read", schema=COUNT, example=42),
        ListingColumn("problem_count", "u.problem_count", schema=COUNT, example=0),
        ListingColumn("warning_count", "u.warning_count", schema=COUNT, example=0),
        ListingColumn(
            "counts",
            "u.counts::text",
            schema={
                "type": "object",
                "additionalProperties": {"type": "integer"},
                "description": "new, changed, unchanged, withdrawn, not_reported",
            },
            example={"new": 42, "changed": 0, "unchanged": 0, "withdrawn": 0, "not_reported": 0},
            is_json=True,
        ),
        ListingColumn(
            "prepared_by",
            "u.prepared_actor",
            schema=described(TEXT, "Reference of the person or key"),
            example="key:ab12cd34",
        ),
        moment("prepared_at", "u.prepared_at", schema=MOMENT, example="2026-04-02T09:30:00Z"),
        ListingColumn("accepted_by", "nullif(u.accepted_actor, '')", schema=nullable(TEXT)),
        moment("accepted_at", "u.accepted_at", schema=nullable(MOMENT)),
        flag("second_person_waived", "u.second_person_waived", schema=FLAG, example=False),
        moment("reversed_at", "u.reversed_at", schema=nullable(MOMENT)),
        ListingColumn(
            "version",
            "u.version",
            schema={
                "type": "integer",
                "minimum": 1,
                "description": "Increases with every change of state; for If-Match",
            },
            example=3,
        ),
    ),
    tables="uploads_upload u join directory_organisation o on o.id = u.organisation_id",
    order=("u.id",),
    descending=True,
)

# The columns that only the detail of an upload has.
UPLOAD = replace(
    UPLOADS,
    columns=(
        *UPLOADS.columns,
        ListingColumn(
            "notices",
            "u.notices::text",
            schema=array(described(TEXT, "What was tidied while the file was read, in sentences")),
            example=[],
            is_json=True,
        ),
        ListingColumn(
            "preview",
            "u.preview::text",
            schema={"type": "object", "description": "What would change, shown before anything changes"},
            example={"streams": []},
            is_json=True,
        ),
    ),
)

PROBLEMS = Listing(
    columns=(
        ListingColumn("severity", "b.severity", schema=one_of(Severity.values), example="error"),
        ListingColumn("code", "b.code", schema=TEXT, example="NOT_A_NUMBER"),
        ListingColumn("message", "b.message", free=True, schema=TEXT, example="This is not an amount"),
        ListingColumn(
            "fix",
            "b.fix",
            free=True,
            schema=TEXT,
            example="Enter the amount in pounds and pence, like 1234.56.",
        ),
        ListingColumn("sheet", "b.sheet", free=True, schema=TEXT, example=""),
        ListingColumn("row", "b.row", schema=nullable(COUNT), example=7),
        ListingColumn("column", 'b."column"', free=True, schema=described(TEXT, "Letter of the column"), example="E"),
        ListingColumn("column_name", "b.column_name", free=True, schema=TEXT, example="amount"),
        ListingColumn("value", "b.value", free=True, schema=described(TEXT, "What was read"), example="about 300"),
    ),
    tables="uploads_uploadproblem b",
    order=("b.id",),
)


def uploads(asked: dict[str, Any], *, actor: Actor) -> Listing:
    """Uploads of the actor's organisations, newest first."""
    listing = UPLOADS
    if not actor.is_system:
        listing = listing.narrowed("u.organisation_id = any(%s)", list(actor.readable_organisation_ids))
    for name in ("state", "kind"):
        if name in asked:
            listing = listing.narrowed(f"u.{name} = %s", asked[name])
    return listing


def problems(upload: Upload, asked: dict[str, Any]) -> Listing:
    """The problems and warnings of the upload, in the order in which they were found."""
    listing = PROBLEMS.narrowed("b.upload_id = %s", upload.pk)
    return listing.narrowed("b.severity = %s", asked["severity"]) if "severity" in asked else listing
