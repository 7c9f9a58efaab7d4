"""One figure: its versions, and the file, sheet, row and cell that each came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from budgets.forms import VersionsFilter
from budgets.queries.lineage import provenance
from budgets.queries.publications import compiled_from
from budgets.tables.changes import compared_text
from budgets.tables.streams import published_as, state_text, versions
from budgets.tables.table import basis_text, source_text, year_text
from pooledcare.directory.access import Permission, can
from pooledcare.directory.queries.organisations import reference_known_to
from pooledcare.kernel.table_files import download, download_links
from pooledcare.uploads.terms import Channel

if TYPE_CHECKING:
    from budgets.models import Allocation


@require_safe
def allocation_detail(request: HttpRequest, reference: str) -> HttpResponseBase:
    actor = request.actor  # type: ignore[attr-defined]
    found = provenance(reference, actor=actor)
    if found is None:
        raise Http404
    figure = found.figure
    is_reference = figure.upload.channel == Channel.REFERENCE and figure.upload.prepared_by is None
    table = versions(found.versions, shown=figure)
    if file := download(request, [table], name=figure.reference):
        return file
    form = VersionsFilter(request.GET)
    chosen = _chosen(form, found.versions)
    context = {
        "form": form,
        "compared": compared_text(*((_name(one), one.amount) for one in chosen)) if chosen else "",
        "figure_versions": len(found.versions),
        "figure": figure,
        "upload": figure.upload,
        "standing": found.standing,
        "year": year_text(figure.financial_year),
        "basis_words": basis_text(figure.basis, figure.gross_or_net, figure.recurrence),
        "source_words": source_text(figure),
        "state": state_text(figure),
        "table": table,
        "links": download_links(request, table),
        "publication": compiled_from(figure.upload.filename) if is_reference else None,
        "is_reference": is_reference,
        "published_as": published_as(figure),
        "names_people": figure.upload.organisation_id in actor.readable_organisation_ids,
        "may_correct": can(actor, Permission.UPLOAD_ALLOCATIONS, figure.source),
        "known_to": reference_known_to(),
    }
    return render(request, "budgets/allocation_detail.jinja", context, status=200 if form.is_valid() else 400)


def _chosen(form: VersionsFilter, versions: Sequence[Allocation]) -> tuple[Allocation, Allocation] | None:
    """The two versions that are compared: those asked for, or the first and the last; None if there is only one."""
    by_number = {str(one.version): one for one in versions}
    choices = [(number, f"Version {number}") for number in by_number]
    form.offer(first=choices, second=choices)
    if len(versions) < 2 or not form.is_valid():
        return None
    first = form.cleaned_data["first"] or str(versions[-1].version)
    second = form.cleaned_data["second"] or str(versions[0].version)
    form.show(first=first, second=second)
    return by_number[first], by_number[second]


def _name(figure: Allocation) -> str:
    return f"Version {figure.version}"
