"""Agreements in lists: narrowed, paged, downloaded, judged by proposals, and found from elsewhere."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import pytest
from django.test import Client

from partnerships.models import (
    Agreement,
    AgreementSummary,
    Scheme,
    SchemeFunction,
    SchemeTerms,
)
from pooledcare.directory.models import Organisation
from pooledcare.kernel.paging import page_of
from tests import factories
from tests.budgets.public import csv_rows, printed, printed_tables
from tests.costs import cost
from tests.partnerships.reading_agreements import PROPOSED, listed, logged_in, published
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("law")]


@pytest.fixture
def board(world: World) -> Organisation:
    return world.icb.organisation


@pytest.fixture
def partner(client, board) -> Client:
    return logged_in(factories.member(organisation=board, roles=["viewer"]))


# --- the list --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_list_has_what_one_may_read(client, partner, board, county):
    first = published(board, county, title="First")
    draft = factories.whole_agreement(partners=[board, county], title="Second")
    factories.whole_agreement(title="Theirs")
    assert listed(client) == [f"First {first.reference}"]
    assert listed(partner) == [f"First {first.reference}", f"Second {draft.reference}"]


def test_the_list_says_what_ends_soon_and_whether_it_is_lawful_for_every_filter_and_reader(
    client, partner, board, county, monkeypatch
):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: dt.date(2026, 11, 30))
    mere = factories.place(slug="mere", name="Mere")
    first = published(board, county, title="First", end_on=dt.date(2027, 1, 1), places=[mere])
    published(board, county, title="Second", end_on=dt.date(2029, 3, 31))
    factories.whole_agreement(partners=[board, county], title="Third")
    page = client.get("/agreements/")
    assert "Agreements 2 agreements; 1 ends within a year, in 32 days; " in printed(page)
    assert printed_tables(page)["Agreements"][1][:2] == [
        f"First {first.reference}",
        "1 January 2027 from 1 April 2024",
    ]
    assert 'href="?ending=12"' in page.content.decode()
    assert "Agreements 3 agreements; 1 ends within a year, in 32 days; " in printed(partner.get("/agreements/"))
    assert "Agreements 1 agreement; it ends in 32 days; " in printed(client.get("/agreements/?place=mere"))
    assert "No agreement matches these filters." in printed(client.get("/agreements/?q=nothing"))


def test_an_empty_list_says_so_to_each_reader(client, partner):
    assert "Agreements No agreement is published yet. " in printed(client.get("/agreements/"))
    assert "Agreements No agreement is published, and you have none yet. " in printed(partner.get("/agreements/"))


def test_what_ends_soon_is_found(client, board, county, monkeypatch):
    published(board, county, end_on=dt.date(2027, 3, 31))
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: dt.date(2026, 9, 30))
    assert len(listed(client, ending="6")) == 0
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: dt.date(2026, 10, 1))
    assert len(listed(client, ending="6")) == 1
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: dt.date(2027, 4, 1))
    assert len(listed(client, ending="6")) == 0


def test_filters_offer_nothing_that_one_may_not_read(client, partner, board, county):
    draft = factories.whole_agreement(partners=[board, county], places=[factories.place(name="Secretmere")])
    assert "Secretmere" not in client.get("/agreements/").content.decode()
    assert "Secretmere" in partner.get("/agreements/").content.decode()
    assert client.get("/agreements/?partner=QMS").status_code == 400
    assert partner.get("/agreements/?partner=QMS").status_code == 200
    assert draft.reference in printed(partner.get("/agreements/?partner=QMS"))


@pytest.mark.parametrize("asked", ["after=x", "after=1&before=2", "before=0"])
def test_a_place_in_the_list_that_is_none_is_refused(client, asked: str):
    assert client.get(f"/agreements/?{asked}").status_code == 400


def test_the_list_is_read_a_page_at_a_time_there_and_back(client, board, county, monkeypatch):
    monkeypatch.setitem(page_of.__kwdefaults__, "size", 2)
    made = [published(board, county, title=f"Number {n}").reference for n in range(5)]
    first_to_end = [f"Number {n} {reference}" for n, reference in enumerate(made)]
    seen, address = [], "/agreements/?status=in_operation"
    while address:
        page = client.get(address)
        seen += [row[0] for row in printed_tables(page)["Agreements"][1:]]
        following = next_of(page)
        address = f"/agreements/{following}" if following else ""
        assert "status=in_operation" in (following or "status=in_operation")
    assert seen == first_to_end
    assert client.get("/agreements/?after=1").status_code == 404


# Each heading with its column, and the order downwards.
BY_HEADING = {
    "Agreement": ("agreements.1", ["=alpha", "Beta", "Gamma"]),
    "Until": ("agreements.4", ["Gamma", "Beta", "=alpha"]),
    "Law": ("agreements.5", ["Beta", "=alpha", "Gamma"]),
    "Legal power": ("agreements.17", ["=alpha", "Gamma", "Beta"]),
    "Status": ("agreements.18", ["Gamma", "=alpha", "Beta"]),
}


@pytest.fixture
def three(board, county) -> None:
    """Each heading puts them in another order, and one has no last day."""
    given = {
        "=alpha": ({}, {"verdict": "not_settled", "state": "in_operation"}),
        "Beta": ({"end_on": dt.date(2029, 1, 1)}, {"verdict": "lawful", "state": "notice_given"}),
        "Gamma": ({"end_on": dt.date(2028, 1, 1)}, {"verdict": "unlawful", "state": "approved"}),
    }
    powers = {"=alpha": "s31", "Beta": "s65Z5_65Z6", "Gamma": "s75"}
    for title, (terms, summary) in given.items():
        made = published(board, county, title=title, **terms)
        Agreement.objects.filter(pk=made.pk).update(power=powers[title])
        AgreementSummary.objects.filter(agreement=made).update(**summary)


@pytest.mark.parametrize("heading", BY_HEADING)
def test_the_list_and_its_file_are_sorted_by_a_heading_both_ways(client, three, heading: str, monkeypatch):
    monkeypatch.setitem(page_of.__kwdefaults__, "size", 1)
    key, expected = BY_HEADING[heading]
    backwards = ["Beta", "Gamma", "=alpha"] if heading == "Until" else expected[::-1]  # without a last day: always last
    for sort, order in ((key, expected), (f"-{key}", backwards)):
        assert all_of(client, f"?sort={sort}") == order
        rows = csv_rows(client.get("/agreements/download/", {"format": "csv", "sort": sort}))
        assert [row["Title"].lstrip("'") for row in rows] == order


def all_of(client: Client, address: str) -> list[str]:
    """The titles on every page of the list, one page after the other."""
    titles = []
    while address:
        page = client.get(f"/agreements/{address}")
        titles += [row[0].rsplit(" ", 1)[0] for row in printed_tables(page)["Agreements"][1:]]
        address = next_of(page)
    return titles


def test_a_sorted_list_says_so_and_costs_no_more_for_more_agreements(client, board, county):
    published(board, county, title="One")
    page = client.get("/agreements/?sort=-agreements.1&findings=").content.decode()
    assert 'aria-sort="descending"' in page
    assert "sort=agreements.1#table-agreements" in unescape(page)
    before = cost(client, "/agreements/?sort=-agreements.1")
    for number in range(3):
        published(board, county, title=f"Other {number}")
    assert cost(client, "/agreements/?sort=-agreements.1") == before
    for column in ("agreements.0", "agreements.6", "others.1", "agreements.99"):
        assert client.get(f"/agreements/?sort={column}").status_code == 400


def next_of(page) -> str:
    found = re.search(r'href="(\?[^"]*after=[0-9]+[^"]*)"', page.content.decode())
    return unescape(found[1]) if found else ""


def test_downloads_hold_the_filtered_list_and_run_no_formula(client, board, county):
    published(board, county, title="=HYPERLINK(evil)")
    published(board, county, title="Other", notice_months=3)
    rows = csv_rows(client.get("/agreements/download/", {"format": "csv", "q": "hyper"}))
    assert [row["Title"] for row in rows] == ["'=HYPERLINK(evil)"]
    assert rows[0]["Partners"] == "NHS Mereshire Integrated Care Board; Mereshire County Council"
    assert rows[0]["Illustrative"] == "No"
    assert rows[0]["From"] == "2024-04-01"
    assert (rows[0]["Until"], rows[0]["Waits for"], rows[0]["Funds"]) == ("", "", "1")
    assert set(rows[0]) == {
        "Reference", "Title", "Illustrative", "Legal power", "Status", "Operating unsigned", "Waits for", "From",
        "Until", "Partners", "Codes of partners", "Hosts of funds", "Places", "Functions", "Flexibilities", "Funds",
        "Schemes", "Law", "Unlawful findings", "Findings not settled", "Address",
    }  # fmt: skip
    book = client.get("/agreements/download/", {"format": "xlsx"})
    assert book["Content-Disposition"] == 'attachment; filename="pooledcare-agreements.xlsx"'
    assert book.content[:2] == b"PK"
    assert client.get("/agreements/download/?format=pdf").status_code == 400
    assert client.get("/agreements/download/?status=nonsense").status_code == 400


# --- proposals -------------------------------------------------------------------------------------------------------


def test_a_proposal_says_nothing_of_a_draft_to_others(board, county):
    made = factories.agreement(partners=[board, county])
    deed = factories.open_deed(made)
    terms = SchemeTerms.objects.create(
        deed=deed, scheme=Scheme.objects.create(agreement=made, slug="dental"), name="Dental"
    )
    SchemeFunction.objects.create(terms=terms, function=factories.function("primary-dental"), holder=board)
    officer = logged_in(factories.member(organisation=factories.organisation(), roles=["policy_officer"]))
    assert "No agreement is affected." in printed(officer.get(PROPOSED))
    own = logged_in(factories.member(organisation=board, roles=["policy_officer"]))
    assert "1 agreement is affected" in printed(own.get(PROPOSED))


# --- found from elsewhere --------------------------------------------------------------------------------------------


def test_search_finds_an_agreement_by_its_reference_and_no_draft_of_others(client, partner, board, county):
    draft = factories.whole_agreement(partners=[board, county], title="Quietly prepared")
    assert draft.reference in printed(partner.get("/search/", {"q": draft.reference}))
    for text in (draft.reference, "quietly", "example scheme"):
        assert draft.get_absolute_url() not in client.get("/search/", {"q": text}).content.decode()


def test_organisations_and_places_show_their_agreements(client, partner, board, county):
    made = published(board, county, places=[factories.place(slug="mere", name="Mere")])
    factories.whole_agreement(partners=[board, county], title="Quietly prepared")
    for address, all_of_them in (("/organisations/QMS/", "?partner=QMS"), ("/places/mere/", "?place=mere")):
        page = client.get(address)
        assert made.reference in printed(page)
        assert f'/agreements/{all_of_them}"' in page.content.decode()
        assert client.get(f"/agreements/{all_of_them}").status_code == 200
        assert "Quietly prepared" not in printed(page)
    assert "Quietly prepared" in printed(partner.get("/organisations/QMS/"))
