"""The vocabulary of money, and a sentence for every constraint."""

from __future__ import annotations

from budgets.terms import allocations, plan, pools
from budgets.terms.allocations import Basis, GrossOrNet, Recurrence, StreamNature
from budgets.terms.plan import MovementKind, PlanDecision, ProfileMethod, VirementAnswer, VirementState
from budgets.terms.pools import PlanState

SENTENCES: dict[str, str] = allocations.SENTENCES | pools.SENTENCES | plan.SENTENCES

__all__ = [
    "SENTENCES",
    "Basis",
    "GrossOrNet",
    "MovementKind",
    "PlanDecision",
    "PlanState",
    "ProfileMethod",
    "Recurrence",
    "StreamNature",
    "VirementAnswer",
    "VirementState",
]
