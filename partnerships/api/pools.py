"""The API of pools: pooled and aligned funds, who hosts and manages them, how they are treated. No money."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import path
from rest_framework.request import Request

from partnerships.actions.drafting import drop_pool, save_pool
from partnerships.api.asking import DAYS, OF_AGREEMENT, PATH_REFERENCE, PATH_SLUG, known, reached_for, text_of
from partnerships.api.drafting import POOL, a_new, changing, pool_values
from partnerships.api.presenting import agreement_link, pool_link, present_pool
from partnerships.api_schema import changing as changes
from partnerships.api_schema import pools as shapes
from partnerships.queries.agreements import api_listings as listings
from partnerships.queries.agreements.drafts import Draft
from partnerships.terms import PoolKind
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

_NAMES = tuple(column.name for column in listings.POOLS.columns)


class PoolList(ListView):
    """Who hosts which fund. Known clients: none outside PooledCare yet."""

    tag = "pools"
    filename = "pools"
    permission_classes = [Public]
    parser_classes = [StrictJsonParser]
    operations = {
        "GET": Operation(
            id="listPools",
            summary="List pools",
            description="As they read today, by agreement; of agreements that the client may read. Facts, no money.",
            answers={200: shapes.POOL_PAGE},
            parameters=(
                *OF_AGREEMENT,
                p.choice("kind", PoolKind, "Only pooled, or only aligned funds."),
                p.code("host", "Only funds hosted by the body with this code."),
                *p.LIST,
            ),
            problems=(404,),
            curl='curl "$API/pools/?kind=pooled"',
        ),
        "POST": Operation(
            id="createPool",
            summary="Add a pool to the deed under work",
            description="Its address is made from its name. Drafts save half-finished: only the name is needed.",
            answers={201: shapes.POOL_CREATED},
            body=changes.body("NewPool", a_new(POOL), shapes.POOL_NEW_EXAMPLE),
            headers=(changes.IDEMPOTENCY_KEY,),
            problems=(403, 404, 409, 413, 415, 422),
            key_needed=True,
            curl=(
                'curl -H "Authorization: Bearer $KEY" -H "Idempotency-Key: a-new-pool" \\\n'
                '  -H "Content-Type: application/json" \\\n'
                '  -d "{\\"agreement\\": \\"$AGREEMENT\\", \\"name\\": \\"Equipment\\"}" "$API/pools/"'
            ),
        ),
    }

    def listing(self, asked: dict[str, Any], **names: str) -> Listing:
        return listings.pools(known(asked, self.request), actor=actor_of(self.request))

    def present(self, row: tuple[Any, ...]) -> dict[str, Any]:
        values = dict(zip(_NAMES, row, strict=True))
        reference = values["agreement"]
        return values | {
            "links": {"self": pool_link(reference, values["slug"]), "agreement": agreement_link(reference)}
        }

    def post(self, request: Request) -> HttpResponse:
        require_key(self.client)
        self.parameters(request)
        return once(request, self.client.reference, lambda: self._made(request))

    def _made(self, request: Request) -> HttpResponse:
        said, actor = read_body(request.data, a_new(POOL)), actor_of(request)
        reference = said.pop("agreement")

        def add(draft: Draft) -> str:
            terms = save_pool(deed=draft.deed, slug="", values=pool_values(said, draft.day), by=actor)
            return terms.pool.slug

        slug = changing(request, reference, add, versioned=False)
        return pool_answer(request, reference, slug, {"draft": True}, 201)


def pool_answer(request: Request, reference: str, slug: str, asked: dict[str, Any], status: int = 200) -> HttpResponse:
    """One pool as its agreement reads; for partners with the agreement's version in the ETag."""
    reached = reached_for(request, reference)
    text = text_of(reached, asked)
    pool = text.content.pool(slug)
    if pool is None:
        raise HttpProblem("not-found")
    version = reached.agreement.version if reached.is_partner else None
    shape = {**present_pool(pool, reference), "as_at": text.day, "version": version}
    answer = json_answer(shape, status)
    if status == 200:
        return conditional(request, answer, version)
    answer.headers["ETag"] = f'"{version}"'
    answer.headers["Location"] = pool_link(reference, slug)
    return answer


class PoolDetail(DetailView):
    """One fund. Known clients: none outside PooledCare yet."""

    tag = "pools"
    permission_classes = [Public]
    parser_classes = [StrictJsonParser]
    operations = {
        "GET": Operation(
            id="getPool",
            summary="Read one pool",
            description="As its agreement reads on the day `as_at`. `version`, for partners, is that of the agreement.",
            answers={200: shapes.POOL_ANSWER},
            parameters=DAYS,
            path_parameters={"reference": PATH_REFERENCE, "slug": PATH_SLUG},
            problems=(404,),
            curl='curl "$API/pools/S75-0001/reablement/"',
        ),
        "PATCH": Operation(
            id="changePool",
            summary="Change a pool in the deed under work",
            description=(
                "What is not given stays as it is. What was signed is never changed: where there is no deed under "
                "work, this is refused."
            ),
            answers={200: shapes.POOL_CHANGED},
            body=changes.body("PoolChange", POOL, shapes.POOL_CHANGE_EXAMPLE),
            path_parameters={"reference": PATH_REFERENCE, "slug": PATH_SLUG},
            headers=(changes.IF_MATCH,),
            problems=(403, 404, 409, 412, 413, 415, 428),
            key_needed=True,
            curl=(
                'curl -X PATCH -H "Authorization: Bearer $KEY" -H "If-Match: $ETAG" \\\n'
                '  -H "Content-Type: application/json" -d \'{"name": "Reablement at home"}\' \\\n'
                '  "$API/pools/$AGREEMENT/reablement/"'
            ),
        ),
        "DELETE": Operation(
            id="dropPool",
            summary="Take a pool out by the deed under work",
            description="Takes back what the deed says of it; where it says nothing, the pool ends with this deed.",
            answers={204: Answer("Done.")},
            path_parameters={"reference": PATH_REFERENCE, "slug": PATH_SLUG},
            headers=(changes.IF_MATCH,),
            problems=(403, 404, 409, 412, 428),
            key_needed=True,
            curl=(
                'curl -X DELETE -H "Authorization: Bearer $KEY" -H "If-Match: $ETAG" \\\n'
                '  "$API/pools/$AGREEMENT/reablement/"'
            ),
        ),
    }

    def get(self, request: Request, **names: str) -> HttpResponse:
        return pool_answer(request, names["reference"], names["slug"], self.parameters(request))

    def patch(self, request: Request, reference: str, slug: str) -> HttpResponse:
        require_key(self.client)
        self.parameters(request)
        said, actor = read_body(request.data, POOL), actor_of(request)

        def change(draft: Draft) -> None:
            if draft.content.pool(slug) is None:
                raise HttpProblem("not-found")
            save_pool(deed=draft.deed, slug=slug, values=pool_values(said, draft.day), by=actor)

        changing(request, reference, change)
        return pool_answer(request, reference, slug, {"draft": True})

    def delete(self, request: Request, reference: str, slug: str) -> HttpResponse:
        require_key(self.client)
        self.parameters(request)

        def change(draft: Draft) -> None:
            if draft.content.pool(slug) is None:
                raise HttpProblem("not-found")
            drop_pool(deed=draft.deed, slug=slug, by=actor_of(request))

        changing(request, reference, change)
        return HttpResponse(status=204)


urlpatterns = [
    path("pools/", PoolList.as_view(), name="pool-list"),
    path("pools/<slug:reference>/<slug:slug>/", PoolDetail.as_view(), name="pool-detail"),
]
