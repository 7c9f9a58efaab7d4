"""Debian's Chromium against a live server: `live` is its address, `browser_page` opens pages that are watched.

Each test has a database of its own, to which test and server commit: a clone of `template`, which is empty unless a
file's own fixture of that name says otherwise.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.plugin import DjangoDbBlocker

from tests import databases
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


@pytest.fixture(scope="session")
def server_address() -> Iterator[str]:
    """Of one server for all tests: each of its requests connects to the database that is in use at that moment."""
    server = LiveServerThread("localhost", static_handler=StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    yield f"http://localhost:{server.port}"
    server.terminate()


@pytest.fixture
def template() -> Callable[[], str]:
    return databases.migrated


@pytest.fixture
def database(template: Callable[[], str], django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The name of this test's own database."""
    with django_db_blocker.unblock(), databases.cloned(template(), "browser") as name:
        yield name


@pytest.fixture
def live(server_address: str, database: str, settings) -> str:
    """The address of a server over the test's own database."""
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "localhost"]
    return server_address


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
