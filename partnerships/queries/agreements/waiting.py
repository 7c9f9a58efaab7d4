"""Which agreements are waiting for whom: calculated for summaries, and found for a person."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from django.db.models import Q

from partnerships.models import AgreementSummary, Approval, Publication
from partnerships.queries.agreements.approvals import (
    Steps,
    final_successors,
    named_in,
    steps_recorded,
    successions_today,
)
from partnerships.queries.agreements.reach import summaries_seen_by
from partnerships.rules.agreements import AgreementRecord, DeedRecord, content_hash, findings_of
from partnerships.rules.agreements.signing import (
    ApprovalGiven,
    ApprovalLine,
    approval_lines,
    deciding_bodies,
    parties_of,
    signing_problems,
    state_after,
)
from partnerships.rules.agreements.waiting import NOBODY, Waiting, awaited_publishers, awaited_step
from partnerships.rules.law import RuleSet
from partnerships.terms import OVER, Awaited, DeedState
from pooledcare.directory.access import Actor, Permission
from pooledcare.directory.models import ApiKey

MOST_SHOWN = 5


def waiting_in(records: Collection[AgreementRecord], today: dt.date, law: RuleSet) -> dict[int, Waiting]:
    """What each agreement is waiting for, by key; agreements that wait for nobody are left out.

    Two queries, and one for each generation of successors if any deed is open or unpublished.
    """
    decisions, published = _decisions_on_open_deeds(records), _published(records)
    begun = decisions.keys() | published.keys()
    pending_deeds = [(record, deed) for record in records for deed in _deeds_not_finished(record) if deed.pk in begun]
    known = _successions(pending_deeds, today)
    found: dict[int, Waiting] = {}
    for record, deed in pending_deeds:
        waiting = found.get(record.pk, NOBODY)
        deciding = deciding_bodies(
            parties := parties_of(record, deed), final_successors(parties, record, today, known=known)
        )
        if deed.is_open:
            decided = decisions[deed.pk]
            lines = approval_lines(deciding, decided.given, content_hash(record, deed))
            what, bodies = awaited_step(lines, may_be_signed=_may_be_signed(record, deed, lines, today, law))
            waiting = replace(waiting, what=what, bodies=bodies, edited_by=decided.edited_by if what else "")
        else:
            missing = {*waiting.unpublished, *awaited_publishers(deciding, published[deed.pk])}
            waiting = replace(waiting, unpublished=tuple(sorted(missing)))
        if waiting != NOBODY:
            found[record.pk] = waiting
    return found


def _may_be_signed(
    record: AgreementRecord, deed: DeedRecord, lines: Collection[ApprovalLine], today: dt.date, law: RuleSet
) -> bool:
    """Whether a deed that everybody has approved can be signed; if not, nobody is asked to sign it."""
    if state_after(lines) != DeedState.APPROVED:
        return False
    findings = findings_of(record, law, including=deed.number)
    return not any(signing_problems(record, deed, lines=lines, findings=findings, signed_on=today, today=today))


def _deeds_not_finished(record: AgreementRecord) -> Iterator[DeedRecord]:
    """The open deed, then signed deeds that are not published, newest first."""
    newest_first = sorted(record.deeds, key=lambda deed: (not deed.is_open, -deed.number))
    for deed in newest_first:
        if (deed.is_open and record.state not in OVER) or (deed.is_signed and deed.published_on is None):
            yield deed


@dataclass(frozen=True, slots=True)
class _Decisions:
    """The decisions on an open deed, oldest first, and who edited it last."""

    edited_by: str
    given: list[ApprovalGiven]


def _decisions_on_open_deeds(records: Collection[AgreementRecord]) -> dict[int, _Decisions]:
    """The decisions on open deeds, by key of the deed."""
    found: dict[int, _Decisions] = {}
    deeds = [deed.pk for record in records for deed in _deeds_not_finished(record) if deed.is_open]
    rows = Approval.objects.filter(deed__in=deeds).order_by("pk") if deeds else Approval.objects.none()
    names = ("organisation_id", "decision", "content_hash", "given_at", "note")
    for row in rows.values_list("deed_id", "deed__edited_by", *names):
        found.setdefault(row[0], _Decisions(row[1], [])).given.append(ApprovalGiven(*row[2:]))
    return found


def _published(records: Collection[AgreementRecord]) -> dict[int, set[int]]:
    """The organisations that have published each deed which is not yet published by all, by key of the deed."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    deeds = [deed.pk for record in records for deed in _deeds_not_finished(record) if deed.is_signed]
    rows = Publication.objects.filter(deed__in=deeds) if deeds else Publication.objects.none()
    for deed, organisation in rows.values_list("deed_id", "organisation_id"):
        found[deed].add(organisation)
    return dict(found)


