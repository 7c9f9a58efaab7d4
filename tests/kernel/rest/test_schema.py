"""OpenAPI from the declarations that the views act on: each builder, exactly."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from pooledcare.kernel.rest import parameters as p
from pooledcare.kernel.rest import schema as s
from pooledcare.kernel.rest.catalogue import KINDS

ITEM = {"type": "object"}
FLAG = p.flag("flag", "Yes or no.")


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, {"type": ["string", "null"]}),
        ({"type": "string", "format": "date"}, {"type": ["string", "null"], "format": "date"}),
        ({"type": "string", "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"$ref": "#/x"}, {"anyOf": [{"$ref": "#/x"}, {"type": "null"}]}),
    ],
)
def test_what_may_be_null(schema, expected):
    before = dict(schema)
    assert s.nullable(schema) == expected
    assert schema == before


def test_lists_records_and_headers():
    assert s.array({"type": "string"}) == {"type": "array", "items": {"type": "string"}}
    assert s.record({"a": s.TEXT, "b": s.COUNT}, description="X") == {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "integer", "minimum": 0}},
        "required": ["a", "b"],
        "description": "X",
    }
    assert s.header("What it says.") == {"description": "What it says.", "schema": {"type": "string"}}
    assert s.header("How many.", type="integer") == {"description": "How many.", "schema": {"type": "integer"}}


@pytest.fixture
def components(monkeypatch):
    found: dict[str, Any] = {}
    monkeypatch.setattr(s, "_components", found)
    return found


def test_a_component_is_kept_under_its_name(components):
    assert s.component("Thing", ITEM) == {"$ref": "#/components/schemas/Thing"}
    assert components == {"Thing": ITEM}


def test_an_answer_has_the_headers_of_every_answer_and_its_own():
    plain = s.Answer("Done.", headers={"ETag": s.header("Tag.")}).describe()
    assert plain == {"description": "Done.", "headers": {**s.ALWAYS, "ETag": s.header("Tag.")}}
    assert set(s.ALWAYS) == {"X-Request-ID", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}
    assert s.Answer("One.", ITEM).describe()["content"] == {"application/json": {"schema": ITEM}}


def test_a_list_is_json_in_one_operation_and_csv_in_another():
    answer = s.Answer("Both.", ITEM, {"a": 1}, s.PAGES, csv_example="a\r\n1\r\n")
    assert answer.describe()["content"] == {"application/json": {"schema": ITEM, "example": {"a": 1}}}
    as_csv = answer.as_csv().describe()
    assert as_csv["content"] == {"text/csv": {"schema": {"type": "string"}, "example": "a\r\n1\r\n"}}
    assert set(as_csv["headers"]) == {*s.ALWAYS, "Content-Disposition"}


@pytest.mark.parametrize(
    ("curl", "as_csv"),
    [
        ('curl "$API/things/"', 'curl "$API/things.csv"'),
        ('curl "$API/things/?a=1&b=x/y"', 'curl "$API/things.csv?a=1&b=x/y"'),
        ('curl "$API/things/?a=1&page_size=5"', 'curl "$API/things.csv?a=1"'),
        ('curl -H "A: $KEY" "$API/things/$ONE/parts/"', 'curl -H "A: $KEY" "$API/things/$ONE/parts.csv"'),
    ],
)
def test_the_operation_of_a_csv_has_the_filters_of_the_list_and_no_pages(curl: str, as_csv: str):
    listed = s.Operation(
        id="listThings",
        summary="List things",
        description="In order.",
        answers={200: s.Answer("A page.", ITEM, csv_example="a\r\n")},
        parameters=(FLAG, *p.LIST),
        problems=(404,),
        key_needed=True,
        curl=curl,
    )
    assert listed.as_csv() == s.Operation(
        id="listThingsAsCsv",
        summary="List things, as CSV",
        description="The whole list in one file. In order.",
        answers={200: listed.answers[200].as_csv()},
        parameters=(FLAG,),
        problems=(404,),
        key_needed=True,
        curl=as_csv,
    )


def test_the_format_is_read_by_lists_but_not_in_the_schema():
    listed = s.Operation(id="x", summary="X", description="X.", answers={}, parameters=(FLAG, *p.LIST))
    assert [each["name"] for each in listed.describe("t")["parameters"]] == ["flag", "page_size", "cursor"]


def test_the_answer_of_a_list_is_a_page_as_json_with_an_example_as_csv(components):
    answer = s.list_answer("Thing", ITEM, {"a": 1}, "a\r\n1\r\n")
    assert components == {
        "ThingPage": s.record({"results": s.array(ITEM), "next": s.nullable(s.LINK), "previous": s.nullable(s.LINK)})
    }
    assert answer == s.Answer(
        "A page of the list.",
        {"$ref": "#/components/schemas/ThingPage"},
        {"results": [{"a": 1}], "next": None, "previous": None},
        {**s.TAG, **s.PAGES},
        "a\r\n1\r\n",
    )


def test_the_answer_of_one_thing_has_a_tag():
    assert s.detail_answer(ITEM, {"a": 1}) == s.Answer("The resource.", ITEM, {"a": 1}, s.TAG)
    assert s.detail_answer(ITEM, {}, "Made.").description == "Made."


def test_an_operation_is_described_whole():
    operation = s.Operation(
        id="makeThing",
        summary="Make a thing",
        description="It is made.",
        answers={201: s.Answer("Made.")},
        parameters=(FLAG,),
        path_parameters={"code": {"description": "Its code.", "schema": s.TEXT}},
        headers=({"in": "header", "name": "If-Match"},),
        body={"content": {}},
        problems=(404, 409),
        key_needed=True,
        curl="curl x",
        status="stable",
    )
    problem = {
        400: "TheRequestCouldNotBeRead",
        401: "AKeyIsNeeded",
        404: "ThereIsNothingHere",
        406: "NoneOfTheAcceptedFormatsIsAvailable",
        409: "ThisCannotBeDoneNow",
        429: "TooManyRequests",
        500: "SomethingWentWrongOnOurSide",
    }
    assert operation.describe("things") == {
        "operationId": "makeThing",
        "summary": "Make a thing",
        "description": "It is made.",
        "tags": ["things"],
        "parameters": [
            {"in": "path", "name": "code", "required": True, "description": "Its code.", "schema": s.TEXT},
            FLAG.describe(),
            {"in": "header", "name": "If-Match"},
        ],
        "security": [{"key": []}],
        "responses": {
            "201": s.Answer("Made.").describe(),
            **{str(status): {"$ref": f"#/components/responses/Problem{name}"} for status, name in problem.items()},
        },
        "x-status": "stable",
        "requestBody": {"content": {}},
        "x-codeSamples": [{"lang": "curl", "source": "curl x"}],
    }


def test_an_operation_that_needs_little_says_little():
    described = s.Operation(id="x", summary="X", description="X.", answers={}).describe("t")
    assert described["security"] == []
    assert set(described["responses"]) == {"400", "401", "406", "429", "500"}
    assert (described["x-status"], described["parameters"]) == ("beta", [])
    assert set(described) == {
        "operationId", "summary", "description", "tags", "parameters", "security", "responses", "x-status",
    }  # fmt: skip


def test_each_operation_is_taken_from_its_view():
    operation = s.Operation(id="x", summary="X", description="X.", answers={})
    schema = s.Schema()
    schema.view = SimpleNamespace(operations={"GET": operation}, tag="things")
    assert schema.get_operation("/", "", "", "get", None) == operation.describe("things")
    assert schema.get_operation("/", "", "", "post", None) is None
    schema.view = SimpleNamespace()
    assert schema.get_operation("/", "", "", "get", None) is None
    schema.view = SimpleNamespace(operations={"GET": operation})
    assert schema.get_operation("/", "", "", "get", None)["tags"] == [""]


def test_the_last_step_adds_the_components_in_their_order(components):
    components |= {"B": ITEM, "A": ITEM}
    done = s.complete({"openapi": "3.1.0", "components": {"schemas": {"old": {}}}}, generator=None)
    assert done["openapi"] == "3.1.0"
    assert list(done["components"]["schemas"]) == ["A", "B"]
    responses = done["components"]["responses"]
    assert list(responses) == sorted(responses)
    assert len(responses) == len({kind.status for kind in KINDS.values()})
    key = done["components"]["securitySchemes"]["key"]
    assert (key["type"], key["scheme"]) == ("http", "bearer")


def test_a_problem_is_described_with_all_kinds_of_its_status_and_an_example_of_the_first(components):
    responses = s.complete({})["components"]["responses"]
    refused = responses["ProblemThisCannotBeDoneNow"]
    assert refused["description"] == (
        "This cannot be done now (refused). The same request is still being worked on (in-progress)."
    )
    assert set(refused["headers"]) == {"X-Request-ID"}
    [(media_type, content)] = refused["content"].items()
    assert (media_type, content["schema"]) == ("application/problem+json", {"$ref": "#/components/schemas/Problem"})
    assert content["example"] == {
        "type": "http://localhost:8000/api/errors/refused/",
        "title": "This cannot be done now",
        "status": 409,
        "detail": KINDS["refused"].meaning,
        "instance": "urn:request:6f1c0a3e-5f0b-4c1e-9d55-2f2f1b0f6a11",
        "errors": [],
    }


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("AKeyIsNeeded", "WWW-Authenticate"),
        ("TooManyRequests", "Retry-After"),
        ("TheServiceIsNotAvailableAtTheMoment", "Retry-After"),
        ("SomethingWentWrongOnOurSide", None),
    ],
)
def test_some_problems_have_a_header_more(name, header):
    found = s.complete({})["components"]["responses"][f"Problem{name}"]["headers"]
    assert set(found) == {"X-Request-ID", *([header] if header else [])}
    if header == "Retry-After":
        assert found[header]["schema"] == {"type": "integer"}


@pytest.mark.parametrize(
    ("text", "is_money"),
    [("0.00", True), ("-5.25", True), ("1234567890123456.00", True), ("12345678901234567.00", False), ("5", False),
     ("5.2", False), ("5.255", False), ("+5.00", False), ("1,000.00", False), ("", False)],
)  # fmt: skip
def test_money_is_published_as_a_string_of_pounds_and_pence(text, is_money):
    assert s.MONEY["type"] == "string"
    assert bool(re.search(s.MONEY["pattern"], text)) is is_money
