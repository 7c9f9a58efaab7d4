"""The list of agreements, and the same list as a file."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from partnerships.forms.agreements import AgreementFilter
from partnerships.queries.agreements import listing
from partnerships.queries.agreements.reach import summaries_seen_by
from partnerships.queries.agreements.waiting import Decider, decider
from partnerships.rules.agreements.noticing import months_after
from partnerships.rules.agreements.sentences import list_sentence
from partnerships.tables import agreement_list as tables
from pooledcare.directory.access import Actor
from pooledcare.kernel.filters import ANY
from pooledcare.kernel.paging import Order, page_of
from pooledcare.kernel.shown_tables import chosen_field, with_sort_links
from pooledcare.kernel.table_files import download_links, file_of, wanted_format


@require_safe
def agreement_list(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    who = decider(actor)
    form = _filter(request, actor, who)
    context: dict[str, Any] = {"form": form, "listed": None, "may_compare": not actor.is_anonymous}
    if not form.is_valid():
        return render(request, "partnerships/agreement_list.jinja", context, status=400)
    found = listing.agreements_listed(_asked(form, who), actor=actor)
    today = timezone.localdate()
    counts = listing.counted(found, today)
    by, is_descending = _chosen_order(request)
    found, everything = (
        listing.in_order(each, by, is_descending=is_descending) for each in (found, summaries_seen_by(actor))
    )
    order = Order("sorts_as", key="agreement_id", descending=is_descending, anchors=everything)
    page = page_of(request, found, order=order, what="an agreement")
    table = tables.listed(page.rows, listing.names_in(page.rows), who=who, empty=_nothing(form, actor))
    context |= {
        "sentence": tables.answer(list_sentence(counts, today), request.GET)
        if counts.total
        else [{"text": table.empty, "url": None}],
        "listed": with_sort_links(request, table, tables.SORTED_BY),
        "is_by_end": by == "ends",
        "page": page,
        "links": download_links(request, table, address=reverse("partnerships:agreement-download")),
    }
    return render(request, "partnerships/agreement_list.jinja", context)


@require_safe
def agreement_download(request: HttpRequest) -> HttpResponseBase:
    """The whole filtered list as a file."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    wanted = wanted_format(request)
    who = decider(actor)
    form = _filter(request, actor, who)
    if not form.is_valid():
        raise BadRequest("; ".join(f"{error}" for errors in form.errors.values() for error in errors))
    by, is_descending = _chosen_order(request)
    found = listing.agreements_listed(_asked(form, who), actor=actor)
    rows = list(listing.in_order(found, by, is_descending=is_descending))
    return file_of(tables.listed(rows, listing.names_in(rows)), wanted, filename="pooledcare-agreements")


def _chosen_order(request: HttpRequest) -> tuple[str, bool]:
    """By what the list is sorted, and whether the largest comes first."""
    return chosen_field(request, "agreements", tables.SORTED_BY) or ("ends", False)


def _nothing(form: AgreementFilter, actor: Actor) -> str:
    """What an empty list says."""
    if form.is_used:
        return "No agreement matches these filters."
    return (
        "No agreement is published yet." if actor.is_anonymous else "No agreement is published, and you have none yet."
    )


def _filter(request: HttpRequest, actor: Actor, who: Decider) -> AgreementFilter:
    offered = listing.offered_to(actor)
    return AgreementFilter(
        request.GET,
        decides=bool(who),
        place=[*ANY, *((each.slug, each.name) for each in offered.places)],
        partner=[*ANY, *((each.code, f"{each.name} ({each.code})") for each in offered.partners)],
        host=[*ANY, *((each.code, f"{each.name} ({each.code})") for each in offered.hosts)],
        function=[*ANY, *((each.code, each.name) for each in offered.functions)],
    )


def _asked(form: AgreementFilter, who: Decider) -> listing.AgreementFilters:
    asked = form.cleaned_data
    today = timezone.localdate()
    return listing.AgreementFilters(
        text=asked["q"],
        place=asked["place"],
        partner=asked["partner"],
        function=asked["function"],
        flexibility=asked["flexibility"],
        host=asked["host"],
        power=asked["power"],
        status=asked["status"],
        ending_from=today,
        ending_by=months_after(today, int(asked["ending"])) if asked["ending"] else None,
        unsigned=bool(asked["unsigned"]),
        findings=asked["findings"],
        waiting_for=who if asked.get("waiting") else None,
    )
