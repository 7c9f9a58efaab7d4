"""The API of uploads: send a file, follow it, accept it as a second person, abandon or reverse it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import orjson
from django.db import transaction
from django.http import HttpResponse
from django.urls import path
from rest_framework.request import Request

from pooledcare.directory.access import Actor
from pooledcare.directory.api import API, actor_of, organisation_link
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.rest import parameters as p
from pooledcare.kernel.rest.authentication import KeyHolder
from pooledcare.kernel.rest.changing import IDEMPOTENCY_KEY, json_body
from pooledcare.kernel.rest.conditional import conditional, require_version
from pooledcare.kernel.rest.idempotency import once
from pooledcare.kernel.rest.listings import Listing
from pooledcare.kernel.rest.parsers import FormParser, StrictJsonParser
from pooledcare.kernel.rest.problems import HttpProblem
from pooledcare.kernel.rest.schema import Operation
from pooledcare.kernel.rest.views import DetailView, ListView, ResourceView, absolute, json_answer, list_paths
from pooledcare.uploads import actions, kinds, listings, states, submissions
from pooledcare.uploads import api_schema as shapes
from pooledcare.uploads.answers import in_http, member_of
from pooledcare.uploads.queries import upload_for
from pooledcare.uploads.terms import Channel, Severity, UploadState


def upload_link(reference: str) -> str:
    return absolute(f"{API}/uploads/{reference}/")


def upload(row: tuple[Any, ...]) -> dict[str, Any]:
    """One upload as JSON, from a row of `listings.UPLOADS`, or of `listings.UPLOAD`, which has more columns."""
    shape: dict[str, Any] = dict(zip((column.name for column in listings.UPLOAD.columns), row, strict=False))
    own = upload_link(shape["reference"])
    for name in ("counts", "notices", "preview"):
        if name in shape:
            shape[name] = orjson.Fragment(shape[name])
    return shape | {
        "profile": shape["profile"] or None,
        "links": {
            "self": own,
            "organisation": organisation_link(shape["organisation"]),
            "problems": f"{own}problems/",
            **_links_of_kind(shape["kind"], shape["reference"]),
            "page": absolute(f"/uploads/{shape['reference']}/"),
        },
    }


def _links_of_kind(kind: str, reference: str) -> dict[str, str]:
    links = kinds.kind(kind).links
    return {link.name: absolute(f"{API}{link.address.format(reference=reference)}") for link in links}


def upload_answer(request: Request, pk: int, status: int = 200) -> HttpResponse:
    """One upload as it is now, with its version in the ETag."""
    row = listings.UPLOAD.narrowed("u.id = %s", pk).one()
    if row is None:
        raise HttpProblem("not-found")
    shape = upload(row)
    answer = json_answer(shape, status)
    if status == 200:
        return conditional(request, answer, shape["version"])
    answer.headers["ETag"] = f'"{shape["version"]}"'
    return answer


_CREATION: dict[str, Any] = {
    "answers": {202: shapes.RECEIVED_ANSWER},
    "headers": (IDEMPOTENCY_KEY,),
    "problems": (403, 409, 413, 415, 422, 507),
    "key_needed": True,
}


def _list_operations() -> dict[str, Operation]:
    """Called when the views are imported, which is after every app has registered its kinds."""
    declared = kinds.kinds()
    example = shapes.example_kind(declared).key
    return {
        "GET": Operation(
            id="listUploads",
            summary="List your organisation's uploads",
            description="Newest first.",
            answers={200: shapes.UPLOAD_PAGE},
            parameters=(
                p.choice("state", UploadState, "Only uploads in this state.", "ready"),
                p.pattern("kind", "Only this kind.", grammar="[a-z-]{1,40}", example=example),
                *p.LIST,
            ),
            problems=(403,),
            key_needed=True,
            curl='curl -H "Authorization: Bearer $KEY" "$API/uploads/"',
        ),
        "POST": Operation(
            id="createUpload",
            summary="Upload a file",
            description=(
                "A CSV, XLSX or ODS file as a form. The response comes at once; the file is read in the background. "
                "Nothing changes until somebody else has accepted the upload. A file is refused if an earlier upload "
                "of the same bytes is open or accepted."
            ),
            body=shapes.file_body(declared),
            **_CREATION,
            curl=(
                f'curl -H "Authorization: Bearer $KEY" -H "Idempotency-Key: {example}-2026-27-first" \\\n'
                f'  -F kind={example} -F published_on=2026-04-01 -F file=@{example}.csv "$API/uploads/"'
            ),
        ),
    }


class _Receiving(ResourceView):
    """An address to which uploads are sent."""

    tag = "uploads"
    permission_classes = [KeyHolder]

    def post(self, request: Request) -> HttpResponse:
        self.parameters(request)
        actor = actor_of(request)
        return once(request, actor.reference, lambda: self._received(request, actor))

    def _received(self, request: Request, actor: Actor) -> HttpResponse:
        sent = submissions.read_submission(request)
        (organisation,) = actor.organisations.values()
        try:
            received = actions.receive_upload(
                organisation=organisation,
                kind=sent.kind,
                file=sent.file,
                filename=sent.filename,
                profile=sent.profile,
                layout=sent.layout,
                complete=sent.complete,
                published_on=sent.published_on,
                encoding=sent.encoding,
                financial_year=sent.financial_year,
                channel=Channel.API,
                by=actor,
            )
        except Refused as refused:
            raise in_http(refused) from refused
        answer = upload_answer(request, received.pk, 202)
        answer.headers["Location"] = upload_link(received.reference)
        return answer


class UploadList(_Receiving, ListView):
    """The uploads of the client's organisations; POST uploads a file.

    It also takes rows, as `UploadRows` does: that address is newer, for clients that are generated from the schema.
    """

    filename = "uploads"
    parser_classes = [FormParser, StrictJsonParser]
    operations = _list_operations()

    def listing(self, asked: dict[str, Any], **names: str) -> Listing:
        return listings.uploads(asked, actor=member_of(self.request))

    def present(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return upload(row)


class UploadRows(_Receiving):
    """Upload up to 1,000 rows as JSON, without a file."""

    parser_classes = [StrictJsonParser]
    operations = {
        "POST": Operation(
            id="createUploadFromRows",
            summary="Upload rows",
            description=(
                "Up to 1,000 rows as JSON, from which a CSV file is made; from then on they are like any uploaded file."
            ),
            body=shapes.rows_body(kinds.kinds()),
            **_CREATION,
            curl=(
                'curl -H "Authorization: Bearer $KEY" -H "Idempotency-Key: rows-2026-27-first" \\\n'
                '  -H "Content-Type: application/json" \\\n'
                f"  -d '{json.dumps(shapes.rows_example(kinds.kinds()))}' \\\n"
                '  "$API/uploads/rows/"'
            ),
        )
    }


class UploadDetail(DetailView):
    """One upload. Clients poll it to see how far it is."""

    tag = "uploads"
    permission_classes = [KeyHolder]
    operations = {
        "GET": Operation(
            id="getUpload",
            summary="Read one upload",
            description=(
                "Poll it until `state` is needs_layout, refused, ready, awaiting_second_person, accepted or failed. If "
                "it is needs_layout, read `/proposal/` and say how the file is read."
            ),
            answers={200: shapes.UPLOAD_ANSWER},
            path_parameters={"reference": shapes.PATH_REFERENCE},
            problems=(403, 404),
            key_needed=True,
            curl='curl -H "Authorization: Bearer $KEY" "$API/uploads/$UPLOAD/"',
        )
    }

    def get(self, request: Request, **names: str) -> HttpResponse:
        self.parameters(request)
        return upload_answer(request, upload_for(member_of(request), names["reference"]).pk)


class UploadProblems(ListView):
    """All problems and warnings of an upload, cell by cell."""

    tag = "uploads"
    filename = "problems"
    permission_classes = [KeyHolder]
    operations = {
        "GET": Operation(
            id="listUploadProblems",
            summary="List the problems of an upload",
            description="All problems and warnings, in the order in which they were found.",
            answers={200: shapes.PROBLEM_PAGE},
            parameters=(p.choice("severity", Severity, "Only errors, or only warnings."), *p.LIST),
            path_parameters={"reference": shapes.PATH_REFERENCE},
            problems=(403, 404),
            key_needed=True,
            curl='curl -H "Authorization: Bearer $KEY" "$API/uploads/$UPLOAD/problems/"',
        )
    }

    def listing(self, asked: dict[str, Any], **names: str) -> Listing:
        return listings.problems(upload_for(member_of(self.request), names["reference"]), asked)

    def present(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return dict(zip((column.name for column in listings.PROBLEMS.columns), row, strict=True))


class UploadStep(ResourceView):
    """A change of state, which needs the current version in If-Match. A subclass names the action."""

    tag = "uploads"
    permission_classes = [KeyHolder]
    step: Callable[..., Any]
    status = 200

    def post(self, request: Request, reference: str) -> HttpResponse:
        self.parameters(request)
        return self.stepped(request, upload_for(member_of(request), reference))

    def stepped(self, request: Request, found: Any) -> HttpResponse:
        """Take the step. Raises a problem if it is refused, or if the client has not seen the current version."""
        body = self.read(request)
        try:
            with transaction.atomic():
                require_version(request, states.locked_version(found))
                changed = type(self).step(upload=found, by=actor_of(request), **body)
        except Refused as refused:
            raise in_http(refused) from refused
        return upload_answer(request, changed.pk, self.status)

    def read(self, request: Request) -> dict[str, Any]:
        submissions.refuse_body(request.data)
        return {}


def _step(name: str, summary: str, description: str, **more: Any) -> dict[str, Operation]:
    curl = f'curl -X POST -H "Authorization: Bearer $KEY" -H "If-Match: $ETAG" "$API/uploads/$UPLOAD/{name}/"'
    return {
        "POST": Operation(
            id=f"{name}Upload",
            summary=summary,
            description=description,
            **{"answers": {200: shapes.CHANGED_ANSWER}, "curl": curl, **more},
            path_parameters={"reference": shapes.PATH_REFERENCE},
            headers=(shapes.IF_MATCH,),
            problems=(403, 404, 409, 412, 413, 415, 428),
            key_needed=True,
        )
    }


class UploadAccept(UploadStep):
    """Accept an upload that somebody else prepared. A second request by the same client has no further effect."""

    step = staticmethod(actions.accept_upload)
    status = 202
    operations = _step(
        "accept",
        "Accept an upload",
        "The person accountable for the key must not be the one who prepared the upload, unless the organisation has "
        "waived that rule. The rows are then written in the background, all or none.",
        answers={202: shapes.STARTED_ANSWER},
    )


class UploadAbandon(UploadStep):
    """Set an upload aside before it changes anything."""

    step = staticmethod(actions.abandon_upload)
    operations = _step("abandon", "Abandon an upload", "Sets it aside before anything has changed.")


class UploadReverse(UploadStep):
    """Reverse an accepted upload: restore the previous values."""

    step = staticmethod(actions.reverse_upload)
    parser_classes = [StrictJsonParser]
    operations = _step(
        "reverse",
        "Reverse an accepted upload",
        "Restores the previous values as new versions. Not possible if later changes depend on this upload.",
        body=json_body(shapes.REASON, {"reason": "The file was the draft of March"}),
        curl=(
            'curl -X POST -H "Authorization: Bearer $KEY" -H "If-Match: $ETAG" -H "Content-Type: application/json" \\\n'
            '  -d \'{"reason": "The file was the draft of March"}\' "$API/uploads/$UPLOAD/reverse/"'
        ),
    )

    def read(self, request: Request) -> dict[str, Any]:
        return {"reason": submissions.read_reason(request.data)}


class UploadDate(UploadStep):
    """Give a date of publication to an upload that was refused because it had none."""

    step = staticmethod(actions.date_upload)
    parser_classes = [StrictJsonParser]
    status = 202
    operations = _step(
        "date",
        "Give a publication date",
        "For an upload refused with the problem NOT_PUBLISHED: it replaces published figures and has no date. The file "
        "is kept and read again with the date.",
        answers={202: shapes.STARTED_ANSWER},
        body=json_body(shapes.PUBLICATION_DATE, {"published_on": "2026-04-01"}),
        curl=(
            'curl -X POST -H "Authorization: Bearer $KEY" -H "If-Match: $ETAG" -H "Content-Type: application/json" \\\n'
            '  -d \'{"published_on": "2026-04-01"}\' "$API/uploads/$UPLOAD/date/"'
        ),
    )

    def read(self, request: Request) -> dict[str, Any]:
        return {"published_on": submissions.read_date(request.data)}


class UploadPublish(ResourceView):
    """Prepare the publication of accepted figures: a new upload, which a second person accepts."""

    tag = "uploads"
    permission_classes = [KeyHolder]
    parser_classes = [StrictJsonParser]
    operations = {
        "POST": Operation(
            id="publishUpload",
            summary="Publish accepted figures",
            description=(
                "Prepares a publication of figures that were accepted without a publication date. The answer is a new "
                "upload. Nothing becomes public until somebody else has accepted it. Without `parts`, it is about all "
                "figures of the upload that are not published."
            ),
            body=json_body(shapes.PUBLICATION, {"published_on": "2026-04-01", "parts": ["nhs-core:2026-27"]}),
            answers={202: shapes.RECEIVED_ANSWER},
            path_parameters={"reference": shapes.PATH_REFERENCE},
            headers=(IDEMPOTENCY_KEY,),
            problems=(403, 404, 409, 413, 415, 422),
            key_needed=True,
            curl=(
                'curl -H "Authorization: Bearer $KEY" -H "Idempotency-Key: publish-2026-27" \\\n'
                '  -H "Content-Type: application/json" -d \'{"published_on": "2026-04-01"}\' \\\n'
                '  "$API/uploads/$UPLOAD/publish/"'
            ),
        )
    }

    def post(self, request: Request, reference: str) -> HttpResponse:
        self.parameters(request)
        actor = member_of(request)
        found = upload_for(actor, reference)
        return once(request, actor.reference, lambda: self._prepared(request, found, actor))

    def _prepared(self, request: Request, found: Any, actor: Actor) -> HttpResponse:
        published_on, parts = submissions.read_publication(request.data)
        try:
            publication = actions.publish_upload(
                upload=found, published_on=published_on, parts=parts, channel=Channel.API, by=actor
            )
        except Refused as refused:
            raise in_http(refused) from refused
        answer = upload_answer(request, publication.pk, 202)
        answer.headers["Location"] = upload_link(publication.reference)
        return answer


urlpatterns = [
    *list_paths("uploads", UploadList, name="upload-list"),
    path("uploads/rows/", UploadRows.as_view(), name="upload-rows"),
    path("uploads/<slug:reference>/", UploadDetail.as_view(), name="upload-detail"),
    *list_paths("uploads/<slug:reference>/problems", UploadProblems, name="upload-problems"),
    path("uploads/<slug:reference>/accept/", UploadAccept.as_view(), name="upload-accept"),
    path("uploads/<slug:reference>/abandon/", UploadAbandon.as_view(), name="upload-abandon"),
    path("uploads/<slug:reference>/date/", UploadDate.as_view(), name="upload-date"),
    path("uploads/<slug:reference>/publish/", UploadPublish.as_view(), name="upload-publish"),
    path("uploads/<slug:reference>/reverse/", UploadReverse.as_view(), name="upload-reverse"),
]
