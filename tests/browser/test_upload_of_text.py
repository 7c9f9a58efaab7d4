"""A text file in an old encoding, sent with a wrong date: its sender selects it once, and says what its text means."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pooledcare.uploads import pipeline
from pooledcare.uploads.models import Upload
from tests import factories
from tests.browser.pages import check_narrower, check_page, log_in, open_page, press
from tests.uploads.sending import rows


def look_at(page: Page, *, js: bool) -> None:
    check_page(page)
    if js:
        check_narrower(page, 320)


@pytest.mark.parametrize("js", [True, False], ids=["with scripts", "without scripts"])
def test_a_file_is_selected_once_and_its_sender_says_what_its_text_means(
    js: bool, browser_page: Callable[..., Page], live: str, tmp_path: Path
):
    # Given a finance officer whose spreadsheet program saves CSV for MS-DOS
    factories.stream(code="nhs-core")
    board = factories.organisation(code="QXM", opened=dt.date(2013, 4, 1))
    file = tmp_path / "figures.csv"
    figures = rows("2026-27,QXM,nhs-core,allocation,100,recurrent,plus £5m of winter money")
    file.write_bytes(figures.encode("ibm850"))
    page = log_in(browser_page(js=js), factories.member(organisation=board, roles=["finance_officer"]), live)

    # When the date is wrong, the file is kept
    open_page(page, "/uploads/new/")
    page.set_input_files("input[type=file]", file)
    page.fill("[name=published_on_day]", "3")
    press(page, "Upload and check")
    expect(page.get_by_text("Uploaded file: figures.csv")).to_be_visible()
    expect(page.get_by_label("Another file instead")).to_be_attached()
    look_at(page, js=js)

    # And is used once the date is right
    page.fill("[name=published_on_day]", "")
    page.get_by_label("No, only members of the organisation see them for now").check()
    press(page, "Upload and check")
    upload = Upload.objects.get()
    pipeline.work(upload.pk)

    # Then the page shows the text in each way that it can be read, and reads it again as it was meant
    open_page(page, upload.get_absolute_url())
    expect(page.get_by_text("plus œ5m of winter money").first).to_be_visible()
    look_at(page, js=js)
    page.get_by_label("MS-DOS (850)").check()
    press(page, "Read the file again")
    pipeline.work(upload.pk)
    open_page(page, upload.get_absolute_url())
    expect(page.locator(".pc-value", has_text="plus £5m of winter money").first).to_be_visible()
    expect(page.get_by_text("MS-DOS (850), chosen by")).to_be_visible()
    check_page(page)
