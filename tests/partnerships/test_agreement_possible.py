"""What a partner may do next with an agreement: which buttons, in which order, with which reason where it may not."""

from __future__ import annotations

import datetime as dt

import pytest

from partnerships.models import Agreement, Approval, Deed
from partnerships.queries.agreements.possible import PossibleAction, possible_actions, steps_of_draft
from partnerships.queries.agreements.reach import Reached
from partnerships.terms import Audience
from pooledcare.directory.access import Actor, Permission, refusal, system_actor
from pooledcare.directory.models import Organisation
from tests import factories
from tests.deed_steps import fresh, hash_now
from tests.partnerships import agreement_rows as rows

pytestmark = pytest.mark.django_db
NO_PREPARE, NO_APPROVE = refusal(Permission.PREPARE_AGREEMENTS), refusal(Permission.APPROVE_AGREEMENTS)
RECORDS = [
    "Record a condition", "Record a decision", "Record a commissioner’s consent", "Add a board", "Add a document",
]  # fmt: skip
MARK, CLEAR = (
    "Mark as an existing integrated arrangement",
    "Agree that the mark of an integrated arrangement is cleared",
)
HAPPENED, SUCCESSOR = "Record what happened", "Record a successor of a partner"
PREPARE, RENEW = "Prepare a deed of variation or termination", "Prepare a renewal"
GONE = "Every partner still exists"


def lead(organisation: Organisation, *roles: str) -> Actor:
    return factories.actor(factories.member(organisation=organisation, roles=list(roles or ("governance_lead",))))


@pytest.fixture
def by(icb: Organisation) -> Actor:
    return lead(icb)


@pytest.fixture
def draft(icb: Organisation, county: Organisation) -> Agreement:
    return factories.agreement(partners=[icb, county])


@pytest.fixture
def runs(icb: Organisation, county: Organisation) -> Agreement:
    """In operation and published; written straight into rows, without a fund or a scheme."""
    made = factories.agreement(partners=[icb, county])
    on = dt.date(2024, 3, 1)
    Deed.objects.filter(agreement=made).update(state="signed", signed_on=on, published_on=on)
    Agreement.objects.filter(pk=made.pk).update(state="in_operation", operating_since=factories.FIRST_DAY)
    return fresh(made)


def actions(agreement: Agreement, by: Actor) -> list[PossibleAction]:
    return possible_actions(Reached(fresh(agreement), Audience.PARTNERS), by)


def offered(agreement: Agreement, by: Actor) -> dict[str, str]:
    return {each.label: each.why_not for each in actions(agreement, by)}


def of_agreement(agreement: Agreement, by: Actor, **columns: object) -> dict[str, str]:
    """What is offered between the deeds and the records."""
    Agreement.objects.filter(pk=agreement.pk).update(**columns)
    found = offered(agreement, by)
    return {label: why for label, why in found.items() if label not in RECORDS and "the agreement" not in label}


# --- a draft ---------------------------------------------------------------------------------------------------------


def test_a_draft_is_edited_approved_signed_or_withdrawn_in_this_order(draft, by, icb, county):
    found = actions(draft, by)
    silent = f"Not approved yet by {county.name} and {icb.name}"
    assert [(each.label, each.why_not, each.is_step) for each in found[:8]] == [
        ("Edit the agreement", "", True),
        ("Approve the agreement", "", True),
        ("Ask for changes to the agreement", "", False),
        ("Sign the agreement", silent, True),
        ("Withdraw the agreement", "", False),
        ("Record that it operates", "", True),
        (MARK, "", False),
        (RECORDS[0], "", False),
    ]
    assert [each.label for each in found[7:]] == RECORDS
    there = f"/agreements/{draft.reference}"
    assert [each.url for each in found[:2]] == [f"{there}/draft/", f"{there}/deeds/0/approve/"]
    assert steps_of_draft(draft, by) == found[1:5]


def test_nobody_but_a_partner_is_offered_anything(draft, by):
    assert possible_actions(Reached(draft, Audience.PUBLIC), by) == []
    stranger = lead(factories.organisation())
    assert set(offered(draft, stranger).values()) == {NO_PREPARE, NO_APPROVE}


