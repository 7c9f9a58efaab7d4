"""What is raised, and how each exception becomes an answer."""

from __future__ import annotations

import json
import logging

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from rest_framework import exceptions

from pooledcare.kernel.context import request_id
from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.kernel.rest.catalogue import KINDS
from pooledcare.kernel.rest.problems import (
    HttpProblem,
    body_problem,
    is_problem,
    problem_answer,
    problem_response,
)


def many(count: int) -> list[Problem]:
    return [Problem(f"C{n}", f"Sentence {n}.") for n in range(count)]


def test_a_problem_says_its_detail_or_its_first_three_errors_or_what_its_kind_means():
    assert HttpProblem("refused", "Not now.", errors=many(1)).detail == "Not now."
    assert HttpProblem("refused", errors=many(2)).detail == "Sentence 0. Sentence 1."
    assert HttpProblem("refused", errors=many(4)).detail == "Sentence 0. Sentence 1. Sentence 2."
    assert HttpProblem("refused").detail == KINDS["refused"].meaning
    problem = HttpProblem("refused", "Not now.", errors=iter(many(4)), headers={"A": "b"})
    assert (problem.kind, problem.errors, problem.headers) == (KINDS["refused"], many(4), {"A": "b"})
    assert str(problem) == "Not now."
    assert (HttpProblem("refused").errors, HttpProblem("refused").headers) == ([], {})


def test_one_field_of_a_body_is_named():
    field = body_problem("rows.0", "BAD", "Not so.", "x")
    assert (field.kind.slug, field.errors) == ("invalid-body", [Problem("BAD", "Not so.", Where(field="rows.0"), "x")])
    assert body_problem("", "BAD", "Not so.").errors == [Problem("BAD", "Not so.")]


@pytest.fixture
def _in_request():
    token = request_id.set("r-1")
    yield
    request_id.reset(token)


@pytest.mark.usefixtures("_in_request")
def test_the_answer_has_every_part(settings):
    settings.PUBLIC_URL = "https://pooled.example"
    errors = [Problem("C", "Wrong.", Where(field="a"), "x", "Mend it.", "warning")]
    answer = problem_answer(KINDS["refused"], "Not now.", errors, {"Retry-After": "5"})
    assert json.loads(answer.content) == {
        "type": "https://pooled.example/api/errors/refused/",
        "title": "This cannot be done now",
        "status": 409,
        "detail": "Not now.",
        "instance": "urn:request:r-1",
        "errors": [
            {
                "code": "C",
                "message": "Wrong.",
                "severity": "warning",
                "where": {"field": "a"},
                "value": "x",
                "fix": "Mend it.",
            }
        ],
    }
    assert answer.status_code == 409
    assert dict(answer.headers) == {
        "Content-Type": "application/problem+json",
        "Retry-After": "5",
        "Cache-Control": "no-store",
    }
    assert is_problem(answer)
    assert not is_problem(HttpResponse(status=409))
    assert json.loads(problem_answer(KINDS["refused"], "x").content)["errors"] == []


CHALLENGE = {"WWW-Authenticate": 'Bearer realm="PooledCare"'}


RETRY = {"Retry-After": "1"}


def challenged(header: str) -> exceptions.APIException:
    error = exceptions.NotAuthenticated("Who?")
    error.auth_header = header
    return error


@pytest.mark.parametrize(
    ("error", "slug", "detail", "headers"),
    [
        (HttpProblem("in-progress", "Wait.", headers=RETRY), "in-progress", "Wait.", RETRY),
        (RequestDataTooBig("x"), "too-large", None, {}),
        (SuspiciousOperation("odd host"), "malformed-request", "odd host", {}),
        (Http404("secret"), "not-found", None, {}),
        (PermissionDenied("You may not."), "forbidden", "You may not.", {}),
        (PermissionDenied(), "forbidden", None, {}),
        (OperationalError("10.0.0.1"), "unavailable", None, {"Retry-After": "5"}),
        (InterfaceError("10.0.0.1"), "unavailable", None, {"Retry-After": "5"}),
        (exceptions.ParseError("Odd form."), "malformed-request", "Odd form.", {}),
        (exceptions.NotAuthenticated("Who?"), "authentication-required", "Who?", CHALLENGE),
        (exceptions.AuthenticationFailed("No."), "authentication-required", "No.", CHALLENGE),
        (challenged("Other"), "authentication-required", "Who?", {"WWW-Authenticate": "Other"}),
        (exceptions.PermissionDenied("No."), "forbidden", "No.", {}),
        (exceptions.NotFound("None."), "not-found", "None.", {}),
        (exceptions.MethodNotAllowed("PUT", "No PUT."), "method-not-allowed", "No PUT.", {}),
        (exceptions.NotAcceptable("No XML."), "not-acceptable", "No XML.", {}),
        (exceptions.UnsupportedMediaType("a/b", "No a/b."), "unsupported-media-type", "No a/b.", {}),
        (exceptions.Throttled(detail="Slow."), "rate-limit-exceeded", "Slow.", {}),
        (exceptions.APIException("Ours."), "internal-error", "Ours.", {}),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_each_exception_becomes_its_own_kind_of_answer(error, slug, detail, headers):
    answer = problem_response(error, {})
    body = json.loads(answer.content)
    assert body["type"] == KINDS[slug].type
    assert answer.status_code == body["status"] == KINDS[slug].status
    assert body["detail"] == (KINDS[slug].meaning if detail is None else detail)
    kept = {name: value for name, value in answer.headers.items() if name not in ("Content-Type", "Cache-Control")}
    assert kept == headers


def test_a_refusal_keeps_every_reason():
    answer = problem_response(Refused(many(4)), {})
    assert answer.status_code == 409
    assert [error["code"] for error in json.loads(answer.content)["errors"]] == ["C0", "C1", "C2", "C3"]


@pytest.mark.parametrize("error", [ZeroDivisionError(), DatabaseError(), ValueError("x")])
def test_a_fault_of_ours_is_left_to_be_logged(error):
    assert problem_response(error, {}) is None


def test_a_database_that_is_away_is_written_into_the_log(caplog):
    error = OperationalError("connection refused")
    with caplog.at_level(logging.ERROR, "pooledcare.kernel.rest.problems"):
        problem_response(error, {})
    [record] = caplog.records
    assert (record.getMessage(), record.exc_info[1]) == ("The database did not answer", error)
