"""Each constraint and trigger of contributions, attacked through raw rows as the application's role."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connection, transaction

from budgets.models import (
    Allocation,
    AllocationDraw,
    AllocationShortfall,
    BalanceConfirmation,
    ConditionMet,
    ContributionCondition,
    ContributionNotice,
    InKindContribution,
    InstalmentEvent,
    OutsideMoney,
)
from budgets.terms import SENTENCES
from tests import factories
from tests.budgets.pools.contribution_rows import DAY, component, contribution, figure, instalment, pool_year
from tests.world import World

pytestmark = pytest.mark.django_db


def refused(name: str, attack: Callable[[], Any]) -> None:
    """The database refuses the attack with this constraint, and there is a sentence for it."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        attack()
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
    assert error.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]
    assert name in SENTENCES


def replaced(old: Allocation, amount: str | None, **fields: Any) -> Allocation:
    """The next version of a figure, as an upload writes it."""
    Allocation.objects.filter(pk=old.pk).update(is_current=False)
    values = {
        "organisation": old.organisation, "stream": old.stream, "source": old.source, "upload": old.upload,
        "financial_year": old.financial_year, "basis": old.basis, "version": old.version + 1,
        "amount": None if amount is None else Decimal(amount), "withdrawn": amount is None,
    }  # fmt: skip
    return factories.allocation(**values | fields)


def shortfall(draw: AllocationDraw | None) -> AllocationShortfall:
    assert draw is not None
    made = AllocationShortfall.objects.create(
        draw=draw, organisation=draw.organisation, actor="user:1", limit=1, drawn=1
    )
    made.refresh_from_db()
    return made


# ── Invariant 2 ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_more_is_drawn_than_the_allocation_over_all_funds(world: World):
    board, council = world.icb.organisation, world.council.organisation
    figure(world, "100.00")
    first = contribution(pool_year(world), board, stream=world.stream, net="60.00")
    second = contribution(pool_year(world, slug="equipment"), board, stream=world.stream)
    refused("component_draw", lambda: component(second, "40.01"))
    component(second, "40.00")
    refused("component_draw", lambda: component(first, "0.01"))
    component(first, "-0.01")
    component(second, "0.01")
    # Another year, another stream and another organisation have allocations of their own.
    contribution(pool_year(world, year=2025), board, stream=world.stream, net="60.00")
    contribution(first.pool_year, board, stream=factories.stream(), net="60.00")
    contribution(first.pool_year, council, stream=world.stream, net="60.00")
    assert first.draw_id == second.draw_id


def test_client_income_is_not_drawn(world: World):
    figure(world, "100.00")
    component(contribution(pool_year(world), world.icb.organisation, stream=world.stream), "130.00", "30.00")


def test_a_writer_cannot_choose_another_draw(world: World):
    board = world.icb.organisation
    figure(world, "100.00")
    spare = AllocationDraw.objects.create(organisation=board, stream=factories.stream(), financial_year=2024)
    made = contribution(pool_year(world), board, stream=world.stream, draw=spare)
    assert made.draw_id != spare.pk
    assert made.draw.stream == world.stream  # type: ignore[union-attr]


LIMITS = [
    ("the publisher's, not the holder's own", [("900.00", {}), ("100.00", {"own": True})], "900.00"),
    ("the holder's own where no publisher has one", [("100.00", {"own": True})], "100.00"),
    ("an allocation before a budget", [("900.00", {"basis": "budget"}), ("100.00", {})], "100.00"),
    (
        "a publisher's budget before the holder's own",
        [("70.00", {"basis": "budget"}), ("9.00", {"own": True})],
        "70.00",
    ),
    ("both parts of it", [("70.00", {}), ("30.00", {"recurrence": "non_recurrent"})], "100.00"),
    ("net before gross", [("70.00", {"gross_or_net": "net"}), ("99.00", {"gross_or_net": "gross"})], "70.00"),
    ("no outturn", [("70.00", {"basis": "outturn"})], None),
    ("none of another year", [("70.00", {"financial_year": 2023})], None),
]


