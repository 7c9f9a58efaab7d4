"""Asking the API as another system would: a client, and what an answer that is a problem must be."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.test import Client

from pooledcare.directory.models import Organisation, User
from tests import factories

JSON = "application/json"
PROBLEM = "application/problem+json"


class Api:
    """A client of the API: addresses below /api/v1, a key or none."""

    def __init__(self, token: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def request(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> HttpResponse:
        path = path if path.startswith("/api") else f"/api/v1{path}"
        return self.client.generic(method, path, headers={**self.headers, **(headers or {})}, **more)

    def get(self, path: str, headers: dict[str, str] | None = None) -> HttpResponse:
        return self.request("GET", path, headers)

    def results(self, path: str) -> list[dict[str, Any]]:
        answer = self.get(path)
        assert answer.status_code == 200, answer.content
        return answer.json()["results"]

    def csv(self, path: str) -> str:
        answer = self.get(path, {"Accept": "text/csv"})
        assert answer.status_code == 200, getattr(answer, "content", b"")
        return b"".join(answer.streaming_content).decode()

    def post(
        self, path: str, body: Any = b"", headers: dict[str, str] | None = None, form: bool = False
    ) -> HttpResponse:
        path = path if path.startswith("/api") else f"/api/v1{path}"
        content_type = {} if form else {"content_type": JSON}
        return self.client.post(path, body, headers={**self.headers, **(headers or {})}, **content_type)


def key(person: User, organisation: Organisation | None, *permissions: str) -> str:
    organisation = organisation or person.memberships.get().organisation
    return factories.api_key(created_by=person, organisation=organisation, permissions=list(permissions))[1]


def assert_problem(answer: HttpResponse, status: int, kind: str) -> dict[str, Any]:
    """The answer is a problem of that kind, whole and well formed."""
    assert answer.status_code == status, answer.content[:500]
    assert answer.headers["Content-Type"] == PROBLEM
    body = answer.json()
    assert set(body) == {"type", "title", "status", "detail", "instance", "errors"}
    assert body["status"] == status
    assert body["type"].endswith(f"/api/errors/{kind}/"), body
    assert body["instance"] == f"urn:request:{answer.headers['X-Request-ID']}"
    return body
