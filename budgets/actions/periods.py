"""Closing, locking, reopening and archiving the periods of a fund's year."""

from __future__ import annotations

from budgets.changing.pool_acting import acting_for
from budgets.models import Period, PeriodStatus
from budgets.queries.pools.ledger import figures_hash, request_to_reopen
from budgets.terms import SENTENCES, PeriodState
from pooledcare.directory.access import Actor, Permission
from pooledcare.directory.history import record
from pooledcare.directory.models import Organisation
from pooledcare.kernel.actions import action
from pooledcare.kernel.problems import Problem, Refused, Where

CLOSE, APPROVE = Permission.CLOSE_POOL_PERIODS, Permission.APPROVE_POOL_MONEY


@action(SENTENCES)
def start_closing(*, period: Period, by: Actor) -> Period:
    """From now on only finance officers post to the period."""
    found, acting = _locked_row(period, CLOSE, by)
    _expect(found, PeriodState.OPEN)
    return _set(found, PeriodState.CLOSING, acting, by, said="is being closed")


@action(SENTENCES)
def lock_period(*, period: Period, by: Actor) -> Period:
    """Nothing more is posted to the period, and the hash of its figures is kept. Earlier months must be locked."""
    found, acting = _locked_row(period, CLOSE, by)
    _expect(found, PeriodState.CLOSING)
    open_before = Period.objects.filter(
        pool_year=found.pool_year, number__lt=found.number, state__in=[PeriodState.OPEN, PeriodState.CLOSING]
    ).first()
    if open_before is not None:
        message = f"{open_before.month.label} is not locked yet"
        raise Refused.because("EARLIER_PERIOD_OPEN", message, fix="Lock the earlier months first.")
    return _set(found, PeriodState.LOCKED, acting, by, said="was locked")


@action(SENTENCES)
def archive_period(*, period: Period, by: Actor) -> Period:
    """A locked period is archived and never reopened."""
    found, acting = _locked_row(period, APPROVE, by)
    _expect(found, PeriodState.LOCKED)
    return _set(found, PeriodState.ARCHIVED, acting, by, said="was archived")


@action(SENTENCES)
def ask_to_reopen(*, period: Period, reason: str, by: Actor) -> PeriodStatus:
    """Ask for a locked period to be reopened. A second person decides."""
    found, acting = _locked_row(period, CLOSE, by)
    _expect(found, PeriodState.LOCKED)
    if not reason.strip():
        raise Refused([Problem("REQUIRED", "Enter why it is to be reopened", Where(field="reason"))])
    if request_to_reopen(found) is not None:
        raise Refused.because("ASKED_ALREADY", f"Somebody has asked already to reopen {found.month.label}")
    asked = PeriodStatus.objects.create(
        period=found,
        state=found.state,
        asks_to_reopen=True,
        organisation=acting,
        actor=by.reference,
        reason=reason.strip(),
        figures_hash=found.figures_hash,
    )
    _record(found, "was asked to be reopened", acting, by)
    return asked


@action(SENTENCES)
def reopen_period(*, period: Period, by: Actor) -> Period:
    """Reopen a period as somebody else has asked, with that reason. Later locked periods of the year reopen too.

    Raises Refused if nobody has asked, or if the same person did.
    """
    found, acting = _locked_row(period, APPROVE, by)
    _expect(found, PeriodState.LOCKED)
    asked = request_to_reopen(found)
    if asked is None:
        raise Refused.because("NOT_ASKED", f"Nobody has asked to reopen {found.month.label}")
    if asked.actor == by.reference and not by.is_system:
        raise Refused.because("SAME_PERSON", "The person who asked cannot decide", fix="Ask a colleague or a partner.")
    later = Period.objects.select_for_update(of=("self",)).filter(pool_year=found.pool_year, number__gt=found.number)
    for each in later.filter(state=PeriodState.LOCKED).select_related("pool_year__pool__agreement").order_by("number"):
        _set(each, PeriodState.CLOSING, acting, by, said="was reopened", reason=asked.reason)
    return _set(found, PeriodState.CLOSING, acting, by, said="was reopened", reason=asked.reason)


def _locked_row(period: Period, permission: Permission, by: Actor) -> tuple[Period, Organisation]:
    rows = Period.objects.select_for_update(of=("self",)).select_related("pool_year__pool__agreement")
    found = rows.get(pk=period.pk)
    return found, acting_for(found.pool_year, permission, by=by)


def _expect(period: Period, *states: str) -> None:
    if period.state not in states:
        now = PeriodState(period.state).label.lower()
        raise Refused.because("WRONG_STATE", f"{period.month.label} is {now}", fix="Look at the page again.")


def _set(
    period: Period, state: PeriodState, organisation: Organisation, by: Actor, *, said: str, reason: str = ""
) -> Period:
    period.state = state
    period.version += 1
    if state == PeriodState.LOCKED:
        period.figures_hash = figures_hash(period)
    period.save(update_fields=["state", "version", "figures_hash"])
    PeriodStatus.objects.create(
        period=period,
        state=state,
        organisation=organisation,
        actor=by.reference,
        reason=reason,
        figures_hash=period.figures_hash,
    )
    _record(period, said, organisation, by)
    return period


def _record(period: Period, said: str, organisation: Organisation, by: Actor) -> None:
    pool = period.pool_year.pool
    record(
        by=by,
        action="period.changed",
        subject=f"agreement:{pool.agreement.reference}",
        sentence=f"{period.month.label} of the fund {pool.slug} of {pool.agreement.reference} {said}.",
        organisation=organisation.code,
    )
