"""The tabs of a fund's year, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PoolTab:
    """A page of a fund's year; its route takes the agreement's reference, the fund's slug and the year."""

    label: str
    route: str


POOL_TABS: tuple[PoolTab, ...] = (
    PoolTab("At a glance", "budgets:pool-year"),
    PoolTab("Contributions", "budgets:contribution-list"),
    PoolTab("Plan", "budgets:plan"),
    PoolTab("Ledger", "budgets:ledger"),
    PoolTab("Periods", "budgets:period-list"),
)
