"""The API of pools: pooled and aligned funds, their hosts, managers, VAT and terms about money; no budgets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import path

from partnerships.actions.drafting import drop_pool, save_pool
from partnerships.api.asking import known
from partnerships.api.drafting import POOL_FIELDS, limits_in, pool_values
from partnerships.api.parts import Part, PartDetail, PartList, Shapes
from partnerships.api.presenting import present_pool
from partnerships.api_schema import pools as shapes
from partnerships.queries.agreements import api_listings as listings
from partnerships.queries.agreements.drafts import Draft
from partnerships.rules.agreements import Content, PoolContent
from partnerships.terms import PoolKind
from pooledcare.directory.access import Actor
from pooledcare.directory.api import actor_of
from pooledcare.kernel.rest import parameters as p
from pooledcare.kernel.rest.listings import Listing
from pooledcare.kernel.rest.views import list_paths


class Pool(Part):
    noun = "pool"
    columns = tuple(column.name for column in listings.POOLS.columns)
    fields = POOL_FIELDS
    shapes = Shapes(
        page=shapes.POOL_PAGE,
        one=shapes.POOL_ANSWER,
        created=shapes.POOL_CREATED,
        changed=shapes.POOL_CHANGED,
        new_example=shapes.POOL_NEW_EXAMPLE,
        change_example=shapes.POOL_CHANGE_EXAMPLE,
    )

    def of(self, content: Content, slug: str) -> PoolContent | None:
        return content.pool(slug)

    def present(self, found: PoolContent, reference: str) -> dict[str, Any]:
        return present_pool(found, reference)

    def save(self, draft: Draft, slug: str, said: Mapping[str, Any], by: Actor) -> str:
        terms = save_pool(
            deed=draft.deed,
            slug=slug,
            values=pool_values(said, draft.day),
            limits=limits_in(said, draft.day),
            by=by,
        )
        return terms.pool.slug

    def drop(self, draft: Draft, slug: str, by: Actor) -> None:
        drop_pool(deed=draft.deed, slug=slug, by=by)


POOLS = Pool()


class PoolList(PartList):
    """Who hosts which fund. Known clients: none outside PooledCare yet."""

    tag = filename = "pools"
    part = POOLS
    operations = POOLS.on_list(
        p.choice("kind", PoolKind, "Only pooled, or only aligned funds."),
        p.code("host", "Only funds hosted by the body with this code."),
        says="As at today, in order of agreement. Only of agreements that you may read. No amounts of money.",
        asking="kind=pooled",
    )

    def listing(self, asked: dict[str, Any], **names: str) -> Listing:
        return listings.pools(known(asked, self.request), actor=actor_of(self.request))


class PoolDetail(PartDetail):
    """One fund. Known clients: none outside PooledCare yet."""

    tag = "pools"
    part = POOLS
    operations = POOLS.on_one()


urlpatterns = [
    *list_paths("pools", PoolList, name="pool-list"),
    path("pools/<slug:reference>/<slug:slug>/", PoolDetail.as_view(), name="pool-detail"),
]
