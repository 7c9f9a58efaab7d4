"""What an accepted upload changed, figure by figure, and the list of uploads that published figures."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from budgets.allocations import statements as do
from budgets.allocations.stored_preview import FigureChange
from budgets.terms import GrossOrNet
from pooledcare.directory.access import Actor
from pooledcare.kernel.periods import FinancialYear
from pooledcare.uploads.models import Upload
from pooledcare.uploads.terms import UploadState

KIND = "allocations"
MOST_SORTED = 20_000  # figures of an upload that are sorted by the size of their change


def changes_of(upload: Upload, *, public: bool, most: int | None = None, start: int = 0) -> list[FigureChange]:
    """Figures that an accepted upload changed, withdrew or added, in this order and the largest changes first.

    With `public`, what was not published before counts as having no figure before. Uploads of more than `MOST_SORTED`
    figures are in the order in which they were written. One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            do.CHANGES_LARGEST_FIRST if is_sorted(upload) else do.CHANGES_IN_ORDER,
            {"upload": upload.pk, "public": public, "most": most, "start": start},
        )
        return [_change(*row) for row in cursor.fetchall()]


def net_changes(upload: Upload, *, public: bool) -> list[tuple[str, Decimal]]:
    """The net change by year, basis, and gross or net, which are never added together; not of very large uploads."""
    if not is_sorted(upload):
        return []
    with connection.cursor() as cursor:
        cursor.execute(do.NET_CHANGES, {"upload": upload.pk, "public": public})
        found = cursor.fetchall()
    return [(net_text(str(FinancialYear(year)), basis, gross_or_net), net) for year, basis, gross_or_net, net in found]


def net_text(year: str, basis: str, gross_or_net: str) -> str:
    """
    >>> net_text("2024-25", "budget", "net"), net_text("2024-25", "allocation", "not_applicable")
    ('2024-25 budget, net', '2024-25 allocation')
    """
    return f"{year} {basis}" if gross_or_net == GrossOrNet.NOT_APPLICABLE else f"{year} {basis}, {gross_or_net}"


def is_sorted(upload: Upload) -> bool:
    return upload.rows_staged <= MOST_SORTED


def _change(*row: Any) -> FigureChange:
    organisation, organisation_name, stream, stream_name, year, basis, gross_or_net, recurrence = row[:8]
    before, before_text, after, after_text, withdrawn, pk = row[8:]
    return FigureChange(
        organisation=organisation,
        organisation_name=organisation_name,
        stream=stream,
        stream_name=stream_name,
        financial_year=str(FinancialYear(year)),
        basis=basis,
        gross_or_net=gross_or_net,
        recurrence=recurrence,
        before=before,
        before_text="" if before is not None else before_text or "",
        after=after,
        after_text="" if after is not None else after_text,
        withdrawn=withdrawn,
        reference=f"AL-{pk}",
    )


# ── Publications ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class PublicCounts:
    """How many figures a publication added, changed and withdrew, as the public saw it."""

    new: int
    changed: int
    withdrawn: int


def publications_listed() -> QuerySet[Upload]:
    """Accepted and reversed uploads whose figures are published by today."""
    return Upload.objects.filter(
        kind=KIND, state__in=(UploadState.ACCEPTED, UploadState.REVERSED), published_on__lte=timezone.localdate()
    ).select_related("organisation")


def publication_by(reference: str, *, actor: Actor) -> Upload | None:
    """An upload whose figures are public, or, for a member of its organisation, any accepted one."""
    prefix, _, digits = reference.partition("-")
    if prefix != "UP" or not digits.isascii() or not digits.isdigit() or not 0 < len(digits) < 16:
        return None
    accepted = Upload.objects.filter(kind=KIND, state__in=(UploadState.ACCEPTED, UploadState.REVERSED), pk=int(digits))
    seen = Q(published_on__lte=timezone.localdate())
    if actor.readable_organisation_ids:
        seen |= Q(organisation__in=actor.readable_organisation_ids)
    found = accepted if actor.is_system else accepted.filter(seen)
    return found.select_related("organisation").first()


def is_public(upload: Upload, today: dt.date | None = None) -> bool:
    return upload.published_on is not None and upload.published_on <= (today or timezone.localdate())


def public_counts(upload: Upload) -> PublicCounts:
    """Figures that were replaced or withdrawn before they were published are new, or no change, to the public."""
    counts, first = upload.counts, upload.preview.get("first_published", {})
    newly, gone = first.get("changed", 0), first.get("withdrawn", 0)
    return PublicCounts(
        new=counts.get("new", 0) + newly,
        changed=counts.get("changed", 0) - newly,
        withdrawn=counts.get("withdrawn", 0) - gone,
    )


def share_of(difference: Decimal | None, before: Decimal | None) -> Decimal | None:
    """The difference as a share of the amount before; None unless both are known and there was some amount.

    >>> share_of(Decimal("5"), Decimal("-50")), share_of(Decimal("5"), Decimal("0")), share_of(None, Decimal("1"))
    (Decimal('0.1'), None, None)
    """
    if difference is None or not before:
        return None
    return difference / abs(before)
