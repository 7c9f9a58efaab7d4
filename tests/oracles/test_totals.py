"""England's totals against a slow and obvious twin that looks at every figure."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from django.utils import timezone

from budgets import totals
from budgets.models import Allocation, FundingStream
from budgets.queries.england import england
from budgets.queries.streams import stream_totals
from pooledcare.directory.access import ANONYMOUS
from pooledcare.directory.models import Organisation
from tests import factories

pytestmark = pytest.mark.django_db


Sums = tuple[Decimal | None, int, int, int, Decimal]


def slow_sums(year: int, basis: str) -> dict[tuple[str, str], Sums]:
    """By stream and region: the sum, how many have reported, how many are expected, and what others have in it."""
    found: dict[tuple[str, str], Sums] = {}
    for figure in Allocation.objects.all():
        if not figure.is_current or figure.withdrawn or figure.published_on is None:
            continue
        if figure.financial_year != year or figure.basis != basis or figure.source_id == figure.organisation_id:
            continue
        region = figure.organisation.region.name if figure.organisation.region else "No region"
        key = (figure.stream.code, region)
        amount, reported, expected, included, part = found.get(key, (None, 0, 0, 0, Decimal(0)))
        if figure.amount is not None:
            amount = (amount or Decimal(0)) + figure.amount
        if figure.organisation.kind == "district":
            if figure.amount is not None:
                found[key] = (amount, reported, expected, included + 1, part + figure.amount)
        else:
            found[key] = (amount, reported + (figure.amount is not None), expected + 1, included, part)
    # Everybody who exists is expected, in this year as in any other.
    for stream in {code for code, _ in found}:
        bodies = Organisation.objects.filter(kind="icb").select_related("region")
        names = [body.region.name if body.region else "No region" for body in bodies]
        for region in names:
            amount, reported, _, included, part = found.get((stream, region), (None, 0, 0, 0, Decimal(0)))
            found[stream, region] = (amount, reported, names.count(region), included, part)
    return found


@pytest.fixture
def figures() -> None:
    """Sixty bodies with whatever a publisher may say about them."""
    chance = random.Random(20240401)
    streams = [factories.stream(expected_kinds=["icb"], included_kinds=["district"]) for _ in range(3)]
    regions = [factories.region() for _ in range(3)]
    for _ in range(60):
        kind = "district" if chance.random() < 0.2 else "icb"
        body = factories.organisation(region=chance.choice([*regions, None]), kind=kind)
        for stream in streams:
            for year in (2023, 2024):
                silent, withdrawn = chance.random() < 0.2, chance.random() < 0.1
                factories.allocation(
                    organisation=body,
                    stream=stream,
                    financial_year=year,
                    basis=chance.choice(["allocation", "budget"]),
                    amount=None if silent or withdrawn else Decimal(chance.randrange(10**9)) / 100,
                    published_text="..." if silent else "",
                    withdrawn=withdrawn,
                    published_on=None if chance.random() < 0.1 else "2024-04-01",
                    source=body if chance.random() < 0.1 else None,
                )
    totals.rebuild()


@pytest.mark.slow
@pytest.mark.parametrize(("year", "basis"), [(2023, "allocation"), (2024, "budget")])
def test_england_equals_its_slow_twin(figures, year, basis):
    page = england(actor=ANONYMOUS, year=year, basis=basis)

    assert {
        (t.stream, t.region): (t.amount, t.reported, t.expected, t.included, t.included_amount) for t in page.by_region
    } == slow_sums(year, basis)
    assert len(page.by_region) > 6


@pytest.mark.slow
def test_totals_worked_out_for_a_moment_equal_those_kept_when_the_moment_is_now(figures):
    for stream in FundingStream.objects.all():
        kept = stream_totals(stream)
        worked_out = stream_totals(stream, known_at=timezone.now())
        assert sorted(kept, key=str) == sorted(worked_out, key=str)
        assert kept
