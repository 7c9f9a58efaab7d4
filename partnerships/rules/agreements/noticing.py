"""Notice on an agreement or a scheme: how long it must be, when it has run out, and coming dates. Pure functions."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from partnerships.rules.agreements.content import Content, SchemeContent
from partnerships.rules.agreements.record import AgreementRecord
from partnerships.terms import RUNNING, AgreementState, ReminderKind
from pooledcare.kernel.days import written
from pooledcare.kernel.problems import Problem, Where


@dataclass(frozen=True, slots=True)
class NoticeFact:
    """A notice that has not been withdrawn. An empty `scheme` means the whole agreement."""

    pk: int
    organisation: int
    scheme: str
    given_on: dt.date
    takes_effect_on: dt.date


@dataclass(frozen=True, slots=True)
class DueDate:
    """A date to remind the partners of; of one scheme, by its slug, or of the whole agreement if empty."""

    kind: str
    due_on: dt.date
    scheme: str = ""

    def what(self, content: Content) -> str:
        """In words, such as "Expiry of the scheme “Reablement”"."""
        label = str(ReminderKind(self.kind).label)
        found = content.scheme(self.scheme)
        return f"{label} of the scheme “{found.name}”" if found else label


def months_after(day: dt.date, months: int) -> dt.date:
    """The same day of the month, `months` later (or earlier); the last day of a shorter month.

    >>> months_after(dt.date(2026, 8, 31), 6), months_after(dt.date(2026, 3, 31), -12)
    (datetime.date(2027, 2, 28), datetime.date(2025, 3, 31))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def notice_months_of(content: Content, scheme: str) -> int | None:
    """The notice period of the scheme if it has one, otherwise of the agreement. None if neither has one."""
    found = content.scheme(scheme)
    return content.notice_months if found is None or found.notice_months is None else found.notice_months


def running_problems(record: AgreementRecord, what: str) -> Iterator[Problem]:
    """Refuse what can only be done while an agreement runs. `what` continues "You cannot"."""
    if record.state not in RUNNING:
        label = str(AgreementState(record.state).label).lower()
        yield Problem("WRONG_STATE", f"You cannot {what}: the agreement is {label}")


def giving_problems(
    record: AgreementRecord,
    content: Content,
    *,
    scheme: str,
    given_on: dt.date,
    takes_effect_on: dt.date,
    today: dt.date,
) -> Iterator[Problem]:
    """Why this notice cannot be given."""
    yield from running_problems(record, "give notice")
    if given_on > today:
        yield Problem(
            "NOTICE_IN_FUTURE", "The day on which notice is given must be today or in the past",
            where=Where(field="given_on"), fix="Give the notice on the day on which you serve it.",
        )  # fmt: skip
    begun = min(day for day in (record.original.signed_on, record.operating_since, today) if day)
    if given_on < begun:
        yield Problem(
            "NOTICE_BEFORE_AGREEMENT", f"Notice cannot be given before there is an agreement, on {written(begun)}",
            where=Where(field="given_on"), fix="Correct the day on which notice was given.",
        )  # fmt: skip
    if scheme and content.scheme(scheme) is None:
        yield Problem("UNKNOWN_SCHEME", "The scheme is not in the agreement on that day", where=Where(field="scheme"))
    months = notice_months_of(content, scheme)
    earliest = given_on if months is None else months_after(given_on, months)
    if takes_effect_on < earliest:
        whole = "a day" if months is None else f"{months} month{'s' if months > 1 else ''}"
        yield Problem(
            "NOTICE_TOO_SHORT",
            f"The notice period is {whole}: given on {written(given_on)}, it runs until at least {written(earliest)}",
            where=Where(field="takes_effect_on"),
            value=takes_effect_on.isoformat(),
            fix=f"Enter {written(earliest)} or later. If shorter notice was served, record it as "
            "something that happened.",
        )
    if content.end is not None and takes_effect_on > content.end:
        yield Problem(
            "NOTICE_AFTER_END", f"The agreement already ends on {written(content.end)}",
            where=Where(field="takes_effect_on"), fix="No notice is needed, or enter an earlier day.",
        )  # fmt: skip


def ending_problems(
    record: AgreementRecord, notices: Collection[NoticeFact], *, scheme: str, on: dt.date, today: dt.date
) -> Iterator[Problem]:
    """Why the agreement, or a scheme, cannot be ended after notice on that day."""
    yield from running_problems(record, "end it after notice")
    if on > today:
        yield Problem("NOT_YET", "The last day must be today or in the past", where=Where(field="on"))
    days = [each.takes_effect_on for each in notices if each.scheme == scheme]
    if not days:
        subject = "the scheme" if scheme else "the agreement"
        yield Problem("NO_NOTICE", f"There is no current notice on {subject}", fix="Give notice first.")
    elif on < min(days):
        yield Problem(
            "NOTICE_RUNS", f"Notice does not run out before {written(min(days))}",
            where=Where(field="on"), fix=f"Enter {written(min(days))} or later.",
        )  # fmt: skip


def due_dates(content: Content, notices: Collection[NoticeFact]) -> Iterator[DueDate]:
    """Review dates, the last day (by term or notice, whichever is first), and the last day to give notice."""
    for day in content.review_on:
        yield DueDate(ReminderKind.REVIEW, day)
    by_notice = [each.takes_effect_on for each in notices if not each.scheme]
    ends = [*by_notice, *([content.end] if content.end else [])]
    if ends:
        yield DueDate(ReminderKind.EXPIRY, min(ends))
    if content.end and content.notice_months and not by_notice:
        yield DueDate(ReminderKind.NOTICE, months_after(content.end, -content.notice_months))
    for scheme in content.schemes:
        yield from _due_dates_of_scheme(content, scheme, notices)


def _due_dates_of_scheme(content: Content, scheme: SchemeContent, notices: Collection[NoticeFact]) -> Iterator[DueDate]:
    """Dates of a scheme that has its own end or notice. A scheme that ends with the agreement has none."""
    by_notice = [each.takes_effect_on for each in notices if each.scheme == scheme.slug]
    ends = [*by_notice, *([scheme.end_on] if scheme.end_on else [])]
    if ends:
        yield DueDate(ReminderKind.EXPIRY, min(ends), scheme.slug)
    months = notice_months_of(content, scheme.slug)
    if scheme.end_on and months and all(each.scheme not in ("", scheme.slug) for each in notices):
        yield DueDate(ReminderKind.NOTICE, months_after(scheme.end_on, -months), scheme.slug)


def reminder_now(due: DueDate, today: dt.date, days_before: Collection[int]) -> int | None:
    """Which reminder is due today: the smallest of `days_before` that has been reached; None if none or if past.

    After missed days only that one reminder is sent, not all that were missed.
    """
    left = (due.due_on - today).days
    return min((lead for lead in days_before if left <= lead), default=None) if left >= 0 else None
