"""Terms about the money of a fund or a scheme in words, by subject, for pages and papers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from partnerships.rules.agreements import MoneyTermsContent
from partnerships.terms import IncomeBasis, Instalments, SharedEvery, VarianceThatApplies, WithoutBudget
from pooledcare.kernel.year_shares import share_in_words

_PERIODS = {
    SharedEvery.MONTH: "month",
    SharedEvery.QUARTER: "quarter",
    SharedEvery.HALF_YEAR: "half year",
    SharedEvery.YEAR: "year",
}


def fund_money_terms(terms: MoneyTermsContent) -> list[tuple[str, str]]:
    """Subject and text of each subject on which the fund says something."""
    return [(subject, text) for subject, read in _SUBJECTS.items() if (text := ". ".join(read(terms)))]


def scheme_money_terms(terms: MoneyTermsContent, fund: MoneyTermsContent | None) -> list[tuple[str, str]]:
    """As `fund_money_terms`. On a subject of which the scheme says nothing, what its fund says applies."""
    own, general = dict(fund_money_terms(terms)), dict(fund_money_terms(fund)) if fund else {}
    return [
        (subject, own.get(subject) or f"As the fund: {general[subject][:1].lower()}{general[subject][1:]}")
        for subject in _SUBJECTS
        if subject in own or subject in general
    ]


def _information(terms: MoneyTermsContent) -> Iterator[str]:
    if terms.information_shared:
        yield terms.information_shared.rstrip(".")
    period = _PERIODS[SharedEvery(terms.information_every)] if terms.information_every else "period"
    often = f"Every {period}" if terms.information_every else ""
    within = f"within {_working_days(terms.information_days)} after the end of the {period}"
    if terms.information_days is not None:
        yield f"{often}, {within}" if often else f"{within[:1].upper()}{within[1:]}"
    elif often:
        yield often


def _working_days(count: int | None) -> str:
    return f"{count} working day{'' if count == 1 else 's'}"


def _variances(terms: MoneyTermsContent) -> Iterator[str]:
    percent = "" if terms.monitoring_percent is None else f"{terms.monitoring_percent}% of the budget"
    pounds = "" if terms.monitoring_pounds is None else f"£{terms.monitoring_pounds:,.2f}"
    if percent and pounds:
        applies = str(VarianceThatApplies(terms.monitoring_rule).label) if terms.monitoring_rule else ""
        which = f"{applies[:1].lower()}{applies[1:]} applies" if applies else "which of the two applies is not stated"
        yield f"Reported from {percent} or {pounds}: {which}"
    elif percent or pounds:
        yield f"Reported from {percent or pounds}"
    if terms.early_warning_percent is not None:
        yield f"Early warning from {terms.early_warning_percent}% of the budget"
    if terms.tolerance_percent is not None:
        yield f"No decision of the partners is needed up to {terms.tolerance_percent}% of the budget"


def _instalments(terms: MoneyTermsContent) -> Iterator[str]:
    if not terms.instalments:
        return
    if terms.instalments == Instalments.EQUAL and terms.instalment_count is not None:
        yield (
            "One instalment a year"
            if terms.instalment_count == 1
            else f"{terms.instalment_count} equal instalments a year"
        )
    elif terms.instalments == Instalments.BY_HAND and terms.instalment_shares:
        yield "; ".join(share_in_words(each) for each in terms.instalment_shares)
    else:
        yield str(Instalments(terms.instalments).label)


def _no_budget(terms: MoneyTermsContent) -> Iterator[str]:
    months = terms.no_budget_months
    if terms.no_budget and not (terms.no_budget == WithoutBudget.OUT_OF_POOL and months):
        yield str(WithoutBudget(terms.no_budget).label)
    if months is not None:
        yield f"Out of the pool after {months} month{'' if months == 1 else 's'} without a budget"


def _income(terms: MoneyTermsContent) -> Iterator[str]:
    if terms.income_basis:
        yield str(IncomeBasis(terms.income_basis).label)


_SUBJECTS: dict[str, Callable[[MoneyTermsContent], Iterator[str]]] = {
    "Information on money": _information,
    "Variances": _variances,
    "Instalments": _instalments,
    "If no budget is agreed": _no_budget,
    "Client income": _income,
}
