"""Recording contributions: what is refused, what is kept, what the partners see."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client

from budgets.actions import contributions as do
from budgets.models import Contribution, Instalment, PoolYear
from budgets.queries.pools.contributions import contributions_of, owed_on
from budgets.tables.pools import contributions as tables
from pooledcare.directory.models import AuditEvent, Change
from pooledcare.kernel.problems import Refused
from tests import factories
from tests.budgets.pools.contribution_rows import figure, pool_year
from tests.world import People, World

pytestmark = pytest.mark.django_db

TODAY = dt.date(2025, 2, 5)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(dt.datetime(2025, 2, 5, 12, tzinfo=dt.UTC), tick=False):
        yield


def given(people: People, within: PoolYear, gross: str, **fields: Any) -> Contribution:
    values: dict[str, Any] = {
        "partner": people.organisation, "stream": None, "kind": "additional_council", "funded_from": "own",
        "nature": "revenue", "recurrence": "recurrent", "basis": "net",
    }  # fmt: skip
    return do.add_contribution(pool_year=within, gross=D(gross), by=people.prepares, **values | fields)


def happened(instalment: Instalment, by: People, kind: str, day: str = "2025-01-01", **more: Any) -> None:
    do.record_instalment_event(instalment=instalment, kind=kind, on=dt.date.fromisoformat(day), by=by.prepares, **more)


@pytest.fixture
def within(world: World) -> PoolYear:
    return pool_year(world)


@pytest.fixture
def worked(world: World, within: PoolYear) -> tuple[Contribution, Contribution]:
    """The worked year of the council and the board: four equal instalments, the board’s fourth £50,000 short."""
    council, board = given(world.council, within, "1200000.00"), given(world.icb, within, "1800000.00")
    for one, people in ((council, world.council), (board, world.icb)):
        do.set_instalments(contribution=one, method="equal", count=4, by=people.prepares)
        for each in one.instalments.all():
            amount = D("400000.00") if one == board and each.number == 4 else each.amount
            happened(each, people, "received", str(each.due_on), amount=amount)
    return council, board


def test_the_worked_year(world: World, within: PoolYear, worked: Any):
    found = contributions_of(within, today=TODAY)
    assert found.agreed == D("3000000.00")
    (sentence,) = tables.sentences(found, within.year)
    assert sentence[0].text == (
        "£3,000,000.00 is agreed for 2024-25: Mereshire County Council 40%, NHS Mereshire Integrated Care Board 60%; "
        "£50,000.00 is overdue from NHS Mereshire Integrated Care Board."
    )
    assert tables.ageing(found).rows == [
        ["NHS Mereshire Integrated Care Board", D(0), D("50000.00"), D(0), D(0), D("50000.00")]
    ]
    assert owed_on(within, world.icb.organisation, dt.date(2024, 12, 31)) == 0
    assert owed_on(within, world.icb.organisation, TODAY) == D("50000.00")


def test_who_may_record(world: World, within: PoolYear):
    values: dict[str, Any] = {
        "pool_year": within, "partner": world.council.organisation, "stream": None, "kind": "recharge",
        "funded_from": "own", "nature": "revenue", "recurrence": "recurrent", "basis": "net", "gross": D(1),
    }  # fmt: skip
    with pytest.raises(PermissionDenied):
        do.add_contribution(by=world.council.having("auditor"), **values)
    with pytest.raises(Http404):
        do.add_contribution(by=world.outsider.prepares, **values)
    do.add_contribution(by=world.icb.having("finance_officer"), **values)


def test_each_refusal_of_a_contribution(world: World, within: PoolYear):
    for fields, code in (
        ({"partner": world.outsider.organisation}, "NOT_A_PARTNER"),
        ({"funded_from": "allocation"}, "CONTRIBUTION_ALLOCATION_HAS_STREAM"),
        ({"stream": factories.stream(first_year=2025)}, "STREAM_NOT_IN_YEAR"),
        ({"stream": factories.stream(last_year=2023)}, "STREAM_NOT_IN_YEAR"),
        ({"effective_on": dt.date(2024, 3, 31)}, "NOT_IN_YEAR"),
        ({"effective_on": dt.date(2025, 4, 1)}, "NOT_IN_YEAR"),
    ):
        with pytest.raises(Refused) as refused:
            given(world.council, within, "1.00", **fields)
        assert refused.value.code == code
    with pytest.raises(Refused, match="cannot be less than 0"):
        given(world.council, within, "-1.00")
    given(world.council, within, "1.00", effective_on=dt.date(2025, 3, 31))
    with pytest.raises(Refused, match="already has this contribution"):
        given(world.council, within, "1.00")


def test_more_than_the_allocation_is_refused_in_words(world: World, within: PoolYear):
    figure(world, "100.00")
    drawn = {"stream": world.stream, "funded_from": "allocation"}
    with pytest.raises(Refused, match="over all funds, would be more than the allocation"):
        given(world.icb, within, "100.01", **drawn)
    given(world.icb, within, "100.00", **drawn)
    with pytest.raises(Refused, match="it is not its own money"):
        given(world.icb, within, "1.00", stream=world.stream)


def test_a_cut_gives_notice_to_the_others(world: World, within: PoolYear, worked: Any):
    """F21: the others read that it is cut, from when and what that touches; the instalments can follow it."""
    council, _ = worked
    cut: dict[str, Any] = {
        "contribution": council, "effective_on": dt.date(2025, 1, 1), "reason": "Budget", "touches": "Reablement.",
    }  # fmt: skip
    attempts: tuple[tuple[dict[str, Any], People, str], ...] = (
        ({"gross": D("0.00")}, world.council, "NOT_A_CUT"),
        ({"gross": D("-1.00")}, world.council, "NOT_A_CUT"),
        ({"gross": D("1200000.01")}, world.council, "CUT_TOO_LARGE"),
        ({"gross": D("1.00")}, world.icb, "NOT_ITS_OWN"),
    )
    for amounts, by, code in attempts:
        with pytest.raises(Refused) as refused:
            do.cut_contribution(by=by.prepares, **amounts, **cut)
        assert refused.value.code == code
    with pytest.raises(Refused, match="This reduces the contribution"):
        do.add_component(
            contribution=council, kind="change", gross=D(-1), effective_on=TODAY, by=world.council.prepares
        )
    with pytest.raises(Refused, match="Only Mereshire County Council itself can reduce"):
        do.add_component(
            contribution=council, kind="efficiency", gross=D(-1), effective_on=TODAY, by=world.icb.prepares
        )
    do.cut_contribution(gross=D("100000.00"), by=world.council.prepares, **cut)
    found = contributions_of(within, today=TODAY)
    assert tables.notices(found)[0][0].text == (
        "Mereshire County Council contributes £100,000.00 less from 1 January 2025. It touches: Reablement."
    )
    assert found.agreed == D("2900000.00")
    (credit,) = do.set_instalments(contribution=council, method="equal", count=1, by=world.council.prepares)
    assert credit.amount == D("-100000.00")
    with pytest.raises(Refused, match="already sum to the contribution"):
        do.set_instalments(contribution=council, method="equal", count=1, by=world.council.prepares)


def test_a_condition_with_owner_and_day(world: World, within: PoolYear):
    """F2, P03: late money with a test to pass."""
    one = given(world.icb, within, "10.00", recurrence="non_recurrent", component="non_recurrent")
    condition = do.add_condition(
        contribution=one, what="Delays fall by 4%", owner="Chief finance officer", due_on=TODAY, by=world.icb.prepares
    )
    met: dict[str, Any] = {"condition": condition, "evidence": "Paper 7", "by": world.icb.prepares}
    with pytest.raises(Refused, match="lies in the future"):
        do.meet_condition(met_on=TODAY + dt.timedelta(days=1), **met)
    do.meet_condition(met_on=TODAY, **met)
    with pytest.raises(Refused, match="already recorded that the condition is met"):
        do.meet_condition(met_on=TODAY, **met)


def test_instalment_events(world: World, within: PoolYear):
    one = given(world.icb, within, "10.00")
    (due,) = do.set_instalments(contribution=one, method="equal", count=1, by=world.icb.prepares)
    due = Instalment.objects.get()
    for kind, more, code in (
        ("received", {}, "REQUIRED"),
        ("received", {"amount": D("10.01")}, "NOT_OUTSTANDING"),
        ("received", {"amount": D("-0.01")}, "NOT_OUTSTANDING"),
        ("invoiced", {"amount": D("1.00")}, "AMOUNT_NOT_WANTED"),
        ("suspended", {}, "REQUIRED"),
        ("resumed", {}, "NOT_SUSPENDED"),
        ("invoiced", {"day": "2025-02-06"}, "IN_FUTURE"),
    ):
        with pytest.raises(Refused) as refused:
            happened(due, world.icb, kind, **more)
        assert refused.value.code == code
    happened(due, world.icb, "received", amount=D("10.00"))
    happened(due, world.icb, "received", amount=D("-4.00"))
    happened(due, world.icb, "suspended", reason="Dispute")
    with pytest.raises(Refused, match="already suspended"):
        happened(due, world.icb, "suspended", reason="Dispute")
    (shown,) = contributions_of(within, today=TODAY).contributions[0].instalments
    assert (shown.standing.received, shown.standing.suspended) == (D("6.00"), D("4.00"))


def test_partners_confirm_the_balance_of_each_quarter(world: World, within: PoolYear, worked: Any):
    """F1: an unconfirmed, disputed balance is seen in the quarter in which it arises."""
    by = world.icb.prepares
    with pytest.raises(Refused, match="has not ended yet"):
        do.confirm_balance(pool_year=within, quarter=4, amount=D(0), by=by)
    assert do.confirm_balance(pool_year=within, quarter=3, amount=D(0), by=by).agrees
    with pytest.raises(Refused, match=r"Here 0\.00 is owed, not 5\.00"):
        do.confirm_balance(pool_year=within, quarter=3, amount=D("5.00"), by=by)
    disputed = do.confirm_balance(pool_year=within, quarter=3, amount=D("5.00"), note="An invoice", by=by)
    assert (disputed.agrees, disputed.shown) == (False, D(0))
    assert AuditEvent.objects.filter(action="balance.disputed").count() == 1


def test_what_is_in_kind_or_outside_is_never_in_the_sum(world: World, within: PoolYear):
    who: dict[str, Any] = {"pool_year": within, "partner": world.icb.organisation, "by": world.icb.prepares}
    do.add_in_kind(kind="staff", what="Two nurses", notional_value=None, **who)
    do.add_in_kind(kind="premises", what="A ward", notional_value=D("7.00"), **who)
    do.add_outside_money(kind="aligned", what="Equipment", amount=D("9.00"), **who)
    given(world.icb, within, "10.00")
    found = contributions_of(within, today=TODAY)
    assert found.agreed == D("10.00")
    assert [row[3] for row in tables.in_kind(found).rows] == [None, D("7.00")]
    assert [row[3] for row in tables.outside(found).rows] == [D("9.00")]


def test_provisional_until_the_allocation_is_published(world: World):
    within = pool_year(world, year=2025)  # the agreement was signed for 2024-25
    given(world.icb, within, "10.00", stream=world.stream, funded_from="allocation")

    def provisional() -> str:
        return contributions_of(within, today=TODAY).contributions[0].provisional

    assert provisional() == "the allocation is not published and no deed of the year is signed"
    figure(world, "100.00", financial_year=2025, source=world.icb.organisation)
    assert provisional()
    figure(world, "100.00", financial_year=2025, published_on=None)
    assert provisional()
    figure(world, "100.00", financial_year=2025, basis="budget")
    assert provisional() == ""


def test_only_the_partners_are_told(world: World, within: PoolYear):
    given(world.icb, within, "10.00")
    told = Change.objects.filter(resource="contributions").get()
    assert not told.public
    assert set(told.reader_ids) >= {world.icb.organisation.pk, world.council.organisation.pk}
    within.refresh_from_db()
    assert within.version == 2


# ── Pages ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def visit(people: People, role: str = "pool_manager") -> Client:
    client = Client()
    factories.log_in(client, people.person(role))
    return client


def test_the_tab_costs_the_same_however_many(
    world: World, within: PoolYear, worked: Any, django_assert_max_num_queries: Any
):
    client, here = visit(world.council), f"{within.get_absolute_url()}contributions/"
    assert "£50,000.00 is overdue" in client.get(here).content.decode()
    with django_assert_max_num_queries(100) as first:
        client.get(here)
    for kind in ("recharge", "other_grant", "dfg"):
        one = given(world.council, within, "5.00", kind=kind)
        do.set_instalments(contribution=one, method="monthly", by=world.council.prepares)
    with django_assert_max_num_queries(len(first)):
        client.get(here)


def test_recording_on_the_pages(world: World, within: PoolYear):
    client, here = visit(world.council), f"{within.get_absolute_url()}contributions/"
    said = {
        "partner": "E10000999", "kind": "dfg", "funded_from": "own", "gross": "1,200.50", "client_income": "200.50",
        "effective_on_day": "1", "effective_on_month": "4", "effective_on_year": "2024", "basis": "net",
        "nature": "capital", "recurrence": "recurrent",
    }  # fmt: skip
    answer = client.post(f"{here}add/", said)
    assert answer.status_code == 302, answer.content.decode()
    one = Contribution.objects.get()
    detail = f"{here}{one.pk}/"
    assert "£1,000.00" in client.get(detail).content.decode()
    assert client.post(f"{detail}instalments/", {"method": "equal", "count": "4"}).status_code == 302
    assert [each.amount for each in one.instalments.all()] == [D("250.00")] * 4
    refused = client.post(f"{here}add/", said)
    assert "already has this contribution" in refused.content.decode()
    for page in ("component", "cut", "condition", "instalments"):
        assert client.get(f"{detail}{page}/").status_code == 200
        assert "There is a problem" in client.post(f"{detail}{page}/").content.decode()


def test_another_years_contribution_is_not_found(world: World, within: PoolYear):
    one = given(world.council, within, "5.00")
    other = pool_year(world, year=2025).get_absolute_url()
    for page in ("", "component/", "cut/", "condition/", "instalments/"):
        assert visit(world.council).get(f"{other}contributions/{one.pk}/{page}").status_code == 404
    assert visit(world.outsider).get(f"{within.get_absolute_url()}contributions/").status_code == 404
