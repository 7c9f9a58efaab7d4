"""What a table of a page is: headings and cells, no markup."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Cell = Any  # a plain value, or {value, url, note, missing, tag} as the data_table component has it


@dataclass(frozen=True)
class Table:
    caption: str
    columns: list[dict[str, str]]
    rows: list[list[Cell]] = field(default_factory=list)
    empty: str = "There is nothing to show here yet."


def columns_of(*labels: str) -> list[dict[str, str]]:
    return [{"label": label} for label in labels]
