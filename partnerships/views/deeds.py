"""The deeds of an agreement: all of them, one of them, and what differs between any two days."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from partnerships.forms.agreements import ComparisonForm, MomentForm
from partnerships.queries.agreements.comparing import changed_by, compared
from partnerships.queries.agreements.detail import Reading, deeds_shown
from partnerships.queries.agreements.reach import Reached
from partnerships.tables import agreements as tables
from partnerships.tables.word_changes import with_marked_words
from partnerships.terms import DeedState
from partnerships.views.reading import opened, out_of_reach, reads_agreement, shown


@reads_agreement()
def agreement_versions(request: HttpRequest, reached: Reached) -> HttpResponse:
    """Compare two days; by default the first day of the agreement with the day shown."""
    form = ComparisonForm(request.GET)
    page = opened(reached, form)
    deeds = deeds_shown(page)
    context: dict[str, Any] = {
        "deeds": tables.deeds(deeds, page.agreement.reference, with_state=reached.is_partner),
        "approvals": tables.approvals(deeds),
    }
    if form.is_valid() and (days := _days(page, form)):
        found = compared(page, *days)
        context |= {"comparison": found, "days": days, "differences": with_marked_words(found.differences)}
        form.show(**{"from": days[0].isoformat(), "to": days[1].isoformat()})
    return shown(request, page, form, "agreement_versions", **context)


def _days(page: Reading, form: ComparisonForm) -> tuple[dt.date, dt.date] | None:
    first, second = form.cleaned_data["from"], form.cleaned_data["to"]
    is_asked = first is not None or second is not None
    start = page.record.original.effective_on if page.is_readable else None
    first = first or start
    second = second or page.day
    return (first, second) if first is not None and (is_asked or first != second) else None


@reads_agreement()
def deed_detail(request: HttpRequest, reached: Reached, number: int) -> HttpResponseBase:
    """Show one deed. The day in the address does not affect it, and is only passed on to the other tabs."""
    form = MomentForm(request.GET)
    page = opened(reached, form)
    all_known = replace(page, record=page.whole)
    shown_deed = next((each for each in deeds_shown(all_known) if each.deed.number == number), None)
    if shown_deed is None:
        return out_of_reach(request)
    found = changed_by(all_known, shown_deed.deed)
    return shown(
        request,
        page,
        form,
        "deed_detail",
        here="agreement-versions",
        shown=shown_deed,
        deed=shown_deed.deed,
        name=tables.deed_name(number, shown_deed.deed.kind),
        state_of_deed=str(DeedState(shown_deed.deed.state).label),
        differences=with_marked_words(found.differences),
        approvals=tables.approvals([shown_deed], caption="Partners’ decisions on this deed"),
    )
