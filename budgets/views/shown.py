"""Tables and charts as the reader of a page chose to see them: for the page in a unit, for files in exact pounds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import HttpRequest

from budgets import charts
from budgets.charts import Chart
from budgets.rules.comparing import Holding, comparable, mean_a_head
from budgets.rules.words import holders_text
from budgets.tables.comparing import dots_of
from pooledcare.kernel.shown_tables import as_chosen, sorted_table
from pooledcare.kernel.tables import Table


def every_table(request: HttpRequest, tables: Iterable[Table]) -> list[Table]:
    """The tables of a page for its files, each in the chosen order."""
    return [sorted_table(request, table) for table in tables]


def drawn_as_chosen(request: HttpRequest, table: Table, chart: Chart | None) -> tuple[Table, Chart | None]:
    """A table and its chart, if it has one."""
    shown = as_chosen(request, table)
    return shown, chart.over(shown) if chart else None


def dots(
    request: HttpRequest, holdings: Sequence[Holding], *, stream: str, year: str, own: str = ""
) -> charts.Chart | None:
    """Every holder of a stream as a dot, with that of the code `own` marked; None if fewer than two can be compared."""
    table = dots_of(holdings, stream=stream, year=year, own=own)
    holders = holders_text({one.kind for one in comparable(holdings)})
    chart = charts.dots(
        table,
        title=table.caption,
        others=f"Other {holders}" if own else holders[0].upper() + holders[1:],
        marked=next((one.name for one in holdings if one.code == own), ""),
        mean=mean_a_head(holdings),
    )
    return chart.over(as_chosen(request, table)) if chart else None
