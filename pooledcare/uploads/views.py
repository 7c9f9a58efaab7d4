"""The upload pages: choose a file, see its progress, see what is wrong or what would change, and decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import reselect, reswap, retarget

from pooledcare.directory.access import Actor, can, refusal, requires
from pooledcare.directory.sessions import background
from pooledcare.kernel.fields import add_problems
from pooledcare.kernel.paging import Order, page_of
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.shown_tables import chosen_field, with_sort_links
from pooledcare.kernel.table_files import CSV, FORMATS, XLSX, download_links, wanted_format, wants_file
from pooledcare.kernel.tabular import safe_csv
from pooledcare.uploads import (
    actions,
    downloads,
    exports,
    kept_files,
    kinds,
    list_page,
    presenting,
    queries,
    rules,
    templates,
)
from pooledcare.uploads.forms import NO_LONGER_KEPT, ReverseForm, UploadForm
from pooledcare.uploads.terms import Channel, UploadState

if TYPE_CHECKING:
    from pooledcare.directory.models import Organisation
    from pooledcare.uploads.models import KeptFile, Upload

MAIN = "#maincontent"
PASTED = "pasted-cells.tsv"


@require_GET
@requires()
def upload_list(request: HttpRequest) -> HttpResponseBase:
    """Uploads of the visitor's organisations, newest first unless the address asks for another order, fifty at a
    time; in a file, all of them."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    state = request.GET.get("state", "")
    found = queries.uploads_listed(actor, state=state)
    field, is_descending = chosen_field(request, "uploads", list_page.SORTED_BY) or ("", True)
    order = Order(field, descending=is_descending, anchors=queries.uploads_listed(actor))
    if wants_file(request):
        rows = found.order_by(*order.terms(backwards=False))
        return downloads.table_download("uploads", list_page.file_table(rows), wanted_format(request))
    page = page_of(request, found, order=order, what="an upload")
    table = list_page.page_table(page.rows)
    offered = _preparing(actor)
    context = {
        "table": with_sort_links(request, table, list_page.SORTED_BY),
        "state": state,
        "states": list_page.state_choices(state),
        "page": page,
        "is_sorted": bool(field),
        "downloads": download_links(request, table),
        "may_upload": bool(offered),
        "samples": downloads.samples_for(actor),
    }
    return render(request, "uploads/upload_list.jinja", context)


