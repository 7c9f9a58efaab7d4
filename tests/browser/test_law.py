"""The pages of law in every way in which people look at them, and a case checked in a browser."""

from __future__ import annotations

import pytest
from django.utils import timezone
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
def test_dental_money_today_and_under_the_proposal_of_2015_is_one_submission(browser_page, js: bool):
    page = browser_page(js=js)
    open_page(page, "/law/check/")
    expect(page.get_by_label("Day")).to_have_value(timezone.localdate().isoformat())
    for body in ("Integrated care board", "NHS England", "Unitary authority"):
        page.get_by_label(body, exact=True).check()
    page.get_by_label("Function", exact=True).select_option("primary-dental")
    page.get_by_label("Primary dental, ophthalmic and pharmaceutical services").check()
    press(page, "Check")
    expect(page.get_by_role("heading", level=1)).to_contain_text("pool “Primary dental services")
    for verdict in ("Unlawful under the law in force", "Lawful with the proposal"):
        place = page.get_by_text(verdict).bounding_box()
        assert place is not None
        assert place["y"] + place["height"] < 600
    check_page(page)


def test_what_is_missing_is_said_and_led_to(browser_page):
    page = browser_page()
    open_page(page, "/law/check/?body=icb", 400)
    page.get_by_role("link", name="Select a function").click()
    expect(page.get_by_label("Function", exact=True)).to_be_focused()
