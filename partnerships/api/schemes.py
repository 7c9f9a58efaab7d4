"""The API of schemes: which functions and services they hold, under which flexibility, who leads. No money."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import path
from rest_framework.request import Request

from partnerships.actions.drafting import drop_scheme, save_scheme
from partnerships.api.asking import (
    DAYS,
    FLEXIBILITY,
    FUNCTION,
    OF_AGREEMENT,
    PATH_REFERENCE,
    PATH_SLUG,
    known,
    reached_for,
    text_of,
)
from partnerships.api.drafting import SCHEME, a_new, changing, functions_of, scheme_values
from partnerships.api.presenting import agreement_link, present_scheme, scheme_link
from partnerships.api_schema import changing as changes
from partnerships.api_schema import schemes as shapes
from partnerships.queries.agreements import api_listings as listings
from partnerships.queries.agreements.drafts import Draft
from pooledcare.directory.api import actor_of
from pooledcare.kernel.rest import parameters as p
from pooledcare.kernel.rest.authentication import Public, require_key
from pooledcare.kernel.rest.bodies import read_body
from pooledcare.kernel.rest.conditional import conditional
from pooledcare.kernel.rest.idempotency import once
from pooledcare.kernel.rest.listings import Listing
from pooledcare.kernel.rest.parsers import StrictJsonParser
from pooledcare.kernel.rest.problems import HttpProblem
from pooledcare.kernel.rest.schema import Answer, Operation
from pooledcare.kernel.rest.views import DetailView, ListView, json_answer

_NAMES = tuple(column.name for column in listings.SCHEMES.columns)


class SchemeList(ListView):
    """What is pooled. Known clients: none outside PooledCare yet."""

    tag = "schemes"
    filename = "schemes"
    permission_classes = [Public]
    parser_classes = [StrictJsonParser]
    operations = {
        "GET": Operation(
            id="listSchemes",
            summary="List schemes",
            description="As they read today, by agreement; of agreements that the client may read.",
            answers={200: shapes.SCHEME_PAGE},
            parameters=(
                *OF_AGREEMENT,
                FUNCTION,
                FLEXIBILITY,
                p.code("lead", "Only schemes led by the body with this code."),
                *p.LIST,
            ),
            problems=(404,),
            curl='curl "$API/schemes/?function=nhs-s3"',
        ),
        "POST": Operation(
            id="createScheme",
            summary="Add a scheme to the deed under work",
            description="Its address is made from its name. Drafts save half-finished: only the name is needed.",
            answers={201: shapes.SCHEME_CREATED},
            body=changes.body("NewScheme", a_new(SCHEME), shapes.SCHEME_NEW_EXAMPLE),
            headers=(changes.IDEMPOTENCY_KEY,),
            problems=(403, 404, 409, 413, 415, 422),
            key_needed=True,
            curl=(
                'curl -H "Authorization: Bearer $KEY" -H "Idempotency-Key: a-new-scheme" \\\n'
                '  -H "Content-Type: application/json" \\\n'
                '  -d "{\\"agreement\\": \\"$AGREEMENT\\", \\"name\\": \\"Equipment\\"}" "$API/schemes/"'
            ),
        ),
    }

    def listing(self, asked: dict[str, Any], **names: str) -> Listing:
        return listings.schemes(known(asked, self.request), actor=actor_of(self.request))

    def present(self, row: tuple[Any, ...]) -> dict[str, Any]:
        values = dict(zip(_NAMES, row, strict=True))
        links = {
            "self": scheme_link(values["agreement"], values["slug"]),
            "agreement": agreement_link(values["agreement"]),
        }
        return values | {"links": links}

    def post(self, request: Request) -> HttpResponse:
        require_key(self.client)
        self.parameters(request)
        return once(request, self.client.reference, lambda: self._made(request))

    def _made(self, request: Request) -> HttpResponse:
        said, actor = read_body(request.data, a_new(SCHEME)), actor_of(request)
        reference = said.pop("agreement")

        def add(draft: Draft) -> str:
            terms = save_scheme(
                deed=draft.deed,
                slug="",
                values=scheme_values(said, draft.day),
                functions=functions_of(said, draft.day),
                by=actor,
            )
            return terms.scheme.slug

        slug = changing(request, reference, add, versioned=False)
        return scheme_answer(request, reference, slug, {"draft": True}, 201)


def scheme_answer(
    request: Request, reference: str, slug: str, asked: dict[str, Any], status: int = 200
) -> HttpResponse:
    """One scheme as its agreement reads; for partners with the agreement's version in the ETag."""
    reached = reached_for(request, reference)
    text = text_of(reached, asked)
    scheme = text.content.scheme(slug)
    if scheme is None:
        raise HttpProblem("not-found")
    version = reached.agreement.version if reached.is_partner else None
    shape = {**present_scheme(scheme, reference), "as_at": text.day, "version": version}
    answer = json_answer(shape, status)
    if status == 200:
        return conditional(request, answer, version)
    answer.headers["ETag"] = f'"{version}"'
    answer.headers["Location"] = scheme_link(reference, slug)
    return answer


