"""The open deed of an agreement, and the agreement as it would read with it; used by the pages that edit it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone

from partnerships.models import Agreement, Board, Deed, Document, Notice, Partner, Scheme
from partnerships.queries.agreements.governance import BoardShown
from partnerships.queries.agreements.records import record_of
from partnerships.queries.law import functions_listed, law_in_force
from partnerships.records import DELEGATED_LIMIT, LIMIT_DEPUTY
from partnerships.rules.agreements import (
    AgreementRecord,
    Content,
    PoolContent,
    content_as_at,
    content_before,
    content_of,
    reading_day,
)
from partnerships.rules.agreements.limits import DeputyIn, LimitIn
from partnerships.terms import OPEN_DEEDS, DeedState, Outcome
from pooledcare.directory.models import Organisation, Place

UNSIGNED = OPEN_DEEDS | {DeedState.WITHDRAWN}


@dataclass(frozen=True)
class Draft:
    """A deed, the agreement as it would read with it (`content`) and without it (`before`; None for deed 0)."""

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
    def is_assessed(self) -> bool:
        """Whether an impact assessment of the deed is recorded."""
        return self.deed.impact_assessments.exists()

    @cached_property
    def decisions(self) -> list[str]:
        """Kinds of body whose decision on the agreement is recorded."""
        return list(self.agreement.decisions.values_list("body", flat=True))

    @cached_property
    def bodies(self) -> dict[str, Organisation]:
        """The partners by code, in their usual order."""
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
    """A short text that changes when the content of a part changes. `part` must be a frozen value."""
    return hashlib.sha256(repr(part).encode()).hexdigest()[:16]


def draft_of(agreement: Agreement) -> Draft | None:
    """The open deed and its content; None if no deed is open."""
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


def body_of_code(code: str, *, on: dt.date) -> Organisation | None:
    """The organisation that had this code and existed on the day; the first by name if two have it."""
    return Organisation.objects.with_code(code, on=on).open_on(on).order_by("name", "pk").first()


def bodies_by_pk(pks: Collection[int]) -> dict[int, Organisation]:
    return {each.pk: each for each in Organisation.objects.filter(pk__in=list(pks))}


def limits_of(pool: PoolContent) -> list[LimitIn]:
    """The delegated limits of a fund, as they would be entered."""
    bodies = bodies_by_pk([each.partner.pk for each in pool.limits])
    return [
        LimitIn(
            partner=bodies[each.partner.pk],
            **DELEGATED_LIMIT.plain_values(each),
            deputies=tuple(DeputyIn(**LIMIT_DEPUTY.plain_values(one)) for one in each.deputies),
        )
        for each in pool.limits
    ]


def places_by_slug(slugs: Collection[str]) -> list[Place]:
    return list(Place.objects.filter(slug__in=list(slugs)).order_by("name", "pk"))


def place_named(text: str, *, on: dt.date) -> Place | None:
    """A place by its name, in any case, or its slug; preferably one that exists on the day."""
    wanted = text.strip()
    named = Place.objects.filter(name__iexact=wanted) | Place.objects.filter(slug=wanted.lower())
    return named.open_on(on).order_by("name", "pk").first() or named.order_by("name", "pk").first()


def board_of(agreement: Agreement, pk: int) -> BoardShown | None:
    board = Board.objects.select_related("agreement").filter(agreement=agreement, pk=pk).first()
    if board is None:
        return None
    seats = list(board.seats.select_related("organisation"))
    return BoardShown(board, seats, list(board.quorums.select_related("organisation")))


def document_of(agreement: Agreement, pk: int) -> Document | None:
    return Document.objects.select_related("agreement").filter(agreement=agreement, pk=pk, removed_at=None).first()


def notice_of(agreement: Agreement, pk: int) -> Notice | None:
    """A notice that has not been withdrawn, or None."""
    return next((each for each in current_notice_rows(agreement) if each.pk == pk), None)


def schemes_by_slug(agreement: Agreement) -> dict[str, Scheme]:
    return {each.slug: each for each in agreement.schemes.all()}


def partners_now(agreement: Agreement) -> list[Partner]:
    """Partners by a signed deed or by succession that have no successor in the agreement yet, by name."""
    found = Partner.objects.filter(agreement=agreement).exclude(deed__state__in=sorted(UNSIGNED))
    return list(found.filter(successors=None).select_related("organisation").order_by("organisation__name", "pk"))


def bodies_reading(agreement: Agreement, today: dt.date) -> list[Organisation]:
    """Today's partners; for an agreement that starts later, those of its first day."""
    record = record_of(agreement)
    content = content_as_at(record, reading_day(record, today))
    pks = [each.body.pk for each in content.partners] if content else []
    return list(Organisation.objects.filter(pk__in=pks).order_by("name", "pk"))


def current_notice_rows(agreement: Agreement) -> list[Notice]:
    """Notices that have not been withdrawn, oldest first."""
    found = Notice.objects.filter(agreement=agreement, withdraws=None, withdrawn_by=None)
    return list(found.select_related("organisation", "scheme").order_by("pk"))


def functions_offered(power: str, day: dt.date) -> list[tuple[str, str]]:
    """Every function as (code, label). If the law in force on the day does not simply allow it, the label says so."""
    law = law_in_force()
    offered = []
    for each in functions_listed():
        judged = law.function(power, each.code, day)
        doubt = "" if judged is None or judged.outcome == Outcome.LAWFUL else f" ({judged.outcome.label.lower()})"
        offered.append((each.code, f"{each.name}{doubt}"))
    return offered
