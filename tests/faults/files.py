"""Large files of figures over fictional organisations, no figure in two of them, each with the sum it states."""

from __future__ import annotations

import random
from decimal import Decimal
from itertools import islice, product
from pathlib import Path
from typing import NamedTuple

from bench.data import FIRST_YEAR, HEADINGS, LAST_YEAR, STREAMS, codes

ORGANISATIONS_A_FILE = 1_000
BASES = ("allocation", "budget", "outturn")
RECURRENCES = ("recurrent", "non_recurrent", "not_stated")


class Figures(NamedTuple):
    """A file, and what must stand in the books once it is accepted: so many rows, with this total."""

    path: Path
    rows: int
    total: Decimal


def write_figures(path: Path, number: int, rows: int) -> Figures:
    """The file with that number; the same number gives the same bytes."""
    combination = list(product(BASES, RECURRENCES))[number % 9]
    first = number // 9 * ORGANISATIONS_A_FILE
    holders = codes()[first : first + ORGANISATIONS_A_FILE]
    years = [f"{year}-{(year + 1) % 100:02d}" for year in range(FIRST_YEAR, LAST_YEAR + 1)]
    chance = random.Random(number)
    basis, recurrence = combination
    total = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"{HEADINGS}\n")
        for year, stream, holder in islice(product(years, STREAMS, holders), rows):
            pence = chance.randrange(100_000, 90_000_000_00)
            total += pence
            file.write(f"{year},{holder},{stream},{basis},{pence // 100}.{pence % 100:02d},{recurrence},\n")
    return Figures(path, rows, Decimal(total).scaleb(-2))


def write_unknown(path: Path, rows: int, columns: int) -> Figures:
    """A file of a layout that nobody has described: a row for each body, and many columns that may be amounts."""
    chance = random.Random(rows)
    headings = ["Body", *(f"Grant {number} (£k)" for number in range(1, columns + 1))]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(headings) + "\n")
        for code in codes()[:rows]:
            amounts = ",".join(f"{chance.randrange(1_000, 9_000_000) / 100:.2f}" for _ in range(columns))
            file.write(f"{code},{amounts}\n")
    return Figures(path, rows, Decimal(0))
