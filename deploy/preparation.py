"""The commands that prepare a new or updated installation, such as migrations and reference data.

Each is skipped if its input files have not changed since it last succeeded.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from deploy.environment import ROOT

APPS = ("pooledcare/directory", "pooledcare/uploads", "partnerships", "budgets", "consultations")
SOURCES = (
    "management",
    "models",
    "models.py",
    "actions",
    "actions.py",
    "reference",
    "profiles",
    "migrations",
    "sql",
    "loading.py",
    "past.py",
    "demo",
)


@dataclass(frozen=True)
class Step:
    """A management command, the message shown while it runs, and its input files and folders."""

    command: tuple[str, ...]
    says: str
    inputs: tuple[str, ...]

    def arguments(self) -> list[str]:
        return [sys.executable, str(ROOT / "manage.py"), *self.command]


def _of_apps(*names: str) -> tuple[str, ...]:
    return tuple(f"{app}/{name}" for app in APPS for name in names)


COLLECT = Step(("collectstatic", "--noinput", "--clear", "--verbosity=0"), "Collecting static files", ("static/dist",))
MIGRATE = Step(("migrate", "--noinput", "--verbosity=1"), "Migrating the database", _of_apps("migrations", "sql"))
REFERENCE = Step(("load_reference",), "Loading organisations and places", _of_apps(*SOURCES))
LAW = Step(("load_law",), "Loading the law of pooling", _of_apps(*SOURCES))
AGREEMENTS = Step(("load_agreements",), "Recording arrangements of the past", _of_apps(*SOURCES))
FIGURES = Step(("load_figures",), "Loading the published figures", (*_of_apps(*SOURCES), "pooledcare/uploads"))
DEMO = Step(("load_demo",), "Loading the demonstration", (*_of_apps(*SOURCES), "pooledcare/uploads"))


class Stamps:
    """For each step, the fingerprint of its inputs when it last succeeded. Stored in a JSON file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.done: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def is_fresh(self, step: Step) -> bool:
        return self.done.get(step.command[0]) == fingerprint(step.inputs)

    def record(self, step: Step) -> None:
        self.done[step.command[0]] = fingerprint(step.inputs)
        draft = self.path.with_suffix(".new")
        draft.write_text(json.dumps(self.done, indent=1))
        draft.replace(self.path)


def fingerprint(inputs: Iterable[str]) -> str:
    """A digest of the content of every input file, and of the versions of the installed packages."""
    digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    for path in sorted({path for name in inputs for path in _files(ROOT / name)}):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(path: Path) -> Iterable[Path]:
    if path.is_file():
        yield path
    for inner in path.rglob("*"):
        if inner.is_file() and "__pycache__" not in inner.parts:
            yield inner
