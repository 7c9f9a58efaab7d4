"""The table of the audit trail. The page names people who are or were members; the file has references only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pooledcare.kernel.tables import Cell, Column, Table

if TYPE_CHECKING:
    from pooledcare.directory.models import AuditEvent

COLUMNS = (
    Column("When", "moment", in_file=False),
    Column("At", on_page=False),
    Column("Who"),
    Column("Organisation", on_page=False),
    Column("Action"),
    Column("What"),
    Column("In words", in_file=False),
    Column("Sentence", on_page=False),
    Column("Request", on_page=False),
)


def audit_table(
    lines: Iterable[AuditEvent], names: Mapping[str, str] | None = None, *, is_filtered: bool = False
) -> Table:
    """The table. `names` are people's names by reference, which the page shows beside the references."""
    return Table(
        key="audit",
        caption="What was done",
        columns=COLUMNS,
        rows=list(rows_of(lines, names or {})),
        empty="No line matches the filters." if is_filtered else "Nothing has been done yet.",
        plain_file=True,
    )


def rows_of(lines: Iterable[AuditEvent], names: Mapping[str, str]) -> Iterator[list[Cell]]:
    """One row for each line of the audit trail, made lazily."""

    def named(reference: str) -> dict[str, Any]:
        return {"value": reference, "note": names.get(reference)}

    for line in lines:
        yield [
            line.at,
            line.at.isoformat(),
            named(line.actor),
            line.organisation,
            line.action,
            named(line.subject),
            line.sentence,
            line.sentence,
            line.request_id,
        ]
