"""API keys: shown once, stored as a hash, never more powerful than the person behind them."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from pooledcare.directory.access import Permission, authenticate_key, can, find_key, key_actor
from pooledcare.directory.actions.keys import make_key, revoke_key
from pooledcare.directory.actions.members import end_membership
from pooledcare.directory.models import ApiKey, AuditEvent, Membership, Organisation
from pooledcare.kernel.problems import Refused
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(organisation: Organisation):
    return factories.member(organisation=organisation, roles=["finance_officer"])


def in_days(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


@pytest.fixture
def made(officer, organisation):
    return make_key(
        organisation=organisation,
        name="General ledger",
        permissions=["read_unpublished", "upload_allocations"],
        expires_on=in_days(90),
        by=factories.actor(officer),
    )


def test_a_key_has_256_random_bits_and_only_its_hash_is_kept(made):
    key, token = made
    assert re.fullmatch(r"pc_[a-z0-9]{8}_[A-Za-z0-9_-]{43}", token)
    assert token.split("_", 2)[2] not in str(ApiKey.objects.values())
    assert token.split("_", 2)[2] not in str(AuditEvent.objects.values())
    assert find_key(token) == key


def test_a_key_does_what_it_was_made_for_and_no_more(made, organisation):
    actor = authenticate_key(made[1])
    assert can(actor, Permission.UPLOAD_ALLOCATIONS, organisation)
    assert not can(actor, Permission.MAKE_KEYS, organisation)
    assert not can(actor, Permission.UPLOAD_ALLOCATIONS, factories.organisation())
    assert actor.reference == f"key:{made[0].prefix}"


def forged(token: str) -> list[str]:
    prefix, secret = token[:12], token[12:]
    return [
        "", "pc_", "x", token[:-1], token + "x", token.upper(), " " + token, token + "\n", f"Bearer {token}",
        prefix + secret[::-1], f"pc_aaaaaaaa_{secret}", f"{prefix}{'A' * 43}", "pc_" + "é" * 52,
        token.replace("_", "-"),
    ]  # fmt: skip


def test_fourteen_tokens_that_are_not_the_key_are_nobody(made):
    tried = forged(made[1])
    assert len(tried) == 14
    assert [token for token in tried if authenticate_key(token) is not None] == []


def test_a_revoked_key_is_nobody_at_once(made, officer):
    revoke_key(key=made[0], by=factories.actor(officer))
    assert authenticate_key(made[1]) is None


@pytest.mark.parametrize(("days", "works"), [(89, True), (91, False)])
def test_a_key_expires(made, days, works):
    with time_machine.travel(timezone.now() + dt.timedelta(days=days), tick=False):
        assert (authenticate_key(made[1]) is not None) is works


def test_a_key_dies_with_the_rights_of_the_person_behind_it(made, officer, organisation):
    membership = Membership.objects.get(user=officer)
    membership.roles = ["viewer"]
    membership.save()
    actor = authenticate_key(made[1])
    assert can(actor, Permission.READ_UNPUBLISHED, organisation)
    assert not can(actor, Permission.UPLOAD_ALLOCATIONS, organisation)
    admin = factories.member(organisation=organisation, roles=["org_admin"])
    end_membership(membership=membership, version=1, by=factories.actor(admin))
    assert authenticate_key(made[1]) is None


def test_a_key_of_a_closed_account_is_nobody(made, officer):
    officer.is_active = False
    officer.save()
    assert authenticate_key(made[1]) is None


def test_a_permission_that_no_key_may_carry_counts_for_nothing(organisation):
    admin = factories.member(organisation=organisation, roles=["org_admin"])
    key, _ = factories.api_key(created_by=admin, organisation=organisation, permissions=["manage_members", "nonsense"])
    assert key_actor(key).grants[organisation.pk] == frozenset()


def test_the_last_use_is_noted_once_a_day(made, django_assert_num_queries):
    with django_assert_num_queries(3):
        authenticate_key(made[1])
    assert ApiKey.objects.get().last_used_on == timezone.localdate()
    with django_assert_num_queries(2):
        authenticate_key(made[1])


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"permissions": ["accept_allocations"]}, "PERMISSION_NOT_HELD"),
        ({"permissions": ["manage_members"]}, "PERMISSION_NOT_HELD"),
        ({"permissions": []}, "PERMISSION_MISSING"),
        ({"expires_on": in_days(0)}, "EXPIRY_PAST"),
        ({"expires_on": in_days(367)}, "EXPIRY_TOO_FAR"),
        ({"name": "  "}, "NAME_MISSING"),
        ({"name": "x" * 101}, "NAME_TOO_LONG"),
        ({"name": "a\u202eb"}, "NAME_UNREADABLE"),
    ],
)
def test_what_a_key_cannot_be(given, code, officer, organisation):
    values = {"name": "Ledger", "permissions": ["read_unpublished"], "expires_on": in_days(30)} | given
    with pytest.raises(Refused) as caught:
        make_key(organisation=organisation, by=factories.actor(officer), **values)
    assert caught.value.code == code
    assert not ApiKey.objects.exists()


def test_a_key_cannot_make_another(made, organisation):
    values = {"name": "Ledger", "permissions": ["read_unpublished"], "expires_on": in_days(30)}
    with pytest.raises(PermissionDenied):
        make_key(organisation=organisation, by=authenticate_key(made[1]), **values)


def test_a_viewer_makes_no_key(organisation):
    viewer = factories.member(organisation=organisation, roles=["viewer"])
    with pytest.raises(PermissionDenied):
        make_key(
            organisation=organisation,
            name="Ledger",
            permissions=["read_unpublished"],
            expires_on=in_days(30),
            by=factories.actor(viewer),
        )


def test_only_its_maker_and_those_who_manage_keys_revoke_a_key(made, organisation):
    colleague = factories.member(organisation=organisation, roles=["finance_officer"])
    outsider = factories.member(organisation=factories.organisation(), roles=["org_admin"])
    for person in (colleague, outsider):
        with pytest.raises(PermissionDenied):
            revoke_key(key=made[0], by=factories.actor(person))
    revoke_key(key=made[0], by=factories.actor(factories.member(organisation=organisation, roles=["org_admin"])))
    with pytest.raises(Refused):
        revoke_key(key=made[0], by=factories.actor(factories.member(organisation=organisation, roles=["org_admin"])))


# Pages


def test_the_secret_is_on_one_page_once(officer, client_of):
    client = client_of(officer)
    day = in_days(30)
    sent = {
        "name": "Ledger",
        "permissions": ["read_unpublished"],
        "expires_on_day": day.day,
        "expires_on_month": day.month,
        "expires_on_year": day.year,
    }
    answer = client.post("/keys/new/", sent)
    token = re.search(r"pc_[a-z0-9]{8}_[A-Za-z0-9_-]{43}", answer.content.decode())[0]
    assert "no-store" in answer["Cache-Control"]
    assert authenticate_key(token) is not None
    assert token not in client.get("/keys/").content.decode()


def test_only_permissions_that_one_holds_are_offered(officer, client_of):
    page = client_of(officer).get("/keys/new/").content.decode()
    assert 'value="upload_allocations"' in page
    assert 'value="accept_allocations"' not in page


def test_colleagues_see_their_own_keys_and_managers_see_all(made, organisation, client_of):
    colleague = factories.member(organisation=organisation, roles=["finance_approver"])
    admin = factories.member(organisation=organisation, roles=["org_admin"])
    assert "General ledger" not in client_of(colleague).get("/keys/").content.decode()
    assert "General ledger" in client_of(admin).get("/keys/").content.decode()


def test_revoking_asks_first(made, officer, client_of):
    client = client_of(officer)
    address = f"/keys/{made[0].prefix}/revoke/"
    assert client.get(address).status_code == 200
    assert authenticate_key(made[1]) is not None
    assert client.post(address).status_code == 302
    assert authenticate_key(made[1]) is None
    assert "revoked already" in client.post(address).content.decode()


def test_a_key_of_another_organisation_is_not_found(made, client_of):
    outsider = factories.member(organisation=factories.organisation(), roles=["org_admin"])
    client = client_of(outsider)
    assert client.post(f"/keys/{made[0].prefix}/revoke/").status_code == 404
    assert client.post("/keys/nosuchky/revoke/").status_code == 404
    assert authenticate_key(made[1]) is not None


def test_a_key_whose_owner_has_left_says_so(made, officer, organisation, client_of):
    Membership.objects.filter(user=officer).update(ended_at=timezone.now())
    admin = factories.member(organisation=organisation, roles=["org_admin"])
    assert "Its owner has lost the rights" in client_of(admin).get("/keys/").content.decode()
