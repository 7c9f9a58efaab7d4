"""When partners merge or close: adding their successors as partners. Rows of the earlier partners do not change.

Where the reference data names the successor, `actions/daily.py` does this by itself, every day. Of the actions here,
`add_known_successors` does the same at once, and `record_successors` is for successors not in the reference data.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from django.utils import timezone

from partnerships.changing.agreement import finish_change, lock_agreement, refuse, set_state
from partnerships.changing.copying import add_successors, create_successor
from partnerships.changing.draft_edit import require_drafting_organisation
from partnerships.models import Agreement, Partner
from partnerships.queries.agreements.records import record_of
from partnerships.rules.agreements import content_as_at
from partnerships.rules.agreements.succeeding import Claim, succeeding_problems
from partnerships.terms import SENTENCES
from pooledcare.directory.access import Actor
from pooledcare.directory.models import Organisation, Succession
from pooledcare.kernel.actions import action
from pooledcare.kernel.problems import Problem

_DAY = dt.timedelta(days=1)


@action(SENTENCES)
def add_known_successors(*, agreement: Agreement, by: Actor) -> list[Partner]:
    """Add every successor that the reference data names and that is not a partner yet.

    Does nothing, not even an audit entry, if there is none to add.
    """
    agreement = lock_agreement(agreement)
    organisation = require_drafting_organisation(agreement, record_of(agreement), by=by)
    made = add_successors(agreement, timezone.localdate())
    if made:
        _finish(agreement, made, by, organisation)
    return made


@action(SENTENCES)
def record_successors(
    *,
    agreement: Agreement,
    partner: Partner,
    successors: Sequence[Organisation],
    effective_on: dt.date,
    evidence: str,
    organisation: Organisation | None = None,
    by: Actor,
) -> list[Partner]:
    """Record who succeeded a partner that no longer exists and whose successor is not in the reference data.

    Raises `Refused` if an organisation names itself as successor, or if the partner still exists: that takes a deed.
    """
    agreement = lock_agreement(agreement)
    organisation = require_drafting_organisation(agreement, record_of(agreement), by=by, organisation=organisation)
    partner = Partner.objects.select_related("organisation", "agreement").get(pk=partner.pk)
    held = list(partner.successors.select_related("organisation").order_by("pk"))
    if held and {(row.organisation_id, row.valid_from) for row in held} == {(s.pk, effective_on) for s in successors}:
        return held
    refuse(_problems(agreement, partner, successors, effective_on, evidence, held, organisation))
    made = [create_successor(partner, each, effective_on) for each in dict.fromkeys(successors)]
    note = f"{partner.organisation.code} succeeded by {_codes(made)}: {evidence.strip()}"
    set_state(agreement, agreement.state, by=by, organisation=organisation, note=note)
    _finish(agreement, made, by, organisation)
    return made


def _problems(
    agreement: Agreement,
    partner: Partner,
    successors: Sequence[Organisation],
    effective_on: dt.date,
    evidence: str,
    held: Sequence[Partner],
    organisation: Organisation,
) -> Iterator[Problem]:
    body = partner.organisation
    before = content_as_at(record_of(agreement), effective_on - _DAY)
    there = {each.body.pk for each in before.partners} if before else set()
    is_signed = partner.deed is None or partner.deed.signed_on is not None
    claim = Claim(
        name=body.name,
        closed=body.closed,
        successors=[(each.pk, each.name, each.is_open_on(effective_on)) for each in successors],
        effective_on=effective_on,
        evidence=evidence,
    )
    known = Succession.objects.filter(predecessor=body).values_list("successor__name", flat=True)
    return succeeding_problems(
        claim,
        is_partner=is_signed and partner.agreement_id == agreement.pk and body.pk in there,
        known=list(known),
        already=[row.organisation.name for row in held],
        claimed_by=organisation.pk,
        today=timezone.localdate(),
    )


def _codes(rows: Sequence[Partner]) -> str:
    return ", ".join(sorted({row.organisation.code for row in rows}))


def _finish(agreement: Agreement, made: Sequence[Partner], by: Actor, organisation: Organisation) -> None:
    sentence = f"{agreement.reference}: carried over to {_codes(made)}."
    finish_change(agreement, by=by, action="partner.carried_over", sentence=sentence, organisation=organisation)
