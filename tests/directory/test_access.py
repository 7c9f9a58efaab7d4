"""Who may do what: roles, scopes, the refusal ladder, and who is nobody."""

from __future__ import annotations

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from pooledcare.directory.access import (
    ANONYMOUS,
    ENGLAND,
    KEY_PERMISSIONS,
    ROLES,
    Permission,
    Scope,
    can,
    demand,
    has_role_that_writes,
    may_submit_for,
    person_actor,
    refusal,
    request_actor,
    roles_for,
    scope_of,
    system_actor,
)
from pooledcare.directory.models import Membership, Organisation
from tests import factories

P = Permission

# The whole of it on one screen, written by hand: what each role lets one do.
EXPECTED = {
    "viewer": {P.READ_UNPUBLISHED},
    "finance_officer": {P.READ_UNPUBLISHED, P.UPLOAD_ALLOCATIONS, P.MAKE_KEYS},
    "finance_approver": {P.READ_UNPUBLISHED, P.ACCEPT_ALLOCATIONS, P.APPROVE_AGREEMENTS, P.MAKE_KEYS},
    "pool_manager": {P.READ_UNPUBLISHED, P.PREPARE_AGREEMENTS, P.MAKE_KEYS},
    "governance_lead": {P.READ_UNPUBLISHED, P.PREPARE_AGREEMENTS, P.APPROVE_AGREEMENTS, P.MAKE_KEYS},
    "policy_officer": {P.READ_UNPUBLISHED},
    "org_admin": {
        P.READ_UNPUBLISHED,
        P.MANAGE_MEMBERS,
        P.MANAGE_KEYS,
        P.MAKE_KEYS,
        P.WAIVE_SECOND_PERSON,
        P.READ_AUDIT,
    },
    "auditor": {P.READ_UNPUBLISHED, P.READ_AUDIT},
    "hwb_member": {P.READ_UNPUBLISHED},
    "publisher": {P.READ_UNPUBLISHED, P.PUBLISH_FOR_HOLDERS, P.UPLOAD_ALLOCATIONS, P.MAKE_KEYS},
}


def test_every_role_is_in_the_table_and_every_permission_in_some_role():
    assert set(EXPECTED) == set(ROLES)
    assert {permission for granted in EXPECTED.values() for permission in granted} == set(Permission)


@pytest.mark.django_db
@pytest.mark.parametrize("role", EXPECTED)
def test_a_role_grants_its_permissions_here_and_none_elsewhere(role, organisation):
    actor = factories.actor(factories.member(organisation=organisation, roles=[role]))
    elsewhere = factories.organisation()
    assert {permission for permission in Permission if can(actor, permission, organisation)} == EXPECTED[role]
    assert {permission for permission in Permission if can(actor, permission)} == EXPECTED[role]
    assert not any(can(actor, permission, elsewhere) for permission in Permission)
    assert actor.organisation_ids == (organisation.pk,)


@pytest.mark.parametrize("role", EXPECTED)
def test_roles_that_change_something_need_a_second_factor(role):
    assert ROLES[role].writes is bool(EXPECTED[role] - {P.READ_UNPUBLISHED, P.READ_AUDIT})
    assert has_role_that_writes([role, "unknown"]) is ROLES[role].writes


def test_nobody_may_do_anything_and_pooledcare_itself_everything():
    assert not any(can(ANONYMOUS, permission, scope) for permission in Permission for scope in (ENGLAND, Scope(1)))
    assert all(can(system_actor("test"), permission, Scope(1)) for permission in Permission)
    assert ANONYMOUS.is_anonymous
    assert not system_actor("test").is_anonymous


@pytest.mark.django_db
@pytest.mark.parametrize("lost", ["membership", "account", "role", "demonstration"])
def test_whoever_has_lost_it_may_do_nothing(lost, organisation, settings):
    user = factories.member(organisation=organisation, roles=["org_admin"])
    if lost == "membership":
        Membership.objects.filter(user=user).update(ended_at=timezone.now())
    elif lost == "account":
        user.is_active = False
    elif lost == "role":
        Membership.objects.filter(user=user).update(roles=["role_of_the_past"])
    else:
        settings.DEMO = False
        user.email = "pat@demo.pooledcare.example"
    user.save()
    assert not any(can(person_actor(user), permission) for permission in Permission)


