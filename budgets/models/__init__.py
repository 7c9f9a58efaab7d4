"""The models of money."""

from budgets.models.allocations import Allocation, AllocationTotal, StagedAllocation
from budgets.models.plans import PlanApproval, PlanLine, PlanMovement, PlanProfile, Virement, VirementDecision
from budgets.models.pool_years import PoolYear
from budgets.models.streams import FundingStream

__all__ = [
    "Allocation",
    "AllocationTotal",
    "FundingStream",
    "PlanApproval",
    "PlanLine",
    "PlanMovement",
    "PlanProfile",
    "PoolYear",
    "StagedAllocation",
    "Virement",
    "VirementDecision",
]
