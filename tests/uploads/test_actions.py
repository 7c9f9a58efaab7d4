"""What each action on an upload writes down, by whom, and what it leaves behind when it is refused or fails."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import uuid
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from budgets.models import Allocation
from pooledcare.directory.access import system_actor
from pooledcare.directory.models import AuditEvent, Change
from pooledcare.kernel.problems import Problem, Refused
from pooledcare.uploads import actions, kinds, queueing, receiving, tasks
from pooledcare.uploads.models import Upload, UploadStatus
from pooledcare.uploads.terms import UploadState
from tests import factories
from tests.uploads.sending import PUBLISHED, Desk, rows

pytestmark = pytest.mark.django_db

ONE = "2024-25,QXM,nhs-core,allocation,1000.00,recurrent,"
NOW = dt.datetime(2024, 6, 3, 12, 0, tzinfo=dt.UTC)
WHILE = dt.timedelta(minutes=7)


@pytest.fixture
def desk(settings) -> Desk:
    settings.UPLOAD_LEASE = WHILE
    factories.stream(code="nhs-core")
    return Desk(factories.organisation(code="QXM", opened=dt.date(2013, 4, 1)))


@pytest.fixture
def rung(monkeypatch) -> list[int]:
    """The uploads of which the worker was told."""
    told: list[int] = []
    monkeypatch.setattr(tasks.work_upload, "delay", told.append)
    return told


def refusal(function: Any, **arguments: Any) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        function(**arguments)
    return [(problem.code, problem.message) for problem in refused.value.problems]


def waiting(desk: Desk, state: str, **fields: Any) -> Upload:
    values = {
        "state": state,
        "channel": "page",
        "accepted_actor": "",
        "accepted_at": None,
        "prepared_actor": desk.officer.reference,
        "prepared_by": desk.officer.person,
    }
    return factories.upload(organisation=desk.organisation, **values | fields)


def audited(upload: Upload, action: str) -> tuple[str, str, str, str]:
    event = AuditEvent.objects.get(action=action)
    return event.actor, event.subject, event.sentence, event.organisation


def kept() -> list[str]:
    return default_storage.listdir("")[1] if default_storage.exists("") else []


# ── Receiving ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_said_about_a_file_is_kept_with_its_fingerprint(desk, rung, django_capture_on_commit_callbacks):
    content = rows(ONE)
    with time_machine.travel(NOW, tick=False), django_capture_on_commit_callbacks(execute=True):
        upload = desk.receive(content, profile="nhse-icb-allocations", complete=True)
        assert rung == []
    upload = Upload.objects.get(pk=upload.pk)
    assert (upload.kind, upload.profile, upload.complete, upload.published_on, upload.channel) == (
        "allocations",
        "nhse-icb-allocations",
        True,
        PUBLISHED,
        "page",
    )
    assert (upload.size, upload.sha256) == (len(content), hashlib.sha256(content.encode()).hexdigest())
    assert (upload.prepared_by, upload.prepared_actor) == (desk.officer.person, desk.officer.reference)
    assert (upload.organisation, upload.state, upload.lease_token) == (desk.organisation, "received", None)
    assert (upload.prepared_at, upload.lease_until) == (NOW, NOW + WHILE)
    assert (upload.accepted_by, upload.accepted_actor, upload.version) == (None, "", 1)
    assert kept() == [upload.stored_name]
    assert rung == [upload.pk]
    (step,) = upload.history.all()
    assert (step.state, step.actor) == ("received", desk.officer.reference)
    assert audited(upload, "upload.received") == (
        desk.officer.reference,
        f"upload:{upload.reference}",
        f"{upload.reference} (allocations): received.",
        "QXM",
    )


def test_a_file_of_a_reference_load_rings_nobody_and_may_have_our_own_layout(
    desk, rung, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        upload = desk.receive(
            rows(ONE), channel="reference", profile="pooledcare-figures", by=system_actor("load"), published_on=None
        )
    assert (upload.profile, upload.prepared_by, upload.prepared_actor, rung) == (
        "pooledcare-figures",
        None,
        "system:load",
        [],
    )


def test_a_layout_of_another_kind_is_unknown(desk):
    assert refusal(desk.receive, content=rows(ONE), profile="nothing") == [
        ("UNKNOWN_PROFILE", "There is no layout called “nothing”")
    ]
    assert desk.receive(rows(ONE), profile="").profile == ""


@pytest.mark.parametrize(("more", "is_refused"), [(-1, False), (0, True), (1, True)])
def test_a_file_must_be_smaller_than_the_limit(desk, settings, more, is_refused):
    settings.UPLOAD_MAX_BYTES = 2 * 1024 * 1024
    content = b"x" * (settings.UPLOAD_MAX_BYTES + more)
    if is_refused:
        assert refusal(desk.receive, content=content) == [
            ("FILE_TOO_LARGE", "The selected file must be smaller than 2MB")
        ]
    else:
        assert desk.receive(content).size == len(content)


STANDS = {"received", "reading", "needs_layout", "checked", "ready", "awaiting_second_person", "accepting", "accepted"}


@pytest.mark.parametrize("state", UploadState.values)
def test_the_same_bytes_are_refused_while_an_upload_of_them_stands(desk, state):
    with time_machine.travel(NOW):
        earlier = desk.receive(rows(ONE))
    Upload.objects.filter(pk=earlier.pk).update(state=state)
    if state not in STANDS:
        assert desk.receive(rows(ONE)).pk != earlier.pk
        return
    with pytest.raises(Refused) as refused:
        desk.receive(rows(ONE))
    (problem,) = refused.value.problems
    assert (problem.code, problem.value, problem.message, problem.fix) == (
        "DUPLICATE_FILE",
        earlier.reference,
        f"The same file was already uploaded on 3 June 2024 as {earlier.reference}",
        f"Use {earlier.reference}, or abandon or reverse it first.",
    )
    assert kept() == [earlier.stored_name]


def test_the_same_bytes_of_others_or_of_another_kind_are_another_file(desk):
    digest = hashlib.sha256(rows(ONE).encode()).hexdigest()
    for fields in (
        {"organisation": factories.organisation(), "sha256": digest},
        {"organisation": desk.organisation, "sha256": digest, "kind": "agreements"},
        {"organisation": desk.organisation, "sha256": "0" * 64},
    ):
        factories.upload(**fields)
    assert desk.receive(rows(ONE)).sha256 == digest


OPEN = STANDS - {"accepted"}


@pytest.mark.parametrize("state", UploadState.values)
def test_only_open_uploads_of_the_organisation_itself_keep_others_back(desk, settings, state):
    settings.UPLOAD_MAX_OPEN = 1
    waiting(desk, "accepted")
    factories.upload(organisation=factories.organisation(), state="ready", accepted_actor="")
    waiting(desk, state)
    if state in OPEN:
        assert refusal(desk.receive, content=rows(ONE)) == [
            ("TOO_MANY_OPEN", f"{desk.organisation.name} already has 1 open uploads")
        ]
    else:
        assert desk.receive(rows(ONE)).state == "received"


def test_a_date_of_publication_is_judged_by_the_day_in_england(desk):
    """At half past eleven in the evening by Greenwich it is already tomorrow in England in summer."""
    with time_machine.travel(dt.datetime(2024, 6, 3, 23, 30, tzinfo=dt.UTC)):
        assert desk.receive(rows(ONE), published_on=dt.date(2024, 6, 4)).published_on == dt.date(2024, 6, 4)
        assert [code for code, _ in refusal(desk.receive, content="x", published_on=dt.date(2024, 6, 5))] == [
            "PUBLISHED_IN_FUTURE"
        ]


@pytest.mark.parametrize("name", ["record", "UploadStatus"])
def test_bytes_that_no_upload_comes_to_point_at_are_taken_away_again(desk, monkeypatch, name):
    """Whichever of the lines cannot be written: the row of the upload is undone with them."""

    def broken(*_: Any, **__: Any) -> None:
        raise IntegrityError("broken")

    if name == "record":
        monkeypatch.setattr(actions, "record", broken)
    else:
        monkeypatch.setattr(UploadStatus.objects, "create", broken)
    with pytest.raises(IntegrityError):
        desk.receive(rows(ONE))
    assert (Upload.objects.count(), kept()) == (0, [])


def test_nothing_is_stored_of_a_file_that_is_refused(desk):
    desk.receive(rows(ONE), published_on=None)
    before = kept()
    for fields in (
        {"content": rows(ONE)},
        {"content": "x", "profile": "nothing"},
        {"content": "x", "by": desk.approver},
    ):
        refusal(desk.receive, **fields)
    assert kept() == before


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), RuntimeError("broken"), KeyboardInterrupt()])
def test_whatever_goes_wrong_while_storing_leaves_no_bytes_and_is_told_as_it_is(db, error):
    with pytest.raises(type(error)) as raised, receiving.stored(io.BytesIO(b"abc")) as name:
        with default_storage.open(name) as file:
            assert file.read() == b"abc"
        raise error
    assert raised.value is error
    assert kept() == []


def test_what_is_stored_stays_when_all_goes_well(db):
    with receiving.stored(io.BytesIO(b"abc")) as name:
        assert uuid.UUID(name).hex == name
    assert kept() == [name]


# ── Telling the worker ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_that_the_broker_did_not_take_leaves_a_running_worker_alone(desk, monkeypatch, caplog):
    """The sweep is to send at once what nobody works on; what somebody works on keeps its lease."""

    def away(*_: Any) -> None:
        raise OSError("no broker")

    monkeypatch.setattr(tasks.work_upload, "delay", away)
    token = uuid.uuid4()
    free = waiting(desk, "received", lease_until=NOW)
    held = waiting(desk, "received", lease_until=NOW, lease_token=token)
    other = waiting(desk, "received", lease_until=NOW)
    for upload in (free, held):
        queueing._send(upload.pk)
    assert list(Upload.objects.order_by("pk").values_list("lease_until", flat=True)) == [None, NOW, NOW]
    assert f"The broker did not take the message about UP-{free.pk}" in caplog.text
    assert other.lease_until == NOW


# ── Accepting ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_yes_is_written_down_with_who_gave_it_and_the_worker_is_told(desk, rung, django_capture_on_commit_callbacks):
    upload = waiting(desk, "awaiting_second_person", attempts=4, progress=77, lease_until=None)
    with time_machine.travel(NOW, tick=False), django_capture_on_commit_callbacks(execute=True):
        moved = actions.accept_upload(upload=upload, by=desk.approver)
    assert rung == [upload.pk]
    stored = Upload.objects.get(pk=upload.pk)
    for one in (moved, stored):
        assert (one.state, one.accepted_by, one.accepted_actor, one.accepted_at) == (
            "accepting",
            desk.approver.person,
            desk.approver.reference,
            None,
        )
        assert (one.second_person_waived, one.attempts, one.progress) == (False, 0, 0)
        assert (one.lease_token, one.lease_until, one.version) == (None, NOW + WHILE, 2)
    assert audited(upload, "upload.accepting") == (
        desk.approver.reference,
        f"upload:{upload.reference}",
        f"{upload.reference} (allocations): being accepted.",
        "QXM",
    )


@pytest.mark.parametrize(("waives", "kind"), [(True, "allocations"), (True, "agreements"), (False, "allocations")])
def test_a_waiver_is_written_down_only_where_it_holds(desk, waives, kind):
    """It is the kind and the organisation that waive, whoever accepts."""
    desk.organisation.waives_second_person = waives
    desk.organisation.save()
    upload = waiting(desk, "ready", kind=kind)
    moved = actions.accept_upload(upload=upload, by=desk.approver)
    assert moved.second_person_waived is (waives and kind == "allocations")


def test_agreements_are_accepted_by_a_second_person_even_where_figures_are_not(desk):
    desk.organisation.waives_second_person = True
    desk.organisation.save()
    both = factories.actor(factories.member(organisation=desk.organisation, roles=["governance_lead"]))
    upload = waiting(desk, "ready", kind="agreements", prepared_actor=both.reference, prepared_by=both.person)
    assert [code for code, _ in refusal(actions.accept_upload, upload=upload, by=both)] == ["FOUR_EYES"]
    figures = factories.actor(
        factories.member(organisation=desk.organisation, roles=["finance_officer", "finance_approver"])
    )
    upload = waiting(desk, "ready", prepared_actor=figures.reference, prepared_by=figures.person)
    assert actions.accept_upload(upload=upload, by=figures).second_person_waived


@pytest.mark.parametrize("state", ["accepting", "accepted"])
def test_a_second_click_of_the_same_person_changes_nothing_and_rings_nobody(
    desk, rung, state, django_capture_on_commit_callbacks
):
    upload = waiting(
        desk, state, accepted_actor=desk.approver.reference, accepted_by=desk.approver.person, version=9, attempts=2
    )
    with django_capture_on_commit_callbacks(execute=True):
        again = actions.accept_upload(upload=upload, by=desk.approver)
    assert (again.state, again.version, again.attempts, rung) == (state, 9, 2, [])
    assert AuditEvent.objects.count() == 0
    other = factories.actor(factories.member(organisation=desk.organisation, roles=["finance_approver"]))
    assert [code for code, _ in refusal(actions.accept_upload, upload=upload, by=other)] == ["ALREADY_ACCEPTED"]


def test_what_was_accepted_by_the_same_person_and_then_reversed_is_not_accepted_again(desk):
    upload = waiting(
        desk, "reversed", accepted_actor=desk.approver.reference, accepted_by=desk.approver.person, kind="allocations"
    )
    assert refusal(actions.accept_upload, upload=upload, by=desk.approver) == [
        ("WRONG_STATE", f"{upload.reference} cannot be accepted: it is reversed")
    ]


def test_a_step_is_judged_by_the_upload_as_it_is_and_not_as_it_was_seen(desk):
    for step, seen, by in (
        (actions.accept_upload, "ready", desk.approver),
        (actions.abandon_upload, "ready", desk.officer),
        (actions.retry_upload, "failed", desk.officer),
    ):
        upload = waiting(desk, seen)
        Upload.objects.filter(pk=upload.pk).update(state="abandoned")
        assert [code for code, _ in refusal(step, upload=upload, by=by)] == ["WRONG_STATE"]


# ── Abandoning and trying again ──────────────────────────────────────────────────────────────────────────────────────


def test_an_abandoned_upload_says_who_set_it_aside(desk):
    upload = waiting(desk, "ready")
    assert actions.abandon_upload(upload=upload, by=desk.approver).state == "abandoned"
    assert audited(upload, "upload.abandoned") == (
        desk.approver.reference,
        f"upload:{upload.reference}",
        f"{upload.reference} (allocations): abandoned.",
        "QXM",
    )
    assert refusal(actions.abandon_upload, upload=waiting(desk, "ready"), by=factories.actor(factories.person()))


def test_what_failed_is_tried_again_as_if_for_the_first_time(desk, rung, django_capture_on_commit_callbacks):
    upload = waiting(
        desk,
        "failed",
        attempts=5,
        failure="RuntimeError",
        accepted_by=desk.approver.person,
        accepted_actor=desk.approver.reference,
        second_person_waived=True,
        lease_token=uuid.uuid4(),
    )
    with time_machine.travel(NOW, tick=False), django_capture_on_commit_callbacks(execute=True):
        actions.retry_upload(upload=upload, by=desk.officer)
    upload = Upload.objects.get(pk=upload.pk)
    assert (upload.state, upload.attempts, upload.failure) == ("received", 0, "")
    assert (upload.accepted_by, upload.accepted_actor, upload.second_person_waived) == (None, "", False)
    assert (upload.lease_token, upload.lease_until, rung) == (None, NOW + WHILE, [upload.pk])
    assert audited(upload, "upload.received")[::2] == (
        desk.officer.reference,
        f"{upload.reference} (allocations): received.",
    )
    assert refusal(actions.retry_upload, upload=upload, by=desk.officer) == [
        ("WRONG_STATE", f"{upload.reference} did not fail: it is received")
    ]
    assert refusal(actions.retry_upload, upload=waiting(desk, "failed"), by=desk.approver)[0][0] == "NOT_ALLOWED"


# ── Reversing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_reversal_says_who_did_it_when_and_why_and_tells_the_change_feed(desk):
    upload = desk.put(rows(ONE))
    with time_machine.travel(NOW, tick=False):
        moved = actions.reverse_upload(upload=upload, by=desk.approver, reason=" The draft of March \n")
    assert (moved.state, moved.reversed_at) == ("reversed", NOW)
    step = moved.history.last()
    assert (step.state, step.actor, step.note) == ("reversed", desk.approver.reference, "The draft of March")
    assert audited(upload, "upload.reversed") == (
        desk.approver.reference,
        f"upload:{upload.reference}",
        f"{upload.reference} (allocations): reversed.",
        "QXM",
    )
    change = Change.objects.get(event="reversed")
    assert (change.resource, change.reference, change.counts) == (
        "allocations",
        upload.reference,
        {"restored": 0, "withdrawn": 1},
    )


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"reason": " "}, "REQUIRED"), ({"reason": "x", "by": "officer"}, "NOT_ALLOWED")],
)
def test_a_reversal_that_is_refused_leaves_the_figures_alone(desk, fields, code):
    upload = desk.put(rows(ONE))
    by = getattr(desk, fields.pop("by", "approver"))
    assert [one for one, _ in refusal(actions.reverse_upload, upload=upload, by=by, **fields)] == [code]
    assert Allocation.objects.get(is_current=True).withdrawn is False
    assert Upload.objects.get().state == "accepted"


def test_what_stands_on_an_upload_is_asked_once_its_figures_are_locked(desk, monkeypatch):
    """Otherwise another upload could come to stand on them in between."""
    upload = desk.put(rows(ONE))
    monkeypatch.setattr(kinds, "_BLOCKERS", [])
    steps = kinds.kind("allocations").steps
    asked: list[str] = []
    lock = steps.lock
    monkeypatch.setattr(steps, "lock", lambda locked: asked.append("lock") or lock(locked))
    kinds.block_reversal(
        "allocations", lambda _: asked.append("blockers") or [Problem("DRAWN_ON", "A pool draws on it")]
    )
    kinds.block_reversal("agreements", lambda _: [Problem("OF_ANOTHER_KIND", "Nothing to do with it")])
    assert refusal(actions.reverse_upload, upload=upload, by=desk.approver, reason="x") == [
        ("DRAWN_ON", "A pool draws on it")
    ]
    assert asked == ["lock", "blockers"]


def test_an_upload_is_locked_alone_and_not_with_its_organisation(desk):
    """Uploads of one organisation would otherwise wait for each other, and for changes of the organisation."""
    upload = waiting(desk, "ready")
    with CaptureQueriesContext(connection) as queries:
        locked = actions._locked(upload)
        assert locked.organisation == desk.organisation
    (query,) = [one["sql"] for one in queries.captured_queries]
    assert query.endswith('FOR UPDATE OF "uploads_upload"')
