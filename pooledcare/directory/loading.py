"""Updates the database from our reference tables (CSV files), table by table, in one transaction.

Rows from the tables have a source. Rows that people made here have none, and are never changed, even if the tables
differ. A row that is no longer in the tables is deleted, unless other rows refer to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection, models, router, transaction
from django.db.models.deletion import Collector, ProtectedError

from pooledcare.directory.access import system_actor
from pooledcare.directory.history import record
from pooledcare.directory.models import (
    AreaTransfer,
    Organisation,
    OrganisationCode,
    OrganisationName,
    Overlap,
    Place,
    PlaceCouncil,
    PlaceSuccession,
    Population,
    Region,
    ShortName,
    Source,
    Succession,
)
from pooledcare.directory.reference import tables
from pooledcare.directory.reference.tables import ReferenceTable, Row

Values = dict[str, Any]
Identity = tuple[Any, ...]
Reference = tuple[type[models.Model], str]
LOCK = 7_311_005  # any number; an advisory lock on it keeps two loads from running at once


@dataclass(frozen=True)
class LoadedKind:
    """How a table is loaded into a model: the fields that identify a row, and the columns that are references."""

    table: ReferenceTable
    model: type[models.Model]
    identity: tuple[str, ...]
    # Columns that name a row of another table: its model, and the field that has the name.
    refers: Mapping[str, Reference] = field(default_factory=dict)
    # Whether other rows may refer to these. If they do, a row is not deleted when it leaves the tables.
    is_anchor: bool = False


SOURCE: dict[str, Reference] = {"source": (Source, "slug")}
ORGANISATION: Reference = (Organisation, "key")
PLACE: Reference = (Place, "slug")
KINDS = (
    LoadedKind(tables.SOURCES, Source, ("slug",), is_anchor=True),
    LoadedKind(tables.REGIONS, Region, ("code",), SOURCE, is_anchor=True),
    LoadedKind(tables.ORGANISATIONS, Organisation, ("key",), {**SOURCE, "region": (Region, "code")}, is_anchor=True),
    LoadedKind(
        tables.ORGANISATION_CODES,
        OrganisationCode,
        ("organisation_id", "scheme", "code"),
        {**SOURCE, "organisation": ORGANISATION},
    ),
    LoadedKind(
        tables.ORGANISATION_NAMES,
        OrganisationName,
        ("organisation_id", "name"),
        {**SOURCE, "organisation": ORGANISATION},
    ),
    LoadedKind(tables.SHORT_NAMES, ShortName, ("organisation_id", "letters"), {**SOURCE, "organisation": ORGANISATION}),
    LoadedKind(
        tables.SUCCESSIONS,
        Succession,
        ("predecessor_id", "successor_id", "effective_on"),
        {**SOURCE, "predecessor": ORGANISATION, "successor": ORGANISATION},
    ),
    LoadedKind(tables.PLACES, Place, ("slug",), SOURCE, is_anchor=True),
    LoadedKind(
        tables.PLACE_COUNCILS,
        PlaceCouncil,
        ("place_id", "organisation_id", "role"),
        {**SOURCE, "place": PLACE, "organisation": ORGANISATION},
    ),
    LoadedKind(
        tables.PLACE_SUCCESSIONS,
        PlaceSuccession,
        ("predecessor_id", "successor_id", "effective_on"),
        {**SOURCE, "predecessor": PLACE, "successor": PLACE},
    ),
    LoadedKind(
        tables.AREA_TRANSFERS,
        AreaTransfer,
        ("giver_id", "receiver_id", "effective_on"),
        {**SOURCE, "giver": ORGANISATION, "receiver": ORGANISATION, "place": PLACE},
    ),
    LoadedKind(
        tables.OVERLAPS,
        Overlap,
        ("organisation_id", "place_id", "measure", "as_at"),
        {**SOURCE, "organisation": ORGANISATION, "place": PLACE},
    ),
    LoadedKind(
        tables.POPULATIONS,
        Population,
        ("organisation_id", "measure", "as_at"),
        {**SOURCE, "organisation": ORGANISATION},
    ),
)


@dataclass
class Outcome:
    """How many rows of one table were created, updated and so on, and notes."""

    name: str
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return bool(self.created or self.updated or self.removed)

    def __str__(self) -> str:
        counts = f"{self.created} created, {self.updated} updated, {self.unchanged} unchanged, {self.removed} removed"
        return "; ".join([f"{self.name.replace('_', ' ')}: {counts}", *self.notes])


def load_reference(folder: Path = tables.HERE) -> list[Outcome]:
    """Load every table in `folder`. Loading the same tables again changes nothing."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        outcomes = [_load(kind, kind.table.read(folder)) for kind in KINDS]
        # Rows of later tables refer to rows of earlier ones, so delete these last, and in reverse order.
        for kind, outcome in reversed(list(zip(KINDS, outcomes, strict=True))):
            if kind.is_anchor:
                _remove_anchors(kind, folder, outcome)
        changed = [outcome for outcome in outcomes if outcome.changed]
        if changed:
            record(
                by=system_actor("reference-load"),
                action="load_reference",
                subject="reference:directory",
                sentence="Loaded the reference tables. " + ". ".join(str(outcome) for outcome in changed) + ".",
            )
    return outcomes


