"""A process that has collected all tests and forks for each fault; a pytest plugin (`-p mutation.worker`).

It reads orders as lines of JSON from one pipe and writes outcomes to another. A fault in the body of a function is put
into the loaded function, so that nothing is imported again. A fault in code that runs at import needs a process that
has not imported the file yet; mutation/beginner.py forks those.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import time
import types
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import settings

from deploy.environment import ROOT
from mutation.mutants import MARK, SQL_FILE, Mutant, Shape, later_files

ORDERS, ANSWERS, DATABASE = "POOLEDCARE_MUTATION_ORDERS", "POOLEDCARE_MUTATION_ANSWERS", "POOLEDCARE_MUTATION_DATABASE"
SURVIVED, NOTICED, TIMED_OUT, INVALID = "survived", "noticed", "timed out", "invalid"
NOT_TRIED = "not tried"  # something other than the fault went wrong; counted as not noticed, so that it is seen


class Outcome(NamedTuple):
    """The outcome of one fault, and which test noticed it or what went wrong."""

    what: str
    by: str = ""


# ── Running a child process with a time limit ──────────────────────────────────────────────────────────────────────


def in_child(work: Any, *, seconds: float) -> Outcome:
    """Run `work`, which returns an Outcome, in a forked process, which is killed after `seconds`."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.setpgid(0, 0)
        _be_silent()
        try:
            outcome = work()
        except SyntaxError as wrong:
            outcome = Outcome(INVALID, str(wrong))
        except BaseException as failure:
            outcome = Outcome(NOT_TRIED, f"{type(failure).__name__}: {failure}")
        with contextlib.suppress(OSError):
            os.write(writing, json.dumps(outcome).encode())
        os._exit(0)
    os.close(writing)
    ended = _wait(child, seconds)
    with os.fdopen(reading, "rb") as answer:
        said = answer.read() if ended else b""
    if not ended:
        return Outcome(TIMED_OUT)
    return Outcome(*json.loads(said)) if said else Outcome(NOTICED, "the process ended")


def _wait(child: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if os.waitpid(child, os.WNOHANG)[0]:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child, signal.SIGKILL)  # processes that a test left running
            return True
        time.sleep(0.005)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def _be_silent() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)


# ── The plugin ───────────────────────────────────────────────────────────────────────────────────────────────────────

_failed: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        _failed.append(report.nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    use_database(os.environ[DATABASE])


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    if ORDERS not in os.environ:
        return None
    make_database()
    importlib.import_module(settings.ROOT_URLCONF)  # and so every view, as the first request would
    items = {item.nodeid: item for item in session.items}
    functions = _functions_by_code()
    gc.collect()
    gc.freeze()
    with os.fdopen(int(os.environ[ORDERS])) as orders, os.fdopen(int(os.environ[ANSWERS]), "w") as answers:
        for line in orders:
            order = json.loads(line)
            print(json.dumps(_obey(order, session, items, functions)), file=answers, flush=True)
    return True


def _obey(
    order: dict[str, Any], session: pytest.Session, items: dict[str, pytest.Item], functions: Functions
) -> Outcome:
    mutant = Mutant(Path(order["mutant"].pop("path")), **order["mutant"]) if order["mutant"] else None
    chosen = [items[test] for test in order["tests"] if test in items]

    def work() -> Outcome:
        with put_in(mutant, functions):
            return run_tests(session, chosen)

    outcome = in_child(work, seconds=order["seconds"])
    if outcome.what == TIMED_OUT:
        in_child(_empty_database, seconds=60)  # what the killed tests had committed
    if mutant and mutant.operator == SQL_FILE:
        in_child(lambda: _restore_sql(mutant), seconds=60)
    return outcome


def run_tests(session: pytest.Session, items: list[pytest.Item]) -> Outcome:
    """Run tests one after another until one fails."""
    _failed.clear()
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if _failed:
            return Outcome(NOTICED, _failed[0])
    return Outcome(SURVIVED)


# ── The database: one for each worker, made once ─────────────────────────────────────────────────────────────────────


def use_database(name: str) -> None:
    from django.db import connections

    for connection in connections.all():
        connection.settings_dict["TEST"]["NAME"] = name


def make_database() -> None:
    """Create or migrate this worker's database, so that pytest-django need not do it for each run."""
    from django.db import connections
    from django.test import utils
    from pytest_django.plugin import blocking_manager_key

    with _blocker(blocking_manager_key).unblock():
        utils.setup_databases(verbosity=0, interactive=False, keepdb=True)
        for connection in connections.all():
            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]
    utils.setup_databases = lambda **_: []
    utils.teardown_databases = lambda *_, **__: None


