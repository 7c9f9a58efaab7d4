"""Large movements of an upload: figures that differ by more than a quarter from the year before.

Where organisations followed each other, the year before is the sum of the predecessors (`successions`). The largest
movements in pounds are kept, also of those that are large in percent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db import connection

from budgets.allocations.successions import Compared, Neighbourhood, NotCompared
from pooledcare.directory.models import Organisation
from pooledcare.kernel.money import as_text
from pooledcare.kernel.names import joined
from pooledcare.kernel.periods import FinancialYear
from pooledcare.uploads.models import Upload

# Per cent by which movements can be filtered; the first is from where on a movement is large.
PERCENTS = (25, 50, 100, 200)
MOST_MOVEMENTS = 100
MOST_NOT_COMPARED = 100

# The figure of the year before: from the same file, otherwise from the current figures of the same source.
_IN_FILE = "case when p.lagged_year = p.financial_year - 1 then p.lagged end"
_YEAR_BEFORE = f"coalesce({_IN_FILE}, c.amount)"
_JOIN_YEAR_BEFORE = """left join budgets_allocation c on c.organisation_id = p.organisation_id
      and c.stream_id = p.stream_id and c.financial_year = p.financial_year - 1
      and c.basis = p.basis and c.gross_or_net = p.gross_or_net
      and c.recurrence = p.recurrence and c.is_current and not c.withdrawn and c.source_id = %(source)s
      and p.lagged_year is distinct from p.financial_year - 1"""
_BIGGEST_FIRST = "size desc, organisation_id, stream_id, financial_year, basis, amount"


# In place of YEAR_BEFORE stands the figure of the year before, and in place of JOIN where it is found.
_EITHER = f"""
with placed as (
    select line, organisation_id, stream_id, financial_year, basis, gross_or_net, recurrence, amount,
           lag(amount) over history as lagged, lag(financial_year) over history as lagged_year
    from budgets_stagedallocation where upload_id = %(upload)s
    window history as (partition by organisation_id, stream_id, recurrence, basis, gross_or_net order by financial_year)
),
compared as (
    select p.organisation_id, p.stream_id, p.financial_year, p.basis, p.amount, YEAR_BEFORE as year_before,
           abs(p.amount - YEAR_BEFORE) as size
    from placed p JOIN where p.amount is not null
      and not exists (select from matched m where m.line = p.line and m.class = 'unchanged')
      and not exists (select from unnest(%(bodies)s::bigint[], %(years)s::int[]) as g(organisation_id, financial_year)
                      where g.organisation_id = p.organisation_id and g.financial_year = p.financial_year)
),
banded as materialized (
    select *, (select max(percent) from unnest(%(percents)s::int[]) as percent
               where size > percent / 100.0 * abs(year_before)) as band
    from compared where year_before <> 0 and size > %(least)s / 100.0 * abs(year_before)
),
counted as (select band, count(*) as number from banded group by band),
largest as (
    select one.* from counted n cross join lateral
      (select * from banded where band = n.band order by {_BIGGEST_FIRST} limit %(most)s) one
)
select o.code, o.name, f.code, l.financial_year, l.basis, l.year_before, l.amount, l.band, n.number
from largest l join counted n on n.band = l.band join directory_organisation o on o.id = l.organisation_id
join budgets_fundingstream f on f.id = l.stream_id
"""
_MOVEMENTS_IN_FILE = _EITHER.replace("YEAR_BEFORE", _IN_FILE).replace("JOIN", "")
_MOVEMENTS = _EITHER.replace("YEAR_BEFORE", _YEAR_BEFORE).replace("JOIN", _JOIN_YEAR_BEFORE)


def movements(upload: Upload, around: Neighbourhood, *, has_year_before: bool) -> dict[str, Any]:
    """The movements as JSON: the largest by pounds among all, and among those over each of PERCENTS.

    `movement_counts` are how many there are over each; `not_compared` what was taken over and cannot be compared.
    """
    bodies, years = around.excluded()
    with connection.cursor() as cursor:
        cursor.execute(
            _MOVEMENTS if has_year_before else _MOVEMENTS_IN_FILE,
            {
                "upload": upload.pk, "source": upload.organisation_id, "most": MOST_MOVEMENTS, "bodies": bodies,
                "years": years, "percents": [*PERCENTS], "least": PERCENTS[0],
            },
        )  # fmt: skip
        rows = cursor.fetchall()
    numbers = Counter({band: number for *_, band, number in rows})
    found = [_movement(*row[:-2]) for row in rows]
    own = [one for one in around.comparisons(upload) if one.source == upload.organisation_id]
    for compared in own:
        if isinstance(compared, Compared) and (band := band_of(compared.year_before, compared.amount)):
            numbers[band] += 1
            found.append(_of_group(compared, around))
    not_compared = [_not_compared(one, around) for one in own if isinstance(one, NotCompared)]
    counts = {str(percent): sum(number for band, number in numbers.items() if band >= percent) for percent in PERCENTS}
    return {
        "movements": largest(found),
        "movement_count": counts[str(PERCENTS[0])],
        "movement_counts": counts,
        "not_compared": not_compared[:MOST_NOT_COMPARED],
        "not_compared_count": len(not_compared),
    }


def band_of(year_before: Decimal, amount: Decimal) -> int:
    """The largest of PERCENTS that the movement exceeds; 0 if it exceeds none, or if there was nothing before."""
    size = abs(amount - year_before)
    return max((one for one in PERCENTS if year_before and size * 100 > one * abs(year_before)), default=0)


def largest(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The movements that are among the largest in pounds over one of PERCENTS, the largest first."""
    ordered = sorted(found, key=_order)
    kept = {id(one) for percent in PERCENTS for one in over(ordered, percent)[:MOST_MOVEMENTS]}
    return [one for one in ordered if id(one) in kept]


