"""An organisation: its codes and history, its figures from both sources, and which versions stood when."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pooledcare.directory.models import OrganisationCode, OrganisationName
from tests import factories
from tests.budgets.public import csv_rows, printed, printed_tables

pytestmark = pytest.mark.django_db


def figures(page: object, name: str = "Mere Board") -> list[list[str]]:
    tables = printed_tables(page)
    return tables.get(f"{name}: figures by stream") or tables[f"Table: {name}: figures by stream"]


@pytest.fixture
def board():
    return factories.organisation(name="Mere Board", code="QME")


def test_the_page_shows_figures_with_year_basis_and_source(client, board):
    factories.allocation(organisation=board, stream=factories.stream(name="Core"), amount=Decimal("1234.50"))

    page = client.get("/organisations/QME/")

    assert figures(page) == [
        ["Funding stream", "2024-25", "Basis", "Source"],
        ["Core", "£1,234", "Allocation, recurrent", "NHS England"],
    ]


def test_other_names_are_shown_with_their_source_and_download(client, board):
    assert "Also known as" not in printed(client.get("/organisations/QME/"))
    source = factories.source(title="Names of 2013")
    for name in ("Mere and Tarn Board", "Mereshire Board"):
        OrganisationName.objects.create(organisation=board, name=name, source=source)

    page = client.get("/organisations/QME/")

    assert "Also known as Mere and Tarn Board; Mereshire Board" in printed(page)
    assert printed_tables(page)["Other names"] == [
        ["Name", "Source"],
        ["Mere and Tarn Board", "Names of 2013"],
        ["Mereshire Board", "Names of 2013"],
    ]
    rows = csv_rows(client.get("/organisations/QME/?format=csv&table=names"))
    assert rows[1] == {"Name": "Mereshire Board", "Source": "Names of 2013"}


def test_a_figure_leads_to_where_it_comes_from(client, board):
    figure = factories.allocation(organisation=board)

    assert f'href="/allocations/{figure.reference}/"' in client.get("/organisations/QME/").content.decode()


def test_different_bases_and_years_never_share_a_row_or_a_sum(client, board):
    stream = factories.stream(name="Core")
    for year, basis in [(2023, "allocation"), (2024, "allocation"), (2024, "budget")]:
        factories.allocation(organisation=board, stream=stream, financial_year=year, basis=basis)

    rows = figures(client.get("/organisations/QME/"))

    assert [row[1:] for row in rows[1:]] == [
        ["£1,000", "£1,000", "Allocation, recurrent", "NHS England"],
        ["No figure", "£1,000", "Budget, recurrent", "NHS England"],
    ]


def test_the_publishers_and_its_own_figure_stand_side_by_side_with_the_difference(client, board):
    stream = factories.stream(name="Core")
    factories.allocation(organisation=board, stream=stream, amount=Decimal(1000))
    factories.allocation(organisation=board, stream=stream, amount=Decimal(1100), source=board)

    rows = printed_tables(client.get("/organisations/QME/"))["The publisher's figure beside its own"]

    assert rows[1] == ["Core", "£1,000", "£1,100", "+£100.00", "2024-25", "Allocation, recurrent", "NHS England"]


def test_unpublished_figures_are_shown_to_members_only_and_marked(client, client_of, board):
    factories.allocation(organisation=board, amount=Decimal(777), published_on=None)
    outsider = factories.member(organisation=factories.organisation(), roles=["finance_officer"])

    member_page = client_of(factories.member(organisation=board, roles=["viewer"])).get("/organisations/QME/")

    assert "£777 not published" in printed(member_page)
    assert "777" not in printed(client.get("/organisations/QME/"))
    assert "777" not in printed(client_of(outsider).get("/organisations/QME/"))
    assert "777" not in client.get("/organisations/QME/?format=csv").getvalue().decode()


def test_filters_narrow_the_figures(client, board):
    core, other = factories.stream(name="Core", code="core"), factories.stream(name="Other", code="other")
    factories.allocation(organisation=board, stream=core, financial_year=2023)
    factories.allocation(organisation=board, stream=core, financial_year=2024)
    factories.allocation(organisation=board, stream=other, basis="budget")

    assert figures(client.get("/organisations/QME/?year=2023-24"))[0][1:2] == ["2023-24"]
    assert [row[0] for row in figures(client.get("/organisations/QME/?stream=other"))[1:]] == ["Other"]
    assert [row[0] for row in figures(client.get("/organisations/QME/?basis=budget"))[1:]] == ["Other"]


@pytest.mark.parametrize("query", ["year=2024", "basis=guess", "stream=nothing", "as_at=2024-02-30", "known_at=soon"])
def test_a_filter_that_cannot_be_read_is_an_error_at_the_field_and_shows_no_figures(client, board, query):
    factories.allocation(organisation=board, amount=Decimal(777))

    page = client.get(f"/organisations/QME/?{query}")

    assert page.status_code == 400
    assert "There is a problem" in printed(page)
    assert "777" not in printed(page)


def test_as_at_and_known_at_show_the_version_that_stood(client, board):
    stream = factories.stream(name="Core")
    london = timezone.get_current_timezone()
    factories.allocation(
        organisation=board,
        stream=stream,
        amount=Decimal(100),
        published_on=dt.date(2024, 5, 1),
        accepted_at=dt.datetime(2024, 5, 2, 12, tzinfo=london),
        is_current=False,
    )
    factories.allocation(
        organisation=board,
        stream=stream,
        amount=Decimal(120),
        version=2,
        published_on=dt.date(2024, 5, 10),
        accepted_at=dt.datetime(2024, 5, 11, 12, tzinfo=london),
    )

    def shown(query: str) -> str:
        return figures(client.get(f"/organisations/QME/?{query}"))[1][1]

    assert shown("") == "£120 restated"
    assert shown("as_at=2024-05-09") == "£100"
    assert shown("as_at=2024-05-10") == "£120 restated"
    assert shown("known_at=2024-05-10") == "£100"
    assert shown("known_at=2024-05-11") == "£120 restated"
    assert "as published by 9 May 2024" in printed(client.get("/organisations/QME/?as_at=2024-05-09"))
    assert "No figures match" in printed(client.get("/organisations/QME/?as_at=2024-04-30"))


def test_an_abolished_body_says_what_became_of_it_to_the_end_of_the_chain(client):
    first = factories.organisation(name="First Group", code="10X", kind="ccg", closed=dt.date(2018, 3, 31))
    second = factories.organisation(name="Second Group", kind="ccg", closed=dt.date(2022, 6, 30))
    third = factories.organisation(name="Third Board")
    factories.succession(predecessor=first, successor=second, effective_on=dt.date(2018, 4, 1))
    factories.succession(predecessor=second, successor=third)

    words = printed(client.get("/organisations/10X/"))

    assert "This organisation ended on 31 March 2018." in words
    assert "Its functions passed to Second Group (1 April 2018). They are now with Third Board." in words


def test_how_much_passed_and_which_part_of_the_area_went_elsewhere_is_said_on_both_pages(client):
    group = factories.organisation(name="T and G Group", code="10X", kind="ccg", closed=dt.date(2022, 6, 30))
    heir = factories.organisation(name="Great Board", code="QGR")
    other = factories.organisation(name="Derby Board", code="QDE")
    factories.succession(predecessor=group, successor=heir)
    factories.succession(predecessor=factories.organisation(name="Whole Group", code="11X"), successor=heir)
    factories.area_transfer(giver=group, receiver=other, area="Glossop")
    factories.allocation(organisation=other)

    page = client.get("/organisations/10X/")

    assert (
        "Its functions passed to Great Board (1 July 2022). Part of its area passed: Glossop, to that of Derby Board "
        "(1 July 2022). Figures do not follow it."
    ) in printed(page)
    assert "No figures of this organisation are held." in printed(page)
    assert [row[1:4] for row in printed_tables(page)["What came before, and what came after"][1:]] == [
        ["T and G Group", "Great Board", "Part"],
        ["T and G Group", "Derby Board", "Part of its area: Glossop"],
    ]
    assert "Its area took in Glossop, from that of T and G Group (1 July 2022)" in printed(
        client.get("/organisations/QDE/")
    )
    steps = printed_tables(client.get("/organisations/QGR/"))["What came before, and what came after"][1:]
    assert sorted(row[3] for row in steps) == ["Part", "Part of its area: Glossop", "Whole"]


def test_a_body_without_a_known_successor_says_so(client):
    factories.organisation(code="5QX", kind="pct", closed=dt.date(2013, 3, 31))

    assert "Our sources do not say who took over." in printed(client.get("/organisations/5QX/"))


def test_another_code_of_a_body_leads_to_its_page_with_the_filters_kept(client, board):
    OrganisationCode.objects.create(organisation=board, scheme="gss", code="E54000999")

    answer = client.get("/organisations/e54000999/?year=2024-25")

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/organisations/QME/?year=2024-25"


def test_a_code_that_had_two_holders_is_searched_for(client):
    for name, start, end in [("Old", None, dt.date(2022, 6, 30)), ("New", dt.date(2022, 7, 1), None)]:
        body = factories.organisation(name=name)
        OrganisationCode.objects.create(organisation=body, scheme="ods", code="99Z", valid_from=start, valid_to=end)

    assert client.get("/organisations/99Z/").headers["Location"] == "/search/?q=99Z"


@pytest.mark.parametrize("code", ["NOPE", "%27", "a" * 300])
def test_an_unknown_code_is_not_found(client, db, code):
    assert client.get(f"/organisations/{code}/").status_code == 404


def test_an_invented_organisation_is_marked(client, board):
    board.illustrative = True
    board.save()

    assert "Invented for the demonstration" in printed(client.get("/organisations/QME/"))
    assert "Invented for the demonstration" in printed(client.get("/organisations/"))


def test_the_page_costs_the_same_queries_for_one_figure_and_for_thirty(client, board):
    factories.allocation(organisation=board)
    with CaptureQueriesContext(connection) as one:
        client.get("/organisations/QME/")
    for _ in range(30):
        factories.allocation(organisation=board)
        factories.succession(predecessor=factories.organisation(kind="ccg"), successor=board)
        factories.overlap(organisation=board, place=factories.place())
    with CaptureQueriesContext(connection) as thirty:
        client.get("/organisations/QME/")

    assert len(one) == len(thirty)


def test_the_list_finds_by_name_code_kind_and_day(client):
    factories.organisation(name="Alpha Board", code="QAA")
    factories.organisation(
        name="Beta Group", code="07B", kind="ccg", opened=dt.date(2013, 4, 1), closed=dt.date(2020, 3, 31)
    )

    def listed(query: str) -> list[str]:
        return [row[0] for row in printed_tables(client.get(f"/organisations/?{query}")).get("Organisations", [])[1:]]

    assert listed("") == ["Alpha Board", "Beta Group"]
    assert listed("q=beta") == listed("q=07b") == listed("kind=ccg") == ["Beta Group"]
    assert listed("as_at=2020-04-01") == ["Alpha Board"]
    assert listed("as_at=2020-03-31") == ["Alpha Board", "Beta Group"]
    assert len(csv_rows(client.get("/organisations/?kind=ccg&format=csv"))) == 1
