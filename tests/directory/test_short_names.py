"""Short names: how initials are made of names, and whom a typed one finds."""

from __future__ import annotations

import doctest
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pooledcare.directory import wording
from pooledcare.directory.queries import listings
from pooledcare.directory.queries.naming import bodies_called
from pooledcare.directory.queries.organisations import organisations_listed
from pooledcare.directory.queries.places import places_listed
from pooledcare.directory.queries.search import directory_search
from pooledcare.directory.queries.short_names import short_names_typed
from pooledcare.directory.reference import short_names
from pooledcare.directory.reference.short_names import initials
from pooledcare.directory.wording import letters_of
from tests import factories

TODAY = factories.dt.date(2026, 6, 15)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Bournemouth, Christchurch and Poole Council", "BCP"),
        ("Bath and North East Somerset Council", "BANES"),
        ("Bath and North East Somerset Council", "B&NES"),
        ("Royal Borough of Kensington and Chelsea", "RBKC"),
        ("Royal Borough of Windsor and Maidenhead", "RBWM"),
        ("London Borough of Hammersmith & Fulham", "LBHF"),
        ("London Borough of Hammersmith & Fulham", "H&F"),
        ("City of Wolverhampton Council", "CWC"),
        ("Cheshire West and Chester Council", "CWAC"),
        ("NHS Bristol, North Somerset and South Gloucestershire Integrated Care Board", "BNSSG"),
        ("NHS Hampshire and Isle of Wight Integrated Care Board", "HIOW"),
        ("NHS Cornwall and the Isles of Scilly Integrated Care Board", "CIOS"),
        ("NHS North East London CCG", "NEL"),
        ("East Riding of Yorkshire Council", "ERYC"),
        ("Barnet, Enfield and Haringey Mental Health NHS Trust", "BEHMH"),
    ],
)
def test_what_people_write_is_among_the_initials(name, short):
    assert short in initials(name)


@pytest.mark.parametrize("name", ["NHS Leeds CCG", "NHS Kent and Medway Integrated Care Board", "Leeds PCT", ""])
def test_two_letters_are_too_few(name):
    assert not {short for short in initials(name) if len(short) < 3}


@given(st.text(alphabet="abc ANDofthe&,'-", max_size=40))
def test_initials_are_letters_of_the_names_own_words_in_their_order(name):
    firsts = [word[0].upper() for word in re.findall(r"\w+", name.replace("'", "").replace("&", " and "))]
    for short in initials(name):
        assert letters_of(short) == short
        rest = iter(firsts)
        assert all(letter in rest for letter in short.replace("&", "A"))


@pytest.mark.parametrize("module", [short_names, wording])
def test_the_examples_in_the_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0


@pytest.fixture
def bodies():
    """Two bodies with the initials NEL, one of them an integrated care board, and a council with a place."""
    board = factories.organisation(name="NHS North East London Integrated Care Board", code="QNEL", kind="icb")
    council = factories.council(name="North East Lincolnshire Council", code="E06000912")
    factories.short_name(organisation=board, name="NEL")
    factories.short_name(organisation=council, name="NEL")
    joined = factories.council(name="Bournemouth, Christchurch and Poole Council", code="E06000958")
    factories.short_name(organisation=joined, name="BCP")
    factories.place_council(
        place=factories.place(name="Bournemouth, Christchurch and Poole", slug="bcp"), organisation=joined,
        role="upper_tier",
    )  # fmt: skip
    return board, council, joined


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("NEL", {"QNEL", "E06000912"}),
        (" n.e.l. ", {"QNEL", "E06000912"}),
        ("NHS NEL", {"QNEL", "E06000912"}),
        ("nel icb", {"QNEL"}),
        ("NHS NEL ICB", {"QNEL"}),
        ("NEL Council", {"E06000912"}),
        ("NEL CCG", set()),
        ("council", set()),
        ("BCP", {"E06000958"}),
        ("BCPX", set()),
        ("BC", set()),
        ("", set()),
        ("-", set()),
        ("N" * 41, set()),
    ],
)
def test_a_short_name_finds_all_that_have_it_and_a_word_for_the_kind_tells_them_apart(bodies, typed, codes):
    assert {short.organisation.code for short in short_names_typed(typed)} == codes


@pytest.mark.django_db
def test_the_search_shows_all_with_the_short_name_and_the_place(bodies, django_assert_num_queries):
    found = directory_search("nel").organisations
    assert {(body.code, body.matched_short_name) for body in found} == {("QNEL", "NEL"), ("E06000912", "NEL")}
    with django_assert_num_queries(2):
        found = directory_search("bcp")
    assert [body.code for body in found.organisations] == ["E06000958"]
    assert [place.slug for place in found.places] == ["bcp"]
    assert directory_search("Bournemouth").organisations[0].matched_short_name is None


@pytest.mark.django_db
def test_lists_find_a_short_name_too(bodies):
    assert [body.code for body in organisations_listed(text="bcp")] == ["E06000958"]
    assert [place.slug for place in places_listed(text="bcp", on=TODAY)] == ["bcp"]
    for listing, column, value in (
        (listings.organisations({"name": "bcp"}), "code", "E06000958"),
        (listings.places({"name": "bcp"}), "slug", "bcp"),
    ):
        assert [row[column] for row in (listing.entry(row) for row in listing.page(10).rows)] == [value]


@pytest.mark.django_db
def test_a_form_takes_a_short_name_of_one_and_offers_those_of_several(bodies):
    board, council, joined = bodies
    called = bodies_called("BCP", on=TODAY)
    assert (called.bodies, called.is_sure) == ([joined], True)
    called = bodies_called("NEL", on=TODAY)
    assert ({body.pk for body in called.bodies}, called.is_sure) == ({board.pk, council.pk}, False)
    factories.organisation(name="BCP Mutual", kind="provider")
    called = bodies_called("BCP", on=TODAY)
    assert (len(called.bodies), called.is_sure) == (2, False)
