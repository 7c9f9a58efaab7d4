"""Which answers scripts on pages of other sites may read (CORS): published ones, asked for without a key.

The headers say so to browsers (https://fetch.spec.whatwg.org/#http-cors-protocol). They never allow credentials, so
that no key and no cookie of a visitor is used by a page of another site. ADR 28 says why this is not
django-cors-headers.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

METHODS = "GET, HEAD, OPTIONS"
SENT = "Accept, If-None-Match, X-Request-ID"
EXPOSED = (
    "Allow, Content-Disposition, ETag, Link, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, "
    "X-Request-ID"
)
A_DAY = "86400"


def allow_any_origin(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let any page read this answer to a request for something public, unless it changes something or has a key.

    The answer to a preflight request grants no method that changes something, and no header with a key.
    """
    if request.method not in METHODS.split(", ") or "HTTP_AUTHORIZATION" in request.META:
        return
    response.headers["Access-Control-Allow-Origin"] = "*"
    if request.method == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.META:
        response.headers["Access-Control-Allow-Methods"] = METHODS
        response.headers["Access-Control-Allow-Headers"] = SENT
        response.headers["Access-Control-Max-Age"] = A_DAY
    else:
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
