"""Correcting one figure with a form. It makes an upload of one row, with the same checks and a second person."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from budgets.actions.corrections import ONLY_THE_DATE, correct_figure
from budgets.forms import CorrectionForm
from budgets.queries.lineage import provenance
from budgets.tables.table import basis_text, source_text, year_text
from pooledcare.directory.access import Permission, can, refusal, requires
from pooledcare.kernel.fields import add_problems
from pooledcare.kernel.problems import Refused


@require_http_methods(["GET", "POST"])
@requires()
def allocation_correct(request: HttpRequest, reference: str) -> HttpResponse:
    """Propose another amount for a current figure."""
    actor = request.actor  # type: ignore[attr-defined]
    found = provenance(reference, actor=actor)
    if found is None:
        raise Http404
    figure = found.figure
    if not can(actor, Permission.UPLOAD_ALLOCATIONS, figure.source):
        raise PermissionDenied(refusal(Permission.UPLOAD_ALLOCATIONS))
    form, only_the_date = CorrectionForm(request.POST or None), False
    if request.method == "POST" and form.is_valid():
        try:
            upload = correct_figure(allocation=figure, by=actor, **form.cleaned_data)
        except Refused as refused:
            add_problems(form, refused)
            only_the_date = refused.code == ONLY_THE_DATE
        else:
            return redirect(upload)
    context = {
        "form": form,
        "publishable": figure.upload if only_the_date else None,
        "figure": figure,
        "year": year_text(figure.financial_year),
        "basis_words": basis_text(figure.basis, figure.gross_or_net, figure.recurrence),
        "source_words": source_text(figure),
    }
    return render(request, "budgets/allocation_correct.jinja", context)
