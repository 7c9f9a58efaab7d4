"""What the pages about how a file is read show of the proposal: sentences, the sheets, and the first rows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from pooledcare.kernel.names import joined
from pooledcare.kernel.tables import Column, Table
from pooledcare.kernel.tabular import column_letter
from pooledcare.uploads import profiles
from pooledcare.uploads.asking.recognition import CONFIRMED, saved_version
from pooledcare.uploads.models import LayoutQuestion, Upload, UploadLayout
from pooledcare.uploads.proposals import (
    Decisions,
    Proposal,
    Role,
    SheetDecisions,
    default_decisions,
)
from pooledcare.uploads.saved_layouts import queries as saved
from pooledcare.uploads.saved_layouts.describing import unit_words

if TYPE_CHECKING:
    from pooledcare.uploads.kinds import UploadKind
    from pooledcare.uploads.proposals import ProposedSheet

SHOWN_COLUMNS = 40  # of the first rows


def decisions_of(question: LayoutQuestion, proposal: Proposal) -> Decisions:
    """What was decided so far; at first, what is proposed."""
    return Decisions.from_json(question.decisions) if question.decisions else default_decisions(proposal)


# ── The proposal in words ────────────────────────────────────────────────────────────────────────────────────────────


def lead(proposal: Proposal, decisions: Decisions) -> str:
    """How the file would be read, in one sentence."""
    used = [sheet for sheet in decisions.sheets if sheet.use]
    if proposal.nothing and not used:
        return proposal.nothing
    if not used:
        return "No sheet is read yet. Choose below which one has figures."
    parts = [_sheet_words(sheet, next(one for one in proposal.sheets if one.name == sheet.name)) for sheet in used[:3]]
    more = f"; and {len(used) - 3} more sheets" if len(used) > 3 else ""
    units = list(dict.fromkeys(column.unit or decisions.unit for column in decisions.amounts()))
    unit = f"; amounts in {joined(unit_words(Decimal(one)) for one in units)}" if all(map(_is_number, units)) else ""
    return f"We would read {'; '.join(parts)}{more}{unit}."


def _sheet_words(sheet: SheetDecisions, proposed: ProposedSheet) -> str:
    bodies = [column for column in sheet.columns if column.role in (Role.CODE, Role.NAME)]
    amounts = [column_letter(column.index) for column in sheet.columns if column.role == Role.AMOUNT]
    named = f"sheet “{sheet.name}”" if sheet.name else "the file"
    of_rows = f" ({proposed.known:,} of {proposed.rows:,} known)" if proposed.rows else ""
    where = f"bodies in column {column_letter(bodies[0].index)}{of_rows}" if bodies else "no column of bodies"
    columns = f"amounts in {'columns' if len(amounts) > 1 else 'column'} {', '.join(amounts) or 'none'}"
    return f"{named}: headings in row {sheet.header_row}, {where}, {columns}"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def sheets_table(upload: Upload, proposal: Proposal, decisions: Decisions) -> Table:
    """The sheets of the file, each with a link to the page on which it is changed."""
    rows: list[list[Any]] = []
    for number, sheet in enumerate(proposal.sheets, start=1):
        decided = decisions.sheet(sheet.name) or SheetDecisions(sheet.name, use=False)
        url = reverse("uploads:layout-sheet", args=[upload.reference, number])
        amounts = [column for column in decided.columns if column.role == Role.AMOUNT]
        rows.append(
            [
                {"value": sheet.name or "The file", "url": url, "note": "hidden" if sheet.is_hidden else None},
                "Read" if decided.use else "Not read",
                decided.header_row if decided.use else None,
                len(amounts) if decided.use else None,
                " ".join([sheet.reason, *sheet.doubts]).strip() or None,
            ]
        )
    columns = (
        Column("Sheet"),
        Column("Is it read?"),
        Column("Headings in row", "number", missing="Not read"),
        Column("Columns of amounts", "number", missing="Not read"),
        Column("Why", missing="Nothing to add"),
    )
    return Table("sheets", "The sheets of the file", columns, rows)


@dataclass(frozen=True)
class Fitting:
    """A layout that fits the file: its key, title and who saved it."""

    key: str
    title: str
    whose: str


def fitting_layouts(question: LayoutQuestion, kind: UploadKind) -> list[Fitting]:
    """The layouts that fit the file, for the person to choose among."""
    found = []
    for key in question.fitting:
        version = saved_version(key)
        if version is not None:
            found.append(Fitting(key, version.layout.name, version.layout.organisation.name))
        elif key != CONFIRMED:
            profile = profiles.named(kind.key, key)
            found.append(Fitting(key, profile.title, profile.publisher))
        else:
            found.append(Fitting(key, "What was confirmed for this file", question.upload.organisation.name))
    return found


def saved_before(upload: Upload, proposal: Proposal) -> UploadLayout | None:
    """The saved layout of the organisation that was used or comes closest; None if there is none, or it is retired."""
    keys = [upload.profile, proposal.nearest.key if proposal.nearest is not None else ""]
    for version in (saved_version(key) for key in keys if key):
        is_own = version is not None and version.layout.organisation_id == upload.organisation_id
        if version is not None and is_own and not saved.newest_of(version.layout).is_retired:
            return version.layout
    return None


# ── The first rows of a sheet ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Grid:
    """The first rows of a sheet. `columns` are the index, letter and what is decided of each column."""

    columns: list[tuple[int, str, str]]
    rows: list[tuple[int, str, list[str]]]
    more_columns: int


def grid_of(sheet: ProposedSheet, decided: SheetDecisions) -> Grid:
    """The first rows of the sheet, with what each row and column is."""
    width = max((len(row.cells) for row in sheet.head), default=0)
    roles = {column.index: column.role for column in decided.columns}
    columns = [
        (index, column_letter(index), roles.get(index, Role.NOT_READ).value)
        for index in range(min(width, SHOWN_COLUMNS))
    ]
    rows = [
        (row.row, _kind_of_row(row.row, decided), [*row.cells, *[""] * (width - len(row.cells))][:SHOWN_COLUMNS])
        for row in sheet.head
    ]
    return Grid(columns, rows, max(0, width - SHOWN_COLUMNS))


def _kind_of_row(row: int, decided: SheetDecisions) -> str:
    if decided.header_row - decided.header_rows < row <= decided.header_row:
        return "header"
    if row in decided.total_rows:
        return "total"
    return "left_out" if row in decided.rows_left_out else ""
