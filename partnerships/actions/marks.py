"""The mark of an existing integrated arrangement: any partner sets it, only all of them together clear it."""

from __future__ import annotations

from django.utils import timezone

from partnerships.changing.agreement import finish_change, lock_agreement, only_people, require_deciding_organisation
from partnerships.models import Agreement, IntegrationMark
from partnerships.queries.agreements.approvals import partner_deciding_bodies
from partnerships.queries.agreements.marks import released_since_mark
from partnerships.queries.agreements.records import record_of
from partnerships.terms import SENTENCES, MarkKind
from pooledcare.directory.access import Actor, Permission
from pooledcare.directory.models import Organisation
from pooledcare.kernel.actions import action
from pooledcare.kernel.problems import Refused


@action(SENTENCES)
def mark_integrated(*, agreement: Agreement, organisation: Organisation | None = None, by: Actor) -> Agreement:
    """Set the mark. If it is already set, this cancels the partners' agreements so far to clear it."""
    only_people(by)
    agreement = lock_agreement(agreement)
    organisation = _speaker(agreement, by, organisation)
    if agreement.is_integrated and not released_since_mark(agreement):
        return agreement
    agreement.is_integrated = True
    _note(agreement, MarkKind.MARKED, by, organisation)
    _finish(agreement, "agreement.marked", "marked as an existing integrated arrangement", by, organisation)
    return agreement


@action(SENTENCES)
def agree_release(*, agreement: Agreement, organisation: Organisation | None = None, by: Actor) -> Agreement:
    """Record that one partner agrees to clear the mark. When the last partner agrees, it is cleared."""
    only_people(by)
    agreement = lock_agreement(agreement)
    organisation = _speaker(agreement, by, organisation)
    released = released_since_mark(agreement)
    if organisation.pk in released:
        return agreement
    if not agreement.is_integrated:
        raise Refused.because("NOT_MARKED", "The agreement is not marked as an integrated arrangement")
    _note(agreement, MarkKind.RELEASE_AGREED, by, organisation)
    deciding = partner_deciding_bodies(record_of(agreement), timezone.localdate())
    if {decider.body.pk for decider in deciding} <= {*released, organisation.pk}:
        agreement.is_integrated = False
    what = "release of the mark agreed" if agreement.is_integrated else "mark cleared by all partners"
    _finish(agreement, "agreement.release_agreed", what, by, organisation)
    return agreement


def _speaker(agreement: Agreement, by: Actor, organisation: Organisation | None) -> Organisation:
    deciding = partner_deciding_bodies(record_of(agreement), timezone.localdate())
    approve = Permission.APPROVE_AGREEMENTS
    return require_deciding_organisation(agreement, deciding, permission=approve, by=by, organisation=organisation)


def _note(agreement: Agreement, kind: MarkKind, by: Actor, organisation: Organisation) -> None:
    IntegrationMark.objects.create(agreement=agreement, kind=kind, organisation=organisation, actor=by.reference)


def _finish(agreement: Agreement, name: str, what: str, by: Actor, organisation: Organisation) -> None:
    sentence = f"{agreement.reference}: {what}."
    finish_change(agreement, by=by, action=name, sentence=sentence, organisation=organisation)
