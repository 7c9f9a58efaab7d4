"""Opening a financial year of a fund, so that its money can be recorded."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from budgets.changing.pool_acting import make_periods
from budgets.models import PoolYear
from budgets.queries.pools.years import term_of
from budgets.rules.pools.years import year_problems
from budgets.terms import SENTENCES
from partnerships.models import AgreementSummary, Pool
from partnerships.queries.agreements.reach import organisations_with_permission
from partnerships.terms import Audience
from pooledcare.directory.access import Actor, Permission, refusal
from pooledcare.directory.history import announce, record
from pooledcare.kernel.actions import action
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Refused


@action(SENTENCES)
def open_year(*, pool: Pool, year: FinancialYear, by: Actor) -> PoolYear:
    """Open one year of a fund.

    Raises PermissionDenied unless the actor records the money of a partner, and Refused for a year outside the term of
    the agreement or one that is open already.
    """
    agreement = pool.agreement
    acting = organisations_with_permission(agreement, actor=by, permission=Permission.RECORD_POOL_MONEY)
    if not acting:
        raise PermissionDenied(refusal(Permission.RECORD_POOL_MONEY))
    term = term_of(agreement)
    if problems := year_problems(year, start=term.start, end=term.end):
        raise Refused(problems)
    opened = PoolYear.objects.create(pool=pool, financial_year=year.start, opened_by=by.reference)
    make_periods(opened)
    record(
        by=by,
        action="pool_year.opened",
        subject=f"agreement:{agreement.reference}",
        sentence=f"{year} of the fund {pool.slug} of {agreement.reference} was opened.",
        organisation=acting[0].code,
    )
    readers = AgreementSummary.objects.get(agreement=agreement, audience=Audience.PARTNERS).reader_ids
    announce(
        resource="pools",
        reference=f"{agreement.reference}/{pool.slug}",
        event="opened",
        public=False,
        organisation=acting[0].code,
        readers=readers,
    )
    return opened
