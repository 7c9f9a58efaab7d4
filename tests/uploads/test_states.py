"""How an upload moves from state to state, what each step writes down, and whose lease it takes to work on it."""

from __future__ import annotations

import datetime as dt
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from pooledcare.directory.access import Actor
from pooledcare.directory.models import AuditEvent, Organisation
from pooledcare.kernel.problems import Refused
from pooledcare.uploads import states
from pooledcare.uploads.models import Upload
from pooledcare.uploads.terms import FOLLOWS, UploadState
from tests import factories

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2024, 5, 3, 12, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
BY = Actor(reference="user:7")
AT_WORK = ["received", "reading", "checked", "accepting"]

# The whole of it once more, so that no step appears or goes by accident.
STEPS = {
    "received": {"reading", "abandoned", "failed"},
    "reading": {"checked", "needs_layout", "refused", "received", "abandoned", "failed"},
    "needs_layout": {"received", "abandoned"},
    "checked": {"ready", "refused", "failed"},
    "ready": {"awaiting_second_person", "accepting", "abandoned", "received"},
    "awaiting_second_person": {"accepting", "abandoned", "ready", "received"},
    "accepting": {"accepted", "refused", "ready", "awaiting_second_person", "failed"},
    "accepted": {"reversed"},
    "refused": {"received"},
    "reversed": set(),
    "abandoned": set(),
    "failed": {"received", "abandoned"},
}


@pytest.fixture
def mereshire(db: None) -> Organisation:
    return factories.organisation(code="QXM")


def waiting(organisation: Organisation, state: str = "received", **fields: Any) -> Upload:
    return factories.upload(organisation=organisation, state=state, accepted_actor="", accepted_at=None, **fields)


def stored(upload: Upload) -> Upload:
    return Upload.objects.get(pk=upload.pk)


# ── One step ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_steps_are_these_and_no_others():
    assert {str(state): {str(after) for after in following} for state, following in FOLLOWS.items()} == STEPS
    assert set(STEPS) == set(UploadState.values)


@pytest.mark.parametrize("state", UploadState.values)
def test_a_step_that_does_not_follow_is_refused_and_changes_nothing(state):
    for to in set(UploadState.values) - STEPS[state]:
        with pytest.raises(Refused) as refused:
            states.move(upload=Upload(pk=5, state=state), to=UploadState(to), by=BY)
        label = UploadState(state).label.lower()
        assert [(one.code, one.message) for one in refused.value.problems] == [("WRONG_STATE", f"UP-5 is {label}.")]


def test_a_step_writes_the_state_a_line_of_history_and_a_line_of_audit(mereshire):
    upload, other = waiting(mereshire, version=4), waiting(mereshire)
    with time_machine.travel(NOW, tick=False):
        moved = states.move(upload=upload, to=UploadState.READING, by=BY, note="At last", attempts=3)
    assert moved is upload
    assert (upload.state, upload.state_at, upload.version, upload.attempts) == ("reading", NOW, 5, 3)
    (step,) = upload.history.all()
    assert (step.state, step.at, step.actor, step.note) == ("reading", NOW, "user:7", "At last")
    event = AuditEvent.objects.get()
    assert (event.actor, event.action, event.subject, event.sentence, event.organisation) == (
        "user:7",
        "upload.reading",
        f"upload:{upload.reference}",
        f"{upload.reference} (allocations): being read.",
        "QXM",
    )
    assert (stored(other).state, stored(other).version) == ("received", 1)


@pytest.mark.parametrize(("state", "to"), [(state, to) for state in STEPS for to in sorted(STEPS[state])])
def test_a_lease_lasts_through_work_and_ends_with_it(mereshire, state, to):
    token, until = uuid.uuid4(), NOW
    upload = waiting(mereshire, state, lease_token=token, lease_until=until, progress_text="Reading")
    states.move(upload=upload, to=UploadState(to), by=BY, rows_read=7)
    assert (upload.rows_read, upload.history.get().at) == (7, upload.state_at)
    kept = (upload.lease_token, upload.lease_until, upload.progress_text)
    assert kept == ((token, until, "Reading") if to in AT_WORK else (None, None, ""))


def moved_by_others(upload: Upload, **fields: Any) -> None:
    Upload.objects.filter(pk=upload.pk).update(**fields)


def test_a_step_from_a_state_that_has_passed_is_refused(mereshire):
    upload = waiting(mereshire, "ready")
    moved_by_others(upload, state="accepting")
    with pytest.raises(Refused) as refused:
        states.move(upload=upload, to=UploadState.ABANDONED, by=BY)
    assert [(one.code, one.message) for one in refused.value.problems] == [
        ("CHANGED_MEANWHILE", f"Somebody else has just changed {upload.reference}. Look again.")
    ]
    assert (stored(upload).state, upload.history.count(), AuditEvent.objects.count()) == ("accepting", 0, 0)


