"""Cards: the few figures that stand at the top of a page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Card:
    """One figure, already written, with what it is compared with or a part of."""

    label: str
    figure: str
    note: str = ""
    url: str | None = None
