"""Members, invitations, keys and sessions as pages show them: whose, in which order, and never those of others."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.http import Http404
from django.test import Client
from django.utils import timezone

from pooledcare.directory.access import ANONYMOUS, system_actor
from pooledcare.directory.models import ApiKey, Invitation, Membership, Organisation, User
from pooledcare.directory.queries import people
from tests import factories

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


def member(organisation: Organisation, name: str, *roles: str, **fields) -> User:
    return factories.member(organisation=organisation, roles=list(roles or ["viewer"]), name=name, **fields)


def invitation(organisation: Organisation, **fields) -> Invitation:
    values = {"email": f"a{factories.number()}@example.org", "roles": ["viewer"], "expires_at": timezone.now() + SECOND}
    values["token_hash"] = f"{factories.number():064}"
    return Invitation.objects.create(organisation=organisation, **values | fields)


def missing(found, **asked) -> bool:
    try:
        found(**asked)
    except Http404:
        return True
    return False


def test_members_come_by_name_with_what_an_administrator_needs_to_know(organisation):
    pat = member(organisation, "Pat", "pool_manager", "role_of_the_past", "viewer", last_login=NOON)
    charlie = member(organisation, "Charlie")
    Authenticator.objects.filter(user=charlie).delete()
    Authenticator.objects.create(user=charlie, type=Authenticator.Type.RECOVERY_CODES, data={})
    namesake = member(organisation, "Pat")
    member(organisation, "Closed", is_active=False)
    Membership.objects.filter(user=member(organisation, "Left")).update(ended_at=NOON)
    member(factories.organisation(), "Elsewhere")
    Membership.objects.filter(user=pat).update(started_at=NOON)
    found = people.members(organisation=organisation, actor=factories.actor(namesake))
    assert [(each.name, each.email) for each in found] == [
        ("Charlie", charlie.email),
        ("Pat", pat.email),
        ("Pat", namesake.email),
    ]
    assert [each.has_second_factor for each in found] == [False, True, True]
    assert [each.is_self for each in found] == [False, False, True]
    shown = found[1]
    assert (shown.pk, shown.roles) == (Membership.objects.get(user=pat).pk, ("Pool manager", "Viewer"))
    assert (shown.since, shown.last_login) == (NOON, NOON)
    assert not any(each.is_self for each in people.members(organisation=organisation, actor=system_actor("test")))


def test_whom_a_waiver_reaches_holds_both_rights_by_whichever_roles(organisation):
    member(organisation, "Zoe", "finance_officer", "finance_approver")
    member(organisation, "Ann", "viewer", "finance_approver", "finance_officer", "role_of_the_past")
    for one in ("finance_officer", "finance_approver", "org_admin"):
        member(organisation, one, one)
    Membership.objects.filter(user=member(organisation, "Left", "finance_officer", "finance_approver")).update(
        ended_at=NOON
    )
    member(organisation, "Closed", "finance_officer", "finance_approver", is_active=False)
    member(factories.organisation(), "Elsewhere", "finance_officer", "finance_approver")
    assert people.able_to_do_both(organisation=organisation) == ["Ann", "Zoe"]


def test_open_invitations_come_newest_first(organisation):
    old = invitation(organisation, invited_at=NOON)
    twins = [invitation(organisation, invited_at=NOON + SECOND) for _ in range(2)]
    invitation(organisation, accepted_at=NOON)
    invitation(organisation, withdrawn_at=NOON)
    invitation(factories.organisation())
    assert people.open_invitations(organisation=organisation) == [*twins, old]


def test_nothing_is_found_outside_ones_own_organisations(organisation):
    """An administrator of one organisation asks for things of two."""
    admin = member(organisation, "Admin", "org_admin")
    actor, there = factories.actor(admin), factories.organisation()
    for where, is_found in ((organisation, True), (there, False)):
        user = member(where, "Somebody", "finance_officer")
        membership = Membership.objects.get(user=user)
        asked = invitation(where)
        key, _ = factories.api_key(created_by=user, organisation=where, permissions=["read_unpublished"])
        assert missing(people.membership_in_scope, actor=actor, pk=membership.pk) is not is_found
        assert missing(people.invitation_in_scope, actor=actor, pk=asked.pk) is not is_found
        assert missing(people.key_in_scope, actor=actor, prefix=key.prefix) is not is_found
        for nobody in (ANONYMOUS, system_actor("test")):
            assert missing(people.membership_in_scope, actor=nobody, pk=membership.pk)
            assert missing(people.invitation_in_scope, actor=nobody, pk=asked.pk)
            assert missing(people.key_in_scope, actor=nobody, prefix=key.prefix)
        if is_found:
            assert people.membership_in_scope(actor=actor, pk=membership.pk) == membership
            assert people.invitation_in_scope(actor=actor, pk=asked.pk) == asked
            assert people.key_in_scope(actor=actor, prefix=key.prefix) == key
    assert missing(people.membership_in_scope, actor=actor, pk=0)
    assert missing(people.invitation_in_scope, actor=actor, pk=0)
    assert missing(people.key_in_scope, actor=actor, prefix="nosuchky")


def test_what_is_over_is_found_no_more(organisation):
    actor = factories.actor(member(organisation, "Admin", "org_admin"))
    left, closed = member(organisation, "Left"), member(organisation, "Closed", is_active=False)
    Membership.objects.filter(user=left).update(ended_at=NOON)
    for user in (left, closed):
        assert missing(people.membership_in_scope, actor=actor, pk=Membership.objects.get(user=user).pk)
    for over in ("accepted_at", "withdrawn_at"):
        assert missing(people.invitation_in_scope, actor=actor, pk=invitation(organisation, **{over: NOON}).pk)


def test_an_invitation_is_found_by_its_hash_while_it_is_open(organisation):
    with time_machine.travel(NOON, tick=False):
        kept = invitation(organisation, token_hash="a" * 64, expires_at=NOON + SECOND)
        invitation(organisation, token_hash="b" * 64, expires_at=NOON)
        invitation(organisation, token_hash="c" * 64, withdrawn_at=NOON)
        found = [people.invitation_by_hash(token_hash=letter * 64) for letter in "abcd"]
    assert found == [kept, None, None, None]


def test_somebody_is_found_by_address_in_any_case():
    user = factories.person(email="pat@example.org")
    factories.person()
    assert people.person_with_address(email="PAT@Example.org") == user
    assert people.person_with_address(email="pat") is None


# --- keys ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def officer(organisation) -> User:
    return member(organisation, "Olive", "finance_officer")


def key(user: User, organisation: Organisation, name: str, **fields) -> ApiKey:
    values = {"permissions": ["upload_allocations"], "expires_at": NOON + SECOND, "created_at": NOON}
    return factories.api_key(created_by=user, organisation=organisation, name=name, **values | fields)[0]


def test_keys_that_work_come_first_and_of_them_the_newest(organisation, officer):
    key(officer, organisation, "Old", created_at=NOON - SECOND)
    key(officer, organisation, "Expired", expires_at=NOON)
    twins = [key(officer, organisation, f"New {number}") for number in range(2)]
    key(officer, organisation, "Revoked", revoked_at=NOON - SECOND, created_at=NOON + SECOND, expires_at=NOON)
    key(officer, organisation, "Powerless", permissions=["accept_allocations"], created_at=NOON - SECOND * 9)
    key(
        officer,
        organisation,
        "Half",
        permissions=["accept_allocations", "upload_allocations"],
        created_at=NOON - SECOND * 2,
    )
    key(officer, factories.organisation(), "Elsewhere")
    with time_machine.travel(NOON, tick=False):
        found = people.keys(organisation=organisation, actor=factories.actor(officer), all_of_them=False)
    assert [(each.name, each.state) for each in found] == [
        *((each.name, "Works") for each in twins),
        ("Old", "Works"),
        ("Half", "Works"),
        ("Revoked", "Revoked"),
        ("Expired", "Expired"),
        ("Powerless", "Its owner has lost the rights"),
    ]


def test_a_key_is_shown_with_its_maker_and_days(organisation, officer):
    made = key(
        officer, organisation, "Ledger", permissions=["read_unpublished", "upload_allocations"],
        last_used_on=dt.date(2026, 5, 1), expires_at=dt.datetime(2026, 7, 1, 23, tzinfo=dt.UTC),
    )  # fmt: skip
    with time_machine.travel(NOON, tick=False):
        (shown,) = people.keys(organisation=organisation, actor=factories.actor(officer), all_of_them=True)
    assert shown == people.Key(
        prefix=made.prefix,
        name="Ledger",
        permissions=("read_unpublished", "upload_allocations"),
        made_by="Olive",
        made_at=NOON,
        last_day=dt.date(2026, 7, 1),
        last_used_on=dt.date(2026, 5, 1),
        state="Works",
        is_own=True,
    )


def test_only_who_manages_keys_is_shown_those_of_others(organisation, officer):
    approver = member(organisation, "Ann", "finance_approver")
    both = member(organisation, "Bob", "finance_approver")
    there = factories.organisation()
    Membership.objects.create(user=approver, organisation=there, roles=["finance_officer"])
    key(officer, organisation, "Of Olive")
    key(approver, organisation, "Of Ann")  # the right to upload is held elsewhere only
    key(both, organisation, "Of Bob", permissions=["accept_allocations"], created_at=NOON - SECOND)

    def shown(user: User | None, everything: bool) -> list[tuple[str, str, bool]]:
        actor = factories.actor(user) if user else system_actor("test")
        with time_machine.travel(NOON, tick=False):
            found = people.keys(organisation=organisation, actor=actor, all_of_them=everything)
        return [(each.name, each.state, each.is_own) for each in found]

    powerless = "Its owner has lost the rights"
    assert shown(officer, False) == [("Of Olive", "Works", True)]
    assert shown(approver, False) == [("Of Ann", powerless, True)]
    assert shown(both, True) == [
        ("Of Olive", "Works", False),
        ("Of Bob", "Works", True),
        ("Of Ann", powerless, False),
    ]
    assert shown(None, False) == []


# --- one's own -------------------------------------------------------------------------------------------------------


def test_memberships_sessions_and_linked_logins_are_ones_own(organisation, officer):
    there = factories.organisation()
    Membership.objects.create(user=officer, organisation=there, roles=["viewer"])
    Membership.objects.create(user=officer, organisation=factories.organisation(), roles=["viewer"], ended_at=NOON)
    other = member(organisation, "Somebody else")
    assert [each.organisation for each in people.memberships_of(person=officer)] == [organisation, there]
    sessions = []
    for user, hour in ((officer, 9), (officer, 11), (officer, 10), (other, 8)):
        client = Client()
        factories.log_in(client, user)
        made = UserSession.objects.create(
            user=user, session_key=client.session.session_key, ip="127.0.0.1", user_agent="Example"
        )
        UserSession.objects.filter(pk=made.pk).update(created_at=NOON.replace(hour=hour))
        sessions.append(made)
    first, third, second, theirs = sessions
    assert people.sessions_of(person=officer) == [first, second, third]
    assert people.session_of(person=officer, pk=first.pk) == first
    assert missing(people.session_of, person=officer, pk=theirs.pk)
    for user, uid in ((officer, "1"), (officer, "2"), (other, "3")):
        SocialAccount.objects.create(user=user, provider="sso", uid=uid)
    assert people.linked_logins(person=officer) == 2
