"""What is waiting for a person, from all apps; shown on the first page."""

from __future__ import annotations

from dataclasses import dataclass

from partnerships.queries.agreements.waiting import WaitingForYou as AgreementsWaiting
from partnerships.queries.agreements.waiting import agreements_waiting
from pooledcare.directory.access import Actor, Permission
from pooledcare.uploads.models import Upload
from pooledcare.uploads.queries import uploads_waiting

# Permissions of people for whom something can wait.
_DECIDING = (
    Permission.UPLOAD_ALLOCATIONS,
    Permission.ACCEPT_ALLOCATIONS,
    Permission.APPROVE_AGREEMENTS,
    Permission.PREPARE_AGREEMENTS,
)


@dataclass(frozen=True, slots=True)
class WaitingForYou:
    """Agreements and uploads that are waiting, each newest first."""

    agreements: AgreementsWaiting
    uploads: list[Upload]


def waiting_for(actor: Actor) -> WaitingForYou | None:
    """What is waiting for the actor; None if they decide for nobody. Three queries at most."""
    if not any(actor.holds(permission) for permission in _DECIDING):
        return None
    return WaitingForYou(agreements_waiting(actor), uploads_waiting(actor))
