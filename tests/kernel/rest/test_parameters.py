"""Query parameters: each kind at its limits, and every problem with its name and its sentence."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db.models import TextChoices

from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.rest import parameters as p
from pooledcare.kernel.rest.parameters import read_day, read_parameters
from tests.kernel.rest.conftest import get, refusal


class Colour(TextChoices):
    RED = "red"
    BLUE = "blue"


DAY = p.day("day", "A day.")
CHOICE = p.choice("colour", Colour, "One of two.")
FLAG = p.flag("flag", "Yes or no.")
WHOLE = p.whole("size", "A number.", least=1, most=12, example=5)
CODE = p.code("code", "A code.")
WORDS = p.words("name", "Words.", "Somerset")
YEAR = p.financial_year()
SOME = p.several("some", "Some.", ["a", "b", "c"], ["a", "b"])
PATTERN = p.pattern("ref", "A reference.", grammar="AL-[1-9]|x", example="AL-1")


def ask(query: str, *declared: p.Parameter, **values: Any) -> dict[str, Any]:
    return read_parameters(get(f"/?{query}"), declared)


@pytest.mark.parametrize(
    ("parameter", "text", "value"),
    [
        (DAY, "2024-02-29", dt.date(2024, 2, 29)),
        (DAY, "0001-01-01", dt.date(1, 1, 1)),
        (CHOICE, "blue", "blue"),
        (FLAG, "true", True),
        (FLAG, "false", False),
        (WHOLE, "1", 1),
        (WHOLE, "12", 12),
        (WHOLE, "000000000000000012", 12),
        (CODE, "qsl", "QSL"),
        (CODE, "A1b2C3d4E5f6", "A1B2C3D4E5F6"),
        (PATTERN, "AL-9", "AL-9"),
        (PATTERN, "x", "x"),
        (WORDS, "St%20Helens%20%26%20x", "St Helens & x"),
        (WORDS, "x" * 100, "x" * 100),
        (WORDS, "%C2%80", "\x80"),
        (YEAR, "2000-01", 2000),
        (YEAR, "2049-50", 2049),
        (YEAR, "2024-25", 2024),
        (SOME, "a", ("a",)),
        (SOME, "c,a,b", ("c", "a", "b")),
    ],
)
def test_a_value_is_read(parameter, text, value):
    read = ask(f"{parameter.name}={text}", parameter)
    assert read == {parameter.name: value}
    assert type(read[parameter.name]) is type(value)


REFUSED = [
    (
        DAY,
        "Write the date like 2025-04-01.",
        ["", "2025-4-1", "20250401", "2025-04-01T00:00:00", "today", " 2025-04-01"],
    ),
    (DAY, "There is no such date.", ["2025-02-29", "2025-13-01", "2025-04-00", "0000-01-01"]),
    (CHOICE, "Choose one of red, blue.", ["", "Red", "green"]),
    (FLAG, "Write true or false.", ["", "True", "1", "yes"]),
    (
        WHOLE,
        "Write a whole number from 1 to 12.",
        ["", "0", "13", "-1", "1.0", "1e1", " 5", "0000000000000000012", "٣"],
    ),
    (CODE, "This is not written as the documentation says.", ["", "a" * 13, "a b", "é", "a-b"]),
    (PATTERN, "This is not written as the documentation says.", ["", "AL-0", "AL-11", "xx", "al-1"]),
    (WORDS, "This is not written as the documentation says.", ["", "x" * 101, "\x1f", "\x7f", "a\tb"]),
    (
        YEAR,
        "Write the financial year as two years that follow each other, like 2024-25: from 2000-01 to 2049-50.",
        ["", "1999-00", "2050-51", "2024", "2024-26", "2024-24", "2024/25", "2024-2025", "x2024-25", "2024-25 "],
    ),
    (SOME, "Give some of a, b, c, each once, with commas between them.", ["", "d", "a,d", "a,a", "a,", "a b"]),
]


@pytest.mark.parametrize(
    ("parameter", "says", "text"), [(one, says, text) for one, says, texts in REFUSED for text in texts]
)
def test_a_value_that_is_not_accepted_is_refused_in_words(parameter, says, text):
    request = get("/", QUERY_STRING="")
    request._request.GET = request._request.GET.copy()
    request._request.GET[parameter.name] = text
    problem = refusal(lambda: read_parameters(request, [parameter]))
    assert problem.kind.slug == "invalid-parameter"
    assert problem.errors == [Problem("NOT_ACCEPTED", says, Where(field=parameter.name), text)]


def test_everything_that_is_wrong_is_told_at_once_what_is_missing_first():
    needed = p.Parameter("needed", "Needed.", {"type": "string"}, str, None, required=True)
    problem = refusal(lambda: ask("odd=1&flag=true&flag=true&size=0&colour=red", FLAG, WHOLE, CHOICE, needed))
    assert problem.errors == [
        Problem("REQUIRED", "This parameter is needed.", Where(field="needed")),
        Problem(
            "UNKNOWN_PARAMETER",
            "This parameter is not known here. Known: colour, flag, needed, size.",
            Where(field="odd"),
            "1",
        ),
        Problem("REPEATED", "Give this parameter once.", Where(field="flag"), "true"),
        Problem("NOT_ACCEPTED", "Write a whole number from 1 to 12.", Where(field="size"), "0"),
    ]
    assert ask("needed=", needed) == {"needed": ""}


def test_an_unknown_parameter_is_unknown_also_when_it_is_repeated_or_nothing_is_known():
    assert refusal(lambda: ask("odd=1&odd=2", FLAG)).errors[0].code == "UNKNOWN_PARAMETER"
    [problem] = refusal(lambda: ask(f"{'n' * 81}=1")).errors
    assert problem.message == "This parameter is not known here. Known: none."
    assert problem.where == Where(field="n" * 80)
    assert ask("", FLAG) == {}


@pytest.mark.parametrize(("count", "kind"), [(50, "invalid-parameter"), (51, "malformed-request")])
def test_more_than_fifty_values_are_not_even_looked_at(count, kind):
    for query in ("&".join(f"p{n}=1" for n in range(count)), "&".join(["flag=true"] * count)):
        problem = refusal(lambda query=query: ask(query, FLAG))
        assert problem.kind.slug == kind
    if kind == "malformed-request":
        assert problem.detail == "More than 50 parameters were given."


@pytest.mark.parametrize("query", ["name=%ff", "%ff=1", "name=%c3%28", "name=%ed%a0%80", "name=\xff"])
def test_an_address_that_is_not_utf8_is_refused(query):
    problem = refusal(lambda: read_parameters(get("/", QUERY_STRING=query), [WORDS]))
    assert (problem.kind.slug, problem.detail) == ("malformed-request", "The address is not UTF-8.")


def test_an_address_in_utf8_is_read():
    assert ask("name=%C3%A9%E2%80%93", WORDS) == {"name": "é–"}


def test_a_request_without_a_query_has_no_parameters():
    request = get("/")
    request._request.META.pop("QUERY_STRING")
    assert read_parameters(request, [FLAG]) == {}


def test_days_are_read_alone_too():
    assert read_day("2025-04-01") == dt.date(2025, 4, 1)
    with pytest.raises(ValueError, match=r"^There is no such date\.$"):
        read_day("2025-04-31")


@pytest.mark.parametrize(
    ("parameter", "schema", "example"),
    [
        (DAY, {"type": "string", "format": "date"}, "2024-06-30"),
        (p.day("day", "A day.", "2021-04-01"), {"type": "string", "format": "date"}, "2021-04-01"),
        (CHOICE, {"type": "string", "enum": ["red", "blue"]}, "red"),
        (p.choice("colour", Colour, "x", "blue"), {"type": "string", "enum": ["red", "blue"]}, "blue"),
        (FLAG, {"type": "boolean"}, True),
        (WHOLE, {"type": "integer", "minimum": 1, "maximum": 12}, 5),
        (CODE, {"type": "string", "pattern": "^(?:[A-Za-z0-9]{1,12})$"}, "QSL"),
        (p.code("code", "x", "Y63"), {"type": "string", "pattern": "^(?:[A-Za-z0-9]{1,12})$"}, "Y63"),
        (WORDS, {"type": "string", "pattern": "^(?:[^\\u0000-\\u001f\\u007f]{1,100})$"}, "Somerset"),
        (PATTERN, {"type": "string", "pattern": "^(?:AL-[1-9]|x)$"}, "AL-1"),
    ],
)
def test_each_kind_publishes_its_limits_and_an_example_that_it_reads(parameter, schema, example):
    assert (parameter.schema, parameter.example) == (schema, example)
    assert parameter.required is False
    written = str(example).lower() if isinstance(example, bool) else str(example)
    assert str(parameter.read(written)) == str(example)


def test_a_parameter_is_described_as_openapi_has_it():
    assert WHOLE.describe() == {
        "name": "size",
        "in": "query",
        "required": False,
        "description": "A number.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 12},
        "example": 5,
    }
    assert SOME.describe() == {
        "name": "some",
        "in": "query",
        "required": False,
        "description": "Some.",
        "schema": {
            "type": "array",
            "items": {"type": "string", "enum": ["a", "b", "c"]},
            "minItems": 1,
            "uniqueItems": True,
        },
        "style": "form",
        "explode": False,
        "example": ["a", "b"],
    }
    needed = p.Parameter("x", "X.", {"type": "string"}, str, None, required=True)
    assert needed.describe() == {
        "name": "x", "in": "query", "required": True, "description": "X.", "schema": {"type": "string"},
    }  # fmt: skip


def test_the_years_are_fifty_from_2000():
    assert (len(p.YEARS), p.YEARS[0], p.YEARS[-1]) == (50, "2000-01", "2049-50")
    assert (YEAR.name, YEAR.example, YEAR.schema["type"]) == ("financial_year", "2024-25", "string")


def test_the_pattern_of_a_year_allows_every_year_and_no_other_text():
    allowed = re.compile(YEAR.schema["pattern"])
    assert all(allowed.search(year) for year in p.YEARS)
    wrong = ["1999-00", "2050-51", "2024", "2024-2025", "2024/25", "x2024-25", "2024-255", "", "2024-61"]
    assert not [text for text in wrong if allowed.search(text)]


def test_every_list_takes_a_page_size_a_cursor_and_a_format():
    assert [parameter.name for parameter in p.LIST] == ["page_size", "cursor", "format"]
    assert ask("page_size=1&cursor=x&format=csv", *p.LIST) == {"page_size": 1, "cursor": "x", "format": "csv"}
    assert ask("page_size=1000", *p.LIST) == {"page_size": 1000}
    for size in ("0", "1001"):
        [problem] = refusal(lambda size=size: ask(f"page_size={size}", *p.LIST)).errors
        assert problem.message == "Write a whole number from 1 to 1000."
    assert p.PAGE_SIZE == p.LIST[0].example == 100
    assert p.LIST[1].schema == {"type": "string", "minLength": 1, "maxLength": 1000}
    assert p.LIST[2].schema == {"type": "string", "enum": ["json", "csv"]}
