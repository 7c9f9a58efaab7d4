"""Instalments to the penny, ageing by days, sums by day: pure rules."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest

from budgets.rules.pools.contributions import Sums, shares_of, sums_on, why_provisional
from budgets.rules.pools.instalments import Event, spread, standing
from pooledcare.kernel.formats import percent
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Refused

YEAR = FinancialYear(2025)
DUE = dt.date(2025, 7, 1)


def on(day: str) -> dt.date:
    return dt.date.fromisoformat(day)


def test_four_equal_instalments_of_the_worked_year():
    days = ["2025-04-01", "2025-07-01", "2025-10-01", "2026-01-01"]
    council = spread(D("1200000.00"), method="equal", year=YEAR, count=4)
    board = spread(D("1800000.00"), method="equal", year=YEAR, count=4)
    assert [(str(due.on), due.amount) for due in council] == [(day, D("300000.00")) for day in days]
    assert [(str(due.on), due.amount) for due in board] == [(day, D("450000.00")) for day in days]


@pytest.mark.parametrize(
    ("method", "more", "first", "last", "count"),
    [
        ("monthly", {}, ("2025-04-01", "8.34"), ("2026-03-01", "8.33"), 12),
        ("quarterly_arrears", {}, ("2025-06-30", "25.00"), ("2026-03-31", "25.00"), 4),
        ("quarterly_advance", {}, ("2025-04-01", "25.00"), ("2026-01-01", "25.00"), 4),
        ("equal", {"count": 3}, ("2025-04-01", "33.34"), ("2025-12-01", "33.33"), 3),
        ("by_hand", {"shares": ["04-15 33.33", "03-31 66.67"]}, ("2025-04-15", "33.33"), ("2026-03-31", "66.67"), 2),
    ],
)
def test_each_way_sums_to_the_year(method: str, more: dict, first: tuple, last: tuple, count: int):
    found = spread(D("100.00"), method=method, year=YEAR, **more)
    assert len(found) == count
    assert sum(due.amount for due in found) == D("100.00")
    assert (str(found[0].on), str(found[0].amount)) == first
    assert (str(found[-1].on), str(found[-1].amount)) == last


def test_a_part_of_nothing_is_no_instalment():
    assert [due.amount for due in spread(D("0.02"), method="monthly", year=YEAR)] == [D("0.01"), D("0.01")]
    assert sum(due.amount for due in spread(D("-100.00"), method="equal", year=YEAR, count=3)) == D("-100.00")


def test_what_a_method_needs():
    with pytest.raises(Refused, match="Equal instalments need a number"):
        spread(D("1.00"), method="equal", year=YEAR)
    with pytest.raises(Refused, match="need the days and their shares"):
        spread(D("1.00"), method="by_hand", year=YEAR)


@pytest.mark.parametrize(
    ("today", "overdue", "age"),
    [
        ("2025-07-01", "0", ""),
        ("2025-07-02", "50", "0–30 days"),
        ("2025-07-31", "50", "0–30 days"),
        ("2025-08-01", "50", "31–60 days"),
        ("2025-08-30", "50", "31–60 days"),
        ("2025-08-31", "50", "61–90 days"),
        ("2025-09-29", "50", "61–90 days"),
        ("2025-09-30", "50", "over 90 days"),
    ],
)
def test_ageing(today: str, overdue: str, age: str):
    found = standing(DUE, D("450"), [Event("received", DUE, D("400"))], today=on(today))
    assert (found.overdue, found.age) == (D(overdue), age)


def test_a_suspended_instalment_is_shown_as_such_and_not_overdue():
    """F3: one partner withheld its share, and the others did not see that it had."""
    events = [Event("invoiced", DUE), Event("suspended", on("2025-08-01"), reason="Dispute")]
    before = standing(DUE, D("450"), events, today=on("2025-07-31"))
    during = standing(DUE, D("450"), events, today=on("2025-08-01"))
    after = standing(DUE, D("450"), [*events, Event("resumed", on("2025-09-01"))], today=on("2025-09-01"))
    assert (before.overdue, before.suspended_for, before.invoiced_on) == (D("450"), "", DUE)
    assert (during.overdue, during.suspended, during.suspended_for, during.age) == (D("0"), D("450"), "Dispute", "")
    assert (after.overdue, after.suspended) == (D("450"), D("0"))


def test_contributions_replaced_from_a_date():
    """P06: 78,000 + 30,000 = 108,000, then 99,000 + 96,000 = 195,000 (£000)."""
    start, later = on("2025-04-01"), on("2025-10-01")
    council = [(start, D(78000), D(0)), (later, D(39000), D(18000))]
    board = [(start, D(30000), D(0)), (later, D(66000), D(0))]
    day_before = later - dt.timedelta(days=1)
    assert sums_on(council, day_before).net + sums_on(board, day_before).net == D(108000)
    assert sums_on(council, later).net + sums_on(board, later).net == D(195000)
    assert sums_on(council, later) == Sums(D(117000), D(18000))


def test_shares_of_two_contributions():
    """P04: 93,700 + 28,300 is 76.80 and 23.20 per cent."""
    assert [percent(share, 2) for share in shares_of([D(93700), D(28300)])] == ["76.80%", "23.20%"]
    assert shares_of([D(0), D(0)]) == [D(0), D(0)]


def test_gross_or_net_of_client_income():
    """R15: a council that contributes gross pays the gross amount; otherwise it pays the net amount."""
    sums = Sums(D("1440000.00"), D("40000.00"))
    assert (sums.paid("gross"), sums.paid("net"), sums.net) == (D("1440000.00"), D("1400000.00"), D("1400000.00"))


@pytest.mark.parametrize(
    ("funded_from", "is_published", "is_signed", "why"),
    [
        ("allocation", False, False, "the allocation is not published and no deed of the year is signed"),
        ("allocation", True, False, ""),
        ("allocation", False, True, ""),
        ("own", False, False, "no deed of the year is signed"),
        ("own", True, False, "no deed of the year is signed"),
        ("own", False, True, ""),
    ],
)
def test_provisional(funded_from: str, is_published: bool, is_signed: bool, why: str):
    assert why_provisional(funded_from=funded_from, is_published=is_published, is_signed=is_signed) == why
