"""Several partners at the same instant, on real connections: one effect, and a clear answer to each."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from partnerships.actions import deeds, drafting, operation, reminding, uploaded_drafts
from partnerships.models import Agreement, AgreementStatus, Approval, Deed, Notice, Publication, Reminder
from partnerships.queries.agreements.approvals import approvals_of
from partnerships.queries.agreements.records import record_of
from partnerships.tasks import advance_agreements
from partnerships.upload_kinds import steps
from partnerships.upload_kinds.changes import Planned
from partnerships.upload_kinds.writing import Written, write_row
from pooledcare.directory.models import AuditEvent, Change
from pooledcare.uploads import actions
from tests.deed_steps import SYSTEM, approve, fresh, hash_now, open_deed
from tests.partnerships.test_agreement_uploads import DraftDesk
from tests.uploads.test_concurrency import at_once, refusals
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROUNDS = 5
DAY = dt.timedelta(days=1)


@pytest.fixture
def world(db: None) -> World:
    """Everybody is there before anything begins at once."""
    made = World()
    assert all(person for each in (made.icb, made.council) for person in (each.prepares, each.approves, each.leads))
    return made


def is_approved_as_it_reads(deed: Deed) -> bool:
    record = record_of(Agreement.objects.get(pk=deed.agreement_id))
    return all(line.is_approved for line in approvals_of(deed, record))


def test_two_partners_approve_at_once_while_a_third_edits(world):
    """Whatever came first: a deed that is approved is approved by all as it reads, and nobody's word is lost."""
    for number in range(ROUNDS):
        agreement = world.draft(world.icb, world.council, world.district, slug=f"round-{number}")
        deed = approve(open_deed(agreement), world.district)
        seen, text = hash_now(deed), f"Edited in round {number}."
        answers = at_once(
            lambda deed=deed, seen=seen: deeds.approve_deed(deed=deed, content_hash=seen, by=world.icb.approves),
            lambda deed=deed, seen=seen: deeds.approve_deed(deed=deed, content_hash=seen, by=world.council.approves),
            lambda deed=deed, text=text: drafting.write_clause(
                deed=deed, kind="exit", text=text, by=world.icb.prepares
            ),
        )
        assert set(refusals(answers)) <= {"CHANGED_MEANWHILE"}
        deed = fresh(deed)
        given = set(deed.approvals.values_list("content_hash", flat=True))
        assert given == {seen}
        assert deed.clauses.get(kind="exit").text == text
        assert (deed.state, fresh(agreement).state) == ("draft", "draft")
        assert not is_approved_as_it_reads(deed)
        assert AuditEvent.objects.filter(action="deed.approved", sentence__startswith=deed.reference).count() == (
            deed.approvals.count()
        )
        approve(deed, world.icb, world.council, world.district)
        assert fresh(deed).state == "approved"
        assert is_approved_as_it_reads(fresh(deed))


def test_the_last_two_approvals_at_once_make_the_deed_approved_once(world):
    for _ in range(ROUNDS):
        agreement = world.draft()
        deed = open_deed(agreement)
        seen = hash_now(deed)
        answers = at_once(
            *[
                partial(deeds.approve_deed, deed=deed, content_hash=seen, by=by)
                for by in (world.icb.approves, world.council.approves)
            ]
        )
        assert refusals(answers) == []
        assert (fresh(deed).state, fresh(agreement).state) == ("approved", "approved")
        assert AgreementStatus.objects.filter(agreement=agreement, state="approved").count() == 1


def test_an_approval_and_changes_asked_for_at_once_leave_the_deed_sent_back(world):
    deed = open_deed(world.draft())
    seen = hash_now(deed)
    answers = at_once(
        partial(deeds.approve_deed, deed=deed, content_hash=seen, by=world.icb.approves),
        partial(deeds.request_changes, deed=deed, note="Otherwise.", by=world.council.approves),
    )
    assert refusals(answers) == []
    assert fresh(deed).state == "changes_requested"


