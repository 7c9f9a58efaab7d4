"""Pounds a head of a place page against a slow and obvious twin."""

from __future__ import annotations

import random
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import pytest
from django.utils import timezone

from budgets.models import Allocation
from budgets.queries.place import place_page
from budgets.tables import figures
from budgets.tables import places as tables
from pooledcare.directory.access import ANONYMOUS
from pooledcare.directory.models import Place, Population
from tests import factories

pytestmark = pytest.mark.django_db


def slow_per_head(figure: Allocation) -> Decimal | None:
    """Exact fraction of the newest count of the holder's people, rounded once."""
    counts = sorted(Population.objects.filter(organisation=figure.organisation), key=lambda count: count.as_at)
    if figure.amount is None or not counts:
        return None
    exact = Fraction(figure.amount) / counts[-1].persons
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)


def slow_nearest(place: Place, persons: int) -> list[str]:
    """Names of the other places by how far their newest count is from `persons`."""
    found = []
    for other in Place.objects.exclude(pk=place.pk):
        counts = Population.objects.filter(organisation__places__place=other).order_by("-as_at")
        if counts:
            found.append((abs(counts[0].persons - persons), other.name))
    return [name for _, name in sorted(found)][:10]


@pytest.fixture
def places() -> list[Place]:
    chance = random.Random(75)
    stream = factories.stream(code="adult-social-care", gross_or_net="net")
    made = []
    for _ in range(25):
        council = factories.council()
        made.append(factories.place_council(organisation=council).place)
        for year in (2021, 2023):
            factories.population(organisation=council, persons=chance.randrange(1, 900_000), as_at=f"{year}-06-30")
        silent = chance.random() < 0.2
        factories.allocation(
            organisation=council,
            stream=stream,
            basis="outturn",
            gross_or_net="net",
            source=factories.mhclg(),
            amount=None if silent else Decimal(chance.randrange(10**12)) / 100,
            published_text="..." if silent else "",
        )
    return made


def test_figures_a_head_equal_their_slow_twin(places):
    checked = 0
    for place in places:
        page = place_page(place.slug, actor=ANONYMOUS, on=timezone.localdate())
        assert page is not None
        heads = page.heads()
        for lines in figures.by_body(page.lines):
            head, _ = heads[lines[0].first.organisation_id]
            row = figures.of_body(lines, head).rows[0]
            assert row[-1]["value"] == slow_per_head(lines[0].first)
            checked += 1
    assert checked == len(places)


def test_nearest_places_equal_their_slow_twin(places):
    for place in places[:5]:
        page = place_page(place.slug, actor=ANONYMOUS, on=timezone.localdate())
        assert page is not None
        assert page.head is not None
        expected = slow_nearest(place, page.head.persons)
        assert [neighbour.name for neighbour in page.neighbours] == expected
        assert [row[0]["value"] for row in tables.nearest(page).rows] == [place.name, *expected]
