"""The main job, as people live it: NHS England's workbook goes in as published, and everybody reads the result."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from budgets.allocations.kind import RESTATED, WITH_MISTAKES
from budgets.demo import write_samples
from budgets.models import Allocation
from pooledcare.directory.models import Organisation
from pooledcare.uploads import pipeline
from pooledcare.uploads.models import Upload
from tests import databases, factories
from tests.browser.pages import check_axe, check_page, check_quiet, log_in, open_page, press
from tests.browser.test_publishing import ACCEPT_WITHIN
from tests.kernel import ods_files

OUTTURN = "Adult Social Care - Net Current Expenditure"
WORKBOOK = "allocations/nhse_icb_allocations_2023-24_2024-25.xlsx"
Open = Callable[..., Page]


@pytest.fixture
def template() -> Callable[[], str]:
    return databases.england_without_nhs_england


@pytest.fixture
def england(database: str) -> Organisation:
    """Given the reference data and the councils' figures, but nothing yet from NHS England."""
    assert not Allocation.objects.filter(source__code="X24").exists()
    return Organisation.objects.get(code="X24")


def choose_and_send(page: Page, file: Path) -> Upload:
    open_page(page, "/uploads/new/")
    check_page(page)
    page.set_input_files("input[type=file]", file)
    for part, text in (("day", "19"), ("month", "6"), ("year", "2023")):
        page.fill(f"[name=published_on_{part}]", text)
    press(page, "Upload and check")
    expect(page.get_by_text("Waiting to be read").first).to_be_visible()
    return Upload.objects.latest("pk")


def let_the_worker_work(page: Page, upload: Upload, *, js: bool) -> None:
    """The page turns over by itself, with scripts or because the browser reloads it every few seconds.

    With scripts its reader is at the result, wherever they were before.
    """
    page.mouse.wheel(0, 5_000)
    pipeline.work(upload.pk)
    upload.refresh_from_db()
    expect(page.get_by_text(upload.get_state_display()).first).to_be_visible()  # type: ignore[attr-defined]
    result = page.locator("h2#result")
    expect(result).to_have_count(1)
    if js:
        expect(result).to_be_focused()
        expect(result).to_be_in_viewport()
        expect(page).to_have_title(re.compile(f"^{upload.reference}: {upload.get_state_display().lower()}"))  # type: ignore[attr-defined]
        assert page.url.endswith(upload.get_absolute_url())
        check_axe(page)
        check_quiet(page)


def look_at(page: Page, upload: Upload) -> None:
    open_page(page, upload.get_absolute_url())
    check_page(page)


@pytest.mark.parametrize("js", [True, False], ids=["with scripts", "without scripts"])
def test_a_published_workbook_becomes_figures_that_everybody_can_read(
    js: bool, england: Organisation, browser_page: Open, live: str, shared_data: Path
):
    # Given a finance officer of NHS England who may publish, and a colleague who may accept
    officer = log_in(browser_page(js=js), factories.member(organisation=england, roles=["publisher"]), live)
    colleague = log_in(browser_page(js=js), factories.member(organisation=england, roles=["finance_approver"]), live)

    # When the officer drops the workbook in as it was published
    upload = choose_and_send(officer, shared_data / WORKBOOK)
    let_the_worker_work(officer, upload, js=js)

    # Then the page shows what would change in pounds, and offers acceptance to somebody else only
    look_at(officer, upload)
    expect(officer.get_by_role("heading", name="What would change")).to_be_visible()
    expect(officer.get_by_text("£103,817,368,000.00").first).to_be_visible()
    expect(officer.get_by_role("button", name="Accept this upload")).to_have_count(0)
    expect(officer.get_by_text("can accept this.")).to_be_visible()

    # When the colleague accepts
    open_page(colleague, upload.get_absolute_url())
    press(colleague, "Accept this upload")
    expect(colleague.get_by_text("2024-25 allocation: £121,835,105,096.48 more.").first).to_be_visible()
    check_page(colleague)
    press(colleague, f"Accept {upload.reference}")
    let_the_worker_work(colleague, upload, js=js)
    look_at(colleague, upload)
    assert upload.state == "accepted"

    # And sees in pounds what reversing it would do, without doing it
    open_page(colleague, f"{upload.get_absolute_url()}reverse/")
    words = "figures would be withdrawn, because there were no figures before them"
    expect(colleague.get_by_text(words)).to_be_visible()
    expect(colleague.get_by_text("−£103,817,368,000.00")).to_be_visible()
    check_page(colleague)

    # Then a commissioner without a login reads it for a board, a place and a stream
    visitor = browser_page(js=js)
    for address, figure in (
        ("/organisations/QSL/", "£1,055,946,000"),
        ("/places/somerset/", "£1,055,946,000"),
        ("/streams/nhs-core/", "£103,817,368,000"),
        ("/", "£103,817,368,000"),
    ):
        open_page(visitor, address)
        expect(visitor.get_by_text(re.compile(re.escape(figure))).first).to_be_attached()
        check_page(visitor)

    # And another system pulls the same figure over the API
    found = visitor.request.get(
        "/api/v1/allocations/?organisation=QSL&stream=nhs-core&financial_year=2024-25",
        headers={"Accept": "application/json"},
    ).json()["results"]
    assert [row["amount"] for row in found] == ["1055946000.00"]
    assert found[0]["source"] == "X24"


