"""Figures before and after successions: what predecessors had together, and what their successors have together.

Nobody publishes the share of a predecessor's money that each successor took over, so only sums of all of them are
compared. Queries: two for the successions and one for the figures, however many there are.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from budgets.models import FundingStream
from pooledcare.directory.models import AreaTransfer, Organisation, Succession
from pooledcare.kernel.periods import FinancialYear
from pooledcare.uploads.models import Upload

Kind = tuple[int, str, str, str]  # stream, basis, gross or net, recurrence


@dataclass(frozen=True)
class Group:
    """Organisations that follow each other between the beginning of one year and the end of the next.

    `year` is the second of these years. Somebody who took over and was taken over in that time is in both sets.
    """

    year: int
    predecessors: frozenset[int]
    successors: frozenset[int]

    @property
    def members(self) -> frozenset[int]:
        return self.predecessors | self.successors


@dataclass(frozen=True)
class Compared:
    """The figures of a group in two years, added up: those of `after` in `year`, and those of `before` a year earlier.

    `source` is who states the figures of the year before.
    """

    year: int
    kind: Kind
    source: int
    before: tuple[int, ...]
    after: tuple[int, ...]
    year_before: Decimal
    amount: Decimal


@dataclass(frozen=True)
class NotCompared:
    """A group of which some figures are known, but not enough to compare two years."""

    year: int
    kind: Kind
    source: int
    predecessors: tuple[int, ...]
    successors: tuple[int, ...]
    missing: tuple[int, ...]  # whose figure of either year is missing


@dataclass(frozen=True)
class MemberFigure:
    """One figure of a member of a group, from the upload or current. `amount` is None if it was not reported."""

    organisation: int
    year: int
    kind: Kind
    source: int
    amount: Decimal | None
    is_changed: bool = False  # whether the upload adds or changes it


def groups_of(steps: Iterable[tuple[int, int, dt.date]], year: int) -> list[Group]:
    """The groups of one year, from (predecessor, successor, first day) of all successions.

    A succession on the first day of the year before is not among them: then the successors have two whole years.
    """
    first, last = FinancialYear(year - 1).first_day, FinancialYear(year).last_day
    within = [(old, new) for old, new, day in steps if first < day <= last]
    linked: dict[int, set[int]] = {}
    for old, new in within:
        together = linked.get(old, {old}) | linked.get(new, {new})
        linked.update(dict.fromkeys(together, together))
    return [
        Group(
            year,
            frozenset(old for old, _ in within if old in members),
            frozenset(new for _, new in within if new in members),
        )
        for members in {min(together): together for together in linked.values()}.values()
    ]


def compare(
    group: Group,
    figures: Sequence[MemberFigure],
    *,
    kind: Kind,
    sources: tuple[int, int],
    holders: Mapping[int, frozenset[int]],
) -> Compared | NotCompared | None:
    """Compare one kind of figure of a group: of `sources[1]` with that of `sources[0]` a year before.

    `holders` are, for each of the two years, the members that existed in it and hold the stream: they must have an
    amount. In a year in which both predecessors and successors existed, a publisher may give parts of a year to both,
    or the whole year to either. None if no figure is known of one of the years.
    """
    source_before, source = sources
    before = _amounts(figures, group.year - 1, kind, source_before)
    after = _amounts(figures, group.year, kind, source)
    if not before or not after:
        return None
    earlier, later = holders[group.year - 1], holders[group.year]
    missing = _missing(before, earlier & group.predecessors, earlier & group.successors - group.predecessors)
    missing |= _missing(after, later & group.successors, later & group.predecessors - group.successors)
    if missing:
        return NotCompared(
            group.year, kind, source_before, tuple(sorted(group.predecessors & earlier)),
            tuple(sorted(group.successors & later)), tuple(sorted(missing)),
        )  # fmt: skip
    return Compared(
        group.year, kind, source_before, tuple(sorted(before)), tuple(sorted(after)), sum(before.values(), Decimal(0)),
        sum(after.values(), Decimal(0)),
    )  # fmt: skip


def _amounts(figures: Iterable[MemberFigure], year: int, kind: Kind, source: int) -> dict[int, Decimal]:
    return {
        figure.organisation: figure.amount
        for figure in figures
        if (figure.year, figure.kind, figure.source) == (year, kind, source) and figure.amount is not None
    }


def _missing(amounts: Mapping[int, Decimal], some: frozenset[int], others: frozenset[int]) -> frozenset[int]:
    """Whose amounts are missing: the fewest with which all of one set, and all or none of the other, have one."""
    known = amounts.keys()
    needed = [
        whole - known | (rest - known if rest & known else frozenset())
        for whole, rest in ((some, others), (others, some))
        if whole
    ]
    return min(needed, key=len, default=frozenset())


@dataclass(frozen=True)
class Neighbourhood:
    """The groups of the years of an upload, with all figures of their members, and who the members and sources are."""

    groups: tuple[Group, ...]
    bodies: Mapping[int, Organisation]
    streams: Mapping[int, FundingStream]
    figures: tuple[MemberFigure, ...]

    def excluded(self) -> tuple[list[int], list[int]]:
        """Members and years whose figures are only compared as sums: organisations and, at the same places, years."""
        pairs = sorted({(member, group.year) for group in self.groups for member in group.members})
        return [member for member, _ in pairs], [year for _, year in pairs]

    def comparisons(self, upload: Upload) -> list[Compared | NotCompared]:
        """Every comparison of a figure that the upload adds or changes, with each source of the year before."""
        of_member: dict[int, list[MemberFigure]] = defaultdict(list)
        for figure in self.figures:
            of_member[figure.organisation].append(figure)
        found: list[Compared | NotCompared] = []
        for group in self.groups:
            of_kind: dict[Kind, list[MemberFigure]] = defaultdict(list)
            for member in sorted(group.members):
                for figure in of_member[member]:
                    of_kind[figure.kind].append(figure)
            for kind, figures in sorted(of_kind.items()):
                if any(one.is_changed and one.year == group.year for one in figures):
                    found += self._compared(group, kind, figures, upload.organisation_id)
        return found

    def _compared(
        self, group: Group, kind: Kind, figures: Sequence[MemberFigure], source: int
    ) -> Iterator[Compared | NotCompared]:
        holders = {year: self._holders(group, kind, year) for year in (group.year - 1, group.year)}
        for source_before in sorted({one.source for one in figures if one.year == group.year - 1}):
            found = compare(group, figures, kind=kind, sources=(source_before, source), holders=holders)
            if found is not None:
                yield found

    def _holders(self, group: Group, kind: Kind, year: int) -> frozenset[int]:
        period, held_by = FinancialYear(year), self.streams[kind[0]].holder_kinds
        return frozenset(
            member
            for member in group.members
            if (body := self.bodies[member]).kind in held_by
            and (body.opened is None or body.opened <= period.last_day)
            and (body.closed is None or body.closed >= period.first_day)
        )


_FIGURES = """
select s.organisation_id, s.financial_year, s.stream_id, s.basis, s.gross_or_net, s.recurrence, s.source_id, s.amount,
       not exists (select from matched m where m.line = s.line and m.class = 'unchanged')
