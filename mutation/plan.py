"""For each fault: the tests that run its lines, nearest and cheapest first, and how long they may take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mutation import scope
from mutation.mutants import SQL_FILE, Mutant, Shape, read
from mutation.reach import Reach

# Time limit for the tests of one fault, in seconds.
MOST_SECONDS = 6.0
MOST_SECONDS_OF_IMPORTED = 12.0  # the limit for faults in code that runs at import: there are few
# The limit for faults in SQL within Python: one test of tests/oracles takes 8 seconds, and those of uploads come after.
MOST_SECONDS_OF_SQL = 45.0
MOST_SECONDS_OF_SQL_FILES = 60.0  # there are few such faults, and the tests of locks are long
MOST_TESTS, MOST_TESTS_OF_SQL_FILES = 200, 2_000
SQL_IN_PYTHON = "pooledcare/FaultInSql"
# Coverage does not see triggers, because they run in the database: these are the tests that attack them.
TESTS_OF_SQL = (
    "tests/database/",
    "tests/architecture/test_models_listed.py",
    "tests/partnerships/test_agreement_constraints.py",
    "tests/partnerships/test_agreement_locks.py",
    "tests/budgets/test_allocation.py",
    "tests/uploads/test_engine.py",
    "tests/directory/test_history.py",
    "tests/directory/test_sessions.py",
    "tests/budgets/test_search.py",
    "tests/api/test_lists.py",
)


@dataclass(frozen=True)
class Trial:
    """A fault and the tests to run against it."""

    mutant: Mutant
    tests: tuple[str, ...]
    seconds: float
    while_importing: bool


class Planner:
    """Chooses the tests for each fault; if `only` is given, of tests below those paths."""

    def __init__(self, reach: Reach, only: Sequence[str] = ()) -> None:
        self.reach = reach
        self.only = tuple(only)
        self.seconds = reach.seconds()
        self.breadth = reach.breadth()

    def trials(self, path: Path, mutants: Iterable[Mutant]) -> list[Trial]:
        by_test = {
            test: lines
            for test, lines in self.reach.tests_of(path).items()
            if not self.only or test.startswith(self.only)
        }
        importing = self.reach.lines_while_importing(path)
        return [self._trial(mutant, by_test, importing) for mutant in mutants]

    def _trial(self, mutant: Mutant, by_test: dict[str, set[int]], importing: set[int]) -> Trial:
        if mutant.operator == SQL_FILE:
            tests = [test for test in self.seconds if test.startswith(TESTS_OF_SQL)]
            return self._limited(mutant, tests, while_importing=False)
        shape = Shape.of(mutant.path)
        function = shape.function(mutant)
        lines = set(shape.statement_lines(mutant))
        if function is not None and not lines & importing:
            near = {test for test, reached in by_test.items() if function.is_remembered or reached & lines}
            return self._limited(mutant, near, while_importing=False)
        # Code that runs at import may affect everything that uses the file.
        near = {test for test, reached in by_test.items() if reached & lines} or (
            set(by_test) | self._users_of(mutant.path) | self._named_after(mutant.path)
        )
        return self._limited(mutant, near, while_importing=True)

    def _users_of(self, path: Path) -> set[str]:
        """The tests that run lines of a file that imports this one: constants have no lines of their own to run."""
        name = ".".join(path.with_suffix("").parts)
        package, _, module = name.rpartition(".")
        imports = re.compile(rf"from {re.escape(name)} import|from {re.escape(package)} import [^\n]*\b{module}\b")
        importers = [other for other in scope.files(sorted({path.parts[0]})) if imports.search(read(other))]
        found = {test for other in importers for test in self.reach.tests_of(other)}
        return {test for test in found if not self.only or test.startswith(self.only)}

    def _named_after(self, path: Path) -> set[str]:
        """The tests in files named after the module or its package.

        A test of a constant, or of a default in a dataclass, runs no line of the module.
        """
        names = (path.stem, path.parent.name)
        return {
            test
            for test in self.seconds
            if any(name in test.partition("::")[0].rpartition("/")[2] for name in names)
            and (not self.only or test.startswith(self.only))
        }

    def _limited(self, mutant: Mutant, tests: Iterable[str], *, while_importing: bool) -> Trial:
        """The nearest test files first, and all tests of a file together if they fit, because they share set-up."""
        near: dict[str, list[str]] = {}
        for test in sorted(tests, key=lambda test: (self.breadth.get(test, 0), self.seconds.get(test, 0.0), test)):
            near.setdefault(test.partition("::")[0], []).append(test)
        files = sorted(
            near,
            key=lambda file: (
                not (mutant.operator == SQL_IN_PYTHON and file.startswith("tests/oracles/")),
                mutant.path.stem not in file.rpartition("/")[2],  # the file of tests that is named after the module
                sum(self.breadth.get(test, 0) for test in near[file][:5]) / len(near[file][:5]),
                sum(self.seconds.get(test, 0.0) for test in near[file]),
            ),
        )
        most = MOST_SECONDS_OF_IMPORTED if while_importing else MOST_SECONDS
        most_tests = MOST_TESTS
        if mutant.operator == SQL_IN_PYTHON:
            most = MOST_SECONDS_OF_SQL
        if mutant.operator == SQL_FILE:
            most, most_tests = MOST_SECONDS_OF_SQL_FILES, MOST_TESTS_OF_SQL_FILES
        chosen: list[str] = []
        total = 0.0
        for file in files:
            for test in near[file]:
                if total + self.seconds.get(test, 0.0) > most or len(chosen) >= most_tests:
                    continue
                chosen.append(test)
                total += self.seconds.get(test, 0.0)
        return Trial(mutant, tuple(chosen), 6 * total + (45 if while_importing else 25), while_importing)
