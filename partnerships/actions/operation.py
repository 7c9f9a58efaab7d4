"""The life of an agreement: start of operation, notice, end, and events that happen to it.

Giving notice needs the permission to approve agreements; recording events needs the permission to prepare them. The
mark of an integrated arrangement is in `marks` and can also be imported from here.
"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from partnerships.actions.daily import advance_agreements
from partnerships.actions.marks import agree_release, mark_integrated
from partnerships.changing.agreement import (
    finish_change,
    lock_agreement,
    only_people,
    refuse,
    require_deciding_organisation,
    set_state,
)
from partnerships.changing.draft_edit import require_drafting_organisation
from partnerships.changing.ending import end_agreement, end_scheme, note_occurrence
from partnerships.models import Agreement, Notice, Occurrence, Scheme
from partnerships.queries.agreements.approvals import final_successors, partner_deciding_bodies
from partnerships.queries.agreements.notices import current_notice_facts
from partnerships.queries.agreements.records import body_of, record_of
from partnerships.rules.agreements import read_on
from partnerships.rules.agreements.harming import alone_problem
from partnerships.rules.agreements.noticing import ending_problems, giving_problems
from partnerships.rules.agreements.operating import occurrence_problems, start_problems
from partnerships.rules.agreements.signing import deciding_bodies
from partnerships.terms import OVER, SENTENCES, AgreementState, OccurrenceKind
from pooledcare.directory.access import Actor, Permission
from pooledcare.directory.models import Organisation
from pooledcare.kernel.actions import action
from pooledcare.kernel.problems import Problem

__all__ = [
    "advance_agreements", "agree_release", "end_after_notice", "give_notice", "mark_integrated", "record_occurrence",
    "start_operating", "withdraw_notice",
]  # fmt: skip


@action(SENTENCES)
def start_operating(
    *, agreement: Agreement, since: dt.date, organisation: Organisation | None = None, by: Actor
) -> Agreement:
    """Record the first day of operation.

    An agreement not yet signed is then shown as operating unsigned, and stays a draft.
    """
    agreement = lock_agreement(agreement)
    organisation = require_drafting_organisation(agreement, record_of(agreement), by=by, organisation=organisation)
    if agreement.operating_since == since:
        return agreement
    refuse(start_problems(record_of(agreement), since=since, today=timezone.localdate()))
    agreement.operating_since = since
    if agreement.state == AgreementState.SIGNED:
        set_state(agreement, AgreementState.IN_OPERATION, by=by, organisation=organisation)
        how = "in operation"
    else:
        how = "operating unsigned" if agreement.is_operating_unsigned else "in operation"
    _finish(agreement, "agreement.operating", how, by, organisation)
    return agreement


# --- notice ----------------------------------------------------------------------------------------------------------


@action(SENTENCES)
def give_notice(
    *,
    agreement: Agreement,
    given_on: dt.date,
    takes_effect_on: dt.date,
    reason: str,
    scheme: Scheme | None = None,
    organisation: Organisation | None = None,
    by: Actor,
) -> Notice:
    """Record notice by one partner on the agreement or one scheme, of at least the agreed period.

    If the same notice is already recorded, returns it.
    """
    only_people(by)
    agreement = lock_agreement(agreement)
    organisation = _partner_speaking(agreement, by, organisation)
    slug = _slug_of(agreement, scheme)
    same = Notice.objects.filter(
        agreement=agreement, scheme=scheme, organisation=organisation, given_on=given_on,
        takes_effect_on=takes_effect_on, withdraws=None, withdrawn_by=None,
    ).first()  # fmt: skip
    if same is not None:
        return same
    record = record_of(agreement)
    today = timezone.localdate()
    problems = giving_problems(
        record, read_on(record, given_on), scheme=slug, given_on=given_on, takes_effect_on=takes_effect_on, today=today
    )
    refuse([*problems, *_given_already(agreement, slug, organisation)])
    notice = Notice.objects.create(
        agreement=agreement, scheme=scheme, given_on=given_on, takes_effect_on=takes_effect_on, reason=reason.strip(),
        organisation=organisation, actor=by.reference,
    )  # fmt: skip
    if scheme is None and agreement.state != AgreementState.NOTICE_GIVEN:
        set_state(agreement, AgreementState.NOTICE_GIVEN, by=by, organisation=organisation)
    what = f"notice given on scheme {slug}" if slug else "notice given"
    _finish(agreement, "notice.given", what, by, organisation)
    return notice


def _given_already(agreement: Agreement, slug: str, organisation: Organisation) -> list[Problem]:
    current = [each for each in current_notice_facts(agreement) if each.scheme == slug]
    if all(each.organisation != organisation.pk for each in current):
        return []
    message = f"{organisation.name} has already given notice on this"
    return [Problem("NOTICE_ALREADY_GIVEN", message, fix="Withdraw that one first.")]


@action(SENTENCES)
def withdraw_notice(*, notice: Notice, organisation: Organisation | None = None, by: Actor) -> Notice:
    """Withdraw a notice, before the agreement is over. Only the partner that gave it, or its successor, may do this."""
    only_people(by)
    agreement = lock_agreement(notice.agreement)
    given = Notice.objects.select_related("organisation").get(pk=notice.pk)
    organisation = _partner_speaking(agreement, by, organisation)
    if organisation.pk not in _speaking_for_giver(agreement, given):
        refuse([Problem("NOT_YOURS", "Only the partner that gave notice can withdraw it")])
    back = Notice.objects.filter(withdraws=given).first()
    if back is not None:
        return back
    if agreement.state in OVER:
        refuse([Problem("AGREEMENT_OVER", "The notice cannot be withdrawn: the agreement is over")])
    made = Notice.objects.create(
        agreement=agreement, scheme=given.scheme, given_on=timezone.localdate(), takes_effect_on=given.takes_effect_on,
        withdraws=given, organisation=organisation, actor=by.reference,
    )  # fmt: skip
    if agreement.state == AgreementState.NOTICE_GIVEN and all(each.scheme for each in current_notice_facts(agreement)):
        runs = AgreementState.SIGNED if agreement.operating_since is None else AgreementState.IN_OPERATION
        set_state(agreement, runs, by=by, organisation=organisation, note="Notice withdrawn")
    _finish(agreement, "notice.withdrawn", "notice withdrawn", by, organisation)
    return made


def _speaking_for_giver(agreement: Agreement, given: Notice) -> set[int]:
    giver = [body for body in (body_of(given.organisation),) if body is not None]
    successors = final_successors(giver, record_of(agreement), timezone.localdate())
    return {decider.body.pk for decider in deciding_bodies(giver, successors)}


@action(SENTENCES)
def end_after_notice(
    *,
    agreement: Agreement,
    on: dt.date,
    scheme: Scheme | None = None,
    organisation: Organisation | None = None,
    by: Actor,
) -> Agreement:
    """Record that the agreement, or a scheme, ended after notice. `on` is its last day.

    Raises `Refused` for an existing integrated arrangement: ending that takes a deed of all its partners.
    """
    only_people(by)
    agreement = lock_agreement(agreement)
    organisation = _partner_speaking(agreement, by, organisation)
    slug = _slug_of(agreement, scheme)
    ended = AgreementState.ENDED
    if scheme is None and (agreement.state, agreement.ended_on) == (ended, on):
        return agreement
    if scheme is not None and scheme.occurrences.filter(happened_on=on).exists():
        return agreement
    if agreement.is_integrated:
        refuse([alone_problem("take a scheme from it" if slug else "end it")])
    problems = ending_problems(
        record_of(agreement), current_notice_facts(agreement), scheme=slug, on=on, today=timezone.localdate()
    )
    refuse(problems)
    if scheme is not None:
        end_scheme(agreement, scheme, on, by=by, organisation=organisation)
    else:
        end_agreement(agreement, ended, on, by=by, organisation=organisation, note="Notice has run out")
    what = f"scheme {slug} ended after notice" if slug else "ended after notice"
    _finish(agreement, "agreement.ended", what, by, organisation)
    return agreement


# --- events ----------------------------------------------------------------------------------------------------------


@action(SENTENCES)
def record_occurrence(
    *,
    agreement: Agreement,
    kind: str,
    happened_on: dt.date,
    evidence: str,
    scheme: Scheme | None = None,
    ends_agreement: bool = False,
    organisation: Organisation | None = None,
    by: Actor,
) -> Occurrence:
    """Record something that has happened, even if PooledCare would not have allowed it.

    If it breaks the principle of doing no harm, it is marked as a breach. If the same event is already recorded,
    returns that one.
    """
    agreement = lock_agreement(agreement)
    organisation = require_drafting_organisation(agreement, record_of(agreement), by=by, organisation=organisation)
    slug = _slug_of(agreement, scheme)
    same = Occurrence.objects.filter(
        agreement=agreement, scheme=scheme, kind=kind, happened_on=happened_on, evidence=evidence.strip(),
        ends_agreement=ends_agreement,
    ).first()  # fmt: skip
    if same is not None:
        return same
    today = timezone.localdate()
    refuse(
        occurrence_problems(
            kind=kind, happened_on=happened_on, evidence=evidence, scheme=slug, ends_agreement=ends_agreement,
            today=today,
        )
    )  # fmt: skip
    made = note_occurrence(
        agreement, OccurrenceKind(kind), happened_on, evidence=evidence.strip(), scheme=scheme,
        ends_agreement=ends_agreement, organisation=organisation, by=by,
    )  # fmt: skip
    if ends_agreement and agreement.state not in OVER:
        state = AgreementState.EXPIRED if kind == OccurrenceKind.EXPIRY else AgreementState.ENDED
        note = str(OccurrenceKind(kind).label)
        end_agreement(agreement, state, happened_on, by=by, organisation=organisation, note=note)
    what = f"{kind.replace('_', ' ')} recorded{f' of scheme {slug}' if slug else ''}"
    _finish(agreement, "occurrence.recorded", what, by, organisation)
    return made


# --- shared helpers --------------------------------------------------------------------------------------------------


def _partner_speaking(agreement: Agreement, by: Actor, organisation: Organisation | None) -> Organisation:
    """The organisation for which `by` acts, among today's partners.

    Raises `Refused` for a former partner or mere drafter.
    """
    deciding = partner_deciding_bodies(record_of(agreement), timezone.localdate())
    approve = Permission.APPROVE_AGREEMENTS
    return require_deciding_organisation(agreement, deciding, permission=approve, by=by, organisation=organisation)


def _slug_of(agreement: Agreement, scheme: Scheme | None) -> str:
    if scheme is None:
        return ""
    if scheme.agreement_id != agreement.pk:
        refuse([Problem("UNKNOWN_SCHEME", "The scheme is not one of this agreement")])
    return scheme.slug


def _finish(agreement: Agreement, name: str, what: str, by: Actor, organisation: Organisation) -> None:
    sentence = f"{agreement.reference}: {what}."
    finish_change(agreement, by=by, action=name, sentence=sentence, organisation=organisation)
