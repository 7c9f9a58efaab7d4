"""Pounds a head of a place page, and how they compare, against a slow and obvious twin."""

from __future__ import annotations

import random
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import pytest

from budgets.models import Allocation
from budgets.queries.place import place_page
from budgets.rules.comparing import standing_of
from budgets.tables import figures
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


def slow_standing(figure: Allocation) -> tuple[int, int, Decimal, int]:
    """Rank from the highest, how many have an amount a head, their mean, and how many of the ten nearest have less."""
    known = [one for one in Allocation.objects.all() if slow_per_head(one) is not None]
    people = {one.pk: newest_count(one) for one in known}
    own = slow_per_head(figure)
    higher = [one for one in known if slow_per_head(one) > own]
    amount = sum(Fraction(one.amount) for one in known) / sum(people.values())
    mean = (Decimal(amount.numerator) / Decimal(amount.denominator)).quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)
    others = [one for one in known if one.pk != figure.pk]
    near = sorted(others, key=lambda one: (abs(people[one.pk] - people[figure.pk]), one.organisation.name))[:10]
    return len(higher) + 1, len(known), mean, sum(slow_per_head(one) < own for one in near)


def newest_count(figure: Allocation) -> int:
    return Population.objects.filter(organisation=figure.organisation).order_by("-as_at")[0].persons


@pytest.fixture
def places() -> list[Place]:
    chance = random.Random(75)
    stream = factories.stream(code="adult-social-care", gross_or_net="net", holder_kinds=["unitary"])
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
        page = place_page(place.slug, actor=ANONYMOUS)
        assert page is not None
        heads = page.heads()
        for lines in figures.by_body(page.lines):
            head, _ = heads[lines[0].first.organisation_id]
            row = figures.of_body(lines, head).rows[0]
            assert row[-1]["value"] == slow_per_head(lines[0].first)
            checked += 1
    assert checked == len(places)


def test_standings_equal_their_slow_twin(places):
    checked = 0
    for place in places[:8]:
        page = place_page(place.slug, actor=ANONYMOUS)
        assert page is not None
        for lead in page.leads():
            standing = standing_of(lead.figure.organisation_id, page.beside(lead))
            if lead.figure.amount is None:
                assert standing is None
                continue
            assert standing is not None
            found = (standing.rank, standing.of, standing.mean, standing.above_peers)
            assert found == slow_standing(lead.figure)
            checked += 1
    assert checked > 3
