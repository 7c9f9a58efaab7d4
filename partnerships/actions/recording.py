"""Recording facts outside the text of an agreement: conditions, decisions, consents, assessments and boards.

Recorded facts are never changed; the newest row on a subject is the current one. Only boards are edited in place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from partnerships.changing.agreement import expect_version, finish_change, lock_agreement, lock_deed, refuse
from partnerships.changing.draft_edit import require_drafting_organisation
from partnerships.models import (
    Agreement,
    Board,
    BoardQuorum,
    BoardSeat,
    Decision,
    Deed,
    ImpactAssessment,
    Partner,
    Precondition,
    TrustConsent,
)
from partnerships.queries.agreements.records import record_of
from partnerships.records import ASSESSMENT, BOARD, CONSENT, DECISION, PRECONDITION, SEAT
from partnerships.rules.agreements.drafting import open_deed_problems
from partnerships.rules.agreements.recording import (
    SeatIn,
    address_problems,
    board_problems,
    consent_problems,
    deed_problems,
    future_problems,
)
from partnerships.terms import SENTENCES, DeedState
from pooledcare.directory.access import Actor
from pooledcare.directory.models import Organisation
from pooledcare.kernel.actions import action
from pooledcare.kernel.problems import Problem, Refused
from pooledcare.kernel.records import RecordField, cleaned, value_problems

__all__ = [
    "SeatIn", "record_decision", "record_impact_assessment", "record_precondition", "record_trust_consent",
    "remove_board", "save_board",
]  # fmt: skip


@action(SENTENCES)
def record_precondition(
    *,
    agreement: Agreement,
    kind: str,
    is_met: bool,
    met_on: dt.date | None,
    evidence: str,
    organisation: Organisation | None = None,
    by: Actor,
) -> Precondition:
    """Record whether a condition of regulation 4 is met, or that an exemption from it applies."""
    agreement = lock_agreement(agreement)
    acting = require_drafting_organisation(agreement, record_of(agreement), by=by, organisation=organisation)
    given = {"kind": kind, "is_met": is_met, "met_on": met_on, "evidence": evidence}
    made = Precondition.objects.create(
        agreement=agreement, organisation=acting, actor=by.reference, **_validated(given, PRECONDITION)
    )
    sentence = f"{agreement.reference}: condition {kind} recorded as {'met' if is_met else 'not met'}."
    finish_change(agreement, by=by, action="precondition.recorded", sentence=sentence, organisation=acting)
    return made


@action(SENTENCES)
def record_decision(
    *,
    agreement: Agreement,
    body: str,
    reference: str,
    decided_on: dt.date,
    url: str = "",
    deed: Deed | None = None,
    organisation: Organisation | None = None,
    by: Actor,
) -> Decision:
    """Record a decision taken outside PooledCare, on the agreement or on one of its deeds."""
    agreement = lock_agreement(agreement)
    acting = require_drafting_organisation(agreement, record_of(agreement), by=by, organisation=organisation)
    given = {"body": body, "reference": reference, "decided_on": decided_on, "url": url}
    kept = _validated(given, DECISION, also=deed_problems(agreement.pk, deed))
    refuse(address_problems(kept["url"]))
    made = Decision.objects.create(agreement=agreement, deed=deed, organisation=acting, actor=by.reference, **kept)
    subject = deed.reference if deed else agreement.reference
    finish_change(
        agreement,
        by=by,
        action="decision.recorded",
        sentence=f"{subject}: decision of {body} recorded.",
        organisation=acting,
    )
    return made


@action(SENTENCES)
def record_trust_consent(
    *,
    agreement: Agreement,
    trust: Organisation,
    commissioner: Organisation,
    consented_on: dt.date | None,
    evidence: str = "",
    organisation: Organisation | None = None,
    by: Actor,
) -> TrustConsent:
    """Record the commissioner whose consent an NHS trust needs. `consented_on` is None until it has consented."""
    agreement = lock_agreement(agreement)
    acting = require_drafting_organisation(agreement, record_of(agreement), by=by, organisation=organisation)
    is_partner = trust.pk in _partners_ever(agreement)
    given = {"consented_on": consented_on, "evidence": evidence}
    wrong = consent_problems(
        trust, commissioner, is_partner=is_partner, consented_on=consented_on, evidence=evidence or ""
    )
    made = TrustConsent.objects.create(
        agreement=agreement,
        trust=trust,
        commissioner=commissioner,
        organisation=acting,
        actor=by.reference,
        **_validated(given, CONSENT, also=wrong),
    )
    what = "recorded" if consented_on else "awaited"
    sentence = f"{agreement.reference}: consent of {commissioner.code} for {trust.code} {what}."
    finish_change(agreement, by=by, action="consent.recorded", sentence=sentence, organisation=acting)
    return made


@action(SENTENCES)
def record_impact_assessment(
    *, deed: Deed, assessed_on: dt.date, text: str, organisation: Organisation | None = None, by: Actor
) -> ImpactAssessment:
    """Record an assessment of what an open deed would do to the people served."""
    deed = lock_deed(deed)
    acting = require_drafting_organisation(deed.agreement, record_of(deed.agreement), by=by, organisation=organisation)
    given = {"assessed_on": assessed_on, "text": text}
    kept = _validated(given, ASSESSMENT, also=open_deed_problems(deed.state))
    made = ImpactAssessment.objects.create(deed=deed, organisation=acting, actor=by.reference, **kept)
    sentence = f"{deed.reference}: impact assessment recorded."
    finish_change(deed.agreement, by=by, action="impact.recorded", sentence=sentence, organisation=acting)
    return made


def _validated(
    given: Mapping[str, Any], columns: Mapping[str, RecordField], *, also: Sequence[Problem] = ()
) -> dict[str, Any]:
    """The values, validated and cleaned for storing. Raises `Refused` if any is invalid or in the future."""
    problems = [*value_problems(given, columns), *also]
    refuse(problems or future_problems(given, timezone.localdate()))
    return cleaned(given, columns)


def _partners_ever(agreement: Agreement) -> set[int]:
    """Keys of organisations that are or were partners, or would be by an open deed."""
    joined = Partner.objects.filter(agreement=agreement).exclude(deed__state=DeedState.WITHDRAWN)
    return set(joined.values_list("organisation_id", flat=True))


# --- the board -------------------------------------------------------------------------------------------------------


@action(SENTENCES)
def save_board(
    *,
    agreement: Agreement,
    board: Board | None = None,
    values: dict[str, Any],
    seats: Sequence[SeatIn],
    quorums: Mapping[Organisation, int],
    version: int | None = None,
    by: Actor,
) -> Board:
    """Create or change a board. `seats` and `quorums` are complete lists and replace the existing ones."""
    agreement = lock_agreement(agreement)
    acting = require_drafting_organisation(agreement, record_of(agreement), by=by)
    found = None if board is None else _board_there(agreement, board)
    if found is not None:
        expect_version(found, version)
    given = values if found else {"name": "", "form": "", **values}
    refuse([*value_problems(given, BOARD), *board_problems(seats, quorums, _partners_ever(agreement))])
    kept = cleaned(given, BOARD)
    if found is None:
        found = Board.objects.create(agreement=agreement, **kept)
    else:
        for name, value in kept.items():
            setattr(found, name, value)
        found.version += 1
        found.save()
    _seat(found, seats, quorums)
    sentence = f"{agreement.reference}: board {found.pk} saved."
    finish_change(agreement, by=by, action="board.saved", sentence=sentence, organisation=acting)
    return found


@action(SENTENCES)
def remove_board(*, board: Board, by: Actor) -> Agreement:
    """Delete a board that no longer exists. Its recorded decisions stay."""
    agreement = lock_agreement(board.agreement)
    acting = require_drafting_organisation(agreement, record_of(agreement), by=by)
    found = _board_there(agreement, board)
    sentence = f"{agreement.reference}: board {found.pk} removed."
    found.delete()
    finish_change(agreement, by=by, action="board.removed", sentence=sentence, organisation=acting)
    return agreement


def _board_there(agreement: Agreement, board: Board) -> Board:
    found = Board.objects.filter(agreement=agreement, pk=board.pk).first()
    if found is None:
        raise Refused.because(
            "NOT_THERE", "The agreement has no such board", fix="Somebody may have removed it. Look at it again."
        )
    return found


def _seat(board: Board, seats: Sequence[SeatIn], quorums: Mapping[Organisation, int]) -> None:
    board.seats.all().delete()
    board.quorums.all().delete()
    BoardSeat.objects.bulk_create(
        BoardSeat(
            board=board,
            organisation=seat.organisation,
            is_chair=seat.is_chair,
            is_voting=seat.is_voting,
            **cleaned({"post": seat.post, "deputy": seat.deputy}, SEAT),
        )
        for seat in seats
    )
    BoardQuorum.objects.bulk_create(
        BoardQuorum(board=board, organisation=organisation, least=least)
        for organisation, least in quorums.items()
        if least
    )
