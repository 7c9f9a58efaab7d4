"""Names in a sentence."""

from __future__ import annotations

from collections.abc import Iterable


def joined(names: Iterable[str]) -> str:
    """
    >>> joined(["Corby"]), joined(["Corby", "Kettering"]), joined(["Corby", "Kettering", "Wellingborough"])
    ('Corby', 'Corby and Kettering', 'Corby, Kettering and Wellingborough')
    """
    found = list(names)
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)
