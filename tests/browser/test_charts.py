"""Charts in a browser: a picture from the server, which becomes interactive in its place when somebody points at it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import WATCHES, check_axe, check_page, open_page

DRAWINGS = ".pc-chart__drawing"
SHIFTS = """() => {
  window.shifted = 0
  new PerformanceObserver(list => list.getEntries().forEach(entry => { window.shifted += entry.value }))
    .observe({type: "layout-shift", buffered: true})
}"""
# Where everything in the page is, apart from what is inside of a chart.
PLACES = """() => [...document.querySelectorAll("main *")]
  .filter(e => e.checkVisibility() && !e.parentElement.closest(".pc-chart__drawing"))
  .map(e => {
    const box = e.getBoundingClientRect()
    return [e.tagName, ...[box.left, box.top + scrollY, box.width, box.height].map(n => Math.round(n * 10) / 10)]
  })"""
# The size of the smallest text of the pictures that are shown, in pixels of the window.
SMALLEST_TEXT = """() => {
  const shown = [...document.querySelectorAll(".pc-chart__picture svg")].filter(e => e.checkVisibility())
  return Math.min(...shown.flatMap(svg => [...svg.querySelectorAll("text")].map(text =>
    parseFloat(getComputedStyle(text).fontSize) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width)))
}"""


def scripts_of_charts(page: Page) -> list[str]:
    return [response.url for response in WATCHES[page].responses if "/charts" in response.url]


def words(page: Page, selector: str) -> list[str]:
    return sorted(text.strip() for text in page.locator(f"{selector} svg text").all_text_contents())


def live(page: Page, index: int = 0):
    return page.locator(DRAWINGS).nth(index).locator(".pc-chart__live")


@pytest.mark.parametrize("sign", ["point", "tap", "focus"])
def test_the_script_is_loaded_when_somebody_turns_to_a_chart(browser_page, sign):
    page = browser_page()
    open_page(page, "/gallery/")
    drawing = page.locator(DRAWINGS).first
    drawing.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    assert scripts_of_charts(page) == []

    if sign == "point":
        drawing.hover()
    elif sign == "tap":
        drawing.dispatch_event("touchstart")
    else:
        drawing.focus()

    expect(live(page).locator("svg")).to_be_visible()
    expect(drawing.locator(".pc-chart__pictures")).to_be_hidden()
    assert len(scripts_of_charts(page)) == 1
    expect(page.locator(".pc-chart__live")).to_have_count(1)


@pytest.mark.parametrize("width", [320, 640, 1280])
def test_nothing_moves_when_a_chart_becomes_interactive(browser_page, width):
    page = browser_page(width=width)
    open_page(page, "/gallery/")
    page.evaluate(SHIFTS)
    before = page.evaluate(PLACES)
    for index in range(4):
        page.locator(DRAWINGS).nth(index).focus()
        expect(live(page, index).locator("svg")).to_be_visible()
    assert page.evaluate(PLACES) == before
    assert page.evaluate("shifted") == 0
    check_axe(page)


@pytest.mark.parametrize("js", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize(
    ("width", "size"),
    [(320, "narrow"), (499, "narrow"), (500, "medium"), (899, "medium"), (900, "wide"), (1280, "wide")],
)
def test_one_picture_is_shown_the_one_that_fits(browser_page, js, width, size):
    page = browser_page(js=js, width=width)
    open_page(page, "/gallery/")
    for figure in page.locator("figure.pc-chart").all():
        shown = [one for one in figure.locator(".pc-chart__picture").all() if one.is_visible()]
        assert len(shown) == 1
        assert shown[0].get_attribute("class") == f"pc-chart__picture pc-chart__picture--{size}"
        assert shown[0].bounding_box()["width"] == figure.locator(DRAWINGS).bounding_box()["width"]
    if js:
        assert 10 < page.evaluate(SMALLEST_TEXT) < 21


def test_a_picture_is_named_and_described_for_screen_readers(browser_page):
    page = browser_page(js=False)
    open_page(page, "/gallery/")
    picture = page.get_by_role("img", name="Streams over the years")
    expect(picture).to_have_count(1)
    expect(picture).to_have_accessible_description(re.compile("Core services grew every year"))


def test_without_scripts_a_chart_is_no_stop_of_the_keyboard(browser_page):
    page = browser_page(js=False)
    open_page(page, "/gallery/")
    expect(page.locator(f"{DRAWINGS}[tabindex]")).to_have_count(0)


@pytest.mark.parametrize(("width", "size"), [(1050, "wide"), (642, "medium")])
def test_server_and_browser_draw_the_same(browser_page, width, size):
    """In a window in which the picture is shown at its own size, the interactive chart has the same texts.

    Not so in the narrow one: the server estimates the width of a text, so there it breaks some names elsewhere.
    """
    page = browser_page(width=width)
    open_page(page, "/gallery/")
    for index in range(4):
        drawing = page.locator(DRAWINGS).nth(index)
        assert abs(drawing.bounding_box()["width"] / {"wide": 1000, "medium": 560}[size] - 1) < 0.01
        drawing.focus()
        expect(live(page, index).locator("svg")).to_be_visible()
    said = words(page, ".pc-chart__live")
    assert said == words(page, f".pc-chart__picture--{size}")
    assert len(said) > 20


def test_the_points_of_a_chart_are_read_by_keyboard(browser_page):
    page = browser_page()
    open_page(page, "/gallery/")
    page.locator(DRAWINGS).first.focus()
    expect(live(page).locator("svg")).to_be_visible()
    tip = live(page).get_by_text("£812,400,000")
    expect(tip).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(tip).to_be_visible()
    page.keyboard.press("End")
    expect(live(page).get_by_text("£112,870,000.50")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(live(page).get_by_text("£901,250,000")).to_be_visible()
    page.keyboard.press("Home")
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_the_tip_of_a_narrow_chart_is_inside_of_it(browser_page):
    page = browser_page(width=320)
    open_page(page, "/gallery/")
    for index, exact in enumerate(["£812,400,000", "£901,250,000", "£540,000,000", "£1,843.1"]):
        page.locator(DRAWINGS).nth(index).focus()
        expect(live(page, index).locator("svg")).to_be_visible()
        page.keyboard.press("ArrowRight")
        tip = live(page, index).get_by_text(exact).bounding_box()
        room = live(page, index).bounding_box()
        assert tip["x"] >= room["x"]
        assert tip["x"] + tip["width"] <= room["x"] + room["width"]


def test_a_chart_that_became_interactive_is_printed_as_a_picture(browser_page):
    page = browser_page()
    open_page(page, "/gallery/")
    page.locator(DRAWINGS).first.focus()
    expect(live(page).locator("svg")).to_be_visible()
    page.emulate_media(media="print")
    expect(live(page)).to_be_hidden()
    for figure in page.locator("figure.pc-chart").all():
        expect(figure.locator(".pc-chart__picture--wide svg")).to_be_visible()
        expect(figure.locator(".pc-chart__picture--narrow")).to_be_hidden()


def test_a_window_that_becomes_narrower_keeps_the_chart_inside(browser_page):
    page = browser_page()
    open_page(page, "/gallery/")
    page.locator(DRAWINGS).first.focus()
    expect(live(page).locator("svg")).to_be_visible()
    page.set_viewport_size({"width": 320, "height": 900})
    expect(live(page).locator("svg")).to_have_attribute("width", "254")


def test_if_the_script_does_not_come_the_picture_stays_and_the_next_sign_tries_again(browser_page):
    page = browser_page()
    open_page(page, "/gallery/")
    page.route("**/charts.js", lambda route: route.abort())
    with page.expect_console_message(lambda message: "could not be loaded" in message.text):
        page.locator(DRAWINGS).first.hover()
    expect(page.locator(".pc-chart__picture--wide svg").first).to_be_visible()
    page.unroute("**/charts.js")
    page.locator("h1").hover()
    page.locator(DRAWINGS).first.hover()
    expect(live(page).locator("svg")).to_be_visible()


@pytest.mark.parametrize("width", [320, 1280])
def test_a_page_whose_charts_cannot_be_drawn_is_whole(browser_page, settings, tmp_path, width):
    settings.DRAWING_SCRIPT = tmp_path / "missing.js"
    page = browser_page(width=width)
    open_page(page, "/gallery/")
    expect(page.get_by_text("This chart could not be drawn just now.")).to_have_count(4)
    expect(page.locator("figure.pc-chart table")).to_have_count(4)
    check_page(page)
