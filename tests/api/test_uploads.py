"""Uploads over the API: received once, followed, accepted by a second person, and attacked in every way we know."""

from __future__ import annotations

import errno
import json
import threading
import time
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from pooledcare.directory.models import Change, IdempotencyRecord
from pooledcare.directory.tasks import tidy_up
from pooledcare.kernel.tabular import SheetOut, safe_xlsx
from pooledcare.uploads import pipeline, queueing
from pooledcare.uploads.models import Upload
from tests import factories
from tests.asking import Api, assert_problem
from tests.world import World

HEADING = "financial_year,organisation,stream,basis,amount,recurrence,note\n"
GOOD = HEADING + "2024-25,QMS,nhs-core,budget,1234.50,recurrent,ours\n"
BAD = HEADING + "2024-25,QMS,nhs-core,budget,about 300,recurrent,=1+1\n"


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests do the worker's part themselves."""
    monkeypatch.setattr(queueing, "_send", lambda upload_id: None)


def send(api: Api, text: str = GOOD, *, key: str = "one", name: str = "figures.csv", **fields: Any) -> Any:
    file = SimpleUploadedFile(name, text.encode())
    body = {"file": file, "kind": "allocations", "published_on": "2024-05-01", **fields}
    return api.post("/uploads/", body, {"Idempotency-Key": key}, form=True)


def received(api: Api, text: str = GOOD, **more: Any) -> str:
    """The reference of an upload that the worker has read."""
    answer = send(api, text, **more)
    assert answer.status_code == 202, answer.content
    reference = answer.json()["reference"]
    pipeline.work(int(reference.removeprefix("UP-")))
    return reference


def step(api: Api, reference: str, name: str, tag: str | None = None, body: Any = b"") -> Any:
    headers = {} if tag is None else {"If-Match": tag}
    return api.post(f"/uploads/{reference}/{name}/", body, headers)


def test_an_upload_is_received_followed_accepted_and_read_back(world: World):
    officer, approver = world.api("officer"), world.api("approver")
    answer = send(officer)
    assert answer.status_code == 202
    reference = answer.json()["reference"]
    assert answer.headers["Location"] == f"http://localhost:8000/api/v1/uploads/{reference}/"
    assert answer.json()["state"] == "received"
    pipeline.work(int(reference.removeprefix("UP-")))
    shown = approver.get(f"/uploads/{reference}/")
    assert shown.json()["state"] in ("ready", "awaiting_second_person"), shown.json()
    assert shown.json()["counts"]["new"] == 1
    accepted = step(approver, reference, "accept", shown.headers["ETag"])
    assert accepted.status_code == 202, accepted.content
    pipeline.work(int(reference.removeprefix("UP-")))
    after = officer.get(f"/uploads/{reference}/").json()
    assert after["state"] == "accepted"
    assert after["version"] > shown.json()["version"]
    (figure,) = world.api().results(f"/allocations/?upload={reference}")
    assert (figure["amount"], figure["source"], figure["lineage"]["file"]) == ("1234.50", "QMS", "figures.csv")
    changes = world.api().results("/changes/?after=0")
    assert [change["reference"] for change in changes] == [reference]
    assert changes[0]["links"]["allocations"].endswith(f"/allocations/?upload={reference}")
    assert world.api().results(f"/changes/?after={changes[0]['sequence']}") == []


def test_an_upload_links_to_what_its_kind_brings(world: World):
    for kind in ("allocations", "agreements", "schemes"):
        factories.upload(organisation=world.icb.organisation, kind=kind)
    root = "http://localhost:8000/api/v1"
    officer = world.api("officer")
    for shown in officer.results("/uploads/"):
        links, reference = shown["links"], shown["reference"]
        own = set(links) - {"self", "organisation", "problems", "page"}
        if shown["kind"] == "allocations":
            assert (own, links["allocations"]) == ({"allocations"}, f"{root}/allocations/?upload={reference}")
        else:
            assert (own, links["agreements"]) == ({"agreements"}, f"{root}/agreements/")
        assert officer.get(f"/uploads/{reference}/").json()["links"] == links


