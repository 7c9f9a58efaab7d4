"""API keys: shown once, stored as a hash, never more powerful than the person behind them."""

from __future__ import annotations

import datetime as dt
import re
import threading

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from budgets.models import Allocation
from pooledcare.directory.access import (
    Permission,
    authenticate_key,
    can,
    find_key,
    refusal,
    system_actor,
)
from pooledcare.directory.actions.keys import make_key, revoke_key
from pooledcare.directory.actions.members import end_membership
from pooledcare.directory.models import ApiKey, AuditEvent, IdempotencyRecord, Membership, Organisation
from pooledcare.kernel.problems import Refused
from pooledcare.uploads import actions
from tests import factories
from tests.directory.trail import lines
from tests.uploads.sending import Desk, rows, worked

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2027, 1, 4, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _an_ordinary_day():
    """Days of keys are counted from today, so no test may run over midnight."""
    with time_machine.travel(NOON):
        yield


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


@pytest.mark.parametrize(
    "last_day", [dt.date(2027, 5, 1), dt.date(2027, 10, 31), dt.date(2027, 12, 1)], ids=["summer", "long day", "winter"]
)
def test_a_key_works_to_the_end_of_its_last_day_in_london_as_page_and_audit_trail_say(
    last_day, officer, organisation, client_of
):
    midnight = timezone.make_aware(dt.datetime.combine(last_day + dt.timedelta(days=1), dt.time.min))
    values = {"name": "Ledger", "permissions": ["read_unpublished"], "expires_on": last_day}
    _, token = make_key(organisation=organisation, by=factories.actor(officer), **values)
    page = client_of(officer).get("/keys/").content.decode()
    assert f"At the end of {last_day.day} {last_day:%B %Y}" in page
    assert f"until the end of {last_day.isoformat()} at" in AuditEvent.objects.get(action="key.made").sentence
    with time_machine.travel(midnight - dt.timedelta(seconds=1), tick=False):
        assert authenticate_key(token) is not None
    with time_machine.travel(midnight, tick=False):
        assert authenticate_key(token) is None


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


def test_the_last_use_is_noted_once_a_day_in_london(made, django_assert_num_queries):
    with django_assert_num_queries(3):
        authenticate_key(made[1])
    assert ApiKey.objects.get().last_used_on == dt.date(2027, 1, 4)
    with django_assert_num_queries(2):
        authenticate_key(made[1])
    with time_machine.travel(dt.datetime(2027, 3, 29, 23, 30, tzinfo=dt.UTC), tick=False):
        authenticate_key(made[1])
    assert ApiKey.objects.get().last_used_on == dt.date(2027, 3, 30)


def test_using_a_key_is_noted_at_that_key_alone(made, officer, organisation):
    other, _ = factories.api_key(created_by=officer, organisation=organisation, permissions=["read_unpublished"])
    authenticate_key(made[1])
    other.refresh_from_db()
    assert other.last_used_on is None


def test_making_and_revoking_a_key_leave_a_line_each(made, officer, organisation):
    key, _ = made
    assert (key.name, key.permissions, key.created_by) == (
        "General ledger",
        ["read_unpublished", "upload_allocations"],
        officer,
    )
    assert key.expires_at == dt.datetime(2027, 4, 4, 23, tzinfo=dt.UTC)  # the end of 4 April, in summer time
    admin = factories.member(organisation=organisation, roles=["org_admin"])
    revoked = revoke_key(key=key, by=factories.actor(admin))
    assert (revoked.revoked_at, revoked.version) == (ApiKey.objects.get().revoked_at, 2)
    assert revoked.revoked_at - NOON < dt.timedelta(minutes=1)
    code, subject = organisation.code, f"key:{key.prefix}"
    assert lines() == [
        (
            f"user:{officer.pk}", code, "key.made", subject,
            f"Made {subject} for read_unpublished, upload_allocations, until the end of 2027-04-04 at {code}.",
        ),
        (f"user:{admin.pk}", code, "key.revoked", subject, f"Revoked {subject} at {code}."),
    ]  # fmt: skip


