"""The engine's own rules: who may do what with an upload when, leases, retries, and that nothing happens twice."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from budgets.models import Allocation, StagedAllocation
from pooledcare.directory.models import ApiKey, AuditEvent
from pooledcare.kernel.problems import Refused
from pooledcare.uploads import actions, exports, kinds, pipeline, queries, states, tasks
from pooledcare.uploads.models import Upload, UploadStatus
from pooledcare.uploads.terms import UploadState
from tests import factories
from tests.uploads.sending import HEADINGS as CANONICAL
from tests.uploads.sending import Desk, codes, rows, worked

pytestmark = pytest.mark.django_db

ONE = "2024-25,QXM,nhs-core,allocation,1000.00,recurrent,"


@pytest.fixture
def desk() -> Desk:
    factories.stream(code="nhs-core")
    return Desk(factories.organisation(code="QXM", opened=dt.date(2013, 4, 1)))


def refusal(function, **arguments) -> str:
    with pytest.raises(Refused) as refused:
        function(**arguments)
    return refused.value.code


# ── Receiving ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_received_file_is_stored_under_a_name_of_our_own_with_its_fingerprint(desk):
    upload = desk.receive(rows(ONE), name="../../etc/plan\r\n.csv")
    assert upload.filename == "plan.csv"
    assert uuid.UUID(upload.stored_name)
    with default_storage.open(upload.stored_name) as stored:
        assert stored.read().decode() == rows(ONE)
    assert (upload.size, len(upload.sha256), upload.state) == (len(rows(ONE)), 64, "received")


def test_an_empty_file_is_refused_and_leaves_nothing(desk):
    assert refusal(desk.receive, content="") == "EMPTY_FILE"
    assert Upload.objects.count() == 0


def test_f38_the_same_bytes_again_name_the_earlier_upload(desk):
    earlier = desk.receive(rows(ONE))
    with pytest.raises(Refused) as refused:
        desk.receive(rows(ONE), name="other.csv")
    (problem,) = refused.value.problems
    assert (problem.code, problem.value) == ("DUPLICATE_FILE", earlier.reference)
    actions.abandon_upload(upload=earlier, by=desk.officer)
    assert desk.receive(rows(ONE)).state == "received"


def test_the_database_itself_refuses_the_same_bytes_twice(desk, monkeypatch):
    desk.receive(rows(ONE))
    monkeypatch.setattr(actions, "_file_problems", lambda *_: [])
    assert refusal(desk.receive, content=rows(ONE)) == "UPLOAD_SAME_FILE_ONCE"
    assert len(default_storage.listdir("")[1]) == 1


@pytest.mark.parametrize("profile", ["../secret", "pooledcare-figures"])
def test_an_unknown_profile_or_one_of_ours_is_refused_at_the_door(desk, profile):
    """In ours a file states the lineage of its figures: that is for the publications that we compiled."""
    assert refusal(desk.receive, content=rows(ONE), profile=profile) == "UNKNOWN_PROFILE"


def test_a_file_with_the_headings_of_our_own_layout_is_not_taken_for_it(desk):
    headings = f"{CANONICAL},gross_or_net,source_sheet,source_row,source_cell,published_text"
    upload = desk.send(rows(f"{ONE},net,Elsewhere,7,ZZ9,1000", headings=headings))
    assert (upload.state, set(codes(upload))) == ("refused", {"UNKNOWN_HEADER"})


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("2024-25,QXM", "MISSING_COLUMN"),
        (f"{ONE},extra", "EXTRA_COLUMN"),
        (ONE.replace(",x", "") + '1"2', "BAD_QUOTE"),
        (f"{ONE}{'x' * 5_000}", "FIELD_TOO_LONG"),
    ],
)
@pytest.mark.parametrize("before", [0, 4], ids=["alone", "in a piece of its own"])
def test_rows_that_are_all_refused_as_they_are_read_refuse_the_file(desk, settings, line, code, before):
    settings.UPLOAD_CHUNK_ROWS = 4
    good = [ONE.replace("2024-25", f"{2014 + n}-{15 + n}") for n in range(before)]
    upload = desk.send(rows(*good, *[line] * 4))
    assert (upload.state, set(codes(upload)), upload.rows_read) == ("refused", {code}, before + 4)


def test_a_marked_file_keeps_every_cell_in_its_place_and_can_be_sent_again(desk):
    upload = desk.send(rows(ONE, "", ONE.replace("1000", "lots").replace("2024-25", "2023-24")))
    name, _, content = exports.marked_file(upload)
    lines = b"".join(content).decode("utf-8-sig").split("\r\n")
    assert (name, lines[0]) == ("figures with problems.csv", f"{CANONICAL},PooledCare: what to correct")
    assert lines[1] == f"{ONE},"
    assert lines[2].strip(",") == ""
    assert "E: This is not an amount." in lines[3].split(",", 7)[7]
    again = desk.send("\n".join(lines).replace("lots", "1000"))
    assert (again.state, again.rows_staged) == ("awaiting_second_person", 2)


def test_a_marked_workbook_has_its_numbers_as_numbers_and_its_rows_where_they_were(desk):
    book = Workbook()
    sheet = book.active
    for row in (CANONICAL.split(","), ONE.split(","), [], [*ONE.split(",")[:4], 12.5, "sometimes", "00123"]):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    upload = desk.send(out.getvalue(), name="a.xlsx")
    _, _, content = exports.marked_file(upload)
    marked = load_workbook(io.BytesIO(b"".join(content))).active
    assert marked["H1"].value == "PooledCare: what to correct"
    assert [marked.cell(4, column).value for column in (5, 6, 7)] == [12.5, "sometimes", "00123"]
    assert marked["H4"].value.startswith("F: ")


def test_rel3_a_broker_that_is_away_loses_nothing(desk, monkeypatch, django_capture_on_commit_callbacks):
    def away(*_):
        raise OSError("no broker")

    monkeypatch.setattr(tasks.work_upload, "delay", away)
    with django_capture_on_commit_callbacks(execute=True):
        upload = desk.receive(rows(ONE))
    upload.refresh_from_db()
    assert upload.lease_until is None
    monkeypatch.setattr(tasks.work_upload, "delay", pipeline.work)
    assert tasks.sweep_uploads() == 1
    upload.refresh_from_db()
    assert upload.state == "awaiting_second_person"


# ── Accepting, abandoning ────────────────────────────────────────────────────────────────────────────────────────────


def test_b11_nobody_accepts_their_own_upload(desk):
    both = factories.actor(
        factories.member(organisation=desk.organisation, roles=["finance_officer", "finance_approver"])
    )
    upload = desk.send(rows(ONE), by=both)
    assert refusal(actions.accept_upload, upload=upload, by=both) == "FOUR_EYES"


def test_a_key_of_the_preparer_is_not_a_second_person(desk):
    person = factories.member(organisation=desk.organisation, roles=["finance_officer", "finance_approver"])
    upload = desk.send(rows(ONE), by=factories.actor(person))
    key, _ = factories.api_key(
        created_by=person, organisation=desk.organisation, permissions=["accept_allocations", "read_unpublished"]
    )
    from pooledcare.directory.access import key_actor

    actor = key_actor(ApiKey.objects.get(pk=key.pk))
    assert refusal(actions.accept_upload, upload=upload, by=actor) == "FOUR_EYES"


def test_where_the_second_person_is_waived_one_person_does_both_and_it_is_recorded(desk):
    desk.organisation.waives_second_person = True
    desk.organisation.save()
    both = factories.actor(
        factories.member(organisation=desk.organisation, roles=["finance_officer", "finance_approver"])
    )
    upload = desk.send(rows(ONE), by=both)
    assert upload.state == "ready"
    upload = worked(actions.accept_upload(upload=upload, by=both))
    assert (upload.state, upload.second_person_waived) == ("accepted", True)


def test_a_double_click_is_harmless_and_a_second_accepter_gets_a_clear_answer(desk):
    upload = desk.send(rows(ONE))
    actions.accept_upload(upload=upload, by=desk.approver)
    actions.accept_upload(upload=upload, by=desk.approver)
    other = factories.actor(factories.member(organisation=desk.organisation, roles=["finance_approver"]))
    assert refusal(actions.accept_upload, upload=upload, by=other) == "ALREADY_ACCEPTED"
    worked(upload)
    assert refusal(actions.accept_upload, upload=upload, by=other) == "ALREADY_ACCEPTED"
    assert actions.accept_upload(upload=upload, by=desk.approver).state == "accepted"
    assert Allocation.objects.count() == 1
    assert UploadStatus.objects.filter(upload=upload, state="accepting").count() == 1


def test_every_step_is_in_the_history_and_the_audit_trail(desk):
    upload = desk.put(rows(ONE))
    steps = [step.state for step in queries.history(upload)]
    events = (
        AuditEvent.objects.filter(subject=f"upload:{upload.reference}").order_by("pk").values_list("action", flat=True)
    )
    assert [f"upload.{state}" for state in steps] == list(events)


# ── Leases ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_lease_that_ran_out_is_taken_over_and_the_slow_worker_can_do_no_harm(desk):
    upload = desk.receive(rows(ONE))
    slow = states.take(upload.pk)
    Upload.objects.filter(pk=upload.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    upload = worked(upload)
    assert upload.state == "awaiting_second_person"
    slow.upload.state = "received"
    with pytest.raises((states.LostLease, Refused)):
        slow.move(UploadState.READING)
    slow._extend()
    assert slow.lost
    with pytest.raises(states.LostLease):
        slow.check()


@pytest.mark.parametrize("state", ["reading", "checked"])
def test_a_worker_that_dies_while_reading_leaves_work_that_is_done_again_from_the_start(desk, state, monkeypatch):
    upload = desk.receive(rows(ONE))

    class Killed(BaseException):
        """As SIGKILL: no handler of ours sees it."""

    name = "_check_counts" if state == "reading" else "_conclude"
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, name, lambda *_: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            pipeline.work(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, StagedAllocation.objects.count()) == (state, 1)
    assert states.due(timezone.now()) == []
    assert states.due(timezone.now() + timedelta(seconds=31)) == [upload.pk]
    upload = worked(upload)
    assert (upload.state, upload.counts["new"], StagedAllocation.objects.count()) == ("awaiting_second_person", 1, 1)


def test_a_worker_that_dies_while_accepting_leaves_all_or_nothing(desk, monkeypatch):
    upload = actions.accept_upload(upload=desk.send(rows(ONE)), by=desk.approver)

    class Killed(BaseException):
        pass

    steps = kinds.kind("allocations").steps
    with monkeypatch.context() as patch:
        patch.setattr(steps, "announce", lambda *_: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            pipeline.work(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, Allocation.objects.count()) == ("accepting", 0)
    states.due(timezone.now() + timedelta(seconds=31))
    assert worked(upload).state == "accepted"
    assert Allocation.objects.count() == 1


# ── When it goes wrong on our side ───────────────────────────────────────────────────────────────────────────────────


def test_a_poisonous_file_is_given_up_after_a_few_attempts_with_a_reference(desk, monkeypatch, settings):
    settings.UPLOAD_MAX_ATTEMPTS = 2
    upload = desk.receive(rows(ONE))
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "_conclude", lambda *_: (_ for _ in ()).throw(RuntimeError("broken")))
        assert worked(upload).state == "checked"
        assert pipeline.work(upload.pk) is not None
        upload.refresh_from_db()
    assert upload.state == "failed"
    assert "RuntimeError (reference " in upload.failure
    upload = worked(actions.retry_upload(upload=upload, by=desk.officer))
    assert upload.state == "awaiting_second_person"


def test_rows_that_get_lost_on_the_way_stop_the_upload(desk, monkeypatch):
    from pooledcare.uploads import staging

    def losing_the_first(table, columns, lines, copy=staging.copy):
        copy(table, columns, lines.partition("\n")[2])

    monkeypatch.setattr(staging, "copy", losing_the_first)
    upload = desk.send(rows(ONE, ONE.replace("2024-25", "2023-24")))
    assert upload.state == "failed"
    assert upload.failure.startswith("INTERNAL_COUNT")


# ── Headings ─────────────────────────────────────────────────────────────────────────────────────────────────────────

HEADINGS = [
    ("F17", "financial_year,organisation,stream,basis,amount,recurrence,note\n", ["NO_ROWS"]),
    ("F16", "\n\n\n", ["EMPTY_FILE"]),
    ("S04", "financial_year,organisation,stream,basis,amount,amount\n1,2,3,4,5,6\n", ["DUPLICATE_HEADER"]),
    ("S05 missing", "financial_year,organisation,stream,amount\n1,2,3,4\n", ["MISSING_HEADER"]),
    (
        "S05 misspelt",
        "financial_year,organisaton,stream,basis,amount\n1,2,3,4,5\n",
        ["MISSING_HEADER", "UNKNOWN_HEADER"],
    ),
    ("S06", "financial_year,organisation,stream,basis,amount,colour\n1,2,3,4,5,6\n", ["UNKNOWN_HEADER"]),
    ("S09", "Allocations 2024\n\nfinancial_year,organisation,stream,basis,amount\n1,2,3,4,5\n", ["HEADER_NOT_FOUND"]),
    ("S16", '"financial_year,organisation,stream,basis,amount"\n"1,2,3,4,5"\n', ["HEADER_NOT_FOUND"]),
    ("S18", "organisation\nQXM\n", ["MISSING_HEADER"] * 4),
]


@pytest.mark.parametrize(("case", "content", "expected"), HEADINGS, ids=[case[0] for case in HEADINGS])
def test_headings_that_are_not_ours_refuse_the_file(desk, case, content, expected):
    upload = desk.send(content)
    assert (upload.state, codes(upload)) == ("refused", expected)


def test_a_misspelt_heading_says_which_column_to_rename(desk):
    upload = desk.send("financial_year,organisaton,stream,basis,amount\n1,2,3,4,5\n")
    assert upload.problems.get(code="MISSING_HEADER").fix == "Rename “organisaton” in column B to organisation."


def test_s03_empty_columns_at_the_end_are_left_out(desk):
    upload = desk.send(rows(ONE + ",,", headings="financial_year,organisation,stream,basis,amount,recurrence,note,,"))
    assert (upload.state, codes(upload)) == ("awaiting_second_person", [])


def test_s01_s02_rows_of_another_width_are_refused_and_counted(desk):
    upload = desk.send(rows(ONE, "2024-25,QXM", ONE + ",more"))
    assert sorted(codes(upload)) == ["EXTRA_COLUMN", "MISSING_COLUMN"]
    assert (upload.rows_read, upload.rows_staged) == (3, 1)


def test_f29_a_line_that_would_end_copy_is_a_row_like_any_other(desk):
    upload = desk.send(rows(ONE, "\\.", ONE.replace("2024-25", "2023-24")))
    assert codes(upload) == ["MISSING_COLUMN"]
    assert upload.rows_read == 3


def test_text_that_copy_would_misread_arrives_as_it_is(desk):
    upload = desk.send(rows(ONE + '"back\\slash \\N \\."', ONE.replace("2024-25", "2023-24") + "a\tb"))
    assert codes(upload) == []
    notes = StagedAllocation.objects.order_by("line").values_list("note", flat=True)
    assert list(notes) == ["back\\slash \\N \\.", "a b"]


def test_a_workbook_is_read_wherever_its_headings_stand_in_row_one(desk):
    from io import BytesIO

    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "Notes"
    book.active.append(["Anything"])
    sheet = book.create_sheet("Figures")
    sheet.append(["financial_year", "organisation", "stream", "basis", "amount"])
    sheet.append(["2024-25", "QXM", "nhs-core", "allocation", 1234.5])
    out = BytesIO()
    book.save(out)
    upload = desk.send(out.getvalue(), name="figures.xlsx")
    assert (upload.state, codes(upload)) == ("awaiting_second_person", [])
    staged = StagedAllocation.objects.get()
    assert (staged.sheet, staged.row, staged.cell, staged.published_text) == ("Figures", 2, "E", "1234.5")
    assert any("“Notes” was not read" in notice for notice in upload.notices)


def test_the_blank_template_is_read_back_and_has_no_rows(desk):
    from pooledcare.uploads import templates

    upload = desk.send(templates.workbook(kinds.kind("allocations")), name="allocations.xlsx")
    assert codes(upload) == ["NO_ROWS"]


def test_the_columns_of_a_kind_are_its_schema():
    kind = kinds.kind("allocations")
    names = [column.heading for column in kind.template_columns]
    assert names == ["financial_year", "organisation", "stream", "basis", "amount", "recurrence", "note"]
    schema = kind.schema()
    assert list(schema["properties"]) == names
    assert schema["required"] == names[:5]


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_rows_are_written_by_a_second_connection_while_others_are_checked(settings):
    settings.UPLOAD_CHUNK_ROWS = 3
    factories.stream(code="nhs-core")
    desk = Desk(factories.organisation(code="QXM", opened=dt.date(2013, 4, 1)))
    lines = [
        f"{year}-{(year + 1) % 100:02d},QXM,nhs-core,allocation,{year}.50,recurrent," for year in range(2013, 2025)
    ]
    upload = desk.put(rows(*lines))
    assert (upload.state, upload.rows_read, upload.counts["new"]) == ("accepted", 12, 12)
    assert Allocation.objects.order_by("row").values_list("row", flat=True)[11] == 13
    assert not connection.in_atomic_block
