"""Contributions as rows for the API: one query for each list, for the partners of the agreement and nobody else."""

from __future__ import annotations

from typing import Any

from budgets.queries.listing_columns import YEAR, financial_year
from budgets.terms import AgreedBasis, ContributionKind, FundedFrom, Recurrence, StreamNature
from pooledcare.directory.access import Actor
from pooledcare.kernel.rest.listings import Listing, ListingColumn, flag
from pooledcare.kernel.rest.schema import FLAG, MONEY, TEXT, described, nullable, one_of

_REFERENCE = "'S75-' || lpad(k.agreement_id::text, greatest(4, length(k.agreement_id::text)), '0')"
# The same rule as `why_provisional`, with the same questions as `contributions_of`.
_PROVISIONAL = """not (exists (
    select from partnerships_deed d where d.agreement_id = k.agreement_id and d.state = 'signed'
      and d.effective_on between make_date(y.financial_year, 4, 1) and make_date(y.financial_year + 1, 3, 31))
  or c.funded_from = 'allocation' and exists (
    select from budgets_allocation f where f.organisation_id = c.partner_id and f.stream_id = c.stream_id
      and f.financial_year = y.financial_year and f.basis in ('allocation', 'budget') and f.is_current
      and not f.withdrawn and f.amount is not null and f.published_on is not null
      and f.source_id <> f.organisation_id))"""

COLUMNS = (
    ListingColumn("reference", "'CN-' || c.id", schema=TEXT, example="CN-1"),
    ListingColumn("agreement", _REFERENCE, schema=described(TEXT, "Reference of the agreement"), example="S75-0001"),
    ListingColumn("pool", "k.slug", schema=described(TEXT, "Slug of the fund"), example="reablement"),
    ListingColumn("financial_year", financial_year("y.financial_year"), schema=YEAR, example="2024-25"),
    ListingColumn("partner", "o.code", schema=described(TEXT, "Code of the partner"), example="QSL"),
    ListingColumn(
        "stream", "s.code", schema=nullable(described(TEXT, "Code of the funding stream")), example="nhs-core"
    ),
    ListingColumn("kind", "c.kind", schema=one_of(ContributionKind.values), example="additional_nhs"),
    ListingColumn("funded_from", "c.funded_from", schema=one_of(FundedFrom.values), example="allocation"),
    ListingColumn("nature", "c.nature", schema=one_of(StreamNature.values), example="revenue"),
    ListingColumn("recurrence", "c.recurrence", schema=one_of(Recurrence.values), example="recurrent"),
    ListingColumn("ring_fence", "c.ring_fence", free=True, schema=described(TEXT, "Empty if none"), example=""),
    ListingColumn(
        "basis",
        "c.basis",
        schema=one_of(AgreedBasis.values, "Whether the partner pays the gross or the net amount"),
        example="net",
    ),
    ListingColumn("gross", "p.gross::text", schema=MONEY, example="1440000.00"),
    ListingColumn("client_income", "p.client_income::text", schema=MONEY, example="40000.00"),
    ListingColumn("net", "p.net::text", schema=MONEY, example="1400000.00"),
    flag(
        "provisional",
        _PROVISIONAL,
        schema=described(FLAG, "Neither is its allocation published nor a deed of the year signed"),
        example=False,
    ),
)
CONTRIBUTIONS = Listing(
    columns=COLUMNS,
    tables="""budgets_contribution c
    join budgets_poolyear y on y.id = c.pool_year_id join partnerships_pool k on k.id = y.pool_id
    join partnerships_agreementsummary m on m.agreement_id = k.agreement_id and m.audience = 'partners'
    join directory_organisation o on o.id = c.partner_id left join budgets_fundingstream s on s.id = c.stream_id
    cross join lateral (
        select coalesce(sum(n.gross), 0.00) as gross, coalesce(sum(n.client_income), 0.00) as client_income,
               coalesce(sum(n.net), 0.00) as net from budgets_contributioncomponent n where n.contribution_id = c.id
    ) p""",
    order=("c.id",),
)
_CONDITIONS = {
    "agreement": "k.agreement_id = %s",
    "pool": "k.slug = %s",
    "partner_ids": "c.partner_id = any(%s)",
    "stream_id": "c.stream_id = %s",
    "financial_year": "y.financial_year = %s",
    "id": "c.id = %s",
}


def contributions(asked: dict[str, Any], *, actor: Actor) -> Listing:
    """Contributions to funds of agreements that the actor reads as a partner, in the order of recording."""
    listing = CONTRIBUTIONS
    if not actor.is_system:
        listing = listing.narrowed("m.reader_ids && %s::bigint[]", list(actor.readable_organisation_ids))
    for name, condition in _CONDITIONS.items():
        if name in asked:
            listing = listing.narrowed(condition, asked[name])
    return listing
