"""The invented organisations and places of the demonstration. All their rows have `illustrative` set.

Their codes begin with Z0, as no published code does.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from pooledcare.directory.models import Organisation, OrganisationCode, Place, PlaceCouncil, Succession
from pooledcare.directory.terms import CodeScheme, CouncilRole, OrganisationKind

K = OrganisationKind
_PCTS_END, _CCGS_BEGIN = dt.date(2013, 3, 31), dt.date(2013, 4, 1)
_CCGS_END, _BOARDS_BEGIN = dt.date(2022, 6, 30), dt.date(2022, 7, 1)


@dataclass(frozen=True)
class InventedBody:
    code: str
    name: str
    kind: OrganisationKind
    opened: dt.date | None = None
    closed: dt.date | None = None


@dataclass(frozen=True)
class InventedPlace:
    slug: str
    name: str
    council: str
    districts: tuple[str, ...] = ()


BODIES = (
    InventedBody("Z0P1", "Mereshire Primary Care Trust", K.PCT, closed=_PCTS_END),
    InventedBody("Z0C1", "NHS Mereshire Clinical Commissioning Group", K.CCG, _CCGS_BEGIN, _CCGS_END),
    InventedBody("Z0C2", "NHS Tidewell Clinical Commissioning Group", K.CCG, _CCGS_BEGIN, _CCGS_END),
    InventedBody("Z0C3", "NHS Larkhaven Clinical Commissioning Group", K.CCG, _CCGS_BEGIN, _CCGS_END),
    InventedBody("Z0B1", "NHS Mereshire Integrated Care Board", K.ICB, _BOARDS_BEGIN),
    InventedBody("Z0B2", "NHS Tidewell and Larkhaven Integrated Care Board", K.ICB, _BOARDS_BEGIN),
    InventedBody("Z0B3", "NHS Oxmarch and Brindlemoor Integrated Care Board", K.ICB, _BOARDS_BEGIN),
    InventedBody("Z0T1", "Mereshire Community NHS Trust", K.NHS_TRUST, dt.date(2011, 4, 1)),
    InventedBody("Z0L1", "Mereshire County Council", K.COUNTY),
    InventedBody("Z0L2", "Upper Mere District Council", K.DISTRICT),
    InventedBody("Z0L3", "Nether Mere District Council", K.DISTRICT),
    InventedBody("Z0L4", "Tidewell Council", K.UNITARY),
    InventedBody("Z0L5", "Larkhaven Metropolitan Borough Council", K.METROPOLITAN_DISTRICT),
    InventedBody("Z0L6", "Oxmarch Council", K.UNITARY),
    InventedBody("Z0L7", "Brindlemoor Council", K.UNITARY),
)
PLACES = (
    InventedPlace("mereshire", "Mereshire", "Z0L1", ("Z0L2", "Z0L3")),
    InventedPlace("tidewell", "Tidewell", "Z0L4"),
    InventedPlace("larkhaven", "Larkhaven", "Z0L5"),
    InventedPlace("oxmarch", "Oxmarch", "Z0L6"),
    InventedPlace("brindlemoor", "Brindlemoor", "Z0L7"),
)
SUCCESSIONS = (
    ("Z0P1", "Z0C1", _CCGS_BEGIN),
    ("Z0C1", "Z0B1", _BOARDS_BEGIN),
    ("Z0C2", "Z0B2", _BOARDS_BEGIN),
    ("Z0C3", "Z0B2", _BOARDS_BEGIN),
)


@transaction.atomic
def make_demo_bodies() -> dict[str, Organisation]:
    """Create missing organisations and places. Returns the organisations by code. Safe to repeat."""
    made = {body.code: _body(body) for body in BODIES}
    for place in PLACES:
        _place(place, made)
    for predecessor, successor, day in SUCCESSIONS:
        Succession.objects.get_or_create(predecessor=made[predecessor], successor=made[successor], effective_on=day)
    return made


def _body(body: InventedBody) -> Organisation:
    organisation, _ = Organisation.objects.get_or_create(
        code=body.code,
        illustrative=True,
        defaults={"name": body.name, "kind": body.kind, "opened": body.opened, "closed": body.closed},
    )
    OrganisationCode.objects.get_or_create(
        organisation=organisation,
        scheme=CodeScheme.OWN,
        code=body.code,
        defaults={"valid_from": body.opened, "valid_to": body.closed},
    )
    return organisation


def _place(place: InventedPlace, bodies: dict[str, Organisation]) -> None:
    made, _ = Place.objects.get_or_create(slug=place.slug, illustrative=True, defaults={"name": place.name})
    roles = [(place.council, CouncilRole.UPPER_TIER), *((code, CouncilRole.DISTRICT) for code in place.districts)]
    for code, role in roles:
        PlaceCouncil.objects.get_or_create(place=made, organisation=bodies[code], role=role)
