"""The list of organisations, and one organisation with its history and its money."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from budgets import charts
from budgets.forms import FigureFilter, OrganisationFilter, basis_choices, end_of, year_choices
from budgets.queries.figures import Line
from budgets.queries.organisation import organisation_page
from budgets.tables import figures
from budgets.tables import organisations as tables
from budgets.tables.table import head_sentence, head_text
from partnerships.queries.agreements.listing import agreements_of
from pooledcare.directory.queries.organisations import (
    organisations_listed,
    organisations_named_by,
    reference_known_to,
    regions_in_use,
)
from pooledcare.kernel.filters import ANY
from pooledcare.kernel.paging import page_of
from pooledcare.kernel.table_files import download, download_links, wants_file
from pooledcare.kernel.tables import Table


@require_safe
def organisation_list(request: HttpRequest) -> HttpResponseBase:
    regions = [(region.code, f"{region.name} ({region.get_kind_display()})") for region in regions_in_use()]
    form = OrganisationFilter(request.GET, region=[*ANY, *regions])
    context: dict[str, Any] = {"form": form, "known_to": reference_known_to()}
    if not form.is_valid():
        return render(request, "budgets/organisation_list.jinja", {**context, "table": None}, status=400)
    asked = form.cleaned_data
    found = organisations_listed(text=asked["q"], kind=asked["kind"], region=asked["region"], open_on=asked["as_at"])
    if wants_file(request) and (file := download(request, [tables.organisation_list(found)], name="organisations")):
        return file
    page = page_of(request, found)
    table = tables.organisation_list(page.rows)
    context |= {"table": table, "page": page, "links": download_links(request, table)}
    return render(request, "budgets/organisation_list.jinja", context)


@require_safe
def organisation_detail(request: HttpRequest, code: str) -> HttpResponseBase:
    named = organisations_named_by(code)
    if not named:
        raise Http404
    organisation = named[0]
    if organisation.code != code:
        return _to_present_code(request, code, [body.code for body in named])
    form = FigureFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    page = organisation_page(
        organisation,
        actor=request.actor,  # type: ignore[attr-defined]
        published_by=asked.get("as_at"),
        known_at=end_of(asked.get("known_at")),
    )
    _offer(form, page.lines)
    form.full_clean()
    asked = form.cleaned_data if form.is_valid() else {}
    lines = _narrowed(page.lines, asked) if form.is_valid() else []
    shown: dict[str, Table] = {
        "two_sources": figures.two_sources(lines),
        "codes": tables.codes(page),
        "successions": tables.successions(page),
        "places": tables.places(page),
        "populations": tables.populations(page),
    }
    if page.other_names:
        shown["names"] = tables.other_names(page)
    if lines:
        shown = {"figures": figures.of_body(lines, page.head), **shown}
    if form.is_valid() and (file := download(request, list(shown.values()), name=organisation.code)):
        return file
    context = {
        "form": form,
        "page": page,
        "organisation": organisation,
        "agreements": agreements_of(organisation, actor=request.actor),  # type: ignore[attr-defined]
        "is_own": organisation.pk in request.actor.readable_organisation_ids,  # type: ignore[attr-defined]
        "others": named[1:],
        "final_successors": page.lineage.final_successors(organisation.pk),
        "came_from": page.lineage.into(organisation.pk),
        "went_to": page.lineage.out_of(organisation.pk),
        "areas_given": page.lineage.areas_out_of(organisation.pk),
        "areas_received": page.lineage.areas_into(organisation.pk),
        "head_words": head_text(page.head),
        "per_head": head_sentence(page.head) if page.head else "",
        "as_it_was": asked.get("as_at"),
        "known_at": asked.get("known_at"),
        "has_lines": bool(page.lines),
        "drawn": _drawn(shown),
        "links": {table.key: download_links(request, table) for table in shown.values()},
        **{f"{key}_table": table for key, table in shown.items()},
    }
    return render(request, "budgets/organisation_detail.jinja", context, status=200 if form.is_valid() else 400)


def _drawn(shown: dict[str, Table]) -> charts.Chart | None:
    if "figures" not in shown:
        return None
    return charts.years_drawn(shown["figures"], title=shown["figures"].caption, named_by=(0, 1, 2))


def _to_present_code(request: HttpRequest, code: str, codes: list[str]) -> HttpResponseBase:
    """Redirect from another code of an organisation to its present one; if several had the code, to a search."""
    if len(codes) > 1:
        return redirect(f"{reverse('site:search')}?{urlencode({'q': code})}")
    address = reverse("budgets:organisation-detail", args=codes)
    return redirect(f"{address}?{request.GET.urlencode()}" if request.GET else address)


def _offer(form: FigureFilter, lines: Iterable[Line]) -> None:
    held = list(lines)
    streams = dict(
        sorted({(line.first.stream.code, line.first.stream.name) for line in held}, key=lambda pair: pair[1])
    )
    form.offer(
        year=year_choices((year for line in held for year in line.cells), first=ANY),
        basis=basis_choices({line.first.basis for line in held}, first=ANY),
        stream=[*ANY, *streams.items()],
    )


def _narrowed(lines: Iterable[Line], asked: dict[str, object]) -> list[Line]:
    """The lines and years that match the filters."""
    found = []
    for line in lines:
        if asked.get("basis") not in ("", None, line.first.basis):
            continue
        if asked.get("stream") not in ("", None, line.first.stream.code):
            continue
        year = asked.get("year")
        cells = {key: figure for key, figure in line.cells.items() if year is None or key == year}
        if cells:
            found.append(Line(line.first, cells))
    return found
