"""Charts: drawing, table and sentences come from the same rows, and every amount keeps its digits."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pooledcare.kernel.charts import (
    COUNT,
    POUNDS,
    Chart,
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
    assert chart.description == "Money. Of £1,000, 90p of each pound is Core."


def test_no_flow_and_one_flow():
    assert sankey_chart("Money", ("From", "To", "Amount"), []).description == "Money. There is nothing to show."
    one = sankey_chart("Money", ("From", "To", "Amount"), [Flow("A", "B", Decimal(1))])
    assert one.description == "Money. Of £1, 100p of each pound is B."


# ── The whole of what is drawn ───────────────────────────────────────────────────────────────────────────────────────

NORTH = Series("North", [Decimal("10.50"), None])
SOUTH = Series("South", [Decimal(4), Decimal(-2)])
TEXT = {
    "line": "T. North: £10 in a. 1 of 2 reported. South fell from £4 in a to −£2 in b, 150.0%.",
    "bar": "T. North: a, £10. 1 of 2 reported. South: largest is a, £4; smallest is b, −£2.",
}


def base(description, trigger="axis"):
    return {
        "title": {"text": "T", "show": False},
        "aria": {"enabled": True, "decal": {"show": True}, "label": {"enabled": True, "description": description}},
        "animation": False,
        "tooltip": {"renderMode": "richText", "confine": True, "trigger": trigger},
    }


def axes(kind, *, lies=False):
    names = {"type": "category", "data": ["a", "b"], "axisLabel": {"hideOverlap": True}}
    values = {"type": "value", "name": "£", "scale": False}
    if lies:
        names["inverse"] = True
    return {
        **base(TEXT[kind]),
        "grid": {"containLabel": True},
        "legend": {"show": True, "data": ["North", "South"]},
        "xAxis": values if lies else names,
        "yAxis": names if lies else values,
    }


@pytest.mark.parametrize(
    ("build", "kind", "lies", "more"),
    [
        (line_chart, "line", False, {"connectNulls": False, "symbolSize": 8}),
        (bar_chart, "bar", True, {}),
        (stacked_bar_chart, "bar", False, {"stack": "whole"}),
    ],
)
def test_the_whole_drawing_of_values_is_this(build, kind, lies, more):
    chart = build("T", "Place", ["a", "b"], [NORTH, SOUTH])
    series = [
        {"type": kind, "name": "North", "data": [10.5, None], **more},
        {"type": kind, "name": "South", "data": [4, -2], **more},
    ]
    assert chart == Chart(
        title="T",
        description=TEXT[kind],
        option={**axes(kind, lies=lies), "series": series},
        columns=("Place", "North", "South"),
        rows=(("a", Decimal("10.50"), Decimal(4)), ("b", None, Decimal(-2))),
        unit=POUNDS,
    )


@pytest.mark.parametrize("build", BUILDERS)
def test_a_chart_of_counts_has_no_pound_sign_and_one_series_needs_no_legend(build):
    chart = build("T", "Place", ["a"], [Series("One", [1200])], unit=COUNT)
    [values] = [axis for axis in (chart.option["xAxis"], chart.option["yAxis"]) if axis["type"] == "value"]
    assert (values["name"], chart.unit) == ("", COUNT)
    assert chart.option["legend"] == {"show": False, "data": ["One"]}
    assert "1,200" in chart.description


def test_the_whole_drawing_of_flows_is_this():
    flows = [
        Flow("NHS", "Core", Decimal("5.50")),
        Flow("NHS", "Nothing", Decimal(0)),
        Flow("Council", "Core", Decimal("0.50")),
        Flow("Core", "South", Decimal(6)),
        Flow("Core", "Back", Decimal(-1)),
    ]
    chart = sankey_chart("T", ("From", "To", "Amount"), flows)
    description = "T. Of £6, 100p of each pound is Core."
    assert chart == Chart(
        title="T",
        description=description,
        option={
            **base(description, "item"),
            "series": [
                {
                    "type": "sankey",
                    "emphasis": {"focus": "adjacency"},
                    "nodeAlign": "justify",
                    "data": [{"name": name} for name in ("NHS", "Core", "Council", "South")],
                    "links": [
                        {"source": "NHS", "target": "Core", "value": 5.5},
                        {"source": "Council", "target": "Core", "value": 0.5},
                        {"source": "Core", "target": "South", "value": 6},
                    ],
                }
            ],
        },
        columns=("From", "To", "Amount"),
        rows=tuple((flow.source, flow.target, flow.value) for flow in flows),
        unit=POUNDS,
    )


def test_one_flow_and_flows_of_counts():
    [a, b] = [Flow("A", "B", Decimal(1200)), Flow("C", "D", Decimal(1201))]
    one = sankey_chart("T", ("From", "To", "People"), [a], unit=COUNT)
    assert one.description == "T. Of 1,200, 100% is B."
    assert one.unit == COUNT
    two = sankey_chart("T", ("From", "To", "People"), [a, b], unit=COUNT)
    assert two.description == "T. Of 2,401, 50% is D."


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([Decimal(100), Decimal(101)], "One rose from £100 in a to £101 in b, 1.0%."),
        ([Decimal(100), Decimal(99)], "One fell from £100 in a to £99 in b, 1.0%."),
        ([Decimal(1), Decimal(3)], "One rose from £1 in a to £3 in b, 200.0%."),
        ([Decimal(0), Decimal(5)], "One rose from £0 in a to £5 in b."),
        ([Decimal(0), Decimal(0)], "One did not change: £0 in a and in b."),
        ([Decimal(3), Decimal(0)], "One fell from £3 in a to £0 in b, 100.0%."),
    ],
)
def test_the_change_is_told_in_per_cent_of_where_it_began_if_that_was_above_nothing(values, sentence):
    assert describe("T", ["a", "b"], [Series("One", values)], is_over_time=True) == f"T. {sentence}"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([2, 3, 1], "One: largest is b, 3; smallest is c, 1."),
        ([3, 3, 1, 1], "One: largest is a, 3; smallest is c, 1."),
        ([-1200, 0], "One: largest is b, 0; smallest is a, −1,200."),
        ([None, 0], "One: b, 0. 1 of 2 reported."),
    ],
)
def test_of_values_side_by_side_the_largest_and_the_smallest_are_told(values, sentence):
    labels = ["a", "b", "c", "d"][: len(values)]
    assert describe("T", labels, [Series("One", values)], unit=COUNT) == f"T. {sentence}"


@pytest.mark.parametrize(("count", "told", "more"), [(4, 4, ""), (5, 4, " The table below has all 5 series.")])
def test_up_to_four_series_are_told_in_words(count, told, more):
    text = describe("T", ["a"], [Series(f"S{n}", [n]) for n in range(count)], unit=COUNT)
    assert text == "T. " + " ".join(f"S{n}: a, {n}." for n in range(told)) + more


def test_each_series_is_told_by_itself_also_after_one_that_was_not_reported():
    series = [Series("One", [None, None]), Series("Two", [1, 2])]
    assert describe("T", ["a", "b"], series, unit=COUNT) == (
        "T. One: not reported. Two: largest is b, 2; smallest is a, 1."
    )


@pytest.mark.parametrize("values", [[], [1], [1, 2, 3, 4]])
@pytest.mark.parametrize("build", BUILDERS)
def test_each_series_needs_one_value_for_each_label(build, values):
    with pytest.raises(ValueError, match=r"^Every series needs one value for each label\.$"):
        build("T", "Year", YEARS, [CORE, Series("One", values)])
