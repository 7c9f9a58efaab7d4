"""England's page: sums that say what is in them, and nothing added up that may not be."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budgets import totals
from budgets.queries.england import YEARS_SHOWN, chosen_measure, england, years_around
from budgets.queries.totals import Measure, added_up, published_totals, totals_in, without_parts
from pooledcare.directory.access import ANONYMOUS
from tests import factories
from tests.budgets.public import csv_rows, printed, printed_tables, small_england

pytestmark = pytest.mark.django_db

MOST_QUERIES = 6


def test_the_page_shows_the_year_with_the_most_streams_the_latest_of_several(client):
    small_england()
    later = factories.organisation(opened=dt.date(2025, 4, 1))
    factories.allocation(stream=factories.stream(), financial_year=2025, organisation=later)
    totals.rebuild()

    page = client.get("/")

    assert page.status_code == 200
    rows = printed_tables(page)["2024-25 allocation, by funding stream"]
    assert [row[0] for row in rows[1:]] == ["Core", "Running", "All streams above"]
    assert rows[1][1] == "£12,000"


def test_a_sum_says_how_many_of_how_many_figures_are_in_it(client):
    small_england()

    rows = printed_tables(client.get("/"))["2024-25 allocation, by funding stream"]

    assert (rows[2][1], rows[2][-1]) == ("£60 2 of 3 reported", "2 of 3")


def test_a_region_in_which_nobody_reported_shows_no_zero(client):
    small_england()

    rows = printed_tables(client.get("/"))["Table: 2024-25 allocation, by NHS England region"]

    assert rows[0] == ["NHS England region", "Core", "Running"]
    assert rows[1] == ["Northern", "£6,000", "£60"]
    assert rows[2] == ["Southern", "£6,000", "Not reported (0 of 1)"]
    assert rows[3] == ["England", "£12,000", "£60 2 of 3 reported"]


def test_years_stand_side_by_side(client):
    small_england()

    rows = printed_tables(client.get("/"))["Table: Allocation over the years"]

    assert rows[0][1:3] == ["2023-24", "2024-25"]
    assert rows[1][1:3] == ["£6,000", "£12,000"]


def test_a_year_and_basis_that_nobody_published_says_so_and_shows_no_zero(client):
    small_england()

    page = client.get("/?year=2019-20&basis=outturn")

    assert "No publisher’s figures are held for this year and basis." in printed(page)
    assert "No outturn of 2019-20 is published here." in printed(page)
    assert "£0" not in printed(page).replace("Amounts in £ £000 £m", "")


@pytest.mark.parametrize("address", ["/?year=2024", "/?year=2024-26", "/?basis=guess", "/?year=2024-25&year=2023-24"])
def test_a_filter_that_cannot_be_read_is_an_error_at_the_field(client, address):
    small_england()

    page = client.get(address)

    assert page.status_code == 400
    assert "There is a problem" in printed(page)


def test_an_empty_database_has_a_page(client):
    assert "No figures have been published here yet." in printed(client.get("/"))


def test_unpublished_figures_are_in_no_total(client):
    factories.allocation(amount=Decimal(777), published_on=None)
    totals.rebuild()

    assert "777" not in printed(client.get("/"))


def test_what_holders_publish_about_themselves_is_not_added_to_publishers_figures():
    world = small_england()
    board = world.boards[0]
    factories.allocation(organisation=board, stream=world.core, source=board, amount=Decimal(5))
    totals.rebuild()

    page = england(actor=ANONYMOUS, year=2024, basis="allocation")

    assert sum(total.amount for total in page.by_region if total.stream == "core") == Decimal(12000)


def test_members_see_their_own_organisation_first(client_of):
    world = small_england()
    board = world.boards[1]
    factories.allocation(organisation=board, stream=world.core, source=board, amount=Decimal(4321), published_on=None)
    member = factories.member(organisation=board, roles=["viewer"])

    page = client_of(member).get("/")
    tables = printed_tables(page)

    assert next(iter(tables)) == "Your organisation, 2024-25"
    own = tables["Your organisation, 2024-25"]
    assert ["Birchmere Board", "£4,321 not published", "Core", "Allocation, recurrent", "Its own figure"] in own
    assert "Your organisation" not in printed(client_of(factories.person()).get("/"))


def test_without_figures_of_the_year_the_latest_year_of_ones_own_is_named(client_of):
    world = small_england()
    council = factories.council()
    for year in (2021, 2022):
        factories.allocation(organisation=council, stream=world.core, financial_year=year, basis="budget")
    client = client_of(factories.member(organisation=council, roles=["viewer"]))

    assert "No 2024-25 figures. Latest: 2022-23." in printed(client.get("/?year=2024-25&basis=allocation"))
    assert "Latest:" not in printed(client.get("/?year=2022-23&basis=budget"))


def test_a_stream_inside_another_is_shown_and_counted_once():
    whole = factories.stream(name="Whole", code="whole")
    part = factories.stream(name="Part", code="part", part_of=whole)
    board = factories.organisation(region=factories.region())
    factories.allocation(organisation=board, stream=whole, amount=Decimal(100))
    factories.allocation(organisation=board, stream=part, amount=Decimal(40))
    totals.rebuild()

    found = totals_in(published_totals(), by_region=False)

    assert [total.stream for total in found] == ["whole", "part"]
    assert [total.stream for total in without_parts(found)] == ["whole"]
    assert [total.stream for total in without_parts(found[1:])] == ["part"], "without its whole it counts itself"


def test_figures_of_different_years_bases_or_of_gross_and_net_are_never_added_up():
    factories.allocation(financial_year=2023)
    factories.allocation(financial_year=2024)
    totals.rebuild()

    with pytest.raises(ValueError, match="never added up"):
        added_up(totals_in(published_totals(), by_region=True), key=lambda total: "everything")


def test_the_page_costs_the_same_queries_for_one_figure_and_for_thirty(client):
    factories.allocation(stream=factories.stream(), organisation=factories.organisation(region=factories.region()))
    totals.rebuild()
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get("/")
    for number in range(30):
        factories.allocation(
            stream=factories.stream(),
            organisation=factories.organisation(region=factories.region()),
            financial_year=2024 - number % 3,
        )
    totals.rebuild()
    with CaptureQueriesContext(connection) as thirty:
        client.get("/")

    assert len(one) == len(thirty) <= MOST_QUERIES
    assert not any('from "budgets_allocation"' in query["sql"].lower() for query in thirty)


def test_years_shown_are_few_and_hold_the_chosen_one():
    years = list(range(2005, 2025))

    assert years_around(years, 2024) == [2019, 2020, 2021, 2022, 2023, 2024]
    assert years_around(years, 2010) == [2005, 2006, 2007, 2008, 2009, 2010]
    assert len(years_around(years, 2010)) == YEARS_SHOWN
    assert years_around([], 2010) == []


def test_a_year_alone_takes_its_basis_with_the_most_streams():
    held = [Measure(2022, "outturn", 1), Measure(2023, "allocation", 5), Measure(2023, "budget", 2)]

    assert chosen_measure(held, year=2023, basis="") == Measure(2023, "allocation", 5)
    assert chosen_measure(held, year=None, basis="outturn") == Measure(2022, "outturn", 1)
    assert chosen_measure(held, year=1999, basis="budget") == Measure(1999, "budget", 0)
    assert chosen_measure([], year=None, basis="") is None


def test_reference_known_to_is_on_the_page(client):
    factories.source(dated=None)
    factories.source()

    assert "Reference known to 1 April 2024." in printed(client.get("/"))


def test_the_tables_download_as_seen_with_their_filters(client):
    small_england()

    page = client.get("/?year=2023-24&basis=allocation")
    assert "?year=2023-24&amp;basis=allocation&amp;format=csv&amp;table=regions-nhs" in page.content.decode()
    file = client.get("/?year=2023-24&basis=allocation&format=csv&table=regions-nhs")

    assert file.headers["Content-Disposition"].endswith('"pooledcare-england-2023-24-allocation-regions-nhs.csv"')
    assert csv_rows(file)[-1] == {
        "NHS England region": "England",
        "Core (£)": "6000.00",
        "Running (£)": "60.00",
        "Year": "2023-24",
        "Basis": "Allocation",
        "Source": "NHS England",
    }


@pytest.mark.parametrize("table", ["streams", "regions-nhs", "flows"])
def test_every_file_of_one_year_says_which_in_each_row(client, table):
    small_england()

    rows = csv_rows(client.get(f"/?year=2023-24&basis=allocation&format=csv&table={table}"))

    assert rows
    assert {(row["Year"], row["Source"]) for row in rows} == {("2023-24", "NHS England")}
    assert all(row["Basis"].startswith("Allocation") for row in rows)
