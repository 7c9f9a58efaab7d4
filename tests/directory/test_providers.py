"""Login at an organisation's OpenID Connect, against a provider that can be made to lie."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.cache import cache
from django.utils import timezone

from pooledcare.directory.actions.invitations import invite_person
from pooledcare.directory.models import Invitation, Membership, Organisation, User
from pooledcare.directory.providers import INVITATION, SocialAccountAdapter
from tests import factories
from tests.directory.logins import is_logged_in, member_with_address

pytestmark = pytest.mark.django_db
ISSUER, CLIENT_ID, PROVIDER = "https://id.example.org", "pooledcare", "sso-example"


class FakeProvider:
    """Answers as an OpenID Connect provider would; `claims` are what its next ID token says."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.sent: dict[str, Any] = {}
        self.configuration = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
            "jwks_uri": f"{ISSUER}/keys",
        }

    def __enter__(self) -> FakeProvider:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def get(self, url: str, **rest: Any) -> FakeAnswer:
        assert url == f"{ISSUER}/.well-known/openid-configuration"
        return FakeAnswer(self.configuration)

    def request(self, method: str, url: str, data: dict[str, Any], **rest: Any) -> FakeAnswer:
        assert (method, url) == ("POST", f"{ISSUER}/token")
        self.sent = data
        now = timezone.now()
        claims = {"iss": ISSUER, "aud": CLIENT_ID, "sub": "abc", "iat": now, "exp": now + dt.timedelta(minutes=5)}
        token = jwt.encode(claims | self.claims, "x" * 32, algorithm="HS256")
        return FakeAnswer({"access_token": "opaque", "token_type": "Bearer", "id_token": token})


class FakeAnswer:
    status_code = 200
    headers = {"content-type": "application/json"}

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body

    def raise_for_status(self) -> None:
        pass

    def json(self) -> dict[str, Any]:
        return self.body


@pytest.fixture
def provider(settings, monkeypatch) -> FakeProvider:
    cache.clear()
    fake = FakeProvider()
    monkeypatch.setattr(SocialAccountAdapter, "get_requests_session", lambda self: fake)
    app = {
        "provider_id": PROVIDER,
        "name": "Mereshire single sign-on",
        "client_id": CLIENT_ID,
        "secret": "s" * 32,
        "settings": {
            "server_url": ISSUER,
            "openid_configuration_overrides": {"issuer": ISSUER},
            "fetch_userinfo": False,
        },
    }
    settings.OIDC_ISSUER, settings.OIDC_NAME = ISSUER, "Mereshire single sign-on"
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}
    return fake


@pytest.fixture
def officer(organisation: Organisation) -> User:
    """A finance officer without a second factor of ours: that is the provider's business."""
    user = member_with_address(organisation, "finance_officer")
    Authenticator.objects.filter(user=user).delete()
    return user


