"""Why a deed, or the renewal of an agreement, may not be begun. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from partnerships.rules.agreements.record import AgreementRecord
from partnerships.terms import BEFORE_SIGNING, RUNNING, DeedKind
from pooledcare.kernel.days import written
from pooledcare.kernel.problems import Problem, Where


def preparing_problems(record: AgreementRecord, *, kind: str, effective_on: dt.date | None) -> Iterator[Problem]:
    """Only what is signed and not over can be varied or ended by a deed. Whether one is open, the database says."""
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
    """`begun` is the reference of a renewal that is being drafted."""
    if not record.original.is_signed:
        yield Problem("NOT_SIGNED", "The agreement was never signed", fix="Change its own text instead.")
    if begun:
        yield Problem("RENEWAL_BEGUN", f"{begun} is being drafted as its renewal", value=begun, fix="Go on with it.")
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
    """`message` asks for the reason."""
    if not text.strip():
        yield Problem("REQUIRED", message, where=Where(field=field), fix="A sentence is enough.")
