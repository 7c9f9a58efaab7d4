"""Sample files of the demonstration for one organisation: its own rows, with invented amounts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from decimal import Decimal

from django.utils import timezone

from budgets.models import FundingStream
from budgets.terms import Basis
from pooledcare.directory.access import Actor, Permission, can, holder_kinds_funded_by
from pooledcare.directory.models import Organisation
from pooledcare.directory.terms import NHS_KINDS
from pooledcare.kernel.periods import FinancialYear
from pooledcare.uploads.kinds import OwnSample

HEADINGS = ("financial_year", "organisation", "stream", "basis", "amount", "recurrence", "note")
NOTE = "Illustrative: an invented amount"
MOST_HOLDERS = 3
_FIRST_AMOUNT, _STEP = Decimal(1_250_000), Decimal(60_500)

Row = tuple[str, ...]


def own_samples(organisation: Organisation, actor: Actor) -> list[OwnSample]:
    """A file with mistakes and the same file mended, with figures that the actor may submit for the organisation.

    There are none for an organisation that can have no figure in the present financial year.
    """
    rows = _rows(organisation, actor)
    if not rows:
        return []
    name = organisation.code.lower()
    return [
        OwnSample(
            f"{name}-figures-with-mistakes.csv",
            f"Figures of {organisation.name} with mistakes",
            "a few cells are wrong: see how the problems are explained",
            figures_file([*_mistaken(rows), *_not_accepted(rows, organisation)]),
        ),
        OwnSample(
            f"{name}-figures.csv",
            f"Figures of {organisation.name}",
            "the same file mended: see what would change",
            figures_file(rows),
        ),
    ]


def _rows(organisation: Organisation, actor: Actor) -> list[Row]:
    year = FinancialYear.containing(timezone.localdate())
    streams = FundingStream.objects.order_by("position", "code")
    existing = [one for one in streams if one.first_year <= year.start <= (one.last_year or year.start)]
    held = [
        (holder, stream)
        for holder in _holders(organisation, actor, existing)
        for stream in existing
        if holder.kind in stream.holder_kinds
    ]
    return [
        (str(year), holder.code, stream.code, _basis(holder), f"{_FIRST_AMOUNT + _STEP * place:.2f}", "", NOTE)
        for place, (holder, stream) in enumerate(held)
    ]


def _holders(organisation: Organisation, actor: Actor, streams: Iterable[FundingStream]) -> list[Organisation]:
    """The organisation itself if it can have figures; otherwise a few that it publishes for."""
    kinds = {kind for stream in streams for kind in stream.holder_kinds}
    if organisation.kind in kinds:
        return [organisation]
    if not can(actor, Permission.PUBLISH_FOR_HOLDERS, organisation):
        return []
    funded = kinds & holder_kinds_funded_by(organisation)
    return list(Organisation.objects.filter(kind__in=funded, closed=None).order_by("name", "pk")[:MOST_HOLDERS])


def _basis(holder: Organisation) -> str:
    return Basis.ALLOCATION.value if holder.kind in NHS_KINDS else Basis.BUDGET.value


def _mistaken(rows: list[Row]) -> list[Row]:
    """The rows with one mistake each in the first three: an amount, a year and a stream."""
    wrong = {0: (4, "1,25,000"), 1: (0, rows[0][0][:4]), 2: (2, "social care")}
    return [
        (*row[: wrong[place][0]], wrong[place][1], *row[wrong[place][0] + 1 :]) if place in wrong else row
        for place, row in enumerate(rows)
    ]


def _not_accepted(rows: list[Row], organisation: Organisation) -> list[Row]:
    """A row of another organisation of the same kind, and a total."""
    others = Organisation.objects.filter(kind=organisation.kind, closed=None).exclude(pk=organisation.pk)
    other = others.order_by("name", "pk").first()
    added = [] if other is None else [(rows[0][0], other.code, *rows[0][2:])]
    return [*added, (rows[0][0], "Total", *rows[0][2:4], str(sum(Decimal(row[4]) for row in rows)), "", "")]


def figures_file(rows: Iterable[Row]) -> bytes:
    """The rows as a CSV file with the headings of the blank template, in UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_MINIMAL)
    writer.writerow(HEADINGS)
    writer.writerows(rows)
    return text.getvalue().encode()
