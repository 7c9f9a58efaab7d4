"""Which version stood when, against a slow and obvious twin that looks at every version of every figure."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from budgets.models import Allocation
from budgets.queries.visibility import allocations_visible_to, as_at
from pooledcare.directory.access import ANONYMOUS, system_actor
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

LONDON = ZoneInfo("Europe/London")
DAYS = [dt.date(2024, 5, number) for number in range(1, 7)]


def moment(day: dt.date, hour: int = 12) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), LONDON)


def slow(figures: list[Allocation], day: dt.date | None, asked: dt.datetime) -> set[int]:
    """Of each key the version of the latest publication that was known, unless it says that nothing stands."""
    by_key: dict[tuple[object, ...], list[Allocation]] = defaultdict(list)
    for one in figures:
        if one.accepted_at > asked:
            continue
        if one.upload.reversed_at is not None and one.upload.reversed_at <= asked:
            continue
        if day is not None and (one.published_on is None or one.published_on > day):
            continue
        by_key[one.organisation_id, one.basis].append(one)

    def age(one: Allocation) -> tuple[object, ...]:
        return (one.published_on or one.accepted_at.astimezone(LONDON).date(), one.accepted_at, one.version)

    latest = [max(versions, key=age) for versions in by_key.values()]
    return {one.pk for one in latest if not one.withdrawn}


@pytest.fixture
def figures() -> list[Allocation]:
    chance = random.Random(1905)
    publisher, stream = factories.nhs_england(), factories.stream()
    uploads = [
        factories.upload(organisation=publisher, reversed_at=moment(chance.choice(DAYS)) if number % 4 == 0 else None)
        for number in range(12)
    ]
    made = []
    for _ in range(12):
        body = factories.organisation()
        for basis in ("allocation", "budget"):
            for number in range(1, chance.randrange(2, 6)):
                made.append(
                    Allocation(
                        organisation=body, stream=stream, source=publisher, financial_year=2024, basis=basis,
                        gross_or_net="net", recurrence="recurrent", amount=Decimal(number), version=number,
                        withdrawn=chance.random() < 0.2, published_on=chance.choice([None, *DAYS]),
                        accepted_at=moment(chance.choice(DAYS), chance.choice([0, 12])), is_current=False,
                        upload=chance.choice(uploads),
                    )
                )  # fmt: skip
    Allocation.objects.bulk_create(made)
    return list(Allocation.objects.select_related("upload"))


def test_what_stood_at_every_pair_of_moments_is_what_the_slow_twin_says(figures):
    public = [one for one in figures if one.published_on is not None]
    different = set()
    for asked in [moment(day, hour) for day in DAYS for hour in (0, 12)]:
        for day in (None, *DAYS):
            expected = slow(figures, day, asked)
            found = as_at(allocations_visible_to(system_actor("test")), as_at=day, known_at=asked)
            assert {one.pk for one in found} == expected
            different.add(frozenset(expected))
        found = as_at(allocations_visible_to(ANONYMOUS), known_at=asked)
        assert {one.pk for one in found} == slow(public, None, asked)
    assert len(different) > 20
