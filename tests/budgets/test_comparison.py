"""Holders of a stream compared a head: rank, mean, peers by a measure or chosen, sorted, as a file, and as it was."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budgets import totals
from budgets.models import Allocation, FundingStream
from pooledcare.directory.models import Organisation
from tests import factories
from tests.budgets.public import csv_rows, printed, printed_tables

pytestmark = pytest.mark.django_db

CAPTION = "Table: Core a head, 2024-25"
# Pounds and people of each board: 20, 15, 10 and 5 a head; the mean is 25,000 pounds by 2,000 people.
BOARDS = {"Ash": (10_000, 500), "Birch": (7_500, 500), "Cedar": (5_000, 500), "Elm": (2_500, 500)}


@pytest.fixture
def boards() -> dict[str, Organisation]:
    north, south = factories.region(name="North"), factories.region(name="South")
    stream = factories.stream(code="core", name="Core", expected_kinds=["icb"])
    found = {}
    for name, (amount, persons) in BOARDS.items():
        region = north if name in ("Ash", "Birch") else south
        body = found[name] = factories.organisation(name=f"{name} Board", code=f"Q{name.upper()}", region=region)
        factories.population(organisation=body, persons=persons, measure="registered", as_at=dt.date(2025, 4, 1))
        factories.allocation(organisation=body, stream=stream, amount=Decimal(amount))
    totals.rebuild()
    return found


@pytest.fixture
def more_boards(boards: dict[str, Organisation]) -> None:
    """Fir has not reported, and nobody has counted the people of Gum."""
    for name, amount in (("Fir", None), ("Gum", Decimal(7))):
        factories.allocation(
            organisation=factories.organisation(name=f"{name} Board", code=f"Q{name.upper()}"),
            stream=core(), amount=amount, published_text="" if amount else "...",
        )  # fmt: skip
    totals.rebuild()


def core() -> FundingStream:
    return FundingStream.objects.get(code="core")


def rows(page: object) -> list[tuple[str, ...]]:
    return [(row[0], row[1], row[3], row[4]) for row in printed_tables(page)[CAPTION][1:]]


def test_every_holder_is_ranked_from_the_highest_with_england_below(client, more_boards):
    page = client.get("/streams/core/a-head/")

    assert rows(page) == [
        ("Ash Board", "£20.00", "60.0%", "1"),
        ("Birch Board", "£15.00", "20.0%", "2"),
        ("Cedar Board", "£10.00", "−20.0%", "3"),
        ("Elm Board", "£5.00", "−60.0%", "4"),
        ("Fir Board", "Not reported", "Not known", "Not ranked"),
        ("Gum Board", "No population held", "Not known", "Not ranked"),
        ("England: 4 together", "£12.50", "Not applicable", "Not applicable"),
    ]
    assert (
        "Core for 2024-25 goes from £5.00 a head (Elm Board) to £20.00 a head (Ash Board). "
        "England’s mean is £12.50 a head."
    ) in printed(page)


def test_one_holder_is_compared_with_its_peers_by_the_measure_that_is_chosen(client, boards):
    nearest = client.get("/streams/core/a-head/?body=QBIRCH")
    region = client.get("/streams/core/a-head/?body=QBIRCH&peers=region")
    chosen = client.get("/streams/core/a-head/?body=QBIRCH&others=QELM&others=QASH")

    assert (
        "Birch Board has £15.00 a head of core for 2024-25, the 2nd highest of 4 boards and 20.0% above England."
        in (printed(nearest))
    )
    assert [row[0] for row in rows(nearest)[:-1]] == [
        "Ash Board",
        "Birch Board compared here",
        "Cedar Board",
        "Elm Board",
    ]
    assert "Birch Board has more a head than 2 of the 3 boards nearest in population." in printed(nearest)
    assert [row[0] for row in rows(region)[:-1]] == ["Ash Board", "Birch Board compared here"]
    assert "Not even" not in printed(nearest)
    assert "Not even the one board of the same region has less a head." in printed(region)
    assert [row[0] for row in rows(chosen)[:-1]] == ["Ash Board", "Birch Board compared here", "Elm Board"]
    assert "Birch Board has more a head than 1 of the 2 boards that you chose." in printed(chosen)
    assert rows(region)[1][3] == "2", "the rank among all, not among those that are shown"


def test_holders_are_offered_to_choose_from_once_a_reader_wants_to_choose(client, boards):
    plain, choosing = (client.get(f"/streams/core/a-head/?body=QASH{rest}") for rest in ("", "&peers=chosen"))

    assert "Those that I choose" in printed(plain), "as a measure"
    assert 'name="others"' not in plain.content.decode()
    assert choosing.content.decode().count('name="others"') == 4
    assert "Choose above with whom to compare Ash Board." in printed(choosing)
    assert [row[0] for row in rows_of(choosing)] == ["Ash Board compared here", "England: 4 together"]


def rows_of(page: object) -> list[list[str]]:
    return next(table for caption, table in printed_tables(page).items() if caption.startswith("Core"))[1:]


def test_the_table_is_sorted_by_the_server_and_downloads_in_that_order_with_exact_amounts(client, more_boards):
    page = client.get("/streams/core/a-head/?sort=a-head.2&unit=thousands")

    table = printed_tables(page)[CAPTION]
    assert table[0][:3] == ["Holder", "A head", "Amount (£000)"]
    assert [(row[0], row[2]) for row in table[1:4]] == [("Gum Board", "0"), ("Elm Board", "2"), ("Cedar Board", "5")]
    assert table[-1][2] == "25", "the exact sum, rounded once, and not the sum of rounded amounts"
    file = csv_rows(client.get("/streams/core/a-head/?sort=a-head.2&unit=thousands&format=csv"))
    assert [(row["Holder"], row["Amount (£)"]) for row in file[:2]] == [("Gum Board", "7.00"), ("Elm Board", "2500.00")]
    assert (file[0]["Year"], file[0]["Basis"], file[0]["Source"]) == ("2024-25", "Allocation, recurrent", "NHS England")


@pytest.mark.parametrize(
    "query", ["body=NOPE", "peers=friends", "others=NOPE", "year=2024", "basis=guess", "as_at=2024-02-30"]
)
def test_a_choice_that_cannot_be_is_an_error_at_its_field_and_shows_no_figures(client, boards, query):
    page = client.get(f"/streams/core/a-head/?{query}")

    assert page.status_code == 400
    assert "There is a problem" in printed(page)
    assert "£20.00" not in printed(page)


@pytest.mark.parametrize("query", ["sort=a-head.8", "sort=1", "unit=pence"])
def test_a_way_of_showing_that_cannot_be_is_refused(client, boards, query):
    assert client.get(f"/streams/core/a-head/?{query}").status_code == 400


def test_only_what_everybody_may_read_is_compared(client, client_of, boards):
    secret, invented = factories.organisation(name="Secret Board"), factories.organisation(illustrative=True)
    stream = core()
    for body, day in ((secret, None), (invented, dt.date(2024, 5, 1))):
        factories.population(organisation=body, persons=10)
        factories.allocation(organisation=body, stream=stream, amount=Decimal(777), published_on=day)
    own = factories.allocation(organisation=boards["Ash"], stream=stream, amount=Decimal(1), source=boards["Ash"])
    reader = factories.member(organisation=secret, roles=["viewer"])

    for page in (client.get("/streams/core/a-head/"), client_of(reader).get("/streams/core/a-head/")):
        assert len(rows(page)) == 5
        assert "777" not in printed(page)
        assert own.reference not in page.content.decode()


def test_what_was_published_later_is_not_compared_as_it_was_before(client, boards):
    late = factories.organisation(name="Late Board")
    factories.population(organisation=late, persons=1, measure="registered")
    figure = factories.allocation(organisation=late, stream=core(), published_on=dt.date(2024, 6, 1))

    today = client.get("/streams/core/a-head/")
    page = client.get("/streams/core/a-head/?as_at=2024-05-31")

    assert rows(today)[0][0] == "Late Board"
    assert [row[0] for row in rows(page)][:2] == ["Ash Board", "Birch Board"]
    assert rows(page)[-1][0] == "England: 4 together"
    assert figure.reference not in page.content.decode()


def test_a_stream_or_a_year_without_figures_has_a_page(client, boards):
    factories.stream(code="quiet")

    assert "No published figures of this stream are held." in printed(client.get("/streams/quiet/a-head/"))
    assert "for what you asked" in printed(client.get("/streams/core/a-head/?year=2019-20&basis=allocation"))
    assert client.get("/streams/nothing/a-head/").status_code == 404


def test_an_abolished_council_is_compared_by_the_people_of_its_place(client):
    stream = factories.stream(code="care", name="Care", holder_kinds=["county", "unitary"])
    for name, kind, closed, persons in (
        ("Mere County", "county", dt.date(2023, 3, 31), None),
        ("Oak Council", "unitary", None, 100),
    ):
        council = factories.council(name=name, kind=kind, closed=closed)
        place = factories.place_council(organisation=council).place
        heir = council if persons else factories.council()
        factories.population(organisation=heir, persons=persons or 50)
        if heir != council:
            factories.place_council(place=place, organisation=heir)
        factories.allocation(organisation=council, stream=stream, amount=Decimal(1000))
    totals.rebuild()

    table = next(iter(printed_tables(client.get("/streams/care/a-head/")).values()))

    assert [(row[0], row[1]) for row in table[1:3]] == [
        ("Mere County until 31 March 2023", "£20.00"), ("Oak Council", "£10.00"),
    ]  # fmt: skip
    assert table[1][-1] == "30 June 2023 people of the place that was its area"


def test_the_page_costs_the_same_queries_for_four_holders_and_for_thirty(client, boards):
    with CaptureQueriesContext(connection) as four:
        client.get("/streams/core/a-head/?body=QASH")
    stream = core()
    for number in range(30):
        body = factories.organisation()
        factories.population(organisation=body, persons=number + 1)
        factories.allocation(organisation=body, stream=stream)
    totals.rebuild()
    with CaptureQueriesContext(connection) as thirty:
        client.get("/streams/core/a-head/?body=QASH")

    assert len(four) == len(thirty)


# ── On the pages of organisations, places and England ────────────────────────────────────────────────────────────────


def test_the_page_of_an_organisation_begins_with_its_rank_and_its_peers(client, boards):
    page = client.get("/organisations/QASH/")

    words = printed(page)
    assert "Ash Board has £20.00 a head of core for 2024-25, the highest of 4 boards and 60.0% above England." in words
    assert "Ash Board has more a head than all 3 boards nearest in population." in words
    assert 'href="/streams/core/a-head/?year=2024-25&amp;basis=allocation&amp;body=QASH"' in page.content.decode()


def test_a_year_that_is_asked_for_is_answered_also_when_hardly_anything_is_known_of_it(client, boards):
    running = factories.stream(name="Running costs", code="running")
    for year in (2024, 2025):
        factories.allocation(organisation=boards["Ash"], stream=running, financial_year=year, amount=Decimal(500))

    assert "Ash Board has £20.00 a head of core for 2024-25" in printed(client.get("/organisations/QASH/"))
    words = printed(client.get("/organisations/QASH/?year=2025-26"))
    assert "Running costs is all that is known for 2025-26. Ash Board has £1.00 a head of it." in words
    missing = printed(client.get("/organisations/QASH/?year=2024-25&stream=running"))
    assert "Ash Board has £1.00 a head of running costs for 2024-25." in missing


def test_an_organisation_without_figures_shows_those_of_its_predecessor(client, boards):
    heir = factories.organisation(name="Great Board", code="QGREAT", opened=dt.date(2026, 4, 1))
    for name in ("Elm", "Ash"):
        factories.succession(predecessor=boards[name], successor=heir, effective_on=dt.date(2026, 4, 1))

    page = client.get("/organisations/QGREAT/")

    assert (
        "No figures of Great Board are held. Before it, Ash Board has £20.00 a head of core for 2024-25, the highest "
        "of 4 boards and 60.0% above England."
    ) in printed(page)
    assert 'href="/organisations/QASH/"' in page.content.decode()
    assert "Elm Board has figures too." in printed(page)
    assert 'href="/organisations/QELM/">Elm Board</a> has figures too.' in page.content.decode()
    factories.allocation(organisation=heir, amount=Decimal(9))
    assert "Before it" not in printed(client.get("/organisations/QGREAT/"))


def test_a_restated_figure_says_so_and_one_that_was_only_confirmed_does_not(client, boards):
    ash = Allocation.objects.get(organisation=boards["Ash"])
    Allocation.objects.filter(pk=ash.pk).update(is_current=False)
    again = factories.allocation(organisation=boards["Ash"], stream=ash.stream, amount=ash.amount, version=2)
    assert "restated" not in printed(client.get("/organisations/QASH/"))
    Allocation.objects.filter(pk=again.pk).update(is_current=False)
    factories.allocation(organisation=boards["Ash"], stream=ash.stream, amount=Decimal(9_000), version=3)

    assert "The figure was restated." in printed(client.get("/organisations/QASH/"))


def test_a_place_begins_with_its_commissioner_and_its_council(client, boards):
    place = factories.place(slug="mere", name="Mere")
    council = factories.place_council(place=place, organisation=factories.council(name="Mere Council")).organisation
    factories.population(organisation=council, persons=10)
    care = factories.stream(name="Care", code="care", holder_kinds=["unitary"])
    factories.allocation(organisation=council, stream=care, basis="outturn", amount=Decimal(30))
    for name, share in (("Birch", "0.6"), ("Elm", "0.4")):
        factories.overlap(
            organisation=boards[name], place=place, measure="registered_population", share_of_place=Decimal(share)
        )

    words = printed(client.get("/places/mere/"))

    assert words.startswith(
        "Mere Birch Board has £15.00 a head of core for 2024-25, the 2nd highest of 4 boards and 20.0% above England."
    )
    assert "Mere Council spent £3.00 a head on care in 2024-25." in words
    nothing = printed(client.get("/places/mere/?year=2019-20"))
    assert "No 2019-20 figures of the organisations of Mere are held. The latest are of 2024-25." in nothing


def test_england_counts_the_people_of_all_holders(client, boards):
    words = printed(client.get("/"))

    assert "NHS England allocated £25,000 of core to 4 boards for 2024-25: £12.50 a head." in words
    factories.organisation(name="Late Board")
    assert "NHS England allocated £25,000 of core to boards for 2024-25: 4 of 5 figures reported." in printed(
        client.get("/")
    )


def test_a_stream_begins_with_its_sum_a_head_and_shows_every_holder_as_a_dot(client, more_boards):
    page = client.get("/streams/core/")

    assert "£25,007 of core to boards for 2024-25: 5 of 6 figures reported." in printed(page)
    assert "Table: Core a head, 2024-25" in printed_tables(page)
    assert 'href="/streams/core/a-head/?year=2024-25&amp;basis=allocation"' in page.content.decode()
