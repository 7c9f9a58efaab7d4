"""The API of saved layouts: list and read them, save one, change it by a new version, share and retire it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
from django.db import transaction
from django.http import HttpResponse
from django.urls import path
from rest_framework.request import Request

from pooledcare.directory.access import Actor
from pooledcare.directory.api import API, actor_of, organisation_link
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.rest import bodies
from pooledcare.kernel.rest import parameters as p
from pooledcare.kernel.rest.authentication import KeyHolder
from pooledcare.kernel.rest.bodies import BodyField, read_body
from pooledcare.kernel.rest.changing import IDEMPOTENCY_KEY, IF_MATCH, body, changed, created
from pooledcare.kernel.rest.conditional import conditional, require_version
from pooledcare.kernel.rest.documented import entry_of, example_of, links_to, properties_of
from pooledcare.kernel.rest.idempotency import once
from pooledcare.kernel.rest.listings import Listing
from pooledcare.kernel.rest.parsers import StrictJsonParser
from pooledcare.kernel.rest.problems import HttpProblem
from pooledcare.kernel.rest.schema import Operation, component, detail_answer, record
from pooledcare.kernel.rest.views import DetailView, ListView, ResourceView, absolute, json_answer, list_paths
from pooledcare.uploads import kinds
from pooledcare.uploads.answers import in_http, member_of
from pooledcare.uploads.asking.data_shapes import STATED
from pooledcare.uploads.models import UploadLayoutVersion
from pooledcare.uploads.saved_layouts import actions, listings, queries
from pooledcare.uploads.saved_layouts.rules import LONGEST_NAME, NAME_PATTERN
from pooledcare.uploads.submissions import refuse_body

_HERE = "http://localhost:8000/api/v1"
PATH_REFERENCE = {
    "schema": {"type": "string", "pattern": "^UL-[1-9][0-9]{0,8}$"},
    "description": "The reference of the layout.",
    "example": "UL-3",
}
_REFUSED = (403, 404, 409, 412, 413, 415, 428)
_ENTRY = entry_of(
    "UploadLayout",
    listings.LAYOUTS.columns,
    links_to(
        self=f"{_HERE}/upload-layouts/UL-3/",
        organisation=f"{_HERE}/organisations/X24/",
        page="http://localhost:8000/uploads/layouts/UL-3/",
    ),
)
_DETAIL = component("UploadLayoutDetail", record({**_ENTRY.properties, **properties_of(listings.LAYOUT.columns)}))
_EXAMPLE = {**_ENTRY.example, **example_of(listings.LAYOUT.columns)}
_KINDS = [kind.key for kind in kinds.kinds() if kind.layout_columns is not None]


def _name() -> BodyField:
    field = bodies.text("name", "A name that the organisation gives it, on one line", longest=LONGEST_NAME)
    return replace(field, schema={**field.schema, "minLength": 1, "pattern": NAME_PATTERN})


def _stated() -> BodyField:
    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError("Write an object in the shape of a layout, as the API gives it.")
        return value

    return BodyField("stated", component("StatedLayout", STATED), read)


FIELDS = (
    bodies.choice("kind", _KINDS, "The kind of upload").needed(),
    _name().needed(),
    _stated().needed(),
)
CHANGED_FIELDS = (_stated().needed(),)


def layout_link(reference: str) -> str:
    return absolute(f"{API}/upload-layouts/{reference}/")


def layout(row: tuple[Any, ...]) -> dict[str, Any]:
    """One layout as JSON, from a row of `listings.LAYOUTS`, or of `listings.LAYOUT`, which has more columns."""
    shape: dict[str, Any] = dict(zip((column.name for column in listings.LAYOUT.columns), row, strict=False))
    if "stated" in shape:
        shape["stated"] = orjson.Fragment(shape["stated"])
    return shape | {
        "links": {
            "self": layout_link(shape["reference"]),
            "organisation": organisation_link(shape["organisation"]),
            "page": absolute(f"/uploads/layouts/{shape['reference']}/"),
        }
    }


def layout_answer(request: Request, pk: int, status: int = 200) -> HttpResponse:
    """One layout as it is now, with its version in the ETag."""
    row = listings.LAYOUT.narrowed("l.id = %s", pk).one()
    if row is None:
        raise HttpProblem("not-found")
    shape = layout(row)
    answer = json_answer(shape, status)
    if status == 200:
        return conditional(request, answer, shape["version"])
    answer.headers["ETag"] = f'"{shape["version"]}"'
    answer.headers["Location"] = layout_link(shape["reference"])
    return answer


class LayoutList(ListView):
    """The layouts that the client's organisation has saved, and those that others share; POST saves one."""

    tag = "upload-layouts"
    filename = "upload-layouts"
    permission_classes = [KeyHolder]
    parser_classes = [StrictJsonParser]
    operations = {
        "GET": Operation(
            id="listUploadLayouts",
            summary="List saved layouts",
            description="Those of your organisation and those that other organisations share, oldest first.",
            answers={200: _ENTRY.page},
            parameters=(
                p.pattern("kind", "Only of this kind of upload.", grammar="[a-z-]{1,40}", example="allocations"),
                *p.LIST,
            ),
            problems=(403,),
            key_needed=True,
            curl='curl -H "Authorization: Bearer $KEY" "$API/upload-layouts/"',
        ),
        "POST": Operation(
            id="createUploadLayout",
            summary="Save a layout",
            description=(
                "Files that have its sheets and headings are then read by it. Only your organisation sees and uses it "
                "until you share it. Each pattern matches one text, written as Python's `re.escape` does, in which a "
                "financial year may stand for any year."
            ),
            answers={201: created(_DETAIL, _EXAMPLE)},
            body=body(
                "NewUploadLayout",
                FIELDS,
                {"kind": "allocations", "name": "Grant by council", "stated": listings.STATED.example},
            ),
            headers=(IDEMPOTENCY_KEY,),
            problems=(403, 409, 413, 415, 422),
            key_needed=True,
            curl=(
                'curl -H "Authorization: Bearer $KEY" -H "Idempotency-Key: grant-by-council" \\\n'
                '  -H "Content-Type: application/json" -d @layout.json "$API/upload-layouts/"'
            ),
        ),
    }

    def listing(self, asked: dict[str, Any], **names: str) -> Listing:
        return listings.layouts(asked, actor=member_of(self.request))

    def present(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return layout(row)

    def post(self, request: Request) -> HttpResponse:
        self.parameters(request)
        actor = actor_of(request)
        return once(request, actor.reference, lambda: self._saved(request, actor))

    def _saved(self, request: Request, actor: Actor) -> HttpResponse:
        said = read_body(request.data, FIELDS)
        (organisation,) = actor.organisations.values()
        try:
            version = actions.save_layout(organisation=organisation, by=actor, **said)
        except Refused as refused:
            raise in_http(refused) from refused
        return layout_answer(request, version.layout_id, 201)


class LayoutDetail(DetailView):
    """One saved layout as it is now, with all that it says."""

    tag = "upload-layouts"
    permission_classes = [KeyHolder]
    operations = {
        "GET": Operation(
            id="getUploadLayout",
            summary="Read one saved layout",
            description="As it is now. Its earlier versions are at `/versions/`.",
            answers={200: detail_answer(_DETAIL, _EXAMPLE)},
            path_parameters={"reference": PATH_REFERENCE},
            problems=(403, 404),
            key_needed=True,
            curl='curl -H "Authorization: Bearer $KEY" "$API/upload-layouts/$LAYOUT/"',
        )
    }

    def get(self, request: Request, **names: str) -> HttpResponse:
        self.parameters(request)
        return layout_answer(request, queries.layout_for(member_of(request), names["reference"]).layout_id)


class LayoutVersions(ListView):
    """The versions of a saved layout, oldest first, for its own organisation; POST adds one."""

    tag = "upload-layouts"
    filename = "versions"
    permission_classes = [KeyHolder]
    parser_classes = [StrictJsonParser]
    operations = {
        "GET": Operation(
            id="listUploadLayoutVersions",
            summary="List the versions of a saved layout",
            description="Oldest first. Only the organisation that saved it sees them.",
            answers={200: entry_of("UploadLayoutVersion", listings.VERSIONS.columns).page},
            parameters=p.LIST,
            path_parameters={"reference": PATH_REFERENCE},
            problems=(403, 404),
            key_needed=True,
            curl='curl -H "Authorization: Bearer $KEY" "$API/upload-layouts/$LAYOUT/versions/"',
        ),
        "POST": Operation(
            id="changeUploadLayout",
            summary="Change a saved layout",
            description="Adds a version. What was read by earlier versions stays as it is.",
            answers={200: changed(_DETAIL, _EXAMPLE)},
            body=body("UploadLayoutChange", CHANGED_FIELDS, {"stated": listings.STATED.example}),
            path_parameters={"reference": PATH_REFERENCE},
            headers=(IF_MATCH,),
            problems=_REFUSED,
            key_needed=True,
            curl=(
                'curl -H "Authorization: Bearer $KEY" -H "If-Match: $ETAG" -H "Content-Type: application/json" \\\n'
                '  -d @layout.json "$API/upload-layouts/$LAYOUT/versions/"'
            ),
        ),
    }

    def listing(self, asked: dict[str, Any], **names: str) -> Listing:
        actor = member_of(self.request)
        found = queries.layout_for(actor, names["reference"])
        if found.layout.organisation_id not in actor.readable_organisation_ids:
            raise HttpProblem("not-found")
        return listings.versions(found.layout)

    def present(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return listings.VERSIONS.entry(row)

    def post(self, request: Request, reference: str) -> HttpResponse:
        self.parameters(request)
        return _changed(request, reference, actions.change_layout, **read_body(request.data, CHANGED_FIELDS))


class LayoutStepView(ResourceView):
    """A step that needs the current version in If-Match. A subclass names the action."""

    tag = "upload-layouts"
    permission_classes = [KeyHolder]
    step: Callable[..., UploadLayoutVersion]

    def post(self, request: Request, reference: str) -> HttpResponse:
        self.parameters(request)
        refuse_body(request.data)
        return _changed(request, reference, type(self).step)


def _changed(request: Request, reference: str, act: Callable[..., UploadLayoutVersion], **said: Any) -> HttpResponse:
    found = queries.layout_for(member_of(request), reference)
    try:
        with transaction.atomic():
            require_version(request, queries.newest_of(found.layout).number)
            version = act(layout=found.layout, by=actor_of(request), **said)
    except Refused as refused:
        raise in_http(refused) from refused
    return layout_answer(request, version.layout_id)


def _step(name: str, summary: str, description: str) -> dict[str, Operation]:
    return {
        "POST": Operation(
            id=f"{name}UploadLayout",
            summary=summary,
            description=description,
            answers={200: changed(_DETAIL, _EXAMPLE)},
            path_parameters={"reference": PATH_REFERENCE},
            headers=(IF_MATCH,),
            problems=_REFUSED,
            key_needed=True,
            curl=(
                f'curl -X POST -H "Authorization: Bearer $KEY" -H "If-Match: $ETAG" '
                f'"$API/upload-layouts/$LAYOUT/{name}/"'
            ),
        )
    }


class LayoutShare(LayoutStepView):
    """Share a layout with all organisations."""

    step = staticmethod(actions.share_layout)
    operations = _step("share", "Share a layout", "All organisations then see it, and their files may be read by it.")


class LayoutUnshare(LayoutStepView):
    """Stop sharing a layout."""

    step = staticmethod(actions.unshare_layout)
    operations = _step("unshare", "Stop sharing a layout", "What others have read by it stays as it is.")


class LayoutRetire(LayoutStepView):
    """Retire a layout."""

    step = staticmethod(actions.retire_layout)
    operations = _step("retire", "Retire a layout", "No more files are read by it. It is kept and no longer changes.")


_ONE = "upload-layouts/<slug:reference>"
urlpatterns = [
    *list_paths("upload-layouts", LayoutList, name="upload-layout-list"),
    path(f"{_ONE}/", LayoutDetail.as_view(), name="upload-layout-detail"),
    *list_paths(f"{_ONE}/versions", LayoutVersions, name="upload-layout-versions"),
    path(f"{_ONE}/share/", LayoutShare.as_view(), name="upload-layout-share"),
    path(f"{_ONE}/unshare/", LayoutUnshare.as_view(), name="upload-layout-unshare"),
    path(f"{_ONE}/retire/", LayoutRetire.as_view(), name="upload-layout-retire"),
]
