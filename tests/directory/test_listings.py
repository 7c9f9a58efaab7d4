"""Organisations, places and the feed as the API lists them: exactly who is found, who sees what, in which order."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.db import connection

from pooledcare.directory.access import ANONYMOUS, Actor, Permission, system_actor
from pooledcare.directory.models import Change, Organisation, OrganisationCode, OrganisationName
from pooledcare.directory.queries import listings
from pooledcare.kernel.rest.listings import Listing
from tests import factories

pytestmark = pytest.mark.django_db
FIRST, LAST = dt.date(2013, 4, 1), dt.date(2023, 3, 31)
DAY = dt.timedelta(days=1)
P = Permission


def rows(listing: Listing) -> list[dict[str, object]]:
    names = [column.name for column in listing.columns]
    return [dict(zip(names, row, strict=True)) for row in listing.page(100).rows]


def names(listing: Listing) -> list[object]:
    return [row["name"] for row in rows(listing)]


def in_a_file(listing: Listing) -> list[tuple[object, ...]]:
    statement, values = listing.export()
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def code(body: Organisation, text: str, since: dt.date | None, until: dt.date | None, scheme: str = "ods") -> None:
    OrganisationCode.objects.create(organisation=body, code=text, scheme=scheme, valid_from=since, valid_to=until)


def test_an_organisation_is_listed_with_its_codes_and_names_in_their_order():
    region = factories.region(code="Y58", name="South West")
    board = factories.organisation(
        name="Mereshire Board", code="QM1", region=region, opened=FIRST, closed=LAST, illustrative=True
    )
    board.codes.all().delete()
    code(board, "QM1", LAST, None)
    code(board, "QM0", FIRST, LAST - DAY)
    code(board, "E1", FIRST, None, scheme="gss")
    for name in ("Old Mere", "A Mere"):
        OrganisationName.objects.create(organisation=board, name=name)
    other = factories.organisation(name="Aldshire Board", kind="ccg")
    other.codes.all().delete()
    first, second = rows(listings.organisations({}))
    assert (first["name"], first["codes"], first["other_names"]) == ("Aldshire Board", "[]", "[]")
    assert (first["region"], first["region_name"], first["illustrative"]) == (None, None, False)
    assert json.loads(second.pop("codes")) == [
        {"scheme": "gss", "code": "E1", "valid_from": "2013-04-01", "valid_to": None},
        {"scheme": "ods", "code": "QM0", "valid_from": "2013-04-01", "valid_to": "2023-03-30"},
        {"scheme": "ods", "code": "QM1", "valid_from": "2023-03-31", "valid_to": None},
    ]
    assert json.loads(second.pop("other_names")) == ["A Mere", "Old Mere"]
    assert second == {
        "code": "QM1", "name": "Mereshire Board", "kind": "icb", "opened": FIRST, "closed": LAST, "region": "Y58",
        "region_name": "South West", "illustrative": True,
    }  # fmt: skip
    assert in_a_file(listings.organisations({"kind": "icb"})) == [
        ("QM1", "Mereshire Board", "icb", FIRST, LAST, "Y58", "South West", "true", "gss:E1 ods:QM0 ods:QM1",
         "A Mere; Old Mere"),
    ]  # fmt: skip


ORGANISATIONS = [
    ({}, ["Aldshire", "Bedshire", "Bedshire", "Mereshire"]),
    ({"kind": "ccg"}, ["Mereshire"]),
    ({"region": "Y58"}, ["Aldshire"]),
    ({"open_on": FIRST - DAY}, ["Aldshire", "Bedshire", "Bedshire"]),
    ({"open_on": FIRST}, ["Aldshire", "Bedshire", "Bedshire", "Mereshire"]),
    ({"open_on": LAST}, ["Aldshire", "Bedshire", "Bedshire", "Mereshire"]),
    ({"open_on": LAST + DAY}, ["Aldshire", "Bedshire", "Bedshire"]),
    ({"name": "MERE"}, ["Mereshire"]),
    ({"name": "formerly"}, ["Aldshire"]),
    ({"name": "%"}, []),
    ({"code": "OLD"}, ["Bedshire", "Mereshire"]),
    ({"code": "OLD", "as_at": LAST}, ["Mereshire"]),
    ({"code": "OLD", "as_at": LAST + DAY}, ["Bedshire"]),
    ({"code": "NO"}, []),
    ({"kind": "icb", "name": "mere"}, []),
]


def test_every_filter_of_organisations_narrows():
    first = factories.organisation(name="Bedshire")
    mereshire = factories.organisation(name="Mereshire", kind="ccg", opened=FIRST, closed=LAST)
    aldshire = factories.organisation(name="Aldshire", region=factories.region(code="Y58"))
    factories.organisation(name="Bedshire", region=factories.region(code="Y59"))
    OrganisationName.objects.create(organisation=aldshire, name="Formerly Alder")
    code(mereshire, "OLD", FIRST, LAST)
    code(first, "OLD", LAST + DAY, None)
    for asked, expected in ORGANISATIONS:
        assert names(listings.organisations(asked)) == expected, asked


def test_a_code_names_its_present_holder_first_and_on_a_day_the_holder_of_that_day():
    z_first, a_last, open_end = (factories.organisation(name=name) for name in ("Z first", "A last", "M now"))
    code(z_first, "OLD", None, FIRST)
    code(a_last, "OLD", FIRST + DAY, LAST)
    code(open_end, "OLD", LAST + DAY, None)
    code(z_first, "OLD", None, None, scheme="own")
    code(factories.organisation(), "OLD2", None, None)
    by_name = [open_end.pk, z_first.pk, a_last.pk]
    assert listings.organisation_ids("OLD") == by_name
    OrganisationCode.objects.filter(organisation=z_first, scheme="own").delete()
    assert listings.organisation_ids("OLD") == [open_end.pk, a_last.pk, z_first.pk]
    for day, holder in (
        (FIRST - DAY, z_first), (FIRST, z_first), (FIRST + DAY, a_last), (LAST, a_last), (LAST + DAY, open_end),
    ):  # fmt: skip
        assert listings.organisation_ids("OLD", day) == [holder.pk], day
    assert listings.organisation_ids("NO") == []


def test_a_region_is_known_by_its_code():
    region = factories.region(code="Y58")
    factories.region(code="Y59")
    assert (listings.region_id("Y58"), listings.region_id("Y5")) == (region.pk, None)


def test_a_place_is_listed_with_its_councils_in_their_order():
    place = factories.place(name="Mereshire", slug="mereshire", opened=FIRST, closed=LAST, illustrative=True)
    for name, role in (("B", "district"), ("A", "district"), ("Z", "upper_tier")):
        council = factories.council(name=name, code=f"E{name}")
        factories.place_council(place=place, organisation=council, role=role, valid_from=FIRST, valid_to=LAST)
    factories.place(name="Aldshire")
    first, second = rows(listings.places({}))
    assert (first["name"], first["councils"]) == ("Aldshire", "[]")
    dated = {"valid_from": "2013-04-01", "valid_to": "2023-03-31"}
    assert json.loads(second.pop("councils")) == [
        {"organisation": "EZ", "name": "Z", "role": "upper_tier", **dated},
        {"organisation": "EA", "name": "A", "role": "district", **dated},
        {"organisation": "EB", "name": "B", "role": "district", **dated},
    ]
    assert second == {
        "slug": "mereshire",
        "name": "Mereshire",
        "opened": FIRST,
        "closed": LAST,
        "illustrative": True,
    }
    assert in_a_file(listings.places({"name": "mere"})) == [
        ("mereshire", "Mereshire", FIRST, LAST, "true", "EZ EA EB"),
    ]


PLACES = [
    ({}, ["Aldshire", "Mereshire"]),
    ({"open_on": FIRST - DAY}, ["Aldshire"]),
    ({"open_on": FIRST}, ["Aldshire", "Mereshire"]),
    ({"open_on": LAST}, ["Aldshire", "Mereshire"]),
    ({"open_on": LAST + DAY}, ["Aldshire"]),
    ({"name": "MERE"}, ["Mereshire"]),
    ({"name": "_"}, []),
    ({"council": "E1"}, ["Mereshire"]),
    ({"council": "QA1"}, []),
    ({"commissioner": "QA1"}, ["Aldshire"]),
    ({"commissioner": "E1"}, []),
    ({"council": "E1", "commissioner": "QA1"}, []),
]


def test_every_filter_of_places_narrows():
    mereshire = factories.place(name="Mereshire", opened=FIRST, closed=LAST)
    aldshire = factories.place(name="Aldshire")
    factories.place_council(place=mereshire, organisation=factories.council(code="E1"))
    factories.place_council(place=aldshire, organisation=factories.council(code="E2"))
    factories.overlap(organisation=factories.organisation(code="QA1"), place=aldshire)
    factories.overlap(organisation=factories.organisation(code="QM1"), place=mereshire)
    for asked, expected in PLACES:
        assert names(listings.places(asked)) == expected, asked


# --- who sees which change -------------------------------------------------------------------------------------------


def member(pk: int, code: str, *granted: Permission) -> Actor:
    return Actor(grants={pk: frozenset(granted)}, organisations={pk: Organisation(pk=pk, code=code)})


@pytest.mark.parametrize(
    ("actor", "seen"),
    [
        (ANONYMOUS, [1]),
        (system_actor("test"), [1, 2, 3, 4]),
        (member(7, "QM1", P.READ_UNPUBLISHED), [1, 2]),
        (member(9, "QX9", P.READ_UNPUBLISHED), [1, 3]),
        (member(5, "QZ5", P.READ_UNPUBLISHED), [1, 3, 4]),
        (member(8, "QN8", P.READ_UNPUBLISHED), [1]),
        (member(7, "QM1", P.READ_AUDIT), [1]),  # who may not read what is unpublished, at whatever organisation
        (member(9, "QX9", P.READ_AUDIT), [1]),
    ],
)
def test_a_change_is_seen_by_all_by_its_organisation_and_by_those_named(actor, seen):
    for sequence, organisation, readers, public in (
        (3, "", [9, 5], False),
        (1, "QM1", [], True),
        (2, "QM1", [], False),
        (4, "QZ5", [], False),
    ):
        Change.objects.create(
            sequence=sequence, resource="agreements", reference="S75-1", event="changed", public=public,
            organisation=organisation, reader_ids=readers,
        )  # fmt: skip
    assert [row["sequence"] for row in rows(listings.changes({}, actor=actor))] == seen


def test_changes_under_an_earlier_code_are_still_seen(django_assert_num_queries):
    body = factories.council(code="E08000991")
    OrganisationCode.objects.create(organisation=body, scheme="gss", code="E08000992")
    body.code = "E08000992"
    body.save()
    for sequence, organisation in ((1, "E08000991"), (2, "E08000992"), (3, "E08000993")):
        Change.objects.create(
            sequence=sequence, resource="agreements", reference="S75-1", event="changed", public=False,
            organisation=organisation,
        )  # fmt: skip
    listing = listings.changes({}, actor=member(body.pk, "E08000992", P.READ_UNPUBLISHED))
    assert [row["sequence"] for row in rows(listing)] == [1, 2]
    with django_assert_num_queries(0):
        listings.changes({}, actor=ANONYMOUS)


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        ({}, [1, 2, 3]),
        ({"after": 0}, [1, 2, 3]),
        ({"after": 1}, [2, 3]),
        ({"after": 3}, []),
        ({"resource": "agreements"}, [2]),
        ({"after": 2, "resource": "agreements"}, []),
    ],
)
def test_the_feed_goes_on_after_what_was_read(asked, seen):
    noon = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
    for sequence in (3, 1, 2):
        Change.objects.create(
            sequence=sequence, resource="agreements" if sequence == 2 else "allocations", reference=f"UP-{sequence}",
            event="accepted", public=True, organisation="QM1", counts={"rows": sequence}, at=noon,
        )  # fmt: skip
    listing = listings.changes(asked, actor=ANONYMOUS)
    assert [row["sequence"] for row in rows(listing)] == seen
    if asked == {"after": 1}:
        assert rows(listing)[0] == {
            "sequence": 2, "at": noon, "resource": "agreements", "reference": "UP-2", "event": "accepted",
            "organisation": "QM1", "counts": '{"rows": 2}',
        }  # fmt: skip
        assert in_a_file(listing)[0] == (
            2, "2026-06-01T12:00:00.000000Z", "agreements", "UP-2", "accepted", "QM1", '{"rows": 2}'
        )  # fmt: skip
