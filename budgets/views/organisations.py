"""The list of organisations, and one organisation with its history and its money."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from budgets import charts
from budgets.charts import Chart
from budgets.forms import FigureFilter, OrganisationFilter, basis_choices, end_of, year_choices
from budgets.queries.figures import Line
from budgets.queries.headline import Lead, latest_year, lead_of
from budgets.queries.organisation import OrganisationPage, holdings_beside, organisation_page
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
from budgets.tables import organisations as tables
from budgets.tables.headlines import headline
from budgets.tables.table import head_text, year_text
from budgets.views.shown import dots, drawn_as_chosen, every_table
from partnerships.queries.agreements.listing import agreements_of
from pooledcare.directory.queries.organisations import (
    organisations_listed,
    organisations_named_by,
    reference_known_to,
    regions_in_use,
)
from pooledcare.kernel.filters import ANY
from pooledcare.kernel.paging import BY_NAME, Order, page_of
from pooledcare.kernel.shown_tables import as_chosen, chosen_field, unit_context, with_sort_links
from pooledcare.kernel.table_files import download, download_links, wants_file
from pooledcare.kernel.tables import Table

# The columns by which the list can be sorted, from 0, and their fields: it is too long to be read whole.
SORTED_BY = {0: "name", 1: "code", 2: "kind"}


@require_safe
def organisation_list(request: HttpRequest) -> HttpResponseBase:
    regions = [(region.code, f"{region.name} ({region.get_kind_display()})") for region in regions_in_use()]
    form = OrganisationFilter(request.GET, region=[*ANY, *regions])
    context: dict[str, Any] = {"form": form, "known_to": reference_known_to()}
    if not form.is_valid():
        return render(request, "budgets/organisation_list.jinja", {**context, "table": None}, status=400)
    asked = form.cleaned_data
    found = organisations_listed(text=asked["q"], kind=asked["kind"], region=asked["region"], open_on=asked["as_at"])
    order = _order(request)
    in_order = found.order_by(*order.terms(backwards=False))
    if wants_file(request) and (file := download(request, [tables.organisation_list(in_order)], name="organisations")):
        return file
    page = page_of(request, found, order=order)
    table = with_sort_links(request, tables.organisation_list(page.rows), SORTED_BY)
    context |= {"table": table, "page": page, "links": download_links(request, table)}
    return render(request, "budgets/organisation_list.jinja", context)


def _order(request: HttpRequest) -> Order:
    """The order that the address asks for. Raises BadRequest for a column by which the list cannot be sorted."""
    chosen = chosen_field(request, "organisations", SORTED_BY)
    return Order(chosen[0], descending=chosen[1]) if chosen else BY_NAME


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
    moment = {"published_by": asked.get("as_at"), "known_at": end_of(asked.get("known_at"))}
    page = organisation_page(organisation, actor=request.actor, **moment)  # type: ignore[attr-defined]
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
    if form.is_valid() and (file := download(request, every_table(request, shown.values()), name=organisation.code)):
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
        "divided_by": figures.divided_by_text(page.head),
        "as_it_was": asked.get("as_at"),
        "known_at": asked.get("known_at"),
        "has_lines": bool(page.lines),
        "years": _years(request, page.lines),
        "links": {table.key: download_links(request, table) for table in shown.values()},
        **unit_context(request),
        **{f"{key}_table": as_chosen(request, table) for key, table in shown.items()},
        **_answer(request, page, lines, asked, moment),
        "years_drawn": _years_drawn(request, page, lines),
    }
    return render(request, "budgets/organisation_detail.jinja", context, status=200 if form.is_valid() else 400)


def _answer(
    request: HttpRequest, page: OrganisationPage, lines: list[Line], asked: dict[str, Any], moment: dict[str, Any]
) -> dict[str, Any]:
    """The sentence, the cards and the picture: of the organisation, or of its predecessor if it has no figures."""
    name = page.organisation.name
    lead = lead_of(_narrowed(page.lines, {**asked, "year": None}) if lines else [], asked.get("year"))
    earlier = page.predecessor_leads if lead is None and not page.lines else []
    leading = lead or (earlier[0] if earlier else None)
    if leading is None:
        return {
            "sentences": [_nothing(page, asked, is_past=any(moment.values()))],
            "more": [],
            "cards": [],
            "drawn": None,
        }
    held = holdings_beside(leading, **moment)
    one = headline(leading, held)
    return {
        "sentences": [headline_sentence(one, is_linked=False)]
        if lead
        else [from_predecessor(name, one), with_figures_too(_names(earlier[1:]), "#table-successions")],
        "more": [more_sentence(one)],
        "cards": headline_cards(one),
        "drawn": dots(request, held, stream=one.stream, year=one.year, own=leading.figure.organisation.code),
        "compare": _as_then(one.compare_url, request),
    }


def _years_drawn(request: HttpRequest, page: OrganisationPage, lines: list[Line]) -> Chart | None:
    """The line of the leading figure over the years, with its table; None if it is known for fewer than two."""
    lead = lead_of(lines)
    line = next((one for one in lines if lead and lead.figure in one.cells.values()), None)
    if line is None:
        return None
    table = replace(figures.of_body([line], page.head), key="years")
    return drawn_as_chosen(request, table, charts.years_drawn(table, title=f"{line.first.stream.name} by year"))[1]


def _names(leads: Iterable[Lead]) -> list[Part]:
    return [Part(one.name, one.get_absolute_url()) for one in (lead.figure.organisation for lead in leads)]


def _as_then(address: str | None, request: HttpRequest) -> str | None:
    """The address of a comparison, as at the same time as the page."""
    then = {name: request.GET[name] for name in ("as_at", "known_at") if request.GET.get(name)}
    return f"{address}&{urlencode(then)}" if address and then else address


def _nothing(page: OrganisationPage, asked: dict[str, Any], *, is_past: bool) -> Sentence:
    """That there are no figures: of what was asked for, or at all; with the latest year, and who has its functions."""
    year, latest = asked.get("year"), latest_year(page.lines)
    address = page.organisation.get_absolute_url()
    successors = page.lineage.final_successors(page.organisation.pk)
    return without_figures(
        page.organisation.name,
        year=year_text(year) if year else "",
        latest=Part(year_text(latest), f"{address}?year={year_text(latest)}") if latest and year else None,
        became=[] if page.lines else [Part(body.name, body.get_absolute_url()) for body in successors],
        is_past=is_past,
    )


def _years(request: HttpRequest, lines: list[Line]) -> list[tuple[str, str]]:
    """The years with figures, each with the address of the page of that year; the latest first."""
    kept = request.GET.copy()
    for name in ("year", "sort", "format", "table"):
        kept.pop(name, None)
    years = sorted({year for line in lines for year in line.cells}, reverse=True)
    return [(year_text(year), f"?{urlencode([('year', year_text(year)), *kept.items()])}") for year in years]


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
