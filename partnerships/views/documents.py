"""Downloads of documents; always sent as attachments, never displayed by the browser in place."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase

from partnerships.queries.agreements.governance import document_reached
from partnerships.queries.agreements.reach import Reached
from partnerships.views.reading import out_of_reach, reads_agreement


@reads_agreement()
def document_download(request: HttpRequest, reached: Reached, pk: int) -> HttpResponseBase:
    document = document_reached(reached, pk)
    if document is None:
        return out_of_reach(request)
    response = FileResponse(
        default_storage.open(document.stored_name),
        as_attachment=True,
        filename=document.filename,
        content_type="application/octet-stream",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
