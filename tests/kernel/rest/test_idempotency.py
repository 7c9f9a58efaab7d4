"""A repeated POST has one effect: what is part of the key, what is kept, what is locked, and for how long."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import threading
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse

from pooledcare.directory.models import IdempotencyRecord
from pooledcare.directory.tasks import tidy_up
from pooledcare.kernel.rest import idempotency
from pooledcare.kernel.rest.idempotency import fingerprint_of, once, sha256_of
from pooledcare.kernel.rest.problems import HttpProblem
from tests.kernel.rest.conftest import FACTORY, drf, refusal

BODY = {"kind": "allocations", "rows": [{"amount": "1.00", "note": "a"}], "complete": False}


def as_json(body: Any = BODY, *, path: str = "/api/v1/things/", method: str = "POST", **meta: str) -> Any:
    raw = body if isinstance(body, str) else json.dumps(body)
    return drf(FACTORY.generic(method, path, raw, content_type="application/json", **meta))


def as_form(fields: Any = None, *, path: str = "/api/v1/things/", content: bytes = b"1.00", **file: Any) -> Any:
    sent = SimpleUploadedFile(file.get("name", "figures.csv"), content, file.get("content_type", "text/csv"))
    body = {"kind": "allocations", "complete": "true", **(fields or {}), file.get("field", "file"): sent}
    return drf(FACTORY.post(path, body, format="multipart"))


# ── The fingerprint ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "other",
    [
        lambda: as_json(method="PUT"),
        lambda: as_json(path="/api/v1/other/"),
        lambda: as_json(path="/api/v1/things/?dry=true"),
        lambda: as_json({**BODY, "kind": "budgets"}),
        lambda: as_json({**BODY, "complete": True}),
        lambda: as_json({**BODY, "complete": 0}),
        lambda: as_json({**BODY, "complete": None}),
        lambda: as_json({**BODY, "complete": "false"}),
        lambda: as_json({**BODY, "more": ""}),
        lambda: as_json({"kind": "allocations", "complete": False}),
        lambda: as_json({**BODY, "rows": [{"amount": "1.01", "note": "a"}]}),
        lambda: as_json({**BODY, "rows": [{"amount": "1.00", "note": "b"}]}),
        lambda: as_json({**BODY, "rows": [{"amount": "1.00", "remark": "a"}]}),
        lambda: as_json({**BODY, "rows": [{"amount": "1.00", "note": "a"}] * 2}),
        lambda: as_json({**BODY, "rows": [{"amount": 1, "note": "a"}]}),
        lambda: as_json({**BODY, "rows": [[["amount", "1.00"], ["note", "a"]]]}),
        lambda: as_json({**BODY, "rows": [{"note": {"amount": "1.00"}}]}),
        lambda: as_json([BODY]),
        lambda: as_form(),
    ],
)
def test_another_method_path_query_or_body_is_another_request(other):
    assert fingerprint_of(other()) != fingerprint_of(as_json())


def test_the_order_of_a_list_is_part_of_the_request_and_that_of_an_object_is_not():
    assert fingerprint_of(as_json({"rows": ["a", "b"]})) != fingerprint_of(as_json({"rows": ["b", "a"]}))
    assert fingerprint_of(as_json('{"a": 1, "b": {"c": [{"d": 1, "e": 2}], "f": 2}}')) == fingerprint_of(
        as_json('{ "b":{"f":2,"c":[{"e":2, "d":1}]}, "a":1.0 }')
    )


def test_the_query_is_part_of_the_request_as_it_was_sent():
    found = {
        fingerprint_of(as_json(path=f"/api/v1/things/{query}")) for query in ("", "?a=1", "?a=2", "?a=1&b=2", "?b=1")
    }
    assert len(found) == 5


@pytest.mark.parametrize(
    "other",
    [
        lambda: as_form(path="/api/v1/other/"),
        lambda: as_form(path="/api/v1/things/?dry=true"),
        lambda: as_form({"kind": "budgets"}),
        lambda: as_form({"complete": "false"}),
        lambda: as_form({"complete": ["true", "true"]}),
        lambda: as_form({"more": ""}),
        lambda: as_form(content=b"2.00"),
        lambda: as_form(content=b"1.000"),
        lambda: as_form(name="other.csv"),
        lambda: as_form(field="paper"),
    ],
)
def test_another_field_or_file_of_a_form_is_another_request(other):
    assert fingerprint_of(other()) != fingerprint_of(as_form())


def test_values_of_a_repeated_field_count_in_their_order():
    assert fingerprint_of(as_form({"a": ["1", "2"]})) != fingerprint_of(as_form({"a": ["2", "1"]}))
    assert fingerprint_of(as_form({"a": "1", "b": "2"})) == fingerprint_of(as_form({"b": "2", "a": "1"}))


def test_the_same_form_sent_again_is_the_same_request_whatever_its_boundary():
    part = b'--%b\r\nContent-Disposition: form-data; name="kind"\r\n\r\nallocations\r\n'
    file = b'--%b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n1.00\r\n'
    sent = [
        drf(
            FACTORY.generic(
                "POST",
                "/api/v1/things/",
                b"".join(one % boundary for one in parts) + b"--%b--\r\n" % boundary,
                content_type=f"multipart/form-data; boundary={boundary.decode()}",
            )
        )
        for boundary, parts in ((b"first", (part, file)), (b"second", (file, part)))
    ]
    assert sent[0].data["kind"] == "allocations"
    assert len({fingerprint_of(request) for request in sent}) == 1
    assert fingerprint_of(as_form()) == fingerprint_of(as_form())
    assert fingerprint_of(as_form(content_type="application/octet-stream")) == fingerprint_of(as_form())


def test_a_form_without_a_file_is_not_the_same_as_one_with_an_empty_one():
    fields = {"kind": "allocations"}
    without = drf(FACTORY.post("/api/v1/things/", fields, format="multipart"))
    also = drf(FACTORY.post("/api/v1/things/", {**fields, "file": SimpleUploadedFile("a", b"")}, format="multipart"))
    assert fingerprint_of(without) != fingerprint_of(also)


def test_several_files_count_each_under_its_name_and_in_no_order(settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2

    def send(**contents: bytes) -> str:
        files = {name: SimpleUploadedFile("a.csv", content) for name, content in contents.items()}
        return fingerprint_of(drf(FACTORY.post("/api/v1/things/", files, format="multipart")))

    assert send(one=b"1", two=b"2") == send(two=b"2", one=b"1")
    assert len({send(one=b"1", two=b"2"), send(one=b"2", two=b"1"), send(one=b"1"), send(two=b"2")}) == 4


def test_the_digest_of_a_file_is_of_all_its_bytes_and_leaves_it_at_its_beginning():
    content = bytes(range(256)) * 1024
    file = SimpleUploadedFile("a.csv", content)
    file.seek(5)
    assert sha256_of(file) == hashlib.sha256(content).hexdigest()
    assert file.read() == content
    assert sha256_of(SimpleUploadedFile("a.csv", content[:-1] + b"x")) != sha256_of(
        SimpleUploadedFile("a.csv", content)
    )


def test_a_digest_computed_while_the_file_was_received_is_believed():
    file = SimpleUploadedFile("a.csv", b"1.00")
    file.sha256 = "f" * 64
    assert sha256_of(file) == "f" * 64


# ── The key ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", ["a", "!", "~", "a" * 255, 'x-"1"'])
@pytest.mark.django_db
def test_a_key_of_up_to_255_visible_characters_is_accepted(key):
    assert ask(key=key).content == b"1"


@pytest.mark.parametrize("key", [None, "", "a" * 256, " ", "a b", "a\x7f", "a\n", "\u00e9"])
def test_any_other_key_is_refused_before_anything_is_done(key):
    problem = refusal(lambda: ask(key=key))
    assert problem.kind.slug == "idempotency-key-missing"


# ── Once ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Counter:
    """An effect that answers how often it was had."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> HttpResponse:
        self.count += 1
        answer = HttpResponse(str(self.count), status=201, content_type="application/json")
        for name, value in (("Location", "http://x/1/"), ("ETag", '"1"'), ("X-Other", "not kept")):
            answer.headers[name] = value
        return answer


