"""Saved layouts and their versions as rows for the API: each list one query in a stated order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pooledcare.kernel.rest.listings import Listing, ListingColumn, flag, moment
from pooledcare.kernel.rest.schema import COUNT, FLAG, MOMENT, TEXT, described, nullable, one_of
from pooledcare.uploads.terms import LayoutStep

if TYPE_CHECKING:
    from pooledcare.directory.access import Actor
    from pooledcare.uploads.models import UploadLayout

_NEWEST = "not exists (select 1 from uploads_uploadlayoutversion n where n.layout_id = l.id and n.number > v.number)"
_VERSION = {**COUNT, "minimum": 1}
STATED = ListingColumn(
    "stated",
    "v.stated::text",
    schema={
        "type": "object",
        "description": "What the layout says, in the shape of a built-in layout: sheets, headings, columns, unit",
    },
    example={
        "title": "Grant by council",
        "publisher": "Example Council",
        "summary": "",
        "unit": 1000,
        "defaults": {"basis": "allocation"},
        "sheets": [{"code": "Code", "figures": [{"heading": "Amount", "stream": "public-health"}]}],
    },
    is_json=True,
)

LAYOUTS = Listing(
    columns=(
        ListingColumn("reference", "'UL-' || l.id", schema=TEXT, example="UL-3"),
        ListingColumn("organisation", "o.code", schema=described(TEXT, "Code of the organisation"), example="X24"),
        ListingColumn("kind", "l.kind", schema=described(TEXT, "The kind of upload"), example="allocations"),
        ListingColumn("name", "l.name", free=True, schema=TEXT, example="Grant by council"),
        ListingColumn("version", "v.number", schema=described(_VERSION, "Increases with every change"), example=2),
        flag("shared", "v.is_shared", schema=described(FLAG, "Others see and use it"), example=False),
        flag("retired", "v.is_retired", schema=described(FLAG, "No more files are read by it"), example=False),
        moment("changed_at", "v.made_at", schema=MOMENT, example="2026-04-02T09:30:00Z"),
    ),
    tables=f"uploads_uploadlayout l join uploads_uploadlayoutversion v on v.layout_id = l.id and {_NEWEST} "
    "join directory_organisation o on o.id = l.organisation_id",
    order=("l.id",),
)

# The detail has what the layout says, too.
LAYOUT = replace(LAYOUTS, columns=(*LAYOUTS.columns, STATED))

VERSIONS = Listing(
    columns=(
        ListingColumn("version", "v.number", schema=_VERSION, example=2),
        ListingColumn("step", "v.step", schema=one_of(LayoutStep.values, "What was done"), example="changed"),
        flag("shared", "v.is_shared", schema=FLAG, example=False),
        flag("retired", "v.is_retired", schema=FLAG, example=False),
        ListingColumn(
            "upload",
            "nullif(v.upload, '')",
            schema=nullable(described(TEXT, "The upload for whose file it was made")),
            example="UP-12",
        ),
        ListingColumn(
            "made_by", "v.made_actor", schema=described(TEXT, "Reference of the person or key"), example="key:ab12cd34"
        ),
        moment("made_at", "v.made_at", schema=MOMENT, example="2026-04-02T09:30:00Z"),
        STATED,
    ),
    tables="uploads_uploadlayoutversion v",
    order=("v.number",),
)


def layouts(asked: dict[str, Any], *, actor: Actor) -> Listing:
    """Layouts of the actor's organisations and those that others share, in the order in which they were saved."""
    listing = LAYOUTS
    if not actor.is_system:
        own = list(actor.readable_organisation_ids)
        listing = listing.narrowed("(l.organisation_id = any(%s) or v.is_shared)", own)
    if "kind" in asked:
        listing = listing.narrowed("l.kind = %s", asked["kind"])
    return listing


def versions(layout: UploadLayout) -> Listing:
    """All versions of a layout, oldest first."""
    return VERSIONS.narrowed("v.layout_id = %s", layout.pk)
