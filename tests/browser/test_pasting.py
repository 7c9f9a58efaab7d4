"""Cells copied from a spreadsheet, with names that are not certain: pasted, described, accepted by a colleague."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from budgets.models import Allocation
from pooledcare.uploads import pipeline
from pooledcare.uploads.models import Upload
from tests import factories
from tests.browser.pages import check_narrower, check_page, log_in, open_page, press

CELLS = """Board\tCore services £000
NHS Mereshire\t1234
NHS Northshire\t20
South Shire\t7
Seaside and moor\t5
Boards that closed\t3
Total\t1269
"""


def look_at(page: Page, *, js: bool) -> None:
    check_page(page)
    if js:
        check_narrower(page, 320)


@pytest.mark.parametrize("js", [True, False], ids=["with scripts", "without scripts"])
def test_pasted_cells_with_doubtful_names_are_read_as_their_sender_decides(
    js: bool, browser_page: Callable[..., Page], live: str
):
    # Given NHS England, whose publisher copies cells in which three names are not those of known boards
    factories.stream(code="nhs-core", name="Core services")
    for code, name in (
        ("QXM", "NHS Mereshire"),
        ("QXN", "NHS Northshire"),
        ("QXS", "NHS Southshire"),
        ("QXW", "NHS Westshire"),
    ):
        factories.organisation(code=code, name=name, opened=dt.date(2013, 4, 1))
    england = factories.nhs_england()
    page = log_in(browser_page(js=js), factories.member(organisation=england, roles=["publisher"]), live)
    open_page(page, "/uploads/new/")
    look_at(page, js=js)
    if js:
        page.get_by_role("tab", name="Copied cells").press("Enter")
        look_at(page, js=js)
    page.locator("[name=pasted]").fill(CELLS)
    page.get_by_label("No, only members of the organisation see them for now").check()
    press(page, "Upload and check")
    upload = Upload.objects.get()
    assert upload.filename == "pasted-cells.tsv"
    pipeline.work(upload.pk)

    # When they continue without saying whom the names mean, these are asked about
    open_page(page, upload.get_absolute_url())
    page.get_by_role("button", name="Say how it should be read").click()
    page.get_by_label("Financial year of the figures").fill("2026-27")
    page.get_by_label("Basis").select_option("allocation")
    press(page, "Continue")
    expect(page.get_by_text("3 names or codes are not certain. Which bodies are they?").first).to_be_visible()
    look_at(page, js=js)

    # And one is the board that is offered, one another, whose code they enter, and one is left out
    page.get_by_label("“South Shire”", exact=True).select_option(label="NHS Southshire (QXS)")
    page.get_by_label("“Seaside and moor”", exact=True).select_option("other")
    page.get_by_label("Code of the other body for “Seaside and moor”").fill("qxw")
    page.get_by_label("“Boards that closed”", exact=True).select_option("leave-out")
    press(page, "Show what this reads")
    expect(page.get_by_text("This reads 4 figures of 4 bodies, £1,266,000.00 in total.")).to_be_visible()
    expect(page.get_by_text("1 of 1 of the file’s own totals differ.").first).to_be_visible()
    look_at(page, js=js)
    press(page, "Continue")
    pipeline.work(upload.pk)

    # Then a colleague accepts what was read
    approver = factories.member(organisation=england, roles=["finance_approver"])
    other = log_in(browser_page(js=js), approver, live)
    open_page(other, upload.get_absolute_url())
    look_at(other, js=js)
    press(other, "Accept this upload")
    press(other, f"Accept {upload.reference}")
    pipeline.work(upload.pk)
    assert dict(Allocation.objects.values_list("organisation__code", "amount")) == {
        "QXM": Decimal(1_234_000),
        "QXN": Decimal(20_000),
        "QXS": Decimal(7_000),
        "QXW": Decimal(5_000),
    }
