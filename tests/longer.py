"""Which tests `make quick` leaves out besides those marked slow: the longer ones, listed in tests/longer_tests.txt.

`make longer` runs the tests that are not marked slow, and writes the list anew: each test function of which a case
takes over a twentieth of a second on average. Do it on a machine that does nothing else. A test that is not listed yet
counts as quick.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

LIST = Path(__file__).with_name("longer_tests.txt")
LONGER = 0.05  # seconds: setup, call and teardown together
HEADING = "# Written by `make longer`; see tests/longer.py.\n"

_seconds: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))


def function_of(nodeid: str) -> str:
    """The name of a test without the values of its case."""
    return nodeid.partition("[")[0]


def listed() -> set[str]:
    return {line for line in LIST.read_text().splitlines() if line and not line.startswith("#")}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-longer", action="store_true", help="write tests/longer_tests.txt from the times of this run"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    longer = listed()
    for item in items:
        if function_of(item.nodeid) in longer:
            item.add_marker("longer")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _seconds[function_of(report.nodeid)][report.nodeid] += report.duration


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not session.config.getoption("--write-longer") or hasattr(session.config, "workerinput"):
        return
    longer = sorted(name for name, cases in _seconds.items() if sum(cases.values()) / len(cases) > LONGER)
    LIST.write_text(HEADING + "".join(f"{name}\n" for name in longer))
