"""Which figures of a stream are compared a head, and the comparison as a list of the API."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from budgets.queries.england import chosen_measure
from budgets.queries.holdings import Compared
from budgets.queries.listing_columns import COMPARISON_COLUMNS
from budgets.queries.totals import Measure, Total, added_up
from budgets.rules.comparing import Holding, comparable, mean_a_head, rank_of
from budgets.tables.table import year_text
from pooledcare.kernel.rest.listings import Listing


def measure_of(totals: Sequence[Total], asked: Mapping[str, Any]) -> Measure | None:
    """The requested year and basis, or the latest with figures."""
    held = sorted({(total.year, total.basis) for total in totals})
    measures = [Measure(year, basis, 1) for year, basis in held]
    return chosen_measure(measures, year=asked.get("year"), basis=asked.get("basis") or "")


def largest_line(totals: Sequence[Total], chosen: Measure) -> Total | None:
    """The largest sum of one year and basis whose figures can all be compared."""
    sums = added_up(
        (total for total in totals if (total.year, total.basis) == (chosen.year, chosen.basis)),
        key=lambda total: (total.gross_or_net, total.recurrence, total.source_code),
    )
    return max(sums, key=lambda total: (total.amount is not None, total.amount or 0), default=None)


def compared_with(line: Total) -> Compared:
    return Compared(line.stream, line.year, line.basis, line.gross_or_net, line.recurrence, line.source_code)


# The rows are made by the rules of comparing; PostgreSQL only pages them and writes them as CSV.
_ROWS = """with h as (select * from jsonb_to_recordset(%s::jsonb) as x(position int, organisation text, name text,
    kind text, region_name text, stream text, financial_year text, basis text, gross_or_net text, recurrence text,
    source text, amount text, not_reported text, persons bigint, counted_as text, counted_on date, a_head text,
    rank int, ranked int, mean_a_head text, is_peer boolean, allocation text))"""


def comparison(
    compared: Compared | None, everyone: Sequence[Holding], own: Holding | None, peers: Collection[Holding]
) -> Listing:
    """Every holder with its amount a head, the highest first; with `own`, only that one and its peers.

    Ranks and the mean are those of all holders. The list is empty if nothing is compared.
    """
    known, mean = comparable(everyone), mean_a_head(everyone)
    ordered = [*known, *(one for one in everyone if not any(one is other for other in known))]
    wanted = {id(one) for one in ([own, *peers] if own else everyone)}
    shown = [one for one in ordered if id(one) in wanted] if compared else []
    rows = []
    for position, one in enumerate(shown):
        assert compared is not None
        is_known = any(one is other for other in known)
        rows.append(
            {
                "position": position,
                "organisation": one.code,
                "name": one.name,
                "kind": one.kind,
                "region_name": one.region or None,
                "stream": compared.stream,
                "financial_year": year_text(compared.year),
                "basis": compared.basis,
                "gross_or_net": compared.gross_or_net,
                "recurrence": compared.recurrence,
                "source": compared.source,
                "amount": _text(one.amount),
                "not_reported": None if one.amount is not None else one.published_text,
                "persons": one.persons,
                "counted_as": one.measure or None,
                "counted_on": _text(one.counted_on),
                "a_head": _text(one.a_head),
                "rank": rank_of(one, known) if is_known else None,
                "ranked": len(known),
                "mean_a_head": _text(mean),
                "is_peer": None if own is None else one is not own,
                "allocation": one.reference,
            }
        )
    return Listing(COMPARISON_COLUMNS, "h", ("h.position",), before=_ROWS, before_values=(json.dumps(rows),))


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, dt.date) else f"{value:.2f}"
