"""The contracts of pyproject.toml hold, the environment is read once, and money never becomes a float."""

from __future__ import annotations

import ast

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tests.architecture import catalogue


def test_the_import_contracts_hold():
    assert lint_imports(config_filename=str(catalogue.ROOT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS


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
