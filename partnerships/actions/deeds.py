"""Deeds on their way: prepared, approved as they read, signed, published; or withdrawn.

An approval is a partner's word on the hash of a text: any edit makes it void, visibly. How an agreement is renewed, and
how the past is recorded, stand in `renewals` and `past_deeds` and can be imported from here too.
"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from partnerships.actions.past_deeds import record_history
from partnerships.actions.renewals import prepare_renewal
from partnerships.changing.agreement import finish_change, lock_agreement, only_people, refuse, set_state
from partnerships.changing.draft_edit import writing_for
from partnerships.changing.locked_deed import LockedDeed
from partnerships.models import Agreement, Approval, Deed, ImpactAssessment, Publication
from partnerships.queries.agreements.approvals import editors_of
from partnerships.queries.agreements.notices import standing_notices
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

# --- begun -----------------------------------------------------------------------------------------------------------


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
    """A deed that says nothing yet: all goes on as before. A deed of termination ends it on its first day, at first."""
    agreement = lock_agreement(agreement)
    record = record_of(agreement)
    organisation = writing_for(agreement, record, by=by, organisation=organisation)
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
    """A partner's word on the text that the person has looked at. The last of them makes the deed ready to sign.

    A second click by the same organisation gives back its first approval.
    """
    only_people(by)
    table = LockedDeed(deed)
    organisation = table.speaker(by, organisation)
    given = _newest_word(table, organisation, ApprovalDecision.APPROVED)
    if given is not None and content_hash == table.hash:
        return given
    refuse(open_problems(table.record, table.said, "approved"))
    refuse(changed_problems(content_hash, table.hash))
    refuse(second_person_problems(editors_of(table.deed), by.reference))
    return _say(table, ApprovalDecision.APPROVED, "approved", by, organisation)


@action(SENTENCES)
def request_changes(*, deed: Deed, note: str, organisation: Organisation | None = None, by: Actor) -> Approval:
    """A partner does not approve the text as it is, and says why."""
    only_people(by)
    table = LockedDeed(deed)
    organisation = table.speaker(by, organisation)
    given = _newest_word(table, organisation, ApprovalDecision.CHANGES_REQUESTED)
    if given is not None and given.note == note.strip():
        return given
    refuse(
        [
            *open_problems(table.record, table.said, "sent back"),
            *reason_problems(note, "note", "Enter what should be changed"),
        ]
    )
    return _say(table, ApprovalDecision.CHANGES_REQUESTED, "changes requested", by, organisation, note.strip())


def _newest_word(table: LockedDeed, organisation: Organisation, decision: str) -> Approval | None:
    """What the organisation said last, if it was this decision on the text as it is now."""
    newest = table.deed.approvals.filter(organisation=organisation).order_by("pk").last()
    is_it = newest is not None and (newest.decision, newest.content_hash) == (decision, table.hash)
    return newest if is_it else None


def _say(
    table: LockedDeed, decision: ApprovalDecision, what: str, by: Actor, organisation: Organisation, note: str = ""
) -> Approval:
    deed, agreement = table.deed, table.agreement
    approval = Approval.objects.create(
        deed=deed,
        organisation=organisation,
        decision=decision,
        content_hash=table.hash,
        note=note,
        actor=by.reference,
    )
    state = state_after(table.lines)
    if state != deed.state:
        deed.state = state
        deed.save()
    if deed.number == 0 and state != agreement.state:
        set_state(agreement, AgreementState(state), by=by, organisation=organisation)
    table.finish(f"deed.{decision}", what, by=by, organisation=organisation)
    return approval


# --- signed, withdrawn, published ------------------------------------------------------------------------------------


@action(SENTENCES)
def sign_deed(*, deed: Deed, signed_on: dt.date, organisation: Organisation | None = None, by: Actor) -> Deed:
    """The text is final from here on. The law and the principle of doing no harm are asked once more.

    A second click finds it signed and changes nothing.
    """
    only_people(by)
    table = LockedDeed(deed)
    organisation = table.speaker(by, organisation)
    if table.deed.signed_on == signed_on:
        return table.deed
    findings = findings_of(table.record, law_in_force(), including=table.deed.number)
    refuse(
        [
            *signing_problems(
                table.record,
                table.said,
                lines=table.lines,
                findings=findings,
                signed_on=signed_on,
                today=timezone.localdate(),
            ),
            *_harm_problems(table),
        ]
    )
    table.mark_signed(signed_on, by=by, organisation=organisation)
    table.finish("deed.signed", "signed", by=by, organisation=organisation)
    return table.deed


def _harm_problems(table: LockedDeed) -> list[Problem]:
    before = content_before(table.record, table.said)
    if not table.record.is_integrated or before is None or table.said.effective_on is None:
        return []
    harms = harms_between(before, content_of(table.record, table.said), table.said.effective_on)
    is_assessed = ImpactAssessment.objects.filter(deed=table.deed).exists()
    return list(harming_problems(harms, is_assessed=is_assessed, notices=standing_notices(table.agreement)))


@action(SENTENCES)
def withdraw_deed(*, deed: Deed, reason: str, organisation: Organisation | None = None, by: Actor) -> Deed:
    """Sets an open deed aside; with the first deed, the whole agreement."""
    table = LockedDeed(deed)
    agreement = table.agreement
    organisation = writing_for(agreement, table.record, by=by, organisation=organisation)
    if table.deed.state == DeedState.WITHDRAWN:
        return table.deed
    is_running = table.deed.number == 0 and agreement.operating_since is not None
    refuse(
        [
            *open_problems(table.record, table.said, "withdrawn"),
            *reason_problems(reason, "reason", "Enter why the deed is withdrawn"),
            *([alone_problem("withdraw it while it operates")] if is_running and agreement.is_integrated else []),
        ]
    )
    table.withdraw()
    state = AgreementState.WITHDRAWN if table.deed.number == 0 else AgreementState(agreement.state)
    note = f"{table.deed.reference} withdrawn: {reason.strip()}"
    set_state(agreement, state, by=by, organisation=organisation, note=note)
    table.finish("deed.withdrawn", "withdrawn", by=by, organisation=organisation)
    return table.deed


@action(SENTENCES)
def publish_deed(*, deed: Deed, organisation: Organisation | None = None, by: Actor) -> Publication:
    """One partner lets everybody read a signed deed; once all have, everybody may."""
    only_people(by)
    table = LockedDeed(deed)
    organisation = table.speaker(by, organisation)
    published = Publication.objects.filter(deed=table.deed, organisation=organisation).first()
    if published is not None:
        return published
    if not table.said.is_signed:
        refuse([Problem("WRONG_STATE", "The deed cannot be published: it is not signed", fix="Sign it first.")])
    made = Publication.objects.create(deed=table.deed, organisation=organisation, actor=by.reference)
    have = set(table.deed.publications.values_list("organisation_id", flat=True))
    is_public = all(voice.stands_for & have for voice in table.voices)
    if is_public:
        table.show()
    table.finish("deed.published", "published", by=by, organisation=organisation, public=is_public)
    return made
