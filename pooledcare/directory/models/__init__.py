"""The models of the directory."""

from pooledcare.directory.models.audit import AuditEvent, Change, ChangeHead
from pooledcare.directory.models.machines import ApiKey, Heartbeat, IdempotencyRecord
from pooledcare.directory.models.organisations import (
    Organisation,
    OrganisationCode,
    OrganisationName,
    Population,
    Region,
    Source,
    Succession,
)
from pooledcare.directory.models.people import Invitation, Membership, User
from pooledcare.directory.models.places import Overlap, Place, PlaceCouncil, PlaceSuccession

__all__ = [
    "ApiKey",
    "AuditEvent",
    "Change",
    "ChangeHead",
    "Heartbeat",
    "IdempotencyRecord",
    "Invitation",
    "Membership",
    "Organisation",
    "OrganisationCode",
    "OrganisationName",
    "Overlap",
    "Place",
    "PlaceCouncil",
    "PlaceSuccession",
    "Population",
    "Region",
    "Source",
    "Succession",
    "User",
]
