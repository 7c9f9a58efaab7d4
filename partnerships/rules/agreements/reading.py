"""The content of an agreement as at a day: its deeds applied in the order in which they have effect."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from partnerships.rules.agreements.content import Body, Content, PartnerContent, PoolContent, SchemeContent
from partnerships.rules.agreements.record import AgreementRecord, DeedRecord, Joined
from partnerships.terms import Audience, ClauseKind

T = TypeVar("T")
_CLAUSES = {kind.value: place for place, kind in enumerate(ClauseKind)}


def deeds_in_effect(
    record: AgreementRecord,
    day: dt.date,
    *,
    known_at: dt.date | None = None,
    audience: Audience = Audience.PARTNERS,
    including: int | None = None,
) -> list[DeedRecord]:
    """Signed deeds that have effect on `day`, earliest first day first.

    `known_at` leaves out deeds signed after that day.

    For the public only published deeds count. `including` is the number of an open deed to treat as signed: deed 0 then
    counts on any day, a later deed from its first day on.
    """

    def counts(deed: DeedRecord) -> bool:
        if deed.number == including == 0:
            return True  # those who drafted a withdrawn agreement can still read it
        if deed.number == including and deed.is_open:
            return (deed.effective_on or dt.date.max) <= day
        if not deed.is_signed or deed.effective_on is None or deed.effective_on > day:
            return False
        if known_at is not None and (deed.signed_on is None or deed.signed_on > known_at):
            return False
        return audience == Audience.PARTNERS or deed.published_on is not None

    return sorted(filter(counts, record.deeds), key=lambda deed: (deed.effective_on or dt.date.max, deed.number))


def content_as_at(
    record: AgreementRecord,
    day: dt.date,
    *,
    known_at: dt.date | None = None,
    audience: Audience = Audience.PARTNERS,
    including: int | None = None,
) -> Content | None:
    """The content as at `day`, or None if this audience has nothing to read.

    For partners, an unsigned agreement is read from its draft. The other parameters are those of `deeds_in_effect`.
    """
    if including is None and audience == Audience.PARTNERS and not record.original.is_signed and known_at is None:
        including = 0
    deeds = deeds_in_effect(record, day, known_at=known_at, audience=audience, including=including)
    if not any(deed.number == 0 for deed in deeds):
        return None
    return _laid_over(record, deeds, day)


def content_of(record: AgreementRecord, deed: DeedRecord) -> Content:
    """The agreement as it would read on the first day of this deed: what partners approve and sign."""
    content = content_as_at(record, _first_day(record, deed), including=deed.number)
    if content is None:
        raise ValueError(f"Deed {deed.number} cannot be read without the agreement.")
    return content


def _first_day(record: AgreementRecord, deed: DeedRecord) -> dt.date:
    """The first day of the deed, but not before that of the agreement, when there is nothing to read."""
    if deed.effective_on is None:
        return dt.date.max
    return max(deed.effective_on, record.original.effective_on or deed.effective_on)


def content_before(record: AgreementRecord, deed: DeedRecord) -> Content | None:
    """The agreement on the first day of this deed, without the deed. None for deed 0."""
    if deed.number == 0:
        return None
    day = _first_day(record, deed)
    others = [each for each in deeds_in_effect(record, day) if each.number != deed.number]
    return _laid_over(record, others, day) if others else None


def _laid_over(record: AgreementRecord, deeds: list[DeedRecord], day: dt.date) -> Content:
    clauses: dict[str, str] = {}
    pools: dict[str, PoolContent] = {}
    schemes: dict[str, SchemeContent] = {}
    title, end, notice = "", None, None
    review: tuple[dt.date, ...] = ()
    for deed in deeds:
        title = deed.title or title
        end = deed.end_on if deed.sets_end else end
        notice = notice if deed.notice_months is None else deed.notice_months
        review = review if deed.review_on is None else deed.review_on
        clauses.update(deed.clauses)
        pools.update((pool.slug, pool) for pool in deed.pools)
        schemes.update((scheme.slug, scheme) for scheme in deed.schemes)
        _drop(pools, deed.closed_pools)
        _drop(schemes, deed.ended_schemes)
    _drop(schemes, (closed.slug for closed in record.closures if closed.last_day < day))
    successor_of = _successor_of_each(record, day)
    return Content(
        title=title,
        power=record.power,
        start=record.original.effective_on,
        end=end,
        notice_months=notice,
        review_on=tuple(sorted(review)),
        places=record.places,
        partners=tuple(partners_of(record, deeds, day)),
        pools=tuple(_inherited_pool(pool, successor_of) if successor_of else pool for pool in pools.values()),
        schemes=tuple(
            _inherited_scheme(scheme, successor_of) if successor_of else scheme for scheme in schemes.values()
        ),
        clauses=tuple(sorted(((k, text) for k, text in clauses.items() if text), key=lambda c: _CLAUSES[c[0]])),
    )


def _drop(held: dict[str, T], slugs: Iterable[str]) -> None:
    for slug in slugs:
        held.pop(slug, None)


def _successor_of_each(record: AgreementRecord, day: dt.date) -> dict[int, Body]:
    """The successor of each succeeded body, by key. A body with several successors is not replaced."""
    if not record.successors:
        return {}
    bodies = {each.pk: each.body for deed in record.deeds for each in deed.joined}
    bodies |= {each.pk: each.body for each in record.successors}
    taken: dict[int, list[Body]] = {}
    for each in record.successors:
        if each.since is not None and each.since <= day and each.succeeds in bodies:
            taken.setdefault(bodies[each.succeeds].pk, []).append(each.body)
    return {pk: found[0] for pk, found in taken.items() if len({body.pk for body in found}) == 1}


def _final_successor(body: Body | None, successor_of: dict[int, Body]) -> Body | None:
    """The body, or who took its place after any number of successions. A circle of successions ends where it closes."""
    passed: set[int] = set()
    while body is not None and body.pk in successor_of and body.pk not in passed:
        passed.add(body.pk)
        body = successor_of[body.pk]
    return body


def _inherited_pool(pool: PoolContent, successor_of: dict[int, Body]) -> PoolContent:
    return replace(
        pool,
        host=_final_successor(pool.host, successor_of),
        manager_employer=_final_successor(pool.manager_employer, successor_of),
        limits=tuple(
            replace(each, partner=_final_successor(each.partner, successor_of) or each.partner) for each in pool.limits
        ),
    )


def _inherited_scheme(scheme: SchemeContent, successor_of: dict[int, Body]) -> SchemeContent:
    functions = tuple(replace(each, holder=_final_successor(each.holder, successor_of)) for each in scheme.functions)
    return replace(scheme, lead=_final_successor(scheme.lead, successor_of), functions=functions)


def partners_of(record: AgreementRecord, deeds: list[DeedRecord], day: dt.date) -> list[PartnerContent]:
    """Partners on `day`: those who have joined, have not left and have not been succeeded by then. Each body once."""
    joined: dict[int, tuple[Joined, dt.date | None]] = {}
    rows = {each.pk: each for deed in record.deeds for each in deed.joined} | {r.pk: r for r in record.successors}
    left_on: dict[int, dt.date] = {}
    for deed in deeds:
        leaving = {rows[pk].body.pk for pk in deed.left if pk in rows}
        left_on |= dict.fromkeys(leaving, deed.effective_on or dt.date.max)
        joined = {pk: found for pk, found in joined.items() if found[0].body.pk not in leaving}
        joined.update((each.pk, (each, deed.effective_on)) for each in deed.joined)
    gone = {pk for deed in deeds for pk in deed.left}
    carried = [each for each in record.successors if each.since is not None and each.since <= day]
    joined_ever = {each.pk: each for deed in deeds for each in deed.joined}
    succeeded = set()
    # A successor's row has a higher key than the one it succeeds. A successor of a partner left out here is left out
    # too.
    for each in sorted(carried, key=lambda one: one.pk):
        if each.succeeds in joined_ever:
            joined_ever[each.pk] = each
            succeeded.add(each.succeeds)
            has_left = each.since is not None and left_on.get(each.body.pk, dt.date.min) >= each.since
            if not has_left and each.succeeds not in gone:
                joined[each.pk] = (each, each.since)
    return _each_body_once(
        PartnerContent(
            pk=each.pk,
            body=each.body,
            role=each.role,
            contributes=each.contributes,
            since=since,
            succeeds=joined_ever[each.succeeds].body if each.succeeds else None,
        )
        for pk, (each, since) in sorted(joined.items())
        if pk not in succeeded
    )


def _each_body_once(partners: Iterable[PartnerContent]) -> list[PartnerContent]:
    """Merge the rows of a body that has succeeded several partners into one partner."""
    found: dict[int, PartnerContent] = {}
    for each in partners:
        twin = found.get(each.body.pk)
        found[each.body.pk] = replace(twin, contributes=twin.contributes or each.contributes) if twin else each
    return list(found.values())
