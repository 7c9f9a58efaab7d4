"""The list of funding streams, and one stream with its totals and holders."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from budgets import charts
from budgets.forms import StreamFilter, basis_choices, end_of, year_choices
from budgets.queries import streams as queries
from budgets.queries.england import chosen_measure
from budgets.queries.publications import controls_of
from budgets.queries.totals import Measure, Total, added_up
from budgets.tables import streams as tables
from budgets.tables.table import basis_text, year_text
from budgets.terms import Basis
from pooledcare.kernel.names import joined
from pooledcare.kernel.paging import Order, page_of
from pooledcare.kernel.table_files import download, download_links, wants_file

BY_HOLDER = Order("organisation__name")


@require_safe
def stream_list(request: HttpRequest) -> HttpResponseBase:
    streams = queries.streams_listed()
    table = tables.stream_list(streams, queries.all_totals())
    if file := download(request, [table], name="funding-streams"):
        return file
    context = {
        "table": table,
        "links": download_links(request, table),
        "known_to": streams[0].known_to if streams else None,  # type: ignore[attr-defined]
    }
    return render(request, "budgets/stream_list.jinja", context)


@require_safe
def stream_detail(request: HttpRequest, code: str) -> HttpResponseBase:
    stream = queries.stream_by_code(code)
    if stream is None:
        raise Http404
    form = StreamFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    moment = {"published_by": asked.get("as_at"), "known_at": end_of(asked.get("known_at"))}
    totals = queries.stream_totals(stream, **moment)
    chosen = _chosen(totals, asked)
    form.offer(year=year_choices({t.year for t in totals}), basis=basis_choices({t.basis for t in totals}))
    context: dict[str, Any] = {
        "form": form,
        "stream": stream,
        "holders_words": tables.held_by_text(stream),
        "years_words": tables.years_text(stream),
        "as_it_was": asked.get("as_at"),
        "known_at": asked.get("known_at"),
        "chosen": chosen,
    }
    years = tables.over_years(totals, stream=stream)
    shown = {"years": years}
    name = stream.code
    if chosen is not None and form.is_valid():
        form.show(year=year_text(chosen.year), basis=chosen.basis)
        wanted = {"year": chosen.year, "basis": chosen.basis, "actor": request.actor, **moment}  # type: ignore[attr-defined]
        figures = queries.holders_of(stream, **wanted)
        name = f"{stream.code}-{year_text(chosen.year)}-{chosen.basis}"
        page = None if wants_file(request) else page_of(request, figures, order=BY_HOLDER)
        shown |= {
            "regions": tables.by_region(totals, stream=stream, year=chosen.year, basis=chosen.basis),
            "holders": tables.holders(
                page.rows if page else figures, stream=stream, year=chosen.year, basis=chosen.basis
            ),
        }
        if stream.included_kinds:
            others = queries.figures_of_others(stream, **wanted)
            shown["others"] = tables.others(others, stream=stream, year=chosen.year, basis=chosen.basis)
        context |= _of_one_year(stream, totals, chosen, moment) | {"page": page}
    if form.is_valid() and (file := download(request, list(shown.values()), name=name)):
        return file
    context |= {
        "drawn_years": charts.years_drawn(years, title="England over the years", named_by=(0, 1)),
        "drawn_regions": charts.stacked(shown["regions"], title=shown["regions"].caption)
        if "regions" in shown
        else None,
        "links": {key: download_links(request, table) for key, table in shown.items()},
        "tables": shown,
    }
    return render(request, "budgets/stream_detail.jinja", context, status=200 if form.is_valid() else 400)


def _chosen(totals: list[Total], asked: dict[str, Any]) -> Measure | None:
    """The requested year and basis, or the latest with figures."""
    held = sorted({(total.year, total.basis) for total in totals})
    measures = [Measure(year, basis, 1) for year, basis in held]
    return chosen_measure(measures, year=asked.get("year"), basis=asked.get("basis") or "")


def _of_one_year(stream: Any, totals: list[Total], chosen: Measure, moment: dict[str, Any]) -> dict[str, Any]:
    """Who has reported, who has not, and how our sum compares with the total that the publisher prints."""
    of_year = [total for total in totals if (total.year, total.basis) == (chosen.year, chosen.basis)]
    sums = added_up(of_year, key=lambda total: (total.gross_or_net, total.recurrence, total.source_code))
    return {
        "year": year_text(chosen.year),
        "basis": str(Basis(chosen.basis).label),
        "sums": [(total, basis_text(total.basis, total.gross_or_net, total.recurrence)) for total in sums],
        "sources": joined(sorted({total.source for total in sums})),
        "silence": queries.silence(stream, year=chosen.year, basis=chosen.basis, **moment),
        "controls": [
            (publication, control, total, control.amount - total.amount)
            for total in sums
            if total.amount is not None
            for publication, control in controls_of(stream.code, chosen.year, total.source_code)
        ],
    }
