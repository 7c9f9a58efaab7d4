"""Which answers pages of other sites may read: what is published, asked for without a key."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tests import factories
from tests.asking import Api
from tests.world import World

ORIGIN = {"Origin": "https://elsewhere.example"}
ASKING = {**ORIGIN, "Access-Control-Request-Method": "GET"}


def ask(api: Api, method: str, path: str, headers: dict[str, str], **more: Any) -> HttpResponse:
    """The answer, read to its end: a list as CSV is written while it is read."""
    answer = api.request(method, path, headers, **more)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer


def cors(answer: HttpResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items() if name.lower().startswith("access-control")}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/allocations/", 200),
        ("GET", "/allocations.csv", 200),
        ("GET", "/allocations/?format=csv", 200),
        ("HEAD", "/allocations/", 200),
        ("OPTIONS", "/allocations/", 204),
        ("GET", "/organisations/QMS/", 200),
        ("GET", "/organisations/ZZZ99/", 404),
        ("GET", "/allocations/?odd=1", 400),
        ("GET", "/allocations", 308),
        ("GET", "/nothing/of/the/kind/", 404),
        ("GET", "/api/openapi.yaml", 200),
    ],
)
def test_a_page_of_another_site_reads_what_is_published(world: World, method: str, path: str, status: int):
    answer = ask(Api(), method, path, ORIGIN)
    assert answer.status_code == status
    assert cors(answer) == {
        "access-control-allow-origin": "*",
        "access-control-expose-headers": (
            "Allow, Content-Disposition, ETag, Link, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, "
            "Retry-After, X-Request-ID"
        ),
    }


def test_whether_it_may_does_not_depend_on_its_address(world: World):
    """So that a cache may give the answer to everybody."""
    answer = Api().get("/organisations/")
    assert cors(answer) == cors(Api().get("/organisations/", ORIGIN))
    assert "Origin" not in answer.headers["Vary"]


def test_it_may_read_that_it_has_asked_too_often(world: World, settings):
    settings.API_RATE_ANONYMOUS = 0
    answer = Api().get("/organisations/", ORIGIN)
    assert (answer.status_code, cors(answer)["access-control-allow-origin"]) == (429, "*")
    assert "Retry-After" in cors(answer)["access-control-expose-headers"]


@pytest.mark.parametrize(
    ("method", "path", "status", "headers"),
    [
        ("GET", "/allocations/", 200, {"Authorization": "Bearer {key}"}),
        ("GET", "/allocations", 308, {"Authorization": "Bearer {key}"}),
        ("GET", "/allocations.csv", 200, {"Authorization": "Bearer {key}"}),
        ("GET", "/allocations/", 401, {"Authorization": "Bearer wrong"}),
        ("GET", "/allocations/", 401, {"Authorization": ""}),
        ("GET", "/nothing/of/the/kind/", 404, {"Authorization": "Bearer {key}"}),
        ("GET", "/api/openapi.yaml", 200, {"Authorization": "Bearer {key}"}),
        ("GET", "/uploads/", 401, {}),
        ("GET", "/uploads", 308, {}),
        ("GET", "/uploads.csv", 401, {}),
        ("GET", "/uploads/", 200, {"Authorization": "Bearer {key}"}),
        ("OPTIONS", "/uploads/", 401, ASKING),
        ("POST", "/uploads/", 401, {}),
        ("POST", "/agreements/", 401, {}),
        ("POST", "/law/check/", 400, {}),
        ("PUT", "/allocations/", 405, {}),
        ("GET", "/api/docs/", 200, {}),
        ("GET", "/api/errors/", 200, {}),
        ("GET", "/api/docs/", 200, ASKING),
    ],
)
def test_with_a_key_or_where_one_is_needed_or_to_change_something_it_reads_nothing(
    world: World, method: str, path: str, status: int, headers: dict[str, str]
):
    sent = {name: value.replace("{key}", world.tokens["officer"]) for name, value in headers.items()}
    more: dict[str, Any] = {"content_type": "application/json"} if method == "POST" else {}
    answer = ask(Api(), method, path, {**ORIGIN, **sent}, **more)
    assert answer.status_code == status
    assert cors(answer) == {}


@pytest.mark.parametrize("wanted", ["authorization", "If-None-Match, Authorization", "x-api-key", "if-none-match"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_browser_that_asks_first_is_granted_neither_keys_nor_changes(world: World, wanted: str, method: str):
    headers = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": wanted}
    answer = Api().request("OPTIONS", "/allocations/", {**ORIGIN, **headers})
    assert answer.status_code == 204
    assert cors(answer) == {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET, HEAD, OPTIONS",
        "access-control-allow-headers": "Accept, If-None-Match, X-Request-ID",
        "access-control-max-age": "86400",
    }


def test_a_login_on_the_site_gives_a_page_of_another_site_nothing_more(world: World):
    client = Client()
    factories.log_in(client, world.officer)
    answer = client.get("/api/v1/allocations/", headers=ORIGIN)
    assert cors(answer)["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in cors(answer)
    assert answer.content == Api().get("/allocations/").content
    for page in ("/", "/uploads/", "/allocations/AL-1/", "/account/login/"):
        assert cors(client.get(page, headers=ORIGIN)) == {}
