"""Who may do what: roles, scopes, the refusal ladder, and who is nobody."""

from __future__ import annotations

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.http import Http404

from pooledcare.directory.access import (
    ANONYMOUS,
    ENGLAND,
    KEY_PERMISSIONS,
    PUBLISHERS,
    ROLES,
    Actor,
    Permission,
    Scope,
    can,
    demand,
    has_role_that_writes,
    holder_kinds_funded_by,
    may_submit_for,
    person_actor,
    refusal,
    request_actor,
    roles_for,
    roles_with,
    scope_of,
    system_actor,
)
from pooledcare.directory.models import Membership, Organisation
from pooledcare.directory.terms import PERMISSION_LABELS, OrganisationKind
from tests import factories

P = Permission

# The whole of it on one screen, written by hand: what each role lets one do.
EXPECTED = {
    "viewer": {P.READ_UNPUBLISHED},
    "finance_officer": {
        P.READ_UNPUBLISHED,
        P.UPLOAD_ALLOCATIONS,
        P.RECORD_POOL_MONEY,
        P.CLOSE_POOL_PERIODS,
        P.MAKE_KEYS,
    },
    "finance_approver": {
        P.READ_UNPUBLISHED,
        P.ACCEPT_ALLOCATIONS,
        P.APPROVE_AGREEMENTS,
        P.APPROVE_POOL_MONEY,
        P.CLOSE_POOL_PERIODS,
        P.MAKE_KEYS,
    },
    "pool_manager": {P.READ_UNPUBLISHED, P.PREPARE_AGREEMENTS, P.RECORD_POOL_MONEY, P.MAKE_KEYS},
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
    assert actor.readable_organisation_ids == (organisation.pk,)


@pytest.mark.parametrize("role", EXPECTED)
def test_roles_that_change_something_need_a_second_factor(role):
    assert ROLES[role].writes is bool(EXPECTED[role] - {P.READ_UNPUBLISHED, P.READ_AUDIT})
    assert has_role_that_writes([role, "unknown"]) is has_role_that_writes(["unknown", role]) is ROLES[role].writes
    assert has_role_that_writes(["viewer", role, "auditor"]) is ROLES[role].writes


def test_nobody_may_do_anything_and_pooledcare_itself_everything():
    assert not any(can(ANONYMOUS, permission, scope) for permission in Permission for scope in (ENGLAND, Scope(1)))
    assert all(can(system_actor("test"), permission, Scope(1)) for permission in Permission)
    assert ANONYMOUS.is_anonymous
    assert not system_actor("test").is_anonymous


def test_publishers_are_nhs_england_and_the_ministry_only():
    everybody = [key for key in EXPECTED if key != "publisher"]
    for code, offered in (("X24", [*EXPECTED]), ("MHCLG", [*EXPECTED]), ("QSL", everybody), ("X240", everybody)):
        assert [role.key for role in roles_for(Organisation(code=code))] == offered, code
    assert {"X24", "MHCLG"} == PUBLISHERS


NHS = {
    "nhs_england", "pct", "ccg", "icb", "health_authority", "strategic_health_authority", "nhs_trust",
    "foundation_trust", "commissioning_support_unit",
}  # fmt: skip
AUTHORITIES = {
    "county", "unitary", "metropolitan_district", "london_borough", "city_of_london", "isles_of_scilly", "district",
    "combined_authority", "fire_authority", "other_authority",
}  # fmt: skip


@pytest.mark.parametrize("kind", OrganisationKind.values)
def test_a_publisher_speaks_for_those_it_funds_and_every_body_for_itself(kind):
    funded = {"nhs_england": NHS, "government_department": AUTHORITIES}.get(kind, set())
    submitting = Organisation(pk=1, kind=kind)
    publisher = Actor(grants={1: frozenset({P.PUBLISH_FOR_HOLDERS})})
    elsewhere = Actor(grants={2: frozenset({P.PUBLISH_FOR_HOLDERS}), 1: frozenset(P) - {P.PUBLISH_FOR_HOLDERS}})
    assert holder_kinds_funded_by(submitting) == funded
    for holder_kind in OrganisationKind.values:
        holder = Organisation(pk=2, kind=holder_kind)
        assert may_submit_for(publisher, submitting=submitting, holder=holder) is (holder_kind in funded)
        assert not may_submit_for(elsewhere, submitting=submitting, holder=holder)
    assert may_submit_for(ANONYMOUS, submitting=submitting, holder=Organisation(pk=1, kind=kind))


def test_a_page_is_about_the_organisation_named_or_the_first_where_one_may():
    mereshire, aldshire, bedshire = (
        Organisation(pk=pk, name=name, code=code)
        for pk, name, code in ((1, "Mereshire", "QM1"), (2, "Aldshire", "QA2"), (3, "Bedshire", "QB3"))
    )
    actor = Actor(
        grants={1: frozenset({P.READ_AUDIT}), 2: frozenset({P.MAKE_KEYS}), 3: frozenset({P.READ_AUDIT})},
        organisations={1: mereshire, 2: aldshire, 3: bedshire},
    )
    assert scope_of(actor, P.READ_AUDIT) == bedshire
    assert scope_of(actor, P.MAKE_KEYS) == aldshire
    assert scope_of(actor, P.READ_AUDIT, "qm1") == mereshire
    with pytest.raises(Http404):
        scope_of(actor, P.READ_AUDIT, "QX9")
    for code in ("QA2", ""):
        permission = P.READ_AUDIT if code else P.MANAGE_MEMBERS
        with pytest.raises(PermissionDenied) as caught:
            scope_of(actor, permission, code)
        assert str(caught.value) == refusal(permission)


# Written out: a colleague reads this, asks for the role and must get the right one.
ROLES_IN_WORDS = {
    P.READ_UNPUBLISHED: "viewer or finance officer or finance approver or pool manager or governance lead or policy "
    "officer or organisation administrator or auditor or health and wellbeing board member or publisher",
    P.UPLOAD_ALLOCATIONS: "finance officer or publisher",
    P.ACCEPT_ALLOCATIONS: "finance approver",
    P.PUBLISH_FOR_HOLDERS: "publisher",
    P.PREPARE_AGREEMENTS: "pool manager or governance lead",
    P.APPROVE_AGREEMENTS: "finance approver or governance lead",
    P.RECORD_POOL_MONEY: "finance officer or pool manager",
    P.APPROVE_POOL_MONEY: "finance approver",
    P.CLOSE_POOL_PERIODS: "finance officer or finance approver",
    P.WAIVE_SECOND_PERSON: "organisation administrator",
    P.MANAGE_MEMBERS: "organisation administrator",
    P.MAKE_KEYS: "finance officer or finance approver or pool manager or governance lead or organisation "
    "administrator or publisher",
    P.MANAGE_KEYS: "organisation administrator",
    P.READ_AUDIT: "organisation administrator or auditor",
}


@pytest.mark.parametrize("permission", Permission)
def test_a_refusal_names_the_roles_that_could(permission):
    sentence = (
        f"You need the role {ROLES_IN_WORDS[permission]} to do this. "
        "An administrator of your organisation can give it to you."
    )
    assert refusal(permission) == sentence
    with pytest.raises(PermissionDenied) as caught:
        demand(ANONYMOUS, permission, Scope(1))
    assert str(caught.value) == sentence
    demand(Actor(grants={1: frozenset({permission})}), permission, Scope(1))
    assert {role.key for role in roles_with(permission)} == {
        key for key, granted in EXPECTED.items() if permission in granted
    }


def test_a_refusal_of_two_permissions_names_the_roles_of_either():
    assert refusal(P.UPLOAD_ALLOCATIONS, P.PREPARE_AGREEMENTS).startswith(
        "You need the role finance officer or pool manager or governance lead or publisher to do this."
    )


def test_a_key_carries_figures_agreements_and_money_of_funds_and_nothing_else():
    assert {
        P.READ_UNPUBLISHED,
        P.UPLOAD_ALLOCATIONS,
        P.ACCEPT_ALLOCATIONS,
        P.PUBLISH_FOR_HOLDERS,
        P.PREPARE_AGREEMENTS,
        P.APPROVE_AGREEMENTS,
        P.RECORD_POOL_MONEY,
        P.APPROVE_POOL_MONEY,
    } == KEY_PERMISSIONS


def test_roles_are_offered_by_name_with_what_they_are_for():
    assert [(role.key, role.label) for role in ROLES.values()] == [
        ("viewer", "Viewer"),
        ("finance_officer", "Finance officer"),
        ("finance_approver", "Finance approver"),
        ("pool_manager", "Pool manager"),
        ("governance_lead", "Governance lead"),
        ("policy_officer", "Policy officer"),
        ("org_admin", "Organisation administrator"),
        ("auditor", "Auditor"),
        ("hwb_member", "Health and wellbeing board member"),
        ("publisher", "Publisher"),
    ]
    assert all(role.purpose.endswith(".") for role in ROLES.values())
    assert set(PERMISSION_LABELS) == {permission.value for permission in KEY_PERMISSIONS}


def test_a_permission_counts_where_it_was_granted_and_anywhere_where_no_place_is_named():
    actor = Actor(grants={1: frozenset({P.READ_AUDIT}), 2: frozenset({P.MAKE_KEYS})})
    asked = [(P.READ_AUDIT, Scope(1)), (P.MAKE_KEYS, Scope(1)), (P.MAKE_KEYS, Organisation(pk=2))]
    assert [can(actor, *each) for each in asked] == [True, False, True]
    assert [can(actor, P.READ_AUDIT, scope) for scope in (Scope(3), Organisation(pk=3), Organisation())] == [
        False,
        False,
        True,
    ]
    assert [can(actor, each) for each in (P.READ_AUDIT, P.MAKE_KEYS, P.MANAGE_KEYS)] == [True, True, False]


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
