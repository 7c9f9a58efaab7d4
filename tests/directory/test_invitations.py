"""How people arrive: a link that works once, for seven days, and leads new people to their second factor."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.utils import timezone

from pooledcare.directory.access import (
    ANONYMOUS,
    Permission,
    can,
    key_actor,
    person_actor,
    refusal,
    system_actor,
)
from pooledcare.directory.actions.invitations import (
    accept_as_member,
    accept_as_new_person,
    invite_person,
    resend_invitation,
    withdraw_invitation,
)
from pooledcare.directory.models import AuditEvent, Invitation, Membership, Organisation, User
from pooledcare.directory.queries.people import invitation_by_hash
from pooledcare.kernel.problems import Refused
from tests import factories
from tests.directory.trail import lines

pytestmark = pytest.mark.django_db

NEW = "New.Person@example.org"
NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)


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


def test_the_link_goes_to_the_address_and_only_its_hash_is_kept(
    invite, admin, organisation, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True), time_machine.travel(NOON, tick=False):
        invitation, link = invite(email=f"  {NEW} ", roles=("viewer", "finance_officer", "viewer"))
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["new.person@example.org"], f"Join {organisation.name} on PooledCare")
    assert link in message.body
    assert token_of(link) not in str(Invitation.objects.values())
    kept = Invitation.objects.get()
    assert kept == invitation
    assert kept.token_hash == hashlib.sha256(token_of(link).encode()).hexdigest()
    assert (kept.email, kept.organisation, kept.invited_by) == ("new.person@example.org", organisation, admin)
    assert (kept.roles, kept.invited_at, kept.version) == (["finance_officer", "viewer"], NOON, 1)
    assert kept.expires_at == NOON + dt.timedelta(days=7)
    subject, code = f"invitation:{kept.pk}", organisation.code
    sentence = f"Invited somebody as finance_officer, viewer at {code} ({subject})."
    assert lines() == [(f"user:{admin.pk}", code, "invitation.sent", subject, sentence)]


def test_sending_again_and_withdrawing_leave_a_line_each(
    invite, admin, organisation, django_capture_on_commit_callbacks
):
    invitation, _ = invite()
    with django_capture_on_commit_callbacks(execute=True), time_machine.travel(NOON, tick=False):
        sent, link = resend_invitation(invitation=invitation, version=1, by=factories.actor(admin))
    kept = Invitation.objects.get()
    assert (kept.expires_at, kept.version, sent.version) == (NOON + dt.timedelta(days=7), 2, 2)
    assert kept.token_hash == hashlib.sha256(token_of(link).encode()).hexdigest()
    assert [link in message.body for message in mail.outbox] == [True]
    withdrawn = withdraw_invitation(invitation=invitation, version=2, by=factories.actor(admin))
    kept.refresh_from_db()
    assert (kept.version, kept.withdrawn_at, kept.accepted_at) == (3, withdrawn.withdrawn_at, None)
    who, code, subject = f"user:{admin.pk}", organisation.code, f"invitation:{kept.pk}"
    assert lines()[1:] == [
        (who, code, "invitation.resent", subject, f"Sent an invitation again at {code} ({subject})."),
        (who, code, "invitation.withdrawn", subject, f"Withdrew an invitation at {code} ({subject})."),
    ]


@pytest.mark.parametrize("act", [resend_invitation, withdraw_invitation])
def test_who_may_not_manage_members_here_sends_and_withdraws_nothing(act, invite, organisation):
    invitation, link = invite()
    for where, roles in ((organisation, ["finance_officer"]), (factories.organisation(), ["org_admin"])):
        other = factories.actor(factories.member(organisation=where, roles=roles))
        with pytest.raises(PermissionDenied) as caught:
            act(invitation=invitation, version=1, by=other)
        assert str(caught.value) == refusal(Permission.MANAGE_MEMBERS)
    assert len(lines()) == 1
    accept_as_new_person(token=token_of(link), name="Robin Example", password="x" * 20, by=ANONYMOUS)


@pytest.mark.parametrize("act", [resend_invitation, withdraw_invitation])
def test_a_stale_page_sends_and_withdraws_nothing(act, invite, admin):
    invitation, _ = invite()
    with pytest.raises(Refused) as caught:
        act(invitation=invitation, version=2, by=factories.actor(admin))
    assert caught.value.code == "CHANGED_MEANWHILE"
    invitation.refresh_from_db()
    assert (invitation.version, invitation.withdrawn_at) == (1, None)


@pytest.mark.parametrize("act", [resend_invitation, withdraw_invitation])
def test_what_was_accepted_is_neither_sent_again_nor_withdrawn(act, invite, admin):
    invitation, link = invite()
    accept_as_new_person(token=token_of(link), name="Robin Example", password="x" * 20, by=ANONYMOUS)
    with pytest.raises(Refused) as caught:
        act(invitation=invitation, version=2, by=factories.actor(admin))
    assert caught.value.code == "INVITATION_NOT_OPEN"


def test_an_expired_invitation_is_sent_again(invite, admin):
    invitation, _ = invite()
    Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(days=1))
    _, link = resend_invitation(invitation=invitation, version=1, by=factories.actor(admin))
    accept_as_new_person(token=token_of(link), name="Robin Example", password="x" * 20, by=ANONYMOUS)


def test_nothing_is_sent_when_the_invitation_is_refused(invite, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(Refused):
        invite(roles=("publisher",))
    assert mail.outbox == []


def test_a_new_person_joins_with_the_roles_offered(invite, organisation):
    invitation, link = invite(roles=("viewer", "finance_officer"))
    membership = accept_as_new_person(token=token_of(link), name="  Robin Example ", password="x" * 20, by=ANONYMOUS)
    person = User.objects.get(email="new.person@example.org")
    assert (membership.user, membership.roles) == (person, ["finance_officer", "viewer"])
    assert (person.name, person.check_password("x" * 20)) == ("Robin Example", True)
    assert can(person_actor(person), Permission.UPLOAD_ALLOCATIONS, organisation)
    (address,) = EmailAddress.objects.filter(user=person)
    assert (address.email, address.verified, address.primary) == (person.email, True, True)
    invitation.refresh_from_db()
    assert (invitation.version, invitation.withdrawn_at) == (2, None)
    assert timezone.now() - invitation.accepted_at < dt.timedelta(minutes=1)
    subject, code = f"invitation:{invitation.pk}", organisation.code
    sentence = f"Became member:{membership.pk} as finance_officer, viewer at {code} ({subject})."
    assert lines()[1:] == [(f"user:{person.pk}", code, "invitation.accepted", subject, sentence)]


def test_a_new_person_without_a_name_or_with_a_link_of_nobody_makes_no_account(invite):
    _, link = invite()
    for token, name, code in ((token_of(link), " ", "NAME_MISSING"), ("x" * 43, "Robin", "INVITATION_NOT_OPEN")):
        with pytest.raises(Refused) as caught:
            accept_as_new_person(token=token, name=name, password="x" * 20, by=ANONYMOUS)
        assert caught.value.code == code
    assert not User.objects.filter(email__iexact=NEW).exists()


def test_an_account_that_nobody_can_log_in_to_is_taken_over_by_whoever_reads_its_mailbox(invite):
    """It was begun by another invitation with a login at an organisation that was never linked."""
    begun = User.objects.create_user(email=NEW, password=None, name="Name not given")
    EmailAddress.objects.create(user=begun, email="new.person@example.org", verified=False, primary=False)
    _, link = invite()
    membership = accept_as_new_person(token=token_of(link), name="Robin Example", password="x" * 20, by=ANONYMOUS)
    begun.refresh_from_db()
    assert (membership.user, begun.name, begun.check_password("x" * 20)) == (begun, "Robin Example", True)
    (address,) = EmailAddress.objects.all()
    assert (address.verified, address.primary) == (True, True)


def test_whoever_is_a_member_already_keeps_the_roles_they_have(invite, organisation):
    known = factories.person()
    invitation, link = invite(email=known.email, roles=("finance_officer",))
    membership = Membership.objects.create(user=known, organisation=organisation, roles=["viewer"])
    assert accept_as_member(token=token_of(link), by=factories.actor(known)) == membership
    assert Membership.objects.get(user=known).roles == ["viewer"]
    assert lines()[-1][4].startswith(f"Became member:{membership.pk} as viewer at ")
    invitation.refresh_from_db()
    assert invitation.accepted_at is not None


@pytest.mark.parametrize("where", ["here, and left", "elsewhere"])
def test_another_membership_is_no_reason_not_to_join(where, invite, organisation):
    known = factories.person()
    there = factories.organisation() if where == "elsewhere" else organisation
    ended = None if where == "elsewhere" else timezone.now()
    old = Membership.objects.create(user=known, organisation=there, roles=["viewer"], ended_at=ended)
    factories.member(organisation=organisation, roles=["viewer"])
    _, link = invite(email=known.email)
    joined = accept_as_member(token=token_of(link), by=factories.actor(known))
    assert joined != old
    assert (joined.user, joined.organisation, joined.roles) == (known, organisation, ["finance_officer"])
    assert can(person_actor(known), Permission.UPLOAD_ALLOCATIONS, organisation)


def test_a_link_works_once(invite):
    _, link = invite()
    accept_as_new_person(token=token_of(link), name="Robin Example", password="x" * 20, by=ANONYMOUS)
    with pytest.raises(Refused) as caught:
        accept_as_new_person(token=token_of(link), name="Robin Example", password="x" * 20, by=ANONYMOUS)
    assert caught.value.code == "INVITATION_NOT_OPEN"


@pytest.mark.parametrize(("after", "opens"), [(-1, True), (0, False), (1, False)], ids=["before", "on", "after"])
def test_a_link_lasts_seven_days(invite, after, opens):
    with time_machine.travel(NOON, tick=False):
        invitation, link = invite()
    with time_machine.travel(NOON + dt.timedelta(days=7, seconds=after), tick=False):
        assert invitation.has_expired is not opens
        found = invitation_by_hash(token_hash=invitation.token_hash)
        assert found == (invitation if opens else None)
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


@pytest.mark.parametrize("was", ["a member elsewhere", "a member once", "invited elsewhere", "withdrawn", "closed"])
def test_who_can_be_invited_nevertheless(was, invite, admin, organisation):
    there = factories.organisation() if "elsewhere" in was else organisation
    if was in ("a member elsewhere", "a member once", "closed"):
        known = factories.member(organisation=there, roles=["viewer"], email=NEW, is_active=was != "closed")
        if was == "a member once":
            Membership.objects.filter(user=known).update(ended_at=timezone.now())
    else:
        before, _ = invite()
        if was == "withdrawn":
            withdraw_invitation(invitation=before, version=1, by=factories.actor(admin))
        else:
            Invitation.objects.update(organisation=there)
    invitation, _ = invite()
    assert invitation.organisation == organisation


def test_somebody_with_an_account_joins_as_themselves_only(invite, organisation):
    known, stranger = factories.person(), factories.person()
    invitation, link = invite(email=known.email.upper())
    Invitation.objects.update(email=known.email.upper())
    key, _ = factories.api_key(created_by=known, organisation=organisation, permissions=["read_unpublished"])
    for other in (factories.actor(stranger), key_actor(key), ANONYMOUS, system_actor("test")):
        with pytest.raises(PermissionDenied) as caught:
            accept_as_member(token=token_of(link), by=other)
        assert str(caught.value) == "This invitation is for another person. Log in as them, then open the link again."
    joined = accept_as_member(token=token_of(link), by=factories.actor(known))
    assert Membership.objects.get(user=known) == joined
    assert joined.roles == ["finance_officer"]
    subject, code = f"invitation:{invitation.pk}", organisation.code
    sentence = f"Became member:{joined.pk} as finance_officer at {code} ({subject})."
    assert lines()[1:] == [(f"user:{known.pk}", code, "invitation.accepted", subject, sentence)]


@pytest.mark.parametrize("by", ["password", "login of their organisation"])
def test_a_link_never_gives_a_new_password_to_an_existing_account(by, invite):
    known = factories.person()
    if by != "password":
        known.set_unusable_password()
        known.save()
        SocialAccount.objects.create(user=known, provider="sso-example", uid="abc")
    before = known.password
    _, link = invite(email=known.email)
    with pytest.raises(PermissionDenied) as caught:
        accept_as_new_person(token=token_of(link), name="Somebody Else", password="x" * 20, by=ANONYMOUS)
    assert str(caught.value) == "Log in to your account first, then open the link again."
    known.refresh_from_db()
    assert known.password == before


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
        ("pooledcare 12345", "on the word"),
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
    assert "for a different email address" in open_link(stranger, link).content.decode()
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