def test_an_accepted_upload_is_reversed_with_a_reason(world: World):
    officer, approver = world.api("officer"), world.api("approver")
    reference = received(officer)
    step(approver, reference, "accept", "*")
    pipeline.work(int(reference.removeprefix("UP-")))
    for body in ("{}", '{"reason": ""}', '{"reason": 5}', '{"reason": "a", "state": "x"}', "[]", '"x"'):
        assert_problem(step(approver, reference, "reverse", "*", body), 400, "invalid-body")
    assert_problem(step(officer, reference, "reverse", "*", '{"reason": "wrong file"}'), 403, "forbidden")
    tag = approver.get(f"/uploads/{reference}/").headers["ETag"]
    assert step(approver, reference, "reverse", tag, '{"reason": "wrong file"}').json()["state"] == "reversed"
    assert_problem(step(approver, reference, "reverse", "*", '{"reason": "again"}'), 409, "refused")
    assert world.api().results(f"/allocations/?upload={reference}") == []


def test_an_upload_is_abandoned(world: World):
    reference = received(world.api("officer"))
    assert step(world.api("officer"), reference, "abandon", "*").json()["state"] == "abandoned"
    assert_problem(step(world.api("officer"), reference, "abandon", "*"), 409, "refused")


def test_problems_are_listed_cell_by_cell_as_json_and_csv(world: World):
    officer = world.api("officer")
    reference = received(officer, BAD)
    assert officer.get(f"/uploads/{reference}/").json()["state"] == "refused"
    (problem,) = officer.results(f"/uploads/{reference}/problems/?severity=error")
    assert (problem["row"], problem["column"], problem["value"]) == (2, "E", "about 300")
    text = officer.csv(f"/uploads/{reference}/problems/")
    assert text.startswith("severity,code,message,fix,sheet,row,column,column_name,value\r\n")
    assert "about 300" in text


@pytest.mark.parametrize("address", ["/uploads/rows/", "/uploads/"])
def test_rows_as_json_go_through_the_same_pipeline(world: World, address: str):
    officer = world.api("officer")
    row = {
        "financial_year": "2024-25",
        "organisation": "QMS",
        "stream": "nhs-core",
        "basis": "budget",
        "amount": "-5.25",
        "note": "=cmd|' /C calc'!A0, \"quoted\"",
    }
    body = json.dumps({"kind": "allocations", "rows": [row], "complete": False})
    answer = officer.post(address, body, {"Idempotency-Key": "rows"})
    assert answer.status_code == 202, answer.content
    upload = Upload.objects.get(pk=int(answer.json()["reference"].removeprefix("UP-")))
    pipeline.work(upload.pk)
    shown = officer.get(f"/uploads/{upload.reference}/").json()
    assert shown["problem_count"] == 0, officer.csv(f"/uploads/{upload.reference}/problems/")
    step(world.api("approver"), upload.reference, "accept", "*")
    pipeline.work(upload.pk)
    (figure,) = officer.results(f"/allocations/?upload={upload.reference}")
    assert (figure["amount"], figure["note"]) == ("-5.25", row["note"])


def test_a_number_beside_an_amount_is_a_note_where_the_sender_says_so(world: World):
    row = {"financial_year": "2024-25", "organisation": "QMS", "stream": "nhs-core", "basis": "budget", "amount": "1"}
    body = json.dumps({"kind": "allocations", "rows": [row | {"note": "234"}]})
    answer = world.api("officer").post("/uploads/rows/", body, {"Idempotency-Key": "rows"})
    upload = Upload.objects.get(pk=int(answer.json()["reference"].removeprefix("UP-")))
    pipeline.work(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.rows_staged) == ("awaiting_second_person", 1)


