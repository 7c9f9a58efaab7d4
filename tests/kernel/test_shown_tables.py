"""Tables as their reader chose to see them: in another order, and in thousands or millions, with exact sums."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import BadRequest
from django.test import RequestFactory

from pooledcare.kernel.formats import written
from pooledcare.kernel.shown_tables import as_chosen, in_order, sorted_table, sorts, unit_context, units
from pooledcare.kernel.tables import Column, Table

COLUMNS = [Column("Board"), Column("Region"), Column("Amount", "pounds_whole"), Column("A head", "pounds")]
SILENT = {"value": None, "missing": "Not reported"}
ROWS = [
    ["birch", "North", Decimal("1499.99"), Decimal("1.50")],
    [{"value": "Ash", "url": "/ash/"}, "", {"value": Decimal("1500.49")}, SILENT],
    ["Cedar", "South", SILENT, Decimal("-2.00")],
]
TABLE = Table("boards", "Boards", COLUMNS, ROWS, foot=[["England", "All", Decimal("3000.48"), Decimal(1)]])


def request(query: str = ""):
    return RequestFactory().get(f"/boards/{query}")


def names(table: Table) -> list[str]:
    return [row[0]["value"] if isinstance(row[0], dict) else row[0] for row in table.rows]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", ["birch", "Ash", "Cedar"]),
        ("?sort=boards.0", ["Ash", "birch", "Cedar"]),
        ("?sort=-boards.0", ["Cedar", "birch", "Ash"]),
        ("?sort=boards.1", ["birch", "Cedar", "Ash"]),
        ("?sort=-boards.1", ["Cedar", "birch", "Ash"]),
        ("?sort=boards.2", ["birch", "Ash", "Cedar"]),
        ("?sort=-boards.2", ["Ash", "birch", "Cedar"]),
        ("?sort=boards.3", ["Cedar", "birch", "Ash"]),
        ("?sort=-others.2", ["birch", "Ash", "Cedar"]),
    ],
)
def test_rows_are_sorted_by_value_and_what_is_missing_comes_last_both_ways(sort, expected):
    table = sorted_table(request(sort), TABLE)
    assert names(table) == expected
    assert table.foot == TABLE.foot


def test_numbers_come_before_days_and_days_before_words():
    rows = [["x"], [dt.date(2024, 5, 1)], [Decimal(10)], [9], [dt.date(2023, 5, 1)]]
    assert in_order(rows, 0, is_descending=False) == [
        [9], [Decimal(10)], [dt.date(2023, 5, 1)], [dt.date(2024, 5, 1)], ["x"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sort", ["", "boards", "boards.x", "boards.-1", "--boards.1", "boards.100", "a b.1", "boards.4"]
)
def test_an_order_that_cannot_be_is_refused(sort):
    with pytest.raises(BadRequest):
        sorted_table(request(f"?sort={sort}"), TABLE)


def test_headings_sort_words_up_first_and_numbers_down_first_and_then_turn_round():
    plain = sorted_table(request("?year=2024-25&after=7&format=csv"), TABLE)
    assert [column.sort_url for column in plain.columns] == [
        "?year=2024-25&sort=boards.0#table-boards",
        "?year=2024-25&sort=boards.1#table-boards",
        "?year=2024-25&sort=-boards.2#table-boards",
        "?year=2024-25&sort=-boards.3#table-boards",
    ]
    assert {column.sorted for column in plain.columns} == {None}
    down = sorted_table(request("?sort=-boards.2"), TABLE)
    assert (down.columns[2].sort_url, down.columns[2].sorted) == ("?sort=boards.2#table-boards", "descending")
    up = sorted_table(request("?sort=boards.0"), TABLE)
    assert (up.columns[0].sort_url, up.columns[0].sorted) == ("?sort=-boards.0#table-boards", "ascending")
    assert up.columns[2].sorted is None
    assert (sorts(request("?sort=boards.0"), "boards"), sorts(request(), "boards")) == (True, False)
    assert not sorts(request("?sort=boards.0"), "others")


@pytest.mark.parametrize(
    ("unit", "label", "shown", "total"),
    [
        ("", "Amount", ["£1,500", "£1,500"], "£3,000"),
        ("?unit=pounds", "Amount", ["£1,500", "£1,500"], "£3,000"),
        ("?unit=thousands", "Amount (£000)", ["1", "2"], "3"),
        ("?unit=millions", "Amount (£m)", ["0.0", "0.0"], "0.0"),
    ],
)
def test_a_unit_changes_how_amounts_are_written_and_never_the_amounts(unit, label, shown, total):
    table = as_chosen(request(unit), TABLE)
    column = table.columns[1]
    assert column.label == label
    assert [written(row, column.format) for row in (ROWS[0][2], ROWS[1][2]["value"])] == shown
    assert table.rows[0][1] == Decimal("1499.99"), "the exact amount, beside the name"
    assert written(table.foot[0][1], column.format) == total
    assert (table.columns[2].label, table.columns[2].format) == ("A head", "pounds")
    assert [one.label for one in table.columns[3:]] == ["Region"]


def test_a_unit_that_is_not_offered_is_refused():
    with pytest.raises(BadRequest, match="pounds, thousands or millions"):
        as_chosen(request("?unit=pence"), TABLE)


def test_units_are_chosen_by_links_that_keep_the_view():
    offered = units(request("?year=2024-25&sort=boards.1&unit=thousands&after=7"))
    assert [(one.label, one.is_chosen) for one in offered] == [("£", False), ("£000", True), ("£m", False)]
    assert offered[2].url == "?year=2024-25&sort=boards.1&after=7&unit=millions"
    assert unit_context(request("?unit=millions"))["kept"] == {"unit": "millions"}
    assert unit_context(request("?unit=millions"))["is_rounded"]
    context = unit_context(request())
    assert (context["kept"], context["is_rounded"]) == ({}, False)


@pytest.mark.parametrize(
    ("value", "thousands", "millions"),
    [
        ("1055946000.00", "1,055,946", "1,055.9"),
        ("-1500000.00", "−1,500", "−1.5"),
        ("0.00", "0", "0.0"),
        ("499.99", "0", "0.0"),
        ("-499.99", "0", "0.0"),
    ],
)
def test_thousands_and_millions_are_written_without_a_sign_of_pounds(value, thousands, millions):
    assert written(Decimal(value), "thousands") == thousands
    assert written(Decimal(value), "millions") == millions
