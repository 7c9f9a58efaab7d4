"""The lists that pages show, over the reference tables as compiled: the counts that other publications state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import transaction

from pooledcare.directory.loading import load_reference
from pooledcare.directory.queries.organisations import lineage, organisations_named_by
from pooledcare.directory.queries.places import overlaps_of_place, place_by_slug, places_listed
from pooledcare.directory.queries.search import directory_search

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def reference(django_db_setup, django_db_blocker) -> Iterator[None]:  # type: ignore[no-untyped-def]
    """One load for all tests here, undone after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_reference()
        yield
        transaction.set_rollback(True)


def test_forty_two_places_had_the_boundary_of_one_group_in_april_2021(reference):
    assert places_listed(coterminous="then", on=dt.date(2021, 4, 1)).count() == 42


@pytest.mark.parametrize(
    ("day", "places"), [("2013-04-01", 152), ("2019-04-01", 151), ("2021-04-01", 152), ("2023-04-01", 153)]
)
def test_places_of_each_day(reference, day, places):
    assert places_listed(on=dt.date.fromisoformat(day)).count() == places


def test_the_tees_valley_group_became_one_board_and_had_three_groups_before(reference):
    (group,) = organisations_named_by("16C")
    history = lineage([group.pk])

    assert len(history.into(group.pk)) == 3
    assert [body.code for body in history.final_successors(group.pk)] == ["QHM"]


def test_a_chain_of_two_mergers_is_followed_to_its_end(reference):
    (group,) = organisations_named_by("10G")
    history = lineage([group.pk])

    assert [step.successor.code for step in history.out_of(group.pk)] == ["15D"]
    assert [step.successor.code for step in history.out_of(history.out_of(group.pk)[0].successor_id)] == ["D4U1Y"]


def test_stocktons_overlap_is_120_small_areas(reference):
    place = place_by_slug("stockton-on-tees")

    assert place is not None
    shared = {(o.organisation.code, o.measure): o.quantity for o in overlaps_of_place(place)}
    assert shared["16C", "small_areas"] == 120


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Tees Valley", "E47000006"),
        ("Tees Valley CCG", "16C"),
        ("Somerset", "E06000066"),
        ("Leeds", "E08000035"),
        ("Westminster", "E09000033"),
        ("Kent", "E10000016"),
        ("16C", "16C"),
        ("E06000004", "E06000004"),
        ("Corby Borough Council", "E07000150"),
        ("somerset pct", "5QL"),
        ("LB Camden", "E09000007"),
        ("Shepway", "E07000112"),
        ("Kingston upon Hull", "E06000010"),
        ("NHS Lancashire North CCG", "01K"),
        ("Newcastle upon Tyne", "E08000021"),
        ("Doncaster Metropolitan Boro Council", "E08000017"),
    ],
)
def test_search_finds_what_people_look_for(reference, text, code):
    assert directory_search(text).organisations[0].code == code
