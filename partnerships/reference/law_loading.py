"""Loads the tables of law into the database, in one transaction. A second load changes nothing.

Rows from the tables have a source. Rows without one were created in PooledCare and are never changed, even if a table
has a row with the same identity. Rows no longer in the tables are deleted, unless other rows refer to them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction
from django.db.models.deletion import ProtectedError

from partnerships.models import Function, Instrument, Rule
from partnerships.reference import tables
from pooledcare.directory.access import system_actor
from pooledcare.directory.history import record
from pooledcare.directory.loading import Outcome
from pooledcare.directory.models import Source
from pooledcare.directory.reference.tables import ReferenceTable, Row

Values = dict[str, Any]
LOCK = 7_311_006  # advisory lock of every load: two at once would each treat the other's rows as missing


@dataclass(frozen=True)
class LoadedKind:
    """How one table is loaded into one model. The first column identifies a row."""

    table: ReferenceTable
    model: type[models.Model]
    refers: Mapping[str, tuple[type[models.Model], str]] = field(default_factory=dict)
    never_removed: bool = False

    @property
    def identity(self) -> str:
        return self.table.identity[0]

    @property
    def refers_to_itself(self) -> bool:
        """Whether rows may refer to earlier rows of the same table, which must then be written first."""
        return any(model is self.model for model, _ in self.refers.values())


_SOURCE = {"source": (Source, "slug")}
_INSTRUMENT = (Instrument, "slug")
_FUNCTION = (Function, "code")
KINDS = (
    # Other loads also create sources, and figures refer to them.
    LoadedKind(tables.SOURCES, Source, never_removed=True),
    LoadedKind(tables.INSTRUMENTS, Instrument, {**_SOURCE, "amends": _INSTRUMENT}),
    LoadedKind(tables.FUNCTIONS, Function, _SOURCE),
    LoadedKind(
        tables.RULES,
        Rule,
        {**_SOURCE, "instrument": _INSTRUMENT, "ended_by": _INSTRUMENT, "function": _FUNCTION, "needs": _FUNCTION},
    ),
)


def load_law(folder: Path = tables.HERE) -> list[Outcome]:
    """Load every table of law in `folder`."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        contents = {kind.table.name: kind.table.read(folder) for kind in KINDS}
        outcomes = {kind.table.name: _load(kind, contents[kind.table.name]) for kind in KINDS}
        # Rules refer to functions and instruments, so rows are deleted in reverse order.
        for kind in reversed(KINDS):
            if not kind.never_removed:
                _remove(kind, contents[kind.table.name], outcomes[kind.table.name])
        changed = [outcome for outcome in outcomes.values() if outcome.changed]
        if changed:
            record(
                by=system_actor("law-load"),
                action="load_law",
                subject="reference:law",
                sentence="Loaded the tables of law. " + ". ".join(str(outcome) for outcome in changed) + ".",
            )
    return list(outcomes.values())


def _load(kind: LoadedKind, rows: list[Row]) -> Outcome:
    outcome = Outcome(kind.table.name)
    held = {getattr(row, kind.identity): row for row in kind.model._default_manager.all()}
    known = _Known(kind)
    created: list[models.Model] = []
    for row in rows:
        values = _values(kind, row, known)
        stored = held.get(row[kind.identity])
        if stored is None:
            created.append(kind.model(**values))
            if kind.refers_to_itself:
                _write(kind, created)
            outcome.created += 1
        elif _made_here(stored):
            outcome.notes.append(f"not changed, because it was created here: {row[kind.identity]}")
        elif any(getattr(stored, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(stored, name, value)
            stored.save(update_fields=list(values))
            outcome.updated += 1
        else:
            outcome.unchanged += 1
    _write(kind, created)
    return outcome


def _write(kind: LoadedKind, created: list[models.Model]) -> None:
    """Write the new rows and empty the list."""
    kind.model._default_manager.bulk_create(created)
    created.clear()


def _made_here(row: models.Model) -> bool:
    return not isinstance(row, Source) and getattr(row, "source_id", None) is None


class _Known:
    """Primary keys of rows that a table refers to. They are read again if one is not found."""

    def __init__(self, kind: LoadedKind) -> None:
        self.kind = kind
        self.found: dict[str, dict[str, int]] = {}

    def pk(self, column: str, text: str) -> int | None:
        if not text:
            return None
        if text not in self.found.get(column, {}):
            model, name = self.kind.refers[column]
            self.found[column] = dict(model._default_manager.values_list(name, "pk"))
        if text not in self.found[column]:
            raise ValueError(f"{self.kind.table.name}.csv: {column} {text} is in no other table")
        return self.found[column][text]


def _values(kind: LoadedKind, row: Row, known: _Known) -> Values:
    values: Values = {}
    for column, text in row.items():
        found = kind.model._meta.get_field(column)
        if column in kind.refers:
            values[f"{column}_id"] = known.pk(column, text)
        elif isinstance(found, models.Field):
            values[column] = _reader(found)(text)
    return values


def _reader(column: models.Field[Any, Any]) -> Callable[[str], Any]:
    match column:
        case ArrayField():
            return str.split
        case models.DateField():
            return lambda text: dt.date.fromisoformat(text) if text else None
        case models.BooleanField():
            return lambda text: {"yes": True, "no": False}[text]
        case models.IntegerField():
            return int
    return str


def _remove(kind: LoadedKind, rows: list[Row], outcome: Outcome) -> None:
    listed = {row[kind.identity] for row in rows}
    left = kind.model._default_manager.exclude(source=None).exclude(**{f"{kind.identity}__in": listed})
    for each in left.order_by(kind.identity):
        try:
            each.delete()
            outcome.removed += 1
        except ProtectedError:
            name = getattr(each, kind.identity)
            outcome.notes.append(f"{name} is no longer in the tables, but stays because other rows refer to it")
