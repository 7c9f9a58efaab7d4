"""Plans for tests: a fund of the board and the council, its year, and lines written by actions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from budgets.actions import plans, virements
from budgets.models import PlanLine, PoolYear, Virement
from budgets.queries.pools.plans import hash_of
from partnerships.models import Pool, Scheme
from pooledcare.directory.access import Actor
from tests import factories
from tests.world import World

YEAR = 2025


@dataclass
class PlanWorld:
    """The plan of 2025-26 of the fund of one agreement. `officer` is the council's; both bodies have approvers."""

    world: World

    @cached_property
    def pool(self) -> Pool:
        return Pool.objects.get(agreement=self.world.running())

    @cached_property
    def pool_year(self) -> PoolYear:
        return PoolYear.objects.create(pool=self.pool, financial_year=YEAR, opened_by="user:1")

    @cached_property
    def scheme(self) -> Scheme:
        return Scheme.objects.get(agreement=self.pool.agreement)

    @cached_property
    def other_scheme(self) -> Scheme:
        return Scheme.objects.create(agreement=self.pool.agreement, slug="carers")

    @cached_property
    def officer(self) -> Actor:
        return self.world.council.having("finance_officer")

    def said(self, expenditure: str | int = 100, client_income: str | int = 0, **more: Any) -> plans.LineIn:
        council = self.world.council.organisation
        values = {"scheme": self.scheme, "source": council, "commissioner": council} | more
        return plans.LineIn(expenditure=Decimal(expenditure), client_income=Decimal(client_income), **values)

    def line(self, expenditure: str | int = 100, client_income: str | int = 0, **more: Any) -> PlanLine:
        said = self.said(expenditure, client_income, **more)
        return plans.add_line(pool_year=self.fresh, said=said, by=self.officer)

    @property
    def fresh(self) -> PoolYear:
        return PoolYear.objects.get(pk=self.pool_year.pk)

    def approve(self) -> None:
        """Submitted, and approved by both partners. What is contributed must equal the lines."""
        plans.submit_plan(pool_year=self.fresh, by=self.officer)
        for body in (self.world.council, self.world.icb):
            plans.approve_plan(pool_year=self.fresh, plan_hash=hash_of(self.fresh), by=body.approves)

    def propose(self, source: PlanLine, target: PlanLine, amount: str | int, **more: Any) -> Virement:
        values = {"client_income": Decimal(0), "effective_on": dt.date(2025, 10, 1), "reason": "Demand"} | more
        return virements.propose_virement(
            from_line=source, to_line=target, amount=Decimal(amount), by=self.officer, **values
        )


def line_of_another_fund(**fields: Any) -> PlanLine:
    """A line of a draft of another agreement, written past every action."""
    made = factories.whole_agreement()
    year = PoolYear.objects.create(pool=made.pools.get(), financial_year=YEAR, opened_by="user:1")
    body = made.prepared_by
    return PlanLine.objects.create(
        **{"pool_year": year, "number": 1, "scheme": made.schemes.get(), "source": body, "commissioner": body} | fields
    )


def line_and_virement(year: PoolYear) -> tuple[PlanLine, Virement]:
    """A line of a draft, and a proposed virement from it to a second one, written past every action."""
    agreement = year.pool.agreement
    body = agreement.prepared_by
    said = {"pool_year": year, "scheme": agreement.schemes.first(), "source": body, "commissioner": body}
    first, second = (PlanLine.objects.create(number=number, **said) for number in (1, 2))
    proposed = Virement.objects.create(
        from_line=first, to_line=second, amount=Decimal(1), client_income=Decimal(0),
        effective_on=year.year.last_day, reason="Demand", organisation=body, actor="user:1",
    )  # fmt: skip
    return first, proposed
