"""Several people and workers at the same instant, on real connections: one effect, and a clear answer to each."""

from __future__ import annotations

import datetime as dt
import errno
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from budgets.models import Allocation, StagedAllocation
from pooledcare.directory.models import AuditEvent, Change
from pooledcare.kernel.problems import Refused
from pooledcare.uploads import actions, kinds, pipeline, queueing, states
from pooledcare.uploads.asking.actions import confirm_layout
from pooledcare.uploads.models import LayoutQuestion, Upload, UploadLayoutVersion
from pooledcare.uploads.proposals import Decisions, Proposal, default_decisions
from pooledcare.uploads.terms import UploadState
from tests import factories
from tests.uploads.sending import Desk, rows, worked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

DAY = dt.date(2024, 5, 3)
ONE = "2024-25,QXM,nhs-core,allocation,1000.00,recurrent,"


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests do the worker's part themselves."""
    monkeypatch.setattr(queueing, "_send", lambda upload_id: None)


@pytest.fixture
def desk(db: None) -> Desk:
    factories.stream(code="nhs-core")
    made = Desk(factories.organisation(code="QXM", opened=dt.date(2013, 4, 1)))
    assert made.officer.person != made.approver.person
    return made


def at_once(*doings: Callable[[], Any]) -> list[Any]:
    """What each gives back or refuses, all begun at the same instant, each on a connection of its own."""
    start, answers = threading.Barrier(len(doings)), [None] * len(doings)

    def run(number: int, do: Callable[[], Any]) -> None:
        try:
            start.wait(10)
            answers[number] = do()
        except Exception as refusal:
            answers[number] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(doings)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def refusals(answers: list[Any]) -> list[str]:
    unexpected = [one for one in answers if isinstance(one, Exception) and not isinstance(one, Refused)]
    assert unexpected == []
    return sorted(one.code for one in answers if isinstance(one, Refused))


def accepted_events() -> int:
    return AuditEvent.objects.filter(action="upload.accepted").count()


def test_a_double_click_on_accept_has_one_effect(desk):
    upload = desk.send(rows(ONE))
    click = lambda: actions.accept_upload(upload=upload, by=desk.approver)  # noqa: E731
    assert refusals(at_once(*[click] * 8)) == []
    at_once(*[lambda: pipeline.work(upload.pk)] * 4)
    upload.refresh_from_db()
    assert (upload.state, Allocation.objects.count(), accepted_events()) == ("accepted", 1, 1)
    assert upload.history.filter(state="accepting").count() == 1
    assert Change.objects.filter(resource="allocations").count() == 1


def test_two_people_who_publish_at_once_make_one_publication_and_the_other_is_told(desk):
    other = factories.actor(factories.member(organisation=desk.organisation, roles=["finance_officer"]))
    upload = desk.put(rows(ONE), published_on=None)
    publish = lambda by: actions.publish_upload(upload=upload, published_on=DAY, channel="page", by=by)  # noqa: E731
    answers = at_once(*[lambda by=by: publish(by) for by in (desk.officer, other) * 3])
    assert refusals(answers) == ["PUBLICATION_OPEN"] * 3
    publication = Upload.objects.get(publishes=upload)
    assert {one.pk for one in answers if isinstance(one, Upload)} == {publication.pk}
    click = lambda: actions.accept_upload(upload=publication, by=desk.approver)  # noqa: E731
    worked(publication)
    assert refusals(at_once(*[click] * 4)) == []
    at_once(*[lambda: pipeline.work(publication.pk)] * 3)
    assert Allocation.objects.filter(published_on=DAY).count() == 1
    assert Change.objects.filter(event="published").count() == 1


def test_of_a_correction_and_a_publication_accepted_at_once_one_takes_effect(desk):
    """The publication never brings back what the correction replaced, in whichever order they are written."""
    upload = desk.put(rows(ONE), published_on=None)
    publication = worked(actions.publish_upload(upload=upload, published_on=DAY, channel="page", by=desk.officer))
    corrected = desk.send(rows(ONE.replace("1000.00", "1001.00")), published_on=None)
    for one in (publication, corrected):
        actions.accept_upload(upload=one, by=desk.approver)
    at_once(lambda: pipeline.work(publication.pk), lambda: pipeline.work(corrected.pk))
    states_now = {one.pk: fresh_state(one) for one in (publication, corrected)}
    now = Allocation.objects.get(is_current=True)
    if states_now[publication.pk] == "accepted":
        assert (now.published_on, str(now.amount), states_now[corrected.pk]) == (DAY, "1000.00", "refused")
    else:
        assert (now.published_on, str(now.amount), states_now[corrected.pk]) == (None, "1001.00", "accepted")
        assert states_now[publication.pk] == "refused"