def ask(respond: Any = None, *, key: str | None = "k", client: str = "key:a", **more: Any) -> HttpResponse:
    meta = {} if key is None else {"HTTP_IDEMPOTENCY_KEY": key}
    return once(as_json(**more, **meta), client, respond or Counter())


@pytest.mark.django_db
def test_the_first_answer_is_kept_and_given_again_without_its_effect():
    effect = Counter()
    first, again, third = ask(effect), ask(effect), ask(effect)
    assert effect.count == 1
    assert "Idempotent-Replayed" not in first.headers
    for answer in (again, third):
        assert (answer.status_code, answer.content) == (201, b"1")
        assert dict(answer.headers) == {
            "Content-Type": "application/json",
            "Location": "http://x/1/",
            "ETag": '"1"',
            "Idempotent-Replayed": "true",
        }
    record = IdempotencyRecord.objects.get()
    assert (record.client, record.route, record.key) == ("key:a", "/api/v1/things/", "k")
    assert (record.status, record.body) == (201, "1")
    assert record.headers == {"Content-Type": "application/json", "Location": "http://x/1/", "ETag": '"1"'}
    assert record.fingerprint == fingerprint_of(as_json())


@pytest.mark.django_db
def test_text_in_an_answer_and_headers_that_it_has_not_come_back_as_they_were():
    first = ask(lambda: HttpResponse("£5 – é", status=202, content_type="text/plain; charset=utf-8"))
    again = ask()
    assert (again.status_code, again.content) == (202, first.content)
    assert dict(again.headers) == {"Content-Type": "text/plain; charset=utf-8", "Idempotent-Replayed": "true"}


