"""A place with the figures of its organisations, and of the places nearest to it in population."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from budgets.queries.figures import Line, figures, lines_of
from pooledcare.directory.access import Actor
from pooledcare.directory.models import AreaTransfer, Organisation, Overlap, Place, PlaceCouncil
from pooledcare.directory.queries.organisations import Head, Lineage, lineage
from pooledcare.directory.queries.places import (
    Neighbour,
    councils_of,
    nearest_places,
    overlaps_of_place,
    place_by_slug,
)
from pooledcare.directory.terms import NHS_COMMISSIONER_KINDS, CouncilRole

# Council streams by which places are compared, because the holder's area is the place.
COMPARED = ("adult-social-care", "public-health")


@dataclass(frozen=True)
class PlacePage:
    place: Place
    head: Head | None
    councils: list[PlaceCouncil]
    overlaps: list[Overlap]
    lineage: Lineage
    neighbours: list[Neighbour]
    lines: list[Line]  # of the place's own bodies
    compared: dict[int, list[Line]]  # by council, for this place and its neighbours
    known_to: dt.date | None

    @property
    def upper_tier(self) -> list[PlaceCouncil]:
        return [council for council in self.councils if council.role == CouncilRole.UPPER_TIER]

    def heads(self) -> dict[int, tuple[Head, bool]]:
        """The population of each organisation, and whether it is that of the place, for a council of the same area."""
        found: dict[int, tuple[Head, bool]] = {}
        held: list[PlaceCouncil | Overlap] = [*self.councils, *self.overlaps]
        for one in held:
            if (head := Head.read(one.population)) is not None:  # type: ignore[union-attr]
                found[one.organisation_id] = (head, False)
        if self.head is not None:
            for council in self.upper_tier:
                found.setdefault(council.organisation_id, (self.head, True))
        return found

    @property
    def areas_here(self) -> list[AreaTransfer]:
        """The parts of commissioners' areas in this place that passed to others."""
        return [each for each in self.lineage.transfers if each.place_id == self.place.pk]

    def commissioners(self) -> list[Organisation]:
        """NHS commissioners with a published overlap, and their predecessors and successors here; the oldest first."""
        bodies = {overlap.organisation_id: overlap.organisation for overlap in self.overlaps}
        shared = list(bodies)
        elsewhere = _after(self.lineage, shared, None) - _after(self.lineage, shared, self.place.pk)
        bodies |= {
            body.pk: body
            for body in (*self.lineage.everyone(), *(each.receiver for each in self.areas_here))
            if body.kind in NHS_COMMISSIONER_KINDS and (body.pk in bodies or body.pk not in elsewhere)
        }
        return sorted(bodies.values(), key=lambda body: (body.opened or dt.date.min, body.name))


def place_page(slug: str, *, actor: Actor, on: dt.date) -> PlacePage | None:
    """Five queries, however many figures: place with neighbours, councils, overlaps, successions with areas, figures."""
    place = place_by_slug(slug, on=on)
    if place is None:
        return None
    councils, overlaps = councils_of(place), overlaps_of_place(place)
    upper_tier = [council.organisation_id for council in councils if council.role == CouncilRole.UPPER_TIER]
    shared = [overlap.organisation_id for overlap in overlaps]
    history = lineage([*shared, *upper_tier])
    near = nearest_places(place)
    bodies = {*upper_tier, *shared, *_after(history, shared, place.pk)}
    beside = {council for neighbour in near for council in neighbour.councils} - bodies
    where = Q(organisation__in=bodies) | Q(organisation__in=beside, stream__code__in=COMPARED)
    lines = lines_of(figures(where, actor=actor))
    return PlacePage(
        place=place,
        head=Head.read(place.population),  # type: ignore[attr-defined]
        councils=councils,
        overlaps=overlaps,
        lineage=history,
        neighbours=near,
        lines=[line for line in lines if line.first.organisation_id in bodies],
        compared=_by_council(lines, beside | set(upper_tier)),
        known_to=place.known_to,  # type: ignore[attr-defined]
    )


def _after(history: Lineage, commissioners: list[int], place: int | None) -> set[int]:
    """Keys of all direct and indirect successors of these organisations in the place, or anywhere if it is None.

    If the part of the place that an organisation had passed to another one than its successor, that one is taken.
    """
    found: set[int] = set()
    waiting = list(commissioners)
    while waiting:
        body = waiting.pop()
        moved = {
            each.effective_on: each.receiver_id
            for each in history.areas_out_of(body)
            if each.place_id == place and place
        }
        after = {step.successor_id for step in history.out_of(body) if step.effective_on not in moved}
        for successor in after | set(moved.values()):
            if successor not in found:
                found.add(successor)
                waiting.append(successor)
    return found


def _by_council(lines: list[Line], councils: set[int]) -> dict[int, list[Line]]:
    found: dict[int, list[Line]] = {}
    for line in lines:
        if line.first.organisation_id in councils and line.first.stream.code in COMPARED and not line.is_own:
            found.setdefault(line.first.organisation_id, []).append(line)
    return found
