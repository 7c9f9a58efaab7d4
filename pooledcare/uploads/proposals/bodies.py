"""Bodies by code and by name, with the years in which they had them. Pure: the rows come from the directory.

`pooledcare.directory.queries.bodies.all_bodies()` reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

FIRST_YEAR, LAST_YEAR = 1900, 2999


@dataclass(frozen=True)
class BodyCode:
    """A code, with the first and last financial year (starting years) in which it was valid."""

    code: str
    scheme: str = ""
    first: int = FIRST_YEAR
    last: int = LAST_YEAR


@dataclass(frozen=True)
class Body:
    """`first` and `last` are the financial years (starting years) in which it existed for at least one day.

    `family` says which bodies publishers list together: council, icb, ccg and so on.
    """

    key: int
    name: str
    family: str
    codes: tuple[BodyCode, ...]
    first: int = FIRST_YEAR
    last: int = LAST_YEAR
    other_names: tuple[str, ...] = ()
    short_names: tuple[str, ...] = ()


@dataclass
class Bodies:
    """All bodies. `regions` are names of regions by code, of which rows are left out."""

    bodies: tuple[Body, ...]
    regions: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, bodies: Iterable[Body], regions: Mapping[str, str] | None = None) -> Bodies:
        return cls(tuple(bodies), regions or {})
