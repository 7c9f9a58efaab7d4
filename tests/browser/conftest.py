"""Debian's Chromium against a live server: `live` is its address, `browser_page` opens pages that are watched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.pages import close, watch

# The same browser without its windows, where it is installed: it takes a third less time.
PROGRAMS = ("chromium-headless-shell", "chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
HERE = Path(__file__).parent
PATIENCE_MS = 15_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.fail("The browser tests need Debian's Chromium: apt-get install chromium")
    # Playwright keeps an event loop in this thread, in which Django would otherwise refuse to ask the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def live(live_server) -> str:  # type: ignore[no-untyped-def]
    """The address of a server over the test's own database."""
    return str(live_server.url)


@pytest.fixture
def browser_page(chromium: Browser, live: str) -> Iterator[Callable[..., Page]]:
    """Opens pages, each in a browser of its own: cold cache, no cookies, watched from the first request on."""
    pages = []

    def open_one(*, js: bool = True, width: int = 1280, height: int = 900, forced_colours: bool = False) -> Page:
        context = chromium.new_context(
            base_url=live,
            java_script_enabled=js,
            viewport={"width": width, "height": height},
            forced_colors="active" if forced_colours else "none",
            locale="en-GB",
            timezone_id="Europe/London",
            reduced_motion="reduce",
        )
        page = context.new_page()
        pages.append(page)
        page.set_default_timeout(PATIENCE_MS)
        watch(page, live)
        return page

    yield open_one
    for page in pages:
        close(page)
