"""Reminders before a review, the last day for notice and the end: to whom they concern, once, and made up for."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied

from partnerships.actions import operation, reminding
from partnerships.models import Agreement, Reminder, SchemeTerms
from partnerships.queries.agreements.records import record_of
from partnerships.reference.parameters import parameter
from partnerships.rules.agreements import read_on
from partnerships.rules.agreements.noticing import DueDate, NoticeFact, due_dates, months_after, reminder_now
from partnerships.tasks import send_reminders
from pooledcare.directory import mails
from pooledcare.directory.models import AuditEvent, Membership
from tests import factories
from tests.deed_steps import SYSTEM, TODAY, open_deed, sign
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_that_day")]
DAY = dt.timedelta(days=1)


@pytest.fixture
def world() -> World:
    made = World()
    assert made.icb.leads
    assert made.council.approves
    return made


@pytest.fixture
def remind(django_capture_on_commit_callbacks):
    """Send what is due on a day; who got how many mails with which subject."""

    def send(day: dt.date = TODAY) -> tuple[int, set[str], set[str]]:
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            count = reminding.send_reminders(today=day, by=SYSTEM)
        return count, {sent.to[0] for sent in mail.outbox}, {sent.subject for sent in mail.outbox}

    return send


def addresses(*people) -> set[str]:
    return {each.person.email for each in people}


def test_the_leads_are_parameters_of_our_own_choice():
    assert [parameter(code, on=TODAY) for code in reminding.LEADS] == [90, 30, 7]


def test_whoever_prepares_or_approves_at_a_partner_is_reminded_of_a_review(world, remind):
    assert world.council.having("viewer", "org_admin")
    assert world.outsider.leads
    agreement = world.running(review_on=[TODAY + 90 * DAY])
    count, to, subjects = remind()
    assert (count, to) == (1, addresses(world.icb.leads, world.council.approves))
    assert subjects == {f"{agreement.reference}: review on 13 September 2026"}
    body = mail.outbox[0].body
    assert "in 90 days." in body
    assert agreement.get_absolute_url() in body
    assert AuditEvent.objects.get(action="agreement.reminded").subject == f"agreement:{agreement.reference}"


def test_a_mail_says_what_is_due_and_where_to_look(world, remind):
    agreement = world.running(review_on=[TODAY + 29 * DAY], title="Joint arrangements")
    remind()
    sent = next(each for each in mail.outbox if each.to == [world.icb.leads.person.email])
    assert sent.subject == f"{agreement.reference}: review on 14 July 2026"
    for words in (
        "Joint arrangements",
        agreement.reference,
        "14 July 2026",
        "in 29 days.",
        mails.absolute(agreement.get_absolute_url()),
    ):
        assert words in sent.body
    event = AuditEvent.objects.get()
    assert (event.action, event.subject, event.sentence, event.actor, event.organisation) == (
        "agreement.reminded", f"agreement:{agreement.reference}",
        f"{agreement.reference}: reminded of review on 14 July 2026, 30 days before or later.",
        SYSTEM.reference, world.icb.organisation.code,
    )  # fmt: skip


def test_a_reminder_was_sent_only_where_every_part_of_it_is_the_same(world, remind):
    agreement, day = world.running(review_on=[TODAY + 29 * DAY]), TODAY + 29 * DAY
    given = {"agreement": agreement, "kind": "review", "scheme": "", "due_on": day, "days_before": 30}
    for other in (
        {"kind": "expiry"},
        {"scheme": "reablement"},
        {"due_on": day - DAY},
        {"days_before": 90},
        {"agreement": world.draft(slug="other")},
    ):
        Reminder.objects.all().delete()
        Reminder.objects.create(**{**given, **other})
        assert (remind()[0], other) == (1, other)
    Reminder.objects.all().delete()
    Reminder.objects.create(**given)
    assert remind()[0] == 0


def test_many_agreements_are_looked_at_some_at_a_time_and_none_is_left_out(world, remind, monkeypatch):
    monkeypatch.setattr(reminding, "AT_ONCE", 2)
    made = [world.running(review_on=[TODAY + DAY], slug=f"n-{number}") for number in range(3)]
    count, _, subjects = remind()
    assert (count, len(mail.outbox), len(subjects)) == (3, 6, 3)
    told = AuditEvent.objects.order_by("pk").values_list("subject", flat=True)
    assert list(told) == [f"agreement:{each.reference}" for each in made]


@pytest.mark.parametrize("state", ["signed", "in_operation", "notice_given"])
def test_whatever_runs_is_reminded_of(world, remind, state):
    world.running(review_on=[TODAY + DAY], state=state)
    assert remind()[0] == 1


def test_the_text_is_read_as_on_the_day_of_the_reminder(world, remind):
    agreement = world.running(review_on=[TODAY + 40 * DAY])
    deed = agreement.deeds.create(number=1, kind="variation", effective_on=TODAY + 20 * DAY, review_on=[])
    agreement.deeds.filter(pk=deed.pk).update(state="signed", signed_on=TODAY)
    assert remind(TODAY + 19 * DAY)[0] == 1
    assert remind(TODAY + 20 * DAY)[0] == 0
    assert remind(TODAY + 35 * DAY)[0] == 0


def test_a_reminder_is_sent_once_and_the_next_when_its_day_has_come(world, remind):
    agreement = world.running(review_on=[TODAY + 90 * DAY])
    counts = [remind(TODAY + days * DAY)[0] for days in (-1, 0, 0, 1, 59, 60, 83, 90, 91)]
    assert counts == [0, 1, 0, 0, 0, 1, 1, 0, 0]
    sent = Reminder.objects.filter(agreement=agreement, kind="review").values_list("days_before", flat=True)
    assert list(sent) == [90, 30, 7]


def test_a_day_that_was_missed_is_made_up_for_by_one_reminder(world, remind):
    world.running(review_on=[TODAY + 90 * DAY])
    assert remind(TODAY + 85 * DAY)[0] == 1
    assert Reminder.objects.get().days_before == 7


@pytest.mark.parametrize(("days", "words"), [(0, "which is today."), (1, "which is tomorrow."), (2, "in 2 days.")])
def test_the_last_days_are_said_in_words(world, remind, days, words):
    world.running(review_on=[TODAY + days * DAY])
    remind()
    assert words in mail.outbox[0].body


def test_the_end_and_the_last_day_for_notice_are_reminded_of(world, remind):
    agreement = world.running(end_on=dt.date(2027, 1, 31), notice_months=6)
    assert remind(dt.date(2026, 7, 10))[2] == {f"{agreement.reference}: last day to give notice on 31 July 2026"}
    assert remind(dt.date(2027, 1, 15))[2] == {f"{agreement.reference}: expiry on 31 January 2027"}


def test_under_notice_the_end_is_when_it_runs_out_and_no_last_day_for_notice_is_left(world, remind):
    agreement = world.running(end_on=dt.date(2027, 12, 31), notice_months=6)
    operation.give_notice(
        agreement=agreement, given_on=TODAY, takes_effect_on=dt.date(2026, 12, 15), reason="", by=world.council.approves
    )
    assert remind(dt.date(2026, 12, 10))[2] == {f"{agreement.reference}: expiry on 15 December 2026"}
    assert remind(dt.date(2027, 6, 1))[0] == 0


def test_drafts_and_what_is_over_remind_nobody(world, remind):
    world.draft(review_on=[TODAY + DAY])
    over = world.running(review_on=[TODAY + DAY])
    Agreement.objects.filter(pk=over.pk).update(state="ended", ended_on=TODAY)
    assert remind()[0] == 0


def test_what_is_not_in_force_yet_is_read_as_on_its_first_day(world, remind):
    world.running(state="signed", effective_on=TODAY + 5 * DAY, review_on=[TODAY + 7 * DAY])
    assert remind()[0] == 1


def test_who_has_left_and_who_is_invented_gets_no_mail(world, remind, settings):
    settings.DEMO = False
    gone = world.council.having("pool_manager")
    Membership.objects.filter(user=gone.person).update(ended_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    factories.member(
        organisation=world.council.organisation, roles=["pool_manager"], email="ada@demo.pooledcare.example"
    )
    world.running(review_on=[TODAY + DAY])
    assert remind()[1] == addresses(world.icb.leads, world.council.approves)


def test_on_a_site_of_the_demonstration_its_invented_people_are_told(world, remind, settings):
    settings.DEMO = True
    email = "ada@demo.pooledcare.example"
    factories.member(organisation=world.council.organisation, roles=["pool_manager"], email=email)
    world.running(review_on=[TODAY + DAY])
    assert remind()[1] == {*addresses(world.icb.leads, world.council.approves), email}


def test_whoever_may_prepare_or_approve_is_told_and_nobody_else(world, remind):
    told = [world.council.having(role) for role in ("pool_manager", "governance_lead", "finance_approver")]
    for role in ("viewer", "org_admin", "finance_officer", "auditor"):
        world.council.having(role)
    world.running(review_on=[TODAY + DAY])
    assert remind()[1] == addresses(world.icb.leads, *told)


def test_somebody_at_two_partners_is_told_once(world, remind):
    both = world.council.approves.person
    Membership.objects.create(user=both, organisation=world.icb.organisation, roles=["pool_manager"])
    world.running(review_on=[TODAY + DAY])
    remind()
    assert len(mail.outbox) == 2


def test_a_mail_that_cannot_be_sent_is_logged_and_keeps_no_other_from_being_sent(world, remind, monkeypatch, caplog):
    tried: list[str] = []

    def fail_first(subject: str, body: str, sender: None, to: list[str]) -> None:
        tried.extend(to)
        if len(tried) == 1:
            raise OSError("The mail server is away.")

    monkeypatch.setattr(mails, "send_mail", fail_first)
    world.running(review_on=[TODAY + DAY])
    remind()
    assert len(tried) == 2
    assert "The mail server is away." in caplog.text


def test_the_task_reminds_and_nobody_else_does(world):
    world.running(review_on=[TODAY + DAY])
    with pytest.raises(PermissionDenied):
        reminding.send_reminders(by=world.council.leads)
    assert send_reminders() == 1
    assert send_reminders() == 0


def test_three_agreements_take_no_more_reading_than_one(world, django_assert_max_num_queries):
    counts = []
    for more in (1, 2):
        for _ in range(more):
            world.running(review_on=[TODAY + 400 * DAY])
        with django_assert_max_num_queries(100) as captured:
            reminding.send_reminders(by=SYSTEM)
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        (dt.date(2026, 8, 31), 6, dt.date(2027, 2, 28)),
        (dt.date(2028, 2, 29), -12, dt.date(2027, 2, 28)),
        (dt.date(2026, 12, 1), 1, dt.date(2027, 1, 1)),
        (dt.date(2026, 1, 31), -1, dt.date(2025, 12, 31)),
        (dt.date(2026, 3, 31), 0, dt.date(2026, 3, 31)),
    ],
)
def test_months_are_counted_to_the_same_day_or_the_last_of_a_shorter_month(day, months, found):
    assert months_after(day, months) == found


def test_the_shortest_lead_that_has_been_reached_holds():
    due = DueDate("review", TODAY + 30 * DAY)
    leads = [90, 30, 7]
    found = [reminder_now(due, TODAY + days * DAY, leads) for days in (-61, -60, -1, 0, 22, 23, 30, 31)]
    assert found == [None, 90, 90, 30, 30, 7, 7, None]


# --- schemes ---------------------------------------------------------------------------------------------------------


def test_a_scheme_with_an_end_of_its_own_is_reminded_of_by_name(world, remind):
    agreement = world.draft(notice_months=3)
    open_deed(agreement).scheme_terms.update(end_on=months_after(TODAY + 30 * DAY, 3))
    sign(open_deed(agreement), world.icb, world.council)
    _, to, subjects = remind()
    name = SchemeTerms.objects.get(scheme__agreement=agreement, scheme__slug="reablement").name
    assert to >= addresses(world.icb.leads, world.council.approves)
    assert f"{agreement.reference}: last day to give notice of the scheme “{name}” on 15 July 2026" in subjects
    assert f"{agreement.reference}: expiry of the scheme “{name}” on 15 October 2026" not in subjects
    assert remind()[0] == 0
    assert f"{agreement.reference}: expiry of the scheme “{name}” on 15 October 2026" in remind(TODAY + 60 * DAY)[2]


def test_what_ends_with_the_agreement_is_said_once_and_notice_on_a_scheme_is_its_end(world):
    agreement = world.running(notice_months=3)
    content = read_on(record_of(agreement), TODAY)
    assert not [each for each in due_dates(content, []) if each.scheme]
    given = NoticeFact(1, 1, "reablement", TODAY, TODAY + 91 * DAY)
    assert [each for each in due_dates(content, [given]) if each.scheme] == [
        DueDate("expiry", TODAY + 91 * DAY, "reablement")
    ]
