"""The Ledger and Periods tabs as partners use them."""

from __future__ import annotations

import pytest

from budgets.actions.pool_years import open_year
from budgets.models import Journal, Period
from budgets.queries.pools.ledger import contributing_partners
from pooledcare.kernel.periods import FinancialYear
from tests.budgets.pools import contribution_rows

pytestmark = pytest.mark.django_db
SCHEME = "reablement"


@pytest.fixture
def year(world):
    return open_year(pool=world.agreed.pools.get(), year=FinancialYear(2024), by=world.icb.prepares)


@pytest.fixture
def officer(world, client):
    client.force_login(world.council.person("finance_officer"))
    return client


def at(year, rest=""):
    return f"{year.get_absolute_url()}{rest}"


def said(world, **rest):
    scheme = world.agreed.schemes.get()
    day = {"on_day": "14", "on_month": "5", "on_year": "2024"}
    given = {"kind": "invoice", "amount": "1,234.50", "scheme": str(scheme.pk), "reason": "Home care in May"}
    return {**day, **given, "partner": "", "adjustment": "", **rest}


class TestLedger:
    def test_an_empty_ledger_says_so(self, year, officer):
        page = officer.get(at(year, "ledger/")).content.decode()
        assert "Nothing is posted for 2024-25 yet." in page
        assert "Nothing is spent yet." in page

    def test_a_journal_is_posted_read_and_reversed_once(self, world, year, officer):
        posted = officer.post(at(year, "ledger/post/"), said(world), follow=True).content.decode()
        journal = Journal.objects.get()
        assert f"{journal.reference} is posted to May 2024." in posted
        assert "Home care in May" in posted
        ledger = officer.get(at(year, "ledger/")).content.decode()
        assert "£1,234.50 is spent of £0.00 received or due for 2024-25: £1,234.50 more than the fund has." in ledger
        address = at(year, f"ledger/{journal.pk}/reverse/")
        reversing = {"on_day": "15", "on_month": "5", "on_year": "2024", "reason": "Entered twice"}
        assert "is reversed by" in officer.post(address, reversing, follow=True).content.decode()
        assert "is already reversed" in officer.post(address, reversing).content.decode()

    def test_what_is_missing_is_said_at_its_field_and_nothing_is_lost(self, world, year, officer):
        page = officer.post(at(year, "ledger/post/"), said(world, scheme="")).content.decode()
        assert "Select the scheme" in page
        assert "1,234.50" in page
        page = officer.post(at(year, "ledger/post/"), said(world, on_year="2023")).content.decode()
        assert "14 May 2023 does not lie in 2024-25. Choose a day of that year." in page
        assert not Journal.objects.exists()

    def test_a_journal_of_another_year_is_not_found(self, world, year, officer):
        officer.post(at(year, "ledger/post/"), said(world))
        other = open_year(pool=year.pool, year=FinancialYear(2025), by=world.icb.prepares)
        assert officer.get(at(other, f"ledger/{Journal.objects.get().pk}/")).status_code == 404


class TestPeriods:
    def test_they_say_who_has_not_supplied(self, world, year, officer):
        officer.post(at(year, "ledger/post/"), said(world))
        page = officer.get(at(year, "periods/")).content.decode()
        assert "No period is locked yet. For March 2025, nothing has come from" in page

    def test_a_month_is_closed_and_locked_and_reopened_by_another(self, world, year, officer, client):
        address = at(year, "periods/1/")
        for step in ("close", "lock"):
            assert "April 2024 is changed." in officer.post(address, {"what": step}, follow=True).content.decode()
        assert "Enter why it is to be reopened" in officer.post(address, {"what": "ask"}).content.decode()
        officer.post(address, {"what": "ask", "reason": "A late invoice"})
        assert "A late invoice" in officer.get(at(year, "periods/")).content.decode()
        client.force_login(world.icb.person("finance_approver"))
        client.post(address, {"what": "reopen"})
        assert Period.objects.get(pool_year=year, number=1).state == "closing"

    def test_a_reader_sees_no_buttons(self, world, year, client):
        client.force_login(world.icb.person("viewer"))
        page = client.get(at(year, "periods/1/")).content.decode()
        assert "It has been open from the start." in page
        assert "Continue" not in page

    def test_there_is_no_fourteenth_period(self, year, officer):
        assert officer.get(at(year, "periods/14/")).status_code == 404


@pytest.mark.parametrize("rest", ["ledger/", "periods/"])
def test_queries_do_not_grow_with_journals(world, year, officer, rest, django_assert_max_num_queries):
    for day in (1, 2, 3):
        officer.post(at(year, "ledger/post/"), said(world, on_day=str(day)))
    with django_assert_max_num_queries(24):
        officer.get(at(year, rest))


def test_partners_are_those_that_contribute_once_any_contribution_is_recorded(world, year):
    council, board = world.council.organisation, world.icb.organisation
    assert set(contributing_partners(year)) == {council.pk, board.pk}
    contribution_rows.contribution(year, board, net="100.00")
    assert contributing_partners(year) == {board.pk: board.name}
