"""Logging in: password, then a code that counts once; limits on guessing, and nothing said about who exists."""

from __future__ import annotations

import datetime as dt
import re
import statistics
import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from pooledcare.directory.access import Permission, can
from pooledcare.directory.models import AuditEvent, Organisation
from pooledcare.directory.second_factor import MFAAdapter, current_code
from tests import factories
from tests.conftest import ParsingClient
from tests.directory.logins import give_code, give_password, is_logged_in, member_with_address

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 6, 1, 12, 0, 5, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _no_limits_left_over(db):
    cache.clear()


@pytest.fixture
def officer(organisation: Organisation):
    return member_with_address(organisation, "finance_officer")


@pytest.fixture
def viewer(organisation: Organisation):
    user = member_with_address(organisation, "viewer")
    Authenticator.objects.filter(user=user).delete()
    return user


def test_password_and_code_lead_back_to_where_one_came_from(client, officer):
    assert client.get("/keys/").url == "/account/login/?next=/keys/"
    answer = client.post("/account/login/", {"login": officer.email, "password": factories.PASSWORD, "next": "/keys/"})
    assert answer.url == "/account/second-factor/authenticate/"
    assert not is_logged_in(client), "the password alone is not enough"
    assert give_code(client).url == "/keys/"
    assert is_logged_in(client)
    line = AuditEvent.objects.get()
    assert (line.action, line.subject) == ("account.logged_in", f"user:{officer.pk}")


def test_a_form_without_answers_says_what_is_missing_and_where(client):
    page = client.post("/account/login/", {}).content.decode()
    assert "<title>Error: Log in" in page
    for field, sentence in (("login", "Enter your email address"), ("password", "Enter your password")):
        assert f'href="#id_{field}"' in page
        assert f'id="id_{field}"' in page
        assert page.count(sentence) == 2


def test_case_of_the_address_does_not_matter(client, viewer):
    give_password(client, viewer.email.upper())
    assert is_logged_in(client)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http:///evil"]
)
def test_a_login_never_leads_to_another_site(target, client, viewer):
    answer = client.post("/account/login/", {"login": viewer.email, "password": factories.PASSWORD, "next": target})
    assert answer.url == "/"


def test_logging_in_gives_the_session_a_new_key(client, viewer):
    client.get("/invitations/whatever/")
    planted = client.session.session_key
    give_password(client, viewer.email)
    assert is_logged_in(client)
    assert client.session.session_key != planted


def test_whoever_may_write_sets_up_a_second_factor_before_anything_else(
    client, officer, django_capture_on_commit_callbacks
):
    Authenticator.objects.filter(user=officer).delete()
    answer = client.post("/account/login/", {"login": officer.email, "password": factories.PASSWORD, "next": "/keys/"})
    assert answer.url == "/account/second-factor/set-up/"
    for page in ("/keys/", "/account/", "/keys/new/"):
        assert client.get(page).url == "/account/second-factor/set-up/"
    assert "pc_" not in client.post("/keys/new/", {"name": "x", "permissions": ["read_unpublished"]}).content.decode()
    page = client.get(client.get("/keys/").url)
    if page.status_code == 302:  # allauth asks for the password once more before it shows a secret
        client.post("/account/reauthenticate/", {"password": factories.PASSWORD})
        page = client.get("/account/second-factor/set-up/")
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page.content.decode())[1]
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/account/second-factor/set-up/", {"code": current_code(secret)})
    assert answer.url == "/account/second-factor/recovery-codes/"
    codes = client.get(answer.url).content.decode()
    assert len(re.findall(r"<li>\d{8}</li>", codes)) == 10
    assert 'href="/keys/"' in codes, "it leads on to the page that was asked for"
    assert client.get("/keys/").status_code == 200
    assert AuditEvent.objects.filter(action="account.second_factor_set_up").exists()


def test_without_a_second_factor_a_writer_has_no_right_anywhere(rf, officer, client_of):
    Authenticator.objects.filter(user=officer).delete()
    client = client_of(officer)
    client.get("/")
    from pooledcare.directory.access import request_actor

    request = rf.get("/")
    request.user, request.session = officer, client.session
    actor = request_actor(request)
    assert actor.needs_second_factor
    assert not any(can(actor, permission) for permission in Permission)


# One code, one use


def test_a_code_is_accepted_once_for_as_long_as_it_is_valid(officer):
    with time_machine.travel(NOON, tick=False) as clock:
        first = ParsingClient()
        give_password(first, officer.email)
        code = current_code(factories.TOTP_SECRET)
        assert give_code(first, code).status_code == 302
        for seconds in (0, 25, 54):  # still this code, then within the tolerance of the next half minute
            clock.move_to(NOON + dt.timedelta(seconds=seconds))
            replay = ParsingClient()
            give_password(replay, officer.email)
            assert "not correct, or it has been used" in give_code(replay, code).content.decode()
            assert not is_logged_in(replay)


