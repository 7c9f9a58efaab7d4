"""Agreements, their schemes and their pools as rows for the API: one query for each list, in a documented order.

An agreement is listed by its summary for the reader. Schemes and pools are listed as the deeds in effect today have
them; the SQL here does for all agreements what `content_as_at` does for one, and a test compares the two.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.utils import timezone

from partnerships.models import Function
from partnerships.queries.agreements.agreement_columns import AGREEMENT_COLUMNS
from partnerships.queries.agreements.part_columns import POOL_COLUMNS, SCHEME_COLUMNS
from pooledcare.directory.access import Actor
from pooledcare.kernel.rest.listings import Listing

AGREEMENTS = Listing(
    columns=AGREEMENT_COLUMNS,
    tables="partnerships_agreementsummary s join partnerships_agreement a on a.id = s.agreement_id",
    order=("a.id",),
    descending=True,
)

# The day as at which an agreement is read by default; the same as `reading_day`.
_READ = """today t cross join partnerships_agreementsummary s
    join partnerships_agreement a on a.id = s.agreement_id
    join partnerships_deed z on z.agreement_id = a.id and z.number = 0
    cross join lateral (select greatest(least(t.day, a.ended_on), z.effective_on) as day) y"""
# The deeds that count: signed deeds in effect, for the public only published ones. For partners, an agreement that is
# not signed or was withdrawn is read from its draft.
_COUNTS = """((d.state = 'signed' and d.effective_on <= y.day
        and (s.audience = 'partners' or d.published_on is not null))
    or (s.audience = 'partners' and d.number = 0 and d.state <> 'signed'))"""


def _latest(table: str, thing: str) -> str:
    """A join to the terms of a thing in the latest deed in effect that has any."""
    return f"""join lateral (
        select w.* from partnerships_{table} w join partnerships_deed d on d.id = w.deed_id
        where w.{thing} and {_COUNTS} order by d.effective_on desc nulls first, d.number desc limit 1
    ) x"""  # noqa: S608  fixed text of ours


def _final_successor(name: str, column: str) -> str:
    """A join to the code of the body that replaces a succeeded partner, where each step has exactly one successor."""
    return f"""left join lateral (
        with recursive successor (id, steps) as (
            select x.{column}, 0
            union all
            select n.id, h.steps + 1 from successor h cross join lateral (
                select min(p.organisation_id) as id from partnerships_partner p
                join partnerships_partner q on q.id = p.by_succession_of_id
                left join partnerships_deed d on d.id = q.deed_id
                where p.agreement_id = a.id and p.valid_from <= y.day and q.organisation_id = h.id
                    and (s.audience = 'partners' or d.id is null or d.published_on is not null)
                having count(distinct p.organisation_id) = 1
            ) n where h.steps < 20
        )
        select o.code from successor h join directory_organisation o on o.id = h.id order by h.steps desc limit 1
    ) {name} on true"""  # noqa: S608  fixed text of ours


SCHEMES = Listing(
    columns=SCHEME_COLUMNS,
    tables=(
        f"{_READ} join partnerships_scheme c on c.agreement_id = a.id "
        f"{_latest('schemeterms', 'scheme_id = c.id')} on not x.is_ended "
        f"left join partnerships_pool k on k.id = x.pool_id {_final_successor('lead', 'lead_id')}"
    ),
    where=("not exists (select from partnerships_occurrence e where e.scheme_id = c.id and e.happened_on < y.day)",),
    order=("a.id", "c.id"),
    before="with today (day) as (values (%s::date))",
)
POOLS = Listing(
    columns=POOL_COLUMNS,
    tables=(
        f"{_READ} join partnerships_pool c on c.agreement_id = a.id "
        f"{_latest('poolterms', 'pool_id = c.id')} on not x.is_closed "
        f"{_final_successor('host', 'host_id')} {_final_successor('employer', 'manager_employer_id')}"
    ),
    order=("a.id", "c.id"),
    before="with today (day) as (values (%s::date))",
)

_OF_AGREEMENT = {
    "agreement_id": "a.id = %s",
    "place_id": "s.place_ids @> array[%s]::bigint[]",
    "partner_ids": "s.partner_ids && %s::bigint[]",
    "host_ids": "s.host_ids && %s::bigint[]",
    "power": "a.power = %s",
    "status": "s.state = %s",
    "function": "s.function_codes @> array[%s]::varchar[]",
    "flexibility": "s.flexibilities @> array[%s]::varchar[]",
    "ending_before": "s.end_on < %s",
    "awaits": "s.awaits = %s",
}
_OF_SCHEME = {
    **{name: _OF_AGREEMENT[name] for name in ("agreement_id", "place_id", "partner_ids")},
    "function": (
        "exists (select from partnerships_schemefunction g join partnerships_function f on f.id = g.function_id"
        " where g.terms_id = x.id and f.code = %s)"
    ),
    "flexibility": "%s = any(x.flexibilities)",
    "lead": "lead.code = any(select o.code from directory_organisation o where o.id = any(%s))",
}
_OF_POOL = {
    **{name: _OF_AGREEMENT[name] for name in ("agreement_id", "place_id", "partner_ids")},
    "kind": "x.kind = %s",
    "host": "host.code = any(select o.code from directory_organisation o where o.id = any(%s))",
}


def agreements(asked: dict[str, Any], *, actor: Actor) -> Listing:
    """Agreements newest first: as a partner sees them where the actor is one, otherwise as the public does."""
    return _narrowed(_seen_by(AGREEMENTS, actor), asked, _OF_AGREEMENT)


def schemes(asked: dict[str, Any], *, actor: Actor) -> Listing:
    """Schemes as they read today, by agreement."""
    return _narrowed(_seen_by(_today(SCHEMES), actor), asked, _OF_SCHEME)


def pools(asked: dict[str, Any], *, actor: Actor) -> Listing:
    """Pooled and aligned funds as they read today, by agreement."""
    return _narrowed(_seen_by(_today(POOLS), actor), asked, _OF_POOL)


def _today(listing: Listing, day: dt.date | None = None) -> Listing:
    return replace(listing, before_values=(day or timezone.localdate(),))


def _narrowed(listing: Listing, asked: dict[str, Any], conditions: dict[str, str]) -> Listing:
    for name, condition in conditions.items():
        if name in asked:
            listing = listing.narrowed(condition, asked[name])
    return listing


def _seen_by(listing: Listing, actor: Actor) -> Listing:
    """As `summaries_seen_by`: one summary of each agreement, the partners' where the actor is one of them."""
    if actor.is_system:
        return listing.narrowed("s.audience = 'partners'")
    if not actor.readable_organisation_ids:
        return listing.narrowed("s.audience = 'public'")
    mine = list(actor.readable_organisation_ids)
    return listing.narrowed(
        "(s.audience = 'partners' and s.reader_ids && %s::bigint[] or s.audience = 'public' and not exists ("
        "select from partnerships_agreementsummary m where m.agreement_id = s.agreement_id and m.audience = 'partners'"
        " and m.reader_ids && %s::bigint[]))",
        mine,
        mine,
    )


def is_function(code: str) -> bool:
    return Function.objects.filter(code=code).exists()
