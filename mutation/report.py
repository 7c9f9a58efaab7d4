"""The summary of a run: how many faults were not noticed in each part of the code, and which."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mutation import scope
from mutation.mutants import Mutant
from mutation.trying import NOT_REACHED
from mutation.worker import INVALID, NOT_TRIED, NOTICED, SURVIVED, TIMED_OUT, Outcome

ACCEPTED = Path(__file__).with_name("accepted.toml")


@dataclass(frozen=True)
class Found:
    """A fault, its outcome, the changed lines, and the reason if it is accepted."""

    mutant: Mutant
    outcome: Outcome
    before: str = ""
    after: str = ""
    reason: str = ""

    @property
    def is_open(self) -> bool:
        return self.outcome.what in (SURVIVED, NOT_REACHED, TIMED_OUT, NOT_TRIED) and not self.reason


def explained(mutant: Mutant, outcome: Outcome) -> Found:
    """Add the changed lines and, if mutation/accepted.toml has one, the reason."""
    if outcome.what in (NOTICED, INVALID):
        return Found(mutant, outcome)
    before, after = mutant.change()
    return Found(mutant, outcome, before, after, reasons().get((mutant.path.as_posix(), before, after), ""))


def reasons() -> dict[tuple[str, str, str], str]:
    listed = tomllib.loads(ACCEPTED.read_text(encoding="utf-8")).get("accepted", [])
    return {(one["path"], one["before"], one["after"]): one["reason"] for one in listed}


def part_of(path: Path) -> str:
    """The line of the summary that includes a file: its package; for a module at the top of an app, itself."""
    parts = path.parts
    if path.suffix == ".sql":
        return "*.sql"
    return "/".join(parts[:-1]) if len(parts) > 2 + (parts[0] == "pooledcare") else path.as_posix()


def summary(found: Iterable[Found]) -> str:
    """A table in Markdown, a row for each part of the code.

    The percentage is the share of noticed faults among those that are not accepted.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in found:
        for part in (part_of(one.mutant.path), "all"):
            counts[part][_column(one)] += 1
    rows = [_row(part, counts[part]) for part in counts if part != "all"]
    heading = [
        "| part | faults | noticed | endless | not noticed | accepted | noticed, % |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    return "\n".join([*heading, *rows, _row("all", counts["all"])])


def _column(found: Found) -> str:
    if found.outcome.what == INVALID:
        return "invalid"
    if found.reason:
        return "accepted"
    return {NOTICED: "noticed", TIMED_OUT: "endless"}.get(found.outcome.what, "not noticed")


def _row(part: str, count: Counter[str]) -> str:
    judged = count["noticed"] + count["endless"] + count["not noticed"]
    share = f"{100 * count['noticed'] / judged:.1f}" if judged else "–"
    numbers = (judged + count["accepted"], count["noticed"], count["endless"], count["not noticed"], count["accepted"])
    return f"| {part} | {' | '.join(str(number) for number in numbers)} | {share} |"


def survivors(found: Sequence[Found]) -> str:
    """Each fault that no test noticed, with the line before and after."""
    lines = []
    for one in sorted(found, key=lambda one: (str(one.mutant.path), one.mutant.first_line)):
        if one.is_open:
            grave = "  ← may not survive" if scope.may_not_survive(one.mutant.path) else ""
            lines += [
                f"{one.mutant.key}: {one.outcome.what}{' (' + one.outcome.by + ')' if one.outcome.by else ''}{grave}",
                f"    - {one.before}",
                f"    + {one.after}",
            ]
    return "\n".join(lines)


def is_enough(found: Sequence[Found], least: float) -> bool:
    """Whether at least this percentage was noticed, and no fault survived where none may."""
    count = Counter(_column(one) for one in found)
    judged = count["noticed"] + count["endless"] + count["not noticed"]
    none_grave = not any(one.is_open and scope.may_not_survive(one.mutant.path) for one in found)
    return not judged or (100 * count["noticed"] >= least * judged and none_grave)