def _load(kind: LoadedKind, rows: list[Row]) -> Outcome:
    outcome = Outcome(kind.table.name)
    wanted = _wanted(kind, rows)
    pks, held, made_here = _held(kind)
    if not kind.is_anchor:
        outcome.removed = _remove([pks[identity] for identity in held.keys() - wanted.keys()], kind.model)
    given = _codes_given_here() if kind.model is OrganisationCode else []
    created, updated = [], []
    for identity, values in wanted.items():
        if identity in made_here or _is_taken(values, given):
            outcome.notes.append(f"not changed, as people made it here: {', '.join(str(part) for part in identity)}")
        elif identity not in held:
            created.append(kind.model(**values))
        elif held[identity] != values:
            updated.append(kind.model(pk=pks[identity], **values))
        else:
            outcome.unchanged += 1
    _write(kind, created, updated)
    outcome.created, outcome.updated = len(created), len(updated)
    return outcome


def _write(kind: LoadedKind, created: Sequence[models.Model], updated: Sequence[models.Model]) -> None:
    """Updates first, because a code must end for one organisation before it can begin for the next."""
    manager = kind.model._default_manager
    columns = [_field(kind.model, column).name for column in kind.table.columns]
    changing = [name for name in columns if _field(kind.model, name).attname not in kind.identity]
    if updated:
        manager.bulk_update(updated, changing, batch_size=500)
    manager.bulk_create(created, batch_size=1000)


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    found = model._meta.get_field(name)
    if not isinstance(found, models.Field):
        raise TypeError(f"{name} is not a column of {model.__name__}")
    return found


# --- the rows of the tables, as values of the model -----------------------------------------------------------------


def _wanted(kind: LoadedKind, rows: list[Row]) -> dict[Identity, Values]:
    lookups = {
        column: dict(model._default_manager.values_list(name, "pk")) for column, (model, name) in kind.refers.items()
    }
    readers = {column: _reader(kind, column, lookups) for column in kind.table.columns}
    names = {column: _field(kind.model, column).attname for column in kind.table.columns}
    wanted: dict[Identity, Values] = {}
    for row in rows:
        values = {names[column]: readers[column](text) for column, text in row.items()}
        wanted[_identity(kind, values)] = values
    return wanted


def _identity(kind: LoadedKind, values: Values) -> Identity:
    return tuple(values[name] for name in kind.identity)


def _reader(kind: LoadedKind, column: str, lookups: dict[str, dict[str, int]]) -> Callable[[str], Any]:
    if column in lookups:
        known = lookups[column]

        def pk_of(text: str) -> int | None:
            if text and text not in known:
                raise ValueError(f"{kind.table.name}.csv: {column} {text} is in no other table")
            return known[text] if text else None

        return pk_of
    match _field(kind.model, column):
        case models.DateField():
            return lambda text: dt.date.fromisoformat(text) if text else None
        case models.DecimalField():
            return lambda text: Decimal(text) if text else None
        case models.IntegerField():
            return int
    return str


# --- the rows in the database ----------------------------------------------------------------------------------------


def _held(kind: LoadedKind) -> tuple[dict[Identity, int], dict[Identity, Values], set[Identity]]:
    """The primary keys and the values of reference rows by identity, and the identities of rows that people made."""
    pks: dict[Identity, int] = {}
    held: dict[Identity, Values] = {}
    made_here: set[Identity] = set()
    names = [_field(kind.model, column).attname for column in kind.table.columns]
    for stored in kind.model._default_manager.values("pk", *names):
        pk = stored.pop("pk")
        identity = _identity(kind, stored)
        if kind.model is not Source and stored.get("source_id") is None:
            made_here.add(identity)
        else:
            pks[identity], held[identity] = pk, stored
    return pks, held, made_here


def _codes_given_here() -> list[Values]:
    """The codes that people gave to organisations. The tables may not give one to another organisation at that time."""
    given = OrganisationCode.objects.filter(source=None).values("scheme", "code", "valid_from", "valid_to")
    return [dict(each) for each in given]


def _is_taken(values: Values, given: list[Values]) -> bool:
    return any(
        (other["scheme"], other["code"]) == (values["scheme"], values["code"])
        and _begins_by(other["valid_from"], values["valid_to"])
        and _begins_by(values["valid_from"], other["valid_to"])
        for other in given
    )


def _begins_by(start: dt.date | None, end: dt.date | None) -> bool:
    return start is None or end is None or start <= end


# --- rows that are no longer in the tables ---------------------------------------------------------------------------


def _remove(pks: Iterable[int], model: type[models.Model]) -> int:
    gone = list(pks)
    if gone:
        model._default_manager.filter(pk__in=gone).delete()
    return len(gone)


def _remove_anchors(kind: LoadedKind, folder: Path, outcome: Outcome) -> None:
    """Delete rows that are no longer in the tables. Rows that others refer to stay, with a note.

    Sources are never deleted, because other loads create sources too, for published figures.
    """
    if kind.model is Source:
        return
    name = kind.identity[0]
    listed = {row[name] for row in kind.table.read(folder)}
    left = kind.model._default_manager.exclude(source=None).exclude(**{f"{name}__in": listed})
    for each in left.order_by(name):
        if _is_referenced(each):
            outcome.notes.append(f"{getattr(each, name)} is not in the tables but stays, as other rows refer to it")
        else:
            each.delete()
            outcome.removed += 1


def _is_referenced(instance: models.Model) -> bool:
    collector = Collector(using=router.db_for_write(type(instance)), origin=instance)
    try:
        collector.collect([instance])
    except ProtectedError:
        return True
    dependants = [rows for model, rows in collector.data.items() if model is not type(instance)]
    return bool(dependants) or any(queryset.exists() for queryset in collector.fast_deletes)
