"""Places as pages need them: with the council and the commissioners of a day, one by one, and beside their like."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from pooledcare.directory.models import Place, PlaceSuccession
from pooledcare.directory.queries.places import (
    commissioners_in_use,
    councils_of,
    overlaps_of_place,
    place_by_slug,
    places_listed,
)
from tests import factories

pytestmark = pytest.mark.django_db
FIRST, LAST = dt.date(2013, 4, 1), dt.date(2023, 3, 31)  # a county until 31 March, a unitary from 1 April
DAY = dt.timedelta(days=1)
NOW, THEN = "registered_population", "small_areas"


def found(*, on: dt.date = FIRST, **asked: str) -> list[str]:
    return [place.name for place in places_listed(on=on, **asked)]


def share(place: Place, body, measure: str = NOW, of_body: str = "1", of_place: str = "1", **fields):
    return factories.overlap(
        organisation=body, place=place, measure=measure, share=Decimal(of_body), share_of_place=Decimal(of_place),
        **fields,
    )  # fmt: skip


def test_places_of_a_day_come_by_name():
    for name, opened, closed in (("C", None, LAST), ("A", FIRST, None), ("B", None, None), ("B", LAST + DAY, None)):
        factories.place(name=name, opened=opened, closed=closed)
    assert found(on=FIRST - DAY) == ["B", "C"]
    assert found(on=FIRST) == ["A", "B", "C"]
    assert found(on=LAST) == ["A", "B", "C"]
    assert found(on=LAST + DAY) == ["A", "B", "B"]
    twins = [place.pk for place in places_listed(on=LAST + DAY) if place.name == "B"]
    assert twins == sorted(twins)


def test_a_place_has_the_council_with_social_care_duties_of_the_day():
    place, region = factories.place(), factories.region(name="South West")
    county = factories.council(name="County", kind="county", code="E1", region=region)
    factories.place_council(place=place, organisation=county, valid_to=LAST)
    unitary = factories.council(name="Unitary", code="E2")
    factories.place_council(place=place, organisation=unitary, valid_from=LAST + DAY)
    factories.place_council(place=place, organisation=factories.council(name="A district"), role="district")
    factories.place_council(organisation=factories.council(name="A council of another place"))
    shown = {
        "county": {"name": "County", "code": "E1", "kind": "county", "region": "South West"},
        "unitary": {"name": "Unitary", "code": "E2", "kind": "unitary", "region": None},
    }
    for day, kind in ((FIRST, "county"), (LAST, "county"), (LAST + DAY, "unitary"), (LAST + DAY * 2, "unitary")):
        assert places_listed(on=day, text=place.name).get().council == shown[kind], day
        assert found(on=day, kind="county") == ([place.name] if kind == "county" else []), day
        assert found(on=day, region=region.code) == ([place.name] if kind == "county" else []), day


def test_of_two_councils_of_one_day_the_first_by_name_is_shown():
    place = factories.place()
    for name in ("B", "A"):
        factories.place_council(place=place, organisation=factories.council(name=name))
    assert places_listed(on=FIRST).get().council["name"] == "A"


def test_commissioners_of_today_come_by_their_share_of_the_place():
    place = factories.place()
    for name, of_place in (("Small", "0.1"), ("Large", "0.6"), ("B even", "0.15"), ("A even", "0.15")):
        share(place, factories.organisation(name=name), of_body="0.5", of_place=of_place)
    share(place, factories.organisation(name="A group of then"), THEN)
    share(factories.place(), factories.organisation(name="Of another place"))
    shown = places_listed(on=FIRST, text=place.name).get()
    assert [each["name"] for each in shown.commissioners] == ["Large", "A even", "B even", "Small"]


def test_the_people_of_a_place_are_the_newest_count_of_its_council_with_social_care_duties():
    place = factories.place()
    council, district = factories.council(), factories.council(kind="district")
    factories.place_council(place=place, organisation=council)
    factories.place_council(place=place, organisation=district, role="district")
    factories.population(organisation=council, persons=1, as_at=dt.date(2022, 6, 30))
    factories.population(organisation=council, persons=2, as_at=dt.date(2023, 6, 30))
    factories.population(organisation=council, persons=3, as_at=dt.date(2023, 6, 30), measure="registered")
    factories.population(organisation=district, persons=9, as_at=dt.date(2024, 6, 30))
    expected = {"persons": 3, "as_at": "2023-06-30", "measure": "registered"}
    assert places_listed(on=FIRST).get().population == expected
    assert place_by_slug(place.slug).population == expected


@pytest.fixture
def boundaries() -> None:
    """A place with one boundary now, one with one then, one whose board is larger, one that is larger itself."""
    kinds = {
        "Now": (NOW, "1", "1"), "Then": (THEN, "1", "1"), "Part of a board": (NOW, "0.9", "1"),
        "More than a board": (THEN, "1", "0.9"),
    }  # fmt: skip
    for name, (measure, of_body, of_place) in kinds.items():
        share(factories.place(name=name), factories.organisation(code=name[:4].upper()), measure, of_body, of_place)
    factories.place(name="Without any")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", ["More than a board", "Now", "Part of a board", "Then", "Without any"]),
        ("now", ["Now"]),
        ("then", ["Then"]),
        ("neither", ["More than a board", "Part of a board", "Without any"]),
    ],
)
def test_boundaries_agree_where_each_covers_the_other_wholly(asked, expected, boundaries):
    assert found(coterminous=asked) == expected
    if asked == "":
        flags = {each.name: (each.is_coterminous_now, each.was_coterminous) for each in places_listed(on=FIRST)}
        assert flags == {
            "Now": (True, False),
            "Then": (False, True),
            "Part of a board": (False, False),
            "More than a board": (False, False),
            "Without any": (False, False),
        }


FOUND = [
    ({"text": "mere"}, ["Mereshire"]),
    ({"text": "COUNTY OF"}, ["Mereshire"]),
    ({"text": "board"}, ["Aldshire"]),
    ({"text": "shire"}, ["Aldshire", "Mereshire"]),
    ({"text": "nothing of it"}, []),
    ({"commissioner": " qa1 "}, ["Aldshire"]),
    ({"commissioner": "QA"}, []),
    ({"kind": "county"}, ["Mereshire"]),
    ({"region": "Y58"}, ["Mereshire"]),
    ({"region": "Y58", "commissioner": "QA1"}, []),
]


def test_a_place_is_found_by_its_name_and_by_those_of_its_councils_and_commissioners():
    mereshire, aldshire = factories.place(name="Mereshire"), factories.place(name="Aldshire")
    county = factories.council(name="County of Mere", kind="county", region=factories.region(code="Y58"))
    factories.place_council(place=mereshire, organisation=county)
    factories.place_council(place=aldshire, organisation=factories.council(region=factories.region(code="Y59")))
    share(aldshire, factories.organisation(name="Ald Board", code="QA1"), THEN)
    for asked, expected in FOUND:
        assert found(**asked) == expected, asked


def test_commissioners_in_use_are_boards_before_groups_by_name():
    place = factories.place()
    for kind, name in (("ccg", "B"), ("icb", "Z"), ("icb", "Y"), ("ccg", "A")):
        share(place, factories.organisation(kind=kind, name=name))
    share(factories.place(), factories.organisation(kind="icb", name="X"), THEN)
    factories.organisation(kind="icb", name="W")
    assert [body.name for body in commissioners_in_use()] == ["X", "Y", "Z", "A", "B"]


# --- one place -------------------------------------------------------------------------------------------------------


def test_a_place_says_what_it_came_from_and_what_became_of_it_in_order():
    place = factories.place(slug="mereshire")
    for name, day in (("B", LAST), ("A", LAST), ("C", FIRST)):
        PlaceSuccession.objects.create(
            predecessor=factories.place(name=name, slug=f"from-{name.lower()}"), successor=place, effective_on=day
        )
        PlaceSuccession.objects.create(
            predecessor=place, successor=factories.place(name=name, slug=f"to-{name.lower()}"), effective_on=day
        )
    PlaceSuccession.objects.create(predecessor=factories.place(), successor=factories.place(), effective_on=FIRST)
    factories.source(dated=dt.date(2024, 4, 1))
    shown = place_by_slug("mereshire")
    assert shown.came_from == [
        {"name": "C", "slug": "from-c", "on": "2013-04-01"},
        {"name": "A", "slug": "from-a", "on": "2023-03-31"},
        {"name": "B", "slug": "from-b", "on": "2023-03-31"},
    ]
    assert [step["slug"] for step in shown.became] == ["to-c", "to-a", "to-b"]
    assert (shown.known_to, shown.population) == (dt.date(2024, 4, 1), None)
    assert place_by_slug("nowhere") is None


def test_councils_of_a_place_begin_with_social_care_and_the_newest():
    place = factories.place()
    for name, role, since in (
        ("District B", "district", FIRST),
        ("District A", "district", FIRST),
        ("County", "upper_tier", FIRST),
        ("Unitary", "upper_tier", LAST + DAY),
    ):
        factories.place_council(place=place, organisation=factories.council(name=name), role=role, valid_from=since)
    factories.place_council()
    first = councils_of(place)[0].organisation
    factories.population(organisation=first, persons=4)
    listed = councils_of(place)
    assert [each.organisation.name for each in listed] == ["Unitary", "County", "District A", "District B"]
    assert (listed[0].population["persons"], listed[1].population) == (4, None)


def test_overlaps_of_a_place_begin_with_the_newest_lookup_and_the_largest_share():
    place = factories.place()
    for name, year, measure, of_place in (
        ("A", 2021, THEN, "0.2"),
        ("C", 2021, THEN, "0.4"),
        ("B", 2021, THEN, "0.4"),
        ("D", 2021, NOW, "0.1"),
        ("E", 2023, THEN, "0.1"),
    ):
        body = factories.organisation(name=name)
        factories.population(organisation=body, persons=year)
        share(place, body, measure, "0.5", of_place, as_at=dt.date(year, 4, 1))
    share(factories.place(), factories.organisation(name="F"))
    listed = overlaps_of_place(place)
    assert [each.organisation.name for each in listed] == ["E", "D", "B", "C", "A"]
    assert listed[0].population["persons"] == 2023
