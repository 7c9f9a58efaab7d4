"""The comparison of the holders of a stream over the API: the same ranks, mean and peers as on its page."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from budgets import totals
from budgets.models import FundingStream
from pooledcare.directory.models import Organisation
from tests import factories
from tests.asking import assert_problem
from tests.budgets.public import printed_tables
from tests.costs import cost
from tests.world import World

pytestmark = pytest.mark.django_db

ADDRESS = "/funding-streams/core/a-head/"
# Name, region, amount in pounds and people: 20, 10, 10 and 5 pounds a head; the mean is 370 / 36.
GIVEN = (("Ash", "N", 120, 6), ("Birch", "N", 100, 10), ("Cedar", "S", 100, 10), ("Elm", "S", 50, 10))


@pytest.fixture
def boards() -> dict[str, Organisation]:
    regions = {name: factories.region(name=f"{name} region") for name in "NS"}
    stream = factories.stream(name="Core", code="core", expected_kinds=["icb"])
    made = {}
    for name, region, amount, persons in GIVEN:
        board = factories.organisation(name=f"{name} Board", code=f"Q{name.upper()}", region=regions[region])
        factories.population(organisation=board, persons=persons)
        factories.allocation(organisation=board, stream=stream, financial_year=2024, amount=Decimal(amount))
        made[name] = board
    silent = factories.organisation(name="Fir Board", code="QFIR")
    factories.allocation(organisation=silent, stream=stream, financial_year=2024, amount=None, published_text="...")
    totals.rebuild()
    return made


def ranks(found: list[dict]) -> list[tuple]:
    return [(one["organisation"], one["rank"], one["a_head"]) for one in found]


def test_every_holder_has_its_rank_and_the_mean_and_links_to_its_figure(world: World, boards):
    found = world.api().results(ADDRESS)
    assert ranks(found) == [
        ("QASH", 1, "20.00"), ("QBIRCH", 2, "10.00"), ("QCEDAR", 2, "10.00"), ("QELM", 4, "5.00"), ("QFIR", None, None),
    ]  # fmt: skip
    first, silent = found[0], found[-1]
    assert {one["mean_a_head"] for one in found} == {"10.28"}
    assert {one["ranked"] for one in found} == {4}
    assert (first["amount"], first["persons"], first["counted_on"], first["is_peer"]) == (
        "120.00", 6, "2023-06-30", None,
    )  # fmt: skip
    assert (silent["amount"], silent["not_reported"], silent["persons"]) == (None, "...", None)
    here = "http://localhost:8000"
    assert first["links"] == {
        "organisation": f"{here}/api/v1/organisations/QASH/",
        "stream": f"{here}/api/v1/funding-streams/core/",
        "allocation": f"{here}/api/v1/allocations/{first['allocation']}/",
        "page": f"{here}/streams/core/a-head/?year=2024-25&basis=allocation&body=QASH",
    }
    assert world.api().get(f"/allocations/{first['allocation']}/").json()["amount"] == "120.00"


def test_it_is_what_the_page_shows(world: World, boards, client):
    shown = next(iter(printed_tables(client.get("/streams/core/a-head/?body=QELM")).values()))
    rows = [row for row in shown[1:] if not row[0].startswith("England")]
    found = world.api().results(f"{ADDRESS}?organisation=QELM")
    assert [(row[1], row[4]) for row in rows] == [(f"£{one['a_head']}", str(one["rank"])) for one in found]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", ["QASH", "QBIRCH", "QCEDAR", "QELM"]),
        ("&peers=region", ["QCEDAR", "QELM"]),
        ("&peers=kind", ["QASH", "QBIRCH", "QCEDAR", "QELM", "QFIR"]),
        ("&peers=chosen&others=QASH", ["QASH", "QELM"]),
        ("&peers=chosen&others=qash,qfir", ["QASH", "QELM", "QFIR"]),
    ],
)
def test_an_organisation_is_compared_with_its_peers(world: World, boards, asked: str, expected: list[str]):
    found = world.api().results(f"{ADDRESS}?organisation=QELM{asked}")
    assert [one["organisation"] for one in found] == expected
    assert [one["organisation"] for one in found if not one["is_peer"]] == ["QELM"]
    assert next(one["rank"] for one in found if not one["is_peer"]) == 4, "of all holders"


@pytest.mark.parametrize(
    ("asked", "status", "kind"),
    [
        ("peers=region", 400, "invalid-parameter"),
        ("organisation=QELM&peers=chosen", 400, "invalid-parameter"),
        ("organisation=QELM&others=QASH", 400, "invalid-parameter"),
        ("organisation=QELM&peers=most", 400, "invalid-parameter"),
        ("financial_year=2024", 400, "invalid-parameter"),
        ("organisation=NONE", 404, "not-found"),
        ("organisation=QELM&peers=chosen&others=NONE", 404, "not-found"),
        ("organisation=QOTHER", 404, "not-found"),
    ],
)
def test_what_cannot_be_compared_is_refused(world: World, boards, asked: str, status: int, kind: str):
    factories.organisation(name="Other Board", code="QOTHER")
    assert_problem(world.api().get(f"{ADDRESS}?{asked}"), status, kind)
    assert_problem(world.api().get("/funding-streams/none/a-head/"), 404, "not-found")


def test_another_year_and_an_earlier_day_are_asked_for(world: World, boards):
    assert world.api().results(f"{ADDRESS}?financial_year=2023-24&basis=allocation") == []
    day = dt.date(2023, 1, 1).isoformat()
    assert world.api().results(f"{ADDRESS}?as_at={day}") == []


def test_more_holders_cost_no_more_queries(boards, client):
    few = cost(client, f"/api/v1{ADDRESS}")
    stream = FundingStream.objects.get(code="core")
    for number in range(3):
        board = factories.organisation(name=f"Board {number}", code=f"QN{number}")
        factories.population(organisation=board, persons=5)
        factories.allocation(organisation=board, stream=stream, financial_year=2024, amount=Decimal(10))
    totals.rebuild()
    assert cost(client, f"/api/v1{ADDRESS}") == few
