"""Delegated limits of a fund in a draft: one page for each, so that no JavaScript is needed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse

from partnerships.actions import drafting
from partnerships.forms.drafting import ConfirmForm, LimitForm
from partnerships.queries.agreements.drafts import Draft, bodies_by_pk, limits_of
from partnerships.records import DELEGATED_LIMIT
from partnerships.views.editing.frame import Work, carried_out, on_draft
from partnerships.views.editing.pools import pool_of, pool_shown

if TYPE_CHECKING:
    from partnerships.rules.agreements import LimitContent, PoolContent
    from partnerships.rules.agreements.limits import LimitIn


@on_draft
def limit_add(work: Work, draft: Draft, slug: str) -> HttpResponse:
    pool = pool_of(draft, slug)
    form = LimitForm(work.posted, draft=draft, bodies={})

    def save(_: dict[str, Any]) -> object:
        return _save(work, draft, pool, [*limits_of(pool), form.as_entered()])

    if carried_out(work, form, save, now=pool_shown(slug)):
        return work.go("The limit has been added.", "pool-change", slug)
    return work.show("limit_edit", form=form, draft=draft, pool=pool, position=None)


@on_draft
def limit_change(work: Work, draft: Draft, slug: str, position: int) -> HttpResponse:
    pool = pool_of(draft, slug)
    limit = _limit(pool, position)
    started = DELEGATED_LIMIT.plain_values(limit) | {"partner": limit.partner.code, "deputies": limit.deputies}
    named = {each.code: each for each in bodies_by_pk([limit.partner.pk]).values()}
    form = LimitForm(work.posted, draft=draft, bodies=named, initial=started)

    def save(_: dict[str, Any]) -> object:
        limits = limits_of(pool)
        limits[position - 1] = form.as_entered()
        return _save(work, draft, pool, limits)

    if carried_out(work, form, save, now=pool_shown(slug)):
        return work.go("The limit has been saved.", "pool-change", slug)
    return work.show("limit_edit", form=form, draft=draft, pool=pool, position=position)


@on_draft
def limit_remove(work: Work, draft: Draft, slug: str, position: int) -> HttpResponse:
    pool = pool_of(draft, slug)
    limit = _limit(pool, position)
    form = ConfirmForm(work.posted)

    def remove(_: dict[str, Any]) -> object:
        limits = limits_of(pool)
        return _save(work, draft, pool, [*limits[: position - 1], *limits[position:]])

    if carried_out(work, form, remove, now=pool_shown(slug)):
        return work.go("The limit has been removed.", "pool-change", slug)
    return work.show("limit_remove", form=form, draft=draft, pool=pool, limit=limit, position=position)


def _limit(pool: PoolContent, position: int) -> LimitContent:
    if not 1 <= position <= len(pool.limits):
        raise Http404
    return pool.limits[position - 1]


def _save(work: Work, draft: Draft, pool: PoolContent, limits: Iterable[LimitIn]) -> object:
    """Save only the limits; the other terms of the fund do not change."""
    return drafting.save_pool(deed=draft.deed, slug=pool.slug, values={}, limits=list(limits), by=work.actor)
