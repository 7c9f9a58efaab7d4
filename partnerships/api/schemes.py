"""The API of schemes: their functions, services, flexibilities and lead; no amounts of money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import path

from partnerships.actions.drafting import drop_scheme, save_scheme
from partnerships.api.asking import FLEXIBILITY, FUNCTION, known
from partnerships.api.drafting import SCHEME_FIELDS, functions_of, scheme_values
from partnerships.api.parts import Part, PartDetail, PartList, Shapes
from partnerships.api.presenting import present_scheme
from partnerships.api_schema import schemes as shapes
from partnerships.queries.agreements import api_listings as listings
from partnerships.queries.agreements.drafts import Draft
from partnerships.rules.agreements import Content, SchemeContent
from pooledcare.directory.access import Actor
from pooledcare.directory.api import actor_of
from pooledcare.kernel.rest import parameters as p
from pooledcare.kernel.rest.listings import Listing
from pooledcare.kernel.rest.views import list_paths


class Scheme(Part):
    noun = "scheme"
    columns = tuple(column.name for column in listings.SCHEMES.columns)
    fields = SCHEME_FIELDS
    shapes = Shapes(
        page=shapes.SCHEME_PAGE,
        one=shapes.SCHEME_ANSWER,
        created=shapes.SCHEME_CREATED,
        changed=shapes.SCHEME_CHANGED,
        new_example=shapes.SCHEME_NEW_EXAMPLE,
        change_example=shapes.SCHEME_CHANGE_EXAMPLE,
    )

    def of(self, content: Content, slug: str) -> SchemeContent | None:
        return content.scheme(slug)

    def present(self, found: SchemeContent, reference: str) -> dict[str, Any]:
        return present_scheme(found, reference)

    def save(self, draft: Draft, slug: str, said: Mapping[str, Any], by: Actor) -> str:
        terms = save_scheme(
            deed=draft.deed,
            slug=slug,
            values=scheme_values(said, draft.day),
            functions=functions_of(said, draft.day),
            by=by,
        )
        return terms.scheme.slug

    def drop(self, draft: Draft, slug: str, by: Actor) -> None:
        drop_scheme(deed=draft.deed, slug=slug, by=by)


SCHEMES = Scheme()


class SchemeList(PartList):
    """What is pooled. Known clients: none outside PooledCare yet."""

    tag = filename = "schemes"
    part = SCHEMES
    operations = SCHEMES.on_list(
        FUNCTION,
        FLEXIBILITY,
        p.code("lead", "Only schemes led by the body with this code."),
        says="As at today, in order of agreement. Only of agreements that you may read.",
        asking="function=nhs-s3",
    )

    def listing(self, asked: dict[str, Any], **names: str) -> Listing:
        return listings.schemes(known(asked, self.request), actor=actor_of(self.request))


class SchemeDetail(PartDetail):
    """One scheme. Known clients: none outside PooledCare yet."""

    tag = "schemes"
    part = SCHEMES
    operations = SCHEMES.on_one()


urlpatterns = [
    *list_paths("schemes", SchemeList, name="scheme-list"),
    path("schemes/<slug:reference>/<slug:slug>/", SchemeDetail.as_view(), name="scheme-detail"),
]
