"""What waits for somebody, in every app: shown on the first page, so that nobody has to go and look."""

from __future__ import annotations

from dataclasses import dataclass

from partnerships.queries.agreements.waiting import WaitingForYou as AgreementsWaiting
from partnerships.queries.agreements.waiting import agreements_waiting
from pooledcare.directory.access import Actor, Permission
from pooledcare.uploads.models import Upload
from pooledcare.uploads.queries import uploads_waiting

# Whoever has one of these is waited for by others.
_DECIDING = (Permission.ACCEPT_ALLOCATIONS, Permission.APPROVE_AGREEMENTS, Permission.PREPARE_AGREEMENTS)


@dataclass(frozen=True, slots=True)
class WaitingForYou:
    """Agreements and uploads, each the newest first."""

    agreements: AgreementsWaiting
    uploads: list[Upload]


def waiting_for(actor: Actor) -> WaitingForYou | None:
    """None for whoever decides nothing, else three queries at most."""
    if not any(actor.holds(permission) for permission in _DECIDING):
        return None
    return WaitingForYou(agreements_waiting(actor), uploads_waiting(actor))
