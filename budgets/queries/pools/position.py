"""How a fund's years stand: contributed, planned, spent and held, in a few queries whatever the number of years."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Sum

from budgets.models import ContributionComponent, Period, PlanMovement, PoolTotal, PoolYear
from budgets.queries.pools.ledger import CLOSED
from budgets.terms import Account

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Standing:
    """One year of a fund, in pounds, net of client income. None means that nothing is recorded, which is not 0.

    `locked` is the number of the last period of an unbroken row of locked ones, 0 if the first is not locked.
    """

    contributed: Decimal | None
    planned: Decimal | None
    spent: Decimal | None
    cash: Decimal | None
    locked: int

    @property
    def variance(self) -> Decimal | None:
        """Spent less planned: positive is an overspend. None unless both are recorded."""
        return None if self.spent is None or self.planned is None else self.spent - self.planned


def standings(years: Collection[PoolYear]) -> dict[int, Standing]:
    """Each year by its id. Four queries."""
    keys = [each.pk for each in years]
    contributed = dict(
        ContributionComponent.objects.filter(contribution__pool_year__in=keys)
        .values_list("contribution__pool_year")
        .annotate(total=Sum("net"))
        .order_by()
    )
    planned = dict(
        PlanMovement.objects.filter(line__pool_year__in=keys)
        .values_list("line__pool_year")
        .annotate(total=Sum(F("expenditure") - F("client_income")))
        .order_by()
    )
    sums: dict[int, dict[str, Decimal]] = {}
    totals = PoolTotal.objects.filter(pool_year__in=keys).values_list("pool_year", "account")
    for year, account, amount in totals.annotate(total=Sum("amount")).order_by():
        sums.setdefault(year, {})[account] = amount
    closed: dict[int, set[int]] = {}
    for year, number in Period.objects.filter(pool_year__in=keys, state__in=CLOSED).values_list("pool_year", "number"):
        closed.setdefault(year, set()).add(number)
    return {
        key: Standing(
            contributed=contributed.get(key),
            planned=planned.get(key),
            spent=_spent(sums.get(key, {})),
            cash=sums.get(key, {}).get(Account.CASH),
            locked=_unbroken(closed.get(key, set())),
        )
        for key in keys
    }


def _spent(sums: dict[str, Decimal]) -> Decimal | None:
    """Expenditure less client income; None if neither is posted."""
    if Account.EXPENDITURE not in sums and Account.CLIENT_INCOME not in sums:
        return None
    return sums.get(Account.EXPENDITURE, ZERO) + sums.get(Account.CLIENT_INCOME, ZERO)


def _unbroken(numbers: set[int]) -> int:
    return next((number - 1 for number in range(1, 15) if number not in numbers), 0)
