"""The content of an agreement as JSON."""

from __future__ import annotations

from typing import Any

from partnerships.records import DELEGATED_LIMIT, LIMIT_DEPUTY, POOL, SCHEME, SCHEME_FUNCTION
from partnerships.rules.agreements import (
    Body,
    Content,
    DeedRecord,
    FunctionContent,
    LimitContent,
    PartnerContent,
    PlaceNamed,
    PoolContent,
    SchemeContent,
)
from pooledcare.directory.api import API, place_link
from pooledcare.kernel.rest.records import json_values
from pooledcare.kernel.rest.views import absolute


def agreement_link(reference: str) -> str:
    return absolute(f"{API}/agreements/{reference}/")


def part_link(plural: str, reference: str, slug: str) -> str:
    """The address of a scheme or a pool."""
    return absolute(f"{API}/{plural}/{reference}/{slug}/")


def agreement_links(reference: str) -> dict[str, str]:
    return {
        "self": agreement_link(reference),
        "findings": f"{agreement_link(reference)}findings/",
        "schemes": absolute(f"{API}/schemes/?agreement={reference}"),
        "pools": absolute(f"{API}/pools/?agreement={reference}"),
        "page": absolute(f"/agreements/{reference}/"),
    }


def present_content(content: Content, reference: str) -> dict[str, Any]:
    """The content of an agreement as at one day."""
    return {
        "title": content.title,
        "start": content.start,
        "end": content.end,
        "notice_months": content.notice_months,
        "review_on": list(content.review_on),
        "places": [_place(each) for each in content.places],
        "partners": [_partner(each) for each in content.partners],
        "pools": [present_pool(each, reference) for each in content.pools],
        "schemes": [present_scheme(each, reference) for each in content.schemes],
        "clauses": [{"kind": kind, "text": text} for kind, text in content.clauses],
    }


def _code(body: Body | None) -> str | None:
    return body.code if body else None


def _place(place: PlaceNamed) -> dict[str, Any]:
    return {"place": place.slug, "name": place.name, "link": place_link(place.slug)}


def _partner(partner: PartnerContent) -> dict[str, Any]:
    return {
        "organisation": partner.body.code,
        "name": partner.body.name,
        "role": partner.role,
        "contributes": partner.contributes,
        "since": partner.since,
        "succeeds": _code(partner.succeeds),
    }


def present_deed(deed: DeedRecord) -> dict[str, Any]:
    return {
        "number": deed.number,
        "kind": deed.kind,
        "state": deed.state,
        "summary": deed.summary,
        "effective_on": deed.effective_on,
        "signed_on": deed.signed_on,
        "published_on": deed.published_on,
    }


def present_open_deed(deed: DeedRecord | None) -> dict[str, Any] | None:
    """The content of the open deed alone. Where it is null or absent, what earlier deeds say still applies."""
    if deed is None:
        return None
    return {
        **present_deed(deed),
        "title": deed.title,
        "sets_end": deed.sets_end,
        "end": deed.end_on,
        "notice_months": deed.notice_months,
        "review_on": None if deed.review_on is None else list(deed.review_on),
        "clauses": [{"kind": kind, "text": text} for kind, text in deed.clauses],
        "schemes": [each.slug for each in deed.schemes],
        "pools": [each.slug for each in deed.pools],
        "ended_schemes": list(deed.ended_schemes),
        "closed_pools": list(deed.closed_pools),
    }


def present_pool(pool: PoolContent, reference: str) -> dict[str, Any]:
    return {
        "agreement": reference,
        "slug": pool.slug,
        **json_values(POOL.plain, pool),
        "host": _code(pool.host),
        "manager_employer": _code(pool.manager_employer),
        "limits": [_limit(each) for each in pool.limits],
        "links": {"self": part_link("pools", reference, pool.slug), "agreement": agreement_link(reference)},
    }


def _limit(limit: LimitContent) -> dict[str, Any]:
    return {
        "partner": limit.partner.code,
        **json_values(DELEGATED_LIMIT.plain, limit),
        "deputies": [json_values(LIMIT_DEPUTY.plain, each) for each in limit.deputies],
    }


def present_scheme(scheme: SchemeContent, reference: str) -> dict[str, Any]:
    return {
        "agreement": reference,
        "slug": scheme.slug,
        **json_values(SCHEME.plain, scheme),
        "lead": _code(scheme.lead),
        "pool": scheme.pool or None,
        "functions": [_function(each) for each in scheme.functions],
        "links": {"self": part_link("schemes", reference, scheme.slug), "agreement": agreement_link(reference)},
    }


def _function(function: FunctionContent) -> dict[str, Any]:
    return {
        "function": function.code,
        "name": function.name,
        "holder": _code(function.holder),
        **json_values(SCHEME_FUNCTION.plain, function),
    }
