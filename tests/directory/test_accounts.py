"""A person's own account: what they do with it, and what they and the audit trail are told of each change to it."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from pooledcare.directory.access import ANONYMOUS, key_actor, system_actor
from pooledcare.directory.accounts import MAILS, MESSAGES, NOTICES, AccountAdapter, _on_public_address
from pooledcare.directory.actions.accounts import (
    end_other_sessions,
    end_session,
    note_security_event,
    rename_person,
)
from pooledcare.directory.models import Organisation, User
from pooledcare.directory.models.people import DEMO_DOMAIN
from pooledcare.kernel.problems import Refused
from tests import factories
from tests.directory.trail import lines

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(organisation: Organisation) -> User:
    return factories.member(organisation=organisation, roles=["viewer"])


def session(user: User, letter: str) -> UserSession:
    """A browser in which somebody is logged in."""
    key = letter * 32
    Session.objects.create(session_key=key, session_data="", expire_date=timezone.now() + dt.timedelta(days=1))
    return UserSession.objects.create(user=user, session_key=key, ip="127.0.0.1", user_agent="Example")


def open_sessions() -> list[str]:
    """The first letters of the keys of all sessions, which the two tables must agree on."""
    known = list(UserSession.objects.order_by("session_key").values_list("session_key", flat=True))
    assert list(Session.objects.order_by("session_key").values_list("session_key", flat=True)) == known
    return [key[0] for key in known]


# --- actions ---------------------------------------------------------------------------------------------------------


def test_a_person_changes_their_own_name(member):
    stranger = factories.person()
    renamed = rename_person(name="  Robin Example ", version=1, by=factories.actor(member))
    member.refresh_from_db()
    assert renamed == member
    assert (member.name, member.version) == ("Robin Example", 2)
    assert User.objects.get(pk=stranger.pk).name == stranger.name
    who = f"user:{member.pk}"
    assert lines() == [(who, "", "account.renamed", who, f"Changed the name of {who}.")]


@pytest.mark.parametrize(
    ("name", "version", "code"),
    [("Robin", 2, "CHANGED_MEANWHILE"), (" ", 1, "NAME_MISSING"), ("", 0, "CHANGED_MEANWHILE")],
)
def test_a_name_that_is_none_or_a_stale_page_changes_nothing(name, version, code, member):
    with pytest.raises(Refused) as caught:
        rename_person(name=name, version=version, by=factories.actor(member))
    assert [problem.code for problem in caught.value.problems] == [code]
    assert User.objects.get(pk=member.pk).name == member.name
    assert lines() == []


def test_one_browser_is_logged_out(member):
    session(member, "a")
    session(factories.person(), "c")
    end_session(session=session(member, "b"), by=factories.actor(member))
    assert open_sessions() == ["a", "c"]
    who = f"user:{member.pk}"
    assert lines() == [(who, "", "account.session_ended", who, f"Ended a session of {who}.")]


def test_the_browser_of_somebody_else_stays(member):
    theirs = session(factories.person(), "a")
    with pytest.raises(PermissionDenied) as caught:
        end_session(session=theirs, by=factories.actor(member))
    assert str(caught.value) == "You can end your own sessions only."
    assert (open_sessions(), lines()) == (["a"], [])


def test_all_browsers_but_this_one_are_logged_out(member):
    for letter in "abc":
        session(member, letter)
    session(factories.person(), "d")
    assert end_other_sessions(keep="b" * 32, by=factories.actor(member)) == 2
    assert open_sessions() == ["b", "d"]
    who = f"user:{member.pk}"
    assert lines() == [(who, "", "account.sessions_ended", who, f"Ended all other sessions of {who}.")]


def test_only_a_person_has_an_account(member, organisation):
    key, _ = factories.api_key(created_by=member, organisation=organisation, permissions=["read_unpublished"])
    own = session(member, "a")
    for by in (key_actor(key), system_actor("test"), ANONYMOUS):
        for act in (
            lambda by=by: rename_person(name="Robot", version=1, by=by),
            lambda by=by: end_session(session=own, by=by),
            lambda by=by: end_other_sessions(keep="", by=by),
        ):
            with pytest.raises(PermissionDenied) as caught:
                act()
            assert str(caught.value) == "Only a person has an account."
    assert (open_sessions(), lines()) == (["a"], [])


def test_a_line_of_security_is_about_the_person_it_happened_to(member):
    note_security_event(person=member, event="looked_at", sentence="user:{pk} looked.", by=system_actor("test"))
    who = f"user:{member.pk}"
    assert lines() == [("system:test", "", "account.looked_at", who, f"{who} looked.")]


# --- what allauth tells us -------------------------------------------------------------------------------------------

# What is recorded and what the person reads, for everything that changes how somebody logs in.
TOLD = {
    "account/email/password_changed": ("password_changed", "Your password was changed"),
    "account/email/password_set": ("password_set", "A password was set for your account"),
    "account/email/password_reset": ("password_reset", "Your password was reset with a link sent to this address"),
    "account/email/email_changed": ("email_changed", "The e-mail address of your account was changed"),
    "account/email/email_deleted": ("email_removed", "An e-mail address was removed from your account"),
    "mfa/email/totp_activated": ("second_factor_set_up", "An authenticator app was set up for your account"),
    "mfa/email/totp_deactivated": (
        "second_factor_removed",
        "The authenticator app was removed from your account",
    ),
    "mfa/email/recovery_codes_generated": ("recovery_codes_made", "New recovery codes were made for your account"),
    "socialaccount/email/account_connected": (
        "login_linked",
        "A login at your organisation was linked to your account",
    ),
    "socialaccount/email/account_disconnected": ("login_unlinked", "A linked login was removed from your account"),
}


@pytest.mark.parametrize("template", NOTICES)
def test_every_change_to_how_one_logs_in_is_recorded_and_told(template, member, django_capture_on_commit_callbacks):
    event, sentence = TOLD[template]
    with django_capture_on_commit_callbacks(execute=True):
        AccountAdapter().send_notification_mail(template, member)
    who = f"user:{member.pk}"
    assert lines() == [(who, "", f"account.{event}", who, f"{sentence} ({who}).")]
    (message,) = mail.outbox
    assert (message.to, message.subject) == ([member.email], "A change to your PooledCare account")
    assert f"{sentence}." in message.body


@pytest.mark.parametrize(
    ("named", "primary", "expected"),
    [
        ("old@example.org", "new@example.org", "old@example.org"),
        (None, "new@example.org", "new@example.org"),
        (None, None, None),
    ],
)
def test_the_address_that_is_told(named, primary, expected, member, django_capture_on_commit_callbacks):
    if primary:
        EmailAddress.objects.create(user=member, email=primary, primary=True, verified=True)
    with django_capture_on_commit_callbacks(execute=True):
        AccountAdapter().send_notification_mail("account/email/password_set", member, email=named)
    assert mail.outbox[0].to == [expected or member.email]


def test_every_mail_of_allauth_has_our_words_and_its_link(django_capture_on_commit_callbacks):
    given = {
        "account/email/password_reset_key": ({"password_reset_url": "http://x/r"}, "http://x/r"),
        "account/email/unknown_account": ({}, "PooledCare"),
        "account/email/account_already_exists": ({"password_reset_url": "http://x/r"}, "PooledCare"),
        "account/email/email_confirmation": ({"activate_url": "http://x/a"}, "http://x/a"),
        "account/email/email_confirmation_signup": ({"activate_url": "http://x/a"}, "http://x/a"),
    }
    subjects = [
        "Reset your PooledCare password",
        "Reset your PooledCare password",
        "Your e-mail address on PooledCare",
        "Confirm your e-mail address for PooledCare",
        "Confirm your e-mail address for PooledCare",
    ]
    with django_capture_on_commit_callbacks(execute=True):
        for template in MAILS:
            AccountAdapter().send_mail(template, "someone@example.org", given[template][0])
    assert [message.subject for message in mail.outbox] == subjects
    assert {message.to[0] for message in mail.outbox} == {"someone@example.org"}
    for (_, expected), message in zip(given.values(), mail.outbox, strict=True):
        assert expected in message.body


def test_links_begin_with_our_own_address(settings):
    settings.PUBLIC_URL = "https://pooled.example/"
    for claimed in ("http://evil.example/a/b/?c=1", "//evil.example/a/b/?c=1", "https://user@evil.example:1/a/b/?c=1"):
        assert _on_public_address(claimed) == "https://pooled.example/a/b/?c=1"


@pytest.mark.parametrize(
    ("template", "own", "shown"),
    [
        ("account/messages/logged_out.txt", None, ["You have logged out."]),
        ("account/messages/email_confirmed.txt", None, ["You have confirmed pat@example.org."]),
        ("account/messages/logged_in.txt", None, []),
        (None, None, []),
        (None, "Our own words.", ["Our own words."]),
        ("account/messages/logged_out.txt", "Our own words.", ["Our own words."]),
    ],
)
def test_messages_are_in_our_words_or_not_shown(template, own, shown, rf):
    request = rf.get("/")
    request.session = {}
    request._messages = FallbackStorage(request)
    context = {"email": "pat@example.org"}
    AccountAdapter().add_message(request, 25, template, context, extra_tags="x", message=own)
    found = list(get_messages(request))
    assert [(str(each), each.level, each.extra_tags) for each in found] == [(text, 25, "x") for text in shown]


def test_a_message_without_values_needs_none(rf):
    request = rf.get("/")
    request.session = {}
    request._messages = FallbackStorage(request)
    AccountAdapter().add_message(request, 25, "mfa/messages/totp_activated.txt")
    assert [str(each) for each in get_messages(request)] == ["Your authenticator app is set up."]
    assert all(sentence.endswith(".") for sentence in MESSAGES.values())


@pytest.mark.parametrize(
    ("email", "demo", "known"),
    [
        (f"pat@{DEMO_DOMAIN}", False, False),
        (f"pat@{DEMO_DOMAIN}", True, True),
        ("pat@example.org", False, True),
    ],
)
def test_an_invented_person_is_nobody_where_real_ones_work(email, demo, known, rf, settings):
    settings.DEMO = demo
    user = factories.person(email=email)
    request = rf.post("/account/login/")
    request.session = {}
    for password, expected in ((factories.PASSWORD, user if known else None), ("wrong password", None)):
        assert AccountAdapter().authenticate(request, email=email, password=password) == expected


def test_nobody_signs_up_by_themselves(rf):
    assert AccountAdapter().is_open_for_signup(rf.get("/")) is False


def test_a_login_that_failed_is_logged_with_its_address_and_nothing_else(rf, caplog):
    AccountAdapter().authentication_failed(rf.post("/", REMOTE_ADDR="203.0.113.9"), email="pat@example.org")
    assert [(each.name, each.getMessage()) for each in caplog.records] == [
        ("pooledcare.security", "login failed from 203.0.113.9")
    ]
