"""Fields of a JSON body: each kind at its limits, and every problem with its place and its sentence."""

from __future__ import annotations

import datetime as dt
from typing import Any

import jsonschema
import pytest

from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.rest import bodies as b
from pooledcare.kernel.rest.bodies import body_schema, read_body
from tests.kernel.rest.conftest import refusal

TEXT = b.text("text", "Words.", longest=5)
DAY = b.day("day", "A day.")
DAYS = b.days("days", "Days.", most=2)
WHOLE = b.whole("whole", "A number.", least=1, most=12)
FLAG = b.flag("flag", "Yes or no.")
CHOICE = b.choice("choice", ["a", "b"], "One of two.")
CODE = b.code("code", "A code.")
SLUG = b.code("slug", "A name.", grammar="[a-z]{1,3}|x")
CODES = b.several("codes", CODE, "Codes.", most=3)
PARTS = b.many("parts", [CODE.needed(), WHOLE.or_null()], "Parts.", most=2)


def wrong(field: b.BodyField, value: Any) -> list[Problem]:
    problem = refusal(lambda: read_body({field.name: value}, [field]))
    assert problem.kind.slug == "invalid-body"
    return problem.errors


def not_accepted(field: b.BodyField, says: str, value: Any) -> Problem:
    return Problem("NOT_ACCEPTED", says, Where(field=field.name), value if isinstance(value, str) else None)


GOOD = [
    (TEXT, "", ""),
    (TEXT, "abcde", "abcde"),
    (TEXT, " £\n", " £\n"),
    (DAY, "1990-01-01", dt.date(1990, 1, 1)),
    (DAY, "2100-12-31", dt.date(2100, 12, 31)),
    (DAYS, [], []),
    (DAYS, ["2025-04-01", "2024-04-01"], [dt.date(2025, 4, 1), dt.date(2024, 4, 1)]),
    (WHOLE, 1, 1),
    (WHOLE, 12, 12),
    (FLAG, True, True),
    (FLAG, False, False),
    (CHOICE, "b", "b"),
    (CODE, "a", "a"),
    (CODE, "A1b2C3d4E5f6", "A1b2C3d4E5f6"),
    (SLUG, "abc", "abc"),
    (CODES, ["a", "b", "c"], ["a", "b", "c"]),
    (PARTS, [], []),
    (PARTS, [{"code": "a"}, {"code": "a", "whole": None}], [{"code": "a"}, {"code": "a", "whole": None}]),
]


@pytest.mark.parametrize(("field", "given", "value"), GOOD, ids=lambda value: getattr(value, "name", None))
def test_a_value_is_read_and_fits_the_schema_that_is_published(field, given, value):
    read = read_body({field.name: given}, [field])
    assert read == {field.name: value}
    assert type(read[field.name]) is type(value)
    jsonschema.validate(given, field.schema)


REFUSED = [
    (TEXT, "Write a string of up to 5 characters.", ["abcdef", 5, None, [], {}, True]),
    (b.text("text", "Words."), "Write a string of up to 20,000 characters.", ["a" * 20_001]),
    (DAY, "Write the date as a string like 2025-04-01.", [20250401, None, ["2025-04-01"]]),
    (DAY, "Write the date like 2025-04-01.", ["", "2025-4-1", "01/04/2025", "2025-04-01T00:00:00"]),
    (DAY, "There is no such date.", ["2025-02-29", "2025-13-01"]),
    (DAY, "Write a date from 1990 to 2100.", ["1989-12-31", "2101-01-01"]),
    (DAYS, "Write a list of up to 2 values.", ["2025-04-01", {}, ["2025-04-01", "2025-04-02", "2025-04-03"]]),
    (b.days("days", "Days."), "Write a list of up to 50 values.", [["x"] * 51]),
    (DAYS, "Give each value once.", [["2025-04-01", "2025-04-01"]]),
    (DAYS, "There is no such date.", [["2025-04-01", "2025-04-31"]]),
    (WHOLE, "Write a whole number from 1 to 12.", [0, 13, -1, "1", True, None, [1]]),
    (FLAG, "Write true or false.", ["true", 1, 0, None]),
    (CHOICE, "Choose one of a, b.", ["c", "", "A", 1, None, ["a"], {}]),
    (CODE, "This is not written as the documentation says.", ["", "a" * 13, "a b", "é", "a\n", 5, None]),
    (SLUG, "This is not written as the documentation says.", ["", "abcd", "xx1", "X"]),
    (CODES, "Write a list of up to 3 values.", ["a", ["a", "b", "c", "d"], None]),
    (b.several("codes", CODE, "Codes."), "Write a list of up to 100 values.", [[f"c{n}" for n in range(101)]]),
    (CODES, "Give each value once.", [["a", "b", "a"], ["a", "a"], ["b", "a", "a"]]),
    (CODES, "This is not written as the documentation says.", [["a", ""]]),
    (PARTS, "Write a list of up to 2 objects.", ["x", {"code": "a"}, [{"code": "a"}] * 3, None]),
    (b.many("parts", [], "Parts."), "Write a list of up to 100 objects.", [[{}] * 101]),
]


