"""Opening a financial year of a fund, so that its money can be recorded."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from budgets.models import PoolYear
from budgets.terms import SENTENCES
from partnerships.models import Pool
from partnerships.queries.agreements.reach import may
from pooledcare.directory.access import Actor, Permission, refusal
from pooledcare.directory.history import record
from pooledcare.kernel.actions import action
from pooledcare.kernel.periods import FinancialYear


@action(SENTENCES)
def open_year(*, pool: Pool, year: FinancialYear, by: Actor) -> PoolYear:
    """Open one year of a fund. Raises PermissionDenied unless a partner's officer who records money asks for it."""
    if not may(pool.agreement, actor=by, permission=Permission.RECORD_POOL_MONEY):
        raise PermissionDenied(refusal(Permission.RECORD_POOL_MONEY))
    opened = PoolYear.objects.create(pool=pool, financial_year=year.start, opened_by=by.reference)
    record(
        by=by,
        action="pool_year.opened",
        subject=f"agreement:{pool.agreement.reference}",
        sentence=f"{year} of the fund {pool.slug} of {pool.agreement.reference} was opened.",
        organisation=pool.agreement.prepared_by.code,
    )
    return opened
