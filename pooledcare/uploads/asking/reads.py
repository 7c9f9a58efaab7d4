"""What decisions on a file would read from it: a sentence, and tables beside the file's own totals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.files.storage import default_storage

from pooledcare.directory.queries.bodies import all_bodies
from pooledcare.kernel.formats import pounds
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.tables import Column, Table
from pooledcare.uploads import kinds, layouts, reading
from pooledcare.uploads.asking import rules
from pooledcare.uploads.asking.recognition import CONFIRMED
from pooledcare.uploads.proposals import Decisions, Outcome, Proposal, open_questions, outcome, stated_layout

if TYPE_CHECKING:
    from pooledcare.uploads.kinds import UploadKind
    from pooledcare.uploads.models import Upload

READ_AT_ONCE = 10 * 1024 * 1024  # bytes of a file whose figures are shown before it is sent on


@dataclass(frozen=True)
class Reading:
    """What the decisions read: tables and the sentence above them, or why nothing can be read yet."""

    sentence: str
    tables: list[Table]
    refused: Refused | None = None


def is_read_at_once(upload: Upload) -> bool:
    return upload.size <= READ_AT_ONCE


def reading_of(upload: Upload, proposal: Proposal, decisions: Decisions) -> Reading:
    """What these decisions read from the whole file."""
    still_open = rules.open_problems(open_questions(proposal, decisions))
    if still_open:
        return Reading("", [], Refused(still_open))
    try:
        found = outcome_of(upload, decisions)
    except Refused as refused:
        return Reading("", [], refused)
    return Reading(sentence_of(found), list(_tables(found, kinds.kind(upload.kind))))


def outcome_of(upload: Upload, decisions: Decisions) -> Outcome:
    """What the decisions read from the file of the upload. Raises `Refused` if they cannot be used."""
    kind = kinds.kind(upload.kind)
    with default_storage.open(upload.stored_name) as file, reading.opened_table(file, upload, kind) as table:
        stated = stated_layout(decisions, table, kind, title=upload.filename)
        profile = layouts.profile_from(stated, CONFIRMED)
        return outcome(table, profile, kind, all_bodies(), year=decisions.year or upload.financial_year)


def sentence_of(found: Outcome) -> str:
    """How much is read, and whether it agrees with the file's own totals, in one or two sentences."""
    total = sum((Decimal(one.total) for one in found.sums if one.total), Decimal(0))
    figures = f"{found.figures:,} {'figure' if found.figures == 1 else 'figures'}"
    bodies = f"{found.bodies:,} {'body' if found.bodies == 1 else 'bodies'}"
    said = f"This reads {figures} of {bodies}, {pounds(total)} in total."
    compared = [one for one in found.sums if one.publishers]
    agree = [one for one in compared if one.agrees]
    if not compared:
        return f"{said} The file has no total to compare with."
    if len(agree) == len(compared):
        return f"{said} The file’s own {'total is' if len(compared) == 1 else 'totals are'} the same."
    return f"{said} {len(compared) - len(agree)} of {len(compared)} of the file’s own totals differ."


def _tables(found: Outcome, kind: UploadKind) -> Iterator[Table]:
    yield _sums(found, kind)
    if found.unknown:
        yield _unknown(found)
    if found.bad:
        yield _bad(found)
    yield _first(found, kind)
    if found.unread:
        yield _unread(found)


def _unknown(found: Outcome) -> Table:
    rows = [[_place(one.sheet, one.cell), one.text, one.year, one.message] for one in found.unknown]
    columns = (Column("Cell"), Column("Body in the file"), Column("Year"), Column("Why it was not found"))
    return Table("unknown", _caption("Bodies not found", len(rows), found.unknown_count), columns, rows)


def _bad(found: Outcome) -> Table:
    rows = [[_place(one.sheet, one.cell), one.text, one.message] for one in found.bad]
    columns = (Column("Cell"), Column("Text"), Column("Why it is not an amount"))
    return Table("bad", _caption("Cells that are not amounts", len(rows), found.bad_count), columns, rows)


def _unread(found: Outcome) -> Table:
    rows = [
        [one.sheet or "The file", one.label, one.cells, Decimal(one.total) if one.total else None, one.reason]
        for one in found.unread
    ]
    columns = (
        Column("Sheet"),
        Column("Not read"),
        Column("Amounts", "number"),
        Column("Sum", "pounds", missing="Not known"),
        Column("Why"),
    )
    return Table("unread", "What is not read, with its sum", columns, rows)


def _sums(found: Outcome, kind: UploadKind) -> Table:
    rows: list[list[Any]] = []
    for one in found.sums:
        total = Decimal(one.total) if one.total else None
        publishers = Decimal(one.publishers) if one.publishers else None
        agrees = None if publishers is None else "The same" if one.agrees else "Differs"
        rows.append(
            [
                {"value": f"{one.letter}: {one.heading}", "note": one.sheet or None},
                values_words(one.values, kind),
                one.figures,
                one.not_reported,
                total,
                {"value": publishers, "note": one.publishers_cell or None} if publishers is not None else None,
                agrees,
            ]
        )
    columns = (
        Column("Column"),
        Column("Read as"),
        Column("Figures", "number"),
        Column("Not reported", "number"),
        Column("Sum", "pounds", missing="None"),
        Column("The file’s own total", "pounds", missing="None"),
        Column("Compared", missing="No total"),
    )
    return Table("sums", "What is read, beside the file’s own totals", columns, rows)


def _first(found: Outcome, kind: UploadKind) -> Table:
    rows: list[list[Any]] = [
        [
            _place(one.sheet, one.cell),
            {"value": one.body or one.code, "note": one.code if one.body else None},
            values_words(one.values, kind),
            one.text or None,
            Decimal(one.amount) if one.amount else None,
        ]
        for one in found.first
    ]
    columns = (
        Column("Cell"),
        Column("Body"),
        Column("Read as"),
        Column("In the file", missing="Blank"),
        Column("Amount", "pounds", missing="Not reported"),
    )
    return Table("first", f"The first {len(rows)} figures", columns, rows, empty="No figure is read.")


def values_words(values: dict[str, str], kind: UploadKind) -> str:
    """The values of a column of amounts, with the labels of their choices."""
    labels = {column.heading: dict(column.choices()) if column.choices else {} for column in kind.columns}
    return ", ".join(str(labels.get(name, {}).get(text, text)) for name, text in values.items() if text) or "Not stated"


def _place(sheet: str, cell: str) -> str:
    return f"{sheet}, {cell}" if sheet else cell


def _caption(text: str, shown: int, count: int) -> str:
    return f"{text}: {shown:,}" if shown >= count else f"{text}: the first {shown:,} of {count:,}"
