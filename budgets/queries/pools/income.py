"""What each source contributes to a year of a fund."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from budgets.models import PoolYear
from budgets.rules.pools.plan import Source


def net_contributions(pool_year: PoolYear) -> Mapping[Source, Decimal]:
    """The net contribution of each source to the year, in pounds. No contribution is recorded anywhere yet."""
    return {}
