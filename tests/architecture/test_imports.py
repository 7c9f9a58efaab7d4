"""The contracts of pyproject.toml hold, the environment is read once, and money never becomes a float."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from tests.architecture import catalogue


def test_the_import_contracts_hold():
    """In a process of its own: the linter sets up logging for itself, and would silence ours."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=catalogue.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


# A cell of a workbook is stored as a binary number: there, and only there, it becomes its shortest decimal text.
STORED_AS_BINARY = {"xlsx_reading.py"}


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
