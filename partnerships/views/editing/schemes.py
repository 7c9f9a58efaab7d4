"""Schemes of a draft, and their functions: one page for each function, so that no JavaScript is needed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse

from partnerships.actions import drafting
from partnerships.actions.drafting import FunctionIn
from partnerships.forms.drafting import ConfirmForm, FunctionForm, SchemeForm
from partnerships.queries.agreements.drafts import Draft, bodies_by_pk, fingerprint, functions_offered
from partnerships.records import SCHEME, SCHEME_FUNCTION
from partnerships.terms import Exclusion
from partnerships.views.editing.frame import Now, Work, carried_out, on_draft, part_of_draft, something_new

if TYPE_CHECKING:
    from partnerships.rules.agreements import FunctionContent, SchemeContent
    from pooledcare.directory.models import Organisation


@on_draft
def scheme_add(work: Work, draft: Draft) -> HttpResponse:
    form = SchemeForm(work.posted, draft=draft, bodies={})

    def save(said: dict[str, Any]) -> object:
        return drafting.save_scheme(deed=draft.deed, values=said, functions=[], by=work.actor)

    done = carried_out(work, form, save, now=something_new)
    if done:
        said = f"The scheme “{done.result.name}” has been added. Now say which functions it exercises."
        return work.go(said, "scheme-change", done.result.scheme.slug)
    return work.show("scheme_edit", form=form, draft=draft, scheme=None)


@on_draft
def scheme_change(work: Work, draft: Draft, slug: str) -> HttpResponse:
    scheme = _scheme(draft, slug)
    lead = scheme.lead.code if scheme.lead else ""
    started = SCHEME.plain_values(scheme) | {"lead": lead, "pool": scheme.pool}
    form = SchemeForm(work.posted, draft=draft, bodies=_bodies(scheme), slug=slug, initial=started)

    def save(said: dict[str, Any]) -> object:
        return drafting.save_scheme(deed=draft.deed, slug=slug, values=said, by=work.actor)

    if carried_out(work, form, save, now=_shown(slug)):
        return work.go(f"The scheme “{form.cleaned_data['name']}” has been saved.", "draft-detail")
    return work.show("scheme_edit", form=form, draft=draft, scheme=scheme, labels=_labels)


@on_draft
def scheme_drop(work: Work, draft: Draft, slug: str) -> HttpResponse:
    scheme = _scheme(draft, slug)
    form = ConfirmForm(work.posted)

    def drop(_: dict[str, Any]) -> object:
        return drafting.drop_scheme(deed=draft.deed, slug=slug, by=work.actor)

    if carried_out(work, form, drop, now=_shown(slug)):
        return work.go(f"The scheme “{scheme.name}” has been removed.", "draft-detail")
    return work.show("scheme_drop", form=form, draft=draft, scheme=scheme)


@on_draft
def function_add(work: Work, draft: Draft, slug: str) -> HttpResponse:
    scheme = _scheme(draft, slug)
    form = _function_form(work, draft, scheme, None)

    def save(said: dict[str, Any]) -> object:
        return _save_functions(work, draft, scheme, [*_functions(scheme), _function_in(said)])

    if carried_out(work, form, save, now=_shown(slug)):
        return work.go("The function has been added.", "scheme-change", slug)
    return work.show("function_edit", form=form, draft=draft, scheme=scheme, function=None)


@on_draft
def function_change(work: Work, draft: Draft, slug: str, code: str) -> HttpResponse:
    scheme = _scheme(draft, slug)
    function = _function(scheme, code)
    form = _function_form(work, draft, scheme, function)

    def save(said: dict[str, Any]) -> object:
        changed = [_function_in(said) if each.code == code else each for each in _functions(scheme)]
        return _save_functions(work, draft, scheme, changed)

    if carried_out(work, form, save, now=_shown(slug)):
        return work.go("The function has been saved.", "scheme-change", slug)
    return work.show("function_edit", form=form, draft=draft, scheme=scheme, function=function)


@on_draft
def function_remove(work: Work, draft: Draft, slug: str, code: str) -> HttpResponse:
    scheme = _scheme(draft, slug)
    function = _function(scheme, code)
    form = ConfirmForm(work.posted)

    def remove(_: dict[str, Any]) -> object:
        return _save_functions(work, draft, scheme, [each for each in _functions(scheme) if each.code != code])

    if carried_out(work, form, remove, now=_shown(slug)):
        return work.go("The function has been removed.", "scheme-change", slug)
    return work.show("function_remove", form=form, draft=draft, scheme=scheme, function=function)


def _labels(exclusions: Iterable[str]) -> str:
    return ", ".join(str(Exclusion(code).label) for code in exclusions)


def _scheme(draft: Draft, slug: str) -> SchemeContent:
    found = draft.content.scheme(slug)
    if found is None:
        raise Http404
    return found


def _function(scheme: SchemeContent, code: str) -> FunctionContent:
    found = next((each for each in scheme.functions if each.code == code), None)
    if found is None:
        raise Http404
    return found


def _function_form(work: Work, draft: Draft, scheme: SchemeContent, function: FunctionContent | None) -> FunctionForm:
    started: dict[str, Any] = {}
    if function:
        started = {
            "code": function.code,
            "holder": function.holder.code if function.holder else "",
            **SCHEME_FUNCTION.plain_values(function),
        }
    return FunctionForm(
        work.posted,
        draft=draft,
        functions=functions_offered(draft.content.power, scheme.start_on or draft.day),
        taken=frozenset(each.code for each in scheme.functions if each != function),
        bodies=_bodies(scheme),
        initial=started,
    )


def _save_functions(work: Work, draft: Draft, scheme: SchemeContent, functions: Iterable[FunctionIn]) -> object:
    """Save only the functions; the other terms of the scheme do not change."""
    return drafting.save_scheme(deed=draft.deed, slug=scheme.slug, values={}, functions=list(functions), by=work.actor)


def _function_in(said: dict[str, Any]) -> FunctionIn:
    return FunctionIn(
        code=said["code"],
        holder=said["holder"],
        exclusions=tuple(said["exclusions"]),
        delegation_evidence=said["delegation_evidence"],
    )


def _functions(scheme: SchemeContent) -> list[FunctionIn]:
    held = bodies_by_pk([each.holder.pk for each in scheme.functions if each.holder])
    return [
        FunctionIn(
            code=each.code,
            holder=held[each.holder.pk] if each.holder else None,
            exclusions=each.exclusions,
            delegation_evidence=each.delegation_evidence,
        )
        for each in scheme.functions
    ]


def _bodies(scheme: SchemeContent) -> dict[str, Organisation]:
    """Organisations that the scheme names, by code. They can stay selected even if they are not partners."""
    named = [scheme.lead, *(each.holder for each in scheme.functions)]
    return {each.code: each for each in bodies_by_pk([body.pk for body in named if body]).values()}


def _shown(slug: str) -> Now:
    return part_of_draft(lambda draft: fingerprint(draft.content.scheme(slug)))