_config: pytest.Config | None = None


def pytest_sessionstart(session: pytest.Session) -> None:
    global _config
    _config = session.config


def _blocker(key: Any) -> Any:
    assert _config is not None
    return _config.stash[key]


def _empty_database() -> Outcome:
    from django.core.management import call_command
    from pytest_django.plugin import blocking_manager_key

    with _blocker(blocking_manager_key).unblock():
        call_command("flush", verbosity=0, interactive=False, allow_cascade=True, inhibit_post_migrate=False)
    return Outcome(SURVIVED)


# ── Putting a fault in ───────────────────────────────────────────────────────────────────────────────────────────────

Functions = dict[tuple[str, str, int], list[types.FunctionType]]


def _functions_by_code() -> Functions:
    """Every loaded function of the project, by file, qualified name and first line of its code."""
    found: Functions = defaultdict(list)
    for thing in gc.get_objects():
        # isinstance would make a lazy object load what it wraps.
        if type(thing) is types.FunctionType and thing.__code__.co_filename.startswith(str(ROOT)):
            code = thing.__code__
            found[code.co_filename, code.co_qualname, code.co_firstlineno].append(thing)
    return found


@contextlib.contextmanager
def put_in(mutant: Mutant | None, functions: Functions) -> Iterator[None]:
    if mutant is None:
        yield
    elif mutant.operator == SQL_FILE:
        _replace_sql(mutant, mutant.source())
        yield
    else:
        _replace_code(mutant, functions)
        yield


def _replace_code(mutant: Mutant, functions: Functions) -> None:
    """Replace the code of the loaded functions with that of the changed file.

    Raises SyntaxError if the change is not valid Python, LookupError if the function is not loaded, and ValueError if
    it uses other variables of an enclosing function than before.
    """
    shape = Shape.of(mutant.path)
    function = shape.function(mutant)
    if function is None:
        raise LookupError(f"{mutant.key} is in no function.")
    name = str(ROOT / mutant.path)
    changed = compile(mutant.source(), name, "exec")
    replaced = 0
    for code in _codes(changed):
        within = code.co_qualname == function.qualified_name or code.co_qualname.startswith(
            f"{function.qualified_name}.<locals>"
        )
        if within and function.first_line <= code.co_firstlineno <= function.last_line:
            for living in functions.get((name, code.co_qualname, code.co_firstlineno), ()):
                living.__code__ = code if code.co_freevars else code.replace(co_freevars=living.__code__.co_freevars)
                replaced += 1
    if not replaced:
        raise LookupError(f"{function.qualified_name} of {mutant.path} is not loaded.")


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _replace_sql(mutant: Mutant, text: str) -> None:
    """Drop the file's triggers and functions and create them from `text`; then apply later files that replace them."""
    from django.db import connection, transaction
    from pytest_django.plugin import blocking_manager_key

    with _blocker(blocking_manager_key).unblock():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute((ROOT / mutant.path).read_text().partition(MARK)[2])
            cursor.execute(text.partition(MARK)[0])
            for later in later_files(mutant.path):
                cursor.execute((ROOT / later).read_text().partition(MARK)[0])
        connection.close()


def _restore_sql(mutant: Mutant) -> Outcome:
    _replace_sql(mutant, (ROOT / mutant.path).read_text())
    return Outcome(SURVIVED)