def test_a_file_is_not_read_where_rows_are(world: World):
    file = SimpleUploadedFile("figures.csv", GOOD.encode())
    body = {"file": file, "kind": "allocations"}
    answer = world.api("officer").post("/uploads/rows/", body, {"Idempotency-Key": "rows"}, form=True)
    assert_problem(answer, 415, "unsupported-media-type")


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ("{", 400, None),
        ("", 400, None),
        ("[]", 400, None),
        ("null", 400, None),
        ('{"kind": "allocations", "kind": "allocations"}', 400, "kind"),
        ('{"kind": "allocations", "rows": [{"amount": 0.1}]}', 400, None),
        ('{"kind": "allocations", "rows": [{"amount": 1e400}]}', 400, None),
        ('{"kind": "allocations", "rows": [{"amount": NaN}]}', 400, None),
        ('{"kind": "allocations", "rows": [{"amount": -Infinity}]}', 400, None),
        ('{"kind": "allocations", "rows": [{"amount": 5}]}', 400, "rows.0.financial_year"),
        ('{"kind": "allocations", "rows": [{"status": "x"}]}', 400, "rows.0.status"),
        ('{"kind": "allocations", "rows": [5]}', 400, "rows.0"),
        ('{"kind": "allocations", "rows": []}', 400, "rows"),
        ('{"kind": "allocations", "rows": {}}', 400, "rows"),
        ('{"kind": "nothing", "rows": [{}]}', 400, "kind"),
        ('{"rows": [{}]}', 400, "kind"),
        ('{"kind": "allocations", "rows": [{}], "complete": "true"}', 400, "complete"),
        ('{"kind": "allocations", "rows": [{}], "state": "accepted"}', 400, "state"),
        ('{"kind": "allocations", "rows": [{}], "organisation": "QOX"}', 400, "organisation"),
        ('{"kind": "allocations", "rows": [{}], "version": 1}', 400, "version"),
        ('{"kind": "allocations", "rows": [{}], "accepted_by": "me"}', 400, "accepted_by"),
        ('{"kind": "alloc\\u0000ations"}', 400, None),
        ('{"kind": "\\ud800"}', 400, None),
        ('{"kind": ' + "[" * 10_000 + "]" * 10_000 + "}", 400, None),
        ('{"kind": ' + "9" * 5000 + "}", 400, None),
        ('{"kind": 1.5}', 400, None),
        ('{"kind": 1e-400}', 400, None),
        ('{"kind": 1e999999999}', 400, None),
        ('{"kind": 1e' + "9" * 40 + "}", 400, None),
        ('{"kind": "allocations", "rows": [], "complete": 1.0}', 400, "complete"),
        (b'{"kind": "\xff"}', 400, None),
        (b"\xef\xbb\xbf{}", 400, None),
        (" " * (1024 * 1024 + 1), 413, None),
        ('{"kind": "' + "a" * (1024 * 1024) + '"}', 413, None),
    ],
    ids=lambda value: repr(value)[:50],
)
def test_json_that_could_mean_two_things_is_refused(world: World, body: Any, status: int, field: str | None):
    started = time.thread_time()
    answer = world.api("officer").post("/uploads/", body, {"Idempotency-Key": "strict"})
    problem = assert_problem(answer, status, "too-large" if status == 413 else "invalid-body")
    if field is not None:
        assert field in [error["where"]["field"] for error in problem["errors"]]
    assert time.thread_time() - started < 2
    assert not Upload.objects.filter(organisation=world.icb.organisation).exclude(channel="reference").exists()


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/xml",
        "application/json; charset=utf-16",
        "application/x-www-form-urlencoded",
        "text/csv",
        "multipart/form-data; boundary=" + "b" * 500,
    ],
)
def test_a_body_in_another_format_is_refused(world: World, content_type: str):
    answer = world.api("officer").client.post(
        "/api/v1/uploads/",
        b"{}",
        content_type=content_type,
        headers={**world.api("officer").headers, "Idempotency-Key": "a"},
    )
    assert_problem(answer, 415, "unsupported-media-type")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"kind": "nothing"}, "kind"),
        ({"status": "accepted"}, "status"),
        ({"organisation": "QOX"}, "organisation"),
        ({"complete": "yes"}, "complete"),
        ({"complete": ["true", "false"]}, "complete"),
        ({"published_on": "01/05/2024"}, "published_on"),
        ({"published_on": ""}, "published_on"),
        ({"profile": "a" * 81}, "profile"),
        ({"encoding": "utf-8"}, "encoding"),
        ({"financial_year": "2024/25"}, "financial_year"),
        ({"financial_year": "2024"}, "financial_year"),
    ],
)
def test_a_field_of_the_form_that_is_not_accepted_is_named(world: World, fields: dict[str, Any], named: str):
    problem = assert_problem(send(world.api("officer"), **fields), 400, "invalid-body")
    assert problem["errors"][0]["where"]["field"] == named


def test_the_year_of_a_file_that_does_not_say_it_is_a_field_of_the_form(world: World):
    sent = send(world.api("officer"), financial_year="2024-25")
    assert (sent.status_code, sent.json()["financial_year"]) == (202, "2024-25")
    assert send(world.api("officer"), "a\n", key="other").json()["financial_year"] is None


