"""Which files are tested by mutation if none is named, and which of their lines changed since a commit."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from fnmatch import fnmatch
from pathlib import Path

from deploy.environment import ROOT

# Rules, writing, access, reading of files, money: where faults cost most. In the order of the summary.
SCOPE = (
    "pooledcare/kernel/*.py",
    "pooledcare/directory/access/*.py",
    "pooledcare/directory/actions/*.py",
    "pooledcare/directory/rules.py",
    "pooledcare/directory/second_factor.py",
    "pooledcare/uploads/actions.py",
    "pooledcare/uploads/checks.py",
    "pooledcare/uploads/headings.py",
    "pooledcare/uploads/hidden.py",
    "pooledcare/uploads/kept_files.py",
    "pooledcare/uploads/pipeline.py",
    "pooledcare/uploads/rules.py",
    "pooledcare/uploads/staging.py",
    "pooledcare/uploads/stated_units.py",
    "pooledcare/uploads/states.py",
    "pooledcare/uploads/text_amounts.py",
    "partnerships/rules/*.py",
    "partnerships/actions/*.py",
    "budgets/actions/*.py",
    "budgets/allocations/check.py",
    "budgets/allocations/movements.py",
    "budgets/allocations/scale.py",
    "budgets/allocations/statements.py",
    "budgets/allocations/successions.py",
    "consultations/rules/*.py",
    "*.sql",
)
# No fault may survive in these: permissions, hashes, locks, money and the law.
NONE_MAY_SURVIVE = (
    "pooledcare/directory/access/*.py",
    "pooledcare/directory/rules.py",
    "pooledcare/directory/second_factor.py",
    "pooledcare/kernel/amounts.py",
    "pooledcare/kernel/money.py",
    "pooledcare/kernel/rest/idempotency.py",
    "pooledcare/uploads/states.py",
    "partnerships/rules/agreements/approved_hash.py",
    "partnerships/rules/law/*.py",
    "budgets/actions/*.py",
    "budgets/allocations/check.py",
    "budgets/allocations/statements.py",
    "*.sql",
)
NEVER = ("*/migrations/*", "tests/*", "bench/*", "mutation/*", "deploy/*")


def files(paths: Sequence[str] = ()) -> list[Path]:
    """The files to put faults into, relative to the checkout: those named, those below a folder named, or SCOPE.

    Raises ValueError for a path that names no Python or SQL file of the project.
    """
    known = [path for path in _tracked() if not _is_like(path, NEVER)]
    if not paths:
        return sorted((path for path in known if _is_like(path, SCOPE)), key=lambda path: (_turn(path), path))
    chosen: list[Path] = []
    for named in paths:
        place = (ROOT / named).resolve().relative_to(ROOT)
        found = [path for path in known if path == place or place in path.parents]
        if not found:
            raise ValueError(f"{named} names no Python or SQL file of the project into which a fault can be put.")
        chosen.extend(path for path in found if path not in chosen)
    return chosen


def may_not_survive(path: Path) -> bool:
    return _is_like(path, NONE_MAY_SURVIVE)


def changed_lines(commit: str) -> dict[Path, set[int]]:
    """The lines of each file that are new or changed since `commit`, uncommitted changes included."""
    found: dict[Path, set[int]] = {}
    path: Path | None = None
    for line in _git("diff", "-U0", "--no-color", "--no-ext-diff", commit, "--", "*.py", "*.sql").splitlines():
        if line.startswith("+++ "):
            path = Path(line.removeprefix("+++ b/")) if line.startswith("+++ b/") else None
        elif line.startswith("@@") and path is not None:
            begin, _, length = line.split("+", 1)[1].split(" ", 1)[0].partition(",")
            found.setdefault(path, set()).update(range(int(begin), int(begin) + int(length or 1)))
    return found


def _tracked() -> list[Path]:
    listed = _git("ls-files", "--cached", "--others", "--exclude-standard", "--", "*.py", "*.sql").splitlines()
    return [Path(line) for line in listed if (ROOT / line).is_file()]


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def _is_like(path: Path, patterns: Iterable[str]) -> bool:
    return any(fnmatch(path.as_posix(), pattern) for pattern in patterns)


def _turn(path: Path) -> int:
    return next(turn for turn, pattern in enumerate(SCOPE) if fnmatch(path.as_posix(), pattern))