def fresh_state(upload: Upload) -> str:
    return str(Upload.objects.get(pk=upload.pk).state)


BOARDS = "Board,Core services (£000)\nQXM,5\n"


def said(upload: Upload, **values: str) -> Decisions:
    """How the file of the upload is read: as proposed, with what it does not say."""
    proposal = Proposal.from_json(LayoutQuestion.objects.get(upload=upload).proposal)
    values = {"stream": "nhs-core", "basis": "allocation", "recurrence": "recurrent", **values}
    return replace(default_decisions(proposal), year="2024-25", values=values)


def test_a_double_click_on_how_a_file_is_read_saves_one_layout_and_reads_it_once(desk):
    upload = desk.send(BOARDS)
    assert upload.state == "needs_layout"
    decisions = said(upload)
    click = lambda: confirm_layout(upload=upload, decisions=decisions, name="Boards", by=desk.officer)  # noqa: E731
    assert refusals(at_once(*[click] * 8)) == []
    at_once(*[lambda: pipeline.work(upload.pk)] * 4)
    upload.refresh_from_db()
    assert (upload.state, upload.profile) == ("awaiting_second_person", UploadLayoutVersion.objects.get().key)
    assert list(upload.history.values_list("state", flat=True)).count("received") == 2  # sent, and confirmed once


def test_of_two_people_who_say_at_once_how_a_file_is_read_one_does_and_the_other_is_told(desk):
    other = factories.actor(factories.member(organisation=desk.organisation, roles=["finance_officer"]))
    upload = desk.send(BOARDS)
    wanted = {"allocation": desk.officer, "budget": other}
    answers = at_once(
        *[
            lambda basis=basis, by=by: confirm_layout(
                upload=upload, decisions=said(upload, basis=basis), name=f"Boards by {basis}", by=by
            )
            for basis, by in wanted.items()
        ]
    )
    assert refusals(answers) == ["WRONG_STATE"]
    [(basis, by)] = [pair for pair, one in zip(wanted.items(), answers, strict=True) if isinstance(one, Upload)]
    worked(upload)
    assert UploadLayoutVersion.objects.get().layout.name == f"Boards by {basis}"
    assert LayoutQuestion.objects.get(upload=upload).decided_actor == by.reference
    assert StagedAllocation.objects.get(upload_id=upload.pk).basis == basis


def test_the_same_bytes_at_once_are_received_once(desk):
    answers = at_once(*[lambda: desk.receive(rows(ONE))] * 6)
    assert set(refusals(answers)) <= {"UPLOAD_SAME_FILE_ONCE", "DUPLICATE_FILE"}
    assert len(refusals(answers)) == 5
    upload = Upload.objects.get()
    _, stored = default_storage.listdir("")
    assert stored == [upload.stored_name]


def test_of_two_people_who_accept_at_once_one_does_and_the_other_is_told(desk):
    other = factories.actor(factories.member(organisation=desk.organisation, roles=["finance_approver"]))
    upload = desk.send(rows(ONE))
    people = (desk.approver, other)
    answers = at_once(*[lambda by=by: actions.accept_upload(upload=upload, by=by) for by in people])
    assert refusals(answers) == ["ALREADY_ACCEPTED"]
    assert worked(upload).state == "accepted"
    winner = next(by for by, answer in zip(people, answers, strict=True) if not isinstance(answer, Refused))
    assert (upload.accepted_actor, Allocation.objects.count()) == (winner.reference, 1)


def test_b10_of_two_uploads_that_touch_the_same_figures_the_second_is_shown_again(desk):
    """Both were right when they were previewed; accepted at once, one stands and the other asks again."""
    uploads = [desk.send(rows(ONE.replace("1000.00", amount))) for amount in ("1000.01", "1000.02")]
    for upload in uploads:
        actions.accept_upload(upload=upload, by=desk.approver)
    at_once(*[lambda pk=upload.pk: pipeline.work(pk) for upload in uploads])
    for upload in uploads:
        upload.refresh_from_db()
    first, second = sorted(uploads, key=lambda upload: upload.state)
    assert (first.state, second.state) == ("accepted", "awaiting_second_person")
    assert second.notices[0].startswith("The data have changed since the preview was made")
    assert (second.counts["new"], second.counts["changed"]) == (0, 1)
    assert Allocation.objects.get().upload_id == first.pk
    desk.accept(second)
    standing = Allocation.objects.get(is_current=True)
    assert (standing.upload_id, standing.version) == (second.pk, 2)


