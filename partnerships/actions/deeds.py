"""The life of a deed: prepared, approved, signed and published, or withdrawn.

An approval refers to the hash of the text that was approved, so any edit of the text makes it void. Renewals and deeds
of the past are in `renewals` and `past_deeds` and can also be imported from here.
"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from partnerships.actions.past_deeds import record_history
from partnerships.actions.renewals import prepare_renewal
from partnerships.changing.agreement import finish_change, lock_agreement, only_people, refuse, set_state
from partnerships.changing.draft_edit import require_drafting_organisation
from partnerships.changing.locked_deed import LockedDeed
from partnerships.models import Agreement, Approval, Deed, ImpactAssessment, Publication
from partnerships.queries.agreements.approvals import editors_of
from partnerships.queries.agreements.notices import current_notice_facts
from partnerships.queries.agreements.records import record_of
from partnerships.queries.law import law_in_force
from partnerships.rules.agreements import content_before, content_of, findings_of
from partnerships.rules.agreements.harming import alone_problem, harming_problems, harms_between
from partnerships.rules.agreements.preparing import preparing_problems, reason_problems
from partnerships.rules.agreements.signing import (
    changed_problems,
    open_problems,
    second_person_problems,
    signing_problems,
    state_after,
)
from partnerships.terms import SENTENCES, AgreementState, ApprovalDecision, DeedKind, DeedState
from pooledcare.directory.access import Actor
from pooledcare.directory.models import Organisation
from pooledcare.kernel.actions import action
from pooledcare.kernel.problems import Problem

__all__ = [
    "approve_deed", "prepare_deed", "prepare_renewal", "publish_deed", "record_history", "request_changes", "sign_deed",
    "withdraw_deed",
]  # fmt: skip

# --- prepared --------------------------------------------------------------------------------------------------------


@action(SENTENCES)
def prepare_deed(
    *,
    agreement: Agreement,
    kind: str = DeedKind.VARIATION,
    effective_on: dt.date | None = None,
    summary: str = "",
    organisation: Organisation | None = None,
    by: Actor,
) -> Deed:
    """Create a deed that changes nothing yet.

    A deed of termination starts with its first day as the agreement's last.
    """
    agreement = lock_agreement(agreement)
    record = record_of(agreement)
    organisation = require_drafting_organisation(agreement, record, by=by, organisation=organisation)
    refuse(preparing_problems(record, kind=kind, effective_on=effective_on))
    is_termination = kind == DeedKind.TERMINATION
    deed = Deed.objects.create(
        agreement=agreement,
        number=max(each.number for each in record.deeds) + 1,
        kind=kind,
        effective_on=effective_on,
        summary=summary.strip(),
        sets_end=is_termination,
        end_on=effective_on if is_termination else None,
        edited_by=by.reference,
    )
    sentence = f"{deed.reference}: prepared."
    finish_change(agreement, by=by, action="deed.prepared", sentence=sentence, organisation=organisation)
    return deed


# --- approved --------------------------------------------------------------------------------------------------------


@action(SENTENCES)
def approve_deed(*, deed: Deed, content_hash: str, organisation: Organisation | None = None, by: Actor) -> Approval:
    """Record a partner's approval.

    `content_hash` is that of the text the person read; raises `Refused` if it has changed.

    With the last approval the deed can be signed. If the organisation has already approved this text, returns that
    approval, so that a form sent twice does no harm.
    """
    only_people(by)
    locked = LockedDeed(deed)
    organisation = locked.deciding_organisation(by, organisation)
    given = _latest_approval(locked, organisation, ApprovalDecision.APPROVED)
    if given is not None and content_hash == locked.hash:
        return given
    refuse(open_problems(locked.record, locked.deed_record, "approved"))
    refuse(changed_problems(content_hash, locked.hash))
    refuse(second_person_problems(editors_of(locked.deed), by.reference))
    return _say(locked, ApprovalDecision.APPROVED, "approved", by, organisation)


@action(SENTENCES)
def request_changes(*, deed: Deed, note: str, organisation: Organisation | None = None, by: Actor) -> Approval:
    """Record that a partner asks for changes to the current text, with the reason."""
    only_people(by)
    locked = LockedDeed(deed)
    organisation = locked.deciding_organisation(by, organisation)
    given = _latest_approval(locked, organisation, ApprovalDecision.CHANGES_REQUESTED)
    if given is not None and given.note == note.strip():
        return given
    refuse(
        [
            *open_problems(locked.record, locked.deed_record, "sent back"),
            *reason_problems(note, "note", "Enter what should be changed"),
        ]
    )
    return _say(locked, ApprovalDecision.CHANGES_REQUESTED, "changes requested", by, organisation, note.strip())


def _latest_approval(locked: LockedDeed, organisation: Organisation, decision: str) -> Approval | None:
    """The organisation's latest decision, if it was `decision` on the current text; otherwise None."""
    newest = locked.deed.approvals.filter(organisation=organisation).order_by("pk").last()
    is_it = newest is not None and (newest.decision, newest.content_hash) == (decision, locked.hash)
    return newest if is_it else None


