"""Loads past agreements from the reference tables, each with its source. An agreement that exists is never changed.

They are recorded as signed, without approvals in PooledCare, and even if findings of law about them are unlawful.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import transaction

from partnerships.actions import drafting, operation, past_deeds
from partnerships.models import Agreement
from partnerships.terms import OccurrenceKind, Power
from pooledcare.directory.access import system_actor
from pooledcare.directory.models import Organisation, Source

TABLE = Path(__file__).parent / "agreements.toml"


@transaction.atomic
def load_past_agreements() -> Iterator[str]:
    """Load the agreements. Yields one line of output for each."""
    with TABLE.open("rb") as file:
        rows = tomllib.load(file)["agreement"]
    return iter([_load(row) for row in rows])


def _load(row: dict[str, Any]) -> str:
    source, _ = Source.objects.update_or_create(slug=row["source"]["slug"], defaults=row["source"])
    existing = Agreement.objects.filter(source=source).first()
    if existing is not None:
        return f"{row['title']}: unchanged, {existing.reference}."
    return f"{row['title']}: recorded as {_recorded(row, source).reference}."


def _recorded(row: dict[str, Any], source: Source) -> Agreement:
    by = system_actor("reference")
    start: dt.date = row["start"]
    council = _body(row["council"], start)
    agreement = drafting.start_agreement(
        organisation=council, power=Power.S75, title=row["title"], effective_on=start, is_integrated=True, by=by
    )
    deed = agreement.deeds.get(number=0)
    drafting.add_partner(deed=deed, organisation=_body(row["nhs_body"], start), by=by)
    deed.refresh_from_db()
    drafting.edit_deed(deed=deed, changes={"summary": row["summary"]}, by=by)
    past_deeds.record_history(
        agreement=agreement, signed={0: start}, published=True, source=source, power=row["power"], by=by
    )
    operation.start_operating(agreement=agreement, since=start, by=by)
    operation.record_occurrence(
        agreement=agreement,
        kind=OccurrenceKind.ABOLITION,
        happened_on=row["end"],
        evidence=row["ended_by"],
        ends_agreement=True,
        by=by,
    )
    return agreement


def _body(code: str, day: dt.date) -> Organisation:
    return Organisation.objects.with_code(code, on=day).get()
