"""Recording facts outside the text: conditions, decisions, consents and impact assessments."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from partnerships.actions import recording
from partnerships.forms.recording import ConsentForm, DecisionForm, ImpactForm, PreconditionForm
from partnerships.queries.agreements.drafts import Draft, bodies_reading, draft_of
from partnerships.views.editing.frame import Work, acting, as_at_version, carried_out, on_agreement, on_draft
from pooledcare.directory.access import Permission
from pooledcare.directory.terms import OrganisationKind

PREPARE = Permission.PREPARE_AGREEMENTS
TRUSTS = (OrganisationKind.NHS_TRUST, OrganisationKind.FOUNDATION_TRUST)


@on_agreement(PREPARE)
def precondition_record(work: Work) -> HttpResponse:
    form = PreconditionForm(work.posted, able=work.able, initial={"kind": work.request.GET.get("kind", "")})

    def save(said: dict[str, Any]) -> object:
        return recording.record_precondition(
            agreement=work.agreement,
            kind=said["kind"],
            is_met=said["is_met"] == "yes",
            met_on=said["met_on"],
            evidence=said["evidence"],
            organisation=acting(work, said),
            by=work.actor,
        )

    if carried_out(work, form, save, now=as_at_version):
        return work.go("The condition has been recorded.", "agreement-governance")
    return work.show("precondition_edit", form=form)


@on_agreement(PREPARE)
def decision_record(work: Work) -> HttpResponse:
    draft = draft_of(work.agreement)
    form = DecisionForm(work.posted, able=work.able, has_open_deed=draft is not None)

    def save(said: dict[str, Any]) -> object:
        return recording.record_decision(
            agreement=work.agreement,
            deed=draft.deed if draft and said.get("about_deed") else None,
            organisation=acting(work, said),
            by=work.actor,
            **{name: said[name] for name in ("body", "reference", "decided_on", "url")},
        )

    if carried_out(work, form, save, now=as_at_version):
        return work.go("The decision has been recorded.", "agreement-governance")
    return work.show("decision_edit", form=form)


@on_agreement(PREPARE)
def consent_record(work: Work) -> HttpResponse:
    partners = bodies_reading(work.agreement, timezone.localdate())
    trusts = {each.code: each for each in partners if each.kind in TRUSTS}
    form = ConsentForm(work.posted, able=work.able, trusts=trusts)

    def save(said: dict[str, Any]) -> object:
        return recording.record_trust_consent(
            agreement=work.agreement,
            organisation=acting(work, said),
            by=work.actor,
            **{name: said[name] for name in ("trust", "commissioner", "consented_on", "evidence")},
        )

    if carried_out(work, form, save, now=as_at_version):
        return work.go("The consent has been recorded.", "agreement-governance")
    return work.show("consent_edit", form=form, trusts=trusts)


@on_draft
def impact_record(work: Work, draft: Draft) -> HttpResponse:
    form = ImpactForm(work.posted, able=work.able)

    def save(said: dict[str, Any]) -> object:
        return recording.record_impact_assessment(
            deed=draft.deed,
            assessed_on=said["assessed_on"],
            text=said["text"],
            organisation=acting(work, said),
            by=work.actor,
        )

    if carried_out(work, form, save, now=as_at_version):
        return work.go("The impact assessment has been recorded.", "draft-detail")
    return work.show("impact_edit", form=form, draft=draft)
