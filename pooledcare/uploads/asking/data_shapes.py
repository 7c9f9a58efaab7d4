"""The shapes of proposals and decisions as JSON Schema, made from their dataclasses, and that of a stated layout."""

from __future__ import annotations

import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from typing import Any

from pooledcare.uploads.proposals.json_data import LONGEST

# The JSON parser refuses NUL, which PostgreSQL cannot store.
_NO_NUL = "^[^\\u0000]*$"
TEXT: dict[str, Any] = {"type": "string", "maxLength": LONGEST, "pattern": _NO_NUL}
_NAMES = {"pattern": _NO_NUL, "maxLength": LONGEST}


def schema_of(shape: Any) -> dict[str, Any]:
    """The schema of a type of `proposals`: a dataclass, or what its fields hold."""
    origin, parts = typing.get_origin(shape), typing.get_args(shape)
    if origin in (types.UnionType, typing.Union):
        (inner,) = (part for part in parts if part is not type(None))
        return {"anyOf": [schema_of(inner), {"type": "null"}]}
    if origin is tuple:
        return {"type": "array", "items": schema_of(parts[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema_of(parts[1]), "propertyNames": _NAMES}
    if is_dataclass(shape):
        return _of_dataclass(shape)
    if isinstance(shape, type) and issubclass(shape, StrEnum):
        return {"type": "string", "enum": [each.value for each in shape]}
    return {bool: {"type": "boolean"}, int: {"type": "integer"}}.get(shape, TEXT)


def _of_dataclass(shape: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(shape)
    needed = [each.name for each in fields(shape) if each.default is MISSING and each.default_factory is MISSING]
    properties = {each.name: schema_of(hints[each.name]) for each in fields(shape)}
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}


_FLAG: dict[str, Any] = {"type": "boolean"}
_TEXTS = {"type": "array", "items": TEXT}
_BY_NAME = {"type": "object", "additionalProperties": TEXT, "propertyNames": _NAMES}
_RULE = {**_BY_NAME, "additionalProperties": {"anyOf": [TEXT, {"type": "integer"}, {"type": "boolean"}]}}
_RULES = {"type": "array", "items": _RULE}
_LEFT_OUT = {
    "type": "object",
    "properties": {"column": TEXT, "unless": _TEXTS, "reason": TEXT},
    "required": ["column", "unless", "reason"],
    "additionalProperties": False,
}
_SHEET = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("title", "code", "codes", "name", "family"), TEXT),
        **dict.fromkeys(("required", "to_the_end"), _FLAG),
        "heading_rows": {"type": "integer"},
        **dict.fromkeys(("columns", "row_values", "letters"), _BY_NAME),
        "whole_row": _TEXTS,
        "left_out": {"type": "array", "items": _LEFT_OUT},
        **dict.fromkeys(("figures", "not_read", "rows_left_out", "totals"), _RULES),
    },
    "additionalProperties": False,
}
_SHEETS = {"type": "array", "items": _SHEET}
_EDITION = {
    "type": "object",
    "properties": {"name": TEXT, "sheets": _SHEETS},
    "required": ["name", "sheets"],
    "additionalProperties": False,
}
STATED: dict[str, Any] = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("title", "publisher", "summary", "source_title", "year", "money"), TEXT),
        **dict.fromkeys(("decimals", "broken_pounds"), TEXT),
        "rounds": {"type": "boolean"},
        "published": {"type": "boolean"},
        "unit": {"anyOf": [{"type": "integer"}, TEXT]},
        "missing": _TEXTS,
        "notes": _TEXTS,
        "defaults": _BY_NAME,
        "names": _BY_NAME,
        "sheets": _SHEETS,
        "editions": {"type": "array", "items": _EDITION},
    },
    "additionalProperties": False,
    "description": "What the layout says: its sheets, headings and columns, and the unit of its amounts",
}
