"""Charts of the public pages. Each is made from a table and shown with it; no numbers are calculated here.

A chart has at most six colours. If a table has more lines, only the largest are drawn; the table has them all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from budgets.queries.england import England
from budgets.queries.totals import Total, added_up, without_parts
from budgets.tables.england import holders_text, of_year, stream_key
from budgets.tables.table import basis_text, year_text
from budgets.terms import Recurrence
from pooledcare.kernel import charts
from pooledcare.kernel.charts import Flow, Series
from pooledcare.kernel.tables import Cell, Column, Table

MOST_DRAWN = 6
ROOM_FOR_A_NAME = 34  # space between narrow flows, so that names of two lines do not overlap
MONEY = frozenset({"pounds", "pounds_whole"})
# The parts of an ECharts option made here; legend, colours and tooltips are added by the page.
_DRAWN = ("xAxis", "yAxis", "series")


@dataclass(frozen=True)
class Chart:
    """What the chart component shows: a title, a sentence, an ECharts option, and the table of the same numbers."""

    title: str
    summary: str
    option: dict[str, Any]
    table: Table
    format: str = "pounds"
    tall: bool = False

    def over(self, table: Table) -> Chart:
        """The same picture with its table as the reader chose to see it."""
        return replace(self, table=table)

    @property
    def columns(self) -> Sequence[Column]:
        return self.table.columns

    @property
    def rows(self) -> Sequence[Sequence[Cell]]:
        return self.table.rows

    @property
    def foot(self) -> Sequence[Sequence[Cell]]:
        return self.table.foot


def _over(drawn: charts.Chart, table: Table, *, summary: str = "", tall: bool = False) -> Chart:
    option = {name: drawn.option[name] for name in _DRAWN if name in drawn.option}
    for axis in ("xAxis", "yAxis"):
        if axis in option:
            option[axis].pop("name", None)  # the numbers on the axis carry their unit
    said = summary or drawn.description.removeprefix(f"{drawn.title}. ")
    return Chart(drawn.title, said, option, table, tall=tall)


def _in_short(labels: Sequence[str], series: Series, *, is_over_time: bool = False) -> str:
    """One of the series in a sentence, as far as it is known: the table below has everything."""
    known = [(label, value) for label, value in zip(labels, series.values, strict=True) if value is not None]
    reported = Series(series.name, [value for _, value in known])
    described = charts.describe("", [label for label, _ in known], [reported], is_over_time=is_over_time)
    return described.removeprefix(". ").strip()


def plain(cell: Cell) -> Any:
    """The plain value of a cell. None is drawn as a gap, never as 0."""
    return cell["value"] if isinstance(cell, dict) else cell


def _money_columns(table: Table) -> list[int]:
    return [index for index, column in enumerate(table.columns) if column.format in MONEY]


def years_drawn(table: Table, *, title: str) -> Chart | None:
    """A line over the years for each row, named by its columns of words; None if there are fewer than two years."""
    named_by = [index for index, column in enumerate(table.columns) if column.format == "text"]
    years = [index for index, column in enumerate(table.columns) if column.format == "pounds_whole"]
    lines = [row for row in table.rows if sum(plain(row[year]) is not None for year in years) > 1]
    if not lines:
        return None
    drawn = _largest(lines, lambda row: max(plain(row[year]) or 0 for year in years))
    series = [
        Series(name, [plain(row[year]) for year in years])
        for name, row in zip(_names(drawn, named_by), drawn, strict=True)
    ]
    labels = [table.columns[year].label for year in years]
    largest = max(series, key=lambda one: max(value or 0 for value in one.values))
    summary = _in_short(labels, largest, is_over_time=True)
    return _over(charts.line_chart(title, "Financial year", labels, series), table, summary=summary)


def _names(rows: Sequence[Sequence[Cell]], named_by: Sequence[int]) -> list[str]:
    """The name of each row: its first column, plus further columns while two rows have the same name."""
    names = [""] * len(rows)
    for column in named_by:
        words = [str(plain(row[column])) for row in rows]
        names = [", ".join(part for part in pair if part) for pair in zip(names, words, strict=True)]
        if len(set(names)) == len(names):
            break
    return names


def stacked(table: Table, *, title: str) -> Chart | None:
    """A bar for each row, with a colour for each column of money; None for a table without rows."""
    columns = _money_columns(table)
    if not table.rows or not columns:
        return None
    drawn = _largest(columns, lambda index: max((plain(row[index]) or 0 for row in table.rows), default=0))
    series = [Series(table.columns[index].label, [plain(row[index]) for row in table.rows]) for index in drawn]
    labels = [str(plain(row[0])) for row in table.rows]
    drawing = charts.bar_chart(title, table.columns[0].label, labels, series)
    chart = _over(drawing, table, summary=_in_short(labels, series[0]), tall=len(labels) > 6)
    for one in chart.option["series"]:
        one["stack"] = "whole"
    return chart


def dots(table: Table, *, title: str, others: str, marked: str = "", mean: Decimal | None = None) -> Chart | None:
    """A dot for each row with a value in its second column, from the highest to the lowest; None for fewer than two.

    `others` names the dots in the legend, `marked` is the row that stands out, `mean` is drawn as a line.
    """
    known = [(str(plain(row[0])), plain(row[1])) for row in table.rows if plain(row[1]) is not None]
    if len(known) < 2:
        return None
    known.sort(key=lambda pair: -pair[1])
    labels = [name for name, _ in known]
    drawing = charts.dot_chart(title, table.columns[0].label, labels, [value for _, value in known],
                               others=others, marked=marked, mean=mean)  # fmt: skip
    summary = charts.describe("", labels, [Series(table.columns[1].label, [value for _, value in known])])
    return _over(drawing, table, summary=summary.removeprefix(". ").strip())


def flows(page: England) -> Chart | None:
    """Flows from holders through streams to recurrence, for one year and basis; gross and net are never mixed."""
    if page.chosen is None or not page.by_region:
        return None
    kinds = sorted({total.gross_or_net for total in page.by_region})
    chosen = max(kinds, key=lambda kind: sum(t.amount or 0 for t in page.by_region if t.gross_or_net == kind))
    among = [total for total in page.by_region if total.gross_or_net == chosen and total.amount is not None]
    totals = added_up(without_parts(among), key=stream_key)
    if not totals:
        return None
    steps = _steps(totals)
    basis = basis_text(page.chosen.basis, chosen)
    title = f"From holders through streams, {year_text(page.chosen.year)} {basis.lower()}"
    table = Table(
        key="flows",
        caption=title,
        columns=[Column("From"), Column("To"), Column("Basis"), Column("Amount", "pounds_whole")],
        rows=[[step.source, step.target, basis, step.value] for step in steps],
        context=[*of_year(page), ("Source", ", ".join(sorted({total.source for total in totals})))],
    )
    chart = _over(charts.sankey_chart(title, ("From", "To", "Amount"), steps), table, tall=True)
    chart.option["series"][0] |= {"nodeGap": ROOM_FOR_A_NAME, "bottom": ROOM_FOR_A_NAME // 2}
    return chart


def _steps(totals: Sequence[Total]) -> list[Flow]:
    """Flows from holder to stream and from stream to recurrence; flows with the same two ends are added together."""
    sums: dict[tuple[str, str], Decimal] = {}
    for total in totals:
        for ends in (
            (holders_text(total.holder_kinds), total.stream_name),
            (total.stream_name, _recurrence(total)),
        ):
            sums[ends] = sums.get(ends, Decimal(0)) + (total.amount or Decimal(0))
    return [Flow(source, target, value) for (source, target), value in sums.items()]


def _recurrence(total: Total) -> str:
    stated = total.recurrence != Recurrence.NOT_STATED
    return f"{Recurrence(total.recurrence).label} money" if stated else "Recurrence not stated"


def _largest(items: Sequence[Any], size: Callable[[Any], Any]) -> list[Any]:
    """The six largest items, in their original order."""
    kept = sorted(range(len(items)), key=lambda index: size(items[index]), reverse=True)[:MOST_DRAWN]
    return [items[index] for index in sorted(kept)]
