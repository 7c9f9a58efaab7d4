"""The list of funding streams, and one stream with its totals and holders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from budgets import charts
from budgets.forms import StreamFilter, basis_choices, end_of, year_choices
from budgets.queries import streams as queries
from budgets.queries.comparison import compared_with, largest_line, measure_of
from budgets.queries.holdings import People, holdings_of
from budgets.queries.publications import controls_of
from budgets.queries.totals import Measure, Total, added_up
from budgets.rules.answers import Listed, StreamSum, england_sentence, streams_sentence, whole_cards
from budgets.rules.comparing import Holding, comparable
from budgets.rules.words import Sentence, in_sentence, said
from budgets.tables import streams as tables
from budgets.tables.table import basis_text, year_text
from budgets.tables.wholes import wholes
from budgets.terms import Basis
from budgets.views.shown import dots, drawn_as_chosen, every_table
from pooledcare.kernel.names import joined
from pooledcare.kernel.paging import Order, page_of
from pooledcare.kernel.shown_tables import as_chosen, sorts, unit_context
from pooledcare.kernel.table_files import download, download_links, wants_file

BY_HOLDER = Order("organisation__name")


@require_safe
def stream_list(request: HttpRequest) -> HttpResponseBase:
    streams = queries.streams_listed()
    totals = queries.all_totals()
    table = tables.stream_list(streams, totals)
    if file := download(request, every_table(request, [table]), name="funding-streams"):
        return file
    context = {
        "table": as_chosen(request, table),
        "sentences": [streams_sentence(_listed(len(streams), totals))],
        "links": download_links(request, table),
        **unit_context(request),
        "known_to": streams[0].known_to if streams else None,  # type: ignore[attr-defined]
    }
    return render(request, "budgets/stream_list.jinja", context)


def _listed(count: int, totals: list[Total]) -> Listed:
    latest = tables.latest_totals(totals)
    known = [total for total in latest.values() if total.amount is not None]
    if not known:
        return Listed(count, 0)
    largest = max(known, key=lambda total: total.amount or 0)
    return Listed(
        streams=count,
        with_figures=len(latest),
        latest_year=year_text(max(total.year for total in known)),
        largest=StreamSum(
            largest.stream_name, largest.amount, url=reverse("budgets:stream-detail", args=[largest.stream])
        ),
        largest_year=year_text(largest.year),
    )


@require_safe
def stream_detail(request: HttpRequest, code: str) -> HttpResponseBase:
    stream = queries.stream_by_code(code)
    if stream is None:
        raise Http404
    form = StreamFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    moment = {"published_by": asked.get("as_at"), "known_at": end_of(asked.get("known_at"))}
    totals = queries.stream_totals(stream, **moment)
    chosen = measure_of(totals, asked)
    form.offer(year=year_choices({t.year for t in totals}), basis=basis_choices({t.basis for t in totals}))
    context: dict[str, Any] = {
        "form": form,
        "stream": stream,
        "holders_words": tables.held_by_text(stream),
        "years_words": tables.years_text(stream),
        "as_it_was": asked.get("as_at"),
        "known_at": asked.get("known_at"),
        "chosen": chosen,
        "sentences": [_nothing(stream, is_past=any(moment.values()))],
        "cards": [],
        **unit_context(request),
    }
    years = tables.over_years(totals, stream=stream)
    shown = {"years": years}
    name = stream.code
    if chosen is not None and form.is_valid():
        form.show(year=year_text(chosen.year), basis=chosen.basis)
        wanted = {"year": chosen.year, "basis": chosen.basis, "actor": request.actor, **moment}  # type: ignore[attr-defined]
        figures = queries.holders_of(stream, **wanted)
        name = f"{stream.code}-{year_text(chosen.year)}-{chosen.basis}"
        is_whole = wants_file(request) or sorts(request, "holders")
        page = None if is_whole else page_of(request, figures, order=BY_HOLDER)
        shown |= {
            "regions": tables.by_region(totals, stream=stream, year=chosen.year, basis=chosen.basis),
            "holders": tables.holders(
                page.rows if page else figures, stream=stream, year=chosen.year, basis=chosen.basis
            ),
        }
        if stream.included_kinds:
            others = queries.figures_of_others(stream, **wanted)
            shown["others"] = tables.others(others, stream=stream, year=chosen.year, basis=chosen.basis)
        line = largest_line(totals, chosen)
        held = holdings_of(compared_with(line), **moment) if line and not wants_file(request) else []
        context |= _of_one_year(stream, totals, chosen, moment) | {"page": page}
        context |= _answer(totals, chosen, held) | {
            "dots": dots(request, held, stream=stream.name, year=year_text(chosen.year))
        }
    if form.is_valid() and (file := download(request, every_table(request, shown.values()), name=name)):
        return file
    regions = shown.get("regions")
    drawn = charts.stacked(regions, title=regions.caption) if regions else None
    context |= {
        "years": drawn_as_chosen(request, years, charts.years_drawn(years, title="England over the years")),
        "regions": drawn_as_chosen(request, regions, drawn) if regions else None,
        "links": {key: download_links(request, table) for key, table in shown.items()},
        "tables": {key: as_chosen(request, table) for key, table in shown.items()},
    }
    return render(request, "budgets/stream_detail.jinja", context, status=200 if form.is_valid() else 400)


def _nothing(stream: Any, *, is_past: bool) -> Sentence:
    return said(f"No published figures of {in_sentence(stream.name)} are held{' at that time' if is_past else ''}.")


def _answer(totals: Sequence[Total], chosen: Measure, held: list[Holding]) -> dict[str, Any]:
    """The sentence of one year and basis, and its cards."""
    found = wholes(totals, year=chosen.year, basis=chosen.basis, people=lambda kinds: _people(held))
    sentence = england_sentence(found, year=year_text(chosen.year), basis=chosen.basis)
    return {"sentences": [sentence], "cards": whole_cards(found[0]) if found else []}


def _people(held: list[Holding]) -> People:
    """The holders with an amount, and all of their people if every one is known and counted in the same way."""
    reported = [one for one in held if one.amount is not None]
    are_known = len(comparable(reported)) == len(reported)
    persons = sum(one.persons or 0 for one in reported) if are_known else None
    return People(len(reported), frozenset(one.kind for one in reported), persons)


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
