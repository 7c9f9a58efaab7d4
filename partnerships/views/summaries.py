"""An agreement as a committee paper: as a page to print, and as a document to save."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from partnerships.documents.committee_paper import Paper, paper_of
from partnerships.documents.committee_paper_docx import DOCX, docx_of
from partnerships.forms.agreements import MomentForm
from partnerships.queries.agreements.comparing import judged
from partnerships.queries.agreements.detail import Reading, deeds_shown
from partnerships.queries.agreements.reach import Reached
from partnerships.rules.agreements.membership import membership_periods
from partnerships.views.reading import moment_of, opened, out_of_reach, reads_agreement, shown


@reads_agreement()
def agreement_summary(request: HttpRequest, reached: Reached) -> HttpResponse:
    form = MomentForm(request.GET)
    page = opened(reached, form)
    address = reverse("partnerships:agreement-summary-docx", args=[page.agreement.reference])
    docx_url = f"{address}{moment_of(page)}"
    return shown(request, page, form, "agreement_summary", paper=_paper(page), docx_url=docx_url)


@reads_agreement()
def agreement_summary_docx(request: HttpRequest, reached: Reached) -> HttpResponseBase:
    form = MomentForm(request.GET)
    page = opened(reached, form)
    if form.errors:
        return shown(request, page, form, "agreement_summary", here="agreement-summary", paper=None, docx_url="")
    paper = _paper(page)
    if paper is None:
        return out_of_reach(request)
    response = HttpResponse(docx_of(paper), content_type=DOCX)
    response.headers["Content-Disposition"] = f'attachment; filename="{page.agreement.reference}.docx"'
    return response


def _paper(page: Reading) -> Paper | None:
    """The paper, or None if the agreement has no text on that day."""
    if page.content is None:
        return None
    return paper_of(
        page,
        page.content,
        findings=judged(page).findings,
        periods=membership_periods(page.record),
        deeds=deeds_shown(page),
        printed_on=timezone.localdate(),
    )
