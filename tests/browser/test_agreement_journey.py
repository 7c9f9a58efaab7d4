"""A council lawyer starts an agreement, writes it, and both partners approve, sign and publish it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from partnerships.actions import drafting, recording
from partnerships.models import Agreement
from partnerships.terms import ClauseKind
from pooledcare.directory.models import Organisation, User
from tests import factories
from tests.browser.pages import check_page, follow, log_in, open_page, press

Open = Callable[..., Page]
FIRST_DAY = dt.date(2024, 3, 1)
TITLE = "Section 75 agreement for reablement in Mereshire"


@pytest.fixture
def bodies(database: str) -> tuple[Organisation, Organisation]:
    """Given the law, a county council and its integrated care board."""
    call_command("load_law", verbosity=0)
    factories.place(name="Mereshire")
    county = factories.council(kind="county", name="Mereshire County Council")
    return county, factories.organisation(name="NHS Mereshire Integrated Care Board")


def lead_of(organisation: Organisation) -> User:
    return factories.member(organisation=organisation, roles=["governance_lead"])


def fill_day(page: Page, name: str, day: int, month: int, year: int) -> None:
    for part, value in (("day", day), ("month", month), ("year", year)):
        page.fill(f"[name={name}_{part}]", str(value))


def task(page: Page, name: str) -> None:
    follow(page, page.get_by_role("main").get_by_role("link", name=name, exact=True))


def start(page: Page) -> Agreement:
    open_page(page, "/agreements/new/")
    check_page(page)
    page.fill("[name=title]", TITLE)
    fill_day(page, "effective_on", 1, 4, 2024)
    press(page, "Start the agreement")
    expect(page.get_by_text("Only your organisation sees it so far")).to_be_visible()
    return Agreement.objects.get()


def write(page: Page, board: Organisation, county: Organisation) -> None:
    """A partner, a place, a fund, a scheme with a function of each side, an exclusion, and a clause."""
    task(page, "Add a partner")
    page.fill("[name=organisation]", board.code)
    press(page, "Add the partner")
    task(page, "Places")
    page.fill("[name=added]", "Mereshire")
    press(page, "Save")
    task(page, "Add a fund")
    page.fill("[name=name]", "Reablement fund")
    page.get_by_role("group", name="Host partner").get_by_label(county.name).check()
    page.fill("[name=manager]", "Head of joint commissioning")
    press(page, "Add the fund")
    task(page, "Add a scheme")
    page.fill("[name=name]", "Reablement at home")
    page.get_by_role("group", name="Flexibilities").get_by_label("Pooled fund").check()
    page.get_by_role("group", name="Fund", exact=True).get_by_label("Reablement fund").check()
    press(page, "Save and continue to its functions")
    add_function(page, "nhs-s3", board, exclusion="Endoscopy")
    add_function(page, "social-services", county)
    follow(page, page.get_by_role("navigation", name="Back").get_by_role("link"))
    task(page, "Aims and outcomes")
    page.fill("[name=text]", "Fewer stays in hospital, more people at home.")
    press(page, "Save")


def add_function(page: Page, code: str, holder: Organisation, exclusion: str = "") -> None:
    task(page, "Add a function")
    page.select_option("[name=code]", code)
    page.get_by_role("group", name="Whose function is it?").get_by_label(holder.name).check()
    if exclusion:
        page.get_by_label(exclusion).check()
    press(page, "Add the function")
    expect(page.get_by_text("The function has been added")).to_be_visible()


def write_the_rest(agreement: Agreement, lawyer: User) -> None:
    """What the pages have shown once: the other clauses, and the two conditions of regulation 4."""
    by, deed = factories.actor(lawyer), factories.open_deed(agreement)
    for kind in ClauseKind:
        drafting.write_clause(deed=deed, kind=kind, text=f"What is agreed on: {kind.label.lower()}.", by=by)
    for kind in ("improvement", "joint_consultation"):
        recording.record_precondition(
            agreement=agreement, kind=kind, is_met=True, met_on=FIRST_DAY, evidence="Cabinet, paper 12", by=by
        )


def approve(page: Page, agreement: Agreement) -> None:
    open_page(page, f"/agreements/{agreement.reference}/deeds/0/approve/")
    check_page(page)
    page.get_by_label("I have read the text").check()
    press(page, "Approve this text")
    expect(page.get_by_text("Your approval has been recorded")).to_be_visible()


@pytest.mark.parametrize("js", [True, False], ids=["with scripts", "without scripts"])
def test_an_agreement_is_written_approved_signed_and_published(
    js: bool, bodies: tuple[Organisation, Organisation], browser_page: Open, live: str
):
    county, board = bodies
    writer = lead_of(county)
    lawyer = log_in(browser_page(js=js), writer, live)

    # When a lawyer of the council starts an agreement and writes it, with endoscopy among its services
    agreement = start(lawyer)
    write(lawyer, board, county)
    home = f"/agreements/{agreement.reference}/draft/"

    # Then the task list names what is lacking, and the finding against endoscopy with its regulation
    open_page(lawyer, home)
    check_page(lawyer)
    law = lawyer.get_by_role("region", name="What the law says")
    expect(law.get_by_text("Endoscopy within")).to_be_visible()
    expect(law.get_by_text("reg 5(a)").first).to_be_visible()
    expect(lawyer.get_by_role("link", name="There is no clause on this").first).to_be_visible()

    # And signing would be refused, so that the lawyer takes the endoscopy out
    task(lawyer, "Reablement at home")
    follow(lawyer, lawyer.get_by_role("table").get_by_role("link").first)
    lawyer.get_by_label("Endoscopy").uncheck()
    press(lawyer, "Save")
    open_page(lawyer, home)
    expect(law.get_by_text("Endoscopy within")).to_have_count(0)

    write_the_rest(agreement, writer)
    lawyer.reload()
    expect(lawyer.get_by_role("link", name="There is no clause on this")).to_have_count(0)

    # When each partner approves exactly this text, the council by somebody who did not write it
    colleague = log_in(browser_page(js=js), lead_of(county), live)
    partner = log_in(browser_page(js=js, width=320), lead_of(board), live)
    approve(colleague, agreement)
    approve(partner, agreement)

    # Then the lawyer records the signature, and each partner publishes
    open_page(lawyer, f"/agreements/{agreement.reference}/deeds/0/sign/")
    check_page(lawyer)
    fill_day(lawyer, "signed_on", 14, 3, 2024)
    press(lawyer, "Record the signature")
    expect(lawyer.get_by_text("The signature has been recorded")).to_be_visible()
    visitor = browser_page(js=js)
    for page in (lawyer, partner):
        assert visitor.request.get(f"/agreements/{agreement.reference}/", max_redirects=0).status == 302
        open_page(page, f"/agreements/{agreement.reference}/deeds/0/publish/")
        check_page(page)
        press(page, "Publish for your organisation")
        expect(page.get_by_text("Published for your organisation")).to_be_visible()

    # And everybody reads it
    open_page(visitor, f"/agreements/{agreement.reference}/")
    expect(visitor.get_by_role("heading", level=1)).to_contain_text(TITLE)


def test_an_agreement_is_started_and_a_partner_added_by_keyboard(
    bodies: tuple[Organisation, Organisation], browser_page: Open, live: str
):
    county, board = bodies
    page = log_in(browser_page(), lead_of(county), live)
    open_page(page, "/agreements/new/")
    page.get_by_label("Title").focus()
    page.keyboard.type(TITLE)
    page.keyboard.press("Enter")
    page.wait_for_url("**/draft/")
    page.get_by_role("link", name="Add a partner").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/partners/add/")
    page.get_by_label("Organisation", exact=True).focus()
    page.keyboard.type(board.code)
    page.keyboard.press("Tab")  # to the link that looks for organisations
    page.keyboard.press("Tab")  # to the first role
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/draft/")
    expect(page.get_by_role("link", name=board.name)).to_be_visible()


def test_what_is_missing_is_said_at_the_field_and_linked_from_the_top(
    bodies: tuple[Organisation, Organisation], browser_page: Open, live: str
):
    page = log_in(browser_page(width=320), lead_of(bodies[0]), live)
    open_page(page, "/agreements/new/")
    press(page, "Start the agreement")
    summary = page.get_by_role("alert")
    summary.get_by_role("link", name="Enter title").click()
    expect(page.get_by_label("Title")).to_be_focused()
    check_page(page)