def test_whoever_lacks_a_role_is_told_which(draft, icb):
    approver, manager = offered(draft, lead(icb, "finance_approver")), offered(draft, lead(icb, "pool_manager"))
    for label, needs_approving in (
        ("Edit the agreement", False), ("Approve the agreement", True), ("Ask for changes to the agreement", True),
        ("Sign the agreement", True), ("Withdraw the agreement", False), ("Record that it operates", False),
        (MARK, True), *((each, False) for each in RECORDS),
    ):  # fmt: skip
        assert (approver[label] == NO_PREPARE) is not needs_approving, label
        assert (manager[label] == NO_APPROVE) is needs_approving, label


def test_pooledcare_itself_acts_for_whoever_drafted_it(draft):
    found = offered(draft, system_actor("example"))
    assert NO_APPROVE not in found.values()
    assert NO_PREPARE not in found.values()


def say(draft: Agreement, *organisations: Organisation, decision: str = "approved") -> None:
    deed = factories.open_deed(draft)
    Approval.objects.bulk_create(
        Approval(deed=deed, organisation=each, decision=decision, content_hash=hash_now(deed), actor="user:0")
        for each in organisations
    )


def test_who_has_approved_waits_for_the_others(draft, by, icb, county):
    say(draft, icb)
    found = offered(draft, by)
    assert found["Approve the agreement"] == "Your organisation has approved this text"
    assert found["Sign the agreement"] == f"Not approved yet by {county.name}"
    say(draft, county)
    assert offered(draft, by)["Sign the agreement"] == ""


def test_who_has_asked_for_changes_may_approve_after_all(draft, by, icb):
    say(draft, icb, decision="changes_requested")
    assert offered(draft, by)["Approve the agreement"] == ""


def test_whoever_acts_for_two_partners_approves_until_both_have(draft, icb, county):
    user = factories.member(organisation=icb, roles=["governance_lead"])
    user.memberships.create(organisation=county, roles=["governance_lead"])
    say(draft, icb)
    assert offered(draft, factories.actor(user))["Approve the agreement"] == ""
    say(draft, county)
    assert offered(draft, factories.actor(user))["Approve the agreement"] == "Your organisation has approved this text"


def test_whoever_edited_last_leaves_the_approval_to_a_colleague(draft, by):
    Deed.objects.filter(agreement=draft).update(edited_by=by.reference)
    assert offered(draft, by)["Approve the agreement"] == (
        "The person who last edited a deed cannot also approve it. Ask a colleague who may approve."
    )


def test_a_draft_with_no_partner_at_all_waits_for_every_partner(icb, by):
    made = factories.agreement(partners=[icb, factories.council()])
    made.partners.all().delete()
    assert offered(made, by)["Sign the agreement"] == ""


# --- signed ----------------------------------------------------------------------------------------------------------


def test_what_is_signed_is_published_by_each_partner_deed_by_deed(runs, by, icb, county):
    label, waits = "Publish the agreement", "Your organisation has already published it. Waiting for the other partners"
    assert label not in offered(runs, by)
    first = runs.deeds.get()
    second = rows.deed(agreement=runs, number=2, effective_on=dt.date(2025, 4, 1))
    Deed.objects.filter(pk=first.pk).update(published_on=None)
    Deed.objects.filter(pk=second.pk).update(state="signed", signed_on=dt.date(2025, 3, 1))
    found = actions(runs, by)
    assert [(each.label, each.why_not, each.is_step) for each in found[:2]] == [
        (label, "", True), ("Publish deed 2", "", True),
    ]  # fmt: skip
    assert found[1].url == f"/agreements/{runs.reference}/deeds/2/publish/"
    rows.publication(deed=first, organisation=county)
    rows.publication(deed=second, organisation=icb)
    assert [each.why_not for each in actions(runs, by)[:2]] == ["", waits]
    assert offered(runs, lead(icb, "pool_manager"))[label] == NO_APPROVE


def test_a_deed_that_is_open_or_withdrawn_is_not_published(runs, by):
    rows.deed(agreement=runs, number=1, state="withdrawn")
    rows.deed(agreement=runs, number=2)
    found = offered(runs, by)
    assert [label for label in found if label.startswith("Publish")] == []
    assert next(iter(found)) == "Edit deed 2"
    assert found[PREPARE] == "Deed 2 is open. Sign or withdraw that one first"


