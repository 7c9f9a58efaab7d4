"""Who may read an agreement: partners and their successors all of it, others what all partners have published."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from partnerships.models import Agreement, AgreementSummary
from partnerships.terms import Audience
from pooledcare.directory.access import Actor, Permission, can
from pooledcare.directory.models import Organisation

_REFERENCE = re.compile(r"S75-([0-9]{4,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reached:
    """An agreement, and whether the actor reads it as a partner or as the public."""

    agreement: Agreement
    audience: Audience

    @property
    def is_partner(self) -> bool:
        return self.audience == Audience.PARTNERS


def summaries_seen_by(actor: Actor) -> QuerySet[AgreementSummary]:
    """One summary of each agreement that the actor may read: the partners' if the actor is one, or else the public's.

    PooledCare itself reads every agreement as a partner.
    """
    partners, public = Q(audience=Audience.PARTNERS), Q(audience=Audience.PUBLIC)
    found = AgreementSummary.objects.select_related("agreement", "agreement__prepared_by")
    if actor.is_system:
        return found.filter(partners)
    if not actor.readable_organisation_ids:
        return found.filter(public)
    mine = Q(reader_ids__overlap=list(actor.readable_organisation_ids))
    own = AgreementSummary.objects.filter(partners & mine, agreement=OuterRef("agreement"))
    return found.filter((partners & mine) | (public & ~Exists(own)))


def agreement_reached(reference: str, *, actor: Actor) -> Reached | None:
    """The agreement; None both if it does not exist and if the actor may not read any of it."""
    form = _REFERENCE.fullmatch(reference)
    if form is None:
        return None
    summary = summaries_seen_by(actor).filter(agreement=int(form[1])).first()
    return None if summary is None else Reached(summary.agreement, Audience(summary.audience))


def organisations_with_permission(agreement: Agreement, *, actor: Actor, permission: Permission) -> list[Organisation]:
    """Organisations with access to the agreement for which the actor has this permission, by name."""
    if actor.is_system:
        return [agreement.prepared_by]
    summary = AgreementSummary.objects.filter(agreement=agreement, audience=Audience.PARTNERS).first()
    reached = set() if summary is None else set(summary.reader_ids)
    return [each for each in actor.holds(permission) if each.pk in reached]


def may(agreement: Agreement, *, actor: Actor, permission: Permission) -> bool:
    return can(actor, permission) and bool(organisations_with_permission(agreement, actor=actor, permission=permission))