def test_what_the_action_refuses_keeps_its_reason(world: World):
    officer = world.api("officer")
    future = assert_problem(send(officer, published_on="2999-01-01"), 409, "refused")
    assert future["errors"][0]["code"] == "PUBLISHED_IN_FUTURE"
    assert_problem(send(officer, profile="no-such-layout"), 409, "refused")
    assert_problem(send(officer, ""), 400, "invalid-body")
    assert send(officer, key="first").status_code == 202
    twice = assert_problem(send(officer, key="second"), 409, "refused")
    assert twice["errors"][0]["code"] == "DUPLICATE_FILE"


def multipart(world: World, body: bytes, content_type: str = "multipart/form-data; boundary=b") -> Any:
    headers = {**world.api("officer").headers, "Idempotency-Key": "m"}
    return world.api().client.post("/api/v1/uploads/", body, content_type=content_type, headers=headers)


PART = b'--b\r\nContent-Disposition: form-data; name="f%d"\r\n\r\nx\r\n'
FILE = b'--b\r\nContent-Disposition: form-data; name="f%d"; filename="a.csv"\r\n\r\nx\r\n'


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"".join(PART % n for n in range(10_000)) + b"--b--\r\n", "multipart/form-data; boundary=b"),
        (b"".join(FILE % n for n in range(10_000)) + b"--b--\r\n", "multipart/form-data; boundary=b"),
        (FILE % 1 + FILE % 2 + b"--b--\r\n", "multipart/form-data; boundary=b"),
        (b"--b\r\n\r\nx\r\n--b--\r\n", "multipart/form-data"),
        (b"--b\r\n\r\nx\r\n--b--\r\n", "multipart/form-data; boundary=\x01"),
        (b"garbage", "multipart/form-data; boundary=b"),
        (
            b'--b\r\nContent-Disposition: form-data; name="file"\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n'
            b'--c\r\nContent-Disposition: file; filename="a"\r\n\r\nx\r\n--c--\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
        ),
        (
            b"--b\r\nContent-Disposition: form-data; name=" + b"n" * 100_000 + b"\r\n\r\nx\r\n--b--\r\n",
            "multipart/form-data; boundary=b",
        ),
    ],
    ids=[
        "fields",
        "files",
        "two files",
        "no boundary",
        "bad boundary",
        "garbage",
        "nested",
        "long name",
    ],
)
def test_a_hostile_form_is_refused_at_once(world: World, body: bytes, content_type: str):
    started = time.thread_time()
    answer = multipart(world, body, content_type)
    assert answer.status_code == 400, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert time.thread_time() - started < 1


