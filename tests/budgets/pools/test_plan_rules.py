"""The rules of a plan: months to the penny, the hash, income for each source, and what a virement may move."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields, replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from budgets.rules.pools.plan import (
    Amounts,
    Line,
    Movement,
    Source,
    balances,
    monthly,
    plan_hash,
    scheme_years,
    submitting_problems,
    to_date,
    total,
)
from budgets.rules.pools.virements import approvals_needed, virement_problems
from partnerships.rules.agreements import DeputyContent, LimitContent
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Refused

D = Decimal
YEAR = FinancialYear(2025)
FIRST = YEAR.first_day
OCTOBER = dt.date(2025, 10, 1)
COUNCIL, BOARD = Source("E1"), Source("QMS", "bcf-nhs-minimum")


def moved(expenditure: str, client_income: str = "0", kind: str = "original", on: dt.date = FIRST) -> Movement:
    return Movement(kind, Amounts(D(expenditure), D(client_income)), on)


def line(number: int = 1, *movements: Movement, **said: Any) -> Line:
    values = {"scheme": "s1", "source": COUNCIL, "commissioner": "E1"} | said
    return Line(number=number, movements=movements or (moved("1200.00"),), **values)


# --- months ----------------------------------------------------------------------------------------------------------


def test_twelfths_give_the_left_over_pennies_to_the_first_months():
    assert monthly("twelfths", D("100.00"), YEAR) == (*[D("8.34")] * 4, *[D("8.33")] * 8)


def test_working_days_are_the_weekdays_of_each_month():
    """2025-26 has 261: 22, 22, 21, 23, 21, 22, 23, 20, 23, 22, 20, 22."""
    days = [22, 22, 21, 23, 21, 22, 23, 20, 23, 22, 20, 22]
    assert monthly("working_days", D("261.00"), YEAR) == tuple(D(each) for each in days)


def test_quarters_fall_in_the_last_month_of_each():
    assert monthly("quarterly", D("0.06"), YEAR) == tuple(
        D(each) for each in ("0", "0", "0.02", "0", "0", "0.02", "0", "0", "0.01", "0", "0", "0.01")
    )


def test_last_years_shape_is_scaled():
    shape = [D(0)] * 10 + [D(1), D(3)]
    assert monthly("last_year", D("10.01"), YEAR, last_year=shape) == (*[D(0)] * 10, D("2.50"), D("7.51"))


def test_months_by_hand_stay_as_they_are():
    by_hand = [D(1)] * 11 + [D("0.05")]
    assert monthly("by_hand", D("11.05"), YEAR, by_hand=by_hand) == tuple(by_hand)


@pytest.mark.parametrize("method", ["twelfths", "working_days", "quarterly", "last_year"])
@pytest.mark.parametrize("amount", ["0.00", "0.01", "0.05", "1.00", "99999999999.99"])
def test_the_months_sum_to_the_year_to_the_penny(method, amount):
    months = monthly(method, D(amount), YEAR, last_year=[D(n) for n in range(12)])
    assert len(months) == 12
    assert sum(months) == D(amount)


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        ({"by_hand": [D(1)] * 12}, "PLAN_PROFILE_SUMS_TO_LINE",
         "The twelve months sum to £12.00, and the line has £12.01"),
        ({"by_hand": [D(1)] * 11}, "TWELVE_MONTHS", "Enter an amount for each of the twelve months, April first"),
        ({}, "TWELVE_MONTHS", "Enter an amount for each of the twelve months, April first"),
    ],
)  # fmt: skip
def test_other_months_by_hand_are_refused(given, code, message):
    with pytest.raises(Refused) as refused:
        monthly("by_hand", D("12.01"), YEAR, **given)
    assert (refused.value.code, refused.value.problems[0].message) == (code, message)


@pytest.mark.parametrize("shape", [None, [D(0)] * 12, [D(-1)] + [D(1)] * 11])
def test_a_shape_of_last_year_is_needed(shape):
    with pytest.raises(Refused) as refused:
        monthly("last_year", D(1), YEAR, last_year=shape)
    assert refused.value.code == "NO_LAST_YEAR"


# --- amounts ---------------------------------------------------------------------------------------------------------


def test_original_and_revised_are_sums_of_dated_movements():
    """P01: 135,625 and a change of −2,163 give 133,462."""
    fund = line(1, moved("124986"), moved("1447"), moved("9192"), moved("-2163", kind="in_year_change", on=OCTOBER))
    assert (fund.original.expenditure, fund.revised.expenditure) == (D(135625), D(133462))
    assert fund.revised_on(OCTOBER).expenditure == D(133462)
    assert fund.revised_on(OCTOBER - dt.timedelta(1)).expenditure == D(135625)


def test_gross_income_and_net_stand_together():
    original, revised = total([line(1, moved("1440000", "40000")), line(2, moved("1600000"))])
    assert (original.expenditure, original.client_income, original.net) == (D(3040000), D(40000), D(3000000))
    assert revised == original


def test_a_later_change_is_spread_from_its_month_to_march():
    changed = line(1, moved("12"), moved("-0.07", kind="virement", on=OCTOBER), profile=tuple([D(1)] * 12))
    later = [D("0.98"), *[D("0.99")] * 5]
    assert changed.months(YEAR) == (*[D(1)] * 6, *later)
    assert sum(changed.months(YEAR)) == changed.revised.expenditure


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2025, 4, 29), 0),
        (dt.date(2025, 4, 30), 1),
        (dt.date(2025, 5, 1), 1),
        (dt.date(2026, 3, 30), 11),
        (dt.date(2026, 3, 31), 12),
        (dt.date(2026, 4, 1), 12),
    ],
)
def test_to_date_counts_the_months_that_have_ended(day, expected):
    assert to_date([line(profile=tuple([D(1)] * 12))], YEAR, day) == D(expected)


def test_to_date_is_unknown_if_a_line_has_no_profile():
    assert to_date([line(profile=tuple([D(1)] * 12)), line(2)], YEAR, OCTOBER) is None


def test_a_scheme_over_several_years_shows_each_and_the_whole():
    """D27: 100 + 100 over 24 months are 200 in all and 100 a year."""
    plans = {2026: [line(1, moved("100"))], 2025: [line(1, moved("100")), line(2, moved("7"), scheme="s2")], 2027: []}
    found = [(str(each.year), each.revised.expenditure, each.so_far.expenditure) for each in scheme_years(plans, "s1")]
    assert found == [("2025-26", D(100), D(100)), ("2026-27", D(100), D(200))]


# --- what partners approve -------------------------------------------------------------------------------------------

FULL = line(1, moved("10", "1"), profile=(D(1),))
CHANGED: dict[str, Any] = {
    "number": 2, "scheme": "s2", "source": BOARD, "commissioner": None, "nhs_share": D("50.00"), "provider": "A",
    "area_of_spend": "A", "permitted_expenditure": "A", "nature": "capital", "ring_fence": "A", "description": "A",
    "outputs": D("1.00"), "output_unit": "A", "savings_expected": D("0.00"), "movements": (), "profile_method": "A",
    "profile": (D("1.01"),),
}  # fmt: skip


def test_every_field_is_hashed():
    assert set(CHANGED) == {each.name for each in fields(Line)}
    hashes = {plan_hash("A", [replace(FULL, **{name: value})]) for name, value in CHANGED.items()}
    assert len(hashes | {plan_hash("A", [FULL]), plan_hash("B", [FULL])}) == len(CHANGED) + 2


@pytest.mark.parametrize(
    "changed",
    [
        moved("10.01", "1"),
        moved("10", "1.01"),
        moved("10", "1", kind="virement"),
        moved("10", "1", on=OCTOBER),
        replace(moved("10", "1"), reason="A"),
        replace(moved("10", "1"), virement="VR-1"),
    ],
)
def test_every_field_of_a_movement_is_hashed(changed):
    assert plan_hash("A", [replace(FULL, movements=(changed,))]) != plan_hash("A", [FULL])


def test_the_hash_depends_neither_on_the_order_of_lines_nor_on_how_an_amount_is_written():
    again = [replace(FULL, number=2), replace(FULL, movements=(moved("10.00", "1.0"),))]
    assert plan_hash("A", again) == plan_hash("A", [FULL, replace(FULL, number=2)])


def test_income_equals_expenditure_for_each_source_not_only_in_total():
    ready = {"profile": (D(1),)}
    lines = [line(1, moved("1440000", "40000"), **ready), line(2, moved("1600000"), source=BOARD, **ready)]
    assert list(submitting_problems(lines, {COUNCIL: D(1400000), BOARD: D(1600000)})) == []
    found = list(submitting_problems(lines, {COUNCIL: D("1400000.01"), BOARD: D("1599999.99")}))
    assert [each.message for each in found] == [
        "E1, own money: the plan spends £1,400,000.00 net and £1,400,000.01 is contributed, so it spends £0.01 less",
        "QMS, bcf-nhs-minimum: the plan spends £1,600,000.00 net and £1,599,999.99 is contributed, so it spends "
        "£0.01 more",
    ]


def test_a_source_in_one_only_is_compared_with_nothing():
    found = [(each.source, each.difference) for each in balances([line()], {BOARD: D(5)})]
    assert found == [(COUNCIL, D("1200.00")), (BOARD, D(-5))]


def test_an_empty_plan_or_one_without_months_is_not_submitted():
    assert [each.code for each in submitting_problems([], {})] == ["NO_LINES"]
    (found,) = submitting_problems([line(3)], {COUNCIL: D(1200)})
    assert (found.code, found.message) == ("NO_PROFILE", "Line 3 is not divided over the months")


# --- virements -------------------------------------------------------------------------------------------------------

FROM = line(1, moved("78000", "18000"))
TO = line(2, moved("99000"))


def said(source: Line = FROM, target: Line = TO, **more: Any) -> list[tuple[str, str]]:
    values = {
        "amount": D(21000), "client_income": D(18000), "effective_on": OCTOBER, "year": YEAR, "plan_state": "approved",
    }  # fmt: skip
    return [(each.code, each.message) for each in virement_problems(source, target, **values | more)]


@pytest.mark.parametrize(
    ("source", "more"),
    [
        (FROM, {}),  # P06: 21,000 of spend with 18,000 of income
        (FROM, {"amount": D(78000)}),
        (FROM, {"client_income": D(0)}),  # stated: none of the income moves
        (FROM, {"effective_on": FIRST + dt.timedelta(1)}),
        (FROM, {"effective_on": YEAR.last_day}),
        (replace(FROM, movements=(moved("21000", "18000"),)), {}),  # F11: all of it
    ],
)
def test_a_virement_within_its_line_passes(source, more):
    assert said(source, **more) == []


@pytest.mark.parametrize(
    ("source", "more", "code", "message"),
    [
        (FROM, {"plan_state": "draft"}, "PLAN_NOT_APPROVED", "The plan is not approved yet"),
        (FROM, {"amount": D(0), "client_income": D(0)}, "VIREMENT_AMOUNT_POSITIVE",
         "A virement moves more than £0.00"),
        (FROM, {"amount": D("78000.01")}, "MORE_THAN_THE_LINE_HAS",
         "Line 1 has £78,000.00, so £78,000.01 cannot be moved from it"),
        (FROM, {"client_income": D("18000.01")}, "MORE_THAN_THE_LINE_HAS",
         "Line 1 has £18,000.00 of client income, so £18,000.01 cannot move"),
        (FROM, {"client_income": D("21000.01")}, "VIREMENT_AMOUNT_POSITIVE",
         "Client income lies between £0.00 and the amount moved"),
        (FROM, {"client_income": None}, "INCOME_NOT_STATED",
         "Line 1 has £18,000.00 of client income: state how much of it moves"),
        (replace(FROM, movements=(moved("21000", "18000"),)), {"client_income": D(0)}, "INCOME_LEFT_BEHIND",
         "Line 1 would keep £18,000.00 of client income and only £0.00 of spending"),
        (FROM, {"effective_on": FIRST}, "PLAN_MOVEMENT_IN_YEAR",
         "The day must lie after 1 April 2025 and not after 31 March 2026"),
        (FROM, {"effective_on": YEAR.last_day + dt.timedelta(1)}, "PLAN_MOVEMENT_IN_YEAR",
         "The day must lie after 1 April 2025 and not after 31 March 2026"),
        (replace(FROM, number=2), {}, "VIREMENT_HAS_TWO_LINES", "A virement goes from one line to another one"),
        (replace(FROM, nature="capital"), {}, "NATURE_DIFFERS", "Line 1 is capital and line 2 is revenue"),  # F16
        (replace(FROM, ring_fence="Carers"), {}, "RING_FENCE_DIFFERS",
         "Line 1 is ring-fenced for “Carers” and line 2 for nothing"),
        (replace(FROM, source=BOARD), {}, "SOURCE_DIFFERS",
         "Line 1 is paid from QMS, bcf-nhs-minimum and line 2 from E1, own money, so income would no longer equal "
         "expenditure for each source"),
    ],
)  # fmt: skip
def test_other_virements_are_refused(source, more, code, message):
    assert said(source, **more) == [(code, message)]


ICB: Any = SimpleNamespace(pk=1, name="The board")
COUNTY: Any = SimpleNamespace(pk=2, name="The county")
LIMIT = LimitContent(COUNTY, "Head of finance", "vire", D(500), False, (DeputyContent("Deputy", OCTOBER, OCTOBER),))


@pytest.mark.parametrize(
    ("limit", "amount", "day", "offices"),
    [
        (LIMIT, "500.00", OCTOBER, ("Head of finance", "Deputy")),
        (LIMIT, "500.00", OCTOBER + dt.timedelta(1), ("Head of finance",)),
        (LIMIT, "500.00", OCTOBER - dt.timedelta(1), ("Head of finance",)),
        (LIMIT, "500.01", OCTOBER, ()),
        (replace(LIMIT, power="commit"), "1.00", OCTOBER, ()),
        (replace(LIMIT, partner=ICB), "1.00", OCTOBER, ()),
        (replace(LIMIT, limit=None, is_unlimited=True, deputies=()), "9999999.00", OCTOBER, ("Head of finance",)),
    ],
)
def test_an_office_may_approve_within_its_limit_to_vire(limit, amount, day, offices):
    (needed,) = approvals_needed([COUNTY], [limit], D(amount), day)
    assert needed.offices == offices


def test_every_partner_approves_with_or_without_a_limit():
    found = [str(each) for each in approvals_needed([ICB, COUNTY], [LIMIT], D(500), FIRST)]
    assert found == [
        "The board (by its own decision, as no delegated limit covers it)",
        "The county (Head of finance)",
    ]
