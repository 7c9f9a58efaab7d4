"""Funds of a draft: added, changed, dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse

from partnerships.actions import drafting
from partnerships.forms.drafting import ConfirmForm, PoolForm
from partnerships.queries.agreements.drafts import Draft, bodies_by_pk, fingerprint
from partnerships.records import POOL
from partnerships.tables.limits import limit_table
from partnerships.views.editing.frame import Now, Work, carried_out, on_draft, part_of_draft, something_new

if TYPE_CHECKING:
    from partnerships.rules.agreements import PoolContent
    from pooledcare.directory.models import Organisation

BODIES = ("host", "manager_employer")


@on_draft
def pool_add(work: Work, draft: Draft) -> HttpResponse:
    form = PoolForm(work.posted, draft=draft, bodies={})
    done = carried_out(
        work,
        form,
        lambda said: drafting.save_pool(deed=draft.deed, values=said, by=work.actor),
        now=something_new,
    )
    if done:
        return work.go(f"The fund “{done.result.name}” has been added.", "draft-detail")
    return work.show("pool_edit", form=form, draft=draft, pool=None)


@on_draft
def pool_change(work: Work, draft: Draft, slug: str) -> HttpResponse:
    pool = pool_of(draft, slug)
    named = {name: getattr(pool, name) for name in BODIES}
    started = POOL.plain_values(pool) | {n: b.code if b else "" for n, b in named.items()}
    form = PoolForm(work.posted, draft=draft, bodies=_bodies(pool), slug=slug, initial=started)

    def save(said: dict[str, Any]) -> object:
        return drafting.save_pool(deed=draft.deed, slug=slug, values=said, by=work.actor)

    if carried_out(work, form, save, now=pool_shown(slug)):
        return work.go(f"The fund “{form.cleaned_data['name']}” has been saved.", "draft-detail")
    limits = limit_table(pool, lambda position: work.url("limit-change", slug, position))
    return work.show("pool_edit", form=form, draft=draft, pool=pool, limits=limits)


@on_draft
def pool_drop(work: Work, draft: Draft, slug: str) -> HttpResponse:
    pool = pool_of(draft, slug)
    form = ConfirmForm(work.posted)

    def drop(_: dict[str, Any]) -> object:
        return drafting.drop_pool(deed=draft.deed, slug=slug, by=work.actor)

    if carried_out(work, form, drop, now=pool_shown(slug)):
        return work.go(f"The fund “{pool.name}” has been removed.", "draft-detail")
    return work.show("pool_drop", form=form, draft=draft, pool=pool)


def pool_of(draft: Draft, slug: str) -> PoolContent:
    found = draft.content.pool(slug)
    if found is None:
        raise Http404
    return found


def _bodies(pool: PoolContent) -> dict[str, Organisation]:
    """Organisations that the fund names, by code. They can stay selected even if they are not partners."""
    found = bodies_by_pk([body.pk for name in BODIES if (body := getattr(pool, name))])
    return {each.code: each for each in found.values()}


def pool_shown(slug: str) -> Now:
    return part_of_draft(lambda draft: fingerprint(draft.content.pool(slug)))
