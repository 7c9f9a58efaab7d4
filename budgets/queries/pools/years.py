"""The funds of an agreement and the years whose money is recorded."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from budgets.models import PoolYear
from budgets.rules.pools.years import openable_years
from partnerships.models import Agreement, AgreementSummary, Pool, PoolTerms
from partnerships.terms import Audience, DeedState
from pooledcare.kernel.periods import FinancialYear


@dataclass(frozen=True, slots=True)
class Term:
    """The first and the last day of an agreement. Without a last day it has no end."""

    start: dt.date | None
    end: dt.date | None


def term_of(agreement: Agreement) -> Term:
    """As the deeds say; an agreement that operates unsigned or has ended has the days of its operation."""
    summary = AgreementSummary.objects.get(agreement=agreement, audience=Audience.PARTNERS)
    return Term(agreement.operating_since or summary.start_on, agreement.ended_on or summary.end_on)


def years_of(agreement: Agreement) -> list[PoolYear]:
    """Fund by fund, the newest year first."""
    found = PoolYear.objects.filter(pool__agreement=agreement).select_related("pool__agreement")
    return list(found.order_by("pool_id", "-financial_year"))


def fund_names(agreement: Agreement) -> dict[int, str]:
    """The name of each fund, by its id, in the newest deed that is signed, or in deed 0 while none is."""
    in_use = Q(deed__state=DeedState.SIGNED) | Q(deed__number=0)
    terms = PoolTerms.objects.filter(in_use, pool__agreement=agreement).order_by("deed__number")
    return dict(terms.values_list("pool_id", "name"))


def years_to_open(agreement: Agreement) -> list[tuple[Pool, FinancialYear]]:
    """The years of each fund that can be opened now."""
    term, found = term_of(agreement), []
    opened: dict[int, set[int]] = {}
    for each in years_of(agreement):
        opened.setdefault(each.pool_id, set()).add(each.financial_year)
    for pool in agreement.pools.order_by("pk"):
        held = opened.get(pool.pk, set())
        years = openable_years(start=term.start, end=term.end, opened=held, today=timezone.localdate())
        found += [(pool, year) for year in years]
    return found