def test_what_was_typed_and_chosen_is_kept_in_order_without_blanks_around_it(officer, organisation):
    key, _ = once(officer, organisation, name="  Ledger ", permissions=["upload_allocations", "read_unpublished"])
    key.refresh_from_db()
    assert (key.name, key.permissions) == ("Ledger", ["read_unpublished", "upload_allocations"])


def once(officer, organisation, **given):
    values = {"name": "Ledger", "permissions": ["read_unpublished"], "expires_on": in_days(30), "once": "a form"}
    values["by"] = factories.actor(officer) if officer else None
    return make_key(organisation=organisation, **(values | given))


def test_one_form_makes_one_key_whatever_else_is_changed_in_it(officer, organisation):
    _, token = once(officer, organisation)
    with pytest.raises(Refused) as caught:
        once(officer, organisation, name="Another", expires_on=in_days(0))
    assert caught.value.code == "KEY_MADE_ALREADY"
    assert (ApiKey.objects.count(), AuditEvent.objects.filter(action="key.made").count()) == (1, 1)
    assert token.split("_", 2)[2] not in str(IdempotencyRecord.objects.values())
    once(officer, organisation, once="another form")
    once(factories.member(organisation=organisation, roles=["finance_officer"]), organisation)
    assert ApiKey.objects.count() == 3


def test_a_form_that_was_refused_can_be_sent_again(officer, organisation):
    with pytest.raises(Refused):
        once(officer, organisation, name=" ")
    once(officer, organisation)
    assert ApiKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_sent_twice_at_once_makes_one_key():
    organisation = factories.organisation()
    officer = factories.member(organisation=organisation, roles=["finance_officer"])
    start, outcomes = threading.Barrier(2), []

    def send():
        start.wait()
        try:
            once(officer, organisation)
            outcomes.append("made")
        except Refused as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["KEY_MADE_ALREADY", "made"]
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"permissions": ["accept_allocations"]}, "PERMISSION_NOT_HELD"),
        ({"permissions": ["manage_members"]}, "PERMISSION_NOT_HELD"),
        ({"permissions": []}, "PERMISSION_MISSING"),
        ({"expires_on": dt.date(2027, 1, 4)}, "EXPIRY_PAST"),
        ({"expires_on": dt.date(2028, 1, 6)}, "EXPIRY_TOO_FAR"),
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


def refused_to(person, key) -> str:
    with pytest.raises((PermissionDenied, Refused)) as caught:
        revoke_key(key=key, by=factories.actor(person))
    return str(caught.value)


def test_only_its_maker_and_those_who_manage_keys_revoke_a_key(made, organisation):
    colleague = factories.member(organisation=organisation, roles=["finance_officer"])
    outsider = factories.member(organisation=factories.organisation(), roles=["org_admin"])
    reason = refusal(Permission.MANAGE_KEYS)
    assert [refused_to(person, made[0]) for person in (colleague, outsider)] == [reason, reason]
    admin = factories.member(organisation=organisation, roles=["org_admin"])
    revoke_key(key=made[0], by=factories.actor(admin))
    assert refused_to(admin, made[0]) == "This key has been revoked already"
    assert ApiKey.objects.get().version == 2


def test_whoever_made_a_key_and_has_left_for_another_organisation_does_not_revoke_it(made, officer):
    Membership.objects.filter(user=officer).update(organisation=factories.organisation())
    assert refused_to(officer, made[0]) == refusal(Permission.MANAGE_KEYS)


def test_whoever_made_a_key_revokes_it_as_a_viewer_too(made, officer):
    Membership.objects.filter(user=officer).update(roles=["viewer"])
    revoke_key(key=made[0], by=factories.actor(officer))
    assert find_key(made[1]) is None


