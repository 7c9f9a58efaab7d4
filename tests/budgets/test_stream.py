"""A funding stream: its totals, its holders, who has not reported, and how the publisher's own total compares."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from budgets import totals
from budgets.queries.publications import publications
from tests import factories
from tests.budgets.public import csv_rows, printed, printed_tables, small_england

pytestmark = pytest.mark.django_db


def test_the_latest_year_is_shown_with_how_many_reported_and_who_did_not(client):
    small_england()

    words = printed(client.get("/streams/running/"))

    assert "£60 (allocation, recurrent, NHS England): 2 of 3 reported." in words
    assert "Marked by the publisher as not reported, and not included in any sum: Cedarmere Board" in words


def test_another_year_can_be_chosen(client):
    small_england()

    page = client.get("/streams/running/?year=2023-24")

    assert "£60 (allocation, recurrent, NHS England): 3 of 3 reported." in printed(page)
    assert [row[0] for row in printed_tables(page)["2023-24 allocation, every holder"][1:]] == [
        "Ashmere Board",
        "Birchmere Board",
        "Cedarmere Board",
    ]


def test_the_region_table_ends_with_england(client):
    small_england()

    rows = printed_tables(client.get("/streams/core/"))["Table: 2024-25 allocation, by region"]

    assert [(row[0], row[1]) for row in rows[1:]] == [
        ("Northern", "£6,000"),
        ("Southern", "£6,000"),
        ("England", "£12,000"),
    ]


def test_bodies_without_any_figure_are_named_unless_they_did_not_exist(client):
    world = small_england()
    factories.organisation(name="Silent Board")
    factories.organisation(name="Later Board", opened=dt.date(2025, 4, 1))
    factories.organisation(name="Invented Board", illustrative=True)
    factories.organisation(name="Wrong Kind", kind="ccg")

    page = client.get("/streams/core/")

    assert "Holders without any figure: 1" in printed(page)
    assert "Silent Board" in printed(page)
    assert world.core.holder_kinds == ["icb"]


def test_the_publishers_own_total_is_compared_and_never_added(client):
    publication = next(p for p in publications() if p.controls)
    control = publication.controls[0]
    stream = factories.stream(code=control.stream)
    factories.nhs_england()
    factories.allocation(
        stream=stream,
        financial_year=control.year,
        amount=control.amount - 100,
        organisation=factories.organisation(region=factories.region()),
    )
    totals.rebuild()

    words = printed(client.get(f"/streams/{control.stream}/"))

    assert f"The publisher prints £{control.amount:,.0f} for England, £100 more than the figures add up to" in words
    assert f"£{control.amount - 100:,.0f} (allocation" in words


def test_publications_name_totals_in_pounds():
    printed_totals = {(control.stream, control.year): control.amount for p in publications() for control in p.controls}

    assert printed_totals[("other-primary-care", 2024)] == Decimal(5_714_919_000)
    assert printed_totals[("adult-social-care", 2021)] == Decimal(18_628_784_000)


def test_as_at_shows_totals_and_holders_as_they_stood(client):
    stream = factories.stream(code="core")
    body = factories.organisation(name="Mere Board", region=factories.region())
    london = timezone.get_current_timezone()
    for version, (day, amount) in enumerate([(1, 100), (10, 120)], start=1):
        factories.allocation(
            organisation=body,
            stream=stream,
            amount=Decimal(amount),
            version=version,
            is_current=version == 2,
            published_on=dt.date(2024, 5, day),
            accepted_at=dt.datetime(2024, 5, day, 12, tzinfo=london),
        )
    totals.rebuild()

    assert "£120 (allocation" in printed(client.get("/streams/core/"))
    for query in ("as_at=2024-05-09", "known_at=2024-05-09"):
        page = client.get(f"/streams/core/?{query}")
        assert "£100 (allocation" in printed(page)
        assert printed_tables(page)["2024-25 allocation, every holder"][1][1] == "£100"
    assert f"No published figures of {stream.name.lower()} are held at that time." in printed(
        client.get("/streams/core/?as_at=2024-04-30")
    )


def test_unpublished_figures_are_listed_for_members_and_are_in_no_sum(client, client_of):
    world = small_england()
    board = world.boards[0]
    factories.allocation(organisation=board, stream=world.core, source=board, amount=Decimal(777), published_on=None)
    member = factories.member(organisation=board, roles=["viewer"])

    page = client_of(member).get("/streams/core/")

    assert "£777 not published" in printed(page)
    assert "£12,000 (allocation, recurrent, NHS England): 3 of 3 reported." in printed(page)
    assert "777" not in printed(client.get("/streams/core/"))


@pytest.mark.slow
def test_holders_come_a_page_at_a_time_and_whole_as_a_file(client):
    stream = factories.stream(code="core")
    upload = factories.upload(organisation=factories.nhs_england())
    for number in range(60):
        factories.allocation(
            organisation=factories.organisation(name=f"Board {number:02d}"), stream=stream, upload=upload
        )
    totals.rebuild()

    first = client.get("/streams/core/")
    rows = printed_tables(first)["2024-25 allocation, every holder"]

    assert [row[0] for row in rows[1:]] == [f"Board {number:02d}" for number in range(50)]
    assert "Next" in printed(first)
    file = client.get("/streams/core/?format=csv&table=holders")
    assert file.headers["Content-Disposition"].endswith('"pooledcare-core-2024-25-allocation-holders.csv"')
    assert [(row["Year"], row["Funding stream"]) for row in csv_rows(file)] == [("2024-25", stream.name)] * 60


@pytest.mark.parametrize("query", ["year=24-25", "basis=guess", "as_at=2024-02-30", "known_at=x"])
def test_a_filter_that_cannot_be_read_is_an_error_at_the_field_and_shows_no_figures(client, query):
    small_england()

    page = client.get(f"/streams/core/?{query}")

    assert page.status_code == 400
    assert "There is a problem" in printed(page)
    assert "12,000" not in printed(page)


def test_a_stream_without_figures_has_a_page(client):
    factories.stream(code="quiet", name="Quiet")

    assert "No published figures of quiet are held." in printed(client.get("/streams/quiet/"))
    rows = printed_tables(client.get("/streams/"))["Funding streams"]
    assert [rows[1][1], *rows[1][-3:]] == ["No figures held"] * 4


def test_the_list_shows_each_stream_with_its_latest_total(client):
    small_england()

    rows = printed_tables(client.get("/streams/"))["Funding streams"]

    assert [rows[1][1], *rows[1][-3:]] == ["£12,000", "2024-25", "Allocation", "NHS England"]
    assert [rows[2][1], *rows[2][-3:]] == ["£60 2 of 3 reported", "2024-25", "Allocation", "NHS England"]


def test_an_unknown_stream_is_not_found(client, db):
    assert client.get("/streams/nothing/").status_code == 404


def test_the_page_costs_the_same_queries_for_one_holder_and_for_thirty(client):
    stream = factories.stream(code="core")
    factories.allocation(stream=stream, organisation=factories.organisation(region=factories.region()))
    totals.rebuild()
    with CaptureQueriesContext(connection) as one:
        client.get("/streams/core/")
    for _ in range(30):
        factories.allocation(stream=stream, organisation=factories.organisation(region=factories.region()))
    totals.rebuild()
    with CaptureQueriesContext(connection) as thirty:
        client.get("/streams/core/")

    assert len(one) == len(thirty)
