"""Searching in a browser: suggestions while one types, and the same results without scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.pages import check_page, press


@pytest.mark.parametrize("js", [True, False], ids=["with scripts", "without scripts"])
def test_a_search_suggests_names_and_leads_to_results(database: str, browser_page: Callable[..., Page], js: bool):
    factories.organisation(name="NHS Somerset Integrated Care Board")
    factories.council(name="North Somerset Council")
    page = browser_page(js=js)
    page.goto("/places/")
    box = page.get_by_label("Search places, organisations, agreements and law")
    if js:
        box.press_sequentially("nhs som")
        first = page.locator("#site-search-suggestions option").first
        expect(first).to_have_attribute("value", "NHS Somerset Integrated Care Board")
    box.fill("NHS Somerset")
    press(page, "Search")
    expect(page.locator(".pc-results a").first).to_have_text("NHS Somerset Integrated Care Board")
    check_page(page)
