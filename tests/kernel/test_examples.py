"""The examples in the docstrings of the kernel are true."""

import doctest
import importlib
import pkgutil

import pytest

import pooledcare.kernel

MODULES = [
    module.name
    for module in pkgutil.walk_packages(pooledcare.kernel.__path__, "pooledcare.kernel.")
    if not module.name.startswith(("pooledcare.kernel.rest", "pooledcare.kernel.fields"))
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_are_true(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples_to_try():
    finder = doctest.DocTestFinder()
    tried = [test for name in MODULES for test in finder.find(importlib.import_module(name)) if test.examples]
    assert len(tried) > 15
