"""python -m mutation [path…]: put single faults into the code and see which of them no test notices.

Without a path: rules, actions, access, checks, statements, states, the kernel and the SQL files (mutation/scope.py).
`make mutate` starts the database; docs/testing.md says how to read the answer.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from deploy.environment import ROOT
from mutation import mutants, report, scope
from mutation.mutants import Mutant
from mutation.plan import Planner, Trial
from mutation.reach import Reach
from mutation.trying import try_all
from mutation.worker import INVALID, NOTICED, Outcome

HOME = ROOT / "var" / "mutation"
LEAST = 90.0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m mutation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="*", metavar="path", help="a file or folder, or file:line for one line's faults")
    parser.add_argument("--since", metavar="COMMIT", help="only lines that are new or changed since this commit")
    parser.add_argument("--again", action="store_true", help="only what was not noticed the last time")
    parser.add_argument("--tests", action="append", default=[], metavar="PATH", help="only tests below this path")
    parser.add_argument("--slow", action="store_true", help="try the tests marked slow too")
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="one fault in N, always the same ones")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--measure", action="store_true", help="only measure which tests reach what, then stop")
    parser.add_argument("--least", type=float, default=LEAST, help="per cent that must be noticed (90)")
    return parser.parse_args()


def chosen_mutants(chosen: argparse.Namespace) -> list[Mutant]:
    """The faults asked for. Raises ValueError for a path of no file."""
    lines = {Path(path.partition(":")[0]): int(path.partition(":")[2]) for path in chosen.paths if ":" in path}
    changed = scope.changed_lines(chosen.since) if chosen.since else None
    found = []
    for path in scope.files([path.partition(":")[0] for path in chosen.paths]):
        for mutant in mutants.of_file(path):
            touched = range(mutant.first_line, mutant.last_line + 1)
            if path in lines and lines[path] not in touched:
                continue
            if changed is not None and not changed.get(path, set()) & set(touched):
                continue
            found.append(mutant)
    if chosen.again:
        kept = _kept()
        found = [mutant for mutant in found if kept.get(mutant.key, [""])[0] not in (NOTICED, INVALID)]
    return [mutant for mutant in found if zlib.crc32(mutant.key.encode()) % chosen.sample == 0]


def _kept() -> dict[str, list[str]]:
    """The outcome of each fault the last time it was tried, and what noticed it."""
    try:
        return json.loads((HOME / "outcomes.json").read_text())
    except FileNotFoundError:
        return {}


def _keep(outcomes: Mapping[Mutant, Outcome]) -> None:
    kept = _kept() | {mutant.key: list(outcome) for mutant, outcome in outcomes.items()}
    (HOME / "outcomes.json").write_text(json.dumps(kept, indent=0))


def main() -> int:
    chosen = arguments()
    HOME.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    try:
        faults = chosen_mutants(chosen)
        reach = Reach(HOME / "reach.sqlite")
        reach.bring_up_to_date(processes=chosen.processes + 1, only=chosen.tests, slow=chosen.slow)
    except (ValueError, RuntimeError) as wrong:
        print(wrong, file=sys.stderr)
        return 2
    if chosen.measure:
        return 0
    planner = Planner(reach, only=chosen.tests)
    trials = [
        trial
        for path in dict.fromkeys(fault.path for fault in faults)
        for trial in planner.trials(path, [fault for fault in faults if fault.path == path])
    ]
    print(f"{len(trials)} faults, measured and planned in {time.monotonic() - began:,.0f} s", flush=True)
    outcomes: dict[Mutant, Outcome] = {}

    def done(trial: Trial, outcome: Outcome) -> None:
        outcomes[trial.mutant] = outcome
        if len(outcomes) % 100 == 0:
            print(f"  {len(outcomes)} of {len(trials)} tried in {time.monotonic() - began:,.0f} s", flush=True)
            _keep(outcomes)

    try:
        try_all(trials, processes=chosen.processes, done=done)
    finally:
        _keep(outcomes)
    found = [report.explained(mutant, outcome) for mutant, outcome in outcomes.items()]
    text = report.survivors(found)
    (HOME / "survivors.txt").write_text(text + "\n")
    (HOME / "summary.md").write_text(report.summary(found) + "\n")
    (HOME / "faults.json").write_text(
        json.dumps([{**asdict(one), "mutant": one.mutant.key, "path": str(one.mutant.path)} for one in found], indent=0)
    )
    print(text, report.summary(found), f"in {time.monotonic() - began:,.0f} s", sep="\n\n")
    return 0 if report.is_enough(found, chosen.least) else 1


if __name__ == "__main__":
    sys.exit(main())
