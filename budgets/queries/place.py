"""A place with the figures of its organisations, and those of all other holders to compare with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, Subquery
from django.utils import timezone

from budgets.queries.figures import Line, by_organisation, figures, figures_of, lines_of
from budgets.queries.headline import Lead, lead_of, leads_of
from budgets.queries.holdings import Compared, holding
from budgets.queries.totals import PUBLISHERS
from budgets.rules.comparing import Holding
from pooledcare.directory.access import Actor
from pooledcare.directory.models import AreaTransfer, Organisation, Overlap, Place, PlaceCouncil
from pooledcare.directory.queries.organisations import Head, Lineage, lineage
from pooledcare.directory.queries.places import councils_of, overlaps_of_place, place_by_slug
from pooledcare.directory.terms import NHS_COMMISSIONER_KINDS, UPPER_TIER_KINDS, CouncilRole, OverlapMeasure


@dataclass(frozen=True)
class PlacePage:
    place: Place
    head: Head | None
    councils: list[PlaceCouncil]
    overlaps: list[Overlap]
    lineage: Lineage
    lines: list[Line]  # of the place's own bodies
    others: list[Line]  # of every other holder, in the years that the page leads with, and of all predecessors
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

    def leads(self, year: int | None = None) -> list[Lead]:
        """What the page leads with: a figure of the NHS commissioner of most people here, and one of its council."""
        return [lead for lines in (self._of_nhs(), self._of_council()) if (lead := lead_of(lines, year)) is not None]

    def before_council(self, year: int | None = None) -> tuple[Organisation, list[Lead]] | None:
        """A council of the place without figures, and the leads of its predecessors; None if it has figures itself."""
        if self._of_council():
            return None
        for council in self.upper_tier:
            before = {step.predecessor_id for step in self.lineage.into(council.organisation_id)}
            lines = by_organisation([line for line in self.others if line.first.organisation_id in before])
            if leads := leads_of(lines.values(), year):
                return council.organisation, leads
        return None

    def _of_nhs(self) -> list[Line]:
        shares = {
            shared.organisation_id: shared.share_of_place
            for shared in self.overlaps
            if shared.measure == OverlapMeasure.REGISTERED_POPULATION
        }
        lines = [line for line in self.lines if line.first.organisation.is_nhs]
        return _of_first(lines, key=lambda line: (line.first.organisation.closed is None,
                                                  shares.get(line.first.organisation_id, 0)))  # fmt: skip

    def _of_council(self) -> list[Line]:
        councils = {council.organisation_id for council in self.upper_tier}
        lines = [line for line in self.lines if line.first.organisation_id in councils]
        return _of_first(lines, key=lambda line: (not line.is_own, max(line.cells)))

    def beside(self, lead: Lead) -> list[Holding]:
        """Every holder of the stream of a leading figure, itself included; empty for an invented organisation."""
        if lead.figure.organisation.illustrative:
            return []
        wanted = Compared.of(lead.figure)
        found = [figure for line in (*self.lines, *self.others) for figure in line.cells.values()]
        return [holding(one) for one in found if Compared.of(one) == wanted and _is_compared(one)]

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


def place_page(slug: str, *, actor: Actor, year: int | None = None) -> PlacePage | None:
    """Five queries, however many figures: place, councils, overlaps, successions with areas, figures.

    With the figures of its organisations come those of all other holders, of the same year, to compare with.
    """
    place = place_by_slug(slug)
    if place is None:
        return None
    councils, overlaps = councils_of(place), overlaps_of_place(place)
    upper_tier = [council.organisation_id for council in councils if council.role == CouncilRole.UPPER_TIER]
    shared = [overlap.organisation_id for overlap in overlaps]
    history = lineage([*shared, *upper_tier])
    bodies = {*upper_tier, *shared, *_after(history, shared, place.pk)}
    before = {step.predecessor_id for council in upper_tier for step in history.into(council)}
    where = Q(organisation__in=bodies | before)
    if not place.illustrative:
        where |= _others(bodies, actor=actor, year=year)
    lines = lines_of(figures(where, actor=actor))
    return PlacePage(
        place=place,
        head=Head.read(place.population),  # type: ignore[attr-defined]
        councils=councils,
        overlaps=overlaps,
        lineage=history,
        lines=[line for line in lines if line.first.organisation_id in bodies],
        others=[line for line in lines if line.first.organisation_id not in bodies],
        known_to=place.known_to,  # type: ignore[attr-defined]
    )


def _others(bodies: set[int], *, actor: Actor, year: int | None) -> Q:
    """Published figures of all other NHS commissioners and councils, of the year with which the page leads for each."""
    found = Q()
    for kinds in (NHS_COMMISSIONER_KINDS, UPPER_TIER_KINDS):
        fullest = (
            figures_of(bodies, actor=actor)
            .filter(organisation__kind__in=sorted(kinds))
            .exclude(source=F("organisation"))
            .exclude(amount=None)
            .order_by()
            .values("financial_year")
            .annotate(streams=Count("stream", distinct=True))
            .order_by("-streams", "-financial_year")
            .values("financial_year")[:1]
        )
        found |= Q(
            organisation__kind__in=sorted(kinds),
            organisation__illustrative=False,
            financial_year=Subquery(fullest) if year is None else year,
            source__kind__in=PUBLISHERS,
        )
    return found


def _of_first(lines: list[Line], *, key: Callable[[Line], Any]) -> list[Line]:
    """The lines of the organisation whose line has the largest key."""
    if not lines:
        return []
    first = max(lines, key=key).first.organisation_id
    return [line for line in lines if line.first.organisation_id == first]


def _is_compared(figure: Any) -> bool:
    """Whether everybody may read the figure, and its organisation is one of the stream's holders."""
    is_public = figure.published_on is not None and figure.published_on <= timezone.localdate()
    return is_public and figure.organisation.kind in figure.stream.holder_kinds and not figure.organisation.illustrative


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
