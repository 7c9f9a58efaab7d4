"""England on one page: what publishers have published, for one year and basis, and over the years."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from budgets.models import Allocation
from budgets.queries.absent import with_absent
from budgets.queries.figures import figures_of
from budgets.queries.holdings import People, people_in, people_of
from budgets.queries.totals import Measure, Total, added_up, line_of, measures, published_totals, totals_in
from pooledcare.directory.access import Actor
from pooledcare.directory.queries.organisations import reference_known_to

YEARS_SHOWN = 6


@dataclass(frozen=True)
class England:
    """The data of the page. `chosen` is None if nothing has been published."""

    measures: list[Measure]
    chosen: Measure | None
    by_region: list[Total]  # of the chosen year and basis
    over_years: list[Total]
    years: list[int]
    own: list[Allocation]  # of the visitor's organisations, in the chosen year
    known_to: dt.date | None
    # Of the chosen year, by kind: `people_of`.
    holders: dict[str, tuple[int, int | None, frozenset[str]]] = field(default_factory=dict)
    latest_own: int | None = None  # the latest year of which the visitor's organisations have figures

    def people(self, kinds: frozenset[str]) -> People:
        """The organisations of these kinds in the chosen year."""
        return people_in(self.holders, kinds)


def england(*, actor: Actor, year: int | None = None, basis: str = "") -> England:
    """The data of the page. At most six queries: measures, totals, holders, their people, own figures, reference."""
    held = measures()
    chosen = chosen_measure(held, year=year, basis=basis)
    known_to = reference_known_to()
    if chosen is None:
        return England(held, None, [], [], [], [], known_to)
    years = years_around(sorted({measure.year for measure in held}), chosen.year)
    wanted = Q(financial_year=chosen.year, basis=chosen.basis) | Q(financial_year__in=years)
    totals = with_absent(totals_in(published_totals().filter(wanted), by_region=True))
    own = list(figures_of(actor.readable_organisation_ids, actor=actor)) if actor.readable_organisation_ids else []
    by_region = [total for total in totals if (total.year, total.basis) == (chosen.year, chosen.basis)]
    return England(
        measures=held,
        chosen=chosen,
        by_region=by_region,
        over_years=added_up((total for total in totals if total.year in years), key=line_of),
        years=years,
        own=[figure for figure in own if figure.financial_year == chosen.year],
        known_to=known_to,
        holders=people_of({kind for total in by_region for kind in total.expected_kinds}, chosen.year),
        latest_own=max((figure.financial_year for figure in own), default=None),
    )


def chosen_measure(held: Sequence[Measure], *, year: int | None, basis: str) -> Measure | None:
    """The requested year and basis; by default the year with the most streams, the latest if several.

    A requested year and basis without figures are kept, and the page says that there are none.
    """
    if year is not None and basis:
        return Measure(year, basis, next((m.streams for m in held if (m.year, m.basis) == (year, basis)), 0))
    fitting = [m for m in held if (year is None or m.year == year) and (not basis or m.basis == basis)]
    if fitting:
        return max(fitting, key=lambda measure: (measure.streams, measure.year, measure.basis))
    if held and year is not None:
        return Measure(year, held[-1].basis)
    return Measure(held[-1].year, basis) if held and basis else None


def years_around(years: Sequence[int], chosen: int) -> list[int]:
    """The last few years with figures, or the few up to a chosen earlier one."""
    latest = list(years[-YEARS_SHOWN:])
    if not latest or chosen >= latest[0]:
        return latest
    return [year for year in years if year <= chosen][-YEARS_SHOWN:]
