"""A council lives an upload: the sample with mistakes, its mended copy, acceptance, and publication afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from pooledcare.uploads import pipeline
from pooledcare.uploads.models import Upload
from tests import factories
from tests.browser.pages import check_page, follow, log_in, open_page, press

Open = Callable[..., Page]
ACCEPT_WITHIN = 900  # pixels from the top of a page that is 1,280 wide


@pytest.fixture(autouse=True)
def _demonstration(settings) -> None:
    settings.DEMO = True


def sample(page: Page, name: str, folder: Path) -> Path:
    with page.expect_download() as started:
        page.get_by_role("link", name=name, exact=True).click()
    download: Download = started.value
    file = folder / download.suggested_filename
    download.save_as(file)
    return file


def send(page: Page, file: Path) -> Upload:
    open_page(page, "/uploads/new/")
    page.set_input_files("input[type=file]", file)
    page.get_by_label("No, only members of the organisation see them for now").check()
    press(page, "Upload and check")
    return worked(page, Upload.objects.latest("pk"))


def worked(page: Page, upload: Upload) -> Upload:
    pipeline.work(upload.pk)
    upload.refresh_from_db()
    open_page(page, upload.get_absolute_url())
    return upload


def accept(page: Page, upload: Upload, says: str) -> None:
    """Accept lies on the first screen, and leads to a page that says the sum before anything happens."""
    open_page(page, upload.get_absolute_url())
    box = page.get_by_role("button", name="Accept this upload").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= ACCEPT_WITHIN
    press(page, "Accept this upload")
    expect(page.get_by_text(says)).to_be_visible()
    check_page(page)
    upload.refresh_from_db()
    assert upload.state == "awaiting_second_person"
    press(page, f"Accept {upload.reference}")
    assert worked(page, upload).state == "accepted"
    check_page(page)


@pytest.mark.parametrize("js", [True, False], ids=["with scripts", "without scripts"])
def test_a_council_mends_the_sample_has_it_accepted_and_publishes_it(
    js: bool, live: str, browser_page: Open, tmp_path: Path
):
    # Given a council with an officer, and with Ash Sketch who may accept
    council = factories.council(name="Mereshire Council", code="E06000999", kind="unitary")
    factories.council(name="Another Council", code="E06000998", kind="unitary")
    for place, code in enumerate(("public-health", "adult-social-care", "dfg")):
        factories.stream(code=code, name=f"Stream {code}", position=place, holder_kinds=["unitary"])
    officer = log_in(browser_page(js=js), factories.member(organisation=council, roles=["finance_officer"]), live)
    approver = factories.member(organisation=council, roles=["finance_approver"], name="Ash Sketch")
    colleague = log_in(browser_page(js=js), approver, live)

    # When the officer sends the sample with mistakes, then each kind of problem has one heading
    open_page(officer, "/uploads/")
    check_page(officer)
    wrong = sample(officer, "Figures of Mereshire Council with mistakes", tmp_path)
    right = sample(officer, "Figures of Mereshire Council", tmp_path)
    refused = send(officer, wrong)
    assert refused.state == "refused"
    assert officer.locator(".pc-problems__group h3").count() == 5
    check_page(officer)

    # When the mended one is sent, then the page names who can accept it, and before a new figure stands no amount
    upload = send(officer, right)
    expect(officer.get_by_text("Ash Sketch can accept this.")).to_be_visible()
    assert officer.locator("#changes tbody tr").count() == 3
    expect(officer.locator("#changes").get_by_text("No figure", exact=True)).to_have_count(3)
    expect(officer.get_by_text("£0.00")).to_have_count(0)
    check_page(officer)
    accept(colleague, upload, "£3,931,500.00 more.")
    links = colleague.locator("#changes a[href^='/allocations/AL-']")
    expect(links).to_have_count(3)

    # When the officer publishes them, in two clicks
    open_page(officer, upload.get_absolute_url())
    press(officer, "Publish these figures")
    check_page(officer)
    for part, text in (("day", "3"), ("month", "5"), ("year", "2026")):
        officer.fill(f"[name=published_on_{part}]", text)
    press(officer, "Ask for publication")
    publication = worked(officer, Upload.objects.latest("pk"))
    expect(officer.get_by_text("3 figures become public.").first).to_be_visible()
    check_page(officer)

    # Then a visitor sees nothing until the colleague has accepted, and then finds it in two clicks
    visitor = browser_page(js=js, width=320)
    open_page(visitor, "/publications/")
    expect(visitor.get_by_text("Nothing is published yet.")).to_be_visible()
    accept(colleague, publication, "3 figures become public.")
    open_page(visitor, "/publications/")
    check_page(visitor)
    follow(visitor, visitor.get_by_role("link", name=right.name))
    expect(visitor.get_by_text(re.compile("3 figures new"))).to_be_visible()
    expect(visitor.locator("table a[href^='/allocations/AL-']")).to_have_count(3)
    check_page(visitor)
