"""Whom an agreement is waiting for. Pure functions.

A draft waits for nobody while it is being written. It waits for the other partners once the first one has approved it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from partnerships.rules.agreements.signing import ApprovalLine, DecidingBody, state_after
from partnerships.terms import Awaited, DeedState


@dataclass(frozen=True, slots=True)
class Waiting:
    """What an agreement is waiting for. Organisations are given by key.

    `what` and `bodies` are about the open deed, which the actor `edited_by` must not approve. The organisations in
    `unpublished` have not yet published a signed deed that another partner has.
    """

    what: str = ""
    bodies: tuple[int, ...] = ()
    edited_by: str = ""
    unpublished: tuple[int, ...] = ()


NOBODY = Waiting()


def awaited_step(lines: Collection[ApprovalLine], *, may_be_signed: bool) -> tuple[str, tuple[int, ...]]:
    """What an open deed waits for, and from whom: requested changes, missing approvals, or any partner's signature."""
    everybody = [line.body.pk for line in lines]
    state = state_after(lines)
    if state == DeedState.APPROVED:
        return (Awaited.SIGNATURE, _sorted(everybody)) if may_be_signed else ("", ())
    if state == DeedState.CHANGES_REQUESTED:
        return Awaited.CHANGES, _sorted(everybody)
    silent = [line.body.pk for line in lines if not line.is_approved]
    return (Awaited.APPROVAL, _sorted(silent)) if len(silent) < len(everybody) else ("", ())


def awaited_publishers(deciding: Collection[DecidingBody], published: Collection[int]) -> tuple[int, ...]:
    """The organisations that have not published a signed deed, once another one has."""
    missing = [decider.body.pk for decider in deciding if not decider.represents & set(published)]
    return _sorted(missing) if published else ()


def _sorted(bodies: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(bodies))
