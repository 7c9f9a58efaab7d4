"""Warnings that figures are about a thousand or a million times too large or small: pounds and thousands were confused.

Each figure is compared with what any source says of the same organisation and stream, for the same year and for the
year before, also in the same file; across a succession, sums are compared (`successions`). Only what the sender may see
is compared. Figures that have nothing of their own to be compared with are compared on average.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from budgets.allocations.movements import names
from budgets.allocations.successions import Compared, Neighbourhood
from budgets.models import FundingStream
from pooledcare.directory.models import Organisation
from pooledcare.kernel.money import pounds
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Problem, Where
from pooledcare.uploads.models import Upload

# Ratios of the larger to the smaller figure that suggest a unit mistake: about a thousand, and about a million.
_LEAST = 500
_MOST = 2_000
RANGES = ((_LEAST, _MOST), (1_000 * _LEAST, 1_000 * _MOST))

Key = tuple[int, int, str, str, str]  # stream, year, basis, gross or net, recurrence
Sums = Mapping[Key, tuple[Decimal, int]]

_ALIKE = """c.organisation_id = s.organisation_id and c.stream_id = s.stream_id
      and c.compared_year = s.financial_year
      and (c.gross_or_net = s.gross_or_net or 'not_applicable' in (c.gross_or_net, s.gross_or_net))
      and (c.recurrence = s.recurrence or 'not_stated' in (c.recurrence, s.recurrence))"""
_APART = f"""s.size between {_LEAST} * c.size and {_MOST} * c.size
      or c.size between {_LEAST} * s.size and {_MOST} * s.size
      or s.size between 1000 * {_LEAST} * c.size and 1000 * {_MOST} * c.size
      or c.size between 1000 * {_LEAST} * s.size and 1000 * {_MOST} * s.size"""
# For each stream, year, basis and direction: how many figures are apart, and the pair with the largest figure.
_PAIRS = f"""
with compared as (
    select c.organisation_id, c.stream_id, c.financial_year, c.financial_year + later as compared_year, c.basis,
           c.gross_or_net, c.recurrence, c.amount, abs(c.amount)::float8 as size, c.source_id
    from budgets_allocation c, (values (0), (1)) as years(later)
    where c.is_current and not c.withdrawn and c.amount <> 0 and c.stream_id = any(%(streams)s)
      and c.financial_year between %(first)s - 1 and %(last)s
      and (c.published_on <= %(today)s or c.source_id = %(source)s or c.organisation_id = %(source)s)
    union all
    select organisation_id, stream_id, financial_year, financial_year + 1, basis, gross_or_net, recurrence, amount,
           abs(amount)::float8, null
    from budgets_stagedallocation where upload_id = %(upload)s and amount <> 0 and %(first)s < %(last)s
),
pairs as (
    select s.line, s.stream_id, s.financial_year, s.basis, s.amount, s.organisation_id, s.size > c.size as is_larger,
           c.amount as other, c.financial_year as other_year, c.basis as other_basis, c.source_id as other_source
    from (select line, organisation_id, stream_id, financial_year, basis, gross_or_net, recurrence, amount,
                 abs(amount)::float8 as size from budgets_stagedallocation
          where upload_id = %(upload)s and amount <> 0) s
    join compared c on {_ALIKE} and ({_APART})
),
counted as (
    select stream_id, financial_year, basis, is_larger, count(distinct line) as number from pairs group by 1, 2, 3, 4
),
examples as (
    select distinct on (stream_id, financial_year, basis, is_larger) * from pairs
    order by stream_id, financial_year, basis, is_larger, greatest(abs(amount), abs(other)) desc, line, other_year desc,
             other_source nulls last, other_basis
)
select e.stream_id, e.financial_year, e.basis, e.is_larger, n.number, o.name, e.amount, e.other, e.other_year,
       e.other_basis, p.name, s.sheet, s.row, s.cell, s.published_text
