"""The SQL that previews, accepts and reverses an upload of allocations. Each statement handles all of its rows.

Parameters are the upload, its organisation (`source`) and its date of publication. `matched` and `reversed_figures` are
temporary tables of the transaction.
"""

from __future__ import annotations

KEY_COLUMNS = ("organisation_id", "stream_id", "financial_year", "basis", "gross_or_net", "recurrence")
_KEY = ", ".join(KEY_COLUMNS)


def _same(one: str, other: str) -> str:
    """The same figure of the same source."""
    return " and ".join(f"{one}.{column} = {other}.{column}" for column in KEY_COLUMNS)


_FIGURE = (*KEY_COLUMNS, "source_id", "amount", "published_text", "sheet", "row", "cell", "note")
_VERSION = ("upload_id", "version", "withdrawn", "published_on", "accepted_at", "is_current")
_ALL = ", ".join((*_FIGURE, *_VERSION))


def _figure(table: str) -> str:
    return ", ".join(f"{table}.{column}" for column in _FIGURE)


# A staged row has only the column letter in `cell`; the figure gets the full name of the cell.
_STAGED = _figure("s").replace("s.cell", "case when s.cell = '' then '' else s.cell || s.row end")


MATCH = f"""
create temporary table matched on commit drop as
select s.line, c.id as previous_id, c.version as previous_version, c.amount as amount_before,
       case when c.withdrawn then 'new'
            when c.amount is not distinct from s.amount
                 and (c.amount is not null or c.published_text = s.published_text)
                 and (c.published_on is not null or %(published_on)s::date is null) then 'unchanged'
            else 'changed' end as class
from budgets_stagedallocation s
join budgets_allocation c on {_same("c", "s")} and c.is_current and c.source_id = %(source)s
where s.upload_id = %(upload)s
  and c.stream_id = any(%(streams)s) and c.financial_year = any(%(years)s) and c.basis = any(%(bases)s)
"""
MATCH_NOTHING = f"{MATCH} and false"

# Which streams, years and bases of the upload already have figures. It needs only a few index lookups, and saves most
# uploads a join with all current figures.
TOUCHED = """
select k.stream_id, k.financial_year, k.basis
from (select distinct stream_id, financial_year, basis from budgets_stagedallocation where upload_id = %(upload)s) k
where (select true from budgets_allocation c
       where c.is_current and c.stream_id = k.stream_id and c.financial_year = k.financial_year
         and c.basis = k.basis and c.source_id = %(source)s limit 1)
"""

WITHDRAWABLE = f"""
insert into matched (previous_id, previous_version, amount_before, class)
select c.id, c.version, c.amount, 'withdrawn'
from budgets_allocation c
where c.is_current and not c.withdrawn and c.source_id = %(source)s
  and (c.stream_id, c.financial_year, c.basis) in (
      select distinct stream_id, financial_year, basis from budgets_stagedallocation where upload_id = %(upload)s)
  and not exists (select from budgets_stagedallocation s where s.upload_id = %(upload)s and {_same("c", "s")})
"""

CLASSES = """
select staged.rows - met.changed - met.unchanged, met.changed, met.unchanged, met.withdrawn, marked.unreported
from (select count(*) as rows from budgets_stagedallocation where upload_id = %(upload)s) staged,
     (select count(*) as unreported from budgets_stagedallocation s
      join directory_organisation o on o.id = s.organisation_id join budgets_fundingstream f on f.id = s.stream_id
      where s.upload_id = %(upload)s and s.amount is null and o.kind = any(f.holder_kinds)) marked,
     (select count(*) filter (where class = 'changed') as changed,
             count(*) filter (where class = 'unchanged') as unchanged,
             count(*) filter (where class = 'withdrawn') as withdrawn from matched) met
"""

MATCHED_AT_ALL = "select exists (select from matched)"

SUPERSEDE = """
update budgets_allocation a set is_current = false
from matched m where a.id = m.previous_id and m.class <> 'unchanged'
"""

