"""Entity tags: a response that has not changed is not sent again, and a change needs the version last seen."""

from __future__ import annotations

import hashlib
import re

from django.http import HttpResponse
from rest_framework.request import Request

from pooledcare.kernel.rest.problems import HttpProblem

_TAG = re.compile(r'\s*((?:W/)?"[\x21\x23-\x7e\x80-\xff]*")\s*')
_VERSION = re.compile(r'"([0-9]{1,9})(?:\.[0-9a-f]+)?"')


def entity_tag(body: bytes, version: int | None = None) -> str:
    """A strong entity tag for a body. If the resource has a version, the tag begins with it."""
    digest = hashlib.blake2b(body, digest_size=12).hexdigest()
    return f'"{digest}"' if version is None else f'"{version}.{digest}"'


def tags(header: str) -> list[str] | None:
    """The tags in an If-Match or If-None-Match header, `["*"]` for any tag, None if it is not valid."""
    if header.strip() == "*":
        return ["*"]
    matches = [_TAG.fullmatch(part) for part in header.split(",")]
    return [match.group(1) for match in matches if match] if all(matches) else None


def unchanged(request: Request, tag: str) -> bool:
    """Whether If-None-Match says that the client has this response, by weak comparison (RFC 9110 §13.1.2)."""
    header = request.META.get("HTTP_IF_NONE_MATCH")
    if header is None:
        return False
    held = tags(header) or []
    return "*" in held or any(one.removeprefix("W/") == tag for one in held)


def conditional(request: Request, response: HttpResponse, version: int | None = None) -> HttpResponse:
    """The response with its ETag, or a 304 without a body if the client already has it."""
    tag = entity_tag(response.content, version)
    if unchanged(request, tag):
        response = HttpResponse(status=304)
        del response.headers["Content-Type"]
    response.headers["ETag"] = tag
    return response


def require_version(request: Request, version: int) -> None:
    """Raise a problem 412 if the current version is not among those that If-Match names (RFC 9110 §13.1.1).

    A weak tag never matches. If it names the current version, or none that can be read, the problem says that it is
    weak, because the resource has not changed. Raises a problem 428 if the header is missing, and 400 if it is invalid.
    """
    header = request.META.get("HTTP_IF_MATCH")
    if header is None:
        raise HttpProblem("precondition-required")
    wanted = tags(header)
    if wanted is None:
        raise HttpProblem("invalid-precondition")
    if wanted == ["*"] or version in (version_in(tag) for tag in wanted):
        return
    for tag in wanted:
        if tag.startswith("W/") and version_in(tag.removeprefix("W/")) in (version, None):
            raise HttpProblem("weak-entity-tag", _weak(tag, version))
    raise HttpProblem("precondition-failed")


def version_in(tag: str) -> int | None:
    """The version that a strong tag of ours names; None for a weak one, and for one that is not ours."""
    match = _VERSION.fullmatch(tag)
    return int(match.group(1)) if match else None


def _weak(tag: str, version: int) -> str:
    return (
        f"{tag[:80]} in If-Match is a weak entity tag, which never matches. It does not say that the resource has "
        f'changed. If you have seen version {version}, send its number in quotes: "{version}".'
    )
