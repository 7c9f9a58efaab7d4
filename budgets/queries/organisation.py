"""An organisation with its figures, codes, predecessors and successors."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from budgets.queries.figures import Line, by_organisation, figures_of, lines_of
from budgets.queries.headline import Lead, leads_of
from budgets.queries.holdings import Compared, holdings_of
from budgets.rules.comparing import Holding
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
    of_predecessors: dict[int, list[Line]]  # only if the organisation has none itself
    known_to: dt.date | None

    @property
    def predecessor_leads(self) -> list[Lead]:
        """The leading figure of each predecessor that reported one, the largest first."""
        return leads_of(self.of_predecessors.values())

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
    """The data of the page, for an organisation from `organisations_named_by`. Eight queries.

    The figures of predecessors are read with its own, as a page of an organisation without figures shows them.
    """
    history = lineage([organisation.pk])
    predecessors = {step.predecessor_id for step in history.into(organisation.pk)}
    bodies = [organisation.pk, *predecessors]
    lines = lines_of(figures_of(bodies, actor=actor, published_by=published_by, known_at=known_at))
    own = [line for line in lines if line.first.organisation_id == organisation.pk]
    return OrganisationPage(
        organisation=organisation,
        codes=codes_of(organisation),
        other_names=other_names_of(organisation),
        lineage=history,
        places=places_of(organisation),
        overlaps=overlaps_of(organisation),
        populations=populations_of(organisation),
        lines=own,
        of_predecessors={} if own else by_organisation(lines),
        known_to=organisation.known_to,  # type: ignore[attr-defined]
    )


def holdings_beside(
    lead: Lead | None, *, published_by: dt.date | None = None, known_at: dt.datetime | None = None
) -> list[Holding]:
    """Every holder of the stream of a leading figure, to compare with. One query; none for an invented organisation."""
    if lead is None or lead.figure.organisation.illustrative or lead.figure.amount is None:
        return []
    return holdings_of(Compared.of(lead.figure), published_by=published_by, known_at=known_at)