@pytest.mark.django_db
@pytest.mark.parametrize("other", [{"client": "key:b"}, {"key": "K"}, {"path": "/api/v1/other/"}])
def test_another_client_key_or_path_has_an_effect_of_its_own(other):
    effect = Counter()
    assert ask(effect).content == b"1"
    answer = ask(effect, **other)
    assert (answer.content, effect.count) == (b"2", 2)
    assert "Idempotent-Replayed" not in answer.headers
    assert IdempotencyRecord.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "other",
    [{"path": "/api/v1/things/?dry=true"}, {"method": "PUT"}, {"body": {**BODY, "kind": "budgets"}}, {"body": {}}],
)
def test_the_same_key_with_another_query_method_or_body_is_refused_without_effect(other):
    effect = Counter()
    ask(effect)
    assert refusal(lambda: ask(effect, **other)).kind.slug == "idempotency-key-reused"
    assert (effect.count, IdempotencyRecord.objects.count()) == (1, 1)
    assert ask(effect).headers["Idempotent-Replayed"] == "true"


@pytest.mark.django_db
def test_a_corrected_file_of_the_same_size_is_not_answered_with_the_old_upload():
    def send(content: bytes) -> HttpResponse:
        request = as_form(content=content)
        request._request.META["HTTP_IDEMPOTENCY_KEY"] = "k"
        return once(request, "key:a", effect)

    effect = Counter()
    send(b"1234.50")
    assert refusal(lambda: send(b"1243.50")).kind.slug == "idempotency-key-reused"
    assert send(b"1234.50").headers["Idempotent-Replayed"] == "true"
    assert effect.count == 1


