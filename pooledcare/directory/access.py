"""Who may do what: permissions, roles, and the one question `can(actor, permission, scope)`.

Views and the API guard themselves with `@requires`, and every action asks again. What a person may do comes
from memberships alone; anonymous people may read what has been published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from pooledcare.directory.models import ApiKey, Membership, Organisation, User
from pooledcare.directory.terms import COUNCIL_KINDS, NHS_KINDS, OrganisationKind


class Permission(StrEnum):
    READ_UNPUBLISHED = "read_unpublished"
    UPLOAD_ALLOCATIONS = "upload_allocations"
    ACCEPT_ALLOCATIONS = "accept_allocations"
    PUBLISH_FOR_HOLDERS = "publish_for_holders"
    WAIVE_SECOND_PERSON = "waive_second_person"
    MANAGE_MEMBERS = "manage_members"
    MAKE_KEYS = "make_keys"
    MANAGE_KEYS = "manage_keys"
    READ_AUDIT = "read_audit"


P = Permission


@dataclass(frozen=True)
class Role:
    """A stable name, what people see, and what it allows. `writes` roles need a second factor."""

    key: str
    label: str
    purpose: str
    permissions: frozenset[Permission]
    held_by: frozenset[str] | None = None  # kinds of organisation; None: any
    holder_codes: frozenset[str] | None = None  # only these organisations

    @property
    def writes(self) -> bool:
        return bool(self.permissions - {P.READ_UNPUBLISHED, P.READ_AUDIT})


def _role(key: str, label: str, purpose: str, *permissions: Permission, **limits: Any) -> Role:
    return Role(key, label, purpose, frozenset({P.READ_UNPUBLISHED, *permissions}), **limits)


PUBLISHERS = frozenset({"X24", "MHCLG"})

ROLES: dict[str, Role] = {
    role.key: role
    for role in [
        _role("viewer", "Viewer", "Reads what the organisation has not published yet."),
        _role(
            "finance_officer",
            "Finance officer",
            "Uploads and corrects figures; a second person accepts them.",
            P.UPLOAD_ALLOCATIONS,
            P.MAKE_KEYS,
        ),
        _role(
            "finance_approver",
            "Finance approver",
            "Accepts and reverses what a colleague has uploaded.",
            P.ACCEPT_ALLOCATIONS,
            P.MAKE_KEYS,
        ),
        _role("pool_manager", "Pool manager", "Runs a pooled fund."),
        _role("governance_lead", "Governance lead", "Keeps the registers of interests."),
        _role("policy_officer", "Policy officer", "Runs consultations."),
        _role(
            "org_admin",
            "Organisation administrator",
            "Invites, changes and removes members; manages keys; may waive the second person for allocations.",
            P.MANAGE_MEMBERS,
            P.MANAGE_KEYS,
            P.MAKE_KEYS,
            P.WAIVE_SECOND_PERSON,
            P.READ_AUDIT,
        ),
        _role("auditor", "Auditor", "Reads the audit trail and changes nothing.", P.READ_AUDIT),
        _role("hwb_member", "Health and wellbeing board member", "Reads what the place's partners share."),
        _role(
            "publisher",
            "Publisher",
            "Publishes allocations for the holders that the organisation funds.",
            P.PUBLISH_FOR_HOLDERS,
            P.UPLOAD_ALLOCATIONS,
            P.MAKE_KEYS,
            holder_codes=PUBLISHERS,
        ),
    ]
}


def roles_for(organisation: Organisation) -> list[Role]:
    """The roles that members of this organisation may hold."""
    return [role for role in ROLES.values() if role.holder_codes is None or organisation.code in role.holder_codes]


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


ANONYMOUS = Actor()


def person_actor(user: User) -> Actor:
    """A person with everything that their open memberships grant."""
    actor = Actor(reference=f"user:{user.pk}", label=user.name, person=user)
    if not user.is_active:
        return actor
    for membership in Membership.objects.active().filter(user=user).select_related("organisation"):
        granted = frozenset(p for key in membership.roles if key in ROLES for p in ROLES[key].permissions)
        actor.grants[membership.organisation_id] = granted
        actor.organisations[membership.organisation_id] = membership.organisation
    return actor


def key_actor(key: ApiKey) -> Actor:
    """An API key: its permissions in its organisation, as far as the person accountable for it still holds them."""
    accountable = person_actor(key.created_by).grants.get(key.organisation_id, frozenset())
    granted = frozenset(Permission(name) for name in key.permissions) & accountable
    return Actor(
        reference=f"key:{key.prefix}",
        label=f"Key {key.name}",
        person=key.created_by,
        key=key,
        grants={key.organisation_id: granted},
        organisations={key.organisation_id: key.organisation},
    )


def system_actor(name: str) -> Actor:
    """PooledCare itself, for reference loads and background work; may do everything, and is named in the audit."""
    return Actor(reference=f"system:{name}", label="PooledCare", is_system=True)


def can(actor: Actor, permission: Permission, scope: Scope | Organisation = ENGLAND) -> bool:
    """Whether `actor` has `permission` in `scope`; with England as scope, in any organisation at all."""
    if actor.is_system:
        return True
    organisation_id = scope.pk if isinstance(scope, Organisation) else scope.organisation_id
    if organisation_id is None:
        return any(permission in granted for granted in actor.grants.values())
    return permission in actor.grants.get(organisation_id, frozenset())


def may_submit_for(actor: Actor, *, submitting: Organisation, holder: Organisation) -> bool:
    """Whether figures uploaded by `submitting` may speak about `holder`.

    An organisation speaks for itself; NHS England for NHS bodies and MHCLG for councils that they fund.
    """
    if holder.pk == submitting.pk:
        return True
    if not can(actor, P.PUBLISH_FOR_HOLDERS, submitting):
        return False
    return holder.kind in holder_kinds_funded_by(submitting)


def holder_kinds_funded_by(publisher: Organisation) -> frozenset[str]:
    """Kinds of organisation for which a publisher may speak."""
    if publisher.kind == OrganisationKind.NHS_ENGLAND:
        return frozenset(NHS_KINDS)
    if publisher.kind == OrganisationKind.GOVERNMENT_DEPARTMENT:
        return frozenset(COUNCIL_KINDS)
    return frozenset()


class ActorMiddleware:
    """Gives every request its `actor`; API requests get theirs from the key they carry (`kernel.rest`)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        request.actor = person_actor(user) if isinstance(user, User) and user.is_authenticated else ANONYMOUS  # type: ignore[attr-defined]
        return self.get_response(request)


def requires(permission: Permission | None = None) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Guards a view: a login first, then the permission somewhere; the view itself narrows to its scope.

    With no permission it asks for a login only. The guard is kept on the view as `required_permission`, so that
    the access matrix can read it.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor: Actor = request.actor  # type: ignore[attr-defined]
            if actor.is_anonymous:
                return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
            if permission is not None and not can(actor, permission):
                raise PermissionDenied(refusal(permission))
            return view(request, *args, **kwargs)

        guarded.required_permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def roles_with(permission: Permission) -> Iterable[Role]:
    return (role for role in ROLES.values() if permission in role.permissions)


def refusal(permission: Permission) -> str:
    """The sentence that says which role would be needed."""
    names = " or ".join(role.label.lower() for role in roles_with(permission))
    return f"You need the role {names} to do this. An administrator of your organisation can give it to you."
