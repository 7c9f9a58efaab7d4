"""Logging in as a person would, page by page, for the tests that are about logging in."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.test import Client

from pooledcare.directory.models import Organisation, User
from pooledcare.directory.second_factor import current_code
from tests import factories


def member_with_address(organisation: Organisation, *roles: str) -> User:
    """A member whose address is confirmed, as it is for everybody who came by invitation."""
    user = factories.member(organisation=organisation, roles=list(roles))
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def give_password(client: Client, email: str, password: str = factories.PASSWORD, query: str = ""):
    return client.post(f"/account/login/{query}", {"login": email, "password": password})


def give_code(client: Client, code: str | None = None):
    return client.post("/account/second-factor/authenticate/", {"code": code or current_code(factories.TOTP_SECRET)})


def is_logged_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200
