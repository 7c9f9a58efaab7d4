"""What would change if proposed instruments were law: the findings of each agreement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from partnerships.forms.agreements import ProposalsForm
from partnerships.queries import law
from partnerships.queries.agreements.proposals import Changed, changed_by_proposals
from partnerships.tables.law import changes
from pooledcare.directory.access import requires
from pooledcare.kernel.paging import address, number_in
from pooledcare.kernel.tables import Table

AN_AGREEMENT = "an agreement"


@require_safe
@requires()
def agreement_proposals(request: HttpRequest) -> HttpResponseBase:
    proposals = law.proposals_listed()
    form = ProposalsForm(request.GET, proposals=[(each.slug, each.title) for each in proposals])
    valid = form.is_valid()
    context: dict[str, Any] = {"form": form, "proposals": proposals, "checked": None}
    if valid and form.cleaned_data["with"]:
        instruments = law.slugs_by_citation()
        checked = changed_by_proposals(
            form.cleaned_data["with"],
            actor=request.actor,  # type: ignore[attr-defined]
            below=number_in(request, "after", AN_AGREEMENT),
        )
        context |= {
            "checked": checked,
            "changed": [(each.summary, _changes(each, instruments)) for each in checked.changed],
            "next_url": address(request, "after", checked.next_below) if checked.next_below else None,
        }
    return render(request, "partnerships/agreement_proposals.jinja", context, status=200 if valid else 400)


def _changes(one: Changed, instruments: Mapping[str, str]) -> Table:
    return changes(one.changes, instruments, caption=f"What changes in {one.summary.agreement.reference}")