# Rows are written in the order of their keys, so that the unique indexes are filled page by page rather than at random.
_IN_ORDER = f"order by {', '.join(f's.{column}' for column in KEY_COLUMNS)}"

ACCEPT_NEW = f"""
insert into budgets_allocation ({_ALL})
select {_STAGED}, s.upload_id, 1, false, %(published_on)s::date, now(), true
from budgets_stagedallocation s where s.upload_id = %(upload)s {_IN_ORDER}
"""

ACCEPT_CHANGED = f"""
insert into budgets_allocation ({_ALL})
select {_STAGED}, s.upload_id, coalesce(m.previous_version, 0) + 1, false, %(published_on)s::date, now(), true
from budgets_stagedallocation s left join matched m on m.line = s.line
where s.upload_id = %(upload)s and m.class is distinct from 'unchanged' {_IN_ORDER}
"""

_TOMBSTONE = (
    ", ".join(f"c.{column}" for column in (*KEY_COLUMNS, "source_id"))
    + ", null::numeric, '', '', null::integer, '', ''"
)

# An upload without a date of publication withdraws no published figure: EXISTING_AND_HIDDEN refuses it.
WITHDRAW = f"""
insert into budgets_allocation ({_ALL})
select {_TOMBSTONE}, %(upload)s, c.version + 1, true, %(published_on)s::date, now(), true
from matched m join budgets_allocation c on c.id = m.previous_id where m.class = 'withdrawn'
"""

# ── Publication ──────────────────────────────────────────────────────────────────────────────────────────────────────

_UNPUBLISHED = "a.is_current and not a.withdrawn and a.published_on is null"

# What an accepted upload holds that is current and not published, by stream and year.
UNPUBLISHED = f"""
select f.code, f.name, a.financial_year, count(*), coalesce(sum(a.amount), 0)
from budgets_allocation a join budgets_fundingstream f on f.id = a.stream_id
where a.upload_id = %(upload)s and {_UNPUBLISHED}
group by f.position, f.code, f.name, a.financial_year order by f.position, f.code, a.financial_year
"""

_ALL_BUT_CELL = [column for column in _FIGURE if column != "cell"]
# The same figures staged again. A staged row has only the column letter in `cell`.
STAGE_PUBLICATION = f"""
insert into budgets_stagedallocation (upload_id, line, {", ".join(_ALL_BUT_CELL)}, cell)
select %(upload)s, row_number() over (order by a.id), {", ".join(f"a.{column}" for column in _ALL_BUT_CELL)},
       case when a.row is null then a.cell
            else left(a.cell, greatest(0, length(a.cell) - length(a.row::text))) end
from budgets_allocation a join budgets_fundingstream f on f.id = a.stream_id
where a.upload_id = %(publishes)s and {_UNPUBLISHED}
  and (f.code, a.financial_year) in (select * from unnest(%(streams)s::text[], %(years)s::int[]))
"""

# Figures of a publication that are no longer what it would publish: changed, withdrawn or reversed meanwhile.
CHANGED_SINCE = f"""
select count(*) from budgets_stagedallocation s
where s.upload_id = %(upload)s and not exists (
    select from budgets_allocation a
    where {_same("a", "s")} and a.source_id = s.source_id and a.upload_id = %(publishes)s and {_UNPUBLISHED})
"""

# Figures whose only change is that they become public.
BECOMING_PUBLIC = """
select count(*) from matched m join budgets_allocation c on c.id = m.previous_id
join budgets_stagedallocation s on s.upload_id = %(upload)s and s.line = m.line
where m.class = 'changed' and c.published_on is null and c.amount is not distinct from s.amount
  and (c.amount is not null or c.published_text = s.published_text)
"""

# Figures that are not public yet: those changed are new to the public, and it never had those withdrawn.
FIRST_PUBLISHED = """
select count(*) filter (where m.class = 'changed'), count(*) filter (where m.class = 'withdrawn')
from matched m join budgets_allocation c on c.id = m.previous_id where c.published_on is null
"""

# ── What an accepted upload changed ──────────────────────────────────────────────────────────────────────────────────

