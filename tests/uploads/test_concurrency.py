"""Several people and workers at the same instant, on real connections: one effect, and a clear answer to each."""

from __future__ import annotations

import datetime as dt
import errno
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import connection

from budgets.models import Allocation, StagedAllocation
from pooledcare.directory.models import AuditEvent, Change, Membership
from pooledcare.kernel.problems import Refused
from pooledcare.uploads import actions, pipeline
from pooledcare.uploads.models import Upload
from tests import factories
from tests.uploads.sending import Desk, rows, worked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ONE = "2024-25,QXM,nhs-core,allocation,1000.00,recurrent,"


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests do the worker's part themselves."""
    monkeypatch.setattr(actions, "_send", lambda upload_id: None)


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
    assert second.notices[0].startswith("Figures have changed since the preview was made")
    assert (second.counts["new"], second.counts["changed"]) == (0, 1)
    assert Allocation.objects.get().upload_id == first.pk
    desk.accept(second)
    standing = Allocation.objects.get(is_current=True)
    assert (standing.upload_id, standing.version) == (second.pk, 2)


def test_an_accepter_who_loses_the_right_between_click_and_work_accepts_nothing(desk):
    upload = desk.send(rows(ONE))
    actions.accept_upload(upload=upload, by=desk.approver)
    Membership.objects.filter(user=desk.approver.person).update(roles=["viewer"])
    assert worked(upload).state == "awaiting_second_person"
    notes = " ".join(upload.history.values_list("note", flat=True))
    assert "You need the role finance approver to do this" in notes
    assert (Allocation.objects.count(), accepted_events()) == (0, 0)


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
