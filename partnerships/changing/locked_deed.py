"""A deed whose agreement is locked, with its current text and who decides on it. Used by actions."""

from __future__ import annotations

import datetime as dt
from functools import cached_property

from django.utils import timezone

from partnerships.changing.agreement import finish_change, lock_deed, require_deciding_organisation, set_state
from partnerships.changing.copying import add_successors
from partnerships.models import Agreement, Deed
from partnerships.queries.agreements.approvals import approvals_on, deed_deciding_bodies, deed_record
from partnerships.queries.agreements.records import record_of
from partnerships.rules.agreements import AgreementRecord, DeedRecord, content_hash
from partnerships.rules.agreements.signing import ApprovalLine, DecidingBody, approval_lines
from partnerships.terms import AgreementState, DeedState
from pooledcare.directory.access import Actor, Permission
from pooledcare.directory.models import Organisation


class LockedDeed:
    """Locks the agreement of a deed when created.

    What is read of the deed is cached, since nobody else can change it.
    """

    def __init__(self, deed: Deed) -> None:
        self.deed = lock_deed(deed)
        self.agreement: Agreement = self.deed.agreement

    @cached_property
    def record(self) -> AgreementRecord:
        return record_of(self.agreement)

    @cached_property
    def deed_record(self) -> DeedRecord:
        return deed_record(self.record, self.deed.number)

    @cached_property
    def hash(self) -> str:
        return self.deed.sealed_hash or content_hash(self.record, self.deed_record)

    @cached_property
    def deciding_bodies(self) -> tuple[DecidingBody, ...]:
        return deed_deciding_bodies(self.record, self.deed_record, timezone.localdate())

    @property
    def lines(self) -> list[ApprovalLine]:
        return approval_lines(self.deciding_bodies, approvals_on(self.deed), self.hash)

    @property
    def changed_parts(self) -> list[tuple[str, str]]:
        """The funds and schemes that the deed changes, as (resource, reference), for the change feed."""
        pools = [*(each.slug for each in self.deed_record.pools), *self.deed_record.closed_pools]
        schemes = [*(each.slug for each in self.deed_record.schemes), *self.deed_record.ended_schemes]
        named = [("pools", slug) for slug in pools] + [("schemes", slug) for slug in schemes]
        return [(resource, f"{self.agreement.reference}/{slug}") for resource, slug in named]

    def deciding_organisation(self, by: Actor, organisation: Organisation | None) -> Organisation:
        """The organisation for which `by` decides on the deed: one whose approval the deed needs."""
        approve = Permission.APPROVE_AGREEMENTS
        return require_deciding_organisation(
            self.agreement, self.deciding_bodies, permission=approve, by=by, organisation=organisation
        )

    def mark_signed(self, signed_on: dt.date, *, by: Actor, organisation: Organisation) -> None:
        """Sign the deed and store its hash.

        Deed 0 also makes the agreement signed. Known successors are added as partners.
        """
        self.deed.sealed_hash = self.hash
        self.deed.state, self.deed.signed_on = DeedState.SIGNED, signed_on
        self._save()
        if self.deed.number == 0:
            set_state(self.agreement, AgreementState.SIGNED, by=by, organisation=organisation)
            if self.agreement.operating_since is not None:
                set_state(self.agreement, AgreementState.IN_OPERATION, by=by, organisation=organisation)
        add_successors(self.agreement, timezone.localdate())

    def withdraw(self) -> None:
        self.deed.state = DeedState.WITHDRAWN
        self._save()

    def mark_public(self) -> None:
        """Record that every partner has published the deed, so that anybody may read it."""
        self.deed.published_on = timezone.localdate()
        self._save()

    def _save(self) -> None:
        self.deed.version += 1
        self.deed.save()

    def finish(self, action: str, what: str, *, by: Actor, organisation: Organisation, public: bool = False) -> None:
        """Finish an action on the deed. The change feed names its schemes and funds only if the deed is signed."""
        finish_change(
            self.agreement,
            by=by,
            action=action,
            sentence=f"{self.deed.reference}: {what}.",
            organisation=organisation,
            tell=self.changed_parts if self.deed.state == DeedState.SIGNED else (),
            public=public,
        )
