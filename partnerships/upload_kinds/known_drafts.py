"""Lookups for the rows of a file: organisations by code and day, and the agreements that the sender may draft."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from partnerships.models import Agreement, AgreementSummary
from partnerships.queries.agreements.records import records_of
from partnerships.rules.agreements import AgreementRecord, Content, DeedRecord, content_of
from partnerships.terms import Audience
from pooledcare.directory.models import Organisation, OrganisationCode


@dataclass(frozen=True, slots=True)
class Holder:
    """An organisation that had a code, with the days on which it had the code and existed."""

    pk: int
    code: str
    name: str
    first: dt.date | None
    last: dt.date | None

    def is_there_on(self, day: dt.date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


class Bodies:
    """All organisations by all codes they ever had. One query, made at the first lookup."""

    @cached_property
    def _by_code(self) -> dict[str, list[Holder]]:
        found: dict[str, list[Holder]] = defaultdict(list)
        rows = OrganisationCode.objects.order_by("organisation__name", "organisation").values_list(
            "code", "organisation", "organisation__code", "organisation__name", "valid_from", "valid_to",
            "organisation__opened", "organisation__closed",
        )  # fmt: skip
        for code, pk, own, name, start, end, opened, closed in rows:
            first = max((day for day in (start, opened) if day), default=None)
            last = min((day for day in (end, closed) if day), default=None)
            found[code].append(Holder(pk, own, name, first, last))
        return found

    def on(self, code: str, day: dt.date) -> Holder | None:
        return next((each for each in self._by_code.get(code, ()) if each.is_there_on(day)), None)


@dataclass(frozen=True, slots=True)
class Known:
    """An agreement that the sender may draft. `deed` and `content` are None if no deed is open."""

    agreement: Agreement
    record: AgreementRecord
    deed: DeedRecord | None
    content: Content | None
    version: int | None


def drafts_of(organisation: Organisation, keys: Collection[int]) -> dict[int, Known]:
    """Those of the given agreements that the organisation reads as a partner. Fifteen queries, however many."""
    reading = AgreementSummary.objects.filter(
        agreement__in=list(keys), audience=Audience.PARTNERS, reader_ids__contains=[organisation.pk]
    )
    agreements = list(Agreement.objects.filter(pk__in=reading.values("agreement")).select_related("prepared_by"))
    records = records_of(agreements)
    versions = dict(Agreement.objects.filter(pk__in=records).values_list("deeds", "deeds__version"))
    found = {}
    for agreement in agreements:
        record = records[agreement.pk]
        deed = record.open_deed
        content = content_of(record, deed) if deed else None
        found[agreement.pk] = Known(agreement, record, deed, content, versions[deed.pk] if deed else None)
    return found


def titles_open(organisation: Organisation) -> dict[str, str]:
    """Agreements that the organisation has started and that are not signed: title to reference."""
    rows = AgreementSummary.objects.filter(
        audience=Audience.PARTNERS, agreement__prepared_by=organisation, agreement__deeds__number=0,
        agreement__deeds__state__in=("draft", "changes_requested", "approved"),
    ).select_related("agreement")  # fmt: skip
    return {row.title: row.agreement.reference for row in rows}
