"""Charts as values: the rows of a table, and an Apache ECharts option built from the same rows. No colours, no HTML.

A page shows the rows as a table; server and browser draw the chart from the option (`pooledcare.kernel.drawing`).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pooledcare.kernel.money import pounds_short

Cell = str | Decimal | int | None
Option = dict[str, Any]

POUNDS = "pounds"
COUNT = "count"


@dataclass(frozen=True)
class Series:
    """One named line or set of bars. None is a value that was not reported; it is not drawn."""

    name: str
    values: Sequence[Decimal | int | None]


@dataclass(frozen=True)
class Flow:
    """An amount that goes from one node to another."""

    source: str
    target: str
    value: Decimal


@dataclass(frozen=True)
class Chart:
    """A chart and its table. `option` is for Apache ECharts; `rows` have a cell for each of `columns`, label first."""

    title: str
    description: str
    option: Option
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    unit: str = POUNDS


def line_chart(title: str, label: str, labels: Sequence[str], series: Sequence[Series], *, unit: str = POUNDS) -> Chart:
    """Values over time. A missing value leaves a gap in the line."""
    option = _axes(title, labels, series, unit)
    option["series"] = [
        {"type": "line", "name": one.name, "data": _numbers(one.values), "connectNulls": False, "symbolSize": 8}
        for one in series
    ]
    return _chart(title, label, labels, series, option, unit, is_over_time=True)


def dot_chart(
    title: str,
    label: str,
    labels: Sequence[str],
    values: Sequence[Decimal | int],
    *,
    others: str,
    marked: str = "",
    mean: Decimal | int | None = None,
    unit: str = POUNDS,
) -> Chart:
    """A dot for each label, beside each other, without a line between them; their names are shown when pointed at.

    `others` is the name of all dots in the legend but that of the label `marked`, which is larger. `mean` is a line.
    """
    is_marked = [name == marked for name in labels]
    series = [Series(others, [None if own else value for own, value in zip(is_marked, values, strict=True)])]
    if any(is_marked):
        series.append(Series(marked, [value if own else None for own, value in zip(is_marked, values, strict=True)]))
    option = _axes(title, labels, series, unit)
    option["xAxis"]["axisLabel"] = {"show": False}
    option["yAxis"]["scale"] = True
    sizes = (9, 16)
    option["series"] = [
        {
            "type": "line",
            "name": one.name,
            "data": _numbers(one.values),
            "lineStyle": {"width": 0},
            "symbolSize": size,
            "showAllSymbol": True,
            "connectNulls": False,
        }
        for one, size in zip(series, sizes, strict=False)
    ]
    if mean is not None:
        line = {"type": "line", "name": "England’s mean", "data": _numbers([mean] * len(labels)), "symbol": "none"}
        option["series"].append(line)
    return _chart(title, label, labels, [Series(others, values)], option, unit, is_over_time=False)


def bar_chart(title: str, label: str, labels: Sequence[str], series: Sequence[Series], *, unit: str = POUNDS) -> Chart:
    """Values side by side, as horizontal bars, which leave room for long names."""
    option = _axes(title, labels, series, unit, lies=True)
    option["series"] = [{"type": "bar", "name": one.name, "data": _numbers(one.values)} for one in series]
    return _chart(title, label, labels, series, option, unit, is_over_time=False)


def stacked_bar_chart(
    title: str, label: str, labels: Sequence[str], series: Sequence[Series], *, unit: str = POUNDS
) -> Chart:
    """Parts of a whole, for each label."""
    option = _axes(title, labels, series, unit)
    option["series"] = [
        {"type": "bar", "name": one.name, "stack": "whole", "data": _numbers(one.values)} for one in series
    ]
    return _chart(title, label, labels, series, option, unit, is_over_time=False)


def sankey_chart(title: str, columns: tuple[str, str, str], flows: Sequence[Flow], *, unit: str = POUNDS) -> Chart:
    """Where amounts come from and go to. Only flows above 0 can be drawn; the table has all of them."""
    drawn = [flow for flow in flows if flow.value > 0]
    names = list(dict.fromkeys(name for flow in drawn for name in (flow.source, flow.target)))
    option = _base(title)
    option["tooltip"]["trigger"] = "item"
    option["series"] = [
        {
            "type": "sankey",
            "emphasis": {"focus": "adjacency"},
            "nodeAlign": "justify",
            "data": [{"name": name} for name in names],
            "links": [
                {"source": flow.source, "target": flow.target, "value": number_drawn(flow.value)} for flow in drawn
            ],
        }
    ]
    description = _sankey_sentence(title, drawn, unit)
    option["aria"]["label"] = {"enabled": True, "description": description}
    rows = tuple((flow.source, flow.target, flow.value) for flow in flows)
    return Chart(title, description, option, columns, rows, unit)


def _chart(
    title: str,
    label: str,
    labels: Sequence[str],
    series: Sequence[Series],
    option: Option,
    unit: str,
    *,
    is_over_time: bool,
) -> Chart:
    if any(len(one.values) != len(labels) for one in series):
        raise ValueError("Every series needs one value for each label.")
    description = describe(title, labels, series, unit=unit, is_over_time=is_over_time)
    option["aria"]["label"] = {"enabled": True, "description": description}
    rows = tuple((name, *(one.values[i] for one in series)) for i, name in enumerate(labels))
    return Chart(title, description, option, (label, *(one.name for one in series)), rows, unit)


def _base(title: str) -> Option:
    return {
        # The page has the title as a heading, so a screen reader would read a title in the chart again.
        "title": {"text": title, "show": False},
        "aria": {"enabled": True, "decal": {"show": True}},
        "animation": False,
        "tooltip": {"renderMode": "richText", "confine": True},
    }


def _axes(title: str, labels: Sequence[str], series: Sequence[Series], unit: str, *, lies: bool = False) -> Option:
    names: Option = {"type": "category", "data": list(labels), "axisLabel": {"hideOverlap": True}}
    values: Option = {"type": "value", "name": "£" if unit == POUNDS else "", "scale": False}
    option = _base(title)
    option["tooltip"]["trigger"] = "axis"
    option["grid"] = {"containLabel": True}
    option["legend"] = {"show": len(series) > 1, "data": [one.name for one in series]}
    if lies:
        names["inverse"] = True
    option["xAxis"], option["yAxis"] = (values, names) if lies else (names, values)
    return option


def _numbers(values: Sequence[Decimal | int | None]) -> list[Any]:
    return [None if value is None else number_drawn(value) for value in values]


def number_drawn(value: Decimal | int) -> Any:
    """A number that JSON writes with the digits of the amount, for drawing only, never for sums.

    Python's JSON encoder does not accept a Decimal. A float read from a text of up to fifteen digits is written with
    the same digits again, and no amount is longer than that.
    """
    return json.loads(f"{value:f}" if isinstance(value, Decimal) else str(value))


def describe(
    title: str, labels: Sequence[str], series: Sequence[Series], *, unit: str = POUNDS, is_over_time: bool = False
) -> str:
    """The chart in a few sentences, for people who cannot see it: the largest value, or the change over time."""
    sentences = [f"{title}."]
    for one in series[:4]:
        known = [(label, value) for label, value in zip(labels, one.values, strict=True) if value is not None]
        if not known:
            sentences.append(f"{one.name}: not reported.")
            continue
        sentences.append(_change(one.name, known, unit) if is_over_time else _largest(one.name, known, unit))
        if len(known) < len(labels):
            sentences.append(f"{len(known)} of {len(labels)} reported.")
    if len(series) > 4:
        sentences.append(f"The table below has all {len(series)} series.")
    return " ".join(sentences)


def _written(value: Decimal | int, unit: str) -> str:
    if unit == POUNDS:
        return pounds_short(Decimal(value))
    return f"{value:,}".replace("-", "−")


def _largest(name: str, known: Sequence[tuple[str, Decimal | int]], unit: str) -> str:
    label, value = max(known, key=lambda pair: pair[1])
    if len(known) == 1:
        return f"{name}: {label}, {_written(value, unit)}."
    last_label, last_value = min(known, key=lambda pair: pair[1])
    smallest = f"smallest is {last_label}, {_written(last_value, unit)}"
    return f"{name}: largest is {label}, {_written(value, unit)}; {smallest}."


def _change(name: str, known: Sequence[tuple[str, Decimal | int]], unit: str) -> str:
    (first_label, first), (last_label, last) = known[0], known[-1]
    if len(known) == 1:
        return f"{name}: {_written(first, unit)} in {first_label}."
    change = f"from {_written(first, unit)} in {first_label} to {_written(last, unit)} in {last_label}"
    if first == last:
        return f"{name} did not change: {_written(first, unit)} in {first_label} and in {last_label}."
    verb = "rose" if last > first else "fell"
    return f"{name} {verb} {change}{_percent(first, last)}."


def _percent(first: Decimal | int, last: Decimal | int) -> str:
    """The change as a percentage of the first value; empty if that has no meaning."""
    if first <= 0:
        return ""
    change = (Decimal(last) - Decimal(first)) * 100 / Decimal(first)
    return f", {abs(change):.1f}%"


def _sankey_sentence(title: str, flows: Sequence[Flow], unit: str) -> str:
    if not flows:
        return f"{title}. There is nothing to show."
    # Count only the flows that start here: the others have been counted at their source.
    targets = {flow.target for flow in flows}
    first = [flow for flow in flows if flow.source not in targets]
    total = sum((flow.value for flow in first), Decimal(0))
    shares: dict[str, Decimal] = {}
    for flow in first:
        shares[flow.target] = shares.get(flow.target, Decimal(0)) + flow.value
    largest = max(shares, key=lambda name: shares[name])
    hundredths = (shares[largest] * 100 / total).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    share = f"{hundredths}p of each pound is" if unit == POUNDS else f"{hundredths}% is"
    return f"{title}. Of {_written(total, unit)}, {share} {largest}."
