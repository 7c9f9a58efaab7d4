"""Why a deed, or the renewal of an agreement, cannot be prepared. Pure functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from partnerships.rules.agreements.record import AgreementRecord
from partnerships.terms import BEFORE_SIGNING, RUNNING, DeedKind
from pooledcare.kernel.days import written
from pooledcare.kernel.problems import Problem, Where


def preparing_problems(record: AgreementRecord, *, kind: str, effective_on: dt.date | None) -> Iterator[Problem]:
    """Why a deed cannot be prepared: the agreement must be signed and not over.

    The database refuses a second open deed.
    """
    if kind not in (DeedKind.VARIATION, DeedKind.TERMINATION):
        yield Problem("UNKNOWN_KIND", "Choose a deed of variation or of termination", where=Where(field="kind"))
    if record.state in BEFORE_SIGNING:
        yield Problem("NOT_SIGNED", "The agreement is not signed yet", fix="Change its own text instead.")
    elif record.state not in RUNNING:
        yield Problem("AGREEMENT_OVER", "The agreement is over", fix="Begin a new one, or renew it.")
    start = record.original.effective_on
    if effective_on is not None and start is not None and effective_on < start:
        yield Problem(
            "DEED_BEFORE_START",
            f"A deed cannot have effect before the agreement, which starts on {written(start)}",
            where=Where(field="effective_on"),
        )


def renewing_problems(
    record: AgreementRecord, *, start: dt.date, end_on: dt.date | None, begun: str
) -> Iterator[Problem]:
    """Why the agreement cannot be renewed. `begun` is the reference of a renewal already being drafted, or empty."""
    if not record.original.is_signed:
        yield Problem("NOT_SIGNED", "The agreement was never signed", fix="Change its own text instead.")
    if begun:
        yield Problem(
            "RENEWAL_BEGUN", f"{begun} is being drafted as its renewal", value=begun, fix="Continue with that draft."
        )
    first = record.original.effective_on
    if first is not None and start <= first:
        yield Problem(
            "RENEWAL_BEFORE_START",
            f"The renewal must start after the agreement, which started on {written(first)}",
            where=Where(field="start"),
        )
    if end_on is not None and end_on < start:
        yield Problem("ENDS_BEFORE_START", "The renewal cannot end before it starts", where=Where(field="end_on"))


def reason_problems(text: str, field: str, message: str) -> Iterator[Problem]:
    """Refuse an empty reason with this message."""
    if not text.strip():
        yield Problem("REQUIRED", message, where=Where(field=field), fix="A sentence is enough.")
