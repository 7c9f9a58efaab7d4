"""What administrators may do with members, and what they may not."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from pooledcare.directory.access import Permission, can, refusal, system_actor
from pooledcare.directory.actions.members import (
    change_roles,
    end_membership,
    reset_second_factor,
    restore_second_person,
    waive_second_person,
)
from pooledcare.directory.models import Membership, Organisation
from pooledcare.kernel.problems import Problem, Refused
from tests import factories
from tests.costs import cost
from tests.directory.trail import lines

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(organisation: Organisation):
    return factories.member(organisation=organisation, roles=["org_admin"])


@pytest.fixture
def officer(organisation: Organisation):
    return factories.member(organisation=organisation, roles=["finance_officer"])


def membership_of(user) -> Membership:
    return Membership.objects.get(user=user)


def test_other_roles_count_at_once_and_leave_one_line_without_names(admin, officer, organisation):
    before = membership_of(officer)
    given = change_roles(membership=before, roles=["viewer", "auditor", "viewer"], version=1, by=factories.actor(admin))
    assert (given.roles, given.version) == (["auditor", "viewer"], 2)
    actor = factories.actor(officer)
    assert not can(actor, Permission.UPLOAD_ALLOCATIONS, organisation)
    assert can(actor, Permission.READ_AUDIT, organisation)
    subject, code = f"member:{before.pk}", organisation.code
    assert lines() == [
        (
            f"user:{admin.pk}", code, "member.roles_changed", subject,
            f"The membership {subject} of user:{officer.pk} at {code}: from finance_officer to auditor, viewer.",
        )
    ]  # fmt: skip


def test_a_role_that_the_organisation_cannot_hold_is_refused(admin, officer):
    with pytest.raises(Refused) as caught:
        change_roles(membership=membership_of(officer), roles=["publisher"], version=1, by=factories.actor(admin))
    assert caught.value.code == "ROLE_NOT_HELD_HERE"


def test_a_change_of_something_that_changed_meanwhile_is_refused(admin, officer):
    actor = factories.actor(admin)
    change_roles(membership=membership_of(officer), roles=["viewer"], version=1, by=actor)
    with pytest.raises(Refused) as caught:
        change_roles(membership=membership_of(officer), roles=["auditor"], version=1, by=actor)
    assert caught.value.code == "CHANGED_MEANWHILE"
    assert membership_of(officer).roles == ["viewer"]


@pytest.mark.parametrize("change", ["end", "roles"])
def test_the_last_administrator_stays(admin, change):
    with pytest.raises(Refused) as caught:
        if change == "end":
            end_membership(membership=membership_of(admin), version=1, by=factories.actor(admin))
        else:
            change_roles(membership=membership_of(admin), roles=["viewer"], version=1, by=factories.actor(admin))
    assert caught.value.code == "LAST_ADMINISTRATOR"


def test_one_of_two_administrators_may_go(admin, organisation):
    other = factories.member(organisation=organisation, roles=["org_admin"])
    left = end_membership(membership=membership_of(other), version=1, by=factories.actor(admin))
    kept = membership_of(other)
    assert (left.version, kept.version, kept.ended_at) == (2, 2, left.ended_at)
    assert timezone.now() - left.ended_at < dt.timedelta(minutes=1)
    assert factories.actor(other).grants == {}
    subject, code = f"member:{left.pk}", organisation.code
    sentence = f"The membership {subject} of user:{other.pk} at {code}: ended."
    assert lines() == [(f"user:{admin.pk}", code, "member.removed", subject, sentence)]


@pytest.mark.parametrize("of", ["a closed account", "another organisation", "the past", "an ordinary member"])
def test_nobody_else_counts_as_an_administrator_who_stays(of, admin, organisation):
    where = factories.organisation() if of == "another organisation" else organisation
    roles = ["viewer"] if of == "an ordinary member" else ["org_admin", "viewer"]
    other = factories.member(organisation=where, roles=roles, is_active=of != "a closed account")
    if of == "the past":
        Membership.objects.filter(user=other).update(ended_at=timezone.now())
    with pytest.raises(Refused) as caught:
        end_membership(membership=membership_of(admin), version=1, by=factories.actor(admin))
    assert caught.value.code == "LAST_ADMINISTRATOR"


def test_the_last_administrator_takes_other_roles_beside_it(admin):
    change_roles(membership=membership_of(admin), roles=["viewer", "org_admin"], version=1, by=factories.actor(admin))
    assert membership_of(admin).roles == ["org_admin", "viewer"]


def test_an_ordinary_member_goes_although_there_is_no_administrator_beside_the_one_who_acts(admin, officer):
    end_membership(membership=membership_of(officer), version=1, by=factories.actor(admin))
    assert factories.actor(officer).grants == {}


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_remove_one_another_at_once_leave_one():
    organisation = factories.organisation()
    people = [factories.member(organisation=organisation, roles=["org_admin"]) for _ in range(2)]
    start, outcomes = threading.Barrier(2), []

    def remove(me, other):
        actor, target = factories.actor(me), membership_of(other)
        start.wait()
        try:
            end_membership(membership=target, version=1, by=actor)
            outcomes.append("removed")
        except Refused as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=pair) for pair in (people, people[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["LAST_ADMINISTRATOR", "removed"]
    assert Membership.objects.active().filter(organisation=organisation).count() == 1


def test_whoever_belongs_nowhere_any_more_is_logged_out(admin, officer, client_of):
    client, colleague = client_of(officer), client_of(admin)
    client.get("/account/")
    colleague.get("/account/")
    keys = [each.session.session_key for each in (client, colleague)]
    for user, key in zip((officer, admin), keys, strict=True):
        _remember_session(user, key)
    elsewhere = factories.organisation()
    Membership.objects.create(user=officer, organisation=elsewhere, roles=["viewer"], ended_at=timezone.now())
    here = Membership.objects.get(user=officer, ended_at=None)
    end_membership(membership=here, version=1, by=factories.actor(admin))
    assert list(Session.objects.filter(session_key__in=keys).values_list("session_key", flat=True)) == keys[1:]
    assert client.get("/account/").status_code == 302


def test_whoever_still_belongs_elsewhere_stays_logged_in(admin, officer, client_of):
    Membership.objects.create(user=officer, organisation=factories.organisation(), roles=["viewer"])
    client = client_of(officer)
    client.get("/account/")
    _remember_session(officer, client.session.session_key)
    here = Membership.objects.get(user=officer, organisation=membership_of(admin).organisation)
    end_membership(membership=here, version=1, by=factories.actor(admin))
    assert client.get("/account/").status_code == 200


def _remember_session(user, key: str) -> None:
    UserSession.objects.create(user=user, session_key=key, ip="127.0.0.1", user_agent="test")


def test_a_reset_second_factor_is_gone_and_its_owner_is_told(
    admin, officer, organisation, django_capture_on_commit_callbacks
):
    RecoveryCodes.activate(officer)
    for user, key in ((officer, "a" * 32), (admin, "b" * 32)):
        Session.objects.create(session_key=key, session_data="", expire_date=timezone.now() + dt.timedelta(days=1))
        _remember_session(user, key)
    with django_capture_on_commit_callbacks(execute=True):
        reset = reset_second_factor(membership=membership_of(officer), version=1, by=factories.actor(admin))
    assert (reset.version, membership_of(officer).version, reset.ended_at) == (2, 2, None)
    assert list(Authenticator.objects.values_list("user_id", flat=True)) == [admin.pk]
    assert list(Session.objects.values_list("session_key", flat=True)) == ["b" * 32]
    assert list(UserSession.objects.values_list("session_key", flat=True)) == ["b" * 32]
    (message,) = mail.outbox
    assert (message.to, message.subject) == ([officer.email], "Your second factor was reset")
    assert (
        "An administrator of your organisation removed your authenticator app and recovery codes, and logged you out "
        "everywhere. You need to set up a new one the next time you log in."
    ) in message.body
    subject, code = f"member:{reset.pk}", organisation.code
    sentence = f"The membership {subject} of user:{officer.pk} at {code}: had their second factor reset."
    assert lines() == [(f"user:{admin.pk}", code, "member.second_factor_reset", subject, sentence)]


def test_pooledcare_itself_may_reset_a_second_factor(officer):
    reset_second_factor(membership=membership_of(officer), version=1, by=system_actor("test"))
    assert not Authenticator.objects.exists()


def test_nobody_resets_their_own_second_factor_here(admin):
    with pytest.raises(Refused) as caught:
        reset_second_factor(membership=membership_of(admin), version=1, by=factories.actor(admin))
    assert caught.value.problems == [Problem("OWN_SECOND_FACTOR", "Change your own second factor on your account page")]
    assert Authenticator.objects.get().user == admin


@pytest.mark.parametrize("act", [end_membership, reset_second_factor])
def test_a_stale_page_ends_nothing_and_resets_nothing(act, admin, officer):
    with pytest.raises(Refused) as caught:
        act(membership=membership_of(officer), version=2, by=factories.actor(admin))
    assert caught.value.code == "CHANGED_MEANWHILE"
    assert membership_of(officer).ended_at is None
    assert Authenticator.objects.filter(user=officer).exists()


def test_somebody_who_has_left_cannot_be_changed(admin, officer):
    membership = membership_of(officer)
    end_membership(membership=membership, version=1, by=factories.actor(admin))
    with pytest.raises(Refused) as caught:
        end_membership(membership=membership, version=2, by=factories.actor(admin))
    assert caught.value.problems == [Problem("MEMBERSHIP_ENDED", "This person is no longer a member")]


def test_the_second_person_is_waived_and_restored_with_a_line_each(admin, organisation):
    elsewhere, code = factories.organisation(), organisation.code
    for act, waives in (
        (waive_second_person, True),
        (waive_second_person, True),
        (restore_second_person, False),
        (restore_second_person, False),
    ):
        assert act(organisation=organisation, by=factories.actor(admin)).waives_second_person is waives
        waiving = Organisation.objects.filter(waives_second_person=True)
        assert list(waiving) == ([organisation] if waives else [])
    assert not Organisation.objects.get(pk=elsewhere.pk).waives_second_person
    who, subject = f"user:{admin.pk}", f"organisation:{code}"
    assert lines() == [
        (who, code, "second_person.waived", subject, f"Waived the second person for allocations at {code}."),
        (who, code, "second_person.restored", subject, f"Restored the second person for allocations at {code}."),
    ]


@pytest.mark.parametrize("act", ["roles", "end", "reset", "waive", "restore"])
def test_without_the_right_here_nothing_is_changed(act, officer, organisation):
    outsider = factories.actor(factories.member(organisation=factories.organisation(), roles=["org_admin"]))
    reason = refusal(Permission.MANAGE_MEMBERS if act in ("roles", "end", "reset") else Permission.WAIVE_SECOND_PERSON)
    for by in (factories.actor(officer), outsider):
        with pytest.raises(PermissionDenied) as caught:
            if act == "roles":
                change_roles(membership=membership_of(officer), roles=["viewer"], version=1, by=by)
            elif act == "end":
                end_membership(membership=membership_of(officer), version=1, by=by)
            elif act == "reset":
                reset_second_factor(membership=membership_of(officer), version=1, by=by)
            elif act == "waive":
                waive_second_person(organisation=organisation, by=by)
            else:
                restore_second_person(organisation=organisation, by=by)
        assert str(caught.value) == reason
    assert lines() == []


# Pages


def test_the_page_lists_members_and_says_who_has_no_second_factor(admin, officer, organisation, client_of):
    Authenticator.objects.filter(user=officer).delete()
    page = client_of(admin).get("/members/").content.decode()
    assert officer.name in page
    assert "Not set up" in page


def test_roles_are_changed_on_the_page(admin, officer, client_of):
    pk = membership_of(officer).pk
    answer = client_of(admin).post(f"/members/{pk}/", {"roles": ["viewer", "pool_manager"], "version": 1})
    assert answer.status_code == 302
    assert membership_of(officer).roles == ["pool_manager", "viewer"]


def test_a_stale_page_keeps_what_was_typed_and_saves_when_sent_again(admin, officer, client_of):
    pk = membership_of(officer).pk
    change_roles(membership=membership_of(officer), roles=["viewer"], version=1, by=factories.actor(admin))
    client = client_of(admin)
    page = client.post(f"/members/{pk}/", {"roles": ["auditor"], "version": 1}).content.decode()
    assert "<title>Error:" in page
    assert "Somebody else changed this" in page
    assert "Now: Viewer." in page
    assert 'value="auditor" checked' in page
    assert 'name="version" value="2"' in page
    assert client.post(f"/members/{pk}/", {"roles": ["auditor"], "version": 2}).status_code == 302
    assert membership_of(officer).roles == ["auditor"]


def test_no_role_chosen_is_an_error_linked_to_the_boxes(admin, officer, client_of):
    page = client_of(admin).post(f"/members/{membership_of(officer).pk}/", {"version": 1}).content.decode()
    assert 'href="#id_roles"' in page
    assert "Select at least one role" in page


def test_removing_asks_first(admin, officer, client_of):
    pk = membership_of(officer).pk
    client = client_of(admin)
    assert client.get(f"/members/{pk}/remove/").status_code == 200
    assert membership_of(officer).ended_at is None
    client.post(f"/members/{pk}/remove/", {"version": 1})
    assert membership_of(officer).ended_at is not None


def test_the_refusal_to_remove_the_last_administrator_is_shown(admin, client_of):
    page = client_of(admin).post(f"/members/{membership_of(admin).pk}/remove/", {"version": 1}).content.decode()
    assert "only administrator" in page


def test_members_of_another_organisation_are_not_found_whether_or_not_they_exist(admin, client_of):
    elsewhere = factories.member(organisation=factories.organisation(), roles=["viewer"])
    client = client_of(admin)
    theirs = client.get(f"/members/{membership_of(elsewhere).pk}/")
    nobody = client.get("/members/999999999/")
    assert theirs.status_code == nobody.status_code == 404


def test_a_colleague_without_the_right_is_told_which_role_it_takes(officer, admin, client_of):
    page = client_of(officer).get(f"/members/{membership_of(admin).pk}/")
    assert page.status_code == 403
    assert "organisation administrator" in page.content.decode()


def test_whoever_administers_two_organisations_chooses(admin, client_of):
    second = factories.organisation(name="Second Example Board")
    Membership.objects.create(user=admin, organisation=second, roles=["org_admin"])
    page = client_of(admin).get(f"/members/?organisation={second.code}").content.decode()
    assert "Members of Second Example Board" in page
    assert f"?organisation={membership_in_first(admin, second).organisation.code}" in page


def membership_in_first(user, second) -> Membership:
    return Membership.objects.exclude(organisation=second).get(user=user)


def test_an_organisation_of_others_is_not_found(admin, client_of):
    other = factories.organisation()
    assert client_of(admin).get(f"/members/?organisation={other.code}").status_code == 404
    assert client_of(admin).get("/members/?organisation=NOPE").status_code == 404


def test_the_page_takes_the_same_queries_for_one_member_and_for_three(admin, organisation, client_of):
    client = client_of(admin)
    client.get("/members/")
    one = cost(client, "/members/")
    for _ in range(3):
        factories.member(organisation=organisation, roles=["viewer"])
    assert cost(client, "/members/") == one


def test_waiving_the_second_person_asks_first_and_says_what_it_means(admin, officer, organisation, client_of):
    both = factories.member(organisation=organisation, roles=["finance_officer", "finance_approver"])
    gone = factories.member(organisation=organisation, roles=["finance_officer", "finance_approver"])
    Membership.objects.filter(user=gone).update(ended_at="2026-01-01T00:00:00Z")
    factories.member(
        organisation=factories.organisation(), roles=["finance_officer", "finance_approver"], name="CANARY"
    )
    client = client_of(admin)
    address = f"/members/second-person/?organisation={organisation.code}"
    listed = client.get("/members/").content.decode()
    assert f'href="{address}"' in listed
    assert 'value="waive"' not in listed
    page = client.get(address).content.decode()
    assert f"with an API key of theirs: {both.name}." in page
    assert not [name for name in (officer.name, gone.name, "CANARY") if name in page.split("<main", 1)[1]]
    assert "audit trail" in page
    organisation.refresh_from_db()
    assert not organisation.waives_second_person


def test_where_nobody_could_do_both_the_page_says_so(admin, officer, client_of):
    assert "No member has the roles" in client_of(admin).get("/members/second-person/").content.decode()


def test_the_waiver_is_set_shown_and_taken_back_and_each_is_said(admin, organisation, client_of):
    client = client_of(admin)
    sent = {"organisation": organisation.code, "change": "waive"}
    page = client.post("/members/second-person/", sent, follow=True).content.decode()
    assert f"One person may now prepare and accept uploads of allocations at {organisation.name}." in page
    assert "One person may prepare and accept an upload" in page
    assert 'value="restore"' in client.get("/members/second-person/").content.decode()
    page = client.post("/members/second-person/", sent | {"change": "restore"}, follow=True).content.decode()
    assert f"Every upload of allocations at {organisation.name} now needs a second person again." in page
    assert "A second person has to." in page


def test_a_change_of_the_second_person_that_is_neither_is_refused(admin, organisation, client_of):
    client = client_of(admin)
    assert client.post("/members/second-person/", {"change": "both"}).status_code == 400
    assert client.post("/members/second-person/", {"organisation": "NOPE", "change": "waive"}).status_code == 404
    assert client.get(f"/members/second-person/?organisation={factories.organisation().code}").status_code == 404
    organisation.refresh_from_db()
    assert not organisation.waives_second_person


def test_who_may_not_waive_the_second_person_does_not_see_the_page(officer, organisation, client_of):
    client = client_of(officer)
    assert client.get("/members/second-person/").status_code == 403
    assert client.post("/members/second-person/", {"change": "waive"}).status_code == 403
    organisation.refresh_from_db()
    assert not organisation.waives_second_person