def over(found: Sequence[dict[str, Any]], percent: int) -> list[dict[str, Any]]:
    return [one for one in found if band_of(Decimal(one["year_before"]), Decimal(one["amount"])) >= percent]


def _order(one: dict[str, Any]) -> tuple[Any, ...]:
    size = abs(Decimal(one["amount"]) - Decimal(one["year_before"]))
    return (-size, one["organisation_name"], one["stream"], one["financial_year"], one["basis"])


def _movement(
    code: str, name: str, stream: str, year: int, basis: str, year_before: Decimal, amount: Decimal, before: str = ""
) -> dict[str, Any]:
    return {
        "organisation": code,
        "organisation_name": name,
        "stream": stream,
        "financial_year": str(FinancialYear(year)),
        "basis": basis,
        "year_before": as_text(year_before),
        "amount": as_text(amount),
        "compared_with": before,
    }


def _of_group(one: Compared, around: Neighbourhood) -> dict[str, Any]:
    """A movement between sums; several organisations have their codes separated by spaces."""
    after = _named(one.after, around)
    codes = " ".join(body.code for body in after)
    stream, basis, *_ = one.kind
    return _movement(
        codes, names(after), around.streams[stream].code, one.year, basis, one.year_before, one.amount,
        "" if one.before == one.after and len(one.after) == 1 else names(_named(one.before, around)),
    )  # fmt: skip


def _not_compared(one: NotCompared, around: Neighbourhood) -> dict[str, str]:
    predecessors, successors, missing = (
        names(_named(members, around)) for members in (one.predecessors, one.successors, one.missing)
    )
    return {
        "stream": around.streams[one.kind[0]].code,
        "financial_year": str(FinancialYear(one.year)),
        "basis": one.kind[1],
        "predecessors": predecessors,
        "successors": successors,
        "missing": missing,
    }


def _named(members: Iterable[int], around: Neighbourhood) -> list[Organisation]:
    return sorted((around.bodies[member] for member in members), key=lambda body: body.name)


def names(bodies: Sequence[Organisation]) -> str:
    return joined(body.name for body in bodies) or ""