@pytest.mark.parametrize(
    ("field", "says", "given"), [(field, says, given) for field, says, several in REFUSED for given in several]
)
def test_a_value_that_is_not_accepted_is_refused_in_words(field, says, given):
    assert wrong(field, given) == [not_accepted(field, says, given)]


def test_the_longest_text_and_the_longest_lists_are_read():
    assert read_body({"text": "a" * 20_000}, [b.text("text", "Words.")])
    assert (
        len(read_body({"codes": [f"c{n}" for n in range(100)]}, [b.several("codes", CODE, "Codes.")])["codes"]) == 100
    )
    assert len(read_body({"parts": [{}] * 100}, [b.many("parts", [], "Parts.")])["parts"]) == 100
    days = [f"2025-{month:02d}-{day:02d}" for month in range(1, 6) for day in range(1, 11)]
    assert len(read_body({"days": days}, [b.days("days", "Days.")])["days"]) == 50


@pytest.mark.parametrize("field", [TEXT, DAY, DAYS, WHOLE, FLAG, CHOICE, CODE, CODES, PARTS], ids=lambda f: f.name)
def test_null_takes_away_what_stands_only_where_it_may(field):
    assert wrong(field, None)
    with_null = field.or_null()
    assert read_body({field.name: None}, [with_null]) == {field.name: None}
    jsonschema.validate(None, with_null.schema)
    assert with_null.schema["type"] == [field.schema["type"], "null"]
    assert with_null.schema.get("enum") == ([*field.schema["enum"], None] if field is CHOICE else None)
    assert (with_null.name, with_null.required) == (field.name, False)
    [value] = [given for other, given, _ in GOOD if other is field][:1]
    assert read_body({field.name: value}, [with_null]) == read_body({field.name: value}, [field])


def test_a_field_is_needed_only_when_it_says_so():
    assert read_body({}, [CODE]) == {}
    assert (CODE.required, CODE.needed().required, CODE.needed().or_null().required) == (False, True, True)
    problem = refusal(lambda: read_body({}, [CODE.needed(), TEXT, DAY.needed()]))
    assert problem.errors == [
        Problem("REQUIRED", "This field is needed.", Where(field="code")),
        Problem("REQUIRED", "This field is needed.", Where(field="day")),
    ]
    assert read_body({"code": None}, [CODE.or_null().needed()]) == {"code": None}


def test_an_unknown_field_is_named_and_the_known_ones_are_told():
    problem = refusal(lambda: read_body({"code": "a", "kode": "b", "text": 5}, [CODE, TEXT]))
    assert problem.errors == [
        Problem("UNKNOWN_FIELD", "This field is not known here. Known: code, text.", Where(field="kode")),
        not_accepted(TEXT, "Write a string of up to 5 characters.", 5),
    ]


@pytest.mark.parametrize("body", [None, [], "x", 5, [{"code": "a"}]])
def test_a_body_that_is_no_object_is_said_so(body):
    problem = refusal(lambda: read_body(body, [CODE]))
    assert problem.errors == [Problem("NOT_AN_OBJECT", "This is not a JSON object.")]


