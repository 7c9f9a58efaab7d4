"""Errors as application/problem+json (RFC 9457): the exception to raise, and how each exception becomes a response."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse, HttpResponseBase
from rest_framework import exceptions

from pooledcare.kernel.chunked import CompressedChunks, LengthRequired, MalformedChunks
from pooledcare.kernel.context import request_id
from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.kernel.rest.catalogue import KINDS, ProblemKind, kind_for

log = logging.getLogger(__name__)

PROBLEM_TYPE = "application/problem+json"


class HttpProblem(Exception):
    """Raised to respond with a problem. `kind` is a slug in the catalogue."""

    def __init__(
        self,
        kind: str,
        detail: str = "",
        *,
        errors: Iterable[Problem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.kind = KINDS[kind]
        self.errors = list(errors)
        self.detail = detail or " ".join(problem.message for problem in self.errors[:3]) or self.kind.meaning
        self.headers = dict(headers or {})
        super().__init__(self.detail)


def body_problem(field: str, code: str, message: str, value: str | None = None) -> HttpProblem:
    """The problem 400 for one field of a body, or for the whole body if `field` is empty."""
    where = Where(field=field) if field else None
    return HttpProblem("invalid-body", errors=[Problem(code, message, where, value)])


def problem_answer(
    kind: ProblemKind, detail: str, errors: Iterable[Problem] = (), headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """The response for a problem. Its `instance` is the request's id, which is also in the log."""
    body: dict[str, Any] = {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": f"urn:request:{request_id.get()}",
        "errors": [problem.as_dict() for problem in errors],
    }
    answer = HttpResponse(
        orjson.dumps(body), status=kind.status, content_type=PROBLEM_TYPE, headers=dict(headers or {})
    )
    answer.headers["Cache-Control"] = "no-store"
    answer.problem_kind = kind  # type: ignore[attr-defined]
    return answer


def is_problem(response: HttpResponseBase) -> bool:
    """Whether the response was made by `problem_answer`."""
    return hasattr(response, "problem_kind")


def problem_response(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """The REST framework's exception handler. Returns None for a bug, which Django then logs and answers with 500."""
    problem = _as_problem(error)
    if problem is None:
        return None
    return problem_answer(problem.kind, problem.detail, problem.errors, problem.headers)


def _as_problem(error: Exception) -> HttpProblem | None:
    if isinstance(error, HttpProblem):
        return error
    if isinstance(error, Refused):
        return HttpProblem("refused", errors=error.problems)
    if isinstance(error, RequestDataTooBig):
        return HttpProblem("too-large")
    if isinstance(error, LengthRequired):
        return HttpProblem("length-required")
    if isinstance(error, MalformedChunks):
        return HttpProblem("malformed-request", str(error))
    if isinstance(error, CompressedChunks):
        return HttpProblem("unsupported-media-type", "A compressed body is not unpacked: send it as it is.")
    if isinstance(error, SuspiciousOperation):
        return HttpProblem("malformed-request", str(error))
    if isinstance(error, Http404):
        return HttpProblem("not-found")
    if isinstance(error, PermissionDenied):
        return HttpProblem("forbidden", str(error))
    if isinstance(error, OperationalError | InterfaceError):
        log.error("The database did not answer", exc_info=error)
        return HttpProblem("unavailable", headers={"Retry-After": "5"})
    if isinstance(error, exceptions.APIException):
        return _from_framework(error)
    return None


def _from_framework(error: exceptions.APIException) -> HttpProblem:
    """The problem for an exception that the REST framework raises while it reads a request."""
    headers = {}
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        headers["WWW-Authenticate"] = getattr(error, "auth_header", 'Bearer realm="PooledCare"')
    return HttpProblem(kind_for(error.status_code).slug, str(error.detail), headers=headers)
