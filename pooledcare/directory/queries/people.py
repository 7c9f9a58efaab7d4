"""Queries on members, invitations, keys and a person's own account, for pages.

Functions that take the actor find only what is in the actor's own organisations.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.utils import timezone

from pooledcare.directory.access import ROLES, Actor, Permission, person_actor
from pooledcare.directory.models import ApiKey, Invitation, Membership, Organisation, User


@dataclass(frozen=True)
class Member:
    pk: int
    name: str
    email: str
    roles: tuple[str, ...]
    since: dt.datetime
    last_login: dt.datetime | None
    has_second_factor: bool
    is_self: bool


@dataclass(frozen=True)
class Key:
    prefix: str
    name: str
    permissions: tuple[str, ...]
    made_by: str
    made_at: dt.datetime
    last_day: dt.date
    last_used_on: dt.date | None
    state: str
    is_own: bool


def role_labels(keys: list[str]) -> tuple[str, ...]:
    return tuple(ROLES[key].label for key in keys if key in ROLES)


def members(*, organisation: Organisation, actor: Actor) -> list[Member]:
    """The current members of the organisation, by name."""
    second_factor = Authenticator.objects.filter(user_id=OuterRef("user_id"), type=Authenticator.Type.TOTP)
    rows = Membership.objects.active().filter(organisation=organisation).select_related("user")
    own = actor.person.pk if actor.person else None
    return [
        Member(
            pk=row.pk,
            name=row.user.name,
            email=row.user.email,
            roles=role_labels(row.roles),
            since=row.started_at,
            last_login=row.user.last_login,
            has_second_factor=row.has_second_factor,
            is_self=row.user_id == own,
        )
        for row in rows.annotate(has_second_factor=Exists(second_factor)).order_by("user__name", "pk")
    ]


def able_to_do_both(*, organisation: Organisation) -> list[str]:
    """The names of members who may both prepare and accept figures, and so could do both if the rule is waived."""
    rows = Membership.objects.active().filter(organisation=organisation).select_related("user")
    return [row.user.name for row in rows.order_by("user__name", "pk") if _may_do_both(row.roles)]


def names_of_those_with(permission: Permission, *, organisation: Organisation, but: User | None = None) -> list[str]:
    """The names of members with the permission, except one of them. One query."""
    rows = Membership.objects.active().filter(organisation=organisation, user__is_active=True).select_related("user")
    if but is not None:
        rows = rows.exclude(user=but)
    return [
        row.user.name
        for row in rows.order_by("user__name", "pk")
        if any(permission in ROLES[key].permissions for key in row.roles if key in ROLES)
    ]


def names_known_to(actor: Actor, references: Iterable[str]) -> dict[str, str]:
    """Names by reference, for references like user:7 and key:ab12, of those that the actor may know.

    These are people who are or were members of an organisation of the actor. A key has the name of the person who is
    accountable for it. Two queries for any number of references.
    """
    wanted = set(references)
    numbers = {int(one[5:]) for one in wanted if one.startswith("user:") and one[5:].isdecimal()}
    prefixes = {one[4:] for one in wanted if one.startswith("key:")}
    known = User.objects.filter(memberships__organisation__in=list(actor.organisations))
    keys = ApiKey.objects.filter(prefix__in=prefixes, created_by__in=known).select_related("created_by")
    return {f"user:{one.pk}": one.name for one in known.filter(pk__in=numbers).distinct()} | {
        f"key:{one.prefix}": f"Key {one.prefix} ({one.created_by.name})" for one in keys
    }


def _may_do_both(keys: list[str]) -> bool:
    held = {permission for key in keys if key in ROLES for permission in ROLES[key].permissions}
    return {Permission.UPLOAD_ALLOCATIONS, Permission.ACCEPT_ALLOCATIONS} <= held


def open_invitations(*, organisation: Organisation) -> list[Invitation]:
    """Invitations that were neither accepted nor withdrawn, newest first."""
    return list(Invitation.objects.open().filter(organisation=organisation).order_by("-invited_at", "pk"))


def membership_in_scope(*, actor: Actor, pk: int) -> Membership:
    found = Membership.objects.active().select_related("organisation", "user")
    row = found.filter(pk=pk, organisation_id__in=actor.organisations).first()
    if row is None:
        raise Http404
    return row


def invitation_in_scope(*, actor: Actor, pk: int) -> Invitation:
    found = Invitation.objects.open().select_related("organisation")
    row = found.filter(pk=pk, organisation_id__in=actor.organisations).first()
    if row is None:
        raise Http404
    return row


def invitation_by_hash(*, token_hash: str) -> Invitation | None:
    """An open invitation that has not expired."""
    row = Invitation.objects.open().select_related("organisation").filter(token_hash=token_hash).first()
    return None if row is None or row.has_expired else row


def person_with_address(*, email: str) -> User | None:
    return User.objects.filter(email__iexact=email).first()


def keys(*, organisation: Organisation, actor: Actor, all_of_them: bool) -> list[Key]:
    """The keys of the organisation, working ones first: all, or only the actor's own."""
    rows = ApiKey.objects.filter(organisation=organisation).select_related("created_by")
    own = actor.person.pk if actor.person else None
    if not all_of_them:
        rows = rows.filter(created_by_id=own)
    rights: dict[int, frozenset[str]] = {}
    found = []
    for row in rows.order_by("-created_at", "pk"):
        if row.created_by_id not in rights:
            granted = person_actor(row.created_by).grants.get(organisation.pk, frozenset())
            rights[row.created_by_id] = frozenset(permission.value for permission in granted)
        found.append(_key(row, rights[row.created_by_id], own))
    return sorted(found, key=lambda key: key.state != WORKS)


WORKS, REVOKED, EXPIRED, POWERLESS = "Works", "Revoked", "Expired", "Its owner has lost the rights"


def _key(row: ApiKey, rights: frozenset[str], own: int | None) -> Key:
    if row.revoked_at is not None:
        state = REVOKED
    elif row.expires_at <= timezone.now():
        state = EXPIRED
    else:
        state = WORKS if rights & set(row.permissions) else POWERLESS
    return Key(
        prefix=row.prefix,
        name=row.name,
        permissions=tuple(row.permissions),
        made_by=row.created_by.name,
        made_at=row.created_at,
        last_day=row.last_day,
        last_used_on=row.last_used_on,
        state=state,
        is_own=row.created_by_id == own,
    )


def key_in_scope(*, actor: Actor, prefix: str) -> ApiKey:
    rows = ApiKey.objects.select_related("organisation", "created_by")
    row = rows.filter(prefix=prefix, organisation_id__in=actor.organisations).first()
    if row is None:
        raise Http404
    return row


def memberships_of(*, person: User) -> list[Membership]:
    return list(Membership.objects.active().filter(user=person).select_related("organisation"))


def sessions_of(*, person: User) -> list[UserSession]:
    """The sessions in which the person is logged in now, oldest first."""
    return sorted(UserSession.objects.purge_and_list(person), key=lambda session: session.created_at)


def session_of(*, person: User, pk: int) -> UserSession:
    row = UserSession.objects.filter(user=person, pk=pk).first()
    if row is None:
        raise Http404
    return row


def linked_logins(*, person: User) -> int:
    return SocialAccount.objects.filter(user=person).count()
