"""The table of the audit trail. The page names people who are or were members; the file has references only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pooledcare.kernel.tables import Cell, Column, Table

if TYPE_CHECKING:
    from pooledcare.directory.models import AuditEvent

_PERSON = re.compile(r"\buser:[0-9]+\b")
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
            with_names(line.sentence, names),
            line.sentence,
            line.request_id,
        ]


def people_in(lines: Iterable[AuditEvent]) -> set[str]:
    """The references of those who acted, and of the people whom the sentences mention."""
    return {reference for line in lines for reference in (line.actor, *_PERSON.findall(line.sentence))}


def with_names(sentence: str, names: Mapping[str, str]) -> str:
    """The sentence with the names of people in place of their references, where they are known.

    >>> with_names("user:7 logged in.", {"user:7": "Frankie"}), with_names("user:8 logged in.", {"user:7": "Frankie"})
    ('Frankie logged in.', 'user:8 logged in.')
    """
    return _PERSON.sub(lambda found: names.get(found[0], found[0]), sentence)
