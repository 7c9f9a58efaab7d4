"""Changing drafts over the API: the fields of request bodies, looking up codes, and checking If-Match."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import transaction
from rest_framework.request import Request

from partnerships.actions.drafting import FunctionIn
from partnerships.api.asking import REFERENCE, SLUG, reached_for
from partnerships.changing.agreement import lock_agreement
from partnerships.changing.draft_input import PartnerIn, open_draft
from partnerships.queries.agreements.drafts import Draft, body_of_code, places_by_slug
from partnerships.queries.agreements.reach import may
from partnerships.records import DEED, DELEGATED_LIMIT, LIMIT_DEPUTY, POOL, POWER, SCHEME, SCHEME_FUNCTION
from partnerships.rules.agreements.limits import MOST_DEPUTIES, MOST_LIMITS, DeputyIn, LimitIn
from partnerships.terms import (
    ClauseKind,
    DeedKind,
    PartnerRole,
)
from pooledcare.directory.access import Permission, refusal
from pooledcare.directory.api import actor_of
from pooledcare.directory.queries.code_days import nobody_had
from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.kernel.rest import bodies as b
from pooledcare.kernel.rest.conditional import require_version
from pooledcare.kernel.rest.problems import HttpProblem
from pooledcare.kernel.rest.records import body_field, body_fields, values_in

if TYPE_CHECKING:
    from partnerships.models import Agreement

T = TypeVar("T")
PREPARED = [DeedKind.VARIATION.value, DeedKind.TERMINATION.value]
_CLAUSE = (
    b.choice("kind", ClauseKind.values, "What it is about.").needed(),
    b.text("text", "The text of the clause; an empty text deletes it.").needed(),
)
_PARTNER = (
    b.code("organisation", "Code of the partner, as it is on the first day.").needed(),
    b.choice(
        "role",
        PartnerRole.values,
        "Its role. If not given, it does not change; a new partner gets the usual role of its kind.",
    ),
    b.flag("contributes", "Whether it puts money, staff or goods into the arrangements."),
)
# Fields that only a deed has. Its other plain fields are also fields of the agreement.
_OF_DEED = ("summary", "effective_on", "sets_end")
_FIRST_DAY = b.day("effective_on", "First day on which it has effect.").or_null()
_SUMMARY = body_field(DEED["summary"])
_MAIN_TERMS = (
    _FIRST_DAY,
    *body_fields(field for field in DEED.plain if field.name not in _OF_DEED),
    b.several("places", b.code("", "", grammar="[a-z0-9-]{1,80}"), "Places, by the last part of their address."),
    b.many("partners", _PARTNER, "All the partners. A partner that is not listed leaves."),
    b.many("clauses", _CLAUSE, "Clauses to write. Others do not change.", most=len(ClauseKind)),
)
_POWER = body_field(POWER)
START = (
    _POWER.needed(),
    *_MAIN_TERMS,
    b.code("follows", "Reference of the agreement that it renews.", grammar=REFERENCE),
    b.flag(
        "integrated",
        "An existing integrated arrangement: no single partner can end it or take anything out of it in PooledCare.",
    ),
)
CHANGE = (
    _POWER,
    *_MAIN_TERMS,
    _SUMMARY,
    b.flag("sets_end", "False: the deed does not change the end of the agreement."),
)
DEED_FIELDS = (
    b.choice("kind", PREPARED, "Whether the deed varies the agreement (the default) or ends it."),
    _FIRST_DAY,
    _SUMMARY,
)
_FUNCTION = (
    b.code("function", "Code of the statutory function.", grammar="[a-z0-9-]{1,60}").needed(),
    b.code("holder", "Code of the partner whose function it is.").or_null(),
    *body_fields(SCHEME_FUNCTION.plain),
)
SCHEME_FIELDS = (
    *body_fields(SCHEME.plain),
    b.code("lead", "Code of the lead.").or_null(),
    b.code("pool", "The fund from which it is paid.", grammar=SLUG).or_null(),
    b.many("functions", _FUNCTION, "All its functions."),
)
_LIMIT = (
    b.code("partner", "Code of the partner whose officer it is.").needed(),
    *(each.needed() if each.name in ("office", "power") else each for each in body_fields(DELEGATED_LIMIT.plain)),
    b.many(
        "deputies",
        [each.needed() for each in body_fields(LIMIT_DEPUTY.plain)],
        "The offices that deputise.",
        most=MOST_DEPUTIES,
    ),
)
POOL_FIELDS = (
    *body_fields(POOL.plain),
    b.code("host", "Code of the host.").or_null(),
    b.code("manager_employer", "Code of the manager’s employer.").or_null(),
    b.many("limits", _LIMIT, "All the delegated limits of officers.", most=MOST_LIMITS),
)
OF_AGREEMENT = b.code("agreement", "Reference of the agreement.", grammar=REFERENCE).needed()


def a_new(fields: tuple[b.BodyField, ...]) -> tuple[b.BodyField, ...]:
    """The fields for creating a part: agreement and name are required."""
    return (OF_AGREEMENT, *(each.needed() if each.name == "name" else each for each in fields))


def changing(request: Request, reference: str, change: Callable[[Draft], T], *, versioned: bool = True) -> T:
    """Run `change` on the open deed under the agreement's lock, after checking If-Match against its version."""
    with transaction.atomic():
        agreement = lock_agreement(to_prepare(request, reference))
        if versioned:
            require_version(request, agreement.version)
        return change(open_draft(agreement))


