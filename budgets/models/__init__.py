"""The models of money."""

from budgets.models.allocations import Allocation, AllocationTotal, StagedAllocation
from budgets.models.contributions import (
    AllocationDraw,
    AllocationShortfall,
    BalanceConfirmation,
    ConditionMet,
    Contribution,
    ContributionComponent,
    ContributionCondition,
    ContributionNotice,
    InKindContribution,
    Instalment,
    InstalmentEvent,
    OutsideMoney,
)
from budgets.models.ledger import Entry, Journal, Period, PeriodStatus, PoolTotal
from budgets.models.plans import (
    Decided,
    PlanApproval,
    PlanLine,
    PlanMovement,
    PlanProfile,
    Virement,
    VirementDecision,
)
from budgets.models.pool_years import PoolYear
from budgets.models.streams import FundingStream

__all__ = [
    "Allocation",
    "AllocationDraw",
    "AllocationShortfall",
    "AllocationTotal",
    "BalanceConfirmation",
    "ConditionMet",
    "Contribution",
    "ContributionComponent",
    "ContributionCondition",
    "ContributionNotice",
    "Decided",
    "Entry",
    "FundingStream",
    "InKindContribution",
    "Instalment",
    "InstalmentEvent",
    "Journal",
    "OutsideMoney",
    "Period",
    "PeriodStatus",
    "PlanApproval",
    "PlanLine",
    "PlanMovement",
    "PlanProfile",
    "PoolTotal",
    "PoolYear",
    "StagedAllocation",
    "Virement",
    "VirementDecision",
]