@pytest.mark.parametrize(
    "taken_over",
    [{"lease_token": uuid.uuid4()}, {"lease_token": None}, {"state": "reading"}],
    ids=["by another worker", "by the sweep", "in another state"],
)
def test_a_worker_that_lost_its_lease_takes_no_step(mereshire, taken_over):
    token = uuid.uuid4()
    upload = waiting(mereshire, lease_token=token)
    moved_by_others(upload, **taken_over)
    with pytest.raises(states.LostLease, match=f"^{upload.reference}$"):
        states.move(upload=upload, to=UploadState.READING, by=BY, token=token)
    assert upload.history.count() == AuditEvent.objects.count() == 0


def test_people_need_no_lease_for_a_step(mereshire):
    upload = waiting(mereshire, lease_token=uuid.uuid4())
    assert states.move(upload=upload, to=UploadState.ABANDONED, by=BY).state == "abandoned"


def test_a_step_that_cannot_be_audited_is_not_taken(mereshire, monkeypatch):
    upload = waiting(mereshire)
    monkeypatch.setattr(states, "record", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        states.move(upload=upload, to=UploadState.READING, by=BY)
    assert (stored(upload).state, upload.history.count()) == ("received", 0)


# ── Taking an upload, and sweeping up ────────────────────────────────────────────────────────────────────────────────


ANOTHER = uuid.UUID(int=1)
HELD = [
    (None, None, True),
    (None, NOW + SECOND, True),
    (ANOTHER, None, True),
    (ANOTHER, NOW - SECOND, True),
    (ANOTHER, NOW, False),
    (ANOTHER, NOW + SECOND, False),
]


@pytest.mark.parametrize(("token", "until", "is_free"), HELD)
def test_an_upload_is_taken_when_nobody_holds_it_or_the_lease_ran_out(mereshire, settings, token, until, is_free):
    settings.UPLOAD_LEASE = dt.timedelta(minutes=7)
    upload = waiting(mereshire, lease_token=token, lease_until=until, attempts=2)
    other = waiting(mereshire)
    with time_machine.travel(NOW, tick=False):
        lease = states.take(upload.pk)
    now = stored(upload)
    if not is_free:
        assert lease is None
        assert (now.lease_token, now.lease_until, now.attempts) == (token, until, 2)
        return
    assert lease is not None
    assert (lease.upload.pk, lease.lost) == (upload.pk, False)
    assert (now.lease_token, now.lease_until, now.attempts) == (lease.token, NOW + dt.timedelta(minutes=7), 3)
    assert (lease.upload.lease_token, lease.upload.attempts) == (lease.token, 3)
    assert stored(other).lease_token is None


@pytest.mark.parametrize("state", UploadState.values)
def test_only_what_waits_for_work_is_taken_and_swept(mereshire, state):
    upload = waiting(mereshire, state)
    assert states.due(NOW) == ([upload.pk] if state in AT_WORK else [])
    assert (states.take(upload.pk) is not None) == (state in AT_WORK)


def test_two_workers_have_two_tokens(mereshire):
    first, second = (states.take(waiting(mereshire).pk) for _ in range(2))
    assert first.token != second.token


def test_a_sweep_finds_what_nobody_extends_in_order_and_takes_the_lease_away(mereshire, settings):
    settings.UPLOAD_LEASE = dt.timedelta(minutes=7)
    lost = [waiting(mereshire, lease_token=ANOTHER, lease_until=until) for until in (NOW - SECOND, None, NOW - SECOND)]
    Upload.objects.filter(pk=lost[0].pk).update(filename="written last.csv")
    held = [waiting(mereshire, lease_token=ANOTHER, lease_until=NOW + n * SECOND) for n in (0, 1)]
    assert states.due(NOW) == [upload.pk for upload in lost]
    assert {(stored(one).lease_token, stored(one).lease_until) for one in lost} == {
        (None, NOW + dt.timedelta(minutes=7))
    }
    assert [(stored(one).lease_token, stored(one).lease_until) for one in held] == [
        (ANOTHER, NOW),
        (ANOTHER, NOW + SECOND),
    ]


# ── Holding ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def taken(organisation: Organisation, **fields: Any) -> states.Lease:
    lease = states.take(waiting(organisation, **fields).pk)
    assert lease is not None
    return lease


def test_a_lease_is_extended_with_what_people_see_while_they_wait(mereshire, settings):
    settings.UPLOAD_LEASE = dt.timedelta(minutes=7)
    lease, other = taken(mereshire), waiting(mereshire, lease_token=ANOTHER)
    lease.progress(25, "Reading and checking rows")
    with time_machine.travel(NOW, tick=False):
        lease._extend()
    now = stored(lease.upload)
    assert (now.progress, now.progress_text, now.lease_until, now.lease_token) == (
        25,
        "Reading and checking rows",
        NOW + dt.timedelta(minutes=7),
        lease.token,
    )
    assert (lease.lost, stored(other).progress) == (False, 0)
    lease.check()


def test_a_lease_that_has_nothing_to_say_yet_repeats_what_was_said(mereshire):
    lease = taken(mereshire, progress=12, progress_text="Reading")
    lease._extend()
    assert (stored(lease.upload).progress, stored(lease.upload).progress_text) == (12, "Reading")


def test_a_worker_whose_lease_was_taken_notices_and_extends_nothing(mereshire):
    lease = taken(mereshire)
    moved_by_others(lease.upload, lease_token=ANOTHER, lease_until=NOW)
    lease._extend()
    assert (lease.lost, stored(lease.upload).lease_until) == (True, NOW)
    for do in (lease.check, lambda: lease.progress(1, "")):
        with pytest.raises(states.LostLease, match=f"^{lease.upload.reference}$"):
            do()
    with pytest.raises(states.LostLease):
        lease.move(UploadState.READING)


def test_a_database_that_is_away_does_not_mean_that_the_lease_is_lost(mereshire, monkeypatch, caplog):
    lease = taken(mereshire)
    closed: list[bool] = []
    monkeypatch.setattr(connection, "close", lambda: closed.append(True))
    with monkeypatch.context() as patch:
        patch.setattr(Upload.objects, "filter", lambda **_: (_ for _ in ()).throw(DatabaseError("gone")))
        lease._extend()
    assert (lease.lost, closed) == (False, [True])
    (line,) = caplog.records
    assert line.getMessage() == f"The lease on {lease.upload.reference} could not be extended"
    assert line.exc_info is not None
    assert isinstance(line.exc_info[1], DatabaseError)


def test_a_worker_moves_what_it_holds_in_its_own_name(mereshire):
    lease = taken(mereshire)
    lease.move(UploadState.READING, note="Begun", rows_read=3)
    (step,) = lease.upload.history.all()
    assert (step.actor, step.note, lease.upload.rows_read) == ("system:upload-worker", "Begun", 3)
    lease.move(UploadState.CHECKED, by=BY)
    assert AuditEvent.objects.order_by("pk").last().actor == "user:7"


def test_what_is_let_go_is_sent_again_after_a_while(mereshire):
    lease, other = taken(mereshire), waiting(mereshire, lease_token=ANOTHER, lease_until=NOW)
    with time_machine.travel(NOW, tick=False):
        lease.release(retry_in=10 * SECOND)
    assert (stored(lease.upload).lease_token, stored(lease.upload).lease_until) == (None, NOW + 10 * SECOND)
    assert (stored(other).lease_token, stored(other).lease_until) == (ANOTHER, NOW)
    moved_by_others(lease.upload, lease_token=ANOTHER, lease_until=NOW)
    lease.release(retry_in=SECOND)
    assert (stored(lease.upload).lease_token, stored(lease.upload).lease_until) == (ANOTHER, NOW)


def test_the_heart_beats_every_five_seconds_several_times_in_a_lease():
    assert states.HEARTBEAT == 5 * SECOND <= settings.UPLOAD_LEASE / 4


def test_inside_a_transaction_nothing_beats_because_nobody_could_see_it(mereshire):
    lease = taken(mereshire)
    with lease.beat():
        lease.progress(5, "Reading")
    assert (lease.upload.progress, stored(lease.upload).progress) == (0, 0)
    assert timezone.now() < stored(lease.upload).lease_until


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_lease_is_extended_again_and_again_while_a_long_statement_runs(mereshire, monkeypatch):
    """From a thread with a connection of its own, which ends with the work and keeps no process alive."""
    monkeypatch.setattr(states, "HEARTBEAT", dt.timedelta(milliseconds=20))
    lease, extended = taken(mereshire), []
    monkeypatch.setattr(lease, "_extend", lambda: extended.append(threading.current_thread()))
    with lease.beat():
        thread = lease._thread
        assert (thread.name, thread.daemon, thread.is_alive()) == (f"lease-{lease.upload.pk}", True, True)
        until(lambda: len(extended) > 2)
    assert set(extended) == {thread}
    assert not thread.is_alive()
    seen = len(extended)
    assert not lease._wake.wait(0.06)
    assert len(extended) == seen


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_progress_is_written_at_once_and_nothing_once_the_work_is_done(mereshire, monkeypatch):
    monkeypatch.setattr(states, "HEARTBEAT", dt.timedelta(minutes=10))
    lease = taken(mereshire)
    began = time.monotonic()
    with lease.beat():
        lease.progress(25, "Reading")
        until(lambda: stored(lease.upload).progress == 25)
    assert time.monotonic() - began < 60
    assert connection.connection is not None


def until(is_so: Callable[[], bool]) -> None:
    """Waits for what a thread does by itself, ten seconds at most."""
    last = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < last
        time.sleep(0.005)
