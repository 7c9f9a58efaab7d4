"""A record in the API, kind by kind: read from a body, given as JSON, documented, and listed with the same columns."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from django.db import connection

from pooledcare.kernel.records import FieldKind, RecordField
from pooledcare.kernel.rest.bodies import body_schema, read_body
from pooledcare.kernel.rest.documented import csv_example_of, example_of, properties_of
from pooledcare.kernel.rest.listings import Listing
from pooledcare.kernel.rest.records import (
    body_field,
    body_fields,
    is_nullable,
    json_example,
    json_value,
    json_values,
    listing_column,
    shape_of,
    values_in,
)
from pooledcare.kernel.year_shares import SHARE_GRAMMAR
from tests.kernel.records.things import RECORD, VALUES, NotedThing, record_of
from tests.kernel.rest.conftest import refusal

NULLED = ["tint", "made_on", "seen_on", "weight", "share", "price"]
SAID: dict[str, Any] = {
    "name": "A clock", "aims": "To tell\nthe time", "colour": "red", "tint": None, "shades": ["blue", "red"],
    "made": "2026-04-01", "seen_on": ["2026-04-01"], "weight": 6, "share": "2.50", "price": "1234.50",
    "paid": ["04-15 40.00", "01-10 60.00"], "new": True,
}  # fmt: skip
# The row of `VALUES` as SQL.
ROW = """(select 'A clock' as name, 'To tell the time' as aims, 'red' as colour, '' as tint,
    array['red', 'blue']::varchar[] as shades, date '2026-04-01' as made_on, array[date '2026-04-01'] as seen_on,
    6 as weight, 2.50::numeric(5, 2) as share, 1234.50::numeric(12, 2) as price,
    array['04-15 40.00', '01-10 60.00']::varchar[] as paid, true as is_new, 'QXX' as owner,
    '=1+1'::text as note) x"""


@pytest.mark.parametrize("field", RECORD.values(), ids=lambda field: field.name)
def test_null_says_nothing_where_nothing_need_be_said_and_no_text_or_list_can(field: RecordField):
    assert is_nullable(field) is (field.name in NULLED)


# --- bodies ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FieldKind)
def test_every_kind_stands_in_a_body_but_a_reference(kind: FieldKind):
    field = RECORD.of_kind(kind)[0]
    if kind == FieldKind.REFERENCE:
        with pytest.raises(TypeError, match="An app must declare itself how Whose it is is named in a body"):
            body_field(field)
    else:
        made = body_field(field)
        assert made.name == field.key
        assert field.label in made.schema["description"]


def test_a_body_is_read_as_the_model_keeps_it():
    fields = body_fields(RECORD.plain)
    assert values_in(read_body(SAID, fields), RECORD) == {**VALUES, "tint": None}
    assert values_in(read_body({"made": None}, fields), RECORD) == {"made_on": None}
    assert values_in(read_body({}, fields), RECORD) == {}
    assert values_in({"owner": "QXX"}, RECORD) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "x" * 301), ("name", None), ("aims", None), ("colour", "green"), ("colour", None), ("tint", "green"),
        ("shades", ["green"]), ("shades", None), ("made", "1 April"), ("seen_on", "2026-04-01"), ("weight", 0),
        ("weight", 121), ("share", "2.5"), ("share", "100.01"), ("share", 2.5), ("price", "1,234.50"), ("price", "1"),
        ("paid", ["15 April: 100%"]), ("paid", None), ("new", "yes"), ("new", None), ("owner", "QXX"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_at_its_field(name: str, value: Any):
    problem = refusal(lambda: read_body({name: value}, body_fields(RECORD.plain)))
    assert [each.where.field for each in problem.errors if each.where] == [name]


@pytest.mark.parametrize("share", ["0.00", "99.99", "100.00"])
def test_percentages_from_nothing_to_a_hundred_are_read(share: str):
    assert read_body({"share": share}, [body_field(RECORD["share"])]) == {"share": share}


# --- answers ---------------------------------------------------------------------------------------------------------


def test_an_answer_says_what_a_body_said():
    assert _as_json(json_values(RECORD.plain, SimpleNamespace(**VALUES))) == SAID
    frozen = SimpleNamespace(**VALUES | {"shades": ("blue", "red"), "seen_on": (dt.date(2026, 4, 1),)})
    assert _as_json(json_values(RECORD.plain, frozen)) == SAID


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("tint", "", None), ("aims", "", ""), ("shades", (), []), ("seen_on", (), []), ("seen_on", None, None),
        ("weight", 0, 0), ("is_new", False, False), ("share", None, None),
    ],
)  # fmt: skip
def test_nothing_is_null_for_a_choice_and_empty_for_a_text(name: str, value: Any, said: Any):
    assert json_value(RECORD[name], value) == said


SHAPES: dict[FieldKind, dict[str, Any]] = {
    FieldKind.LINE: {"type": "string"}, FieldKind.TEXT: {"type": "string"},
    FieldKind.CHOICE: {"type": "string", "enum": ("red", "blue")},
    FieldKind.CHOICES: {"type": "array", "items": {"type": "string", "enum": ("red", "blue")}},
    FieldKind.DAY: {"type": ["string", "null"], "format": "date"},
    FieldKind.DAYS: {"type": ["array", "null"], "items": {"type": "string", "format": "date"}},
    FieldKind.WHOLE: {"type": ["integer", "null"], "minimum": 0},
    FieldKind.PERCENT: {"type": ["string", "null"], "pattern": r"^\d{1,3}\.\d{2}$"},
    FieldKind.MONEY: {"type": ["string", "null"], "pattern": r"^-?\d{1,16}\.\d{2}$"},
    FieldKind.SHARES: {"type": "array", "items": {"type": "string", "pattern": f"^(?:{SHARE_GRAMMAR})$"}},
    FieldKind.FLAG: {"type": "boolean"}, FieldKind.REFERENCE: {"type": ["string", "null"]},
}  # fmt: skip


@pytest.mark.parametrize("kind", FieldKind)
def test_every_kind_is_documented(kind: FieldKind):
    field = RECORD.of_kind(kind)[0]
    shape = dict(shape_of(field))
    assert shape.pop("description").startswith(field.label)
    assert shape == SHAPES[kind]


def test_a_choice_that_may_stay_open_is_documented_with_null():
    assert shape_of(RECORD["tint"])["enum"] == ["red", "blue", None]
    assert shape_of(RECORD["aims"])["description"] == "Aims. What it is for."


@pytest.mark.parametrize(
    ("name", "written", "example"),
    [
        ("name", "A clock", "A clock"), ("colour", "red", "red"), ("shades", "blue; red", ["blue", "red"]),
        ("made_on", "2026-04-01", "2026-04-01"), ("seen_on", "2026-04-01; 2026-05-01", ["2026-04-01", "2026-05-01"]),
        ("weight", "6", 6), ("share", "2.50", "2.50"), ("price", "12.00", "12.00"), ("is_new", "yes", True),
        ("is_new", "no", False), ("owner", "QXX", "QXX"),
    ],
)  # fmt: skip
def test_an_example_is_that_of_the_record_as_json_has_it(name: str, written: str, example: Any):
    assert json_example(replace(RECORD[name], example=written)) == example


@pytest.mark.parametrize("kind", FieldKind)
def test_without_an_example_every_kind_has_one_that_says_nothing(kind: FieldKind):
    field = RECORD.of_kind(kind)[0]
    empty = {FieldKind.CHOICES: [], FieldKind.SHARES: [], FieldKind.FLAG: False}
    texts = (FieldKind.LINE, FieldKind.TEXT, FieldKind.CHOICE)
    assert json_example(field) == ("" if kind in texts else empty.get(kind))


# --- lists -----------------------------------------------------------------------------------------------------------


def listing_of(record: Any) -> Listing:
    columns = tuple(listing_column(field, f"x.{field.name}") for field in record.values())
    return Listing(columns, tables=ROW, order=("x.name",))


def exported(listing: Listing) -> list[list[str]]:
    """The CSV as PostgreSQL writes it."""
    statement, values = listing.export()
    with connection.cursor() as cursor:
        query = cursor.mogrify(statement, values)
        with cursor.copy(f"copy ({query}) to stdout with (format csv, header)") as copied:
            return list(csv.reader(io.StringIO(b"".join(copied).decode())))


@pytest.mark.django_db
def test_a_list_says_the_same_of_every_kind_as_an_answer_and_as_its_documentation():
    listing = listing_of(RECORD)
    (row,) = listing.page(5).rows
    assert _as_json(listing.entry(row)) == {**SAID, "owner": "QXX", "aims": "To tell the time"}
    assert properties_of(listing.columns).keys() == {field.key for field in RECORD.values()}
    for field, column in zip(RECORD.values(), listing.columns, strict=True):
        assert column.schema is not None
        assert column.schema["type"] == shape_of(field)["type"], field.name
        assert column.example == json_example(field), field.name


@pytest.mark.django_db
def test_the_file_of_a_list_has_a_cell_for_every_kind():
    headings, cells = exported(listing_of(RECORD))
    assert headings == [field.key for field in RECORD.values()]
    assert dict(zip(headings, cells, strict=True)) == {
        "owner": "QXX", "name": "A clock", "aims": "To tell the time", "colour": "red", "tint": "",
        "shades": "blue red", "made": "2026-04-01", "seen_on": "2026-04-01", "weight": "6", "share": "2.50",
        "price": "1234.50", "paid": "04-15 40.00; 01-10 60.00", "new": "true",
    }  # fmt: skip


@pytest.mark.django_db
def test_a_field_that_is_added_to_the_model_is_in_bodies_answers_documentation_lists_and_files():
    record = record_of(NotedThing)
    added = {"note": "=1+1"}
    assert values_in(read_body(added, body_fields(record.plain)), record) == added
    assert "note" in body_schema(body_fields(record.plain))["properties"]
    assert json_values(record.plain, SimpleNamespace(**VALUES, **added))["note"] == "=1+1"
    assert shape_of(record["note"])["description"] == "Note on the thing. Whatever else is to be said."
    listing = listing_of(record)
    (row,) = listing.page(5).rows
    assert listing.entry(row)["note"] == "=1+1"
    assert {"note"} <= properties_of(listing.columns).keys() & example_of(listing.columns).keys()
    headings, cells = exported(listing)
    assert dict(zip(headings, cells, strict=True))["note"] == "'=1+1"  # what people write is never a formula
    assert "note" in csv_example_of(listing.columns).splitlines()[0]


def _as_json(value: Any) -> Any:
    return orjson.loads(orjson.dumps(value))