def test_the_next_code_is_accepted(officer):
    with time_machine.travel(NOON, tick=False) as clock:
        first, second = ParsingClient(), ParsingClient()
        give_password(first, officer.email)
        assert give_code(first).status_code == 302
        clock.shift(30)
        give_password(second, officer.email)
        assert give_code(second).status_code == 302


@pytest.mark.parametrize(("drift", "accepted"), [(-35, True), (35, True), (-70, False), (70, False)])
def test_a_clock_may_be_half_a_minute_off(drift, accepted, client, officer):
    with time_machine.travel(NOON, tick=False):
        give_password(client, officer.email)
        code = current_code(factories.TOTP_SECRET, at=time.time() + drift)
        assert (give_code(client, code).status_code == 302) is accepted


def test_codes_cannot_be_guessed_without_end(client, officer):
    give_password(client, officer.email)
    answers = [give_code(client, f"{guess:06d}").content.decode() for guess in range(12)]
    assert "Too many" in answers[-1]
    assert not is_logged_in(client)


def test_a_recovery_code_works_once(client, officer):
    codes = RecoveryCodes.activate(officer).get_unused_codes()
    give_password(client, officer.email)
    assert give_code(client, codes[0]).status_code == 302
    again = ParsingClient()
    give_password(again, officer.email)
    assert give_code(again, codes[0]).status_code == 200
    assert give_code(again, codes[1]).status_code == 302


def test_secrets_are_unreadable_in_the_database_and_survive_a_new_key(officer, settings):
    row = Authenticator.objects.get(user=officer)
    assert factories.TOTP_SECRET not in str(row.data)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-key-of-more-than-thirty-two-characters"
    assert MFAAdapter().decrypt(row.data["secret"]) == factories.TOTP_SECRET


# Guessing passwords, and learning who exists


def test_five_wrong_passwords_and_even_the_right_one_waits(client, viewer):
    for _ in range(5):
        assert "is not correct" in give_password(client, viewer.email, "wrong password, wrong").content.decode()
    assert "Too many attempts" in give_password(client, viewer.email).content.decode()
    assert not is_logged_in(client)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=6)):
        give_password(client, viewer.email)
        assert is_logged_in(client)


def test_others_can_log_in_meanwhile(client, viewer, officer):
    for _ in range(6):
        give_password(client, viewer.email, "wrong password, wrong")
    assert give_password(ParsingClient(), officer.email).status_code == 302


def test_one_address_of_the_internet_cannot_try_many_accounts(client):
    answers = [give_password(client, f"guess{n}@example.org", "wrong password, wrong") for n in range(12)]
    assert "Too many attempts" in answers[-1].content.decode()


@pytest.mark.slow
def test_a_flood_of_logins_is_answered_429_in_the_house(client):
    statuses = [give_password(client, f"guess{n}@example.org", "x").status_code for n in range(32)]
    assert statuses[-1] == 429


def same_but_for_tokens(html: str) -> str:
    return re.sub(r'value="[A-Za-z0-9]{64}"|[0-9a-f-]{36}', "", html)


def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(client, viewer):
    known = give_password(client, viewer.email, "wrong password, wrong").content.decode()
    unknown = give_password(client, "nobody@example.org", "wrong password, wrong").content.decode()
    assert same_but_for_tokens(known.replace(viewer.email, "X")) == same_but_for_tokens(
        unknown.replace("nobody@example.org", "X")
    )


@pytest.mark.slow
def test_an_unknown_address_takes_as_long_as_a_wrong_password(viewer, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    viewer.set_password(factories.PASSWORD)
    viewer.save()
    times: dict[str, list[int]] = {viewer.email: [], "nobody@example.org": []}
    for _ in range(7):
        for email, taken in times.items():
            cache.clear()
            client = ParsingClient()
            started = time.process_time_ns()
            give_password(client, email, "wrong password, wrong")
            taken.append(time.process_time_ns() - started)
    known, unknown = (statistics.median(taken) for taken in times.values())
    assert 0.6 < unknown / known < 1.7


def test_asking_for_a_new_password_says_the_same_to_everybody(client, viewer, django_capture_on_commit_callbacks):
    answers = []
    for email in (viewer.email, "nobody@example.org"):
        with django_capture_on_commit_callbacks(execute=True):
            answers.append(client.post("/account/password/reset/", {"email": email}).url)
    assert answers == ["/account/password/reset/done/"] * 2
    assert [message.to[0] for message in mail.outbox] == [viewer.email, "nobody@example.org"]
    assert mail.outbox[0].subject == mail.outbox[1].subject


def test_a_closed_account_cannot_log_in(client, viewer):
    viewer.is_active = False
    viewer.save()
    give_password(client, viewer.email)
    assert not is_logged_in(client)


def test_nobody_signs_up_by_themselves(client):
    assert "by invitation" in client.get("/account/signup/").content.decode()
    client.post("/account/signup/", {"email": "new@example.org", "password1": "seventeen herons by the weir"})
    from pooledcare.directory.models import User

    assert not User.objects.filter(email="new@example.org").exists()
