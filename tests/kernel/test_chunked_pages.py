"""A page whose form arrives in chunks, as some proxies forward it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse

from pooledcare.kernel.chunked import LengthRequired
from pooledcare.middleware import ChunkedBodyMiddleware

FORM = b"name=Mereshire&code=QXX"


def sent(path: str, **meta: Any) -> WSGIRequest:
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "wsgi.input": io.BytesIO(FORM)}
    address = {"REQUEST_METHOD": "POST", "PATH_INFO": path, "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    return WSGIRequest({**address, **chunked, **meta})


def what_the_view_sees(request: HttpRequest) -> dict[str, str]:
    seen: dict[str, str] = {}

    def view(request: HttpRequest) -> HttpResponse:
        seen.update(request.POST.items())
        return HttpResponse()

    assert ChunkedBodyMiddleware(view)(request).status_code == 200
    return seen


def test_a_form_in_chunks_is_seen_by_the_page():
    assert what_the_view_sees(sent("/account/login/")) == {"name": "Mereshire", "code": "QXX"}


def test_a_body_for_the_api_is_left_to_its_views():
    request = sent("/api/v1/uploads/")
    assert what_the_view_sees(request) == {}
    assert request.META["wsgi.input"].read() == FORM


def test_a_form_that_is_too_long_or_cannot_be_read_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(settings, "UPLOAD_MAX_BYTES", 0)
    monkeypatch.setattr(settings, "DATA_UPLOAD_MAX_MEMORY_SIZE", len(FORM) - 1)
    with pytest.raises(RequestDataTooBig):
        what_the_view_sees(sent("/account/login/"))
    with pytest.raises(LengthRequired, match="without its length"):
        what_the_view_sees(sent("/account/login/", **{"wsgi.input_terminated": False}))


def test_it_comes_before_all_that_reads_forms():
    middleware = settings.MIDDLEWARE
    assert middleware.index("pooledcare.middleware.ChunkedBodyMiddleware") < middleware.index(
        "django.middleware.csrf.CsrfViewMiddleware"
    )
