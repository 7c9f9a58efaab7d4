"""Pages that belong to no app: the error pages, and the gallery of components."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import engines
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from pooledcare.gallery import gallery_context
from pooledcare.templating import bare_context
from pooledcare.uploads.receiving import FileTooLarge

SENTENCES: dict[int, tuple[str, list[str]]] = {
    400: ("The address or form was not understood", ["Something in it is not written as PooledCare expects."]),
    403: ("You cannot do this", ["Your role does not allow it."]),
    404: (
        "Page not found",
        [
            "If you typed the address, check that it is correct. If you pasted it, check that you copied all of it.",
            "It may also belong to an organisation that you are not a member of.",
        ],
    ),
    413: ("The file is too large", ["Save the sheet you need as a file of its own, and try again."]),
    429: ("Too many attempts", ["Wait a few minutes, then try again."]),
    500: (
        "Sorry, there is a problem with the service",
        ["Nothing that you had already saved is lost.", "Try again later."],
    ),
}

# These error pages show who is logged in. The others use neither session nor database, which may be what has failed.
ABOUT_THE_VISITOR = frozenset({403, 404, 429})


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Shows the message of a check of ours (`BadRequest`), but not the details of what Django found suspicious."""
    if isinstance(exception, FileTooLarge):
        most = settings.UPLOAD_MAX_BYTES // 1024**2
        return error_page(request, 413, [f"The selected file must be smaller than {most}MB.", *SENTENCES[413][1]])
    if isinstance(exception, RequestDataTooBig):
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2
        said = f"What you enter or paste must be smaller than {most}MB. Save longer text as a file, and upload that."
        return error_page(request, 413, [said])
    if isinstance(exception, TooManyFilesSent):
        return error_page(request, 400, ["You can only select 1 file."])
    reason = str(exception) if isinstance(exception, BadRequest) else ""
    return error_page(request, 400, [reason] if reason else None)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    reason = str(exception) if exception is not None else ""
    return error_page(request, 403, [reason] if reason else None)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form was sent without a valid CSRF token, most often because the login ended while the page was open."""
    return error_page(request, 403, ["This page was open for too long. Go back, reload the page and try again."])


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 404)


def too_large(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 413)


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 429)


def server_error(request: HttpRequest) -> HttpResponse:
    return error_page(request, 500)


def error_page(request: HttpRequest, status: int, paragraphs: list[str] | None = None) -> HttpResponse:
    """The error page, or problem+json for addresses under /api/. `paragraphs` replace the usual ones for the status."""
    heading, usual = SENTENCES[status]
    detail = paragraphs or usual
    if request.path_info.startswith("/api/"):
        problem = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": " ".join(detail),
        }
        return JsonResponse(problem, status=status, content_type="application/problem+json")
    context = {"heading": heading, "paragraphs": detail, "reference": getattr(request, "request_id", None)}
    template = engines["jinja2"].get_template("errors/error.jinja")
    if status in ABOUT_THE_VISITOR:
        return HttpResponse(template.render(context, request), status=status)
    return HttpResponse(template.render(bare_context() | context | {"csrf_input": ""}), status=status)


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """All components in all their states, for development and tests."""
    _require_debug_or_embedded()
    return render(request, "gallery.jinja", gallery_context(bound=request.GET.get("state") == "errors"))


@require_safe
def gallery_progress(request: HttpRequest) -> HttpResponse:
    """The fragment that the gallery's progress bar polls."""
    _require_debug_or_embedded()
    return render(request, "gallery_progress.jinja")


def _require_debug_or_embedded() -> None:
    """404 unless this is a development server or a local installation with the embedded database."""
    if not (settings.DEBUG or settings.EMBEDDED):
        raise Http404


urlpatterns: list[URLPattern] = [
    path("gallery/", gallery, name="gallery"),
    path("gallery/progress/", gallery_progress, name="gallery-progress"),
]
