"""The pages on publication: publish accepted figures, and give a file the date of publication that it lacks."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from pooledcare.directory.access import Actor, can, refusal, requires
from pooledcare.kernel.fields import add_problems
from pooledcare.kernel.problems import Refused
from pooledcare.uploads import actions, kinds, presenting, queries
from pooledcare.uploads.forms import PublicationDateForm, PublishForm
from pooledcare.uploads.terms import Channel


@require_http_methods(["GET", "POST"])
@requires()
def upload_publish(request: HttpRequest, reference: str) -> HttpResponse:
    """Choose which figures of an accepted upload become public, and since when. A second person then accepts it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    upload = queries.upload_for(actor, reference)
    kind = kinds.kind(upload.kind)
    if not can(actor, kind.prepare, upload.organisation):
        raise PermissionDenied(refusal(kind.prepare))
    parts = queries.unpublished_parts(upload)
    form = PublishForm(request.POST or None, parts=parts)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            publication = actions.publish_upload(
                upload=upload, published_on=said["published_on"], parts=said["parts"], channel=Channel.PAGE, by=actor
            )
        except Refused as refused:
            add_problems(form, refused)
        else:
            messages.success(request, f"{publication.reference} is prepared. Nothing is public before it is accepted.")
            return redirect(publication)
    context = {
        "form": form,
        "upload": upload,
        "parts": parts,
        "count": sum(part.count for part in parts),
        "reasons": presenting.publishing_reasons(upload, actor, parts),
    }
    return render(request, "uploads/upload_publish.jinja", context)


@require_http_methods(["GET", "POST"])
@requires()
def upload_date(request: HttpRequest, reference: str) -> HttpResponse:
    """Give a date of publication to a file that was refused because it had none, and have it read again."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    upload = queries.upload_for(actor, reference)
    kind = kinds.kind(upload.kind)
    if not can(actor, kind.prepare, upload.organisation):
        raise PermissionDenied(refusal(kind.prepare))
    form = PublicationDateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            upload = actions.date_upload(upload=upload, published_on=form.cleaned_data["published_on"], by=actor)
        except Refused as refused:
            add_problems(form, refused)
        else:
            messages.success(request, f"{upload.reference} is being read again.")
            return redirect(upload)
    context = {"form": form, "upload": upload, "lacks_date": queries.lacks_date(upload)}
    return render(request, "uploads/upload_date.jinja", context)