def to_prepare(request: Request, reference: str) -> Agreement:
    """The agreement, for a key that may prepare its deeds."""
    agreement = reached_for(request, reference).agreement
    if not may(agreement, actor=actor_of(request), permission=Permission.PREPARE_AGREEMENTS):
        raise HttpProblem("forbidden", refusal(Permission.PREPARE_AGREEMENTS))
    return agreement


def main_terms_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """The main terms by column name. Giving `end`, even null, also sets `sets_end`."""
    main_terms = values_in(said, {**DEED, "power": POWER})
    if "effective_on" in said:
        main_terms["effective_on"] = said["effective_on"]
    if "end" in said:
        main_terms["sets_end"] = True
    if "places" in said:
        main_terms["places"] = places_named(said["places"])
    return main_terms


def places_named(slugs: list[str]) -> list[Any]:
    found = places_by_slug(slugs)
    if unknown := sorted(set(slugs) - {place.slug for place in found}):
        raise _unknown("places", f"There is no place {unknown[0]}.")
    return found


def partners_named(said: Collection[Mapping[str, Any]] | None, day: dt.date) -> list[PartnerIn] | None:
    if said is None:
        return None
    codes = [each["organisation"].upper() for each in said]
    if len(set(codes)) < len(codes):
        message = "An organisation is named more than once"
        raise Refused.because("CODE_TWICE", message, where=Where(field="partners"), fix="Name each partner once.")
    return [
        PartnerIn(body_named(each["organisation"], day, "partners"), each.get("role"), each.get("contributes"))
        for each in said
    ]


def clauses_of(said: Mapping[str, Any]) -> dict[str, str]:
    given = [(each["kind"], each["text"]) for each in said.get("clauses", ())]
    found = dict(given)
    if len(found) < len(given):
        message = "A clause is given more than once"
        raise Refused.because("CLAUSE_ONCE", message, where=Where(field="clauses"), fix="Give each clause once.")
    return found


def scheme_values(said: Mapping[str, Any], day: dt.date) -> dict[str, Any]:
    values = values_in(said, SCHEME)
    if "pool" in said:
        values["pool"] = said["pool"]
    if "lead" in said:
        values["lead"] = body_or_none(said["lead"], day, "lead")
    return values


def functions_of(said: Mapping[str, Any], day: dt.date) -> list[FunctionIn] | None:
    if "functions" not in said:
        return None
    return [
        FunctionIn(
            code=each["function"],
            holder=body_or_none(each.get("holder"), day, "functions"),
            exclusions=tuple(each.get("exclusions", ())),
            delegation_evidence=each.get("delegation_evidence", ""),
        )
        for each in said["functions"]
    ]


def pool_values(said: Mapping[str, Any], day: dt.date) -> dict[str, Any]:
    bodies = {name: body_or_none(said[name], day, name) for name in ("host", "manager_employer") if name in said}
    return values_in(said, POOL) | bodies


def limits_in(said: Mapping[str, Any], day: dt.date) -> list[LimitIn] | None:
    if "limits" not in said:
        return None
    return [
        LimitIn(
            partner=body_named(each["partner"], day, "limits"),
            **values_in(each, DELEGATED_LIMIT),
            deputies=tuple(DeputyIn(**values_in(one, LIMIT_DEPUTY)) for one in each.get("deputies", ())),
        )
        for each in said["limits"]
    ]


def body_or_none(code: str | None, day: dt.date, field: str) -> Any:
    return None if code is None else body_named(code, day, field)


def body_named(code: str, day: dt.date, field: str) -> Any:
    """The organisation that had the code on the first day. Raises 404 if none had."""
    found = body_of_code(code.upper(), on=day)
    if found is None:
        problem = nobody_had(code, on=day)
        raise _unknown(field, f"{problem.message}. {problem.fix}")
    return found


def _unknown(field: str, message: str) -> HttpProblem:
    return HttpProblem("not-found", errors=[Problem("NOT_ACCEPTED", message, Where(field=field))])
