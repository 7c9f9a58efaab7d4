"""Who is asking: the key in `Authorization: Bearer`, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from rest_framework.views import APIView

from pooledcare.kernel.rest.authentication import (
    ActorAuthentication,
    Denied,
    KeyHolder,
    Public,
    client_of,
    require_key,
)
from tests.kernel.rest.conftest import Somebody, get, refusal

NOBODY = Somebody("anonymous", is_anonymous=True)
OWNER = Somebody("key:a")
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="PooledCare"'}
asked: list[str] = []


def one_key(token: str) -> Somebody | None:
    """Stands for the app's table of keys: one key is known."""
    asked.append(token)
    return OWNER if token in ("good", "g", "!~", "g" * 200) else None


@pytest.fixture(autouse=True)
def _keys(settings):
    asked.clear()
    settings.API_AUTHENTICATE = f"{__name__}.one_key"
    settings.API_ANONYMOUS = f"{__name__}.NOBODY"


def authenticated(header: str | None, **more: Any) -> Any:
    return ActorAuthentication().authenticate(get(**more, **({} if header is None else {"HTTP_AUTHORIZATION": header})))


def test_without_a_key_the_client_is_anonymous():
    user, client = authenticated(None)
    assert (type(user), client, asked) == (AnonymousUser, NOBODY, [])


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer good", "good"),
        ("bearer good", "good"),
        ("Bearer   good", "good"),
        ("  Bearer good\t", "good"),
        ("Bearer g", "g"),
        ("Bearer !~", "!~"),
        ("Bearer " + "g" * 200, "g" * 200),
    ],
)
def test_a_known_key_is_its_client(header, token):
    user, client = authenticated(header)
    assert (type(user), client, asked) == (AnonymousUser, OWNER, [token])


def assert_invalid(header: str) -> None:
    problem = refusal(lambda: authenticated(header))
    assert problem.kind.slug == "invalid-key"
    assert problem.headers == {"WWW-Authenticate": 'Bearer realm="PooledCare", error="invalid_token"'}


@pytest.mark.parametrize("header", ["Bearer bad", "Bearer Good"])
def test_an_unknown_key_is_refused(header):
    assert_invalid(header)
    assert asked == [header.removeprefix("Bearer ")]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearergood",
        "BEARER good",
        "Token good",
        "good",
        "Bearer good good",
        "Bearer good,",
        "xBearer good",
        "Bearer\tgood",
        "Bearer g\u00e9",
        "Bearer g\x7f",
        "Bearer " + "g" * 201,
    ],
)
def test_what_is_not_written_as_a_key_is_refused(header):
    assert_invalid(header)
    assert "good" not in asked


def test_other_places_for_a_key_are_ignored():
    _, client = authenticated(None, path="/?key=good&access_token=good", HTTP_COOKIE="key=good", HTTP_X_API_KEY="good")
    assert (client, asked) == (NOBODY, [])


def test_the_challenge_names_the_scheme():
    assert ActorAuthentication().authenticate_header(get()) == CHALLENGE["WWW-Authenticate"]


def asks(client: Somebody) -> Any:
    request = get()
    request.auth = client
    request.user = AnonymousUser()
    return request


def test_the_client_is_whoever_the_key_named():
    assert client_of(asks(OWNER)) is OWNER
    require_key(OWNER)
    problem = refusal(lambda: require_key(NOBODY))
    assert (problem.kind.slug, problem.headers) == ("authentication-required", CHALLENGE)


def test_anybody_may_use_what_is_public():
    assert Public().has_permission(asks(NOBODY), APIView()) is True
    assert Public().has_permission(asks(OWNER), APIView()) is True


def test_a_key_is_needed_where_it_says_so():
    assert KeyHolder().has_permission(asks(OWNER), APIView()) is True
    problem = refusal(lambda: KeyHolder().has_permission(asks(NOBODY), APIView()))
    assert problem.kind.slug == "authentication-required"


def test_a_view_that_says_nothing_may_be_used_by_nobody():
    assert refusal(lambda: Denied().has_permission(asks(OWNER), APIView())).kind.slug == "forbidden"
    assert refusal(lambda: Denied().has_permission(asks(NOBODY), APIView())).kind.slug == "authentication-required"
