"""Virements: proposed by one partner, agreed by all, refused by one, or withdrawn."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from budgets.changing.plan_locks import begin, finish, lock_pool_year, people_behind
from budgets.models import PlanLine, PlanMovement, PoolYear, Virement, VirementDecision
from budgets.queries.pools.plans import deciders_of, line_of, line_rows
from budgets.rules.pools.virements import virement_problems
from budgets.terms import SENTENCES, MovementKind, VirementAnswer, VirementState
from partnerships.changing.agreement import only_people, refuse, require_deciding_organisation
from pooledcare.directory.access import Actor, Permission
from pooledcare.directory.models import Organisation
from pooledcare.kernel.actions import action
from pooledcare.kernel.problems import Refused, Where


@action(SENTENCES)
def propose_virement(
    *,
    from_line: PlanLine,
    to_line: PlanLine,
    amount: Decimal,
    client_income: Decimal | None,
    effective_on: dt.date,
    reason: str,
    organisation: Organisation | None = None,
    by: Actor,
) -> Virement:
    """Propose to move `amount` pounds, gross, with its client income. None for the income means not stated."""
    pool_year, recording = begin(from_line.pool_year, by, organisation)
    _check(pool_year, from_line, to_line, amount, client_income, effective_on)
    if not reason.strip():
        raise Refused.because("REQUIRED", "Enter the reason for the virement", where=Where(field="reason"))
    assert client_income is not None, "an income that is not stated was refused above"
    found = Virement.objects.filter(
        from_line=from_line,
        to_line=to_line,
        amount=amount,
        client_income=client_income,
        effective_on=effective_on,
        state=VirementState.PROPOSED,
    ).first()
    if found is not None:
        raise Refused.because("PROPOSED_ALREADY", f"{found.reference} already proposes this and waits for approval")
    made = Virement.objects.create(
        from_line=from_line,
        to_line=to_line,
        amount=amount,
        client_income=client_income,
        effective_on=effective_on,
        reason=reason.strip(),
        organisation=recording,
        actor=by.reference,
    )
    sentence = f"{made.reference} in the plan {pool_year.reference} was proposed."
    finish(pool_year, by=by, organisation=recording, action="virement.proposed", sentence=sentence)
    return made


@action(SENTENCES)
def decide_virement(
    *, virement: Virement, decision: str, note: str = "", organisation: Organisation | None = None, by: Actor
) -> VirementDecision:
    """Record a partner's decision. With the last approval the budget moves; one refusal refuses the virement.

    A form sent twice returns the decision already made.
    """
    only_people(by)
    pool_year = lock_pool_year(virement.from_line.pool_year)
    virement = _read_again(virement)
    agreement = pool_year.pool.agreement
    deciders = deciders_of(agreement)
    deciding = require_deciding_organisation(
        agreement, deciders, permission=Permission.APPROVE_POOL_MONEY, by=by, organisation=organisation
    )
    given = virement.decisions.filter(organisation=deciding).first()
    if given is not None and given.decision == decision:
        return given
    _require_proposed(virement)
    if by.reference in people_behind({virement.actor}):
        raise Refused.because(
            "FOUR_EYES",
            "The person who proposed a virement cannot also decide on it",
            fix="Ask a colleague who may approve.",
        )
    if decision == VirementAnswer.REFUSED and not note.strip():
        raise Refused.because("REQUIRED", "Enter why the virement is refused", where=Where(field="note"))
    if decision == VirementAnswer.APPROVED:
        _check(
            pool_year, virement.from_line, virement.to_line, virement.amount, virement.client_income,
            virement.effective_on,
        )  # fmt: skip
    made = VirementDecision.objects.create(
        virement=virement, organisation=deciding, decision=decision, note=note.strip(), actor=by.reference
    )
    approved = set(
        virement.decisions.filter(decision=VirementAnswer.APPROVED).values_list("organisation_id", flat=True)
    )
    if decision == VirementAnswer.REFUSED:
        _set_state(virement, VirementState.REFUSED)
    elif {each.body.pk for each in deciders} <= approved:
        _set_state(virement, VirementState.AGREED)
        _move(virement, deciding, by)
    word = VirementAnswer(decision).label.lower()
    sentence = f"{virement.reference} in the plan {pool_year.reference} was {word}."
    finish(pool_year, by=by, organisation=deciding, action=f"virement.{decision}", sentence=sentence)
    return made


@action(SENTENCES)
def withdraw_virement(*, virement: Virement, organisation: Organisation | None = None, by: Actor) -> Virement:
    """Withdraw a proposed virement, for the organisation that proposed it."""
    pool_year, recording = begin(virement.from_line.pool_year, by, organisation or virement.organisation)
    virement = _read_again(virement)
    if virement.state == VirementState.WITHDRAWN:
        return virement
    _require_proposed(virement)
    if recording.pk != virement.organisation_id:
        raise Refused.because("NOT_THE_PROPOSER", f"Only {virement.organisation.name} can withdraw this virement")
    _set_state(virement, VirementState.WITHDRAWN)
    sentence = f"{virement.reference} in the plan {pool_year.reference} was withdrawn."
    finish(pool_year, by=by, organisation=recording, action="virement.withdrawn", sentence=sentence)
    return virement


def _check(
    pool_year: PoolYear,
    from_line: PlanLine,
    to_line: PlanLine,
    amount: Decimal,
    client_income: Decimal | None,
    effective_on: dt.date,
) -> None:
    held = {row.pk: line_of(row) for row in line_rows(pool_year)}
    if from_line.pk not in held or to_line.pk not in held:
        raise Refused.because("NOT_IN_PLAN", "Choose two lines of this plan", where=Where(field="to_line"))
    refuse(
        virement_problems(
            held[from_line.pk],
            held[to_line.pk],
            amount=amount,
            client_income=client_income,
            effective_on=effective_on,
            year=pool_year.year,
            plan_state=pool_year.plan_state,
        )
    )


def _move(virement: Virement, organisation: Organisation, by: Actor) -> None:
    for line, sign in ((virement.from_line, -1), (virement.to_line, 1)):
        PlanMovement.objects.create(
            line=line,
            kind=MovementKind.VIREMENT,
            expenditure=sign * virement.amount,
            client_income=sign * virement.client_income,
            effective_on=virement.effective_on,
            virement=virement,
            organisation=organisation,
            actor=by.reference,
        )


def _set_state(virement: Virement, state: VirementState) -> None:
    virement.state = state
    virement.version += 1
    virement.save(update_fields=["state", "version"])


def _read_again(virement: Virement) -> Virement:
    return Virement.objects.select_related("from_line", "to_line", "organisation").get(pk=virement.pk)


def _require_proposed(virement: Virement) -> None:
    if virement.state != VirementState.PROPOSED:
        word = VirementState(virement.state).label.lower()
        raise Refused.because("VIREMENT_IS_FINAL", f"{virement.reference} is already {word}")
