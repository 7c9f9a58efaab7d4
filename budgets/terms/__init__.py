"""The vocabulary of money, and a sentence for every constraint."""

from __future__ import annotations

from budgets.terms import allocations, contributions, pools
from budgets.terms.allocations import Basis, GrossOrNet, Recurrence, StreamNature
from budgets.terms.contributions import (
    AgreedBasis,
    ComponentKind,
    ContributionKind,
    FundedFrom,
    InKindKind,
    InstalmentEventKind,
    OutsideKind,
)
from budgets.terms.pools import PlanState

SENTENCES: dict[str, str] = allocations.SENTENCES | pools.SENTENCES | contributions.SENTENCES

__all__ = [
    "SENTENCES",
    "AgreedBasis",
    "Basis",
    "ComponentKind",
    "ContributionKind",
    "FundedFrom",
    "GrossOrNet",
    "InKindKind",
    "InstalmentEventKind",
    "OutsideKind",
    "PlanState",
    "Recurrence",
    "StreamNature",
]
