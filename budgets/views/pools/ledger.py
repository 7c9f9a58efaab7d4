"""The Ledger and Periods tabs of a fund's year, and the forms that post and close."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from budgets.actions.ledger import post_journal, reverse_journal
from budgets.actions.periods import archive_period, ask_to_reopen, lock_period, reopen_period, start_closing
from budgets.pool_forms_ledger import JournalForm, PeriodForm, ReverseForm
from budgets.queries.pools import ledger as queries
from budgets.queries.pools.reach import PoolYearReached
from budgets.rules.pools.ledger import simple_entries
from budgets.tables.pools import ledger as tables
from budgets.terms import JournalKind, PeriodState
from budgets.views.pools.frame import address, reads_pool_year, shown
from partnerships.queries.agreements.reach import may
from pooledcare.directory.access import Permission, refusal
from pooledcare.kernel.fields import add_problems
from pooledcare.kernel.problems import Refused

LEDGER, PERIODS = "budgets:ledger", "budgets:period-list"
MOST_JOURNALS = 50
FORM = require_http_methods(["GET", "POST"])
RECORD, CLOSE, APPROVE = Permission.RECORD_POOL_MONEY, Permission.CLOSE_POOL_PERIODS, Permission.APPROVE_POOL_MONEY


def _may(request: HttpRequest, found: PoolYearReached, permission: Permission) -> bool:
    return may(found.reached.agreement, actor=request.actor, permission=permission)  # type: ignore[attr-defined]


def _demand(request: HttpRequest, found: PoolYearReached, permission: Permission) -> None:
    if not _may(request, found, permission):
        raise PermissionDenied(refusal(permission))


@require_safe
@reads_pool_year
def ledger(request: HttpRequest, found: PoolYearReached) -> HttpResponse:
    """How the fund stands, what each scheme has spent, and the newest journals."""
    names = queries.scheme_names(found.reached.agreement)
    partners = queries.partner_names(found.reached.agreement)
    stands = queries.position_of(found.pool_year)
    newest = queries.journals_of(found.pool_year)
    return shown(
        request,
        found,
        "ledger",
        tab=LEDGER,
        sentences=tables.sentences(stands, found.pool_year.year),
        cards=tables.cards(stands),
        schemes=tables.schemes(queries.spent_by_scheme(found.pool_year), names),
        balances=tables.balances(stands, partners),
        journals=tables.journals(newest[:MOST_JOURNALS], lambda pk: address("budgets:journal-detail", found, pk)),
        most=MOST_JOURNALS,
        count=newest.count(),
        post=address("budgets:journal-post", found) if _may(request, found, RECORD) else "",
    )


@FORM
@reads_pool_year
def journal_post(request: HttpRequest, found: PoolYearReached) -> HttpResponse:
    _demand(request, found, RECORD)
    agreement = found.reached.agreement
    form = JournalForm(
        request.POST or None,
        partners=[(str(pk), name) for pk, name in queries.partner_names(agreement).items()],
        schemes=[(str(pk), name) for pk, name in queries.scheme_names(agreement).items()],
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = post_journal(
                pool_year=found.pool_year,
                kind=said["kind"],
                on=said["on"],
                entries=simple_entries(
                    said["kind"],
                    said["amount"],
                    partner_id=int(said["partner"]) if said["partner"] else None,
                    scheme_id=int(said["scheme"]) if said["scheme"] else None,
                ),
                reason=said["reason"],
                period=13 if said["adjustment"] else None,
                by=request.actor,  # type: ignore[attr-defined]
            )
        except Refused as refused:
            add_problems(form, refused)
        else:
            messages.success(request, f"{made.reference} is posted to {made.period.month.label}.")
            return redirect(address("budgets:journal-detail", found, made.pk))
    back = address(LEDGER, found)
    return shown(request, found, "ledger_form", tab=LEDGER, form=form, heading="Post a journal", back=back)


@require_safe
@reads_pool_year
def journal_detail(request: HttpRequest, found: PoolYearReached, pk: int) -> HttpResponse:
    journal = queries.journal_of(found.pool_year, pk)
    if journal is None:
        raise Http404
    reversible = not journal.is_reversed and journal.reverses_id is None  # type: ignore[attr-defined]
    return shown(
        request,
        found,
        "journal_detail",
        tab=LEDGER,
        journal=journal,
        kind=str(JournalKind(journal.kind).label),
        entries=tables.entries(queries.entries_of(journal), queries.scheme_names(found.reached.agreement)),
        reversed_by=journal.reversals.first(),
        reverse=address("budgets:journal-reverse", found, pk) if reversible and _may(request, found, RECORD) else "",
        back=address(LEDGER, found),
    )


@FORM
@reads_pool_year
def journal_reverse(request: HttpRequest, found: PoolYearReached, pk: int) -> HttpResponse:
    _demand(request, found, RECORD)
    journal = queries.journal_of(found.pool_year, pk)
    if journal is None:
        raise Http404
    form = ReverseForm(request.POST or None, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            made = reverse_journal(journal=journal, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refused as refused:
            add_problems(form, refused)
        else:
            messages.success(request, f"{journal.reference} is reversed by {made.reference}.")
            return redirect(address("budgets:journal-detail", found, made.pk))
    back = address("budgets:journal-detail", found, pk)
    heading = f"Reverse {journal.reference}"
    return shown(request, found, "ledger_form", tab=LEDGER, form=form, heading=heading, back=back)


@require_safe
@reads_pool_year
def period_list(request: HttpRequest, found: PoolYearReached) -> HttpResponse:
    partners = queries.contributing_partners(found.pool_year)
    periods = queries.periods_of(found.pool_year)
    missing = queries.not_supplied(found.pool_year, partners, today=timezone.localdate())
    asked = queries.asked_to_reopen(found.pool_year)
    return shown(
        request,
        found,
        "period_list",
        tab=PERIODS,
        sentences=tables.period_sentences(periods, missing),
        periods=tables.periods(periods, missing, lambda number: address("budgets:period-detail", found, number), asked),
    )


# What can be done in each state: key, words, and who may.
STEPS: dict[str, list[tuple[str, str, Permission]]] = {
    PeriodState.OPEN: [("close", "Start closing: only finance officers post from then on", CLOSE)],
    PeriodState.CLOSING: [("lock", "Lock: nothing more is posted", CLOSE)],
    PeriodState.LOCKED: [
        ("ask", "Ask to reopen: a second person decides", CLOSE),
        ("reopen", "Reopen as somebody else has asked", APPROVE),
        ("archive", "Archive: it is never reopened", APPROVE),
    ],
    PeriodState.ARCHIVED: [],
}


@FORM
@reads_pool_year
def period_detail(request: HttpRequest, found: PoolYearReached, number: int) -> HttpResponse:
    """One period: its history, and what can be done with it."""
    period = queries.period_of_year(found.pool_year, number)
    if period is None:
        raise Http404
    steps = [(key, words) for key, words, needed in STEPS[period.state] if _may(request, found, needed)]
    if request.method == "POST" and not steps:
        raise PermissionDenied(refusal(CLOSE, APPROVE))
    form = PeriodForm(request.POST or None, choices=steps) if steps else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            _take(form.cleaned_data, period, request)
        except Refused as refused:
            add_problems(form, refused)
        else:
            messages.success(request, f"{period.month.label} is changed.")
            return redirect(address("budgets:period-detail", found, number))
    context: dict[str, Any] = {} if form is None else {"form": form}
    return shown(
        request,
        found,
        "period_detail",
        tab=PERIODS,
        period=period,
        state=str(PeriodState(period.state).label),
        history=tables.period_history(queries.statuses_of(period)),
        back=address(PERIODS, found),
        **context,
    )


def _take(said: dict[str, Any], period: Any, request: HttpRequest) -> None:
    by = request.actor  # type: ignore[attr-defined]
    if said["what"] == "ask":
        ask_to_reopen(period=period, reason=said.get("reason", ""), by=by)
        return
    steps = {"close": start_closing, "lock": lock_period, "reopen": reopen_period, "archive": archive_period}
    steps[said["what"]](period=period, by=by)
