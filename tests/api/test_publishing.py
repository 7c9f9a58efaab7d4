"""Publishing over the API: figures accepted without a date, and a date that a refused file lacks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from budgets.models import Allocation
from pooledcare.uploads import pipeline, queueing
from pooledcare.uploads.models import Upload
from tests.api.test_uploads import GOOD, received, step
from tests.asking import Api
from tests.world import World

NEXT = GOOD + "2025-26,QMS,nhs-core,budget,70.00,recurrent,ours\n"


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests do the worker's part themselves."""
    monkeypatch.setattr(queueing, "_send", lambda upload_id: None)


@pytest.fixture
def hidden(world: World) -> str:
    """The reference of an accepted upload with two figures that are not published."""
    assert world.stream
    return accepted(world, undated(world.api("officer"), NEXT))


def undated(api: Api, text: str) -> str:
    """The reference of an upload without a date of publication, which the worker has read."""
    body = {"file": SimpleUploadedFile("figures.csv", text.encode()), "kind": "allocations"}
    reference = api.post("/uploads/", body, {"Idempotency-Key": "undated"}, form=True).json()["reference"]
    pipeline.work(int(reference.removeprefix("UP-")))
    return str(reference)


def accepted(world: World, reference: str) -> str:
    assert step(world.api("approver"), reference, "accept", "*").status_code == 202
    pipeline.work(int(reference.removeprefix("UP-")))
    return reference


def publish(api: Api, reference: str, key: str = "publish", **body: Any) -> Any:
    headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
    return api.post(f"/uploads/{reference}/publish/", json.dumps(body).encode(), headers)


def public(world: World) -> list[tuple[str, str]]:
    return [(row["financial_year"], row["amount"]) for row in world.api().results("/allocations/?basis=budget")]


def test_figures_are_published_by_two_clients(world: World, hidden: str):
    answer = publish(world.api("officer"), hidden, published_on="2024-05-03", parts=["nhs-core:2025-26"])
    assert answer.status_code == 202, answer.content
    shape = answer.json()
    assert (shape["publishes"], shape["published_on"], shape["state"]) == (hidden, "2024-05-03", "received")
    assert answer.headers["Location"].endswith(f"/api/v1/uploads/{shape['reference']}/")
    pipeline.work(int(shape["reference"].removeprefix("UP-")))
    assert public(world) == []
    accepted(world, shape["reference"])
    assert public(world) == [("2025-26", "70.00")]
    told = world.api().results("/changes/?after=0")
    assert [(one["event"], one["reference"]) for one in told] == [("published", shape["reference"])]


def test_without_parts_all_are_published(world: World, hidden: str):
    shape = publish(world.api("officer"), hidden, published_on="2024-05-03").json()
    pipeline.work(int(shape["reference"].removeprefix("UP-")))
    accepted(world, shape["reference"])
    assert public(world) == [("2024-25", "1234.50"), ("2025-26", "70.00")]


def test_a_repeat_gets_the_first_answer(world: World, hidden: str):
    first, second = (publish(world.api("officer"), hidden, published_on="2024-05-03") for _ in range(2))
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["reference"] == second.json()["reference"]
    assert second.headers["Idempotent-Replayed"] == "true"
    assert Upload.objects.filter(publishes__isnull=False).count() == 1


@pytest.mark.parametrize(
    ("body", "status", "field", "code"),
    [
        ({}, 400, "published_on", "REQUIRED"),
        ({"published_on": "3 May 2024"}, 400, "published_on", "NOT_ACCEPTED"),
        ({"published_on": "2024-05-03", "parts": []}, 400, "parts", "NOT_ACCEPTED"),
        ({"published_on": "2024-05-03", "parts": "nhs-core:2024-25"}, 400, "parts", "NOT_ACCEPTED"),
        ({"published_on": "2024-05-03", "parts": ["nhs-core"]}, 400, "parts", "NOT_ACCEPTED"),
        ({"published_on": "2024-05-03", "all": True}, 400, "all", "UNKNOWN_FIELD"),
        ({"published_on": "2024-05-03", "parts": ["nhs-core:2023-24"]}, 409, "parts", "UNKNOWN_PART"),
        ({"published_on": "2999-01-01"}, 409, "published_on", "PUBLISHED_IN_FUTURE"),
    ],
)
def test_what_is_wrong_is_named(world: World, hidden: str, body: dict[str, Any], status: int, field: str, code: str):
    answer = publish(world.api("officer"), hidden, **body)
    assert answer.status_code == status, answer.content
    (error,) = answer.json()["errors"]
    assert (error["code"], error["where"]["field"]) == (code, field)
    assert not Upload.objects.filter(publishes__isnull=False).exists()


@pytest.mark.parametrize(("who", "status"), [("", 401), ("outsider", 404), ("viewer", 403), ("approver", 403)])
def test_others_cannot_publish(world: World, hidden: str, who: str, status: int):
    answer = publish(world.api(who), hidden, published_on="2024-05-03")
    assert answer.status_code == status
    assert not Upload.objects.filter(publishes__isnull=False).exists()


def test_a_missing_date_is_given_to_the_file_that_was_refused(world: World):
    assert world.stream
    officer = world.api("officer")
    accepted(world, received(officer))
    reference = undated(officer, GOOD.replace("1234.50", "99.00"))
    shown = officer.get(f"/uploads/{reference}/")
    assert shown.json()["state"] == "refused"
    body = json.dumps({"published_on": "2024-05-03"}).encode()
    headers = {"If-Match": shown.headers["ETag"], "Content-Type": "application/json"}
    answer = officer.post(f"/uploads/{reference}/date/", body, headers)
    assert answer.status_code == 202, answer.content
    assert (answer.json()["state"], answer.json()["published_on"]) == ("received", "2024-05-03")
    assert officer.post(f"/uploads/{reference}/date/", body, headers).status_code == 412
    pipeline.work(int(reference.removeprefix("UP-")))
    accepted(world, reference)
    assert Allocation.objects.get(is_current=True, basis="budget").amount == 99
