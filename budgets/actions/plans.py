"""Every change to a plan: its lines while it is a draft, its submission, and the partners' decisions on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Max

from budgets.changing.plan_locks import begin, finish, lock_pool_year, people_behind, refuse_as_changed
from budgets.models import FundingStream, PlanApproval, PlanLine, PlanMovement, PlanProfile, PoolYear
from budgets.queries.pools.income import net_contributions
from budgets.queries.pools.plans import deciders_of, decisions_on, hash_of, line_of, line_rows, lines_of
from budgets.rules.pools.plan import Amounts, monthly, submitting_problems
from budgets.rules.pools.plan import plan_hash as plan_hash_of
from budgets.terms import SENTENCES, MovementKind, PlanDecision, PlanState, ProfileMethod, StreamNature
from partnerships.changing.agreement import only_people, refuse, require_deciding_organisation
from partnerships.models import Deed, Provider, Scheme
from pooledcare.directory.access import Actor, Permission
from pooledcare.directory.models import Organisation
from pooledcare.kernel.actions import action
from pooledcare.kernel.problems import Problem, Refused, Where


@dataclass(frozen=True, slots=True)
class LineIn:
    """A line of a plan as entered. Amounts are in pounds for the year; `client_income` is part of `expenditure`.

    `provider` is a name; one that the agreement does not name yet is added, unmatched. `months` is for a profile by
    hand, April first.
    """

    scheme: Scheme
    source: Organisation
    expenditure: Decimal
    client_income: Decimal
    stream: FundingStream | None = None
    commissioner: Organisation | None = None
    nhs_share: Decimal | None = None
    provider: str = ""
    area_of_spend: str = ""
    permitted_expenditure: str = ""
    nature: str = StreamNature.REVENUE
    ring_fence: str = ""
    description: str = ""
    outputs: Decimal | None = None
    output_unit: str = ""
    savings_expected: Decimal | None = None
    profile: str = ProfileMethod.TWELFTHS
    months: Sequence[Decimal] | None = field(default=None)


_PLAIN = (
    "scheme", "source", "stream", "commissioner", "nhs_share", "area_of_spend", "permitted_expenditure", "nature",
    "ring_fence", "description", "outputs", "output_unit", "savings_expected",
)  # fmt: skip


# --- lines of a draft ------------------------------------------------------------------------------------------------


@action(SENTENCES)
def add_line(*, pool_year: PoolYear, said: LineIn, organisation: Organisation | None = None, by: Actor) -> PlanLine:
    """Add a line to a draft. Raises Refused for what is wrong with it."""
    pool_year, recording = begin(pool_year, by, organisation)
    _require_draft(pool_year)
    refuse(_line_problems(pool_year, said))
    last = PlanLine.objects.filter(pool_year=pool_year).aggregate(Max("number"))["number__max"]
    row = PlanLine.objects.create(
        pool_year=pool_year, number=(last or 0) + 1, edited_by=by.reference, **_values(pool_year, said)
    )
    _write_amounts(row, said, Amounts(), by, recording)
    sentence = f"Line {row.number} of the plan {pool_year.reference} was added."
    finish(pool_year, by=by, organisation=recording, action="plan_line.added", sentence=sentence, event="created")
    return row


@action(SENTENCES)
def change_line(
    *, line: PlanLine, said: LineIn, version: int | None = None, organisation: Organisation | None = None, by: Actor
) -> PlanLine:
    """Change a line of a draft. `version` is that of the year when the person read the line."""
    pool_year, recording = begin(line.pool_year, by, organisation)
    _require_draft(pool_year)
    if version is not None and version != pool_year.version:
        refuse_as_changed()
    refuse(_line_problems(pool_year, said))
    row = PlanLine.objects.get(pk=line.pk)
    before = line_of(_read_again(row)).original
    for name, value in {**_values(pool_year, said), "edited_by": by.reference}.items():
        setattr(row, name, value)
    row.save()
    _write_amounts(row, said, before, by, recording)
    sentence = f"Line {row.number} of the plan {pool_year.reference} was changed."
    finish(pool_year, by=by, organisation=recording, action="plan_line.changed", sentence=sentence)
    return row


@action(SENTENCES)
def remove_line(*, line: PlanLine, organisation: Organisation | None = None, by: Actor) -> None:
    """Take a line out of a draft. Its rows stay and sum to 0; its number is not used again."""
    pool_year, recording = begin(line.pool_year, by, organisation)
    _require_draft(pool_year)
    row = PlanLine.objects.get(pk=line.pk)
    if row.is_removed:
        return
    before = line_of(_read_again(row)).original
    PlanProfile.objects.filter(line=row).delete()
    if before != Amounts():
        _move(row, Amounts(-before.expenditure, -before.client_income), by, recording)
    row.is_removed, row.edited_by = True, by.reference
    row.save()
    sentence = f"Line {row.number} of the plan {pool_year.reference} was removed."
    finish(pool_year, by=by, organisation=recording, action="plan_line.removed", sentence=sentence)


@action(SENTENCES)
def copy_last_year(*, pool_year: PoolYear, organisation: Organisation | None = None, by: Actor) -> list[PlanLine]:
    """Begin an empty draft with the lines of last year's plan, at their revised amounts and in the same shape."""
    pool_year, recording = begin(pool_year, by, organisation)
    _require_draft(pool_year)
    if PlanLine.objects.filter(pool_year=pool_year, is_removed=False).exists():
        raise Refused.because("HAS_LINES", "The plan already has lines", fix="Remove them first, or add single lines.")
    last = PoolYear.objects.filter(pool=pool_year.pool, financial_year=pool_year.financial_year - 1).first()
    rows = [] if last is None else line_rows(last)
    if not rows:
        raise Refused.because("NO_LAST_YEAR", f"The fund has no plan for {pool_year.year.previous}")
    first = (PlanLine.objects.filter(pool_year=pool_year).aggregate(Max("number"))["number__max"] or 0) + 1
    made = []
    for number, old in enumerate(rows, first):
        held = line_of(old)
        values = {name: getattr(old, name) for name in (*_PLAIN, "provider")}
        row = PlanLine.objects.create(pool_year=pool_year, number=number, edited_by=by.reference, **values)
        _move(row, held.revised, by, recording)
        if any(held.profile):
            amounts = monthly(ProfileMethod.LAST_YEAR, held.revised.expenditure, pool_year.year, last_year=held.profile)
            PlanProfile.objects.create(line=row, method=ProfileMethod.LAST_YEAR, amounts=list(amounts))
        made.append(row)
    sentence = f"The plan {pool_year.reference} was begun with {len(made)} lines of {pool_year.year.previous}."
    finish(pool_year, by=by, organisation=recording, action="plan.copied", sentence=sentence, event="created")
    return made


