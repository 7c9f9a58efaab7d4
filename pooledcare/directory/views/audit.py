"""The audit trail as a page and as a file."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from pooledcare.directory.access import Permission, requires, scope_of
from pooledcare.directory.audit_table import audit_table, rows_of
from pooledcare.directory.forms import AuditForm
from pooledcare.directory.queries import audit
from pooledcare.kernel.table_files import file_of

READ = Permission.READ_AUDIT


@require_safe
@requires(READ)
def audit_list(request: HttpRequest) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    organisation = scope_of(actor, READ, request.GET.get("organisation", ""))
    form = AuditForm(_asked(request), actions=audit.audit_actions(organisation=organisation))
    page = audit.audit_page(organisation=organisation, asked=form.asked(), before=_before(request))
    kept = {"organisation": organisation.code, **{name: value for name, value in _asked(request).items() if value}}
    filtered = any(_asked(request).values())
    context = {
        "organisation": organisation,
        "choices": actor.holds(READ),
        "form": form,
        "table": audit_table(page.lines, page.names, is_filtered=filtered),
        "filtered": filtered,
        "clear_url": f"{reverse('directory:audit')}?{urlencode({'organisation': organisation.code})}",
        "newest_url": f"?{urlencode(kept)}" if _before(request) else None,
        "older_url": f"?{urlencode({**kept, 'before': page.older})}" if page.older else None,
        "download_url": f"{reverse('directory:audit-download')}?{urlencode(kept)}",
    }
    return render(request, "directory/audit_list.jinja", context, status=200 if form.is_valid() else 400)


@require_safe
@requires(READ)
def audit_download(request: HttpRequest) -> HttpResponseBase:
    """Every line that matches the filter, as a file with references and no names."""
    actor = request.actor  # type: ignore[attr-defined]
    organisation = scope_of(actor, READ, request.GET.get("organisation", ""))
    form = AuditForm(_asked(request), actions=audit.audit_actions(organisation=organisation))
    if not form.is_valid():
        raise BadRequest("A filter is not valid.")
    lines = audit.audit_lines(organisation=organisation, asked=form.asked())
    return file_of(audit_table([]), "csv", filename=f"audit-{organisation.code}", rows=rows_of(lines, {}))


def _asked(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip() for name in ("action", "actor", "subject", "since", "until")}


def _before(request: HttpRequest) -> int | None:
    text = request.GET.get("before", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadRequest("The page of the audit trail is not a number.")
    return int(text)
