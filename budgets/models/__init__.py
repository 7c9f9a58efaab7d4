"""The models of money."""

from budgets.models.allocations import Allocation, AllocationTotal, StagedAllocation
from budgets.models.ledger import Entry, Journal, Period, PeriodStatus, PoolTotal
from budgets.models.plans import PlanLine
from budgets.models.pool_years import PoolYear
from budgets.models.streams import FundingStream

__all__ = [
    "Allocation", "AllocationTotal", "Entry", "FundingStream", "Journal", "Period", "PeriodStatus", "PlanLine",
    "PoolTotal", "PoolYear", "StagedAllocation",
]  # fmt: skip
