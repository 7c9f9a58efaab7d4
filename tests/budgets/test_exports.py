"""Downloads: the table as it stands on the page, safe to open, with numbers as numbers and gaps as words."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from html import unescape

import pytest
from django.core.exceptions import BadRequest
from django.test import RequestFactory
from openpyxl import load_workbook

from budgets.exports import download, download_links
from budgets.tables.table import Column, Table
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
