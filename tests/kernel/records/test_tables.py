"""A record as a table of a page and of its files."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from pooledcare.kernel.records.tables import cells_of, table_column, table_of
from pooledcare.kernel.table_files import file_of
from pooledcare.kernel.tables import Column
from tests.kernel.records.things import RECORD, Thing

SHOWN = [RECORD[name] for name in ("name", "aims", "colour", "shades", "made_on", "weight", "price", "is_new")]
ROW = Thing(
    name="Chair", colour="red", shades=["red", "blue"], made_on=dt.date(2026, 4, 1), weight=7, price=Decimal("1200.50"),
    is_new=True,
)  # fmt: skip


def test_dates_amounts_and_numbers_are_written_by_the_table_and_all_else_in_words():
    assert [table_column(field).format for field in SHOWN] == [
        "text", "text", "text", "text", "date", "number", "pounds", "text",
    ]  # fmt: skip
    assert table_column(RECORD["price"]) == Column("Price paid", "pounds", missing="Not given")
    assert cells_of(SHOWN, ROW) == [
        "Chair", "", "Red as a rose", "Red as a rose; Blue", dt.date(2026, 4, 1), 7, Decimal("1200.50"), "Yes",
    ]  # fmt: skip


def test_the_same_table_is_a_file_in_which_a_gap_is_said():
    table = table_of("things", "Things", SHOWN, [ROW, Thing(name="Table", colour="blue")], empty="None yet.")
    assert (table.key, table.caption, table.empty) == ("things", "Things", "None yet.")
    lines = file_of(table, "csv", filename="things").getvalue().decode("utf-8-sig").splitlines()
    assert lines == [
        "Name of the thing,Aims,Colour,Shades,Day it was made,Weight,Price paid (£),Whether it is new",
        "Chair,Not given,Red as a rose,Red as a rose; Blue,2026-04-01,7,1200.50,Yes",
        "Table,Not given,Blue,Not given,Not given,Not given,Not given,No",
    ]
