"""Entity tags: an answer that has not changed is not sent again, and nobody changes what they have not seen."""

from __future__ import annotations

import hashlib
import re

from django.http import HttpResponse
from rest_framework.request import Request

from pooledcare.kernel.rest.problems import HttpProblem

_TAG = re.compile(r'\s*((?:W/)?"[\x21\x23-\x7e\x80-\xff]*")\s*')
_VERSION = re.compile(r'"([0-9]{1,9})(?:\.[0-9a-f]+)?"')


def entity_tag(body: bytes, version: int | None = None) -> str:
    """A strong tag of these bytes, beginning with the version of what they show where it has one."""
    digest = hashlib.blake2b(body, digest_size=12).hexdigest()
    return f'"{digest}"' if version is None else f'"{version}.{digest}"'


def tags(header: str) -> list[str] | None:
    """The tags of If-Match or If-None-Match, `["*"]` for any, None when it cannot be read."""
    if header.strip() == "*":
        return ["*"]
    matches = [_TAG.fullmatch(part) for part in header.split(",")]
    return [match.group(1) for match in matches if match] if all(matches) else None


def unchanged(request: Request, tag: str) -> bool:
    """Whether the client already holds this answer; tags compare weakly here (RFC 9110 §13.1.2)."""
    header = request.META.get("HTTP_IF_NONE_MATCH")
    if header is None:
        return False
    held = tags(header) or []
    return "*" in held or any(one.removeprefix("W/") == tag for one in held)


def conditional(request: Request, response: HttpResponse, version: int | None = None) -> HttpResponse:
    """The response with its tag, or 304 without its body."""
    tag = entity_tag(response.content, version)
    if unchanged(request, tag):
        response = HttpResponse(status=304)
        del response.headers["Content-Type"]
    response.headers["ETag"] = tag
    return response


def versions_wanted(request: Request) -> frozenset[int] | None:
    """The versions that If-Match allows, None for any (`*`).

    428 when it is missing, 400 when it cannot be read. A weak tag never matches, and gives no version.
    """
    header = request.META.get("HTTP_IF_MATCH")
    if header is None:
        raise HttpProblem("precondition-required")
    wanted = tags(header)
    if wanted is None:
        raise HttpProblem("invalid-precondition")
    if wanted == ["*"]:
        return None
    matches = [_VERSION.fullmatch(tag) for tag in wanted]
    return frozenset(int(match.group(1)) for match in matches if match)


def require_version(request: Request, version: int) -> None:
    """412 when the resource has moved on from every version that the client names."""
    wanted = versions_wanted(request)
    if wanted is not None and version not in wanted:
        raise HttpProblem("precondition-failed")
