"""Every component and every error page, in every way in which people look at them."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests import factories
from tests.browser.pages import WATCHES, check_page, follow, log_in, open_page, press

WAYS = {
    "wide": {},
    "narrow": {"width": 320},
    "without scripts": {"js": False},
    "narrow without scripts": {"js": False, "width": 320},
    "zoomed to 200 %": {"width": 640, "height": 450},
    "forced colours": {"forced_colours": True},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("state", ["", "?state=errors"], ids=["form", "form with errors"])
def test_every_component_holds(browser_page, way, state):
    page = browser_page(**WAYS[way])
    open_page(page, f"/gallery/{state}")
    check_page(page)


def test_an_error_is_announced_in_the_title_and_leads_to_its_field(browser_page):
    page = browser_page()
    open_page(page, "/gallery/?state=errors")
    expect(page).to_have_title("Error: Components – PooledCare")
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    links = page.locator(".nhsuk-error-summary a")
    assert links.count() == 11
    for address in [link.get_attribute("href") for link in links.all()]:
        page.locator(f".nhsuk-error-summary a[href='{address}']").click()
        expect(page.locator(address)).to_be_focused()


def test_progress_moves_and_is_announced_when_the_words_change(browser_page):
    page = browser_page()
    open_page(page, "/gallery/")
    expect(page.locator("[data-progress-status]")).to_have_text("Checking, 70% done")
    expect(page.locator("progress")).to_have_attribute("value", "700000")
    check_page(page)


def near_the_end(page, *, ends_in_minutes):
    """The gallery 28 minutes later, with a server that moves the session's end so far from there."""
    page.clock.install()
    open_page(page, "/gallery/")
    page.clock.fast_forward("27:50")
    expect(page.locator("dialog")).to_be_hidden()
    page.clock.run_for(15_000)
    ends = page.evaluate(f"new Date(Date.now() + {ends_in_minutes} * 60000).toISOString()")
    page.route("**/session/extend/", lambda route: route.fulfill(status=204, headers={"X-Session-Ends": ends}))
    return page.get_by_role("dialog", name="You will soon be logged out")


def test_two_minutes_before_the_end_a_session_can_be_kept(browser_page):
    page = browser_page()
    warning = near_the_end(page, ends_in_minutes=30)
    expect(warning).to_contain_text("log you out in 2 minutes")
    expect(warning.get_by_role("button")).to_be_focused()
    warning.get_by_role("button", name="Stay logged in").click()
    expect(warning).to_be_hidden()
    page.clock.fast_forward("27:00")
    expect(warning).to_be_hidden()
    page.clock.fast_forward("01:05")
    expect(warning).to_be_visible()


def test_a_session_that_cannot_be_kept_longer_says_so_once(browser_page):
    page = browser_page()
    warning = near_the_end(page, ends_in_minutes=1)
    warning.get_by_role("button", name="Stay logged in").click()
    expect(warning).to_be_hidden()
    page.clock.run_for(5_000)
    expect(warning).to_be_hidden()


def test_a_session_that_is_not_kept_ends_on_the_page_that_says_so(browser_page):
    page = browser_page()
    page.clock.install()
    open_page(page, "/gallery/")
    page.clock.fast_forward("30:01")
    expect(page).to_have_url(re.compile(r"/gallery/\?next=%2Fgallery%2F$"))


def test_a_dropped_file_is_chosen_and_named(browser_page):
    page = browser_page()
    open_page(page, "/gallery/")
    dropped = page.evaluate_handle(
        "() => { const d = new DataTransfer(); d.items.add(new File(['a,b'], 'allocations.csv')); return d }"
    )
    page.get_by_role("button", name="Upload a file").dispatch_event("drop", {"dataTransfer": dropped})
    expect(page.get_by_role("button", name="Upload a file")).to_contain_text("allocations.csv")


def test_the_menu_opens_and_closes_by_keyboard(browser_page):
    page = browser_page(width=320)
    open_page(page, "/gallery/")
    toggle = page.get_by_role("button", name="Browse More")
    toggle.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Glossary").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(toggle).to_have_attribute("aria-expanded", "false")
    expect(toggle).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(".nhsuk-header__menu-list a:focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(toggle).to_have_attribute("aria-expanded", "false")
    expect(toggle).to_be_focused()


@pytest.mark.parametrize("way", ["narrow", "narrow without scripts"])
def test_a_new_key_is_read_and_selected_whole_in_a_narrow_window(browser_page, way, live):
    officer = factories.member(organisation=factories.organisation(), roles=["finance_officer"])
    page = log_in(browser_page(**WAYS[way]), officer, live)
    open_page(page, "/keys/new/")
    page.get_by_label("Name").fill("Ledger")
    page.get_by_label("Read figures that are not published yet").check()
    day = timezone.localdate() + dt.timedelta(days=30)
    for label, part in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        page.get_by_label(label, exact=True).fill(str(part))
    press(page, "Make the key")
    check_page(page)
    for name in ("The key", "The header"):
        box = page.get_by_role("group", name=name)
        assert box.evaluate("e => e.scrollWidth <= e.clientWidth")
        shown = box.evaluate("e => { getSelection().selectAllChildren(e); return getSelection().toString() }")
        assert re.fullmatch(r"(Authorization: Bearer )?pc_[a-z0-9]{8}_[A-Za-z0-9_-]{43}", shown.strip())


@pytest.mark.parametrize("way", ["wide", "narrow without scripts"])
def test_the_second_person_is_waived_on_a_page_that_says_what_it_means(browser_page, way, live):
    organisation = factories.organisation()
    page = log_in(browser_page(**WAYS[way]), factories.member(organisation=organisation, roles=["org_admin"]), live)
    open_page(page, "/members/")
    follow(page, page.get_by_role("button", name="Let one person do both"))
    check_page(page)
    press(page, "Let one person do both")
    expect(page.locator("main")).to_contain_text("One person may now prepare and accept uploads of allocations")
    check_page(page)
    press(page, "Ask for a second person again")
    expect(page.locator("main")).to_contain_text("now needs a second person again")


def test_the_skip_link_leads_to_the_content(browser_page):
    page = browser_page()
    open_page(page, "/gallery/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_on_paper_only_figures_are_left_and_headings_repeat(browser_page):
    page = browser_page()
    open_page(page, "/gallery/")
    page.emulate_media(media="print")
    for gone in [".nhsuk-header__search", ".pc-downloads", ".pc-filter", ".nhsuk-footer"]:
        expect(page.locator(gone).first).to_be_hidden()
    assert page.locator("thead").first.evaluate("e => getComputedStyle(e).display") == "table-header-group"
    assert page.pdf(format="A4")[:5] == b"%PDF-"


@pytest.mark.urls("tests.browser.error_urls")
@pytest.mark.parametrize("status", [400, 403, 404, 413, 429, 500])
def test_an_error_page_is_in_the_same_house(browser_page, status):
    page = browser_page(width=320)
    open_page(page, "/no-such-page/" if status == 404 else f"/failing/{status}/", status=status)
    expect(page.get_by_role("link", name="PooledCare, home")).to_be_visible()
    check_page(page)


def test_a_page_in_the_browser_asks_for_few_files(browser_page):
    page = browser_page()
    open_page(page, "/no-such-page/", status=404)
    paths = {response.url.split("/", 3)[3] for response in WATCHES[page].responses}
    assert paths <= {"no-such-page/", "static/app.css", "static/app.js", "static/early.js", "static/favicon.svg"}
