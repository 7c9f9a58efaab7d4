"""What contributions amount to: gross, client income and net; what each partner pays; what is still provisional."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from budgets.terms import AgreedBasis, FundedFrom

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sums:
    """Pounds of the year: gross, client income, and net, which is gross less client income."""

    gross: Decimal = NOTHING
    client_income: Decimal = NOTHING

    @property
    def net(self) -> Decimal:
        return self.gross - self.client_income

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.gross + other.gross, self.client_income + other.client_income)

    def paid(self, basis: str) -> Decimal:
        """What the partner pays into the fund."""
        return self.gross if basis == AgreedBasis.GROSS else self.net


def sums_on(components: Iterable[tuple[dt.date, Decimal, Decimal]], day: dt.date) -> Sums:
    """The sums of the components (first day, gross, client income) that apply on a day."""
    found = Sums()
    for first_day, gross, client_income in components:
        if first_day <= day:
            found += Sums(gross, client_income)
    return found


def why_provisional(*, funded_from: str, is_published: bool, is_signed: bool) -> str:
    """Why a contribution is provisional, or an empty text.

    It is until its allocation is published by the funder, or a deed with effect in the year is signed.
    """
    if is_signed or (funded_from == FundedFrom.ALLOCATION and is_published):
        return ""
    if funded_from == FundedFrom.ALLOCATION:
        return "the allocation is not published and no deed of the year is signed"
    return "no deed of the year is signed"


def shares_of(amounts: list[Decimal]) -> list[Decimal]:
    """Each amount as a share of their sum, between 0 and 1; all 0 if the sum is not more than 0.

    >>> [str(share) for share in shares_of([Decimal(40), Decimal(60)])]
    ['0.4', '0.6']
    """
    whole = sum(amounts, NOTHING)
    return [amount / whole if whole > 0 else NOTHING for amount in amounts]
