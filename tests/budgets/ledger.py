"""The books of allocations without files: figures staged, accepted and reversed as the worker does after reading."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from budgets.allocations.steps import AllocationSteps
from budgets.models import StagedAllocation
from pooledcare.directory.access import system_actor
from pooledcare.directory.models import Organisation
from pooledcare.kernel.problems import Problem
from pooledcare.uploads.models import Upload
from tests import factories

PUBLISHED = dt.date(2024, 5, 3)
STEPS = AllocationSteps()
_USUAL = {
    "financial_year": 2024,
    "basis": "allocation",
    "gross_or_net": "not_applicable",
    "recurrence": "recurrent",
    "cell": "E",
}


def figure(
    organisation: Organisation, stream: Any, amount: str | int | Decimal | None = "100.00", **fields: Any
) -> Any:
    """One row of a file that passed every check, as the columns of a staged row."""
    known = None if amount is None else Decimal(amount)
    text = "..." if known is None else str(amount)
    return {"organisation": organisation, "stream": stream, "amount": known, "published_text": text} | fields


def stage(
    source: Organisation,
    *figures: dict[str, Any],
    published_on: dt.date | None = PUBLISHED,
    complete: bool = False,
) -> Upload:
    """An upload that waits for its second person."""
    upload = factories.upload(
        organisation=source,
        state="awaiting_second_person",
        accepted_actor="",
        accepted_at=None,
        published_on=published_on,
        complete=complete,
        rows_staged=len(figures),
    )
    common = {**_USUAL, "upload": upload, "source": source}
    StagedAllocation.objects.bulk_create(
        StagedAllocation(**{**common, "line": line, "row": line + 1, **one})
        for line, one in enumerate(figures, start=1)
    )
    return upload


def accept(upload: Upload) -> dict[str, int]:
    """What was counted; the figures stand."""
    with transaction.atomic():
        STEPS.lock(upload)
        counts = STEPS.accept(upload)
    Upload.objects.filter(pk=upload.pk).update(
        state="accepted", accepted_at=timezone.now(), accepted_actor=system_actor("example-accepter").reference
    )
    return counts


def put(source: Organisation, *figures: dict[str, Any], **fields: Any) -> Upload:
    """Staged and accepted."""
    upload = stage(source, *figures, **fields)
    accept(upload)
    return upload


def reverse(upload: Upload) -> dict[str, int]:
    """What was counted; what stood before the upload stands again."""
    with transaction.atomic():
        STEPS.lock(upload)
        counts = STEPS.reverse(upload, system_actor("example-accepter"))
    Upload.objects.filter(pk=upload.pk).update(state="reversed", reversed_at=timezone.now())
    return counts


def said(problems: Iterable[Problem]) -> list[tuple[str, str]]:
    return [(problem.code, problem.message) for problem in problems]
