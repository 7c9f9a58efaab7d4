"""What reversing an upload of allocations would change, in pounds, by stream, year and basis (never added together)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from budgets.tables.table import basis_text
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.tables import Column, Table
from pooledcare.uploads.kinds import Reversal

MOST_LINES = 100
_COLUMNS = (
    Column("Stream"),
    Column("Year", "year"),
    Column("Basis"),
    Column("Current", "pounds"),
    Column("After reversing", "pounds"),
    Column("Change", "change"),
    Column("Restored", "number"),
    Column("Withdrawn", "number"),
)


def reversal(found: Sequence[tuple[Any, ...]]) -> Reversal:
    """The content of the page, from the rows of `statements.REVERSAL`."""
    lines, restored, withdrawn, not_reported = found[0][-4:] if found else (0, 0, 0, 0)
    rows = [_cells(row[:-4]) for row in found]
    return Reversal(
        sentences=tuple(_sentences(restored, withdrawn, not_reported)),
        table=Table("reversal", "Figures after reversal, by stream, year and basis", _COLUMNS, rows),
        more=lines - len(found),
    )


def _cells(row: tuple[Any, ...]) -> list[Any]:
    stream, year, basis, gross_or_net, recurrence, before, change, restored, withdrawn = row
    named = basis_text(basis, gross_or_net, recurrence)
    return [stream, str(FinancialYear(year)), named, before, before + change, change, restored, withdrawn]


def _sentences(restored: int, withdrawn: int, not_reported: int) -> Iterable[str]:
    if not restored and not withdrawn:
        yield "No figure would change: every figure in the file was already current when it was accepted."
    if restored == 1:
        yield "1 earlier figure would be restored, as a new version."
    elif restored:
        yield f"{restored:,} earlier figures would be restored, as new versions."
    if withdrawn == 1:
        yield "1 figure would be withdrawn, because there was no figure before it."
    elif withdrawn:
        yield f"{withdrawn:,} figures would be withdrawn, because there were no figures before them."
    if not_reported:
        marked = "is marked as not reported. It is" if not_reported == 1 else "are marked as not reported. They are"
        yield f"{not_reported:,} of those that would be restored {marked} never counted as zero."
