"""England on one page."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from budgets import charts
from budgets.forms import EnglandFilter, basis_choices, year_choices
from budgets.queries.england import England, england
from budgets.queries.waiting import waiting_for
from budgets.rules.answers import Whole, england_sentence, whole_cards
from budgets.rules.words import Sentence, said
from budgets.tables import england as tables
from budgets.tables.table import year_text
from budgets.tables.waiting import waiting_lines
from budgets.tables.wholes import wholes
from budgets.terms import Basis
from budgets.views.shown import drawn_as_chosen, every_table
from pooledcare.kernel.cards import Card
from pooledcare.kernel.shown_tables import as_chosen, in_unit, sorted_table, unit_context
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
    if form.is_valid() and (file := download(request, every_table(request, every), name=name)):
        return file
    waiting = waiting_for(request.actor)  # type: ignore[attr-defined]
    held = _wholes(page)
    context = {
        "form": form,
        "page": page,
        "waiting": waiting,
        "to_do": waiting_lines(waiting) if waiting else [],
        "basis": str(Basis(page.chosen.basis).label) if page.chosen else "",
        "year": year_text(page.chosen.year) if page.chosen else "",
        "sentences": [_sentence(page, held)],
        "cards": _cards(held),
        "streams": as_chosen(request, streams),
        "others": _others(page),
        "regions": [drawn_as_chosen(request, one, charts.stacked(one, title=one.caption)) for one in regions],
        "years": [drawn_as_chosen(request, one, charts.years_drawn(one, title=one.caption)) for one in years],
        "flows": flows.over(in_unit(request, sorted_table(request, flows.table))) if flows else None,
        "own": as_chosen(request, own),
        "sources": sorted({total.source for total in page.by_region}),
        "links": {table.key: download_links(request, table) for table in every},
        **unit_context(request),
    }
    return render(request, "budgets/england_detail.jinja", context, status=200 if form.is_valid() else 400)


def _wholes(page: England) -> list[Whole]:
    if page.chosen is None:
        return []
    totals = [*page.by_region, *(total for total in page.over_years if total.year != page.chosen.year)]
    return wholes(totals, year=page.chosen.year, basis=page.chosen.basis, people=page.people)


def _sentence(page: England, held: list[Whole]) -> Sentence:
    if page.chosen is None:
        return said("No figures have been published here yet.")
    return england_sentence(held, year=year_text(page.chosen.year), basis=page.chosen.basis)


def _cards(held: list[Whole]) -> list[Card]:
    """All cards of one kind of holder; of several, the amount of each."""
    known = [cards for whole in held if (cards := whole_cards(whole))]
    return known[0] if len(known) == 1 else [cards[0] for cards in known]


def _others(page: England) -> list[tuple[str, str]]:
    """The other years and bases with figures, in words, each with its address; the latest first."""
    return [
        (
            f"{year_text(measure.year)} {Basis(measure.basis).label.lower()}",
            f"?year={year_text(measure.year)}&basis={measure.basis}",
        )
        for measure in reversed(page.measures)
        if page.chosen and (measure.year, measure.basis) != (page.chosen.year, page.chosen.basis)
    ]
