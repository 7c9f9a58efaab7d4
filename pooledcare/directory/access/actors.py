"""Actors: an anonymous visitor, a person with open memberships, an API key, or PooledCare itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.db import connection
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils import timezone

from pooledcare.directory.access.roles import KEY_PERMISSIONS, ROLES, P, Permission, has_role_that_writes
from pooledcare.directory.models import ApiKey, Membership, Organisation, User


@dataclass(frozen=True)
class Scope:
    """Where a permission is needed: one organisation, or England (`organisation` is None)."""

    organisation_id: int | None = None


ENGLAND = Scope()


@dataclass
class Actor:
    """Who makes a request or a change, and what they may do. Permissions are as they were when it was made."""

    reference: str = "anonymous"
    label: str = "Anonymous visitor"
    person: User | None = None
    key: ApiKey | None = None
    grants: dict[int, frozenset[Permission]] = field(default_factory=dict)  # organisation id -> permissions
    organisations: dict[int, Organisation] = field(default_factory=dict)
    roles: dict[int, tuple[str, ...]] = field(default_factory=dict)  # organisation id -> keys of roles
    has_second_factor: bool = False
    needs_second_factor: bool = False  # a role that writes, so no permissions until a second factor is set up
    is_system: bool = False

    @property
    def is_anonymous(self) -> bool:
        return not self.is_system and self.person is None and self.key is None

    @cached_property
    def readable_organisation_ids(self) -> tuple[int, ...]:
        """The ids of the organisations whose unpublished figures this actor may read, in a stable order."""
        return tuple(sorted(pk for pk, granted in self.grants.items() if P.READ_UNPUBLISHED in granted))

    def holds(self, permission: Permission) -> list[Organisation]:
        """The organisations in which the actor has the permission, by name."""
        found = [self.organisations[pk] for pk, granted in self.grants.items() if permission in granted]
        return sorted(found, key=lambda organisation: organisation.name)

    @property
    def writes(self) -> bool:
        """Whether any role of the person allows changes."""
        return any(has_role_that_writes(keys) for keys in self.roles.values())


ANONYMOUS = Actor()


def person_actor(user: User) -> Actor:
    """The actor for a person, with all permissions from their open memberships."""
    actor = Actor(reference=f"user:{user.pk}", label=user.name, person=user)
    if not user.is_active or user.is_demo_elsewhere:
        return actor
    second_factor = Authenticator.objects.filter(user_id=OuterRef("user_id"), type=Authenticator.Type.TOTP)
    memberships = Membership.objects.active().filter(user=user).select_related("organisation")
    for membership in memberships.annotate(has_second_factor=Exists(second_factor)):
        actor.grants[membership.organisation_id] = _permissions(membership.roles)
        actor.organisations[membership.organisation_id] = membership.organisation
        actor.roles[membership.organisation_id] = tuple(membership.roles)
        actor.has_second_factor = membership.has_second_factor
    return actor


def request_actor(request: HttpRequest) -> Actor:
    """The actor of a session. A person with a role that writes has no permissions until a second factor is set up.

    After a login through an organisation's OpenID Connect, that organisation is responsible for the second factor.
    """
    user = request.user
    if not isinstance(user, User):
        return ANONYMOUS
    actor = person_actor(user)
    if not actor.writes or actor.has_second_factor or logged_in_by_provider(request):
        return actor
    return Actor(reference=actor.reference, label=actor.label, person=user, needs_second_factor=True)


def logged_in_by_provider(request: HttpRequest) -> bool:
    return any(record.get("method") == "socialaccount" for record in get_authentication_records(request, request.user))


def key_actor(key: ApiKey) -> Actor:
    """The actor for an API key. It has those of the key's permissions that its maker still has in the organisation."""
    accountable = _granted_at(key.created_by, key.organisation_id)
    granted = frozenset(Permission(name) for name in key.permissions if name in KEY_PERMISSIONS) & accountable
    return Actor(
        reference=f"key:{key.prefix}",
        label=f"Key {key.name}",
        person=key.created_by,
        key=key,
        grants={key.organisation_id: granted},
        organisations={key.organisation_id: key.organisation},
    )


def _granted_at(user: User, organisation_id: int) -> frozenset[Permission]:
    """A person's permissions at one organisation. Faster than `person_actor`, as every request to the API needs it."""
    if not user.is_active or user.is_demo_elsewhere:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(_ROLES, [user.pk, organisation_id])
        row = cursor.fetchone()
    return frozenset() if row is None else _permissions(*row)


_ROLES = "select roles from directory_membership where user_id = %s and organisation_id = %s and ended_at is null"


def _permissions(roles: Iterable[str]) -> frozenset[Permission]:
    return frozenset(p for key in roles if key in ROLES for p in ROLES[key].permissions)


def system_actor(name: str) -> Actor:
    """PooledCare itself, for loading reference data and background work. It may do everything; the audit names it."""
    return Actor(reference=f"system:{name}", label="PooledCare", is_system=True)


def actor_for(reference: str) -> Actor:
    """The actor for a stored reference, with today's permissions: none if the person or key is no longer active."""
    kind, _, name = reference.partition(":")
    if kind == "system":
        return system_actor(name)
    if kind == "user":
        user = User.objects.filter(pk=name).first()
        return Actor(reference=reference) if user is None else person_actor(user)
    working = ApiKey.objects.filter(prefix=name, revoked_at=None, expires_at__gt=timezone.now())
    key = working.select_related("organisation", "created_by").first()
    return Actor(reference=reference) if key is None else key_actor(key)