@pytest.mark.django_db
def test_several_memberships_each_count_where_they_are(organisation):
    second = factories.organisation()
    user = factories.member(organisation=organisation, roles=["auditor"])
    Membership.objects.create(user=user, organisation=second, roles=["finance_officer"])
    actor = factories.actor(user)
    assert can(actor, P.READ_AUDIT, organisation)
    assert not can(actor, P.READ_AUDIT, second)
    assert actor.holds(P.UPLOAD_ALLOCATIONS) == [second]


@pytest.mark.django_db
def test_publishers_are_nhs_england_and_the_ministry_only(organisation):
    assert [role.key for role in roles_for(factories.nhs_england())][-1] == "publisher"
    assert "publisher" in {role.key for role in roles_for(factories.mhclg())}
    assert "publisher" not in {role.key for role in roles_for(organisation)}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("publisher", "holder_kind", "may"),
    [
        (factories.nhs_england, "icb", True),
        (factories.nhs_england, "unitary", False),
        (factories.mhclg, "unitary", True),
        (factories.mhclg, "icb", False),
        (factories.organisation, "icb", False),
    ],
)
def test_a_publisher_speaks_for_those_it_funds(publisher, holder_kind, may):
    submitting = publisher()
    holder = factories.organisation(kind=holder_kind)
    actor = factories.actor(factories.member(organisation=submitting, roles=["publisher"]))
    assert may_submit_for(actor, submitting=submitting, holder=holder) is may
    assert may_submit_for(actor, submitting=submitting, holder=submitting)
    viewer = factories.actor(factories.member(organisation=submitting, roles=["viewer"]))
    assert not may_submit_for(viewer, submitting=submitting, holder=holder)


@pytest.mark.django_db
def test_a_page_is_about_the_organisation_named_or_the_first_where_one_may(organisation):
    actor = factories.actor(factories.member(organisation=organisation, roles=["auditor"]))
    assert scope_of(actor, P.READ_AUDIT) == organisation
    assert scope_of(actor, P.READ_AUDIT, organisation.code.lower()) == organisation
    with pytest.raises(Http404):
        scope_of(actor, P.READ_AUDIT, factories.organisation().code)
    with pytest.raises(PermissionDenied, match="organisation administrator"):
        scope_of(actor, P.MANAGE_MEMBERS, organisation.code)
    with pytest.raises(PermissionDenied):
        scope_of(actor, P.MANAGE_MEMBERS)


@pytest.mark.django_db
def test_a_refusal_names_the_roles_that_could(organisation):
    with pytest.raises(PermissionDenied, match="organisation administrator or auditor"):
        demand(ANONYMOUS, P.READ_AUDIT, organisation)
    assert all("You need the role" in refusal(permission) for permission in Permission)


def test_keys_carry_no_power_over_people():
    assert not KEY_PERMISSIONS & {P.MANAGE_MEMBERS, P.MANAGE_KEYS, P.MAKE_KEYS, P.READ_AUDIT, P.WAIVE_SECOND_PERSON}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "factor", "provider", "stopped"),
    [
        ("finance_officer", False, False, True),
        ("finance_officer", True, False, False),
        ("finance_officer", False, True, False),
        ("viewer", False, False, False),
        ("auditor", False, False, False),
    ],
)
def test_a_second_factor_or_the_login_of_ones_organisation(
    role, factor, provider, stopped, rf, organisation: Organisation
):
    user = factories.member(organisation=organisation, roles=[role])
    if not factor:
        Authenticator.objects.filter(user=user).delete()
    request = rf.get("/")
    request.user, request.session = user, {}
    record_authentication(request, user, method="socialaccount" if provider else "password")
    actor = request_actor(request)
    assert actor.needs_second_factor is stopped
    assert bool(actor.grants) is not stopped


@pytest.mark.django_db
def test_knowing_an_actor_takes_one_query(organisation, django_assert_num_queries):
    user = factories.member(organisation=organisation, roles=["org_admin"])
    Membership.objects.create(user=user, organisation=factories.organisation(), roles=["viewer"])
    with django_assert_num_queries(1):
        actor = person_actor(user)
    assert actor.has_second_factor
    assert len(actor.organisations) == 2
