"""The load of the law: complete, idempotent, and blind to what people made here."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from partnerships.loading import load_law
from partnerships.models import Function, Instrument, Rule
from partnerships.reference import tables
from pooledcare.directory.models import AuditEvent
from tests.partnerships import law_rows as make

pytestmark = pytest.mark.django_db


def changed(outcomes) -> list[str]:
    return [str(outcome) for outcome in outcomes if outcome.changed]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of our tables that a test may change."""
    return Path(shutil.copytree(tables.HERE, tmp_path / "reference"))


def rewrite(folder: Path, table, change) -> None:
    rows = [row for row in (change(dict(row)) for row in table.read(folder)) if row]
    with (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, table.columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_a_first_load_writes_every_row_and_a_second_changes_nothing():
    load_law()
    assert Rule.objects.count() == len(tables.RULES.read(tables.HERE)) > 150
    assert Function.objects.count() == len(tables.FUNCTIONS.read(tables.HERE))
    assert Instrument.objects.count() == len(tables.INSTRUMENTS.read(tables.HERE))
    before = AuditEvent.objects.count()
    assert changed(load_law()) == []
    assert AuditEvent.objects.count() == before


def test_a_load_leaves_one_line_of_audit():
    load_law()
    (event,) = AuditEvent.objects.filter(action="load_law")
    assert f"rules: {len(tables.RULES.read(tables.HERE))} created" in event.sentence


def test_a_changed_row_is_updated(folder: Path):
    load_law(folder)
    rewrite(folder, tables.RULES, lambda row: row | {"text": "Changed."} if row["code"] == "fn-s3" else row)
    assert changed(load_law(folder)) == [
        f"law rules: 0 created, 1 updated, {len(tables.RULES.read(tables.HERE)) - 1} unchanged, 0 removed"
    ]
    assert Rule.objects.get(code="fn-s3").text == "Changed."


def test_a_row_that_left_the_tables_goes(folder: Path):
    load_law(folder)
    rewrite(folder, tables.RULES, lambda row: None if row["code"] == "fn-waste" else row)
    load_law(folder)
    assert not Rule.objects.filter(code="fn-waste").exists()


def test_a_row_that_others_point_at_stays_and_is_named(folder: Path):
    load_law(folder)
    make.rule(function=Function.objects.get(code="waste"))
    rewrite(folder, tables.RULES, lambda row: None if row["code"] == "fn-waste" else row)
    rewrite(folder, tables.FUNCTIONS, lambda row: None if row["code"] == "waste" else row)
    notes = [note for outcome in load_law(folder) for note in outcome.notes]
    assert notes == ["waste has left the tables and stays, as other rows refer to it"]
    assert Function.objects.filter(code="waste").exists()


def test_what_people_made_here_is_never_touched():
    instrument = make.proposal(slug="ours")
    rule = make.rule(instrument=instrument, code="fn-s3", text="Ours.", function=make.function(code="nhs-s3"))
    outcomes = load_law()
    rule.refresh_from_db()
    assert (rule.text, rule.instrument, rule.source) == ("Ours.", instrument, None)
    notes = [note for outcome in outcomes for note in outcome.notes]
    assert notes == ["left alone what was made here: nhs-s3", "left alone what was made here: fn-s3"]
    load_law()
    assert Instrument.objects.filter(slug="ours").exists()
    assert Rule.objects.filter(pk=rule.pk).exists()


def test_a_row_that_refers_to_nothing_is_refused_and_nothing_is_written(folder: Path):
    rewrite(folder, tables.RULES, lambda row: row | {"instrument": "nowhere"} if row["code"] == "fn-s3" else row)
    with pytest.raises(ValueError, match=r"law_rules.csv: instrument nowhere is in no other table"):
        load_law(folder)
    assert Rule.objects.count() == 0
