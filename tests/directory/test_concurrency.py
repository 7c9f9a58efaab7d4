"""Two people at once: whoever comes second waits for the first, and judges by what the first has left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from pooledcare.directory.access import ANONYMOUS
from pooledcare.directory.actions.accounts import rename_person
from pooledcare.directory.actions.invitations import (
    accept_as_member,
    accept_as_new_person,
    invite_person,
    resend_invitation,
    withdraw_invitation,
)
from pooledcare.directory.actions.keys import revoke_key
from pooledcare.directory.actions.members import change_roles, end_membership, waive_second_person
from pooledcare.directory.models import Membership, Organisation, User
from pooledcare.kernel.problems import Refused
from tests import factories
from tests.directory.trail import lines

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PATIENCE = 20  # seconds


def meanwhile(first: Callable[[], object], second: Callable[[], object]) -> str:
    """What becomes of the second, which begins when the first is done and not yet committed."""
    outcomes: list[str] = []

    def run() -> None:
        try:
            second()
            outcomes.append("done")
        except Refused as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        _until_it_waits_or_is_over(thread)
    thread.join(PATIENCE)
    (outcome,) = outcomes
    return outcome


def _until_it_waits_or_is_over(thread: threading.Thread) -> None:
    latest = time.monotonic() + PATIENCE
    while thread.is_alive() and time.monotonic() < latest:
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from pg_locks where not granted")
            (waiting,) = cursor.fetchone()
        if waiting:
            return
        thread.join(0.01)


class World:
    """An organisation with two administrators, an officer, and somebody invited."""

    def __init__(self) -> None:
        self.organisation = factories.organisation()
        self.admin, self.officer = (
            factories.member(organisation=self.organisation, roles=[role]) for role in ("org_admin", "finance_officer")
        )
        self.guest = factories.person()
        self.by = factories.actor(self.admin)

    def invite(self, email: str, *roles: str):
        invitation, link = invite_person(
            organisation=self.organisation, email=email, roles=list(roles or ["viewer"]), by=self.by
        )
        return invitation, link.rstrip("/").rsplit("/", 1)[1]


def test_the_second_judges_by_what_the_first_has_left():
    """One test for all actions, because emptying the database after each takes longer than they do."""
    world = World()
    admin, guest = world.by, factories.actor(world.guest)

    renamed = meanwhile(
        lambda: rename_person(name="First", version=1, by=guest),
        lambda: rename_person(name="Second", version=1, by=guest),
    )
    assert (renamed, User.objects.get(pk=world.guest.pk).name) == ("CHANGED_MEANWHILE", "First")

    invitation, _ = world.invite("a@example.org")
    sent = meanwhile(
        lambda: withdraw_invitation(invitation=invitation, version=1, by=admin),
        lambda: resend_invitation(invitation=invitation, version=1, by=admin),
    )
    assert sent == "INVITATION_NOT_OPEN"

    _, token = world.invite("b@example.org")
    accepted = meanwhile(
        lambda: accept_as_new_person(token=token, name="First", password="x" * 20, by=ANONYMOUS),
        lambda: accept_as_new_person(token=token, name="Second", password="x" * 20, by=ANONYMOUS),
    )
    assert (accepted, User.objects.get(email="b@example.org").name) == ("INVITATION_NOT_OPEN", "First")

    invitation, token = world.invite(world.guest.email)
    joined = meanwhile(
        lambda: accept_as_member(token=token, by=guest),
        lambda: withdraw_invitation(invitation=invitation, version=1, by=admin),
    )
    assert joined == "INVITATION_NOT_OPEN"

    key, _ = factories.api_key(
        created_by=world.officer, organisation=world.organisation, permissions=["read_unpublished"]
    )
    revoked = meanwhile(lambda: revoke_key(key=key, by=admin), lambda: revoke_key(key=key, by=admin))
    assert revoked == "KEY_REVOKED"

    before = len(lines())
    waived = meanwhile(
        lambda: waive_second_person(organisation=world.organisation, by=admin),
        lambda: waive_second_person(organisation=world.organisation, by=admin),
    )
    assert (waived, len(lines()) - before) == ("done", 1)
    assert Organisation.objects.get(pk=world.organisation.pk).waives_second_person

    membership = Membership.objects.get(user=world.officer)
    changed = meanwhile(
        lambda: end_membership(membership=membership, version=1, by=admin),
        lambda: change_roles(membership=membership, roles=["viewer"], version=1, by=admin),
    )
    assert changed == "MEMBERSHIP_ENDED"


def test_whoever_accepts_while_their_membership_is_ended_becomes_a_member_anew():
    world = World()
    _, token = world.invite(world.guest.email, "finance_officer")
    old = Membership.objects.create(user=world.guest, organisation=world.organisation, roles=["viewer"])
    outcome = meanwhile(
        lambda: end_membership(membership=old, version=1, by=world.by),
        lambda: accept_as_member(token=token, by=factories.actor(world.guest)),
    )
    assert outcome == "done"
    assert Membership.objects.active().get(user=world.guest).roles == ["finance_officer"]
