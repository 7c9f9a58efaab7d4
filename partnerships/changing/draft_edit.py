"""Editing the text of an open deed: what every such action does before and after its own change.

Called by actions, inside their transaction. The text is read whole once before and once after, so that an edit is
refused only for what it makes contradictory, and an edit that says nothing new voids no approval.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

from django.utils import timezone

from partnerships.changing.agreement import (
    demand_for,
    expect_version,
    finish_change,
    lock_deed,
    refuse,
    set_state,
    speaking_for,
)
from partnerships.models import Agreement, Deed, Partner
from partnerships.queries.agreements.approvals import deed_voices, partner_voices
from partnerships.queries.agreements.records import body_of, record_of
from partnerships.rules.agreements import (
    AgreementRecord,
    Content,
    DeedRecord,
    content_before,
    content_hash,
    content_of,
    differences,
)
from partnerships.rules.agreements.drafting import drafting_problems, open_deed_problems
from partnerships.rules.agreements.harming import harms_between, marked_problems, unsigned_problems
from partnerships.rules.agreements.signing import voices_of
from partnerships.terms import AgreementState, DeedState
from pooledcare.directory.access import Actor, Permission
from pooledcare.directory.models import Organisation
from pooledcare.kernel.problems import Problem


@dataclass(frozen=True)
class Edit:
    """An open deed under its agreement's lock, as it read before and reads now, and for whom it is edited."""

    deed: Deed
    organisation: Organisation
    by: Actor
    before: AgreementRecord
    so_before: frozenset[Problem]

    @property
    def agreement(self) -> Agreement:
        return self.deed.agreement

    @property
    def is_original(self) -> bool:
        return self.deed.number == 0

    @cached_property
    def reads(self) -> Content:
        """The agreement as it read by this deed before the edit."""
        return content_of(self.before, _part(self.before, self.deed))

    @cached_property
    def goes_on(self) -> Content | None:
        """What holds where this deed says nothing; None for the agreement itself."""
        return content_before(self.before, _part(self.before, self.deed))

    @cached_property
    def now(self) -> AgreementRecord:
        """The agreement after the edit. It is read once, so an action asks for it only when all its rows are written.

        `changes_nothing` and `finish` ask for it.
        """
        return record_of(self.agreement)

    def finish(self, action: str, what: str, *, tell: Collection[tuple[str, str]] = ()) -> Deed:
        """The end of every edit: the whole text judged, then version, editor, state, summary, audit and feed."""
        self._judge()
        deed, agreement = self.deed, self.agreement
        deed.version += 1
        deed.edited_by = self.by.reference
        deed.state = DeedState.DRAFT
        deed.save()
        if self.is_original and agreement.state != AgreementState.DRAFT:
            set_state(agreement, AgreementState.DRAFT, by=self.by, organisation=self.organisation)
        sentence = f"{deed.reference}: {what}."
        finish_change(
            agreement,
            by=self.by,
            action=action,
            sentence=sentence,
            organisation=self.organisation,
            tell=tell,
            as_read=self._now_a_draft(),
        )
        return deed

    def _judge(self) -> None:
        refuse(each for each in contradictions(self.deed, self.now) if each not in self.so_before)
        if is_marked_draft(self.deed):
            refuse_unpicking(self.deed, self.before, self.now)

    def _now_a_draft(self) -> AgreementRecord:
        """What was read after the edit, with the states that `finish` has set since; nothing else has changed."""
        edited = self.deed
        deeds = (replace(each, state=edited.state) if each.pk == edited.pk else each for each in self.now.deeds)
        return replace(self.now, state=self.agreement.state, deeds=tuple(deeds))

    @property
    def changes_nothing(self) -> bool:
        """Whether what the partners would approve is still the same, so that there is nothing to keep."""
        before, now = (content_hash(record, _part(record, self.deed)) for record in (self.before, self.now))
        return before == now


def begin_edit(deed: Deed, *, by: Actor, version: int | None = None) -> Edit:
    """The deed under lock, for somebody who may edit it, while it may be edited."""
    found = lock_deed(deed)
    demand_for(found.agreement, permission=Permission.PREPARE_AGREEMENTS, by=by)
    refuse(open_deed_problems(found.state))
    expect_version(found, version)
    before = record_of(found.agreement)
    organisation = writing_for(found.agreement, before, by=by)
    return Edit(found, organisation, by, before, frozenset(contradictions(found, before)))


def writing_for(
    agreement: Agreement, record: AgreementRecord, *, by: Actor, organisation: Organisation | None = None
) -> Organisation:
    """For whom somebody writes: a partner today or by the open deed, or who drafts it before it is signed.

    Whoever has left, or was succeeded, still reads and writes no more.
    """
    if by.is_system:
        return organisation or agreement.prepared_by
    today = timezone.localdate()
    voices = [*partner_voices(record, today)]
    if record.open_deed is not None:
        voices += deed_voices(record, record.open_deed, today)
    drafter = body_of(agreement.prepared_by)
    if drafter is not None and not record.original.is_signed:
        voices += voices_of([drafter], {})
    permission = Permission.PREPARE_AGREEMENTS
    return speaking_for(agreement, voices, permission=permission, by=by, organisation=organisation)


def is_marked_draft(deed: Deed) -> bool:
    """The unsigned text of an existing integrated arrangement, which one partner alone can write."""
    return deed.number == 0 and deed.agreement.is_integrated


def refuse_unpicking(deed: Deed, before: AgreementRecord, now: AgreementRecord) -> None:
    """Nothing is taken by an edit from an arrangement that works unsigned, and no partner put out of a marked one."""
    held, holds = (content_of(record, _part(record, deed)) for record in (before, now))
    if deed.agreement.is_operating_unsigned:
        harms = harms_between(held, holds, timezone.localdate())
        refuse(unsigned_problems(harms, differences(held, holds)))
    refuse(marked_problems(held, holds))


def contradictions(deed: Deed, record: AgreementRecord) -> list[Problem]:
    joined = Partner.objects.filter(deed=deed).select_related("organisation")
    return drafting_problems(
        content_of(record, _part(record, deed)),
        _part(record, deed),
        bodies={each.organisation.pk: each.organisation for each in joined},
        places=[each.place for each in deed.agreement.places.select_related("place")],
    )


def _part(record: AgreementRecord, deed: Deed) -> DeedRecord:
    found = record.deed(deed.number)
    if found is None:
        raise LookupError(f"{deed.reference} is not in the record of its agreement.")
    return found
