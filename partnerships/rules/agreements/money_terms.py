"""Terms about the money of a fund or a scheme: contradictions in them, and what they leave open."""

from __future__ import annotations

from collections.abc import Iterator

from partnerships.rules.agreements.content import MoneyTermsContent
from partnerships.terms import Instalments, WithoutBudget
from pooledcare.kernel.problems import Problem, Where


def money_term_problems(terms: MoneyTermsContent, what: str) -> Iterator[Problem]:
    """Contradictions. `what` names the fund or scheme, as the beginning of a sentence."""
    percent, pounds = terms.monitoring_percent, terms.monitoring_pounds
    are_two = percent is not None and pounds is not None
    if are_two and not terms.monitoring_rule:
        message = f"{what} gives a variance to report as a percentage and another in pounds, but not which applies"
        fix = "Choose whether the smaller or the larger of the two applies."
        yield Problem("WHICH_VARIANCE", message, Where(field="monitoring_rule"), fix=fix)
    if terms.monitoring_rule and not are_two:
        message = f"{what} says which of two variances applies, but does not give two"
        fix = "Give one as a percentage and one in pounds, or leave open which applies."
        yield Problem("ONLY_ONE_VARIANCE", message, Where(field="monitoring_rule"), fix=fix)
    if percent is not None and terms.early_warning_percent is not None and percent < terms.early_warning_percent:
        message = (
            f"{what} warns of a variance of {terms.early_warning_percent}% only, but reports one of {percent}% already"
        )
        fix = "Enter an early warning of at most the variance to report."
        yield Problem("WARNING_TOO_LATE", message, Where(field="early_warning_percent"), fix=fix)
    if terms.instalment_count is not None and terms.instalments != Instalments.EQUAL:
        message = f"{what} gives a number of equal instalments, but its instalments are not equal ones"
        fix = "Choose equal instalments, or delete their number."
        yield Problem("NOT_EQUAL_INSTALMENTS", message, Where(field="instalment_count"), fix=fix)
    if terms.instalment_shares and terms.instalments != Instalments.BY_HAND:
        message = f"{what} gives days and shares of its instalments, but they are not paid on given days"
        fix = "Choose instalments on given days, or delete the days and shares."
        yield Problem("NOT_ON_GIVEN_DAYS", message, Where(field="instalment_shares"), fix=fix)


def money_terms_left_open(terms: MoneyTermsContent, what: str) -> Iterator[str]:
    """What the terms begin to say and do not finish, in sentences. Terms that say nothing leave nothing open."""
    if terms.information_shared and not (terms.information_every and terms.information_days):
        yield f"{what} does not say how often, and within how many working days, information on money is shared."
    if terms.instalments == Instalments.EQUAL and terms.instalment_count is None:
        yield f"{what} does not say how many equal instalments are paid in a year."
    if terms.instalments == Instalments.BY_HAND and not terms.instalment_shares:
        yield f"{what} does not give the days and shares of its instalments."
    if terms.no_budget == WithoutBudget.OUT_OF_POOL and terms.no_budget_months is None:
        yield f"{what} does not say after how many months without a budget it is out of the pool."
