"""What each source contributes to a year of a fund."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.db.models import Sum

from budgets.models import ContributionComponent, PoolYear
from budgets.rules.pools.plan import Source


def net_contributions(pool_year: PoolYear) -> Mapping[Source, Decimal]:
    """The net contribution of each source to the year, in pounds: the sum of the components of its contributions."""
    rows = ContributionComponent.objects.filter(contribution__pool_year=pool_year)
    sums = rows.values_list("contribution__partner__code", "contribution__stream__code").annotate(total=Sum("net"))
    return {Source(partner, stream or ""): total for partner, stream, total in sums.order_by()}
