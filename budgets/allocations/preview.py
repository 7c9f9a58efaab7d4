"""What an upload of allocations would change, in pounds: by stream, by organisation, and against the year before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from budgets.allocations.movements import movements
from budgets.allocations.scale import Staged, scale_warnings
from budgets.allocations.successions import Neighbourhood, neighbourhood
from budgets.models import FundingStream
from pooledcare.kernel.money import as_text
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Problem
from pooledcare.uploads.models import Upload

MOST_ORGANISATIONS = 100
MOST_UNREPORTED = 500
MOST_CHANGES = 100

_STREAM = "stream_id, financial_year, basis, gross_or_net, recurrence"

# The staged rows are summed in one pass, by stream and by organisation.
SUM = f"""
create temporary table summed on commit drop as
select {_STREAM}, organisation_id, count(*) as rows, count(*) filter (where m.class = 'changed') as changed,
       count(*) filter (where m.class = 'unchanged') as unchanged,
       coalesce(sum(s.amount), 0) as amount, count(s.amount) as reported,
       coalesce(sum(s.amount) filter (where m.class is distinct from 'unchanged'), 0)
         - coalesce(sum(m.amount_before) filter (where m.class = 'changed'), 0) as change
from budgets_stagedallocation s left join matched m on m.line = s.line
where s.upload_id = %(upload)s
group by grouping sets (({_STREAM}), (organisation_id, financial_year, basis))
"""
_STAGED_BY_STREAM = f"""
select {_STREAM}, rows, changed, unchanged, amount, reported, change from summed where stream_id is not null
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
select o.code, o.name, l.financial_year, l.basis, b.before, l.change, l.lines
from largest l join directory_organisation o on o.id = l.organisation_id
left join lateral (
    select sum(a.amount) as before from budgets_allocation a
    where a.is_current and not a.withdrawn and a.source_id = %(source)s and a.organisation_id = l.organisation_id
      and a.financial_year = l.financial_year and a.basis = l.basis) b on true
order by abs(l.change) desc, o.name, l.financial_year, l.basis
"""
# Marks instead of amounts, of those who hold the stream and of others.
_MARKED = """
select o.code, o.name, f.code, s.financial_year, s.published_text
from budgets_stagedallocation s
join directory_organisation o on o.id = s.organisation_id join budgets_fundingstream f on f.id = s.stream_id
where s.upload_id = %(upload)s and s.amount is null and (o.kind = any(f.holder_kinds)) = %(holds)s
order by o.name, f.code, s.financial_year limit %(most)s
"""
_MARKED_BY_STREAM = """
select s.stream_id, s.financial_year, s.basis, s.gross_or_net, s.recurrence,
       count(*) filter (where o.kind = any(f.holder_kinds)), count(*)
from budgets_stagedallocation s
join directory_organisation o on o.id = s.organisation_id join budgets_fundingstream f on f.id = s.stream_id
where s.upload_id = %(upload)s and s.amount is null group by 1, 2, 3, 4, 5
"""

_OF_FIGURE = "o.code, o.name, f.code, f.name, T.financial_year, T.basis, T.gross_or_net, T.recurrence"
# Figures that are changed or withdrawn, the largest differences first. One that only becomes public is not changed.
_CHANGED = f"""
select {_OF_FIGURE.replace("T.", "a.")}, a.amount, a.published_text, s.amount, s.published_text, m.class = 'withdrawn'
from matched m join budgets_allocation a on a.id = m.previous_id
left join budgets_stagedallocation s on s.upload_id = %(upload)s and s.line = m.line
join directory_organisation o on o.id = a.organisation_id join budgets_fundingstream f on f.id = a.stream_id
where m.class = 'withdrawn' or (m.class = 'changed' and (a.amount is distinct from s.amount
      or (a.amount is null and a.published_text <> s.published_text)))
order by abs(coalesce(s.amount, 0) - coalesce(a.amount, 0)) desc, o.name, f.position, f.code, a.financial_year, a.id
limit %(most)s
"""
# Figures that there were none of before, the largest first.
_NEW = f"""
select {_OF_FIGURE.replace("T.", "s.")}, null, '', s.amount, s.published_text, false
from (select s.* from budgets_stagedallocation s left join matched m on m.line = s.line and m.class <> 'new'
      where s.upload_id = %(upload)s and m.line is null
      order by abs(coalesce(s.amount, 0)) desc, s.line limit %(most)s) s
