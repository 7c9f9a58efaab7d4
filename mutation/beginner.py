"""A process that has imported third-party code only; it forks for each fault in code that runs at import.

It takes orders and answers like mutation/worker.py. In the child the changed file is imported in place of the real one.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.abc
import importlib.util
import json
import os
import sys
import warnings
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from deploy.environment import ROOT
from mutation import worker
from mutation.mutants import Mutant
from mutation.worker import NOTICED, SURVIVED, Outcome, in_child

# Importing these first saves every child most of its time. None of them reads our settings.
IMPORTED_BEFORE = (
    "django.db.models", "django.http", "django.forms", "django.test", "django.template",
    "django.contrib.postgres.fields", "django.core.management", "psycopg", "psycopg_pool", "pandas", "numpy",
    "openpyxl", "docx", "orjson", "celery", "jinja2", "cryptography", "argon2", "hypothesis", "html5lib",
    "time_machine", "pytest_django.plugin", "xdist", "yaml", "_pytest.assertion.rewrite", "_pytest.python",
    "_pytest.fixtures", "pytest_socket", "pytest_cov.plugin", "whitenoise", "jsonschema", "requests", "PIL",
    "urllib3",
)  # fmt: skip


class ChangedFile(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):  # type: ignore[misc]  # as in typeshed
    """Imports one file of the project with other text."""

    def __init__(self, path: Path, text: str) -> None:
        parts = path.with_suffix("").parts
        self.name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        self.path, self.text = ROOT / path, text

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name != self.name:
            return None
        package = [str(self.path.parent)] if self.path.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(name, self.path, loader=self, submodule_search_locations=package)

    def get_filename(self, fullname: str) -> str:
        return str(self.path)

    def get_data(self, path: Any) -> bytes:
        return self.text.encode()

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.text, str(self.path), "exec")


def _run(mutant: Mutant, tests: list[str], folder: str) -> Outcome:
    text = mutant.source()
    compile(text, str(mutant.path), "exec")  # so that a SyntaxError is reported as such
    sys.meta_path.insert(0, ChangedFile(mutant.path, text))
    try:
        code = _tested(tests, folder)
    except Exception as failure:  # before pytest could catch it: settings or apps cannot be imported
        return Outcome(NOTICED, f"{type(failure).__name__} while importing")
    if code == 0:
        return Outcome(SURVIVED)
    return Outcome(NOTICED, worker._failed[0] if worker._failed else "it cannot be imported or collected")


def _tested(tests: list[str], folder: str) -> int:
    return pytest.main(
        ["-x", "-q", "-s", "-p", "mutation.worker", "-p", "no:cacheprovider", "--reuse-db", "--hypothesis-seed=1",
         "-W", "ignore::pytest.PytestAssertRewriteWarning", f"--basetemp={folder}", *tests],
        plugins=[_DatabaseIsMade()],
    )  # fmt: skip


class _DatabaseIsMade:
    """Opens the database that the matching worker has created and migrated."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        from django.db import connections
        from django.test import utils

        def open_it(**_: object) -> list[object]:
            for connection in connections.all():
                connection.settings_dict["NAME"] = os.environ[worker.DATABASE]
            return []

        utils.setup_databases = open_it  # type: ignore[assignment]
        utils.teardown_databases = lambda *_, **__: None


def main() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in IMPORTED_BEFORE:
            with contextlib.suppress(Exception):
                importlib.import_module(name)
    gc.collect()
    gc.freeze()
    orders = os.fdopen(int(os.environ.pop(worker.ORDERS)))
    answers = os.fdopen(int(os.environ.pop(worker.ANSWERS)), "w")
    for line in orders:
        order = json.loads(line)
        mutant = Mutant(Path(order["mutant"].pop("path")), **order["mutant"])
        outcome = in_child(lambda m=mutant, o=order: _run(m, o["tests"], o["folder"]), seconds=order["seconds"])
        print(json.dumps(outcome), file=answers, flush=True)


if __name__ == "__main__":
    main()
