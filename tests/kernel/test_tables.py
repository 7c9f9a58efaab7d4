"""A table whose page and file have different columns, from one list of them."""

from __future__ import annotations

import csv
import io
from typing import get_args

import pytest
from django.core.exceptions import BadRequest
from django.test import RequestFactory

from pooledcare.kernel.formats import WRITERS
from pooledcare.kernel.table_files import download_links, file_of, wanted_format
from pooledcare.kernel.tables import NUMERIC_FORMATS, POUND_FORMATS, Column, ColumnFormat, Table

COLUMNS = [
    Column("Code", on_page=False),
    Column("Name", in_file=False),
    Column("Until", "date", "Still"),
    Column("Title", on_page=False),
]
ROWS = [["A", {"value": "Ash", "note": "A"}, None, "Ash"], ["B", "Birch", {"value": None, "note": "ends"}, ""]]
TABLE = Table("trees", "Trees", COLUMNS, ROWS, foot=[["", "All", None, ""]], plain_file=True)


def lines(table: Table, rows=None) -> list[list[str]]:
    text = file_of(table, "csv", filename="trees", rows=rows).getvalue().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_a_page_has_its_own_columns():
    shown = TABLE.for_page()
    assert [column.label for column in shown.columns] == ["Name", "Until"]
    assert shown.rows == [[{"value": "Ash", "note": "A"}, None], ["Birch", {"value": None, "note": "ends"}]]
    assert shown.foot == [["All", None]]
    assert (shown.key, shown.caption) == ("trees", "Trees")
    assert shown.for_page() is shown


def test_a_plain_file_has_its_own_columns_empty_gaps_and_no_notes():
    assert lines(TABLE) == [["Code", "Until", "Title"], ["A", "", "Ash"], ["B", "", ""], ["", "", ""]]


def test_a_file_that_is_not_plain_says_gaps_and_the_notes_of_its_own_columns():
    table = Table("trees", "Trees", COLUMNS, ROWS)
    assert lines(table) == [
        ["Code", "Until", "Title", "Notes"],
        ["A", "Still", "Ash", ""],
        ["B", "Still", "No data", "Until: ends"],
    ]


def test_rows_of_a_long_file_are_read_while_it_is_written():
    table = Table("trees", "Trees", COLUMNS, [], plain_file=True)
    assert lines(table, (row for row in ROWS)) == lines(TABLE)[:-1]


@pytest.mark.parametrize(("query", "wanted"), [("", "csv"), ("?format=csv", "csv"), ("?format=xlsx", "xlsx")])
def test_csv_is_meant_where_no_format_is_named(query: str, wanted: str):
    assert wanted_format(RequestFactory().get(f"/{query}")) == wanted
    with pytest.raises(BadRequest, match=r"^The format must be csv or xlsx\.$"):
        wanted_format(RequestFactory().get("/?format=pdf"))


def test_links_lead_to_the_address_of_the_download():
    links = download_links(RequestFactory().get("/list/?q=a&after=5"), TABLE, address="/list/download/")
    assert links[0] == ("CSV", "/list/download/?q=a&format=csv&table=trees")


def test_every_format_of_a_column_is_written():
    assert set(WRITERS) == set(get_args(ColumnFormat)) - {"text", "year"}  # both are written as they are
    assert POUND_FORMATS < NUMERIC_FORMATS < set(WRITERS)
