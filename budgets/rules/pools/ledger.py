"""Why a journal cannot be posted, and how a fund stands: pure functions over amounts in pounds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from budgets.terms import Account, JournalKind
from pooledcare.kernel.money import pounds
from pooledcare.kernel.periods import Month
from pooledcare.kernel.problems import Problem, Refused, Where

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class EntryIn:
    """One line of a journal to be posted: debits positive, credits negative. The others are ids of rows."""

    account: str
    amount: Decimal
    partner_id: int | None = None
    stream_id: int | None = None
    scheme_id: int | None = None
    plan_line_id: int | None = None
    provider_id: int | None = None
    paid_by_id: int | None = None
    vat: Decimal | None = None
    vat_recoverable: Decimal | None = None
    description: str = ""
    sheet: str = ""
    row: int | None = None


def balance_problems(entries: Sequence[EntryIn]) -> list[Problem]:
    """A journal has two entries or more, none of 0 and none with parts of a penny, and they sum to 0.00."""
    total = sum((each.amount for each in entries), ZERO)
    if len(entries) < 2:
        return [Problem("TOO_FEW_ENTRIES", "A journal has at least two entries", fix="Add the other side.")]
    if any(each.amount == 0 or each.amount != round(each.amount, 2) for each in entries):
        fix = "Enter pounds and pence."
        return [Problem("ENTRY_AMOUNT", "Each entry has an amount in whole pence, other than 0", fix=fix)]
    if total:
        message = f"Debits and credits differ by {pounds(abs(total))}"
        return [Problem("NOT_BALANCED", message, Where(field="amount"), fix="Correct one of the amounts.")]
    return []


def period_of(month: Month, locked: Iterable[int]) -> tuple[int, str]:
    """The number of the period in which an item of that month is posted, and a sentence if it is another one.

    Items of a locked month go to the next month that is not locked, or to the adjustments of the year (period 13).
    """
    closed = set(locked)
    number = next((each for each in range(month.period, 14) if each not in closed), 0)
    if number in (month.period, 0):
        return number, ""
    return number, f"{month.label} is locked, so this is in {Month(month.year, number).label}"


def day_in(month: Month, day: dt.date) -> dt.date:
    """The day itself if the period includes it; otherwise the first day of the month, for adjustments the last."""
    if month.is_adjustments:
        return day if (day.month == 3 and day in month.year) else month.year.last_day
    return day if month.first_day <= day <= month.last_day else month.first_day


@dataclass(frozen=True, slots=True)
class Position:
    """How a fund stands, in pounds. Each is positive when it is what its name says.

    `variance` is expenditure less income: positive is an overspend.
    """

    contributed: Decimal
    client_income: Decimal
    other_income: Decimal
    spent: Decimal
    cash: Decimal
    receivable: Mapping[int, Decimal]
    owed_to: Mapping[int, Decimal]
    payables: Decimal
    accruals: Decimal
    brought_forward: Decimal

    @property
    def income(self) -> Decimal:
        return self.contributed + self.client_income + self.other_income

    @property
    def variance(self) -> Decimal:
        return self.spent - self.income


def position(totals: Iterable[tuple[str, int | None, Decimal]]) -> Position:
    """From sums of entries by account and partner."""
    by_account: dict[str, Decimal] = {}
    receivable: dict[int, Decimal] = {}
    owed_to: dict[int, Decimal] = {}
    for account, partner, amount in totals:
        by_account[account] = by_account.get(account, ZERO) + amount
        if partner is not None and account == Account.CONTRIBUTIONS_RECEIVABLE:
            receivable[partner] = receivable.get(partner, ZERO) + amount
        if partner is not None and account == Account.OWED_TO_PARTNER:
            owed_to[partner] = owed_to.get(partner, ZERO) - amount

    def debit(account: str) -> Decimal:
        return by_account.get(account, ZERO)

    return Position(
        contributed=-debit(Account.CONTRIBUTIONS),
        client_income=-debit(Account.CLIENT_INCOME),
        other_income=-debit(Account.OTHER_INCOME),
        spent=debit(Account.EXPENDITURE),
        cash=debit(Account.CASH),
        receivable={key: amount for key, amount in receivable.items() if amount},
        owed_to={key: amount for key, amount in owed_to.items() if amount},
        payables=-debit(Account.PAYABLES),
        accruals=-debit(Account.ACCRUALS),
        brought_forward=-debit(Account.FUND_BALANCE),
    )


# Of each kind that a form posts: the account debited, the account credited, and what has to be stated.
SIMPLE_KINDS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    JournalKind.CONTRIBUTION_DUE: (Account.CONTRIBUTIONS_RECEIVABLE, Account.CONTRIBUTIONS, ("partner",)),
    JournalKind.CONTRIBUTION_RECEIVED: (Account.CASH, Account.CONTRIBUTIONS_RECEIVABLE, ("partner",)),
    JournalKind.INVOICE: (Account.EXPENDITURE, Account.PAYABLES, ("scheme",)),
    JournalKind.PAYMENT: (Account.PAYABLES, Account.CASH, ()),
    JournalKind.PARTNER_PAID: (Account.EXPENDITURE, Account.OWED_TO_PARTNER, ("scheme", "partner")),
    JournalKind.REIMBURSEMENT: (Account.OWED_TO_PARTNER, Account.CASH, ("partner",)),
    JournalKind.INCOME: (Account.CASH, Account.CLIENT_INCOME, ("scheme",)),
    JournalKind.ACCRUAL: (Account.EXPENDITURE, Account.ACCRUALS, ("scheme",)),
}
_PARTNERS_ACCOUNTS = (Account.CONTRIBUTIONS_RECEIVABLE, Account.CONTRIBUTIONS, Account.OWED_TO_PARTNER)
_SCHEMES_ACCOUNTS = (Account.EXPENDITURE, Account.CLIENT_INCOME)


def simple_entries(
    kind: str, amount: Decimal, *, partner_id: int | None = None, scheme_id: int | None = None, description: str = ""
) -> list[EntryIn]:
    """The two entries of a kind in `SIMPLE_KINDS`. Raises Refused if the partner or the scheme is missing."""
    debit, credit, needed = SIMPLE_KINDS[kind]
    missing = [
        Problem("REQUIRED", f"Select the {name}", Where(field=name))
        for name, given in (("partner", partner_id), ("scheme", scheme_id))
        if name in needed and given is None
    ]
    if missing:
        raise Refused(missing)

    def entry(account: str, signed: Decimal) -> EntryIn:
        return EntryIn(
            account,
            signed,
            partner_id=partner_id if account in _PARTNERS_ACCOUNTS else None,
            scheme_id=scheme_id if account in _SCHEMES_ACCOUNTS else None,
            paid_by_id=partner_id if kind == JournalKind.PARTNER_PAID and account == Account.EXPENDITURE else None,
            description=description,
        )

    return [entry(debit, amount), entry(credit, -amount)]


# What is left of a year goes on as it is; income and expenditure together become the balance of the fund.
CARRIED_ACCOUNTS = (
    Account.CASH,
    Account.CONTRIBUTIONS_RECEIVABLE,
    Account.PAYABLES,
    Account.ACCRUALS,
    Account.OWED_TO_PARTNER,
)


def opening_entries(totals: Iterable[tuple[str, int | None, Decimal]]) -> list[EntryIn]:
    """The opening balances of the next year, from the sums of this year by account and partner."""
    balances: dict[tuple[str, int | None], Decimal] = {}
    for account, partner, amount in totals:
        if account in CARRIED_ACCOUNTS:
            balances[account, partner] = balances.get((account, partner), ZERO) + amount
    found = [EntryIn(account, amount, partner_id=partner) for (account, partner), amount in balances.items() if amount]
    result = -sum((each.amount for each in found), ZERO)
    return [*found, EntryIn(Account.FUND_BALANCE, result)] if result else found
