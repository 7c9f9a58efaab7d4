"""Uploads and their problems as rows for the API: each list one query in a stated order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import connection

from pooledcare.directory.access import Actor
from pooledcare.kernel.rest.listings import Listing, ListingColumn, iso_moment
from pooledcare.uploads.models import Upload


def _moment(name: str) -> ListingColumn:
    return ListingColumn(name, f"u.{name}", file=iso_moment(f"u.{name}"))


UPLOADS = Listing(
    columns=(
        ListingColumn("reference", "'UP-' || u.id"),
        ListingColumn("organisation", "o.code"),
        ListingColumn("kind", "u.kind"),
        ListingColumn("profile", "u.profile"),
        ListingColumn("channel", "u.channel"),
        ListingColumn("complete", "u.complete", file="u.complete::text"),
        ListingColumn("published_on", "u.published_on"),
        ListingColumn("filename", "u.filename", free=True),
        ListingColumn("size", "u.size"),
        ListingColumn("sha256", "u.sha256"),
        ListingColumn("state", "u.state"),
        _moment("state_at"),
        ListingColumn("progress", "u.progress"),
        ListingColumn("rows_read", "u.rows_read"),
        ListingColumn("problem_count", "u.problem_count"),
        ListingColumn("warning_count", "u.warning_count"),
        ListingColumn("counts", "u.counts::text"),
        ListingColumn("prepared_by", "u.prepared_actor"),
        _moment("prepared_at"),
        ListingColumn("accepted_by", "nullif(u.accepted_actor, '')"),
        _moment("accepted_at"),
        ListingColumn("second_person_waived", "u.second_person_waived", file="u.second_person_waived::text"),
        _moment("reversed_at"),
        ListingColumn("version", "u.version"),
    ),
    tables="uploads_upload u join directory_organisation o on o.id = u.organisation_id",
    order=("u.id",),
    descending=True,
)

# One upload alone also says what reading it put in order, and what it would change.
UPLOAD = replace(
    UPLOADS,
    columns=(
        *UPLOADS.columns,
        ListingColumn("notices", "u.notices::text"),
        ListingColumn("preview", "u.preview::text"),
    ),
)

PROBLEMS = Listing(
    columns=(
        ListingColumn("severity", "b.severity"),
        ListingColumn("code", "b.code"),
        ListingColumn("message", "b.message", free=True),
        ListingColumn("fix", "b.fix", free=True),
        ListingColumn("sheet", "b.sheet", free=True),
        ListingColumn("row", "b.row"),
        ListingColumn("column", 'b."column"', free=True),
        ListingColumn("column_name", "b.column_name", free=True),
        ListingColumn("value", "b.value", free=True),
    ),
    tables="uploads_uploadproblem b",
    order=("b.id",),
)


def uploads(asked: dict[str, Any], *, actor: Actor) -> Listing:
    """Uploads of the actor's organisations, newest first."""
    listing = UPLOADS
    if not actor.is_system:
        listing = listing.narrowed("u.organisation_id = any(%s)", list(actor.organisation_ids))
    for name in ("state", "kind"):
        if name in asked:
            listing = listing.narrowed(f"u.{name} = %s", asked[name])
    return listing


def problems(upload: Upload, asked: dict[str, Any]) -> Listing:
    """Everything wrong with the upload, in the order in which it was found."""
    listing = PROBLEMS.narrowed("b.upload_id = %s", upload.pk)
    return listing.narrowed("b.severity = %s", asked["severity"]) if "severity" in asked else listing


def locked_version(upload: Upload) -> int:
    """The version of the upload, held still until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select version from uploads_upload where id = %s for update", [upload.pk])
        (version,) = cursor.fetchone()
    return int(version)