def _require_draft(pool_year: PoolYear) -> None:
    if pool_year.plan_state != PlanState.DRAFT:
        fix = "Propose a virement." if pool_year.plan_state == PlanState.APPROVED else "Ask for changes to it first."
        raise Refused.because("PLAN_LINE_OF_DRAFT", SENTENCES["plan_line_of_draft"].rstrip("."), fix=fix)


def _line_problems(pool_year: PoolYear, said: LineIn) -> list[Problem]:
    found = []
    if said.scheme.agreement_id != pool_year.pool.agreement_id:
        found.append(Problem("UNKNOWN_SCHEME", "Choose a scheme of the agreement", Where(field="scheme")))
    partners = {each.body.pk for each in deciders_of(pool_year.pool.agreement)}
    if said.source.pk not in partners:
        found.append(Problem("NOT_A_PARTNER", f"{said.source.name} is not a partner", Where(field="source")))
    if (said.commissioner is None) == (said.nhs_share is None):
        message = "Give one commissioner, or the NHS share of a line that is commissioned jointly"
        found.append(Problem("PLAN_LINE_ONE_COMMISSIONER_OR_JOINT", message, Where(field="commissioner")))
    if said.expenditure < 0:
        found.append(Problem("NEGATIVE", "The expenditure cannot be negative", Where(field="expenditure")))
    elif not 0 <= said.client_income <= said.expenditure:
        message = "Client income must lie between £0.00 and the expenditure"
        found.append(Problem("INCOME_ABOVE_SPEND", message, Where(field="client_income")))
    return found


