"""When an agreement may start to operate, which events may be recorded, and when its term has ended. Pure functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from partnerships.rules.agreements.reading import content_as_at, deeds_in_effect
from partnerships.rules.agreements.record import AgreementRecord
from partnerships.terms import OVER, RUNNING, AgreementState, DeedKind, OccurrenceKind
from pooledcare.kernel.days import written
from pooledcare.kernel.problems import Problem, Where

# Events that can concern a single scheme.
OF_A_SCHEME = frozenset(OccurrenceKind) - {OccurrenceKind.CHANGE_OF_HOST}
# Events that do not end the agreement.
ENDS_NOTHING = frozenset({OccurrenceKind.CLOSURE_OF_SCHEME, OccurrenceKind.CHANGE_OF_HOST})


def start_problems(record: AgreementRecord, *, since: dt.date, today: dt.date) -> Iterator[Problem]:
    where = Where(field="since")
    if record.state in OVER:
        yield Problem("AGREEMENT_OVER", "The agreement is over")
    if record.operating_since is not None:
        yield Problem("OPERATING_ALREADY", f"It has been in operation since {written(record.operating_since)}", where)
    if since > today:
        yield Problem("NOT_YET", "The first day of operation must be today or in the past", where)
    start = record.original.effective_on
    if start is not None and since < start:
        yield Problem(
            "BEFORE_START", f"The agreement starts on {written(start)}", where,
            fix="Enter that day or a later one, or change the start of the agreement.",
        )  # fmt: skip


def occurrence_problems(
    *, kind: str, happened_on: dt.date, evidence: str, scheme: str, ends_agreement: bool, today: dt.date
) -> Iterator[Problem]:
    """Why the event cannot be recorded. Any event can be, if it is not in the future and has evidence."""
    if kind not in OccurrenceKind.values:
        yield Problem("UNKNOWN_KIND", "Choose what has happened", Where(field="kind"))
    if happened_on > today:
        yield Problem("NOT_YET", "The day must be today or in the past", Where(field="happened_on"))
    if not evidence.strip():
        yield Problem("REQUIRED", "Enter where this is recorded", Where(field="evidence"), fix="A reference is enough.")
    if scheme and kind not in OF_A_SCHEME:
        yield Problem("NOT_OF_A_SCHEME", "A change of host concerns the whole agreement", Where(field="scheme"))
    if kind == OccurrenceKind.CLOSURE_OF_SCHEME and not scheme:
        yield Problem("REQUIRED", "Choose the scheme that was closed", Where(field="scheme"))
    if ends_agreement and (scheme or kind in ENDS_NOTHING):
        yield Problem("ENDS_NOTHING", "This does not end the whole agreement", Where(field="ends_agreement"))


def run_out(record: AgreementRecord, today: dt.date) -> tuple[dt.date | None, AgreementState]:
    """The last day of an agreement whose end has passed (else None), and its state then: ended by deed, or expired."""
    over = AgreementState.EXPIRED
    content = content_as_at(record, today) if record.state in RUNNING else None
    if content is None or content.end is None or content.end >= today:
        return None, over
    setting = [deed for deed in deeds_in_effect(record, today) if deed.sets_end]
    if setting[-1].kind == DeedKind.TERMINATION:
        over = AgreementState.ENDED
    # Operation may have started after the end that a later deed set; the last day must not be before it.
    return max(content.end, record.operating_since or content.end), over
