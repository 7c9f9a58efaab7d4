"""The preview of an upload of figures: changes in pounds, by stream, organisation and year.

The page shows signs and words; a download has all columns, with plain numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import BadRequest

from budgets.allocations.movements import PERCENTS
from budgets.allocations.preview import MOST_CHANGES
from budgets.allocations.stored_preview import FigureChange, StreamLine, stored_preview
from budgets.queries.changes import changes_of, net_text
from budgets.tables.changes import change_table, change_text, what_text
from pooledcare.kernel.tables import Cell, Column, Table
from pooledcare.uploads.kinds import Showing
from pooledcare.uploads.models import Upload
from pooledcare.uploads.terms import UploadState

# Columns of downloads: headings have no “(£)” and empty cells stay empty, because other programs read these files.
_STREAMS = (
    Column("Stream"),
    Column("Year"),
    Column("Basis"),
    Column("Before", "number"),
    Column("After", "number"),
    Column("Change", "number"),
    Column("New", "number"),
    Column("Changed", "number"),
    Column("Unchanged", "number"),
    Column("Withdrawn", "number"),
    Column("Not reported", "number"),
)
_CHANGES = (
    Column("Organisation"),
    Column("Code"),
    Column("Stream"),
    Column("Year"),
    Column("Basis"),
    Column("Before", "number"),
    Column("After", "number"),
    Column("Difference", "number"),
    Column("What", missing=""),
)
_ORGANISATIONS = (
    Column("Organisation"),
    Column("Code"),
    Column("Year"),
    Column("Basis"),
    Column("Before", "number"),
    Column("After", "number"),
    Column("Change", "number"),
)
_MOVEMENTS = (
    Column("Organisation"),
    Column("Code"),
    Column("Stream"),
    Column("Year"),
    Column("Basis"),
    Column("Year before", "number"),
    Column("This year", "number"),
    Column("Movement, %", "number"),
    Column("Year before is of", missing=""),
)
_CONTROLS = (
    Column("Sheet", missing=""),
    Column("Cell"),
    Column("Total"),
    Column("Publisher’s total", "number"),
    Column("Sum of rows read", "number"),
    Column("Difference", "number"),
    Column("Note", missing=""),
)
_NOT_READ = (
    Column("Sheet", missing=""),
    Column("What"),
    Column("Why"),
    Column("Amount", "number"),
    Column("Cells", "number"),
)


def _context(upload: Upload, asked: Mapping[str, str]) -> dict[str, Any]:
    preview = stored_preview(upload)
    percent = percent_asked(asked)
    changes = _changes_shown(upload)
    return {
        "preview": preview,
        "changes": change_table(changes),
        "changes_shown": len(changes),
        "streams": sorted(preview.streams, key=lambda line: not line.change),
        "publishes": f"UP-{upload.publishes_id}" if upload.publishes_id is not None else "",
        "movements": preview.movements_over(percent),
        "percent": percent,
        "percents": [(one, preview.movement_counts[one]) for one in PERCENTS if preview.movement_counts.get(one)],
        "not_reported": upload.counts.get("not_reported", 0),
        "net_changes": _net_changes(preview.streams),
        "stream_names": {line.stream: line.stream_name for line in preview.streams},
    }


def _changes_shown(upload: Upload) -> list[FigureChange]:
    """The changes of single figures, the largest first: with links once they are accepted."""
    if upload.state in (UploadState.ACCEPTED, UploadState.REVERSED):
        return changes_of(upload, public=False, most=MOST_CHANGES)
    return stored_preview(upload).changes


def sums(upload: Upload) -> list[str]:
    """What would change in total, in sentences: never a sum over years, bases, or gross and net."""
    preview = stored_preview(upload)
    said = []
    if preview.becoming_public:
        one = preview.becoming_public == 1
        said.append(f"{preview.becoming_public:,} {'figure becomes' if one else 'figures become'} public.")
    if upload.publishes_id is None:
        said += [f"{of}: {change_text(net)}." for of, net in _net_changes(preview.streams)]
    return said


def percent_asked(asked: Mapping[str, str]) -> int:
    """By how many percent the movements shown differ at least; raises BadRequest for what cannot be chosen."""
    text = asked.get("moved", str(PERCENTS[0]))
    if text not in {str(one) for one in PERCENTS}:
        raise BadRequest(f"“moved” must be one of {', '.join(str(one) for one in PERCENTS)}, without a percent sign.")
    return int(text)


def _net_changes(lines: Iterable[StreamLine]) -> list[tuple[str, Decimal]]:
    """Net changes by year, basis, and gross or net; figures that differ in these are never added together."""
    changes: dict[str, Decimal] = {}
    for line in sorted(lines, key=lambda line: (line.financial_year, line.basis, line.gross_or_net)):
        of = net_text(line.financial_year, line.basis, line.gross_or_net)
        changes[of] = changes.get(of, Decimal(0)) + line.change
    return list(changes.items())


def _streams(upload: Upload, asked: Mapping[str, str]) -> Table:
    rows: list[list[Cell]] = [
        [
            one.stream_name,
            one.financial_year,
            one.basis,
            one.shown_before,
            one.after,
            one.change,
            *_numbers_of_rows(one),
        ]
        for one in stored_preview(upload).streams
    ]
    return Table("streams", "By stream and year", _STREAMS, rows)


def _numbers_of_rows(line: StreamLine) -> list[Cell]:
    return [line.new, line.changed, line.unchanged, line.withdrawn, line.not_reported]


def _changes(upload: Upload, asked: Mapping[str, str]) -> Table:
    rows: list[list[Cell]] = [
        [
            one.organisation_name, one.organisation, one.stream_name, one.financial_year, one.basis, one.before,
            one.after, one.difference, what_text(one),
        ]
        for one in _changes_shown(upload)
    ]  # fmt: skip
    return Table("changes", "Figures that change", _CHANGES, rows)


def _organisations(upload: Upload, asked: Mapping[str, str]) -> Table:
    rows: list[list[Cell]] = [
        [
            one.organisation_name, one.organisation, one.financial_year, one.basis, one.shown_before, one.after,
            one.change,
        ]
        for one in stored_preview(upload).organisations
    ]  # fmt: skip
    return Table("organisations", "By organisation and year", _ORGANISATIONS, rows)


def _movements(upload: Upload, asked: Mapping[str, str]) -> Table:
    rows: list[list[Cell]] = [
        [
            one.organisation_name, one.organisation, one.stream, one.financial_year, one.basis, one.year_before,
            one.amount, one.percent, one.compared_with,
        ]
        for one in stored_preview(upload).movements_over(percent_asked(asked))
    ]  # fmt: skip
    return Table("movements", "Large movements", _MOVEMENTS, rows)


def _controls(upload: Upload, asked: Mapping[str, str]) -> Table:
    rows: list[list[Cell]] = [
        [one.sheet, one.cell, f"{one.label}: {one.column}", one.publishers, one.ours, one.difference, one.note]
        for one in stored_preview(upload).controls
    ]
    return Table("controls", "Control totals", _CONTROLS, rows)


def _not_read(upload: Upload, asked: Mapping[str, str]) -> Table:
    rows: list[list[Cell]] = [
        [one.sheet, one.label, one.reason, one.amount, one.cells] for one in stored_preview(upload).not_read
    ]
    return Table("not-read", "Columns and rows left out, with their sums", _NOT_READ, rows)


FIGURES = Showing(
    template="budgets/upload_figures.jinja",
    context=_context,
    tables={
        "changes": _changes,
        "streams": _streams,
        "organisations": _organisations,
        "movements": _movements,
        "controls": _controls,
        "not-read": _not_read,
    },
    filters=("moved",),
    sums=sums,
)