def _values(pool_year: PoolYear, said: LineIn) -> dict[str, Any]:
    name = " ".join(said.provider.split())
    provider = None
    if name:
        agreement = pool_year.pool.agreement
        known = Provider.objects.filter(agreement=agreement, name__iexact=name).first()
        provider = known or Provider.objects.create(agreement=agreement, name=name)
    return {each: getattr(said, each) for each in _PLAIN} | {"provider": provider}


def _write_amounts(row: PlanLine, said: LineIn, before: Amounts, by: Actor, organisation: Organisation) -> None:
    year = row.pool_year.year
    last_year = _last_shape(row) if said.profile == ProfileMethod.LAST_YEAR else None
    months = monthly(said.profile, said.expenditure, year, last_year=last_year, by_hand=said.months)
    change = Amounts(said.expenditure - before.expenditure, said.client_income - before.client_income)
    if change != Amounts() or not row.movements.exists():
        _move(row, change, by, organisation)
    PlanProfile.objects.update_or_create(line=row, defaults={"method": said.profile, "amounts": list(months)})


def _move(row: PlanLine, change: Amounts, by: Actor, organisation: Organisation) -> None:
    PlanMovement.objects.create(
        line=row,
        kind=MovementKind.ORIGINAL,
        expenditure=change.expenditure,
        client_income=change.client_income,
        effective_on=_first_day(row.pool_year),
        organisation=organisation,
        actor=by.reference,
    )


def _first_day(pool_year: PoolYear) -> dt.date:
    """The first day of the year, or that of the agreement if it begins later."""
    agreement = pool_year.pool.agreement
    begins = Deed.objects.filter(agreement=agreement, number=0).values_list("effective_on", flat=True).first()
    days = [day for day in (begins, agreement.operating_since) if day is not None]
    return max(pool_year.year.first_day, min(days)) if days else pool_year.year.first_day


def _last_shape(row: PlanLine) -> tuple[Decimal, ...] | None:
    """The months of last year's first line of the same scheme, source and stream that has a profile."""
    last = PoolYear.objects.filter(pool=row.pool_year.pool, financial_year=row.pool_year.financial_year - 1).first()
    for each in [] if last is None else line_rows(last):
        same = (each.scheme_id, each.source_id, each.stream_id) == (row.scheme_id, row.source_id, row.stream_id)
        if same and any(profile := line_of(each).profile):
            return profile
    return None


def _read_again(row: PlanLine) -> PlanLine:
    return next(each for each in line_rows(row.pool_year) if each.pk == row.pk)


# --- submitted and approved ------------------------------------------------------------------------------------------


@action(SENTENCES)
def submit_plan(*, pool_year: PoolYear, organisation: Organisation | None = None, by: Actor) -> PoolYear:
    """Ask the partners to approve the plan. Raises Refused with everything that it lacks."""
    pool_year, recording = begin(pool_year, by, organisation)
    if pool_year.plan_state == PlanState.SUBMITTED:
        return pool_year
    _require_draft(pool_year)
    refuse(submitting_problems(lines_of(pool_year), net_contributions(pool_year)))
    pool_year.plan_state = PlanState.SUBMITTED
    sentence = f"The plan {pool_year.reference} was submitted to the partners."
    finish(pool_year, by=by, organisation=recording, action="plan.submitted", sentence=sentence)
    return pool_year


