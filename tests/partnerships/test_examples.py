"""The examples in the docstrings of partnerships are true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import partnerships

MODULES = [
    module.name
    for module in pkgutil.walk_packages(partnerships.__path__, "partnerships.")
    if not module.name.startswith(("partnerships.migrations", "partnerships.management"))
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_are_true(name: str):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples_to_try():
    finder = doctest.DocTestFinder()
    tried = [test for name in MODULES for test in finder.find(importlib.import_module(name)) if test.examples]
    assert len(tried) > 8
