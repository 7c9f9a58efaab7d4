"""Two example workbooks to upload, in the layout in which NHS England publishes ICB allocations.

Their figures are the published ones with a few changed, so every sheet is marked as illustrative.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from budgets.allocations.kind import RESTATED, WITH_MISTAKES
from pooledcare.directory.models import Organisation

FIGURES = Path(__file__).parent / "reference" / "nhs_england_icb_allocations.csv"
MARK = "Illustrative: made by PooledCare from published figures, with some of them altered"

Key = tuple[str, str, str]  # organisation, stream, financial year
Cells = dict[Key, Decimal | str]


@dataclass(frozen=True)
class Sheet:
    """One sheet of the layout: its name, the heading of the column of boards, and what each figure column holds."""

    name: str
    heads: str
    figures: tuple[tuple[str, str, str], ...]  # heading, stream, year
    total: str


def _year(year: str) -> str:
    return year.replace("-", "/")


def _layout() -> list[Sheet]:
    sheets = []
    for year in ("2023-24", "2024-25"):
        core = (
            (f"{_year(year)} Recurrent allocation \n(£k)", "nhs-core", year),
            (f"{_year(year)} Additional discharge allocation \n(£k)", "nhs-discharge", year),
        )
        medical = ((f"{_year(year)} Recurrent allocation \n(£k)", "primary-medical", year),)
        sheets += [
            Sheet(f"ICB Core Allocations {year}", "System Name", core, "ENGLAND"),
            Sheet(f"PMC Allocations {year}", "System Name", medical, "ENGLAND"),
        ]
    other = tuple(
        (f"{_year(year)} Recurrent allocation £k", "other-primary-care", year) for year in ("2023-24", "2024-25")
    )
    running = tuple((f"{_year(year)} £k", "running-costs", year) for year in ("2023-24", "2024-25", "2025-26"))
    sheets.append(Sheet("Other Primary Care", "Integrated Care Board", other, "England"))
    sheets.append(Sheet("ICB running cost allowance", "System Name", running, ""))
    return sheets


# The printed total of England for other primary care. It includes what NHS England's regions keep, which no board
# holds.
PRINTED_ENGLAND = {"2023-24": Decimal(5_596_904), "2024-25": Decimal(5_714_919)}


def _published() -> Cells:
    """Published figures in thousands of pounds, by board, stream and year."""
    with FIGURES.open(encoding="utf-8", newline="") as file:
        return {
            (row["organisation"], row["stream"], row["financial_year"]): Decimal(row["published_text"])
            for row in csv.DictReader(file)
            if row["amount"]
        }


def _restated(cells: Cells) -> Cells:
    """A restatement like a publisher's: the figures of three boards change, one of them by more than a quarter."""
    altered = dict(cells)
    for key, factor in {
        ("QSL", "nhs-core", "2024-25"): Decimal("1.0125"),
        ("QR1", "nhs-discharge", "2024-25"): Decimal("0.95"),
        ("QVV", "other-primary-care", "2024-25"): Decimal("1.31"),
    }.items():
        altered[key] = (Decimal(cells[key]) * factor).quantize(Decimal("0.01"))
    return altered


def _mistaken(cells: Cells) -> Cells:
    """The same figures with typical mistakes, each of which the report of problems explains."""
    return cells | {
        ("QSL", "nhs-core", "2024-25"): "1,05,946",
        ("QHM", "nhs-core", "2024-25"): "#REF!",
        ("QR1", "primary-medical", "2024-25"): "=D5*1000",
        ("QVV", "running-costs", "2024-25"): "12546k",
    }


def write_samples(folder: Path) -> list[Path]:
    """Write both workbooks; the codes of two boards are misspelt in the one with mistakes."""
    folder.mkdir(parents=True, exist_ok=True)
    boards = list(
        Organisation.objects.filter(kind="icb", code__in={key[0] for key in _published()})
        .select_related("region")
        .order_by("region__name", "code")
    )
    restated = _restated(_published())
    made = [
        (RESTATED, restated, lambda code: code),
        (WITH_MISTAKES, _mistaken(restated), lambda code: {"QOQ": "QQQ", "QWO": "QW0"}.get(code, code)),
    ]
    return [_write(folder / name, boards, cells, spelt) for name, cells, spelt in made]


def _write(path: Path, boards: Iterable[Organisation], cells: Cells, spelt: Callable[[str], str]) -> Path:
    book = Workbook(write_only=True)
    for layout in _layout():
        page = book.create_sheet(layout.name)
        for row in _rows(layout, list(boards), cells, spelt):
            page.append(row)
    draft = path.with_suffix(".new")
    book.save(draft)
    draft.replace(path)
    return path


def _rows(layout: Sheet, boards: list[Organisation], cells: Cells, spelt: Callable[[str], str]) -> Iterable[list[Any]]:
    """The rows of a sheet in the publisher's layout: title, headings in row 3, a blank row, boards, total as text."""
    yield [MARK]
    yield []
    yield ["R23", "Region", "ICB23", layout.heads, *(heading for heading, _, _ in layout.figures)]
    yield []
    for board in boards:
        figures = [cells.get((board.code, stream, year)) for _, stream, year in layout.figures]
        region = board.region
        yield [
            region.code if region else None,
            region.name if region else None,
            spelt(board.code),
            board.name,
            *figures,
        ]
    sums = [_sum(boards, cells, stream, year) for _, stream, year in layout.figures]
    if layout.name == "Other Primary Care":
        kept = [PRINTED_ENGLAND[year] - total for (_, _, year), total in zip(layout.figures, sums, strict=True)]
        yield ["Eng", "NHS England", "", "NHS England's regions together", *kept]
        sums = [PRINTED_ENGLAND[year] for _, _, year in layout.figures]
    yield [None, None, "Total" if layout.total else None, layout.total or None, *(f" {total:,.2f} " for total in sums)]


def _sum(boards: list[Organisation], cells: Cells, stream: str, year: str) -> Decimal:
    found = (cells.get((board.code, stream, year)) for board in boards)
    return sum((amount for amount in found if isinstance(amount, Decimal)), Decimal(0))
