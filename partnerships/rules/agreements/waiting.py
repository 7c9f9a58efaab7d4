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
    """What is waited for, and the bodies (by key, in the order of keys) that may do it; empty: nothing and nobody."""

    what: str = ""
    bodies: tuple[int, ...] = ()


NOBODY = Waiting()


def waiting_for_words(lines: Collection[ApprovalLine]) -> Waiting:
    """On an open deed: whoever was asked for changes, whoever has not approved yet, or anybody to sign it."""
    state = state_after(lines)
    if state == DeedState.APPROVED:
        return _waiting(Awaited.SIGNATURE, (line.body.pk for line in lines))
    if state == DeedState.CHANGES_REQUESTED:
        others = [line.body.pk for line in lines if not line.asks_for_changes]
        return _waiting(Awaited.CHANGES, others or [line.body.pk for line in lines])
    if any(line.is_approved for line in lines):
        return _waiting(Awaited.APPROVAL, (line.body.pk for line in lines if not line.is_approved))
    return NOBODY


def waiting_for_publication(voices: Collection[Voice], published: Collection[int]) -> Waiting:
    """On a signed deed that some partner has published: those that have not."""
    missing = [voice.body.pk for voice in voices if not voice.stands_for & set(published)]
    return _waiting(Awaited.PUBLICATION, missing) if published and missing else NOBODY


def _waiting(what: Awaited, bodies: Iterable[int]) -> Waiting:
    return Waiting(what, tuple(sorted(bodies)))