def _say(
    locked: LockedDeed, decision: ApprovalDecision, what: str, by: Actor, organisation: Organisation, note: str = ""
) -> Approval:
    deed, agreement = locked.deed, locked.agreement
    approval = Approval.objects.create(
        deed=deed,
        organisation=organisation,
        decision=decision,
        content_hash=locked.hash,
        note=note,
        actor=by.reference,
    )
    state = state_after(locked.lines)
    if state != deed.state:
        deed.state = state
        deed.save()
    if deed.number == 0 and state != agreement.state:
        set_state(agreement, AgreementState(state), by=by, organisation=organisation)
    locked.finish(f"deed.{decision}", what, by=by, organisation=organisation)
    return approval


# --- signed, withdrawn, published ------------------------------------------------------------------------------------


@action(SENTENCES)
def sign_deed(*, deed: Deed, signed_on: dt.date, organisation: Organisation | None = None, by: Actor) -> Deed:
    """Sign a deed that every partner has approved; its text cannot change afterwards.

    What runs, in order: the locks of the agreement and the deed (`LockedDeed`); whether `by` may decide for a party
    (`deciding_organisation`); the findings of the law (`findings_of`); the checks of approvals, text and findings
    (`signing_problems` in `rules/agreements/signing.py`) and of harm to an integrated arrangement; the hash, the states
    of deed and agreement, and successors (`LockedDeed.mark_signed`); then summaries, audit entry and change feed
    (`finish_change` in `changing/agreement.py`). All in one transaction.

    Raises `Refused` if a check fails. A deed already signed on that day is returned unchanged.
    """
    only_people(by)
    locked = LockedDeed(deed)
    organisation = locked.deciding_organisation(by, organisation)
    if locked.deed.signed_on == signed_on:
        return locked.deed
    findings = findings_of(locked.record, law_in_force(), including=locked.deed.number)
    refuse(
        [
            *signing_problems(
                locked.record,
                locked.deed_record,
                lines=locked.lines,
                findings=findings,
                signed_on=signed_on,
                today=timezone.localdate(),
            ),
            *_harm_problems(locked),
        ]
    )
    locked.mark_signed(signed_on, by=by, organisation=organisation)
    locked.finish("deed.signed", "signed", by=by, organisation=organisation)
    return locked.deed


def _harm_problems(locked: LockedDeed) -> list[Problem]:
    before = content_before(locked.record, locked.deed_record)
    if not locked.record.is_integrated or before is None or locked.deed_record.effective_on is None:
        return []
    harms = harms_between(before, content_of(locked.record, locked.deed_record), locked.deed_record.effective_on)
    is_assessed = ImpactAssessment.objects.filter(deed=locked.deed).exists()
    return list(harming_problems(harms, is_assessed=is_assessed, notices=current_notice_facts(locked.agreement)))


@action(SENTENCES)
def withdraw_deed(*, deed: Deed, reason: str, organisation: Organisation | None = None, by: Actor) -> Deed:
    """Withdraw an open deed. Withdrawing deed 0 withdraws the agreement."""
    locked = LockedDeed(deed)
    agreement = locked.agreement
    organisation = require_drafting_organisation(agreement, locked.record, by=by, organisation=organisation)
    if locked.deed.state == DeedState.WITHDRAWN:
        return locked.deed
    is_running = locked.deed.number == 0 and agreement.operating_since is not None
    refuse(
        [
            *open_problems(locked.record, locked.deed_record, "withdrawn"),
            *reason_problems(reason, "reason", "Enter why the deed is withdrawn"),
            *([alone_problem("withdraw it while it operates")] if is_running and agreement.is_integrated else []),
        ]
    )
    locked.withdraw()
    state = AgreementState.WITHDRAWN if locked.deed.number == 0 else AgreementState(agreement.state)
    note = f"{locked.deed.reference} withdrawn: {reason.strip()}"
    set_state(agreement, state, by=by, organisation=organisation, note=note)
    locked.finish("deed.withdrawn", "withdrawn", by=by, organisation=organisation)
    return locked.deed


@action(SENTENCES)
def publish_deed(*, deed: Deed, organisation: Organisation | None = None, by: Actor) -> Publication:
    """Record that one partner publishes a signed deed. Once all its partners have, anybody may read it."""
    only_people(by)
    locked = LockedDeed(deed)
    organisation = locked.deciding_organisation(by, organisation)
    published = Publication.objects.filter(deed=locked.deed, organisation=organisation).first()
    if published is not None:
        return published
    if not locked.deed_record.is_signed:
        refuse([Problem("WRONG_STATE", "The deed cannot be published: it is not signed", fix="Sign it first.")])
    made = Publication.objects.create(deed=locked.deed, organisation=organisation, actor=by.reference)
    have = set(locked.deed.publications.values_list("organisation_id", flat=True))
    is_public = all(decider.represents & have for decider in locked.deciding_bodies)
    if is_public:
        locked.mark_public()
    locked.finish("deed.published", "published", by=by, organisation=organisation, public=is_public)
    return made
