"""The bases of every resource: in which order a request is judged, and what every answer has."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from pooledcare.kernel.chunked import BLOCK
from pooledcare.kernel.rest import parameters as p
from pooledcare.kernel.rest import views
from pooledcare.kernel.rest.authentication import KeyHolder, Public
from pooledcare.kernel.rest.conditional import entity_tag
from pooledcare.kernel.rest.cursors import Cursor, binding, read_cursor, write_cursor
from pooledcare.kernel.rest.listings import Listing, ListingColumn
from pooledcare.kernel.rest.parsers import MOST_BYTES, FormParser
from pooledcare.kernel.rest.problems import HttpProblem
from pooledcare.kernel.rest.schema import Operation
from pooledcare.kernel.rest.views import (
    DetailView,
    ListView,
    ResourceView,
    UnknownPath,
    absolute,
    json_answer,
)
from tests.kernel.rest.conftest import FACTORY, Somebody

pytestmark = pytest.mark.django_db

NOBODY = Somebody("anonymous", is_anonymous=True)
KEYS = {"good": Somebody("key:a"), "other": Somebody("key:b")}
GOOD = {"HTTP_AUTHORIZATION": "Bearer good"}
SITE = "https://pooled.example"


def known(token: str) -> Somebody | None:
    return KEYS.get(token)


@pytest.fixture(autouse=True)
def _site(settings):
    settings.API_AUTHENTICATE = f"{__name__}.known"
    settings.API_ANONYMOUS = f"{__name__}.NOBODY"
    settings.API_RATE_ANONYMOUS, settings.API_RATE_KEY = 30, 50
    settings.PUBLIC_URL = SITE


def operation(*parameters: p.Parameter) -> Operation:
    return Operation(id="x", summary="X", description="X.", answers={}, parameters=parameters)


class Things(ListView):
    """Five numbers, to page through."""

    filename = "things"
    permission_classes = [Public]
    operations = {"GET": operation(p.whole("least", "At least.", least=1, most=9, example=1), *p.LIST)}

    def listing(self, asked: dict[str, Any], **names: str) -> Listing:
        things = Listing((ListingColumn("n", "t.n"),), "generate_series(1, 5) t (n)", ("t.n",))
        assert set(asked) <= {"least"}
        return things.narrowed("t.n >= %s", asked["least"]) if asked else things

    def present(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return {"number": row[0]}


class Thing(DetailView):
    """One number."""

    permission_classes = [Public]
    operations = {"GET": operation(p.flag("big", "In words."))}

    def detail(self, asked: dict[str, Any], **names: str) -> Any:
        return {"name": names["name"], **asked}


class Private(ResourceView):
    """For keys only; may be posted to."""

    permission_classes = [KeyHolder]

    def post(self, request: Any) -> HttpResponse:
        return json_answer({"client": self.client.reference, "got": request.data}, 201)


class Forgotten(ResourceView):
    """Says nothing of who may use it."""

    def get(self, request: Any) -> HttpResponse:
        return json_answer({})


def ask(
    view: type[ResourceView], path: str = "/api/v1/things/", method: str = "GET", data: Any = "", **more: Any
) -> Any:
    names = more.pop("names", {})
    kind = more.pop("content_type", "application/json")
    request = FACTORY.generic(method, path, data, content_type=kind, **more)
    return view.as_view()(request, **names)


def slug(answer: HttpResponseBase) -> str:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return json.loads(answer.content)["type"].rstrip("/").rsplit("/", 1)[1]


def numbers(answer: Any) -> list[int]:
    return [entry["number"] for entry in json.loads(answer.content)["results"]]


# ── How a request is judged ──────────────────────────────────────────────────────────────────────────────────────────


def test_addresses_are_ours_and_json_is_json():
    assert absolute("/api/v1/") == f"{SITE}/api/v1/"
    answer = json_answer({"a": 1}, 202)
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (202, b'{"a":1}', "application/json")
    assert json_answer([]).status_code == 200


def test_every_answer_says_what_is_left_how_long_it_keeps_and_on_what_it_depends():
    answer = ask(Thing, names={"name": "x"})
    assert (answer.status_code, answer.content) == (200, b'{"name":"x"}')
    assert answer.headers["ETag"] == entity_tag(answer.content)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Vary"] == "Accept, Authorization"
    assert (answer.headers["RateLimit-Limit"], answer.headers["RateLimit-Remaining"]) == ("30", "29")
    assert 1 <= int(answer.headers["RateLimit-Reset"]) <= 60
    with_key = ask(Thing, names={"name": "x"}, **GOOD)
    assert (with_key.headers["RateLimit-Limit"], with_key.headers["RateLimit-Remaining"]) == ("50", "49")


def test_a_problem_says_what_is_left_too_and_is_not_stored():
    answer = ask(Thing, "/?odd=1", names={"name": "x"})
    assert slug(answer) == "invalid-parameter"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["RateLimit-Remaining"] == "29"
    assert answer.headers["Vary"] == "Accept, Authorization"


def test_a_bad_key_is_refused_and_counted_against_the_address(settings):
    settings.API_RATE_ANONYMOUS = 2
    bad = {"HTTP_AUTHORIZATION": "Bearer bad"}
    answers = [ask(Thing, names={"name": "x"}, **bad) for _ in range(3)]
    assert [slug(answer) for answer in answers] == ["invalid-key", "invalid-key", "rate-limit-exceeded"]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[2].headers["Retry-After"] == answers[2].headers["RateLimit-Reset"]
    assert ask(Thing, names={"name": "x"}, **GOOD).status_code == 200


def test_the_last_request_of_the_allowance_is_answered_and_the_next_is_not(settings):
    settings.API_RATE_KEY = 2
    assert [ask(Thing, names={"name": "x"}, **GOOD).status_code for _ in range(3)] == [200, 200, 429]
    assert ask(Private, method="PUT", **GOOD).status_code == 429


def test_the_method_is_judged_before_the_key_and_the_key_before_the_format():
    assert slug(ask(Private, method="PUT")) == "method-not-allowed"
    assert slug(ask(Private, method="POST", HTTP_ACCEPT="image/png")) == "authentication-required"
    assert slug(ask(Private, method="POST", HTTP_ACCEPT="image/png", **GOOD)) == "not-acceptable"
    gzip = {"HTTP_CONTENT_ENCODING": "gzip", "HTTP_ACCEPT": "image/png"}
    assert slug(ask(Private, method="POST", **gzip, **GOOD)) == "unsupported-media-type"


def test_a_method_that_is_not_there_is_refused_with_those_that_are():
    answer = ask(Private, method="GET", **GOOD)
    assert (slug(answer), answer.headers["Allow"]) == ("method-not-allowed", "POST, OPTIONS")
    assert ask(Things, method="DELETE").headers["Allow"] == "GET, HEAD, OPTIONS"


def test_the_methods_are_told_whatever_format_is_accepted():
    answer = ask(Things, method="OPTIONS", HTTP_ACCEPT="image/png")
    assert (answer.status_code, answer.content, answer.headers["Allow"]) == (204, b"", "GET, HEAD, OPTIONS")


def test_a_view_that_says_nothing_of_who_may_use_it_is_closed():
    assert slug(ask(Forgotten)) == "authentication-required"
    assert slug(ask(Forgotten, **GOOD)) == "forbidden"


def test_a_body_is_read_as_it_was_sent_and_not_unpacked():
    answer = ask(Private, method="POST", data='{"a": 1}', **GOOD)
    assert (answer.status_code, json.loads(answer.content)) == (201, {"client": "key:a", "got": {"a": 1}})
    assert ask(Private, method="POST", data="{}", HTTP_CONTENT_ENCODING="identity", **GOOD).status_code == 201
    compressed = ask(Private, method="POST", data="{}", HTTP_CONTENT_ENCODING="br", **GOOD)
    assert slug(compressed) == "unsupported-media-type"
    assert json.loads(compressed.content)["detail"] == "A compressed body is not unpacked: send it as it is."
    assert slug(ask(Private, method="POST", data="x", content_type="text/plain", **GOOD)) == "unsupported-media-type"


CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}


class Endless(io.BytesIO):
    """A body that never ends, and counts what was read of it."""

    read_so_far = 0

    def read(self, size: int | None = None) -> bytes:
        assert size
        self.read_so_far += size
        return b" " * size


def ask_in_chunks(body: Any, view: type[ResourceView] = Private, **more: Any) -> Any:
    address = {"REQUEST_METHOD": "POST", "PATH_INFO": "/api/v1/things/", "CONTENT_TYPE": "application/json"}
    source = io.BytesIO(body) if isinstance(body, bytes) else body
    return view.as_view()(WSGIRequest({**address, "wsgi.input": source, **CHUNKED, **GOOD, **more}))


def test_a_body_in_chunks_is_read_like_any_other():
    answer = ask_in_chunks(b'{"a": 1}')
    assert (answer.status_code, json.loads(answer.content)["got"]) == (201, {"a": 1})
    nothing = ask_in_chunks(b"", CONTENT_TYPE="")
    assert (nothing.status_code, json.loads(nothing.content)["got"]) == (201, {})


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"wsgi.input_terminated": False}, "length-required"),
        ({"HTTP_TRANSFER_ENCODING": "gzip, chunked"}, "unsupported-media-type"),
        ({"HTTP_AUTHORIZATION": "Bearer bad"}, "invalid-key"),
        ({"HTTP_ACCEPT": "image/png"}, "not-acceptable"),
        ({}, "too-large"),
        ({"CONTENT_TYPE": "multipart/form-data; boundary=x"}, "too-large"),
    ],
)
def test_a_body_in_chunks_is_refused_before_it_is_read_and_an_endless_one_is_cut_off(more: dict[str, Any], kind: str):
    endless = Endless()
    assert slug(ask_in_chunks(endless, **more)) == kind
    assert endless.read_so_far == (MOST_BYTES + BLOCK if kind == "too-large" else 0)


def test_a_form_in_chunks_may_hold_a_file(settings):
    settings.UPLOAD_MAX_BYTES = 2 * MOST_BYTES
    endless, view = Endless(), type("Forms", (Private,), {"parser_classes": [FormParser]})
    form = {"CONTENT_TYPE": "multipart/form-data; boundary=x"}
    assert slug(ask_in_chunks(endless, view, **form)) == "too-large"
    assert endless.read_so_far == 3 * MOST_BYTES + BLOCK


def test_a_format_in_the_address_is_a_parameter_only_where_there_are_several():
    assert slug(ask(Thing, "/?format=csv", names={"name": "x"})) == "invalid-parameter"
    assert slug(ask(Things, "/?format=xml")) == "not-acceptable"
    for query, more in (("?format=csv", {}), ("", {"HTTP_ACCEPT": "text/csv"})):
        answer = ask(Things, f"/{query}", **more)
        assert answer.headers["Content-Type"].startswith("text/csv")
        assert b"".join(answer.streaming_content).startswith(b"n\r\n1\r\n")
    assert ask(Things, "/?format=json", HTTP_ACCEPT="text/csv").headers["Content-Type"] == "application/json"


def test_a_head_request_has_the_parameters_and_the_headers_of_get_and_no_body():
    got = ask(Thing, "/?big=true", names={"name": "x"})
    head = ask(Thing, "/?big=true", method="HEAD", names={"name": "x"})
    assert json.loads(got.content) == {"name": "x", "big": True}
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(got.content))
    assert head.headers["ETag"] == got.headers["ETag"]
    assert "Content-Length" not in got.headers
    assert slug(ask(Thing, "/?odd=1", names={"name": "x"})) == "invalid-parameter"
    assert ask(Thing, "/?odd=1", method="HEAD", names={"name": "x"}).status_code == 400


def test_one_thing_that_has_not_changed_is_not_sent_again():
    tag = ask(Thing, names={"name": "x"}).headers["ETag"]
    again = ask(Thing, names={"name": "x"}, HTTP_IF_NONE_MATCH=tag)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert ask(Thing, names={"name": "y"}, HTTP_IF_NONE_MATCH=tag).status_code == 200


def test_what_a_base_does_not_know_is_not_found():
    class Bare(DetailView):
        """Nothing of its own."""

        permission_classes = [Public]
        operations = {"GET": operation()}

    class BareList(ListView):
        """Nothing of its own."""

        permission_classes = [Public]
        operations = {"GET": operation(*p.LIST)}

    assert slug(ask(Bare)) == "not-found"
    assert slug(ask(BareList)) == "not-found"
    with pytest.raises(HttpProblem):
        BareList().present(())


# ── Lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def link(cursor: Cursor, query: str, size: int, bound_to: str) -> str:
    return f"{SITE}/api/v1/things/?{query}page_size={size}&cursor={write_cursor(cursor, bound_to).replace(':', '%3A')}"


@pytest.fixture
def _still():
    """Cursors hold the second in which they were signed; it does not pass in the middle of a test."""
    with time_machine.travel("2026-05-01T12:00:00Z", tick=False):
        yield


@pytest.mark.usefixtures("_still")
def test_a_page_has_its_entries_and_the_addresses_of_its_neighbours():
    bound = binding("/api/v1/things/", {}, "anonymous")
    first = ask(Things, "/api/v1/things/?page_size=2")
    following = link(Cursor((2,)), "", 2, bound)
    assert json.loads(first.content) == {
        "results": [{"number": 1}, {"number": 2}],
        "next": following,
        "previous": None,
    }
    assert first.headers["Link"] == f'<{following}>; rel="next"'
    second = ask(Things, following.removeprefix(SITE))
    after, before = link(Cursor((4,)), "", 2, bound), link(Cursor((3,), backwards=True), "", 2, bound)
    assert json.loads(second.content) == {"results": [{"number": 3}, {"number": 4}], "next": after, "previous": before}
    assert second.headers["Link"] == f'<{after}>; rel="next", <{before}>; rel="prev"'
    last = ask(Things, after.removeprefix(SITE))
    back = link(Cursor((5,), backwards=True), "", 2, bound)
    assert json.loads(last.content) == {"results": [{"number": 5}], "next": None, "previous": back}
    assert last.headers["Link"] == f'<{back}>; rel="prev"'
    assert numbers(ask(Things, back.removeprefix(SITE))) == [3, 4]
    assert numbers(ask(Things, before.removeprefix(SITE))) == [1, 2]


def test_a_list_on_one_page_has_no_neighbours():
    answer = ask(Things)
    assert json.loads(answer.content) == {
        "results": [{"number": n} for n in range(1, 6)], "next": None, "previous": None,
    }  # fmt: skip
    assert "Link" not in answer.headers


@pytest.mark.usefixtures("_still")
def test_the_addresses_keep_the_filters_and_the_format_and_the_cursor_is_bound_to_the_filters_alone():
    bound = binding("/api/v1/things/", {"least": "2"}, "key:a")
    answer = ask(Things, "/api/v1/things/?least=2&format=json&page_size=3", **GOOD)
    following = json.loads(answer.content)["next"]
    assert following == link(Cursor((4,)), "least=2&format=json&", 3, bound)
    cursor = parse_qs(urlsplit(following).query)["cursor"][0]
    assert read_cursor(cursor, bound) == Cursor((4,))
    assert numbers(ask(Things, f"/api/v1/things/?least=2&page_size=1&cursor={cursor}", **GOOD)) == [5]
    for path, key in (
        (f"/api/v1/things/?least=3&cursor={cursor}", "good"),
        (f"/api/v1/things/?cursor={cursor}", "good"),
        (f"/api/v1/others/?least=2&cursor={cursor}", "good"),
        (f"/api/v1/things/?least=2&cursor={cursor}", "other"),
    ):
        assert slug(ask(Things, path, HTTP_AUTHORIZATION=f"Bearer {key}")) == "invalid-cursor"
    assert slug(ask(Things, f"/api/v1/things/?least=2&cursor={cursor}")) == "invalid-cursor"


def test_a_page_holds_a_hundred_entries_unless_it_says_otherwise(monkeypatch):
    sizes = []
    monkeypatch.setattr(Listing, "page", lambda self, size, cursor: sizes.append((size, cursor)) or self.none)
    for path in ("/", "/?page_size=7"):
        with pytest.raises(AttributeError):
            Things.as_view()(FACTORY.get(path))
    assert sizes == [(100, None), (7, None)]


def test_a_list_that_has_not_changed_is_not_sent_again_but_its_neighbours_are_still_named():
    first = ask(Things, "/?page_size=5")
    again = ask(Things, "/?page_size=5", HTTP_IF_NONE_MATCH=first.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["ETag"] == entity_tag(first.content)


def test_a_file_is_the_whole_list_under_its_filters():
    for path, expected in (
        ("/?format=csv&page_size=1", ["1", "2", "3", "4", "5"]),
        ("/?format=csv&least=4", ["4", "5"]),
    ):
        answer = ask(Things, path)
        assert answer.headers["Content-Disposition"] == 'attachment; filename="things.csv"'
        text = b"".join(answer.streaming_content).decode()
        assert [row["n"] for row in csv.DictReader(io.StringIO(text, newline=""))] == expected
        assert answer.headers["RateLimit-Limit"] == "30"


def test_a_file_never_begins_in_the_middle():
    answer = ask(Things, "/?format=csv&cursor=x")
    assert slug(answer) == "invalid-cursor"
    assert json.loads(answer.content)["detail"] == "A CSV is the whole list: leave out the cursor."
    assert slug(ask(Things, "/?cursor=x")) == "invalid-cursor"


def test_asking_for_the_headers_of_a_file_does_not_write_it(monkeypatch):
    monkeypatch.setattr(Listing, "export", None)
    answer = ask(Things, "/?format=csv", method="HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"


def test_an_export_takes_a_place_of_its_own_client(monkeypatch):
    clients = []

    def answer(listing: Listing, *, filename: str, client: str) -> HttpResponse:
        clients.append((filename, client))
        return HttpResponse()

    monkeypatch.setattr(views, "csv_answer", answer)
    ask(Things, "/?format=csv", **GOOD)
    ask(Things, "/?format=csv")
    assert clients == [("things", "key:a"), ("things", "anonymous")]


# ── Addresses that are nothing ───────────────────────────────────────────────────────────────────────────────────────


def unknown(path: str, method: str = "GET", **meta: str) -> Any:
    request: HttpRequest = FACTORY.generic(method, path, **meta)
    return UnknownPath.as_view()(request)


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/api/v1/allocations", "/api/v1/allocations/"),
        ("/api/v1/allocations?basis=budget&x=%2F", "/api/v1/allocations/?basis=budget&x=%2F"),
        ("/api/v1/organisations/QSL", "/api/v1/organisations/QSL/"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_an_address_without_its_final_slash_is_sent_on_with_its_query_and_its_method(path, location, method):
    answer = unknown(path, method)
    assert (answer.status_code, answer.headers["Location"]) == (308, location)


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/nothing/", "/api/v1/allocations/AL-1/x", "/api/nothing"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "DELETE", "ODD"])
def test_an_address_that_is_nothing_is_not_found_by_any_method_and_is_counted(path, method):
    answer = unknown(path, method)
    assert slug(answer) == "not-found"
    assert answer.headers["RateLimit-Remaining"] == "29"


def test_so_is_one_that_would_be_something_with_another_slash():
    assert slug(unknown("/api/v1/allocations/")) == "not-found"


def test_looking_for_addresses_is_limited_and_counts_for_the_address_whatever_the_key(settings):
    settings.API_RATE_ANONYMOUS = 1
    assert slug(unknown("/api/v1/nothing/", **GOOD)) == "not-found"
    assert slug(unknown("/api/v1/nothing/", **GOOD)) == "rate-limit-exceeded"
