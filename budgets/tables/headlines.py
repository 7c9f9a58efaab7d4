"""What a page about an organisation or a place leads with, as the facts of its sentence (`budgets.rules.answers`)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.urls import reverse

from budgets.models import Allocation
from budgets.queries.headline import Lead
from budgets.rules.answers import MOST_NAMED_AS_ALL, Headline
from budgets.rules.comparing import Holding, a_head, comparable, standing_of
from budgets.tables.table import unpublished_note, year_text
from pooledcare.directory.queries.organisations import Head


def headline(lead: Lead, holdings: Sequence[Holding]) -> Headline:
    """The facts of a leading figure; `holdings` are all holders of its stream, to compare with."""
    figure = lead.figure
    body = figure.organisation
    head = Head.read(figure.population)  # type: ignore[attr-defined]
    persons = head.persons if head else None
    is_own = figure.source_id == figure.organisation_id
    is_published = unpublished_note(figure) is None
    compared = holdings if is_published and not is_own else []
    return Headline(
        holder=body.name,
        url=body.get_absolute_url(),
        stream=figure.stream.name,
        stream_url=figure.stream.get_absolute_url(),
        year=year_text(figure.financial_year),
        basis=figure.basis,
        gross_or_net=figure.gross_or_net,
        amount=figure.amount,
        kinds=frozenset(one.kind for one in comparable(compared)),
        a_head=a_head(figure.amount, persons),
        standing=standing_of(body.pk, compared),
        before=lead.before.amount if lead.before else None,
        year_before=year_text(figure.financial_year - 1),
        only=lead.streams if lead.is_partial and len(lead.streams) <= MOST_NAMED_AS_ALL else (),
        is_restated=figure.is_restated,  # type: ignore[attr-defined]
        is_published=is_published,
        is_own=is_own,
        closed=body.closed,
        compare_url=compare_url(figure) if compared else None,
        figure_url=reverse("budgets:allocation-detail", args=[figure.reference]),
        persons=persons,
    )


def compare_url(figure: Allocation, **others: str) -> str:
    """The address of the comparison of a figure with those of all other holders."""
    parameters = {
        "year": year_text(figure.financial_year),
        "basis": figure.basis,
        "body": figure.organisation.code,
        **others,
    }
    return f"{reverse('budgets:stream-a-head', args=[figure.stream.code])}?{urlencode(parameters)}"
