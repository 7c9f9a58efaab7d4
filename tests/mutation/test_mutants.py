"""Where a fault is: in which function and statement, or in what only a reader or a type checker sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from mutation import mutants, report, scope
from mutation.mutants import Mutant, Shape
from mutation.report import Found
from mutation.worker import NOTICED, SURVIVED, TIMED_OUT, Outcome
from pooledcare.kernel import sqlfiles

TEXT = '''\
from __future__ import annotations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nowhere import a, b

LIMITS: tuple[int, int] = (1, 2)


def outer(x: int | None = 3, *, y: int = 0) -> int | None:
    """select a from b where c = 1"""
    if x and (
        x > 4
    ):
        return 5
    return x


class Thing:
    @property
    def size(self) -> int:
        return 6
'''


@pytest.fixture
def path(monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(mutants, "read", lambda path: TEXT)
    Shape.of.cache_clear()
    yield Path("somewhere.py")
    Shape.of.cache_clear()


def changed(path: Path) -> dict[tuple[str, str], Mutant]:
    return {mutant.change(): mutant for mutant in mutants.of_file(path)}


def test_faults_are_made_of_what_runs_and_not_of_annotations_imports_and_docstrings(path: Path):
    before = {before for before, _ in changed(path)}

    assert before == {
        "LIMITS: tuple[int, int] = (1, 2)",
        "def outer(x: int | None = 3, *, y: int = 0) -> int | None:",
        "if x and ( ⏎ x > 4 ⏎ ):",
        "if x and (",
        "x > 4",
        "return 5",
        "return 6",
    }


@pytest.mark.parametrize(
    ("line", "function"),
    [
        ("x > 4", "outer"),
        ("return 5", "outer"),
        ("return 6", "Thing.size"),
        ("def outer(x: int | None = 3, *, y: int = 0) -> int | None:", None),
    ],
)
def test_a_fault_is_found_in_its_function_or_in_what_runs_while_importing(path: Path, line: str, function: str | None):
    found = [Shape.of(path).function(mutant) for (before, _), mutant in changed(path).items() if before == line]

    assert {one and one.qualified_name for one in found} == {function}


def test_the_lines_of_a_statement_leave_out_the_statements_inside_it(path: Path):
    of_condition = next(mutant for (before, _), mutant in changed(path).items() if before == "x > 4")
    of_result = next(mutant for (before, _), mutant in changed(path).items() if before == "return 5")

    assert list(Shape.of(path).statement_lines(of_condition)) == [12, 13, 14]
    assert list(Shape.of(path).statement_lines(of_result)) == [15]


# ── SQL files ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_fault_is_put_into_what_undoes_a_file_or_into_a_function_that_a_later_file_replaced():
    history = Path("partnerships/sql/agreement_history.sql")
    text = mutants.read(history)
    assert mutants.later_files(history) == [
        Path("partnerships/sql/agreement_text_lock.sql"),
        Path("partnerships/sql/delegated_limit_lock.sql"),
    ]
    replaced = text.index("create function refuse_changing_signed_text")
    lines = {mutant.first_line for mutant in mutants.of_file(history)}
    assert lines
    assert max(lines) <= text.count("\n", 0, text.index(sqlfiles.MARK)) + 1
    assert not lines & set(
        range(text.count("\n", 0, replaced) + 1, text.count("\n", 0, text.index("$$;", replaced)) + 1)
    )
    assert mutants.MARK == sqlfiles.MARK


# ── What is reported ─────────────────────────────────────────────────────────────────────────────────────────────────


def found(what: str, *, path: str = "budgets/queries/totals.py", reason: str = "") -> Found:
    return Found(Mutant(Path(path), "core/NumberReplacer", 0, 1, 1), Outcome(what), "a", "b", reason)


def test_the_share_counts_endless_ones_as_not_noticed_and_leaves_out_those_with_a_reason():
    all_of_them = [
        found(NOTICED),
        found(NOTICED),
        found(SURVIVED),
        found(TIMED_OUT),
        found(SURVIVED, reason="the same"),
    ]

    assert report.summary(all_of_them).splitlines()[-1] == "| all | 5 | 2 | 1 | 1 | 1 | 50.0 |"


@pytest.mark.parametrize(
    ("outcomes", "is_enough"),
    [
        ([found(NOTICED)] * 9 + [found(SURVIVED)], True),
        ([found(NOTICED)] * 8 + [found(SURVIVED)] * 2, False),
        ([found(NOTICED)] * 99 + [found(SURVIVED, path="budgets/allocations/statements.py")], False),
        ([found(NOTICED)] * 9 + [found(SURVIVED, path="budgets/allocations/statements.py", reason="the same")], True),
        ([], True),
    ],
)
def test_enough_is_nine_in_ten_and_none_where_none_may_survive(outcomes: list[Found], is_enough: bool):
    assert report.is_enough(outcomes, 90.0) is is_enough


def test_the_line_of_every_accepted_fault_is_still_in_its_file():
    """A reason outlives its line only by mistake."""
    for path, before, after in report.reasons():
        lines = [line.strip() for line in mutants.read(Path(path)).splitlines()]
        assert set(before.split(" ⏎ ")) <= set(lines), f"{path}: {before}"
        assert after != before


# ── What is judged when nothing is named ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "path",
    [
        "pooledcare/kernel/money.py",
        "pooledcare/kernel/rest/idempotency.py",
        "pooledcare/directory/access/judging.py",
        "pooledcare/uploads/states.py",
        "partnerships/rules/agreements/approved_hash.py",
        "partnerships/actions/deeds.py",
        "budgets/allocations/statements.py",
        "budgets/sql/allocation_append_only.sql",
    ],
)
def test_what_must_be_noticed_is_in_the_scope(path: str):
    assert Path(path) in scope.files()


def test_a_path_that_names_nothing_is_refused():
    with pytest.raises(ValueError, match=r"no/such\.py names no Python or SQL file"):
        scope.files(["no/such.py"])


def test_a_folder_stands_for_its_files():
    found = scope.files(["pooledcare/uploads/sql"])
    names = ["upload_layout_append_only", "upload_layout_version_append_only", "upload_status_append_only"]
    assert found == [Path(f"pooledcare/uploads/sql/{name}.sql") for name in names]
