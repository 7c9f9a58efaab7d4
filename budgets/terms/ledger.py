"""The vocabulary of a fund's ledger, and a sentence for each of its constraints."""

from __future__ import annotations

from django.db.models import TextChoices


class PeriodState(TextChoices):
    OPEN = "open", "Open"
    CLOSING = "closing", "Closing"
    LOCKED = "locked", "Locked"
    ARCHIVED = "archived", "Archived"


class Account(TextChoices):
    """The chart of accounts. Debits are positive; docs/accounting.md says when each is debited."""

    CASH = "cash", "Cash held by the host"
    CONTRIBUTIONS_RECEIVABLE = "contributions_receivable", "Contributions receivable"
    CONTRIBUTIONS = "contributions", "Contributions"
    CLIENT_INCOME = "client_income", "Client income"
    OTHER_INCOME = "other_income", "Other income"
    EXPENDITURE = "expenditure", "Expenditure"
    PAYABLES = "payables", "Payables"
    ACCRUALS = "accruals", "Accruals"
    OWED_TO_PARTNER = "owed_to_partner", "Owed to a partner"
    FUND_BALANCE = "fund_balance", "Fund balance"


class JournalKind(TextChoices):
    OPENING = "opening", "Opening balances"
    CONTRIBUTION_DUE = "contribution_due", "Contribution due"
    CONTRIBUTION_RECEIVED = "contribution_received", "Contribution received"
    INVOICE = "invoice", "Invoice of a provider"
    PAYMENT = "payment", "Payment to a provider"
    PARTNER_PAID = "partner_paid", "Paid by a partner for the fund"
    REIMBURSEMENT = "reimbursement", "Reimbursement of a partner"
    INCOME = "income", "Income received"
    ACCRUAL = "accrual", "Accrual"
    ACCRUAL_REVERSED = "accrual_reversed", "Accrual reversed"
    ADJUSTMENT = "adjustment", "Adjustment"
    REVERSAL = "reversal", "Reversal"


SENTENCES: dict[str, str] = {
    "period_once": "This period of the year already exists.",
    "period_number_plausible": "A year has periods 1 to 13.",
    "period_status_append_only": "What happened to a period is recorded once and never changed.",
    "journal_reversed_once": "This journal is already reversed.",
    "journal_source_once": "This row is already posted.",
    "journal_append_only": "A journal is never changed or deleted. Reverse it, and post the right one.",
    "entry_append_only": "An entry of a journal is never changed or deleted. Reverse the journal.",
    "entry_of_its_fund": "The scheme must be one of this agreement, and the line one of this year’s plan.",
    "entry_not_zero": "An entry has an amount other than 0.",
    "journal_period_open": "The period is locked. Post in a period that is open.",
    "journal_day_in_period": "The day does not lie in the month of the period.",
    "journal_within_term": "On that day the agreement is not in operation.",
    "journal_balances": "A journal must balance: its debits and credits must be equal to the penny.",
    "journal_mirrors": "A reversal must have exactly the opposite entries of the journal that it reverses.",
    "journal_has_entries": "A journal has at least two entries.",
    "journal_is_whole": "Entries can be added to a journal only when it is posted.",
    "pool_total_once": "This total is already recorded.",
}
