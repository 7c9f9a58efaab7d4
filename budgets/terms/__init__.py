"""The vocabulary of money, and a sentence for every constraint."""

from __future__ import annotations

from budgets.terms import allocations, ledger, pools
from budgets.terms.allocations import Basis, GrossOrNet, Recurrence, StreamNature
from budgets.terms.ledger import Account, JournalKind, PeriodState
from budgets.terms.pools import PlanState

SENTENCES: dict[str, str] = allocations.SENTENCES | pools.SENTENCES | ledger.SENTENCES

__all__ = [
    "SENTENCES", "Account", "Basis", "GrossOrNet", "JournalKind", "PeriodState", "PlanState", "Recurrence",
    "StreamNature",
]  # fmt: skip
