"""What is asked of every page in a browser: valid, accessible, whole by keyboard, narrow, quiet, light and at home.

`watch` a page before it goes anywhere, then `check_page` it. What axe and the parser find is printed in full.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import html5lib
from django.conf import settings
from django.test import Client
from playwright.sync_api import ConsoleMessage, Error, Locator, Page, Request, Response

from pooledcare.directory.models import User
from tests import factories

AXE = (Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text()
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGE_BUDGET = 150_000
CHART_BUDGET = 250_000
CHART_BUNDLE = "charts"
MOST_TABS_TO_MAIN = 40


@dataclass
class Watch:
    """What a page said, asked for and got since it was opened."""

    home: str
    complaints: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    expected_status: int = 200
    twin: Page | None = None

    def console(self, message: ConsoleMessage) -> None:
        # A browser also reports the status of an error page that a test asked for.
        expected = self.expected_status >= 400 and f"status of {self.expected_status}" in message.text
        if message.type in {"error", "warning"} and not expected:
            self.complaints.append(f"{message.type}: {message.text}")

    def failure(self, error: Error) -> None:
        self.complaints.append(f"uncaught: {error.message}")

    def request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob"} and address.netloc != self.home:
            self.outside.append(request.url)

    def response(self, response: Response) -> None:
        self.responses.append(response)

    def weight(self) -> tuple[int, int]:
        """Bytes of the page and of its chart bundle, compressed where the web server compresses them."""
        page = charts = 0
        for response in self.responses:
            path = urlsplit(response.url).path
            if response.request.resource_type in {"xhr", "fetch"} or 300 <= response.status < 400:
                continue
            body = body_of(response)
            is_compressed = path.startswith("/static/") or response.headers.get("content-encoding") == "gzip"
            size = len(gzip.compress(body)) if is_compressed else len(body)
            if Path(path).name.startswith(CHART_BUNDLE):
                charts += size
            else:
                page += size
        return page, charts


def body_of(response: Response) -> bytes:
    """Nothing for an answer that came too late: the page had been left, and did not wait for it."""
    try:
        return response.body()
    except Error as error:
        if "navigated away" in error.message:
            return b""
        raise


WATCHES: WeakKeyDictionary[Page, Watch] = WeakKeyDictionary()


def watch(page: Page, home: str) -> None:
    WATCHES[page] = seen = Watch(home=urlsplit(home).netloc)
    page.on("console", seen.console)
    page.on("pageerror", seen.failure)
    page.on("request", seen.request)
    page.on("response", seen.response)


def close(page: Page) -> None:
    """The page's browser and its twin's."""
    if twin := WATCHES[page].twin:
        twin.context.close()
    page.context.close()


def open_page(page: Page, url: str, status: int = 200) -> None:
    """Goes there and waits until the page and its charts are drawn; the answer must have this status."""
    seen = WATCHES[page]
    seen.responses.clear()
    seen.expected_status = status
    response = page.goto(url, wait_until="load")
    assert response is not None
    assert response.status == status, f"{url} answered {response.status}, not {status}"


def log_in(page: Page, user: User, live: str) -> Page:
    """As after password and second factor, which have journeys of their own."""
    client = Client()
    factories.log_in(client, user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live}])
    return page


def press(page: Page, button: str) -> None:
    """Presses it and waits for the page that it leads to: by itself a click returns while that is still on its way."""
    WATCHES[page].responses.clear()
    with page.expect_navigation():
        page.get_by_role("button", name=button, exact=True).click()


def follow(page: Page, link: Locator) -> None:
    """Follows it and waits for the page that it leads to."""
    WATCHES[page].responses.clear()
    with page.expect_navigation():
        link.click()


def check_page(page: Page) -> None:
    """Everything that is asked of every page. Call it where the page has come to rest."""
    check_document(page)
    check_axe(page)
    check_width(page)
    check_quiet(page)
    check_weight(page)
    check_keyboard(page)


def check_narrower(page: Page, width: int) -> None:
    """The same page in a window that has been made narrower. What is in it was checked before; how it lies was not."""
    assert page.viewport_size is not None
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": before["height"]})
    page.evaluate(TWO_FRAMES)
    try:
        check_width(page)
        check_keyboard(page)
        check_quiet(page)
    finally:
        page.set_viewport_size(before)


def last_document(page: Page) -> Response:
    return next(r for r in reversed(WATCHES[page].responses) if r.request.is_navigation_request())


def check_document(page: Page) -> None:
    """The bytes as sent: valid HTML, one h1, no id twice, no empty cell, a caption on every table, nothing inline."""
    sent = last_document(page)
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    tree = parser.parse(sent.text())
    assert not parser.errors, f"{page.url}: invalid HTML {parser.errors[:5]}"
    ids = [element.attrib["id"] for element in tree.iter() if "id" in element.attrib]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    assert not twice, f"{page.url}: the same id twice: {twice}"
    assert len(tree.findall(".//h1")) == 1, f"{page.url}: a page has exactly one h1"
    for table in tree.iter("table"):
        assert table.find("caption") is not None, f"{page.url}: a table without a caption"
        empty = [cell for cell in table.iter("td") if not "".join(cell.itertext()).strip()]
        assert not empty, f"{page.url}: {len(empty)} empty cells in a table"
    styled = [element.tag for element in tree.iter() if "style" in element.attrib or element.tag == "style"]
    assert not styled, f"{page.url}: inline style on {styled}"
    inline = [e for e in tree.iter("script") if "src" not in e.attrib]
    assert not inline, f"{page.url}: {len(inline)} inline scripts"


def check_axe(page: Page) -> None:
    told = violations(page if runs_scripts(page) else twin_without_our_scripts(page))
    assert not told, f"{page.url}:\n" + "\n".join(told)


def violations(page: Page) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']}).then(found => found.violations)",
        AXE_TAGS,
    )
    return [f"{v['id']}: {v['help']} {[node['html'][:160] for node in v['nodes'][:3]]}" for v in found]


def runs_scripts(page: Page) -> bool:
    """Whether the page's own scripts ran; the first of them marks the body."""
    return "js-enabled" in (page.locator("body").get_attribute("class") or "")


