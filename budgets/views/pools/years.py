"""The Money tab of an agreement, and one year of a fund at a glance."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from budgets.queries.pools.reach import PoolYearReached
from budgets.queries.pools.years import years_of
from budgets.views.pools.frame import reads_pool_year
from budgets.views.pools.frame import shown as shown_in_pool
from partnerships.forms.agreements import MomentForm
from partnerships.queries.agreements.reach import Reached
from partnerships.views.reading import opened, reads_agreement
from partnerships.views.reading import shown as shown_in_agreement


@reads_agreement(partners_only=True)
def agreement_money(request: HttpRequest, reached: Reached) -> HttpResponse:
    """The funds of the agreement, with the years whose money is recorded."""
    form = MomentForm(request.GET)
    page = opened(reached, form)
    return shown_in_agreement(
        request, page, form, "agreement_money", here="agreement-money", years=years_of(reached.agreement)
    )


@reads_pool_year
def pool_year(request: HttpRequest, found: PoolYearReached) -> HttpResponse:
    return shown_in_pool(request, found, "pool_year", tab="budgets:pool-year")
