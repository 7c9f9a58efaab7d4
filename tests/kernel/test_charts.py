"""Charts: drawing, table and sentences come from the same rows, and every amount keeps its digits."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pooledcare.kernel.charts import (
    COUNT,
    Flow,
    Series,
    bar_chart,
    describe,
    line_chart,
    sankey_chart,
    stacked_bar_chart,
)
from pooledcare.kernel.money import LARGEST

YEARS = ["2023-24", "2024-25", "2025-26"]
CORE = Series("Core", [Decimal("101260119000"), Decimal("103817368000.50"), None])
RUNNING = Series("Running costs", [Decimal("1108760000"), Decimal("908760000"), Decimal("828299000")])
BUILDERS = [line_chart, bar_chart, stacked_bar_chart]

amounts = st.decimals(min_value=-LARGEST, max_value=LARGEST, places=2)


@pytest.mark.parametrize("build", BUILDERS)
def test_the_table_and_the_drawing_hold_the_same_values(build):
    chart = build("Allocations", "Year", YEARS, [CORE, RUNNING])
    assert chart.columns == ("Year", "Core", "Running costs")
    assert chart.rows[0] == ("2023-24", Decimal("101260119000"), Decimal("1108760000"))
    drawn = json.loads(json.dumps(chart.option, allow_nan=False), parse_float=Decimal, parse_int=Decimal)
    for index, series in enumerate(drawn["series"]):
        assert series["data"] == [row[index + 1] for row in chart.rows]


@pytest.mark.parametrize("build", BUILDERS)
def test_a_chart_is_readable_by_all_and_safe_under_a_strict_policy(build):
    option = build("Allocations", "Year", YEARS, [CORE, RUNNING]).option
    assert option["aria"]["enabled"] is True
    assert option["aria"]["label"]["description"].startswith("Allocations.")
    assert option["aria"]["decal"]["show"] is True
    assert option["tooltip"]["renderMode"] == "richText"
    assert option["legend"]["show"] is True
    assert "color" not in json.dumps(option)


@given(st.lists(st.one_of(st.none(), amounts), min_size=1, max_size=5))
def test_every_amount_is_drawn_with_its_own_digits(values):
    chart = bar_chart("Any", "Name", [str(n) for n in range(len(values))], [Series("Values", values)])
    text = json.dumps(chart.option["series"][0]["data"])
    assert json.loads(text, parse_float=Decimal, parse_int=Decimal) == values


def test_a_line_says_what_changed_and_a_bar_what_is_largest():
    line = line_chart("Allocations", "Year", YEARS, [CORE, RUNNING])
    assert line.description == (
        "Allocations. Core rose from £101.26 billion in 2023-24 to £103.82 billion in 2024-25, 2.5%. "
        "2 of 3 reported. Running costs fell from £1.11 billion in 2023-24 to £828.3 million in 2025-26, 25.3%."
    )
    bars = bar_chart("People", "Place", ["Mereshire", "Fenbury"], [Series("Residents", [1200, 34000])], unit=COUNT)
    assert bars.description == "People. Residents: largest is Fenbury, 34,000; smallest is Mereshire, 1,200."
    assert bars.option["legend"]["show"] is False
    assert bars.option["yAxis"]["inverse"] is True
    assert bars.unit == COUNT


@pytest.mark.parametrize(
    ("values", "is_over_time", "sentence"),
    [
        ([None, None], True, "One: not reported."),
        ([None, Decimal(5)], True, "One: £5 in b. 1 of 2 reported."),
        ([Decimal(5), None], False, "One: a, £5. 1 of 2 reported."),
        ([Decimal(5), Decimal(5)], True, "One did not change: £5 in a and in b."),
        ([Decimal(-5), Decimal(5)], True, "One rose from −£5 in a to £5 in b."),
        ([Decimal(0), Decimal(-5)], True, "One fell from £0 in a to −£5 in b."),
    ],
)
def test_the_sentence_for_few_values(values, is_over_time, sentence):
    assert describe("T", ["a", "b"], [Series("One", values)], is_over_time=is_over_time) == f"T. {sentence}"


def test_of_many_series_four_are_told_and_the_table_has_all():
    series = [Series(f"S{n}", [n]) for n in range(6)]
    text = describe("T", ["a"], series, unit=COUNT)
    assert text == "T. S0: a, 0. S1: a, 1. S2: a, 2. S3: a, 3. The table below has all 6 series."


def test_a_series_of_another_length_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="one value for each label"):
        line_chart("T", "Year", YEARS, [Series("One", [1])])


def test_a_flow_is_counted_once_and_nothing_below_zero_is_drawn():
    flows = [
        Flow("NHS", "Core", Decimal("900.50")),
        Flow("Councils", "Social care", Decimal("99.50")),
        Flow("Core", "South West", Decimal("900.50")),
        Flow("Councils", "Returned", Decimal("-5.00")),
    ]
    chart = sankey_chart("Money", ("From", "To", "Amount"), flows)
    [series] = chart.option["series"]
    assert [node["name"] for node in series["data"]] == ["NHS", "Core", "Councils", "Social care", "South West"]
    assert json.dumps(series["links"][0]) == '{"source": "NHS", "target": "Core", "value": 900.50}'.replace("50}", "5}")
    assert len(series["links"]) == 3
    assert len(chart.rows) == 4
    assert chart.description == "Money. 3 flows, £1,000 together; the largest goes from NHS to Core, £900."


def test_no_flow_and_one_flow():
    assert sankey_chart("Money", ("From", "To", "Amount"), []).description == "Money. There is nothing to show."
    one = sankey_chart("Money", ("From", "To", "Amount"), [Flow("A", "B", Decimal(1))])
    assert one.description.startswith("Money. One flow, £1 together")
