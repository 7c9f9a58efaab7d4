"""The list of places, and one place with its bodies and their money."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from budgets.forms import PlaceFilter, PlaceMoment, year_choices
from budgets.queries.headline import Lead, latest_year
from budgets.queries.place import PlacePage, place_page
from budgets.rules.answers import (
    from_predecessor,
    headline_cards,
    headline_sentence,
    more_sentence,
    with_figures_too,
    without_figures,
)
from budgets.rules.words import Part, Sentence
from budgets.tables import figures
from budgets.tables import places as tables
from budgets.tables.headlines import headline
from budgets.tables.table import head_text, year_text
from budgets.views.shown import dots, every_table
from partnerships.queries.agreements.listing import agreements_in
from pooledcare.directory.queries.organisations import reference_known_to, regions_in_use
from pooledcare.directory.queries.places import commissioners_in_use, places_listed
from pooledcare.directory.terms import RegionKind
from pooledcare.kernel.filters import ANY
from pooledcare.kernel.paging import page_of
from pooledcare.kernel.shown_tables import as_chosen, sorted_table, sorts, unit_context
from pooledcare.kernel.table_files import download, download_links, wants_file


@require_safe
def place_list(request: HttpRequest) -> HttpResponseBase:
    regions = [(r.code, r.name) for r in regions_in_use() if r.kind == RegionKind.STATISTICAL]
    bodies = [(body.code, body.name) for body in commissioners_in_use()]
    form = PlaceFilter(request.GET, region=[*ANY, *regions], commissioner=[*ANY, *bodies])
    context: dict[str, Any] = {"form": form, "known_to": reference_known_to()}
    if not form.is_valid():
        return render(request, "budgets/place_list.jinja", {**context, "table": None}, status=400)
    wanted = {name: form.cleaned_data[name] for name in ("region", "kind", "commissioner", "coterminous")}
    found = places_listed(text=form.cleaned_data["q"], on=timezone.localdate(), **wanted)
    if wants_file(request) and (
        file := download(request, every_table(request, [tables.place_list(found)]), name="places")
    ):
        return file
    page = None if sorts(request, "places") else page_of(request, found)
    table = sorted_table(request, tables.place_list(page.rows if page else found))
    context |= {"table": table, "page": page, "links": download_links(request, table)}
    return render(request, "budgets/place_list.jinja", context)


@require_safe
def place_detail(request: HttpRequest, slug: str) -> HttpResponseBase:
    form = PlaceMoment(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    on = asked.get("as_at") or timezone.localdate()
    page = place_page(slug, actor=request.actor, year=asked.get("year"))  # type: ignore[attr-defined]
    if page is None:
        raise Http404
    form.offer(year=year_choices((year for line in page.lines for year in line.cells), first=ANY))
    form.full_clean()
    bodies = _bodies(request, page)
    shown = {
        "councils": tables.councils(page),
        "commissioners": tables.commissioners(page, on=on),
        "everyone": tables.commissioners(page, on=None),
        "overlap": tables.overlap(page),
    }
    if asked.get("apportioned"):
        shown["apportioned"] = tables.apportioned(page)
    every = [*shown.values(), *(body["table"] for body in bodies)]
    if form.is_valid() and (file := download(request, every_table(request, every), name=page.place.name)):
        return file
    context = {
        "form": form,
        "page": page,
        "on": on,
        "as_it_was": asked.get("as_at"),
        "head_words": head_text(page.head),
        "bodies": bodies,
        "agreements": agreements_in(page.place, actor=request.actor),  # type: ignore[attr-defined]
        "links": {table.key: download_links(request, table) for table in every},
        **unit_context(request),
        **{f"{key}_table": as_chosen(request, table) for key, table in shown.items()},
        **_answer(request, page, asked.get("year")),
    }
    return render(request, "budgets/place_detail.jinja", context, status=200 if form.is_valid() else 400)


def _answer(request: HttpRequest, page: PlacePage, year: int | None) -> dict[str, Any]:
    """A sentence on the NHS commissioner of most people here, and one on the council; their cards; one picture."""
    leads, before = page.leads(year), page.before_council(year)
    earlier = _earlier(page, *before) if before else []
    if not leads and earlier:
        return {"sentences": earlier[:1], "more": earlier[1:], "cards": [], "drawn": None, "compare": []}
    if not leads:
        latest = latest_year(page.lines)
        shown = year_text(latest) if latest else ""
        sentence = without_figures(
            f"the organisations of {page.place.name}",
            year=year_text(year) if year else "",
            latest=Part(shown, f"?year={shown}") if latest and year else None,
        )
        return {"sentences": [sentence], "more": [], "cards": [], "drawn": None, "compare": []}
    beside = [page.beside(lead) for lead in leads]
    found = [headline(lead, held) for lead, held in zip(leads, beside, strict=True)]
    cards = headline_cards(found[0]) if len(found) == 1 else [headline_cards(one)[0] for one in found]
    if len(found) > 1:
        cards += headline_cards(found[0])[2:]
    first = found[0]
    return {
        "sentences": [headline_sentence(first)],
        "more": [
            more_sentence(first),
            *(part for one in found[1:] for part in (headline_sentence(one), more_sentence(one))),
            *earlier,
        ],
        "cards": cards,
        "drawn": dots(request, beside[0], stream=first.stream, year=first.year, own=leads[0].figure.organisation.code),
        "compare": [(one.holder, one.stream, one.compare_url) for one in found if one.compare_url],
    }


def _earlier(page: PlacePage, council: Any, leads: list[Lead]) -> list[Sentence]:
    """What the predecessors of a council have that has no figures itself."""
    first = headline(leads[0], page.beside(leads[0]))
    others = [lead.figure.organisation for lead in leads[1:]]
    too = with_figures_too([Part(one.name, one.get_absolute_url()) for one in others], council.get_absolute_url())
    return [from_predecessor(council.name, first), *([too] if too else [])]


def _bodies(request: HttpRequest, page: PlacePage) -> list[dict[str, Any]]:
    """Each organisation that has figures, with its population in words and its table."""
    heads = page.heads()
    found = []
    for lines in figures.by_body(page.lines):
        body = lines[0].first.organisation
        head, of_the_place = heads.get(body.pk, (None, False))
        table = figures.of_body(lines, head, of_the_place=of_the_place)
        found.append(
            {
                "organisation": body,
                "divided_by": figures.divided_by_text(head, of_the_place=of_the_place),
                "table": table,
                "shown": as_chosen(request, table),
            }
        )
    return found
