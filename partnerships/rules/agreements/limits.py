"""Delegated limits as people enter them, what is wrong with them, and how they read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from partnerships.records import DELEGATED_LIMIT, LIMIT_DEPUTY
from partnerships.rules.agreements.content import DeputyContent, LimitContent
from partnerships.terms import OfficerPower
from pooledcare.kernel.days import written
from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.records import RecordField, cleaned, value_problems

if TYPE_CHECKING:
    from pooledcare.directory.models import Organisation

MOST_LIMITS, MOST_DEPUTIES = 200, 30
_AT = Where(field="limits")


@dataclass(frozen=True, slots=True)
class DeputyIn:
    office: str
    first_on: dt.date
    last_on: dt.date


@dataclass(frozen=True, slots=True)
class LimitIn:
    """A limit as entered. `limit` is in pounds, and None exactly if it is `is_unlimited`."""

    partner: Organisation
    office: str
    power: str
    limit: Decimal | None = None
    is_unlimited: bool = False
    deputies: tuple[DeputyIn, ...] = ()


def limit_problems(limits: Sequence[LimitIn]) -> list[Problem]:
    """Problems of the limits of one fund. Whether each partner is one is judged with the whole text."""
    found: list[Problem] = []
    seen = set()
    if len(limits) > MOST_LIMITS:
        found.append(Problem("TOO_MANY", f"At most {MOST_LIMITS} delegated limits of one fund can be stated", _AT))
    for each in limits:
        wrong = _of_record(each, DELEGATED_LIMIT)
        found += wrong
        if wrong:
            continue
        what = f"The limit of the {_tidy(each.office)} of {each.partner.name} to {_verb(each.power)}"
        if each.is_unlimited == (each.limit is not None):
            message = f"{what} must have an amount, or be without limit"
            found.append(Problem("LIMIT_OR_NONE", message, Where(field="limit"), fix="Give one of the two."))
        key = (each.partner.pk, _tidy(each.office).lower(), each.power)
        if key in seen:
            fix = "State one limit for each partner, office and power."
            found.append(Problem("DELEGATED_LIMIT_ONCE", f"{what} is stated twice", Where(field="office"), fix=fix))
        seen.add(key)
        found += _deputies(each, what)
    return found


def _of_record(holder: Any, record: Mapping[str, RecordField]) -> list[Problem]:
    values = {name: getattr(holder, name) for name in record}
    return value_problems(values, record)


def _tidy(office: str) -> str:
    return " ".join(office.split())


def _deputies(limit: LimitIn, what: str) -> Iterator[Problem]:
    where = Where(field="deputies")
    if len(limit.deputies) > MOST_DEPUTIES:
        yield Problem("TOO_MANY", f"{what} can have at most {MOST_DEPUTIES} deputies", where)
    for place, each in enumerate(limit.deputies):
        wrong = _of_record(each, LIMIT_DEPUTY)
        yield from (Problem(one.code, one.message, where, fix=one.fix) for one in wrong)
        if wrong:
            continue
        office = _tidy(each.office)
        if each.last_on < each.first_on:
            message = (
                f"{what}: the {office} cannot deputise until {written(each.last_on)}, before {written(each.first_on)}"
            )
            yield Problem("LIMIT_DEPUTY_DAYS_IN_ORDER", message, where, fix="Correct one of the two days.")
        if office.lower() == _tidy(limit.office).lower():
            message = f"{what}: the {office} cannot deputise for its own office"
            yield Problem("DEPUTY_OF_ITSELF", message, where, fix="Name another office.")
        for other in limit.deputies[:place]:
            is_same = _tidy(other.office).lower() == office.lower()
            if is_same and other.first_on <= each.last_on and each.first_on <= other.last_on:
                message = f"{what}: the {office} is named as deputy twice for the same days"
                yield Problem("LIMIT_DEPUTY_ONCE", message, where, fix="Name it once for these days.")


def tidied(limit: LimitIn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The values of a limit and of its deputies as they are stored."""
    own = cleaned({name: getattr(limit, name) for name in DELEGATED_LIMIT}, DELEGATED_LIMIT)
    deputies = [cleaned({name: getattr(each, name) for name in LIMIT_DEPUTY}, LIMIT_DEPUTY) for each in limit.deputies]
    return own, deputies


# --- in words --------------------------------------------------------------------------------------------------------


def amount_text(limit: LimitContent) -> str:
    return "without limit" if limit.limit is None else f"up to £{limit.limit:,.2f}"


def deputy_text(deputy: DeputyContent) -> str:
    return f"{deputy.office} from {written(deputy.first_on)} to {written(deputy.last_on)}"


def limit_text(limit: LimitContent) -> str:
    """
    >>> from partnerships.rules.agreements.content import Body
    >>> county = Body(1, "E10", "The county", "county")
    >>> limit_text(LimitContent(county, "Head of finance", "vire", Decimal(500), False, ()))
    'Head of finance of The county may vire up to £500.00'
    """
    deputies = ", ".join(deputy_text(each) for each in limit.deputies)
    amount = f"{limit.office} of {limit.partner.name} may {_verb(limit.power)} {amount_text(limit)}"
    return f"{amount} (deputy: {deputies})" if deputies else amount


def _verb(power: str) -> str:
    return str(OfficerPower(power).label).partition(":")[0].lower()
