"""Who decides on a deed or agreement today, and what each has decided about a deed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.utils import timezone

from partnerships.models import Deed
from partnerships.queries.agreements.records import body_of
from partnerships.rules.agreements import AgreementRecord, Body, DeedRecord, content_hash, read_on
from partnerships.rules.agreements.signing import (
    ApprovalGiven,
    ApprovalLine,
    DecidingBody,
    approval_lines,
    deciding_bodies,
    parties_of,
)
from pooledcare.directory.models import ApiKey, Succession


def approvals_of(deed: Deed, record: AgreementRecord) -> list[ApprovalLine]:
    """The latest decision of each organisation that decides on the deed, by name; void if the text has changed."""
    found = deed_record(record, deed.number)
    deciding = deed_deciding_bodies(record, found, timezone.localdate())
    return approval_lines(deciding, approvals_on(deed), deed.sealed_hash or content_hash(record, found))


def editors_of(deed: Deed) -> set[str]:
    """Actors who last edited the text and so must not approve it. For an API key, also the person who made it."""
    kind, _, prefix = deed.edited_by.partition(":")
    makers = ApiKey.objects.filter(prefix=prefix) if kind == "key" else ApiKey.objects.none()
    return {deed.edited_by, *(f"user:{pk}" for pk in makers.values_list("created_by_id", flat=True))}


def deed_record(record: AgreementRecord, number: int) -> DeedRecord:
    return next(each for each in record.deeds if each.number == number)


def approvals_on(deed: Deed) -> list[ApprovalGiven]:
    """Approvals and requests for changes on the deed, oldest first."""
    rows = deed.approvals.order_by("pk").values_list("organisation_id", "decision", "content_hash", "given_at", "note")
    return [ApprovalGiven(*row) for row in rows]


def deed_deciding_bodies(record: AgreementRecord, deed: DeedRecord, today: dt.date) -> tuple[DecidingBody, ...]:
    """Who approves, signs and publishes the deed today: its partners and those leaving by it, or their successors."""
    parties = parties_of(record, deed)
    return deciding_bodies(parties, final_successors(parties, record, today))


def partner_deciding_bodies(record: AgreementRecord, today: dt.date) -> tuple[DecidingBody, ...]:
    """Who decides for today's partners of the agreement: the partners or their successors."""
    parties = [each.body for each in read_on(record, today).partners]
    return deciding_bodies(parties, final_successors(parties, record, today))


Steps = dict[int, dict[int, Body]]


def final_successors(
    bodies: Collection[Body], record: AgreementRecord, today: dt.date, *, known: Steps | None = None
) -> dict[int, tuple[Body, ...]]:
    """The final successors of each organisation that was succeeded, from the reference data and the agreement.

    One query for each generation of successors, unless `known` already holds the successions of the reference data.
    """
    steps = steps_recorded(record, today)
    if known is None:
        known = successions_today({body.pk for body in bodies} | named_in(steps), today)
    for pk, successors in known.items():
        steps[pk] = {**steps.get(pk, {}), **successors}
    return {body.pk: tuple(_last_in_line(body.pk, steps, frozenset())) for body in bodies if body.pk in steps}


def successions_today(wanted: Collection[int], today: dt.date) -> Steps:
    """Successions in the reference data from these organisations onwards. One query for each generation."""
    steps: Steps = {}
    left, asked = set(wanted), set[int]()
    while left:
        rows = Succession.objects.filter(predecessor__in=left, effective_on__lte=today).select_related("successor")
        for row in rows:
            body = body_of(row.successor)
            if body is not None:
                steps.setdefault(row.predecessor_id, {})[body.pk] = body
        asked |= left
        left = named_in(steps) - asked
    return steps


def named_in(steps: Steps) -> set[int]:
    """The keys of all successors."""
    return {pk for successors in steps.values() for pk in successors}


def steps_recorded(record: AgreementRecord, today: dt.date) -> Steps:
    """Successions recorded in the agreement by its partners, because the reference data has none."""
    rows = {each.pk: each.body for deed in record.deeds for each in deed.joined}
    rows |= {each.pk: each.body for each in record.successors}
    steps: Steps = {}
    for each in record.successors:
        if each.since is not None and each.since <= today and each.succeeds in rows:
            steps.setdefault(rows[each.succeeds].pk, {})[each.body.pk] = each.body
    return steps


def _last_in_line(pk: int, steps: Steps, passed: frozenset[int]) -> list[Body]:
    """Follow successors to the last ones. A line that returns to an earlier organisation stops there."""
    found: dict[int, Body] = {}
    passed |= {pk}
    for successor, body in steps[pk].items():
        if successor in passed:
            continue
        later = _last_in_line(successor, steps, passed) if successor in steps else [body]
        found.update((each.pk, each) for each in later)
    return list(found.values())
