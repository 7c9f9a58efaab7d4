"""Invitations: a one-time link, sent by e-mail, valid for seven days. Only the SHA-256 of its token is stored."""

from __future__ import annotations

import hashlib
import secrets

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from pooledcare.directory import history, rules
from pooledcare.directory.access import Actor, Permission, demand, person_actor, roles_for
from pooledcare.directory.mails import absolute, send_after_commit
from pooledcare.directory.models import Invitation, Membership, Organisation, User
from pooledcare.directory.models.people import DEMO_DOMAIN
from pooledcare.directory.rules import refuse_if
from pooledcare.directory.terms import SENTENCES
from pooledcare.kernel.actions import action


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _link(token: str) -> str:
    return absolute(reverse("directory:invitation-open", args=[token]))


@action(SENTENCES)
def invite_person(*, organisation: Organisation, email: str, roles: list[str], by: Actor) -> tuple[Invitation, str]:
    """Invite an e-mail address to be a member. Returns the invitation and its one-time link, which is not stored."""
    demand(by, Permission.MANAGE_MEMBERS, organisation)
    address = email.strip().lower()
    allowed = [role.key for role in roles_for(organisation)]
    refuse_if(rules.choosing_roles_problems(chosen=roles, allowed=allowed))
    members = Membership.objects.active().filter(organisation=organisation, user__email__iexact=address)
    invited = Invitation.objects.open().filter(organisation=organisation, email__iexact=address)
    refuse_if(
        rules.inviting_problems(
            is_member=members.exists(),
            is_invited=invited.exists(),
            is_illustrative_address=address.endswith(f"@{DEMO_DOMAIN}"),
        )
    )
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=address,
        organisation=organisation,
        roles=_in_order(roles),
        token_hash=_token_hash(token),
        invited_by=by.person,
        expires_at=timezone.now() + rules.INVITATION_LIFE,
    )
    _record(invitation, by, "invitation.sent", f"Invited somebody as {_names(roles)}")
    _post(invitation, token)
    return invitation, _link(token)


@action(SENTENCES)
def resend_invitation(*, invitation: Invitation, version: int, by: Actor) -> tuple[Invitation, str]:
    """Send a new link, valid for seven days. The old one stops working."""
    invitation = _locked(invitation, version, by)
    token = secrets.token_urlsafe(32)
    invitation.token_hash = _token_hash(token)
    invitation.expires_at = timezone.now() + rules.INVITATION_LIFE
    invitation.version += 1
    invitation.save()
    _record(invitation, by, "invitation.resent", "Sent an invitation again")
    _post(invitation, token)
    return invitation, _link(token)


@action(SENTENCES)
def withdraw_invitation(*, invitation: Invitation, version: int, by: Actor) -> Invitation:
    invitation = _locked(invitation, version, by)
    invitation.withdrawn_at = timezone.now()
    invitation.version += 1
    invitation.save()
    _record(invitation, by, "invitation.withdrawn", "Withdrew an invitation")
    return invitation


@action(SENTENCES)
def accept_as_new_person(*, token: str, name: str, password: str | None, by: Actor) -> Membership:
    """Make an account for the person invited, and their membership. No password means login by OpenID Connect."""
    invitation = _for_token(token)
    refuse_if(rules.naming_problems(name))
    person = User.objects.filter(email__iexact=invitation.email).first()
    if person is not None and person.has_credentials:
        raise PermissionDenied("Log in to your account first, then open the link again.")
    if person is None:
        person = User.objects.create_user(email=invitation.email, password=None)
    person.name = name.strip()
    person.set_password(password)
    person.save()
    # Somebody who has the link can read the mailbox, so the address counts as verified.
    EmailAddress.objects.update_or_create(
        user=person, email=invitation.email, defaults={"verified": True, "primary": True}
    )
    return _join(invitation, person, person_actor(person))


@action(SENTENCES)
def accept_as_member(*, token: str, by: Actor) -> Membership:
    """Make somebody who has an account, and is logged in as the person invited, a member of one more organisation."""
    invitation = _for_token(token)
    if by.person is None or by.key is not None or by.person.email.lower() != invitation.email.lower():
        raise PermissionDenied("This invitation is for another person. Log in as them, then open the link again.")
    return _join(invitation, by.person, by)


def _join(invitation: Invitation, person: User, by: Actor) -> Membership:
    existing = Membership.objects.select_for_update().filter(
        user=person, organisation_id=invitation.organisation_id, ended_at=None
    )
    membership = existing.first()
    if membership is None:
        membership = Membership.objects.create(
            user=person, organisation_id=invitation.organisation_id, roles=invitation.roles
        )
    invitation.accepted_at = timezone.now()
    invitation.version += 1
    invitation.save()
    _record(invitation, by, "invitation.accepted", f"Became member:{membership.pk} as {_names(membership.roles)}")
    return membership


def _locked(invitation: Invitation, version: int, by: Actor) -> Invitation:
    demand(by, Permission.MANAGE_MEMBERS, invitation.organisation)
    found = Invitation.objects.select_for_update().select_related("organisation").get(pk=invitation.pk)
    is_open = found.accepted_at is None and found.withdrawn_at is None
    refuse_if(rules.accepting_invitation_problems(is_open=is_open, has_expired=False))
    refuse_if(rules.stale_problems(seen=version, now=found.version))
    return found


def _for_token(token: str) -> Invitation:
    invitation = Invitation.objects.select_for_update().open().filter(token_hash=_token_hash(token)).first()
    refuse_if(
        rules.accepting_invitation_problems(
            is_open=invitation is not None, has_expired=invitation is not None and invitation.has_expired
        )
    )
    assert invitation is not None
    return invitation


def _post(invitation: Invitation, token: str) -> None:
    send_after_commit(
        "invitation",
        to=invitation.email,
        subject=f"Join {invitation.organisation.name} on PooledCare",
        organisation=invitation.organisation.name,
        link=_link(token),
        expires_at=invitation.expires_at,
    )


def _record(invitation: Invitation, by: Actor, name: str, sentence: str) -> None:
    code = invitation.organisation.code
    history.record(
        by=by,
        action=name,
        subject=f"invitation:{invitation.pk}",
        sentence=f"{sentence} at {code} (invitation:{invitation.pk}).",
        organisation=code,
    )


def _in_order(roles: list[str]) -> list[str]:
    return sorted(set(roles))


def _names(roles: list[str]) -> str:
    return ", ".join(_in_order(roles))
