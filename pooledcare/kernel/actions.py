"""`@action`: runs a change of state in one transaction, and turns broken constraints into sentences for users.

What an action does, who may do it and what it records is up to the apps.
"""

import functools
import inspect
import random
import time
from collections.abc import Callable, Mapping
from typing import ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, IntegrityError, OperationalError, connections, transaction

from pooledcare.kernel.problems import Problem, Refused

P = ParamSpec("P")
R = TypeVar("R")

MOST_ATTEMPTS = 3
FIRST_PAUSE_SECONDS = 0.05
# PostgreSQL rolled this transaction back because it conflicted with another one. It is safe to retry.
_SERIALIZATION_FAILURE = "40001"
_DEADLOCK_DETECTED = "40P01"

_jitter = random.SystemRandom()


def action(
    sentences: Mapping[str, str] | None = None, *, using: str = DEFAULT_DB_ALIAS
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a keyword-only function that has an argument `by` (who acts).

    The function runs in one transaction. Before the transaction ends, all deferred constraints are checked, so that an
    error is raised by the action that caused it. If a constraint named in `sentences` is broken, the action raises
    `Refused` with that sentence; any other error is a bug and is raised unchanged. If the action is the outermost
    transaction, it is retried up to twice after a deadlock or a serialization failure.
    """
    known = dict(sentences or {})

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        _check_signature(function)

        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            attempt = functools.partial(_attempt, functools.partial(function, *args, **kwargs), known, using)
            if connections[using].in_atomic_block:
                return attempt()
            return _with_retries(attempt)

        run.is_action = True  # type: ignore[attr-defined]
        run.sentences = known  # type: ignore[attr-defined]
        return run

    return decorate


def _check_signature(function: Callable[..., object]) -> None:
    parameters = inspect.signature(function).parameters
    if any(parameter.kind is not inspect.Parameter.KEYWORD_ONLY for parameter in parameters.values()):
        raise TypeError(f"The action {function.__qualname__} must take keyword-only arguments.")
    if "by" not in parameters:
        raise TypeError(f"The action {function.__qualname__} must say who acts, with the argument `by`.")


def _attempt(change: Callable[[], R], sentences: Mapping[str, str], using: str) -> R:
    try:
        with transaction.atomic(using=using):
            result = change()
            with connections[using].cursor() as cursor:
                # Defer again, because a later action in the same transaction may break constraints on the way.
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            return result
    except IntegrityError as error:
        name = constraint_name(error)
        if name is None or name not in sentences:
            raise
        raise Refused([Problem(code=name.upper(), message=sentences[name])]) from error


def _with_retries(attempt: Callable[[], R]) -> R:
    for already in range(1, MOST_ATTEMPTS):
        try:
            return attempt()
        except OperationalError as error:
            if _sqlstate(error) not in (_SERIALIZATION_FAILURE, _DEADLOCK_DETECTED):
                raise
        time.sleep(FIRST_PAUSE_SECONDS * 2**already * _jitter.uniform(0.5, 1.5))
    return attempt()


def constraint_name(error: BaseException) -> str | None:
    """The name of the constraint that was broken, as the database reports it; None if it reports none."""
    diagnostic = getattr(error.__cause__, "diag", None)
    name = getattr(diagnostic, "constraint_name", None)
    return name if isinstance(name, str) and name else None


def _sqlstate(error: BaseException) -> str | None:
    state = getattr(error.__cause__, "sqlstate", None)
    return state if isinstance(state, str) else None
