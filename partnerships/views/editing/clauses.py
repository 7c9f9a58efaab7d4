"""Clauses of a draft: one page for each subject."""

from __future__ import annotations

from django.http import Http404, HttpResponse

from partnerships.actions import drafting
from partnerships.forms.drafting import ClauseForm
from partnerships.queries.agreements.drafts import Draft, fingerprint
from partnerships.terms import ClauseKind
from partnerships.views.editing.frame import Work, carried_out, on_draft, part_of_draft


@on_draft
def clause_edit(work: Work, draft: Draft, kind: str) -> HttpResponse:
    if kind not in ClauseKind.values:
        raise Http404
    form = ClauseForm(work.posted, initial={"text": draft.content.clause(kind)})
    done = carried_out(
        work,
        form,
        lambda said: drafting.write_clause(deed=draft.deed, kind=kind, text=said["text"], by=work.actor),
        now=part_of_draft(lambda one: fingerprint(one.content.clause(kind))),
    )
    label = ClauseKind(kind).label
    if done:
        return work.go(f"The clause “{label}” has been saved.", "draft-detail")
    before = draft.before.clause(kind) if draft.before else ""
    return work.show("clause_edit", form=form, draft=draft, label=label, before=before)
