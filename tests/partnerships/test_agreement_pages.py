"""The pages on which agreements are read: what partners and others see of them, as at any day, and what it costs."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client

from partnerships.changing.agreement import refresh_summaries
from partnerships.documents.committee_paper import FOR_PARTNERS, OPEN
from partnerships.models import (
    Agreement,
    AgreementStatus,
    Clause,
    Deed,
    Publication,
)
from partnerships.tabs import TABS
from pooledcare.directory.access import system_actor
from pooledcare.directory.history import record
from pooledcare.directory.models import Organisation
from tests import factories
from tests.budgets.public import printed, printed_tables
from tests.kernel.documents.papers import solid
from tests.partnerships.reading_agreements import (
    TABS_OF_ALL,
    TABS_OF_PARTNERS,
    everything_in,
    logged_in,
    page_of,
    published,
)
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("law")]

VARIED = dt.date(2025, 4, 1)


@pytest.fixture
def board(world: World) -> Organisation:
    return world.icb.organisation


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


# --- the tabs --------------------------------------------------------------------------------------------------------


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


def test_the_history_says_what_was_done_and_for_whom(partner, board, county):
    made = factories.whole_agreement(partners=[board, county])
    record(
        by=system_actor("example"), action="deed.edited", subject=f"agreement:{made.reference}",
        sentence=f"{made.reference}/0: clause aims written.", organisation=county.code,
    )  # fmt: skip
    audit_entries = printed_tables(page_of(partner, made, "history/"))["What was done"]
    assert audit_entries[1][0] == f"{made.reference}/0: clause aims written."
    assert audit_entries[1][2] == county.code


def test_the_history_names_people_to_their_own_organisation_and_to_others_only_the_organisation(board, county):
    made = factories.whole_agreement(partners=[board, county])
    writer = factories.member(organisation=county, roles=["governance_lead"])
    _, token = factories.api_key(created_by=writer, organisation=county, permissions=[])
    key = f"key:{token.split('_')[1]}"
    for by in (f"user:{writer.pk}", key, "user:999999"):
        AgreementStatus.objects.create(agreement=made, state="draft", organisation=county, actor=by)
    sentence = f"user:{writer.pk} edited {made.reference}."
    subject = f"agreement:{made.reference}"
    record(by=factories.actor(writer), action="x", subject=subject, sentence=sentence, organisation=county.code)
    name, reference = writer.name, key.removeprefix("key:")
    for body, people, who, words in (
        (county, [f"{name} {county.name}", f"Key {reference} ({name}) {county.name}", county.name],
         f"{name} {county.code}", f"{name} edited {made.reference}."),
        (board, [county.name] * 3, county.code, sentence),
    ):  # fmt: skip
        reader = logged_in(factories.member(organisation=body, roles=["viewer"]))
        shown = printed_tables(page_of(reader, made, "history/"))
        assert [row[2] for row in shown["History of the agreement"][1:4]] == people[::-1]
        assert (shown["What was done"][1][0], shown["What was done"][1][2]) == (words, who)


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


def test_renewals_lead_to_each_other_where_both_may_be_read(client, partner, board, county):
    old = published(board, county, title="The old one")
    new = factories.whole_agreement(partners=[board, county], title="The new one", follows=old)
    assert "The new one" not in printed(page_of(client, old))
    assert "Renewed by The new one" in printed(page_of(partner, old))
    assert "Renews The old one" in printed(page_of(partner, new))
