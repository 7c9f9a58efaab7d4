"""Pages on which deeds are prepared, approved or sent back, signed, withdrawn and published."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse

from partnerships.actions import deeds
from partnerships.forms.deeds import (
    ApproveForm,
    ChangesForm,
    DeedForm,
    ForOrganisationForm,
    PublishForm,
    RenewalForm,
    SignForm,
    WithdrawForm,
)
from partnerships.queries.agreements.approvals import approvals_of
from partnerships.queries.agreements.drafts import Draft, deed_numbered
from partnerships.queries.law import law_in_force
from partnerships.rules.agreements import content_hash, differences, findings_of
from partnerships.tables.word_changes import with_marked_words
from partnerships.terms import Outcome
from partnerships.views.editing.frame import Now, Work, acting, as_at_version, carried_out, on_agreement, something_new
from pooledcare.directory.access import Permission

if TYPE_CHECKING:
    from partnerships.models import Agreement

PREPARE, APPROVE = Permission.PREPARE_AGREEMENTS, Permission.APPROVE_AGREEMENTS
Act = Callable[..., Any]


@on_agreement(PREPARE)
def deed_prepare(work: Work) -> HttpResponse:
    form = DeedForm(work.posted, able=work.able, initial={"kind": work.request.GET.get("kind", "")})

    def prepare(said: dict[str, Any]) -> object:
        return deeds.prepare_deed(
            agreement=work.agreement,
            organisation=acting(work, said),
            by=work.actor,
            **{name: said[name] for name in ("kind", "effective_on", "summary")},
        )

    if carried_out(work, form, prepare, now=as_at_version):
        return work.go("The deed has been prepared. Nothing is changed until every partner has signed.", "draft-detail")
    return work.show("deed_prepare", form=form)


@on_agreement(PREPARE)
def renewal_prepare(work: Work) -> HttpResponse:
    form = RenewalForm(work.posted, able=work.able)

    def prepare(said: dict[str, Any]) -> object:
        return deeds.prepare_renewal(
            agreement=work.agreement,
            start=said["start"],
            end_on=said["end_on"],
            organisation=acting(work, said),
            by=work.actor,
        )

    if done := carried_out(work, form, prepare, now=as_at_version):
        made = Work(work.request, work.actor, done.result, work.able)
        return made.go(f"{made.agreement} has been prepared from {work.agreement}.", "draft-detail")
    return work.show("renewal_prepare", form=form)


@on_agreement(APPROVE)
def deed_approve(work: Work, number: int) -> HttpResponse:
    """Show the differences and the whole text, with a form that approves exactly that text."""
    draft = _open(work, number)
    shown = _hash(draft)
    form = ApproveForm(work.posted, able=work.able, initial={"content_hash": shown})

    def approve(said: dict[str, Any]) -> object:
        return deeds.approve_deed(
            deed=draft.deed, content_hash=said["content_hash"], organisation=acting(work, said), by=work.actor
        )

    if carried_out(work, form, approve, now=something_new):
        return work.go("Your approval has been recorded.", "deed-detail", number)
    _set_current_hash(form, shown)
    findings = findings_of(draft.record, law_in_force(), including=number)
    changes = differences(draft.before, draft.content)
    return work.show(
        "deed_approve",
        form=form,
        draft=draft,
        shown=shown,
        changes=changes if draft.is_original else with_marked_words(changes),
        approvals=approvals_of(draft.deed, draft.record),
        unlawful=[each for each in findings if each.outcome == Outcome.UNLAWFUL],
    )


def _set_current_hash(form: ApproveForm, shown: str) -> None:
    """Put the hash of the text now shown into the form: after a refusal the page shows the current text."""
    if form.is_bound:
        data = form.data.copy()  # type: ignore[attr-defined]
        data["content_hash"] = shown
        data.pop("read", None)
        form.data = data


@on_agreement(APPROVE)
def deed_request_changes(work: Work, number: int) -> HttpResponse:
    form = ChangesForm(work.posted, able=work.able)
    said = "Your request has been recorded. The draft is open for changes."
    return _on_deed(work, number, form, deeds.request_changes, ("note",), said, "deed_request_changes")


@on_agreement(APPROVE)
def deed_sign(work: Work, number: int) -> HttpResponse:
    form = SignForm(work.posted, able=work.able)
    return _on_deed(
        work, number, form, deeds.sign_deed, ("signed_on",), "The signature has been recorded.", "deed_sign"
    )


@on_agreement(PREPARE)
def deed_withdraw(work: Work, number: int) -> HttpResponse:
    form = WithdrawForm(work.posted, able=work.able)
    return _on_deed(work, number, form, deeds.withdraw_deed, ("reason",), "It has been withdrawn.", "deed_withdraw")


@on_agreement(APPROVE)
def deed_publish(work: Work, number: int) -> HttpResponse:
    form = PublishForm(work.posted, able=work.able)
    said = "Published for your organisation. Anybody can read it once all its partners have published it."
    return _on_deed(work, number, form, deeds.publish_deed, (), said, "deed_publish")


def _on_deed(
    work: Work, number: int, form: ForOrganisationForm, act: Act, fields: tuple[str, ...], said: str, template: str
) -> HttpResponse:
    """A page that says what will happen, with one button that does it."""
    draft = _found(work, number)

    def do(typed: dict[str, Any]) -> object:
        given = {name: typed[name] for name in fields}
        return act(deed=draft.deed, organisation=acting(work, typed), by=work.actor, **given)

    if carried_out(work, form, do, now=_text_of(number)):
        return work.go(said, "deed-detail", number)
    return work.show(template, form=form, draft=draft)


def _text_of(number: int) -> Now:
    """For pages about the text of a deed: only a change of its text counts as a change since the page was shown."""

    def now(agreement: Agreement) -> str:
        draft = deed_numbered(agreement, number)
        return "" if draft is None else _hash(draft)

    return now


def _found(work: Work, number: int) -> Draft:
    draft = deed_numbered(work.agreement, number)
    if draft is None:
        raise Http404
    return draft


def _open(work: Work, number: int) -> Draft:
    draft = _found(work, number)
    if not draft.deed.is_open:
        raise Http404
    return draft


def _hash(draft: Draft) -> str:
    said = draft.record.deed(draft.deed.number)
    assert said is not None
    return content_hash(draft.record, said)
