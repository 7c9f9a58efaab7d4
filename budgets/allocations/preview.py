"""What an upload of allocations would change, in pounds: by stream, by organisation, and against the year before."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db import connection

from budgets.models import FundingStream
from pooledcare.kernel.money import as_text
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Problem
from pooledcare.uploads.models import Upload

MOST_ORGANISATIONS = 100
MOST_MOVEMENTS = 100
MOST_UNREPORTED = 500
MOVED = Decimal("0.25")
# Ratios to comparable figures that suggest a unit mistake: about 1,000 times, or a thousandth.
SCALES = ((Decimal(500), Decimal(2_000)), (1 / Decimal(2_000), 1 / Decimal(500)))

_STREAM = "stream_id, financial_year, basis, gross_or_net, recurrence"

# The staged rows are summed in one pass, by stream and by organisation.
SUM = f"""
create temporary table summed on commit drop as
select {_STREAM}, organisation_id, count(*) as rows, count(*) filter (where m.class = 'changed') as changed,
       count(*) filter (where m.class = 'unchanged') as unchanged,
       count(*) filter (where s.amount is null) as unreported,
       coalesce(sum(s.amount), 0) as amount, count(s.amount) as reported,
       coalesce(sum(s.amount) filter (where m.class is distinct from 'unchanged'), 0)
         - coalesce(sum(m.amount_before) filter (where m.class = 'changed'), 0) as change
from budgets_stagedallocation s left join matched m on m.line = s.line
where s.upload_id = %(upload)s
group by grouping sets (({_STREAM}), (organisation_id, financial_year, basis))
"""
_STAGED_BY_STREAM = f"""
select {_STREAM}, rows, changed, unchanged, unreported, amount, reported, change from summed where stream_id is not null
"""
# The current figures of the same source, in the streams and bases of the upload, from the year before its first
# to the year after its last.
CREATE_CURRENT_SUMS = f"""
create temporary table current_sums on commit drop as
select {_STREAM}, coalesce(sum(amount), 0) as amount, count(amount) as reported from budgets_allocation
where is_current and not withdrawn and source_id = %(source)s
  and stream_id in (select stream_id from summed) and basis in (select basis from summed)
  and financial_year between (select min(financial_year) - 1 from summed)
                         and (select max(financial_year) + 1 from summed)
group by {_STREAM}
"""
_CURRENT_BY_STREAM = f"select {_STREAM}, amount, reported from current_sums"
_WITHDRAWN_BY_STREAM = """
select a.stream_id, a.financial_year, a.basis, a.gross_or_net, a.recurrence, count(*), coalesce(sum(a.amount), 0)
from matched m join budgets_allocation a on a.id = m.previous_id where m.class = 'withdrawn' group by 1, 2, 3, 4, 5
"""
_BY_ORGANISATION = """
with moved as (
    select organisation_id, financial_year, basis, change from summed where organisation_id is not null
    union all
    select a.organisation_id, a.financial_year, a.basis, -sum(a.amount)
    from matched m join budgets_allocation a on a.id = m.previous_id where m.class = 'withdrawn' group by 1, 2, 3
),
together as (
    select organisation_id, financial_year, basis, coalesce(sum(change), 0) as change from moved group by 1, 2, 3
),
largest as (select *, count(*) over () as lines from together order by abs(change) desc, 1, 2, 3 limit %(most)s)
select o.code, o.name, l.financial_year, l.basis, coalesce(b.before, 0), l.change, l.lines
from largest l join directory_organisation o on o.id = l.organisation_id
left join lateral (
    select sum(a.amount) as before from budgets_allocation a
    where a.is_current and not a.withdrawn and a.source_id = %(source)s and a.organisation_id = l.organisation_id
      and a.financial_year = l.financial_year and a.basis = l.basis) b on true
