"""The models of the directory."""

from pooledcare.directory.models.audit import AuditEvent, Change, ChangeHead
from pooledcare.directory.models.machines import ApiKey, Heartbeat, IdempotencyRecord
from pooledcare.directory.models.organisations import (
    Organisation,
    OrganisationCode,
    OrganisationName,
    Population,
    Region,
    ShortName,
    Source,
    Succession,
)
from pooledcare.directory.models.people import Invitation, Membership, User
from pooledcare.directory.models.places import AreaTransfer, Overlap, Place, PlaceCouncil, PlaceSuccession

__all__ = [
    "ApiKey",
    "AreaTransfer",
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
    "ShortName",
    "Source",
    "Succession",
    "User",
]
