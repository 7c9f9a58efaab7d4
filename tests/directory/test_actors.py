"""Who is asking: what a person, a key and a stored reference may do today, one condition at a time."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
import time_machine
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from pooledcare.directory.access import (
    ANONYMOUS,
    ENGLAND,
    KEY_PERMISSIONS,
    Actor,
    Permission,
    Scope,
    actor_for,
    authenticate_key,
    find_key,
    key_actor,
    person_actor,
    request_actor,
    system_actor,
)
from pooledcare.directory.access.actors import logged_in_by_provider
from pooledcare.directory.models import ApiKey, Membership, Organisation, User
from pooledcare.directory.models.people import DEMO_DOMAIN
from tests import factories

P = Permission
NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
OFFICER = {P.READ_UNPUBLISHED, P.UPLOAD_ALLOCATIONS, P.RECORD_POOL_MONEY, P.CLOSE_POOL_PERIODS, P.MAKE_KEYS}


@pytest.fixture
def officer(organisation: Organisation) -> User:
    return factories.member(organisation=organisation, roles=["finance_officer"], name="Olive Example")


# --- what an actor says of itself ------------------------------------------------------------------------------------


def test_of_an_actor_nothing_is_taken_for_granted():
    bare = Actor(reference="x")
    others = {field.name for field in dataclasses.fields(Actor)} - {"reference", "label"}
    granted = [getattr(bare, name) for name in others]
    assert granted
    assert not any(granted)


def test_nobody_person_key_and_pooledcare_are_told_apart():
    assert (ANONYMOUS.reference, ANONYMOUS.label) == ("anonymous", "Anonymous visitor")
    assert Scope() == ENGLAND == Scope(None)
    itself = system_actor("beat")
    assert (itself.reference, itself.label, itself.is_system) == ("system:beat", "PooledCare", True)
    for actor, anonymous in (
        (Actor(), True),
        (Actor(person=User()), False),
        (Actor(key=ApiKey()), False),
        (Actor(is_system=True), False),
    ):
        assert actor.is_anonymous is anonymous


def test_unpublished_figures_are_read_where_the_permission_is_held_and_in_a_stable_order():
    grants = {9: frozenset({P.READ_UNPUBLISHED}), 4: frozenset({P.MAKE_KEYS}), 2: frozenset({P.READ_UNPUBLISHED})}
    assert Actor(grants=grants).readable_organisation_ids == (2, 9)


def test_organisations_in_which_something_is_held_come_by_name():
    names = {1: "Mereshire", 2: "Aldshire", 3: "Zedshire", 4: "Bedshire"}
    grants = {pk: frozenset({P.READ_AUDIT if pk == 4 else P.MAKE_KEYS}) for pk in (3, 1, 4, 2)}
    actor = Actor(grants=grants, organisations={pk: Organisation(pk=pk, name=name) for pk, name in names.items()})
    assert [organisation.name for organisation in actor.holds(P.MAKE_KEYS)] == ["Aldshire", "Mereshire", "Zedshire"]
    assert actor.holds(P.MANAGE_KEYS) == []


@pytest.mark.parametrize(
    ("roles", "writes"),
    [
        ({}, False),
        ({1: ("viewer",)}, False),
        ({1: ("viewer", "auditor")}, False),
        ({1: ("viewer", "pool_manager")}, True),
        ({1: ("pool_manager", "viewer")}, True),
        ({1: ("viewer",), 2: ("org_admin",)}, True),
    ],
)
def test_whoever_holds_one_role_that_changes_something_writes(roles, writes):
    assert Actor(roles=roles).writes is writes


def test_nobody_is_known_to_have_a_second_factor_unless_it_is_said():
    assert (Actor().has_second_factor, Actor().needs_second_factor, Actor().is_system) == (False, False, False)


# --- people ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_person_is_known_by_reference_and_holds_what_their_open_memberships_say(officer, organisation):
    second = factories.organisation()
    Membership.objects.create(user=officer, organisation=second, roles=["auditor", "viewer"])
    Membership.objects.create(
        user=officer, organisation=factories.organisation(), roles=["org_admin"], ended_at=timezone.now()
    )
    factories.member(organisation=factories.organisation(), roles=["org_admin"])
    actor = person_actor(officer)
    assert (actor.reference, actor.label, actor.person) == (f"user:{officer.pk}", "Olive Example", officer)
    assert actor.grants == {organisation.pk: OFFICER, second.pk: {P.READ_UNPUBLISHED, P.READ_AUDIT}}
    assert actor.organisations == {organisation.pk: organisation, second.pk: second}
    assert actor.roles == {organisation.pk: ("finance_officer",), second.pk: ("auditor", "viewer")}
    assert (actor.key, actor.is_system, actor.needs_second_factor, actor.has_second_factor) == (
        None,
        False,
        False,
        True,
    )


@pytest.mark.django_db
@pytest.mark.parametrize("known", ["here", "in the database"])
def test_a_closed_account_holds_nothing_wherever_it_is_known_to_be_closed(known, officer):
    if known == "here":
        officer.is_active = False
    else:
        User.objects.filter(pk=officer.pk).update(is_active=False)
    actor = person_actor(officer)
    assert (actor.person, actor.grants, actor.organisations, actor.roles) == (officer, {}, {}, {})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("email", "demo", "holds"),
    [
        (f"pat@{DEMO_DOMAIN}", True, True),
        (f"pat@{DEMO_DOMAIN}", False, False),
        ("pat@example.org", True, True),
        ("pat@example.org", False, True),
        (f"pat@not{DEMO_DOMAIN}", False, True),
    ],
)
def test_an_invented_person_holds_something_in_a_demonstration_only(email, demo, holds, organisation, settings):
    settings.DEMO = demo
    user = factories.member(organisation=organisation, roles=["finance_officer"], email=email)
    key, token = factories.api_key(created_by=user, organisation=organisation, permissions=["upload_allocations"])
    assert person_actor(user).grants == ({organisation.pk: OFFICER} if holds else {})
    assert key_actor(key).grants[organisation.pk] == ({P.UPLOAD_ALLOCATIONS} if holds else set())
    assert (authenticate_key(token) is not None) is holds
    for reference in (f"user:{user.pk}", f"key:{key.prefix}"):
        assert any(actor_for(reference).grants.values()) is holds


@pytest.mark.django_db
@pytest.mark.parametrize("lacking", ["nothing", "recovery codes alone", "that of somebody else"])
def test_a_second_factor_is_ones_own_and_an_app(lacking, officer):
    if lacking != "nothing":
        Authenticator.objects.filter(user=officer).delete()
    if lacking == "recovery codes alone":
        Authenticator.objects.create(user=officer, type=Authenticator.Type.RECOVERY_CODES, data={})
    if lacking == "that of somebody else":
        factories.second_factor(factories.person())
    assert person_actor(officer).has_second_factor is (lacking == "nothing")


@pytest.fixture
def request_of(rf):
    def make(user, *methods: str):
        request = rf.get("/")
        request.user, request.session = user, {}
        for method in methods:
            record_authentication(request, user, method=method)
        return request

    return make


@pytest.mark.django_db
def test_whoever_must_set_up_a_second_factor_is_known_and_may_do_nothing(officer, organisation, request_of):
    Authenticator.objects.filter(user=officer).delete()
    actor = request_actor(request_of(officer, "password"))
    assert (actor.reference, actor.label, actor.person) == (f"user:{officer.pk}", "Olive Example", officer)
    assert (actor.needs_second_factor, actor.grants, actor.organisations, actor.roles) == (True, {}, {}, {})
    assert not actor.is_anonymous


@pytest.mark.django_db
def test_a_login_of_ones_organisation_counts_beside_any_other_and_for_its_own_person_alone(
    officer, organisation, request_of
):
    Authenticator.objects.filter(user=officer).delete()
    assert request_actor(request_of(officer, "password", "socialaccount")).grants == {organisation.pk: OFFICER}
    assert request_actor(request_of(officer, "socialaccount", "password")).grants == {organisation.pk: OFFICER}
    assert not logged_in_by_provider(request_of(officer, "password", "mfa"))
    of_another = request_of(factories.person(), "socialaccount")
    of_another.user = officer
    assert request_actor(of_another).needs_second_factor


def test_a_visitor_is_nobody(request_of):
    assert request_actor(request_of(AnonymousUser())) is ANONYMOUS


# --- keys ------------------------------------------------------------------------------------------------------------

ALL_OF_THEM = sorted(KEY_PERMISSIONS)


@pytest.mark.django_db
def test_a_key_is_known_by_its_prefix_and_its_accountable_person(officer, organisation):
    key, token = factories.api_key(
        created_by=officer,
        organisation=organisation,
        permissions=[*ALL_OF_THEM, "make_keys", "nonsense"],
        name="Ledger",
    )
    for actor in (key_actor(key), authenticate_key(token), actor_for(f"key:{key.prefix}")):
        assert (actor.reference, actor.label) == (f"key:{key.prefix}", "Key Ledger")
        assert (actor.person, actor.key, actor.is_system) == (officer, key, False)
        assert actor.grants == {organisation.pk: {P.READ_UNPUBLISHED, P.UPLOAD_ALLOCATIONS, P.RECORD_POOL_MONEY}}
        assert actor.organisations == {organisation.pk: organisation}
        assert not actor.needs_second_factor


@pytest.mark.django_db
def test_a_key_does_less_than_its_person_where_it_was_made_for_less(officer, organisation):
    key, _ = factories.api_key(created_by=officer, organisation=organisation, permissions=["read_unpublished"])
    assert key_actor(key).grants == {organisation.pk: {P.READ_UNPUBLISHED}}


def other_role(officer: User, organisation: Organisation) -> None:
    Membership.objects.filter(user=officer).update(roles=["viewer"])


def left(officer: User, organisation: Organisation) -> None:
    Membership.objects.filter(user=officer).update(ended_at=timezone.now())


def left_for_another(officer: User, organisation: Organisation) -> None:
    Membership.objects.filter(user=officer).update(organisation=factories.organisation())


def left_to_a_colleague(officer: User, organisation: Organisation) -> None:
    Membership.objects.filter(user=officer).update(user=factories.person())


def closed(officer: User, organisation: Organisation) -> None:
    User.objects.filter(pk=officer.pk).update(is_active=False)


def role_of_the_past(officer: User, organisation: Organisation) -> None:
    Membership.objects.filter(user=officer).update(roles=["role_of_the_past"])


LOSSES = [other_role, left, left_for_another, left_to_a_colleague, closed, role_of_the_past]


@pytest.mark.django_db
@pytest.mark.parametrize("lose", LOSSES)
def test_a_key_never_writes_once_its_person_may_not(lose, officer, organisation):
    """At the door of the API, and when the worker comes to what was asked for while it still worked."""
    key, token = factories.api_key(created_by=officer, organisation=organisation, permissions=["upload_allocations"])
    assert actor_for(f"key:{key.prefix}").grants == {organisation.pk: {P.UPLOAD_ALLOCATIONS}}
    lose(officer, organisation)
    assert authenticate_key(token) is None
    assert key_actor(find_key(token)).grants == {organisation.pk: set()}
    assert actor_for(f"key:{key.prefix}").grants == {organisation.pk: set()}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("now", "works"), [(NOON - SECOND, True), (NOON, False), (NOON + SECOND, False)], ids=["before", "on", "after"]
)
def test_a_key_works_until_its_end_at_the_door_and_at_the_workers(now, works, officer, organisation):
    key, token = factories.api_key(
        created_by=officer, organisation=organisation, permissions=["upload_allocations"], expires_at=NOON
    )
    granted = {organisation.pk: {P.UPLOAD_ALLOCATIONS}} if works else {}
    with time_machine.travel(now, tick=False):
        assert find_key(token) == (key if works else None)
        assert (authenticate_key(token) is not None) is works
        assert actor_for(f"key:{key.prefix}").grants == granted


@pytest.mark.django_db
@pytest.mark.parametrize("revoked_at", [NOON - dt.timedelta(days=1), NOON, NOON + dt.timedelta(days=1)])
def test_a_revoked_key_is_nobody_at_the_door_and_at_the_workers(revoked_at, officer, organisation):
    key, token = factories.api_key(
        created_by=officer, organisation=organisation, permissions=["upload_allocations"],
        expires_at=NOON + dt.timedelta(days=90), revoked_at=revoked_at,
    )  # fmt: skip
    with time_machine.travel(NOON, tick=False):
        assert find_key(token) is None
        assert authenticate_key(token) is None
        assert actor_for(f"key:{key.prefix}") == Actor(reference=f"key:{key.prefix}")


@pytest.mark.django_db
def test_a_key_without_power_leaves_no_trace_of_use(officer, organisation):
    key, token = factories.api_key(created_by=officer, organisation=organisation, permissions=["accept_allocations"])
    assert authenticate_key(token) is None
    assert find_key(token) == key
    assert ApiKey.objects.get(pk=key.pk).last_used_on is None


@pytest.mark.django_db
def test_a_key_is_found_by_its_own_prefix_and_secret(officer, organisation):
    made = [
        factories.api_key(created_by=officer, organisation=organisation, permissions=["read_unpublished"])
        for _ in range(2)
    ]
    for key, token in made:
        assert find_key(token) == key
    (_, token), (other, _) = made
    assert find_key(f"pc_{other.prefix}_{token.split('_', 2)[2]}") is None


@pytest.mark.django_db
def test_of_many_keys_each_has_its_own_person_and_organisation_at_the_door_and_at_the_workers():
    homes = [factories.organisation() for _ in range(3)]
    makers = [factories.member(organisation=home, roles=["finance_officer"]) for home in homes]
    made = [
        factories.api_key(created_by=maker, organisation=home, permissions=["read_unpublished"])
        for maker, home in zip(makers, homes, strict=True)
    ]
    for (key, token), maker, home in zip(made, makers, homes, strict=True):
        found = find_key(token)
        assert found is not None
        assert (found, found.created_by, found.organisation) == (key, maker, home)
        for actor in (authenticate_key(token), actor_for(f"key:{key.prefix}")):
            assert (actor.reference, actor.person, actor.key) == (f"key:{key.prefix}", maker, key)
            assert actor.organisations == {home.pk: home}


# --- stored references -----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_stored_reference_gives_what_its_owner_may_do_today(officer, organisation):
    assert actor_for("system:reference-load") == system_actor("reference-load")
    assert actor_for(f"user:{officer.pk}").grants == {organisation.pk: OFFICER}
    other_role(officer, organisation)
    assert actor_for(f"user:{officer.pk}").grants == {organisation.pk: {P.READ_UNPUBLISHED}}
    closed(officer, organisation)
    assert actor_for(f"user:{officer.pk}").grants == {}


@pytest.mark.django_db
@pytest.mark.parametrize("reference", ["user:987654321", "key:nosuchky", "key:", "anonymous", "", "systems:x"])
def test_somebody_who_is_gone_may_do_nothing_and_keeps_their_reference(reference):
    assert actor_for(reference) == Actor(reference=reference)
