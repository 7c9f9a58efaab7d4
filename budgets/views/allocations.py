"""One figure: its versions, and the file, sheet, row and cell that each came from."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from budgets.queries.lineage import provenance
from budgets.queries.publications import compiled_from
from budgets.tables.streams import published_as, state_text, versions
from budgets.tables.table import basis_text, source_text, year_text
from pooledcare.directory.access import Permission, can
from pooledcare.directory.queries.organisations import reference_known_to
from pooledcare.kernel.table_files import download, download_links
from pooledcare.uploads.terms import Channel


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
    context = {
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
    return render(request, "budgets/allocation_detail.jinja", context)
