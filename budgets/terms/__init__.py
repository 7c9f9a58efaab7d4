"""The vocabulary of money, and a sentence for every constraint."""

from __future__ import annotations

from budgets.terms import allocations, contributions, ledger, plan, pools
from budgets.terms.allocations import (
    Basis,
    GrossOrNet,
    Recurrence,
    StreamNature,
)
from budgets.terms.contributions import (
    AgreedBasis,
    ComponentKind,
    ContributionKind,
    FundedFrom,
    InKindKind,
    InstalmentEventKind,
    OutsideKind,
)
from budgets.terms.ledger import (
    Account,
    JournalKind,
    PeriodState,
)
from budgets.terms.plan import (
    MovementKind,
    PlanDecision,
    ProfileMethod,
    VirementAnswer,
    VirementState,
)
from budgets.terms.pools import (
    PlanState,
)

SENTENCES: dict[str, str] = {
    **allocations.SENTENCES,
    **contributions.SENTENCES,
    **ledger.SENTENCES,
    **plan.SENTENCES,
    **pools.SENTENCES,
}

__all__ = [
    "SENTENCES",
    "Account",
    "AgreedBasis",
    "Basis",
    "ComponentKind",
    "ContributionKind",
    "FundedFrom",
    "GrossOrNet",
    "InKindKind",
    "InstalmentEventKind",
    "JournalKind",
    "MovementKind",
    "OutsideKind",
    "PeriodState",
    "PlanDecision",
    "PlanState",
    "ProfileMethod",
    "Recurrence",
    "StreamNature",
    "VirementAnswer",
    "VirementState",
]
