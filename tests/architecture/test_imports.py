"""The contracts of pyproject.toml hold, no modules import each other in a circle, and money never becomes a float."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Mapping, Set
from pathlib import Path

import pytest

from tests.architecture import catalogue


def test_the_import_contracts_hold():
    """In a process of its own: the linter sets up logging for itself, and would silence ours."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=catalogue.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


# A cell of a workbook is stored as a binary number: there, and only there, it becomes its shortest decimal text.
STORED_AS_BINARY = {"cell_text.py"}


def test_money_never_becomes_a_float():
    walked, found = 0, []
    for path in catalogue.source_files():
        walked += 1
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
                found.append(path.name)
    assert walked > 60
    assert set(found) == STORED_AS_BINARY
    assert len(found) == 1


# ── No circles ───────────────────────────────────────────────────────────────────────────────────────────────────────


APPS = (
    "pooledcare.kernel",
    "pooledcare.directory",
    "pooledcare.uploads",
    "partnerships",
    "budgets",
    "consultations",
)
# Modules that may import each other, and why; none does.
EXCEPTIONS: dict[frozenset[str], str] = {}


def module_of(path: Path) -> str:
    parts = path.relative_to(catalogue.ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_by(source: str, known: Set[str]) -> set[str]:
    """Modules of ours that a source names in an import, wherever it stands: in a function or for types alone too."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{each.name}" for each in node.names}
            found |= names & known
            if names - known:  # something that the package or module itself defines
                found.add(node.module)
    return found & known


def circles(imports: Mapping[str, Set[str]]) -> list[frozenset[str]]:
    """The groups of modules in which each one reaches each other one."""
    found = set()
    reached = {module: _reached_from(module, imports) for module in imports}
    for module in imports:
        if module in reached[module]:
            found.add(frozenset(other for other in reached[module] if module in reached[other]))
    return sorted(found, key=sorted)


def _reached_from(module: str, imports: Mapping[str, Set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = list(imports[module])
    while waiting:
        other = waiting.pop()
        if other not in reached:
            reached.add(other)
            waiting += imports[other]
    return reached


def imports_within(app: str) -> dict[str, set[str]]:
    files = {module_of(path): path for path in catalogue.source_files()}
    own = {module: path for module, path in files.items() if f"{module}.".startswith(f"{app}.")}
    return {module: imported_by(path.read_text(), own.keys()) - {module} for module, path in own.items()}


@pytest.mark.parametrize("app", APPS)
def test_no_modules_of_an_app_import_each_other_in_a_circle(app):
    imports = imports_within(app)
    assert imports
    assert [sorted(circle) for circle in circles(imports) if circle not in EXCEPTIONS] == []


def test_every_exception_is_still_needed():
    found = {circle for app in APPS for circle in circles(imports_within(app))}
    assert EXCEPTIONS.keys() <= found
    assert all(EXCEPTIONS.values())


def test_every_app_is_walked():
    walked = sum(len(imports_within(app)) for app in APPS)
    outside = [path for path in catalogue.source_files() if path.parent == catalogue.ROOT / "pooledcare"]
    assert walked + len(outside) == len(list(catalogue.source_files()))


def test_imports_are_found_wherever_they_stand():
    source = """
from typing import TYPE_CHECKING
import app.alone
from app import sub, name
from app.defining import thing
if TYPE_CHECKING:
    from app.types import Type
def later():
    from app.lazy import work
"""
    known = {"app", "app.alone", "app.sub", "app.defining", "app.types", "app.lazy", "app.other"}
    assert imported_by(source, known) == known - {"app.other"}
    assert imported_by("from app import sub", known) == {"app.sub"}


def test_circles_are_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": set()}) == [frozenset("abc")]
    assert circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []
    assert circles({"a": {"b"}, "b": {"a"}, "c": {"d"}, "d": {"c"}}) == [frozenset("ab"), frozenset("cd")]
