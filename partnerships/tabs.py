"""The tabs of an agreement, as data, so that an app above this one can add its own when it starts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of an agreement; its route takes the agreement's reference."""

    label: str
    route: str
    partners_only: bool = False


TABS: list[Tab] = [
    Tab("Overview", "partnerships:agreement-detail"),
    Tab("Schemes and funds", "partnerships:agreement-schemes"),
    Tab("Terms", "partnerships:agreement-terms"),
    Tab("Legal check", "partnerships:agreement-findings"),
    Tab("Versions", "partnerships:agreement-versions"),
    Tab("Governance", "partnerships:agreement-governance"),
    Tab("Tasks", "partnerships:agreement-tasks", partners_only=True),
    Tab("History", "partnerships:agreement-history", partners_only=True),
    Tab("Summary", "partnerships:agreement-summary"),
]
