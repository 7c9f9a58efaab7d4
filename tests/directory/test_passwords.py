"""Passwords: rules, change, reset by a link that works once for an hour; every other session ends with the old one."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone

from pooledcare.directory.models import AuditEvent, Membership, Organisation, User
from pooledcare.directory.passwords import ContextWordValidator, MaximumLengthValidator, PredictableValidator
from tests import factories
from tests.conftest import ParsingClient
from tests.directory.logins import give_code, give_password, is_logged_in, member_with_address

pytestmark = pytest.mark.django_db
NEW = "seventeen herons by the weir"


@pytest.fixture(autouse=True)
def _no_limits_left_over(db):
    cache.clear()


@pytest.fixture
def member(organisation: Organisation):
    return member_with_address(organisation, "viewer")


@pytest.fixture
def logged_in(member):
    client = ParsingClient()
    give_password(client, member.email)
    give_code(client)
    return client


@pytest.mark.parametrize(
    "password",
    [
        "fourteen chars",
        "x" * 257,
        "PooledCare 2026",
        "s.e.c.t.i.o.n 75 75",
        "council council",
        "mereshire-123456",
        "qwertyuiopasdfghjkl",
        "123456789012345678",
        "aaaaaaaaaaaaaaaaaaaa",
        "zyxwvutsrqponmlkj!!",
    ],
)
def test_passwords_that_anyone_would_guess_are_refused(password):
    organisation = factories.organisation(name="Mereshire Integrated Care Board")
    with pytest.raises(ValidationError):
        validate_password(password, member_with_address(organisation, "viewer"))


@pytest.mark.parametrize(
    "password", [NEW, "wqpzmxnvbtkrhfs", "žluťoučký kůň úpěl", "  spaces count, too  ", "🦔 🐝 🌊 🍋 🎻 🪁 🧭 🏮"]
)
def test_long_passwords_of_any_letters_are_fine(password, member):
    validate_password(password, member)


def refusals(validator, password: str, user: User | None = None) -> list[tuple[str, str]]:
    try:
        validator.validate(password, user)
    except ValidationError as error:
        return [(each.code, each.message) for each in error.error_list]
    return []


@pytest.mark.parametrize(("length", "refused"), [(255, False), (256, False), (257, True)])
def test_a_password_has_at_most_256_characters(length, refused):
    reason = ("password_too_long", "Password must be 256 characters or fewer")
    assert refusals(MaximumLengthValidator(), "x" * length) == ([reason] if refused else [])
    assert refusals(MaximumLengthValidator(5), "x" * 6) == [
        ("password_too_long", "Password must be 5 characters or fewer")
    ]
    assert MaximumLengthValidator(5).get_help_text() == "Your password can have up to 5 characters."


@pytest.mark.parametrize(
    "word", ["pooledcare", "nhsengland", "council", "section75", "bettercare", "password", "commissioning"]
)
@pytest.mark.parametrize(("rest", "refused"), [("wqpzmx4", True), ("wqpzmx42", False), ("w-q p.z,m!x?4'", True)])
def test_eight_letters_or_digits_must_remain_beside_a_word_of_the_trade(word, rest, refused):
    reason = ("password_context_word", f"Do not base your password on the word “{word}”")
    written = f"{rest[:3]}{word[:3].upper()} - {word[3:]}{rest[3:]}"
    assert refusals(ContextWordValidator(), written) == ([reason] if refused else [])
    assert refusals(ContextWordValidator(), f"{word}{word}{rest}") == ([reason] if refused else [])


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("mereshire 2026 42", "mereshire"),
        ("aldshire 2026 421", None),  # of an organisation left behind
        ("zedshire 2026 421", None),  # of somebody else's
        ("care 2026 4242", None),  # four letters occur everywhere
        ("board 2026 42", "board"),
    ],
)
def test_a_password_is_not_built_around_the_name_of_ones_own_organisation(password, word):
    user = factories.member(organisation=factories.organisation(name="Mereshire Care Board"), roles=["viewer"])
    Membership.objects.create(
        user=user, organisation=factories.organisation(name="Aldshire"), roles=["viewer"], ended_at=timezone.now()
    )
    factories.member(organisation=factories.organisation(name="Zedshire"), roles=["viewer"])
    reason = ("password_context_word", f"Do not base your password on the word “{word}”")
    assert refusals(ContextWordValidator(), password, user) == ([reason] if word else [])
    assert refusals(ContextWordValidator(), password) == []
    assert refusals(ContextWordValidator(), password, User()) == []


@pytest.mark.parametrize(
    ("password", "refused"),
    [
        ("abcdefghijklmno", True),
        ("onmlkjihgfedcba", True),
        ("QwertyUIOPasdfgh", True),
        ("zxcvbnmlkjhgfdsapo", True),
        ("1234567890123456", True),
        ("5555555555555555", True),
        ("abcdefghi-m-o-4", True),  # 6 steps from one letter to another that is no neighbour
        ("abcdefgh-m-o-4.", False),  # 7 of them
        ("wqpzmxnvbtkrhfs", False),
        ("abcdefghijklmn", False),  # too short, which is said by another rule
    ],
)
def test_a_run_of_neighbours_is_no_password(password, refused):
    reason = ("password_predictable", "Do not use a run of letters, numbers or keys")
    assert refusals(PredictableValidator(), password) == ([reason] if refused else [])


def test_the_rules_are_said_beside_the_field():
    assert ContextWordValidator().get_help_text() == (
        "Do not base your password on the name of this service, your organisation or its work."
    )
    assert PredictableValidator().get_help_text() == "Do not use a run of letters, numbers or keys."


def test_a_reset_link_works_once_within_the_hour_and_ends_every_session(
    client, member, logged_in, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/account/password/reset/", {"email": member.email})
    link = re.search(r"http://localhost:8000(/\S+)", mail.outbox[0].body)[1]
    form = client.get(link).url
    assert link.rsplit("-", 1)[1].strip("/") not in form, "the key stays out of the address"
    assert "at least 15" in client.post(form, {"password1": "short", "password2": "short"}).content.decode().lower()
    assert client.post(form, {"password1": NEW, "password2": NEW}).url == "/account/password/reset/key/done/"
    assert not is_logged_in(logged_in)
    assert "cannot be used" in ParsingClient().get(link).content.decode()
    member.refresh_from_db()
    assert member.check_password(NEW)
    assert AuditEvent.objects.filter(action="account.password_reset", subject=f"user:{member.pk}").exists()


@pytest.mark.parametrize(("seconds", "works"), [(3595, True), (3605, False)])
def test_a_reset_link_lasts_an_hour(seconds, works, client, member, django_capture_on_commit_callbacks):
    now = timezone.now()
    with time_machine.travel(now, tick=False), django_capture_on_commit_callbacks(execute=True):
        client.post("/account/password/reset/", {"email": member.email})
    link = re.search(r"http://localhost:8000(/\S+)", mail.outbox[0].body)[1]
    with time_machine.travel(now + dt.timedelta(seconds=seconds), tick=False):
        assert (client.get(link).status_code == 302) is works


def test_the_link_begins_with_our_own_address_whatever_host_was_asked(
    client, member, django_capture_on_commit_callbacks, settings
):
    settings.ALLOWED_HOSTS = ["*"]
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/account/password/reset/", {"email": member.email}, headers={"host": "evil.example"})
    assert "evil.example" not in mail.outbox[0].body


def test_changing_it_logs_out_everywhere_and_tells_the_person(member, logged_in, django_capture_on_commit_callbacks):
    elsewhere = ParsingClient()
    factories.log_in(elsewhere, member)
    assert is_logged_in(elsewhere)
    sent = {"oldpassword": factories.PASSWORD, "password1": NEW, "password2": NEW}
    with django_capture_on_commit_callbacks(execute=True):
        assert logged_in.post("/account/password/change/", sent).status_code == 302
    assert not is_logged_in(logged_in)
    assert not is_logged_in(elsewhere)
    assert "password was changed" in mail.outbox[-1].body
    assert AuditEvent.objects.filter(action="account.password_changed").exists()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("oldpassword", "not the old one", "current password is not correct"),
        ("oldpassword", "", "Enter your current password"),
        ("password1", "short", "at least 15 characters"),
        ("password2", "another one altogether", "same password"),
    ],
)
def test_each_mistake_is_said_at_its_field(field, value, sentence, logged_in):
    sent = {"oldpassword": factories.PASSWORD, "password1": NEW, "password2": NEW, field: value}
    page = logged_in.post("/account/password/change/", sent).content.decode()
    assert sentence in page
    assert f'href="#id_{field}"' in page
    assert "<title>Error: Change your password" in page


def test_a_new_address_counts_once_its_link_is_opened(member, logged_in, django_capture_on_commit_callbacks):
    old = member.email
    with django_capture_on_commit_callbacks(execute=True):
        answer = logged_in.post("/account/email/", {"email": "moved@example.org", "action_add": "1"})
        if "reauthenticate" in answer.url:
            answer = logged_in.post(answer.url, {"password": factories.PASSWORD})
    member.refresh_from_db()
    assert member.email == old
    link = re.search(r"http://localhost:8000(/\S+)", mail.outbox[-1].body)[1]
    assert logged_in.get(link).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        logged_in.post(link)
    member.refresh_from_db()
    assert member.email == "moved@example.org"
    assert old in [message.to[0] for message in mail.outbox], "the old address is told"
    assert AuditEvent.objects.filter(action="account.email_changed").exists()


def test_the_address_of_somebody_else_is_neither_taken_nor_given_away(logged_in, django_capture_on_commit_callbacks):
    other = member_with_address(factories.organisation(), "viewer")
    with django_capture_on_commit_callbacks(execute=True):
        answers = []
        for address in (other.email, "free@example.org"):
            answer = logged_in.post("/account/email/", {"email": address, "action_add": "1"})
            if "reauthenticate" in answer.url:
                answer = logged_in.post(answer.url, {"password": factories.PASSWORD})
            answers.append((answer.status_code, answer.url))
    assert answers[0] == answers[1]
    (message,) = [message for message in mail.outbox if message.to == [other.email]]
    link = re.search(r"http://localhost:8000(/\S+)", message.body)[1]
    assert "cannot be used" in ParsingClient().get(link).content.decode()
    ParsingClient().post(link)
    other.refresh_from_db()
    assert list(EmailAddress.objects.filter(email=other.email, verified=True)) == [other.emailaddress_set.get()]