from budgets_stagedallocation s
where s.upload_id = %(upload)s and s.organisation_id = any(%(members)s)
union all
select c.organisation_id, c.financial_year, c.stream_id, c.basis, c.gross_or_net, c.recurrence, c.source_id, c.amount,
       false
from budgets_allocation c
where c.is_current and not c.withdrawn and c.organisation_id = any(%(members)s) and c.stream_id = any(%(streams)s)
  and c.financial_year = any(%(years)s)
  and (c.published_on <= %(today)s or c.source_id = %(source)s or c.organisation_id = %(source)s)
  and not exists (select from budgets_stagedallocation s
      where s.upload_id = %(upload)s and s.organisation_id = any(%(members)s)
        and s.organisation_id = c.organisation_id and s.stream_id = c.stream_id
        and s.financial_year = c.financial_year and s.basis = c.basis and s.gross_or_net = c.gross_or_net
        and s.recurrence = c.recurrence and c.source_id = %(source)s)
  and not exists (select from matched m where m.previous_id = c.id and m.class = 'withdrawn')
"""


def _steps() -> list[tuple[int, int, dt.date]]:
    """Predecessor, successor and first day of all successions, also where a predecessor's area was divided.

    An organisation that ended may have given a part of its area to another than its successor (`AreaTransfer`). A part
    of what it had went there too. Those who gave a part and went on are compared as if nothing had happened.
    """
    successions = list(Succession.objects.values_list("predecessor_id", "successor_id", "effective_on"))
    ended = {(predecessor, day) for predecessor, _, day in successions}
    parts = AreaTransfer.objects.values_list("giver_id", "receiver_id", "effective_on")
    return successions + [part for part in parts if (part[0], part[2]) in ended]


def neighbourhood(
    upload: Upload, *, streams: Mapping[int, FundingStream], years: Iterable[int], today: dt.date
) -> Neighbourhood:
    """The successions around the years of an upload. The temporary table `matched` must exist."""
    steps = _steps()
    groups = tuple(group for year in sorted(set(years)) for group in groups_of(steps, year))
    members = {member for group in groups for member in group.members}
    if not members:
        return Neighbourhood((), {}, streams, ())
    with connection.cursor() as cursor:
        cursor.execute(
            _FIGURES,
            {
                "upload": upload.pk,
                "source": upload.organisation_id,
                "members": sorted(members),
                "streams": sorted(streams),
                "years": sorted({year for group in groups for year in (group.year - 1, group.year)}),
                "today": today,
            },
        )
        figures = tuple(
            MemberFigure(body, year, (stream, basis, gross_or_net, recurrence), source, amount, is_changed)
            for body, year, stream, basis, gross_or_net, recurrence, source, amount, is_changed in cursor.fetchall()
        )
    return Neighbourhood(
        groups, Organisation.objects.in_bulk(members | {figure.source for figure in figures}), streams, figures
    )
