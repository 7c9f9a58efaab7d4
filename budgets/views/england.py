"""England on one page."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from budgets import charts
from budgets.forms import EnglandFilter, basis_choices, year_choices
from budgets.queries.england import england
from budgets.queries.waiting import waiting_for
from budgets.tables import england as tables
from budgets.tables.england import holders_text, sums_by_holder
from budgets.tables.table import year_text
from budgets.tables.waiting import waiting_lines
from budgets.terms import Basis
from pooledcare.kernel.table_files import download, download_links


@require_safe
def england_detail(request: HttpRequest) -> HttpResponseBase:
    form = EnglandFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    page = england(actor=request.actor, year=asked.get("year"), basis=asked.get("basis") or "")  # type: ignore[attr-defined]
    form.offer(
        year=year_choices({measure.year for measure in page.measures}),
        basis=basis_choices({measure.basis for measure in page.measures}),
    )
    if page.chosen is not None:
        form.show(year=year_text(page.chosen.year), basis=page.chosen.basis)
    streams, regions, years = tables.by_stream(page), tables.by_region(page), tables.over_years(page)
    flows, own = charts.flows(page), tables.own_figures(page)
    every = [streams, *regions, *years, *([flows.table] if flows else []), *([own] if page.own else [])]
    name = f"england-{year_text(page.chosen.year)}-{page.chosen.basis}" if page.chosen else "england"
    if form.is_valid() and (file := download(request, every, name=name)):
        return file
    waiting = waiting_for(request.actor)  # type: ignore[attr-defined]
    context = {
        "form": form,
        "page": page,
        "waiting": waiting,
        "to_do": waiting_lines(waiting) if waiting else [],
        "basis": str(Basis(page.chosen.basis).label) if page.chosen else "",
        "year": year_text(page.chosen.year) if page.chosen else "",
        "streams": streams,
        "headlines": [(holders_text(total.holder_kinds), total) for total in sums_by_holder(page)],
        "others": [
            (
                f"{year_text(measure.year)} {Basis(measure.basis).label.lower()}",
                f"?year={year_text(measure.year)}&basis={measure.basis}",
            )
            for measure in reversed(page.measures)
            if page.chosen and (measure.year, measure.basis) != (page.chosen.year, page.chosen.basis)
        ],
        "regions": [(table, charts.stacked(table, title=table.caption)) for table in regions],
        "years": [(table, charts.years_drawn(table, title=table.caption, named_by=(0, 1, 2))) for table in years],
        "flows": flows,
        "own": own,
        "sources": sorted({total.source for total in page.by_region}),
        "links": {table.key: download_links(request, table) for table in every},
    }
    return render(request, "budgets/england_detail.jinja", context, status=200 if form.is_valid() else 400)
