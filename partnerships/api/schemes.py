"""The API of schemes: which functions and services they hold, under which flexibility, who leads. No money."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import path
from rest_framework.request import Request

from partnerships.api.asking import (
    DAYS,
    FLEXIBILITY,
    FUNCTION,
    OF_AGREEMENT,
    PATH_REFERENCE,
    PATH_SLUG,
    known,
    reached_for,
)
from partnerships.api.presenting import agreement_link, present_scheme, scheme_link
from partnerships.api_schema import schemes as shapes
from partnerships.queries.agreements import api_listings as listings
from partnerships.queries.agreements.detail import reading
from pooledcare.directory.api import actor_of
from pooledcare.kernel.rest import parameters as p
from pooledcare.kernel.rest.authentication import Public
from pooledcare.kernel.rest.conditional import conditional
from pooledcare.kernel.rest.listings import Listing
from pooledcare.kernel.rest.problems import HttpProblem
from pooledcare.kernel.rest.schema import Operation
from pooledcare.kernel.rest.views import DetailView, ListView, json_answer

_NAMES = tuple(column.name for column in listings.SCHEMES.columns)


class SchemeList(ListView):
    """What is pooled. Known clients: none outside PooledCare yet."""

    tag = "schemes"
    filename = "schemes"
    permission_classes = [Public]
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
        )
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


def scheme_answer(request: Request, reference: str, slug: str, asked: dict[str, Any]) -> HttpResponse:
    reached = reached_for(request, reference)
    read = reading(reached, as_at=asked.get("as_at"), known_at=asked.get("known_at"))
    scheme = read.content.scheme(slug) if read.content else None
    if scheme is None:
        raise HttpProblem("not-found")
    version = reached.agreement.version if reached.is_partner else None
    shape = {**present_scheme(scheme, reference), "as_at": read.day, "version": version}
    return conditional(request, json_answer(shape), version)


class SchemeDetail(DetailView):
    """One scheme. Known clients: none outside PooledCare yet."""

    tag = "schemes"
    permission_classes = [Public]
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
        )
    }

    def get(self, request: Request, **names: str) -> HttpResponse:
        return scheme_answer(request, names["reference"], names["slug"], self.parameters(request))


urlpatterns = [
    path("schemes/", SchemeList.as_view(), name="scheme-list"),
    path("schemes/<slug:reference>/<slug:slug>/", SchemeDetail.as_view(), name="scheme-detail"),
]
