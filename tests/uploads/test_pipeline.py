"""The worker's part, step by step: what it counts over the pieces of a file, whom it asks again, how it gives up."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import time_machine
from django.db import InterfaceError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from budgets.models import Allocation, StagedAllocation
from pooledcare.directory.access import Actor, key_actor
from pooledcare.directory.models import ApiKey, AuditEvent, Change, Membership, Organisation, User
from pooledcare.kernel.problems import Problem, Refused
from pooledcare.uploads import actions, kinds, pipeline, staging, states, tasks
from pooledcare.uploads.models import Upload, UploadProblem
from pooledcare.uploads.reading import Canonical
from pooledcare.uploads.terms import UploadState
from tests import factories
from tests.uploads.sending import Desk, codes, rows, told, worked

pytestmark = pytest.mark.django_db

ONE = "2024-25,QXM,nhs-core,allocation,1000.00,recurrent,"
NOW = dt.datetime(2024, 6, 3, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def desk() -> Desk:
    factories.stream(code="nhs-core")
    return Desk(factories.organisation(code="QXM", opened=dt.date(2013, 4, 1)))


@pytest.fixture
def steps():
    return kinds.kind("allocations").steps


def raising(error: BaseException) -> Any:
    def raise_it(*_: Any, **__: Any) -> None:
        raise error

    return raise_it


def line(year: int, **cells: str) -> str:
    values = {
        "financial_year": f"{year}-{(year + 1) % 100:02d}", "organisation": "QXM", "stream": "nhs-core",
        "basis": "allocation", "amount": f"{year}.00", "recurrence": "recurrent", "note": "",
    } | cells  # fmt: skip
    return ",".join(values.values())


def notes_of(upload: Upload, state: str) -> list[str]:
    return list(upload.history.filter(state=state).values_list("note", flat=True))


# ── From piece to piece ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [2, 100])
def test_a_file_is_judged_alike_in_pieces_of_any_size(desk, settings, size):
    settings.UPLOAD_CHUNK_ROWS = size
    good = [line(year) for year in range(2013, 2020)]
    upload = desk.send(
        rows(
            good[0],
            line(2020, amount="many"),
            good[1],
            "",
            good[2],
            "2024-25,QXM",
            line(2021, organisation="qxm"),
            line(2022, amount="many", stream="cure"),
            line(2023, organisation="qxm"),
            good[1],
        )
    )
    assert told(upload) == [
        ("NOT_A_NUMBER", 3, "E"),
        ("MISSING_COLUMN", 7, ""),
        ("UNKNOWN_STREAM", 9, "C"),
        ("NOT_A_NUMBER", 9, "E"),
        ("DUPLICATE_IN_FILE", 11, "E"),
    ]
    assert upload.problems.get(code="DUPLICATE_IN_FILE").value == "2014.00, also in row 4"
    assert (upload.rows_read, upload.rows_staged, upload.progress) == (9, 6, 9)
    assert (upload.problem_count, upload.warning_count, upload.state) == (5, 0, "refused")
    assert "Codes in small letters were read as capitals (2 rows)" in upload.notices
    assert StagedAllocation.objects.count() == 0


def test_notices_of_reading_and_of_checking_are_counted_over_the_whole_file(desk, settings, monkeypatch):
    """The most frequent first."""
    settings.UPLOAD_CHUNK_ROWS = 1
    pieces, read = Canonical.pieces, []

    def with_notices(source: Canonical) -> Iterator[Any]:
        for piece in pieces(source):
            piece.notices["Read with care"] += 2
            read.append(piece)
            yield piece

    monkeypatch.setattr(Canonical, "pieces", with_notices)
    upload = desk.send(
        rows(
            line(2014, basis="Allocation"),
            *(line(year, organisation="qxm") for year in range(2015, 2018)),
            line(2018, basis="Budget"),
            line(2019, basis="Allocation"),
        )
    )
    assert len(read) > 1
    assert upload.notices == [
        f"Read with care ({2 * len(read)} rows)",
        "Codes in small letters were read as capitals (3 rows)",
        "basis: “Allocation” was read as “allocation” (2 rows)",
        "basis: “Budget” was read as “budget” (1 row)",
    ]


def test_a_thousand_rows_are_counted_as_people_write_them():
    assert pipeline._sentences(Counter({"Tidied": 1_234, "Once": 1})) == ["Tidied (1,234 rows)", "Once (1 row)"]


def test_only_so_many_notices_are_kept(desk, monkeypatch):
    monkeypatch.setattr(pipeline, "MOST_NOTICES", 2)
    years = iter(range(2014, 2024))
    upload = desk.send(rows(*(line(next(years), basis=word) for word in ("Allocation", "Budget", "Outturn"))))
    assert len(upload.notices) == 2


def test_people_see_how_many_rows_have_been_read(desk, settings, monkeypatch):
    settings.UPLOAD_CHUNK_ROWS = 2
    seen: list[tuple[int, str]] = []
    monkeypatch.setattr(states.Lease, "progress", lambda _, read, text: seen.append((read, text)))
    desk.put(rows(*(line(year) for year in range(2014, 2019))))
    assert seen == [
        (3, "Reading and checking rows"),
        (5, "Reading and checking rows"),
        (5, "Comparing with the current data"),
        (0, "Writing what was accepted"),
    ]


@pytest.mark.parametrize(
    ("read", "staged", "refused", "stored", "is_right"),
    [(5, 3, 2, 3, True), (6, 3, 2, 3, False), (5, 3, 1, 3, False), (5, 3, 2, 2, False), (5, 3, 2, 4, False)],
)
def test_rows_read_are_rows_staged_and_rows_refused(monkeypatch, steps, read, staged, refused, stored, is_right):
    monkeypatch.setattr(steps, "staged", lambda _: stored)
    counted = Counter({"read": read, "staged": staged, "refused": refused})
    if is_right:
        pipeline._check_counts(Upload(kind="allocations"), counted)
        return
    with pytest.raises(AssertionError) as wrong:
        pipeline._check_counts(Upload(kind="allocations"), counted)
    assert str(wrong.value) == (
        f"INTERNAL_COUNT: {read} rows read, {staged} to stage, {stored} staged, {refused} refused."
    )


class Killed(BaseException):
    """As SIGKILL: no handler of ours sees it."""


def killed_in(monkeypatch: pytest.MonkeyPatch, upload: Upload, name: str) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, name, raising(Killed()))
        with pytest.raises(Killed):
            pipeline.work(upload.pk)
    Upload.objects.filter(pk=upload.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))


def test_a_file_that_is_read_again_tells_its_problems_once(desk, monkeypatch):
    other = desk.send(rows(line(2014, amount="many")))
    upload = desk.receive(rows(line(2015, amount="few"), line(2016)))
    killed_in(monkeypatch, upload, "_check_counts")
    assert (upload.problems.count(), StagedAllocation.objects.count()) == (1, 1)
    assert told(worked(upload)) == [("NOT_A_NUMBER", 2, "E")]
    assert [state.state for state in upload.history.all()] == ["received", "reading", "checked", "refused"]
    assert other.problems.count() == 1


def test_a_file_that_was_read_to_its_end_is_not_read_again(desk, monkeypatch):
    upload = desk.receive(rows(line(2015), line(2016)))
    killed_in(monkeypatch, upload, "_conclude")
    monkeypatch.setattr(pipeline, "_stage", raising(AssertionError("read again")))
    assert (worked(upload).state, upload.counts["new"]) == ("awaiting_second_person", 2)


# ── The file as a whole ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_without_rows_is_refused_with_one_problem(desk):
    upload = desk.send(rows())
    (problem,) = upload.problems.all()
    assert (problem.code, problem.message, problem.fix) == (
        "NO_ROWS",
        "The selected file has no rows",
        "Add the rows and select it again.",
    )
    assert (upload.state, upload.problem_count) == ("refused", 1)


def test_what_stands_is_compared_only_once_nothing_is_wrong_with_the_file_itself(desk, monkeypatch, steps):
    monkeypatch.setattr(steps, "current_state_problems", raising(AssertionError("compared")))
    assert codes(desk.send(rows(line(2014, amount="many"), line(2015)))) == ["NOT_A_NUMBER"]
    assert codes(desk.send(rows(ONE, ONE))) == ["DUPLICATE_IN_FILE"]
    assert codes(desk.send(rows())) == ["NO_ROWS"]


def test_a_warning_refuses_nothing_and_an_error_beside_what_stands_refuses_all(desk, monkeypatch, steps):
    warning = Problem("W_ODD", "Look at it", severity="warning")
    whole = steps.current_state_problems
    monkeypatch.setattr(steps, "current_state_problems", lambda upload: [*whole(upload), warning])
    upload = desk.send(rows(ONE))
    assert (upload.state, upload.problem_count, upload.warning_count) == ("awaiting_second_person", 0, 1)
    wrong = Problem("WRONG", "It is wrong")
    monkeypatch.setattr(steps, "current_state_problems", lambda upload: [*whole(upload), warning, wrong])
    upload = desk.send(rows(ONE.replace("1000", "1")))
    assert (upload.state, upload.problem_count, upload.warning_count) == ("refused", 1, 1)
    assert StagedAllocation.objects.filter(upload_id=upload.pk).count() == 0


def test_what_the_layout_says_beside_the_figures_is_told_only_of_a_file_that_can_be_accepted(desk, monkeypatch):
    """A total that does not add up because rows were refused is no news."""
    monkeypatch.setattr(Canonical, "warnings", lambda _: [Problem("W_ODD", "Look at it", severity="warning")])
    monkeypatch.setattr(Canonical, "preview_extras", lambda _: {"source_title": "Of Mereshire", "streams": "replaced"})
    monkeypatch.setattr(Canonical, "notices", lambda _: ["First of all"])
    assert codes(desk.send(rows(ONE, "2024-25,QXM"))) == ["MISSING_COLUMN"]
    assert codes(desk.send(rows(ONE, line(2014, amount="many")))) == ["NOT_A_NUMBER"]
    upload = desk.send(rows(ONE.replace("QXM", "qxm")))
    assert codes(upload) == ["W_ODD"]
    assert upload.preview["source_title"] == "Of Mereshire"
    assert upload.preview["streams"][0]["after"] == "1000.00"
    assert upload.notices == ["First of all", "Codes in small letters were read as capitals (1 row)"]


@pytest.mark.parametrize(("waives", "states_of"), [(False, ["ready", "awaiting_second_person"]), (True, ["ready"])])
def test_an_upload_waits_for_a_second_person_unless_that_is_waived(desk, waives, states_of):
    desk.organisation.waives_second_person = waives
    desk.organisation.save()
    upload = desk.receive(rows(ONE))
    Upload.objects.filter(pk=upload.pk).update(attempts=3)
    assert worked(upload).state == states_of[-1]
    assert [step.state for step in upload.history.all()][3:] == states_of
    assert {step.actor for step in upload.history.all()} == {desk.officer.reference, "system:upload-worker"}
    assert (upload.attempts, upload.lease_token, upload.lease_until, upload.progress_text) == (0, None, None, "")


def test_an_upload_of_agreements_waits_for_a_second_person_where_figures_do_not(desk):
    desk.organisation.waives_second_person = True
    desk.organisation.save()
    upload = factories.upload(organisation=desk.organisation, kind="agreements", state="checked", accepted_actor="")
    pipeline._ready(states.take(upload.pk))
    upload.refresh_from_db()
    assert upload.state == "awaiting_second_person"


def test_rows_are_checked_with_the_rights_of_whoever_sent_them_as_they_are_now(desk):
    """A publisher speaks for others only while it may."""
    publisher = Desk(factories.nhs_england(), ("publisher",))
    first, second = publisher.receive(rows(ONE)), publisher.receive(rows(line(2020)))
    assert (worked(first).state, codes(first)) == ("awaiting_second_person", [])
    member_no_more(publisher.officer)
    assert (worked(second).state, codes(second)) == ("refused", ["NOT_PERMITTED"])


def test_an_attempt_to_speak_for_others_is_audited_with_how_many_rows_it_had(desk):
    """Of each upload its own rows, and nothing for a file that is wrong in another way."""
    factories.organisation(code="QXN", opened=dt.date(2013, 4, 1))
    desk.send(rows(line(2014, amount="many")))
    assert AuditEvent.objects.filter(action="upload.not_permitted").count() == 0
    for count in (1, 2):
        lines = [line(2014 + n, organisation="QXN") for n in range(count)]
        upload = desk.send(rows(*lines, line(2020, amount="many")))
        event = AuditEvent.objects.get(action="upload.not_permitted", subject=f"upload:{upload.reference}")
        assert (event.actor, event.organisation) == ("system:upload-worker", "QXM")
        assert event.sentence == (
            f"{upload.reference} had {count} rows of organisations for which its sender may not submit."
        )


# ── Between the click and the work ───────────────────────────────────────────────────────────────────────────────────


def accepting(desk: Desk, by: Actor | None = None) -> Upload:
    return actions.accept_upload(upload=desk.send(rows(ONE)), by=by or desk.approver)


def key_of(person: User, organisation: Organisation, *permissions: str) -> Actor:
    key, _ = factories.api_key(created_by=person, organisation=organisation, permissions=list(permissions))
    return key_actor(ApiKey.objects.get(pk=key.pk))


def member_no_more(actor: Actor) -> None:
    Membership.objects.filter(user=actor.person).update(ended_at=NOW)


REVOKED = {
    "the key was revoked": lambda actor: ApiKey.objects.update(revoked_at=NOW),
    "the key has ended": lambda actor: ApiKey.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1)),
    "the key lost the permission": lambda actor: ApiKey.objects.update(permissions=["read_unpublished"]),
    "its person left": member_no_more,
    "its person has another role": lambda actor: Membership.objects.filter(user=actor.person).update(roles=["viewer"]),
    "its person is not active": lambda actor: User.objects.filter(pk=actor.person.pk).update(is_active=False),
}
NEEDED = "You need the role finance approver to do this. An administrator of your organisation can give it to you."


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside has not happened afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.slow
def test_a_key_that_is_dead_when_the_worker_comes_accepts_nothing(desk):
    by = key_of(desk.approver.person, desk.organisation, "accept_allocations", "read_unpublished")
    upload = accepting(desk, by)
    for happened, do in REVOKED.items():
        with undone():
            do(by)
            assert worked(upload).state == "awaiting_second_person", happened
            assert (upload.accepted_by, upload.accepted_actor, upload.second_person_waived) == (None, "", False)
            assert notes_of(upload, "ready")[-1] == NEEDED
            assert (Allocation.objects.count(), Change.objects.count()) == (0, 0)
            assert not AuditEvent.objects.filter(action="upload.accepted").exists()
    assert (worked(upload).state, upload.accepted_actor, upload.accepted_by) == ("accepted", by.reference, by.person)
    assert AuditEvent.objects.get(action="upload.accepted").actor == by.reference


@pytest.mark.slow
def test_figures_sent_with_a_key_that_is_dead_at_acceptance_are_refused(desk):
    by = key_of(desk.officer.person, desk.organisation, "upload_allocations", "read_unpublished")
    upload = actions.accept_upload(upload=desk.send(rows(ONE), by=by), by=desk.approver)
    for happened, do in REVOKED.items():
        with undone():
            do(by)
            assert (worked(upload).state, codes(upload)) == ("refused", ["NOT_PERMITTED"]), happened
            assert (upload.problem_count, Allocation.objects.count(), StagedAllocation.objects.count()) == (1, 0, 0)
    assert worked(upload).state == "accepted"


def test_a_waiver_that_ended_between_click_and_work_needs_a_second_person_after_all(desk):
    desk.organisation.waives_second_person = True
    desk.organisation.save()
    both = factories.actor(
        factories.member(organisation=desk.organisation, roles=["finance_officer", "finance_approver"])
    )
    upload = actions.accept_upload(upload=desk.send(rows(ONE), by=both), by=both)
    Organisation.objects.filter(pk=desk.organisation.pk).update(waives_second_person=False)
    assert (worked(upload).state, upload.second_person_waived) == ("awaiting_second_person", False)
    assert notes_of(upload, "ready")[-1] == "The person who prepared an upload cannot also accept it"
    assert Allocation.objects.count() == 0


def test_staged_rows_that_went_missing_are_not_accepted(desk):
    upload = accepting(desk)
    Upload.objects.filter(pk=upload.pk).update(rows_staged=2)
    assert worked(upload).state == "failed"
    assert upload.failure.startswith("INTERNAL_COUNT (reference ")
    assert Allocation.objects.count() == 0


def test_a_preview_that_no_longer_holds_is_undone_and_made_again(desk):
    upload = accepting(desk)
    Upload.objects.filter(pk=upload.pk).update(counts={"new": 7}, notices=["Read before"], attempts=3)
    assert worked(upload).state == "awaiting_second_person"
    assert upload.notices == [
        "The data have changed since the preview was made. Check the new preview, and accept the upload again.",
        "Read before",
    ]
    assert notes_of(upload, "ready") == ["", upload.notices[0]]
    assert (upload.counts["new"], upload.preview["streams"][0]["after"]) == (1, "1000.00")
    assert (upload.accepted_by, upload.accepted_actor, upload.attempts) == (None, "", 0)
    assert (Allocation.objects.count(), Change.objects.count()) == (0, 0)


def test_what_the_database_refuses_is_previewed_again_with_its_reasons(desk, monkeypatch, steps):
    upload = accepting(desk)
    refused = Refused([Problem("ONE", "The first reason."), Problem("TWO", "The second.")])
    monkeypatch.setattr(steps, "accept", raising(refused))
    assert worked(upload).state == "awaiting_second_person"
    assert upload.notices[0] == "The first reason. The second."


def test_a_preview_made_again_refuses_for_errors_and_keeps_warnings_out(desk, monkeypatch, steps):
    upload = accepting(desk)
    Upload.objects.filter(pk=upload.pk).update(counts={"new": 7})
    warning = Problem("W_ODD", "Look at it", severity="warning")
    with monkeypatch.context() as patch:
        patch.setattr(steps, "current_state_problems", lambda _: [warning])
        patch.setattr(steps, "preview", lambda _: ({"new": 1}, {"kept": "beside"}))
        assert (worked(upload).state, codes(upload)) == ("awaiting_second_person", [])
    assert upload.preview["kept"] == "beside"
    assert "streams" in upload.preview
    actions.accept_upload(upload=upload, by=desk.approver)
    Upload.objects.filter(pk=upload.pk).update(counts={"new": 7})
    monkeypatch.setattr(steps, "current_state_problems", lambda _: [warning, Problem("WRONG", "It is wrong")])
    assert (worked(upload).state, codes(upload)) == ("refused", ["WRONG"])
    assert (upload.problem_count, StagedAllocation.objects.count(), Allocation.objects.count()) == (1, 0, 0)


def test_figures_are_written_under_the_lock_and_announced_last(desk, monkeypatch, steps):
    upload = accepting(desk)
    done: list[str] = []
    for name in ("lock", "outdated_references", "accept", "announce"):
        whole = getattr(steps, name)
        monkeypatch.setattr(steps, name, lambda *all, name=name, whole=whole: done.append(name) or whole(*all))
    with CaptureQueriesContext(connection) as queries:
        worked(upload)
    assert done == ["lock", "outdated_references", "accept", "announce"]
    statements = [query["sql"].lower() for query in queries.captured_queries]
    judged = statements.index("set constraints all immediate")
    written = next(n for n, sql in enumerate(statements) if "insert into budgets_allocation" in sql)
    moved = next(n for n, sql in enumerate(statements) if """set "state" = 'accepted'""" in sql)
    assert written < judged < moved


def test_an_accepted_upload_says_who_accepted_it_when_and_how_much(desk):
    upload = accepting(desk)
    with time_machine.travel(NOW, tick=False):
        worked(upload)
    assert (upload.state, upload.accepted_at, upload.progress) == ("accepted", NOW, 1)
    assert (upload.accepted_actor, upload.lease_token) == (desk.approver.reference, None)
    event = AuditEvent.objects.get(action="upload.accepted")
    assert (event.actor, event.subject, event.sentence, event.organisation) == (
        desk.approver.reference,
        f"upload:{upload.reference}",
        f"{upload.reference} (allocations): accepted.",
        "QXM",
    )
    assert upload.history.last().actor == desk.approver.reference
    change = Change.objects.get()
    assert (change.event, change.reference, change.counts) == ("accepted", upload.reference, upload.counts)


def test_a_worker_that_knows_it_was_overtaken_does_not_accept(desk):
    upload = accepting(desk)
    lease = states.take(upload.pk)
    lease.lost = True
    with pytest.raises(states.LostLease):
        pipeline._apply(lease=lease, by=desk.approver)
    assert (Upload.objects.get(pk=upload.pk).state, Allocation.objects.count()) == ("accepting", 0)


# ── When it goes wrong ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_worker_that_is_overtaken_leaves_everything_to_the_other(desk, monkeypatch):
    upload = desk.receive(rows(ONE))

    def overtaken(lease: states.Lease) -> None:
        Upload.objects.filter(pk=upload.pk).update(lease_token=uuid.UUID(int=1), lease_until=NOW)
        raise states.LostLease

    monkeypatch.setattr(pipeline, "_step", overtaken)
    assert pipeline.work(upload.pk).pk == upload.pk
    upload.refresh_from_db()
    assert (upload.state, upload.failure, upload.lease_token, upload.lease_until) == (
        "received",
        "",
        uuid.UUID(int=1),
        NOW,
    )


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_is_away_is_waited_for_by_the_lease(desk, monkeypatch, error):
    upload = desk.receive(rows(ONE))
    monkeypatch.setattr(pipeline, "_step", raising(error("gone")))
    pipeline.work(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.failure, upload.attempts) == ("received", "", 1)
    assert upload.lease_token is not None


@pytest.mark.parametrize(("before", "state"), [(2, "received"), (3, "failed"), (4, "failed")])
def test_a_fault_of_ours_is_tried_again_up_to_the_last_attempt(desk, monkeypatch, settings, caplog, before, state):
    settings.UPLOAD_MAX_ATTEMPTS = 4
    upload = desk.receive(rows(ONE))
    Upload.objects.filter(pk=upload.pk).update(attempts=before)
    monkeypatch.setattr(pipeline, "_step", raising(RuntimeError("a secret of the database")))
    with time_machine.travel(NOW, tick=False):
        pipeline.work(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.attempts) == (state, before + 1)
    if state == "received":
        assert (upload.lease_token, upload.lease_until, upload.failure) == (None, NOW + dt.timedelta(seconds=10), "")
    elif before == 3:
        reference = upload.failure.removeprefix("RuntimeError (reference ").removesuffix(")")
        assert len(reference) == 8
        assert f"Work on {upload.reference} failed ({reference})" in caplog.text
    else:
        assert upload.failure == "The worker stopped before it had finished, several times."
    if state == "failed":
        assert AuditEvent.objects.get(action="upload.failed").sentence == f"{upload.reference} (allocations): failed."


def test_a_wrong_count_is_given_up_at_once(desk, monkeypatch):
    upload = desk.receive(rows(ONE))
    monkeypatch.setattr(pipeline, "_step", raising(AssertionError("INTERNAL_COUNT: 5 rows")))
    assert worked(upload).state == "failed"
    assert upload.failure.startswith("INTERNAL_COUNT (reference ")


def test_giving_up_is_left_to_whoever_has_the_upload_now(desk):
    upload = desk.receive(rows(ONE))
    lease = states.take(upload.pk)
    Upload.objects.filter(pk=upload.pk).update(lease_token=None)
    pipeline._give_up(lease, "Broken")
    Upload.objects.filter(pk=upload.pk).update(state="abandoned")
    pipeline._give_up(lease, "Broken")
    upload.refresh_from_db()
    assert (upload.state, upload.failure) == ("abandoned", "")


def test_giving_up_starts_from_the_state_in_which_the_upload_is_now(desk):
    lease = states.take(desk.receive(rows(ONE)).pk)
    Upload.objects.filter(pk=lease.upload.pk).update(state="reading")
    pipeline._give_up(lease, "Broken")
    assert (lease.upload.state, lease.upload.failure) == ("failed", "Broken")


# ── Afterwards ───────────────────────────────────────────────────────────────────────────────────────────────────────


NEEDED_STILL = {"received", "reading", "checked", "accepting", "ready", "awaiting_second_person"}


def test_rows_are_forgotten_of_uploads_that_wait_for_nothing(desk, steps):
    uploads = {}
    template = desk.send(rows(ONE))
    columns = ", ".join(steps.copied)
    others = columns.replace("upload_id", "%s")
    for state in UploadState.values:
        uploads[state] = factories.upload(organisation=desk.organisation, state=state).pk
        with connection.cursor() as cursor:
            cursor.execute(
                f"insert into {steps.table} ({columns}) select {others} from {steps.table} where upload_id = %s",
                [uploads[state], template.pk],
            )
    assert tasks.tidy_staging() == len(UploadState.values) - len(NEEDED_STILL)
    left = set(StagedAllocation.objects.values_list("upload_id", flat=True))
    assert left == {template.pk, *(uploads[state] for state in NEEDED_STILL)}
    assert tasks.tidy_staging() == 0


def test_a_sweep_sends_each_upload_that_is_due(desk, monkeypatch):
    due = [desk.receive(rows(line(year))) for year in (2014, 2015)]
    Upload.objects.update(lease_until=None)
    desk.receive(rows(line(2016)))
    sent: list[int] = []
    monkeypatch.setattr(tasks.work_upload, "delay", sent.append)
    assert tasks.sweep_uploads() == 2
    assert sent == [upload.pk for upload in due]


def test_a_message_has_its_upload_worked_on(desk):
    upload = desk.receive(rows(ONE))
    tasks.work_upload(upload.pk)
    upload.refresh_from_db()
    assert upload.state == "awaiting_second_person"
    assert pipeline.work(upload.pk) is None
    assert (tasks.work_upload.acks_late, tasks.work_upload.reject_on_worker_lost) == (True, True)
    assert (tasks.sweep_uploads.expires, tasks.tidy_staging.expires) == (30, 300)


def test_problems_are_those_of_one_upload(desk):
    first, second = desk.receive(rows(ONE)), desk.receive(rows(line(2015)))
    for upload in (first, second):
        staging.save_problems(upload, [Problem("WRONG", "It is wrong"), Problem("W", "Look", severity="warning")])
    assert pipeline._count_problems(first) == {"problem_count": 1, "warning_count": 1}
    staging.clear_problems(first)
    assert list(UploadProblem.objects.values_list("upload_id", flat=True)) == [second.pk] * 2
    assert pipeline._count_problems(first) == {"problem_count": 0, "warning_count": 0}
