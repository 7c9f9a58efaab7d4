"""Rows of contributions, written at once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from budgets.models import (
    Contribution,
    ContributionComponent,
    ContributionCondition,
    FundingStream,
    Instalment,
    PoolYear,
)
from partnerships.models import Pool
from pooledcare.directory.models import Organisation
from tests import factories
from tests.world import World

DAY = dt.date(2024, 4, 1)


def pool_year(world: World, *, slug: str = "reablement", year: int = 2024) -> PoolYear:
    """A year of a fund of the running agreement of the board and the council; other slugs are other funds of it."""
    pool = Pool.objects.filter(slug=slug).first()
    if pool is None:
        first = Pool.objects.first()
        pool = world.running().pools.get() if first is None else first.agreement.pools.create(slug=slug)
    return PoolYear.objects.create(pool=pool, financial_year=year, opened_by="user:1")


def contribution(
    within: PoolYear, partner: Organisation, *, stream: FundingStream | None = None, net: str = "", **fields: Any
) -> Contribution:
    """From the allocation of the stream if there is one, otherwise own money. `net` adds a baseline of that amount."""
    values: dict[str, Any] = {
        "kind": "additional_nhs",
        "funded_from": "allocation" if stream else "own",
        "nature": "revenue",
        "recurrence": "recurrent",
        "basis": "net",
        "organisation": partner,
        "actor": "user:1",
    }
    made = Contribution.objects.create(pool_year=within, partner=partner, stream=stream, **values | fields)
    made.refresh_from_db()
    if net:
        component(made, net)
    return made


def component(of: Contribution, gross: str, client_income: str = "0", **fields: Any) -> ContributionComponent:
    values: dict[str, Any] = {
        "kind": "baseline", "effective_on": DAY, "organisation": of.partner, "actor": "user:1",
    }  # fmt: skip
    return ContributionComponent.objects.create(
        contribution=of, gross=Decimal(gross), client_income=Decimal(client_income), **values | fields
    )


def instalment(of: Contribution, amount: str, *, due_on: dt.date = DAY, number: int = 1) -> Instalment:
    return Instalment.objects.create(
        contribution=of, number=number, due_on=due_on, amount=Decimal(amount), organisation=of.partner, actor="user:1"
    )


def condition(of: Contribution) -> ContributionCondition:
    return ContributionCondition.objects.create(
        contribution=of, what="An example", owner="Chief officer", due_on=DAY, organisation=of.partner, actor="user:1"
    )


def figure(world: World, amount: str, **fields: Any) -> Any:
    """A figure of the board for 2024-25, of NHS England unless it says otherwise."""
    given = {"organisation": world.icb.organisation, "stream": world.stream, "source": factories.nhs_england()}
    return factories.allocation(**given | fields, amount=Decimal(amount))


def body(within: PoolYear, **fields: Any) -> dict[str, Any]:
    """What a client of the API sends to record one."""
    return {
        "agreement": within.pool.agreement.reference, "pool": "reablement", "financial_year": "2024-25",
        "partner": "QMS", "stream": "nhs-core", "kind": "additional_nhs", "funded_from": "allocation",
        "nature": "revenue", "recurrence": "recurrent", "basis": "net", "gross": "120.50", "client_income": "20.50",
        **fields,
    }  # fmt: skip
