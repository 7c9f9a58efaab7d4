"""An agreement as a committee paper: as a page to print, and as a Word document or PDF to save."""

from __future__ import annotations

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from partnerships.documents.committee_paper import paper_of
from partnerships.forms.agreements import MomentForm
from partnerships.queries.agreements.comparing import judged
from partnerships.queries.agreements.detail import Reading, deeds_shown
from partnerships.queries.agreements.reach import Reached
from partnerships.rules.agreements.membership import membership_periods
from partnerships.views.reading import moment_of, opened, out_of_reach, reads_agreement, shown
from pooledcare.kernel.documents.layout import laid_out
from pooledcare.kernel.documents.model import Document
from pooledcare.kernel.documents.pdf import PDF, DocumentTooLong, pdf_of
from pooledcare.kernel.documents.word import DOCX, docx_of

# The ending of each file: its type, and what writes it.
_FORMS = {"docx": (DOCX, docx_of), "pdf": (PDF, pdf_of)}


@reads_agreement()
def agreement_summary(request: HttpRequest, reached: Reached) -> HttpResponse:
    form = MomentForm(request.GET)
    page = opened(reached, form)
    document = _document(page)
    paper = None if document is None else laid_out(document)
    addresses = {f"{ending}_url": _address(page, ending) for ending in _FORMS}
    return shown(request, page, form, "agreement_summary", paper=paper, **addresses)


@reads_agreement()
def agreement_summary_docx(request: HttpRequest, reached: Reached) -> HttpResponseBase:
    return _saved(request, reached, "docx")


@reads_agreement()
def agreement_summary_pdf(request: HttpRequest, reached: Reached) -> HttpResponseBase:
    return _saved(request, reached, "pdf")


def _saved(request: HttpRequest, reached: Reached, ending: str) -> HttpResponseBase:
    form = MomentForm(request.GET)
    page = opened(reached, form)
    if form.errors:
        nothing = {f"{each}_url": "" for each in _FORMS}
        return shown(request, page, form, "agreement_summary", here="agreement-summary", paper=None, **nothing)
    document = _document(page)
    if document is None:
        return out_of_reach(request)
    content_type, written = _FORMS[ending]
    try:
        response = HttpResponse(written(document), content_type=content_type)
    except DocumentTooLong as error:
        raise BadRequest("This paper is too long for a PDF. Save it as a Word document instead.") from error
    response.headers["Content-Disposition"] = f'attachment; filename="{page.agreement.reference}.{ending}"'
    return response


def _address(page: Reading, ending: str) -> str:
    """The address of a file, with the days of the page."""
    return reverse(f"partnerships:agreement-summary-{ending}", args=[page.agreement.reference]) + moment_of(page)


def _document(page: Reading) -> Document | None:
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
