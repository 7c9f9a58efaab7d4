"""How people arrive: a link that works once, for seven days, and leads new people to their second factor."""

from __future__ import annotations

import datetime as dt
import io
import re

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.utils import timezone

from pooledcare.directory.access import ANONYMOUS, Permission, can, person_actor
from pooledcare.directory.actions.invitations import (
    accept_as_member,
    accept_as_new_person,
    invite_person,
    resend_invitation,
    withdraw_invitation,
)
from pooledcare.directory.models import AuditEvent, Invitation, Membership, Organisation, User
from pooledcare.kernel.problems import Refused
from tests import factories

pytestmark = pytest.mark.django_db

NEW = "New.Person@example.org"


@pytest.fixture
def admin(organisation: Organisation):
    return factories.member(organisation=organisation, roles=["org_admin"])


@pytest.fixture
def invite(admin, organisation):
    def make(email: str = NEW, roles: tuple[str, ...] = ("finance_officer",)):
        return invite_person(organisation=organisation, email=email, roles=list(roles), by=factories.actor(admin))

    return make


def token_of(link: str) -> str:
    return re.fullmatch(r"http://localhost:8000/invitations/([A-Za-z0-9_-]{43})/", link)[1]


def test_the_link_goes_to_the_address_and_only_its_hash_is_kept(invite, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        invitation, link = invite()
    assert mail.outbox[0].to == ["new.person@example.org"]
    assert link in mail.outbox[0].body
    assert token_of(link) not in str(Invitation.objects.values())
    line = AuditEvent.objects.get()
    assert line.subject == f"invitation:{invitation.pk}"
    assert "person" not in line.sentence


def test_nothing_is_sent_when_the_invitation_is_refused(invite, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(Refused):
        invite(roles=("publisher",))
    assert mail.outbox == []


def test_a_new_person_joins_with_the_roles_offered(invite, organisation):
    _, link = invite(roles=("finance_officer", "viewer"))
    membership = accept_as_new_person(token=token_of(link), name="Robin Example", password="x" * 20, by=ANONYMOUS)
    assert membership.roles == ["finance_officer", "viewer"]
    assert can(person_actor(membership.user), Permission.UPLOAD_ALLOCATIONS, organisation)
    assert EmailAddress.objects.get(user=membership.user).verified


def test_a_link_works_once(invite):
    _, link = invite()
    accept_as_new_person(token=token_of(link), name="Robin Example", password="x" * 20, by=ANONYMOUS)
    with pytest.raises(Refused) as caught:
        accept_as_new_person(token=token_of(link), name="Robin Example", password="x" * 20, by=ANONYMOUS)
    assert caught.value.code == "INVITATION_NOT_OPEN"


@pytest.mark.parametrize(
    ("after", "opens"), [(dt.timedelta(days=7, seconds=-5), True), (dt.timedelta(days=7, seconds=5), False)]
)
def test_a_link_lasts_seven_days(invite, after, opens):
    _, link = invite()
    with time_machine.travel(timezone.now() + after, tick=False):
        if opens:
            accept_as_new_person(token=token_of(link), name="Robin Example", password="x" * 20, by=ANONYMOUS)
        else:
            with pytest.raises(Refused):
                accept_as_new_person(token=token_of(link), name="Robin Example", password="x" * 20, by=ANONYMOUS)
    assert User.objects.filter(email__iexact=NEW).exists() is opens


def test_sending_again_makes_the_first_link_useless(invite, admin):
    invitation, first = invite()
    _, second = resend_invitation(invitation=invitation, version=1, by=factories.actor(admin))
    with pytest.raises(Refused):
        accept_as_new_person(token=token_of(first), name="Robin Example", password="x" * 20, by=ANONYMOUS)
    accept_as_new_person(token=token_of(second), name="Robin Example", password="x" * 20, by=ANONYMOUS)


def test_a_withdrawn_invitation_cannot_be_accepted_or_sent_again(invite, admin):
    invitation, link = invite()
    withdraw_invitation(invitation=invitation, version=1, by=factories.actor(admin))
    with pytest.raises(Refused):
        accept_as_new_person(token=token_of(link), name="Robin Example", password="x" * 20, by=ANONYMOUS)
    with pytest.raises(Refused):
        resend_invitation(invitation=invitation, version=2, by=factories.actor(admin))


@pytest.mark.parametrize("code", ["ALREADY_INVITED", "ALREADY_A_MEMBER", "ADDRESS_RESERVED"])
def test_who_need_not_or_cannot_be_invited(code, invite, organisation):
    addresses = {
        "ALREADY_INVITED": NEW,
        "ALREADY_A_MEMBER": factories.member(organisation=organisation, roles=["viewer"]).email.upper(),
        "ADDRESS_RESERVED": "pat@demo.pooledcare.example",
    }
    if code == "ALREADY_INVITED":
        invite()
    with pytest.raises(Refused) as caught:
        invite(email=addresses[code])
    assert caught.value.code == code


def test_somebody_with_an_account_joins_as_themselves_only(invite):
    known, stranger = factories.person(), factories.person()
    _, link = invite(email=known.email)
    with pytest.raises(PermissionDenied):
        accept_as_member(token=token_of(link), by=factories.actor(stranger))
    accept_as_member(token=token_of(link), by=factories.actor(known))
    assert Membership.objects.get(user=known).roles == ["finance_officer"]


def test_a_link_never_gives_a_new_password_to_an_existing_account(invite):
    known = factories.person()
    _, link = invite(email=known.email)
    with pytest.raises(PermissionDenied):
        accept_as_new_person(token=token_of(link), name="Somebody Else", password="x" * 20, by=ANONYMOUS)
    known.refresh_from_db()
    assert known.check_password(factories.PASSWORD)


def test_only_those_who_manage_members_invite(organisation):
    officer = factories.member(organisation=organisation, roles=["finance_officer"])
    with pytest.raises(PermissionDenied):
        invite_person(organisation=organisation, email=NEW, roles=["viewer"], by=factories.actor(officer))


# Pages

PASSWORD = "seventeen herons by the weir"


def open_link(client, link: str):
    answer = client.get(link.removeprefix("http://localhost:8000"))
    assert answer.status_code == 302
    assert answer.url == "/invitations/accept/"
    return client.get(answer.url)


def test_a_new_person_is_led_from_the_link_to_the_second_factor(client, invite):
    _, link = invite()
    assert "finance officer" in open_link(client, link).content.decode().lower()
    before = client.session.session_key
    answer = client.post("/invitations/accept/", {"name": "Robin Example", "password": PASSWORD})
    assert answer.url == "/account/second-factor/set-up/"
    assert client.session.session_key != before
    assert client.get(answer.url).status_code == 200
    assert client.get("/account/").url == "/account/second-factor/set-up/"


def test_a_viewer_needs_no_second_factor(client, invite):
    _, link = invite(roles=("viewer",))
    open_link(client, link)
    answer = client.post("/invitations/accept/", {"name": "Robin Example", "password": PASSWORD})
    assert answer.url == "/account/"
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("fourteen chars", "at least 15 characters"),
        ("x" * 257, "256 characters or fewer"),
        ("pooledcare 12345", "around the word"),
        ("new.person@example.org", "too similar"),
        ("", "Enter a password"),
    ],
)
def test_a_password_that_breaks_a_rule_is_refused_with_the_rule(client, invite, password, sentence):
    _, link = invite()
    open_link(client, link)
    page = client.post("/invitations/accept/", {"name": "Robin Example", "password": password}).content.decode()
    assert sentence in page
    assert 'href="#id_password"' in page
    assert not User.objects.filter(email__iexact=NEW).exists()


