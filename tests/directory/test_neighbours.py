"""What the API says around one organisation or one place: exactly whom, on which day, and in which order."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine

from pooledcare.directory.models import PlaceSuccession
from pooledcare.directory.queries.neighbours import around_organisation, around_place, place_id
from tests import factories

pytestmark = pytest.mark.django_db
APRIL, JULY = dt.date(2019, 4, 1), dt.date(2022, 7, 1)
DAY = dt.timedelta(days=1)


def body(name: str, **fields):
    return factories.organisation(name=name, code=name.upper(), **fields)


def test_bodies_before_and_after_an_organisation_come_by_day_and_name():
    own = body("own")
    for name, day in (("b", JULY), ("a", JULY), ("c", APRIL)):
        factories.succession(predecessor=body(f"p{name}"), successor=own, effective_on=day)
        factories.succession(
            predecessor=own, successor=body(f"s{name}"), effective_on=day, share=Decimal("0.25"), share_basis="patients"
        )
    factories.succession(predecessor=body("x"), successor=body("y"))
    around = around_organisation(own.pk)
    assert around["predecessors"] == [
        {
            "organisation": f"P{name}".upper(),
            "name": f"p{name}",
            "effective_on": day,
            "extent": "whole",
            "share": None,
            "share_basis": "",
        }
        for name, day in (("c", APRIL), ("a", JULY), ("b", JULY))
    ]
    assert around["successors"] == [
        {
            "organisation": f"S{name}".upper(), "name": f"s{name}", "effective_on": day,
            "extent": "whole" if name == "c" else "part", "share": "0.250000", "share_basis": "patients",
        }
        for name, day in (("c", APRIL), ("a", JULY), ("b", JULY))
    ]  # fmt: skip
    assert (around["places"], around["overlaps"]) == ([], [])


def test_places_of_a_council_come_by_name_and_role():
    council = factories.council()
    for name, role in (("B", "upper_tier"), ("A", "upper_tier")):
        factories.place_council(place=factories.place(name=name, slug=name), organisation=council, role=role,
                                valid_from=APRIL, valid_to=JULY)  # fmt: skip
    factories.place_council(place=council.places.get(place__name="A").place, organisation=council, role="district")
    factories.place_council()
    dated = {"valid_from": APRIL, "valid_to": JULY}
    assert around_organisation(council.pk)["places"] == [
        {"place": "A", "name": "A", "role": "district", "valid_from": None, "valid_to": None},
        {"place": "A", "name": "A", "role": "upper_tier", **dated},
        {"place": "B", "name": "B", "role": "upper_tier", **dated},
    ]


@pytest.mark.parametrize("of", ["organisation", "place"])
def test_overlaps_begin_with_the_newest_lookup_and_the_largest_share(of):
    own = {"organisation": body("own"), "place": factories.place(name="Own", slug="own")}
    for name, as_at, measure, large, small in (
        ("b", APRIL, "small_areas", "0.4", "0.1"),
        ("a", APRIL, "small_areas", "0.4", "0.1"),
        ("c", APRIL, "small_areas", "0.6", "0.05"),
        ("d", APRIL, "registered_population", "0.2", "0.2"),
        ("e", JULY, "small_areas", "0.3", "0.3"),
    ):
        other = {"organisation": body(name)} if of == "place" else {"place": factories.place(name=name, slug=name)}
        shares = (
            {"share": large, "share_of_place": small}
            if of == "organisation"
            else {"share": small, "share_of_place": large}
        )
        factories.overlap(
            **own | other, as_at=as_at, measure=measure, quantity=7,
            **{column: Decimal(text) for column, text in shares.items()},
        )  # fmt: skip
    factories.overlap(organisation=body("x"), place=factories.place())
    around = around_organisation(own["organisation"].pk) if of == "organisation" else around_place(own["place"].pk)
    assert [row["name"] for row in around["overlaps"]] == ["e", "d", "c", "a", "b"]
    expected = {
        ("place" if of == "organisation" else "organisation"): "e" if of == "organisation" else "E",
        "name": "e", "measure": "small_areas", "as_at": JULY, "quantity": 7, "share": "0.30000000",
        "share_of_place": "0.30000000",
    }  # fmt: skip
    assert around["overlaps"][0] == expected


def test_places_before_and_after_a_place_come_by_day_and_name():
    own = factories.place()
    for name, day in (("b", JULY), ("a", JULY), ("c", APRIL)):
        before, after = (factories.place(name=name, slug=f"{way}-{name}") for way in ("from", "to"))
        PlaceSuccession.objects.create(predecessor=before, successor=own, effective_on=day)
        PlaceSuccession.objects.create(predecessor=own, successor=after, effective_on=day)
    PlaceSuccession.objects.create(predecessor=factories.place(), successor=factories.place(), effective_on=APRIL)
    around = around_place(own.pk)
    for key, way in (("predecessors", "from"), ("successors", "to")):
        assert around[key] == [
            {"place": f"{way}-{name}", "name": name, "effective_on": day}
            for name, day in (("c", APRIL), ("a", JULY), ("b", JULY))
        ]


def test_commissioners_of_a_day_were_counted_in_the_place_or_took_over_by_then():
    place = factories.place()
    group, other = (body(name, kind="ccg", opened=APRIL, closed=JULY - DAY) for name in ("group", "other group"))
    board = body("board", opened=JULY, closed=dt.date(2026, 3, 31))
    last = body("board of two", opened=dt.date(2026, 4, 1))
    for each in (group, other):
        factories.overlap(organisation=each, place=place)
        factories.overlap(organisation=each, place=place, measure="registered_population")
        factories.succession(predecessor=each, successor=board, effective_on=JULY)
    factories.succession(predecessor=board, successor=last, effective_on=dt.date(2026, 4, 1))
    factories.succession(predecessor=group, successor=body("not yet"), effective_on=dt.date(2030, 4, 1))
    factories.overlap(organisation=body("elsewhere"), place=factories.place())
    for day, there in (
        (JULY - DAY, ["group", "other group"]),
        (JULY, ["board"]),
        (JULY + DAY, ["board"]),
        (dt.date(2026, 3, 31), ["board"]),
        (dt.date(2026, 4, 1), ["board of two"]),
    ):
        found = around_place(place.pk, as_at=day)["commissioners"]
        assert [row["name"] for row in found] == there, day
        with time_machine.travel(dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC), tick=False):
            assert around_place(place.pk)["commissioners"] == found, day
    assert around_place(place.pk, as_at=JULY)["commissioners"] == [
        {
            "organisation": "BOARD", "name": "board", "kind": "icb", "opened": JULY, "closed": dt.date(2026, 3, 31)
        }
    ]  # fmt: skip


def test_a_commissioner_without_dates_is_there_on_every_day():
    place = factories.place()
    factories.overlap(organisation=body("board"), place=place)
    for day in (dt.date(1990, 1, 1), dt.date(2090, 1, 1)):
        assert [row["name"] for row in around_place(place.pk, as_at=day)["commissioners"]] == ["board"]


def test_a_place_is_known_by_its_slug():
    place = factories.place(slug="mereshire")
    factories.place()
    assert (place_id("mereshire"), place_id("nowhere")) == (place.pk, None)
