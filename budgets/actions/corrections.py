"""Correcting a single figure with a form.

The correction becomes an upload of one row, which passes the same checks and must be accepted by a second person.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import replace

from django.core.files.base import ContentFile

from budgets.models import Allocation
from budgets.terms import SENTENCES
from pooledcare.directory.access import Actor
from pooledcare.directory.history import record
from pooledcare.directory.models import OrganisationCode
from pooledcare.kernel.actions import action
from pooledcare.kernel.days import written
from pooledcare.kernel.money import parse_amount
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.uploads import actions
from pooledcare.uploads.models import Upload
from pooledcare.uploads.terms import Channel

ONLY_THE_DATE = "ONLY_THE_DATE"  # a correction that would only publish the figure


@action(SENTENCES)
def correct_figure(
    *, allocation: Allocation, amount: str, note: str, published_on: dt.date | None, by: Actor
) -> Upload:
    """Propose another amount for one figure. `amount` is the text as typed; the checks read it like a cell."""
    if not allocation.is_current or allocation.withdrawn:
        raise Refused.because(
            "NOT_CURRENT",
            f"{allocation.reference} is no longer the current version",
            fix="Look at the current figure and correct that one.",
        )
    if problems := _correction_problems(allocation, amount, published_on):
        raise Refused(problems)
    name = f"correction-of-{allocation.reference}.csv"
    upload = actions.receive_upload(
        organisation=allocation.source,
        kind="allocations",
        file=ContentFile(_one_row(allocation, amount, note)),
        filename=name,
        published_on=published_on,
        channel=Channel.FORM,
        by=by,
    )
    record(
        by=by,
        action="allocation.correction_proposed",
        subject=f"allocation:{allocation.reference}",
        sentence=f"A correction of {allocation.reference} was proposed as {upload.reference}.",
        organisation=allocation.source.code,
    )
    return upload


def _correction_problems(allocation: Allocation, amount: str, published_on: dt.date | None) -> list[Problem]:
    """Problems that the checks of the upload would find, reported earlier so that the form can show them."""
    problems = []
    try:
        if parse_amount(amount) == allocation.amount:
            problems.append(_unchanged(allocation, amount, published_on))
    except Refused as refused:
        problems += [replace(problem, where=Where(field="amount")) for problem in refused.problems]
    if allocation.published_on is not None and published_on is None:
        hidden = "Enter the day on which the corrected figure was published"
        fix = "The figure that it replaces is published, and an unpublished one cannot replace it."
        problems.append(Problem("REQUIRED", hidden, Where(field="published_on"), fix=fix))
    if allocation.published_on is not None and published_on is not None and published_on < allocation.published_on:
        message = f"The figure that it replaces was published later, on {written(allocation.published_on)}"
        where = Where(field="published_on")
        problems.append(
            Problem("PUBLISHED_BEFORE", message, where, published_on.isoformat(), "Correct the date of publication.")
        )
    return problems


def _unchanged(allocation: Allocation, amount: str, published_on: dt.date | None) -> Problem:
    message = f"{allocation.reference} already has this amount"
    if allocation.published_on is not None or published_on is None:
        return Problem("UNCHANGED", message, Where(field="amount"), amount, "Enter the right one.")
    message = f"{message}, so only the date of publication is new"
    fix = f"Publish the figures of {allocation.upload.reference} instead of correcting this one."
    return Problem(ONLY_THE_DATE, message, Where(field="published_on"), published_on.isoformat(), fix)


def _one_row(allocation: Allocation, amount: str, note: str) -> bytes:
    row = {
        "financial_year": str(FinancialYear(allocation.financial_year)),
        "organisation": _code_in_year(allocation),
        "stream": allocation.stream.code,
        "basis": allocation.basis,
        "amount": amount,
        "recurrence": allocation.recurrence,
        "note": note,
        "gross_or_net": allocation.gross_or_net,
        "corrects": allocation.reference,
    }
    out = io.StringIO()
    writer = csv.DictWriter(out, list(row))
    writer.writeheader()
    writer.writerow(row)
    return out.getvalue().encode()


def _code_in_year(allocation: Allocation) -> str:
    """A code that the organisation had in that year; its present code may be newer."""
    year = FinancialYear(allocation.financial_year)
    codes = OrganisationCode.objects.filter(organisation=allocation.organisation_id).order_by("scheme", "-valid_from")
    for code in codes:
        starts_in_time = code.valid_from is None or code.valid_from <= year.last_day
        if starts_in_time and (code.valid_to is None or code.valid_to >= year.first_day):
            return code.code
    return allocation.organisation.code
