"""How uploads of figures show what they would change: in pounds, by stream, organisation and year."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from pooledcare.kernel.tabular import FileColumn, Value
from pooledcare.uploads import queries
from pooledcare.uploads.kinds import Showing
from pooledcare.uploads.models import Upload
from pooledcare.uploads.presenting import Table


def _context(upload: Upload) -> dict[str, Any]:
    preview = queries.preview(upload)
    return {
        "preview": preview,
        "not_reported": upload.counts.get("not_reported", 0),
        "net_changes": _net_changes(preview.streams),
        "stream_names": {line.stream: line.stream_name for line in preview.streams},
    }


def _net_changes(lines: Iterable[queries.StreamLine]) -> list[tuple[str, Decimal]]:
    """By year, basis, and gross or net: what differs in these is never added up."""
    changes: dict[str, Decimal] = {}
    for line in sorted(lines, key=lambda line: (line.financial_year, line.basis, line.gross_or_net)):
        gross_or_net = "" if line.gross_or_net == "not_applicable" else f", {line.gross_or_net}"
        of = f"{line.financial_year} {line.basis}{gross_or_net}"
        changes[of] = changes.get(of, Decimal(0)) + line.change
    return list(changes.items())


def _streams(upload: Upload) -> Table:
    preview = queries.preview(upload)
    columns = [
        FileColumn("Stream"),
        FileColumn("Year"),
        FileColumn("Basis"),
        FileColumn("Before", "number"),
        FileColumn("After", "number"),
        FileColumn("Change", "number"),
        FileColumn("New", "number"),
        FileColumn("Changed", "number"),
        FileColumn("Unchanged", "number"),
        FileColumn("Withdrawn", "number"),
        FileColumn("Not reported", "number"),
    ]
    rows: list[list[Value]] = [
        [one.stream_name, one.financial_year, one.basis, one.before, one.after, one.change, *_numbers_of_rows(one)]
        for one in preview.streams
    ]
    return Table(columns, rows)


def _numbers_of_rows(line: queries.StreamLine) -> list[Value]:
    return [line.new, line.changed, line.unchanged, line.withdrawn, line.not_reported]


def _organisations(upload: Upload) -> Table:
    preview = queries.preview(upload)
    columns = [
        FileColumn("Organisation"),
        FileColumn("Code"),
        FileColumn("Year"),
        FileColumn("Basis"),
        FileColumn("Before", "number"),
        FileColumn("After", "number"),
        FileColumn("Change", "number"),
    ]
    rows: list[list[Value]] = [
        [one.organisation_name, one.organisation, one.financial_year, one.basis, one.before, one.after, one.change]
        for one in preview.organisations
    ]
    return Table(columns, rows)


def _movements(upload: Upload) -> Table:
    preview = queries.preview(upload)
    columns = [
        FileColumn("Organisation"),
        FileColumn("Stream"),
        FileColumn("Year"),
        FileColumn("Basis"),
        FileColumn("Year before", "number"),
        FileColumn("This year", "number"),
        FileColumn("Movement, %", "number"),
    ]
    rows: list[list[Value]] = [
        [one.organisation_name, one.stream, one.financial_year, one.basis, one.year_before, one.amount, one.percent]
        for one in preview.movements
    ]
    return Table(columns, rows)


def _controls(upload: Upload) -> Table:
    preview = queries.preview(upload)
    columns = [
        FileColumn("Sheet"),
        FileColumn("Cell"),
        FileColumn("Total"),
        FileColumn("Publisher’s total", "number"),
        FileColumn("Sum of what was read", "number"),
        FileColumn("Difference", "number"),
        FileColumn("Note"),
    ]
    rows: list[list[Value]] = [
        [one.sheet, one.cell, f"{one.label}: {one.column}", one.publishers, one.ours, one.difference, one.note]
        for one in preview.controls
    ]
    return Table(columns, rows)


def _not_read(upload: Upload) -> Table:
    preview = queries.preview(upload)
    columns = [
        FileColumn("Sheet"),
        FileColumn("What"),
        FileColumn("Why"),
        FileColumn("Amount", "number"),
        FileColumn("Cells", "number"),
    ]
    rows: list[list[Value]] = [[one.sheet, one.label, one.reason, one.amount, one.cells] for one in preview.not_read]
    return Table(columns, rows)


FIGURES = Showing(
    template="uploads/preview_figures.jinja",
    context=_context,
    tables={
        "streams": _streams,
        "organisations": _organisations,
        "movements": _movements,
        "controls": _controls,
        "not-read": _not_read,
    },
)
