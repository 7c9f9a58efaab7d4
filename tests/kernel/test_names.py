"""Names in a sentence."""

from __future__ import annotations

import pytest

from pooledcare.kernel.names import joined


@pytest.mark.parametrize(
    ("names", "sentence"),
    [([], ""), (["A"], "A"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C")],
)
def test_names_are_joined_as_people_say_them(names: list[str], sentence: str):
    assert joined(names) == joined(iter(names)) == sentence