def test_five_deliveries_of_one_message_at_once_read_the_file_once(desk):
    upload = desk.receive(rows(ONE))
    at_once(*[lambda: pipeline.work(upload.pk)] * 5)
    upload.refresh_from_db()
    assert (upload.state, upload.attempts) == ("awaiting_second_person", 0)
    assert StagedAllocation.objects.filter(upload_id=upload.pk).count() == 1
    assert upload.history.filter(state="reading").count() == 1


def test_accepting_and_abandoning_at_once_is_one_of_them(desk):
    upload = desk.send(rows(ONE))
    answers = at_once(
        lambda: actions.accept_upload(upload=upload, by=desk.approver),
        lambda: actions.abandon_upload(upload=upload, by=desk.officer),
    )
    assert refusals(answers) == ["WRONG_STATE"]
    assert worked(upload).state in ("accepted", "abandoned")
    assert Allocation.objects.count() == (upload.state == "accepted")


def test_a_full_disk_is_said_so_and_nothing_half_is_kept(desk, monkeypatch):
    """The disk is full in the middle of the file, as the storage's own chunks of it are written."""

    def full(file: ContentFile, *_: Any) -> Iterator[bytes]:
        yield b"financial_year,organ"
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(File, "chunks", full)
        with pytest.raises(Refused) as refused:
            desk.receive(rows(ONE))
    assert (refused.value.code, refused.value.problems[0].message) == (
        "NO_SPACE",
        "The selected file could not be uploaded – try again",
    )
    assert not Upload.objects.exists()
    assert default_storage.listdir("")[1] == []
    assert desk.send(rows(ONE)).state == "awaiting_second_person"


def test_x28_an_export_in_the_middle_of_an_acceptance_sees_one_instant(desk):
    """While figures are replaced one set by another, a reader sees the one sum or the other, never a mixture."""
    holders = [factories.organisation(opened=dt.date(2013, 4, 1)) for _ in range(3)]
    publisher = Desk(factories.nhs_england(), ("publisher",))
    assert publisher.officer.person != publisher.approver.person

    def file(amount: str) -> str:
        lines = [
            f"{year}-{year % 100 + 1:02d},{holder.code},nhs-core,allocation,{amount},recurrent,"
            for year in range(2014, 2026)
            for holder in holders
        ]
        return rows(*lines)

    publisher.put(file("1.00"))
    upload = publisher.send(file("2.00"))
    actions.accept_upload(upload=upload, by=publisher.approver)
    sums: set[Decimal] = set()

    def read() -> None:
        with connection.cursor() as cursor:
            for _ in range(200):
                with cursor.copy("copy (select amount from budgets_allocation where is_current) to stdout") as out:
                    sums.add(sum((Decimal(bytes(row).decode()) for row in out), Decimal(0)))

    assert refusals(at_once(read, lambda: pipeline.work(upload.pk))) == []
    assert sums <= {Decimal("36.00"), Decimal("72.00")}
    upload.refresh_from_db()
    assert upload.state == "accepted"


# ── Locks and leases, one step at a time ─────────────────────────────────────────────────────────────────────────────


class Beside:
    """Something done on a connection of its own while the test does something else."""

    def __init__(self, do: Callable[[], Any]) -> None:
        self._do, self._answer = do, []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._answer.append(self._do())
        except Exception as refusal:
            self._answer.append(refusal)
        finally:
            connection.close()

    @property
    def is_done(self) -> bool:
        return bool(self._answer)

    def answer(self) -> Any:
        self._thread.join(20)
        return self._answer[0]


def until(is_so: Callable[[], bool]) -> None:
    """Asked again and again, for ten seconds at most."""
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.002)


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_stat_clear_snapshot()")
        cursor.execute(
            "select exists (select from pg_stat_activity"
            " where wait_event_type = 'Lock' and datname = current_database())"
        )
        return bool(cursor.fetchone()[0])


def state_of(upload: Upload) -> str:
    return Upload.objects.get(pk=upload.pk).state


def test_a_sweep_leaves_alone_what_another_sweep_or_a_worker_has_just_locked(desk):
    first, second = (desk.receive(rows(ONE.replace("1000", amount))) for amount in ("1", "2"))
    Upload.objects.update(lease_until=None)

    def sweep() -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = '3s'")
        return states.due(timezone.now())

    with transaction.atomic():
        Upload.objects.select_for_update().get(pk=first.pk)
        assert Beside(sweep).answer() == [second.pk]


