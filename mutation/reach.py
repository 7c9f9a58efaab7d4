"""Which test runs which line: measured once for each test file, and stored in var/mutation/reach.sqlite.

As a pytest plugin (`-p mutation.reach`) it measures with coverage.py and one context for each test; `Reach` answers.
A measurement is valid until the test file, or a file of the project that it reaches, changes.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import coverage
import pytest
from coverage.numbits import numbits_to_nums

from deploy.environment import ROOT

CODE = ("pooledcare", "partnerships", "budgets", "consultations")
# Left out because they are slow: tests of browsers, whole sites and peers, or of every address.
LEFT_OUT = (
    "tests/browser",
    "tests/faults",
    "tests/bench",
    "tests/deploy",
    "tests/mutation",
    "tests/api/test_schemathesis.py",
)
WHILE_IMPORTING = ""  # the context of lines that run before any test
_FOLDER = "POOLEDCARE_REACH_FOLDER"


# ── Measuring ────────────────────────────────────────────────────────────────────────────────────────────────────────

_measuring: coverage.Coverage | None = None
_seconds: dict[str, float] = {}

if os.environ.get(_FOLDER) and "PYTEST_XDIST_WORKER" in os.environ:
    _measuring = coverage.Coverage(
        data_file=str(Path(os.environ[_FOLDER]) / f"{os.environ['PYTEST_XDIST_WORKER']}.coverage"),
        config_file=False,
        include=[str(ROOT / package / "*") for package in CODE],
    )
    _measuring.set_option("run:disable_warnings", ["no-data-collected", "module-not-measured", "dynamic-conflict"])
    _measuring.start()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    if _measuring is None:
        return (yield)
    _measuring.switch_context(item.nodeid)
    began = time.process_time()  # processor time, so that other work of the machine does not matter
    try:
        return (yield)
    finally:
        _seconds[item.nodeid] = time.process_time() - began
        _measuring.switch_context(WHILE_IMPORTING)


def pytest_sessionfinish() -> None:
    if _measuring is not None:
        _measuring.stop()
        _measuring.save()
        Path(os.environ[_FOLDER], f"{os.environ['PYTEST_XDIST_WORKER']}.json").write_text(json.dumps(_seconds))


# ── Keeping and answering ────────────────────────────────────────────────────────────────────────────────────────────


class Reach:
    """The measurements of all test files, repeated for a file if it or a file that it reaches has changed."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._kept = sqlite3.connect(path, check_same_thread=False)
        self._kept.executescript(
            """
            create table if not exists measured (
                test_file text primary key, digest text not null, slow integer not null
            );
            create table if not exists tests (test text primary key, test_file text not null, seconds real not null);
            create table if not exists reached (path text not null, test text not null, lines blob not null);
            create index if not exists reached_path on reached (path);
            create index if not exists reached_test on reached (test);
            create index if not exists tests_file on tests (test_file);
            """
        )

    def bring_up_to_date(self, *, processes: int, only: Sequence[str] = (), slow: bool = False) -> None:
        """Measure the test files that are new or changed; `only` those below these folders or files.

        Tests marked slow are included only if `slow` is true.

        Raises RuntimeError if a test fails, because faults cannot be judged with failing tests.
        """
        wanted = _test_files(only)
        stale = [path for path in wanted if not self._is_measured(path, slow=slow)]
        if stale:
            print(f"Measuring what {len(stale)} of {len(wanted)} test files reach …", flush=True)
            with tempfile.TemporaryDirectory(prefix="pooledcare-reach-") as folder:
                _measure(stale, Path(folder), processes, slow)
                self._take_over(Path(folder), stale, slow=slow)
        # Forget test files that no longer exist.
        for (path,) in self._kept.execute("select test_file from measured").fetchall():
            if not (ROOT / path).exists():
                self._forget(path)
        self._kept.commit()

    def _is_measured(self, test_file: str, *, slow: bool) -> bool:
        """Whether the test file and all files that it reaches are unchanged since it was measured."""
        row = self._kept.execute("select digest, slow from measured where test_file = ?", [test_file]).fetchone()
        return row is not None and row[0] == self._digest(test_file) and (not slow or bool(row[1]))

    def _digest(self, test_file: str) -> str:
        reached = self._kept.execute(
            "select distinct r.path from reached r join tests t on t.test = r.test where t.test_file = ? order by 1",
            [test_file],
        )
        return _digest([Path(test_file), *(Path(path) for (path,) in reached), *_sql_files()])

    def lines_while_importing(self, path: Path) -> set[int]:
        return self._lines(path, WHILE_IMPORTING)

    def tests_of(self, path: Path) -> dict[str, set[int]]:
        """For each test, the lines of the file that it runs."""
        rows = self._kept.execute("select test, lines from reached where path = ? and test <> ''", [path.as_posix()])
        return {test: set(numbits_to_nums(lines)) for test, lines in rows}

    def seconds(self) -> dict[str, float]:
        return dict(self._kept.execute("select test, seconds from tests"))

    def breadth(self) -> dict[str, int]:
        """The number of files of which each test runs lines. Fewer means that the test is closer to its code."""
        return dict(self._kept.execute("select test, count(*) from reached group by test"))

    def _lines(self, path: Path, test: str) -> set[int]:
        rows = self._kept.execute("select lines from reached where path = ? and test = ?", [path.as_posix(), test])
        return {line for (lines,) in rows for line in numbits_to_nums(lines)}

    def _forget(self, test_file: str) -> None:
        self._kept.execute(
            "delete from reached where test in (select test from tests where test_file = ?)", [test_file]
        )
        self._kept.execute("delete from tests where test_file = ?", [test_file])
        self._kept.execute("delete from measured where test_file = ?", [test_file])

    def _take_over(self, folder: Path, test_files: Sequence[str], *, slow: bool) -> None:
        for test_file in test_files:
            self._forget(test_file)
        for times in folder.glob("*.json"):
            self._kept.executemany(
                "insert or replace into tests values (?, ?, ?)",
                [(test, test.partition("::")[0], took) for test, took in json.loads(times.read_text()).items()],
            )
        for data in folder.glob("*.coverage"):
            measured = sqlite3.connect(data)
            rows = measured.execute(
                "select f.path, c.context, b.numbits from line_bits b"
                " join file f on f.id = b.file_id join context c on c.id = b.context_id"
            ).fetchall()
            measured.close()
            named = [(Path(path).relative_to(ROOT).as_posix(), test, lines) for path, test, lines in rows]
            imported = {path for path, test, _ in named if test == WHILE_IMPORTING}
            self._kept.executemany("delete from reached where test = '' and path = ?", [(path,) for path in imported])
            self._kept.executemany("insert into reached values (?, ?, ?)", named)
        self._kept.executemany(
            "insert into measured values (?, ?, ?)", [(path, self._digest(path), slow) for path in test_files]
        )