@pytest.mark.parametrize(("figures", "limit"), [each[1:] for each in LIMITS], ids=[each[0] for each in LIMITS])
def test_the_limit_is(world: World, figures: list[tuple[str, dict[str, Any]]], limit: str | None):
    for amount, fields in figures:
        own = {"source": world.icb.organisation} if fields.pop("own", False) else {}
        figure(world, amount, **own, **fields)
    made = contribution(pool_year(world), world.icb.organisation, stream=world.stream)
    if limit is None:
        component(made, "1000000.00")
        return
    refused("component_draw", lambda: component(made, str(Decimal(limit) + Decimal("0.01"))))
    component(made, limit)


def test_a_lower_allocation_needs_a_recorded_shortfall(world: World):
    published = figure(world, "100.00")
    made = contribution(pool_year(world), world.icb.organisation, stream=world.stream, net="80.00")
    refused("shortfall_is_true", lambda: shortfall(made.draw))
    refused("allocation_draw_within_limit", lambda: replaced(published, "79.99"))
    replaced(published, "80.00")
    with transaction.atomic():
        lower = replaced(Allocation.objects.get(is_current=True), "50.00")
        found = shortfall(made.draw)
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate; set constraints all deferred")
    assert (found.limit, found.drawn, found.short_by) == (Decimal("50.00"), Decimal("80.00"), Decimal("30.00"))
    refused("component_draw", lambda: component(made, "0.01"))
    refused("allocation_draw_within_limit", lambda: replaced(lower, "49.00"))
    component(made, "-30.00")
    component(made, "-0.01")
    component(made, "0.01")


def test_what_a_withdrawal_leaves_is_the_holders_own_figure(world: World):
    published = figure(world, "100.00")
    figure(world, "70.00", source=world.icb.organisation)
    made = contribution(pool_year(world), world.icb.organisation, stream=world.stream, net="80.00")
    refused("allocation_draw_within_limit", lambda: replaced(published, None))
    refused("allocation_draw_within_limit", lambda: Allocation.objects.filter(pk=published.pk).update(is_current=False))
    component(made, "-10.00")
    replaced(published, None)


def test_every_row_of_an_upload_is_compared(world: World):
    """Many rows in one statement (allocation_rechecks_new, allocation_rechecks_changed)."""
    board = world.icb.organisation
    contribution(pool_year(world), board, stream=world.stream, net="80.00")
    others = [factories.stream() for _ in range(5)]
    source = factories.nhs_england()
    sent = factories.upload(organisation=source)

    def rows(amount: str) -> list[Allocation]:
        return [
            Allocation(
                organisation=board, stream=stream, source=source, upload=sent, financial_year=2024, version=1,
                basis="allocation", gross_or_net="not_applicable", recurrence="recurrent", amount=Decimal(amount),
            )
            for stream in (*others, world.stream)
        ]  # fmt: skip

    refused("allocation_draw_within_limit", lambda: Allocation.objects.bulk_create(rows("79.99")))
    assert len(Allocation.objects.bulk_create(rows("80.00"))) == 6


def test_own_money_is_refused_where_there_is_an_allocation(world: World):
    within, board = pool_year(world), world.icb.organisation
    contribution(within, board, stream=world.stream, funded_from="own")
    figure(world, "100.00", basis="budget")
    contribution(within, board, stream=world.stream, funded_from="own", kind="recharge")
    figure(world, "100.00")
    refused(
        "contribution_own_money",
        lambda: contribution(within, board, stream=world.stream, funded_from="own", kind="other_grant"),
    )
    contribution(within, board)


# ── The others ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _twice(make: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: (make(), make())