def test_an_agreement_signed_and_notice_given_at_once(world):
    """Notice is of what is signed: it comes after the signing, or is refused."""
    today = timezone.localdate()
    for _ in range(ROUNDS):
        agreement = world.draft()
        deed = approve(open_deed(agreement), world.icb, world.council)
        answers = at_once(
            lambda deed=deed: deeds.sign_deed(deed=deed, signed_on=today, by=world.icb.approves),
            lambda agreement=agreement: operation.give_notice(
                agreement=agreement,
                given_on=today,
                takes_effect_on=today + 200 * DAY,
                reason="",
                by=world.council.leads,
            ),
        )
        refused = refusals(answers)
        assert refused in ([], ["WRONG_STATE"])
        assert fresh(deed).state == "signed"
        assert fresh(agreement).state == ("signed" if refused else "notice_given")
        assert Notice.objects.filter(agreement=agreement).count() == (not refused)


def test_a_deed_of_an_integrated_arrangement_signed_while_its_notice_is_taken_back(world):
    """The deed stands on a notice that stood when it was signed, or is refused."""
    today = timezone.localdate()
    for _ in range(ROUNDS):
        agreement = world.integrated()
        last_day = today + 200 * DAY
        given = operation.give_notice(
            agreement=agreement, given_on=today, takes_effect_on=last_day, reason="", by=world.council.approves
        )
        deed = world.deed(agreement, effective_on=last_day + DAY)
        drafting.drop_scheme(deed=deed, slug=agreement.schemes.get().slug, by=world.council.prepares)
        deed.impact_assessments.create(
            assessed_on=today, text="Assessed.", organisation=world.icb.organisation, actor=SYSTEM.reference
        )
        deed = approve(fresh(deed), world.icb, world.council)
        answers = at_once(
            partial(deeds.sign_deed, deed=deed, signed_on=today, by=world.icb.approves),
            partial(operation.withdraw_notice, notice=given, by=world.council.approves),
        )
        refused = refusals(answers)
        assert refused in ([], ["DO_NO_HARM"])
        assert fresh(deed).state == ("approved" if refused else "signed")
        assert fresh(agreement).state == "in_operation"


def test_two_people_prepare_a_deed_at_once(world):
    agreement = world.running()
    answers = at_once(
        *[
            partial(deeds.prepare_deed, agreement=agreement, by=by)
            for by in (world.icb.prepares, world.council.prepares, world.council.leads)
        ]
    )
    assert refusals(answers) == ["DEED_ONE_OPEN", "DEED_ONE_OPEN"]
    assert list(agreement.deeds.values_list("number", "state")) == [(0, "signed"), (1, "draft")]
    assert AuditEvent.objects.filter(action="deed.prepared").count() == 1


def test_two_people_begin_the_renewal_at_once(world):
    agreement = world.running()
    start = timezone.localdate() + DAY
    answers = at_once(
        *[
            partial(deeds.prepare_renewal, agreement=agreement, start=start, by=by)
            for by in (world.icb.prepares, world.council.prepares)
        ]
    )
    assert refusals(answers) == ["RENEWAL_BEGUN"]
    assert agreement.renewals.count() == 1


def clicked(action: Any, **arguments: Any) -> None:
    assert refusals(at_once(*[partial(action, **arguments)] * 6)) == []


