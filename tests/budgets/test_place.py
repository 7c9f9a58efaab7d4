"""A place: who is responsible then and now, what its bodies have, and the places most like it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budgets.models import FundingStream
from budgets.queries.place import place_page
from pooledcare.directory.access import ANONYMOUS
from pooledcare.directory.models import Organisation, Place, PlaceSuccession
from tests import factories
from tests.budgets.public import csv_rows, printed, printed_tables

pytestmark = pytest.mark.django_db

MOST_QUERIES = 6


@dataclass
class Mereshire:
    """A place whose county gave way to a unitary council, and whose group gave way to a wider board."""

    place: Place
    county: Organisation
    council: Organisation
    group: Organisation
    board: Organisation


@pytest.fixture
def mereshire() -> Mereshire:
    place = factories.place(name="Mereshire", slug="mereshire")
    county = factories.council(name="Mereshire County", kind="county", closed=dt.date(2023, 3, 31))
    council = factories.council(
        name="Mereshire Council", opened=dt.date(2023, 4, 1), region=factories.region(name="West")
    )
    factories.place_council(place=place, organisation=county, valid_to=dt.date(2023, 3, 31))
    factories.place_council(place=place, organisation=council, valid_from=dt.date(2023, 4, 1))
    factories.place_council(
        place=place, organisation=factories.council(kind="district", name="Mere District"), role="district"
    )
    factories.population(organisation=council, persons=1000)
    group = factories.organisation(
        name="Mere Group", kind="ccg", opened=dt.date(2013, 4, 1), closed=dt.date(2022, 6, 30)
    )
    board = factories.organisation(name="Wide Board", opened=dt.date(2022, 7, 1))
    factories.succession(predecessor=group, successor=board)
    factories.overlap(organisation=group, place=place, share=Decimal(1), quantity=5)
    factories.overlap(
        organisation=board,
        place=place,
        measure="registered_population",
        as_at=dt.date(2025, 4, 1),
        quantity=1100,
        share=Decimal("0.25"),
    )
    factories.population(organisation=board, persons=4400, measure="registered", as_at=dt.date(2025, 4, 1))
    return Mereshire(place, county, council, group, board)


def test_a_place_whose_council_has_no_figures_names_every_predecessor_with_figures(client, mereshire):
    place = factories.place(name="Westmere", slug="westmere")
    heir = factories.council(name="Westmere Council", opened=dt.date(2024, 4, 1))
    factories.place_council(place=place, organisation=heir, valid_from=dt.date(2024, 4, 1))
    other = factories.council(name="Other County", kind="county")
    silent = factories.council(name="Silent County", kind="county")
    for before in (mereshire.council, other, silent):
        factories.succession(predecessor=before, successor=heir, effective_on=dt.date(2024, 4, 1))
    care(organisation=mereshire.council, amount=Decimal(5000), financial_year=2023)
    care(organisation=other, amount=Decimal(4000), financial_year=2022)
    care(organisation=silent, amount=None, published_text="...", financial_year=2023)

    page = client.get("/places/westmere/")

    assert (
        "No figures of Westmere Council are held. Before it, Mereshire Council spent £5.00 a head net on adult social "
        "care in 2023-24."
    ) in printed(page)
    assert f'href="{other.get_absolute_url()}">Other County</a> has figures too.' in page.content.decode()
    assert "Silent County" not in printed(page).split("Who is responsible here")[0]
    assert "Other County spent" in printed(client.get("/places/westmere/?year=2022-23"))
    care(organisation=heir, amount=Decimal(1), financial_year=2024)
    assert "Before it" not in printed(client.get("/places/westmere/"))


def care(**fields: object) -> None:
    stream = FundingStream.objects.filter(code="adult-social-care").first() or factories.stream(
        name="Adult social care", code="adult-social-care", holder_kinds=["unitary"], gross_or_net="net"
    )
    values = {
        "stream": stream,
        "basis": "outturn",
        "gross_or_net": "net",
        "recurrence": "not_stated",
        "financial_year": 2022,
        "source": factories.mhclg(),
    }
    factories.allocation(**values | fields)


def test_commissioners_are_those_of_today(client, mereshire):
    rows = printed_tables(client.get("/places/mereshire/"))
    today = next(rows[caption] for caption in rows if caption.startswith("NHS commissioners on"))

    assert [row[0] for row in today[1:]] == ["Wide Board"]
    assert today[1][-1] == "Published overlap: registered population, 1 April 2025"


def test_commissioners_as_they_were(client, mereshire):
    rows = printed_tables(client.get("/places/mereshire/?as_at=2022-06-30"))

    assert [row[0] for row in rows["NHS commissioners on 30 June 2022"][1:]] == ["Mere Group"]


def test_a_board_that_took_over_without_a_published_overlap_is_named_with_how_we_know(client, mereshire):
    heir = factories.organisation(name="Later Board", opened=dt.date(2026, 4, 1))
    factories.succession(predecessor=mereshire.board, successor=heir, effective_on=dt.date(2026, 4, 1))

    rows = printed_tables(client.get("/places/mereshire/"))["All NHS commissioners, then and now"]

    assert rows[-1][0] == "Later Board"
    assert rows[-1][-1] == "Took over from Wide Board on 1 April 2026"


def test_part_of_an_area_that_passed_elsewhere_leads_to_its_receiver_and_not_to_the_successor(client, mereshire):
    heir = factories.organisation(name="Great Board", opened=dt.date(2022, 7, 1))
    other = factories.organisation(name="Derby Board", opened=dt.date(2022, 7, 1))
    bordering = factories.organisation(name="T and G Group", kind="ccg", closed=dt.date(2022, 6, 30))
    factories.overlap(organisation=bordering, place=mereshire.place)
    factories.succession(predecessor=bordering, successor=heir)
    rows = printed_tables(client.get("/places/mereshire/"))["All NHS commissioners, then and now"]
    assert "Great Board" in [row[0] for row in rows]
    factories.area_transfer(giver=bordering, receiver=other, area="Glossop", place=mereshire.place)
    factories.allocation(organisation=heir)

    page = client.get("/places/mereshire/")

    rows = printed_tables(page)["All NHS commissioners, then and now"]
    assert "Great Board" not in printed(page)
    assert [row[-1] for row in rows if row[0] == "Derby Board"] == [
        "Its area took in Glossop, from that of T and G Group on 1 July 2022"
    ]


@pytest.mark.parametrize(
    "wrong", ["2022-13-01", "31/04/2022", "1/4/22", "tomorrow", "2999-01-01", "0001-01-01", "2022-04-01T09:30"]
)
def test_a_date_that_cannot_be_read_is_an_error_and_never_ignored(client, mereshire, wrong):
    page = client.get("/places/mereshire/", {"as_at": wrong})

    assert page.status_code == 400
    assert "As at must be a" in printed(page)


def test_pounds_a_head_name_their_population(client, mereshire):
    factories.allocation(organisation=mereshire.board, stream=factories.stream(name="Core"), amount=Decimal(8800))

    page = client.get("/places/mereshire/")
    rows = printed_tables(page)["Wide Board: figures by stream"]

    assert rows[0][1:3] == ["2024-25", "2024-25 a head"]
    assert rows[1][1:3] == ["£8,800", "£2.00"]
    assert "Per registered patient: 4,400 on 1 April 2025, for every year." in printed(page)


def test_an_abolished_council_is_divided_by_the_population_of_its_place_and_says_so(client, mereshire):
    care(organisation=mereshire.county, amount=Decimal(2500))

    page = client.get("/places/mereshire/")

    assert printed_tables(page)["Mereshire County: figures by stream"][1][2] == "£2.50"
    assert "Per resident of the place, which was its area: 1,000 on 30 June 2023, for every year." in printed(page)


def test_what_is_not_reported_is_said_in_the_publishers_mark(client, mereshire):
    care(organisation=mereshire.council, amount=None, published_text="[x]")

    row = printed_tables(client.get("/places/mereshire/"))["Mereshire Council: figures by stream"][1]

    assert row[1:3] == ["Not reported ([x])", "Not reported"]


def test_shares_are_shown_only_on_request_marked_and_in_no_total(client, mereshire):
    factories.allocation(organisation=mereshire.board, amount=Decimal("100.01"))
    caption = "Apportioned by registered population: an estimate, not an allocation to the place"

    assert caption not in printed_tables(client.get("/places/mereshire/"))
    rows = printed_tables(client.get("/places/mereshire/?apportioned=1"))[caption]

    assert rows[0][1] == "2024-25, apportioned"
    assert rows[1][1] == "£25 apportioned"
    assert "Total" not in str(rows)
    download = csv_rows(client.get("/places/mereshire/?apportioned=1&format=csv&table=apportioned"))
    assert download[0]["2024-25, apportioned (£)"] == "25.00"


def test_members_see_unpublished_figures_of_their_own_body_only(client, client_of, mereshire):
    factories.allocation(organisation=mereshire.board, amount=Decimal(777), published_on=None)
    member = factories.member(organisation=mereshire.board, roles=["viewer"])
    outsider = factories.member(organisation=factories.organisation(), roles=["viewer"])

    assert "£777 not published" in printed(client_of(member).get("/places/mereshire/"))
    assert "£777" not in printed(client_of(outsider).get("/places/mereshire/"))
    assert "£777" not in printed(client.get("/places/mereshire/"))


def test_the_page_costs_the_same_queries_for_one_figure_and_for_thirty(client, mereshire):
    factories.allocation(organisation=mereshire.board)
    neighbour = factories.council()
    factories.place_council(organisation=neighbour)
    factories.population(organisation=neighbour, persons=1001)
    with CaptureQueriesContext(connection) as one:
        client.get("/places/mereshire/?apportioned=1")
    for _ in range(30):
        factories.allocation(organisation=mereshire.board)
        council = factories.council()
        factories.place_council(organisation=council)
        factories.population(organisation=council, persons=1000)
        care(organisation=council)
        former = factories.organisation(kind="ccg")
        factories.overlap(organisation=former, place=mereshire.place)
        factories.succession(predecessor=former, successor=mereshire.board)
    with CaptureQueriesContext(connection) as thirty:
        client.get("/places/mereshire/?apportioned=1")

    assert len(one) == len(thirty) <= MOST_QUERIES


def test_an_unknown_place_is_not_found(client):
    assert client.get("/places/nowhere/").status_code == 404


def test_a_place_that_ended_names_the_places_that_hold_its_area(client, mereshire):
    old = factories.place(name="Old Mere", slug="old-mere", closed=dt.date(2013, 3, 31))
    PlaceSuccession.objects.create(predecessor=old, successor=mereshire.place, effective_on=dt.date(2013, 4, 1))

    assert "This place ended on 31 March 2013. Its area is now in Mereshire." in printed(
        client.get("/places/old-mere/")
    )


# ── The list ──────────────────────────────────────────────────────────────────────────────────────────────────────


def listed(page: object) -> list[str]:
    return [row[0] for row in printed_tables(page).get("Places", [])[1:]]


def test_the_list_finds_places_by_name_council_and_commissioner(client, mereshire):
    factories.place(name="Elsewhere")

    assert listed(client.get("/places/")) == ["Elsewhere", "Mereshire"]
    for text in ("mere", "Mereshire Council", "wide board"):
        assert listed(client.get("/places/", {"q": text})) == ["Mereshire"], text


def test_the_list_filters_by_region_kind_commissioner_and_boundary(client, mereshire):
    factories.place(name="Elsewhere")
    region = mereshire.council.region
    region.kind = "statistical"
    region.save()

    for wanted in (
        {"region": region.code},
        {"kind": "unitary"},
        {"commissioner": mereshire.board.code},
        {"coterminous": "then"},
    ):
        assert listed(client.get("/places/", wanted)) == ["Mereshire"], wanted
    assert listed(client.get("/places/", {"coterminous": "now"})) == []
    assert listed(client.get("/places/", {"coterminous": "neither"})) == ["Elsewhere"]


@pytest.mark.parametrize(
    "wrong", [{"region": "nowhere"}, {"kind": "district"}, {"coterminous": "yes"}, {"commissioner": "x"}]
)
def test_a_filter_that_does_not_exist_is_refused(client, wrong):
    page = client.get("/places/", wrong)

    assert page.status_code == 400
    assert "Select a valid choice" in printed(page)


def test_the_list_is_walked_a_page_at_a_time_and_back(client):
    names = [f"Place {number:03d}" for number in range(120)]
    for name in names:
        factories.place(name=name)

    first = client.get("/places/")
    second = client.get("/places/", {"after": Place.objects.get(name="Place 049").pk})
    third = client.get("/places/", {"after": Place.objects.get(name="Place 099").pk})
    back = client.get("/places/", {"before": Place.objects.get(name="Place 100").pk})

    assert [listed(page) for page in (first, second, third)] == [names[:50], names[50:100], names[100:]]
    assert listed(back) == names[50:100]
    assert "Previous" not in printed(first)
    assert "Next" not in printed(third)


@pytest.mark.parametrize(("cursor", "status"), [("x", 400), ("-1", 400), ("9" * 30, 400), ("999999999", 404)])
def test_a_place_in_the_list_that_does_not_exist_is_refused(client, cursor, status):
    factories.place()

    assert client.get("/places/", {"after": cursor}).status_code == status


def test_the_download_of_the_list_has_every_page_of_it(client):
    for _ in range(60):
        factories.place()

    assert len(csv_rows(client.get("/places/?format=csv"))) == 60


def test_the_list_costs_the_same_queries_for_one_place_and_for_thirty(client, mereshire):
    with CaptureQueriesContext(connection) as one:
        client.get("/places/")
    for _ in range(30):
        factories.place_council()
    with CaptureQueriesContext(connection) as thirty:
        client.get("/places/")

    assert len(one) == len(thirty) <= MOST_QUERIES


def test_an_invented_place_is_marked_wherever_it_is_shown(client):
    factories.place(name="Made Up", slug="made-up", illustrative=True)

    for address in ("/places/", "/places/made-up/", "/search/?q=made"):
        assert "Invented for the demonstration" in printed(client.get(address)), address


def test_bodies_of_a_page_come_with_the_people_they_serve(mereshire):
    page = place_page("mereshire", actor=ANONYMOUS)

    assert page is not None
    heads = page.heads()
    assert heads[mereshire.board.pk][0].persons == 4400
    assert heads[mereshire.county.pk] == (page.head, True)
    assert mereshire.group.pk not in heads
