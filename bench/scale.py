"""The size of the benchmarks: by default a million allocations and three runs; less in tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from bench.data import ORGANISATIONS, codes, write_file
from bench.databases import Filled, filled

ROWS = 1_000_000


@dataclass
class Scale:
    """The size of a run. `home` is the folder for files; files and databases are made when first needed."""

    home: Path
    rows: int = ROWS
    runs: int = 3
    notes: list[str] = field(default_factory=list)

    @classmethod
    def given(cls, home: Path) -> Scale:
        """The size given by the environment. Files of earlier runs are deleted."""
        shutil.rmtree(home / "files", ignore_errors=True)
        (home / "files").mkdir(parents=True)
        return cls(home, int(os.environ.get("BENCH_ROWS", ROWS)), int(os.environ.get("BENCH_RUNS", "3")))

    @property
    def bad_rows(self) -> int:
        return max(7, self.rows // 100)

    @property
    def fewer_rows(self) -> int:
        """The smaller size for memory use, which must not grow from here to `rows`."""
        return max(200, self.rows // 10)

    @property
    def few_rows(self) -> int:
        """The smaller size for pages, which must not be slower with `rows`; as many figures for each organisation."""
        return max(200, self.rows // 100)

    @property
    def peer_rows(self) -> int:
        return max(200, self.rows // 20)

    @property
    def requests(self) -> int:
        """How often each page is requested in each turn."""
        return 200 if self.rows >= ROWS else 10

    def organisations(self, rows: int) -> int:
        return max(2, rows * ORGANISATIONS // ROWS)

    @cached_property
    def database(self) -> Filled:
        return filled(self.home, rows=self.rows, organisations=self.organisations(self.rows))

    @cached_property
    def small_database(self) -> Filled:
        return filled(self.home, rows=self.few_rows, organisations=self.organisations(self.few_rows))

    def file(self, rows: int, *, bad_rows: int = 0) -> Path:
        """A file of budgets: new figures of the organisations that already have allocations."""
        path = self.home / "files" / f"budgets-{rows}{f'-{bad_rows}-bad' if bad_rows else ''}.csv"
        if not path.exists():
            draft = path.with_suffix(".new")
            holders: Sequence[str] = codes(self.organisations(self.rows))
            write_file(draft, rows, basis="budget", bad_rows=bad_rows, organisations=holders, seed=2)
            draft.rename(path)
        return path

    def say(self, text: str) -> None:
        """Add a line without a ratio to the report."""
        print(f"    {text}", flush=True)
        self.notes.append(text)