def test_a_step_waits_for_another_and_judges_what_that_has_left(desk):
    """It is refused for the state as it is by then, not merely for having come second."""
    upload = desk.send(rows(ONE))
    for step, state, by in (
        (actions.accept_upload, "awaiting_second_person", desk.approver),
        (actions.abandon_upload, "awaiting_second_person", desk.officer),
        (actions.retry_upload, "failed", desk.officer),
    ):
        Upload.objects.filter(pk=upload.pk).update(state=state)
        upload.refresh_from_db()
        with transaction.atomic():
            Upload.objects.filter(pk=upload.pk).update(state="refused")
            clicked = Beside(lambda step=step, by=by: step(upload=upload, by=by))
            until(lambda clicked=clicked: clicked.is_done or somebody_waits_for_a_lock())
        assert refusals([clicked.answer()]) == ["WRONG_STATE"], step
        assert state_of(upload) == "refused"


def test_figures_of_an_organisation_are_accepted_and_reversed_one_upload_after_another(desk):
    upload = actions.accept_upload(upload=desk.send(rows(ONE)), by=desk.approver)
    for do, before, after in (
        (lambda: pipeline.work(upload.pk), "accepting", "accepted"),
        (lambda: actions.reverse_upload(upload=upload, by=desk.approver, reason="Undone"), "accepted", "reversed"),
    ):
        with transaction.atomic():
            kinds.kind("allocations").steps.lock(upload)
            at_work = Beside(do)
            until(lambda at_work=at_work: at_work.is_done or somebody_waits_for_a_lock())
            assert (at_work.is_done, state_of(upload)) == (False, before)
        at_work.answer()
        assert state_of(upload) == after


def test_a_worker_that_is_overtaken_in_the_middle_of_accepting_writes_nothing(desk, monkeypatch):
    """It was thought dead while the figures were written: by then somebody else has the upload, and accepts it."""
    upload = actions.accept_upload(upload=desk.send(rows(ONE)), by=desk.approver)
    steps = kinds.kind("allocations").steps
    written, go_on = threading.Event(), threading.Event()
    accept = steps.accept

    def slowly(accepted: Upload) -> dict[str, int]:
        counts = accept(accepted)
        written.set()
        assert go_on.wait(10)
        return counts

    monkeypatch.setattr(steps, "accept", slowly)
    slow = Beside(lambda: pipeline.work(upload.pk))
    assert written.wait(10)
    Upload.objects.filter(pk=upload.pk).update(lease_token=uuid.uuid4())
    go_on.set()
    slow.answer()
    assert (state_of(upload), Allocation.objects.count(), accepted_events()) == ("accepting", 0, 0)
    assert Change.objects.count() == 0
    monkeypatch.setattr(steps, "accept", accept)
    Upload.objects.filter(pk=upload.pk).update(lease_token=None)
    assert (worked(upload).state, Allocation.objects.count(), accepted_events()) == ("accepted", 1, 1)


def connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select pg_stat_clear_snapshot()")
        cursor.execute("select count(*) from pg_stat_activity where datname = current_database()")
        return int(cursor.fetchone()[0])


def test_a_lease_is_kept_alive_from_a_second_connection_while_the_work_goes_on(desk, monkeypatch):
    monkeypatch.setattr(states, "HEARTBEAT", dt.timedelta(seconds=60))
    upload = desk.receive(rows(ONE))
    lease, before = states.take(upload.pk), connections()
    Upload.objects.filter(pk=upload.pk).update(lease_until=None)
    with lease.beat():
        with transaction.atomic():
            lease.progress(7, "Reading and checking rows")
            until(lambda: Upload.objects.get(pk=upload.pk).progress == 7)
        upload.refresh_from_db()
        assert (upload.progress_text, upload.lease_token) == ("Reading and checking rows", lease.token)
        assert upload.lease_until > timezone.now()
        thread = lease._thread
        assert thread.is_alive()
        Upload.objects.filter(pk=upload.pk).update(lease_until=None, progress=0)
    assert not thread.is_alive()
    upload.refresh_from_db()
    assert (upload.lease_until, upload.progress, lease.lost) == (None, 0, False)
    until(lambda: connections() == before)
    # From now on every few milliseconds, and without being asked, until somebody else has the upload.
    monkeypatch.setattr(states, "HEARTBEAT", dt.timedelta(milliseconds=5))
    lease = states.take(upload.pk)
    with lease.beat():
        for _ in range(2):
            Upload.objects.filter(pk=upload.pk).update(lease_until=None)
            until(lambda: Upload.objects.get(pk=upload.pk).lease_until is not None)
        Upload.objects.filter(pk=upload.pk).update(lease_token=uuid.uuid4())
        until(lambda: lease.lost)
        with pytest.raises(states.LostLease):
            lease.move(UploadState.READING)
    assert state_of(upload) == "received"