def _successions(pending_deeds: Collection[tuple[AgreementRecord, DeedRecord]], today: dt.date) -> Steps:
    named = {body.pk for record, deed in pending_deeds for body in parties_of(record, deed)}
    for record, _ in pending_deeds:
        named |= named_in(steps_recorded(record, today))
    return successions_today(named, today)


# --- for somebody ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decider:
    """The keys of organisations for which a person approves and prepares, and the actor references of their edits."""

    approving: frozenset[int]
    preparing: frozenset[int]
    names: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.approving or self.preparing)


def decider(actor: Actor) -> Decider:
    """For whom this actor decides; false if for nobody.

    One query for a person who approves, to find their API keys: edits by those keys count as their own.
    """
    approving = frozenset(each.pk for each in actor.holds(Permission.APPROVE_AGREEMENTS))
    preparing = frozenset(each.pk for each in actor.holds(Permission.PREPARE_AGREEMENTS))
    keys = ApiKey.objects.filter(created_by=actor.person) if actor.person and approving else ApiKey.objects.none()
    names = {actor.reference, *(f"key:{prefix}" for prefix in keys.values_list("prefix", flat=True))}
    return Decider(approving, preparing, frozenset(names))


def waiting_for(who: Decider) -> Q:
    """Condition for summaries that are waiting for this person; the same rule as in `waits`."""
    approving, preparing = Q(awaited_ids__overlap=list(who.approving)), Q(awaited_ids__overlap=list(who.preparing))
    return (
        Q(awaits=Awaited.CHANGES) & preparing
        | Q(awaits=Awaited.SIGNATURE) & approving
        | Q(awaits=Awaited.APPROVAL) & approving & ~Q(edited_by__in=list(who.names))
        | Q(unpublished_ids__overlap=list(who.approving))
    )


def waits(summary: AgreementSummary, who: Decider) -> tuple[str, bool]:
    """The step on the open deed that this person can take, one of `Awaited` or empty; and whether they can publish.

    They can publish if one of their organisations has not yet published a signed deed that another partner has.
    """
    of_deed = who.preparing if summary.awaits == Awaited.CHANGES else who.approving
    is_own = summary.awaits == Awaited.APPROVAL and summary.edited_by in who.names
    what = summary.awaits if of_deed & set(summary.awaited_ids) and not is_own else ""
    return what, bool(who.approving & set(summary.unpublished_ids))


@dataclass(frozen=True, slots=True)
class WaitingForYou:
    """The newest agreements waiting for a person, and whether there are more."""

    who: Decider
    rows: list[AgreementSummary]
    more: bool


def agreements_waiting(actor: Actor) -> WaitingForYou:
    """Agreements waiting for the actor. Two queries; none if the actor decides for nobody."""
    who = decider(actor)
    if not who:
        return WaitingForYou(who, [], more=False)
    found = summaries_seen_by(actor).filter(waiting_for(who)).order_by("-agreement_id")
    rows = list(found[: MOST_SHOWN + 1])
    return WaitingForYou(who, rows[:MOST_SHOWN], more=len(rows) > MOST_SHOWN)
