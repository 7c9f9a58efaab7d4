"""Login at an organisation's OpenID Connect, against a provider that can be made to lie."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.utils import timezone

from pooledcare.directory.actions.invitations import invite_person
from pooledcare.directory.models import Membership, Organisation, User
from pooledcare.directory.providers import SocialAccountAdapter
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
