"""The holders of one funding stream compared a head: all of them, or one with those that are like it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from budgets import charts
from budgets.forms import CompareFilter, basis_choices, end_of, year_choices
from budgets.queries import streams as queries
from budgets.queries.comparison import compared_with, largest_line, measure_of
from budgets.queries.holdings import holdings_of
from budgets.queries.totals import Total
from budgets.rules.answers import (
    Headline,
    headline_cards,
    headline_sentence,
    more_sentence,
    range_cards,
    range_sentence,
)
from budgets.rules.comparing import Holding, Peers, comparable, mean_a_head, peers_of, standing_of
from budgets.rules.words import Part, Sentence, holders_text, said
from budgets.tables import comparing as tables
from budgets.tables.table import basis_text, year_text
from pooledcare.kernel.cards import Card
from pooledcare.kernel.shown_tables import in_unit, sorted_table, unit_context
from pooledcare.kernel.table_files import download, download_links

PEERS_IN_WORDS: dict[str, str] = {
    Peers.NEAREST: "nearest in population",
    Peers.REGION: "of the same region",
    Peers.KIND: "of the same kind",
    Peers.CHOSEN: "that you chose",
}


@dataclass(frozen=True)
class Comparison:
    """One sum of a stream and all of its holders; `own` is the one that is compared, with its `peers`."""

    stream: Any
    line: Total
    everyone: list[Holding]
    own: Holding | None
    peers: list[Holding]
    measure: str

    @property
    def year(self) -> str:
        return year_text(self.line.year)

    @property
    def basis(self) -> str:
        return basis_text(self.line.basis, self.line.gross_or_net, self.line.recurrence)

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(one.kind for one in comparable(self.everyone))


@require_safe
def stream_a_head(request: HttpRequest, code: str) -> HttpResponseBase:
    stream = queries.stream_by_code(code)
    if stream is None:
        raise Http404
    form = CompareFilter(request.GET)
    form.is_valid()
    moment = {"published_by": form.cleaned_data.get("as_at"), "known_at": end_of(form.cleaned_data.get("known_at"))}
    totals = queries.stream_totals(stream, **moment)
    line = _line(totals, form.cleaned_data)
    everyone = holdings_of(compared_with(line), **moment) if line else []
    _offer(form, totals, everyone)
    context: dict[str, Any] = {
        "form": form,
        "stream": stream,
        "address": request.path,
        "is_choosing": True,
        "has_to_choose": False,
        **unit_context(request),
    }
    if not form.is_valid():
        return render(request, "budgets/stream_a_head.jinja", context, status=400)
    if line is None:
        return render(request, "budgets/stream_a_head.jinja", context)
    found = _comparison(stream, line, everyone, form.cleaned_data)
    table = sorted_table(request, _table(found))
    if file := download(request, [table], name=f"{stream.code}-{found.year}-{line.basis}"):
        return file
    form.show(year=found.year, basis=line.basis, body=found.own.code if found.own else "", peers=found.measure)
    headline = _headline(found) if found.own else None
    context |= {
        "found": found,
        "sentences": [headline_sentence(headline)] if headline else _range(found),
        "is_choosing": found.measure == Peers.CHOSEN,
        "has_to_choose": found.own is not None and found.measure == Peers.CHOSEN and not form.cleaned_data["others"],
        "more": [more_sentence(headline)] if headline else [],
        "cards": headline_cards(headline) if headline else _range_cards(found),
        "table": in_unit(request, table),
        "drawn": drawn.over(in_unit(request, table)) if (drawn := _drawn(found, table)) else None,
        "links": download_links(request, table),
    }
    return render(request, "budgets/stream_a_head.jinja", context)


def _offer(form: CompareFilter, totals: Sequence[Total], everyone: Sequence[Holding]) -> None:
    bodies = [(one.code, one.name) for one in everyone]
    form.offer(
        year=year_choices({total.year for total in totals}),
        basis=basis_choices({total.basis for total in totals}),
        body=[("", "None: show all"), *bodies],
        others=bodies,
    )
    form.full_clean()


def _line(totals: list[Total], asked: Mapping[str, Any]) -> Total | None:
    chosen = measure_of(totals, asked)
    return largest_line(totals, chosen) if chosen else None


def _comparison(stream: Any, line: Total, everyone: list[Holding], asked: Mapping[str, Any]) -> Comparison:
    own = next((one for one in everyone if one.code == asked["body"]), None)
    measure = asked["peers"] or (Peers.CHOSEN if asked["others"] else Peers.NEAREST)
    peers = peers_of(own, everyone, measure, asked["others"]) if own else []
    return Comparison(stream, line, everyone, own, peers, measure)


def _table(found: Comparison) -> Any:
    return tables.a_head(
        [found.own, *found.peers] if found.own else found.everyone,
        everyone=found.everyone,
        caption=f"{found.stream.name}, {found.year} {found.basis.lower()}: pounds a head",
        context=[
            ("Funding stream", found.stream.name),
            ("Year", found.year),
            ("Basis", found.basis),
            ("Source", found.line.source),
        ],
        own=found.own.code if found.own else "",
    )


def _headline(found: Comparison) -> Headline:
    own = found.own
    assert own is not None
    return Headline(
        holder=own.name,
        url=reverse("budgets:organisation-detail", args=[own.code]),
        stream=found.stream.name,
        stream_url=found.stream.get_absolute_url(),
        year=found.year,
        basis=found.line.basis,
        gross_or_net=found.line.gross_or_net,
        amount=own.amount,
        kinds=found.kinds,
        a_head=own.a_head,
        standing=standing_of(own.organisation_id, found.everyone, found.peers),
        closed=own.closed,
        figure_url=reverse("budgets:allocation-detail", args=[own.reference]),
        persons=own.persons,
        peers=PEERS_IN_WORDS[found.measure],
    )


def _ends(found: Comparison) -> tuple[Holding, Holding, Decimal] | None:
    """The lowest and the highest holder, and England's mean; None if there are not two to compare."""
    known, mean = comparable(found.everyone), mean_a_head(found.everyone)
    return None if len(known) < 2 or mean is None else (known[-1], known[0], mean)


def _range(found: Comparison) -> list[Sentence]:
    ends = _ends(found)
    if ends is None:
        return [said(f"Fewer than two holders have a figure a head for {found.year}, so none can be compared.")]
    low, high, mean = ends
    return [range_sentence(Part(found.stream.name, found.stream.get_absolute_url()), found.year,
                           (_end(low), _end(high)), mean)]  # fmt: skip


def _end(one: Holding) -> tuple[Part, Decimal]:
    return Part(one.name, reverse("budgets:organisation-detail", args=[one.code])), one.a_head or Decimal(0)


def _range_cards(found: Comparison) -> list[Card]:
    ends = _ends(found)
    if ends is None:
        return []
    low, high, mean = ends
    return range_cards(_end(low), _end(high), mean, holders=holders_text(found.kinds),
                       count=len(comparable(found.everyone)))  # fmt: skip


def _drawn(found: Comparison, table: Any) -> charts.Chart | None:
    holders = holders_text(found.kinds)
    return charts.dots(
        table,
        title=f"{found.stream.name} a head, {found.year}",
        others=f"{holders[0].upper()}{holders[1:]} {PEERS_IN_WORDS[found.measure]}" if found.own else
        f"{holders[0].upper()}{holders[1:]}",
        marked=found.own.name if found.own else "",
        mean=mean_a_head(found.everyone),
    )  # fmt: skip
