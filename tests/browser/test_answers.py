"""Pages of figures begin with their answer: measured in a wide and a narrow window, on paper, and by clicks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from partnerships.models import Agreement, AgreementSummary
from pooledcare.directory.access import system_actor
from pooledcare.directory.history import record
from pooledcare.directory.models import Organisation
from tests import databases, factories
from tests.browser.pages import check_page, follow, log_in, open_page

# Width of the window, and where the sentence and the first figure must end.
WINDOWS = [(1280, 600), (320, 568)]
LISTS_BEGIN_BY = 500
PAPER = 718  # an A4 page with margins of 15 mm, in CSS pixels less than 180 mm

# Each with its sentence: in every state that a page can have.
ANSWERS = {
    "/": "NHS England allocated £121.84 billion to 42 boards for 2024-25: £1,908 a head, 2.6% more than 2023-24.",
    "/?year=2025-26&basis=allocation": "Running-cost allowance is all that is known for 2025-26. NHS England allocated "
    "£828.3 million of it to 42 boards: £12.97 a head, 8.9% less than 2024-25.",
    "/?year=2021-22&basis=budget": "Councils budgeted £18.37 billion net for adult social care in 2021-22: "
    "150 of 152 figures reported.",
    "/?year=2019-20&basis=outturn": "No outturn of 2019-20 is published here.",
    "/places/somerset/": "NHS Somerset has £1,727.82 a head of core NHS allocation for 2024-25, the 6th highest of "
    "42 boards and 6.3% above England.",
    "/places/somerset/?year=2025-26": "Running-cost allowance is all that is known for 2025-26. NHS Somerset has "
    "£13.20 a head of it, the equal 22nd highest of 42 boards and 1.8% above England.",
    "/organisations/QSL/": "NHS Somerset has £1,727.82 a head of core NHS allocation for 2024-25, the 6th highest of "
    "42 boards and 6.3% above England.",
    "/organisations/QSL/?year=2025-26": "Running-cost allowance is all that is known for 2025-26. NHS Somerset has "
    "£13.20 a head of it, the equal 22nd highest of 42 boards and 1.8% above England.",
    "/organisations/QSL/?year=2022-23": "No 2022-23 figures of NHS Somerset are held. The latest are of 2025-26.",
    "/organisations/E06000066/": "No figures of Somerset Council are held. Before it, Somerset County Council spent "
    "£276.38 a head net on adult social care in 2022-23, the 12th lowest of 150 councils and 22.4% below England.",
    "/organisations/E10000027/": "Somerset County Council spent £276.38 a head net on adult social care in 2022-23, "
    "the 12th lowest of 150 councils and 22.4% below England.",
    "/organisations/E08000025/": "Birmingham City Council budgeted £300.87 a head net for adult social care in "
    "2021-22, the 49th lowest of 149 councils and 6.4% below England.",
    "/organisations/16C/": "No figures of NHS Tees Valley CCG are held. Its functions are now with NHS North East and "
    "North Cumbria Integrated Care Board.",
    "/streams/": "18 funding streams; 6 have figures, the latest for 2025-26. The largest is core NHS allocation, "
    "£103.82 billion for 2024-25.",
    "/streams/nhs-core/": "NHS England allocated £103.82 billion of core NHS allocation to 42 boards for 2024-25: "
    "£1,626 a head, 2.5% more than 2023-24.",
    "/streams/adult-social-care/": "Councils spent £20.15 billion net on adult social care in 2022-23: 151 of 152 "
    "figures reported.",
    "/streams/primary-dental/": "No published figures of primary dental care are held.",
    "/streams/nhs-core/a-head/?body=QSL": "NHS Somerset has £1,727.82 a head of core NHS allocation for 2024-25, the "
    "6th highest of 42 boards and 6.3% above England.",
}
WITHOUT_CARDS = {
    "/?year=2019-20&basis=outturn", "/organisations/QSL/?year=2022-23", "/organisations/16C/", "/streams/",
    "/streams/primary-dental/",
}  # fmt: skip
LISTS = ["/places/", "/organisations/", "/streams/", "/publications/", "/agreements/", "/law/", "/law/instruments/"]
LISTS_OF_MEMBERS = ["/uploads/", "/uploads/layouts/", "/agreements/", "/members/", "/audit/"]
TABS = ["schemes/", "versions/", "governance/"]
# Where the sentence and the words of the first figure end, from the top of the page.
ENDS = """() => {
  const end = (node) => {
    if (!node) return null
    const range = document.createRange()
    range.selectNodeContents(node)
    return Math.round(range.getBoundingClientRect().bottom + scrollY)
  }
  const sentence = document.querySelector(".pc-answer__sentence")
  const figure = document.querySelector(".pc-cards__figure")
  return {words: sentence.innerText, sentence: end(sentence), figure: end(figure && figure.firstChild)}
}"""
WIDEST = """() => [...document.querySelectorAll("table")].filter(t => t.checkVisibility())
  .map(t => [t.caption.innerText, Math.round(t.getBoundingClientRect().right)])"""


@pytest.fixture
def template() -> Callable[[], str]:
    return databases.england


@pytest.fixture(autouse=True)
def _demonstration(settings) -> None:
    settings.DEMO = True


def test_sentence_and_first_figure_are_on_the_first_screen_of_every_page(browser_page: Callable[..., Page]):
    wrong = []
    for width, limit in WINDOWS:
        page = browser_page(width=width)
        for address, words in ANSWERS.items():
            open_page(page, address)
            found = page.evaluate(ENDS)
            if found["words"] != words:
                wrong.append(f"{address} says: {found['words']}")
            ends = [found["sentence"], found["figure"]]
            if (found["figure"] is None) != (address in WITHOUT_CARDS) or any(end and end > limit for end in ends):
                wrong.append(f"{address} at {width}: sentence and first figure end at {ends}")
    assert not wrong, "\n".join(wrong)


def begin_late(page: Page, addresses: list[str]) -> list[tuple[str, float | None]]:
    """The lists that do not begin within the first 500 pixels, each with where it begins."""
    found = []
    for address in addresses:
        open_page(page, address)
        box = page.locator(".pc-table").first.bounding_box() if page.locator(".pc-table").count() else None
        found.append((address, box["y"] if box else None))
    return [(address, begins) for address, begins in found if begins is None or begins > LISTS_BEGIN_BY]


def agreements(*partners: Organisation) -> list[Agreement]:
    """Published ones that take all that the sentence above their list can say, two lines of it."""
    ends = timezone.localdate() + dt.timedelta(days=200)
    given = {"partners": list(partners), "is_published": True}
    made = [factories.signed_agreement(title=f"Arrangement {n} (example)", end_on=ends, **given) for n in range(13)]
    AgreementSummary.objects.filter(agreement__in=made[:10]).update(unlawful_count=1, verdict="unlawful")
    AgreementSummary.objects.filter(agreement__in=made[10:]).update(not_settled_count=1, state="ended")
    return made


def test_lists_of_members_begin_on_the_first_screen(browser_page: Callable[..., Page], live: str):
    board = Organisation.objects.get(code="QSL", closed=None)
    roles = ["finance_officer", "finance_approver", "org_admin", "governance_lead", "auditor"]
    agreements(board, Organisation.objects.get(code="E06000066", closed=None))
    factories.upload(organisation=board)
    factories.layout(organisation=board)
    record(by=system_actor("example"), action="example", subject="example", sentence="Example", organisation="QSL")
    page = browser_page()
    log_in(page, factories.member(organisation=board, roles=roles), live)
    open_page(page, "/agreements/?sort=agreements.4")
    sentence = page.locator(".pc-answer__sentence").bounding_box()
    assert sentence is not None
    assert sentence["height"] > 50, "two lines"
    assert begin_late(page, LISTS_OF_MEMBERS) == []


def test_lists_begin_on_the_first_screen_and_no_table_is_cut_on_paper(browser_page: Callable[..., Page]):
    made = agreements(*Organisation.objects.filter(code__in=["QSL", "E06000066"], closed=None))
    page = browser_page()
    assert begin_late(page, [*LISTS, *(f"/agreements/{made[0].reference}/{tab}" for tab in TABS)]) == []
    page.set_viewport_size({"width": PAPER, "height": 1000})
    page.emulate_media(media="print")
    cut = []
    for address in [*ANSWERS, *LISTS]:
        open_page(page, address)
        page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true })")
        cut += [(address, *table) for table in page.evaluate(WIDEST) if table[1] > PAPER]
    assert not cut


def test_how_much_core_money_somerset_has_a_head_and_whether_it_is_more_takes_two_clicks(
    browser_page: Callable[..., Page],
):
    page = browser_page()
    open_page(page, "/")

    follow(page, page.get_by_role("link", name="Core NHS allocation", exact=True).first)
    follow(page, page.get_by_role("link", name="NHS Somerset Integrated Care Board").first)

    for words in (
        "NHS Somerset has £1,727.82 a head of core NHS allocation for 2024-25",
        "NHS Somerset has more a head than 9 of the 10 boards nearest in population.",
    ):
        expect(page.get_by_text(words)).to_be_in_viewport()


@pytest.mark.parametrize("js", [True, False], ids=["with scripts", "without scripts"])
def test_a_reader_sorts_a_table_changes_its_unit_and_chooses_peers(js: bool, browser_page: Callable[..., Page]):
    page = browser_page(js=js, width=320)
    open_page(page, "/streams/nhs-core/a-head/?body=QSL")
    check_page(page)
    follow(page, page.get_by_role("link", name="£000"))
    follow(page, page.get_by_role("link", name="Holder", exact=True))
    first = page.locator("#table-a-head tbody th").first
    names = page.locator("#table-a-head tbody th a").all_inner_texts()
    assert names == sorted(names, key=str.casefold)
    expect(page.get_by_role("columnheader", name="Holder")).to_have_attribute("aria-sort", "ascending")
    expect(page.get_by_role("columnheader", name="Amount (£000)")).to_be_visible()

    page.get_by_text("Year, and who is compared").click()
    page.get_by_label("With", exact=True).select_option("Same region")
    with page.expect_navigation():
        page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("boards of the same region.")).to_be_visible()
    assert "unit=thousands" in page.url
    expect(first).to_be_visible()
    check_page(page)


def test_a_word_of_the_glossary_opens_where_it_stands_by_keyboard_and_without_scripts(
    browser_page: Callable[..., Page],
):
    page = browser_page(js=False, width=320)
    open_page(page, "/streams/")
    heading = page.get_by_role("columnheader", name="Ring-fenced")
    mark = heading.locator("summary")
    mark.focus()
    closed = heading.bounding_box()
    meaning = page.get_by_text("A condition that money may be spent on its purpose only.")
    expect(meaning).to_be_hidden()
    page.keyboard.press("Enter")
    expect(meaning).to_be_visible()
    page.keyboard.press("Enter")
    expect(meaning).to_be_hidden()
    page.evaluate("document.querySelectorAll('.pc-term').forEach(e => e.remove())")
    box = heading.bounding_box()
    assert closed is not None
    assert box is not None
    assert box["height"] == closed["height"], "A closed mark takes no line of its own."


def test_headings_and_first_column_stay_in_sight_and_the_table_is_copied(browser_page: Callable[..., Page]):
    page = browser_page(width=320)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_page(page, "/streams/nhs-core/a-head/")
    region = page.locator(".pc-table--long .nhsuk-scroll__content").first
    region.evaluate("e => e.scrollTo(250, 600)")
    box, name, head = (
        one.bounding_box() for one in (region, region.locator("tbody th").nth(20), region.locator("thead th").nth(1))
    )
    assert box is not None
    assert name is not None
    assert head is not None
    assert abs(name["x"] - box["x"]) < 2, "the names"
    assert abs(head["y"] - box["y"]) < 2, "the headings"

    region.focus()
    page.keyboard.press("Control+c")
    expect(page.locator("#pc-copied")).to_have_text("Copied")
    lines = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert lines[0].split("\t")[:3] == ["Holder", "A head", "Amount"]
    assert lines[-1].split("\t")[:3] == ["England: 42 together", "£1,625.97", "£103,817,368,000"]
    assert len(lines) == 44

    page.get_by_role("link", name="Copy the link").first.click()
    expect(page.get_by_role("link", name="Copied").first).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").endswith("/streams/nhs-core/a-head/#table-a-head")
