"""The pages of agreements in a browser, for partners and for everybody: wide and narrow, with scripts and without."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from partnerships.reference.law_loading import load_law
from tests import factories
from tests.browser.pages import log_in
from tests.browser.test_every_page import VARIANTS, visit
from tests.world import World

PROPOSAL = "with=dental-ophthalmic-pharmaceutical-2015"
LISTS = ["/agreements/", "/agreements/?function=nhs-s3&findings=unlawful", "/agreements/?q=nothing+like+it"]
TABS = [
    "", "schemes/", "schemes/diagnostics-nearer-home/", "terms/", f"findings/?{PROPOSAL}", "versions/",
    "versions/?from=2022-01-01&to=2022-08-01", "deeds/1/", "governance/", "summary/", "?as_at=2022-01-01",
    "terms/?as_at=2001-01-01",
]  # fmt: skip
FOR_PARTNERS = ["deeds/2/", "tasks/", "history/"]


@pytest.fixture
def told(database: str, settings) -> World:
    settings.DEMO = False
    load_law()
    made = World()
    assert made.papers
    return made


def pages_of(told: World, tabs: list[str]) -> list[str]:
    return [f"/agreements/{told.story.reference}/{tab}" for tab in tabs]


def test_published_agreements_are_whole_for_everybody(told: World, browser_page: Callable[..., Page]):
    """In one variant: partners meet the same pages with more on them, in all of them."""
    visit(browser_page(), [*LISTS, *pages_of(told, TABS), "/search/?q=mereshire", "/places/mereshire/"])


@pytest.mark.parametrize("variant", VARIANTS)
def test_agreements_are_whole_for_their_partners(variant, told: World, browser_page: Callable[..., Page], live: str):
    page = browser_page(**variant)
    log_in(page, factories.member(organisation=told.icb.organisation, roles=["governance_lead"]), live)
    visit(page, ["/", *LISTS[:1], f"/agreements/proposals/?{PROPOSAL}", *pages_of(told, [*TABS, *FOR_PARTNERS])])


@pytest.mark.parametrize(("width", "height", "most"), [(1280, 900, 600), (320, 568, 568)])
def test_what_ends_soon_and_whether_it_is_lawful_is_one_click_away(
    told: World, browser_page: Callable[..., Page], width: int, height: int, most: int
):
    """The answer is on the first screen of the list, and on that of an agreement."""
    page = browser_page(width=width, height=height)
    page.goto("/places/")
    if width == 320:
        page.get_by_role("button", name="More").click()
    page.get_by_role("navigation").get_by_role("link", name="Agreements", exact=True).click()
    for address in ("", f"/agreements/{told.story.reference}/"):
        if address:
            page.goto(address)
        place = page.locator(".pc-answer").bounding_box()
        assert place is not None
        assert place["y"] + place["height"] < most, page.url


def test_another_day_is_chosen_and_kept_by_keyboard_and_without_scripts(told: World, browser_page: Callable[..., Page]):
    page = browser_page(js=False)
    page.goto(f"/agreements/{told.story.reference}/")
    page.get_by_text("See this page as at another day").click()
    page.get_by_label("As at", exact=True).fill("2022-03-31")
    page.get_by_role("button", name="Show").press("Enter")
    expect(page.get_by_text("as at 31 March 2022")).to_be_visible()
    page.get_by_role("navigation", name=told.story.reference).get_by_role("link", name="Schemes and funds").press(
        "Enter"
    )
    expect(page.get_by_role("heading", name="Funds", exact=True)).to_be_visible()
    expect(page.get_by_text("as at 31 March 2022")).to_be_visible()
    expect(page.get_by_role("link", name="NHS Mereshire CCG").first).to_be_visible()
    page.get_by_role("link", name="Show it as at today").click()
    expect(page.get_by_role("link", name="NHS Mereshire Integrated Care Board").first).to_be_visible()
