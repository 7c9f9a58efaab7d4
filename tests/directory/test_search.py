"""Searching bodies and places: exactly first, then whole words, then what looks alike; open ones before closed ones."""

from __future__ import annotations

import datetime as dt

import pytest

from pooledcare.directory.models import Organisation, OrganisationCode, OrganisationName
from pooledcare.directory.queries import search
from pooledcare.directory.queries.search import _words, directory_search, names_beginning
from tests import factories

LAST = dt.date(2023, 3, 31)


def body(name: str, **fields) -> Organisation:
    return factories.organisation(name=name, **fields)


def names(text: str) -> list[str]:
    return [each.name for each in directory_search(text).organisations]


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_is_found_for_nothing(text, django_assert_num_queries):
    body("Mere Board")
    with django_assert_num_queries(0):
        found = directory_search(text)
    assert (found.places, found.organisations, found.lineage.steps) == ([], [], ())
    assert (found.more, found.known_to) == (False, None)


@pytest.mark.django_db
def test_exactly_comes_first_then_first_words_then_all_words_then_what_looks_alike_and_of_each_the_open_ones():
    body("Mereshire", closed=LAST)
    body("mereshire")
    body("Mereshire North Board", closed=LAST)
    body("South Mereshire Board of the County")
    body("Mereshire Board")
    body("Mereshyre")
    body("Mereshyre", closed=LAST)
    body("Aldbury")
    body("NHS Mereshire Integrated Care Board")
    assert names(" MERESHIRE ") == [
        "mereshire",
        "Mereshire",
        "Mereshire Board",
        "NHS Mereshire Integrated Care Board",
        "South Mereshire Board of the County",
        "Mereshire North Board",
        "Mereshyre",
        "Mereshyre",
    ]
    twins = [each.closed for each in directory_search("mereshyre").organisations[:2]]
    assert twins == [None, LAST]


@pytest.mark.django_db
def test_of_one_rank_and_likeness_names_come_in_their_order():
    same = [body("Mere B"), body("Mere A"), body("Mere B")]
    assert directory_search("mere").organisations == [same[1], same[0], same[2]]


@pytest.mark.django_db
def test_a_code_of_any_time_is_exact_and_is_shown():
    board, group = body("Aldshire Board", code="QM1"), body("Bedshire Group", closed=LAST)
    OrganisationCode.objects.create(
        organisation=group, scheme="own", code="QM1", valid_from=dt.date(2013, 4, 1), valid_to=LAST
    )
    OrganisationCode.objects.create(organisation=board, scheme="own", code="ZZ9")
    found = directory_search("qm1").organisations
    assert found == [board, group]
    assert found[0].matched_code == {"code": "QM1", "scheme": "ods", "valid_from": None, "valid_to": None}
    assert found[1].matched_code == {
        "code": "QM1",
        "scheme": "own",
        "valid_from": "2013-04-01",
        "valid_to": "2023-03-31",
    }
    assert [each.matched_code for each in directory_search("Aldshire").organisations] == [None]
    renamed = body("No code in its history", code="NEW1")
    OrganisationCode.objects.filter(organisation=renamed).delete()
    assert directory_search("new1").organisations == [renamed]


@pytest.mark.django_db
def test_another_name_is_found_and_shown_where_its_own_was_not():
    board = body("Aldshire Board")
    for name in ("Former Mere Group", "Former Mere", "Former Bed"):
        OrganisationName.objects.create(organisation=board, name=name)
    other = body("Former Mere Body")
    OrganisationName.objects.create(organisation=other, name="Former Mere")
    found = directory_search("former mere").organisations
    assert [(each.name, each.matched_name) for each in found] == [
        ("Aldshire Board", "Former Mere"),
        ("Former Mere Body", None),
    ]
    alike = directory_search("former bad").organisations[0]
    assert (alike.name, alike.matched_name) == ("Aldshire Board", "Former Bed")


@pytest.mark.django_db
def test_bodies_that_have_ended_bring_what_became_of_them():
    group, board = body("Mere Group", closed=LAST), body("Ald Board")
    factories.succession(predecessor=group, successor=board)
    factories.succession(predecessor=body("Bed Group"), successor=board)
    factories.source(dated=dt.date(2024, 4, 1))
    found = directory_search("Mere Group")
    assert [each.name for each in found.lineage.final_successors(group.pk)] == ["Ald Board"]
    assert [step.predecessor for step in found.lineage.steps] == [group]
    assert found.known_to == dt.date(2024, 4, 1)
    assert directory_search("Ald Board").lineage.steps == ()


@pytest.mark.django_db
def test_at_most_so_many_are_shown_and_that_there_are_more_is_said(monkeypatch):
    monkeypatch.setattr(search, "MOST", 2)
    for number in (2, 1):
        body(f"Mere {number}")
        factories.place(name=f"Mere {number}")
    assert (names("mere"), directory_search("mere").more) == (["Mere 1", "Mere 2"], False)
    body("Mere 3")
    factories.place(name="Mere 3")
    found = directory_search("mere")
    assert ([each.name for each in found.organisations], found.more) == (["Mere 1", "Mere 2"], True)
    assert [each.name for each in found.places] == ["Mere 1", "Mere 2"]


@pytest.mark.django_db
def test_places_are_ranked_as_bodies_are():
    for name, closed in (("Mere", LAST), ("Mere Valley", None), ("North Mere and Ald", None), ("Merre", None)):
        factories.place(name=name, closed=closed)
    factories.source(dated=dt.date(2024, 4, 1))
    found = directory_search("mere")
    assert [place.name for place in found.places] == ["Mere", "Mere Valley", "North Mere and Ald", "Merre"]
    assert (found.organisations, found.known_to) == ([], dt.date(2024, 4, 1))


@pytest.mark.django_db
def test_what_is_typed_is_read_to_its_hundredth_letter():
    name = "x" * 100
    body(name)
    assert names(name + "y") == [name]
    assert names("y" + name) == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Somerset primary care trust", ["somerset", "pct"]),
        ("Somerset Clinical Commissioning Group", ["somerset", "ccg"]),
        ("NHS Somerset ICB", ["somerset", "integrated", "care", "board"]),
        ("Somerset PCT", ["somerset", "pct"]),
        ("LB Camden", ["london", "borough", "camden"]),
        ("the City of London", ["city", "london"]),
        ("Mere DCX", ["mere", "dcx"]),
        ("King's Lynn & Mere", ["king's", "lynn", "&", "mere"]),
        ("the of", ["the", "of"]),
        ("-", []),
    ],
)
def test_the_words_that_must_all_appear(typed, words):
    assert _words(typed) == words


@pytest.mark.django_db
def test_suggestions_are_open_and_begin_with_what_is_typed_first(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(search, "MOST_NAMES", 4)
    for name, closed in (("North Mere Council", None), ("Mere Valley Council", None), ("Mere PCT", LAST)):
        body(name, closed=closed)
    body("NHS Mere Integrated Care Board", kind="icb")
    for number in (1, 2, 3):
        body(f"Council number {number} of Mere and others")
    factories.place(name="Mere")
    with django_assert_num_queries(2):
        found = names_beginning(" mere ")
    assert found == [
        ("Mere", "Place"),
        ("Mere Valley Council", "Integrated care board"),
        ("NHS Mere Integrated Care Board", "Integrated care board"),
        ("North Mere Council", "Integrated care board"),
    ]
    assert names_beginning("  ") == names_beginning("pct") == []
