"""For whom an agreement waits. Pure.

A text waits for nobody while it is being written: the first partner to approve it puts it before the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from partnerships.rules.agreements.signing import ApprovalLine, Voice, state_after
from partnerships.terms import Awaited, DeedState


@dataclass(frozen=True, slots=True)
class Waiting:
    """Bodies by key. `what` and `bodies` are of the open deed, which whoever `edited_by` names does not approve;
    `unpublished` have still to publish what was signed."""

    what: str = ""
    bodies: tuple[int, ...] = ()
    edited_by: str = ""
    unpublished: tuple[int, ...] = ()


NOBODY = Waiting()


def awaited_words(lines: Collection[ApprovalLine], *, may_be_signed: bool) -> tuple[str, tuple[int, ...]]:
    """On an open deed: the changes that were asked for, the approvals that are missing, or anybody's signature."""
    everybody = [line.body.pk for line in lines]
    state = state_after(lines)
    if state == DeedState.APPROVED:
        return (Awaited.SIGNATURE, _sorted(everybody)) if may_be_signed else ("", ())
    if state == DeedState.CHANGES_REQUESTED:
        return Awaited.CHANGES, _sorted(everybody)
    silent = [line.body.pk for line in lines if not line.is_approved]
    return (Awaited.APPROVAL, _sorted(silent)) if len(silent) < len(everybody) else ("", ())


def awaited_publishers(voices: Collection[Voice], published: Collection[int]) -> tuple[int, ...]:
    """On a signed deed that some partner has published: those that have not."""
    missing = [voice.body.pk for voice in voices if not voice.stands_for & set(published)]
    return _sorted(missing) if published else ()


def _sorted(bodies: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(bodies))
