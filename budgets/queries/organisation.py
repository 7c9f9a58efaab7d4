"""An organisation with its figures, codes, predecessors and successors."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from budgets.queries.figures import Line, figures_of, lines_of
from pooledcare.directory.access import Actor
from pooledcare.directory.models import (
    Organisation,
    OrganisationCode,
    OrganisationName,
    Overlap,
    PlaceCouncil,
    Population,
)
from pooledcare.directory.queries.organisations import (
    Head,
    Lineage,
    codes_of,
    lineage,
    other_names_of,
    overlaps_of,
    places_of,
    populations_of,
)


@dataclass(frozen=True)
class OrganisationPage:
    organisation: Organisation
    codes: list[OrganisationCode]
    other_names: list[OrganisationName]
    lineage: Lineage
    places: list[PlaceCouncil]
    overlaps: list[Overlap]
    populations: list[Population]
    lines: list[Line]
    known_to: dt.date | None

    @property
    def head(self) -> Head | None:
        return Head.read(self.organisation.population)  # type: ignore[attr-defined]


def organisation_page(
    organisation: Organisation,
    *,
    actor: Actor,
    published_by: dt.date | None = None,
    known_at: dt.datetime | None = None,
) -> OrganisationPage:
    """The data of the page, for an organisation from `organisations_named_by`. Eight queries."""
    return OrganisationPage(
        organisation=organisation,
        codes=codes_of(organisation),
        other_names=other_names_of(organisation),
        lineage=lineage([organisation.pk]),
        places=places_of(organisation),
        overlaps=overlaps_of(organisation),
        populations=populations_of(organisation),
        lines=lines_of(figures_of([organisation.pk], actor=actor, published_by=published_by, known_at=known_at)),
        known_to=organisation.known_to,  # type: ignore[attr-defined]
    )
