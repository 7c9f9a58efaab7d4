"""Charts: the numbers drawn are those of the table, gaps stay gaps, and what may not be added is not drawn together."""

from __future__ import annotations

import json
from decimal import Decimal
from html import unescape
from typing import Any

import html5lib
import pytest

from budgets import charts
from budgets.queries.england import england
from budgets.tables import england as tables
from pooledcare.directory.access import ANONYMOUS
from pooledcare.kernel.drawing import SIZES
from pooledcare.kernel.tables import Column, Table
from tests import factories
from tests.budgets.public import HTML, small_england


def table(rows: list[list[Any]], *labels: str) -> Table:
    return Table(
        "t", "T", [Column("Name"), Column("Basis"), *(Column(label, "pounds_whole") for label in labels)], rows
    )


def drawn(chart: charts.Chart) -> dict[str, list[Any]]:
    return {series["name"]: series["data"] for series in chart.option["series"]}


def test_lines_draw_the_rows_of_the_table():
    rows = [["Core", "Allocation", Decimal("1.50"), {"value": Decimal(2)}], ["Other", "Allocation", None, Decimal(3)]]

    chart = charts.years_drawn(table(rows, "2023-24", "2024-25"), title="Years")

    assert chart is not None
    assert chart.option["xAxis"]["data"] == ["2023-24", "2024-25"]
    assert drawn(chart) == {"Core": [1.5, 2]}, "one point is no line"
    assert chart.rows == rows


def test_rows_of_one_name_are_told_apart_by_the_next_column():
    rows = [["Care", "Budget", 1, 2], ["Care", "Outturn", 3, 4]]

    chart = charts.years_drawn(table(rows, "2023-24", "2024-25"), title="Years")

    assert chart is not None
    assert list(drawn(chart)) == ["Care, Budget", "Care, Outturn"]


def test_without_a_second_year_there_is_no_line():
    assert charts.years_drawn(table([["Core", "Allocation", 1]], "2024-25"), title="Years") is None


def test_a_gap_is_drawn_as_a_gap_and_never_as_nothing():
    rows = [["Core", "Allocation", 1, {"value": None, "missing": "Not reported"}, 3]]

    chart = charts.years_drawn(table(rows, "2022-23", "2023-24", "2024-25"), title="Years")

    assert chart is not None
    assert drawn(chart) == {"Core": [1, None, 3]}


def test_at_most_six_lines_are_drawn_the_largest():
    rows = [[f"Stream {size}", "Allocation", size, size] for size in range(1, 10)]

    chart = charts.years_drawn(table(rows, "2023-24", "2024-25"), title="Years")

    assert chart is not None
    assert list(drawn(chart)) == [f"Stream {size}" for size in range(4, 10)]
    assert len(chart.rows) == 9


def test_bars_draw_the_columns_of_the_table():
    rows = [["North", "Allocation", 1, 2], ["South", "Allocation", None, 4]]

    stacked = charts.stacked(table(rows, "Core", "Other"), title="Regions")

    assert stacked is not None
    assert stacked.option["yAxis"]["data"] == ["North", "South"]
    assert drawn(stacked) == {"Core": [1, None], "Other": [2, 4]}
    assert {series.get("stack") for series in stacked.option["series"]} == {"whole"}
    assert charts.stacked(table([], "Core"), title="Regions") is None


def test_dots_are_the_rows_from_the_highest_with_one_marked_and_the_mean_as_a_line():
    rows = [["Low", Decimal("1.50")], ["Unknown", {"value": None, "missing": "Not reported"}], ["High", Decimal(3)]]
    heads = Table("a-head", "A head", [Column("Holder"), Column("A head", "pounds")], rows)

    chart = charts.dots(heads, title="A head", others="Boards", marked="Low", mean=Decimal("2.10"))

    assert chart is not None
    assert chart.option["xAxis"]["data"] == ["High", "Low"]
    assert drawn(chart) == {"Boards": [3, None], "Low": [None, 1.5], "England’s mean": [2.1, 2.1]}
    assert [series["lineStyle"]["width"] for series in chart.option["series"][:2]] == [0, 0]
    assert list(drawn(charts.dots(heads, title="A head", others="Boards"))) == ["Boards"]
    assert charts.dots(Table("a-head", "A head", heads.columns, rows[:2]), title="A head", others="Boards") is None


@pytest.mark.django_db
def test_the_flow_holds_what_the_table_of_streams_holds():
    small_england()
    page = england(actor=ANONYMOUS)

    chart = charts.flows(page)

    assert chart is not None
    links = chart.option["series"][0]["links"]
    assert [(link["source"], link["target"], link["value"]) for link in links] == [
        ("NHS commissioners", "Core", 12000),
        ("Core", "Recurrent money", 12000),
        ("NHS commissioners", "Running", 60),
        ("Running", "Recurrent money", 60),
    ]
    assert [[row[0], row[1], row[3]] for row in chart.rows] == [
        [link["source"], link["target"], link["value"]] for link in links
    ]
    by_stream = {row[0]["value"]: row[-1]["value"] for row in tables.by_stream(page).rows}
    assert by_stream == {link["target"]: link["value"] for link in links if link["source"] == "NHS commissioners"}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/streams/core/", "/organisations/{code}/"])
def test_every_number_drawn_on_a_page_is_printed_in_the_table_below_it(client, address):
    world = small_england()
    for number, board in enumerate(world.boards, start=1):
        factories.population(organisation=board, persons=7 * number)
    document = html5lib.parse(client.get(address.format(code=world.boards[0].code)).content.decode())
    figures = list(document.iter(f"{HTML}figure"))

    checked = 0
    for figure in figures:
        drawing = next(element for element in figure.iter(f"{HTML}div") if element.get("data-chart"))
        option = json.loads(unescape(drawing.get("data-chart")))
        assert len(list(drawing.iter("{http://www.w3.org/2000/svg}svg"))) == len(SIZES), "its picture in every size"
        printed = {"".join(cell.itertext()).split()[0] for cell in figure.iter(f"{HTML}td")}
        for series in option["series"]:
            values = [link["value"] for link in series["links"]] if series["type"] == "sankey" else series["data"]
            for value in values:
                if value is not None:
                    assert printed & {f"£{value:,.0f}", f"£{value:,.2f}"}
                    checked += 1
    assert figures
    assert checked > 3


@pytest.mark.django_db
def test_the_page_of_an_organisation_draws_its_leading_stream_over_the_years(client):
    address = f"/organisations/{small_england().boards[0].code}/"
    page = client.get(address).content.decode()
    assert "Core rose from £1,000 in 2023-24 to £2,000 in 2024-25, 100.0%." in page
    assert "Table: Core by year" in page
    assert "Core by year" not in client.get(f"{address}?year=2024-25").content.decode(), "one year is no line"


@pytest.mark.django_db
def test_a_page_without_a_chart_loads_no_chart_script(client):
    small_england()

    assert "charts.js" in client.get("/").content.decode()
    assert "charts.js" not in client.get("/streams/").content.decode()