@pytest.mark.parametrize("token", ["x" * 43, "nonsense"])
def test_a_link_that_leads_nowhere_says_so(client, token):
    client.get(f"/invitations/{token}/")
    answer = client.get("/invitations/accept/")
    assert answer.status_code == 410
    assert client.post("/invitations/accept/", {"name": "X", "password": PASSWORD}).status_code == 410


def test_somebody_known_logs_in_first_and_comes_back(client, invite, client_of):
    known = factories.person()
    _, link = invite(email=known.email)
    assert open_link(client, link).url == "/account/login/?next=/invitations/accept/"
    own = client_of(known)
    assert "Join" in open_link(own, link).content.decode()
    assert own.post("/invitations/accept/").url == "/account/"
    assert Membership.objects.filter(user=known).exists()


def test_the_invitation_of_another_person_is_not_taken(invite, client_of):
    _, link = invite()
    stranger = client_of(factories.person())
    assert "for another email address" in open_link(stranger, link).content.decode()
    assert stranger.post("/invitations/accept/").status_code == 403


def test_inviting_resending_and_withdrawing_on_the_page(admin, organisation, client_of):
    client = client_of(admin)
    assert client.post("/members/invite/", {"email": NEW, "roles": ["viewer"]}).status_code == 302
    invitation = Invitation.objects.get()
    assert "new.person@example.org" in client.get("/members/").content.decode()
    client.post(f"/members/invitations/{invitation.pk}/resend/", {"version": 1})
    client.post(f"/members/invitations/{invitation.pk}/withdraw/", {"version": 1})
    invitation.refresh_from_db()
    assert invitation.withdrawn_at is None, "a stale page withdrew what somebody else has sent again"
    client.post(f"/members/invitations/{invitation.pk}/withdraw/", {"version": 2})
    invitation.refresh_from_db()
    assert invitation.withdrawn_at is not None


@pytest.mark.parametrize("field", ["email", "roles"])
def test_what_is_missing_is_said_at_its_field(field, admin, client_of):
    sent = {"email": NEW, "roles": ["viewer"]}
    del sent[field]
    page = client_of(admin).post("/members/invite/", sent).content.decode()
    assert f'href="#id_{field}"' in page
    assert "<title>Error: Invite somebody" in page


def test_an_invitation_of_another_organisation_is_not_found(invite, client_of):
    invitation, _ = invite()
    outsider = factories.member(organisation=factories.organisation(), roles=["org_admin"])
    assert (
        client_of(outsider).post(f"/members/invitations/{invitation.pk}/withdraw/", {"version": 1}).status_code == 404
    )


# The first administrator


def test_the_first_administrator_gets_a_link_that_works_and_the_line_says_who_made_it(organisation, client):
    printed = io.StringIO()
    call_command("create_org_admin", organisation=organisation.code.lower(), email=NEW, stdout=printed)
    link = re.search(r"http://\S+", printed.getvalue())[0]
    assert "Organisation administrator" in open_link(client, link).content.decode()
    assert AuditEvent.objects.get(action="invitation.sent").actor == "system:create-org-admin"


def test_asking_again_prints_a_new_link(organisation):
    for _ in range(2):
        call_command("create_org_admin", organisation=organisation.code, email=NEW, stdout=io.StringIO())
    assert Invitation.objects.get().version == 2


@pytest.mark.parametrize("wrong", ["organisation", "email", "administrator"])
def test_the_command_refuses_in_a_sentence(wrong, organisation):
    given = {"organisation": organisation.code, "email": NEW}
    if wrong == "administrator":
        factories.member(organisation=organisation, roles=["org_admin"])
    else:
        given[wrong] = "nonsense"
    with pytest.raises(CommandError):
        call_command("create_org_admin", **given, stdout=io.StringIO())
    assert not Invitation.objects.exists()
