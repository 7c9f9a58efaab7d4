"""Authentication by the API key in `Authorization: Bearer` only. Cookies and keys in the address are ignored."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils.module_loading import import_string
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from pooledcare.kernel.rest.problems import HttpProblem

if TYPE_CHECKING:
    from rest_framework.views import APIView

CHALLENGE = 'Bearer realm="PooledCare"'
_BEARER = re.compile(r"[Bb]earer +([\x21-\x7e]{1,200})")


class Client(Protocol):
    """What this package needs to know about a client: the directory's `Actor` provides it, and more."""

    @property
    def reference(self) -> str: ...

    @property
    def is_anonymous(self) -> bool: ...


@lru_cache
def _named(path: str) -> Any:
    return import_string(path)


class ActorAuthentication(BaseAuthentication):
    """Sets `request.auth` to the actor of the key, or to the anonymous actor if no key is sent."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Client]:
        header = request.META.get("HTTP_AUTHORIZATION")
        if header is None:
            return AnonymousUser(), _named(settings.API_ANONYMOUS)
        match = _BEARER.fullmatch(header.strip())
        actor: Client | None = _named(settings.API_AUTHENTICATE)(match.group(1)) if match else None
        if actor is None:
            raise HttpProblem("invalid-key", headers={"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'})
        return AnonymousUser(), actor

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class Denied(BasePermission):
    """The default permission: nobody may use a view that does not declare who may."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        require_key(client_of(request))
        raise HttpProblem("forbidden")


class Public(BasePermission):
    """Anybody may use the view. Its query must return only what is published or belongs to the client."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return True


class KeyHolder(BasePermission):
    """Anybody with a valid key may use the view, which must itself check the permission that it needs."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        require_key(client_of(request))
        return True


def client_of(request: Request) -> Client:
    """The client of a request. Raises a problem 401 if what was sent is not a valid key."""
    return cast(Client, request.auth)


def require_key(client: Client) -> None:
    if client.is_anonymous:
        raise HttpProblem("authentication-required", headers={"WWW-Authenticate": CHALLENGE})
