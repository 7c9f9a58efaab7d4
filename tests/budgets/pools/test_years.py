"""Opening the years of a fund: which can be opened, by whom, and what the database refuses."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from budgets.actions.pool_years import open_year
from budgets.models import PlanLine, PoolYear
from budgets.queries.pools.reach import pool_year_reached
from budgets.queries.pools.years import years_to_open
from budgets.rules.pools.years import openable_years, year_problems
from pooledcare.directory.models import AuditEvent, Change
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Refused

D = dt.date
YEAR = FinancialYear(2024)


@pytest.mark.parametrize(
    ("start", "end", "problem"),
    [
        (D(2025, 3, 30), None, ""),
        (D(2025, 3, 31), None, ""),
        (D(2025, 4, 1), None, "2024-25 ends before the agreement starts, on 1 April 2025"),
        (D(2020, 4, 1), D(2024, 3, 31), "2024-25 starts after the agreement ends, on 31 March 2024"),
        (D(2020, 4, 1), D(2024, 4, 1), ""),
        (D(2020, 4, 1), D(2024, 4, 2), ""),
        (None, None, "The agreement has no first day yet"),
    ],
)
def test_a_year_must_touch_the_term_of_the_agreement(start, end, problem):
    assert [each.message for each in year_problems(YEAR, start=start, end=end)] == ([problem] if problem else [])


def test_years_from_three_ago_to_the_next_can_be_opened_once():
    found = openable_years(start=D(2010, 4, 1), end=None, opened={2025}, today=D(2026, 12, 1))
    assert [str(year) for year in found] == ["2027-28", "2026-27", "2024-25", "2023-24"]


@pytest.fixture
def agreed(world):
    return world.agreed


@pytest.mark.django_db
def test_an_officer_of_a_partner_opens_a_year_with_audit_and_a_change_for_the_partners(world, agreed):
    pool = agreed.pools.get()
    opened = open_year(pool=pool, year=YEAR, by=world.council.prepares)
    assert (opened.reference, opened.opened_by) == (
        f"{agreed.reference}/{pool.slug}/2024-25",
        world.council.prepares.reference,
    )
    assert AuditEvent.objects.latest("pk").sentence == (
        f"2024-25 of the fund {pool.slug} of {agreed.reference} was opened."
    )
    change = Change.objects.latest("pk")
    assert (change.resource, change.reference, change.event, change.public) == (
        "pools",
        f"{agreed.reference}/{pool.slug}",
        "opened",
        False,
    )


@pytest.mark.django_db
def test_a_year_is_opened_once(world, agreed):
    pool = agreed.pools.get()
    open_year(pool=pool, year=YEAR, by=world.icb.prepares)
    with pytest.raises(Refused, match="This year of the fund is already open"):  # pool_year_once
        open_year(pool=pool, year=YEAR, by=world.council.prepares)
    assert YEAR not in [year for _, year in years_to_open(agreed)]


@pytest.mark.django_db
def test_outside_the_term_a_year_is_refused(world, agreed):
    with pytest.raises(Refused, match="ends before the agreement starts"):
        open_year(pool=agreed.pools.get(), year=FinancialYear(2023), by=world.icb.prepares)


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["leads", "approves"])
def test_only_who_records_money_opens_a_year(world, agreed, who):
    with pytest.raises(PermissionDenied):
        open_year(pool=agreed.pools.get(), year=YEAR, by=getattr(world.icb, who))
    with pytest.raises(PermissionDenied):
        open_year(pool=agreed.pools.get(), year=YEAR, by=world.outsider.having("finance_officer", "pool_manager"))


@pytest.mark.django_db
def test_a_year_is_read_by_partners_alone_although_the_agreement_is_public(world, agreed):
    opened = open_year(pool=agreed.pools.get(), year=YEAR, by=world.icb.prepares)
    address = (agreed.reference, opened.pool.slug, "2024-25")
    found = pool_year_reached(*address, actor=world.council.having("viewer"))
    assert found is not None
    assert (found.pool_year, found.name) == (opened, found.terms.name)
    assert pool_year_reached(*address, actor=world.outsider.having("finance_officer")) is None
    assert pool_year_reached(agreed.reference, opened.pool.slug, "2025-26", actor=world.council.prepares) is None
    assert pool_year_reached(agreed.reference, opened.pool.slug, "2024", actor=world.council.prepares) is None


@pytest.mark.django_db
@pytest.mark.parametrize("year", [1999, 2050])
def test_a_year_beyond_the_plausible_is_refused(agreed, year):
    with pytest.raises(IntegrityError, match="pool_year_plausible"), transaction.atomic():
        PoolYear.objects.create(pool=agreed.pools.get(), financial_year=year, opened_by="user:1")


@pytest.mark.django_db
def test_a_line_has_one_commissioner_or_is_joint_and_a_number_is_given_once(world, agreed):
    opened = open_year(pool=agreed.pools.get(), year=YEAR, by=world.icb.prepares)
    line = {"pool_year": opened, "scheme": agreed.schemes.get(), "source": world.icb.organisation}
    PlanLine.objects.create(number=1, commissioner=world.icb.organisation, **line)
    PlanLine.objects.create(number=2, nhs_share="60", **line)
    for wrong in (
        {"number": 3},
        {"number": 3, "nhs_share": "100.01"},
        {"number": 3, "nhs_share": "60", "commissioner": world.icb.organisation},
    ):
        with pytest.raises(IntegrityError, match="plan_line_one_commissioner_or_joint"), transaction.atomic():
            PlanLine.objects.create(**line, **wrong)
    with pytest.raises(IntegrityError, match="plan_line_number_once"), transaction.atomic():
        PlanLine.objects.create(number=2, nhs_share="60", **line)


@pytest.mark.django_db
class TestPages:
    def test_the_tab_offers_years_to_those_who_record_money(self, world, agreed, client):
        address = f"/agreements/{agreed.reference}/money/"
        client.force_login(world.council.person("pool_manager"))
        page = client.get(address).content.decode()
        assert "No year of a fund is open yet" in page
        assert "Open 2024-25 of" in page
        client.force_login(world.council.person("viewer"))
        assert "Open 2024-25 of" not in client.get(address).content.decode()

    def test_a_second_click_is_told_that_the_year_is_open(self, world, agreed, client):
        client.force_login(world.council.person("pool_manager"))
        address, said = f"/agreements/{agreed.reference}/money/open/", {"year": f"{agreed.pools.get().slug}:2024-25"}
        opened = PoolYear.objects
        assert client.post(address, said).headers["Location"].endswith("/2024-25/")
        answer = client.post(address, said, follow=True)
        assert "That year is open already or cannot be opened" in answer.content.decode()
        assert opened.count() == 1
