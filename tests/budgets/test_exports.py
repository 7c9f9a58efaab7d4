"""Downloads: the table as it stands on the page, safe to open, with numbers as numbers and gaps as words."""

from __future__ import annotations

import datetime as dt
import io
import re
from decimal import Decimal
from html import unescape

import pytest
from django.core.exceptions import BadRequest
from django.test import RequestFactory
from openpyxl import load_workbook

from pooledcare.kernel.table_files import FORMATS, download, download_links, wants_file
from pooledcare.kernel.tables import Column, Table
from tests import factories
from tests.budgets.public import csv_rows, small_england

TABLE = Table(
    key="figures",
    caption="Figures",
    columns=[
        Column("Holder"),
        Column("2024-25", "pounds_whole"),
        Column("Share", "percent"),
        Column("Until", "date", "Still"),
    ],
    rows=[
        [{"value": "=cmd|' /C calc'!A1", "url": "/x/"}, Decimal("-1234.56"), Decimal("0.12345"), None],
        ["Mere", {"value": None, "missing": "Not reported (...)"}, None, None],
        ["Ash", {"value": Decimal(5), "note": "not published"}, Decimal(1), None],
    ],
    foot=[["England", {"value": Decimal("-1229.56"), "note": "2 of 3 reported"}, None, ""]],
    context=[("Counted as", "registered patients"), ("People", 4400)],
)


def answered(query: str = "format=csv"):
    return download(RequestFactory().get(f"/somewhere/?{query}"), [TABLE], name="Mere & Ash")


def test_a_page_is_not_a_download():
    assert answered("year=2024-25") is None


def test_csv_holds_the_rows_the_sums_the_gaps_and_the_notes():
    rows = csv_rows(answered())

    assert [row["2024-25 (£)"] for row in rows] == ["-1234.56", "Not reported (...)", "5", "-1229.56"]
    assert [row["Share (%)"] for row in rows] == ["12.3", "No data", "100.0", "No data"]
    assert {row["Until"] for row in rows} == {"Still"}
    assert [row["Notes"] for row in rows] == ["", "", "2024-25: not published", "2024-25: 2 of 3 reported"]
    assert {(row["Counted as"], row["People"]) for row in rows} == {("registered patients", "4400")}


def test_csv_opens_in_a_spreadsheet_and_runs_nothing():
    response = answered()
    content = response.getvalue()

    assert content.startswith(b"\xef\xbb\xbf")
    assert csv_rows(answered())[0]["Holder"] == "'=cmd|' /C calc'!A1"
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="pooledcare-mere-ash-figures.csv"'


def test_excel_holds_numbers_as_numbers_and_text_as_text():
    sheet = load_workbook(io.BytesIO(answered("format=xlsx").content)).active

    rows = list(sheet.iter_rows())
    assert rows[0][1].value == "2024-25 (£)"
    assert rows[1][1].value == -1234.56
    assert rows[1][0].data_type == "s"
    assert rows[2][1].value == "Not reported (...)"


@pytest.mark.parametrize("query", ["format=pdf", "format=", "format=CSV", "format=csv&table=nothing"])
def test_an_unknown_wish_is_refused(query):
    with pytest.raises(BadRequest):
        answered(query)


def test_links_keep_the_filters_and_drop_the_place_in_the_list():
    links = download_links(RequestFactory().get("/x/?q=a%26b&after=5&format=xlsx"), TABLE)

    assert links == [("CSV", "?q=a%26b&format=csv&table=figures"), ("Excel", "?q=a%26b&format=xlsx&table=figures")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/places/",
        "/places/mere/",
        "/organisations/",
        "/organisations/QME/",
        "/streams/",
        "/streams/core/",
        "/allocations/{}/",
    ],
)
def test_every_table_of_every_page_downloads_in_both_formats(client, address):
    world = small_england()
    board = factories.organisation(code="QME")
    figure = factories.allocation(organisation=board, stream=world.core)
    place = factories.place(slug="mere")
    factories.place_council(place=place)
    factories.overlap(organisation=board, place=place)
    address = address.format(figure.reference)

    page = client.get(address)
    links = {unescape(link) for link in re.findall(r'href="(\?[^"]*format=[^"]*)"', page.content.decode())}

    assert links
    for link in links:
        answer = client.get(address + link)
        assert answer.status_code == 200, link
        assert answer.headers["Content-Disposition"].startswith("attachment"), link
        assert answer.getvalue()


@pytest.mark.django_db
def test_the_page_of_a_refused_download_says_what_is_wrong(client):
    answer = client.get("/?format=pdf")

    assert answer.status_code == 400
    assert "The format must be csv or xlsx." in answer.content.decode()


OTHER = Table("other", "Other", columns=[Column("Change", "change"), Column("Count", "number")], rows=[[1, 2]])


