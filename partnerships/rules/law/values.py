"""The frozen values that are judged with: a rule, a function, a finding."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from partnerships.terms import Confidence, FindingSeverity, Outcome, RuleKind


@dataclass(frozen=True, slots=True)
class LawFunction:
    """The facts about a statutory function that judging needs."""

    code: str
    name: str
    side: str
    carries_exclusions: bool = False


@dataclass(frozen=True, slots=True)
class LawRule:
    """One dated rule. `proposed` marks a rule that is not law."""

    code: str
    kind: RuleKind
    powers: frozenset[str]
    valid_from: dt.date
    valid_to: dt.date | None
    allowed: bool
    confidence: Confidence
    provision: str
    instrument: str
    text: str
    side: str = ""
    function: str = ""
    needs: str = ""
    subject: str = ""
    body_kinds: frozenset[str] = frozenset()
    flexibilities: frozenset[str] = frozenset()
    ended_by: str = ""
    proposed: bool = False

    def is_valid_on(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def cited_on(self, day: dt.date) -> str:
        """Its provision; for a day after its end, also the instrument that ended it."""
        is_over = self.valid_to is not None and self.valid_to < day
        return f"{self.provision}; ended by {self.ended_by}" if is_over and self.ended_by else self.provision

    def reaches(self, flexibilities: frozenset[str]) -> bool:
        """Whether the rule applies to one of these flexibilities. A rule without flexibilities applies to all."""
        return not self.flexibilities or bool(self.flexibilities & flexibilities)


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of applying one rule to one thing on one day, with a sentence that explains it."""

    on: dt.date
    about: str
    rule: str
    outcome: Outcome
    severity: FindingSeverity
    sentence: str
    provision: str
    instrument: str
    confidence: Confidence
    proposed: bool = False


_GRAVITY = {Outcome.LAWFUL: 0, Outcome.NOT_SETTLED: 1, Outcome.UNLAWFUL: 2}
_SEVERITY = {
    Outcome.LAWFUL: FindingSeverity.NOTE,
    Outcome.NOT_SETTLED: FindingSeverity.WARNING,
    Outcome.UNLAWFUL: FindingSeverity.BLOCKING,
}


def decided(outcome: Outcome, confidence: Confidence) -> Outcome:
    """The outcome limited by confidence: if the rule was not read in its instrument, it is not settled."""
    return outcome if confidence == Confidence.INSTRUMENT else Outcome.NOT_SETTLED


def finding(
    rule: LawRule, *, on: dt.date, about: str, outcome: Outcome, sentence: str, severity: FindingSeverity | None = None
) -> Finding:
    """A finding of this rule, with the outcome limited by the rule's confidence."""
    held = decided(outcome, rule.confidence)
    return Finding(
        on=on,
        about=about,
        rule=rule.code,
        outcome=held,
        severity=severity or _SEVERITY[held],
        sentence=sentence,
        provision=rule.cited_on(on),
        instrument=rule.instrument,
        confidence=rule.confidence,
        proposed=rule.proposed,
    )


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Sorted by day and then subject, without duplicates."""
    return sorted(set(findings), key=lambda each: (each.on, each.about, each.rule, each.outcome, each.sentence))


def gravest_first(findings: Iterable[Finding]) -> list[Finding]:
    """Sorted by severity of outcome, the most serious first; otherwise in the given order."""
    return sorted(findings, key=lambda each: -_GRAVITY[each.outcome])


def verdict(findings: Iterable[Finding]) -> Outcome:
    """The most serious outcome; not settled if there are no findings."""
    return max((each.outcome for each in findings), key=_GRAVITY.__getitem__, default=Outcome.NOT_SETTLED)
