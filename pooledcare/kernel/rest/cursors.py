"""Signed cursors that mark the end of a page of a list. Each is valid for one list, one set of filters, one client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core import signing

from pooledcare.kernel.rest.problems import HttpProblem

KEEP = timedelta(days=1)
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Cursor:
    """The key of the row before or after the page wanted, and the direction in which to read from it."""

    key: tuple[Any, ...]
    backwards: bool = False


def binding(resource: str, filters: Mapping[str, str], client: str) -> str:
    """The text that a cursor is signed with, so that it is not valid for another list, filter or client."""
    asked = "&".join(f"{name}={value}" for name, value in sorted(filters.items()))
    return f"cursor:{resource}?{asked}:{client}"


def write_cursor(cursor: Cursor, bound_to: str) -> str:
    return signing.dumps([cursor.key, int(cursor.backwards)], salt=bound_to)


def read_cursor(text: str, bound_to: str) -> Cursor:
    """The cursor. Raises a problem 400 if it was changed, is too old or was made for something else."""
    try:
        if len(text) > LONGEST:
            raise signing.BadSignature
        key, backwards = signing.loads(text, salt=bound_to, max_age=KEEP)
    except signing.BadSignature:
        raise HttpProblem("invalid-cursor") from None
    return Cursor(tuple(key), bool(backwards))
