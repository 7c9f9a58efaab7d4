"""Renewing an agreement: a new draft starts with the current text of the old agreement and links to it."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from partnerships.changing.agreement import finish_change, lock_agreement, refuse, set_state
from partnerships.changing.copying import copy_content
from partnerships.changing.draft_edit import require_drafting_organisation
from partnerships.models import Agreement, Deed, IntegrationMark
from partnerships.queries.agreements.records import record_of
from partnerships.records import DEED
from partnerships.rules.agreements import read_on
from partnerships.rules.agreements.preparing import renewing_problems
from partnerships.terms import BEFORE_SIGNING, SENTENCES, AgreementState, DeedKind, MarkKind
from pooledcare.directory.access import Actor
from pooledcare.directory.models import Organisation
from pooledcare.kernel.actions import action


@action(SENTENCES)
def prepare_renewal(
    *,
    agreement: Agreement,
    start: dt.date,
    end_on: dt.date | None = None,
    organisation: Organisation | None = None,
    by: Actor,
) -> Agreement:
    """Create a draft with the text of the agreement as it reads today and a new first day.

    The integrated mark is kept.
    """
    agreement = lock_agreement(agreement)
    record = record_of(agreement)
    organisation = require_drafting_organisation(agreement, record, by=by, organisation=organisation)
    begun = Agreement.objects.filter(deeds__follows=agreement, state__in=sorted(BEFORE_SIGNING)).first()
    refuse(renewing_problems(record, start=start, end_on=end_on, begun=begun.reference if begun else ""))
    content = read_on(record, timezone.localdate())
    made = Agreement.objects.create(
        power=agreement.power,
        prepared_by=organisation,
        is_integrated=agreement.is_integrated,
        is_illustrative=agreement.is_illustrative,
        version=0,
    )
    set_state(made, AgreementState.DRAFT, by=by, organisation=organisation, note=f"Renews {agreement.reference}")
    # These are set anew. All other fields of the deed are copied from the old agreement.
    decided = {
        "summary": "",
        "effective_on": start,
        "sets_end": True,
        "end_on": end_on,
        "review_on": [day for day in content.review_on if day > start] or None,
    }
    deed = Deed.objects.create(
        agreement=made,
        number=0,
        kind=DeedKind.ORIGINAL,
        follows=agreement,
        edited_by=by.reference,
        **DEED.plain_values(content, without=decided),
        **decided,
    )
    copy_content(content, deed)
    if made.is_integrated:
        IntegrationMark.objects.create(
            agreement=made, kind=MarkKind.MARKED, organisation=organisation, actor=by.reference
        )
    sentence = f"{made.reference}: started as the renewal of {agreement.reference}."
    finish_change(
        made, by=by, action="agreement.renewed", sentence=sentence, organisation=organisation, event="created"
    )
    return made