# The version that the upload wrote of each figure (a), and the version before it (p). Where a later upload was
# reversed, a version was written again with a higher number; only the first one is a change. To the public, a version
# that was not published is none.
_WRITTEN = f"""
from budgets_allocation a
join directory_organisation o on o.id = a.organisation_id join budgets_fundingstream f on f.id = a.stream_id
left join budgets_allocation p on {_same("p", "a")} and p.source_id = a.source_id and p.version = a.version - 1
     and not p.withdrawn and (p.published_on is not null or not %(public)s)
where a.upload_id = %(upload)s and (p.id is not null or not a.withdrawn)
  and not exists (select from budgets_allocation e where {_same("e", "a")} and e.source_id = a.source_id
                  and e.upload_id = a.upload_id and e.version < a.version)
"""
_CHANGES = f"""
select o.code, o.name, f.code, f.name, a.financial_year, a.basis, a.gross_or_net, a.recurrence, p.amount,
       p.published_text, a.amount, a.published_text, a.withdrawn, a.id {_WRITTEN}"""
_PAGED = "limit %(most)s offset %(start)s"
CHANGES_IN_ORDER = f"{_CHANGES} order by a.id {_PAGED}"
CHANGES_LARGEST_FIRST = f"""{_CHANGES}
order by p.id is null, abs(a.amount - p.amount) desc nulls last, abs(a.amount) desc nulls last, a.id {_PAGED}"""
NET_CHANGES = f"""
select a.financial_year, a.basis, a.gross_or_net, coalesce(sum(a.amount), 0) - coalesce(sum(p.amount), 0) {_WRITTEN}
group by a.financial_year, a.basis, a.gross_or_net order by a.financial_year, a.basis, a.gross_or_net
"""

LATER_CHANGES = f"""
select distinct c.upload_id
from budgets_allocation a
join budgets_allocation c on {_same("c", "a")} and c.source_id = a.source_id and c.is_current
where a.upload_id = %(upload)s and not a.is_current and c.upload_id <> %(upload)s
order by 1 limit 3
"""

# Each figure that the upload added, changed or withdrew: its current version (c) and its version before the upload (p).
# No later upload has changed these figures, so the current versions are from this upload. It has an earlier version (e)
# of a figure only where a later upload was reversed and this version restored.
_REVERSED_FIGURES = f"""
from budgets_allocation c
left join (select {_KEY}, min(version) as first_version
           from budgets_allocation where upload_id = %(upload)s and not is_current group by {_KEY}) e
  on {_same("e", "c")}
left join budgets_allocation p
  on {_same("p", "c")} and p.source_id = c.source_id and p.version = coalesce(e.first_version, c.version) - 1
where c.upload_id = %(upload)s and c.is_current
"""
CREATE_REVERSED = f"""
create temporary table reversed_figures on commit drop as
select c.id as current_id, c.version as current_version, p.id as previous_id {_REVERSED_FIGURES}
"""

_LINE_COLUMNS = ("stream_id", "financial_year", "basis", "gross_or_net", "recurrence")
_LINE = ", ".join(_LINE_COLUMNS)
# What a reversal would do. A withdrawn version has no amount, so it restores no figure.
REVERSAL = f"""
with moved as (
    select {", ".join(f"c.{column}" for column in _LINE_COLUMNS)},
           coalesce(sum(p.amount), 0) - coalesce(sum(c.amount), 0) as change,
           count(*) filter (where not p.withdrawn) as restored,
           count(*) filter (where p.withdrawn is not false) as withdrawn,
           count(*) filter (where not p.withdrawn and p.amount is null) as not_reported
    {_REVERSED_FIGURES} group by 1, 2, 3, 4, 5
),
largest as materialized (
    select *, count(*) over () as lines, sum(restored) over () as all_restored, sum(withdrawn) over () as all_withdrawn,
           sum(not_reported) over () as all_not_reported
    from moved order by abs(change) desc, {_LINE} limit %(most)s
),
current_sums as (
    select {_LINE}, sum(amount) as amount from budgets_allocation
    where is_current and not withdrawn and source_id = %(source)s and ({_LINE}) in (select {_LINE} from largest)
    group by {_LINE}
)
select f.name, l.financial_year, l.basis, l.gross_or_net, l.recurrence, coalesce(s.amount, 0), l.change, l.restored,
       l.withdrawn, l.lines, l.all_restored, l.all_withdrawn, l.all_not_reported
from largest l join budgets_fundingstream f on f.id = l.stream_id
left join current_sums s on {" and ".join(f"s.{column} = l.{column}" for column in _LINE_COLUMNS)}
order by f.position, f.name, l.financial_year, l.basis, l.gross_or_net, l.recurrence
"""

