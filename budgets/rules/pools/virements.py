"""The rules of a virement: what it may move, and whose approval it needs. Amounts are in pounds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal

from budgets.rules.pools.plan import Amounts, Line
from budgets.terms import PlanState
from partnerships.rules.agreements import LimitContent
from partnerships.rules.agreements.content import Body
from partnerships.terms import OfficerPower
from pooledcare.kernel.days import written
from pooledcare.kernel.money import pounds
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Problem, Where


def virement_problems(
    source: Line,
    target: Line,
    *,
    amount: Decimal,
    client_income: Decimal | None,
    effective_on: dt.date,
    year: FinancialYear,
    plan_state: str,
) -> Iterator[Problem]:
    """Why `amount`, gross, with its `client_income` cannot move from line `source` to line `target` of one plan.

    `client_income` None means that it is not stated, which is not the same as 0.
    """
    if plan_state != PlanState.APPROVED:
        yield Problem("PLAN_NOT_APPROVED", "The plan is not approved yet", fix="Change its lines instead.")
    if source.number == target.number:
        yield _at("to_line", "VIREMENT_HAS_TWO_LINES", "A virement goes from one line to another one")
        return
    if amount <= 0:
        yield _at("amount", "VIREMENT_AMOUNT_POSITIVE", "A virement moves more than £0.00")
    yield from _unlike(source, target)
    yield from _income_problems(source, target, amount, client_income)
    if amount > source.revised.expenditure:
        has = f"Line {source.number} has {pounds(source.revised.expenditure)}"
        yield _at("amount", "MORE_THAN_THE_LINE_HAS", f"{has}, so {pounds(amount)} cannot be moved from it")
    if effective_on not in year or effective_on == year.first_day:
        first, last = written(year.first_day), written(year.last_day)
        yield _at("effective_on", "PLAN_MOVEMENT_IN_YEAR", f"The day must lie after {first} and not after {last}")


def _unlike(source: Line, target: Line) -> Iterator[Problem]:
    if source.nature != target.nature:
        message = f"Line {source.number} is {source.nature} and line {target.number} is {target.nature}"
        yield _at("to_line", "NATURE_DIFFERS", message)
    if source.ring_fence != target.ring_fence:
        names = [f"“{each.ring_fence}”" if each.ring_fence else "nothing" for each in (source, target)]
        message = f"Line {source.number} is ring-fenced for {names[0]} and line {target.number} for {names[1]}"
        yield _at("to_line", "RING_FENCE_DIFFERS", message)
    if source.source != target.source:
        message = (
            f"Line {source.number} is paid from {source.source} and line {target.number} from {target.source}, so "
            "income would no longer equal expenditure for each source"
        )
        yield _at("to_line", "SOURCE_DIFFERS", message)


def _income_problems(source: Line, target: Line, amount: Decimal, client_income: Decimal | None) -> Iterator[Problem]:
    held = source.revised
    if client_income is None:
        message = f"Line {source.number} has {pounds(held.client_income)} of client income: state how much of it moves"
        yield Problem("INCOME_NOT_STATED", message, Where(field="client_income"), fix="Enter 0 if none of it moves.")
        return
    if client_income < 0 or client_income > amount:
        yield _at("client_income", "VIREMENT_AMOUNT_POSITIVE", "Client income lies between £0.00 and the amount moved")
        return
    if client_income > held.client_income:
        message = f"Line {source.number} has {pounds(held.client_income)} of client income"
        yield _at("client_income", "MORE_THAN_THE_LINE_HAS", f"{message}, so {pounds(client_income)} cannot move")
    left = Amounts(held.expenditure - amount, held.client_income - client_income)
    if left.expenditure >= 0 and left.client_income > left.expenditure:
        message = (
            f"Line {source.number} would keep {pounds(left.client_income)} of client income and only "
            f"{pounds(left.expenditure)} of spending"
        )
        yield _at("client_income", "INCOME_LEFT_BEHIND", message, "Move the income with the spending.")


def _at(field: str, code: str, message: str, fix: str | None = None) -> Problem:
    return Problem(code, message, Where(field=field), fix=fix)


# --- whose approval --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ApprovalNeeded:
    """A partner whose approval a virement needs, and its offices, perhaps none, whose delegated limit covers it."""

    partner: Body
    offices: tuple[str, ...]

    def __str__(self) -> str:
        who = " or ".join(self.offices) if self.offices else "by its own decision, as no delegated limit covers it"
        return f"{self.partner.name} ({who})"


def approvals_needed(
    partners: Collection[Body], limits: Collection[LimitContent], amount: Decimal, day: dt.date
) -> list[ApprovalNeeded]:
    """Every partner approves. An office may do so if its limit to vire covers the amount; deputies on their days."""
    found = []
    for partner in partners:
        offices: list[str] = []
        for each in limits:
            covers = each.is_unlimited or (each.limit is not None and amount <= each.limit)
            if each.partner.pk == partner.pk and each.power == OfficerPower.VIRE and covers:
                offices.append(each.office)
                offices += [deputy.office for deputy in each.deputies if deputy.first_on <= day <= deputy.last_on]
        found.append(ApprovalNeeded(partner, tuple(offices)))
    return found
