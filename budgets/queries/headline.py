"""The figure with which a page about an organisation begins: the largest of the year of which most is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from budgets.models import Allocation
from budgets.queries.figures import Line


@dataclass(frozen=True)
class Lead:
    """The figure and the one of the year before.

    `streams` are the names of all streams of the year; `is_partial` says that another year has more of them.
    """

    figure: Allocation
    before: Allocation | None
    streams: tuple[str, ...]
    is_partial: bool


def lead_of(lines: Sequence[Line], year: int | None = None) -> Lead | None:
    """The leading figure of one organisation: of the given year, or of that with most streams, the latest of several.

    A stream that is marked as not reported counts only where nothing is reported for any year.

    Publishers' figures come before its own. None if there is no figure, or none of that year.
    """
    shown = [line for line in lines if not line.is_own] or list(lines)
    streams = streams_by_year(shown)
    if year is None:
        reported = streams_by_year(shown, is_reported=True)
        year = max(streams, key=lambda one: (len(reported.get(one, ())), one), default=None)
    there = [line for line in shown if year in line.cells]
    if year is None or not there:
        return None
    line = max(there, key=lambda one: _size(one.cells[year]))
    return Lead(
        figure=line.cells[year],
        before=line.cells.get(year - 1),
        streams=tuple(dict.fromkeys(one.first.stream.name for one in there)),
        is_partial=any(len(held) > len(streams[year]) for held in streams.values()),
    )


def leads_of(bodies: Iterable[Sequence[Line]], year: int | None = None) -> list[Lead]:
    """The leading figure of each organisation that reported one, the largest first."""
    leads = [lead for lines in bodies if (lead := lead_of(lines, year)) is not None]
    known = [lead for lead in leads if lead.figure.amount is not None]
    return sorted(known, key=lambda lead: (-(lead.figure.amount or 0), lead.figure.organisation.name))


def _size(figure: Allocation) -> tuple[bool, object]:
    return (figure.amount is not None, figure.amount or 0)


def streams_by_year(lines: Iterable[Line], *, is_reported: bool = False) -> dict[int, set[str]]:
    """The codes of the streams of which there is a figure, by year; `is_reported`: a figure with an amount."""
    found: dict[int, set[str]] = {}
    for line in lines:
        for year, figure in line.cells.items():
            if figure.amount is not None or not is_reported:
                found.setdefault(year, set()).add(line.first.stream.code)
    return found


def latest_year(lines: Iterable[Line]) -> int | None:
    return max((year for line in lines for year in line.cells), default=None)
