"""Whatever goes wrong is answered as a problem, with the right status and a page that explains it."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.test import Client

from budgets.api import allocations as budgets_api
from pooledcare.kernel.rest.catalogue import KINDS
from tests.asking import Api, assert_problem, key
from tests.world import World

PRIVATE = ["/uploads/", "/uploads/UP-1/", "/uploads/UP-1/problems/"]
BAD_KEYS = [
    "Bearer",
    "Bearer ",
    "Bearer pc_",
    "Bearer pc_abcdefgh_" + "a" * 43,
    "Bearer " + "x" * 5000,
    "Bearer a b",
    "Bearer eyJhbGciOiJub25lIn0.e30.",
    "Basic dXNlcjpwYXNz",
    "Token abc",
    "bearer",
    "",
    "Bearer pc_ab\u00e9",
    "pc_abcdefgh",
    "Bearer ,Bearer",
]


@pytest.mark.parametrize("path", PRIVATE)
def test_what_is_private_asks_for_a_key_whether_or_not_it_exists(world: World, path: str):
    answer = world.api().get(path)
    assert_problem(answer, 401, "authentication-required")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="PooledCare"'


@pytest.mark.parametrize("header", BAD_KEYS)
@pytest.mark.parametrize("path", ["/allocations/", "/uploads/"])
def test_a_key_that_is_none_is_refused_even_where_none_is_needed(db: None, header: str, path: str):
    answer = Api().get(path, {"Authorization": header})
    assert_problem(answer, 401, "invalid-key")
    assert "invalid_token" in answer.headers["WWW-Authenticate"]


def test_an_expired_a_revoked_and_a_changed_key_are_refused(world: World):
    from pooledcare.directory.models import ApiKey

    token = world.tokens["officer"]
    assert_problem(Api(token[:-1] + ("a" if token[-1] != "a" else "b")).get("/uploads/"), 401, "invalid-key")
    row = ApiKey.objects.get(prefix=token.split("_")[1])
    ApiKey.objects.filter(pk=row.pk).update(expires_at="2020-01-01T00:00:00Z")
    assert_problem(Api(token).get("/uploads/"), 401, "invalid-key")
    ApiKey.objects.filter(pk=row.pk).update(expires_at="2099-01-01T00:00:00Z", revoked_at="2026-01-01T00:00:00Z")
    assert_problem(Api(token).get("/uploads/"), 401, "invalid-key")


@pytest.mark.parametrize("name", ["token", "api_key", "key", "access_token", "authorization"])
def test_a_key_in_the_address_is_ignored(world: World, name: str):
    token = world.tokens["officer"]
    assert_problem(world.api().get(f"/uploads/?{name}={token}"), 401, "authentication-required")


def test_a_login_does_not_count_as_a_key(world: World, client_of):
    answer = client_of(world.officer).get("/api/v1/uploads/")
    assert_problem(answer, 401, "authentication-required")


@pytest.mark.parametrize("path", ["/", "/nothing/", "/nothing", "/allocations/AL-1/nothing/", "/Organisations/", "//"])
def test_an_address_that_is_nothing_is_a_problem_too(world: World, path: str):
    if path == "/":
        assert world.api().get(path).status_code == 200
    else:
        assert_problem(world.api().get(path), 404, "not-found")


@pytest.mark.parametrize("path", ["/api/nothing/", "/api/errors/nothing/", "/api/v2/allocations/", "/api/"])
def test_so_is_one_beside_the_version(db: None, path: str):
    assert_problem(Api().get(path), 404, "not-found")


@pytest.mark.parametrize(
    "path",
    [
        "/allocations/AL-99999999999999999999/",
        "/allocations/AL-0/",
        "/allocations/AL--1/",
        "/allocations/1e3/",
        "/allocations/AL-999999999/",
        "/organisations/ZZZ/",
        "/organisations/QMS%00/",
        "/organisations/..%2f/",
        "/places/nowhere/",
        "/funding-streams/none/",
    ],
)
def test_things_that_do_not_exist_are_not_found(world: World, path: str):
    if "%00" in path:
        assert_problem(world.api().get(path), 400, "malformed-request")
    else:
        assert_problem(world.api().get(path), 404, "not-found")


@pytest.mark.parametrize("reference", ["UP-99999999999999999999", "UP-0", "UP--1", "1e3", "UP-999999", "other"])
def test_uploads_that_do_not_exist_or_are_not_ones_own_look_the_same(world: World, reference: str):
    reference = f"UP-{world.published[0].upload_id}" if reference == "other" else reference
    bodies = [
        assert_problem(world.api("outsider").get(f"/uploads/{reference}/{part}"), 404, "not-found")
        for part in ("", "problems/")
    ]
    assert {body["detail"] for body in bodies} == {KINDS["not-found"].meaning}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "CONNECT", "DISPATCH", "INITIAL"])
@pytest.mark.parametrize("path", ["/allocations/", "/allocations/AL-1/", "/changes/"])
def test_figures_and_history_are_never_changed_by_method(world: World, method: str, path: str):
    answer = world.api("officer").request(method, path)
    assert_problem(answer, 405, "method-not-allowed")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_methods_that_exist_are_told(world: World):
    answer = world.api().request("OPTIONS", "/allocations/")
    assert (answer.status_code, answer.content, answer.headers["Allow"]) == (204, b"", "GET, HEAD, OPTIONS")
    assert world.api("officer").request("OPTIONS", "/uploads/").headers["Allow"] == "GET, POST, HEAD, OPTIONS"


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_no_header_changes_the_method(world: World, header: str):
    assert_problem(world.api().post("/allocations/", b"{}", {header: "GET"}), 405, "method-not-allowed")
    assert world.api().get("/allocations/", {header: "DELETE"}).status_code == 200


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("stream__code=x", "stream__code"),
        ("organisation__regex=(a%2B)%2B$", "organisation__regex"),
        ("ordering=password", "ordering"),
        ("fields=", "fields"),
        ("limit=5", "limit"),
        ("_method=DELETE", "_method"),
        ("basis=budget&basis=outturn", "basis"),
        ("basis=money", "basis"),
        ("basis=", "basis"),
        ("financial_year=2024", "financial_year"),
        ("financial_year=2024-26", "financial_year"),
        ("as_at=2025-13-01", "as_at"),
        ("as_at=2025-02-30", "as_at"),
        ("as_at=20250401", "as_at"),
        ("as_at=2025-04-01T00:00:00Z", "as_at"),
        ("as_at=today", "as_at"),
        ("as_at=\uff12\uff10\uff12\uff15-04-01", "as_at"),
        ("organisation=Q%20L", "organisation"),
        ("reference=AL-0", "reference"),
        ("upload=1", "upload"),
        ("page_size=1&page_size=2", "page_size"),
        ("__proto__=1", "__proto__"),
    ],
)
def test_a_parameter_that_is_not_accepted_is_named(world: World, query: str, field: str):
    body = assert_problem(world.api().get(f"/allocations/?{query}"), 400, "invalid-parameter")
    assert body["errors"][0]["where"]["field"] == field


def test_all_parameters_are_judged_at_once(world: World):
    body = assert_problem(world.api().get("/allocations/?a=1&b=2&basis=x"), 400, "invalid-parameter")
    assert [error["code"] for error in body["errors"]] == ["UNKNOWN_PARAMETER", "UNKNOWN_PARAMETER", "NOT_ACCEPTED"]


@pytest.mark.parametrize("query", ["name=%ff", "name=%00", "name=a%00b", "%ff=1", "name=%c3%28", "name=%0d%0a"])
def test_broken_and_hostile_bytes_in_the_address_are_refused(world: World, query: str):
    answer = world.api().get(f"/organisations/?{query}")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_too_many_parameters_are_refused(world: World):
    query = "&".join(f"p{n}=1" for n in range(51))
    assert_problem(world.api().get(f"/organisations/?{query}"), 400, "malformed-request")
    query = "&".join(f"p{n}=1" for n in range(300))
    assert world.api().get(f"/organisations/?{query}").status_code == 400


@pytest.mark.parametrize("accept", ["application/xml", "*/*;q=0", "text/html", "application/json;q=0", "image/*"])
def test_a_format_that_is_not_offered_is_refused(world: World, accept: str):
    assert_problem(world.api().get("/allocations/", {"Accept": accept}), 406, "not-acceptable")


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/csv", "text/csv"),
        ("text/*", "text/csv"),
        ("text/csv;q=0.4, application/json;q=0.5", "application/json"),
        ("text/csv;q=0.9, application/json;q=0.5", "text/csv"),
        ("application/json;q=0, */*", "text/csv"),
        ("text/html, */*;q=0.1", "application/json"),
    ],
)
def test_the_best_format_of_those_accepted_is_given(world: World, accept: str, expected: str):
    answer = world.api().get("/allocations/", {"Accept": accept})
    assert answer.headers["Content-Type"].startswith(expected)
    assert b"".join(answer)


def test_csv_is_not_offered_for_one_thing(world: World):
    assert_problem(world.api().get("/organisations/QMS/", {"Accept": "text/csv"}), 406, "not-acceptable")
    assert_problem(world.api().get("/allocations/?format=xml"), 406, "not-acceptable")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_the_final_slash_the_method_and_the_body_are_kept(world: World, method: str):
    answer = world.api("officer").request(method, "/uploads?state=ready")
    assert answer.status_code == 308
    assert answer.headers["Location"] == "/api/v1/uploads/?state=ready"


def test_a_host_that_is_not_ours_is_refused_and_what_proxies_claim_is_ignored(world: World):
    assert_problem(world.api().get("/", {"Host": "evil.example"}), 400, "malformed-request")
    answer = world.api().get("/", {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "ftp"})
    assert answer.status_code == 200
    assert b"evil" not in answer.content


def test_a_fault_of_ours_is_a_problem_with_the_number_by_which_we_find_it(world: World, monkeypatch):
    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(budgets_api.listings, "allocations", broken)
    answer = world.api().get("/allocations/")
    body = assert_problem(answer, 500, "internal-error")
    assert "secret" not in str(body)


def test_a_database_that_is_away_is_said_so(world: World, monkeypatch):
    def away(*args: object, **kwargs: object) -> None:
        raise OperationalError("connection refused at 10.0.0.1")

    monkeypatch.setattr(budgets_api.listings, "allocations", away)
    answer = world.api().get("/allocations/")
    body = assert_problem(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] == "5"
    assert "10.0.0.1" not in str(body)


def test_requests_are_counted_down_and_refused_at_the_limit(world: World, settings):
    settings.API_RATE_ANONYMOUS, settings.API_RATE_KEY = 3, 5
    left = [world.api().get("/").headers["RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    answer = world.api().get("/")
    assert_problem(answer, 429, "rate-limit-exceeded")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert answer.headers["RateLimit-Limit"] == "3"
    assert world.api("officer").get("/").headers["RateLimit-Remaining"] == "4"
    assert world.api("approver").get("/").headers["RateLimit-Remaining"] == "4"


def test_guessing_keys_is_counted_against_the_address(world: World, settings):
    settings.API_RATE_ANONYMOUS = 2
    bad = {"Authorization": "Bearer pc_abcdefgh_" + "a" * 43}
    assert [Api().get("/", bad).status_code for _ in range(3)] == [401, 401, 429]
    assert Api().get("/nothing/").status_code == 429


def test_a_new_minute_brings_a_new_allowance(world: World, settings):
    import time_machine

    settings.API_RATE_ANONYMOUS = 1
    with time_machine.travel("2026-05-01T12:00:30Z", tick=False):
        assert [world.api().get("/").status_code for _ in range(2)] == [200, 429]
        assert world.api().get("/").headers["Retry-After"] == "30"
    with time_machine.travel("2026-05-01T12:01:00Z", tick=False):
        assert world.api().get("/").status_code == 200


@pytest.mark.parametrize("slug", sorted(KINDS))
def test_the_address_of_every_kind_of_problem_opens_its_page(client: Client, slug: str, db: None):
    page = client.get(KINDS[slug].type.removeprefix("http://localhost:8000"))
    assert page.status_code == 200
    assert KINDS[slug].meaning[:40] in page.content.decode().replace("&#34;", '"').replace("&#39;", "'")
    assert KINDS[slug].title in client.get("/api/errors/").content.decode()


def test_a_key_without_the_right_to_read_may_not_list_uploads(world: World):
    token = key(world.officer, world.icb.organisation, "upload_allocations")
    assert_problem(Api(token).get("/uploads/"), 403, "forbidden")
