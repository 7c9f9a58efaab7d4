"""Posting to the ledger of a fund, and reversing what was posted.

What must always hold is in budgets/sql/ledger.sql.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from django.db import connection

from budgets.changing.pool_acting import acting_for
from budgets.models import Entry, Journal, Period, PoolYear
from budgets.queries.pools.ledger import CLOSED, entries_of, locked_numbers, sums
from budgets.rules.pools.ledger import EntryIn, balance_problems, day_in, opening_entries, period_of
from budgets.terms import SENTENCES, JournalKind, PeriodState
from partnerships.models import AgreementSummary
from partnerships.terms import Audience
from pooledcare.directory.access import Actor, Permission, can
from pooledcare.directory.history import announce, record
from pooledcare.directory.models import Organisation
from pooledcare.kernel.actions import action
from pooledcare.kernel.days import written
from pooledcare.kernel.periods import ADJUSTMENTS, FinancialYear, Month
from pooledcare.kernel.problems import Problem, Refused, Where

RECORD, CLOSE = Permission.RECORD_POOL_MONEY, Permission.CLOSE_POOL_PERIODS


@action(SENTENCES)
def post_journal(
    *,
    pool_year: PoolYear,
    kind: str,
    on: dt.date,
    entries: Sequence[EntryIn],
    reason: str = "",
    source_key: str = "",
    period: int | None = None,
    organisation: Organisation | None = None,
    by: Actor,
) -> Journal:
    """Post one journal. An item of a locked month goes to the next open period, and its reason then says so.

    `period` 13 posts an adjustment of the year. An accrual is reversed on the first day of the next period, at once if
    the year has one; that of the last month by `carry_forward`. Raises Refused if the entries do not balance, if the
    day lies outside the year, or if no period of the year is open.
    """
    acting = acting_for(pool_year, RECORD, by=by, organisation=organisation)
    if problems := balance_problems(entries):
        raise Refused(problems)
    posted = _post(pool_year, kind, on, entries, reason, source_key, period, acting, by)
    if kind == JournalKind.ACCRUAL:
        _reverse_next_month(posted, entries, acting, by)
    _finish(posted, "journal.posted", f"{posted.reference} was posted to {posted.period.month.label}", acting, by)
    return posted


def _post(
    pool_year: PoolYear,
    kind: str,
    on: dt.date,
    entries: Sequence[EntryIn],
    reason: str,
    source_key: str,
    period: int | None,
    organisation: Organisation,
    by: Actor,
    reverses: Journal | None = None,
) -> Journal:
    if on not in pool_year.year:
        message = f"{written(on)} does not lie in {pool_year.year}"
        raise Refused(
            [Problem("OUTSIDE_YEAR", message, Where(field="on"), on.isoformat(), "Choose a day of that year.")]
        )
    asked = Month(pool_year.year, period or Month.containing(on).period)
    number, moved = period_of(asked, _locked_from(pool_year, asked.period))
    if not number:
        raise Refused.because("YEAR_LOCKED", f"Every period of {pool_year.year} from {asked.label} is locked")
    target = Period.objects.select_related("pool_year").get(pool_year=pool_year, number=number)
    if target.state == PeriodState.CLOSING and not can(by, CLOSE, organisation):
        raise Refused.because(
            "PERIOD_CLOSING", f"{target.month.label} is being closed", fix="Ask a finance officer to post it."
        )
    day = day_in(target.month, on)
    said = ". ".join(filter(None, [reason, f"{moved}; its day is {written(on)}" if moved else ""]))
    made = Journal.objects.create(
        pool_year=pool_year,
        period=target,
        kind=kind,
        on=day,
        reason=said,
        source_key=source_key,
        reverses=reverses,
        organisation=organisation,
        actor=by.reference,
    )
    Entry.objects.bulk_create(
        [
            Entry(journal=made, **{name: getattr(each, name) for name in EntryIn.__dataclass_fields__})
            for each in entries
        ]
    )
    return made


def _locked_from(pool_year: PoolYear, number: int) -> list[int]:
    """The locked periods from this one to the first that is not; its row is held, so that nobody locks it meanwhile."""
    locked: list[int] = []
    with connection.cursor() as cursor:
        for each in range(number, ADJUSTMENTS + 1):
            cursor.execute(
                "select state from budgets_period where pool_year_id = %s and number = %s for share",
                [pool_year.pk, each],
            )
            if cursor.fetchone()[0] not in CLOSED:
                break
            locked.append(each)
    return locked


def _reverse_next_month(accrual: Journal, entries: Sequence[EntryIn], organisation: Organisation, by: Actor) -> None:
    month = accrual.period.month
    if month.period >= 12:
        return
    following = Month(month.year, month.period + 1)
    reason = f"{accrual.reference}, the accrual of {month.label}, reverses itself"
    _post(
        accrual.pool_year, JournalKind.ACCRUAL_REVERSED, following.first_day, _opposite(entries), reason,
        f"reverses:{accrual.reference}", None, organisation, by,
    )  # fmt: skip


def _opposite(entries: Sequence[EntryIn]) -> list[EntryIn]:
    return [replace(each, amount=-each.amount) for each in entries]


def _as_posted(journal: Journal) -> list[EntryIn]:
    names = EntryIn.__dataclass_fields__
    return [EntryIn(**{name: getattr(each, name) for name in names}) for each in entries_of(journal)]


@action(SENTENCES)
def reverse_journal(*, journal: Journal, reason: str, on: dt.date, by: Actor) -> Journal:
    """Post the exact opposite of a journal, once. Its period stays as it is if that is locked.

    Raises Refused if it is reversed already, or is itself a reversal, or if no reason is given.
    """
    acting = acting_for(journal.pool_year, RECORD, by=by)
    if not reason.strip():
        raise Refused([Problem("REQUIRED", "Enter why it is reversed", Where(field="reason"))])
    if journal.reverses_id is not None:
        raise Refused.because("IS_REVERSAL", f"{journal.reference} is a reversal", fix="Post a new journal instead.")
    entries = _opposite(_as_posted(journal))
    made = _post(
        journal.pool_year, JournalKind.REVERSAL, on, entries, reason.strip(), "", None, acting, by, reverses=journal
    )
    _finish(made, "journal.reversed", f"{journal.reference} was reversed by {made.reference}", acting, by)
    return made


@action(SENTENCES)
def carry_forward(*, pool_year: PoolYear, by: Actor) -> Journal:
    """Open the next year with the closing balances of this one, and reverse the accruals of its last month.

    Every period of this year must be locked, and the next year must be open. It can be done once. Raises Refused.
    """
    acting = acting_for(pool_year, Permission.APPROVE_POOL_MONEY, by=by)
    following = PoolYear.objects.filter(pool=pool_year.pool, financial_year=pool_year.financial_year + 1).first()
    if len(locked_numbers(pool_year)) < 13:
        raise Refused.because("YEAR_NOT_CLOSED", f"{pool_year.year} has periods that are not locked", fix="Lock them.")
    if following is None:
        raise Refused.because("YEAR_NOT_OPEN", f"{pool_year.year.next} is not open", fix="Open that year first.")
    year = FinancialYear(following.financial_year)
    reason = f"Closing balances of {pool_year.year}"
    entries = opening_entries(sums(pool_year))
    if not entries:
        raise Refused.because("NOTHING_TO_CARRY", f"Every balance of {pool_year.year} is 0")
    opened = _post(following, JournalKind.OPENING, year.first_day, entries, reason, "opening", 1, acting, by)
    accruals = Journal.objects.filter(pool_year=pool_year, kind=JournalKind.ACCRUAL, period__number__gte=12)
    for each in accruals.filter(reversals=None).select_related("pool_year", "period__pool_year").order_by("pk"):
        words = f"{each.reference}, the accrual of {each.period.month.label}, reverses itself"
        _post(
            following, JournalKind.ACCRUAL_REVERSED, year.first_day, _opposite(_as_posted(each)), words,
            f"reverses:{each.reference}", 1, acting, by,
        )  # fmt: skip
    _finish(opened, "journal.opened", f"{opened.reference} opens {year} with {len(entries)} balances", acting, by)
    return opened


def _finish(journal: Journal, what: str, sentence: str, organisation: Organisation, by: Actor) -> None:
    pool = journal.pool_year.pool
    record(
        by=by,
        action=what,
        subject=f"agreement:{pool.agreement.reference}",
        sentence=f"{sentence} ({pool.agreement.reference}, fund {pool.slug}, {journal.pool_year.year}).",
        organisation=organisation.code,
    )
    readers = AgreementSummary.objects.get(agreement=pool.agreement_id, audience=Audience.PARTNERS).reader_ids
    announce(
        resource="pools",
        reference=f"{pool.agreement.reference}/{pool.slug}",
        event="posted",
        public=False,
        organisation=organisation.code,
        readers=readers,
    )
