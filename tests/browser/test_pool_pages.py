"""The money of a fund in a browser: the tab of the agreement, a year at a glance, its plan, ledger and periods."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page

from budgets.actions.ledger import post_journal
from budgets.actions.periods import ask_to_reopen, lock_period, start_closing
from budgets.actions.plans import LineIn, add_line
from budgets.actions.pool_years import open_year
from budgets.models import Period
from budgets.rules.pools.ledger import simple_entries
from pooledcare.kernel.periods import FinancialYear
from tests.browser.pages import log_in
from tests.browser.test_every_page import visit
from tests.world import World

FIRST_DAY = dt.date(2024, 4, 1)


def recorded(world: World) -> list[str]:
    """The pages of a year with something in every table."""
    agreement, council = world.running(), world.council.organisation
    scheme = agreement.schemes.get()
    by, finance = world.council.prepares, world.council.having("finance_officer")
    year = open_year(pool=agreement.pools.get(), year=FinancialYear(2024), by=by)
    line = LineIn(
        scheme=scheme, source=council, commissioner=council, expenditure=Decimal("1200.00"),
        client_income=Decimal("30.00"), provider="Example Care", description="Home care",
    )  # fmt: skip
    add_line(pool_year=year, said=line, by=by)
    entries = simple_entries("partner_paid", Decimal("10.00"), scheme_id=scheme.pk, partner_id=council.pk)
    journal = post_journal(
        pool_year=year, kind="partner_paid", on=FIRST_DAY, entries=entries, reason="Home care", by=by
    )
    april = start_closing(period=Period.objects.get(pool_year=year, number=1), by=finance)
    ask_to_reopen(period=lock_period(period=april, by=finance), reason="A late invoice", by=finance)
    pages = (
        "", "ledger/", "ledger/post/", f"ledger/{journal.pk}/", f"ledger/{journal.pk}/reverse/", "periods/",
        "periods/1/", "plan/", "plan/lines/add/", "plan/lines/1/", "plan/lines/1/change/", "plan/submit/",
    )  # fmt: skip
    return [f"/agreements/{agreement.reference}/money/", *(f"{year.get_absolute_url()}{page}" for page in pages)]


@pytest.mark.parametrize(
    ("variant", "step"),
    [pytest.param({}, 3, id="1280, every third"), pytest.param({"width": 320, "js": False}, 1, id="320, no scripts")],
)
def test_pages_about_the_money_of_a_fund_are_whole(
    variant, step: int, database: str, browser_page: Callable[..., Page], live: str
):
    world = World()
    page = browser_page(**variant)
    log_in(page, world.council.person("finance_officer", "pool_manager"), live)
    addresses = recorded(world)
    assert len(addresses) > 10
    visit(page, addresses[::step])
