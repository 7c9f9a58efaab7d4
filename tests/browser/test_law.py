"""The pages of law in every way in which people look at them, and the question asked and answered in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from partnerships.reference.law_loading import load_law
from tests.browser.pages import check_page, open_page, press
from tests.browser.test_gallery import WAYS
from tests.partnerships.law_tables import PROPOSAL

QUESTION = f"/law/check/?body=nhs_england&function=primary-dental&on=2023-04-01&power=s75&proposed={PROPOSAL}"
ADDRESSES = ["/law/?as_at=2016-04-01", "/law/check/", QUESTION, "/law/timeline/", "/law/instruments/si-2015-1940/"]


@pytest.fixture(autouse=True)
def _law(database: str):
    load_law()


@pytest.mark.parametrize("way", ["wide", "narrow without scripts", "forced colours"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_of_the_law_holds(browser_page, address: str, way: str):
    page = browser_page(**WAYS[way])
    open_page(page, address)
    check_page(page)


@pytest.mark.parametrize("js", [True, False], ids=["with scripts", "without scripts"])
def test_a_question_is_asked_and_answered(browser_page, js: bool):
    page = browser_page(js=js)
    open_page(page, "/law/check/")
    page.get_by_label("Kind of body").select_option("nhs_england")
    page.get_by_label("Function", exact=True).select_option("primary-dental")
    page.get_by_label("Day").fill("2023-04-01")
    page.get_by_label("Primary dental, ophthalmic and pharmaceutical services").check()
    press(page, "Ask")
    expect(page.get_by_role("heading", level=1)).to_contain_text("May NHS England pool “Primary dental services")
    expect(page.get_by_text("Unlawful under the law in force")).to_be_visible()
    expect(page.get_by_text("Lawful if it were law")).to_be_visible()
    check_page(page)


def test_what_is_missing_is_said_and_led_to(browser_page):
    page = browser_page()
    open_page(page, "/law/check/?body=icb", 400)
    page.get_by_role("link", name="Select a function").click()
    expect(page.get_by_label("Function", exact=True)).to_be_focused()