UNSET_CURRENT = "update budgets_allocation a set is_current = false from reversed_figures t where a.id = t.current_id"

RESTORE = f"""
insert into budgets_allocation ({_ALL})
select {_figure("p")}, p.upload_id, t.current_version + 1, p.withdrawn, p.published_on, now(), true
from reversed_figures t join budgets_allocation p on p.id = t.previous_id
union all
select {_TOMBSTONE}, %(upload)s, t.current_version + 1, true, c.published_on, now(), true
from reversed_figures t join budgets_allocation c on c.id = t.current_id where t.previous_id is null
"""

# ── Totals ───────────────────────────────────────────────────────────────────────────────────────────────────────────

_TOTAL_KEY = ("stream_id", "financial_year", "basis", "gross_or_net", "recurrence", "source_id")
_COUNTED = "a.published_on is not null and not a.withdrawn"

# The figures that an accepted upload adds to the totals, and those that it removes from them, each with its sign.
ADDED_FIGURES = f"""select a.*, 1 as sign from budgets_allocation a
where a.upload_id = %(upload)s and a.is_current and {_COUNTED}"""
REMOVED_FIGURES = f"""select a.*, -1 as sign from matched m join budgets_allocation a on a.id = m.previous_id
where m.class <> 'unchanged' and {_COUNTED}"""
RESTORED = f"""select a.*, 1 as sign
from reversed_figures t join budgets_allocation a on a.id = t.previous_id where {_COUNTED}
union all
select a.*, -1 as sign from reversed_figures t join budgets_allocation a on a.id = t.current_id where {_COUNTED}"""

_TK = ", ".join(_TOTAL_KEY)
_SUM_COLUMNS = ("amount", "reported", "not_reported", "included", "included_amount")
_HOLDS = "o.kind = any(h.holder_kinds)"
# A mark instead of an amount is only counted for a holder.
_SUMS = f"""select {", ".join(f"f.{column}" for column in _TOTAL_KEY)}, o.region_id,
       coalesce(sum(f.sign * f.amount), 0) as amount,
       coalesce(sum(f.sign) filter (where f.amount is not null and {_HOLDS}), 0) as reported,
       coalesce(sum(f.sign) filter (where f.amount is null and {_HOLDS}), 0) as not_reported,
       coalesce(sum(f.sign) filter (where f.amount is not null and not {_HOLDS}), 0) as included,
       coalesce(sum(f.sign * f.amount) filter (where not {_HOLDS}), 0) as included_amount
from (%s) f join directory_organisation o on o.id = f.organisation_id
join budgets_fundingstream h on h.id = f.stream_id
group by {", ".join(f"f.{column}" for column in _TOTAL_KEY)}, o.region_id"""


def update_totals(figures: str) -> str:
    """SQL that adds the given figures, with their signs, to the totals; totals that do not exist yet are inserted."""
    same = " and ".join(f"t.{column} = d.{column}" for column in _TOTAL_KEY)
    return f"""
with delta as materialized ({_SUMS.replace("%s", figures)}),
updated as (
    update budgets_allocationtotal t
    set {", ".join(f"{column} = t.{column} + d.{column}" for column in _SUM_COLUMNS)}
    from delta d where {same} and t.region_id is not distinct from d.region_id
    returning t.id
)
insert into budgets_allocationtotal ({_TK}, region_id, {", ".join(_SUM_COLUMNS)})
select {", ".join(f"d.{column}" for column in (*_TOTAL_KEY, "region_id", *_SUM_COLUMNS))}
from delta d
where not exists (select from budgets_allocationtotal t where {same} and t.region_id is not distinct from d.region_id)
"""


