"""Reminders before a review, the last day for notice, and the end of an agreement: each sent once, by e-mail."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from partnerships.models import Agreement, Reminder
from partnerships.queries.agreements.notices import notices_by_agreement
from partnerships.queries.agreements.records import records_of
from partnerships.reference import parameters
from partnerships.rules.agreements import Content, read_on
from partnerships.rules.agreements.noticing import DueDate, due_dates, reminder_now
from partnerships.terms import RUNNING, SENTENCES
from pooledcare.directory.access import Actor, Permission, roles_with
from pooledcare.directory.history import record
from pooledcare.directory.mails import absolute, send_after_commit
from pooledcare.directory.models import Membership, User
from pooledcare.kernel.actions import action
from pooledcare.kernel.days import written

AT_ONCE = 500
LEADS = ("reminder_days_first", "reminder_days_second", "reminder_days_last")


@dataclass(frozen=True, slots=True)
class _Due:
    agreement: Agreement
    content: Content
    date: DueDate
    days_before: int


@action(SENTENCES)
def send_reminders(*, today: dt.date | None = None, by: Actor) -> int:
    """E-mail people who prepare or approve agreements for the partners. Returns the number of dates reminded of."""
    if not by.is_system:
        raise PermissionDenied("Only PooledCare itself sends reminders.")
    day = today or timezone.localdate()
    due = [each for each in _due(day) if _is_first(each)]
    people = _people_at({body for each in due for body in _partners(each)})
    for each in due:
        readers = {user.pk: user for body in _partners(each) for user in people[body]}
        for user in readers.values():
            _send(each, user, day)
        _note(each, by)
    return len(due)


def _due(day: dt.date) -> Iterator[_Due]:
    """Dates to be reminded of today, of agreements that are running; read a few hundred agreements at a time."""
    leads = [parameters.parameter(code, on=day) for code in LEADS]
    running = list(Agreement.objects.filter(state__in=sorted(RUNNING)).select_related("prepared_by").order_by("pk"))
    for begin in range(0, len(running), AT_ONCE):
        some = running[begin : begin + AT_ONCE]
        yield from _due_of(some, day, leads)


def _due_of(agreements: Sequence[Agreement], day: dt.date, leads: Collection[int]) -> Iterator[_Due]:
    records = records_of(agreements)
    notices = notices_by_agreement([each.pk for each in agreements])
    for agreement in agreements:
        found = records[agreement.pk]
        content = read_on(found, day)
        for date in due_dates(content, notices[agreement.pk]):
            lead = reminder_now(date, day, leads)
            if lead is not None:
                yield _Due(agreement, content, date, lead)


def _is_first(due: _Due) -> bool:
    """Whether this reminder was not sent before; it is marked as sent.

    A unique constraint decides between two processes.
    """
    _, is_new = Reminder.objects.get_or_create(
        agreement=due.agreement,
        kind=due.date.kind,
        scheme=due.date.scheme,
        due_on=due.date.due_on,
        days_before=due.days_before,
    )
    return is_new


def _partners(due: _Due) -> set[int]:
    return {each.body.pk for each in due.content.partners}


def _people_at(organisations: Collection[int]) -> defaultdict[int, list[User]]:
    """People who prepare or approve agreements, by organisation.

    Demonstration accounts are left out where real ones exist.
    """
    working = (Permission.PREPARE_AGREEMENTS, Permission.APPROVE_AGREEMENTS)
    roles = sorted({role.key for permission in working for role in roles_with(permission)})
    found: defaultdict[int, list[User]] = defaultdict(list)
    members = Membership.objects.active().filter(organisation__in=organisations, roles__overlap=roles)
    for each in members.select_related("user").order_by("user_id"):
        if not each.user.is_demo_elsewhere:
            found[each.organisation_id].append(each.user)
    return found


def _send(due: _Due, user: User, day: dt.date) -> None:
    what, when = due.date.what(due.content), written(due.date.due_on)
    send_after_commit(
        "agreement_reminder",
        to=user.email,
        subject=f"{due.agreement.reference}: {_inside(what)} on {when}",
        robust=True,
        reference=due.agreement.reference,
        title=due.content.title,
        what=what,
        when=when,
        days=(due.date.due_on - day).days,
        link=absolute(due.agreement.get_absolute_url()),
    )


def _inside(words: str) -> str:
    """With a small first letter, for use within a sentence."""
    return f"{words[0].lower()}{words[1:]}"


def _note(due: _Due, by: Actor) -> None:
    reference = due.agreement.reference
    what = _inside(due.date.what(due.content))
    sentence = f"{reference}: reminded of {what} on {written(due.date.due_on)}, {due.days_before} days before or later."
    code = due.agreement.prepared_by.code
    record(by=by, action="agreement.reminded", subject=f"agreement:{reference}", sentence=sentence, organisation=code)
