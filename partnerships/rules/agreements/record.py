"""Everything recorded about one agreement, deed by deed, as frozen values; the input of the rules in this package."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from partnerships.rules.agreements.content import Body, PlaceNamed, PoolContent, SchemeContent
from partnerships.terms import OPEN_DEEDS, DeedState


@dataclass(frozen=True, slots=True)
class Joined:
    """A partner that joins by a deed, or from `since` as the successor of another partner."""

    pk: int
    body: Body
    role: str
    contributes: bool
    since: dt.date | None = None
    succeeds: int | None = None


@dataclass(frozen=True, slots=True)
class DeedRecord:
    """The content of one deed. A None or empty field changes nothing: what earlier deeds say still applies."""

    pk: int
    number: int
    kind: str
    state: str
    title: str
    summary: str
    effective_on: dt.date | None
    sets_end: bool
    end_on: dt.date | None
    notice_months: int | None
    review_on: tuple[dt.date, ...] | None
    signed_on: dt.date | None
    published_on: dt.date | None
    clauses: tuple[tuple[str, str], ...] = ()
    joined: tuple[Joined, ...] = ()
    left: tuple[int, ...] = ()
    pools: tuple[PoolContent, ...] = ()
    closed_pools: tuple[str, ...] = ()
    schemes: tuple[SchemeContent, ...] = ()
    ended_schemes: tuple[str, ...] = ()

    @property
    def is_signed(self) -> bool:
        return self.state == DeedState.SIGNED

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_DEEDS


@dataclass(frozen=True, slots=True)
class PreconditionFact:
    kind: str
    is_met: bool
    met_on: dt.date | None


@dataclass(frozen=True, slots=True)
class ConsentFact:
    trust: str
    commissioner: str
    consented_on: dt.date | None


@dataclass(frozen=True, slots=True)
class SchemeClosed:
    """A scheme that ended by a recorded event, without a deed."""

    slug: str
    last_day: dt.date


@dataclass(frozen=True, slots=True)
class AgreementRecord:
    pk: int
    power: str
    state: str
    operating_since: dt.date | None
    ended_on: dt.date | None
    is_integrated: bool
    places: tuple[PlaceNamed, ...]
    deeds: tuple[DeedRecord, ...]
    successors: tuple[Joined, ...] = ()
    preconditions: tuple[PreconditionFact, ...] = ()
    consents: tuple[ConsentFact, ...] = ()
    closures: tuple[SchemeClosed, ...] = ()

    @property
    def original(self) -> DeedRecord:
        return self.deeds[0]

    @property
    def open_deed(self) -> DeedRecord | None:
        return next((deed for deed in self.deeds if deed.is_open), None)

    def deed(self, number: int) -> DeedRecord | None:
        return next((deed for deed in self.deeds if deed.number == number), None)


def published(record: AgreementRecord) -> AgreementRecord:
    """The record that the public may read: without unpublished deeds and the successors of their partners."""
    return _with_deeds(record, [deed for deed in record.deeds if deed.published_on is not None])


def known_by(record: AgreementRecord, day: dt.date) -> AgreementRecord:
    """The record with only the deeds signed by the end of a day."""
    return _with_deeds(record, [deed for deed in record.deeds if deed.signed_on is not None and deed.signed_on <= day])


def _with_deeds(record: AgreementRecord, deeds: list[DeedRecord]) -> AgreementRecord:
    """The record with only these deeds, and the successors of partners that joined by them."""
    partners = {each.pk for deed in deeds for each in deed.joined}
    successors = []
    for each in sorted(record.successors, key=lambda one: one.pk):
        if each.succeeds in partners:
            partners.add(each.pk)
            successors.append(each)
    return replace(record, deeds=tuple(deeds), successors=tuple(successors))
