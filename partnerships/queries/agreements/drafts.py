"""The open deed of an agreement with what it makes of it: what the pages that edit it start from."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone

from partnerships.models import Agreement, Approval, Board, Deed, Document, Notice, Partner
from partnerships.queries.agreements.records import record_of
from partnerships.rules.agreements import AgreementRecord, Content, content_before, content_of
from partnerships.terms import OPEN_DEEDS
from pooledcare.directory.models import Organisation, Place


@dataclass(frozen=True)
class Draft:
    """An open deed, the agreement as it would read by it, and as it reads without it (None for the agreement)."""

    agreement: Agreement
    deed: Deed
    record: AgreementRecord
    content: Content
    before: Content | None

    @property
    def is_original(self) -> bool:
        return self.deed.number == 0

    @property
    def day(self) -> dt.date:
        """The day on which codes are looked up and functions offered: the first day of the deed, or today."""
        return self.deed.effective_on or timezone.localdate()

    @cached_property
    def bodies(self) -> dict[str, Organisation]:
        """Its partners by code, in their order."""
        pks = [each.body.pk for each in self.content.partners]
        found = {each.pk: each for each in Organisation.objects.filter(pk__in=pks)}
        return {found[pk].code: found[pk] for pk in pks}

    def partner(self, code: str) -> Partner | None:
        """The row of a partner, by the code of its organisation."""
        named = next((each for each in self.content.partners if each.body.code == code), None)
        if named is None:
            return None
        return Partner.objects.select_related("organisation", "agreement").get(pk=named.pk)


def fingerprint(part: object) -> str:
    """A short text that differs when what is said of a thing differs; frozen values only."""
    return hashlib.sha256(repr(part).encode()).hexdigest()[:16]


def draft_of(agreement: Agreement) -> Draft | None:
    """The draft under work. None where no deed is open."""
    deed = Deed.objects.filter(agreement=agreement, state__in=sorted(OPEN_DEEDS)).first()
    return None if deed is None else _draft(agreement, deed)


def deed_numbered(agreement: Agreement, number: int) -> Draft | None:
    """A deed, open or not, with its content."""
    deed = Deed.objects.filter(agreement=agreement, number=number).first()
    return None if deed is None else _draft(agreement, deed)


def _draft(agreement: Agreement, deed: Deed) -> Draft:
    deed.agreement = agreement
    record = record_of(agreement)
    said = next(each for each in record.deeds if each.number == deed.number)
    return Draft(agreement, deed, record, content_of(record, said), content_before(record, said))


def approvals_of(deed: Deed) -> list[Approval]:
    """Every word of a partner on the deed, oldest first."""
    return list(deed.approvals.select_related("organisation").order_by("pk"))


def body_of_code(code: str, *, on: dt.date) -> Organisation | None:
    """The body that held this code, and existed, on a day. The first by name where two lists share a code."""
    return Organisation.objects.with_code(code, on=on).open_on(on).order_by("name", "pk").first()


def bodies_by_pk(pks: Collection[int]) -> dict[int, Organisation]:
    return {each.pk: each for each in Organisation.objects.filter(pk__in=list(pks))}


def places_by_slug(slugs: Collection[str]) -> list[Place]:
    return list(Place.objects.filter(slug__in=list(slugs)).order_by("name", "pk"))


def place_named(text: str, *, on: dt.date) -> Place | None:
    """A place by its name or by the last part of its address, as it is or was."""
    wanted = text.strip()
    named = Place.objects.filter(name__iexact=wanted) | Place.objects.filter(slug=wanted.lower())
    return named.open_on(on).order_by("name", "pk").first() or named.order_by("name", "pk").first()


def board_of(agreement: Agreement, pk: int) -> Board | None:
    return Board.objects.filter(agreement=agreement, pk=pk).first()


def document_of(agreement: Agreement, pk: int) -> Document | None:
    return Document.objects.select_related("agreement").filter(agreement=agreement, pk=pk, removed_at=None).first()


def notices_standing(agreement: Agreement) -> list[Notice]:
    """Notices that have not been taken back, oldest first."""
    found = Notice.objects.filter(agreement=agreement, withdraws=None, withdrawn_by=None)
    return list(found.select_related("organisation", "scheme").order_by("pk"))
