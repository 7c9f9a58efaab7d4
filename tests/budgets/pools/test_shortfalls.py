"""An upload that leaves an allocation with less than what funds draw on it: warned of, recorded and shown."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest

from budgets.models import AllocationShortfall
from budgets.queries.pools.contributions import contributions_of
from budgets.tables.pools.contributions import sentences
from pooledcare.uploads import actions
from pooledcare.uploads.models import Upload, UploadProblem
from tests import factories
from tests.budgets.pools.contribution_rows import component, contribution, pool_year
from tests.uploads.sending import Desk, rows, worked
from tests.world import World

pytestmark = pytest.mark.django_db

TODAY = dt.date(2025, 2, 5)


@pytest.fixture
def publisher(world: World) -> Desk:
    assert world.stream
    assert world.icb
    return Desk(factories.nhs_england(), ("publisher",))


def row(amount: str) -> str:
    return rows(f"2024-25,QMS,nhs-core,allocation,{amount},recurrent,")


def warnings(upload: Upload) -> list[str]:
    found = UploadProblem.objects.filter(upload=upload, code="W_SHORTFALL")
    return [each.message for each in found]


def test_a_lower_figure_is_warned_of_recorded_and_shown(world: World, publisher: Desk):
    first = publisher.put(row("100.00"))
    within = pool_year(world)
    contribution(within, world.icb.organisation, stream=world.stream, net="80.00")
    assert not warnings(publisher.send(row("80.00"), name="enough.csv"))
    lower = publisher.send(row("50.00"), name="lower.csv")
    # The publisher is no partner: it learns neither the funds nor what they draw.
    assert warnings(lower) == [
        "NHS core allocation of NHS Mereshire Integrated Care Board for 2024-25 would be £50.00, which is less than "
        "pooled funds draw on it"
    ]
    publisher.accept(lower)
    lower.refresh_from_db()
    assert lower.state == "accepted"
    short = AllocationShortfall.objects.get()
    assert (short.limit, short.drawn, short.organisation) == (D("50.00"), D("80.00"), publisher.organisation)
    assert short.actor == publisher.approver.reference
    shown = sentences(contributions_of(within, today=TODAY), within.year)
    assert shown[1][0].text == (
        "The allocation NHS core allocation of NHS Mereshire Integrated Care Board is £30.00 less than pooled funds "
        "draw on it."
    )
    worked(actions.reverse_upload(upload=lower, reason="Wrong", by=publisher.approver))
    assert len(sentences(contributions_of(within, today=TODAY), within.year)) == 1
    assert first.state == "accepted"


def test_a_reversal_that_leaves_too_little_records_it(world: World, publisher: Desk):
    publisher.put(row("50.00"))
    higher = publisher.put(row("100.00"), name="higher.csv")
    contribution(pool_year(world), world.icb.organisation, stream=world.stream, net="80.00")
    worked(actions.reverse_upload(upload=higher, reason="Wrong", by=publisher.approver))
    short = AllocationShortfall.objects.get()
    assert (short.limit, short.drawn) == (D("50.00"), D("80.00"))


def test_a_partner_is_told_which_funds(world: World):
    assert world.stream
    assert world.icb
    desk = Desk(world.icb.organisation)
    desk.put(row("100.00"))
    board = world.icb.organisation
    made = contribution(pool_year(world), board, stream=world.stream, net="80.00")
    component(contribution(pool_year(world, slug="equipment"), board, stream=world.stream), "5.00")
    agreement = made.pool_year.pool.agreement.reference
    assert warnings(desk.send(row("50.00"), name="lower.csv")) == [
        "NHS core allocation of NHS Mereshire Integrated Care Board for 2024-25 would be £50.00, which is £35.00 less "
        f"than pooled funds draw on it ({agreement}/equipment, {agreement}/reablement)"
    ]


def test_where_the_publisher_states_it_the_holders_own_lower_figure_is_no_shortfall(world: World, publisher: Desk):
    publisher.put(row("100.00"))
    contribution(pool_year(world), world.icb.organisation, stream=world.stream, net="80.00")
    own = Desk(world.icb.organisation).put(row("50.00"), name="own.csv")
    assert own.state == "accepted"
    assert not warnings(own)
    assert not AllocationShortfall.objects.exists()


def test_what_the_publisher_states_first_replaces_the_holders_own(world: World, publisher: Desk):
    Desk(world.icb.organisation).put(row("100.00"))
    contribution(pool_year(world), world.icb.organisation, stream=world.stream, net="80.00")
    lower = publisher.put(row("79.99"), name="lower.csv")
    assert warnings(lower)
    assert AllocationShortfall.objects.get().limit == D("79.99")
