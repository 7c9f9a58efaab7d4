"""The search over all apps: what is found in each group, with the group that fits best first; and suggestions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from budgets.models import Allocation, FundingStream
from budgets.queries.lineage import figure_referred_to
from budgets.queries.streams import streams_found
from partnerships.queries.agreements.listing import AgreementsFound, agreements_found
from partnerships.queries.law import LawFound, law_found
from pooledcare.directory.access import Actor
from pooledcare.directory.queries.search import (
    ALIKE,
    BEGINS,
    EXACT,
    MOST_NAMES,
    WORDS,
    Found,
    directory_search,
    names_beginning,
)
from pooledcare.glossary import Term, terms_found
from pooledcare.kernel.periods import FinancialYear

T = TypeVar("T")


@dataclass(frozen=True)
class Results:
    """What a search found. `groups` names the groups that have something, the one that fits best first."""

    found: Found
    agreements: AgreementsFound
    figure: Allocation | None
    streams: list[FundingStream]
    law: list[LawFound]
    terms: list[Term]
    groups: list[str]

    @property
    def year_of_figure(self) -> str:
        return str(FinancialYear(self.figure.financial_year)) if self.figure else ""


def search_everything(text: str, *, actor: Actor) -> Results:
    """Everything that matches and that the actor may see. The number of queries does not depend on how much it is."""
    found = directory_search(text)
    agreements = agreements_found(text, actor=actor)
    figure = figure_referred_to(text, actor=actor)
    streams, law, terms = streams_found(text), law_found(text), terms_found(text)
    ranks = {
        "places": found.places[0].rank if found.places else None,  # type: ignore[attr-defined]
        "organisations": found.organisations[0].rank if found.organisations else None,  # type: ignore[attr-defined]
        "figure": EXACT if figure else None,
        "agreements": _best(agreements.rows, lambda one: [one.agreement.reference, one.title], text),
        "streams": _best(streams, lambda one: [one.code, one.name], text),
        "law": None if not law else EXACT if law[0].is_exact else WORDS,
        "terms": _best(terms, lambda one: [one.word, *one.also], text),
    }
    groups = sorted((name for name, rank in ranks.items() if rank is not None), key=lambda name: ranks[name] or 0)
    return Results(found, agreements, figure, streams, law, terms, groups)


def _best(rows: list[T], names: Callable[[T], list[str]], text: str) -> int | None:
    """How well the best row fits a text; None if there are no rows."""
    return min((_rank(names(row), text.strip().lower()) for row in rows), default=None)


def _rank(names: list[str], wanted: str) -> int:
    lower = [name.lower() for name in names]
    if wanted in lower:
        return EXACT
    if any(name.startswith(wanted) for name in lower):
        return BEGINS
    return WORDS if any(wanted in name for name in lower) else ALIKE


def suggestions(text: str, *, actor: Actor) -> list[tuple[str, str]]:
    """Up to eight texts to search for while somebody types, each with its kind: names, then titles, streams and law."""
    if len(text.strip()) < 2:
        return []
    found = names_beginning(text)
    found += [(one.title, "Agreement") for one in agreements_found(text, actor=actor).rows if one.title]
    found += [(one.name, "Funding stream") for one in streams_found(text)]
    found += [(one.title, one.kind) for one in law_found(text)]
    found += [(one.word, "Word in the glossary") for one in terms_found(text)]
    exact = [each for each in found if _rank([each[0]], text.strip().lower()) <= BEGINS]
    return list(dict.fromkeys([*exact, *found]))[:MOST_NAMES]
