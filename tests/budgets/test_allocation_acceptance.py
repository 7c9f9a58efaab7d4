"""What accepting, correcting and reversing uploads of allocations leaves behind."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.core.management import CommandError, call_command

from budgets import totals
from budgets.actions import corrections as budget_actions
from budgets.allocations.stored_preview import stored_preview
from budgets.models import Allocation, AllocationTotal, StagedAllocation
from pooledcare.directory.models import AuditEvent, Change, Membership, Organisation
from pooledcare.kernel.problems import Refused
from pooledcare.uploads import actions, kinds, pipeline, queries
from pooledcare.uploads.models import Upload
from tests import factories
from tests.uploads.sending import PUBLISHED, Desk, codes, rows, worked

pytestmark = pytest.mark.django_db

ONE = "2024-25,QXM,nhs-core,allocation,1000.00,recurrent,"
TWO = "2024-25,QXN,nhs-core,allocation,250.50,recurrent,"


@pytest.fixture
def desk() -> Desk:
    publisher = factories.nhs_england()
    factories.stream(code="nhs-core", name="Core services")
    factories.stream(code="running-costs", name="Running costs")
    north = factories.region(name="North")
    factories.organisation(name="NHS Mereshire ICB", code="QXM", region=north, opened=dt.date(2013, 4, 1))
    factories.organisation(name="NHS Nether ICB", code="QXN", region=factories.region(), opened=dt.date(2013, 4, 1))
    return Desk(publisher, ("publisher",))


def standing() -> dict[tuple[str, int], Decimal | None]:
    found = Allocation.objects.filter(is_current=True, withdrawn=False).select_related("organisation")
    return {(one.organisation.code, one.financial_year): one.amount for one in found}


def total() -> Decimal:
    return sum((one.amount for one in AllocationTotal.objects.all()), Decimal(0))


def test_acceptance_writes_every_figure_with_its_lineage_once(desk):
    upload = desk.put(rows(ONE, TWO))
    assert upload.state == "accepted"
    one = Allocation.objects.get(organisation__code="QXM")
    assert (one.amount, one.version, one.is_current, one.published_on) == (Decimal("1000.00"), 1, True, PUBLISHED)
    assert (one.upload, one.sheet, one.row, one.cell, one.published_text) == (upload, "", 2, "E2", "1000.00")
    assert one.source == desk.organisation
    assert [step.state for step in queries.history(upload)] == [
        "received", "reading", "checked", "ready", "awaiting_second_person", "accepting", "accepted",
    ]  # fmt: skip
    assert total() == Decimal("1250.50")
    change = Change.objects.get(reference=upload.reference)
    assert (change.resource, change.event, change.public, change.counts["new"]) == ("allocations", "accepted", True, 2)
    accepted = AuditEvent.objects.get(action="upload.accepted")
    assert accepted.actor == desk.approver.reference


def test_working_again_on_an_accepted_upload_changes_nothing(desk):
    upload = desk.put(rows(ONE))
    assert pipeline.work(upload.pk) is None
    assert Allocation.objects.count() == 1


def test_what_is_unchanged_stays_what_changed_gets_a_new_version(desk):
    desk.put(rows(ONE, TWO))
    upload = desk.put(rows(ONE, TWO.replace("250.50", "300")))
    assert upload.counts == {"new": 0, "changed": 1, "unchanged": 1, "withdrawn": 0, "not_reported": 0}
    versions = Allocation.objects.filter(organisation__code="QXN").order_by("version")
    assert [(one.amount, one.version, one.is_current) for one in versions] == [
        (Decimal("250.50"), 1, False),
        (Decimal("300.00"), 2, True),
    ]
    assert Allocation.objects.filter(organisation__code="QXM").count() == 1
    assert total() == Decimal("1300.00")


def test_absence_withdraws_nothing_unless_the_file_is_declared_complete(desk):
    desk.put(rows(ONE, TWO))
    desk.put(rows(ONE.replace("1000.00", "1001.00")))
    assert len(standing()) == 2
    upload = desk.send(rows(ONE.replace("1000.00", "1002.00")), complete=True)
    assert upload.counts["withdrawn"] == 1
    assert (upload.preview["streams"][0]["before"], upload.preview["streams"][0]["after"]) == ("1251.50", "1002.00")
    desk.accept(upload)
    assert standing() == {("QXM", 2024): Decimal("1002.00")}
    tombstone = Allocation.objects.get(withdrawn=True)
    assert (tombstone.organisation.code, tombstone.amount, tombstone.version) == ("QXN", None, 2)
    assert total() == Decimal("1002.00")


def test_a_complete_file_withdraws_only_in_its_own_streams_years_and_source(desk):
    desk.put(
        rows(ONE, "2023-24,QXN,nhs-core,allocation,7,recurrent,", "2024-25,QXN,running-costs,allocation,8,recurrent,")
    )
    own = Desk(Organisation.objects.get(code="QXN"))
    own.put(rows("2024-25,QXN,nhs-core,allocation,9,recurrent,"))
    upload = desk.send(rows(ONE.replace("1000.00", "5")), complete=True)
    assert upload.counts["withdrawn"] == 0


def test_a_withdrawn_figure_that_comes_back_is_new(desk):
    desk.put(rows(ONE, TWO))
    desk.put(rows(ONE.replace("1000.00", "1")), complete=True)
    upload = desk.put(rows(TWO))
    assert upload.counts["new"] == 1
    assert Allocation.objects.get(organisation__code="QXN", is_current=True).version == 3
    assert total() == Decimal("251.50")


def test_reversal_lets_stand_again_what_stood_before(desk):
    desk.put(rows(ONE))
    second = desk.put(rows(ONE.replace("1000.00", "1111.00"), TWO))
    reversed_upload = actions.reverse_upload(upload=second, by=desk.approver, reason="Sent by mistake")
    assert reversed_upload.state == "reversed"
    assert standing() == {("QXM", 2024): Decimal("1000.00")}
    assert total() == Decimal("1000.00")
    assert Allocation.objects.count() == 5
    restored = Allocation.objects.get(organisation__code="QXM", is_current=True)
    assert (restored.version, restored.upload.reference) == (3, Upload.objects.order_by("pk").first().reference)
    assert Change.objects.filter(reference=second.reference, event="reversed").count() == 1
    assert queries.history(second)[-1].note == "Sent by mistake"


def test_uploads_are_reversed_newest_first_down_to_nothing(desk):
    uploads = [desk.put(rows(ONE.replace("1000.00", amount))) for amount in ("1.00", "2.00", "3.00")]
    with pytest.raises(Refused) as refusal:
        actions.reverse_upload(upload=uploads[0], by=desk.approver, reason="x")
    assert refusal.value.code == "CHANGED_LATER"
    for upload, left in zip(reversed(uploads), ("2.00", "1.00", None), strict=True):
        actions.reverse_upload(upload=upload, by=desk.approver, reason="Undone")
        assert standing() == ({("QXM", 2024): Decimal(left)} if left else {})
    assert total() == 0
    assert totals.differences() == 0


def test_b12_an_upload_is_reversed_once(desk):
    upload = desk.put(rows(ONE))
    actions.reverse_upload(upload=upload, by=desk.approver, reason="Undone")
    with pytest.raises(Refused) as refusal:
        actions.reverse_upload(upload=upload, by=desk.approver, reason="Again")
    assert refusal.value.code == "ALREADY_REVERSED"


def test_the_same_file_may_be_sent_again_after_its_reversal(desk):
    upload = desk.put(rows(ONE))
    actions.reverse_upload(upload=upload, by=desk.approver, reason="Undone")
    assert desk.put(rows(ONE)).state == "accepted"
    assert standing() == {("QXM", 2024): Decimal("1000.00")}


def test_a_later_capability_may_stand_on_an_upload(desk, monkeypatch):
    from pooledcare.kernel.problems import Problem

    monkeypatch.setattr(kinds, "_BLOCKERS", [])
    kinds.block_reversal("allocations", lambda upload: [Problem("DRAWN_ON", f"A pool draws on {upload.reference}")])
    upload = desk.put(rows(ONE))
    with pytest.raises(Refused) as refusal:
        actions.reverse_upload(upload=upload, by=desk.approver, reason="x")
    assert refusal.value.code == "DRAWN_ON"


def test_unpublished_figures_are_in_no_total_and_can_be_published_later(desk):
    desk.put(rows(ONE), published_on=None)
    assert total() == 0
    upload = desk.put(rows(ONE, TWO))
    assert upload.counts == {"new": 1, "changed": 1, "unchanged": 0, "withdrawn": 0, "not_reported": 0}
    assert total() == Decimal("1250.50")


def test_published_figures_are_not_hidden_by_unpublished_ones(desk):
    desk.put(rows(ONE))
    upload = desk.send(rows(ONE.replace("1000.00", "900.00")), published_on=None)
    assert codes(upload) == ["NOT_PUBLISHED"]


def test_a_publication_is_not_older_than_what_it_replaces(desk):
    desk.put(rows(ONE))
    upload = desk.send(rows(ONE.replace("1000.00", "900.00")), published_on=PUBLISHED - dt.timedelta(days=1))
    assert codes(upload) == ["PUBLISHED_BEFORE"]


def test_figures_of_publisher_and_holder_stand_side_by_side(desk):
    desk.put(rows(ONE))
    Desk(Organisation.objects.get(code="QXM")).put(rows(ONE.replace("1000.00", "990.00")))
    amounts = Allocation.objects.filter(is_current=True).order_by("amount").values_list("amount", flat=True)
    assert list(amounts) == [Decimal("990.00"), Decimal("1000.00")]


# ── Between the preview and the acceptance ───────────────────────────────────────────────────────────────────────────


def test_figures_that_changed_meanwhile_send_the_upload_back_with_a_new_preview(desk):
    waiting = desk.send(rows(ONE))
    desk.put(rows(ONE.replace("1000.00", "999.00")))
    upload = desk.accept(waiting)
    assert upload.state == "awaiting_second_person"
    assert upload.counts["changed"] == 1
    assert "changed since the preview" in upload.notices[0]
    assert "changed since the preview" in queries.history(upload)[-2].note
    assert standing() == {("QXM", 2024): Decimal("999.00")}
    assert desk.accept(upload).state == "accepted"
    assert standing() == {("QXM", 2024): Decimal("1000.00")}


def test_b09_a_body_that_closed_meanwhile_refuses_the_upload(desk):
    upload = desk.send(rows(ONE))
    Organisation.objects.filter(code="QXM").update(closed=dt.date(2023, 3, 31))
    upload = desk.accept(upload)
    assert (upload.state, codes(upload)) == ("refused", ["ORG_CLOSED"])
    assert Allocation.objects.count() == 0


def test_b08_a_sender_who_lost_the_right_meanwhile_refuses_the_upload(desk):
    upload = desk.send(rows(ONE))
    Membership.objects.filter(user=desk.officer.person).update(ended_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    upload = desk.accept(upload)
    assert (upload.state, codes(upload)) == ("refused", ["NOT_PERMITTED"])


def test_staged_rows_are_forgotten_once_they_are_not_needed(desk):
    waiting, accepted = desk.send(rows(TWO)), desk.put(rows(ONE))
    assert StagedAllocation.objects.filter(upload_id=accepted.pk).count() == 1
    pipeline.tidy()
    assert list(StagedAllocation.objects.values_list("upload_id", flat=True)) == [waiting.pk]


# ── One figure ───────────────────────────────────────────────────────────────────────────────────────────────────────


def corrected(desk: Desk, amount: str = "1234.5", published_on: dt.date | None = PUBLISHED) -> Upload:
    figure = Allocation.objects.get(organisation__code="QXM", is_current=True)
    return budget_actions.correct_figure(
        allocation=figure, amount=amount, note="Misprint", published_on=published_on, by=desk.officer
    )


def test_a_single_figure_is_corrected_by_the_same_way(desk):
    desk.put(rows(ONE, TWO))
    upload = worked(corrected(desk))
    assert (upload.channel, upload.counts["changed"], upload.state) == ("form", 1, "awaiting_second_person")
    desk.accept(upload)
    figure = Allocation.objects.get(organisation__code="QXM", is_current=True)
    assert (figure.amount, figure.note, figure.version) == (Decimal("1234.50"), "Misprint", 2)


@pytest.mark.parametrize(
    ("amount", "published_on", "code", "field"),
    [
        ("1,23", PUBLISHED, "AMBIGUOUS_NUMBER", "amount"),
        ("abc", PUBLISHED, "NOT_A_NUMBER", "amount"),
        ("£1,000", PUBLISHED, "UNCHANGED", "amount"),
        ("1", None, "REQUIRED", "published_on"),
        ("1", PUBLISHED - dt.timedelta(days=1), "PUBLISHED_BEFORE", "published_on"),
    ],
)
def test_a_correction_that_the_checks_would_refuse_makes_no_upload(desk, amount, published_on, code, field):
    desk.put(rows(ONE))
    uploads = Upload.objects.count()
    with pytest.raises(Refused) as refusal:
        corrected(desk, amount, published_on)
    (problem,) = refusal.value.problems
    assert (problem.code, problem.where.field) == (code, field)
    assert Upload.objects.count() == uploads


def test_a_correction_keeps_gross_or_net_of_its_figure(desk):
    own = "financial_year,organisation,stream,basis,amount,gross_or_net\n2024-25,QXM,nhs-core,allocation,5,gross\n"
    desk.put(own)
    desk.accept(worked(corrected(desk)))
    current = Allocation.objects.get(is_current=True, withdrawn=False)  # one: no second figure beside the gross one
    assert (current.amount, current.gross_or_net, current.version) == (Decimal("1234.50"), "gross", 2)


def test_the_same_correction_may_be_made_again_later(desk):
    desk.put(rows(ONE))
    for amount in ("1.00", "2.00", "1.00"):
        assert desk.accept(worked(corrected(desk, amount))).state == "accepted"


def test_a_superseded_figure_cannot_be_corrected(desk):
    desk.put(rows(ONE))
    old = Allocation.objects.get()
    desk.put(rows(ONE.replace("1000.00", "2.00")))
    old.refresh_from_db()
    with pytest.raises(Refused) as refusal:
        budget_actions.correct_figure(allocation=old, amount="3", note="", published_on=PUBLISHED, by=desk.officer)
    assert refusal.value.code == "NOT_CURRENT"


# ── Preview and totals ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_preview_shows_pounds_before_and_after_by_stream_and_organisation(desk):
    desk.put(rows(ONE, TWO))
    upload = desk.send(rows(ONE.replace("1000.00", "1500.00"), "2025-26,QXN,nhs-core,allocation,300.00,recurrent,"))
    preview = stored_preview(upload)
    lines = {(line.stream, line.financial_year): (line.before, line.after, line.change) for line in preview.streams}
    assert lines == {
        ("nhs-core", "2024-25"): (Decimal("1250.50"), Decimal("1750.50"), Decimal("500.00")),
        ("nhs-core", "2025-26"): (Decimal("0.00"), Decimal("300.00"), Decimal("300.00")),
    }
    by_body = {(line.organisation, line.financial_year): line.change for line in preview.organisations}
    assert by_body == {("QXM", "2024-25"): Decimal("500.00"), ("QXN", "2025-26"): Decimal("300.00")}


def test_movements_over_a_quarter_are_flagged_against_file_and_books(desk):
    desk.put(
        rows("2023-24,QXM,nhs-core,allocation,1000.00,recurrent,", "2023-24,QXN,nhs-core,allocation,1000.00,recurrent,")
    )
    upload = desk.send(
        rows(
            "2024-25,QXM,nhs-core,allocation,1250.01,recurrent,",
            "2024-25,QXN,nhs-core,allocation,1250.00,recurrent,",
            "2025-26,QXN,nhs-core,allocation,600.00,recurrent,",
        )
    )
    preview = stored_preview(upload)
    assert preview.movement_count == 2
    found = {(line.organisation, line.financial_year): line.percent for line in preview.movements}
    assert found == {("QXM", "2024-25"): Decimal("25.0"), ("QXN", "2025-26"): Decimal("-52.0")}


def test_totals_are_checked_and_can_be_summed_anew(desk, capsys):
    desk.put(rows(ONE, TWO))
    call_command("check_totals")
    assert "Every total equals" in capsys.readouterr().out
    AllocationTotal.objects.filter(amount=Decimal("250.50")).update(amount=Decimal("250.51"))
    with pytest.raises(CommandError, match="1 totals differ"):
        call_command("check_totals")
    call_command("check_totals", "--rebuild")
    assert total() == Decimal("1250.50")


def test_a_date_of_publication_in_the_future_is_refused_at_the_door(desk):
    with time_machine.travel("2024-05-02 12:00"), pytest.raises(Refused) as refusal:
        desk.receive(rows(ONE))
    assert refusal.value.code == "PUBLISHED_IN_FUTURE"
