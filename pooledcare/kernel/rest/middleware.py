"""Makes errors under /api/ that happen outside a view of the API into problems too."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from pooledcare.kernel.rest.catalogue import kind_for
from pooledcare.kernel.rest.problems import is_problem, problem_answer

API_PREFIX = "/api/"
KEPT = ("Allow", "Retry-After", "WWW-Authenticate")


class ProblemMiddleware:
    """Replaces the body of an error page by problem+json, with the same status and the headers that clients need."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code < 400 or not request.path_info.startswith(API_PREFIX) or is_problem(response):
            return response
        kind = kind_for(response.status_code)
        kept = {name: response.headers[name] for name in KEPT if name in response.headers}
        return problem_answer(kind, kind.meaning, headers=kept)
