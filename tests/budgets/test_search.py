"""Search: bodies as they are and were, by name or code, also with a letter wrong; and the pages beside it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pooledcare.directory.models import OrganisationCode, OrganisationName
from pooledcare.directory.queries.search import ALIKE, BEGINS, directory_search
from pooledcare.glossary import GLOSSARY, terms_found
from tests import factories
from tests.budgets.public import printed

pytestmark = pytest.mark.django_db


@pytest.fixture
def tees() -> None:
    """The group of the Tees Valley, the board after it, and a council of one of its places."""
    group = factories.organisation(
        name="NHS Tees Valley CCG", code="16C", kind="ccg", opened=dt.date(2020, 4, 1), closed=dt.date(2022, 6, 30)
    )
    board = factories.organisation(name="NHS North East and North Cumbria Integrated Care Board", code="QHM")
    factories.succession(predecessor=group, successor=board)
    council = factories.council(name="Stockton-on-Tees Borough Council", code="E06000004")
    OrganisationCode.objects.create(organisation=council, scheme="e_code", code="E0704")
    factories.place(name="Stockton-on-Tees", slug="stockton-on-tees")
    factories.organisation(name="Somerset PCT", code="5QL", kind="pct", closed=dt.date(2013, 3, 31))
    factories.organisation(name="Ashton, Leigh and Wigan PCT", code="5HG", kind="pct", closed=dt.date(2013, 3, 31))
    old = factories.council(name="Corby Borough Council", kind="district", closed=dt.date(2021, 3, 31))
    new = factories.council(name="North Northamptonshire Council")
    factories.succession(predecessor=old, successor=new, effective_on=dt.date(2021, 4, 1))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Tees Valley", "NHS Tees Valley CCG"),
        ("16C", "NHS Tees Valley CCG"),
        ("16c", "NHS Tees Valley CCG"),
        ("E06000004", "Stockton-on-Tees Borough Council"),
        ("E0704", "Stockton-on-Tees Borough Council"),
        ("Corby", "Corby Borough Council"),
        ("somerset pct", "Somerset PCT"),
        ("Somerset primary care trust", "Somerset PCT"),
        ("north cumbria icb", "NHS North East and North Cumbria Integrated Care Board"),
        ("Stokton on Tees", "Stockton-on-Tees Borough Council"),
        ("tees vally", "NHS Tees Valley CCG"),
        ("somersett", "Somerset PCT"),
    ],
)
def test_bodies_are_found_by_name_and_code_as_people_type_them(tees, text, first):
    assert directory_search(text).organisations[0].name == first


def test_a_short_name_is_found_and_shown(client):
    council = factories.council(name="Bournemouth, Christchurch and Poole Council")
    factories.short_name(organisation=council, name="BCP")
    words = printed(client.get("/search/?q=bcp"))
    assert "Bournemouth, Christchurch and Poole Council" in words
    assert "Short name: BCP." in words


def test_a_body_that_ended_says_which_part_of_its_area_went_elsewhere(client):
    group = factories.organisation(name="T and G Group", closed=dt.date(2022, 6, 30))
    factories.succession(predecessor=group, successor=factories.organisation(name="Great Board"))
    factories.area_transfer(giver=group, receiver=factories.organisation(name="Derby Board"), area="Glossop")
    words = printed(client.get("/search/?q=T and G Group"))
    assert "Its functions are now with Great Board. Part of its area, Glossop, passed to that of Derby Board." in words


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("W06000015", "The code W06000015 is from Wales, and only organisations in England are held here."),
        ("a81001", "The code A81001 has the form of a general practice’s, and practices hold no budgets here."),
        ("E08000099", "has the form of an ONS code (Metropolitan district), but is in none of our lists."),
    ],
)
def test_a_code_of_nobody_is_told_for_what_it_is(client, typed, said):
    assert said in printed(client.get(f"/search/?q={typed}"))
    assert "The code" not in printed(client.get("/search/?q=nobodyatall"))


def test_a_body_is_found_by_another_name_and_says_which(client):
    council = factories.council(name="Folkestone and Hythe District Council")
    OrganisationName.objects.create(organisation=council, name="Shepway District Council")
    OrganisationName.objects.create(organisation=council, name="Shepway")

    for text in ("Shepway", "shepway dc", "Shepwey"):
        words = printed(client.get("/search/", {"q": text}))
        assert "Folkestone and Hythe District Council" in words, text
        assert "Also known as Shepway" in words, text
    assert "Also known as" not in printed(client.get("/search/?q=Folkestone"))
    assert "Folkestone and Hythe" in printed(client.get("/organisations/?q=shepway"))


def test_words_of_two_other_names_are_not_one_name():
    council = factories.council(name="City of Mere Council")
    OrganisationName.objects.create(organisation=council, name="Aldbourne and Mere")
    OrganisationName.objects.create(organisation=council, name="Tarn Valley")
    exactly = factories.council(name="Aldbourne Tarn Council")

    first, *others = directory_search("aldbourne tarn").organisations
    assert (first.pk, first.rank) == (exactly.pk, BEGINS)
    assert all(body.rank == ALIKE for body in others)


def test_an_abolished_body_says_what_became_of_it(client, tees):
    words = printed(client.get("/search/?q=Tees Valley"))

    assert "Ended on 30 June 2022." in words
    assert "Its functions are now with NHS North East and North Cumbria Integrated Care Board." in words
    assert "Its functions are now with North Northamptonshire Council." in printed(client.get("/search/?q=Corby"))


def test_an_abolished_body_without_a_known_successor_says_so(client, tees):
    assert "Our sources do not say who took over." in printed(client.get("/search/?q=5QL"))


def test_results_come_in_groups(client, tees):
    factories.stream(name="Stockton stream", description="Money of Stockton.")

    words = printed(client.get("/search/?q=stockton"))

    assert words.index("Places") < words.index("Organisations") < words.index("Funding streams")
    assert "Gross is what is spent" in printed(client.get("/search/?q=gross"))


@pytest.mark.parametrize("text", ["", "   ", "%", "_", "'; drop table", "\\", "x" * 5000, "Ж"])
def test_whatever_is_typed_gets_an_answer(client, tees, text):
    page = client.get("/search/", {"q": text})

    assert page.status_code == 200
    assert "Places" not in printed(page)


def test_nothing_found_says_what_to_try(client, tees):
    assert "Nothing found for “zzqx”" in printed(client.get("/search/?q=zzqx"))


def test_many_results_are_cut_and_lead_to_the_list(client):
    for number in range(30):
        factories.organisation(name=f"Mere {number:02d}")

    words = printed(client.get("/search/?q=mere"))

    assert words.count("Mere ") == 25
    assert "There are more." in words


def test_search_costs_the_same_queries_for_one_result_and_for_thirty(client):
    gone = {"kind": "ccg", "closed": dt.date(2022, 6, 30)}
    factories.organisation(name="Mere 0", **gone)
    with CaptureQueriesContext(connection) as one:
        client.get("/search/?q=mere")
    for number in range(1, 20):
        body = factories.organisation(name=f"Mere {number}", **gone)
        factories.succession(predecessor=body, successor=factories.organisation())
    with CaptureQueriesContext(connection) as many:
        client.get("/search/?q=mere")

    assert len(one) == len(many)


def test_every_term_has_an_anchor_of_its_own(client):
    page = client.get("/glossary/").content.decode()

    assert len({term.anchor for term in GLOSSARY}) == len(GLOSSARY) > 20
    assert all(f'id="{term.anchor}"' in page for term in GLOSSARY)


def test_terms_are_found_by_other_words_for_them():
    assert [term.anchor for term in terms_found("icb")] == ["integrated-care-board-icb"]
    assert terms_found("") == []


def test_every_source_is_listed_with_its_licence(client):
    source = factories.source(licence="Creative Commons Attribution 4.0", title="A register")

    words = printed(client.get("/sources/"))

    assert "A register" in words
    assert "Creative Commons Attribution 4.0" in words
    assert source.publisher in words
    assert "ICB allocations 2023/24 to 2024/25" in words


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/places/",
        "/organisations/",
        "/streams/",
        "/search/",
        "/glossary/",
        "/sources/",
        "/accessibility/",
        "/privacy/",
    ],
)
def test_reading_sets_no_cookie(client, address):
    """As the privacy notice says."""
    page = client.get(address)

    assert page.status_code == 200
    assert not page.cookies
