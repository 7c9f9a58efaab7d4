"""Daily changes to agreements: deeds take effect, successors replace partners that merged or closed, and terms end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.utils import timezone

from partnerships.changing.agreement import refresh_summaries
from partnerships.changing.copying import add_successors
from partnerships.changing.ending import end_agreement, note_occurrence
from partnerships.models import Agreement, AgreementSummary, Partner
from partnerships.queries.agreements.records import records_of
from partnerships.rules.agreements.operating import run_out
from partnerships.terms import OVER, SENTENCES, AgreementState, Audience, OccurrenceKind
from pooledcare.directory.access import Actor
from pooledcare.directory.history import announce, record
from pooledcare.kernel.actions import action

AT_ONCE = 500


@action(SENTENCES)
def advance_agreements(*, today: dt.date | None = None, by: Actor) -> int:
    """Update agreements whose summary was calculated before today, at most `AT_ONCE` of them. Returns how many.

    Fewer than `AT_ONCE` means that none is left. Agreements locked by a change in progress are skipped, because that
    change updates them.
    """
    if not by.is_system:
        raise PermissionDenied("Only PooledCare itself may run the daily update.")
    day = today or timezone.localdate()
    batch = _of_earlier_days(day)
    notes = _add_due_successors(batch, day)
    records = records_of(batch)
    for agreement in batch:
        last_day, state = run_out(records[agreement.pk], day)
        if last_day is not None:
            _end(agreement, state, last_day, by)
            notes[agreement.pk] = str(state.label).lower()
    records |= records_of([agreement for agreement in batch if agreement.pk in notes])
    changed = refresh_summaries(batch, today=day, records=records)
    for agreement in batch:
        if agreement.pk in changed or agreement.pk in notes:
            agreement.version += 1
            agreement.save()
            what = notes.get(agreement.pk, "updated by the daily check")
            _note(agreement, f"{agreement.reference}: {what}.", by)
    _tell(batch, changed)
    return len(batch)


@action(SENTENCES)
def recheck_agreements(*, by: Actor) -> int:
    """Mark every agreement for recalculation by `advance_agreements`, because the law has changed. Returns how many."""
    if not by.is_system:
        raise PermissionDenied("Only PooledCare itself may recheck every agreement.")
    count = AgreementSummary.objects.filter(audience=Audience.PARTNERS).update(worked_out_on=dt.date.min)
    record(
        by=by, action="agreements.recheck", subject="agreements", sentence=f"{count} agreements to be checked again."
    )
    return count


def _of_earlier_days(day: dt.date) -> list[Agreement]:
    fresh = AgreementSummary.objects.filter(
        agreement=OuterRef("pk"), audience=Audience.PARTNERS, worked_out_on__gte=day
    )
    found = Agreement.objects.filter(~Exists(fresh)).select_related("prepared_by").order_by("pk")
    return list(found.select_for_update(of=("self",), skip_locked=True)[:AT_ONCE])


def _add_due_successors(batch: Collection[Agreement], day: dt.date) -> dict[int, str]:
    """Add the successors of partners that merged or closed, where the reference data names them and they are missing.

    Returns a note for the audit trail for each agreement that changed, by its key.
    """
    followed = Partner.objects.filter(by_succession_of=OuterRef("pk"))
    due = Partner.objects.filter(~Exists(followed), organisation__successions__effective_on__lte=day)
    keys = set(due.filter(agreement__in=[each.pk for each in batch]).values_list("agreement_id", flat=True))
    carried = {each.pk: add_successors(each, day) for each in batch if each.pk in keys and each.state not in OVER}
    return {pk: "successors have taken their places" for pk, rows in carried.items() if rows}


def _end(agreement: Agreement, state: AgreementState, last_day: dt.date, by: Actor) -> None:
    """End an agreement whose last day has passed.

    For an integrated arrangement its expiry is also recorded as an event.
    """
    if agreement.is_integrated and state == AgreementState.EXPIRED:
        note_occurrence(
            agreement,
            OccurrenceKind.EXPIRY,
            last_day,
            evidence="The term of the agreement ran out.",
            ends_agreement=True,
            organisation=agreement.prepared_by,
            by=by,
        )
    end_agreement(agreement, state, last_day, by=by, organisation=None)


def _note(agreement: Agreement, sentence: str, by: Actor) -> None:
    code = agreement.prepared_by.code
    subject = f"agreement:{agreement.reference}"
    record(by=by, action="agreement.advanced", subject=subject, sentence=sentence, organisation=code)


def _tell(batch: Iterable[Agreement], changed: dict[int, bool]) -> None:
    """Add the changed agreements to the change feed. Done last, because the feed is in commit order."""
    rows = AgreementSummary.objects.filter(agreement__in=changed, audience=Audience.PARTNERS)
    readers = dict(rows.values_list("agreement_id", "reader_ids"))
    for agreement in batch:
        if agreement.pk in changed:
            announce(
                resource="agreements",
                reference=agreement.reference,
                event="changed",
                public=changed[agreement.pk],
                organisation=agreement.prepared_by.code,
                readers=readers.get(agreement.pk, ()),
            )
