"""Editing the text of an open deed: what every such action does before and after its own change.

Called by actions, inside their transaction. The whole text is read once before and once after the edit: the edit is
refused only for contradictions that it adds, and if the text is the same afterwards, approvals stay valid.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

from django.utils import timezone

from partnerships.changing.agreement import (
    expect_version,
    finish_change,
    lock_deed,
    refuse,
    require_deciding_organisation,
    require_organisation,
    set_state,
)
from partnerships.models import Agreement, Deed, Partner
from partnerships.queries.agreements.approvals import deed_deciding_bodies, partner_deciding_bodies
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
from partnerships.rules.agreements.signing import deciding_bodies
from partnerships.terms import AgreementState, DeedState
from pooledcare.directory.access import Actor, Permission
from pooledcare.directory.models import Organisation
from pooledcare.kernel.problems import Problem


@dataclass(frozen=True)
class Edit:
    """An open deed whose agreement is locked: its text before and after the edit, and for whom it is edited."""

    deed: Deed
    organisation: Organisation
    by: Actor
    before: AgreementRecord
    problems_before: frozenset[Problem]

    @property
    def agreement(self) -> Agreement:
        return self.deed.agreement

    @property
    def is_original(self) -> bool:
        return self.deed.number == 0

    @cached_property
    def content_before_edit(self) -> Content:
        """What the agreement said with this deed in effect, before the edit."""
        return content_of(self.before, _part(self.before, self.deed))

    @cached_property
    def content_without_deed(self) -> Content | None:
        """What the agreement says without this deed, and so in every field that this deed leaves empty.

        None if this deed is deed 0, the first text of the agreement.
        """
        return content_before(self.before, _part(self.before, self.deed))

    @cached_property
    def now(self) -> AgreementRecord:
        """The agreement after the edit, read from the database at the first use.

        An action must therefore write all its rows before it uses `changes_nothing` or `finish`, which use this.
        """
        return record_of(self.agreement)

    def finish(self, action: str, what: str, *, tell: Collection[tuple[str, str]] = ()) -> Deed:
        """The last step of every edit: check the whole text, set version, editor and state, and finish the change."""
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
        refuse(each for each in contradictions(self.deed, self.now) if each not in self.problems_before)
        if is_marked_draft(self.deed):
            refuse_reductions(self.deed, self.before, self.now)

    def _now_a_draft(self) -> AgreementRecord:
        """`now`, with the states that `finish` has set since it was read. It changes nothing else that is read."""
        edited = self.deed
        deeds = (replace(each, state=edited.state) if each.pk == edited.pk else each for each in self.now.deeds)
        return replace(self.now, state=self.agreement.state, deeds=tuple(deeds))

    @property
    def changes_nothing(self) -> bool:
        """Whether the partners would still approve the same text, so that there is nothing to save."""
        before, now = (content_hash(record, _part(record, self.deed)) for record in (self.before, self.now))
        return before == now


def begin_edit(deed: Deed, *, by: Actor, version: int | None = None) -> Edit:
    """Lock the deed for editing. Raises Http404, PermissionDenied or Refused if `by` may not edit it now."""
    found = lock_deed(deed)
    require_organisation(found.agreement, permission=Permission.PREPARE_AGREEMENTS, by=by)
    refuse(open_deed_problems(found.state))
    expect_version(found, version)
    before = record_of(found.agreement)
    organisation = require_drafting_organisation(found.agreement, before, by=by)
    return Edit(found, organisation, by, before, frozenset(contradictions(found, before)))


def require_drafting_organisation(
    agreement: Agreement, record: AgreementRecord, *, by: Actor, organisation: Organisation | None = None
) -> Organisation:
    """The organisation for which `by` writes: a partner today or by the open deed, or the drafter before signing.

    An organisation that has left, or that another has succeeded, may still read but no longer write.
    """
    if by.is_system:
        return organisation or agreement.prepared_by
    today = timezone.localdate()
    deciding = [*partner_deciding_bodies(record, today)]
    if record.open_deed is not None:
        deciding += deed_deciding_bodies(record, record.open_deed, today)
    drafter = body_of(agreement.prepared_by)
    if drafter is not None and not record.original.is_signed:
        deciding += deciding_bodies([drafter], {})
    permission = Permission.PREPARE_AGREEMENTS
    return require_deciding_organisation(agreement, deciding, permission=permission, by=by, organisation=organisation)


def is_marked_draft(deed: Deed) -> bool:
    """Whether it is the first, unsigned text of an agreement that is marked as an existing integrated arrangement.

    One partner alone can edit such a text, without the approval of the others.
    """
    return deed.number == 0 and deed.agreement.is_integrated


def refuse_reductions(deed: Deed, before: AgreementRecord, now: AgreementRecord) -> None:
    """Refuse an edit that takes something out of an integrated arrangement by one partner's decision alone.

    If the agreement operates without being signed, nothing may be taken out of it; otherwise, no partner.
    """
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
