"""Queries on the audit trail. Readers see the lines of their organisation, and lines about its members alone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone

from pooledcare.directory.models import AuditEvent, Membership, Organisation, User
from pooledcare.directory.queries.organisations import codes_named_by

PAGE = 50
PERSON = re.compile(r"user:(\d{1,18})")


@dataclass(frozen=True)
class AuditFilter:
    """Which lines to show: those that match every part that is set. People are found by reference or by name."""

    action: str = ""
    actor: str = ""
    subject: str = ""
    since: dt.date | None = None
    until: dt.date | None = None


@dataclass(frozen=True)
class AuditPage:
    lines: list[AuditEvent]
    names: dict[str, str]  # names of people who are or were members, by reference
    older: int | None  # the id below which the next page begins; None on the last page


def lines_about(subject: str, *, most: int) -> list[AuditEvent]:
    """The newest lines about one subject, for readers who may see all of them."""
    return list(AuditEvent.objects.filter(subject=subject).order_by("-pk")[:most])


def audit_page(*, organisation: Organisation, asked: AuditFilter, before: int | None) -> AuditPage:
    """One page of lines, newest first. Every page takes the same time."""
    rows = _lines(organisation, asked)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE + 1])
    lines = found[:PAGE]
    return AuditPage(
        lines=lines,
        names=_names(organisation, lines),
        older=lines[-1].pk if len(found) > PAGE else None,
    )


def audit_lines(*, organisation: Organisation, asked: AuditFilter) -> Iterator[AuditEvent]:
    """Every line that matches the filter, newest first, read from the database in batches."""
    return _lines(organisation, asked).iterator(chunk_size=2000)


def audit_actions(*, organisation: Organisation) -> list[str]:
    """The names of the actions that occur, for the choices of the filter."""
    rows = _visible(organisation).order_by("action").values_list("action", flat=True)
    return list(rows.distinct())


def _visible(organisation: Organisation) -> QuerySet[AuditEvent]:
    """The organisation's lines, and lines about its members alone, such as a new password."""
    people = Membership.objects.filter(organisation=organisation).values_list("user_id", flat=True)
    subjects = [f"user:{pk}" for pk in people.distinct()]
    codes = {organisation.code, *codes_named_by([organisation.pk])}
    own = Q(organisation=organisation.code) if len(codes) == 1 else Q(organisation__in=codes)
    return AuditEvent.objects.filter(own | Q(organisation="", subject__in=subjects))


def _lines(organisation: Organisation, asked: AuditFilter) -> QuerySet[AuditEvent]:
    rows = _visible(organisation).order_by("-pk")
    if asked.action:
        rows = rows.filter(action=asked.action)
    if asked.actor:
        rows = rows.filter(Q(actor__iexact=asked.actor) | Q(actor__in=_called(organisation, asked.actor)))
    if asked.subject:
        rows = rows.filter(Q(subject=asked.subject) | Q(subject__in=_called(organisation, asked.subject)))
    if asked.since:
        rows = rows.filter(at__gte=_midnight(asked.since))
    if asked.until:
        rows = rows.filter(at__lt=_midnight(asked.until + dt.timedelta(days=1)))
    return rows


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def _names(organisation: Organisation, lines: list[AuditEvent]) -> dict[str, str]:
    """Names for the references of people in these lines, if the reader may see their names."""
    numbers = {
        int(found[1]) for line in lines for text in (line.actor, line.subject) if (found := PERSON.fullmatch(text))
    }
    known = _named(organisation).filter(pk__in=numbers)
    return {f"user:{person.pk}": person.name for person in known}


def _called(organisation: Organisation, text: str) -> list[str]:
    """The references of people with this text in their name, if the reader may see their names."""
    found = _named(organisation).filter(name__icontains=text)
    return [f"user:{pk}" for pk in found.order_by("pk").values_list("pk", flat=True)]


def _named(organisation: Organisation) -> QuerySet[User]:
    """The people whose names readers see: those who are or were members. Others appear by reference only."""
    return User.objects.filter(memberships__organisation=organisation).distinct()
