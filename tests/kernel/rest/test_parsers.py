"""Strict JSON and forms: every limit one below, at and one above, and every refusal in its own words."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from rest_framework.request import Request

from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.rest import parsers
from pooledcare.kernel.rest.parsers import FormParser, StrictJsonParser, read_json
from tests.kernel.rest.conftest import FACTORY, drf, refusal

MEGABYTE = 1024 * 1024


def refused(raw: bytes) -> list[Problem]:
    problem = refusal(lambda: read_json(raw))
    assert (problem.kind.slug, problem.kind.status) == ("invalid-body", 400)
    return problem.errors


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"null", None),
        (b' {"a": [1, true, "x", null]} ', {"a": [1, True, "x", None]}),
        ('{"£": "–"}'.encode(), {"£": "–"}),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"\\ud7ff\\ue000"', "\ud7ff\ue000"),
        (b'"\\u0001"', "\x01"),
        (b'{"a": {"a": 1}, "b": {"a": 1}}', {"a": {"a": 1}, "b": {"a": 1}}),
        (b'[{"a": 1}, {"a": 1}]', [{"a": 1}, {"a": 1}]),
        (b'{"a": 1, "A": 1}', {"a": 1, "A": 1}),
    ],
)
def test_json_is_read_as_it_stands(raw, value):
    assert read_json(raw) == value


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("-12", -12),
        ("12.0", 12),
        ("-12.000", -12),
        ("1e2", 100),
        ("1.5e1", 15),
        ("1500e-2", 15),
        ("-0.0", 0),
        ("0e0", 0),
        ("1e29", 10**29),
        ("9.99e29", 999 * 10**27),
        ("123456789012345678901234567890.0", 123456789012345678901234567890),
        ("9" * 4300, int("9" * 4300)),
    ],
)
def test_a_whole_number_is_read_however_it_is_written(text, number):
    value = read_json(text.encode())
    assert value == number
    assert type(value) is int


FRACTION = 'Write money as a string, such as "1234.50", and any other number as a whole one, such as 12.'


@pytest.mark.parametrize(
    "text",
    [
        "0.5",
        "-0.5",
        "12.01",
        "1e-1",
        "1e-400",
        "1e30",
        "-1e30",
        "1e400",
        "1e999999999",
        "1e" + "9" * 40,
        "1234567890123456789012345678901.0",
        "0.0000000000000000000000000000000001",
    ],
)
def test_a_fraction_or_a_number_without_end_is_refused(text):
    assert refused(f'{{"a": {text}}}'.encode()) == [Problem("NUMBER_WITH_FRACTION", FRACTION, None, text)]


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused(text):
    assert refused(f"[{text}]".encode()) == [Problem("NOT_JSON", "NaN and Infinity are not JSON.", None, text)]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "The body is not JSON: Expecting value."),
        (b"{", "The body is not JSON: Expecting property name enclosed in double quotes."),
        (b"[1,]", "The body is not JSON: Expecting value."),
        (b"{} {}", "The body is not JSON: Extra data."),
        (b'"\n"', "The body is not JSON: Invalid control character at."),
        (b"9" * 4301, "The body is not JSON: a number is too long."),
    ],
)
def test_what_is_not_json_is_said_so(raw, message):
    [problem] = refused(raw)
    assert problem.code == "NOT_JSON"
    assert problem.message.startswith(message[:-1])
    assert (problem.where, problem.value) == (None, None)


@pytest.mark.parametrize("raw", [b'"\xff"', b"\xc3", "“".encode("utf-16"), b'"\xed\xa0\x80"'])
def test_what_is_not_utf8_is_said_so(raw):
    assert refused(raw) == [Problem("NOT_UTF8", "The body is not UTF-8.")]


@pytest.mark.parametrize("raw", [b'{"a": 1, "a": 1}', b'{"b": [{"a": 1, "c": 2, "a": 3}]}'])
def test_a_field_given_twice_is_named(raw):
    assert refused(raw) == [Problem("DUPLICATE_FIELD", "The field is given more than once.", Where(field="a"))]


@pytest.mark.parametrize(
    "raw",
    [
        b'"\\u0000"',
        b'"\\ud800"',
        b'"\\udbff"',
        b'"\\udc00"',
        b'"\\udfff"',
        b'"\\ude00\\ud83d"',
        b'{"a\\u0000": 1}',
        b'{"a": "x\\u0000"}',
        b'{"a": [1, ["\\ud800"]]}',
        b'{"a": {"b": {"\\udfff": 1}}}',
        b'["x", {"a": "\\u0000"}]',
    ],
)
def test_a_character_that_the_database_cannot_hold_is_refused_wherever_it_stands(raw):
    assert refused(raw) == [Problem("BAD_CHARACTER", "A string holds NUL or half of a surrogate pair.")]


TOO_DEEP = [Problem("TOO_DEEP", "The body is nested more than 20 levels deep.")]


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_twenty_levels_are_read_and_twenty_one_are_not(opening, closing):
    def nested(depth: int) -> bytes:
        return (opening * depth + "1" + closing * depth).encode()

    assert json.loads(nested(20)) == read_json(nested(20))
    assert refused(nested(21)) == TOO_DEEP


@pytest.mark.parametrize(
    "text",
    [
        '"' + "[" * 30 + '"',
        '"\\"' + "[" * 30 + '"',
        '["\\\\", "' + "{" * 30 + '"]',
        '["' + "[" * 30 + '", ["' + "[" * 30 + '"]]',
        "[" + ",".join(["[[]]"] * 30) + "]",
        '{"a": ' + "[" * 18 + "]" * 18 + ', "b": ' + "[" * 18 + "]" * 18 + "}",
    ],
)
def test_brackets_in_strings_and_beside_each_other_do_not_add_up(text):
    assert read_json(text.encode()) == json.loads(text)


def test_a_string_that_ends_in_a_backslash_pair_has_ended():
    assert refused(b'["\\\\", ' + b"[" * 20 + b"]" * 20 + b"]") == TOO_DEEP
    assert refused(b'["\\"", ' + b"[" * 20 + b"]" * 20 + b"]") == TOO_DEEP


@pytest.mark.parametrize(
    "media_type",
    [
        None,
        "",
        "application/json",
        "application/json; charset=utf-8",
        'application/json; charset="UTF-8"',
        "application/json;Charset=utf8 ",
    ],
)
def test_json_is_read_as_utf8(media_type):
    assert StrictJsonParser().parse(io.BytesIO(b"[1]"), media_type) == [1]


@pytest.mark.parametrize("charset", ["utf-16", "latin-1", "utf-8-sig", "ascii"])
def test_json_in_another_encoding_is_refused(charset):
    parse = lambda: StrictJsonParser().parse(io.BytesIO(b"[1]"), f"application/json; charset={charset}")  # noqa: E731
    problem = refusal(parse)
    assert (problem.kind.slug, problem.detail) == ("unsupported-media-type", "JSON is read as UTF-8 only.")


@pytest.mark.parametrize(("size", "fits"), [(MEGABYTE - 1, True), (MEGABYTE, True), (MEGABYTE + 1, False)])
def test_json_of_a_megabyte_is_read_and_a_byte_more_is_not(size, fits, monkeypatch):
    assert parsers.MOST_BYTES == MEGABYTE
    received: list[int] = []
    monkeypatch.setattr(parsers, "read_json", lambda raw: received.append(len(raw)))
    stream = io.BytesIO(b" " * size + b"x" * 0)
    parse = lambda: StrictJsonParser().parse(stream, "application/json")  # noqa: E731
    if fits:
        parse()
        assert received == [size]
    else:
        assert refusal(parse).kind.slug == "too-large"
        assert received == []


def test_of_a_body_that_is_too_large_no_more_is_read_than_shows_it():
    stream = io.BytesIO(b" " * (MEGABYTE + 100))
    refusal(lambda: StrictJsonParser().parse(stream))
    assert stream.tell() == MEGABYTE + 1


def form(length: Any, settings: Any) -> Request:
    settings.UPLOAD_MAX_BYTES = 1000
    request = drf(FACTORY.post("/", {"kind": "a"}, format="multipart"))
    if length is None:
        request._request.META.pop("CONTENT_LENGTH")
    elif length != "own":
        request._request.META["CONTENT_LENGTH"] = length
    return request


@pytest.mark.parametrize("length", ["own", str(1000 + MEGABYTE - 1), str(1000 + MEGABYTE)])
def test_a_form_up_to_the_limit_of_files_and_a_megabyte_of_fields_goes_on_to_be_read(length, settings, monkeypatch):
    request = form(length, settings)
    monkeypatch.setattr(parsers.MultiPartParser, "parse", lambda *_: "read")
    assert FormParser().parse(io.BytesIO(), "multipart/form-data", {"request": request}) == "read"


@pytest.mark.parametrize("length", [None, "", "lots", "-1"])
def test_a_form_that_does_not_say_its_length_goes_on_to_be_read(length, settings, monkeypatch):
    request = form(length, settings)
    monkeypatch.setattr(parsers.MultiPartParser, "parse", lambda *_: "read")
    assert FormParser().parse(io.BytesIO(), "multipart/form-data", {"request": request}) == "read"


def test_a_longer_form_is_refused_before_it_is_read(settings):
    request = form(str(1000 + MEGABYTE + 1), settings)
    assert refusal(lambda: FormParser().parse(io.BytesIO(), "", {"request": request})).kind.slug == "too-large"


def test_a_form_is_read_with_its_fields():
    assert drf(FACTORY.post("/", {"kind": ["a", "b"]}, format="multipart")).data.getlist("kind") == ["a", "b"]
