"""A record is read off its model: which fields, of which kinds, with which labels, bounds, choices and requests."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.test.utils import isolate_apps

from pooledcare.kernel.records import LONGEST_TEXT, FieldKind, Record, stored_values
from tests.kernel.records.things import COLOURS, DAY, KINDS, RECORD, VALUES, NotedThing, Thing, record_of


def test_every_field_of_the_model_is_read_in_its_order_with_its_kind():
    assert {name: field.kind for name, field in RECORD.items()} == KINDS
    assert [*RECORD] == [*KINDS]
    assert set(KINDS.values()) == set(FieldKind)
    assert len(RECORD) == len(KINDS)


def test_a_field_says_what_its_model_says():
    assert RECORD.labels == {
        "owner": "Whose it is", "name": "Name of the thing", "aims": "Aims", "colour": "Colour", "tint": "Tint",
        "shades": "Shades", "made_on": "Day it was made", "seen_on": "Days it was seen", "weight": "Weight",
        "share": "Share", "price": "Price paid", "paid": "Days and shares",
        "is_new": "Whether it is new",
    }  # fmt: skip
    assert (RECORD["aims"].help, RECORD["name"].help) == ("What it is for", "")
    assert RECORD["colour"].choices == RECORD["shades"].choices == tuple(COLOURS)
    assert RECORD["shades"].values == ("red", "blue")
    assert (RECORD["name"].longest, RECORD["aims"].longest) == (300, LONGEST_TEXT)
    assert [each.name for each in RECORD.values() if each.is_text] == ["name", "aims"]


def test_what_must_be_given_is_asked_for_by_its_label():
    assert {name: field.required for name, field in RECORD.items() if field.required} == {
        "owner": "Choose the whose it is", "name": "Enter the name of the thing", "colour": "Choose the colour",
        "is_new": "Answer yes or no",
    }  # fmt: skip


def test_bounds_are_those_of_the_model_and_days_have_those_of_the_record():
    bounds = {name: (field.least, field.most) for name, field in RECORD.items() if field.least is not None}
    days = (dt.date(1990, 1, 1), dt.date(2100, 12, 31))
    assert bounds == {"made_on": days, "seen_on": days, "weight": (1, 120), "share": (0, 100)}
    narrow = Record.of(Thing, only=("made_on", "seen_on"), days=(DAY, DAY))
    assert {(field.least, field.most) for field in narrow.values()} == {(DAY, DAY)}


@isolate_apps()
def test_a_number_without_bounds_has_those_of_its_column():
    class Counted(models.Model):  # noqa: DJ008  never shown
        few = models.PositiveSmallIntegerField()
        some = models.PositiveIntegerField(validators=[MinValueValidator(1)])
        any = models.IntegerField(validators=[MaxValueValidator(0)])

        class Meta:
            app_label = "things"

    assert {name: (field.least, field.most) for name, field in Record.of(Counted).items()} == {
        "few": (0, 32_767), "some": (1, 2_147_483_647), "any": (-2_147_483_648, 0),
    }  # fmt: skip


def test_only_what_is_named_is_read_in_the_order_in_which_it_is_named():
    assert [*Record.of(Thing, only=("aims", "name"))] == ["aims", "name"]
    assert [*Record.of(Thing, without=("owner", "version"))] == [*KINDS][1:]
    assert "id" not in Record.of(Thing)
    assert "version" in Record.of(Thing)


def test_what_a_model_cannot_say_is_said_once():
    record = Record.of(
        Thing, only=("name", "made_on"), keys={"made_on": "made"}, examples={"name": "A clock"},
        requests={"name": "Name it"},
    )  # fmt: skip
    assert [each.key for each in record.values()] == ["name", "made"]
    assert [each.example for each in record.values()] == ["A clock", ""]
    assert [each.required for each in record.values()] == ["Name it", ""]


@pytest.mark.parametrize("said", [{"only": ["nmae"]}, {"without": ["nmae"]}, {"keys": {"nmae": "x"}},
                                  {"examples": {"nmae": "x"}}, {"requests": {"nmae": "x"}}])  # fmt: skip
def test_a_name_that_the_model_does_not_have_is_a_mistake_of_ours(said):
    with pytest.raises(ValueError, match=r"Thing has no field nmae\."):
        Record.of(Thing, **said)


@isolate_apps()
def test_a_field_of_a_class_that_no_record_has_is_a_mistake_of_ours():
    class Odd(models.Model):  # noqa: DJ008  never shown
        seconds = models.DurationField()

        class Meta:
            app_label = "things"

    with pytest.raises(TypeError, match=r"a class that records do not support yet: DurationField\."):
        Record.of(Odd)


def test_plain_fields_are_all_but_references():
    assert [each.name for each in RECORD.plain] == [*VALUES]
    assert [each.name for each in RECORD.of_kind(FieldKind.DAY, FieldKind.DAYS)] == ["made_on", "seen_on"]


def test_plain_values_are_read_off_rows_and_frozen_values_with_lists_for_tuples():
    assert RECORD.plain_values(Thing(**VALUES)) == VALUES
    frozen = SimpleNamespace(**VALUES | {"shades": ("blue", "red"), "seen_on": (DAY,)})
    assert RECORD.plain_values(frozen) == VALUES
    assert RECORD.plain_values(frozen, without=("name",)) == {key: VALUES[key] for key in [*VALUES][1:]}


def test_stored_values_are_every_column_but_the_key_and_those_left_out():
    row = Thing(pk=7, owner_id=3, **VALUES)
    assert stored_values(row) == {"owner_id": 3, **VALUES, "version": 1}
    assert stored_values(row, without=("owner", "version")) == VALUES
    columns = {field.attname for field in Thing._meta.concrete_fields}
    assert {*stored_values(row)} == columns - {"id"}


def test_a_field_that_is_added_to_the_model_is_in_the_record_and_in_every_copy():
    record, row = record_of(NotedThing), NotedThing(owner_id=3, note="Ticks", **VALUES)
    assert set(record) - set(RECORD) == {"note"}
    assert (record["note"].label, record["note"].kind) == ("Note on the thing", FieldKind.TEXT)
    assert record.plain_values(row)["note"] == "Ticks"
    assert stored_values(row, without=("owner",))["note"] == "Ticks"