from examples e join counted n using (stream_id, financial_year, basis, is_larger)
join budgets_stagedallocation s on s.upload_id = %(upload)s and s.line = e.line
join directory_organisation o on o.id = e.organisation_id
left join directory_organisation p on p.id = e.other_source
join budgets_fundingstream f on f.id = e.stream_id
order by f.position, f.name, e.financial_year, e.basis, e.is_larger
"""


@dataclass(frozen=True)
class Staged:
    """The sum of the figures of the upload of one kind, and how many have an amount."""

    key: Key
    amount: Decimal
    reported: int


def scale_warnings(
    upload: Upload,
    staged: Sequence[Staged],
    *,
    current_sums: Sums,
    around: Neighbourhood,
    streams: Mapping[int, FundingStream],
    today: dt.date,
) -> list[Problem]:
    """One warning for each stream, year, basis and direction. Two queries, however many rows."""
    if not staged:
        return []
    warned: set[tuple[int, int, str]] = set()
    found = []
    for row in _pairs(upload, staged, today):
        warned.add(row[:3])
        found.append(_of_pair(row, streams))
    for compared in around.comparisons(upload):
        key = (compared.kind[0], compared.year, compared.kind[1])
        if key not in warned and isinstance(compared, Compared) and is_apart(compared.amount, compared.year_before):
            warned.add(key)
            found.append(_of_group(compared, around))
    for one in staged:
        average = _averages(one, current_sums)
        if one.key[:3] not in warned and average is not None and is_apart(*average[:2]):
            warned.add(one.key[:3])
            found.append(_of_average(streams[one.key[0]].name, one.key[1], average, upload.organisation))
    return found


def is_apart(one: Decimal, other: Decimal) -> bool:
    """Whether one is about a thousand or a million times the other; the sign does not matter."""
    larger, smaller = max(abs(one), abs(other)), min(abs(one), abs(other))
    return bool(smaller) and any(low * smaller <= larger <= high * smaller for low, high in RANGES)


def _pairs(upload: Upload, staged: Sequence[Staged], today: dt.date) -> Iterator[tuple[Any, ...]]:
    years = [one.key[1] for one in staged]
    with connection.cursor() as cursor:
        cursor.execute(
            _PAIRS,
            {
                "upload": upload.pk, "source": upload.organisation_id, "today": today, "first": min(years),
                "last": max(years), "streams": sorted({one.key[0] for one in staged}),
            },
        )  # fmt: skip
        yield from cursor.fetchall()


def _of_pair(row: tuple[Any, ...], streams: Mapping[int, FundingStream]) -> Problem:
    stream, year, _, _, number, name, amount, other, other_year, other_basis, source, sheet, line, cell, text = row
    of_year = f"the {other_basis} of {FinancialYear(other_year)}"
    told = f"{of_year} by {source}" if source else f"{of_year} in the same file"
    message = (
        f"{streams[stream].name} {FinancialYear(year)}: the figure of {name}, {pounds(amount)}, is "
        f"{_size(amount, other)} {told}, {pounds(other)}"
    )
    if number > 1:
        message += f". The same is true of {number - 1:,} more {'figure' if number == 2 else 'figures'}"
    where = Where(sheet=sheet or None, row=line, column=cell or None, column_name="amount")
    return _warning(message, where, text)


def _of_group(one: Compared, around: Neighbourhood) -> Problem:
    after, before = (sorted((around.bodies[pk] for pk in members), key=_name) for members in (one.after, one.before))
    several, years = len(after) > 1, (FinancialYear(one.year), FinancialYear(one.year - 1))
    return _warning(
        f"{around.streams[one.kind[0]].name} {years[0]}: the {'figures' if several else 'figure'} of {names(after)}, "
        f"{pounds(one.amount)}{' together, are' if several else ', is'} {_size(one.amount, one.year_before)} the "
        f"{one.kind[1]} of {years[1]} by {around.bodies[one.source].name} for {names(before)}, "
        f"{pounds(one.year_before)}{' together' if len(before) > 1 else ''}"
    )


def _name(body: Organisation) -> str:
    return body.name


Averages = tuple[Decimal, Decimal, int]


def _averages(one: Staged, current_sums: Sums) -> Averages | None:
    """The average figure in the file, and the average current figure of the same year or of one next to it."""
    stream, year, *rest = one.key
    for other in (year, year - 1, year + 1):
        amount, count = current_sums.get((stream, other, *rest), (Decimal(0), 0))  # type: ignore[arg-type]
        if amount and count and one.amount and one.reported:
            return one.amount / one.reported, amount / count, other
    return None


def _of_average(stream: str, year: int, averages: Averages, source: Organisation) -> Problem:
    ours, theirs, other_year = averages
    return _warning(
        f"{stream} {FinancialYear(year)}: the figures are on average {_size(ours, theirs)} the current figures of "
        f"{FinancialYear(other_year)} by {source.name}"
    )


def _size(amount: Decimal, other: Decimal) -> str:
    ratio = abs(amount / other)
    return f"about {ratio:,.0f} times as large as" if ratio > 1 else f"about {1 / ratio:,.0f} times smaller than"


def _warning(message: str, where: Where | None = None, value: str | None = None) -> Problem:
    fix = "Check whether the file is in thousands or millions of pounds. Amounts must be in pounds."
    return Problem("W_SCALE", message, where, value, fix, severity="warning")
