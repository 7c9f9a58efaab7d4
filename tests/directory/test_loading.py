"""Bringing the database in line with small tables: what is made, changed, left alone and taken away, row by row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from pooledcare.directory.loading import KINDS, LOCK, Outcome, _is_taken, load_reference
from pooledcare.directory.models import (
    AreaTransfer,
    AuditEvent,
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
from pooledcare.directory.reference.tables import ReferenceTable
from tests import factories

pytestmark = pytest.mark.django_db
DAY = dt.date(2022, 7, 1)

# One row or two of every table, in the order of its columns.
ROWS: dict[ReferenceTable, list[tuple[str, ...]]] = {
    tables.SOURCES: [
        ("lookup", "A lookup", "Office", "OGL", "2024-04-01", "https://example.org/", "Note"),
        ("undated", "Undated", "Office", "OGL", "", "", ""),
    ],
    tables.REGIONS: [("Y58", "South West", "nhs", "2020-04-01", "", "lookup")],
    tables.ORGANISATIONS: [
        ("icb-qm1", "icb", "Mere Board", "QM1", "2022-07-01", "", "Y58", "lookup"),
        ("ccg-11x", "ccg", "Mere CCG", "11X", "2013-04-01", "2022-06-30", "", "lookup"),
    ],
    tables.ORGANISATION_CODES: [
        ("icb-qm1", "ods", "QM1", "2022-07-01", "", "lookup"),
        ("ccg-11x", "ods", "11X", "2013-04-01", "2022-06-30", "lookup"),
    ],
    tables.ORGANISATION_NAMES: [("icb-qm1", "Mere ICB", "lookup")],
    tables.SHORT_NAMES: [("icb-qm1", "MERE", "Mere", "lookup")],
    tables.SUCCESSIONS: [("ccg-11x", "icb-qm1", "2022-07-01", "0.25", "patients", "lookup")],
    tables.PLACES: [("mere", "Mere", "", "", "lookup"), ("ald", "Ald", "2023-04-01", "", "lookup")],
    tables.PLACE_COUNCILS: [("mere", "icb-qm1", "upper_tier", "", "2023-03-31", "lookup")],
    tables.PLACE_SUCCESSIONS: [("mere", "ald", "2023-04-01", "lookup")],
    tables.AREA_TRANSFERS: [("ccg-11x", "icb-qm1", "2022-07-01", "North Mere", "mere", "lookup")],
    tables.OVERLAPS: [("icb-qm1", "mere", "small_areas", "2021-04-01", "23", "0.5", "1", "lookup")],
    tables.POPULATIONS: [("icb-qm1", "registered", "2023-06-30", "1234", "lookup")],
}


class Folder:
    """The tables in a folder of their own, to load, change and load again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for table, rows in ROWS.items():
            self.write(table, rows)

    def write(self, table: ReferenceTable, rows: list[tuple[str, ...]]) -> None:
        table.write([dict(zip(table.columns, row, strict=True)) for row in rows], self.path)

    def change(self, table: ReferenceTable, **columns: str) -> None:
        """The first row, by identity, with other values."""
        first, *rest = table.read(self.path)
        table.write([first | columns, *rest], self.path)

    def load(self) -> dict[str, tuple[int, int, int]]:
        """What each table's load created, updated and removed, where it did something."""
        self.outcomes = {outcome.name: outcome for outcome in load_reference(self.path)}
        return {
            name: (outcome.created, outcome.updated, outcome.removed)
            for name, outcome in self.outcomes.items()
            if outcome.changed
        }

    def notes(self, table: ReferenceTable) -> list[str]:
        return self.outcomes[table.name].notes


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[list[Outcome]]:  # type: ignore[no-untyped-def]
    """One load for all tests here, undone after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_reference(Folder(tmp_path_factory.mktemp("tables")).path)
        transaction.set_rollback(True)


@pytest.fixture
def folder(loaded: list[Outcome], tmp_path: Path) -> Folder:
    """The tables as they were loaded, to change."""
    return Folder(tmp_path)


def test_every_column_arrives_as_what_it_is(loaded):
    assert [outcome.created for outcome in loaded] == [len(rows) for rows in ROWS.values()]
    lookup = Source.objects.get(slug="lookup")
    assert (lookup.title, lookup.dated, lookup.note) == ("A lookup", dt.date(2024, 4, 1), "Note")
    assert Source.objects.get(slug="undated").dated is None
    board, group = Organisation.objects.get(key="icb-qm1"), Organisation.objects.get(key="ccg-11x")
    assert (board.name, board.kind, board.code, board.opened, board.closed) == ("Mere Board", "icb", "QM1", DAY, None)
    assert (board.region, group.region, group.source) == (Region.objects.get(code="Y58"), None, lookup)
    assert OrganisationCode.objects.get(code="11X").organisation == group
    assert OrganisationName.objects.get().organisation == board
    step = Succession.objects.get()
    assert (step.predecessor, step.successor, step.effective_on, step.share) == (group, board, DAY, Decimal("0.25"))
    mere, ald = Place.objects.get(slug="mere"), Place.objects.get(slug="ald")
    assert (PlaceCouncil.objects.get().place, PlaceCouncil.objects.get().organisation) == (mere, board)
    assert (PlaceSuccession.objects.get().predecessor, PlaceSuccession.objects.get().successor) == (mere, ald)
    overlap = Overlap.objects.get()
    assert (overlap.quantity, overlap.share, overlap.share_of_place) == (23, Decimal("0.5"), 1)
    assert Population.objects.get().persons == 1234


def test_a_load_says_what_it_did_and_the_trail_what_it_changed(folder):
    assert folder.load() == {}
    assert [outcome.unchanged for outcome in folder.outcomes.values()] == [len(rows) for rows in ROWS.values()]
    folder.change(tables.POPULATIONS, persons="5")
    assert folder.load() == {"populations": (0, 1, 0)}
    first, second = AuditEvent.objects.order_by("pk")
    assert first.sentence.startswith(
        "Loaded the reference tables. sources: 2 created, 0 updated, 0 unchanged, 0 removed. "
    )
    assert (second.actor, second.action, second.subject) == (
        "system:reference-load",
        "load_reference",
        "reference:directory",
    )
    assert second.sentence == (
        "Loaded the reference tables. populations: 0 created, 1 updated, 0 unchanged, 0 removed."
    )
    outcome = Outcome("organisation_names", created=1, updated=2, unchanged=3, removed=4, notes=["one", "two"])
    assert str(outcome) == "organisation names: 1 created, 2 updated, 3 unchanged, 4 removed; one; two"
    changed = [Outcome("x", **{what: 1}).changed for what in ("created", "updated", "removed", "unchanged")]
    assert changed == [True, True, True, False]


CHANGES: list[tuple[ReferenceTable, type[Model], dict[str, str]]] = [
    (tables.SOURCES, Source, {"title": "Another"}),
    (tables.REGIONS, Region, {"name": "Another"}),
    (tables.ORGANISATIONS, Organisation, {"closed": "2022-07-31"}),
    (tables.ORGANISATION_CODES, OrganisationCode, {"valid_to": "2022-07-31"}),
    (tables.ORGANISATION_NAMES, OrganisationName, {"source": "undated"}),
    (tables.SHORT_NAMES, ShortName, {"name": "mere"}),
    (tables.SUCCESSIONS, Succession, {"share_basis": "residents"}),
    (tables.PLACES, Place, {"name": "Another"}),
    (tables.PLACE_COUNCILS, PlaceCouncil, {"valid_to": "2024-03-31"}),
    (tables.PLACE_SUCCESSIONS, PlaceSuccession, {"source": "undated"}),
    (tables.AREA_TRANSFERS, AreaTransfer, {"area": "South Mere"}),
    (tables.OVERLAPS, Overlap, {"quantity": "24"}),
    (tables.POPULATIONS, Population, {"persons": "5"}),
]


def test_a_row_of_the_same_identity_keeps_its_key_and_takes_new_values(folder):
    before = {model: {row["id"]: row for row in model._default_manager.values()} for _, model, _ in CHANGES}
    for table, _, columns in CHANGES:
        folder.change(table, **columns)
    assert folder.load() == {kind.table.name: (0, 1, 0) for kind in KINDS}
    for table, model, columns in CHANGES:
        after = {row["id"]: row for row in model._default_manager.values()}
        assert set(after) == set(before[model])
        (changed,) = [row for pk, row in after.items() if row != before[model][pk]]
        ((column, text),) = columns.items()
        if column == "source":
            changed[column] = Source.objects.get(pk=changed["source_id"]).slug
        assert str(changed[column]) == text, table.name


def test_what_has_left_the_tables_goes_those_that_point_before_those_pointed_at(folder):
    for table in ROWS:
        if table != tables.SOURCES:
            folder.write(table, [])
    assert folder.load() == {
        kind.table.name: (0, 0, len(ROWS[kind.table])) for kind in KINDS if kind.table != tables.SOURCES
    }
    assert Source.objects.count() == 2
    assert not any(kind.model._default_manager.exists() for kind in KINDS[1:])


def test_a_source_that_has_left_the_tables_stays(folder):
    folder.write(tables.SOURCES, ROWS[tables.SOURCES][:1])
    assert folder.load() == {}
    assert Source.objects.filter(slug="undated").exists()


def test_what_has_left_the_tables_stays_while_something_refers_to_it_and_is_named_in_order(folder):
    """A membership keeps a body from being deleted at all; an overlap that people made would go with it."""
    board, group = Organisation.objects.get(key="icb-qm1"), Organisation.objects.get(key="ccg-11x")
    factories.member(organisation=board, roles=["viewer"])
    factories.overlap(organisation=group, place=factories.place())
    for table in ROWS:
        if table not in (tables.SOURCES, tables.REGIONS):
            folder.write(table, [])
    folder.load()
    assert set(Organisation.objects.exclude(source=None)) == {board, group}
    assert folder.notes(tables.ORGANISATIONS) == [
        "ccg-11x is not in the tables but stays, as other rows refer to it",
        "icb-qm1 is not in the tables but stays, as other rows refer to it",
    ]
    assert (folder.outcomes["organisations"].removed, folder.outcomes["places"].removed) == (0, 2)


def test_what_people_made_is_neither_changed_nor_taken_away(folder):
    ours = factories.place(slug="ours", name="Ours")
    there = Place.objects.get(slug="ald")
    Place.objects.filter(pk=there.pk).update(source=None, name="Ours as well")
    council = PlaceCouncil.objects.get()
    PlaceCouncil.objects.filter(pk=council.pk).update(source=None, valid_to=None)
    folder.write(tables.PLACE_COUNCILS, [])
    assert folder.load() == {}
    assert folder.notes(tables.PLACES) == ["not changed, as people made it here: ald"]
    assert Place.objects.get(pk=there.pk).name == "Ours as well"
    folder.write(tables.PLACE_COUNCILS, ROWS[tables.PLACE_COUNCILS])
    folder.write(tables.PLACES, ROWS[tables.PLACES][:1])
    folder.write(tables.PLACE_SUCCESSIONS, [])
    assert folder.load() == {"place_successions": (0, 0, 1)}
    board = Organisation.objects.get(key="icb-qm1")
    assert folder.notes(tables.PLACE_COUNCILS) == [
        f"not changed, as people made it here: {council.place_id}, {board.pk}, upper_tier"
    ]
    assert set(Place.objects.filter(source=None)) == {ours, there}
    assert PlaceCouncil.objects.get().valid_to is None


def test_a_code_passes_to_its_next_holder_on_the_next_day(folder):
    """The end of one is written before the beginning of the other, or both would hold it."""
    board, group = ROWS[tables.ORGANISATION_CODES]
    folder.write(tables.ORGANISATION_CODES, [(*board[:4], "2024-03-31", "lookup"), group])
    folder.load()
    folder.write(
        tables.ORGANISATION_CODES,
        [(*board[:4], "2023-03-31", "lookup"), group, ("ccg-11x", "ods", "QM1", "2023-04-01", "", "lookup")],
    )
    assert folder.load() == {"organisation_codes": (1, 1, 0)}


def test_a_code_that_people_gave_away_for_the_same_days_stays_theirs(folder):
    ours = factories.organisation(name="Ours", code="QX9", opened=dt.date(2024, 4, 1))
    rows = ROWS[tables.ORGANISATION_CODES]
    folder.write(tables.ORGANISATION_CODES, [*rows, ("icb-qm1", "ods", "QX9", "2022-07-01", "2024-04-01", "lookup")])
    assert folder.load() == {}
    board = Organisation.objects.get(key="icb-qm1")
    assert folder.notes(tables.ORGANISATION_CODES) == [f"not changed, as people made it here: {board.pk}, ods, QX9"]
    assert OrganisationCode.objects.get(code="QX9").organisation == ours
    folder.write(tables.ORGANISATION_CODES, [*rows, ("icb-qm1", "ods", "QX9", "2022-07-01", "2024-03-31", "lookup")])
    assert folder.load() == {"organisation_codes": (1, 0, 0)}


def code(text: str, first: int | None, last: int | None, scheme: str = "ods") -> dict[str, object]:
    days = [None if day is None else dt.date(2024, 4, day) for day in (first, last)]
    return {"scheme": scheme, "code": text, "valid_from": days[0], "valid_to": days[1]}


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (code("QM1", 11, 19), True),
        (code("QM1", 5, 9), False),
        (code("QM1", 5, 10), True),
        (code("QM1", 20, 25), True),
        (code("QM1", 21, 25), False),
        (code("QM1", None, 9), False),
        (code("QM1", None, 10), True),
        (code("QM1", 20, None), True),
        (code("QM1", 21, None), False),
        (code("QM1", None, None), True),
        (code("QM2", 11, 19), False),
        (code("QM1", 11, 19, scheme="gss"), False),
    ],
)
def test_a_code_is_taken_for_the_days_that_both_would_hold_it(given, taken):
    assert _is_taken(code("QM1", 10, 20), [code("QM9", None, None), given]) is taken
    assert _is_taken(code("QM1", None, None), [given]) is ((given["scheme"], given["code"]) == ("ods", "QM1"))


@pytest.mark.parametrize(
    ("table", "columns", "sentence"),
    [
        (tables.POPULATIONS, {"organisation": "none"}, "populations.csv: organisation none is in no other table"),
        (tables.ORGANISATIONS, {"region": "Y1"}, "organisations.csv: region Y1 is in no other table"),
    ],
    ids=["organisation", "region"],
)
def test_a_row_that_names_nothing_stops_the_load_and_changes_nothing(table, columns, sentence, folder):
    folder.change(tables.SOURCES, title="Another")
    folder.change(table, **columns)
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the sentence is compared below
        folder.load()
    assert str(caught.value) == sentence
    assert Source.objects.get(slug="lookup").title == "A lookup"


def test_two_loads_take_turns(folder):
    with CaptureQueriesContext(connection) as queries:
        folder.load()
    asked = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert asked[0] == f"select pg_advisory_xact_lock({LOCK})"