def begin(client) -> dict[str, str]:
    answer = client.post(f"/account/oidc/{PROVIDER}/login/")
    assert answer.url.startswith(f"{ISSUER}/authorize?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.url).query).items()}


def come_back(client, asked: dict[str, str], **changed: str):
    return client.get(f"/account/oidc/{PROVIDER}/login/callback/", {"code": "c", "state": asked["state"]} | changed)


def log_in(client):
    return come_back(client, begin(client))


def test_a_linked_login_opens_everything_that_its_person_may(provider, officer, client):
    SocialAccount.objects.create(user=officer, provider=PROVIDER, uid="abc")
    assert "Mereshire single sign-on" in client.get("/account/login/").content.decode()
    asked = begin(client)
    assert asked["code_challenge_method"] == "S256"
    come_back(client, asked)
    assert provider.sent["code_verifier"]
    assert is_logged_in(client)
    assert client.get("/keys/").status_code == 200


def test_the_same_address_does_not_make_it_the_same_person(provider, officer, client):
    provider.claims = {"sub": "somebody-else", "email": officer.email, "email_verified": True}
    answer = log_in(client)
    assert answer.url == "/account/login/"
    assert "not linked to anybody" in client.get(answer.url).content.decode()
    assert not is_logged_in(client)
    assert SocialAccount.objects.count() == 0


def test_a_subject_of_another_issuer_is_another_person(provider, officer, client):
    SocialAccount.objects.create(user=officer, provider="sso-of-another-issuer", uid="abc")
    log_in(client)
    assert not is_logged_in(client)


def test_an_invitation_is_accepted_with_the_login_of_ones_organisation(provider, organisation, client):
    admin = factories.member(organisation=organisation, roles=["org_admin"])
    _, link = invite_person(
        organisation=organisation, email="new@example.org", roles=["finance_officer"], by=factories.actor(admin)
    )
    client.get(link.removeprefix("http://localhost:8000"))
    assert "Mereshire single sign-on" in client.get("/invitations/accept/").content.decode()
    provider.claims = {"name": "Robin Example", "email": "robin@elsewhere.example"}
    log_in(client)
    person = SocialAccount.objects.get(provider=PROVIDER, uid="abc").user
    assert (person.name, person.email) == ("Robin Example", "new@example.org")
    assert not person.has_usable_password()
    assert Membership.objects.get(user=person).roles == ["finance_officer"]
    assert is_logged_in(client)


def test_somebody_logged_in_links_their_login(provider, officer, client_of):
    client = client_of(officer)
    answer = client.post(f"/account/oidc/{PROVIDER}/login/?process=connect")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.url).query).items()}
    assert come_back(client, asked).url == "/account/reauthenticate/"
    assert not SocialAccount.objects.exists(), "first we ask whether it is really them"
    client.post("/account/reauthenticate/", {"password": factories.PASSWORD})
    assert SocialAccount.objects.get(uid="abc").user == officer


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "https://evil.example"},
        {"iss": ISSUER + "/"},
        {"aud": "another-client"},
        {"aud": ["another-client"]},
        {"exp": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)},
        {"nbf": dt.datetime(2100, 1, 1, tzinfo=dt.UTC)},
    ],
)
def test_a_token_that_is_not_for_us_now_is_refused(lie, provider, officer, client):
    SocialAccount.objects.create(user=officer, provider=PROVIDER, uid="abc")
    provider.claims = lie
    log_in(client)
    assert not is_logged_in(client)


def test_the_issuer_is_the_one_configured_whatever_the_server_says_of_itself(provider, officer, client):
    SocialAccount.objects.create(user=officer, provider=PROVIDER, uid="abc")
    provider.configuration["issuer"] = provider.claims["iss"] = "https://evil.example"
    log_in(client)
    assert not is_logged_in(client)


@pytest.mark.parametrize("changed", [{"state": "guessed"}, {"state": ""}, {"error": "access_denied"}])
def test_an_answer_to_a_question_that_nobody_asked_is_refused(changed, provider, officer, client):
    SocialAccount.objects.create(user=officer, provider=PROVIDER, uid="abc")
    come_back(client, begin(client), **changed)
    assert not is_logged_in(client)


def test_an_answer_counts_in_the_browser_that_asked_only(provider, officer, client):
    from tests.conftest import ParsingClient

    SocialAccount.objects.create(user=officer, provider=PROVIDER, uid="abc")
    victim = ParsingClient()
    come_back(victim, begin(client))
    assert not is_logged_in(victim)


# --- what is made of an answer, without the answer's journey ---------------------------------------------------------

NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)


class Answer:
    """A login at the provider, as allauth hands it on."""

    def __init__(self, *, is_existing: bool = False, process: str = "login", **claims: Any) -> None:
        self.account = SimpleNamespace(extra_data={"id_token": claims})
        self.is_existing, self.state = is_existing, {"process": process}
        self.linked_to: User | None = None
        self.session: dict[str, str] = {}
        self.email_addresses: list[EmailAddress] = []

    def connect(self, request: object, user: User) -> None:
        self.linked_to = user


