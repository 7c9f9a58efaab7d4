"""Loading the reference tables: complete, repeatable, and never over what people made."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction

from pooledcare.directory.loading import KINDS, Outcome, load_reference
from pooledcare.directory.models import (
    AuditEvent,
    Organisation,
    OrganisationCode,
    Overlap,
    Place,
    PlaceCouncil,
    Population,
    Region,
    Source,
    Succession,
)
from pooledcare.directory.reference import tables
from pooledcare.directory.reference.tables import ReferenceTable, Row
from tests import factories

DAY = dt.date


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker) -> Iterator[list[Outcome]]:  # type: ignore[no-untyped-def]
    """One load for the tests that only read; it is undone after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_reference()
        transaction.set_rollback(True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the tables, to change."""
    for path in tables.HERE.glob("*.csv"):
        shutil.copy(path, tmp_path)
    return tmp_path


def change(folder: Path, table: ReferenceTable, edit: Callable[[list[Row]], list[Row]]) -> None:
    table.write(edit(table.read(folder)), folder)


def outcome_of(outcomes: list[Outcome], name: str) -> Outcome:
    return next(outcome for outcome in outcomes if outcome.name == name)


def without(**column: str) -> Callable[[list[Row]], list[Row]]:
    ((name, text),) = column.items()
    return lambda rows: [row for row in rows if row[name] != text]


# --- what is there after a load ---------------------------------------------------------------------------------


def test_every_row_of_every_table_is_in_the_database(loaded: list[Outcome]) -> None:
    for kind, outcome in zip(KINDS, loaded, strict=True):
        count = len(kind.table.read())
        assert kind.model._default_manager.count() == count == outcome.created, kind.table.name


def test_every_reference_row_carries_its_source(loaded: list[Outcome]) -> None:
    for kind in KINDS[1:]:
        assert not kind.model._default_manager.filter(source=None).exists(), kind.table.name


@pytest.mark.parametrize(("day", "count"), [(DAY(2013, 4, 1), 211), (DAY(2021, 4, 1), 106), (DAY(2022, 7, 1), 0)])
def test_groups_open_on_a_day(loaded: list[Outcome], day: dt.date, count: int) -> None:
    assert Organisation.objects.filter(kind="ccg").open_on(day).count() == count


@pytest.mark.parametrize(("day", "count"), [(DAY(2018, 4, 1), 152), (DAY(2020, 4, 1), 151), (DAY(2023, 4, 1), 153)])
def test_places_open_on_a_day(loaded: list[Outcome], day: dt.date, count: int) -> None:
    assert Place.objects.open_on(day).count() == count


def test_a_code_is_looked_up_by_day(loaded: list[Outcome]) -> None:
    assert Organisation.objects.with_code("11x", on=DAY(2022, 6, 30)).get().name == "NHS Somerset CCG"
    assert not Organisation.objects.with_code("11X", on=DAY(2022, 7, 1)).exists()
    assert Organisation.objects.with_code("E10000027", on=DAY(2023, 3, 31)).get().name == "Somerset County Council"
    assert Organisation.objects.with_code("E06000066", on=DAY(2023, 4, 1)).get().name == "Somerset Council"


def test_the_chain_into_frimley_is_followed_in_the_database(loaded: list[Outcome]) -> None:
    group = Organisation.objects.get(key="ccg-10g")
    names = []
    while succession := group.successions.order_by("effective_on").first():
        group = succession.successor
        names.append(group.code)
        if group.kind == "icb":
            break
    assert names == ["15D", "D4U1Y", "QNQ"]


def test_an_overlap_has_its_quantity_shares_and_date(loaded: list[Outcome]) -> None:
    overlap = Overlap.objects.get(organisation__key="ccg-03w", place__slug="rutland")
    assert (overlap.quantity, overlap.as_at, overlap.measure) == (23, DAY(2021, 4, 1), "small_areas")
    assert overlap.share_of_place == 1


# --- loading again ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.slow
def test_a_second_load_changes_nothing_and_says_so() -> None:
    first, second = StringIO(), StringIO()
    call_command("load_reference", stdout=first)
    before = {kind.table.name: list(kind.model._default_manager.order_by("pk").values()) for kind in KINDS}
    call_command("load_reference", stdout=second)
    after = {kind.table.name: list(kind.model._default_manager.order_by("pk").values()) for kind in KINDS}
    assert before == after
    assert "organisations: 1181 created, 0 updated, 0 unchanged, 0 removed" in first.getvalue()
    assert "organisations: 0 created, 0 updated, 1181 unchanged, 0 removed" in second.getvalue()
    assert second.getvalue().endswith("Nothing changed.\n")
    assert len(first.getvalue().splitlines()) == len(KINDS)


@pytest.mark.django_db
@pytest.mark.slow
def test_a_load_that_changes_something_leaves_one_line_in_the_audit_trail() -> None:
    load_reference()
    load_reference()
    event = AuditEvent.objects.get(action="load_reference")
    assert event.actor == "system:reference-load"
    assert "places: 158 created" in event.sentence


@pytest.mark.django_db
@pytest.mark.slow
def test_a_changed_row_is_updated_and_keeps_its_identity(folder: Path) -> None:
    load_reference(folder)
    pk = Organisation.objects.get(key="icb-qsl").pk
    change(
        folder,
        tables.ORGANISATIONS,
        lambda rows: [row | {"name": "NHS Somerset"} if row["key"] == "icb-qsl" else row for row in rows],
    )
    outcomes = load_reference(folder)
    assert Organisation.objects.get(key="icb-qsl").pk == pk
    assert Organisation.objects.get(pk=pk).name == "NHS Somerset"
    assert (outcome_of(outcomes, "organisations").updated, outcome_of(outcomes, "organisations").created) == (1, 0)
    assert [outcome.name for outcome in outcomes if outcome.changed] == ["organisations"]


@pytest.mark.django_db
@pytest.mark.slow
def test_a_row_that_left_the_tables_goes(folder: Path) -> None:
    load_reference(folder)
    change(folder, tables.POPULATIONS, without(organisation="la-e3301"))
    outcomes = load_reference(folder)
    assert outcome_of(outcomes, "populations").removed == 1
    assert not Population.objects.filter(organisation__key="la-e3301").exists()


@pytest.mark.django_db
@pytest.mark.slow
def test_an_organisation_that_left_the_tables_stays_while_others_refer_to_it(folder: Path) -> None:
    load_reference(folder)
    department = Organisation.objects.get(key="mhclg")
    member = factories.member(organisation=department, roles=["viewer"])
    parts = ((tables.ORGANISATION_CODES, "organisation"), (tables.SHORT_NAMES, "organisation"))
    for table, column in (*parts, (tables.ORGANISATIONS, "key")):
        change(folder, table, without(**{column: "mhclg"}))
    outcome = outcome_of(load_reference(folder), "organisations")
    assert outcome.removed == 0
    assert outcome.notes == ["mhclg is not in the tables but stays, as other rows refer to it"]
    assert Organisation.objects.filter(pk=department.pk).exists()
    member.memberships.all().delete()
    assert outcome_of(load_reference(folder), "organisations").removed == 1


# --- what people made ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.slow
def test_what_people_made_is_never_touched() -> None:
    organisation = factories.organisation(name="Mereshire Care Alliance (example)", code="MERE")
    place = factories.place(slug="somerset", name="A place of ours")
    council = factories.place_council(place=place, organisation=organisation, role="district")
    made = factories.population(organisation=organisation, persons=12)
    outcomes = load_reference()
    load_reference()
    organisation.refresh_from_db()
    place.refresh_from_db()
    assert (organisation.name, organisation.source) == ("Mereshire Care Alliance (example)", None)
    assert (place.name, place.source) == ("A place of ours", None)
    assert PlaceCouncil.objects.filter(pk=council.pk).exists()
    assert Population.objects.get(pk=made.pk).persons == 12
    assert outcome_of(outcomes, "places").notes == ["not changed, as people made it here: somerset"]


@pytest.mark.django_db
@pytest.mark.slow
def test_a_code_that_people_gave_away_for_the_same_days_stays_theirs() -> None:
    factories.organisation(name="Ours", code="QSL")
    outcomes = load_reference()
    assert OrganisationCode.objects.get(scheme="ods", code="QSL").organisation.name == "Ours"
    (note,) = outcome_of(outcomes, "organisation_codes").notes
    assert note.startswith("not changed, as people made it here")
    assert note.endswith("ods, QSL")


@pytest.mark.django_db
@pytest.mark.slow
def test_a_load_that_fails_changes_nothing(folder: Path) -> None:
    change(
        folder,
        tables.SUCCESSIONS,
        lambda rows: [*rows, rows[0] | {"predecessor": "ccg-none"}],
    )
    with pytest.raises(ValueError, match="predecessor ccg-none is in no other table"):
        load_reference(folder)
    assert not Organisation.objects.exists()
    assert not Succession.objects.exists()


@pytest.mark.django_db
@pytest.mark.slow
def test_sources_of_other_loads_stay() -> None:
    factories.source(slug="a-publication-of-figures")
    factories.region(code="OURS")
    load_reference()
    assert Source.objects.filter(slug="a-publication-of-figures").exists()
    assert Region.objects.filter(code="OURS").exists()
