"""An agreement on its way: begun, under notice, ended, expired; what happens in the world; the passing of days."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404

from partnerships.actions import daily, deeds, drafting, operation, reminding
from partnerships.changing.agreement import refresh_summaries
from partnerships.models import Agreement, AgreementSummary, Deed, Notice, Occurrence, Scheme, SchemeTerms
from partnerships.queries.agreements.notices import current_notice_facts
from partnerships.queries.agreements.records import record_of
from partnerships.rules.agreements import content_as_at
from partnerships.tasks import advance_agreements
from pooledcare.directory.access import key_actor
from pooledcare.directory.models import AuditEvent, Change
from pooledcare.kernel.problems import Refused
from tests import factories
from tests.deed_steps import START, SYSTEM, TODAY, fresh, open_deed, sign
from tests.partnerships.test_deeds import refusal
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_that_day")]
DAY = dt.timedelta(days=1)
IN_SIX_MONTHS = dt.date(2026, 12, 15)


def notice(world: World, agreement: Agreement, **fields) -> Notice:
    given = {"given_on": TODAY, "takes_effect_on": IN_SIX_MONTHS, "reason": "Otherwise.", "by": world.council.approves}
    return operation.give_notice(agreement=agreement, **given | fields)


def scheme_of(agreement: Agreement) -> Scheme:
    return agreement.schemes.get()


def later(day: dt.date) -> time_machine.travel:
    return time_machine.travel(dt.datetime(day.year, day.month, day.day, 9, tzinfo=dt.UTC), tick=True)


# --- begun -----------------------------------------------------------------------------------------------------------


def test_a_signed_agreement_goes_into_operation_once(world):
    agreement = world.running(state="signed")
    begin = {"agreement": agreement, "by": world.council.prepares}
    assert operation.start_operating(since=START, **begin).state == "in_operation"
    assert operation.start_operating(since=START, **begin).operating_since == START
    assert AuditEvent.objects.filter(action="agreement.operating").count() == 1
    assert refusal(operation.start_operating, since=TODAY, **begin).code == "OPERATING_ALREADY"


def test_what_begins_before_it_is_signed_operates_unsigned_and_is_shown_so(world):
    agreement = world.draft()
    found = operation.start_operating(agreement=agreement, since=START, by=world.icb.prepares)
    assert (found.state, found.is_operating_unsigned) == ("draft", True)
    assert AgreementSummary.objects.get(agreement=agreement).is_operating_unsigned
    assert "operating unsigned" in AuditEvent.objects.get(action="agreement.operating").sentence


def test_an_agreement_under_notice_may_still_begin(world):
    agreement = world.running(state="signed")
    notice(world, agreement)
    found = operation.start_operating(agreement=agreement, since=START, by=world.icb.prepares)
    assert (found.state, found.operating_since) == ("notice_given", START)


def test_operation_begins_neither_tomorrow_nor_before_the_agreement_nor_after_it(world):
    agreement, by = world.running(state="signed"), world.council.prepares
    assert refusal(operation.start_operating, agreement=agreement, since=TODAY + DAY, by=by).code == "NOT_YET"
    assert refusal(operation.start_operating, agreement=agreement, since=START - DAY, by=by).code == "BEFORE_START"
    Agreement.objects.filter(pk=agreement.pk).update(state="withdrawn")
    assert refusal(operation.start_operating, agreement=agreement, since=START, by=by).code == "AGREEMENT_OVER"


# --- notice ----------------------------------------------------------------------------------------------------------


def test_notice_on_the_agreement_is_given_once_and_shown_to_partners(world):
    agreement = world.running(is_published=True)
    given = notice(world, agreement)
    assert notice(world, agreement) == given
    assert (fresh(agreement).state, Notice.objects.count()) == ("notice_given", 1)
    states = dict(AgreementSummary.objects.filter(agreement=agreement).values_list("audience", "state"))
    assert states == {"partners": "notice_given", "public": "in_operation"}
    again = refusal(notice, world=world, agreement=agreement, takes_effect_on=IN_SIX_MONTHS + DAY)
    assert again.code == "NOTICE_ALREADY_GIVEN"
    other = notice(world, agreement, by=world.icb.approves)
    assert other.organisation == world.icb.organisation
    assert agreement.statuses.filter(state="notice_given").count() == 1


def told(refused: Refused) -> list[tuple[str, str]]:
    return [(problem.code, problem.message) for problem in refused.problems]


@pytest.mark.slow
def test_the_same_notice_is_the_same_in_everything_but_its_reason(world):
    agreement = world.running()
    given = notice(world, agreement, reason=" Otherwise. ")
    assert (given.agreement, given.scheme, given.given_on, given.takes_effect_on, given.reason, given.withdraws) == (
        agreement, None, TODAY, IN_SIX_MONTHS, "Otherwise.", None,
    )  # fmt: skip
    assert (given.organisation, given.actor) == (world.council.organisation, world.council.approves.reference)
    assert notice(world, agreement, reason="Another reason.") == given
    stands = [("NOTICE_ALREADY_GIVEN", "Mereshire County Council has already given notice on this")]
    for other in ({"takes_effect_on": IN_SIX_MONTHS + DAY}, {"given_on": TODAY - DAY}):
        assert told(refusal(notice, world=world, agreement=agreement, **other)) == stands
    on_scheme = notice(world, agreement, scheme=scheme_of(agreement))
    assert (on_scheme.pk != given.pk, on_scheme.scheme) == (True, scheme_of(agreement))
    other = {"scheme": scheme_of(agreement), "takes_effect_on": IN_SIX_MONTHS + DAY}
    assert told(refusal(notice, world=world, agreement=agreement, **other)) == stands
    elsewhere = notice(world, world.running(slug="elsewhere"))
    assert elsewhere.pk not in (given.pk, on_scheme.pk)


def test_a_scheme_of_another_agreement_is_not_one_of_this(world):
    agreement, other = world.running(), world.running(slug="elsewhere")
    unknown = [("UNKNOWN_SCHEME", "The scheme is not one of this agreement")]
    scheme, on = scheme_of(other), {"agreement": agreement}
    assert told(refusal(notice, world=world, agreement=agreement, scheme=scheme)) == unknown
    end = refusal(operation.end_after_notice, scheme=scheme, on=TODAY, by=world.council.approves, **on)
    happened = refusal(occur, world=world, kind="closure_of_scheme", scheme=scheme, **on)
    assert (told(end), told(happened)) == (unknown, unknown)


def test_notice_shorter_than_the_term_is_refused_and_can_be_recorded_as_what_happened(world):
    agreement = world.running()
    refused = refusal(notice, world=world, agreement=agreement, takes_effect_on=IN_SIX_MONTHS - DAY)
    assert refused.code == "NOTICE_TOO_SHORT"
    assert "6 months" in refused.problems[0].message
    assert "15 December 2026" in refused.problems[0].fix
    operation.record_occurrence(
        agreement=agreement, kind="notice_served", happened_on=TODAY, evidence="Letter", ends_agreement=True,
        by=world.council.prepares,
    )  # fmt: skip
    assert (fresh(agreement).state, fresh(agreement).ended_on) == ("ended", TODAY)


def test_a_scheme_has_its_own_notice_period_and_its_own_notice(world):
    agreement = world.draft()
    SchemeTerms.objects.filter(deed__agreement=agreement).update(notice_months=1)
    sign(open_deed(agreement), world.council, world.icb)
    scheme, agreement = scheme_of(agreement), fresh(agreement)
    short = refusal(notice, world=world, agreement=agreement, scheme=scheme, takes_effect_on=dt.date(2026, 7, 14))
    assert "1 month:" in short.problems[0].message
    notice(world, agreement, scheme=scheme, takes_effect_on=dt.date(2026, 7, 15))
    assert fresh(agreement).state == "signed"
    assert [each.scheme for each in current_notice_facts(agreement)] == [scheme.slug]


def test_without_a_notice_period_any_later_day_will_do(world):
    agreement = world.running(notice_months=None)
    refused = refusal(notice, world=world, agreement=agreement, takes_effect_on=TODAY - DAY)
    assert "is a day" in refused.problems[0].message
    assert notice(world, agreement, takes_effect_on=TODAY).takes_effect_on == TODAY


def test_notice_is_refused_with_every_reason(world):
    agreement = world.running(end_on=dt.date(2027, 3, 31))
    other = scheme_of(world.running())
    assert refusal(notice, world=world, agreement=agreement, given_on=TODAY + DAY).code == "NOTICE_IN_FUTURE"
    late = {"takes_effect_on": dt.date(2027, 4, 1)}
    assert refusal(notice, world=world, agreement=agreement, **late).code == "NOTICE_AFTER_END"
    assert refusal(notice, world=world, agreement=agreement, scheme=other).code == "UNKNOWN_SCHEME"
    assert refusal(notice, world=world, agreement=world.draft()).code == "WRONG_STATE"
    ancient = {"given_on": dt.date(1066, 1, 1), "takes_effect_on": dt.date(1067, 6, 20)}
    assert refusal(notice, world=world, agreement=agreement, **ancient).code == "NOTICE_BEFORE_AGREEMENT"
    gone = Scheme.objects.create(agreement=agreement, slug="never-written")
    assert refusal(notice, world=world, agreement=agreement, scheme=gone).code == "UNKNOWN_SCHEME"


def test_who_has_left_has_no_say(world):
    agreement = world.running(world.icb, world.council, world.district)
    deed = world.deed(agreement, effective_on=TODAY)
    leaving = agreement.partners.get(organisation=world.district.organisation)
    drafting.remove_partner(deed=deed, partner=leaving, by=world.council.prepares)
    sign(deed, world.icb, world.council, world.district)
    assert refusal(notice, world=world, agreement=agreement, by=world.district.approves).code == "NOT_A_PARTNER"
    given = {"agreement": agreement, "by": world.district.prepares}
    end = {"kind": "direction", "happened_on": TODAY, "evidence": "None", "ends_agreement": True}
    assert refusal(operation.record_occurrence, **given, **end).code == "NOT_A_PARTNER"
    assert refusal(deeds.prepare_deed, **given).code == "NOT_A_PARTNER"
    assert refusal(deeds.prepare_renewal, start=TODAY, **given).code == "NOT_A_PARTNER"


def test_a_notice_is_taken_back_by_who_gave_it_and_all_goes_on(world):
    agreement = world.running()
    given = notice(world, agreement)
    assert refusal(operation.withdraw_notice, notice=given, by=world.icb.approves).code == "NOT_YOURS"
    back = operation.withdraw_notice(notice=given, by=world.council.leads)
    assert operation.withdraw_notice(notice=given, by=world.council.leads) == back
    assert (fresh(agreement).state, current_notice_facts(agreement)) == ("in_operation", [])
    assert notice(world, agreement).pk not in (given.pk, back.pk)


def test_what_is_taken_back_is_dated_today_and_of_the_same_subject(world):
    agreement = world.running()
    with later(TODAY - DAY):
        whole = notice(world, agreement, given_on=TODAY - DAY)
        on_scheme = notice(world, agreement, given_on=TODAY - DAY, scheme=scheme_of(agreement))
    by = world.council.leads
    for given, state in ((whole, "in_operation"), (on_scheme, "in_operation")):
        back = operation.withdraw_notice(notice=given, by=by)
        assert (back.withdraws, back.scheme, back.given_on, back.takes_effect_on, back.organisation, back.actor) == (
            given, given.scheme, TODAY, IN_SIX_MONTHS, world.council.organisation, by.reference,
        )  # fmt: skip
        assert fresh(agreement).state == state
    moved = agreement.statuses.filter(note="Notice withdrawn").values_list("state", "organisation", "actor")
    assert list(moved) == [("in_operation", world.council.organisation.pk, by.reference)]


def test_a_notice_on_a_scheme_that_is_taken_back_leaves_the_agreement_under_notice(world):
    agreement = world.running()
    notice(world, agreement)
    on_scheme = notice(world, agreement, scheme=scheme_of(agreement))
    operation.withdraw_notice(notice=on_scheme, by=world.council.leads)
    assert fresh(agreement).state == "notice_given"
    assert [each.scheme for each in current_notice_facts(agreement)] == [""]


def test_while_another_notice_stands_the_agreement_stays_under_notice(world):
    agreement = world.running(state="signed")
    mine, theirs = notice(world, agreement), notice(world, agreement, by=world.icb.approves)
    operation.withdraw_notice(notice=mine, by=world.council.approves)
    assert fresh(agreement).state == "notice_given"
    operation.withdraw_notice(notice=theirs, by=world.icb.approves)
    assert fresh(agreement).state == "signed"


def test_a_successor_takes_back_the_notice_of_its_predecessor(world):
    assert world.icb
    agreement = world.running(world.ccg, world.council, effective_on=dt.date(2020, 4, 1))
    daily.add_successors(agreement, TODAY)
    given = Notice.objects.create(
        agreement=agreement, given_on=dt.date(2022, 6, 1), takes_effect_on=dt.date(2027, 6, 1),
        organisation=world.ccg.organisation, actor="user:0",
    )  # fmt: skip
    assert operation.withdraw_notice(notice=given, by=world.icb.approves).organisation == world.icb.organisation


def test_after_the_end_no_notice_is_taken_back(world):
    agreement = world.running()
    given = notice(world, agreement)
    Agreement.objects.filter(pk=agreement.pk).update(state="ended", ended_on=TODAY)
    assert refusal(operation.withdraw_notice, notice=given, by=world.council.approves).code == "AGREEMENT_OVER"


def test_one_partner_ends_the_agreement_once_notice_has_run_out(world):
    agreement = world.running()
    end = {"agreement": agreement, "by": world.icb.approves}
    assert refusal(operation.end_after_notice, on=TODAY, **end).code == "NO_NOTICE"
    notice(world, agreement)
    assert refusal(operation.end_after_notice, on=TODAY, **end).code == "NOTICE_RUNS"
    assert refusal(operation.end_after_notice, on=IN_SIX_MONTHS, **end).code == "NOT_YET"
    deed = world.deed(agreement)
    with later(IN_SIX_MONTHS):
        found = operation.end_after_notice(on=IN_SIX_MONTHS, **end)
        assert (found.state, found.ended_on) == ("ended", IN_SIX_MONTHS)
        assert operation.end_after_notice(on=IN_SIX_MONTHS, **end).state == "ended"
        wrong = refusal(operation.end_after_notice, on=IN_SIX_MONTHS - DAY, **end)
    assert wrong.code == "WRONG_STATE"
    assert fresh(deed).state == "withdrawn"
    assert AuditEvent.objects.filter(action="agreement.ended").count() == 1


def test_one_partner_ends_a_scheme_once_notice_has_run_out(world):
    agreement = world.running()
    scheme = scheme_of(agreement)
    notice(world, agreement, scheme=scheme)
    with later(IN_SIX_MONTHS):
        for _ in range(2):
            operation.end_after_notice(agreement=agreement, scheme=scheme, on=IN_SIX_MONTHS, by=world.council.approves)
    record = record_of(fresh(agreement))
    assert content_as_at(record, IN_SIX_MONTHS).scheme(scheme.slug)
    assert content_as_at(record, IN_SIX_MONTHS + DAY).scheme(scheme.slug) is None
    occurrence = Occurrence.objects.get()
    assert (occurrence.kind, occurrence.breaks_principle) == ("notice_served", False)
    assert fresh(agreement).state == "in_operation"


@pytest.mark.parametrize("subject", ["the agreement", "the scheme"])
@pytest.mark.parametrize(("days", "codes"), [(-1, ["NOTICE_RUNS"]), (0, []), (1, ["NOT_YET"])])
def test_notice_ends_what_it_was_given_on_from_its_last_day_to_today(world, subject, days, codes):
    agreement = world.running()
    scheme = scheme_of(agreement) if subject == "the scheme" else None
    notice(world, agreement, scheme=scheme)
    end = {"agreement": agreement, "scheme": scheme, "by": world.council.approves}
    with later(IN_SIX_MONTHS):
        on = IN_SIX_MONTHS + days * DAY
        if codes:
            refused = refusal(operation.end_after_notice, on=on, **end)
            assert [problem.code for problem in refused.problems] == codes
        else:
            operation.end_after_notice(on=on, **end)
        other = {**end, "scheme": None if scheme else scheme_of(agreement), "on": IN_SIX_MONTHS}
        assert told(refusal(operation.end_after_notice, **other))[-1][0] in ("NO_NOTICE", "WRONG_STATE")
    assert Occurrence.objects.count() == (scheme is not None and not codes)


@pytest.mark.slow
def test_the_end_after_notice_is_noted_with_whoever_ended_it(world):
    agreement = world.running()
    notice(world, agreement)
    notice(world, agreement, scheme=scheme_of(agreement))
    with later(IN_SIX_MONTHS):
        end = {"agreement": agreement, "on": IN_SIX_MONTHS}
        operation.end_after_notice(scheme=scheme_of(agreement), by=world.council.leads, **end)
        operation.end_after_notice(by=world.icb.leads, **end)
    made = Occurrence.objects.get()
    assert (made.agreement, made.scheme, made.happened_on, made.evidence, made.ends_agreement) == (
        agreement, scheme_of(agreement), IN_SIX_MONTHS, "Notice given in PooledCare has run out.", False,
    )  # fmt: skip
    assert (made.organisation, made.actor) == (world.council.organisation, world.council.leads.reference)
    status = agreement.statuses.last()
    assert (status.state, status.note, status.organisation, status.actor) == (
        "ended", "Notice has run out", world.icb.organisation, world.icb.leads.reference,
    )  # fmt: skip


def test_a_scheme_that_closed_on_one_day_is_ended_after_notice_on_another(world):
    agreement = world.running()
    notice(world, agreement, scheme=scheme_of(agreement))
    occur(world, agreement, kind="direction", scheme=scheme_of(agreement), happened_on=TODAY - DAY)
    with later(IN_SIX_MONTHS):
        operation.end_after_notice(
            agreement=agreement, scheme=scheme_of(agreement), on=IN_SIX_MONTHS, by=world.icb.leads
        )
    assert Occurrence.objects.count() == 2


def test_people_speak_for_their_organisation_and_keys_do_not(world):
    agreement = world.running()
    given = notice(world, agreement)
    key, _ = factories.api_key(
        created_by=world.council.leads.person, organisation=world.council.organisation,
        permissions=["approve_agreements"],
    )  # fmt: skip
    by = key_actor(key)
    for act in (
        lambda: notice(world, agreement, by=by),
        lambda: operation.withdraw_notice(notice=given, by=by),
        lambda: operation.end_after_notice(agreement=agreement, on=TODAY, by=by),
        lambda: operation.mark_integrated(agreement=agreement, by=by),
        lambda: operation.agree_release(agreement=agreement, by=by),
    ):
        with pytest.raises(PermissionDenied, match="not with an API key"):
            act()


# --- what happens in the world ---------------------------------------------------------------------------------------


def occur(world: World, agreement: Agreement, **fields) -> Occurrence:
    given = {
        "kind": "direction",
        "happened_on": TODAY,
        "evidence": " Letter of the minister ",
        "by": world.icb.prepares,
    }
    return operation.record_occurrence(agreement=agreement, **given | fields)


def test_what_happened_is_recorded_once_in_words_that_can_be_checked(world):
    agreement = world.running()
    made = occur(world, agreement)
    assert occur(world, agreement) == made
    assert (made.evidence, made.breaks_principle, fresh(agreement).state) == (
        "Letter of the minister", False, "in_operation",
    )  # fmt: skip
    assert AuditEvent.objects.get(action="occurrence.recorded").sentence.endswith("direction recorded.")


@pytest.mark.slow
def test_what_happened_otherwise_is_recorded_beside_it(world):
    agreement = world.running()
    made = occur(world, agreement)
    for other in (
        {"kind": "abolition"},
        {"happened_on": TODAY - DAY},
        {"evidence": "Another letter"},
        {"scheme": scheme_of(agreement)},
        {"ends_agreement": True},
    ):
        assert occur(world, agreement, **other).pk != made.pk
    assert occur(world, world.running(slug="elsewhere")).pk != made.pk
    assert occur(world, agreement, by=world.council.prepares) == made
    found = agreement.occurrences.get(pk=made.pk)
    assert (found.kind, found.happened_on, found.scheme, found.ends_agreement, found.organisation, found.actor) == (
        "direction", TODAY, None, False, world.icb.organisation, world.icb.prepares.reference,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "state", "note"),
    [
        ("expiry", "expired", "Expiry"),
        ("abolition", "ended", "Abolition of a partner"),
        ("direction", "ended", "Direction"),
    ],
)
def test_what_ends_the_agreement_is_noted_and_open_deeds_go_with_it(world, kind, state, note):
    agreement = world.running()
    signed, deed = agreement.deeds.get(), world.deed(agreement)
    occur(world, agreement, kind=kind, ends_agreement=True, happened_on=TODAY - DAY)
    found = fresh(agreement)
    assert (found.state, found.ended_on) == (state, TODAY - DAY)
    status = agreement.statuses.last()
    assert (status.state, status.note, status.organisation, status.actor) == (
        state, note, world.icb.organisation, world.icb.prepares.reference,
    )  # fmt: skip
    assert (fresh(deed).state, fresh(deed).version) == ("withdrawn", deed.version + 1)
    assert (fresh(signed).state, fresh(signed).version) == ("signed", signed.version)


def test_an_expiry_and_an_abolition_end_the_agreement_with_their_day(world):
    first, second = world.running(), world.running()
    occur(world, first, kind="expiry", ends_agreement=True)
    occur(world, second, kind="abolition", ends_agreement=True)
    assert [fresh(each).state for each in (first, second)] == ["expired", "ended"]
    late = occur(world, first, kind="direction", ends_agreement=True)
    assert (late.ends_agreement, fresh(first).state) == (True, "expired")


def test_an_agreement_that_was_never_signed_can_end_in_the_world(world):
    agreement = world.draft()
    operation.start_operating(agreement=agreement, since=START, by=world.icb.prepares)
    occur(world, agreement, kind="abolition", ends_agreement=True)
    assert (fresh(agreement).state, agreement.deeds.get().state) == ("ended", "withdrawn")
    assert content_as_at(record_of(fresh(agreement)), TODAY).title


def test_a_scheme_that_was_closed_is_gone_from_the_day_after(world):
    agreement = world.running()
    scheme = scheme_of(agreement)
    occur(world, agreement, kind="closure_of_scheme", scheme=scheme)
    record = record_of(fresh(agreement))
    assert content_as_at(record, TODAY).schemes
    assert not content_as_at(record, TODAY + DAY).schemes


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"kind": "weather"}, "UNKNOWN_KIND"),
        ({"happened_on": TODAY + DAY}, "NOT_YET"),
        ({"evidence": " "}, "REQUIRED"),
        ({"kind": "change_of_host", "scheme": True}, "NOT_OF_A_SCHEME"),
        ({"kind": "closure_of_scheme"}, "REQUIRED"),
        ({"kind": "change_of_host", "ends_agreement": True}, "ENDS_NOTHING"),
        ({"scheme": True, "ends_agreement": True}, "ENDS_NOTHING"),
    ],
)
def test_what_cannot_have_happened_like_this_is_not_recorded(world, fields, code):
    agreement = world.running()
    given = {**fields, **({"scheme": scheme_of(agreement)} if "scheme" in fields else {})}
    assert refusal(occur, world=world, agreement=agreement, **given).code == code
    assert not Occurrence.objects.exists()


def test_an_outsider_records_nothing(world):
    with pytest.raises(Http404):
        occur(world, world.running(is_published=False), by=world.outsider.prepares)
    with pytest.raises(PermissionDenied):
        occur(world, world.running(), by=world.council.having("viewer"))


# --- the passing of days ---------------------------------------------------------------------------------------------


def test_an_agreement_whose_public_standing_is_of_today_and_whose_partners_is_not_is_brought_to_today(world):
    agreement = world.running(is_published=True)
    agreement.summaries.filter(audience="partners").update(worked_out_on=TODAY - DAY)
    assert operation.advance_agreements(by=SYSTEM) == 1
    assert set(agreement.summaries.values_list("worked_out_on", flat=True)) == {TODAY}


def test_the_days_pass_to_the_day_that_is_named(world):
    agreement = world.running(end_on=TODAY)
    assert operation.advance_agreements(today=TODAY + 2 * DAY, by=SYSTEM) == 1
    assert agreement.summaries.get().worked_out_on == TODAY + 2 * DAY
    assert fresh(agreement).state == "expired"


@pytest.mark.parametrize(
    ("kind", "is_integrated", "state", "occurrences"),
    [
        ("variation", True, "expired", ["expiry"]),
        ("variation", False, "expired", []),
        ("termination", True, "ended", []),
    ],
)
def test_an_end_by_its_own_text_is_told_in_one_line_and_stands_at_once(world, kind, is_integrated, state, occurrences):
    """That an integrated arrangement ran out is recorded as well; what all partners ended is not."""
    agreement = world.running(is_integrated=is_integrated, is_published=True)
    deed = Deed.objects.create(
        agreement=agreement, number=1, kind=kind, effective_on=TODAY, sets_end=True, end_on=TODAY
    )  # fmt: skip
    Deed.objects.filter(pk=deed.pk).update(state="signed", signed_on=TODAY, published_on=TODAY)
    refresh_summaries([agreement])
    before, open_deed_too = fresh(agreement).version, world.deed(agreement, effective_on=TODAY)
    seen, lines = Change.objects.count(), AuditEvent.objects.count()
    with later(TODAY + DAY):
        assert operation.advance_agreements(by=SYSTEM) == 1
    code, reference = world.icb.organisation.code, agreement.reference
    (event,) = AuditEvent.objects.order_by("pk")[lines:]
    assert (event.action, event.subject, event.sentence, event.actor, event.organisation) == (
        "agreement.advanced", f"agreement:{reference}", f"{reference}: {state}.", SYSTEM.reference, code,
    )  # fmt: skip
    (change,) = Change.objects.order_by("sequence")[seen:]
    assert (change.resource, change.reference, change.event, change.public, change.organisation) == (
        "agreements", reference, "changed", True, code,
    )  # fmt: skip
    assert set(change.reader_ids) == {world.icb.organisation.pk, world.council.organisation.pk}
    assert set(agreement.summaries.values_list("state", flat=True)) == {state}
    assert (fresh(agreement).version, fresh(open_deed_too).state) == (before + 2, "withdrawn")
    status = agreement.statuses.last()
    assert (status.state, status.organisation, status.note) == (state, None, "")
    made = Occurrence.objects.values_list("kind", "happened_on", "evidence", "ends_agreement", "organisation", "scheme")
    told = ("expiry", TODAY, "The term of the agreement ran out.", True, world.icb.organisation.pk, None)
    assert list(made) == [told for _ in occurrences]


@pytest.mark.parametrize(("days", "count"), [(-1, 0), (0, 1), (1, 1)])
def test_a_successor_takes_its_place_on_its_first_day(world, days, count):
    day = dt.date(2022, 7, 1) + days * DAY
    with later(dt.date(2022, 1, 1)):
        agreement = world.running(world.ccg, world.council, effective_on=dt.date(2020, 4, 1))
        over = world.running(world.ccg, world.council, effective_on=dt.date(2020, 4, 1), slug="over")
    assert world.icb
    Agreement.objects.filter(pk=over.pk).update(state="ended", ended_on=dt.date(2023, 1, 1))
    assert operation.advance_agreements(today=day, by=SYSTEM) == 2
    assert agreement.partners.filter(deed=None).count() == count
    assert not over.partners.filter(deed=None).exists()


def test_only_pooledcare_lets_the_days_pass(world):
    with pytest.raises(PermissionDenied):
        operation.advance_agreements(by=world.council.leads)


def test_a_day_later_a_deed_has_come_into_effect_and_the_feed_says_so(world):
    agreement, untouched = world.running(is_published=True), world.running()
    deed = world.deed(agreement, effective_on=TODAY + DAY)
    drafting.edit_deed(deed=deed, changes={"title": "A new name"}, by=world.council.prepares)
    deed = sign(fresh(deed), world.icb, world.council)
    for each in (world.icb, world.council):
        deeds.publish_deed(deed=deed, by=each.approves)
    before, seen = fresh(agreement).version, Change.objects.count()
    with later(TODAY + DAY):
        assert operation.advance_agreements(by=SYSTEM) == 2
        assert operation.advance_agreements(by=SYSTEM) == 0
    titles = set(AgreementSummary.objects.filter(agreement=agreement).values_list("title", flat=True))
    assert (titles, fresh(agreement).version) == ({"A new name"}, before + 1)
    change = Change.objects.get(sequence__gt=seen)
    assert (change.reference, change.public) == (agreement.reference, True)
    assert set(change.reader_ids) >= {world.icb.organisation.pk, world.council.organisation.pk}
    assert fresh(untouched).version == untouched.version
    sentence = AuditEvent.objects.get(action="agreement.advanced").sentence
    assert sentence == f"{agreement.reference}: updated by the daily check."


def test_an_agreement_expires_the_day_after_its_last(world):
    agreement = world.running(end_on=TODAY)
    assert advance_agreements() == 0
    with later(TODAY + DAY):
        assert advance_agreements() == 1
    found = fresh(agreement)
    assert (found.state, found.ended_on) == ("expired", TODAY)
    assert found.statuses.last().actor == "system:calendar"
    assert not Occurrence.objects.exists()


def test_an_agreement_that_all_have_ended_by_deed_has_ended(world):
    agreement = world.running()
    sign(world.deed(agreement, kind="termination", effective_on=TODAY), world.icb, world.council)
    with later(TODAY + 3 * DAY):
        assert advance_agreements() == 1
    assert (fresh(agreement).state, fresh(agreement).ended_on) == ("ended", TODAY)


def test_an_end_put_before_the_first_day_of_operation_does_not_stop_the_days(world):
    agreement = world.running(end_on=dt.date(2025, 3, 31))
    Agreement.objects.filter(pk=agreement.pk).update(operating_since=dt.date(2025, 6, 1))
    with later(TODAY + DAY):
        assert advance_agreements() == 1
    assert fresh(agreement).ended_on == dt.date(2025, 6, 1)


def test_drafts_and_what_is_over_do_not_expire(world):
    draft = world.draft(end_on=TODAY - DAY)
    over = world.running(end_on=TODAY - DAY)
    Agreement.objects.filter(pk=over.pk).update(state="ended", ended_on=START)
    with later(TODAY + DAY):
        assert advance_agreements() == 2
    assert (fresh(draft).state, fresh(over).state, fresh(over).ended_on) == ("draft", "ended", START)


def test_successors_take_their_places_as_the_days_pass(world):
    agreement = world.running(world.ccg, world.council, effective_on=dt.date(2020, 4, 1))
    assert world.icb
    with later(TODAY + DAY):
        advance_agreements()
    assert agreement.partners.get(by_succession_of__isnull=False).organisation == world.icb.organisation
    sentence = AuditEvent.objects.get(action="agreement.advanced").sentence
    assert sentence == f"{agreement.reference}: successors have taken their places."


def test_when_the_law_has_changed_every_agreement_is_looked_at_again(world):
    agreement = world.running(is_published=True)
    assert advance_agreements() == 0
    with pytest.raises(PermissionDenied):
        daily.recheck_agreements(by=world.council.leads)
    assert daily.recheck_agreements(by=SYSTEM) == 1
    event = AuditEvent.objects.get()
    assert (event.action, event.subject, event.sentence, event.actor, event.organisation) == (
        "agreements.recheck", "agreements", "1 agreements to be checked again.", SYSTEM.reference, "",
    )  # fmt: skip
    days = dict(agreement.summaries.values_list("audience", "worked_out_on"))
    assert days == {"partners": dt.date.min, "public": TODAY}
    assert advance_agreements() == 1


def test_many_agreements_are_brought_to_today_some_at_a_time(world, monkeypatch):
    monkeypatch.setattr(daily, "AT_ONCE", 2)
    for _ in range(3):
        world.running()
    with later(TODAY + DAY):
        assert advance_agreements() == 3
    assert set(AgreementSummary.objects.values_list("worked_out_on", flat=True)) == {TODAY + DAY}


def test_the_days_pass_with_the_same_queries_for_one_agreement_and_for_three(world, django_assert_max_num_queries):
    counts = []
    for more in (1, 2):
        for _ in range(more):
            world.running()
        with later(TODAY + more * DAY), django_assert_max_num_queries(200) as captured:
            operation.advance_agreements(by=SYSTEM)
        counts.append(len(captured))
    assert counts[0] == counts[1]


# --- rights ----------------------------------------------------------------------------------------------------------


def whole_life(world: World) -> Agreement:
    """Everything that people, and the days, can do with an agreement."""
    agreement = world.draft(world.ccg, world.council, effective_on=dt.date(2020, 4, 1), review_on=[TODAY + DAY])
    with connection.cursor() as cursor:
        cursor.execute(f'set local role "{settings.APPLICATION_ROLE}"')
    by, other = world.council, world.icb
    deed = open_deed(agreement)
    deeds.request_changes(deed=deed, note="Otherwise.", by=other.approves)
    deed = sign(deed, by, other)
    for each in (by, other):
        deeds.publish_deed(deed=deed, by=each.approves)
    operation.start_operating(agreement=agreement, since=START, by=by.prepares)
    operation.mark_integrated(agreement=agreement, by=by.approves)
    for each in (by, other):
        operation.agree_release(agreement=agreement, by=each.approves)
    deeds.withdraw_deed(deed=world.deed(agreement), reason="Not needed.", by=by.prepares)
    deeds.prepare_renewal(agreement=agreement, start=TODAY, by=by.prepares)
    scheme = scheme_of(agreement)
    operation.withdraw_notice(notice=notice(world, agreement, scheme=scheme), by=by.approves)
    notice(world, agreement)
    occur(world, agreement, kind="closure_of_scheme", scheme=scheme)
    assert reminding.send_reminders(by=SYSTEM) == 1
    with later(IN_SIX_MONTHS):
        assert operation.advance_agreements(by=SYSTEM) == 2
        return operation.end_after_notice(agreement=agreement, on=IN_SIX_MONTHS, by=by.approves)


@pytest.mark.slow
def test_the_rights_of_the_application_are_enough_for_a_whole_life(world):
    assert all(person for each in (world.icb, world.council) for person in (each.prepares, each.approves))
    try:
        found = whole_life(world)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("reset role")
    assert (found.state, found.ended_on) == ("ended", IN_SIX_MONTHS)
