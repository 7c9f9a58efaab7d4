"""No hostile case is forgotten: each of the 171 is run here, proved by a test that exists, or waits for its subject."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.hostile.accounted import COUNTS, COVERED_BY, LATER
from tests.hostile.cases import CASES

ROOT = Path(__file__).resolve().parent.parent.parent
ALL = {f"{letter}{number:02d}" for letter, count in COUNTS.items() for number in range(1, count + 1)}
RUN = {case.id for case in CASES}


def test_every_case_is_accounted_for():
    assert len(ALL) == 171
    assert RUN | COVERED_BY.keys() | LATER.keys() == ALL
    assert len(RUN) > 90


def test_what_waits_for_a_later_capability_is_proved_nowhere_yet():
    assert not LATER.keys() & (RUN | COVERED_BY.keys())


def test_the_tests_that_are_named_exist():
    for nodes in COVERED_BY.values():
        for node in nodes:
            path, _, name = node.partition("::")
            assert name in _tests_of(ROOT / path), node


def _tests_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")}


def test_no_two_cases_are_the_same():
    assert len({(case.id, case.what) for case in CASES}) == len(CASES)