def _measure(test_files: Sequence[str], folder: Path, processes: int, slow: bool) -> None:
    kinds = "not browser and not fault and not bench" + ("" if slow else " and not slow")
    command = [
        sys.executable, "-m", "pytest", "-q", "-p", "mutation.reach", "-n", str(processes), "--dist", "loadfile",
        "--no-loadscope-reorder", "--reuse-db", "-m", kinds, *test_files,
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, _FOLDER: str(folder)}, capture_output=True, text=True)
    if done.returncode not in (0, 5):  # 5: all tests of the files are left out
        raise RuntimeError(f"Some tests fail without any fault:\n{done.stdout[-3000:]}\n{done.stderr[-2000:]}")


def _test_files(only: Sequence[str]) -> list[str]:
    found = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py"))
    return [
        path
        for path in found
        if not path.startswith(LEFT_OUT) and (not only or any(path.startswith(chosen) for chosen in only))
    ]


def _sql_files() -> list[Path]:
    return sorted(path.relative_to(ROOT) for package in CODE for path in (ROOT / package).rglob("*.sql"))


def _digest(paths: Iterable[Path]) -> str:
    """A hash of the contents of the files; a missing file counts as empty."""
    found = hashlib.sha256()
    for path in paths:
        found.update(f"{path.as_posix()}\n".encode())
        found.update((ROOT / path).read_bytes() if (ROOT / path).exists() else b"")
    return found.hexdigest()[:16]
