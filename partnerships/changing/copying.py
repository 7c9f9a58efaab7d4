"""Automatic copies: adds successors for partners that merged or closed, and copies an agreement's text to its renewal.

Called by actions, inside their transaction and under the agreement's lock.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Q

from partnerships.models import (
    Agreement,
    AgreementPlace,
    Clause,
    Deed,
    DelegatedLimit,
    Function,
    Partner,
    PartnerLeaving,
    Pool,
    PoolTerms,
    Scheme,
    SchemeFunction,
    SchemeTerms,
)
from partnerships.queries.agreements.records import record_of
from partnerships.records import DELEGATED_LIMIT, PARTNER, POOL, SCHEME, SCHEME_FUNCTION
from partnerships.rules.agreements import Body, Content, PoolContent, SchemeContent, read_on
from partnerships.terms import DeedState
from pooledcare.directory.models import Organisation, Succession


def add_successors(agreement: Agreement, today: dt.date) -> list[Partner]:
    """When partners merge or close: add and return a `Partner` row for each known successor that is not a partner yet.

    `actions/daily.py` calls this every day, so it happens automatically once the reference data names a successor;
    signing a deed and `actions/succession.py` call it too. Successions after the end of the agreement do not matter.

    Only partners by signed deeds are considered, because drafts may still change. A successor may itself have been
    succeeded, so new rows are examined in turn.
    """
    rows = Partner.objects.filter(Q(deed=None) | Q(deed__state=DeedState.SIGNED), agreement=agreement)
    waiting = list(rows.select_related("deed", "organisation"))
    known = {(row.by_succession_of_id, row.organisation_id, row.valid_from) for row in waiting}
    leavings, last_day = _leavings(agreement), _last_day(agreement, today)
    made: list[Partner] = []
    while waiting:
        taken = _successions(waiting, last_day)
        made_now = [
            create_successor(row, each.successor, each.effective_on)
            for row in waiting
            for each in taken[row.organisation_id]
            if (row.pk, each.successor_id, each.effective_on) not in known
            and _is_there(row, each.effective_on, leavings)
        ]
        made += made_now
        waiting = made_now
    return made


def _leavings(agreement: Agreement) -> dict[int, list[dt.date]]:
    """For each organisation, the first days on which signed deeds say it is no longer a partner."""
    found: dict[int, list[dt.date]] = {}
    rows = PartnerLeaving.objects.filter(deed__agreement=agreement, deed__state=DeedState.SIGNED)
    for body, day in rows.values_list("partner__organisation", "deed__effective_on"):
        if day is not None:
            found.setdefault(body, []).append(day)
    return found


def _is_there(row: Partner, day: dt.date, leavings: dict[int, list[dt.date]]) -> bool:
    """Whether the partner of this row joined before `day` and has not left by then."""
    since = row.valid_from or (row.deed.effective_on if row.deed else None)
    if since is None or day <= since:
        return False
    # A partner that leaves and joins by the same deed is a partner again. A successor that leaves on its first day has
    # left.
    days = leavings.get(row.organisation_id, ())
    return not any(since < left <= day or (row.deed is None and left == since) for left in days)


def _last_day(agreement: Agreement, today: dt.date) -> dt.date:
    """The last day on which a succession matters: today, or the end of the agreement if earlier."""
    content = read_on(record_of(agreement), today)
    ends = [day for day in (agreement.ended_on, content.end) if day is not None]
    return min([today, *ends])


def _successions(rows: Sequence[Partner], last_day: dt.date) -> defaultdict[int, list[Succession]]:
    """Successions up to `last_day`, by the key of the predecessor."""
    found: defaultdict[int, list[Succession]] = defaultdict(list)
    bodies = {row.organisation_id for row in rows}
    taken = Succession.objects.filter(predecessor__in=bodies, effective_on__lte=last_day)
    for each in taken.select_related("successor").order_by("effective_on", "successor_id"):
        found[each.predecessor_id].append(each)
    return found


def create_successor(partner: Partner, successor: Organisation, effective_on: dt.date) -> Partner:
    """Record that a successor takes the place of a partner, with the same role."""
    return Partner.objects.create(
        agreement=partner.agreement,
        organisation=successor,
        valid_from=effective_on,
        by_succession_of=partner,
        **PARTNER.plain_values(partner),
    )


def copy_content(content: Content, deed: Deed) -> None:
    """Copy the content of an agreement into the first deed of another, which already has its main terms."""
    made = deed.agreement
    AgreementPlace.objects.bulk_create(AgreementPlace(agreement=made, place_id=each.pk) for each in content.places)
    Partner.objects.bulk_create(
        Partner(agreement=made, deed=deed, organisation_id=each.body.pk, **PARTNER.plain_values(each))
        for each in content.partners
    )
    Clause.objects.bulk_create(Clause(deed=deed, kind=kind, text=text) for kind, text in content.clauses)
    pools = {each.slug: _copy_pool(each, deed) for each in content.pools}
    codes = {each.code: each for each in Function.objects.filter(code__in=content.function_codes)}
    for scheme in content.schemes:
        _copy_scheme(scheme, deed, pools.get(scheme.pool), codes)


def _copy_pool(content: PoolContent, deed: Deed) -> Pool:
    """Copy a fund with its delegated limits, without their deputies, whose days were within the old term."""
    pool = Pool.objects.create(agreement=deed.agreement, slug=content.slug)
    terms = PoolTerms.objects.create(
        deed=deed,
        pool=pool,
        host_id=_key(content.host),
        manager_employer_id=_key(content.manager_employer),
        **POOL.plain_values(content),
    )
    DelegatedLimit.objects.bulk_create(
        DelegatedLimit(terms=terms, partner_id=each.partner.pk, **DELEGATED_LIMIT.plain_values(each))
        for each in content.limits
    )
    return pool


def _copy_scheme(content: SchemeContent, deed: Deed, pool: Pool | None, codes: dict[str, Function]) -> None:
    """Copy a scheme without `start_on` and `end_on`, which were days within the old term."""
    terms = SchemeTerms.objects.create(
        deed=deed,
        scheme=Scheme.objects.create(agreement=deed.agreement, slug=content.slug),
        lead_id=_key(content.lead),
        pool=pool,
        **SCHEME.plain_values(content, without=("start_on", "end_on")),
    )
    SchemeFunction.objects.bulk_create(
        SchemeFunction(
            terms=terms,
            function=codes[each.code],
            holder_id=_key(each.holder),
            **SCHEME_FUNCTION.plain_values(each),
        )
        for each in content.functions
    )


def _key(body: Body | None) -> int | None:
    return None if body is None else body.pk
