"""The years of an agreement's funds whose money is recorded."""

from __future__ import annotations

from budgets.models import PoolYear
from partnerships.models import Agreement


def years_of(agreement: Agreement) -> list[PoolYear]:
    """Fund by fund, the newest year first."""
    found = PoolYear.objects.filter(pool__agreement=agreement).select_related("pool__agreement")
    return list(found.order_by("pool_id", "-financial_year"))
