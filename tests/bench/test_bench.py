"""The benchmarks still measure: each of them, small, beside its peer. Whether bounds are met, `make bench` says."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import BENCHMARKS
from bench.measures import Ratio, percentile
from bench.report import BEGIN, END
from deploy.environment import ROOT

ROWS = 2_000


def ratio(ours: float, peer: float, **fields: object) -> Ratio:
    return Ratio("reading", ours, peer, **{"bound": 1.5, "beside": "another", **fields})  # type: ignore[arg-type]


def test_a_ratio_is_ours_over_its_peers_and_at_most_its_bound():
    assert ratio(3.0, 2.0).value == 1.5
    assert ratio(3.0, 2.0).is_met
    assert not ratio(3.1, 2.0).is_met
    assert "1.550  (≤ 1.5: FALLS SHORT)" in ratio(3.1, 2.0).line()


def test_where_speed_is_counted_the_ratio_is_at_least_its_bound():
    assert ratio(2.0, 30.0, bound=10, at_least=True).value == 15
    assert ratio(2.0, 30.0, bound=10, at_least=True).is_met
    assert not ratio(2.0, 19.0, bound=10, at_least=True).is_met


def test_what_took_no_time_at_all_is_no_success():
    assert ratio(1.0, 0.0).value == math.inf
    assert not ratio(1.0, 0.0).is_met


def test_a_percentile_is_one_of_the_values():
    assert percentile([5, 1, 4, 2, 3], 0.95) == 5
    assert percentile(range(1, 101), 0.95) == 95
    assert percentile([7], 0.5) == 7


@pytest.mark.slow
def test_every_benchmark_yields_finite_ratios(tmp_path: Path):
    report = tmp_path / "benchmarks.md"
    report.write_text(f"# Benchmarks\n\n{BEGIN}\nold\n{END}\n\nHow.\n")
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--home", str(tmp_path / "home"), "--document", str(report), "--discard"],
        env=environment | {"BENCH_ROWS": str(ROWS), "BENCH_RUNS": "1"},
        cwd=ROOT, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "home" / "results.json").read_text())["ratios"]
    assert len(found) >= 2 * len(BENCHMARKS)
    for one in found:
        assert math.isfinite(one["ratio"]), one
        assert one["ratio"] > 0, one
    written = report.read_text()
    for name in BENCHMARKS:
        assert f"| {name} |" in written
        assert f"\n{name}: " in done.stdout
    assert "old" not in written
    assert written.endswith("\n\nHow.\n")
