"""What an upload of allocations means for the funds that draw on them: a warning before, recorded shortfalls after.

The database refuses an allocation that is less than what is drawn on it, unless the shortfall is recorded with it
(budgets/sql/allocation_draws.sql, which also says which figures are the allocation).
"""

from __future__ import annotations

from decimal import Decimal

from django.db import connection

from budgets.models import AllocationDraw
from pooledcare.kernel.money import pounds
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Problem
from pooledcare.uploads.models import Upload

MOST_WARNINGS = 100

# The allocations as they would be after the upload, of which more is drawn. The choice of figures is that of
# `allocation_limit`. `matched` is the temporary table of the upload's figures that have a current version.
_SHORT_AFTER = """
with figures as (
    select d.id as draw_id, d.organisation_id, a.source_id, a.basis, a.gross_or_net, a.amount, a.accepted_at,
           false as sent
    from budgets_allocationdraw d
    join budgets_allocation a on a.organisation_id = d.organisation_id and a.stream_id = d.stream_id
      and a.financial_year = d.financial_year
    where a.is_current and not a.withdrawn and a.amount is not null and a.basis in ('allocation', 'budget')
      and not exists (select from matched m where m.previous_id = a.id and m.class in ('changed', 'withdrawn'))
    union all
    select d.id, d.organisation_id, s.source_id, s.basis, s.gross_or_net, s.amount, now(), true
    from budgets_allocationdraw d
    join budgets_stagedallocation s on s.organisation_id = d.organisation_id and s.stream_id = d.stream_id
      and s.financial_year = d.financial_year
    left join matched m on m.line = s.line and m.class = 'unchanged'
    where s.upload_id = %(upload)s and s.amount is not null and s.basis in ('allocation', 'budget') and m.line is null
), touched as (
    select draw_id from figures where sent
    union
    select d.id from matched m join budgets_allocation a on a.id = m.previous_id
    join budgets_allocationdraw d on a.organisation_id = d.organisation_id and a.stream_id = d.stream_id
      and a.financial_year = d.financial_year
    where m.class in ('changed', 'withdrawn')
), chosen as (
    select distinct on (draw_id) draw_id, source_id, basis, gross_or_net from figures
    where draw_id in (select draw_id from touched)
    order by draw_id, source_id = organisation_id, basis = 'budget', gross_or_net = 'gross', accepted_at desc, source_id
), limits as (
    select f.draw_id, sum(f.amount) as most from figures f
    join chosen c using (draw_id, source_id, basis, gross_or_net) group by f.draw_id
)
select o.name, f.name, d.financial_year, l.most, allocation_drawn(d.id),
       array(select distinct 'S75-' || lpad(p.agreement_id::text, greatest(4, length(p.agreement_id::text)), '0')
                             || '/' || p.slug
             from budgets_contribution c join budgets_poolyear y on y.id = c.pool_year_id
             join partnerships_pool p on p.id = y.pool_id
             join partnerships_agreementsummary s on s.agreement_id = p.agreement_id and s.audience = 'partners'
             where c.draw_id = d.id and s.reader_ids @> array[%(source)s]::bigint[] order by 1)
from limits l join budgets_allocationdraw d on d.id = l.draw_id
join directory_organisation o on o.id = d.organisation_id join budgets_fundingstream f on f.id = d.stream_id
where allocation_drawn(d.id) > l.most
order by o.name, f.position, d.financial_year limit %(most)s
"""

# After the figures are written: a shortfall for each allocation that is now less than what is drawn on it. Figures just
# written are those of this transaction, which began at now(). Each draw is looked up by the index of the figures' key.
RECORD_SHORTFALLS = """
insert into budgets_allocationshortfall (draw_id, organisation_id, actor, at, "limit", drawn)
select d.id, %(source)s, %(actor)s, now(), l.most, l.drawn
from budgets_allocationdraw d
cross join lateral (
    select true from budgets_allocation a where a.organisation_id = d.organisation_id and a.stream_id = d.stream_id
      and a.financial_year = d.financial_year and a.is_current and a.accepted_at = now() limit 1
) written
cross join lateral (
    select allocation_limit(d.organisation_id, d.stream_id, d.financial_year) as most, allocation_drawn(d.id) as drawn
) l
where l.drawn > l.most order by d.id
"""


def shortfall_warnings(upload: Upload) -> list[Problem]:
    """A warning for each allocation that would be less than what funds draw on it. `matched` must exist.

    Names only funds that the uploading organisation may read, and no amount drawn unless it may read one of them.
    """
    if not AllocationDraw.objects.exists():
        return []
    with connection.cursor() as cursor:
        cursor.execute(_SHORT_AFTER, {"upload": upload.pk, "source": upload.organisation_id, "most": MOST_WARNINGS})
        rows = cursor.fetchall()
    return [_warning(*row) for row in rows]


def _warning(holder: str, stream: str, year: int, most: Decimal, drawn: Decimal, funds: list[str]) -> Problem:
    what = f"{stream} of {holder} for {FinancialYear(year)} would be {pounds(most)}"
    if funds:
        message = f"{what}, which is {pounds(drawn - most)} less than pooled funds draw on it ({', '.join(funds)})"
    else:
        message = f"{what}, which is less than pooled funds draw on it"
    fix = "If the figure is right, accept it: the shortfall is recorded, and the partners of the funds see it."
    return Problem("W_SHORTFALL", message, value=str(most), fix=fix, severity="warning")