def test_a_key_revokes_no_other_although_its_person_made_both(made, officer, organisation):
    """Keys carry no power over keys: the person ends their own ones, logged in."""
    other, _ = factories.api_key(created_by=officer, organisation=organisation, permissions=["read_unpublished"])
    with pytest.raises(PermissionDenied):
        revoke_key(key=other, by=authenticate_key(made[1]))
    assert ApiKey.objects.filter(revoked_at=None).count() == 2


def test_pooledcare_itself_makes_no_key(organisation):
    with pytest.raises(PermissionDenied, match=r"^Only a person can make a key\.$"):
        once(None, organisation, by=system_actor("test"))


@pytest.mark.slow
@pytest.mark.parametrize("lost", ["revoked", "expired", "left"])
def test_what_a_key_accepted_is_not_written_if_it_is_dead_when_the_worker_comes(lost, organisation):
    """Between the click and the work of the worker."""
    desk = Desk(organisation)
    stream = factories.stream(holder_kinds=["icb"])
    person = factories.member(organisation=organisation, roles=["finance_approver"])
    key, token = factories.api_key(created_by=person, organisation=organisation, permissions=["accept_allocations"])
    upload = desk.send(rows(f"2023-24,{organisation.code},{stream.code},allocation,1000.00,recurrent,"))
    actions.accept_upload(upload=upload, by=authenticate_key(token))
    if lost == "revoked":
        revoke_key(key=key, by=factories.actor(person))
    elif lost == "expired":
        ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now())
    else:
        Membership.objects.filter(user=person).update(ended_at=timezone.now())
    upload = worked(upload)
    assert (upload.state, upload.accepted_actor) == ("awaiting_second_person", "")
    assert not Allocation.objects.exists()


# Pages


TOKEN = re.compile(r"pc_[a-z0-9]{8}_[A-Za-z0-9_-]{43}")


def filled_in(client, **given) -> dict[str, object]:
    """What a person sends who opens the form and fills it in."""
    page = client.get("/keys/new/").content.decode()
    day = in_days(30)
    values = {
        "once": re.search(r'name="once" value="([^"]+)"', page)[1],
        "name": "Ledger",
        "permissions": ["read_unpublished"],
        "expires_on_day": day.day,
        "expires_on_month": day.month,
        "expires_on_year": day.year,
    }
    return values | given


def test_the_secret_is_on_one_page_once(officer, client_of):
    client = client_of(officer)
    answer = client.post("/keys/new/", filled_in(client))
    token = TOKEN.search(answer.content.decode())[0]
    assert "no-store" in answer["Cache-Control"]
    assert authenticate_key(token) is not None
    assert token not in client.get("/keys/").content.decode()


def test_loading_the_page_of_a_new_key_again_makes_no_second_and_says_so(officer, organisation, client_of):
    client = client_of(officer)
    sent = filled_in(client)
    token = TOKEN.search(client.post("/keys/new/", sent).content.decode())[0]
    again = client.post("/keys/new/", sent)
    assert (again.status_code, again["Location"]) == (302, f"/keys/?organisation={organisation.code}")
    page = client.get(again["Location"]).content.decode()
    assert "This key has already been made" in page
    assert not TOKEN.search(page)
    assert ApiKey.objects.count() == 1
    assert authenticate_key(token) is not None
    client.post("/keys/new/", filled_in(client))
    assert ApiKey.objects.count() == 2


def test_a_form_with_a_mistake_is_mended_and_sent_again(officer, client_of):
    client = client_of(officer)
    sent = filled_in(client, name="")
    assert f'name="once" value="{sent["once"]}"' in client.post("/keys/new/", sent).content.decode()
    assert TOKEN.search(client.post("/keys/new/", sent | {"name": "Ledger"}).content.decode())


def test_a_form_that_does_not_name_itself_makes_no_key(officer, client_of):
    client = client_of(officer)
    page = client.post("/keys/new/", filled_in(client, once="")).content.decode()
    assert "Open the page again" in page
    assert not ApiKey.objects.exists()


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
