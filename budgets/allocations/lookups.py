"""Reference data for the checks, read once for each upload: organisations by code and date, streams, permissions."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from budgets.models import FundingStream
from pooledcare.directory.access import Actor, can, holder_kinds_funded_by
from pooledcare.directory.access import Permission as P
from pooledcare.directory.models import Organisation, OrganisationCode, Succession
from pooledcare.kernel.days import written
from pooledcare.kernel.periods import FinancialYear
from pooledcare.uploads.checks import numeric_readings

FIRST_YEAR, LAST_YEAR = 1900, 2999


@dataclass(frozen=True, slots=True)
class Holding:
    """An organisation and one of its codes, with the financial years (starting years) in which both are valid."""

    organisation: int
    kind: str
    first: int
    last: int
    opened: dt.date | None
    closed: dt.date | None
    code_ended: dt.date | None


@dataclass
class Lookups:
    """The reference data of one check."""

    codes: dict[str, list[Holding]]
    names: dict[int, str]
    current_codes: dict[int, str]
    streams: dict[str, FundingStream]
    submitting: Organisation
    may_publish: bool
    funded_kinds: frozenset[str]
    numeric: dict[int, list[str]] = field(default_factory=dict)
    _by_name: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set), repr=False)

    @cached_property
    def ids(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Keys of all organisations with a code, sorted. The first is 0, meaning none."""
        return np.array([0, *sorted(self.names)], dtype=np.int64)

    @cached_property
    def kind_names(self) -> list[str]:
        return ["", *sorted({holding.kind for holdings in self.codes.values() for holding in holdings})]

    @cached_property
    def kind_numbers(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """For each of `ids`, the index of its kind in `kind_names`."""
        kinds = {one.organisation: one.kind for holdings in self.codes.values() for one in holdings}
        places = {kind: place for place, kind in enumerate(self.kind_names)}
        return np.array([places[kinds.get(pk, "")] for pk in self.ids.tolist()], dtype=np.int64)

    @cached_property
    def may_by_kind(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """For each kind, whether the sender may submit for organisations of that kind (`access.may_submit_for`)."""
        return np.array([self.may_publish and kind in self.funded_kinds for kind in self.kind_names], dtype=bool)

    def reported_by(self, stream: FundingStream | None) -> list[bool]:
        """For each kind, whether organisations of that kind can have a figure of the stream."""
        return [stream is None or not kind or kind in stream.reporting_kinds for kind in self.kind_names]

    def owners_of_name(self, name: str) -> frozenset[int]:
        """Keys of the organisations with this name, compared by `plain_name`."""
        if not self._by_name:
            for organisation, full in self.names.items():
                self._by_name[plain_name(full)].add(organisation)
        return frozenset(self._by_name.get(name, ()))

    def successors(self, organisation: int) -> str:
        """Who took over, in words: “Somerset ICB (QSL) on 1 July 2022”."""
        rows = Succession.objects.filter(predecessor_id=organisation).select_related("successor")
        named = [f"{row.successor.name} ({row.successor.code}) on {written(row.effective_on)}" for row in rows[:3]]
        return " and ".join(named)


_NAME_WORDS = frozenset(
    [
        "nhs",
        "the",
        "of",
        "and",
        "icb",
        "integrated",
        "care",
        "board",
        "ccg",
        "clinical",
        "commissioning",
        "group",
        "council",
        "borough",
        "city",
        "county",
        "district",
        "metropolitan",
        "london",
        "ua",
        "unitary",
        "authority",
        "royal",
        "upon",
    ]
)


def plain_name(name: str) -> str:
    """The distinctive part of an organisation's name, without words for its kind.

    >>> plain_name("NHS Somerset ICB") == plain_name("NHS Somerset Integrated Care Board") == "somerset"
    True
    """
    words = re.findall(r"[a-z0-9]+", name.casefold().replace("&", " and ").replace("'", ""))
    return " ".join(word for word in words if word not in _NAME_WORDS)


def lookups(submitting: Organisation, preparer: Actor) -> Lookups:
    """Read the reference data. Three queries, however many rows the file has."""
    codes: dict[str, list[Holding]] = defaultdict(list)
    names: dict[int, str] = {}
    current: dict[int, str] = {}
    rows = OrganisationCode.objects.order_by("code", "valid_from").values_list(
        "code", "valid_from", "valid_to", "organisation_id", "organisation__kind", "organisation__name",
        "organisation__code", "organisation__opened", "organisation__closed",
    )  # fmt: skip
    for code, start, end, organisation, kind, name, shown_code, opened, closed in rows.iterator():
        first, last = _years(_latest(start, opened), _earliest(end, closed))
        codes[code].append(Holding(organisation, kind, first, last, opened, closed, end))
        names[organisation], current[organisation] = name, shown_code
    return Lookups(
        codes=dict(codes),
        names=names,
        current_codes=current,
        streams={stream.code: stream for stream in FundingStream.objects.all()},
        submitting=submitting,
        may_publish=can(preparer, P.PUBLISH_FOR_HOLDERS, submitting),
        funded_kinds=holder_kinds_funded_by(submitting),
        numeric=numeric_readings(codes),
    )


def _years(start: dt.date | None, end: dt.date | None) -> tuple[int, int]:
    """The first and last financial year in which it existed for at least one day; it can hold money in these."""
    first = FIRST_YEAR if start is None else FinancialYear.containing(start).start
    last = LAST_YEAR if end is None else FinancialYear.containing(end).start
    return first, last


def _latest(*days: dt.date | None) -> dt.date | None:
    return max((day for day in days if day is not None), default=None)


def _earliest(*days: dt.date | None) -> dt.date | None:
    return min((day for day in days if day is not None), default=None)
