"""Sums of England as the facts of an answer (`budgets.rules.answers`): from totals, never across gross and net."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from django.urls import reverse

from budgets.queries.holdings import People
from budgets.queries.totals import Total, added_up, without_parts
from budgets.rules.answers import StreamSum, Whole
from budgets.tables.table import year_text
from pooledcare.directory.terms import NHS_KINDS

Line = tuple[object, ...]


def group_of(total: Total) -> tuple[bool, str]:
    """Whether NHS commissioners hold it, and whether it is gross or net: sums of two groups are never added."""
    return (set(total.holder_kinds) <= NHS_KINDS, total.gross_or_net)


def wholes(
    totals: Sequence[Total], *, year: int, basis: str, people: Callable[[frozenset[str]], People]
) -> list[Whole]:
    """One `Whole` for each group of one year and basis, the largest first.

    `totals` may be of several years; the year before is compared with, and the other years tell whether something is
    not published yet. `people` counts the organisations of some kinds in the year.
    """
    counted = without_parts(totals)
    of_basis = [total for total in counted if total.basis == basis]
    found = [
        _whole(group, [total for total in of_basis if group_of(total) == group], year, people)
        for group in dict.fromkeys(group_of(total) for total in of_basis if total.year == year)
    ]
    return sorted(found, key=lambda whole: whole.amount or Decimal(0), reverse=True)


def _whole(
    group: tuple[bool, str], totals: Sequence[Total], year: int, people: Callable[[frozenset[str]], People]
) -> Whole:
    streams = added_up((total for total in totals if total.year == year), key=_line)
    before = {_line(total): total for total in added_up((t for t in totals if t.year == year - 1), key=_line)}
    known = [total.amount for total in streams if total.amount is not None]
    holders = _holders(streams, people)
    years: dict[int, set[str]] = {}
    for total in totals:
        years.setdefault(total.year, set()).add(total.stream)
    return Whole(
        year=year_text(year),
        year_before=year_text(year - 1),
        basis=streams[0].basis,
        gross_or_net=group[1],
        sources=tuple(dict.fromkeys(total.source for total in streams)),
        kinds=holders.kinds if holders else frozenset(kind for total in streams for kind in total.holder_kinds),
        streams=tuple(_stream_sum(total, before.get(_line(total))) for total in streams),
        amount=sum(known, Decimal(0)) if known else None,
        reported=sum(total.reported for total in streams),
        expected=sum(total.expected for total in streams),
        holders=holders.count if holders else None,
        persons=holders.persons if holders else None,
        is_partial=any(len(held) > len(years[year]) for other, held in years.items() if other != year),
    )


def _line(total: Total) -> Line:
    return (total.stream, total.recurrence, total.source_code)


def _holders(streams: Sequence[Total], people: Callable[[frozenset[str]], People]) -> People | None:
    """The holders, if each of them has a figure of every stream; None otherwise."""
    kinds = {frozenset(total.expected_kinds) for total in streams}
    if any(not each for each in kinds) or any(total.reported != total.expected for total in streams):
        return None
    counts = {total.expected for total in streams}
    counted = people(frozenset().union(*kinds))
    return counted if counts == {counted.count} else None


def _stream_sum(total: Total, before: Total | None) -> StreamSum:
    return StreamSum(
        name=total.stream_name,
        amount=total.amount,
        before=before.amount if before is not None and _is_like(total, before) else None,
        url=reverse("budgets:stream-detail", args=[total.stream]),
    )


def _is_like(total: Total, before: Total) -> bool:
    """Whether two sums are of all holders, or, where nobody knows who should report, of as many."""
    if total.reported != total.expected or before.reported != before.expected:
        return False
    return bool(total.expected_kinds and before.expected_kinds) or total.reported == before.reported