def test_double_clicks_have_one_effect_and_one_line_of_audit_each(world):
    today = timezone.localdate()
    agreement = world.draft()
    deed = open_deed(agreement)
    seen, by = hash_now(deed), world.council.approves
    clicked(deeds.request_changes, deed=deed, note="Otherwise.", by=by)
    clicked(deeds.approve_deed, deed=deed, content_hash=seen, by=by)
    clicked(deeds.approve_deed, deed=deed, content_hash=seen, by=world.icb.approves)
    clicked(deeds.sign_deed, deed=deed, signed_on=today, by=by)
    clicked(deeds.publish_deed, deed=deed, by=by)
    clicked(operation.start_operating, agreement=agreement, since=today, by=world.council.prepares)
    clicked(operation.mark_integrated, agreement=agreement, by=by)
    clicked(operation.agree_release, agreement=agreement, by=by)
    term = {"given_on": today, "takes_effect_on": today + 200 * DAY, "reason": ""}
    clicked(operation.give_notice, agreement=agreement, by=by, **term)
    notice = Notice.objects.get()
    clicked(operation.withdraw_notice, notice=notice, by=by)
    event = {"kind": "direction", "happened_on": today, "evidence": "Letter"}
    clicked(operation.record_occurrence, agreement=agreement, by=world.council.prepares, **event)
    assert Approval.objects.count() == 3
    assert (Publication.objects.count(), Notice.objects.count(), agreement.marks.count()) == (1, 2, 2)
    actions = AuditEvent.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == [
        "deed.changes_requested", "deed.approved", "deed.approved", "deed.signed", "deed.published",
        "agreement.operating", "agreement.marked", "agreement.release_agreed", "notice.given", "notice.withdrawn",
        "occurrence.recorded",
    ]  # fmt: skip
    assert Change.objects.filter(resource="agreements").count() == len(actions)


def test_every_partner_releases_the_mark_at_once_and_it_is_cleared(world):
    for _ in range(ROUNDS):
        agreement = world.integrated()
        answers = at_once(
            *[
                partial(operation.agree_release, agreement=agreement, by=by)
                for by in (world.icb.approves, world.council.approves)
            ]
        )
        assert refusals(answers) == []
        assert fresh(agreement).is_integrated is False


def test_the_days_pass_once_however_often_they_are_told_to(world):
    yesterday = timezone.localdate() - DAY
    ended, running = world.running(end_on=yesterday), world.running()
    Agreement.objects.get(pk=ended.pk).summaries.update(worked_out_on=yesterday)
    running.summaries.update(worked_out_on=yesterday)
    answers = at_once(*[advance_agreements] * 4)
    assert refusals(answers) == []
    assert fresh(ended).state == "expired"
    assert AgreementStatus.objects.filter(agreement=ended, state="expired").count() == 1


def test_a_reminder_is_sent_once_however_many_send_at_once(world):
    world.running(review_on=[timezone.localdate() + DAY])
    answers = at_once(*[partial(reminding.send_reminders, by=SYSTEM)] * 4)
    assert refusals(answers) == []
    assert sorted(answers) == [0, 0, 0, 1]
    assert Reminder.objects.count() == 1


def test_nobody_waits_for_a_file_that_is_compared_or_accepted(world, monkeypatch):
    """After each row somebody writes another agreement; while it is compared, also what the file has written before."""
    named = [world.draft(world.icb, world.council, slug=f"named-{number}") for number in range(2)]
    other, heard, let_go = world.draft(world.icb, world.council), [], list(named)

    def somebody_writes(agreement: Agreement, text: str) -> Deed:
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = '5s'")
        return drafting.write_clause(deed=open_deed(agreement), kind="exit", text=text, by=world.council.prepares)

    def written_slowly(plan: Planned, **given: Any) -> Written:
        done = write_row(plan, **given)
        text = f"While row {plan.row.row} was written, {len(heard)}"
        before = [each for each in let_go if each.pk < done.agreement.pk]
        heard.extend(at_once(*(partial(somebody_writes, each, text) for each in (other, *before))))
        return done

    monkeypatch.setattr(steps, "write_row", written_slowly)
    monkeypatch.setattr(uploaded_drafts, "write_row", written_slowly)
    desk = DraftDesk(world.icb.organisation, ("pool_manager",))
    rows = [{"reference": each.reference, "title": f"By file {each.pk}"} for each in named]
    actions.abandon_upload(upload=desk.file(*rows), by=desk.officer)
    assert len(heard) == 3
    let_go.clear()
    assert desk.accept(desk.file(*rows)).state == "accepted"
    assert len(heard) == 3 + 2 + 2
    assert refusals(heard) == []
    numbers = list(Change.objects.values_list("sequence", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