EVERYTHING = f"select a.*, 1 as sign from budgets_allocation a where a.is_current and {_COUNTED}"
TRUE_TOTALS = _SUMS.replace("%s", EVERYTHING)
DIFFERENT_TOTALS = f"""
with truth as ({TRUE_TOTALS})
select count(*)
from truth x full join budgets_allocationtotal t
  on {" and ".join(f"x.{column} = t.{column}" for column in _TOTAL_KEY)}
  and coalesce(x.region_id, 0) = coalesce(t.region_id, 0)
where {" or ".join(f"coalesce(x.{column}, 0) <> coalesce(t.{column}, 0)" for column in _SUM_COLUMNS)}
"""

# ── Checks over the whole file ───────────────────────────────────────────────────────────────────────────────────────

DUPLICATES = f"""
with doubled as materialized (
    select {_KEY}, min(line) as first_line from budgets_stagedallocation where upload_id = %(upload)s
    group by {_KEY} having count(*) > 1
),
reported as materialized (
    select s.line, s.sheet, s.row, s.cell, f.sheet as first_sheet, f.row as first_row,
           s.amount is not distinct from f.amount as same, s.published_text
    from doubled d
    join budgets_stagedallocation s on s.upload_id = %(upload)s and {_same("s", "d")} and s.line > d.first_line
    join budgets_stagedallocation f on f.upload_id = %(upload)s and f.line = d.first_line
)
select sheet, row, cell, first_sheet, first_row, same, published_text from reported order by line limit %(most)s
"""

EXISTING_AND_HIDDEN = """
select count(*) from matched m join budgets_allocation c on c.id = m.previous_id
where m.class in ('changed', 'withdrawn') and c.published_on is not null
"""

EARLIER_PUBLICATION = """
select max(c.published_on) from matched m join budgets_allocation c on c.id = m.previous_id
where m.class <> 'unchanged' and c.published_on > %(published_on)s::date
"""

STALE = """
with touched as materialized (
    select organisation_id, stream_id, min(financial_year) as first_year, max(financial_year) as last_year,
           min(line) as line, bool_or(amount is not null) as has_money
    from budgets_stagedallocation where upload_id = %(upload)s group by organisation_id, stream_id
),
judged as (
    select t.line, o.code as value,
           case when not %(may_prepare)s then 'NOT_PERMITTED'
                when o.id <> %(source)s and not o.kind = any(%(funded)s) then 'NOT_PERMITTED'
                when %(publishes)s::bigint is not null then null -- these figures were checked when they were accepted
                when o.closed < make_date(t.last_year, 4, 1) then 'ORG_CLOSED'
                when o.opened > make_date(t.first_year + 1, 3, 31) then 'ORG_NOT_OPEN'
                when t.has_money and not o.kind = any(f.holder_kinds || f.included_kinds) then 'WRONG_ORG_TYPE'
                when t.first_year < f.first_year or t.last_year > f.last_year then 'STREAM_NOT_IN_YEAR' end as code,
           o.name, f.name as stream
    from touched t
    left join directory_organisation o on o.id = t.organisation_id
    left join budgets_fundingstream f on f.id = t.stream_id
),
wrong as materialized (select * from judged where code is not null order by line limit %(most)s)
select j.code,
       case j.code when 'NOT_PERMITTED' then 'The sender may no longer submit for ' || j.name
                   when 'ORG_CLOSED' then j.name || ' has closed since the file was checked'
                   when 'ORG_NOT_OPEN' then j.name || ' did not exist then, according to data changed since the check'
                   when 'WRONG_ORG_TYPE' then j.name || ' no longer holds ' || j.stream
                   else j.stream || ' no longer exists in that year' end,
       s.sheet, s.row, j.value
from wrong j join budgets_stagedallocation s on s.upload_id = %(upload)s and s.line = j.line
order by j.line
"""
