"""The reference tables: their columns, what identifies a row, and how they are read and written."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent

Row = dict[str, str]


@dataclass(frozen=True)
class ReferenceTable:
    """One CSV file. The columns in `identity` together are unique, and rows are written in their order."""

    name: str
    columns: tuple[str, ...]
    identity: tuple[str, ...]

    def identity_of(self, row: Row) -> tuple[str, ...]:
        return tuple(row[column] for column in self.identity)

    def read(self, folder: Path = HERE) -> list[Row]:
        with (folder / f"{self.name}.csv").open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if tuple(reader.fieldnames or ()) != self.columns:
                raise ValueError(f"{self.name}.csv has the columns {reader.fieldnames}, not {list(self.columns)}")
            return list(reader)

    def write(self, rows: Iterable[Row], folder: Path = HERE) -> int:
        """Write the rows in order, and return how many. Raises ValueError for a repeated identity or unknown column."""
        ordered = sorted(rows, key=self.identity_of)
        for before, after in itertools.pairwise(ordered):
            if self.identity_of(before) == self.identity_of(after):
                raise ValueError(f"{self.name} has two rows for {self.identity_of(after)}")
        with (folder / f"{self.name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, self.columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(ordered)
        return len(ordered)


# Written by hand: what each `source` means.
SOURCES = ReferenceTable("sources", ("slug", "title", "publisher", "licence", "dated", "url", "note"), ("slug",))

# Written by hand, for `compile`: an ONS code that followed another one of the same organisation. `effective_on` is
# empty if no source gives the day; `old_source` and `new_source` are then the lists that show each code.
CODE_CHANGES = ReferenceTable(
    "code_changes", ("old", "new", "effective_on", "old_source", "new_source"), ("old", "new")
)
# Written by hand, for `compile`: an ONS code that no list of the folder has, and another code of its holder.
FURTHER_CODES = ReferenceTable("further_codes", ("holder", "code", "source"), ("holder", "code"))
# Written by hand, for `compile`: short names that organisations use of themselves and that are not their initials.
PUBLISHED_SHORT_NAMES = ReferenceTable("published_short_names", ("code", "name", "source"), ("code", "name"))
# Written by hand: part of an organisation's area that passed to another organisation.
AREA_TRANSFERS = ReferenceTable(
    "area_transfers",
    ("giver", "receiver", "effective_on", "area", "place", "source"),
    ("giver", "receiver", "effective_on"),
)

REGIONS = ReferenceTable("regions", ("code", "name", "kind", "valid_from", "valid_to", "source"), ("code",))
ORGANISATIONS = ReferenceTable(
    "organisations", ("key", "kind", "name", "code", "opened", "closed", "region", "source"), ("key",)
)
ORGANISATION_CODES = ReferenceTable(
    "organisation_codes",
    ("organisation", "scheme", "code", "valid_from", "valid_to", "source"),
    ("organisation", "scheme", "code"),
)
ORGANISATION_NAMES = ReferenceTable("organisation_names", ("organisation", "name", "source"), ("organisation", "name"))
SHORT_NAMES = ReferenceTable("short_names", ("organisation", "letters", "name", "source"), ("organisation", "letters"))
SUCCESSIONS = ReferenceTable(
    "successions",
    ("predecessor", "successor", "effective_on", "share", "share_basis", "source"),
    ("predecessor", "successor", "effective_on"),
)
PLACES = ReferenceTable("places", ("slug", "name", "opened", "closed", "source"), ("slug",))
PLACE_COUNCILS = ReferenceTable(
    "place_councils",
    ("place", "organisation", "role", "valid_from", "valid_to", "source"),
    ("place", "organisation", "role"),
)
PLACE_SUCCESSIONS = ReferenceTable(
    "place_successions",
    ("predecessor", "successor", "effective_on", "source"),
    ("predecessor", "successor", "effective_on"),
)
OVERLAPS = ReferenceTable(
    "overlaps",
    ("organisation", "place", "measure", "as_at", "quantity", "share", "share_of_place", "source"),
    ("organisation", "place", "measure", "as_at"),
)
POPULATIONS = ReferenceTable(
    "populations",
    ("organisation", "measure", "as_at", "persons", "source"),
    ("organisation", "measure", "as_at"),
)

# In an order in which each table refers only to tables before it.
COMPILED = (
    REGIONS,
    ORGANISATIONS,
    ORGANISATION_CODES,
    ORGANISATION_NAMES,
    SHORT_NAMES,
    SUCCESSIONS,
    PLACES,
    PLACE_COUNCILS,
    PLACE_SUCCESSIONS,
    OVERLAPS,
    POPULATIONS,
)
BY_HAND = (SOURCES, CODE_CHANGES, FURTHER_CODES, PUBLISHED_SHORT_NAMES, AREA_TRANSFERS)
ALL = (*BY_HAND, *COMPILED)
