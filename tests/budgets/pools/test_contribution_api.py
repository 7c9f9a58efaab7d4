"""The API of contributions: the partners' keys read and add them, others find none."""

from __future__ import annotations

from typing import Any

import pytest

from budgets.models import Contribution, PoolYear
from pooledcare.directory.models import Change
from tests.asking import Api, assert_problem, key
from tests.budgets.pools.contribution_rows import body, contribution, figure, pool_year
from tests.world import People, World

pytestmark = pytest.mark.django_db

MAY = ("read_unpublished", "record_pool_money")
TWICE = {"Idempotency-Key": "first"}


def client(people: People, *may: str) -> Api:
    return Api(key(people.person("pool_manager"), people.organisation, *(may or MAY)))


@pytest.fixture
def within(world: World) -> PoolYear:
    return pool_year(world)


def test_a_contribution_is_made_once_and_read_again(world: World, within: PoolYear):
    assert world.stream
    api = client(world.icb)
    made = api.post("/contributions/", body(within), TWICE)
    assert made.status_code == 201, made.content
    found = made.json()
    assert (found["gross"], found["client_income"], found["net"]) == ("120.50", "20.50", "100.00")
    assert (found["partner"], found["stream"], found["financial_year"], found["pool"]) == (
        "QMS", "nhs-core", "2024-25", "reablement",
    )  # fmt: skip
    assert found["components"][0]["effective_on"] == "2024-04-01"
    again = api.post("/contributions/", body(within), TWICE)
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (found, "true")
    assert Contribution.objects.count() == 1
    assert api.get(f"/contributions/{found['reference']}/").json() == found
    change = Change.objects.get(resource="contributions")
    assert (change.reference, change.event) == (found["reference"], "added")


def test_what_is_refused(world: World, within: PoolYear):
    figure(world, "100.00")
    api, fresh = client(world.icb), iter(range(100))

    def sent(asking: Api = api, **fields: Any) -> Any:
        return asking.post("/contributions/", body(within, **fields), {"Idempotency-Key": str(next(fresh))})

    assert_problem(api.post("/contributions/", body(within)), 400, "idempotency-key-missing")
    over = assert_problem(sent(gross="120.51"), 409, "refused")
    assert over["errors"][0]["code"] == "COMPONENT_DRAW"
    for wrong in ({"gross": 120.5}, {"gross": "-1.00"}, {"gross": "1"}, {"kind": "gift"}, {"more": 1}):
        assert_problem(sent(**wrong), 400, "invalid-body")
    assert_problem(sent(partner="E06000999"), 404, "not-found")
    assert_problem(sent(financial_year="2030-31"), 404, "not-found")
    assert_problem(sent(client(world.outsider)), 404, "not-found")
    assert_problem(sent(client(world.icb, "read_unpublished")), 403, "forbidden")
    assert_problem(sent(Api()), 401, "authentication-required")
    assert not Contribution.objects.exists()


def test_only_partners_find_it(world: World, within: PoolYear):
    one = contribution(within, world.icb.organisation, net="5.00")
    own = client(world.council)
    assert [each["reference"] for each in own.results("/contributions/")] == [one.reference]
    assert client(world.outsider).results("/contributions/") == []
    assert_problem(client(world.outsider).get(f"/contributions/{one.reference}/"), 404, "not-found")
    assert_problem(Api().get("/contributions/"), 401, "authentication-required")
    assert one.reference in own.csv("/contributions/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("partner=QMS", 1),
        ("partner=E10000999", 1),
        ("stream=nhs-core", 1),
        ("pool=reablement", 2),
        ("pool=equipment", 0),
        ("financial_year=2024-25", 2),
        ("financial_year=2025-26", 0),
        ("agreement=S75-9999", 0),
    ],
)
def test_the_filters(world: World, within: PoolYear, query: str, found: int):
    contribution(within, world.icb.organisation, stream=world.stream, net="5.00")
    contribution(within, world.council.organisation, net="7.00")
    assert len(client(world.icb).results(f"/contributions/?{query}")) == found


def test_provisional_is_what_the_page_says(world: World):
    within = pool_year(world, year=2025)
    contribution(within, world.icb.organisation, stream=world.stream, net="5.00")
    api = client(world.icb)
    assert api.results("/contributions/")[0]["provisional"] is True
    figure(world, "5.00", financial_year=2025)
    assert api.results("/contributions/")[0]["provisional"] is False
