"""Who may read the money of a fund: the partners of its agreement and their successors."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from budgets.models import PoolYear
from partnerships.models import PoolTerms
from partnerships.queries.agreements.reach import Reached, agreement_reached
from partnerships.terms import DeedState
from pooledcare.directory.access import Actor
from pooledcare.directory.models import Organisation
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Refused


@dataclass(frozen=True, slots=True)
class PoolYearReached:
    """A year of a fund that the actor may read, with the fund's newest signed terms (of deed 0 while unsigned)."""

    pool_year: PoolYear
    reached: Reached
    terms: PoolTerms

    @property
    def name(self) -> str:
        return self.terms.name

    @property
    def host(self) -> Organisation | None:
        return self.terms.host


def newest_terms(pool_id: int) -> PoolTerms | None:
    """The terms of the fund in the newest signed deed, or in deed 0 while none is signed."""
    in_use = Q(deed__state=DeedState.SIGNED) | Q(deed__number=0)
    found = PoolTerms.objects.filter(in_use, pool=pool_id).select_related("host", "deed")
    return found.order_by("-deed__number").first()


def pool_year_reached(reference: str, slug: str, year: str, *, actor: Actor) -> PoolYearReached | None:
    """None both if there is no such year of a fund and if the actor may not read it. Three queries."""
    reached = agreement_reached(reference, actor=actor)
    if reached is None or not reached.is_partner:
        return None
    try:
        start = FinancialYear.parse(year).start
    except Refused:
        return None
    years = PoolYear.objects.select_related("pool__agreement")
    pool_year = years.filter(pool__agreement=reached.agreement, pool__slug=slug, financial_year=start).first()
    terms = None if pool_year is None else newest_terms(pool_year.pool_id)
    if pool_year is None or terms is None:
        return None
    return PoolYearReached(pool_year, reached, terms)