@require_http_methods(["GET", "POST"])
@requires()
def upload_create(request: HttpRequest) -> HttpResponse:
    """The form to upload a file. The person chooses its kind; a publisher's layout is recognised from the file."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    offered = _preparing(actor)
    if not offered:
        raise PermissionDenied(refusal(*(kind.prepare for kind in kinds.kinds())))
    organisations = {one.code: one for kind in offered for one in actor.holds(kind.prepare)}
    session, publishable = request.session.session_key or "", None
    kept = kept_files.kept_file(request.POST.get("kept_file", ""), session=session, by=actor)
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        organisations=list(organisations.values()),
        kinds=offered,
        kept=kept,
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            upload = _receive(said, kept, organisations[said["organisation"]], actor)
        except Refused as refused:
            presenting.add_file_problems(form, refused)
            publishable = queries.publishable_instead(refused, actor)
        else:
            if kept is not None:
                kept_files.forget_file(kept)
            return redirect(upload)
    if request.method == "POST":
        _keep(form, request.FILES.get("file"), session, actor)
    context = {
        "form": form,
        "publishable": publishable,
        "kinds": offered,
        "help": {kind.key: presenting.help_rows(kind) for kind in offered},
        "layouts": presenting.layout_rows(offered),
    }
    return render(request, "uploads/upload_create.jinja", context)


def _receive(said: dict[str, Any], kept: KeptFile | None, organisation: Organisation, actor: Actor) -> Upload:
    """Receive the selected file, the kept one, or the pasted cells, exactly as they were sent."""
    with ExitStack() as open_files:
        file, filename = said["file"], said["file"].name if said["file"] else ""
        if said["pasted"].strip():
            file, filename = ContentFile(said["pasted"].encode()), PASTED
        if not file:
            assert kept is not None, "The form accepts neither otherwise."
            try:
                file, filename = open_files.enter_context(default_storage.open(kept.stored_name)), kept.filename
            except FileNotFoundError:  # the same form was sent twice, and the first time used the file meanwhile
                raise Refused.because("NO_LONGER_KEPT", NO_LONGER_KEPT) from None
        return actions.receive_upload(
            organisation=organisation,
            kind=said["kind"],
            file=file,
            filename=filename or "",
            complete=said.get("complete", False),
            published_on=said.get("published_on"),
            financial_year=said.get("financial_year", ""),
            channel=Channel.PAGE,
            by=actor,
        )


def _keep(form: UploadForm, file: Any, session: str, actor: Actor) -> None:
    """Keep the file for the next attempt if only other fields are wrong. A kept file that is wrong is forgotten."""
    if file and "file" not in form.errors:
        try:
            form.offer(kept_files.keep_file(file=file, filename=file.name or "", session=session, by=actor))
        except Refused as refused:
            presenting.add_file_problems(form, refused)
    elif not file and form.kept is not None and "file" in form.errors:
        kept_files.forget_file(form.kept)
        form.offer(None)


@require_GET
@requires()
def upload_detail(request: HttpRequest, reference: str) -> HttpResponse:
    """The page of one upload. What it shows depends on the state."""
    upload = _load(request, reference)
    context = presenting.upload_context(upload, request.actor, parameters=request.GET.dict())  # type: ignore[attr-defined]
    return render(request, "uploads/upload_detail.jinja", context)


@require_GET
@background
@requires()
def upload_progress(request: HttpRequest, reference: str) -> HttpResponse:
    """The progress, polled by htmx. Once the worker has finished, the whole new page, with the focus on the result."""
    upload = _load(request, reference)
    if upload.state not in presenting.AT_WORK:
        context = {**presenting.upload_context(upload, request.actor), "arrived": True}  # type: ignore[attr-defined]
        response = render(request, "uploads/upload_detail.jinja", context)
        return retarget(reselect(reswap(response, "outerHTML"), MAIN), MAIN)
    return render(request, "uploads/upload_progress.jinja", {"upload": upload, "said": presenting.progress(upload)})


def _decision(act: Callable[..., Upload], done: str, *, on_version: bool = False) -> Callable[..., HttpResponseBase]:
    """A view for a button that runs one action. If the action is refused, the upload's page shows why.

    `on_version` is set if the action is told which version of the upload the page showed.

    Somebody who accepts twice sees the same message again, because the second call of that action has no effect.
    """

    @require_POST
    @requires()
    def decide(request: HttpRequest, reference: str) -> HttpResponse:
        upload = _load(request, reference)
        try:
            seen = _seen(request.POST) if on_version else {}
            decided = act(upload=upload, by=request.actor, **seen)  # type: ignore[attr-defined]
        except Refused as refused:
            upload.refresh_from_db()
            context = presenting.upload_context(upload, request.actor, refused)  # type: ignore[attr-defined]
            return render(request, "uploads/upload_detail.jinja", context, status=presenting.status_of(refused))
        if decided.state in (upload.state, UploadState.ACCEPTED):
            messages.info(request, " ".join(f"{one.message}." for one in rules.accept_state_problems(decided)))
        else:
            messages.success(request, done.format(upload.reference))
        return redirect(upload)

    return decide


def _seen(said: Mapping[str, str]) -> dict[str, int]:
    """The version that the page showed, if the link or the form states it."""
    stated = said.get("version", "")
    return {"version": int(stated)} if stated.isascii() and stated.isdigit() and len(stated) < 10 else {}


_accept = _decision(actions.accept_upload, "{} is being accepted.", on_version=True)
upload_abandon = _decision(actions.abandon_upload, "{} was abandoned. Nothing has changed.")
upload_retry = _decision(actions.retry_upload, "{} is being read again.")


@require_http_methods(["GET", "POST"])
@requires()
def upload_accept(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Say what accepting would change in total, and accept once that is confirmed."""
    if request.method == "POST":
        return _accept(request, reference)
    upload = _load(request, reference)
    kind = kinds.kind(upload.kind)
    if not can(request.actor, kind.accept, upload.organisation):  # type: ignore[attr-defined]
        raise PermissionDenied(refusal(kind.accept))
    context = presenting.acceptance_context(upload, request.actor, **_seen(request.GET))  # type: ignore[attr-defined]
    return render(request, "uploads/upload_accept.jinja", context)


