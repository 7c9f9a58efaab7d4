"""Tries faults on several workers at once, and recognises tests that fail even without a fault."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any

from deploy.environment import ROOT
from mutation.mutants import Mutant
from mutation.plan import Trial
from mutation.worker import ANSWERS, DATABASE, NOT_TRIED, NOTICED, ORDERS, SURVIVED, Outcome

NOT_REACHED = "not reached"


class Worker:
    """A worker process, which gets one order after another."""

    def __init__(self, number: int, command: Sequence[str]) -> None:
        orders, self._orders = os.pipe()
        self._answers, answers = os.pipe()
        environment = {
            **os.environ,
            ORDERS: str(orders),
            ANSWERS: str(answers),
            DATABASE: f"test_pooledcare_mutation_{number}",
        }
        self._log = (ROOT / "var" / "mutation" / f"worker-{number}.log").open("w")
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, pass_fds=(orders, answers), stdout=self._log, stderr=self._log
        )
        os.close(orders)
        os.close(answers)
        self._to: IO[str] = os.fdopen(self._orders, "w")
        self._from: IO[str] = os.fdopen(self._answers)

    def try_out(self, order: dict[str, Any]) -> Outcome:
        """Send one order and wait for the outcome. Raises RuntimeError if the worker has ended."""
        try:
            self._to.write(json.dumps(order) + "\n")
            self._to.flush()
            line = self._from.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise RuntimeError(f"A worker of mutation has ended; see {self._log.name}.")
        return Outcome(*json.loads(line))

    def end(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._to.close()
        self._process.wait(timeout=60)
        self._from.close()
        self._log.close()


def try_all(trials: Sequence[Trial], *, processes: int, done: Callable[[Trial, Outcome], None]) -> None:
    """Try every fault, those in functions first; calls `done` with each outcome.

    A fault that cannot be put into a loaded function is put in when its file is imported.
    """
    for trial in trials:
        if not trial.tests:
            done(trial, Outcome(NOT_REACHED))
    reached = [trial for trial in trials if trial.tests]
    test_files = sorted({test.partition("::")[0] for trial in reached for test in trial.tests})
    if not reached:
        return
    holding_tests = [
        sys.executable, "-m", "pytest", "-q", "-s", "-p", "mutation.worker", "-p", "no:cacheprovider", "--reuse-db",
        "--hypothesis-seed=1", "-m", "not browser and not fault and not bench",
    ]  # fmt: skip
    importing = [trial for trial in reached if trial.while_importing]

    def done_or_imported(trial: Trial, outcome: Outcome) -> None:
        if outcome.what == NOT_TRIED:
            importing.append(replace(trial, while_importing=True))
        else:
            done(trial, outcome)

    _share_out(
        [trial for trial in reached if not trial.while_importing],
        lambda number: Worker(number, [*holding_tests, f"--basetemp={_folder(number)}", *test_files]),
        processes,
        done_or_imported,
    )
    _share_out(
        importing,
        lambda number: Worker(number, [sys.executable, "-m", "mutation.beginner"]),
        processes,
        done,
    )


def _share_out(
    trials: Sequence[Trial], start: Callable[[int], Worker], processes: int, done: Callable[[Trial, Outcome], None]
) -> None:
    if not trials:
        return
    waiting: queue.SimpleQueue[Trial] = queue.SimpleQueue()
    for trial in trials:
        waiting.put(trial)
    telling = threading.Lock()
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            worker = start(number)
            try:
                for trial in _each(waiting):
                    outcome = _judged(worker, trial, number)
                    with telling:
                        done(trial, outcome)
            finally:
                worker.end()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=[number]) for number in range(1, min(processes, len(trials)) + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def _each(waiting: queue.SimpleQueue[Trial]) -> Iterator[Trial]:
    while True:
        try:
            yield waiting.get_nowait()
        except queue.Empty:
            return


_sound: dict[str, bool] = {}


def _judged(worker: Worker, trial: Trial, number: int) -> Outcome:
    """The outcome of one trial. A test that fails even without the fault is left out, because it proves nothing."""
    tests = [test for test in trial.tests if _sound.get(test, True)]
    while True:
        outcome = worker.try_out(_order(trial.mutant, tests, trial.seconds, number))
        if (
            outcome.what != NOTICED
            or outcome.by not in tests
            or trial.while_importing
            or _is_sound(worker, outcome.by, number)
        ):
            return outcome
        tests.remove(outcome.by)


def _is_sound(worker: Worker, test: str, number: int) -> bool:
    if test not in _sound:
        _sound[test] = worker.try_out(_order(None, [test], 120.0, number)).what == SURVIVED
        if not _sound[test]:
            print(f"Left out, since it fails here without any fault: {test}", flush=True)
    return _sound[test]


def _order(mutant: Mutant | None, tests: Sequence[str], seconds: float, number: int) -> dict[str, Any]:
    described = None if mutant is None else {**asdict(mutant), "path": mutant.path.as_posix()}
    return {"mutant": described, "tests": list(tests), "seconds": seconds, "folder": str(_folder(number))}


def _folder(number: int) -> Path:
    return ROOT / "var" / "mutation" / f"tmp-{number}"