def test_what_is_wrong_within_a_list_is_told_with_its_place():
    assert wrong(PARTS, [{"whole": 0, "odd": 1}, 5]) == [
        Problem("REQUIRED", "This field is needed.", Where(field="parts.0.code")),
        Problem("NOT_ACCEPTED", "Write a whole number from 1 to 12.", Where(field="parts.0.whole")),
        Problem("UNKNOWN_FIELD", "This field is not known here. Known: code, whole.", Where(field="parts.0.odd")),
        Problem("NOT_AN_OBJECT", "This is not a JSON object.", Where(field="parts.1")),
    ]
    nested = b.many("outer", [PARTS], "Lists of lists.")
    assert wrong(nested, [{}, {"parts": [{"code": "a"}, {"code": ""}]}]) == [
        Problem(
            "NOT_ACCEPTED", "This is not written as the documentation says.", Where(field="outer.1.parts.1.code"), ""
        )
    ]


def test_of_very_many_problems_a_hundred_are_told_and_long_names_are_cut():
    unknown = {f"odd{n}": 1 for n in range(101)}
    assert len(refusal(lambda: read_body(unknown, [CODE])).errors) == 100
    [problem] = refusal(lambda: read_body({"n" * 201: 1}, [CODE])).errors
    assert problem.where == Where(field="n" * 200)
    [nested] = wrong(PARTS, [{"code": "a", "n" * 201: 1}])
    assert nested.where == Where(field=("parts.0." + "n" * 200)[:200])


def test_the_schema_of_a_body_says_which_fields_it_has_and_needs_and_that_there_are_no_others():
    assert body_schema([CODE.needed(), FLAG, DAY.needed()], description="A body.") == {
        "type": "object",
        "properties": {"code": CODE.schema, "flag": FLAG.schema, "day": DAY.schema},
        "required": ["code", "day"],
        "additionalProperties": False,
        "description": "A body.",
    }
    assert body_schema([FLAG]) == {
        "type": "object",
        "properties": {"flag": FLAG.schema},
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    ("field", "schema"),
    [
        (TEXT, {"type": "string", "maxLength": 5, "pattern": "^[^\\u0000]*$", "description": "Words."}),
        (
            DAY,
            {"type": "string", "format": "date", "pattern": "^(199[0-9]|20[0-9]{2}|2100)-", "description": "A day."},
        ),
        (WHOLE, {"type": "integer", "minimum": 1, "maximum": 12, "description": "A number."}),
        (FLAG, {"type": "boolean", "description": "Yes or no."}),
        (CHOICE, {"type": "string", "enum": ["a", "b"], "description": "One of two."}),
        (CODE, {"type": "string", "pattern": "^(?:[A-Za-z0-9]{1,12})$", "description": "A code."}),
        (SLUG, {"type": "string", "pattern": "^(?:[a-z]{1,3}|x)$", "description": "A name."}),
        (
            CODES,
            {
                "type": "array",
                "items": {"type": "string", "pattern": "^(?:[A-Za-z0-9]{1,12})$"},
                "maxItems": 3,
                "uniqueItems": True,
                "description": "Codes.",
            },
        ),
        (
            PARTS,
            {
                "type": "array",
                "items": body_schema([CODE.needed(), WHOLE.or_null()]),
                "maxItems": 2,
                "description": "Parts.",
            },
        ),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_each_kind_publishes_its_limits(field, schema):
    assert field.schema == schema


@pytest.mark.parametrize("year", ["1989", "1990", "1999", "2000", "2099", "2100", "2101"])
def test_the_published_years_are_those_that_are_read(year):
    is_read = not isinstance(outcome({"day": f"{year}-04-01"}), Exception)
    is_published = jsonschema.Draft202012Validator(DAY.schema).is_valid(f"{year}-04-01")
    assert is_read is is_published is ("1990" <= year <= "2100")


def outcome(body: dict[str, Any]) -> Any:
    try:
        return read_body(body, [DAY])
    except Exception as error:
        return error
