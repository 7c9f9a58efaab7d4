"""The vocabulary of money, and a sentence for every constraint."""

from __future__ import annotations

from budgets.terms import allocations, pools
from budgets.terms.allocations import Basis, GrossOrNet, Recurrence, StreamNature
from budgets.terms.pools import PlanState

SENTENCES: dict[str, str] = allocations.SENTENCES | pools.SENTENCES

__all__ = ["SENTENCES", "Basis", "GrossOrNet", "PlanState", "Recurrence", "StreamNature"]
