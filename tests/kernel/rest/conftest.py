"""Requests as the views see them, made without a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from pooledcare.kernel.rest.parsers import FormParser, StrictJsonParser
from pooledcare.kernel.rest.problems import HttpProblem


@dataclass(frozen=True)
class Somebody:
    """As much of a client as the kernel asks for."""

    reference: str
    is_anonymous: bool = False


FACTORY = APIRequestFactory()


_made: list[HttpRequest] = []


@pytest.fixture(autouse=True)
def _requests_end() -> Iterator[None]:
    """As the server does after an answer: what was received is closed."""
    yield
    while _made:
        _made.pop().close()


def drf(request: HttpRequest) -> Request:
    _made.append(request)
    return Request(request, parsers=[FormParser(), StrictJsonParser()])


def get(path: str = "/api/v1/things/", **meta: str) -> Request:
    return drf(FACTORY.get(path, **meta))


def refusal(call: Callable[[], object]) -> HttpProblem:
    """The problem that the call ends with."""
    with pytest.raises(HttpProblem) as refused:
        call()
    return refused.value
