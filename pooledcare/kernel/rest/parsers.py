"""Strict parsers of request bodies. JSON that other parsers may read differently is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import IO, Any, NoReturn

from django.conf import settings
from rest_framework.parsers import BaseParser, MultiPartParser

from pooledcare.kernel.rest.problems import HttpProblem, body_problem

MOST_BYTES = 1024 * 1024
DEEPEST = 20
LONGEST_NUMBER = 30  # digits of a number that is written with a point or an exponent


class StrictJsonParser(BaseParser):
    """UTF-8 JSON. Refuses duplicate keys, fractions, NaN, NUL, lone surrogates, and what is too deep or too large."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        charset = (media_type or "").lower().partition("charset=")[2].strip(' "')
        if charset not in ("", "utf-8", "utf8"):
            raise HttpProblem("unsupported-media-type", "JSON is read as UTF-8 only.")
        raw = stream.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise HttpProblem("too-large")
        return read_json(raw)


def read_json(raw: bytes) -> Any:
    """The value of a JSON text. Raises a problem 400 that says what is wrong with it."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise body_problem("", "NOT_UTF8", "The body is not UTF-8.") from None
    _check_depth(text)
    try:
        value = json.loads(text, object_pairs_hook=_without_duplicates, parse_float=_whole, parse_constant=_no_constant)
    except (json.JSONDecodeError, ValueError) as error:
        message = error.msg if isinstance(error, json.JSONDecodeError) else "a number is too long"
        raise body_problem("", "NOT_JSON", f"The body is not JSON: {message}.") from None
    _check_text(value)
    return value


def _check_depth(text: str) -> None:
    """Refuse deep nesting before parsing, which would use memory for it. Ignores brackets inside strings."""
    depth, inside, escaped = 0, False, False
    for character in text:
        if inside:
            inside = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            inside = True
        elif character in "[{":
            depth += 1
            if depth > DEEPEST:
                raise body_problem("", "TOO_DEEP", f"The body is nested more than {DEEPEST} levels deep.")
        elif character in "]}":
            depth -= 1


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise body_problem(name, "DUPLICATE_FIELD", "The field is given more than once.")
        found[name] = value
    return found


_NO_FRACTION = 'Write money as a string, such as "1234.50", and any other number as a whole one, such as 12.'


def _whole(text: str) -> int:
    """A whole number, which may be written 12.0 or 1e2, as in JSON Schema. Refuses a fraction: it could be rounded."""
    try:
        number = Decimal(text)
    except InvalidOperation:  # an exponent that is too long
        number = Decimal("nan")
    if not number.is_finite() or number.adjusted() >= LONGEST_NUMBER or number != number.to_integral_value():
        raise body_problem("", "NUMBER_WITH_FRACTION", _NO_FRACTION, text)
    return int(number)


def _no_constant(text: str) -> NoReturn:
    raise body_problem("", "NOT_JSON", "NaN and Infinity are not JSON.", text)


def _check_text(value: Any) -> None:
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise body_problem("", "BAD_CHARACTER", "A string holds NUL or half of a surrogate pair.")
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check_text(name)
            _check_text(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_text(inner)


def most_bytes(content_type: str, parsers: Sequence[type[BaseParser]]) -> int:
    """How long a body of this type may be for these parsers: a form may hold a file."""
    is_form = content_type.lower().startswith("multipart/") and FormParser in parsers
    return MOST_BYTES + (settings.UPLOAD_MAX_BYTES if is_form else 0)


class FormParser(MultiPartParser):
    """multipart/form-data with a boundary; Django's own limits on parts and fields apply."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        length = (parser_context or {})["request"].META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > settings.UPLOAD_MAX_BYTES + MOST_BYTES:
            raise HttpProblem("too-large")
        return super().parse(stream, media_type, parser_context)
