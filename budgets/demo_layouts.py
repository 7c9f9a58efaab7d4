"""A saved layout of the demonstration with a file that has it, and a workbook of a layout that nobody has described."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from budgets.allocations.kind import HAS_SAVED_LAYOUT, UNKNOWN_LAYOUT
from pooledcare.directory.access import system_actor
from pooledcare.directory.models import Organisation
from pooledcare.uploads.models import UploadLayout, UploadLayoutVersion
from pooledcare.uploads.saved_layouts.actions import save_layout

MARK = "Illustrative: made by PooledCare, every amount is invented"
NAME = "Illustrative budgets of boards"
PUBLISHER = "X24"
STATED: dict[str, Any] = {
    "summary": "Budgets of boards for core services, invented for the demonstration.",
    "unit": 1000,
    "missing": ["NA"],
    "defaults": {"basis": "budget", "recurrence": "not_stated"},
    "notes": [MARK],
    "sheets": [
        {
            "title": "Budgets",
            "code": "Code",
            "name": "Board",
            "figures": [{"heading": r"Core\ services\ (?P<year>20\d\d/\d\d)\ \(£000\)", "stream": "nhs-core"}],
            "totals": [{"column": "Board", "text": "All\\ boards"}],
        }
    ],
}


def make_demo_layout() -> UploadLayout:
    """The saved layout; the one that is there already, if it was made before."""
    publisher = Organisation.objects.get(code=PUBLISHER, closed=None)
    made = UploadLayout.objects.filter(organisation=publisher, name=NAME).first()
    if made is not None:
        return made
    by = system_actor("load-demo")
    version: UploadLayoutVersion = save_layout(
        organisation=publisher, kind="allocations", name=NAME, stated=STATED, by=by
    )
    return version.layout


def write_layout_samples(folder: Path) -> list[Path]:
    """Write both workbooks. The figures are the places of the boards in their list, times a round sum."""
    folder.mkdir(parents=True, exist_ok=True)
    boards = list(Organisation.objects.filter(kind="icb", closed=None, illustrative=False).order_by("code")[:12])
    thousands = [100_000 + 1_000 * place for place, _ in enumerate(boards, start=1)]
    codes = [board.code for board in boards]
    names = [board.name for board in boards]
    known: list[list[Any]] = [[MARK], [], ["Code", "Board", "Core services 2026/27 (£000)"]]
    known += [list(row) for row in zip(codes, names, thousands, strict=True)]
    known.append([None, "All boards", sum(thousands)])
    unknown: list[list[Any]] = [[MARK], ["Amounts in £000"], ["Integrated care board", "ICB code", "Running costs"]]
    unknown += [list(row) for row in zip(names, codes, [each // 100 for each in thousands], strict=True)]
    unknown.append(["Total", None, sum(each // 100 for each in thousands)])
    return [
        _written(folder / HAS_SAVED_LAYOUT, "Budgets", known),
        _written(folder / UNKNOWN_LAYOUT, "Table 4b", unknown),
    ]


def _written(path: Path, title: str, rows: Iterable[list[Any]]) -> Path:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append(row)
    draft = path.with_suffix(".new")
    book.save(draft)
    draft.replace(path)
    return path
