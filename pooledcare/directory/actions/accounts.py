"""Actions of people on their own account, and the audit trail of security events."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied

from pooledcare.directory import history, rules
from pooledcare.directory.access import Actor
from pooledcare.directory.models import User
from pooledcare.directory.rules import refuse_if
from pooledcare.directory.terms import SENTENCES
from pooledcare.kernel.actions import action


@action(SENTENCES)
def rename_person(*, name: str, version: int, by: Actor) -> User:
    person = User.objects.select_for_update().get(pk=_own(by).pk)
    refuse_if(rules.stale_problems(seen=version, now=person.version))
    refuse_if(rules.naming_problems(name))
    person.name = name.strip()
    person.version += 1
    person.save()
    _record(by, person, "account.renamed", "Changed the name of user:{pk}.")
    return person


@action(SENTENCES)
def end_session(*, session: UserSession, by: Actor) -> None:
    """Log out one of a person's own sessions. Raises PermissionDenied for another person's."""
    if session.user_id != _own(by).pk:
        raise PermissionDenied("You can end your own sessions only.")
    _end([session])
    _record(by, _own(by), "account.session_ended", "Ended a session of user:{pk}.")


@action(SENTENCES)
def end_other_sessions(*, keep: str, by: Actor) -> int:
    """Log out all sessions of a person except `keep`. Returns how many."""
    sessions = list(UserSession.objects.filter(user=_own(by)).exclude(session_key=keep))
    _end(sessions)
    _record(by, _own(by), "account.sessions_ended", "Ended all other sessions of user:{pk}.")
    return len(sessions)


@action(SENTENCES)
def note_security_event(*, person: User, event: str, sentence: str, by: Actor) -> None:
    """Record in the audit trail what django-allauth has just done, such as a login or a new password."""
    _record(by, person, f"account.{event}", sentence)


def _own(by: Actor) -> User:
    if by.person is None or by.key is not None:
        raise PermissionDenied("Only a person has an account.")
    return by.person


def _end(sessions: list[UserSession]) -> None:
    Session.objects.filter(session_key__in=[session.session_key for session in sessions]).delete()
    UserSession.objects.filter(pk__in=[session.pk for session in sessions]).delete()


def _record(by: Actor, person: User, name: str, sentence: str) -> None:
    history.record(by=by, action=name, subject=f"user:{person.pk}", sentence=sentence.format(pk=person.pk))
