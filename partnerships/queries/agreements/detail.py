"""One agreement as one reader sees it, as at a day; used by all its pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone

from partnerships.models import Agreement, AgreementSummary, Approval, Deed, Publication
from partnerships.queries.agreements.approvals import approvals_of, partner_deciding_bodies
from partnerships.queries.agreements.listing import readable_of
from partnerships.queries.agreements.reach import Reached
from partnerships.queries.agreements.records import record_of
from partnerships.rules.agreements import (
    AgreementRecord,
    Content,
    DeedRecord,
    content_as_at,
    content_hash,
    known_by,
    published,
    reading_day,
)
from partnerships.rules.agreements.signing import ApprovalLine, DecidingBody
from partnerships.terms import Audience, Awaited
from pooledcare.directory.access import Actor
from pooledcare.kernel.names import joined


@dataclass(frozen=True)
class Reading:
    """An agreement as at `day`.

    `whole` is the record of everything that the reader may see. If `known_at` is given, `record` leaves out what was
    recorded after that day; otherwise it is the same.
    """

    reached: Reached
    summary: AgreementSummary
    whole: AgreementRecord
    record: AgreementRecord
    day: dt.date
    as_at: dt.date | None
    known_at: dt.date | None

    @property
    def agreement(self) -> Agreement:
        return self.reached.agreement

    @property
    def is_partner(self) -> bool:
        return self.reached.is_partner

    @property
    def is_readable(self) -> bool:
        """Whether deed 0 is among the deeds that the reader may know; later deeds cannot be read without it."""
        return any(deed.number == 0 for deed in self.record.deeds)

    @cached_property
    def content(self) -> Content | None:
        """The agreement on that day; None before its first day, and before it was signed."""
        if not self.is_readable:
            return None
        audience = Audience.PARTNERS if self.is_partner else Audience.PUBLIC
        return content_as_at(self.record, self.day, known_at=self.known_at, audience=audience)

    @property
    def title(self) -> str:
        found = self.content.title if self.content else self.summary.title
        return found or "Agreement without a title"


def reading(reached: Reached, *, as_at: dt.date | None = None, known_at: dt.date | None = None) -> Reading:
    """The agreement for the page. Fourteen queries."""
    whole = record_of(reached.agreement)
    if not reached.is_partner:
        whole = published(whole)
    return Reading(
        reached=reached,
        summary=AgreementSummary.objects.get(agreement=reached.agreement, audience=reached.audience),
        whole=whole,
        record=whole if known_at is None else known_by(whole, known_at),
        day=as_at or reading_day(whole, timezone.localdate()),
        as_at=as_at,
        known_at=known_at,
    )


# --- deeds -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ApprovalShown:
    """A partner's decision on a deed. `is_void` if the text was edited afterwards, so that it is no longer valid."""

    approval: Approval
    is_void: bool


@dataclass(frozen=True)
class DeedShown:
    """A deed and its row. Decisions and publications are filled in for partners only."""

    deed: DeedRecord
    row: Deed
    hash: str
    approvals: tuple[ApprovalShown, ...]
    publications: tuple[Publication, ...]


def deeds_shown(page: Reading) -> list[DeedShown]:
    """The deeds that the reader may read, newest first. Three queries at most."""
    rows = {row.pk: row for row in Deed.objects.filter(agreement=page.agreement).select_related("agreement", "follows")}
    given: dict[int, list[Approval]] = {}
    public: dict[int, list[Publication]] = {}
    if page.is_partner:
        for approval in Approval.objects.filter(deed__in=rows).select_related("organisation"):
            given.setdefault(approval.deed_id, []).append(approval)
        for each in Publication.objects.filter(deed__in=rows).select_related("organisation"):
            public.setdefault(each.deed_id, []).append(each)
    return [
        _shown(page.record, deed, rows[deed.pk], given.get(deed.pk, []), public.get(deed.pk, []))
        for deed in sorted(page.record.deeds, key=lambda one: -one.number)
    ]


def _shown(
    record: AgreementRecord, deed: DeedRecord, row: Deed, given: list[Approval], public: list[Publication]
) -> DeedShown:
    whole = row.sealed_hash or (content_hash(record, deed) if deed.is_open and record.deed(0) else "")
    approvals = tuple(ApprovalShown(approval, is_void=approval.content_hash != whole) for approval in given)
    return DeedShown(deed, row, whole, approvals, tuple(public))


def who_must_act(page: Reading, deeds: list[DeedShown]) -> list[str]:
    """Sentences that tell partners whose approval, signature or publication is missing."""
    deciding = partner_deciding_bodies(page.record, timezone.localdate()) if page.is_readable else ()
    found = []
    for shown in deeds:
        name = "the agreement" if shown.deed.number == 0 else f"deed {shown.deed.number}"
        if shown.deed.is_open and page.is_readable:
            can_be_signed = page.summary.awaits == Awaited.SIGNATURE
            found += _missing_approvals(approvals_of(shown.row, page.record), name, can_be_signed)
        elif shown.deed.is_signed and shown.deed.published_on is None:
            found += _missing_publications(deciding, shown, name)
    return found


def _missing_approvals(lines: list[ApprovalLine], name: str, can_be_signed: bool) -> list[str]:
    asking = [line.body.name for line in lines if line.asks_for_changes]
    silent = [line.body.name for line in lines if not line.asks_for_changes and not line.is_approved]
    if lines and not asking and not silent:
        then = "It can be signed." if can_be_signed else "It cannot be signed yet: the tasks say why."
        return [f"Every partner has approved {name}. {then}"]
    found = [f"{joined(asking)} {_have(asking)} asked for changes to {name}."] if asking else []
    return found + ([f"{joined(silent)} {_have(silent)} not approved {name} yet."] if silent else [])


def _missing_publications(deciding: Iterable[DecidingBody], shown: DeedShown, name: str) -> list[str]:
    done = {each.organisation_id for each in shown.publications}
    missing = [decider.body.name for decider in deciding if not decider.represents & done]
    if not done:
        return [f"No partner has published {name} yet."]
    return [f"{joined(missing)} {_have(missing)} not published {name} yet."] if missing else []


def _have(names: list[str]) -> str:
    return "have" if len(names) > 1 else "has"


# --- renewals --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Renewals:
    """The agreement that this one renews and those that renew it; only those that the reader may read."""

    before: list[AgreementSummary]
    after: list[AgreementSummary]


def renewals_of(page: Reading, *, actor: Actor) -> Renewals:
    """The renewals shown on the page. Three queries."""
    known = [deed.pk for deed in page.record.deeds]
    before = set(Deed.objects.filter(pk__in=known).exclude(follows=None).values_list("follows", flat=True))
    after = set(Deed.objects.filter(follows=page.agreement).values_list("agreement", flat=True))
    seen = readable_of(before | after, actor=actor)
    return Renewals(
        before=[seen[pk] for pk in sorted(before) if pk in seen],
        after=[seen[pk] for pk in sorted(after) if pk in seen],
    )
