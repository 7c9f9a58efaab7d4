"""Who is asking: nobody, a person with open memberships, an API key, or PooledCare itself."""

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
    """Where a permission is asked for: one organisation, or England (organisation is None)."""

    organisation_id: int | None = None


ENGLAND = Scope()


@dataclass
class Actor:
    """Who is asking: nobody, a person, an API key or PooledCare itself."""

    reference: str = "anonymous"
    label: str = "Anonymous visitor"
    person: User | None = None
    key: ApiKey | None = None
    grants: dict[int, frozenset[Permission]] = field(default_factory=dict)  # organisation id -> permissions
    organisations: dict[int, Organisation] = field(default_factory=dict)
    roles: dict[int, tuple[str, ...]] = field(default_factory=dict)  # organisation id -> keys of roles
    has_second_factor: bool = False
    needs_second_factor: bool = False  # a person who may write, and may do nothing until it is set up
    is_system: bool = False

    @property
    def is_anonymous(self) -> bool:
        return not self.is_system and self.person is None and self.key is None

    @cached_property
    def organisation_ids(self) -> tuple[int, ...]:
        """Organisations whose unpublished figures this actor may read, in a stable order."""
        return tuple(sorted(pk for pk, granted in self.grants.items() if P.READ_UNPUBLISHED in granted))

    def holds(self, permission: Permission) -> list[Organisation]:
        """Organisations in which the actor has the permission, by name."""
        found = [self.organisations[pk] for pk, granted in self.grants.items() if permission in granted]
        return sorted(found, key=lambda organisation: organisation.name)

    @property
    def writes(self) -> bool:
        """Whether any role that the person holds may change something."""
        return any(has_role_that_writes(keys) for keys in self.roles.values())


ANONYMOUS = Actor()


def person_actor(user: User) -> Actor:
    """A person with everything that their open memberships grant."""
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
    """The person of a session; one who may write does nothing at all before their second factor is set up.

    The organisation's own OpenID Connect counts instead: the second factor is its business then.
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
    """An API key: its permissions in its organisation, as far as the person accountable for it still holds them."""
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
    """What a person may do at one organisation: `person_actor` without the rest, for it is asked with every request of
    the API."""
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
    """PooledCare itself, for reference loads and background work; may do everything, and is named in the audit."""
    return Actor(reference=f"system:{name}", label="PooledCare", is_system=True)


def actor_for(reference: str) -> Actor:
    """Whoever a stored reference names, with what they may do today; somebody who is gone may do nothing."""
    kind, _, name = reference.partition(":")
    if kind == "system":
        return system_actor(name)
    if kind == "user":
        user = User.objects.filter(pk=name).first()
        return Actor(reference=reference) if user is None else person_actor(user)
    working = ApiKey.objects.filter(prefix=name, revoked_at=None, expires_at__gt=timezone.now())
    key = working.select_related("organisation", "created_by").first()
    return Actor(reference=reference) if key is None else key_actor(key)
