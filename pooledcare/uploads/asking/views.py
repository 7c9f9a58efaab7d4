"""The pages on which a person says how a file should be read: the whole file, one page for each sheet, and a choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from pooledcare.directory.access import Actor, can, refusal, requires
from pooledcare.kernel.problems import Refused
from pooledcare.uploads import kinds, presenting, queries
from pooledcare.uploads.asking import actions, pages, reads
from pooledcare.uploads.asking.one_sheet import SheetForm
from pooledcare.uploads.asking.whole_file import WholeFileForm
from pooledcare.uploads.models import LayoutQuestion, Upload
from pooledcare.uploads.proposals import Decisions, Proposal
from pooledcare.uploads.terms import READABLE_AGAIN_STATES, Asked

if TYPE_CHECKING:
    from pooledcare.uploads.proposals import ProposedSheet

SHOW, CONTINUE = "show", "continue"


@require_http_methods(["GET", "POST"])
@requires()
def layout_question(request: HttpRequest, reference: str) -> HttpResponseBase:
    """How the whole file should be read, and what that reads. `how` asks for it where only a layout is to be chosen."""
    upload, question = _load(request, reference)
    if question.asked != Asked.READING and request.method == "GET" and "how" not in request.GET:
        return render(request, "uploads/layout_choice.jinja", _choice_context(upload, question))
    proposal = Proposal.from_json(question.proposal)
    decisions = pages.decisions_of(question, proposal)
    form = _whole_file_form(request, upload, proposal, decisions)
    if request.method == "POST" and form.is_valid():
        try:
            decisions = form.decisions()
            if request.POST.get("do") == CONTINUE:
                _confirm(request, upload, form, decisions)
                messages.success(request, f"{upload.reference} is being read.")
                return redirect(upload)
            actions.keep_decisions(upload=upload, decisions=decisions, by=request.actor)  # type: ignore[attr-defined]
            kept = {"how": "", "shown": "", **form.saving()}
            return redirect(f"{reverse('uploads:layout-question', args=[reference])}?{urlencode(kept)}")
        except Refused as refused:
            form.add_refusal(refused)
    context = _question_context(upload, proposal, decisions, form, wants="shown" in request.GET)
    return render(request, "uploads/layout_question.jinja", context)


def _whole_file_form(request: HttpRequest, upload: Upload, proposal: Proposal, decisions: Decisions) -> WholeFileForm:
    return WholeFileForm(
        request.POST or None,
        proposal=proposal,
        decisions=decisions,
        kind=kinds.kind(upload.kind),
        upload=upload,
        saved=pages.saved_before(upload, proposal),
        saving=request.GET.dict(),
    )


def _confirm(request: HttpRequest, upload: Upload, form: WholeFileForm, decisions: Decisions) -> None:
    name, is_new_version = form.saves()
    actions.confirm_layout(
        upload=upload,
        decisions=decisions,
        name=name,
        replaces=form.saved if is_new_version else None,
        by=request.actor,  # type: ignore[attr-defined]
    )


def _question_context(
    upload: Upload, proposal: Proposal, decisions: Decisions, form: WholeFileForm, *, wants: bool
) -> dict[str, Any]:
    """With `wants`, what the decisions read is shown, or why they cannot be used yet."""
    found = None
    if not form.is_bound and reads.is_read_at_once(upload):
        found = reads.reading_of(upload, proposal, decisions)
        if found.refused is not None and not wants:
            found = None
    return {
        "upload": upload,
        "proposal": proposal,
        "form": form,
        "lead": pages.lead(proposal, decisions),
        "sheets": pages.sheets_table(upload, proposal, decisions),
        "to_look_at": _to_look_at(proposal, decisions),
        "reads": found,
        "is_large": not reads.is_read_at_once(upload),
        "refusals": _texts(found.refused) if found is not None and found.refused is not None else [],
    }


def _to_look_at(proposal: Proposal, decisions: Decisions) -> list[tuple[str, int]]:
    """The questions that are answered on the page of a sheet and are still open, with the number of the sheet."""
    numbers = {sheet.name: number for number, sheet in enumerate(proposal.sheets, start=1)}
    return [
        (question.text, numbers[question.sheet])
        for question in proposal.questions
        if question.key.startswith("columns:") and question.key not in decisions.answers
    ]


def _texts(refused: Refused) -> list[tuple[str, None]]:
    return [(presenting.problem_text(problem), None) for problem in refused.problems]


def _choice_context(upload: Upload, question: LayoutQuestion, refused: Refused | None = None) -> dict[str, Any]:
    fitting = pages.fitting_layouts(question, kinds.kind(upload.kind))
    return {
        "upload": upload,
        "fitting": fitting,
        "items": [{"value": one.key, "text": one.title, "hint": one.whose, "chosen": False} for one in fitting],
        "is_year": question.asked == Asked.YEAR,
        "refusals": _texts(refused) if refused is not None else [],
    }


@require_POST
@requires()
def layout_choose(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Read the file by the layout that was chosen, or for the year that was stated."""
    upload, question = _load(request, reference)
    layout, year = request.POST.get("layout", ""), request.POST.get("financial_year", "").strip()
    try:
        if question.asked == Asked.YEAR and not year:
            raise Refused.because("REQUIRED", "Enter the financial year of the figures")
        actions.choose_layout(upload=upload, layout=layout, financial_year=year, by=request.actor)  # type: ignore[attr-defined]
    except Refused as refused:
        context = _choice_context(upload, question, refused)
        status = presenting.status_of(refused)
        return render(request, "uploads/layout_choice.jinja", context, status=200 if status == 422 else status)
    messages.success(request, f"{upload.reference} is being read.")
    return redirect(upload)


