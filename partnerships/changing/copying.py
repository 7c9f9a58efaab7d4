"""What is carried over without being decided anew: partners to their successors, and a whole text to its renewal.

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
from partnerships.records import PARTNER, POOL, SCHEME, SCHEME_FUNCTION
from partnerships.rules.agreements import Body, Content, PoolContent, SchemeContent, read_on
from partnerships.terms import DeedState
from pooledcare.directory.models import Organisation, Succession


def add_successors(agreement: Agreement, today: dt.date) -> list[Partner]:
    """A row for every successor that has taken the place of a partner within the term; none twice.

    Of signed deeds only: who is a partner by a draft is still being written. A successor may have been succeeded since,
    so each new row is looked at in its turn.
    """
    rows = Partner.objects.filter(Q(deed=None) | Q(deed__state=DeedState.SIGNED), agreement=agreement)
    waiting = list(rows.select_related("deed", "organisation"))
    known = {(row.by_succession_of_id, row.organisation_id, row.valid_from) for row in waiting}
    leavings, last_day = _leavings(agreement), _last_day(agreement, today)
    made: list[Partner] = []
    while waiting:
        taken = _successions(waiting, last_day)
        made_now = [
            succeed(row, each.successor, each.effective_on)
            for row in waiting
            for each in taken[row.organisation_id]
            if (row.pk, each.successor_id, each.effective_on) not in known
            and _is_there(row, each.effective_on, leavings)
        ]
        made += made_now
        waiting = made_now
    return made


def _leavings(agreement: Agreement) -> dict[int, list[dt.date]]:
    """The days from which a body was no longer a partner, by signed deeds."""
    found: dict[int, list[dt.date]] = {}
    rows = PartnerLeaving.objects.filter(deed__agreement=agreement, deed__state=DeedState.SIGNED)
    for body, day in rows.values_list("partner__organisation", "deed__effective_on"):
        if day is not None:
            found.setdefault(body, []).append(day)
    return found


def _is_there(row: Partner, day: dt.date, leavings: dict[int, list[dt.date]]) -> bool:
    """Whether the partner of this row has joined before that day, and not left by then."""
    since = row.valid_from or (row.deed.effective_on if row.deed else None)
    if since is None or day <= since:
        return False
    # Whoever leaves and joins by one deed has joined anew; a successor that leaves on its first day has left.
    days = leavings.get(row.organisation_id, ())
    return not any(since < left <= day or (row.deed is None and left == since) for left in days)


def _last_day(agreement: Agreement, today: dt.date) -> dt.date:
    """Until when successions matter: today, or the end of the agreement where that came first."""
    content = read_on(record_of(agreement), today)
    ends = [day for day in (agreement.ended_on, content.end) if day is not None]
    return min([today, *ends])


def _successions(rows: Sequence[Partner], last_day: dt.date) -> defaultdict[int, list[Succession]]:
    """By the key of the body that was succeeded."""
    found: defaultdict[int, list[Succession]] = defaultdict(list)
    bodies = {row.organisation_id for row in rows}
    taken = Succession.objects.filter(predecessor__in=bodies, effective_on__lte=last_day)
    for each in taken.select_related("successor").order_by("effective_on", "successor_id"):
        found[each.predecessor_id].append(each)
    return found


def succeed(partner: Partner, successor: Organisation, effective_on: dt.date) -> Partner:
    """A successor takes the place of a partner, with its role."""
    return Partner.objects.create(
        agreement=partner.agreement,
        organisation=successor,
        valid_from=effective_on,
        by_succession_of=partner,
        **PARTNER.plain_values(partner),
    )


def copy_content(content: Content, deed: Deed) -> None:
    """Everything that an agreement says, into the first deed of another; its main terms are the deed's already."""
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
    pool = Pool.objects.create(agreement=deed.agreement, slug=content.slug)
    PoolTerms.objects.create(
        deed=deed,
        pool=pool,
        host_id=_key(content.host),
        manager_employer_id=_key(content.manager_employer),
        **POOL.plain_values(content),
    )
    return pool


def _copy_scheme(content: SchemeContent, deed: Deed, pool: Pool | None, codes: dict[str, Function]) -> None:
    """The days that narrowed it within the old term say nothing about the new one."""
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
