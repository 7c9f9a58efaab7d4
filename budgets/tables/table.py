"""The parts that all tables of figures share: cells and wording."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from budgets.terms import Basis, GrossOrNet, Recurrence
from pooledcare.directory.queries.organisations import Head
from pooledcare.directory.terms import OrganisationKind, PopulationMeasure
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.tables import Cell

NOT_REPORTED = "Not reported"
NOT_HELD = "Does not hold it"
NO_FIGURE = "No figure"
ILLUSTRATIVE = "Invented for the demonstration"
PENNY = Decimal("0.01")


def year_text(year: int) -> str:
    """
    >>> year_text(2024)
    '2024-25'
    """
    return str(FinancialYear(year))


def basis_text(basis: str, gross_or_net: str, recurrence: str = Recurrence.NOT_STATED) -> str:
    """
    >>> basis_text("budget", "net"), basis_text("allocation", "not_applicable", "recurrent")
    ('Budget, net', 'Allocation, recurrent')
    """
    words = [str(Basis(basis).label)]
    if gross_or_net != GrossOrNet.NOT_APPLICABLE:
        words.append(str(GrossOrNet(gross_or_net).label).lower())
    if recurrence != Recurrence.NOT_STATED:
        words.append(str(Recurrence(recurrence).label).lower())
    return ", ".join(words)


def kind_text(kind: str) -> str:
    return str(OrganisationKind(kind).label)


def date_text(day: dt.date | None) -> str:
    return "" if day is None else date_format(day, "j F Y")


def reported_text(reported: int, expected: int) -> str:
    """
    >>> reported_text(146, 152), reported_text(42, 42)
    ('146 of 152', 'all 42')
    """
    return f"all {expected:,}" if reported == expected else f"{reported:,} of {expected:,}"


def counted_text(total: Any) -> str:
    """How many holders have reported, and how many further figures are in a sum (`queries.totals.Total`)."""
    counted = f"{total.reported:,} of {total.expected:,}" if total.expected else ""
    others = f"{total.included:,} of others" if total.included else ""
    return ", and ".join(filter(None, (counted, others)))


def head_text(head: Head | None) -> str:
    """
    >>> head_text(Head(581145, dt.date(2023, 6, 30), "resident_estimate"))
    'resident population estimate, 30 June 2023'
    """
    return "" if head is None else f"{str(PopulationMeasure(head.measure).label).lower()}, {date_text(head.as_at)}"


def head_sentence(head: Head, *, of_the_place: bool = False) -> str:
    """
    >>> head_sentence(Head(611142, dt.date(2025, 4, 1), "registered"))
    'Per registered patient: 611,142 on 1 April 2025, for every year.'
    >>> head_sentence(Head(581145, dt.date(2023, 6, 30), "resident_estimate"), of_the_place=True)
    'Per resident of the place: 581,145 on 30 June 2023, for every year.'
    """
    who = "registered patient" if head.measure == PopulationMeasure.REGISTERED else "resident"
    where = " of the place" if of_the_place else ""
    return f"Per {who}{where}: {head.persons:,} on {date_text(head.as_at)}, for every year."


def per_head(amount: Decimal | None, head: Head | None) -> Decimal | None:
    """Pounds per head, to the penny; None, never 0, if either is unknown."""
    if amount is None or head is None or head.persons == 0:
        return None
    return (amount / head.persons).quantize(PENNY, rounding=ROUND_HALF_EVEN)


def amount_cell(figure: Any | None) -> Cell:
    """One figure, linked to its source. If not reported, the publisher's mark is shown."""
    if figure is None:
        return {"value": None, "missing": NO_FIGURE}
    if figure.amount is None:
        return {"value": None, "missing": f"{not_reported_text(figure)} ({figure.published_text})"}
    address = reverse("budgets:allocation-detail", args=[figure.reference])
    return {"value": figure.amount, "url": address, "note": unpublished_note(figure)}


def not_reported_text(figure: Any) -> str:
    """What a mark instead of an amount means: not reported, or that there is nothing to report."""
    return NOT_REPORTED if figure.organisation.kind in figure.stream.holder_kinds else NOT_HELD


def unpublished_note(figure: Any) -> str | None:
    is_public = figure.published_on is not None and figure.published_on <= timezone.localdate()
    return None if is_public else "not published"


def sum_cell(amount: Decimal | None, reported: int, expected: int) -> Cell:
    """A sum. If some figures are missing, it says how many are included."""
    if amount is None:
        return {"value": None, "missing": f"{NOT_REPORTED} (0 of {expected:,})" if expected else NO_FIGURE}
    return {"value": amount, "note": None if reported == expected else f"{reported_text(reported, expected)} reported"}


def body_cell(body: Any) -> Cell:
    """An organisation with a link; an invented one is labelled as such."""
    return {
        "value": body.name,
        "url": body.get_absolute_url(),
        "note": ILLUSTRATIVE if body.illustrative else None,
    }


def source_text(figure: Any) -> str:
    """The source of a figure: the publisher's name, or that it is the holder's own."""
    return "Its own figure" if figure.source_id == figure.organisation_id else figure.source.name
