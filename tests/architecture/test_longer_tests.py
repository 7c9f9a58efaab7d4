"""The list of longer tests names tests that exist."""

from __future__ import annotations

from tests.architecture.catalogue import ROOT
from tests.longer import listed


def test_every_longer_test_exists():
    gone = []
    for name in listed():
        path, _, function = name.partition("::")
        file = ROOT / path
        if not file.is_file() or f"def {function.rpartition('::')[2]}(" not in file.read_text():
            gone.append(name)
    assert gone == [], "Run `make longer`."
