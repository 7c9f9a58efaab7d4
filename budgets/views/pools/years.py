"""The Money tab of an agreement, and one year of a fund at a glance."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from budgets.actions.pool_years import open_year
from budgets.queries.pools.ledger import scheme_names, spent_by_scheme
from budgets.queries.pools.position import standings
from budgets.queries.pools.reach import PoolYearReached
from budgets.queries.pools.years import fund_names, years_of, years_to_open
from budgets.tables.pools import ledger as ledger_tables
from budgets.tables.pools import years as tables
from budgets.views.pools.frame import reads_pool_year
from budgets.views.pools.frame import shown as shown_in_pool
from partnerships.forms.agreements import MomentForm
from partnerships.queries.agreements.reach import Reached, agreement_reached, may
from partnerships.views.reading import opened, reads_agreement
from partnerships.views.reading import shown as shown_in_agreement
from pooledcare.directory.access import Permission, refusal, requires
from pooledcare.kernel.problems import Refused


@reads_agreement(partners_only=True)
def agreement_money(request: HttpRequest, reached: Reached) -> HttpResponse:
    """The funds of the agreement, with the years whose money is recorded."""
    form = MomentForm(request.GET)
    page = opened(reached, form)
    names = fund_names(reached.agreement)
    allowed = may(reached.agreement, actor=request.actor, permission=Permission.RECORD_POOL_MONEY)  # type: ignore[attr-defined]
    openable = years_to_open(reached.agreement) if allowed else []
    years = years_of(reached.agreement)
    named = [(names.get(each.pool_id, each.pool.slug), each) for each in years]
    return shown_in_agreement(
        request,
        page,
        form,
        "agreement_money",
        here="agreement-money",
        years=tables.years(named, standings(years)),
        to_open=[(names[pool.pk], pool.slug, year) for pool, year in openable],
    )


@require_POST
@requires(Permission.RECORD_POOL_MONEY)
def pool_year_open(request: HttpRequest, reference: str) -> HttpResponse:
    """Open the year that a button of the Money tab names as `fund:2026-27`."""
    actor = request.actor  # type: ignore[attr-defined]
    reached = agreement_reached(reference, actor=actor)
    if reached is None or not reached.is_partner:
        raise Http404
    if not may(reached.agreement, actor=actor, permission=Permission.RECORD_POOL_MONEY):
        raise PermissionDenied(refusal(Permission.RECORD_POOL_MONEY))
    asked = request.POST.get("year", "")
    chosen = {f"{pool.slug}:{year}": (pool, year) for pool, year in years_to_open(reached.agreement)}.get(asked)
    if chosen is None:
        messages.error(request, "That year is open already or cannot be opened. Choose one of those below.")
        return redirect("budgets:agreement-money", reference)
    pool, year = chosen
    try:
        return redirect(open_year(pool=pool, year=year, by=actor))
    except Refused as refused:
        messages.error(request, refused.problems[0].message)
        return redirect("budgets:agreement-money", reference)


@require_safe
@reads_pool_year
def pool_year(request: HttpRequest, found: PoolYearReached) -> HttpResponse:
    """What is contributed, planned and spent, and by which scheme."""
    of_year = found.pool_year
    stands = standings([of_year])[of_year.pk]
    return shown_in_pool(
        request,
        found,
        "pool_year",
        tab="budgets:pool-year",
        sentence=tables.sentence(stands, of_year.year),
        cards=tables.cards(stands, of_year.year),
        schemes=ledger_tables.schemes(spent_by_scheme(of_year), scheme_names(found.reached.agreement)),
    )
