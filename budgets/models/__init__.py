"""The models of money."""

from budgets.models.allocations import Allocation, AllocationTotal, StagedAllocation
from budgets.models.streams import FundingStream

__all__ = ["Allocation", "AllocationTotal", "FundingStream", "StagedAllocation"]
