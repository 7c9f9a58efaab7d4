"""A plugin: one installation for all tests that start, kill and stop a whole site, and its times of recovery."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

import pytest

from tests.faults.installation import RECOVERY, Installation

_measured: dict[str, float] = {}


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    made = Installation(tmp_path_factory.mktemp("faults") / "var")
    made.start()
    try:
        made.populate()
        yield made
    finally:
        _measured.update(made.recoveries)
        made.leave()


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How long each recovery took, from the kill to the end of the work."""
    if not _measured:
        return
    terminalreporter.section("Recovery")
    for what, seconds in _measured.items():
        terminalreporter.write_line(f"{seconds:6.1f} s  {what}")
    longest, median = max(_measured.values()), statistics.median(_measured.values())
    terminalreporter.write_line(
        f"{len(_measured)} recoveries: median {median:.1f} s, longest {longest:.1f} s, allowed {RECOVERY:.0f} s"
    )
