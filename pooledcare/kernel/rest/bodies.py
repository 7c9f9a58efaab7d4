"""Declarations of the fields of a JSON body, used to read, validate and document it. Unknown fields are refused."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.rest.parameters import read_day
from pooledcare.kernel.rest.problems import HttpProblem

FIRST_YEAR, LAST_YEAR = 1990, 2100
LONGEST = 20_000


@dataclass(frozen=True)
class BodyField:
    """A field: its name, its JSON Schema, and `read`, which converts its value or raises ValueError with a sentence."""

    name: str
    schema: dict[str, Any]
    read: Callable[[Any], Any]
    required: bool = False

    def needed(self) -> BodyField:
        return replace(self, required=True)

    def or_null(self) -> BodyField:
        """The same field, but null is allowed too and means no value."""
        read = self.read
        schema = {**self.schema, "type": [self.schema["type"], "null"]}
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
        return replace(self, schema=schema, read=lambda value: None if value is None else read(value))


def read_body(body: Any, fields: Sequence[BodyField]) -> dict[str, Any]:
    """The values of the fields that were given, by name. Raises a problem 400 that names every field that is wrong."""
    values, problems = _values(body, fields, "")
    if problems:
        raise HttpProblem("invalid-body", errors=problems[:100])
    return values


def _values(body: Any, fields: Sequence[BodyField], path: str) -> tuple[dict[str, Any], list[Problem]]:
    if not isinstance(body, Mapping):
        where = Where(field=path.rstrip(".")) if path else None
        return {}, [Problem("NOT_AN_OBJECT", "This is not a JSON object.", where)]
    known = {field.name: field for field in fields}
    values: dict[str, Any] = {}
    problems = [
        _problem(f"{path}{field.name}", "REQUIRED", "This field is needed.")
        for field in fields
        if field.required and field.name not in body
    ]
    for name, value in body.items():
        if name not in known:
            message = f"This field is not known here. Known: {', '.join(known)}."
            problems.append(_problem(f"{path}{name}", "UNKNOWN_FIELD", message))
            continue
        try:
            values[name] = known[name].read(value)
        except _Nested as nested:
            problems += [_moved(problem, f"{path}{name}.") for problem in nested.problems]
        except ValueError as error:
            given = value if isinstance(value, str) else None
            problems.append(_problem(f"{path}{name}", "NOT_ACCEPTED", str(error), given))
    return values, problems


class _Nested(ValueError):
    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("")


def _moved(problem: Problem, path: str) -> Problem:
    field = problem.where.field if problem.where else ""
    return replace(problem, where=Where(field=f"{path}{field or ''}".rstrip(".")[:200]))


def _problem(name: str, code: str, message: str, value: str | None = None) -> Problem:
    return Problem(code, message, Where(field=name[:200]), value)


def body_schema(fields: Iterable[BodyField], **more: Any) -> dict[str, Any]:
    declared = list(fields)
    shape: dict[str, Any] = {"type": "object", "properties": {field.name: field.schema for field in declared}}
    if required := [field.name for field in declared if field.required]:
        shape["required"] = required
    return {**shape, "additionalProperties": False, **more}


# ── Kinds of field ───────────────────────────────────────────────────────────────────────────────────────────────────


def text(name: str, description: str, *, longest: int = LONGEST) -> BodyField:
    """A string of up to `longest` characters. The JSON parser refuses characters that PostgreSQL cannot store."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or len(value) > longest:
            raise ValueError(f"Write a string of up to {longest:,} characters.")
        return value

    # The pattern documents that the JSON parser refuses NUL.
    schema = {"type": "string", "maxLength": longest, "pattern": "^[^\\u0000]*$", "description": description}
    return BodyField(name, schema, read)


def day(name: str, description: str) -> BodyField:
    def read(value: Any) -> dt.date:
        if not isinstance(value, str):
            raise ValueError("Write the date as a string like 2025-04-01.")
        found = read_day(value)
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise ValueError(f"Write a date from {FIRST_YEAR} to {LAST_YEAR}.")
        return found

    pattern = "^(199[0-9]|20[0-9]{2}|2100)-"
    return BodyField(name, {"type": "string", "format": "date", "pattern": pattern, "description": description}, read)


def days(name: str, description: str, *, most: int = 50) -> BodyField:
    return several(name, day("", ""), description, most=most)


def whole(name: str, description: str, *, least: int, most: int) -> BodyField:
    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"Write a whole number from {least} to {most}.")
        return value

    return BodyField(name, {"type": "integer", "minimum": least, "maximum": most, "description": description}, read)


def flag(name: str, description: str) -> BodyField:
    def read(value: Any) -> bool:
        if not isinstance(value, bool):
            raise ValueError("Write true or false.")
        return value

    return BodyField(name, {"type": "boolean", "description": description}, read)


def choice(name: str, values: Sequence[str], description: str) -> BodyField:
    allowed = [str(value) for value in values]

    def read(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"Choose one of {', '.join(allowed)}.")
        return str(value)

    return BodyField(name, {"type": "string", "enum": allowed, "description": description}, read)


def code(name: str, description: str, *, grammar: str = "[A-Za-z0-9]{1,12}") -> BodyField:
    """A code or another short text that matches a regular expression."""
    compiled = re.compile(grammar)

    def read(value: Any) -> str:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise ValueError("This is not written as the documentation says.")
        return value

    return BodyField(name, {"type": "string", "pattern": f"^(?:{grammar})$", "description": description}, read)


def several(name: str, item: BodyField, description: str, *, most: int = 100) -> BodyField:
    """A list of values of one kind, without duplicates."""

    def read(value: Any) -> list[Any]:
        if not isinstance(value, list) or len(value) > most:
            raise ValueError(f"Write a list of up to {most} values.")
        found = [item.read(each) for each in value]
        if any(each in found[:place] for place, each in enumerate(found)):
            raise ValueError("Give each value once.")
        return found

    items = {name: shape for name, shape in item.schema.items() if name != "description"}
    schema = {"type": "array", "items": items, "maxItems": most, "uniqueItems": True, "description": description}
    return BodyField(name, schema, read)


def many(name: str, fields: Sequence[BodyField], description: str, *, most: int = 100) -> BodyField:
    """A list of objects."""

    def read(value: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list) or len(value) > most:
            raise ValueError(f"Write a list of up to {most} objects.")
        found, problems = [], []
        for place, each in enumerate(value):
            values, wrong = _values(each, fields, f"{place}.")
            found.append(values)
            problems += wrong
        if problems:
            raise _Nested(problems)
        return found

    schema = {"type": "array", "items": body_schema(fields), "maxItems": most, "description": description}
    return BodyField(name, schema, read)
