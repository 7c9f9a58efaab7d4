"""Invariant 2 with two writers at once, on real connections."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from budgets.models import Allocation, AllocationShortfall, Contribution, ContributionComponent
from tests import factories
from tests.budgets.pools.contribution_rows import component, contribution, figure, pool_year
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def at_once(*doings: Callable[[], Any]) -> list[str]:
    """Run each in a transaction of its own; both have begun and neither has ended when the first writes."""
    start, answers = threading.Barrier(len(doings)), ["?"] * len(doings)

    def run(number: int, do: Callable[[], Any]) -> None:
        try:
            with transaction.atomic():
                Contribution.objects.count()
                start.wait(10)
                do()
            answers[number] = "done"
        except IntegrityError as error:
            answers[number] = error.__cause__.diag.constraint_name  # type: ignore[union-attr]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(doings)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(answers)


def test_two_funds_cannot_both_take_the_last_pound(world: World):
    figure(world, "100.00")
    board = world.icb.organisation
    first = contribution(pool_year(world), board, stream=world.stream)
    second = contribution(pool_year(world, slug="equipment"), board, stream=world.stream)
    assert at_once(lambda: component(first, "60.00"), lambda: component(second, "60.00")) == ["component_draw", "done"]
    assert [each.net for each in ContributionComponent.objects.all()] == [Decimal("60.00")]


def test_two_funds_make_the_same_draw_at_once(world: World):
    figure(world, "100.00")
    board, stream = world.icb.organisation, world.stream
    one, other = pool_year(world), pool_year(world, slug="equipment")
    found = at_once(
        lambda: contribution(one, board, stream=stream, net="60.00"),
        lambda: contribution(other, board, stream=stream, net="60.00"),
    )
    assert found == ["component_draw", "done"]


@pytest.mark.parametrize("is_new", [True, False], ids=["its first contribution", "a further component"])
def test_a_lower_allocation_beside_a_contribution(world: World, is_new: bool):
    """Whoever commits first, the other is refused: the allocation never stays overdrawn without a word."""
    published = figure(world, "100.00")
    board, stream = world.icb.organisation, world.stream
    within = pool_year(world)
    made = None if is_new else contribution(within, board, stream=stream)

    def draw() -> None:
        component(made or contribution(within, board, stream=stream), "80.00")

    def lower() -> None:
        Allocation.objects.filter(pk=published.pk).update(is_current=False)
        factories.allocation(
            organisation=board, stream=stream, source=published.source, upload=published.upload, version=2, amount=50
        )

    answers = at_once(draw, lower)
    assert answers in (["allocation_draw_within_limit", "done"], ["component_draw", "done"])
    assert not AllocationShortfall.objects.exists()
