"""Who decides on a deed, what each has decided, and why it cannot be approved or signed yet. Pure functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from partnerships.rules.agreements.content import Body
from partnerships.rules.agreements.reading import content_before, content_of
from partnerships.rules.agreements.record import AgreementRecord, DeedRecord
from partnerships.rules.law import Finding
from partnerships.terms import EARLIEST_DAY, OVER, ApprovalDecision, DeedKind, DeedState, FindingSeverity, Outcome
from pooledcare.kernel.days import written
from pooledcare.kernel.problems import Problem, Where


@dataclass(frozen=True, slots=True)
class DecidingBody:
    """An organisation that decides on a deed or agreement today, for itself or for parties that it has succeeded.

    `represents` holds the keys of all of these, its own included.
    """

    body: Body
    represents: frozenset[int]


@dataclass(frozen=True, slots=True)
class ApprovalGiven:
    """An approval or a request for changes by an organisation, for the text that has this hash."""

    organisation: int
    decision: str
    content_hash: str
    given_at: dt.datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class ApprovalLine:
    """The latest decision of one organisation on a deed; empty if it has made none.

    Void if it was on an earlier text.
    """

    body: Body
    decision: str = ""
    given_at: dt.datetime | None = None
    is_void: bool = False
    note: str = ""

    @property
    def is_approved(self) -> bool:
        return self.decision == ApprovalDecision.APPROVED and not self.is_void

    @property
    def asks_for_changes(self) -> bool:
        return self.decision == ApprovalDecision.CHANGES_REQUESTED and not self.is_void


def parties_of(record: AgreementRecord, deed: DeedRecord) -> tuple[Body, ...]:
    """The partners with this deed in effect, and those who leave by it."""
    before = content_before(record, deed)
    staying = {each.body.pk: each.body for each in content_of(record, deed).partners}
    leaving = {each.body.pk: each.body for each in before.partners} if before else {}
    return tuple({**staying, **leaving}.values())


def deciding_bodies(parties: Iterable[Body], successors: Mapping[int, Collection[Body]]) -> tuple[DecidingBody, ...]:
    """Who decides for the parties today, by name. `successors` maps the key of a succeeded party to its successors."""
    bodies: dict[int, Body] = {}
    represents: dict[int, set[int]] = {}
    for party in parties:
        for body in successors.get(party.pk) or (party,):
            bodies[body.pk] = body
            represents.setdefault(body.pk, {body.pk}).add(party.pk)
    ordered = sorted(bodies.values(), key=lambda body: (body.name, body.pk))
    return tuple(DecidingBody(body, frozenset(represents[body.pk])) for body in ordered)


def approval_lines(
    deciding: Iterable[DecidingBody], given: Collection[ApprovalGiven], content_hash: str
) -> list[ApprovalLine]:
    """One line for each of `deciding`, with its latest decision. `given` must be oldest first."""
    lines = []
    for decider in deciding:
        own = [each for each in given if each.organisation in decider.represents]
        newest = own[-1] if own else None
        if newest is None:
            lines.append(ApprovalLine(decider.body))
        else:
            is_void = newest.content_hash != content_hash
            lines.append(ApprovalLine(decider.body, newest.decision, newest.given_at, is_void, newest.note))
    return lines


def state_after(lines: Collection[ApprovalLine]) -> DeedState:
    """The state of an open deed, from the decisions of its parties on the current text."""
    if lines and all(line.is_approved for line in lines):
        return DeedState.APPROVED
    return DeedState.CHANGES_REQUESTED if any(line.asks_for_changes for line in lines) else DeedState.DRAFT


def open_problems(record: AgreementRecord, deed: DeedRecord, what: str) -> Iterator[Problem]:
    """Refuse what can only be done with an open deed of an agreement that is not over. `what` continues "cannot be"."""
    if record.state in OVER:
        yield Problem("AGREEMENT_OVER", f"The deed cannot be {what}: the agreement is over")
    elif not deed.is_open:
        label = str(DeedState(deed.state).label).lower()
        yield Problem("WRONG_STATE", f"The deed cannot be {what}: it is {label} already")


def changed_problems(seen: str, now: str) -> Iterator[Problem]:
    if seen != now:
        yield Problem(
            "CHANGED_MEANWHILE",
            "The text has been changed since you looked at it",
            fix="Read it again, then approve what it says now.",
        )


def second_person_problems(editors: Collection[str], who: str) -> Iterator[Problem]:
    if who in editors:
        yield Problem(
            "FOUR_EYES",
            "The person who last edited a deed cannot also approve it",
            fix="Ask a colleague who may approve.",
        )


def signing_problems(
    record: AgreementRecord,
    deed: DeedRecord,
    *,
    lines: Collection[ApprovalLine],
    findings: Collection[Finding],
    signed_on: dt.date,
    today: dt.date,
) -> Iterator[Problem]:
    """Why an open deed cannot be signed, apart from the principle of doing no harm."""
    yield from open_problems(record, deed, "signed")
    if signed_on > today:
        yield Problem(
            "SIGNED_IN_FUTURE", "The day of signing must be today or in the past", where=Where(field="signed_on")
        )
    signed_before = [each.signed_on for each in record.deeds if each.signed_on and each.number < deed.number]
    earliest = max(signed_before, default=EARLIEST_DAY)
    if signed_on < earliest:
        yield Problem(
            "SIGNED_TOO_EARLY", f"The day of signing must be {written(earliest)} or later",
            where=Where(field="signed_on"), fix="A deed cannot be signed before the deeds that it varies.",
        )  # fmt: skip
    yield from _text_problems(record, deed)
    yield from _approval_problems(lines)
    if deed.effective_on is not None and not _only_ends(deed):
        yield from _law_problems(findings, deed.effective_on)


def _only_ends(deed: DeedRecord) -> bool:
    """Whether the deed only ends the agreement: that is allowed even if it is unlawful. Other deeds are judged."""
    writes = (deed.schemes, deed.pools, deed.joined, deed.clauses)
    return deed.kind == DeedKind.TERMINATION and not any(writes)


def _text_problems(record: AgreementRecord, deed: DeedRecord) -> Iterator[Problem]:
    start = record.original.effective_on
    if deed.effective_on is None:
        yield Problem(
            "REQUIRED", "The deed does not say from which day it has effect",
            where=Where(field="effective_on"), fix="Enter its first day.",
        )  # fmt: skip
    elif start is not None and deed.effective_on < start:
        yield Problem(
            "DEED_BEFORE_START", f"A deed cannot have effect before the agreement, which starts on {written(start)}",
            where=Where(field="effective_on"),
        )  # fmt: skip
    if deed.number == 0 and not deed.title.strip():
        yield Problem("REQUIRED", "The agreement has no title", where=Where(field="title"), fix="Enter its title.")
    if deed.kind == DeedKind.TERMINATION and not (deed.sets_end and deed.end_on):
        yield Problem(
            "REQUIRED", "A deed of termination says on which day the agreement ends",
            where=Where(field="end_on"), fix="Enter the last day.",
        )  # fmt: skip
    before = content_before(record, deed)
    if deed.kind == DeedKind.TERMINATION and before and before.end and deed.end_on and deed.end_on > before.end:
        yield Problem(
            "ENDS_LATER", f"A deed of termination cannot prolong the agreement, which ends on {written(before.end)}",
            where=Where(field="end_on"), fix="Enter an earlier day, or prepare a deed of variation.",
        )  # fmt: skip


def _approval_problems(lines: Collection[ApprovalLine]) -> Iterator[Problem]:
    if len(lines) < 2:
        yield Problem("PARTNERS_MISSING", "An agreement has at least two partners", fix="Add the other partners.")
    for line in lines:
        if line.is_approved:
            continue
        if line.is_void:
            said = "approved or sent back an earlier text, which has been edited since"
        else:
            said = "has asked for changes" if line.asks_for_changes else "has not approved the deed"
        yield Problem(
            "APPROVAL_MISSING", f"{line.body.name} {said}", value=line.body.code,
            fix="Every partner must approve the current text before it is signed.",
        )  # fmt: skip


def _law_problems(findings: Collection[Finding], since: dt.date) -> Iterator[Problem]:
    for each in findings:
        is_bar = each.outcome == Outcome.UNLAWFUL and each.severity == FindingSeverity.BLOCKING
        if is_bar and each.on >= since:
            yield Problem("UNLAWFUL", each.sentence, value=each.rule, fix=f"See {each.provision}.")
