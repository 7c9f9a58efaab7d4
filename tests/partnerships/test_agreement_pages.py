"""The pages on which agreements are read: what partners and others see of them, as at any day, and what it costs."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from partnerships.keeping import restate
from partnerships.loading import load_law
from partnerships.models import (
    Agreement,
    Approval,
    Board,
    BoardQuorum,
    BoardSeat,
    Clause,
    Decision,
    Deed,
    Document,
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
from pooledcare.directory.models import Organisation, User
from tests import factories
from tests.budgets.public import csv_rows, printed, printed_tables

pytestmark = pytest.mark.django_db

TABS_OF_ALL = [
    "", "schemes/", "schemes/reablement/", "funds/", "terms/", "findings/", "versions/", "deeds/0/", "governance/",
    "summary/",
]  # fmt: skip
TABS_OF_PARTNERS = ["tasks/", "history/"]
VARIED = dt.date(2025, 4, 1)


@pytest.fixture(autouse=True)
def _law(db):
    load_law()


@pytest.fixture
def board() -> Organisation:
    return factories.organisation(name="NHS Mereshire Integrated Care Board", code="QMS")


@pytest.fixture
def county() -> Organisation:
    return factories.council(name="Mereshire County Council", kind="county", code="E10000999")


@pytest.fixture
def partner(client, board) -> Client:
    return logged_in(factories.member(organisation=board, roles=["viewer"]))


def logged_in(user: User) -> Client:
    client = Client()
    factories.log_in(client, user)
    return client


def published(board: Organisation, county: Organisation, **fields) -> Agreement:
    given = {"title": "Mereshire joint arrangements", "places": [factories.place(name="Mereshire")]} | fields
    return factories.signed_agreement(partners=[board, county], is_published=True, **given)


def vary(made: Agreement, *, signed: bool = False, is_published: bool = False, **fields) -> Deed:
    """A deed that writes one clause anew."""
    values = {"number": made.deeds.count(), "kind": "variation", "effective_on": VARIED, "summary": "Widens the aims."}
    deed = Deed.objects.create(agreement=made, **values | fields)
    Clause.objects.create(deed=deed, kind="aims", text="What is agreed on: aims and better outcomes.")
    if signed:
        deed.state, deed.signed_on = "signed", VARIED - dt.timedelta(days=10)
        deed.published_on = deed.signed_on if is_published else None
        deed.save()
    restate([made])
    return deed


def page_of(client: Client, made: Agreement, tab: str = "", **asked):
    return client.get(f"/agreements/{made.reference}/{tab}", asked)


# --- who reads what --------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("tab", [*TABS_OF_ALL, *TABS_OF_PARTNERS, "summary.docx", "documents/1/"])
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
    import re

    return re.findall(r'class="pc-tabs__link"[^>]*>([^<]+)<', page.content.decode())