@require_http_methods(["GET", "POST"])
@requires()
def layout_sheet(request: HttpRequest, reference: str, number: int) -> HttpResponseBase:
    """How one sheet should be read. `number` is its place in the file, from 1."""
    upload, question = _load(request, reference)
    proposal = Proposal.from_json(question.proposal)
    if not 1 <= number <= len(proposal.sheets):
        raise Http404("There is no such sheet.")
    sheet: ProposedSheet = proposal.sheets[number - 1]
    decisions = pages.decisions_of(question, proposal)
    form = SheetForm(request.POST or None, proposal=proposal, decisions=decisions, sheet=sheet)
    if request.method == "POST" and form.is_valid():
        try:
            actions.keep_decisions(upload=upload, decisions=form.decisions(), by=request.actor)  # type: ignore[attr-defined]
        except Refused as refused:
            for problem in refused.problems:
                form.add_error(None, presenting.problem_text(problem))
        else:
            if request.POST.get("do") == SHOW:
                return redirect("uploads:layout-sheet", reference, number)
            return redirect(f"{reverse('uploads:layout-question', args=[reference])}?how=&shown=")
    context = {
        "upload": upload,
        "sheet": sheet,
        "number": number,
        "count": len(proposal.sheets),
        "form": form,
        "grid": pages.grid_of(sheet, form.before),
    }
    return render(request, "uploads/layout_sheet.jinja", context)


def _load(request: HttpRequest, reference: str) -> tuple[Upload, LayoutQuestion]:
    """The upload and its question. Raises PermissionDenied for who may not answer, Http404 if nothing is asked now."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    upload = queries.upload_for(actor, reference)
    prepare = kinds.kind(upload.kind).prepare
    if not can(actor, prepare, upload.organisation):
        raise PermissionDenied(refusal(prepare))
    question = LayoutQuestion.objects.filter(upload=upload).first()
    if question is None or upload.state not in READABLE_AGAIN_STATES:
        raise Http404("Nothing is asked about the file of this upload now.")
    return upload, question