def test_a_file_beyond_the_limit_is_refused_before_it_is_kept(world: World, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    assert_problem(send(world.api("officer"), GOOD * 100), 413, "too-large")
    assert not Upload.objects.filter(channel="api").exists()


def test_a_full_storage_keeps_nothing_and_the_same_request_may_come_again(world: World, monkeypatch):
    def full(*_: object, **__: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "save", full)
        problem = assert_problem(send(world.api("officer"), key="again"), 507, "storage-full")
    assert problem["errors"][0]["message"] == "The selected file could not be uploaded – try again"
    assert not Upload.objects.filter(channel="api").exists()
    assert send(world.api("officer"), key="again").status_code == 202


# ── Who may do it ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_step_asks_for_a_key_then_for_its_organisation_then_for_the_right(world: World):
    reference = received(world.api("officer"))
    for name in ("accept", "abandon", "reverse"):
        assert_problem(step(world.api(), reference, name, "*"), 401, "authentication-required")
        assert_problem(step(world.api("outsider"), reference, name, "*", '{"reason": "x"}'), 404, "not-found")
        body = '{"reason": "x"}' if name == "reverse" else b""
        assert_problem(step(world.api("viewer"), reference, name, "*", body), 403, "forbidden")
    assert_problem(send(world.api(), key="x"), 401, "authentication-required")
    assert_problem(send(world.api("viewer"), key="x"), 403, "forbidden")
    assert_problem(send(world.api("approver"), key="x"), 403, "forbidden")


def test_whoever_prepared_an_upload_cannot_accept_it_with_another_key(world: World):
    from pooledcare.directory.models import Membership
    from tests.asking import key

    Membership.objects.filter(user=world.officer).update(roles=["finance_officer", "finance_approver"])
    reference = received(world.api("officer"))
    second = Api(key(world.officer, world.icb.organisation, "read_unpublished", "accept_allocations"))
    problem = assert_problem(step(second, reference, "accept", "*"), 403, "forbidden")
    assert problem["errors"][0]["code"] == "FOUR_EYES"


def test_an_upload_is_seen_by_its_organisation_only(world: World):
    reference = received(world.api("officer"), BAD)
    assert reference in [upload["reference"] for upload in world.api("viewer").results("/uploads/")]
    assert world.api("outsider").results("/uploads/") == []
    assert "about 300" not in world.api("outsider").csv("/uploads/")
    assert world.api("viewer").results("/uploads/?state=refused&kind=allocations") != []
    assert world.api("viewer").results("/uploads/?state=ready") == []


# ── Seen versions ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_step_needs_the_version_that_was_seen(world: World):
    reference = received(world.api("officer"))
    approver = world.api("approver")
    version = approver.get(f"/uploads/{reference}/").json()["version"]
    assert_problem(step(approver, reference, "accept"), 428, "precondition-required")
    for tag in (f'"{version - 1}"', f'W/"{version - 1}"', '"other"', f'"{version + 1}", "x"', '""'):
        assert_problem(step(approver, reference, "accept", tag), 412, "precondition-failed")
    weakened = f"W/{approver.get(f'/uploads/{reference}/').headers['ETag']}"  # as a proxy does that compresses
    refused = assert_problem(step(approver, reference, "accept", weakened), 412, "weak-entity-tag")
    assert f'send its number in quotes: "{version}"' in refused["detail"]
    for tag in (str(version), '"1', "a b", "", f'"{version}" "2"'):
        assert_problem(step(approver, reference, "accept", tag), 400, "invalid-precondition")
    assert step(approver, reference, "accept", f'"9", "{version}"').status_code == 202
    assert_problem(step(approver, reference, "abandon", f'"{version}"'), 412, "precondition-failed")


def test_an_upload_that_has_not_moved_is_not_sent_again(world: World):
    officer = world.api("officer")
    reference = received(officer)
    tag = officer.get(f"/uploads/{reference}/").headers["ETag"]
    assert officer.get(f"/uploads/{reference}/", {"If-None-Match": tag}).status_code == 304
    Upload.objects.filter(pk=int(reference.removeprefix("UP-"))).update(progress=77)
    assert officer.get(f"/uploads/{reference}/", {"If-None-Match": tag}).status_code == 200


# ── Once only ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", [None, "", "a" * 256, "with space", "\u00e9", "tab\there"])
def test_a_creation_needs_a_key_of_its_own(world: World, key: str | None):
    headers = {} if key is None else {"Idempotency-Key": key}
    body = {"file": SimpleUploadedFile("a.csv", GOOD.encode()), "kind": "allocations"}
    answer = world.api("officer").post("/uploads/", body, headers, form=True)
    assert_problem(answer, 400, "idempotency-key-missing")


def test_a_repeat_gets_the_first_answer(world: World):
    officer = world.api("officer")
    first, again = send(officer), send(officer)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert Upload.objects.filter(channel="api").count() == 1


def test_a_key_used_for_something_else_is_refused(world: World):
    officer = world.api("officer")
    send(officer)
    assert_problem(send(officer, GOOD + "\n"), 422, "idempotency-key-reused")
    assert_problem(send(officer, name="other.csv"), 422, "idempotency-key-reused")
    assert_problem(send(officer, complete="true"), 422, "idempotency-key-reused")


def test_a_key_belongs_to_its_client(world: World):
    assert send(world.api("officer")).status_code == 202
    assert send(world.api("outsider")).json()["organisation"] != "QMS"


def test_what_was_refused_may_be_tried_again_with_the_same_key(world: World):
    officer = world.api("officer")
    assert_problem(send(officer, published_on="2999-01-01"), 409, "refused")
    assert send(officer).status_code == 202


def test_old_answers_and_counts_are_forgotten_by_the_tidy_up(world: World):
    client = f"key:{world.tokens['officer'].split('_')[1]}"

    def counted() -> int:
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from request_count where client = %s", [client])
            return int(cursor.fetchone()[0])

    send(world.api("officer"))
    tidy_up()
    assert (IdempotencyRecord.objects.count(), counted()) == (1, 1)
    IdempotencyRecord.objects.update(created_at="2020-01-01T00:00:00Z")
    with connection.cursor() as cursor:
        cursor.execute("update request_count set window_start = window_start - 7200")
    tidy_up()
    assert (IdempotencyRecord.objects.count(), counted()) == (0, 0)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_twenty_requests_at_once_have_one_effect():
    world = World().with_figures()
    assert world.tokens["officer"]  # made before the threads begin
    answers: list[Any] = []
    start = threading.Barrier(20)

    def attempt() -> None:
        try:
            start.wait()
            answers.append(send(Api(world.tokens["officer"])))
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first = [a for a in answers if a.status_code == 202 and "Idempotent-Replayed" not in a.headers]
    assert len(first) == 1
    assert len(answers) == 20
    for answer in answers:
        if answer.status_code == 409:
            assert_problem(answer, 409, "in-progress")
            assert answer.headers["Retry-After"] == "1"
        else:
            assert (answer.status_code, answer.content) == (202, first[0].content)
    assert Upload.objects.filter(channel="api").count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_many_who_accept_the_same_version_one_does():
    world = World().with_figures()
    reference = received(world.api("officer"))
    tag = world.api("approver").get(f"/uploads/{reference}/").headers["ETag"]
    statuses: list[int] = []
    start = threading.Barrier(12)

    def attempt() -> None:
        try:
            start.wait()
            statuses.append(step(world.api("approver"), reference, "accept", tag).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [202] + [412] * 11
    pipeline.work(int(reference.removeprefix("UP-")))
    assert Change.objects.count() == 1


def test_a_client_sees_only_its_own_unpublished_changes(world: World):
    officer, approver = world.api("officer"), world.api("approver")
    body = {"file": SimpleUploadedFile("draft.csv", GOOD.encode()), "kind": "allocations"}
    reference = officer.post("/uploads/", body, {"Idempotency-Key": "d"}, form=True).json()["reference"]
    pipeline.work(int(reference.removeprefix("UP-")))
    step(approver, reference, "accept", "*")
    pipeline.work(int(reference.removeprefix("UP-")))
    assert [change["reference"] for change in officer.results("/changes/")] == [reference]
    assert world.api().results("/changes/") == []
    assert world.api("outsider").results("/changes/") == []
    assert reference not in world.api("outsider").csv("/changes/")


def test_a_file_in_an_old_encoding_is_read_in_the_one_that_is_stated(world: World):
    officer = world.api("officer")
    content = GOOD.replace(",ours", ",plus £5m").encode("ibm850")
    file = {"file": SimpleUploadedFile("figures.csv", content)}
    reference = received(officer, **file, encoding="ibm850")
    shown = officer.get(f"/uploads/{reference}/").json()
    assert (shown["state"], shown["encoding"]) == ("awaiting_second_person", "ibm850")
    assert shown["encoding_chosen_by"] == shown["prepared_by"]
    assert Upload.objects.get(pk=int(reference.removeprefix("UP-"))).rows_staged == 1
    without = received(officer, key="two", file=SimpleUploadedFile("figures.csv", content + b"\n"))
    (problem,) = officer.get(f"/uploads/{without}/problems/").json()["results"]
    assert problem["fix"].endswith("in the field encoding, which may be windows-1252, ibm850, macintosh, ibm437.")
    recognised = officer.get(f"/uploads/{received(officer, GOOD + chr(10), key='three')}/").json()
    assert (recognised["encoding"], recognised["encoding_chosen_by"]) == ("utf-8", None)


def test_a_workbook_has_no_encoding_to_state(world: World):
    rows = [["2024-25", "QMS", "nhs-core", "budget", "1", "", ""]]
    content = safe_xlsx([SheetOut("Figures", HEADING.strip().split(","), rows)])
    file = {"file": SimpleUploadedFile("figures.xlsx", content), "encoding": "macintosh"}
    reference = received(world.api("officer"), **file)
    (problem,) = world.api("officer").get(f"/uploads/{reference}/problems/").json()["results"]
    assert problem["message"] == "The file is a workbook, but Macintosh was stated as its encoding"
