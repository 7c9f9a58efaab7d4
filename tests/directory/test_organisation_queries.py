"""Organisations as pages need them: whose code it is, what became of them, and everything in its stated order."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

from pooledcare.directory.models import Organisation, OrganisationCode, OrganisationName, Source, Succession
from pooledcare.directory.queries.organisations import (
    Head,
    Lineage,
    codes_of,
    known_to,
    latest_population,
    lineage,
    organisations_listed,
    organisations_named_by,
    other_names_of,
    overlaps_of,
    places_of,
    populations_of,
    reference_known_to,
    regions_in_use,
)
from pooledcare.directory.queries.sources import sources_listed
from tests import factories

pytestmark = pytest.mark.django_db
FIRST, LAST = dt.date(2013, 4, 1), dt.date(2023, 3, 31)
DAY = dt.timedelta(days=1)


def names(bodies) -> list[str]:
    return [body.name for body in bodies]


def body(name: str, **fields) -> Organisation:
    return factories.organisation(name=name, **fields)


# --- how recent the tables are ---------------------------------------------------------------------------------------


def test_the_tables_are_as_recent_as_their_newest_publication():
    board = body("A")
    assert (reference_known_to(), Organisation.objects.annotate(k=known_to()).get().k) == (None, None)
    factories.source(title="A", dated=dt.date(2024, 4, 1))
    factories.source(title="Z", dated=dt.date(2023, 4, 1))
    factories.source(title="M", dated=None)
    assert reference_known_to() == dt.date(2024, 4, 1)
    assert Organisation.objects.annotate(k=known_to()).get(pk=board.pk).k == dt.date(2024, 4, 1)


def test_sources_come_by_publisher_and_title():
    for publisher, title in (("B", "a"), ("A", "z"), ("A", "b")):
        factories.source(publisher=publisher, title=title)
    twin = factories.source(publisher="A", title="b")
    found = sources_listed()
    assert [(one.publisher, one.title) for one in found] == [("A", "b"), ("A", "b"), ("A", "z"), ("B", "a")]
    assert found[1] == twin
    assert Source.objects.count() == 4


def test_the_newest_count_of_people_stands_for_a_body_and_of_one_day_the_registered():
    board, other = body("A"), body("B")
    assert Organisation.objects.annotate(found=latest_population()).get(pk=board.pk).found is None
    factories.population(organisation=board, persons=3, as_at=dt.date(2022, 6, 30), measure="registered")
    factories.population(organisation=board, persons=2, as_at=dt.date(2023, 6, 30), measure="resident_estimate")
    factories.population(organisation=board, persons=1, as_at=dt.date(2023, 6, 30), measure="registered")
    factories.population(organisation=other, persons=9, as_at=dt.date(2025, 6, 30))
    found = Organisation.objects.annotate(found=latest_population()).get(pk=board.pk).found
    assert found == {"persons": 1, "as_at": "2023-06-30", "measure": "registered"}
    assert Head.read(found) == Head(1, dt.date(2023, 6, 30), "registered")
    assert Head.read(None) is None


# --- found and listed ------------------------------------------------------------------------------------------------


def test_a_code_names_whoever_bears_it_now_first_and_then_whoever_bore_it():
    now, once, other = body("Z now", code="QM1"), body("B once", code="QM2"), body("C other", code="QM3")
    again = body("A again", code="QM4")
    for each in (once, again):
        OrganisationCode.objects.create(
            organisation=each,
            scheme="own",
            code="QM1",
            valid_to=LAST if each == once else None,
            valid_from=None if each == once else LAST + DAY,
        )
    factories.source(dated=dt.date(2024, 4, 1))
    factories.population(organisation=now, persons=5)
    found = organisations_named_by(" qm1 ")
    assert found == [now, again, once]
    assert (found[0].known_to, found[0].population["persons"]) == (dt.date(2024, 4, 1), 5)
    assert other not in found
    assert organisations_named_by("QM") == []


LISTED = [
    ({}, ["Aldshire", "Bedshire", "Bedshire", "Mereshire"]),
    ({"text": "shire"}, ["Aldshire", "Bedshire", "Bedshire", "Mereshire"]),
    ({"text": "mere"}, ["Mereshire"]),
    ({"text": " qa1 "}, ["Aldshire"]),
    ({"text": "old1"}, ["Mereshire"]),
    ({"text": "former"}, ["Aldshire"]),
    ({"text": "nothing of it"}, []),
    ({"kind": "ccg"}, ["Mereshire"]),
    ({"region": "Y58"}, ["Aldshire"]),
    ({"open_on": LAST}, ["Aldshire", "Bedshire", "Bedshire", "Mereshire"]),
    ({"open_on": LAST + DAY}, ["Aldshire", "Bedshire", "Bedshire"]),
    ({"kinds": iter(["ccg", "pct"])}, ["Mereshire"]),
    ({"text": "shire", "kind": "icb", "region": "Y58", "open_on": LAST, "kinds": ["icb"]}, ["Aldshire"]),
    ({"text": "mere", "kind": "icb"}, []),
]


def test_organisations_are_listed_by_name_and_every_filter_narrows():
    region = factories.region(code="Y58")
    second = body("Bedshire", region=factories.region(code="Y59"))
    mereshire = body("Mereshire", kind="ccg", closed=LAST)
    aldshire = body("Aldshire", code="QA1", region=region)
    third = body("Bedshire")
    OrganisationCode.objects.create(organisation=mereshire, scheme="own", code="OLD1")
    OrganisationName.objects.create(organisation=aldshire, name="A former name")
    factories.population(organisation=third, persons=7)
    for asked, expected in LISTED:
        found = list(organisations_listed(**asked))
        assert names(found) == expected, asked
        both = [each for each in found if each.name == "Bedshire"]
        assert both in ([second, third], []), asked
        assert [each.population and each.population["persons"] for each in both] in ([None, 7], []), asked


def test_regions_in_use_come_by_kind_and_name():
    for code, kind, name in (
        ("A", "statistical", "West"),
        ("B", "nhs", "West"),
        ("C", "nhs", "East"),
        ("D", "nhs", "No"),
    ):
        region = factories.region(code=code, kind=kind, name=name)
        if code != "D":
            body(code, region=region)
    body("again", region=region.__class__.objects.get(code="B"))
    body("none")
    assert [region.code for region in regions_in_use()] == ["C", "B", "A"]


# --- what belongs to one ---------------------------------------------------------------------------------------------


def test_everything_of_one_body_comes_in_its_order_and_nothing_of_another():
    board, other = body("Board"), body("Other")
    board.codes.all().delete()
    for scheme, code, since in (
        ("ods", "A2", None),
        ("gss", "E2", dt.date(2020, 1, 1)),
        ("gss", "E1", dt.date(2020, 1, 1)),
        ("gss", "E3", dt.date(2013, 4, 1)),
    ):
        OrganisationCode.objects.create(organisation=board, scheme=scheme, code=code, valid_from=since)
    assert [code.code for code in codes_of(board)] == ["E3", "E1", "E2", "A2"]
    for name in ("B", "C", "A"):
        OrganisationName.objects.create(organisation=board, name=name)
    OrganisationName.objects.create(organisation=other, name="D")
    assert names(other_names_of(board)) == ["A", "B", "C"]
    for measure, year in (("resident_estimate", 2024), ("registered", 2022), ("registered", 2023)):
        factories.population(organisation=board, persons=year, measure=measure, as_at=dt.date(year, 6, 30))
    factories.population(organisation=other, persons=1)
    assert [each.persons for each in populations_of(board)] == [2023, 2022, 2024]
    there = [factories.place(name=name) for name in ("Z", "A", "A")]
    for place in there:
        factories.place_council(place=place, organisation=board)
    factories.place_council(organisation=other)
    assert [each.place for each in places_of(board)] == [there[1], there[2], there[0]]
    for place, measure, year, quantity in (
        (there[0], "small_areas", 2021, 5),
        (there[1], "small_areas", 2021, 9),
        (there[2], "small_areas", 2021, 5),
        (there[0], "small_areas", 2022, 1),
        (there[0], "registered_population", 2020, 2),
    ):
        factories.overlap(
            organisation=board, place=place, measure=measure, as_at=dt.date(year, 4, 1), quantity=quantity
        )
    factories.overlap(organisation=other, place=there[0])
    assert [(each.measure[0], each.as_at.year, each.quantity, each.place) for each in overlaps_of(board)] == [
        ("r", 2020, 2, there[0]),
        ("s", 2022, 1, there[0]),
        ("s", 2021, 9, there[1]),
        ("s", 2021, 5, there[0]),
        ("s", 2021, 5, there[2]),
    ]


# --- successions -----------------------------------------------------------------------------------------------------


def step(one: Organisation, other: Organisation, day: dt.date) -> Succession:
    return factories.succession(predecessor=one, successor=other, effective_on=day)


def test_a_lineage_reaches_to_both_ends_and_no_further_in_the_order_of_events():
    grandparent, parent, uncle, own, child, heir, stranger = (
        body(name) for name in ("grandparent", "parent", "uncle", "own", "child", "heir", "stranger")
    )
    first, later, last = dt.date(2013, 4, 1), dt.date(2019, 4, 1), dt.date(2022, 7, 1)
    steps = [
        step(child, heir, last),
        step(own, child, last - DAY),
        step(uncle, own, later),
        step(parent, own, later),
        step(grandparent, parent, first),
    ]
    step(parent, stranger, last)  # what else became of a parent is no part of it
    step(stranger, heir, last)
    found = lineage([own.pk])
    assert [(each.predecessor.name, each.successor.name) for each in found.steps] == [
        ("grandparent", "parent"),
        ("parent", "own"),
        ("uncle", "own"),
        ("own", "child"),
        ("child", "heir"),
    ]
    assert set(found.steps) == set(steps)
    assert names(each.predecessor for each in found.into(own.pk)) == ["parent", "uncle"]
    assert names(each.successor for each in found.out_of(own.pk)) == ["child"]
    assert (found.into(grandparent.pk), found.out_of(heir.pk)) == ([], [])
    assert names(found.everyone()) == ["child", "grandparent", "heir", "own", "parent", "uncle"]
    assert names(found.final_successors(own.pk)) == ["heir"]
    assert found.final_successors(heir.pk) == []
    assert {each.pk for each in lineage([grandparent.pk, own.pk]).steps} > {each.pk for each in steps}


def test_of_one_day_successions_come_by_name_of_predecessor_and_of_successor():
    b, a, z = body("b"), body("a"), body("z")
    for one, other in ((b, z), (a, z), (a, b)):
        step(one, other, FIRST)
    found = lineage([a.pk, b.pk]).steps
    assert [(each.predecessor.name, each.successor.name) for each in found] == [("a", "b"), ("a", "z"), ("b", "z")]


def steps_of(*pairs: tuple[int, int]) -> Lineage:
    """A lineage among bodies that are called by numbers."""
    bodies = {pk: Organisation(pk=pk, name=f"{9 - pk}") for pair in pairs for pk in pair}
    return Lineage(
        tuple(
            SimpleNamespace(predecessor_id=one, successor_id=other, predecessor=bodies[one], successor=bodies[other])
            for one, other in pairs
        )
    )


@pytest.mark.parametrize(
    ("pairs", "heirs"),
    [
        ([], []),
        ([(1, 2)], [2]),
        ([(1, 2), (2, 3)], [3]),
        ([(1, 2), (1, 3)], [3, 2]),  # by name: 9 - pk
        ([(1, 2), (1, 3), (2, 4), (3, 4)], [4]),
        ([(1, 2), (2, 3), (2, 4), (1, 5)], [5, 4, 3]),
        ([(1, 2), (2, 1)], []),
        ([(1, 2), (2, 3), (3, 2), (2, 4)], [4]),
        ([(5, 1), (5, 6)], []),
    ],
)
def test_the_heirs_are_those_at_the_end_however_many_steps_away(pairs, heirs):
    assert [each.pk for each in steps_of(*pairs).final_successors(1)] == heirs