def test_each_constraint(world: World):
    within, board = pool_year(world), world.icb.organisation
    own = contribution(within, board, kind="recharge")
    first = component(own, "10.00")
    who = {"organisation": board, "actor": "user:1"}
    condition = ContributionCondition.objects.create(contribution=own, what="A", owner="B", due_on=DAY, **who)
    due = instalment(own, "10.00")
    draw = {"organisation": board, "stream": world.stream, "financial_year": 2024}
    refused("contribution_once", _twice(lambda: contribution(within, board)))
    refused("contribution_allocation_has_stream", lambda: contribution(within, board, funded_from="allocation"))
    refused("contribution_not_negative", lambda: component(own, "-10.01"))
    refused("contribution_not_negative", lambda: component(own, "0.00", "10.01"))
    component(own, "-10.00")
    component(own, "10.00")
    refused("component_not_zero", lambda: component(own, "0.00"))
    refused("allocation_draw_once", _twice(lambda: AllocationDraw.objects.create(**draw)))
    refused(
        "contribution_notice_once",
        _twice(lambda: ContributionNotice.objects.create(component=first, touches="C", **who)),
    )
    refused(
        "condition_met_once",
        _twice(lambda: ConditionMet.objects.create(condition=condition, met_on=DAY, evidence="D", **who)),
    )
    refused("instalment_number_once", lambda: instalment(own, "5.00"))
    refused("instalment_not_zero", lambda: instalment(own, "0.00", number=2))
    for said in ({"kind": "received"}, {"kind": "invoiced", "amount": 1}, {"kind": "suspended"}):
        refused(
            "instalment_event_says_what",
            lambda said=said: InstalmentEvent.objects.create(instalment=due, on=DAY, **said, **who),  # type: ignore[misc]
        )
    balance = {"pool_year": within, "partner": board, "amount": 0, "shown": 0, **who}
    refused("balance_quarter_of_year", lambda: BalanceConfirmation.objects.create(quarter=5, agrees=True, **balance))
    refused(
        "balance_difference_explained", lambda: BalanceConfirmation.objects.create(quarter=1, agrees=False, **balance)
    )


def _everything(world: World) -> dict[str, Any]:
    """A row of each table that is only added to, by the name of its trigger."""
    within, board = pool_year(world), world.icb.organisation
    who = {"organisation": board, "actor": "user:1"}
    mine = contribution(within, board, stream=world.stream)
    first = component(mine, "10.00")
    condition = ContributionCondition.objects.create(contribution=mine, what="A", owner="B", due_on=DAY, **who)
    due = instalment(mine, "10.00")
    figure(world, "10.00")
    with transaction.atomic():
        replaced(Allocation.objects.get(), "5.00")
        short = shortfall(mine.draw)
    return {
        "contribution_append_only": mine,
        "component_append_only": first,
        "contribution_notice_append_only": ContributionNotice.objects.create(component=first, touches="C", **who),
        "contribution_condition_append_only": condition,
        "condition_met_append_only": ConditionMet.objects.create(condition=condition, met_on=DAY, evidence="D", **who),
        "in_kind_append_only": InKindContribution.objects.create(
            pool_year=within, partner=board, kind="staff", what="E", **who
        ),
        "outside_money_append_only": OutsideMoney.objects.create(
            pool_year=within, partner=board, kind="aligned", what="F", amount=1, **who
        ),
        "shortfall_append_only": short,
        "instalment_append_only": due,
        "instalment_event_append_only": InstalmentEvent.objects.create(instalment=due, kind="invoiced", on=DAY, **who),
        "balance_confirmation_append_only": BalanceConfirmation.objects.create(
            pool_year=within, partner=board, quarter=1, amount=0, shown=0, agrees=True, **who
        ),
    }


def test_nothing_recorded_can_be_rewritten(world: World):
    rows = _everything(world)
    for name, row in rows.items():
        assert name in SENTENCES
        table = row._meta.db_table
        for statement in (f"update {table} set actor = 'user:2'", f"delete from {table}"):
            with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
            assert error.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


def test_the_application_cannot_set_what_is_drawn(world: World):
    """Its role may raise the version of a draw, as the triggers do for it, and write nothing else of it."""
    figure(world, "100.00")
    made = contribution(pool_year(world), world.icb.organisation, stream=world.stream, net="60.00")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'set local role "{settings.APPLICATION_ROLE}"')
        for statement in (
            "update budgets_allocationdraw set financial_year = 2030",
            "delete from budgets_allocationdraw",
            "update budgets_contribution set draw_id = null",
            "update budgets_contributioncomponent set gross = 1",
            "update budgets_allocationshortfall set drawn = 1000",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                cursor.execute(statement)
        refused("component_draw", lambda: component(made, "40.01"))
        component(made, "40.00")
        cursor.execute("reset role")
