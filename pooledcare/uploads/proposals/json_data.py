"""Dataclasses as data for JSON, and back. What comes back is checked strictly, because people and programs send it."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from typing import Any, Self

from pooledcare.kernel.problems import Refused

LONGEST = 4_000  # characters of one text, and entries of one list


class JsonData:
    """Base of frozen dataclasses of texts, numbers, yes or no, lists of these, and other such dataclasses."""

    def as_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(typing.cast(Any, self))}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """The same from plain data. Raises `Refused` for unknown or missing names and wrong types."""
        return typing.cast(Self, _made(cls, data, ""))


def _plain(value: Any) -> Any:
    if isinstance(value, JsonData):
        return value.as_json()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return value


def _made(wanted: Any, data: Any, place: str) -> Any:
    """`data` as the wanted type. `place` says where it stands, such as `sheets[0].columns`."""
    origin, parts = typing.get_origin(wanted), typing.get_args(wanted)
    if origin in (types.UnionType, typing.Union):
        inner = next(part for part in parts if part is not type(None))
        return None if data is None else _made(inner, data, place)
    if origin is tuple:
        if not isinstance(data, list) or len(data) > LONGEST:
            raise _refused(place, "a list", data)
        return tuple(_made(parts[0], each, f"{place}[{number}]") for number, each in enumerate(data))
    if origin is dict:
        if not isinstance(data, dict) or len(data) > LONGEST:
            raise _refused(place, "a mapping of texts", data)
        return {_made(str, name, place): _made(parts[1], each, f"{place}.{name}") for name, each in data.items()}
    if is_dataclass(wanted):
        return _dataclass(wanted, data, place)
    if isinstance(wanted, type) and issubclass(wanted, StrEnum):
        if not isinstance(data, str) or data not in [each.value for each in wanted]:
            raise _refused(place, "one of " + ", ".join(each.value for each in wanted), data)
        return wanted(data)
    return _single(wanted, data, place)


def _single(wanted: Any, data: Any, place: str) -> Any:
    if wanted is bool and isinstance(data, bool):
        return data
    if wanted is int and isinstance(data, int) and not isinstance(data, bool):
        return data
    if wanted is str and isinstance(data, str) and len(data) <= LONGEST:
        return data
    raise _refused(place, {bool: "true or false", int: "a whole number"}.get(wanted, "a text"), data)


def _dataclass(wanted: Any, data: Any, place: str) -> Any:
    if not isinstance(data, dict):
        raise _refused(place, "an object", data)
    types_of = typing.get_type_hints(wanted)
    known = {field.name: field for field in fields(wanted)}
    unknown = [name for name in data if name not in known]
    if unknown:
        raise Refused.because(
            "UNKNOWN_FIELD", f"“{_at(place, str(unknown[0]))}” is not known here", fix=f"Known are {', '.join(known)}."
        )
    values = {}
    for name, field in known.items():
        if name in data:
            values[name] = _made(types_of[name], data[name], _at(place, name))
        elif field.default is MISSING and field.default_factory is MISSING:
            raise Refused.because("REQUIRED", f"“{_at(place, name)}” is missing", fix="Add it.")
    return wanted(**values)


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _refused(place: str, wanted: str, data: Any) -> Refused:
    return Refused.because("WRONG_TYPE", f"“{place or 'The data'}” must be {wanted}", value=repr(data))
