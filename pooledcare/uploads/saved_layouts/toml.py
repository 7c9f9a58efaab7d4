"""Writing a layout as a TOML file, which reads back equal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def as_toml(table: Mapping[str, Any]) -> str:
    """A table as TOML. Raises TypeError for a value that is no text, number, truth value, list or table.

    >>> print(as_toml({"title": "Core", "unit": 1000, "sheets": [{"name": "A"}]}), end="")
    title = "Core"
    unit = 1000
    <BLANKLINE>
    [[sheets]]
    name = "A"
    """
    return "\n".join(_lines(table, ())).lstrip("\n") + "\n"


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """The plain values of a table first, because whatever follows the heading of a table belongs to that table."""
    for name, value in table.items():
        if not _is_table(value) and not _is_tables(value):
            yield f"{_key(name)} = {_value(value)}"
    for name, value in table.items():
        heading = ".".join(map(_key, (*path, name)))
        if _is_table(value):
            yield from ("", f"[{heading}]", *_lines(value, (*path, name)))
        elif _is_tables(value):
            for each in value:
                yield from ("", f"[[{heading}]]", *_lines(each, (*path, name)))


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_tables(value: Any) -> bool:
    return _is_list(value) and len(value) > 0 and all(map(_is_table, value))


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _text(name)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal) and value.is_finite():
        return f"{value:f}" if "." in f"{value:f}" else f"{value:f}.0"
    if _is_list(value) and not any(map(_is_table, value)):
        return f"[{', '.join(map(_value, value))}]"
    raise TypeError(f"{type(value).__name__} cannot be written as TOML.")