@pytest.fixture
def judge(rf):
    """What the adapter does with an answer at noon: the sentence of a refusal, or nothing."""

    def made(answer: Answer, token: str | None = None) -> str | None:
        request = rf.get("/")
        request.session = {} if token is None else {INVITATION: token}
        request._messages = FallbackStorage(request)
        try:
            with time_machine.travel(NOON, tick=False):
                SocialAccountAdapter().pre_social_login(request, answer)
        except ImmediateHttpResponse as refusal:
            return f"{refusal.response.url} {'; '.join(map(str, get_messages(request)))}"
        finally:
            answer.session = request.session
        return None

    return made


NOT_YET = "/account/login/ Your organisation’s login gave a response that is not valid yet. Try again."
UNLINKED = (
    "/account/login/ This login is not linked to anybody on PooledCare. Log in with your password and link it on your "
    "account page, or ask an administrator of your organisation to invite you."
)


@pytest.mark.parametrize(("seconds", "sentence"), [(59, None), (60, None), (61, NOT_YET)])
def test_clocks_may_differ_by_a_minute(seconds, sentence, judge):
    assert judge(Answer(is_existing=True, nbf=NOON.timestamp() + seconds)) == sentence


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"is_existing": True}, None),
        ({"process": "connect"}, None),
        ({"process": "login"}, UNLINKED),
        ({"process": "redirect"}, UNLINKED),
        ({"is_existing": True, "nbf": NOON.timestamp() + 61}, NOT_YET),
        ({"process": "connect", "nbf": NOON.timestamp() + 61}, NOT_YET),
    ],
)
def test_a_login_that_is_linked_or_is_being_linked_goes_on_and_any_other_is_refused(answer, sentence, judge):
    assert judge(Answer(**answer)) == sentence


@pytest.fixture
def token(organisation) -> str:
    admin = factories.member(organisation=organisation, roles=["org_admin"])
    with time_machine.travel(NOON, tick=False):
        _, link = invite_person(
            organisation=organisation, email="new@example.org", roles=["viewer"], by=factories.actor(admin)
        )
    return link.rstrip("/").rsplit("/", 1)[1]


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": "Robin Example"}, "Robin Example"),
        ({"name": ""}, "Name not given"),
        ({}, "Name not given"),
        ({"name": 7}, "7"),
        ({"name": "x" * 100}, "x" * 100),
        ({"name": "x" * 101}, "x" * 100),
    ],
)
def test_an_invitation_is_answered_once_under_the_name_that_the_provider_gives(claims, name, judge, token):
    answer = Answer(**claims)
    assert judge(answer, token) is None
    person = User.objects.get(email="new@example.org")
    assert (person.name, person.has_usable_password(), answer.linked_to) == (name, False, person)
    assert [(each.email, each.verified) for each in answer.email_addresses] == [("new@example.org", True)]
    assert answer.session == {}


def test_an_invitation_that_is_no_longer_open_links_nobody(judge, token):
    Invitation.objects.update(withdrawn_at=NOON)
    answer = Answer(name="Robin Example")
    assert judge(answer, token) == (
        "/account/login/ This invitation has expired, was withdrawn, or has been used already. Ask for a new one"
    )
    assert (answer.linked_to, answer.session) == (None, {})
    assert not User.objects.filter(email="new@example.org").exists()


def test_an_address_is_no_proof_and_nobody_signs_up(rf):
    adapter = SocialAccountAdapter()
    assert adapter.can_authenticate_by_email(Answer(), "new@example.org") is False
    assert adapter.is_open_for_signup(rf.get("/"), Answer()) is False


def test_without_a_provider_there_is_no_such_door(client):
    assert client.post(f"/account/oidc/{PROVIDER}/login/").status_code == 404
    assert "single sign-on" not in client.get("/account/login/").content.decode()


def test_the_settings_name_what_is_missing():
    import os
    import subprocess
    import sys

    environment = os.environ | {"OIDC_ISSUER": "https://id.example.org"}
    done = subprocess.run(
        [sys.executable, "-c", "import pooledcare.settings"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "OIDC_CLIENT_ID is not set. OIDC_CLIENT_SECRET is not set." in done.stderr