class SchemeDetail(DetailView):
    """One scheme. Known clients: none outside PooledCare yet."""

    tag = "schemes"
    permission_classes = [Public]
    parser_classes = [StrictJsonParser]
    operations = {
        "GET": Operation(
            id="getScheme",
            summary="Read one scheme",
            description="As its agreement reads on the day `as_at`. `version`, for partners, is that of the agreement.",
            answers={200: shapes.SCHEME_ANSWER},
            parameters=DAYS,
            path_parameters={"reference": PATH_REFERENCE, "slug": PATH_SLUG},
            problems=(404,),
            curl='curl "$API/schemes/S75-0001/reablement/"',
        ),
        "PATCH": Operation(
            id="changeScheme",
            summary="Change a scheme in the deed under work",
            description=(
                "What is not given stays as it is. What was signed is never changed: where there is no deed under "
                "work, this is refused."
            ),
            answers={200: shapes.SCHEME_CHANGED},
            body=changes.body("SchemeChange", SCHEME, shapes.SCHEME_CHANGE_EXAMPLE),
            path_parameters={"reference": PATH_REFERENCE, "slug": PATH_SLUG},
            headers=(changes.IF_MATCH,),
            problems=(403, 404, 409, 412, 413, 415, 428),
            key_needed=True,
            curl=(
                'curl -X PATCH -H "Authorization: Bearer $KEY" -H "If-Match: $ETAG" \\\n'
                '  -H "Content-Type: application/json" -d \'{"name": "Reablement at home"}\' \\\n'
                '  "$API/schemes/$AGREEMENT/reablement/"'
            ),
        ),
        "DELETE": Operation(
            id="dropScheme",
            summary="Take a scheme out by the deed under work",
            description="Takes back what the deed says of it; where it says nothing, the scheme ends with this deed.",
            answers={204: Answer("Done.")},
            path_parameters={"reference": PATH_REFERENCE, "slug": PATH_SLUG},
            headers=(changes.IF_MATCH,),
            problems=(403, 404, 409, 412, 428),
            key_needed=True,
            curl=(
                'curl -X DELETE -H "Authorization: Bearer $KEY" -H "If-Match: $ETAG" \\\n'
                '  "$API/schemes/$AGREEMENT/reablement/"'
            ),
        ),
    }

    def get(self, request: Request, **names: str) -> HttpResponse:
        return scheme_answer(request, names["reference"], names["slug"], self.parameters(request))

    def patch(self, request: Request, reference: str, slug: str) -> HttpResponse:
        require_key(self.client)
        self.parameters(request)
        said, actor = read_body(request.data, SCHEME), actor_of(request)

        def change(draft: Draft) -> None:
            if draft.content.scheme(slug) is None:
                raise HttpProblem("not-found")
            save_scheme(
                deed=draft.deed,
                slug=slug,
                values=scheme_values(said, draft.day),
                functions=functions_of(said, draft.day),
                by=actor,
            )

        changing(request, reference, change)
        return scheme_answer(request, reference, slug, {"draft": True})

    def delete(self, request: Request, reference: str, slug: str) -> HttpResponse:
        require_key(self.client)
        self.parameters(request)

        def change(draft: Draft) -> None:
            if draft.content.scheme(slug) is None:
                raise HttpProblem("not-found")
            drop_scheme(deed=draft.deed, slug=slug, by=actor_of(request))

        changing(request, reference, change)
        return HttpResponse(status=204)


urlpatterns = [
    path("schemes/", SchemeList.as_view(), name="scheme-list"),
    path("schemes/<slug:reference>/<slug:slug>/", SchemeDetail.as_view(), name="scheme-detail"),
]