@require_POST
@requires()
def upload_encoding(request: HttpRequest, reference: str) -> HttpResponse:
    """Read the file again in the encoding that was chosen."""
    upload = _load(request, reference)
    encoding = request.POST.get("encoding", "")
    try:
        actions.choose_encoding(upload=upload, encoding=encoding, by=request.actor)  # type: ignore[attr-defined]
    except Refused as refused:
        upload = queries.refreshed(upload)
        context = presenting.upload_context(upload, request.actor, refused)  # type: ignore[attr-defined]
        return render(request, "uploads/upload_detail.jinja", context, status=presenting.status_of(refused))
    messages.success(request, f"{upload.reference} is being read again.")
    return redirect(upload)


@require_http_methods(["GET", "POST"])
@requires()
def upload_reverse(request: HttpRequest, reference: str) -> HttpResponse:
    """Show what reversing an accepted upload would do, ask why, and reverse it; or say why it cannot be reversed."""
    upload = _load(request, reference)
    if not can(request.actor, kinds.kind(upload.kind).accept, upload.organisation):  # type: ignore[attr-defined]
        raise PermissionDenied(refusal(kinds.kind(upload.kind).accept))
    form = ReverseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.reverse_upload(upload=upload, by=request.actor, reason=form.cleaned_data["reason"])  # type: ignore[attr-defined]
        except Refused as refused:
            upload = queries.refreshed(upload)
            add_problems(form, refused)
        else:
            messages.success(request, f"{upload.reference} was reversed. The previous values have been restored.")
            return redirect(upload)
    context = presenting.reversal_context(upload, request.actor)  # type: ignore[attr-defined]
    return render(request, "uploads/upload_reverse.jinja", {**context, "form": form})


@require_GET
@requires()
def upload_problems(request: HttpRequest, reference: str) -> HttpResponseBase:
    """All problems and warnings as CSV."""
    upload = _load(request, reference)
    return _download(exports.problems_csv(upload, bom=True), CSV, f"{upload.reference} problems.csv")


@require_GET
@requires()
def upload_marked(request: HttpRequest, reference: str) -> HttpResponseBase:
    """The uploaded file with an added column that says what to correct in each row."""
    upload = _load(request, reference)
    if not presenting.can_be_marked(upload) or upload.state == UploadState.FAILED:
        raise Http404
    name, content_type, content = exports.marked_file(upload)
    return _download(content, content_type, name)


@require_GET
@requires()
def upload_file(request: HttpRequest, reference: str) -> HttpResponseBase:
    """The file as it was received, always as an attachment."""
    upload = _load(request, reference)
    return FileResponse(
        default_storage.open(upload.stored_name),
        as_attachment=True,
        filename=upload.filename,
        content_type="application/octet-stream",
    )


@require_GET
@requires()
def upload_lines(request: HttpRequest, reference: str, table: str, form: str) -> HttpResponseBase:
    """One table of the preview as CSV or XLSX."""
    upload = _load(request, reference)
    found = downloads.preview_table(upload, table, request.GET.dict())
    if found is None or form not in FORMATS:
        raise Http404
    return downloads.table_download(f"{upload.reference} {table}", found, form)


@require_GET
def template_download(request: HttpRequest, kind: str, form: str) -> HttpResponseBase:
    """A blank file of a kind: as CSV, or as a workbook with guidance and drop-down lists."""
    known = {one.key: one for one in kinds.kinds()}
    if kind not in known or form not in FORMATS:
        raise Http404
    if form == "csv":
        return _download(safe_csv([], templates.headings(known[kind]), bom=True), CSV, f"{kind}.csv")
    return _download(iter([templates.workbook(known[kind])]), XLSX, f"{kind}.xlsx")


@require_GET
@requires()
def sample_download(request: HttpRequest, name: str) -> HttpResponseBase:
    """A file of the demonstration, to try the upload with."""
    file = downloads.sample_named(name, request.actor)  # type: ignore[attr-defined]
    if file is None:
        raise Http404
    content_type = XLSX if name.endswith(".xlsx") else CSV
    return FileResponse(file, as_attachment=True, filename=name, content_type=content_type)


def _load(request: HttpRequest, reference: str) -> Upload:
    """The upload, if it belongs to one of the visitor's organisations. Raises Http404 otherwise."""
    return queries.upload_for(request.actor, reference)  # type: ignore[attr-defined]


def _preparing(actor: Actor) -> list[kinds.UploadKind]:
    return [kind for kind in kinds.kinds() if can(actor, kind.prepare)]


def _download(content: Any, content_type: str, name: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(content, content_type=content_type, headers=downloads.attachment(name))