def twin_without_our_scripts(page: Page) -> Page:
    """The same bytes where axe can run: it needs scripts, so ours are kept away instead."""
    seen = WATCHES[page]
    if seen.twin is None:
        browser = page.context.browser
        assert browser is not None
        context = browser.new_context(viewport=page.viewport_size)
        context.route("**/*.js", lambda route: route.abort())
        seen.twin = context.new_page()
    sent = last_document(page).text()
    seen.twin.route(page.url, lambda route: route.fulfill(body=sent, content_type="text/html; charset=utf-8"), times=1)
    seen.twin.goto(page.url)
    return seen.twin


def check_width(page: Page) -> None:
    """The page itself never scrolls sideways; what does is a labelled region that a keyboard can reach."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url}: {wide}px wider than the window"
    unlabelled = page.evaluate(
        """() => [...document.body.querySelectorAll("*")].filter(e =>
            ["auto", "scroll"].includes(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth + 1
            && e.checkVisibility()
            && !["TEXTAREA", "INPUT", "SELECT"].includes(e.tagName)
            && !(e.getAttribute("role") === "region" && e.tabIndex === 0
                 && (e.hasAttribute("aria-label") || e.hasAttribute("aria-labelledby")))
          ).map(e => e.outerHTML.slice(0, 120))"""
    )
    assert not unlabelled, f"{page.url}: scrolls sideways without a label: {unlabelled}"


def check_quiet(page: Page) -> None:
    seen = WATCHES[page]
    assert not seen.complaints, f"{page.url}: the console says {seen.complaints}"
    assert not seen.outside, f"{page.url}: asked another host for {seen.outside}"


def check_weight(page: Page) -> None:
    weight, charts = WATCHES[page].weight()
    assert weight < PAGE_BUDGET, f"{page.url}: {weight:,} bytes"
    assert charts < CHART_BUDGET, f"{page.url}: {charts:,} bytes of charts"
    pointed_at = page.locator(".pc-chart__drawing--live").count() > 0
    assert pointed_at or not charts, f"{page.url}: loads the chart bundle although nobody pointed at a chart"


def check_keyboard(page: Page) -> None:
    """Tab meets the skip link first and every stop shows that it is focused, in the order of the page, into main."""
    page.evaluate("document.activeElement.blur(); getSelection().removeAllRanges(); scrollTo(0, 0)")
    page.evaluate("window.pooledcareLastStop = null")
    page.locator("body").evaluate("e => { e.tabIndex = -1; e.focus(); e.removeAttribute('tabindex') }")
    stops: list[str] = []
    for _ in range(MOST_TABS_TO_MAIN):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop["left"]:
            break
        assert stop["shown"], f"{page.url}: focus cannot be seen on {stop['html']}"
        assert stop["forward"], f"{page.url}: the order of tabs is not that of the page at {stop['html']}"
        stops.append(stop["html"])
        if stop["main"]:
            break
    reachable = page.locator("main :is(a[href], button, input, select, textarea):visible").count()
    assert stop["main"] or not reachable, f"{page.url}: Tab never reaches main"
    assert "nhsuk-skip-link" in stops[0], f"{page.url}: the first stop is {stops[0]}"


# The first frame tells scripts of the new size, the second shows what they made of it.
TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"

# Where the focus is: visible through an outline, a shadow or a background, and after the stop before it.
FOCUS = """() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect()
  const before = window.pooledcareLastStop
  window.pooledcareLastStop = e
  const lit = style.outlineStyle !== "none" || style.boxShadow !== "none"
  return {
    html: e.outerHTML.slice(0, 120),
    left: e === document.body,
    main: document.querySelector("main").contains(e),
    shown: e !== document.body && box.width > 0 && box.height > 0 && lit,
    forward: !before || !document.contains(before)
      || !!(before.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING),
  }
}"""
