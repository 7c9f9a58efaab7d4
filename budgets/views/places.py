"""The list of places, and one place with its bodies and their money."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from budgets import charts
from budgets.forms import PlaceFilter, PlaceMoment
from budgets.queries.place import PlacePage, place_page
from budgets.tables import figures
from budgets.tables import places as tables
from budgets.tables.table import head_sentence, head_text
from partnerships.queries.agreements.listing import agreements_in
from pooledcare.directory.queries.organisations import reference_known_to, regions_in_use
from pooledcare.directory.queries.places import commissioners_in_use, places_listed
from pooledcare.directory.terms import RegionKind
from pooledcare.kernel.filters import ANY
from pooledcare.kernel.paging import page_of
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
    if wants_file(request) and (file := download(request, [tables.place_list(found)], name="places")):
        return file
    page = page_of(request, found)
    table = tables.place_list(page.rows)
    context |= {"table": table, "page": page, "links": download_links(request, table)}
    return render(request, "budgets/place_list.jinja", context)


@require_safe
def place_detail(request: HttpRequest, slug: str) -> HttpResponseBase:
    form = PlaceMoment(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    on = asked.get("as_at") or timezone.localdate()
    page = place_page(slug, actor=request.actor, on=timezone.localdate())  # type: ignore[attr-defined]
    if page is None:
        raise Http404
    bodies = _bodies(page)
    shown = {
        "councils": tables.councils(page),
        "commissioners": tables.commissioners(page, on=on),
        "everyone": tables.commissioners(page, on=None),
        "overlap": tables.overlap(page),
        "nearest": tables.nearest(page),
    }
    if asked.get("apportioned"):
        shown["apportioned"] = tables.apportioned(page)
    every = [*shown.values(), *(body["table"] for body in bodies)]
    if form.is_valid() and (file := download(request, every, name=page.place.name)):
        return file
    context = {
        "form": form,
        "page": page,
        "on": on,
        "as_it_was": asked.get("as_at"),
        "head_words": head_text(page.head),
        "bodies": bodies,
        "agreements": agreements_in(page.place, actor=request.actor),  # type: ignore[attr-defined]
        "beside": charts.compared(shown["nearest"], title="Pounds a head, compared with places of similar population"),
        "links": {table.key: download_links(request, table) for table in every},
        **{f"{key}_table": table for key, table in shown.items()},
    }
    return render(request, "budgets/place_detail.jinja", context, status=200 if form.is_valid() else 400)


def _bodies(page: PlacePage) -> list[dict[str, Any]]:
    """Each organisation that has figures, with its population in words, its table and its chart."""
    heads = page.heads()
    found = []
    for lines in figures.by_body(page.lines):
        body = lines[0].first.organisation
        head, of_the_place = heads.get(body.pk, (None, False))
        table = figures.of_body(lines, head, of_the_place=of_the_place)
        found.append(
            {
                "organisation": body,
                "head": head,
                "per_head": head_sentence(head, of_the_place=of_the_place) if head else "",
                "table": table,
                "drawn": charts.years_drawn(table, title=table.caption, named_by=(0, 1, 2)),
            }
        )
    return found
