"""Saved layouts over the API, and an upload that another system sends, answers and follows."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from pooledcare.uploads import pipeline
from pooledcare.uploads.models import Upload, UploadLayout
from tests import factories
from tests.asking import assert_problem
from tests.world import World

pytestmark = pytest.mark.django_db

NEW = {"kind": "allocations", "name": "Boards", "stated": {"title": "-", "publisher": "-", **factories.LAYOUT}}
TEXT = b"Board,Core services (\xc2\xa3000)\nQMS,5\n"


def key(name: str) -> dict[str, str]:
    return {"Idempotency-Key": name}


@pytest.fixture
def world(db: None) -> World:
    return World().with_figures()


def saved(world: World, **fields: Any) -> str:
    return str(factories.layout(organisation=world.icb.organisation, **fields).layout.reference)


def test_a_layout_is_saved_once_and_read_as_it_was_stated(world: World):
    api = world.api("officer")
    first = api.post("/upload-layouts/", NEW, key("a"))
    again = api.post("/upload-layouts/", NEW, key("a"))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotent-Replayed"] == "true"
    made = first.json()
    assert (made["organisation"], made["name"], made["version"], made["shared"]) == ("QMS", "Boards", 1, False)
    assert made["stated"]["sheets"] == factories.LAYOUT["sheets"]
    assert UploadLayout.objects.count() == 1
    assert api.get(f"/upload-layouts/{made['reference']}/").json() == made


@pytest.mark.parametrize(
    ("change", "status"),
    [({"kind": "schemes"}, 400), ({"stated": "x"}, 400), ({"stated": {"title": "x"}}, 409), ({"name": ""}, 400)],
)
def test_what_is_no_layout_is_refused(world: World, change: dict[str, Any], status: int):
    assert world.api("officer").post("/upload-layouts/", {**NEW, **change}, key("b")).status_code == status
    assert not UploadLayout.objects.exists()


def test_another_organisation_finds_a_layout_only_while_it_is_shared(world: World):
    reference = saved(world)
    theirs, ours = world.api("outsider"), world.api("officer")
    assert theirs.results("/upload-layouts/") == []
    assert_problem(theirs.get(f"/upload-layouts/{reference}/"), 404, "not-found")
    assert ours.post(f"/upload-layouts/{reference}/share/", None, {"If-Match": '"1"'}).status_code == 200
    assert [each["reference"] for each in theirs.results("/upload-layouts/")] == [reference]
    assert theirs.get(f"/upload-layouts/{reference}/").json()["shared"] is True
    assert_problem(theirs.get(f"/upload-layouts/{reference}/versions/"), 404, "not-found")
    assert_problem(theirs.post(f"/upload-layouts/{reference}/retire/", None, {"If-Match": "*"}), 403, "forbidden")
    assert ours.post(f"/upload-layouts/{reference}/retire/", None, {"If-Match": '"2"'}).json()["retired"] is True
    assert_problem(theirs.get(f"/upload-layouts/{reference}/"), 404, "not-found")


def test_a_change_needs_the_version_that_was_seen_and_is_one_more_version(world: World):
    api, reference = world.api("officer"), saved(world)
    body = {"stated": {**NEW["stated"], "unit": 1}}
    assert_problem(api.post(f"/upload-layouts/{reference}/versions/", body), 428, "precondition-required")
    assert_problem(
        api.post(f"/upload-layouts/{reference}/versions/", body, {"If-Match": '"2"'}), 412, "precondition-failed"
    )
    changed = api.post(f"/upload-layouts/{reference}/versions/", body, {"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    told = api.results(f"/upload-layouts/{reference}/versions/")
    assert [(each["version"], each["step"], each["stated"]["unit"]) for each in told] == [
        (1, "saved", 1000),
        (2, "changed", 1),
    ]


def sent(world: World, **fields: str) -> Upload:
    file = SimpleUploadedFile("boards.csv", TEXT)
    answer = world.api("officer").post(
        "/uploads/", {"file": file, "kind": "allocations", **fields}, key(str(factories.number())), form=True
    )
    assert answer.status_code == 202, answer.content
    upload = Upload.objects.get(pk=int(answer.json()["reference"].removeprefix("UP-")))
    pipeline.work(upload.pk)
    upload.refresh_from_db()
    return upload


def test_a_proposal_is_read_answered_and_confirmed(world: World):
    api, upload = world.api("officer"), sent(world)
    assert upload.state == "needs_layout"
    answer = api.get(f"/uploads/{upload.reference}/proposal/")
    asked = answer.json()
    assert (asked["asked"], asked["fitting"]) == ("reading", [])
    assert [each["key"] for each in asked["questions"]] == ["year", "value:basis", "value:recurrence"]
    decide, tag = f"/uploads/{upload.reference}/layout/", {"If-Match": answer.headers["ETag"], **key("boards")}

    assert_problem(api.post(decide, {}, key("boards")), 428, "precondition-required")
    told = api.post(decide, {}, tag)
    assert [each["where"]["field"] for each in told.json()["errors"]] == ["year", "value:basis", "value:recurrence"]
    assert_problem(api.post(decide, {"answers": {"who": "me"}}, tag), 409, "refused")
    assert_problem(world.api("approver").post(decide, {}, tag), 403, "forbidden")
    assert_problem(world.api("outsider").post(decide, {}, tag), 404, "not-found")

    answers = {"year": "2024-25", "value:basis": "allocation", "value:recurrence": "recurrent"}
    confirmed = api.post(decide, {"answers": answers, "name": "By board"}, tag)
    assert confirmed.status_code == 202, confirmed.content
    pipeline.work(upload.pk)
    layout = UploadLayout.objects.get(name="By board")
    shown = api.get(f"/uploads/{upload.reference}/").json()
    assert (shown["state"], shown["profile"]) == ("awaiting_second_person", f"{layout.reference}.1")


def test_a_repeated_confirmation_gets_the_first_answer_and_saves_one_layout(world: World):
    api, upload = world.api("officer"), sent(world)
    answers = {"year": "2024-25", "value:basis": "allocation", "value:recurrence": "recurrent"}
    decide, body = f"/uploads/{upload.reference}/layout/", {"answers": answers, "name": "By board"}
    tag = {"If-Match": f'"{upload.version}"'}
    assert_problem(api.post(decide, body, tag), 400, "idempotency-key-missing")
    assert_problem(api.post(decide, {}, {**tag, **key("once")}), 409, "refused")  # without an effect
    first = api.post(decide, body, {**tag, **key("once")})
    pipeline.work(upload.pk)
    again = api.post(decide, body, {**tag, **key("once")})
    assert (first.status_code, again.status_code, again.content) == (202, 202, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert_problem(api.post(decide, {**body, "name": "B"}, {**tag, **key("once")}), 422, "idempotency-key-reused")
    assert_problem(api.post(decide, body, {**tag, **key("later")}), 412, "precondition-failed")
    assert UploadLayout.objects.count() == 1
    upload.refresh_from_db()
    assert upload.state == "awaiting_second_person"


def test_decisions_can_be_changed_as_a_whole(world: World):
    api, upload = world.api("officer"), sent(world)
    decisions = api.get(f"/uploads/{upload.reference}/proposal/").json()["decisions"]
    values = {"basis": "allocation", "recurrence": "recurrent"}
    body = {"decisions": {**decisions, "year": "2024-25", "unit": "1000", "values": values}}
    assert api.post(f"/uploads/{upload.reference}/layout/", body, {"If-Match": "*", **key("c")}).status_code == 202
    wrong = {"decisions": {**decisions, "sheets": "none"}}
    other = factories.asked(organisation=world.icb.organisation)
    assert_problem(
        api.post(f"/uploads/{other.reference}/layout/", wrong, {"If-Match": "*", **key("d")}), 409, "refused"
    )


def test_a_saved_layout_can_be_named_and_its_missing_year_stated(world: World):
    stated = {**factories.LAYOUT, "sheets": [{"code": "Board", "figures": [
        {"heading": r"Core\ services\ \(£000\)", "stream": world.stream.code}]}]}  # fmt: skip
    reference = saved(world, stated=stated)
    upload = sent(world, layout=reference)
    asked = world.api("officer").get(f"/uploads/{upload.reference}/proposal/").json()
    assert (asked["asked"], asked["fitting"]) == ("year", [f"{reference}.1"])
    body = {"layout": f"{reference}.1", "financial_year": "2024-25"}
    answer = world.api("officer").post(f"/uploads/{upload.reference}/layout/", body, {"If-Match": "*", **key("e")})
    assert answer.status_code == 202
    pipeline.work(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.profile) == ("awaiting_second_person", f"{reference}.1")


def test_nothing_is_asked_about_most_uploads(world: World):
    assert_problem(world.api("officer").get(f"/uploads/{world.upload.reference}/proposal/"), 404, "not-found")
    answer = world.api("officer").post(f"/uploads/{world.upload.reference}/layout/", {}, {"If-Match": "*", **key("f")})
    assert_problem(answer, 404, "not-found")
