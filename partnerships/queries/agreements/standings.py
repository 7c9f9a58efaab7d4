"""Working out how agreements stand, for one or for all of them with the same number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

from django.db import connection

from partnerships.models import Agreement, Standing
from partnerships.queries.agreements.records import records_of
from partnerships.queries.law import law_in_force
from partnerships.rules.agreements import findings_of, published, standing_on
from partnerships.rules.law import RuleSet
from partnerships.terms import Audience

_HEIRS = """
with recursive heirs (origin, heir) as (
    select predecessor_id, successor_id from directory_succession
    union
    select h.origin, s.successor_id from heirs h join directory_succession s on s.predecessor_id = h.heir
)
select origin, heir from heirs
"""


def heirs_by_organisation() -> dict[int, set[int]]:
    """Every organisation that has succeeded another, directly or in steps."""
    found: dict[int, set[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_HEIRS)
        for origin, heir in cursor.fetchall():
            found.setdefault(origin, set()).add(heir)
    return found


def standings_on(
    agreements: Collection[Agreement], today: dt.date, *, rules: RuleSet | None = None
) -> Iterator[Standing]:
    """Unsaved rows: for the partners of each agreement, and for the public where it has been published."""
    law = rules or law_in_force()
    heirs = heirs_by_organisation()
    records = records_of(agreements)
    for agreement in agreements:
        for audience in Audience:
            record = records[agreement.pk]
            if audience == Audience.PUBLIC:
                record = published(record)
                if not record.deeds or record.deeds[0].number != 0:
                    continue
            values = standing_on(
                record,
                today,
                audience=audience,
                findings=findings_of(record, law),
                heirs=heirs,
                drafted_by=agreement.prepared_by_id,
            )
            if values is not None:
                yield Standing(
                    agreement=agreement,
                    audience=audience,
                    worked_out_on=today,
                    **{name: getattr(values, name) for name in values.__slots__},
                )
