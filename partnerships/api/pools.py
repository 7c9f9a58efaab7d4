"""The API of pools: pooled and aligned funds, who hosts and manages them, how they are treated. No money."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import path
from rest_framework.request import Request

from partnerships.api.asking import DAYS, OF_AGREEMENT, PATH_REFERENCE, PATH_SLUG, known, reached_for
from partnerships.api.presenting import agreement_link, pool_link, present_pool
from partnerships.api_schema import pools as shapes
from partnerships.queries.agreements import api_listings as listings
from partnerships.queries.agreements.detail import reading
from partnerships.terms import PoolKind
from pooledcare.directory.api import actor_of
from pooledcare.kernel.rest import parameters as p
from pooledcare.kernel.rest.authentication import Public
from pooledcare.kernel.rest.conditional import conditional
from pooledcare.kernel.rest.listings import Listing
from pooledcare.kernel.rest.problems import HttpProblem
from pooledcare.kernel.rest.schema import Operation
from pooledcare.kernel.rest.views import DetailView, ListView, json_answer

_NAMES = tuple(column.name for column in listings.POOLS.columns)


class PoolList(ListView):
    """Who hosts which fund. Known clients: none outside PooledCare yet."""

    tag = "pools"
    filename = "pools"
    permission_classes = [Public]
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
        )
    }

    def listing(self, asked: dict[str, Any], **names: str) -> Listing:
        return listings.pools(known(asked, self.request), actor=actor_of(self.request))

    def present(self, row: tuple[Any, ...]) -> dict[str, Any]:
        values = dict(zip(_NAMES, row, strict=True))
        reference = values["agreement"]
        return values | {
            "links": {"self": pool_link(reference, values["slug"]), "agreement": agreement_link(reference)}
        }


def pool_answer(request: Request, reference: str, slug: str, asked: dict[str, Any]) -> HttpResponse:
    reached = reached_for(request, reference)
    read = reading(reached, as_at=asked.get("as_at"), known_at=asked.get("known_at"))
    pool = read.content.pool(slug) if read.content else None
    if pool is None:
        raise HttpProblem("not-found")
    version = reached.agreement.version if reached.is_partner else None
    shape = {**present_pool(pool, reference), "as_at": read.day, "version": version}
    return conditional(request, json_answer(shape), version)


class PoolDetail(DetailView):
    """One fund. Known clients: none outside PooledCare yet."""

    tag = "pools"
    permission_classes = [Public]
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
        )
    }

    def get(self, request: Request, **names: str) -> HttpResponse:
        return pool_answer(request, names["reference"], names["slug"], self.parameters(request))


urlpatterns = [
    path("pools/", PoolList.as_view(), name="pool-list"),
    path("pools/<slug:reference>/<slug:slug>/", PoolDetail.as_view(), name="pool-detail"),
]
