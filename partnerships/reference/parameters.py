"""Typed reader of dated parameters: day counts, notice periods and the like. The law itself is rows of `Rule`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from partnerships.reference import tables
from partnerships.terms import Confidence


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value for the days from `valid_from` to `valid_to`, both included."""

    code: str
    valid_from: dt.date
    valid_to: dt.date | None
    value: int
    unit: str
    source: str
    confidence: Confidence

    def is_valid_on(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@cache
def parameters(folder: Path = tables.HERE) -> tuple[Parameter, ...]:
    """Every parameter, by code and then by date."""
    return tuple(
        Parameter(
            code=row["code"],
            valid_from=dt.date.fromisoformat(row["valid_from"]),
            valid_to=dt.date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            value=int(row["value"]),
            unit=row["unit"],
            source=row["source"],
            confidence=Confidence(row["confidence"]),
        )
        for row in sorted(tables.PARAMETERS.read(folder), key=tables.PARAMETERS.identity_of)
    )


def parameters_on(day: dt.date) -> list[Parameter]:
    """The parameters valid on that day, by code."""
    return [each for each in parameters() if each.is_valid_on(day)]


def parameter(code: str, *, on: dt.date) -> int:
    """The value on that day. Raises `LookupError` if the table has none: that is an error of the program."""
    found = [each for each in parameters_on(on) if each.code == code]
    if len(found) != 1:
        raise LookupError(f"parameters.csv has {len(found)} values of {code} on {on}")
    return found[0].value
