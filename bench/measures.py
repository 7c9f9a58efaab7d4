"""The result of a benchmark: our value, the peer's value from the same run, and the bound on their ratio."""

from __future__ import annotations

import math
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil


@dataclass(frozen=True)
class Ratio:
    """`ours` ÷ `peer`, at most `bound`. With `at_least`: `peer` ÷ `ours`, at least `bound`."""

    name: str
    ours: float
    peer: float
    bound: float | None  # None: only reported
    beside: str  # what the peer is
    unit: str = "s"
    at_least: bool = False

    @property
    def value(self) -> float:
        over, under = (self.peer, self.ours) if self.at_least else (self.ours, self.peer)
        return over / under if under else math.inf

    @property
    def is_met(self) -> bool:
        if self.bound is None:
            return True
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def line(self) -> str:
        return (
            f"  {self.name:<58} {number(self.ours):>9} {self.unit:<2} · {number(self.peer):>9} {self.unit:<2} "
            f"= {self.value:7.3f}  ({self.verdict()})   beside {self.beside}"
        )

    def verdict(self) -> str:
        if self.bound is None:
            return "no bound"
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}: {'met' if self.is_met else 'FALLS SHORT'}"


def number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.2f}"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that is at least as large as this share of them."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


@dataclass(frozen=True)
class Machine:
    """The machine, time and load with which the values were measured."""

    moment: str
    processor: str
    cores: int
    memory_gb: int
    system: str
    python: str
    load: str

    @classmethod
    def here(cls) -> Machine:
        return cls(
            moment=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            processor=_processor(),
            cores=os.cpu_count() or 1,
            memory_gb=round(psutil.virtual_memory().total / 2**30),
            system=platform.platform(),
            python=platform.python_version(),
            load=" ".join(f"{value:.1f}" for value in os.getloadavg()),
        )

    def line(self) -> str:
        return (
            f"{self.moment} · {self.processor}, {self.cores} cores, {self.memory_gb} GB · {self.system} · "
            f"Python {self.python} · load before: {self.load}"
        )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def as_json(machine: Machine, ratios: Sequence[Ratio], **more: Any) -> dict[str, Any]:
    found = [{**asdict(ratio), "ratio": ratio.value, "met": ratio.is_met} for ratio in ratios]
    return {"machine": asdict(machine), "ratios": found, **more}