join directory_organisation o on o.id = s.organisation_id join budgets_fundingstream f on f.id = s.stream_id
order by abs(coalesce(s.amount, 0)) desc, s.line
"""

Key = tuple[int, int, str, str, str]


@dataclass(frozen=True)
class Compared:
    """What the staged rows are compared with, read once for the warnings and for the preview."""

    staged: tuple[tuple[Any, ...], ...]
    current_sums: dict[Key, tuple[Decimal, int]]
    streams: dict[int, FundingStream]
    around: Neighbourhood


def compared(upload: Upload) -> Compared:
    """The temporary tables `matched`, `summed` and `current_sums` must exist."""
    staged = tuple(_rows(_STAGED_BY_STREAM, upload))
    streams = FundingStream.objects.in_bulk({row[0] for row in staged})
    around = neighbourhood(upload, streams=streams, years={row[1] for row in staged}, today=timezone.localdate())
    return Compared(staged, _current_sums(upload), streams, around)


def preview(upload: Upload, found: Compared) -> dict[str, Any]:
    """The preview as JSON, to be stored with the upload."""
    has_year_before = any(
        (stream, year - 1, *rest) in found.current_sums for stream, year, *rest in (row[:5] for row in found.staged)
    )
    organisations = list(_rows(_BY_ORGANISATION, upload, most=MOST_ORGANISATIONS))
    marked = {row[:5]: row[5:] for row in _rows(_MARKED_BY_STREAM, upload)}
    return {
        "changes": changes(upload),
        "streams": _streams(upload, found, {key: holders for key, (holders, _) in marked.items()}),
        "organisations": [_organisation(row) for row in organisations],
        "others": max(0, organisations[0][-1] - len(organisations)) if organisations else 0,
        **(movements(upload, found.around, has_year_before=has_year_before) if upload.publishes_id is None else {}),
        "not_reported": _marked(upload, holds=True) if marked else [],
        "not_counted": _marked(upload, holds=False) if marked else [],
        "not_counted_count": sum(number - holders for holders, number in marked.values()),
    }


def changes(upload: Upload) -> list[dict[str, Any]]:
    """The largest changes of single figures as JSON: changed and withdrawn ones before new ones."""
    rows = list(_rows(_CHANGED, upload, most=MOST_CHANGES))
    if len(rows) < MOST_CHANGES:
        rows += _rows(_NEW, upload, most=MOST_CHANGES - len(rows))
    return [_change(*row) for row in rows]


def _change(*row: Any) -> dict[str, Any]:
    names = ("organisation", "organisation_name", "stream", "stream_name", "financial_year")
    kind = ("basis", "gross_or_net", "recurrence")
    *key, before, before_text, after, after_text, withdrawn = row
    return {
        **dict(zip((*names, *kind), key, strict=True)),
        "financial_year": str(FinancialYear(key[4])),
        "before": None if before is None else as_text(before),
        "before_text": "" if before is not None else before_text,
        "after": None if after is None else as_text(after),
        "after_text": "" if after is not None else after_text or "",
        "withdrawn": withdrawn,
    }


def scale_problems(upload: Upload, found: Compared) -> list[Problem]:
    """Warnings that amounts may be in another unit than pounds."""
    return scale_warnings(
        upload,
        [Staged(row[:5], amount=row[8], reported=row[9]) for row in found.staged],
        current_sums=found.current_sums,
        around=found.around,
        streams=found.streams,
        today=timezone.localdate(),
    )


def _rows(statement: str, upload: Upload, **more: Any) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"upload": upload.pk, "source": upload.organisation_id, **more})
        yield from cursor.fetchall()


def _streams(upload: Upload, found: Compared, not_reported: dict[Key, int]) -> list[dict[str, Any]]:
    staged = list(found.staged)
    withdrawn = {row[:5]: row[5:] for row in _rows(_WITHDRAWN_BY_STREAM, upload)}
    for key in withdrawn.keys() - {row[:5] for row in staged}:
        staged.append((*key, 0, 0, 0, Decimal(0), 0, Decimal(0)))
    known = found.streams
    lines = []
    for row in staged:
        key, (rows, changed, unchanged, _, _, change) = row[:5], row[5:]
        stream, year, basis, gross_or_net, recurrence = key
        before, had = found.current_sums.get(key, (Decimal(0), 0))
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
            "not_reported": not_reported.get(key, 0),
            "had_figure": had > 0,
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
        "before": as_text(before or Decimal(0)),
        "after": as_text((before or Decimal(0)) + change),
        "had_figure": before is not None,
    }


def _marked(upload: Upload, *, holds: bool) -> list[dict[str, str]]:
    return [
        {
            "organisation": code,
            "organisation_name": name,
            "stream": stream,
            "financial_year": str(FinancialYear(year)),
            "published_text": text,
        }
        for code, name, stream, year, text in _rows(_MARKED, upload, holds=holds, most=MOST_UNREPORTED)
    ]