@action(SENTENCES)
def approve_plan(
    *, pool_year: PoolYear, plan_hash: str, organisation: Organisation | None = None, by: Actor
) -> PlanApproval:
    """Record a partner's approval of the plan with this hash, which the person read. The last one approves the plan.

    If the organisation has already approved this plan, returns that approval. Raises Refused if the plan has changed,
    if a source's income no longer equals its expenditure, or if the person changed a line.
    """
    only_people(by)
    pool_year, deciding = _deciding(pool_year, by, organisation)
    lines = lines_of(pool_year)
    now = plan_hash_of(pool_year.reference, lines)
    if plan_hash != now:
        refuse_as_changed()
    given = _newest(pool_year, deciding, now)
    if given is not None and given.decision == PlanDecision.APPROVED:
        return given
    _require_submitted(pool_year)
    if by.reference in people_behind(_editors(pool_year)):
        raise Refused.because(
            "FOUR_EYES",
            "A person who has changed a line of the plan cannot also approve it",
            fix="Ask a colleague who may approve.",
        )
    refuse(submitting_problems(lines, net_contributions(pool_year)))
    approval = PlanApproval.objects.create(
        pool_year=pool_year,
        organisation=deciding,
        decision=PlanDecision.APPROVED,
        plan_hash=now,
        actor=by.reference,
    )
    if all(each.is_approved for each in decisions_on(pool_year, now)):
        pool_year.plan_state = PlanState.APPROVED
    sentence = f"The plan {pool_year.reference} was approved."
    finish(pool_year, by=by, organisation=deciding, action="plan.approved", sentence=sentence)
    return approval


@action(SENTENCES)
def request_plan_changes(
    *, pool_year: PoolYear, note: str, organisation: Organisation | None = None, by: Actor
) -> PlanApproval:
    """Send a submitted plan back to draft, with what should change. Approvals of it count again if nothing changes."""
    only_people(by)
    pool_year, deciding = _deciding(pool_year, by, organisation)
    _require_submitted(pool_year)
    if not note.strip():
        raise Refused.because("REQUIRED", "Enter what should be changed", where=Where(field="note"))
    approval = PlanApproval.objects.create(
        pool_year=pool_year,
        organisation=deciding,
        decision=PlanDecision.CHANGES_REQUESTED,
        plan_hash=hash_of(pool_year),
        note=note.strip(),
        actor=by.reference,
    )
    pool_year.plan_state = PlanState.DRAFT
    sentence = f"Changes to the plan {pool_year.reference} were requested."
    finish(pool_year, by=by, organisation=deciding, action="plan.changes_requested", sentence=sentence)
    return approval


def _deciding(pool_year: PoolYear, by: Actor, organisation: Organisation | None) -> tuple[PoolYear, Organisation]:
    locked = lock_pool_year(pool_year)
    agreement = locked.pool.agreement
    permission = Permission.APPROVE_POOL_MONEY
    return locked, require_deciding_organisation(
        agreement, deciders_of(agreement), permission=permission, by=by, organisation=organisation
    )


def _editors(pool_year: PoolYear) -> set[str]:
    """Everybody who has changed a line of the draft, removed lines included."""
    rows = PlanLine.objects.filter(pool_year=pool_year)
    return {*rows.values_list("edited_by", flat=True), *rows.values_list("movements__actor", flat=True)} - {None, ""}


def _newest(pool_year: PoolYear, organisation: Organisation, plan_hash: str) -> PlanApproval | None:
    return pool_year.plan_approvals.filter(organisation=organisation, plan_hash=plan_hash).order_by("pk").last()


def _require_submitted(pool_year: PoolYear) -> None:
    if pool_year.plan_state != PlanState.SUBMITTED:
        state = "still a draft" if pool_year.plan_state == PlanState.DRAFT else "already approved"
        raise Refused.because("PLAN_NOT_SUBMITTED", f"The plan is {state}, so nobody can decide on it")
