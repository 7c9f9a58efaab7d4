"""Declarations of query parameters, used to read, validate and document them. Refuses unknown and repeated ones."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from django.db.models import TextChoices
from rest_framework.request import Request

from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.rest.problems import HttpProblem

MOST_PARAMETERS = 50
PAGE_SIZE, LARGEST_PAGE = 100, 1000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOLE = re.compile(r"[0-9]{1,18}")
YEARS = [str(FinancialYear(start)) for start in range(2000, 2050)]
_YEAR = {"type": "string", "pattern": "^20[0-4][0-9]-[0-5][0-9]$"}


@dataclass(frozen=True)
class Parameter:
    """A parameter: its name, its JSON Schema, and `read`, which converts text or raises ValueError with a sentence.

    One that is not `documented` is accepted, but not in the schema: docs/api.md explains it.
    """

    name: str
    description: str
    schema: dict[str, Any]
    read: Callable[[str], Any]
    example: Any
    required: bool = False
    documented: bool = True

    def describe(self) -> dict[str, Any]:
        """The OpenAPI parameter object. A list is written as text with commas."""
        shape: dict[str, Any] = {
            "name": self.name,
            "in": "query",
            "required": self.required,
            "description": self.description,
            "schema": self.schema,
        }
        if self.schema.get("type") == "array":
            shape |= {"style": "form", "explode": False}
        return shape if self.example is None else shape | {"example": self.example}


def read_parameters(request: Request, declared: Iterable[Parameter]) -> dict[str, Any]:
    """The values of the parameters that were given, by name. Raises a problem 400 that names all that are wrong."""
    _check_utf8(request.META.get("QUERY_STRING", ""))
    given: Mapping[str, list[str]] = dict(request.query_params.lists())
    known = {parameter.name: parameter for parameter in declared}
    if sum(len(values) for values in given.values()) > MOST_PARAMETERS:
        raise HttpProblem("malformed-request", f"More than {MOST_PARAMETERS} parameters were given.")
    values: dict[str, Any] = {}
    problems = [_missing(name) for name, parameter in known.items() if parameter.required and name not in given]
    for name, texts in given.items():
        try:
            values[name] = _read_one(name, texts, known)
        except ValueError as error:
            code = "UNKNOWN_PARAMETER" if name not in known else "REPEATED" if len(texts) > 1 else "NOT_ACCEPTED"
            problems.append(Problem(code, str(error), Where(field=name[:80]), texts[0]))
    if problems:
        raise HttpProblem("invalid-parameter", errors=problems)
    return values


def _read_one(name: str, texts: list[str], known: Mapping[str, Parameter]) -> Any:
    if name not in known:
        raise ValueError(f"This parameter is not known here. Known: {', '.join(sorted(known)) or 'none'}.")
    if len(texts) > 1:
        raise ValueError("Give this parameter once.")
    return known[name].read(texts[0])


def _missing(name: str) -> Problem:
    return Problem("REQUIRED", "This parameter is needed.", Where(field=name))


def _check_utf8(query: str) -> None:
    """Refuse an address that is not valid UTF-8, in which Django would use replacement characters."""
    try:
        unquote_to_bytes(query.encode("latin-1", "replace")).decode("utf-8")
    except UnicodeDecodeError:
        raise HttpProblem("malformed-request", "The address is not UTF-8.") from None


def read_day(text: str) -> dt.date:
    if not _DAY.fullmatch(text):
        raise ValueError("Write the date like 2025-04-01.")
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError("There is no such date.") from None


def day(name: str, description: str, example: str = "2024-06-30") -> Parameter:
    return Parameter(name, description, {"type": "string", "format": "date"}, read_day, example)


def choice(name: str, choices: type[TextChoices], description: str, example: str | None = None) -> Parameter:
    values = list(choices.values)

    def read(text: str) -> str:
        if text not in values:
            raise ValueError(f"Choose one of {', '.join(values)}.")
        return text

    return Parameter(name, description, {"type": "string", "enum": values}, read, example or values[0])


def flag(name: str, description: str) -> Parameter:
    def read(text: str) -> bool:
        if text not in ("true", "false"):
            raise ValueError("Write true or false.")
        return text == "true"

    return Parameter(name, description, {"type": "boolean"}, read, True)


def whole(name: str, description: str, *, least: int, most: int, example: int) -> Parameter:
    def read(text: str) -> int:
        if not _WHOLE.fullmatch(text) or not least <= int(text) <= most:
            raise ValueError(f"Write a whole number from {least} to {most}.")
        return int(text)

    return Parameter(name, description, {"type": "integer", "minimum": least, "maximum": most}, read, example)


def pattern(name: str, description: str, *, grammar: str, example: str, upper: bool = False) -> Parameter:
    """Text that matches a regular expression, which is also the pattern in the schema."""
    compiled = re.compile(grammar)

    def read(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError("This is not written as the documentation says.")
        return text.upper() if upper else text

    return Parameter(name, description, {"type": "string", "pattern": f"^(?:{grammar})$"}, read, example)


def code(name: str, description: str, example: str = "QSL") -> Parameter:
    return pattern(name, description, grammar="[A-Za-z0-9]{1,12}", example=example, upper=True)


def words(name: str, description: str, example: str) -> Parameter:
    """Free text without control characters."""
    return pattern(name, description, grammar="[^\\u0000-\\u001f\\u007f]{1,100}", example=example)


def financial_year(
    name: str = "financial_year", description: str = f"The financial year, from {YEARS[0]} to {YEARS[-1]}."
) -> Parameter:
    def read(text: str) -> int:
        if text not in YEARS:
            raise ValueError(
                f"Write the financial year as two years that follow each other, like 2024-25: from {YEARS[0]} to "
                f"{YEARS[-1]}."
            )
        return int(text[:4])

    return Parameter(name, description, _YEAR, read, "2024-25")


def several(name: str, description: str, choices: Iterable[str], example: list[str]) -> Parameter:
    """Some of the `choices`, separated by commas, without duplicates. Their order is kept."""
    allowed = list(choices)

    def read(text: str) -> tuple[str, ...]:
        found = tuple(text.split(","))
        if len(set(found)) != len(found) or not set(found) <= set(allowed):
            raise ValueError(f"Give some of {', '.join(allowed)}, each once, with commas between them.")
        return found

    items = {"type": "string", "enum": allowed}
    schema = {"type": "array", "items": items, "minItems": 1, "uniqueItems": True}
    return Parameter(name, description, schema, read, example)


# The parameters that every list has besides its own filters.
PAGING = (
    whole(
        "page_size",
        f"How many entries a page holds at most; {PAGE_SIZE} when not given.",
        least=1,
        most=LARGEST_PAGE,
        example=PAGE_SIZE,
    ),
    Parameter(
        "cursor",
        "Where the page begins: taken from `next` or `previous`, valid for a day with the same filters and client.",
        {"type": "string", "minLength": 1, "maxLength": 1000},
        str,
        None,
    ),
)
FORMAT = Parameter(
    "format",
    "The format, for links in a browser; takes precedence over the header Accept.",
    {"type": "string", "enum": ["json", "csv"]},
    str,
    "json",
    documented=False,
)
LIST = (*PAGING, FORMAT)
