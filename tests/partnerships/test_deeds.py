"""Deeds on their way: prepared, approved as they read, signed, withdrawn, published; renewals and the past."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from partnerships.actions import deeds, drafting, operation
from partnerships.models import Agreement, Approval, Deed
from partnerships.queries.agreements import records
from partnerships.queries.agreements.approvals import approvals_of
from partnerships.queries.agreements.reach import agreement_reached
from partnerships.queries.agreements.records import record_of
from partnerships.reference.law_loading import load_law
from partnerships.rules.agreements import SchemeContent, content_as_at
from pooledcare.directory.access import ANONYMOUS, key_actor
from pooledcare.directory.models import AuditEvent, Change
from pooledcare.kernel.problems import Refused
from tests import factories
from tests.deed_steps import START, SYSTEM, TODAY, approve, fresh, hash_now, open_deed, sign
from tests.world import People, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_that_day")]
DAY = dt.timedelta(days=1)


def refusal(action, **arguments) -> Refused:
    with pytest.raises(Refused) as refused:
        action(**arguments)
    return refused.value


def lines(deed: Deed) -> list[tuple[str, str, bool]]:
    record = record_of(Agreement.objects.get(pk=deed.agreement_id))
    return [(line.body.name, line.decision, line.is_void) for line in approvals_of(fresh(deed), record)]


def audit(name: str) -> int:
    return AuditEvent.objects.filter(action=name).count()


# --- prepared --------------------------------------------------------------------------------------------------------


def test_next_years_deed_says_nothing_yet_and_all_goes_on(world):
    agreement = world.running()
    deed = world.deed(agreement, summary=" Next year. ")
    assert (deed.number, deed.kind, deed.state, deed.summary) == (1, "variation", "draft", "Next year.")
    record = record_of(fresh(agreement))
    day = TODAY + 2 * DAY
    assert content_as_at(record, day, including=1) == content_as_at(record, day)
    assert audit("deed.prepared") == 1


def test_a_deed_is_numbered_after_all_others_and_says_who_began_it(world):
    agreement = world.running()
    deeds.withdraw_deed(deed=world.deed(agreement), reason="Enough.", by=world.council.prepares)
    deed = world.deed(agreement, effective_on=TODAY, summary=" Next. ")
    assert (deed.number, deed.kind, deed.effective_on, deed.sets_end, deed.end_on, deed.edited_by) == (
        2, "variation", TODAY, False, None, world.council.prepares.reference,
    )  # fmt: skip
    by_board = deeds.prepare_deed(
        agreement=world.running(slug="other"), organisation=world.icb.organisation, by=world.icb.leads
    )  # fmt: skip
    assert (by_board.effective_on, by_board.summary) == (None, "")


def test_a_deed_of_termination_ends_on_its_first_day_until_it_says_otherwise(world):
    deed = world.deed(world.running(), kind="termination", effective_on=TODAY)
    assert (deed.sets_end, deed.end_on) == (True, TODAY)


def test_only_what_is_signed_and_not_over_is_varied(world):
    draft, over = world.draft(), world.running()
    Agreement.objects.filter(pk=over.pk).update(state="ended", ended_on=TODAY)
    prepare = {"by": world.council.prepares, "effective_on": TODAY}
    assert refusal(deeds.prepare_deed, agreement=draft, **prepare).code == "NOT_SIGNED"
    assert refusal(deeds.prepare_deed, agreement=over, **prepare).code == "AGREEMENT_OVER"
    early = {**prepare, "effective_on": START - DAY}
    assert refusal(deeds.prepare_deed, agreement=world.running(), **early).code == "DEED_BEFORE_START"
    assert refusal(deeds.prepare_deed, agreement=world.running(), kind="original", **prepare).code == "UNKNOWN_KIND"


def test_one_deed_is_open_at_a_time(world):
    agreement = world.running()
    world.deed(agreement)
    assert refusal(world.deed, agreement=agreement).code == "DEED_ONE_OPEN"


# --- approved --------------------------------------------------------------------------------------------------------


def test_the_last_approval_makes_the_agreement_approved(world):
    agreement = world.draft()
    deed = open_deed(agreement)
    first = approve(deed, world.council)
    assert (first.state, fresh(agreement).state) == ("draft", "draft")
    assert lines(deed) == [("Mereshire County Council", "approved", False), (world.icb.organisation.name, "", False)]
    assert approve(deed, world.icb).state == "approved"
    assert fresh(agreement).state == "approved"
    assert list(agreement.statuses.values_list("state", flat=True)) == ["draft", "approved"]


def test_a_second_click_gives_back_the_first_approval_and_leaves_no_trace(world):
    deed = open_deed(world.draft())
    seen, by = hash_now(deed), world.council.approves
    first = deeds.approve_deed(deed=deed, content_hash=seen, by=by)
    changes = Change.objects.count()
    assert deeds.approve_deed(deed=deed, content_hash=seen, by=by) == first
    assert deeds.approve_deed(deed=deed, content_hash=seen, by=world.council.leads) == first
    assert (Approval.objects.count(), audit("deed.approved"), Change.objects.count()) == (1, 1, changes)


def codes(refused: Refused) -> list[tuple[str, str]]:
    return [(problem.code, problem.message) for problem in refused.problems]


def test_an_approval_keeps_what_was_approved_by_whom(world):
    deed, by = open_deed(world.draft()), world.council.approves
    seen = hash_now(deed)
    given = deeds.approve_deed(deed=deed, content_hash=seen, by=by)
    assert (given.deed, given.organisation, given.decision, given.content_hash, given.note, given.actor) == (
        deed, world.council.organisation, "approved", seen, "", by.reference,
    )  # fmt: skip
    other = refusal(deeds.approve_deed, deed=deed, content_hash="0" * 64, by=by)
    assert codes(other) == [("CHANGED_MEANWHILE", "The text has been changed since you looked at it")]
    asked = deeds.request_changes(deed=deed, note=" Otherwise. ", by=by)
    assert (asked.organisation, asked.decision, asked.content_hash, asked.note, asked.actor) == (
        world.council.organisation, "changes_requested", seen, "Otherwise.", by.reference,
    )  # fmt: skip
    assert deeds.request_changes(deed=deed, note="Otherwise again.", by=by).pk > asked.pk
    again = deeds.approve_deed(deed=deed, content_hash=seen, by=by)
    assert again.pk > given.pk
    assert deeds.approve_deed(deed=deed, content_hash=seen, by=by) == again
    assert (Approval.objects.count(), fresh(deed).version) == (4, 1)


def test_words_on_a_later_deed_leave_the_state_of_the_agreement_as_it_is(world):
    agreement = world.running()
    deed = world.deed(agreement)
    deeds.request_changes(deed=deed, note="Otherwise.", by=world.icb.approves)
    assert fresh(deed).state == "changes_requested"
    assert approve(deed, world.icb, world.council).state == "approved"
    assert (fresh(agreement).state, agreement.statuses.count()) == ("in_operation", 2)


def test_every_step_on_a_deed_that_is_set_aside_says_why_it_is_refused(world):
    agreement = world.running()
    deed, by = world.deed(agreement), world.council.approves
    deeds.withdraw_deed(deed=deed, reason="Enough.", by=world.council.prepares)
    gone = "The deed cannot be {}: it is withdrawn already"
    given = {"deed": deed, "by": by}
    assert codes(refusal(deeds.approve_deed, content_hash=hash_now(deed), **given)) == [
        ("WRONG_STATE", gone.format("approved"))
    ]
    assert codes(refusal(deeds.request_changes, note=" ", **given)) == [
        ("WRONG_STATE", gone.format("sent back")), ("REQUIRED", "Enter what should be changed"),
    ]  # fmt: skip
    assert codes(refusal(deeds.sign_deed, signed_on=TODAY, **given))[0] == ("WRONG_STATE", gone.format("signed"))
    assert codes(refusal(deeds.publish_deed, **given)) == [
        ("WRONG_STATE", "The deed cannot be published: it is not signed")
    ]
    signed = {"deed": agreement.deeds.get(number=0), "by": world.council.prepares}
    assert codes(refusal(deeds.withdraw_deed, reason=" ", **signed)) == [
        ("WRONG_STATE", "The deed cannot be withdrawn: it is signed already"),
        ("REQUIRED", "Enter why the deed is withdrawn"),
    ]


def test_an_approval_is_of_the_text_that_was_looked_at(world):
    deed = open_deed(world.draft())
    seen = hash_now(deed)
    drafting.write_clause(deed=deed, kind="exit", text="Otherwise.", by=world.icb.prepares)
    refused = refusal(deeds.approve_deed, deed=deed, content_hash=seen, by=world.council.approves)
    assert refused.code == "CHANGED_MEANWHILE"
    assert not Approval.objects.exists()


def test_any_edit_visibly_voids_what_was_approved(world):
    agreement = world.draft()
    deed = open_deed(agreement)
    approve(deed, world.council, world.icb)
    drafting.write_clause(deed=deed, kind="exit", text="Otherwise.", by=world.icb.prepares)
    assert (fresh(deed).state, fresh(agreement).state) == ("draft", "draft")
    assert {(decision, is_void) for _, decision, is_void in lines(deed)} == {("approved", True)}
    refused = refusal(deeds.sign_deed, deed=deed, signed_on=TODAY, by=world.council.approves)
    assert [problem.code for problem in refused.problems] == ["APPROVAL_MISSING", "APPROVAL_MISSING"]
    assert "an earlier text" in refused.problems[0].message
    approve(deed, world.council, world.icb)
    assert fresh(deed).state == "approved"


@pytest.mark.parametrize(("risks", "is_void"), [("", False), ("Falls", True)])
def test_an_approval_holds_when_a_field_is_added_that_says_nothing(world, monkeypatch, risks, is_void):
    deed = open_deed(world.draft())
    approve(deed, world.council)
    assert lines(deed)[0] == ("Mereshire County Council", "approved", False)
    more = [("risks", str, risks)]
    added = dataclasses.make_dataclass("SchemeContent", more, bases=(SchemeContent,), frozen=True, slots=True)
    monkeypatch.setattr(records, "SchemeContent", added)
    assert lines(deed)[0] == ("Mereshire County Council", "approved", is_void)
    assert approve(deed, world.icb).state == ("draft" if is_void else "approved")


def test_whoever_edited_last_does_not_approve(world):
    deed = open_deed(world.draft())
    drafting.write_clause(deed=deed, kind="exit", text="Otherwise.", by=world.council.leads)
    given = {"deed": deed, "content_hash": hash_now(deed)}
    assert refusal(deeds.approve_deed, by=world.council.leads, **given).code == "FOUR_EYES"
    assert deeds.approve_deed(by=world.council.approves, **given).organisation == world.council.organisation


def test_whoever_edited_last_through_their_key_does_not_approve_either(world):
    deed, lead = open_deed(world.draft()), world.council.leads
    permissions = ["read_unpublished", "prepare_agreements"]
    key, _ = factories.api_key(created_by=lead.person, organisation=world.council.organisation, permissions=permissions)
    drafting.write_clause(deed=deed, kind="exit", text="Otherwise.", by=key_actor(key))
    given = {"deed": deed, "content_hash": hash_now(deed)}
    assert refusal(deeds.approve_deed, by=lead, **given).code == "FOUR_EYES"
    assert deeds.approve_deed(by=world.council.approves, **given).organisation == world.council.organisation


def test_a_partner_asks_for_changes_and_may_approve_after_all(world):
    agreement = world.draft()
    deed = open_deed(agreement)
    approve(deed, world.icb)
    by = world.council.approves
    first = deeds.request_changes(deed=deed, note=" Name the manager. ", by=by)
    assert first.note == "Name the manager."
    assert deeds.request_changes(deed=deed, note="Name the manager.", by=by) == first
    assert (fresh(deed).state, fresh(agreement).state) == ("changes_requested", "changes_requested")
    refused = refusal(deeds.sign_deed, deed=deed, signed_on=TODAY, by=by)
    assert refused.problems[0].message == "Mereshire County Council has asked for changes"
    assert approve(deed, world.council).state == "approved"
    assert refusal(deeds.request_changes, deed=deed, note=" ", by=by).code == "REQUIRED"


def test_people_approve_and_keys_do_not(world):
    deed = open_deed(world.draft())
    person = world.council.leads.person
    key, _ = factories.api_key(
        created_by=person, organisation=world.council.organisation, permissions=["approve_agreements"]
    )
    by = key_actor(key)
    for act, more in (
        (deeds.approve_deed, {"content_hash": hash_now(deed)}),
        (deeds.request_changes, {"note": "No."}),
        (deeds.sign_deed, {"signed_on": TODAY}),
        (deeds.publish_deed, {}),
    ):
        with pytest.raises(PermissionDenied, match="not with an API key"):
            act(deed=deed, by=by, **more)


def test_who_has_no_say_is_told_so_and_who_is_outside_finds_nothing(world):
    deed = open_deed(world.draft())
    given = {"deed": deed, "content_hash": hash_now(deed)}
    with pytest.raises(PermissionDenied, match="You need the role"):
        deeds.approve_deed(by=world.council.prepares, **given)
    for nobody in (world.outsider.approves, ANONYMOUS):
        with pytest.raises(Http404):
            deeds.approve_deed(by=nobody, **given)
    other = world.district.organisation
    with pytest.raises(PermissionDenied):
        deeds.approve_deed(by=world.council.approves, organisation=other, **given)


def test_whoever_drafts_for_others_and_is_no_partner_has_no_say(world):
    agreement = world.draft(of_agreement={"prepared_by": world.district.organisation})
    deed = open_deed(agreement)
    refused = refusal(deeds.approve_deed, deed=deed, content_hash=hash_now(deed), by=world.district.approves)
    assert refused.code == "NOT_A_PARTNER"


def test_one_person_of_two_partners_speaks_for_the_one_that_is_asked_for(world):
    from pooledcare.directory.models import Membership

    by = world.council.approves
    Membership.objects.create(user=by.person, organisation=world.icb.organisation, roles=["finance_approver"])
    Membership.objects.create(user=by.person, organisation=world.outsider.organisation, roles=["finance_approver"])
    by, deed = factories.actor(by.person), open_deed(world.draft())
    seen = hash_now(deed)
    named = deeds.approve_deed(deed=deed, content_hash=seen, organisation=world.icb.organisation, by=by)
    assert named.organisation == world.icb.organisation
    assert deeds.approve_deed(deed=deed, content_hash=seen, by=by).organisation == world.council.organisation


def test_who_leaves_by_a_deed_has_a_say_on_it(world):
    agreement = world.running(world.icb, world.council, world.district)
    deed = world.deed(agreement)
    leaving = agreement.partners.get(organisation=world.district.organisation)
    drafting.remove_partner(deed=deed, partner=leaving, by=world.council.prepares)
    drafting.add_partner(deed=deed, organisation=world.trust.organisation, by=world.council.prepares)
    assert {name for name, *_ in lines(deed)} == {
        each.organisation.name for each in (world.icb, world.council, world.district, world.trust)
    }


def test_successors_speak_for_partners_that_are_no_more(world):
    agreement = world.draft(world.pct, world.council, effective_on=dt.date(2012, 4, 1))
    assert world.icb
    deed = open_deed(agreement)
    assert [name for name, *_ in lines(deed)] == ["Mereshire County Council", world.icb.organisation.name]
    earlier = Approval.objects.create(
        deed=deed, organisation=world.pct.organisation, decision="approved", content_hash=hash_now(deed), actor="user:0"
    )
    assert lines(deed)[1][1:] == ("approved", False)
    assert earlier.given_at == approvals_of(deed, record_of(fresh(agreement)))[1].given_at


# --- signed ----------------------------------------------------------------------------------------------------------


def test_a_signed_agreement_is_sealed_and_a_second_click_is_harmless(world):
    agreement = world.draft()
    deed = open_deed(agreement)
    seen = hash_now(deed)
    signed = sign(deed, world.council, world.icb)
    assert (signed.state, signed.signed_on, signed.sealed_hash) == ("signed", TODAY, seen)
    assert fresh(agreement).state == "signed"
    assert deeds.sign_deed(deed=deed, signed_on=TODAY, by=world.icb.approves) == signed
    assert audit("deed.signed") == 1
    assert lines(deed) == [
        ("Mereshire County Council", "approved", False),
        (world.icb.organisation.name, "approved", False),
    ]
    again = refusal(deeds.sign_deed, deed=deed, signed_on=TODAY - DAY, by=world.icb.approves)
    assert again.problems[0].code == "WRONG_STATE"
    repeated = deeds.approve_deed(deed=deed, content_hash=seen, by=world.icb.approves)
    assert repeated.deed == signed
    assert refusal(deeds.request_changes, deed=deed, note="Late.", by=world.icb.approves).code == "WRONG_STATE"


def test_a_signed_deed_is_known_by_the_hash_with_which_it_was_sealed(world):
    """The way in which hashes are made may change one day: what was signed stays what it was."""
    agreement = world.running()
    deed = agreement.deeds.get()
    Deed.objects.filter(pk=world.deed(agreement).pk).delete()
    sealed = open_deed(world.draft(slug="other"))
    Deed.objects.filter(pk=sealed.pk).update(sealed_hash="f" * 64)
    by = world.council.approves
    assert deeds.approve_deed(deed=sealed, content_hash="f" * 64, by=by).content_hash == "f" * 64
    assert codes(refusal(deeds.approve_deed, deed=sealed, content_hash=hash_now(sealed), by=by))[0][0] == (
        "CHANGED_MEANWHILE"
    )
    assert fresh(deed).sealed_hash == ""


def test_signing_is_noted_and_counted(world):
    agreement = world.draft()
    deed = sign(open_deed(agreement), world.council, world.icb, on=TODAY - DAY)
    assert (deed.version, deed.signed_on, fresh(agreement).operating_since) == (2, TODAY - DAY, None)
    status = agreement.statuses.last()
    assert (status.state, status.organisation, status.actor, status.note) == (
        "signed", world.council.organisation, world.council.approves.reference, "",
    )  # fmt: skip


@pytest.mark.slow
def test_a_later_deed_that_is_signed_leaves_the_agreement_in_its_state(world):
    agreement = world.running()
    sign(world.deed(agreement), world.icb, world.council)
    assert (fresh(agreement).state, agreement.statuses.count()) == ("in_operation", 2)


def test_an_agreement_that_operates_unsigned_is_in_operation_once_signed(world):
    agreement = world.draft()
    operation.start_operating(agreement=agreement, since=START, by=world.council.prepares)
    sign(open_deed(agreement), world.council, world.icb)
    assert fresh(agreement).state == "in_operation"
    assert list(agreement.statuses.values_list("state", flat=True))[-2:] == ["signed", "in_operation"]


def test_signing_says_everything_that_is_missing_at_once(world):
    agreement = world.draft(title="", effective_on=None)
    deed = open_deed(agreement)
    refused = refusal(deeds.sign_deed, deed=deed, signed_on=TODAY + DAY, by=world.council.approves)
    assert {problem.code for problem in refused.problems} == {"SIGNED_IN_FUTURE", "REQUIRED", "APPROVAL_MISSING"}
    fields = [problem.where.field for problem in refused.problems if problem.where]
    assert fields == ["signed_on", "effective_on", "title"]


def test_one_partner_alone_makes_no_agreement(world):
    agreement = world.draft()
    agreement.partners.filter(organisation=world.icb.organisation).delete()
    deed = approve(open_deed(agreement), world.council)
    assert refusal(deeds.sign_deed, deed=deed, signed_on=TODAY, by=world.council.approves).code == "PARTNERS_MISSING"


def test_a_deed_moved_before_the_start_and_a_termination_without_an_end_are_refused(world):
    agreement = world.running()
    deed = world.deed(agreement, kind="termination")
    Deed.objects.filter(pk=deed.pk).update(effective_on=START - DAY, sets_end=False, end_on=None)
    approve(deed, world.icb, world.council)
    refused = refusal(deeds.sign_deed, deed=deed, signed_on=TODAY, by=world.council.approves)
    assert [problem.code for problem in refused.problems] == ["DEED_BEFORE_START", "REQUIRED"]


def test_what_the_law_forbids_on_a_day_of_the_deed_is_not_signed(world):
    load_law()
    agreement = world.draft()
    deed = open_deed(agreement)
    terms = deed.scheme_terms.get()
    terms.functions.filter(function__code="nhs-s3").update(exclusions=["endoscopy"])
    approve(deed, world.icb, world.council)
    refused = refusal(deeds.sign_deed, deed=deed, signed_on=TODAY, by=world.council.approves)
    assert {problem.code for problem in refused.problems} == {"UNLAWFUL"}
    assert any("endoscopy" in problem.message.lower() for problem in refused.problems)
    assert refused.problems[0].fix.startswith("See ")
    terms.functions.filter(function__code="nhs-s3").update(exclusions=[])
    assert sign(fresh(deed), world.icb, world.council).state == "signed"


def test_an_unlawful_arrangement_can_always_be_ended_by_deed(world):
    load_law()
    agreement = world.draft(of_agreement={"power": "s75"})
    open_deed(agreement).scheme_terms.get().functions.filter(function__code="nhs-s3").update(exclusions=["endoscopy"])
    deeds.record_history(agreement=agreement, signed={0: START}, published=False, source=None, by=SYSTEM)
    variation = world.deed(agreement)
    approve(variation, world.icb, world.council)
    refused = refusal(deeds.sign_deed, deed=variation, signed_on=TODAY, by=world.council.approves)
    assert {problem.code for problem in refused.problems} == {"UNLAWFUL"}
    deeds.withdraw_deed(deed=variation, reason="The law forbids it.", by=world.council.prepares)
    ending = world.deed(agreement, kind="termination")
    drafting.save_scheme(deed=ending, slug="reablement", values={"services": "Still more."}, by=world.council.prepares)
    approve(fresh(ending), world.icb, world.council)
    assert refusal(deeds.sign_deed, deed=ending, signed_on=TODAY, by=world.council.approves).code == "UNLAWFUL"
    deeds.withdraw_deed(deed=ending, reason="It wrote something.", by=world.council.prepares)
    ending = world.deed(agreement, kind="termination")
    assert sign(ending, world.icb, world.council).state == "signed"


def test_a_termination_does_not_prolong_and_a_deed_is_not_signed_before_those_that_it_varies(world):
    agreement = world.running(end_on=dt.date(2027, 3, 31))
    deed = world.deed(agreement, kind="termination")
    drafting.edit_deed(deed=deed, changes={"end_on": dt.date(2040, 1, 1)}, by=world.council.prepares)
    approve(fresh(deed), world.icb, world.council)
    refused = refusal(deeds.sign_deed, deed=deed, signed_on=dt.date(1066, 1, 1), by=world.council.approves)
    assert {problem.code for problem in refused.problems} == {"ENDS_LATER", "SIGNED_TOO_EARLY"}
    original = agreement.deeds.get(number=0).signed_on
    refused = refusal(deeds.sign_deed, deed=deed, signed_on=original - DAY, by=world.council.approves)
    assert "SIGNED_TOO_EARLY" in {problem.code for problem in refused.problems}


def test_a_deed_signed_late_has_effect_from_its_day_and_is_known_from_its_signing(world):
    agreement = world.running()
    deed = world.deed(agreement, effective_on=dt.date(2025, 4, 1))
    drafting.write_clause(deed=deed, kind="aims", text="More people at home.", by=world.council.prepares)
    sign(deed, world.icb, world.council)
    record = record_of(fresh(agreement))
    assert content_as_at(record, dt.date(2025, 4, 1)).clause("aims") == "More people at home."
    before = content_as_at(record, dt.date(2025, 4, 1), known_at=TODAY - DAY)
    assert before.clause("aims") != "More people at home."


# --- withdrawn -------------------------------------------------------------------------------------------------------


def test_a_draft_is_withdrawn_with_its_agreement_and_stays_readable_for_its_partners(world):
    agreement = world.draft()
    deed, by = open_deed(agreement), world.council.prepares
    assert refusal(deeds.withdraw_deed, deed=deed, reason=" ", by=by).code == "REQUIRED"
    deeds.withdraw_deed(deed=deed, reason="Not needed.", by=by)
    assert deeds.withdraw_deed(deed=deed, reason="Not needed.", by=by).state == "withdrawn"
    assert (fresh(agreement).state, audit("deed.withdrawn")) == ("withdrawn", 1)
    assert agreement.statuses.last().note == f"{deed.reference} withdrawn: Not needed."
    assert agreement_reached(agreement.reference, actor=world.icb.approves).is_partner
    given = {"deed": deed, "content_hash": hash_now(deed), "by": world.icb.approves}
    assert refusal(deeds.approve_deed, **given).code == "AGREEMENT_OVER"


@pytest.mark.parametrize(
    ("is_integrated", "operating_since", "is_refused"),
    [(True, START, True), (False, START, False), (True, None, False)],
)
def test_only_a_marked_agreement_that_operates_is_not_withdrawn_by_one_partner(
    world, is_integrated, operating_since, is_refused
):
    agreement = world.draft(of_agreement={"is_integrated": is_integrated, "operating_since": operating_since})
    deed, by = open_deed(agreement), world.council.prepares
    if is_refused:
        assert codes(refusal(deeds.withdraw_deed, deed=deed, reason="Enough.", by=by)) == [
            (
                "DO_NO_HARM",
                "This is an existing integrated arrangement: no partner alone can withdraw it while it operates",
            )
        ]
    else:
        found = deeds.withdraw_deed(deed=deed, reason=" Enough. ", by=by)
        status = agreement.statuses.last()
        assert (found.state, found.version, status.note, status.organisation, status.actor) == (
            "withdrawn", 2, f"{deed.reference} withdrawn: Enough.", world.council.organisation, by.reference,
        )  # fmt: skip
    assert fresh(agreement).state == ("draft" if is_refused else "withdrawn")


def test_a_later_deed_of_a_marked_agreement_that_operates_may_be_withdrawn(world):
    agreement = world.integrated()
    deed = deeds.withdraw_deed(deed=world.deed(agreement), reason="Enough.", by=world.icb.prepares)
    assert deed.state == "withdrawn"
    status = agreement.statuses.last()
    assert (status.state, status.note) == ("in_operation", f"{deed.reference} withdrawn: Enough.")


def test_a_later_deed_is_withdrawn_alone_and_another_may_follow(world):
    agreement = world.running()
    deed = world.deed(agreement)
    deeds.withdraw_deed(deed=deed, reason="Superseded.", by=world.icb.prepares)
    assert (fresh(deed).state, fresh(agreement).state) == ("withdrawn", "in_operation")
    assert world.deed(agreement).number == 2
    signed = agreement.deeds.get(number=0)
    assert refusal(deeds.withdraw_deed, deed=signed, reason="No.", by=world.icb.prepares).code == "WRONG_STATE"


# --- published -------------------------------------------------------------------------------------------------------


def test_everybody_reads_a_deed_once_every_partner_has_published_it(world):
    agreement = world.running()
    deed = agreement.deeds.get(number=0)
    first = deeds.publish_deed(deed=deed, by=world.council.approves)
    assert agreement_reached(agreement.reference, actor=ANONYMOUS) is None
    assert deeds.publish_deed(deed=deed, by=world.council.leads) == first
    assert not Change.objects.filter(public=True).exists()
    deeds.publish_deed(deed=deed, by=world.icb.approves)
    assert (fresh(deed).published_on, audit("deed.published")) == (TODAY, 2)
    assert not agreement_reached(agreement.reference, actor=ANONYMOUS).is_partner
    told = Change.objects.filter(public=True).values_list("resource", flat=True)
    assert set(told) == {"agreements", "pools", "schemes"}


@pytest.mark.slow
def test_a_publication_says_who_published_and_the_last_of_them_dates_it(world):
    deed = world.running(world.icb, world.council, world.district).deeds.get()
    for people in (world.icb, world.council):
        made = deeds.publish_deed(deed=deed, by=people.approves)
        assert (made.deed, made.organisation, made.actor) == (deed, people.organisation, people.approves.reference)
        assert (fresh(deed).published_on, fresh(deed).version) == (None, 1)
    deeds.publish_deed(deed=deed, by=world.district.leads)
    assert (fresh(deed).published_on, fresh(deed).version) == (TODAY, 2)
    other = world.running(slug="other").deeds.get()
    assert deeds.publish_deed(deed=other, by=world.icb.approves).deed == other


def test_only_what_is_signed_is_published(world):
    deed = open_deed(world.draft())
    assert refusal(deeds.publish_deed, deed=deed, by=world.council.approves).code == "WRONG_STATE"


def test_a_successor_publishes_what_its_predecessor_signed(world):
    assert world.icb
    agreement = world.running(world.ccg, world.council, effective_on=dt.date(2020, 4, 1))
    deed = agreement.deeds.get(number=0)
    deeds.publish_deed(deed=deed, by=world.council.approves)
    deeds.publish_deed(deed=deed, by=world.icb.approves)
    assert fresh(deed).published_on == TODAY


# --- renewed, and as it was ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_renewal_that_was_signed_or_withdrawn_keeps_no_other_from_being_begun(world):
    agreement = world.running(is_published=True)
    first = renewal(world, agreement)
    assert (first.statuses.get().actor, first.prepared_by) == (
        world.council.prepares.reference, world.council.organisation,
    )  # fmt: skip
    Agreement.objects.filter(pk=first.pk).update(state="signed")
    other = renewal(world, agreement, by=world.icb)
    assert (other.prepared_by, other.is_illustrative) == (world.icb.organisation, False)
    for state in ("changes_requested", "approved"):
        Agreement.objects.filter(pk=other.pk).update(state=state)
        assert refusal(renewal, world=world, agreement=agreement).code == "RENEWAL_BEGUN"
    assert renewal(world, world.running(slug="other")).deeds.get().follows != agreement


def renewal(world: World, agreement: Agreement, by: People | None = None, **fields) -> Agreement:
    given = {"start": dt.date(2027, 4, 1), "end_on": dt.date(2030, 3, 31), **fields}
    return deeds.prepare_renewal(agreement=agreement, by=(by or world.council).prepares, **given)


def test_a_renewal_begins_with_everything_that_holds_today(world):
    agreement = world.integrated(review_on=[dt.date(2026, 1, 1), dt.date(2028, 1, 1)], places=[factories.place()])
    deed = world.deed(agreement, effective_on=TODAY)
    drafting.write_clause(deed=deed, kind="aims", text="More people at home.", by=world.council.prepares)
    sign(deed, world.icb, world.council)
    made = renewal(world, agreement)
    old = content_as_at(record_of(fresh(agreement)), TODAY)
    new = content_as_at(record_of(made), dt.date(2027, 4, 1))
    for name in ("title", "power", "notice_months", "places", "clauses"):
        assert getattr(new, name) == getattr(old, name)
    assert new.clause("aims") == "More people at home."
    assert [(p.body, p.role) for p in new.partners] == [(p.body, p.role) for p in old.partners]
    assert [(p.slug, p.host, p.manager) for p in new.pools] == [(p.slug, p.host, p.manager) for p in old.pools]
    assert [(s.slug, s.pool, s.lead, s.functions) for s in new.schemes] == [
        (s.slug, s.pool, s.lead, s.functions) for s in old.schemes
    ]
    assert (new.start, new.end, new.review_on) == (dt.date(2027, 4, 1), dt.date(2030, 3, 31), (dt.date(2028, 1, 1),))
    assert made.deeds.get().follows == agreement
    assert (made.state, made.is_integrated, made.marks.get().kind) == ("draft", True, "marked")


def test_a_renewal_is_begun_once_and_after_the_agreement(world):
    agreement = world.running()
    assert refusal(renewal, world=world, agreement=agreement, start=START).code == "RENEWAL_BEFORE_START"
    assert refusal(renewal, world=world, agreement=agreement, end_on=TODAY).code == "ENDS_BEFORE_START"
    first = renewal(world, agreement)
    refused = refusal(renewal, world=world, agreement=agreement, by=world.icb)
    assert (refused.code, refused.problems[0].value) == ("RENEWAL_BEGUN", first.reference)
    assert refusal(renewal, world=world, agreement=first).code == "NOT_SIGNED"
    deeds.withdraw_deed(deed=first.deeds.get(), reason="Otherwise.", by=world.council.prepares)
    assert renewal(world, agreement, by=world.icb).prepared_by == world.icb.organisation


def test_several_deeds_of_the_past_are_signed_in_their_order_whatever_the_order_they_are_given_in(world):
    agreement, source = world.draft(), factories.source()
    deeds.record_history(agreement=agreement, signed={0: START}, published=False, source=source, by=SYSTEM)
    varied = Deed.objects.create(agreement=agreement, number=1, kind="variation", effective_on=START + DAY)
    days = {1: START + DAY, 0: START}
    found = deeds.record_history(agreement=agreement, signed=days, published=True, source=None, by=SYSTEM)
    assert (fresh(varied).signed_on, fresh(varied).published_on) == (START + DAY, TODAY)
    publications = varied.publications.values_list("organisation", "actor")
    everybody = (world.icb.organisation.pk, world.council.organisation.pk)
    assert sorted(publications) == sorted((pk, SYSTEM.reference) for pk in everybody)
    assert (fresh(agreement).source, found.power, fresh(agreement).power) == (source, "s75", "s75")
    assert agreement.deeds.get(number=0).published_on is None
    with pytest.raises(ValueError, match="is not a valid Power"):
        deeds.record_history(agreement=agreement, signed={}, published=False, source=None, power="luck", by=SYSTEM)
    deeds.record_history(agreement=agreement, signed={}, published=False, source=None, power="s77", by=SYSTEM)
    assert fresh(agreement).power == "s77"


def test_the_past_is_recorded_as_it_was_by_pooledcare_alone(world):
    agreement = world.draft(world.pct, world.council, effective_on=dt.date(2012, 4, 1), title="Old")
    assert world.icb
    source = factories.source()
    given = {"agreement": agreement, "signed": {0: dt.date(2012, 3, 1)}, "published": True, "source": source}
    with pytest.raises(PermissionDenied):
        deeds.record_history(by=world.council.leads, **given)
    found = deeds.record_history(by=SYSTEM, **given)
    assert (found.state, found.source) == ("signed", source)
    deed = agreement.deeds.get()
    assert (deed.signed_on, deed.published_on) == (dt.date(2012, 3, 1), TODAY)
    assert deed.publications.count() == 2
    assert not Approval.objects.exists()
    assert sorted(agreement.partners.values_list("organisation__kind", flat=True)) == ["ccg", "county", "icb", "pct"]
    again = deeds.record_history(by=SYSTEM, **given)
    assert (agreement.partners.count(), again.statuses.filter(state="signed").count()) == (4, 1)
    assert not agreement_reached(agreement.reference, actor=ANONYMOUS).is_partner
    assert deeds.record_history(by=SYSTEM, power="s77", **given).power == "s77"
    wrong = {**given, "signed": {0: dt.date(2013, 3, 1)}}
    assert refusal(deeds.record_history, by=SYSTEM, **wrong).code == "WRONG_STATE"
