"""Whatever went wrong outside a view of the API is still answered as a problem."""

from __future__ import annotations

import json

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from pooledcare.kernel.rest.catalogue import KINDS
from pooledcare.kernel.rest.middleware import ProblemMiddleware
from pooledcare.kernel.rest.problems import is_problem, problem_answer


def passed(response: HttpResponse, path: str = "/api/v1/things/") -> HttpResponse:
    return ProblemMiddleware(lambda request: response)(RequestFactory().get(path))


@pytest.mark.parametrize(
    ("status", "slug"), [(400, "malformed-request"), (404, "not-found"), (500, "internal-error"), (503, "unavailable")]
)
def test_an_error_page_becomes_a_problem_with_the_same_status(status, slug):
    answer = passed(HttpResponse("<h1>Traceback</h1>", status=status))
    assert is_problem(answer)
    assert answer.status_code == status
    body = json.loads(answer.content)
    assert (body["type"], body["detail"], body["errors"]) == (KINDS[slug].type, KINDS[slug].meaning, [])


def test_only_what_clients_need_of_the_headers_stays():
    page = HttpResponse(
        status=405, headers={"Allow": "GET", "Retry-After": "5", "WWW-Authenticate": "X", "Set-Cookie": "s"}
    )
    assert dict(passed(page).headers) == {
        "Content-Type": "application/problem+json",
        "Allow": "GET",
        "Retry-After": "5",
        "WWW-Authenticate": "X",
        "Cache-Control": "no-store",
    }


@pytest.mark.parametrize("status", [200, 202, 304, 308, 399])
def test_what_is_no_error_stays_as_it_is(status):
    response = HttpResponse("x", status=status)
    assert passed(response) is response


@pytest.mark.parametrize("path", ["/", "/uploads/", "/apis/", "/api", "/x/api/"])
def test_pages_keep_their_error_pages(path):
    response = HttpResponse("x", status=404)
    assert passed(response, path) is response


def test_a_problem_is_not_made_twice():
    response = problem_answer(KINDS["refused"], "Not now.")
    assert passed(response) is response


def test_the_error_of_the_address_api_itself_is_a_problem():
    assert is_problem(passed(HttpResponse(status=404), "/api/"))
