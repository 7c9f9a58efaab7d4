"""A workbook of a layout that nobody has described: its sender says how it is read, and a colleague accepts it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from budgets.models import Allocation
from pooledcare.uploads import pipeline
from pooledcare.uploads.models import Upload, UploadLayout
from tests import factories
from tests.browser.pages import check_narrower, check_page, log_in, open_page, press

ROWS = [
    ["Grants to boards, illustrative", None, None, None],
    [],
    ["Board code", "Board", "Core services £000", "Bank holidays £000"],
    ["QXM", "NHS Mereshire", 1234, 1],
    ["QXN", "NHS Northshire", 20, 2],
    ["QXS", "NHS Southshire", "NA", 3],
    ["Total", None, 1254, 6],
]


def workbook(path: Path) -> Path:
    book = Workbook()
    book.active.title = "Grants"
    for row in ROWS:
        book.active.append(row)
    book.create_sheet("Notes").append(["Made for a test; no money."])
    book.save(path)
    return path


def look_at(page: Page, *, js: bool) -> None:
    check_page(page)
    if js:
        check_narrower(page, 320)


@pytest.mark.parametrize("js", [True, False], ids=["with scripts", "without scripts"])
def test_a_file_that_nobody_described_is_read_as_its_sender_says(
    js: bool, browser_page: Callable[..., Page], live: str, tmp_path: Path
):
    # Given NHS England, whose publisher has a workbook that no layout fits
    factories.stream(code="nhs-core", name="Core services")
    for code in ("QXM", "QXN", "QXS"):
        factories.organisation(code=code, opened=dt.date(2013, 4, 1))
    england = factories.nhs_england()
    page = log_in(browser_page(js=js), factories.member(organisation=england, roles=["publisher"]), live)
    open_page(page, "/uploads/new/")
    page.set_input_files("input[type=file]", workbook(tmp_path / "Grants 2026.xlsx"))
    page.get_by_label("No, only members of the organisation see them for now").check()
    press(page, "Upload and check")
    upload = Upload.objects.get()
    pipeline.work(upload.pk)

    # Then the file waits, and its page leads to how it would be read
    open_page(page, upload.get_absolute_url())
    expect(page.get_by_text("Nothing is lost: the file waits.")).to_be_visible()
    look_at(page, js=js)
    page.get_by_role("button", name="Say how it should be read").click()
    expect(page.get_by_text("headings in row 3, bodies in column A (3 of 3 known)")).to_be_visible()
    look_at(page, js=js)

    # When one column is not read, pointed at where there are scripts
    page.get_by_role("link", name="Grants", exact=True).first.click()
    look_at(page, js=js)
    if js:
        page.get_by_label("not read", exact=True).check()
        page.get_by_role("button", name="Column D", exact=True).press("Enter")
        expect(page.get_by_text("Column D: not read.")).to_be_visible()
    else:
        page.get_by_label("Column D is").select_option("not_read")
    expect(page.get_by_label("Column D is")).to_have_value("not_read")
    page.get_by_label("Stream of column C").select_option("nhs-core")
    press(page, "Save and show what this reads")

    # And what the file does not say is stated
    page.get_by_label("Financial year of the figures").fill("2026-27")
    page.get_by_label("Basis").select_option("allocation")
    page.get_by_label("Yes, as a new layout").check()
    page.get_by_label("Name of the new layout").fill("Grants to boards")
    press(page, "Show what this reads")
    expect(page.get_by_text("This reads 2 figures of 3 bodies, £1,254,000.00 in total.")).to_be_visible()
    look_at(page, js=js)
    press(page, "Continue")
    pipeline.work(upload.pk)

    # Then it takes the ordinary way
    open_page(page, upload.get_absolute_url())
    expect(page.get_by_text("What would change")).to_be_visible()
    expect(page.get_by_text("Grants to boards (UL-")).to_be_visible()
    layout = UploadLayout.objects.get()
    open_page(page, layout.get_absolute_url())
    look_at(page, js=js)
    approver = factories.member(organisation=england, roles=["finance_approver"])
    other = log_in(browser_page(js=js), approver, live)
    open_page(other, upload.get_absolute_url())
    press(other, "Accept this upload")
    press(other, f"Accept {upload.reference}")
    pipeline.work(upload.pk)
    assert Allocation.objects.filter(amount=1_234_000, financial_year=2026).exists()
