"""Every page on which contributions to a fund are read and recorded: wide, and narrow without scripts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal as D

import pytest
from playwright.sync_api import Page

from budgets.actions import contributions as do
from budgets.models import PoolYear
from tests.browser.pages import log_in
from tests.browser.test_every_page import visit
from tests.world import World

FIRST_DAY = dt.date(2024, 4, 1)


def recorded(world: World) -> list[str]:
    """The pages of a year with something in every table."""
    made = world.running()
    within = PoolYear.objects.create(pool=made.pools.get(), financial_year=2024, opened_by="user:1")
    by, council = world.council.prepares, world.council.organisation
    one = do.add_contribution(
        pool_year=within, partner=council, stream=None, kind="dfg", funded_from="own", nature="capital",
        recurrence="recurrent", basis="net", gross=D("1200000.00"), client_income=D("40000.00"), by=by,
    )  # fmt: skip
    do.set_instalments(contribution=one, method="monthly", by=by)
    do.cut_contribution(
        contribution=one, gross=D("10.00"), effective_on=FIRST_DAY, reason="Budget", touches="Equipment.", by=by
    )
    condition = do.add_condition(contribution=one, what="An example", owner="Chief officer", due_on=FIRST_DAY, by=by)
    do.add_in_kind(pool_year=within, partner=council, kind="staff", what="Nurses", notional_value=None, by=by)
    do.add_outside_money(pool_year=within, partner=council, kind="aligned", what="Homes", amount=D("5.00"), by=by)
    do.confirm_balance(pool_year=within, quarter=1, amount=D("1.00"), note="An invoice", by=by)
    home = within.get_absolute_url()
    forms = ("", "component/", "cut/", "condition/", "instalments/")
    return [
        *(f"{home}contributions/{page}" for page in ("", "add/", "in-kind/", "outside/", "balance/")),
        *(f"{home}contributions/{one.pk}/{page}" for page in forms),
        f"{home}conditions/{condition.pk}/met/",
        f"{home}instalments/{one.instalments.first().pk}/",  # type: ignore[union-attr]
    ]


@pytest.mark.parametrize(
    ("variant", "step"),
    [pytest.param({}, 5, id="1280, every fifth"), pytest.param({"width": 320, "js": False}, 1, id="320, no scripts")],
)
def test_pages_about_contributions_are_whole(
    variant, step: int, database: str, browser_page: Callable[..., Page], live: str
):
    world = World()
    page = browser_page(**variant)
    log_in(page, world.council.person("pool_manager"), live)
    addresses = recorded(world)
    assert len(addresses) > 10
    visit(page, addresses[::step])