order by abs(l.change) desc, o.name, l.financial_year, l.basis
"""
# The figure of the year before: from the same file, otherwise from the current figures of the same source.
_IN_FILE = "case when p.lagged_year = p.financial_year - 1 then p.lagged end"
_YEAR_BEFORE = f"coalesce({_IN_FILE}, c.amount)"
_JOIN_YEAR_BEFORE = """left join budgets_allocation c on c.organisation_id = p.organisation_id
      and c.stream_id = p.stream_id and c.financial_year = p.financial_year - 1
      and c.basis = p.basis and c.gross_or_net = p.gross_or_net
      and c.recurrence = p.recurrence and c.is_current and not c.withdrawn and c.source_id = %(source)s
      and p.lagged_year is distinct from p.financial_year - 1"""


def _movements_statement(year_before: str, join: str) -> str:
    return f"""
with placed as (
    select line, organisation_id, stream_id, financial_year, basis, gross_or_net, recurrence, amount,
           lag(amount) over history as lagged, lag(financial_year) over history as lagged_year
    from budgets_stagedallocation where upload_id = %(upload)s
    window history as (partition by organisation_id, stream_id, recurrence, basis, gross_or_net order by financial_year)
),
compared as (
    select p.organisation_id, p.stream_id, p.financial_year, p.basis, p.amount, {year_before} as year_before
    from placed p {join} where p.amount is not null
      and not exists (select from matched m where m.line = p.line and m.class = 'unchanged')
),
moved as (
    select *, count(*) over () as moved from compared
    where year_before <> 0 and abs(amount - year_before) > %(share)s * abs(year_before)
    order by abs(amount - year_before) desc limit %(most)s
)
select o.code, o.name, f.code, m.financial_year, m.basis, m.year_before, m.amount, m.moved
from moved m join directory_organisation o on o.id = m.organisation_id
join budgets_fundingstream f on f.id = m.stream_id
order by abs(m.amount - m.year_before) desc
"""


_MOVEMENTS_IN_FILE = _movements_statement(_IN_FILE, "")
_MOVEMENTS = _movements_statement(_YEAR_BEFORE, _JOIN_YEAR_BEFORE)
_UNREPORTED = """
select o.code, o.name, f.code, s.financial_year, s.published_text
from budgets_stagedallocation s
join directory_organisation o on o.id = s.organisation_id join budgets_fundingstream f on f.id = s.stream_id
where s.upload_id = %(upload)s and s.amount is null order by o.name, f.code, s.financial_year limit %(most)s
"""

Key = tuple[int, int, str, str, str]


def preview(upload: Upload) -> dict[str, Any]:
    """The preview as JSON, to be stored with the upload.

    The temporary tables `matched`, `summed` and `current_sums` must exist.
    """
    staged = list(_rows(_STAGED_BY_STREAM, upload))
    current_sums = _current_sums(upload)
    has_year_before = any(
        (stream, year - 1, *rest) in current_sums for stream, year, *rest in (row[:5] for row in staged)
    )
    organisations = list(_rows(_BY_ORGANISATION, upload, most=MOST_ORGANISATIONS))
    statement = _MOVEMENTS if has_year_before else _MOVEMENTS_IN_FILE
    movements = list(_rows(statement, upload, most=MOST_MOVEMENTS, share=MOVED))
    return {
        "streams": _streams(upload, staged, current_sums),
        "organisations": [_organisation(row) for row in organisations],
        "others": max(0, organisations[0][-1] - len(organisations)) if organisations else 0,
        "movements": [_movement(row) for row in movements],
        "movement_count": movements[0][-1] if movements else 0,
        "not_reported": [_unreported(row) for row in _rows(_UNREPORTED, upload, most=MOST_UNREPORTED)],
    }


def _rows(statement: str, upload: Upload, **more: Any) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"upload": upload.pk, "source": upload.organisation_id, **more})
        yield from cursor.fetchall()


def _streams(
    upload: Upload, staged: list[tuple[Any, ...]], current_sums: dict[Key, tuple[Decimal, int]]
) -> list[dict[str, Any]]:
    withdrawn = {row[:5]: row[5:] for row in _rows(_WITHDRAWN_BY_STREAM, upload)}
    for key in withdrawn.keys() - {row[:5] for row in staged}:
        staged.append((*key, 0, 0, 0, 0, Decimal(0), 0, Decimal(0)))
    known = FundingStream.objects.in_bulk({row[0] for row in staged})
    lines = []
    for row in staged:
        key, (rows, changed, unchanged, unreported, _, _, change) = row[:5], row[5:]
        stream, year, basis, gross_or_net, recurrence = key
        before = current_sums.get(key, (Decimal(0), 0))[0]
        gone, gone_amount = withdrawn.get(key, (0, Decimal(0)))
        line = {
            "stream": known[stream].code,
            "stream_name": known[stream].name,
            "financial_year": str(FinancialYear(year)),
            "basis": basis,
            "gross_or_net": gross_or_net,
            "recurrence": recurrence,
            "before": as_text(before),
            "after": as_text(before + change - gone_amount),
            "new": rows - changed - unchanged,
            "changed": changed,
            "unchanged": unchanged,
            "withdrawn": gone,
            "not_reported": unreported,
        }
        lines.append((known[stream].position, year, basis, recurrence, line))
    return [line for *_, line in sorted(lines, key=lambda each: each[:4])]


def _current_sums(upload: Upload) -> dict[Key, tuple[Decimal, int]]:
    """Current figures of the same source: amount and number by key."""
    return {row[:5]: row[5:] for row in _rows(_CURRENT_BY_STREAM, upload)}


def _organisation(row: tuple[Any, ...]) -> dict[str, Any]:
    code, name, year, basis, before, change, _ = row
    return {
        "organisation": code,
        "organisation_name": name,
        "financial_year": str(FinancialYear(year)),
        "basis": basis,
        "before": as_text(before),
        "after": as_text(before + change),
    }


def _movement(row: tuple[Any, ...]) -> dict[str, Any]:
    code, name, stream, year, basis, year_before, amount, _ = row
    return {
        "organisation": code,
        "organisation_name": name,
        "stream": stream,
        "financial_year": str(FinancialYear(year)),
        "basis": basis,
        "year_before": as_text(year_before),
        "amount": as_text(amount),
    }


def _unreported(row: tuple[Any, ...]) -> dict[str, str]:
    code, name, stream, year, text = row
    return {
        "organisation": code,
        "organisation_name": name,
        "stream": stream,
        "financial_year": str(FinancialYear(year)),
        "published_text": text,
    }


def scale_warnings(upload: Upload) -> list[Problem]:
    """Warnings that figures are about 1,000 times too large or small: pounds and thousands were confused."""
    staged = list(_rows(_STAGED_BY_STREAM, upload))
    known = FundingStream.objects.in_bulk({row[0] for row in staged})
    current_sums = _current_sums(upload)
    warnings = []
    for *key, _, _, _, _, total, reported, _ in staged:
        ratio = _ratio(tuple(key), total, reported, current_sums)
        if ratio is not None and any(low <= ratio <= high for low, high in SCALES):
            name, year = known[key[0]].name, FinancialYear(key[1])
            warnings.append(_scale_warning(name, year, ratio))
    return warnings


def _ratio(key: Any, total: Decimal, reported: int, current_sums: dict[Key, tuple[Decimal, int]]) -> Decimal | None:
    """The average figure in the file divided by the average current figure, of the same year or one next to it."""
    stream, year, *rest = key
    for other in (year, year - 1, year + 1):
        amount, count = current_sums.get((stream, other, *rest), (Decimal(0), 0))
        if amount and count and total and reported:
            return abs((total / reported) / (amount / count))
    return None


def _scale_warning(name: str, year: FinancialYear, ratio: Decimal) -> Problem:
    size = f"{ratio:,.0f} times as large as" if ratio > 1 else f"{1 / ratio:,.0f} times smaller than"
    return Problem(
        "W_SCALE",
        f"{name} {year}: the figures are about {size} the current ones",
        fix="Check whether the file is in thousands of pounds. Amounts must be in pounds.",
        severity="warning",
    )
