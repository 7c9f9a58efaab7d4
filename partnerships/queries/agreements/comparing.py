"""Comparing the text of an agreement, and the findings of law about it, between two days or two sets of rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from partnerships.queries.agreements.detail import Reading
from partnerships.queries.law import law_in_force, law_with
from partnerships.rules.agreements import (
    Content,
    DeedRecord,
    Difference,
    content_as_at,
    content_before,
    content_of,
    differences,
    findings_of,
)
from partnerships.rules.agreements.points import Point, points_of_law
from partnerships.rules.law import Change, Finding, RuleSet, gravest_first
from partnerships.terms import Audience, Outcome


@dataclass(frozen=True, slots=True)
class Comparison:
    """The agreement on two days. There are no differences if it cannot be read on the later day."""

    before: Content | None
    after: Content | None
    differences: list[Difference]


def compared(page: Reading, first: dt.date, second: dt.date) -> Comparison:
    before, after = _on(page, first), _on(page, second)
    return Comparison(before, after, [] if after is None else differences(before, after))


def _on(page: Reading, day: dt.date) -> Content | None:
    if not page.is_readable:
        return None
    audience = Audience.PARTNERS if page.is_partner else Audience.PUBLIC
    return content_as_at(page.record, day, known_at=page.known_at, audience=audience)


def changed_by(page: Reading, deed: DeedRecord) -> Comparison:
    """The agreement on the first day of a deed, without the deed and with it."""
    before, after = content_before(page.record, deed), content_of(page.record, deed)
    return Comparison(before, after, differences(before, after))


@dataclass(frozen=True, slots=True)
class Judged:
    """The findings of law, and how they would change with proposals, or if the open deed were signed.

    `points` are the same findings, each with what it is about and what cures it.
    """

    findings: list[Finding]
    with_proposals: list[Change]
    with_open_deed: list[Change]
    open_deed: int | None
    points: list[Point]


def judged(page: Reading, *, proposals: Iterable[str] = ()) -> Judged:
    """The findings for a page. With `as_at`, only findings about days up to then. Two queries, four with proposals."""
    chosen = list(proposals)
    if not page.is_readable:
        return Judged([], [], [], None, [])
    law = law_in_force()
    now = _until(findings_of(page.record, law), page.as_at)
    then = _until(findings_of(page.record, law_with(chosen)), page.as_at) if chosen else now
    findings = gravest_first(now)
    changes, open_deed = _by_open_deed(page, law, now)
    points = points_of_law(page.record, findings, law)
    return Judged(findings, finding_changes(now, then), changes, open_deed, points)


def _by_open_deed(page: Reading, law: RuleSet, now: list[Finding]) -> tuple[list[Change], int | None]:
    deed = page.record.open_deed
    if deed is None or deed.number == 0 or page.as_at is not None:
        return [], None
    return finding_changes(now, findings_of(page.record, law, including=deed.number)), deed.number


def _until(findings: list[Finding], day: dt.date | None) -> list[Finding]:
    return findings if day is None else [each for each in findings if each.on <= day]


def finding_changes(before: Iterable[Finding], after: Iterable[Finding]) -> list[Change]:
    """Findings whose outcome differs, compared by day and by subject.

    A different sentence with the same outcome is not a change; nor is a lawful finding that appears or disappears.
    """
    old, new = _gravest(before), _gravest(after)
    return [
        Change(about, old.get((day, about)), new.get((day, about)))
        for day, about in sorted(old.keys() | new.keys())
        if _outcome(old.get((day, about))) != _outcome(new.get((day, about)))
    ]


def _gravest(findings: Iterable[Finding]) -> dict[tuple[dt.date, str], Finding]:
    found: dict[tuple[dt.date, str], Finding] = {}
    for each in gravest_first(findings):
        found.setdefault((each.on, each.about), each)
    return found


def _outcome(finding: Finding | None) -> str:
    return Outcome.LAWFUL if finding is None else finding.outcome
