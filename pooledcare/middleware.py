"""Applied to every request before any app sees it: a request id and refusal of hostile text. Also the log's format."""

from __future__ import annotations

import json
import logging
import re
import uuid
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from pooledcare.kernel.chunked import read_chunks
from pooledcare.kernel.context import request_id
from pooledcare.kernel.rest.middleware import API_PREFIX

_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class RequestIdMiddleware:
    """Gives each request an id, and sends it back as X-Request-ID: the caller's own if well formed, or a new one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        identity = given if _ID.fullmatch(given) else str(uuid.uuid4())
        token = request_id.set(identity)
        request.request_id = identity  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response.headers["X-Request-ID"] = identity
        return response


class CompressPagesMiddleware(GZipMiddleware):
    """Compresses pages. Django adds a random number of bytes, so that their length gives no secret away (BREACH).

    Nothing else is compressed: answers of the API keep their strong ETags, and downloads are sent as they are read.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page else response


class HostileRequestMiddleware:
    """Refuses text that no browser sends and PostgreSQL cannot store: NUL and control characters in the address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        if _CONTROL.search(request.path_info) or any(
            _CONTROL.search(name) or any(_CONTROL.search(value) for value in values)
            for name, values in request.GET.lists()
        ):
            raise BadRequest("The address contains a control character.")


class ChunkedBodyMiddleware:
    """Reads a body that a proxy forwards in chunks, before the form in it is looked at.

    Views of the API do so themselves, once they know whether the client may send anything.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(API_PREFIX):
            return self.get_response(request)
        held = read_chunks(request, settings.UPLOAD_MAX_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        try:
            return self.get_response(request)
        finally:
            if held is not None:
                held.close()


class JsonFormatter(logging.Formatter):
    """Log records as one JSON object a line; JSON escapes any control characters in the message."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)
