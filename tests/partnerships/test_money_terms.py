"""What a deed says about money: contradictions, what is left open, and how it reads."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from partnerships.rules.agreements import MoneyTermsContent
from partnerships.rules.agreements.drafting import drafting_problems
from partnerships.rules.agreements.missing import GOOD_PRACTICE, MissingItem
from partnerships.rules.agreements.money_terms import money_term_problems, money_terms_left_open
from partnerships.tables.money_terms import fund_money_terms, scheme_money_terms
from tests.partnerships.agreement_values import content, deed, pool, scheme
from tests.partnerships.draft_values import FUND, record
from tests.partnerships.draft_values import deed as whole_deed
from tests.partnerships.draft_values import scheme as whole_scheme
from tests.partnerships.editing_pages import address, is_saved, send
from tests.partnerships.test_missing import lacking
from tests.world import World

FULL = MoneyTermsContent(
    information_shared="Budget and spending.", information_every="month", information_days=10,
    monitoring_percent=Decimal("2.00"), monitoring_pounds=Decimal("50000.00"), monitoring_rule="smaller",
    tolerance_percent=Decimal("0.50"), early_warning_percent=Decimal("2.00"), instalments="by_hand",
    instalment_shares=("04-15 40.00", "10-15 60.00"), no_budget="out_of_pool", no_budget_months=3,
    income_basis="net",
)  # fmt: skip
EQUAL = replace(FULL, instalments="equal", instalment_shares=(), instalment_count=4)
NOTHING = MoneyTermsContent()


# --- contradictions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("terms", [FULL, EQUAL, NOTHING])
def test_terms_that_agree_with_each_other_are_fine(terms):
    assert list(money_term_problems(terms, "The fund")) == []


@pytest.mark.parametrize(
    ("terms", "changed", "code", "field", "message"),
    [
        (FULL, {"monitoring_rule": ""}, "WHICH_VARIANCE", "monitoring_rule",
         "The fund gives a variance to report as a percentage and another in pounds, but not which applies"),
        (FULL, {"monitoring_pounds": None}, "ONLY_ONE_VARIANCE", "monitoring_rule",
         "The fund says which of two variances applies, but does not give two"),
        (FULL, {"monitoring_percent": None, "early_warning_percent": None}, "ONLY_ONE_VARIANCE", "monitoring_rule",
         "The fund says which of two variances applies, but does not give two"),
        (FULL, {"early_warning_percent": Decimal("2.01")}, "WARNING_TOO_LATE", "early_warning_percent",
         "The fund warns of a variance of 2.01% only, but reports one of 2.00% already"),
        (EQUAL, {"instalments": "monthly"}, "NOT_EQUAL_INSTALMENTS", "instalment_count",
         "The fund gives a number of equal instalments, but its instalments are not equal ones"),
        (FULL, {"instalments": ""}, "NOT_ON_GIVEN_DAYS", "instalment_shares",
         "The fund gives days and shares of its instalments, but they are not paid on given days"),
    ],
)  # fmt: skip
def test_a_contradiction_is_said_at_its_field(terms, changed, code, field, message):
    (found,) = money_term_problems(replace(terms, **changed), "The fund")
    assert (found.code, found.where and found.where.field, found.message) == (code, field, message)
    assert found.fix


def test_a_variance_of_nothing_is_a_variance():
    both = replace(FULL, monitoring_percent=Decimal(0), monitoring_pounds=Decimal(0), early_warning_percent=None)
    assert list(money_term_problems(both, "The fund")) == []
    assert [each.code for each in money_term_problems(replace(both, monitoring_rule=""), "")] == ["WHICH_VARIANCE"]


def test_the_whole_text_is_read_for_contradictions_in_funds_and_schemes():
    wrong: dict[str, Any] = {"instalments": "monthly", "instalment_count": 4}
    text = content(pools=(pool(**wrong),), schemes=(scheme(pool="community", lead=None, functions=(), **wrong),))
    found = drafting_problems(text, deed(0, state="draft", signed_on=None), bodies={}, places=())
    assert [each.message.partition(" gives")[0] for each in found] == [
        "The fund “Community”", "The scheme “Reablement”",
    ]  # fmt: skip


# --- what is left open -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("terms", [FULL, EQUAL, NOTHING, replace(FULL, no_budget="last_year", no_budget_months=None)])
def test_terms_that_say_all_or_nothing_leave_nothing_open(terms):
    assert list(money_terms_left_open(terms, "The fund")) == []


@pytest.mark.parametrize(
    ("terms", "changed", "sentence"),
    [
        (FULL, {"information_every": ""},
         "It does not say how often, and within how many working days, information on money is shared."),
        (FULL, {"information_days": None},
         "It does not say how often, and within how many working days, information on money is shared."),
        (EQUAL, {"instalment_count": None}, "It does not say how many equal instalments are paid in a year."),
        (FULL, {"instalment_shares": ()}, "It does not give the days and shares of its instalments."),
        (FULL, {"no_budget_months": None},
         "It does not say after how many months without a budget it is out of the pool."),
    ],
)  # fmt: skip
def test_what_is_begun_and_not_finished_is_left_open(terms, changed, sentence):
    assert list(money_terms_left_open(replace(terms, **changed), "It")) == [sentence]


def test_the_task_list_says_what_a_fund_and_a_scheme_leave_open():
    begun = whole_deed(
        pools=(replace(FUND, instalments="equal"),), schemes=(replace(whole_scheme(), instalments="by_hand"),)
    )
    assert lacking(record(begun)) == [
        MissingItem(
            f"The fund “{FUND.name}” does not say how many equal instalments are paid in a year.",
            GOOD_PRACTICE,
            f"pools/{FUND.slug}",
        ),
        MissingItem(
            f"The scheme “{whole_scheme().name}” does not give the days and shares of its instalments.",
            GOOD_PRACTICE,
            f"schemes/{whole_scheme().slug}",
        ),
    ]


# --- in words --------------------------------------------------------------------------------------------------------


def test_terms_read_as_sentences_by_subject():
    assert fund_money_terms(FULL) == [
        ("Information on money", "Budget and spending. Every month, within 10 working days after the end of the month"),
        ("Variances", "Reported from 2.00% of the budget or £50,000.00: the smaller of the two applies. "
                      "Early warning from 2.00% of the budget. "
                      "No decision of the partners is needed up to 0.50% of the budget"),
        ("Instalments", "15 April: 40%; 15 October: 60%"),
        ("If no budget is agreed", "Out of the pool after 3 months without a budget"),
        ("Client income", "Net, after client income is deducted"),
    ]  # fmt: skip
    assert fund_money_terms(NOTHING) == []


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"information_every": "half_year"}, "Every half year"),
        ({"information_days": 1}, "Within 1 working day after the end of the period"),
        ({"monitoring_percent": Decimal("2.00")}, "Reported from 2.00% of the budget"),
        ({"monitoring_pounds": Decimal("0.00")}, "Reported from £0.00"),
        ({"monitoring_percent": Decimal("2.00"), "monitoring_pounds": Decimal("1234.50"), "monitoring_rule": "larger"},
         "Reported from 2.00% of the budget or £1,234.50: the larger of the two applies"),
        ({"instalments": "equal", "instalment_count": 4}, "4 equal instalments a year"),
        ({"instalments": "equal", "instalment_count": 1}, "One instalment a year"),
        ({"instalments": "equal"}, "Equal instalments"),
        ({"instalments": "by_hand"}, "On given days, with their shares"),
        ({"instalments": "quarterly_arrears"}, "Quarterly in arrears"),
        ({"no_budget": "last_year", "no_budget_months": 1},
         "Last year’s basis applies until a budget is agreed. Out of the pool after 1 month without a budget"),
        ({"no_budget": "out_of_pool"}, "Out of the pool after a number of months"),
        ({"income_basis": "gross"}, "Gross, before client income is deducted"),
    ],
)  # fmt: skip
def test_a_part_of_the_terms_reads_as_what_it_says(said, text):
    assert [words for _, words in fund_money_terms(MoneyTermsContent(**said))] == [text]


def test_a_scheme_has_its_own_terms_or_on_a_subject_of_which_it_says_nothing_those_of_its_fund():
    own = MoneyTermsContent(instalments="monthly")
    assert scheme_money_terms(own, EQUAL)[2:] == [
        ("Instalments", "Monthly twelfths"),
        ("If no budget is agreed", "As the fund: out of the pool after 3 months without a budget"),
        ("Client income", "As the fund: net, after client income is deducted"),
    ]
    assert scheme_money_terms(own, None) == [("Instalments", "Monthly twelfths")]
    assert scheme_money_terms(NOTHING, NOTHING) == []


# --- on its pages ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.slow
def test_terms_are_stated_on_a_form_and_shown_where_a_fund_and_its_scheme_are_read(world: World, client_of):
    agreement = world.draft()
    client = client_of(world.icb.person("governance_lead"))
    form = address(agreement, "pool-change", "reablement")
    typed = {
        "name": "Reablement fund", "kind": "pooled", "monitoring_percent": "2", "monitoring_pounds": "50,000",
        "instalments": "by_hand", "instalment_shares": "15 October: 60%\r\n15 April: 40",
    }  # fmt: skip
    refused = send(client, form, **typed).content.decode()
    assert "not which applies. Choose whether the smaller or the larger of the two applies." in refused
    refused = send(client, form, **typed, monitoring_rule="larger", early_warning_percent="2.01").content.decode()
    assert "warns of a variance of 2.01% only, but reports one of 2.00% already" in refused
    assert is_saved(send(client, form, **typed, monitoring_rule="larger"), address(agreement, "draft-detail"))
    variance = "Reported from 2.00% of the budget or £50,000.00: the larger of the two applies"
    shown = client.get(address(agreement, "agreement-schemes")).content.decode()
    assert variance in shown
    assert "15 April: 40%; 15 October: 60%" in shown
    assert "Terms about money" not in shown  # which is said of a fund that states none
    of_scheme = client.get(address(agreement, "scheme-detail", "reablement")).content.decode()
    assert f"As the fund: r{variance[1:]}" in of_scheme
    paper = client.get(address(agreement, "agreement-summary")).content.decode()
    assert "Instalments: 15 April: 40%; 15 October: 60%." in paper
