"""Partners of a draft: who joins, what each does, who leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from partnerships.actions import drafting
from partnerships.forms.drafting import ConfirmForm, NewPartnerForm, PartnerForm
from partnerships.queries.agreements.drafts import Draft, fingerprint
from partnerships.queries.agreements.reach import agreement_reached
from partnerships.views.editing.frame import Now, Work, carried_out, on_draft, part_of_draft, something_new

if TYPE_CHECKING:
    from partnerships.models import Partner


@on_draft
def partner_add(work: Work, draft: Draft) -> HttpResponse:
    form = NewPartnerForm(work.posted, draft=draft)
    done = carried_out(
        work,
        form,
        lambda said: drafting.add_partner(deed=draft.deed, by=work.actor, **said),
        now=something_new,
    )
    if done:
        return work.go(f"{done.result.organisation.name} has been added as a partner.", "draft-detail")
    return work.show("partner_edit", form=form, draft=draft, partner=None)


@on_draft
def partner_change(work: Work, draft: Draft, code: str) -> HttpResponse:
    partner = _partner(draft, code)
    started = {"role": partner.role, "contributes": partner.contributes}
    form = PartnerForm(work.posted, initial=started)
    form.fields["role"].required = True

    def save(said: dict[str, Any]) -> object:
        return drafting.change_partner(deed=draft.deed, partner=partner, by=work.actor, **said)

    if carried_out(work, form, save, now=_shown(code)):
        return work.go(f"What {partner.organisation.name} does has been saved.", "draft-detail")
    joined_here = partner.deed_id == draft.deed.pk
    return work.show("partner_edit", form=form, draft=draft, partner=partner, joined_here=joined_here)


@on_draft
def partner_remove(work: Work, draft: Draft, code: str) -> HttpResponse:
    partner = _partner(draft, code)
    form = ConfirmForm(work.posted)

    def remove(_: dict[str, Any]) -> object:
        return drafting.remove_partner(deed=draft.deed, partner=partner, by=work.actor)

    name, joined_here = partner.organisation.name, partner.deed_id == draft.deed.pk
    if carried_out(work, form, remove, now=_shown(code)):
        said = f"{name} has been removed." if joined_here else f"{name} leaves by this deed."
        if agreement_reached(work.agreement.reference, actor=work.actor) is None:
            messages.success(work.request, f"{said} You no longer see {work.agreement.reference}.")
            return redirect("partnerships:agreement-list")
        return work.go(said, "draft-detail")
    return work.show("partner_remove", form=form, draft=draft, partner=partner, joined_here=joined_here)


def _partner(draft: Draft, code: str) -> Partner:
    found = draft.partner(code.upper())
    if found is None:
        raise Http404
    return found


def _shown(code: str) -> Now:
    """The partner as the page shows it."""
    return part_of_draft(
        lambda draft: fingerprint(next((p for p in draft.content.partners if p.body.code == code.upper()), None))
    )
