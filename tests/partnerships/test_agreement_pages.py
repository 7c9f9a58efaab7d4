"""The pages on which agreements are read: what partners and others see of them, as at any day, and what it costs."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile

import pytest
from django.test import Client
from django.utils import timezone

from partnerships.changing.agreement import refresh_summaries
from partnerships.documents.committee_paper import FOR_PARTNERS, OPEN
from partnerships.models import (
    Agreement,
    Approval,
    Board,
    BoardQuorum,
    BoardSeat,
    Clause,
    Decision,
    Deed,
    Notice,
    Occurrence,
    Partner,
    Publication,
    Scheme,
    SchemeFunction,
    SchemeTerms,
)
from partnerships.queries.agreements.detail import reading
from partnerships.queries.agreements.reach import agreement_reached
from partnerships.rules.agreements import content_hash
from partnerships.tabs import TABS
from pooledcare.directory.access import system_actor
from pooledcare.directory.history import record
from pooledcare.directory.models import Organisation, User
from tests import factories
from tests.budgets.public import printed, printed_tables
from tests.costs import cost
from tests.kernel.documents.papers import pages_of_pdf, paper, solid, words_of_docx, words_of_pdf
from tests.partnerships.reading_agreements import dental, logged_in, published
from tests.partnerships.whole_story import VARIED, story

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("law")]

TABS_OF_ALL = [
    "", "schemes/", "schemes/reablement/", "funds/", "terms/", "findings/", "versions/", "deeds/0/", "governance/",
    "summary/",
]  # fmt: skip
TABS_OF_PARTNERS = ["tasks/", "history/"]
EVERY_TAB = [*TABS_OF_ALL, *TABS_OF_PARTNERS, "summary.docx", "summary.pdf"]


@pytest.fixture
def board() -> Organisation:
    return factories.organisation(name="NHS Mereshire Integrated Care Board", code="QMS")


@pytest.fixture
def county() -> Organisation:
    return factories.council(name="Mereshire County Council", kind="county", code="E10000999")


@pytest.fixture
def partner(client, board) -> Client:
    return logged_in(factories.member(organisation=board, roles=["viewer"]))


def vary(made: Agreement, *, signed: bool = False, is_published: bool = False, **fields) -> Deed:
    """A deed that writes one clause anew."""
    values = {"number": made.deeds.count(), "kind": "variation", "effective_on": VARIED, "summary": "Widens the aims."}
    deed = Deed.objects.create(agreement=made, **values | fields)
    Clause.objects.create(deed=deed, kind="aims", text="What is agreed on: aims and better outcomes.")
    if signed:
        deed.state, deed.signed_on = "signed", VARIED - dt.timedelta(days=10)
        deed.published_on = deed.signed_on if is_published else None
        deed.save()
    refresh_summaries([made])
    return deed


def page_of(client: Client, made: Agreement, tab: str = "", **asked):
    return client.get(f"/agreements/{made.reference}/{tab}", asked)


# --- who reads what --------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("tab", TABS_OF_ALL)
def test_everybody_reads_every_page_of_what_all_partners_have_published(client, board, county, tab: str):
    page = page_of(client, published(board, county), tab)
    assert page.status_code == 200
    assert "Mereshire joint arrangements" in printed(page)
    assert "You see what every partner of this agreement has published." in printed(page)


@pytest.mark.parametrize("tab", TABS_OF_ALL + TABS_OF_PARTNERS)
def test_partners_read_every_page_of_a_draft(partner, board, county, tab: str):
    made = factories.whole_agreement(partners=[board, county], title="Mereshire joint arrangements")
    page = page_of(partner, made, tab)
    assert page.status_code == 200
    assert "Mereshire joint arrangements" in printed(page)


@pytest.mark.parametrize("tab", [*TABS_OF_ALL, *TABS_OF_PARTNERS, "summary.docx", "summary.pdf", "documents/1/"])
def test_a_draft_is_out_of_everybody_elses_reach(client, board, county, tab: str):
    made = factories.whole_agreement(partners=[board, county])
    stranger = logged_in(factories.member(organisation=factories.organisation(), roles=["governance_lead"]))
    for reference in (made.reference, "S75-99999", "nonsense"):
        answer = client.get(f"/agreements/{reference}/{tab}")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/account/login/?next=")
        assert stranger.get(f"/agreements/{reference}/{tab}").status_code == 404


@pytest.mark.parametrize("tab", [*TABS_OF_PARTNERS, "deeds/1/", "deeds/9/", "schemes/other/", "documents/1/"])
def test_what_is_for_partners_is_out_of_reach_in_a_published_agreement_too(client, board, county, tab: str):
    made = published(board, county)
    vary(made)
    assert page_of(client, made, tab).status_code == 302
    stranger = logged_in(factories.member(organisation=factories.organisation(), roles=["viewer"]))
    assert page_of(stranger, made, tab).status_code == 404


def test_tabs_of_partners_are_not_offered_to_others(client, partner, board, county):
    made = published(board, county)
    for_all = [tab.label for tab in TABS if not tab.partners_only]
    assert _tabs(page_of(client, made)) == for_all
    assert _tabs(page_of(partner, made)) == [tab.label for tab in TABS]


def _tabs(page) -> list[str]:
    return re.findall(r'class="pc-tabs__link"[^>]*>([^<]+)<', page.content.decode())


CANARY = "CANARY"
EVERYWHERE = [
    *TABS_OF_ALL, "schemes/diagnostics/", "deeds/1/", "summary.docx", "summary.pdf", "?as_at=2028-01-01",
    "versions/?to=2028-01-01", "terms/?as_at=2028-01-01", "summary.pdf?as_at=2028-01-01",
]  # fmt: skip


@pytest.mark.slow
def test_what_is_recorded_for_partners_is_on_no_page_of_others(client):
    told = story()
    stranger = logged_in(factories.member(organisation=factories.organisation(), roles=["governance_lead"]))
    walked = 0
    for reader in (client, stranger):
        for address in [f"/agreements/{told.agreement.reference}/{tab}" for tab in EVERYWHERE] + [
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
    assert CANARY in everything_in(logged_in(factories.member(organisation=told.board, roles=["viewer"])).get(
        f"/agreements/{told.agreement.reference}/governance/"
    ))  # fmt: skip


def everything_in(answer) -> str:
    """The words of an answer, of packed files and PDFs too."""
    body = answer.getvalue()
    if body.startswith(b"%PDF-"):
        return " ".join(pages_of_pdf(body))
    if body[:2] != b"PK":
        return body.decode()
    packed = zipfile.ZipFile(io.BytesIO(body))
    return " ".join(packed.read(name).decode(errors="replace") for name in packed.namelist())


# --- as it stood -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "aims", "partner_then"),
    [
        ({"as_at": "2025-03-31"}, "What is agreed on: aims and outcomes.", "NHS Mereshire Group"),
        ({"as_at": "2025-04-01"}, "better outcomes", "NHS Mereshire Group"),
        ({"as_at": "2025-06-30"}, "better outcomes", "NHS Mereshire Group"),
        ({"as_at": "2025-07-01"}, "better outcomes", "NHS Mereshire Integrated Care Board in place of"),
        ({"as_at": "2025-04-01", "known_at": "2025-03-11"}, "What is agreed on: aims and outcomes.", "Group"),
        ({"as_at": "2025-04-01", "known_at": "2025-03-12"}, "better outcomes", "Group"),
    ],
)
def test_a_page_shows_the_agreement_as_it_stood_and_says_so(client, asked, aims: str, partner_then: str):
    page = page_of(client, story().agreement, **asked)
    words = printed(page)
    assert aims in words
    assert partner_then in words
    assert "as at" in words


def test_the_day_is_kept_from_tab_to_tab(client):
    made = story().agreement
    page = page_of(client, made, "schemes/", as_at="2025-04-01", known_at="2025-05-01").content.decode()
    for tab in TABS:
        if not tab.partners_only:
            assert f"{tab.route.partition('agreement-')[2].replace('detail', '')}" in page
    assert page.count("?as_at=2025-04-01&amp;known_at=2025-05-01") >= 8
    assert "/schemes/diagnostics/?as_at=2025-04-01&amp;known_at=2025-05-01" in page


@pytest.mark.parametrize("asked", [{"as_at": "2020-01-01"}, {"known_at": "2020-01-01"}])
def test_a_day_with_nothing_to_read_says_so(client, asked):
    made = story().agreement
    for tab in TABS_OF_ALL:
        page = page_of(client, made, tab, **asked)
        assert page.status_code == 200, tab
        if tab not in ("versions/", "deeds/0/", "governance/", "findings/"):
            assert "no text that you can read" in printed(page) or "not in force" in printed(page), tab


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("as_at=31/3/2025", "As at must be a real date"),
        ("as_at=2025-04-01&as_at=2025-04-02", "Give as at only once"),
        ("known_at=2999-01-01", "Signed by must be a date from 1900 to today"),
    ],
)
def test_a_day_that_is_none_is_said_at_the_field(asked: str, message: str):
    told = story()
    reader = logged_in(factories.member(organisation=told.board, roles=["viewer"]))
    for tab in EVERY_TAB:
        page = reader.get(f"/agreements/{told.agreement.reference}/{tab}?{asked}")
        assert page.status_code == 400, tab
        assert message in printed(page), tab


# --- the tabs --------------------------------------------------------------------------------------------------------


def test_the_overview_says_who_with_whom_what_until_when_and_whether_it_is_lawful(client):
    told = story()
    words = printed(page_of(client, told.agreement))
    for expected in (
        "Illustrative", "In operation", "Mereshire County Council",
        "in place of NHS Mereshire Group since 1 July 2025",
        "1 April 2024 to 31 March 2029", "6 months", "Section 75, NHS Act 2006", "Pooled fund", "Unlawful",
        "Since 1 April 2024",
    ):  # fmt: skip
        assert expected in words
    assert "Who must act" not in words
    assert "integrated arrangement" not in words


def test_partners_see_who_must_act():
    told = story()
    reader = logged_in(factories.member(organisation=told.county, roles=["viewer"]))
    words = printed(page_of(reader, told.agreement))
    assert "Mereshire County Council has asked for changes to deed 2." in words
    assert "have not approved deed 2 yet." in words
    assert "Existing integrated arrangement" in words


def test_an_agreement_that_runs_unsigned_says_so(partner, board, county):
    made = factories.whole_agreement(partners=[board, county], of_agreement={"operating_since": dt.date(2024, 5, 1)})
    assert "Operating unsigned" in printed(page_of(partner, made))
    assert "Since 1 May 2024, although the agreement is not signed" in printed(page_of(partner, made))
    assert "Operating unsigned" in printed(partner.get("/agreements/?unsigned=1"))


def test_partners_who_have_not_published_are_named(partner, board, county):
    made = factories.signed_agreement(partners=[board, county])
    assert "No partner has published the agreement yet." in printed(page_of(partner, made))
    Publication.objects.create(deed=made.deeds.get(), organisation=board, actor="system:example")
    assert "Mereshire County Council has not published the agreement yet." in printed(page_of(partner, made))


def test_a_scheme_shows_its_functions_with_their_rules_of_the_day(client):
    page = page_of(client, story().agreement, "schemes/diagnostics/", as_at="2025-08-01")
    (_, row) = printed_tables(page)["Functions"]
    assert row[2] == "Endoscopy"
    assert "/law/?as_at=2025-08-01&amp;function=nhs-s3" in page.content.decode()
    assert "3 months" in printed(page)
    assert "This scheme is not in force on 31 March 2025" in printed(
        page_of(client, story_again(), "schemes/diagnostics/", as_at="2025-03-31")
    )


def story_again() -> Agreement:
    return Agreement.objects.get(summaries__title__startswith="Mereshire", summaries__audience="public")


def test_funds_show_host_and_manager_on_the_day(client):
    made = story().agreement
    assert "NHS Mereshire Group" in printed(page_of(client, made, "funds/", as_at="2025-01-01"))
    assert "Head of joint commissioning" in printed(page_of(client, made, "funds/"))


def test_findings_cite_their_regulation_and_lead_to_the_instrument(client):
    page = page_of(client, story().agreement, "findings/")
    rows = printed_tables(page)["Unlawful: must be put right"]
    assert any("Endoscopy" in row[0] and row[2] == "SI 2000/617 reg 5(a)" for row in rows[1:])
    assert "/law/instruments/si-2000-617/" in page.content.decode()
    earlier = printed_tables(page_of(client, story_again(), "findings/", as_at="2025-03-31"))
    assert not any("Endoscopy" in row[0] for row in earlier["Unlawful: must be put right"])


def test_a_proposal_is_switched_on_for_one_agreement(client):
    told = story()
    terms = dental(told)
    assert terms.functions.count() == 1
    address = "findings/?with=dental-ophthalmic-pharmaceutical-2015"
    changed = printed_tables(page_of(client, told.agreement, address))["What the proposal changes"]
    assert [row[1:4:2] for row in changed[1:]] == [["Unlawful", "Lawful"]]
    assert page_of(client, told.agreement, "findings/?with=si-2015-1940").status_code == 400


def test_partners_see_what_the_open_deed_would_change_in_law():
    told = story()
    reader = logged_in(factories.member(organisation=told.county, roles=["viewer"]))
    tables = printed_tables(page_of(reader, told.agreement, "findings/"))
    assert any(
        "without the consent of NHS Mereshire Integrated Care Board" in row[2]
        for row in tables["What the deed changes"]
    )


def test_the_difference_between_two_days_is_readable(client):
    made = story().agreement
    address = "versions/?from=2025-03-31&to=2025-07-01"
    words = printed(page_of(client, made, address))
    assert "Scheme: Diagnostics nearer home Added" in words
    assert "Partner: NHS Mereshire Group Removed" in words
    assert "Deleted: outcomes." in words
    assert "Added: better outcomes for older people." in words
    same = printed(page_of(client, made, "versions/?from=2025-04-02&to=2025-04-03"))
    assert "The agreement reads the same on 2 April 2025 and on 3 April 2025." in same
    unknown = printed(page_of(client, made, "versions/?from=2025-03-31&to=2025-04-01&known_at=2025-03-11"))
    assert "reads the same" in unknown


def test_void_words_are_marked_and_for_partners_only(client):
    told = story()
    reader = logged_in(factories.member(organisation=told.county, roles=["viewer"]))
    rows = printed_tables(page_of(reader, told.agreement, "versions/"))["Partners’ decisions on each deed"]
    assert [(row[2], row[5].split()[0]) for row in rows[1:]] == [("Changes requested", "Yes"), ("Approved", "Void")]
    assert "Partners’ decisions" not in printed(page_of(client, told.agreement, "versions/"))


def test_a_deed_shows_what_it_changes_and_its_hash(client):
    told = story()
    words = printed(page_of(client, told.agreement, "deeds/1/"))
    assert "Scheme: Diagnostics nearer home Added" in words
    assert "Clause: Aims and outcomes Changed" in words
    reader = logged_in(factories.member(organisation=told.county, roles=["viewer"]))
    found = agreement_reached(told.agreement.reference, actor=factories.actor(User.objects.latest("pk")))
    assert found
    record = reading(found).record
    assert content_hash(record, record.deeds[-1]) in printed(page_of(reader, told.agreement, "deeds/2/"))


def test_tasks_name_what_is_missing_with_the_regulation():
    told = story()
    reader = logged_in(factories.member(organisation=told.county, roles=["viewer"]))
    page = printed_tables(page_of(reader, told.agreement, "tasks/"))
    assert [
        "NHS Mereshire Integrated Care Board has not consented to what Mereshire Hospitals NHS Trust contributes.",
        "SI 2000/617 reg 7(2) and 9(2)",
    ] in page["What is still missing"]
    assert page["Dates ahead"][1][:2] == ["Review", "1 October 2027"]


def test_the_history_says_what_was_done_and_for_whom(partner, board, county):
    made = factories.whole_agreement(partners=[board, county])
    record(
        by=system_actor("example"), action="deed.edited", subject=f"agreement:{made.reference}",
        sentence=f"{made.reference}/0: clause aims written.", organisation=county.code,
    )  # fmt: skip
    audit_entries = printed_tables(page_of(partner, made, "history/"))["What was done"]
    assert audit_entries[1][0] == f"{made.reference}/0: clause aims written."
    assert audit_entries[1][2] == county.code


@pytest.mark.parametrize(("role", "leads_to"), [("viewer", "governance/"), ("pool_manager", "consents/new/")])
def test_a_task_leads_to_where_it_is_done_for_whoever_may_do_it(role: str, leads_to: str):
    told = story()
    reader = logged_in(factories.member(organisation=told.county, roles=[role]))
    page = page_of(reader, told.agreement, "tasks/").content.decode()
    task = re.search(r'href="([^"]+)"[^>]*>\s*NHS Mereshire Integrated Care Board has not consented', page)
    assert task
    assert task[1] == f"/agreements/{told.agreement.reference}/{leads_to}"


def test_governance_shows_partners_then_and_now_and_what_is_recorded():
    told = story()
    reader = logged_in(factories.member(organisation=told.board, roles=["viewer"]))
    tables = printed_tables(page_of(reader, told.agreement, "governance/"))
    periods = {row[0]: row[3:] for row in tables["Current and former partners"][1:]}
    assert periods["NHS Mereshire Group No longer"] == ["1 April 2024", "30 June 2025", "With the agreement"]
    assert periods["NHS Mereshire Integrated Care Board"][2] == "In place of NHS Mereshire Group"
    assert periods["Mereshire Hospitals NHS Trust Not yet"][2] == "By deed 2, not signed yet"
    words = printed(page_of(reader, told.agreement, "governance/"))
    assert "2 of Mereshire County Council" in words
    assert "Breaks the principle of doing no harm" in words
    assert "Awaited" in words
    before = printed_tables(page_of(reader, told.agreement, "governance/", known_at="2025-01-01"))
    assert "Notices" not in before
    assert "Decisions" not in before


def test_the_summary_is_a_paper_with_numbered_paragraphs_as_page_and_document(client):
    made = story().agreement
    words = printed(page_of(client, made, "summary/"))
    assert "1. What this paper is about 1.1 This paper sets out" in words
    assert "2.1 Mereshire County Council (commissions services; contributes) since 1 April 2024." in words
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


def test_the_files_of_a_summary_are_as_at_the_days_of_the_page(client):
    told = story().agreement
    days = "?as_at=2025-04-01&known_at=2025-03-11"
    page = page_of(client, told, "summary/", as_at="2025-04-01", known_at="2025-03-11")
    links = re.findall(r'href="([^"]+summary\.(?:pdf|docx)[^"]*)"', page.content.decode())
    assert links == [
        f"/agreements/{told.reference}/summary.{each}{days.replace('&', '&amp;')}" for each in ("pdf", "docx")
    ]
    pdf = client.get(f"/agreements/{told.reference}/summary.pdf{days}").content
    assert "As at 1 April 2025" in " ".join(pages_of_pdf(pdf))
    assert "Deeds signed after 11 March 2025 are left out." in " ".join(pages_of_pdf(pdf))


def test_a_summary_that_is_too_long_for_a_pdf_can_be_saved_as_a_word_document(client, board, county, monkeypatch):
    made = published(board, county)
    monkeypatch.setattr("pooledcare.kernel.documents.pdf.MOST_CHARACTERS", 1_000)
    refused = page_of(client, made, "summary.pdf")
    assert refused.status_code == 400
    assert "This paper is too long for a PDF. Save it as a Word document instead." in printed(refused)
    assert page_of(client, made, "summary.docx").status_code == 200


@pytest.mark.parametrize("ending", ["docx", "pdf"])
def test_the_files_of_a_summary_say_for_whom_they_are_and_need_a_day_and_a_text(client, partner, board, county, ending):
    made = published(board, county)
    for reader, said in ((client, OPEN), (partner, FOR_PARTNERS)):
        assert solid(said) in solid(everything_in(page_of(reader, made, f"summary.{ending}")))
    assert page_of(client, made, f"summary.{ending}", as_at="nonsense").status_code == 400
    assert page_of(client, made, f"summary.{ending}", as_at="1999-01-01").status_code == 302


# --- documents -------------------------------------------------------------------------------------------------------


def test_documents_are_files_to_save_and_exempt_ones_are_for_partners(client):
    told = story()
    address = f"/agreements/{told.agreement.reference}/documents/"
    answer = client.get(f"{address}{told.paper.pk}/")
    assert answer.status_code == 200
    assert answer.getvalue() == b"An example paper."
    assert answer["Content-Disposition"] == 'attachment; filename="paper.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "application/octet-stream"
    assert client.get(f"{address}{told.exempt.pk}/").status_code == 302
    reader = logged_in(factories.member(organisation=told.board, roles=["viewer"]))
    exempt = reader.get(f"{address}{told.exempt.pk}/")
    assert exempt.getvalue() == b"An example paper."
    of_open_deed = factories.document(told.agreement, is_exempt=False, deed=told.agreement.deeds.get(number=2))
    assert client.get(f"{address}{of_open_deed.pk}/").status_code == 302
    removed = factories.document(told.agreement, removed_at=told.agreement.created_at)
    assert reader.get(f"{address}{removed.pk}/").status_code == 404
    other = factories.document(factories.whole_agreement())
    assert reader.get(f"{address}{other.pk}/").status_code == 404


def test_renewals_lead_to_each_other_where_both_may_be_read(client, partner, board, county):
    old = published(board, county, title="The old one")
    new = factories.whole_agreement(partners=[board, county], title="The new one", follows=old)
    assert "The new one" not in printed(page_of(client, old))
    assert "Renewed by The new one" in printed(page_of(partner, old))
    assert "Renews The old one" in printed(page_of(partner, new))


# --- what it costs ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_page_costs_the_same_queries_for_a_larger_agreement():
    told = story()
    reader = logged_in(factories.member(organisation=told.board, roles=["governance_lead"]))
    addresses = [f"/agreements/{told.agreement.reference}/{tab}" for tab in EVERY_TAB]
    few = {address: cost(reader, address) for address in addresses}
    enlarge(told)
    assert {address: cost(reader, address) for address in addresses} == few
    assert max(few.values()) < 60


def enlarge(told) -> None:
    """Ten more of everything, by a signed deed and beside it."""
    made = told.agreement
    mine = {"agreement": made, "organisation": told.county, "actor": "system:example"}
    for n in range(10):
        deed = Deed.objects.create(
            agreement=made, number=n + 3, kind="variation", state="withdrawn", effective_on=VARIED
        )
        Approval.objects.create(
            deed=deed, organisation=told.county, actor="system:example", decision="approved", content_hash="0" * 64
        )
        terms = SchemeTerms.objects.create(
            deed=made.deeds.get(number=2), scheme=Scheme.objects.create(agreement=made, slug=f"more-{n}"),
            name=f"More {n}", lead=told.board,
        )  # fmt: skip
        SchemeFunction.objects.create(terms=terms, function=factories.function("nhs-s3"), holder=told.board)
        Partner.objects.create(
            agreement=made, deed=made.deeds.get(number=2), organisation=factories.council(), role="provider"
        )
        panel = Board.objects.create(agreement=made, name=f"Board {n}", form="officer_board")
        BoardSeat.objects.create(board=panel, organisation=told.board, post="Officer")
        BoardQuorum.objects.create(board=panel, organisation=told.board, least=1)
        Decision.objects.create(**mine, body="cabinet", reference=f"Minute {n}", decided_on=VARIED)
        Notice.objects.create(**mine, given_on=VARIED, takes_effect_on=dt.date(2028, 1, 5))
        Occurrence.objects.create(**mine, kind="direction", happened_on=VARIED, evidence="Event")
        factories.document(made)
    refresh_summaries([made])