@pytest.mark.parametrize("js", [True, False], ids=["with scripts", "without scripts"])
def test_a_workbook_with_mistakes_is_refused_and_its_mended_copy_is_accepted(
    js: bool, england: Organisation, browser_page: Open, live: str, tmp_path: Path
):
    # Given the two workbooks of the demonstration
    write_samples(tmp_path)
    officer = log_in(browser_page(js=js, width=320), factories.member(organisation=england, roles=["publisher"]), live)

    # When the one with mistakes is sent
    upload = choose_and_send(officer, tmp_path / WITH_MISTAKES)
    let_the_worker_work(officer, upload, js=js)

    # Then every slip is told in plain words at its cell, nothing has changed, and the file can be taken back
    assert upload.state == "refused"
    look_at(officer, upload)
    for said in ("What to correct", "QQQ", "#REF!", "1,05,946", "12546k"):
        expect(officer.get_by_text(said).first).to_be_visible()
    with officer.expect_download() as download:
        officer.get_by_role("link", name="your file with a column that says what to correct").click()
    assert download.value.suggested_filename == "icb-allocations-with-mistakes with problems.xlsx"
    assert not Allocation.objects.filter(source=england).exists()

    # When the mended one is sent, then it is ready for a colleague
    mended = choose_and_send(officer, tmp_path / RESTATED)
    let_the_worker_work(officer, mended, js=js)
    assert mended.state == "awaiting_second_person"
    look_at(officer, mended)

    # And the colleague accepts it from the first screen
    approver = factories.member(organisation=england, roles=["finance_approver"])
    colleague = log_in(browser_page(js=js), approver, live)
    open_page(colleague, mended.get_absolute_url())
    box = colleague.get_by_role("button", name="Accept this upload").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= ACCEPT_WITHIN
    press(colleague, "Accept this upload")
    press(colleague, f"Accept {mended.reference}")
    let_the_worker_work(colleague, mended, js=js)
    assert mended.state == "accepted"


def test_the_whole_journey_can_be_made_by_keyboard(
    england: Organisation, browser_page: Open, live: str, tmp_path: Path
):
    write_samples(tmp_path)
    page = log_in(browser_page(), factories.member(organisation=england, roles=["publisher"]), live)
    open_page(page, "/uploads/")
    page.get_by_role("button", name="Upload a file").or_(page.get_by_role("link", name="Upload a file")).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/uploads/new/")
    page.set_input_files("input[type=file]", tmp_path / RESTATED)
    page.get_by_label("Yes").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Day")).to_be_focused()
    for text in ("19", "6", "2023"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Upload and check")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Waiting to be read").first).to_be_visible()


@pytest.mark.parametrize(("js", "width"), [(True, 1280), (False, 320)], ids=["with scripts", "without scripts"])
def test_an_ods_file_that_does_not_say_its_year_waits_until_its_sender_states_it(
    js: bool, width: int, england: Organisation, browser_page: Open, live: str, tmp_path: Path
):
    # Given an outturn as ODS, without the title that says its year
    heading = ods_files.row(*map(ods_files.text, ("ONS Code", "Local authority", "Class", OUTTURN)))
    somerset = map(ods_files.text, ("E06000066", "Somerset Council", "UA"))
    file = tmp_path / "RSX.ods"
    file.write_bytes(ods_files.ods(heading + ods_files.row(*somerset, ods_files.number("1250.5", "1,251"))))
    department = factories.mhclg()
    officer = log_in(
        browser_page(js=js, width=width), factories.member(organisation=department, roles=["publisher"]), live
    )

    # When it is sent, then the year is asked for
    upload = choose_and_send(officer, file)
    let_the_worker_work(officer, upload, js=js)
    assert upload.state == "needs_layout"
    look_at(officer, upload)
    officer.get_by_role("button", name="Say how it should be read").click()
    expect(officer.get_by_text("does not say its financial year.")).to_be_visible()

    # When no year is stated that can be meant, then it is said; with the year, the figures are shown
    officer.fill("[name=financial_year]", "2023")
    press(officer, "Read the file")
    expect(officer.get_by_text("The financial year could mean more than one year").first).to_be_visible()
    check_page(officer)
    officer.fill("[name=financial_year]", "2023-24")
    press(officer, "Read the file")
    let_the_worker_work(officer, upload, js=js)
    assert (upload.state, upload.rows_staged) == ("awaiting_second_person", 1)
    expect(officer.get_by_text("£1,250,500").first).to_be_visible()
    look_at(officer, upload)


def test_a_form_sent_empty_leads_to_the_field_that_needs_mending(england: Organisation, browser_page: Open, live: str):
    page = log_in(browser_page(), factories.member(organisation=england, roles=["publisher"]), live)
    open_page(page, "/uploads/new/")
    press(page, "Upload and check")
    expect(page).to_have_title(re.compile("^Error: "))
    told = page.get_by_role("link", name="Select a file")
    field = page.locator(str(told.get_attribute("href")))
    told.click()
    expect(field).to_be_focused()
    check_page(page)
