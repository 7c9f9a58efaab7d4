"""Reference data for the checks, read once for each upload: organisations by code and date, streams, permissions."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from budgets.models import FundingStream
from pooledcare.directory.access import Actor, can, holder_kinds_funded_by
from pooledcare.directory.access import Permission as P
from pooledcare.directory.codes import undated_change
from pooledcare.directory.models import Organisation, OrganisationCode
from pooledcare.directory.queries.code_days import region_names, successors_in_words
from pooledcare.kernel.periods import FinancialYear
from pooledcare.uploads.checks import numeric_readings

FIRST_YEAR, LAST_YEAR = 1900, 2999
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Holding:
    """An organisation and one of its codes, with the financial years (starting years) in which both are valid.

    `sure_first` to `sure_last` are the years in which a list shows the code. They are fewer than `first` to `last` if
    no source gives the day on which the organisation changed its code.
    """

    organisation: int
    kind: str
    first: int
    last: int
    opened: dt.date | None
    closed: dt.date | None
    code_ended: dt.date | None
    scheme: str = ""
    code_began: dt.date | None = None
    sure_first: int = FIRST_YEAR
    sure_last: int = LAST_YEAR


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

    @cached_property
    def regions(self) -> dict[str, str]:
        """Names of regions by code, to say of a code that it is that of a region."""
        return region_names()

    def successors(self, organisation: int) -> str:
        """Who took over, in words: “Somerset ICB (QSL) on 1 July 2022”."""
        return successors_in_words(organisation)

    def code_in(self, year: int, like: Holding) -> tuple[str, Holding] | None:
        """The code that the organisation had in a year, with its holding; one of the same scheme, if it had one."""
        held = [
            (code, each)
            for code, holdings in self.codes.items()
            for each in holdings
            if each.organisation == like.organisation and each.first <= year <= each.last
        ]
        return min(held, key=lambda pair: pair[1].scheme != like.scheme, default=None)


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
    rows = list(
        OrganisationCode.objects.order_by("code", "valid_from").values_list(
            "code", "valid_from", "valid_to", "organisation_id", "organisation__kind", "organisation__name",
            "organisation__code", "organisation__opened", "organisation__closed", "scheme", "source__dated",
        )
    )  # fmt: skip
    seen = _seen_around_undated_changes(rows)
    for code, start, end, organisation, kind, name, shown_code, opened, closed, scheme, _ in rows:
        first, last = _years(_latest(start, opened), _earliest(end, closed))
        sure_first, sure_last = first, last
        if (around := seen.get((organisation, scheme))) and start is None:
            first, sure_first = max(first, _year(around.earlier + _DAY)), max(first, _year(around.later))
        elif around and end is None:
            last, sure_last = min(last, _year(around.later - _DAY)), min(last, _year(around.earlier))
        codes[code].append(
            Holding(
                organisation, kind, first, last, opened, closed, end, scheme, start,
                sure_first=sure_first, sure_last=sure_last,
            )
        )  # fmt: skip
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


@dataclass(frozen=True)
class _Seen:
    """The dates of two lists, the first with the earlier code of an organisation, the second with the later one."""

    earlier: dt.date
    later: dt.date


def _seen_around_undated_changes(rows: Sequence[tuple[Any, ...]]) -> dict[tuple[int, str], _Seen]:
    """By organisation and scheme: the lists between which a code changed, where no source gives the day."""
    held: dict[tuple[int, str], list[tuple[dt.date | None, dt.date | None, dt.date | None]]] = defaultdict(list)
    for _, start, end, organisation, *_, scheme, dated in rows:
        held[organisation, scheme].append((start, end, dated))
    found = {}
    for key, codes in held.items():
        change = undated_change([(start, end) for start, end, _ in codes]) if len(codes) > 1 else None
        if change is not None:
            earlier, later = (codes[place][2] for place in change)
            if earlier is not None and later is not None:
                found[key] = _Seen(earlier, later)
    return found


def _year(day: dt.date) -> int:
    return FinancialYear.containing(day).start


def _years(start: dt.date | None, end: dt.date | None) -> tuple[int, int]:
    """The first and last financial year in which it existed for at least one day; it can hold money in these."""
    first = FIRST_YEAR if start is None else FinancialYear.containing(start).start
    last = LAST_YEAR if end is None else FinancialYear.containing(end).start
    return first, last


def _latest(*days: dt.date | None) -> dt.date | None:
    return max((day for day in days if day is not None), default=None)


def _earliest(*days: dt.date | None) -> dt.date | None:
    return min((day for day in days if day is not None), default=None)