def test_the_first_table_is_meant_unless_another_is_named():
    request = RequestFactory().get("/x/?format=csv&table=other")
    assert csv_rows(download(request, [TABLE, OTHER], name="x")) == [{"Change (£)": "1", "Count": "2"}]
    first = download(RequestFactory().get("/x/?format=csv"), [TABLE, OTHER], name="x")
    assert first.headers["Content-Disposition"] == 'attachment; filename="pooledcare-x-figures.csv"'
    with pytest.raises(BadRequest, match=r"^This page has no table “nothing”\.$"):
        download(RequestFactory().get("/x/?format=csv&table=nothing"), [TABLE], name="x")
    with pytest.raises(BadRequest, match=f"^This page has no table “{'n' * 40}”\\.$"):
        download(RequestFactory().get(f"/x/?format=csv&table={'n' * 60}"), [TABLE], name="x")
    with pytest.raises(BadRequest):
        download(RequestFactory().get("/x/?format=csv"), [], name="x")


@pytest.mark.parametrize(
    ("query", "wanted"), [("", False), ("format=csv", True), ("format=", True), ("table=x", False)]
)
def test_only_an_address_with_a_format_asks_for_a_file(query, wanted):
    assert wants_file(RequestFactory().get(f"/x/?{query}")) is wanted


def test_a_table_without_notes_has_no_column_for_them():
    rows = csv_rows(download(RequestFactory().get("/x/?format=csv"), [OTHER], name="x"))
    assert list(rows[0]) == ["Change (£)", "Count"]


@pytest.mark.parametrize(
    ("column", "heading"),
    [
        (Column("A", "pounds"), "A (£)"), (Column("A", "pounds_whole"), "A (£)"),
        (Column("A", "pounds_short"), "A (£)"),
        (Column("A", "change"), "A (£)"), (Column("A", "percent"), "A (%)"), (Column("A", "number"), "A"),
        (Column("A", "date"), "A"), (Column("A"), "A"),
    ],
)  # fmt: skip
def test_units_stand_in_the_heading(column, heading):
    table = Table("t", "T", columns=[column], rows=[[None]])
    (row,) = csv_rows(download(RequestFactory().get("/x/?format=csv"), [table], name="x"))
    assert row == {heading: "No data"}


def test_cells_of_excel_are_numbers_dates_or_text():
    day = dt.date(2024, 5, 3)
    table = Table(
        "t", "T", columns=[Column("A", "pounds"), Column("B", "date"), Column("C", "percent"), Column("D")],
        rows=[[Decimal("1.50"), day, Decimal("0.125"), "x"]],
        context=[("People", 3), ("Share", Decimal(2)), ("Who", "y")],
    )  # fmt: skip
    file = download(RequestFactory().get("/x/?format=xlsx"), [table], name="x")
    sheet = load_workbook(io.BytesIO(file.content)).active
    assert sheet.title == "t"
    cells = list(sheet.iter_rows())[1]
    assert [cell.value for cell in cells] == [1.5, cells[1].value, 12.5, "x", 3, 2, "y"]
    assert cells[1].value.date() == day
    assert [cell.data_type for cell in cells] == ["n", "d", "n", "s", "n", "n", "s"]
    assert file.headers["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize(
    ("share", "shown"), [("0.12350", "12.4"), ("0.1225", "12.2"), ("0.12250001", "12.3"), ("0", "0.0")]
)
def test_percents_are_rounded_to_a_tenth_and_to_the_even_one(share, shown):
    table = Table("t", "T", columns=[Column("A", "percent")], rows=[[Decimal(share)]])
    assert csv_rows(download(RequestFactory().get("/x/?format=csv"), [table], name="x")) == [{"A (%)": shown}]


def test_several_notes_of_a_row_are_told_with_their_headings():
    noted = [{"value": 1, "note": "one"}, {"value": 2, "note": "two"}]
    table = Table("t", "T", columns=[Column("A"), Column("B")], rows=[noted, [1, {"value": 2, "note": None}]])
    rows = csv_rows(download(RequestFactory().get("/x/?format=csv"), [table], name="x"))
    assert [row["Notes"] for row in rows] == ["A: one; B: two", ""]
    only_in_foot = Table("t", "T", columns=[Column("A")], rows=[[1]], foot=[[{"value": 2, "note": "sum"}]])
    rows = csv_rows(download(RequestFactory().get("/x/?format=csv"), [only_in_foot], name="x"))
    assert [row["Notes"] for row in rows] == ["", "A: sum"]


def test_links_to_files_drop_every_mark_of_a_place_in_a_list():
    links = download_links(RequestFactory().get("/x/?before=1&after=2&table=t&format=csv&year=2024-25&year=x"), OTHER)
    assert links == [(label, f"?year=2024-25&year=x&format={key}&table=other") for key, label in FORMATS.items()]
    assert FORMATS == {"csv": "CSV", "xlsx": "Excel"}
