"""Actions of administrators on the members of their organisation, and on its second-person rule."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from pooledcare.directory import history, rules
from pooledcare.directory.access import Actor, Permission, demand, roles_for
from pooledcare.directory.mails import send_after_commit
from pooledcare.directory.models import Membership, Organisation, User
from pooledcare.directory.rules import refuse_if
from pooledcare.directory.terms import SENTENCES
from pooledcare.kernel.actions import action
from pooledcare.kernel.problems import Problem


@action(SENTENCES)
def change_roles(*, membership: Membership, roles: list[str], version: int, by: Actor) -> Membership:
    """Change a member's roles, from the member's next request on."""
    membership = _locked(membership, version, by)
    allowed = [role.key for role in roles_for(membership.organisation)]
    refuse_if(rules.choosing_roles_problems(chosen=roles, allowed=allowed))
    _keep_an_administrator(membership, stays=rules.ADMINISTRATOR in roles)
    before, membership.roles = membership.roles, sorted(set(roles))
    membership.version += 1
    membership.save()
    _record(membership, by, "member.roles_changed", f"from {', '.join(before)} to {', '.join(membership.roles)}")
    return membership


@action(SENTENCES)
def end_membership(*, membership: Membership, version: int, by: Actor) -> Membership:
    """End a membership, and with it all permissions at the organisation, at once.

    A person with no other membership is also logged out.
    """
    membership = _locked(membership, version, by)
    _keep_an_administrator(membership, stays=False)
    membership.ended_at = timezone.now()
    membership.version += 1
    membership.save()
    if not Membership.objects.active().filter(user=membership.user).exists():
        _end_sessions(membership.user)
    _record(membership, by, "member.removed", "ended")
    return membership


@action(SENTENCES)
def reset_second_factor(*, membership: Membership, version: int, by: Actor) -> Membership:
    """Remove a member's second factor if they lost their phone and recovery codes, and log them out everywhere.

    They set up a new one at the next login. An e-mail tells them.
    """
    membership = _locked(membership, version, by)
    if by.person is not None and by.person.pk == membership.user_id:
        refuse_if([Problem("OWN_SECOND_FACTOR", "Change your own second factor on your account page")])
    Authenticator.objects.filter(user=membership.user).delete()
    _end_sessions(membership.user)
    membership.version += 1
    membership.save()
    send_after_commit(
        "security_notice",
        to=membership.user.email,
        subject="Your second factor was reset",
        sentence="An administrator of your organisation removed your authenticator app and recovery codes, and logged "
        "you out everywhere. You need to set up a new one the next time you log in.",
    )
    _record(membership, by, "member.second_factor_reset", "had their second factor reset")
    return membership


@action(SENTENCES)
def waive_second_person(*, organisation: Organisation, by: Actor) -> Organisation:
    """Let one person both prepare and accept uploads of allocations. The pages of such uploads say so."""
    return _set_waiver(organisation, by, waives=True)


@action(SENTENCES)
def restore_second_person(*, organisation: Organisation, by: Actor) -> Organisation:
    return _set_waiver(organisation, by, waives=False)


def _set_waiver(organisation: Organisation, by: Actor, *, waives: bool) -> Organisation:
    demand(by, Permission.WAIVE_SECOND_PERSON, organisation)
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if organisation.waives_second_person == waives:
        return organisation
    organisation.waives_second_person = waives
    organisation.save(update_fields=["waives_second_person"])
    history.record(
        by=by,
        action="second_person.waived" if waives else "second_person.restored",
        subject=f"organisation:{organisation.code}",
        sentence=f"{'Waived' if waives else 'Restored'} the second person for allocations at {organisation.code}.",
        organisation=organisation.code,
    )
    return organisation


def _locked(membership: Membership, version: int, by: Actor) -> Membership:
    """The membership, with its row and the organisation's locked, so that two administrators cannot remove each other.

    Raises Refused if the membership has ended or has changed since `version`.
    """
    demand(by, Permission.MANAGE_MEMBERS, membership.organisation)
    Organisation.objects.select_for_update(of=("self",)).get(pk=membership.organisation_id)
    found = (
        Membership.objects.select_for_update(of=("self",)).select_related("organisation", "user").get(pk=membership.pk)
    )
    if found.ended_at is not None:
        refuse_if([Problem("MEMBERSHIP_ENDED", "This person is no longer a member")])
    refuse_if(rules.stale_problems(seen=version, now=found.version))
    return found


def _keep_an_administrator(membership: Membership, *, stays: bool) -> None:
    others = Membership.objects.active().filter(
        organisation_id=membership.organisation_id, roles__contains=[rules.ADMINISTRATOR]
    )
    refuse_if(
        rules.losing_administrator_problems(
            is_administrator=rules.ADMINISTRATOR in membership.roles,
            stays_administrator=stays,
            others=others.exclude(pk=membership.pk).count(),
        )
    )


def _end_sessions(person: User) -> None:
    sessions = UserSession.objects.filter(user=person)
    Session.objects.filter(session_key__in=sessions.values("session_key")).delete()
    sessions.delete()


def _record(membership: Membership, by: Actor, name: str, what: str) -> None:
    code = membership.organisation.code
    history.record(
        by=by,
        action=name,
        subject=f"member:{membership.pk}",
        sentence=f"The membership member:{membership.pk} of user:{membership.user_id} at {code}: {what}.",
        organisation=code,
    )
