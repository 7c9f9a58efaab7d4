"""For whom agreements wait: worked out for one or for all of them, and found for somebody."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from partnerships.models import Approval, Publication, Standing
from partnerships.queries.agreements.approvals import (
    Steps,
    heirs_today,
    named_in,
    steps_recorded,
    successions_today,
)
from partnerships.queries.agreements.reach import standings_seen_by
from partnerships.rules.agreements import AgreementRecord, DeedRecord, content_hash
from partnerships.rules.agreements.signing import Word, approval_lines, parties_of, voices_of
from partnerships.rules.agreements.waiting import Waiting, waiting_for_publication, waiting_for_words
from partnerships.terms import OVER
from pooledcare.directory.access import Actor, Permission

MOST_SHOWN = 5


def waiting_in(records: Collection[AgreementRecord], today: dt.date) -> dict[int, Waiting]:
    """By key of the agreement, only those that wait for somebody.

    Two queries, and one for each generation of successors where something is on its way. What is to be said of an open
    deed goes before what is to be published.
    """
    words, published = _words(records), _published(records)
    said = words.keys() | published.keys()
    tabled = [(record, deed) for record in records for deed in _on_their_way(record) if deed.pk in said]
    known = _successions(tabled, today)
    found: dict[int, Waiting] = {}
    for record, deed in tabled:
        voices = voices_of(parties := parties_of(record, deed), heirs_today(parties, record, today, known=known))
        if deed.is_open:
            waiting = waiting_for_words(approval_lines(voices, words[deed.pk], content_hash(record, deed)))
        else:
            waiting = waiting_for_publication(voices, published[deed.pk])
        if waiting.bodies:
            found.setdefault(record.pk, waiting)
    return found


def _on_their_way(record: AgreementRecord) -> Iterator[DeedRecord]:
    """The open deed before the signed ones that not everybody may read yet, the newest first."""
    newest_first = sorted(record.deeds, key=lambda deed: (not deed.is_open, -deed.number))
    for deed in newest_first:
        if (deed.is_open and record.state not in OVER) or (deed.is_signed and deed.published_on is None):
            yield deed


def _words(records: Collection[AgreementRecord]) -> dict[int, list[Word]]:
    """What was said of open deeds, oldest first, by key of the deed."""
    found: defaultdict[int, list[Word]] = defaultdict(list)
    deeds = [deed.pk for record in records for deed in _on_their_way(record) if deed.is_open]
    said = Approval.objects.filter(deed__in=deeds).order_by("pk") if deeds else Approval.objects.none()
    names = ("organisation_id", "decision", "content_hash", "given_at", "note")
    for row in said.values_list("deed_id", *names):
        found[row[0]].append(Word(*row[1:]))
    return dict(found)


def _published(records: Collection[AgreementRecord]) -> dict[int, set[int]]:
    """Who has published signed deeds that others have not, by key of the deed."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    deeds = [deed.pk for record in records for deed in _on_their_way(record) if deed.is_signed]
    said = Publication.objects.filter(deed__in=deeds) if deeds else Publication.objects.none()
    for deed, organisation in said.values_list("deed_id", "organisation_id"):
        found[deed].add(organisation)
    return dict(found)


def _successions(tabled: Collection[tuple[AgreementRecord, DeedRecord]], today: dt.date) -> Steps:
    named = {body.pk for record, deed in tabled for body in parties_of(record, deed)}
    for record, _ in tabled:
        named |= named_in(steps_recorded(record, today))
    return successions_today(named, today)


# --- for somebody ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WaitingForYou:
    """The newest agreements that wait for an organisation for which somebody may speak, and whether there are more."""

    rows: list[Standing]
    more: bool


def agreements_waiting(actor: Actor) -> WaitingForYou:
    """One query; none for whoever speaks for nobody."""
    speaking = [each.pk for each in actor.holds(Permission.APPROVE_AGREEMENTS)]
    if not speaking:
        return WaitingForYou([], more=False)
    found = standings_seen_by(actor).filter(awaited_ids__overlap=speaking).order_by("-agreement_id")
    rows = list(found[: MOST_SHOWN + 1])
    return WaitingForYou(rows[:MOST_SHOWN], more=len(rows) > MOST_SHOWN)
