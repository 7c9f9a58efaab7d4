"""The pages of the story of the world: as they stood on any day, for partners and for everybody, and what they cost."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone

from partnerships.changing.agreement import refresh_summaries
from partnerships.documents.committee_paper import OPEN
from partnerships.models import (
    Approval,
    Board,
    BoardQuorum,
    BoardSeat,
    Decision,
    Deed,
    Notice,
    Occurrence,
    Partner,
    Scheme,
    SchemeFunction,
    SchemeTerms,
)
from partnerships.queries.agreements.detail import reading
from partnerships.queries.agreements.reach import agreement_reached
from partnerships.rules.agreements import content_hash
from partnerships.tabs import TABS
from pooledcare.directory.models import User
from tests import factories
from tests.budgets.public import printed, printed_tables
from tests.costs import cost
from tests.kernel.documents.papers import pages_of_pdf, paper, solid, words_of_docx, words_of_pdf
from tests.partnerships.reading_agreements import (
    EVERY_TAB,
    TABS_OF_ALL,
    dental,
    everything_in,
    logged_in,
    page_of,
)
from tests.world import World
from tests.world_story import VARIED

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("law")]

CANARY = "CANARY"
EVERYWHERE = [
    *TABS_OF_ALL, "schemes/diagnostics-nearer-home/", "deeds/1/", "summary.docx", "summary.pdf", "?as_at=2028-01-01",
    "versions/?to=2028-01-01", "terms/?as_at=2028-01-01", "summary.pdf?as_at=2028-01-01",
]  # fmt: skip


@pytest.mark.slow
def test_what_is_recorded_for_partners_is_on_no_page_of_others(client, told: World):
    story = told.story
    stranger = logged_in(factories.member(organisation=factories.organisation(), roles=["governance_lead"]))
    walked = 0
    for reader in (client, stranger):
        for address in [f"/agreements/{story.reference}/{tab}" for tab in EVERYWHERE] + [
            "/agreements/", "/agreements/download/?format=csv", "/agreements/download/?format=xlsx",
            "/search/?q=canary", "/search/?q=mereshire", "/organisations/E10000999/", "/places/mereshire/",
        ]:  # fmt: skip
            answer = reader.get(address)
            assert answer.status_code == 200, address
            words = everything_in(answer)
            assert CANARY not in words, address
            names = "agreements" in address and "Hospitals" in words
            assert not names, f"{address} names who joins by an open deed"
            walked += 1
    assert walked > 40
    partner = logged_in(factories.member(organisation=told.icb.organisation, roles=["viewer"]))
    assert CANARY in everything_in(partner.get(f"/agreements/{story.reference}/governance/"))


@pytest.mark.parametrize(
    ("asked", "aims", "partner_then"),
    [
        ({"as_at": "2022-03-31"}, "What is agreed on: aims and outcomes.", "NHS Mereshire CCG"),
        ({"as_at": "2022-04-01"}, "better outcomes", "NHS Mereshire CCG"),
        ({"as_at": "2022-06-30"}, "better outcomes", "NHS Mereshire CCG"),
        ({"as_at": "2022-07-01"}, "better outcomes", "NHS Mereshire Integrated Care Board in place of"),
        ({"as_at": "2022-04-01", "known_at": "2022-03-11"}, "What is agreed on: aims and outcomes.", "CCG"),
        ({"as_at": "2022-04-01", "known_at": "2022-03-12"}, "better outcomes", "CCG"),
    ],
)
def test_a_page_shows_the_agreement_as_it_stood_and_says_so(client, asked, aims: str, partner_then: str, told: World):
    page = page_of(client, told.story, **asked)
    words = printed(page)
    assert aims in words
    assert partner_then in words
    assert "as at" in words


def test_the_day_is_kept_from_tab_to_tab(client, told: World):
    made = told.story
    page = page_of(client, made, "schemes/", as_at="2022-04-01", known_at="2022-05-01").content.decode()
    for tab in TABS:
        if not tab.partners_only:
            assert f"{tab.route.partition('agreement-')[2].replace('detail', '')}" in page
    assert page.count("?as_at=2022-04-01&amp;known_at=2022-05-01") >= 8
    assert "/schemes/diagnostics-nearer-home/?as_at=2022-04-01&amp;known_at=2022-05-01" in page


@pytest.mark.parametrize("asked", [{"as_at": "2020-01-01"}, {"known_at": "2020-01-01"}])
def test_a_day_with_nothing_to_read_says_so(client, asked, told: World):
    made = told.story
    for tab in TABS_OF_ALL:
        page = page_of(client, made, tab, **asked)
        assert page.status_code == 200, tab
        if tab not in ("versions/", "deeds/0/", "governance/", "findings/"):
            assert "no text that you can read" in printed(page) or "not in force" in printed(page), tab


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("as_at=31/2/2025", "As at must be a real date"),
        ("as_at=2022-04-01&as_at=2022-04-02", "Give as at only once"),
        ("known_at=2999-01-01", "Signed by must be a date from 1900 to today"),
    ],
)
def test_a_day_that_is_none_is_said_at_the_field(asked: str, message: str, told: World):
    story = told.story
    reader = logged_in(factories.member(organisation=told.icb.organisation, roles=["viewer"]))
    for tab in EVERY_TAB:
        page = reader.get(f"/agreements/{story.reference}/{tab}?{asked}")
        assert page.status_code == 400, tab
        assert message in printed(page), tab


def test_the_overview_says_who_with_whom_what_until_when_and_whether_it_is_lawful(client, told: World):
    story = told.story
    words = printed(page_of(client, story))
    for expected in (
        "Illustrative", "In operation", "Mereshire County Council",
        "in place of NHS Mereshire CCG since 1 July 2022",
        "1 April 2021 to 31 March 2029", "6 months", "Section 75, NHS Act 2006", "Pooled fund", "Unlawful",
        "Since 1 April 2021",
    ):  # fmt: skip
        assert expected in words
    assert "Who must act" not in words
    assert "integrated arrangement" not in words


def test_partners_see_who_must_act(told: World):
    story = told.story
    reader = logged_in(factories.member(organisation=told.council.organisation, roles=["viewer"]))
    words = printed(page_of(reader, story))
    assert "Mereshire County Council has asked for changes to deed 2." in words
    assert "have not approved deed 2 yet." in words
    assert "Existing integrated arrangement" in words


def test_a_scheme_shows_its_functions_with_their_rules_of_the_day(client, told: World):
    page = page_of(client, told.story, "schemes/diagnostics-nearer-home/", as_at="2022-08-01")
    (_, row) = printed_tables(page)["Functions"]
    assert row[2] == "Endoscopy"
    assert "/law/?as_at=2022-08-01&amp;function=nhs-s3" in page.content.decode()
    assert "3 months" in printed(page)
    assert "This scheme is not in force on 31 March 2022" in printed(
        page_of(client, told.story, "schemes/diagnostics-nearer-home/", as_at="2022-03-31")
    )


def test_funds_show_host_and_manager_on_the_day(client, told: World):
    made = told.story
    assert "Host NHS Mereshire CCG" in printed(page_of(client, made, "schemes/", as_at="2022-01-01"))
    assert "Head of joint commissioning" in printed(page_of(client, made, "schemes/"))


def test_the_former_page_of_funds_leads_to_schemes_and_funds(client, told: World):
    answer = page_of(client, told.story, "funds/", as_at="2022-01-01")
    assert (answer.status_code, answer["Location"]) == (
        301,
        f"/agreements/{told.story.reference}/schemes/?as_at=2022-01-01#funds",
    )


def test_findings_cite_their_regulation_and_lead_to_the_instrument(client, told: World):
    page = page_of(client, told.story, "findings/")
    rows = printed_tables(page)["Unlawful: must be put right"]
    endoscopy = [row[1:3] + row[4:5] for row in rows[1:] if "Endoscopy" in row[0]]
    assert endoscopy == 2 * [["Diagnostics nearer home", "Take endoscopy out of the scheme.", "SI 2000/617 reg 5(a)"]]
    assert "/law/instruments/si-2000-617/" in page.content.decode()
    earlier = printed_tables(page_of(client, told.story, "findings/", as_at="2022-03-31"))
    assert not any("Endoscopy" in row[0] for row in earlier["Unlawful: must be put right"])


def test_a_proposal_is_switched_on_for_one_agreement(client, told: World):
    story = told.story
    terms = dental(told)
    assert terms.functions.count() == 1
    address = "findings/?with=dental-ophthalmic-pharmaceutical-2015"
    changed = printed_tables(page_of(client, story, address))["What the proposal changes"]
    assert [row[1:4:2] for row in changed[1:]] == [["Unlawful", "Lawful"]]
    assert page_of(client, story, "findings/?with=si-2015-1940").status_code == 400


def test_partners_see_what_the_open_deed_would_change_in_law(told: World):
    story = told.story
    reader = logged_in(factories.member(organisation=told.council.organisation, roles=["viewer"]))
    tables = printed_tables(page_of(reader, story, "findings/"))
    assert any(
        "without the consent of NHS Mereshire Integrated Care Board" in row[2]
        for row in tables["What the deed changes"]
    )


def test_the_difference_between_two_days_is_readable(client, told: World):
    made = told.story
    address = "versions/?from=2022-03-31&to=2022-07-01"
    words = printed(page_of(client, made, address))
    assert "Scheme: Diagnostics nearer home Added" in words
    assert "Partner: NHS Mereshire CCG Removed" in words
    assert "Deleted: outcomes." in words
    assert "Added: better outcomes for older people." in words
    same = printed(page_of(client, made, "versions/?from=2022-04-02&to=2022-04-03"))
    assert "The agreement reads the same on 2 April 2022 and on 3 April 2022." in same
    unknown = printed(page_of(client, made, "versions/?from=2022-03-31&to=2022-04-01&known_at=2022-03-11"))
    assert "reads the same" in unknown


def test_void_words_are_marked_and_for_partners_only(client, told: World):
    story = told.story
    reader = logged_in(factories.member(organisation=told.council.organisation, roles=["viewer"]))
    rows = printed_tables(page_of(reader, story, "versions/"))["Partners’ decisions on each deed"]
    assert [(row[2], row[5].split()[0]) for row in rows[1:]] == [("Changes requested", "Yes"), ("Approved", "Void")]
    assert "Partners’ decisions" not in printed(page_of(client, story, "versions/"))


def test_a_deed_shows_what_it_changes_and_its_hash(client, told: World):
    story = told.story
    words = printed(page_of(client, story, "deeds/1/"))
    assert "Scheme: Diagnostics nearer home Added" in words
    assert "Clause: Aims and outcomes Changed" in words
    reader = logged_in(factories.member(organisation=told.council.organisation, roles=["viewer"]))
    found = agreement_reached(story.reference, actor=factories.actor(User.objects.latest("pk")))
    assert found
    record = reading(found).record
    assert content_hash(record, record.deeds[-1]) in printed(page_of(reader, story, "deeds/2/"))


def test_tasks_list_what_is_unlawful_and_what_is_missing_with_the_regulation(told: World):
    story = told.story
    reader = logged_in(factories.member(organisation=told.council.organisation, roles=["viewer"]))
    page = printed_tables(page_of(reader, story, "tasks/"))
    unlawful = {row[0]: row[1:] for row in page["What is unlawful"][1:]}
    (consent,) = [sentence for sentence in unlawful if "without the consent of" in sentence]
    assert unlawful[consent] == [
        "The whole agreement",
        "Obtain the missing consent, and record it.",
        "SI 2000/617 reg 7(2) and 9(2)",
    ]
    assert any("Endoscopy" in sentence for sentence in unlawful)
    assert not any("consented" in row[0] for row in page["What is still missing"][1:])
    assert page["Dates ahead"][1][:2] == ["Review", "1 October 2027"]


@pytest.mark.parametrize(("role", "leads_to"), [("viewer", "governance/"), ("pool_manager", "consents/new/")])
def test_a_task_leads_to_where_it_is_done_for_whoever_may_do_it(role: str, leads_to: str, told: World):
    story = told.story
    reader = logged_in(factories.member(organisation=told.council.organisation, roles=[role]))
    page = page_of(reader, story, "tasks/").content.decode()
    task = re.search(r'href="([^"]+)"[^>]*>\s*Obtain the missing consent', page)
    assert task
    assert task[1] == f"/agreements/{story.reference}/{leads_to}"


def test_governance_shows_partners_then_and_now_and_what_is_recorded(told: World):
    story = told.story
    reader = logged_in(factories.member(organisation=told.icb.organisation, roles=["viewer"]))
    tables = printed_tables(page_of(reader, story, "governance/"))
    periods = {row[0]: row[3:] for row in tables["Current and former partners"][1:]}
    assert periods["NHS Mereshire CCG No longer"] == ["1 April 2021", "30 June 2022", "With the agreement"]
    assert periods["NHS Mereshire Integrated Care Board"][2] == "In place of NHS Mereshire CCG"
    assert periods["Mereshire Hospitals NHS Trust Not yet"][2] == "By deed 2, not signed yet"
    words = printed(page_of(reader, story, "governance/"))
    assert "2 of Mereshire County Council" in words
    assert "Breaks the principle of doing no harm" in words
    assert "Awaited" in words
    before = printed_tables(page_of(reader, story, "governance/", known_at="2022-01-01"))
    assert "Notices" not in before
    assert "Decisions" not in before


def test_the_summary_is_a_paper_with_numbered_paragraphs_as_page_and_document(client, told: World):
    made = told.story
    words = printed(page_of(client, made, "summary/"))
    assert "1. What this paper is about 1.1 This paper sets out" in words
    assert "2.1 Mereshire County Council (commissions services; contributes) since 1 April 2021." in words
    forms = {ending: page_of(client, made, f"summary.{ending}") for ending in ("docx", "pdf")}
    for ending, answer in forms.items():
        assert answer["Content-Disposition"] == f'attachment; filename="{made.reference}.{ending}"'
    assert forms["pdf"]["Content-Type"] == "application/pdf"
    assert forms["docx"]["Content-Type"].endswith("wordprocessingml.document")
    said = solid(words_of_docx(forms["docx"].content))
    assert said.startswith(solid("Mereshire joint arrangements for older people Agreement"))
    assert said in solid(words)
    today = timezone.localdate()
    frame = paper(paper_type="Summary of an agreement", classification=OPEN, as_at=today, printed_on=today)
    assert words_of_pdf(forms["pdf"].content, frame) == said


def test_the_files_of_a_summary_are_as_at_the_days_of_the_page(client, told: World):
    story = told.story
    days = "?as_at=2022-04-01&known_at=2022-03-11"
    page = page_of(client, story, "summary/", as_at="2022-04-01", known_at="2022-03-11")
    links = re.findall(r'href="([^"]+summary\.(?:pdf|docx)[^"]*)"', page.content.decode())
    assert links == [
        f"/agreements/{story.reference}/summary.{each}{days.replace('&', '&amp;')}" for each in ("pdf", "docx")
    ]
    pdf = client.get(f"/agreements/{story.reference}/summary.pdf{days}").content
    assert "As at 1 April 2022" in " ".join(pages_of_pdf(pdf))
    assert "Deeds signed after 11 March 2022 are left out." in " ".join(pages_of_pdf(pdf))


def test_documents_are_files_to_save_and_exempt_ones_are_for_partners(client, told: World):
    story = told.story
    paper, exempt = (story.documents.get(is_exempt=is_exempt) for is_exempt in (False, True))
    address = f"/agreements/{story.reference}/documents/"
    answer = client.get(f"{address}{paper.pk}/")
    assert answer.status_code == 200
    assert answer.getvalue() == b"An example paper."
    assert answer["Content-Disposition"] == 'attachment; filename="paper.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "application/octet-stream"
    assert client.get(f"{address}{exempt.pk}/").status_code == 302
    reader = logged_in(factories.member(organisation=told.icb.organisation, roles=["viewer"]))
    assert reader.get(f"{address}{exempt.pk}/").getvalue() == b"An example paper."
    of_open_deed = factories.document(story, is_exempt=False, deed=story.deeds.get(number=2))
    assert client.get(f"{address}{of_open_deed.pk}/").status_code == 302
    removed = factories.document(story, removed_at=story.created_at)
    assert reader.get(f"{address}{removed.pk}/").status_code == 404
    other = factories.document(factories.whole_agreement())
    assert reader.get(f"{address}{other.pk}/").status_code == 404


@pytest.mark.slow
def test_a_page_costs_the_same_queries_for_a_larger_agreement(told: World):
    story = told.story
    reader = logged_in(factories.member(organisation=told.icb.organisation, roles=["governance_lead"]))
    addresses = [f"/agreements/{story.reference}/{tab}" for tab in EVERY_TAB]
    few = {address: cost(reader, address) for address in addresses}
    enlarge(told)
    assert {address: cost(reader, address) for address in addresses} == few
    assert max(few.values()) < 60


def enlarge(told: World) -> None:
    """Ten more of everything, by a signed deed and beside it."""
    made, council = told.story, told.council.organisation
    mine = {"agreement": made, "organisation": council, "actor": "system:example"}
    for n in range(10):
        deed = Deed.objects.create(
            agreement=made, number=n + 3, kind="variation", state="withdrawn", effective_on=VARIED
        )
        Approval.objects.create(
            deed=deed, organisation=council, actor="system:example", decision="approved", content_hash="0" * 64
        )
        terms = SchemeTerms.objects.create(
            deed=made.deeds.get(number=2), scheme=Scheme.objects.create(agreement=made, slug=f"more-{n}"),
            name=f"More {n}", lead=told.icb.organisation,
        )  # fmt: skip
        SchemeFunction.objects.create(terms=terms, function=factories.function("nhs-s3"), holder=told.icb.organisation)
        Partner.objects.create(
            agreement=made, deed=made.deeds.get(number=2), organisation=factories.council(), role="provider"
        )
        panel = Board.objects.create(agreement=made, name=f"Board {n}", form="officer_board")
        BoardSeat.objects.create(board=panel, organisation=told.icb.organisation, post="Officer")
        BoardQuorum.objects.create(board=panel, organisation=told.icb.organisation, least=1)
        Decision.objects.create(**mine, body="cabinet", reference=f"Minute {n}", decided_on=VARIED)
        Notice.objects.create(**mine, given_on=VARIED, takes_effect_on=dt.date(2028, 1, 5))
        Occurrence.objects.create(**mine, kind="direction", happened_on=VARIED, evidence="Event")
        factories.document(made)
    refresh_summaries([made])