@pytest.mark.django_db
@pytest.mark.parametrize("error", [HttpProblem("refused"), ZeroDivisionError()])
def test_what_failed_leaves_neither_an_answer_nor_half_of_its_effect(error):
    def fail() -> HttpResponse:
        IdempotencyRecord.objects.create(client="half", route="done", key="k")
        raise error

    with pytest.raises(type(error)):
        ask(fail)
    assert IdempotencyRecord.objects.count() == 0
    answer = ask()
    assert answer.content == b"1"
    assert "Idempotent-Replayed" not in answer.headers


@pytest.mark.django_db
def test_an_answer_that_cannot_be_kept_undoes_its_effect():
    def respond() -> HttpResponse:
        IdempotencyRecord.objects.create(client="half", route="done", key="k")
        return HttpResponse(b"\xff")

    with pytest.raises(UnicodeDecodeError):
        ask(respond)
    assert IdempotencyRecord.objects.count() == 0


# ── Two at once ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def underway(db):
    """The same request on another connection, held between its effect and its answer, and then interrupted."""
    inside, go_on = threading.Event(), threading.Event()
    errors: list[BaseException] = []

    def respond() -> HttpResponse:
        inside.set()
        assert go_on.wait(20)
        raise ZeroDivisionError

    def run() -> None:
        try:
            ask(respond)
        except ZeroDivisionError as error:
            errors.append(error)
        finally:
            ended.set()
            assert leave.wait(20)
            connection.close()

    ended, leave = threading.Event(), threading.Event()
    thread = threading.Thread(target=run)
    thread.start()
    assert inside.wait(20)

    def interrupt() -> None:
        go_on.set()
        assert ended.wait(20)
        assert len(errors) == 1

    yield interrupt
    interrupt()
    leave.set()
    thread.join(20)
    assert not thread.is_alive()


def test_a_repeat_while_the_first_is_underway_is_told_to_wait_and_has_no_effect(underway):
    effect = Counter()
    problem = refusal(lambda: ask(effect))
    assert (problem.kind.slug, problem.headers) == ("in-progress", {"Retry-After": "1"})
    assert refusal(lambda: ask(effect, body={})).kind.slug == "in-progress"
    assert effect.count == 0
    for other in ({"client": "key:b"}, {"key": "K"}, {"path": "/api/v1/other/"}):
        assert "Idempotent-Replayed" not in ask(effect, **other).headers
    assert effect.count == 3


def test_when_the_first_was_interrupted_its_repeat_has_the_effect_although_the_connection_lives_on(underway):
    underway()
    effect = Counter()
    assert ask(effect).content == b"1"
    assert ask(effect).headers["Idempotent-Replayed"] == "true"


def test_the_lock_lasts_beyond_the_answer_to_the_end_of_its_transaction(second, monkeypatch):
    ask()
    monkeypatch.setattr(idempotency, "connection", second)
    problem = refusal(lambda: idempotency._claim("key:a", "/api/v1/things/", "k"))
    assert problem.kind.slug == "in-progress"


# ── How long an answer is kept ───────────────────────────────────────────────────────────────────────────────────────

KEPT = dt.timedelta(days=7)
TICK = dt.timedelta(microseconds=1)
NOW = dt.datetime(2026, 5, 8, 12, tzinfo=dt.UTC)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("age", "is_kept"),
    [(dt.timedelta(0), True), (KEPT - TICK, True), (KEPT, True), (KEPT + TICK, False), (2 * KEPT, False)],
)
def test_an_answer_is_forgotten_when_it_is_more_than_a_week_old(age, is_kept):
    assert settings.IDEMPOTENCY_KEEP == KEPT
    effect = Counter()
    with time_machine.travel(NOW - age, tick=False):
        ask(effect)
    with time_machine.travel(NOW, tick=False):
        tidy_up()
        again = ask(effect)
    assert again.headers.get("Idempotent-Replayed") == ("true" if is_kept else None)
    assert effect.count == (1 if is_kept else 2)
    assert IdempotencyRecord.objects.count() == 1