# --- the agreement ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "labels"),
    [
        ({}, [PREPARE, RENEW, "Give notice", HAPPENED, SUCCESSOR, MARK]),
        ({"is_integrated": True}, [PREPARE, RENEW, "Give notice", HAPPENED, SUCCESSOR, CLEAR]),
        ({"state": "signed", "operating_since": None},
         [PREPARE, RENEW, "Record that it operates", "Give notice", HAPPENED, SUCCESSOR, MARK]),
        ({"state": "notice_given"}, [PREPARE, RENEW, "Give notice", HAPPENED, SUCCESSOR, MARK]),
        ({"state": "ended", "ended_on": dt.date(2026, 1, 1)}, [RENEW, HAPPENED, SUCCESSOR]),
        ({"state": "expired", "ended_on": dt.date(2026, 1, 1), "is_integrated": True}, [RENEW, HAPPENED, SUCCESSOR]),
        ({"state": "expired", "ended_on": dt.date(2026, 1, 1), "operating_since": None}, [RENEW]),
        ({"state": "withdrawn", "operating_since": None}, []),
        ({"state": "draft", "operating_since": None}, ["Record that it operates", MARK]),
        ({"state": "draft"}, [HAPPENED, SUCCESSOR, MARK]),
    ],
)  # fmt: skip
def test_what_is_offered_goes_by_the_state(runs, by, columns, labels):
    found = of_agreement(runs, by, **columns)
    assert list(found) == labels
    assert {label: why for label, why in found.items() if why} == ({SUCCESSOR: GONE} if SUCCESSOR in labels else {})


def test_a_successor_is_recorded_once_a_partner_is_gone(runs, by, county):
    Organisation.objects.filter(pk=county.pk).update(closed=dt.date(2025, 3, 31))
    assert offered(runs, by)[SUCCESSOR] == ""


def test_who_may_do_what_with_an_agreement_that_runs(runs, icb):
    approver, manager = offered(runs, lead(icb, "finance_approver")), offered(runs, lead(icb, "pool_manager"))
    for label in (PREPARE, RENEW, HAPPENED, SUCCESSOR):
        assert approver[label] == NO_PREPARE
    for label in ("Give notice", MARK):
        assert manager[label] == NO_APPROVE
    Agreement.objects.filter(pk=runs.pk).update(is_integrated=True)
    assert offered(runs, lead(icb, "pool_manager"))[CLEAR] == NO_APPROVE


# --- notices ---------------------------------------------------------------------------------------------------------


def test_notice_is_taken_back_by_whoever_gave_it_and_ends_the_agreement_after_it(runs, by, icb, county):
    own = rows.notice(agreement=runs, organisation=icb)
    scheme = rows.scheme(agreement=runs, slug="equipment")
    theirs = rows.notice(agreement=runs, organisation=county, scheme=scheme)
    gone = rows.notice(agreement=runs, organisation=icb)
    rows.notice(agreement=runs, organisation=icb, withdraws=gone)
    found = [each for each in actions(runs, by) if "notice" in each.label.lower()]
    whole, one = "Withdraw the notice on the agreement", "Withdraw the notice on the scheme “equipment”"
    assert [(each.label, each.why_not) for each in found] == [
        ("Give notice", ""),
        (whole, ""),
        (one, f"Only {county.name}, which gave it, can withdraw it"),
        ("End after notice", ""),
    ]
    there = f"/agreements/{runs.reference}/notices"
    assert [each.url for each in found[1:3]] == [f"{there}/{each.pk}/withdraw/" for each in (own, theirs)]
    assert offered(runs, lead(icb, "pool_manager"))["End after notice"] == NO_APPROVE
    Organisation.objects.filter(pk=county.pk).update(closed=dt.date(2025, 3, 31))
    assert offered(runs, by)[one] == ""


def test_an_integrated_arrangement_is_not_ended_after_notice(runs, by):
    rows.notice(agreement=runs)
    Agreement.objects.filter(pk=runs.pk).update(is_integrated=True)
    assert offered(runs, by)["End after notice"] == (
        "An existing integrated arrangement is ended by a deed of all its partners"
    )


def test_all_of_it_costs_the_same_whatever_the_agreement_holds(runs, by, django_assert_num_queries):
    reached = Reached(fresh(runs), Audience.PARTNERS)
    rows.notice(agreement=runs)
    with django_assert_num_queries(6):
        possible_actions(reached, by)
    for _ in range(3):
        rows.notice(agreement=runs)
    with django_assert_num_queries(6):
        possible_actions(reached, by)
