"""The picture in the README is the real page of England: made here, over the real reference data and figures.

`SCREENSHOT=1 make test PYTEST="tests/browser/test_screenshot.py"` makes it anew; otherwise it goes to a temporary file.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import databases
from tests.browser.pages import open_page

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "images" / "england.png"
WIDTH, HEIGHT = 1280, 900


def size_of(png: Path) -> tuple[int, int]:
    """Width and height as the header of a PNG file has them."""
    header = png.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", header[16:24])


@pytest.fixture
def template() -> Callable[[], str]:
    return databases.england


def test_the_picture_in_the_readme_is_the_real_page(browser_page: Callable[..., Page], tmp_path: Path):
    page = browser_page(width=WIDTH, height=HEIGHT)
    open_page(page, "/")
    expect(page.get_by_text("£103,817,368,000").first).to_be_attached()
    made = PICTURE if os.environ.get("SCREENSHOT") == "1" else tmp_path / PICTURE.name
    page.screenshot(path=made)
    assert size_of(made) == (WIDTH, HEIGHT)
    assert size_of(PICTURE) == (WIDTH, HEIGHT)
    assert "docs/images/england.png" in (PICTURE.parents[2] / "README.md").read_text()
