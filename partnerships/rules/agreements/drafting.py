"""Contradictions in the text of an open deed. Missing text is not a problem here, because a draft can be incomplete.

The whole agreement is checked as it would read with the deed, before and after an edit. An edit is refused only for
contradictions that it adds, not for earlier ones, such as a lead that two successors have replaced.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from partnerships.records import SCHEME_FUNCTION
from partnerships.rules.agreements.content import Body, Content, PoolContent, SchemeContent
from partnerships.rules.agreements.money_terms import money_term_problems
from partnerships.rules.agreements.record import DeedRecord
from partnerships.terms import DeedState, Exclusion, PartnerRole
from pooledcare.directory.terms import COUNCIL_KINDS, NHS_KINDS, OrganisationKind
from pooledcare.kernel.days import written
from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.records import value_problems

if TYPE_CHECKING:
    from pooledcare.directory.models import Organisation

# Kinds of organisation that can be entered as a partner. Whether one may be a partner on a day is judged by the law.
PARTNER_KINDS = NHS_KINDS | COUNCIL_KINDS | {OrganisationKind.COUNTY_BOROUGH, OrganisationKind.COMBINED_AUTHORITY}
PROVIDER_KINDS = frozenset({OrganisationKind.NHS_TRUST, OrganisationKind.FOUNDATION_TRUST})
# Slugs that would clash with the addresses of pages.
_RESERVED = frozenset({"", "add", "edit", "new"})
LONGEST_SLUG = 60


class Lasting(Protocol):
    """An organisation or a place: something with a first and a last day."""

    name: str
    opened: dt.date | None
    closed: dt.date | None


@dataclass(frozen=True, slots=True)
class FunctionIn:
    """A function as entered: its code, its holder, and the excluded treatments that its services contain."""

    code: str
    holder: Organisation | None = None
    exclusions: tuple[str, ...] = ()
    delegation_evidence: str = ""


def slug_for(name: str, *, taken: Collection[str], otherwise: str) -> str:
    """A slug for a new fund or scheme, made from its name and different from those in `taken`.

    >>> slug_for("reablement", taken={"reablement"}, otherwise="fund"), slug_for("", taken=(), otherwise="fund")
    ('reablement-2', 'fund')
    """
    base = name[: LONGEST_SLUG - 5].strip("-")
    base = otherwise if base in _RESERVED else base
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def open_deed_problems(state: str) -> list[Problem]:
    """Why a deed in this state cannot be edited, if so."""
    if state == DeedState.SIGNED:
        fix = "Prepare a deed of variation."
        return [Problem("DEED_SIGNED", "This deed is signed, and a signed deed is never changed", fix=fix)]
    if state == DeedState.WITHDRAWN:
        return [Problem("DEED_WITHDRAWN", "This deed was withdrawn", fix="Prepare another deed.")]
    return []


def partner_problems(kind: str, role: str) -> list[Problem]:
    found = []
    if kind not in PARTNER_KINDS:
        fix = "Name it among the providers of a scheme: it can be paid from a fund, and has no part in the agreement."
        message = "Only NHS bodies and councils can be partners"
        found.append(Problem("NOT_A_PARTNER_KIND", message, Where(field="organisation"), fix=fix))
    if role not in PartnerRole.values:
        message = "Choose whether the partner commissions or provides services"
        found.append(Problem("UNKNOWN_VALUE", message, Where(field="role")))
    return found


def role_of(kind: str) -> PartnerRole:
    """The usual role of an organisation of this kind."""
    return PartnerRole.PROVIDER if kind in PROVIDER_KINDS else PartnerRole.COMMISSIONER


def function_problems(functions: Sequence[FunctionIn], known: Collection[str]) -> list[Problem]:
    """Problems with the functions alone: unknown codes, duplicates, and treatments that regulation 5 does not name."""
    found, seen = [], set()
    for each in functions:
        where = Where(field="functions")
        if each.code not in known:
            fix = "Use a code from the pages on law."
            found.append(Problem("UNKNOWN_FUNCTION", "There is no such function", where, value=each.code, fix=fix))
        elif each.code in seen:
            message = f"The function “{each.code}” is named twice"
            found.append(Problem("SCHEME_FUNCTION_ONCE", message, where, fix="Name it once, with all its treatments."))
        seen.add(each.code)
        if unknown := sorted(set(each.exclusions) - set(Exclusion.values)):
            message = "Only the treatments that regulation 5 excludes can be named as excluded"
            found.append(Problem("UNKNOWN_EXCLUSION", message, where, value=", ".join(unknown)))
        evidence = {"functions": each.delegation_evidence}
        found += value_problems(evidence, {"functions": SCHEME_FUNCTION["delegation_evidence"]})
    return found


def days_problems(first: dt.date | None, last: dt.date | None, *, code: str, what: str) -> list[Problem]:
    """Whether the last day is before the first."""
    if first is None or last is None or first <= last:
        return []
    message = f"{what} cannot end on {written(last)}, before it starts on {written(first)}"
    return [Problem(code, message, Where(field="end_on"), fix="Correct one of the two days.")]


def effect_problems(first: dt.date | None, start: dt.date | None) -> list[Problem]:
    """Whether a later deed would have effect before the agreement starts."""
    if first is None or start is None or start <= first:
        return []
    message = f"The deed cannot have effect on {written(first)}, before the agreement starts on {written(start)}"
    return [Problem("DEED_BEFORE_START", message, Where(field="effective_on"), fix="Choose a later day.")]


# --- the whole text --------------------------------------------------------------------------------------------------


def drafting_problems(
    content: Content, deed: DeedRecord, *, bodies: Mapping[int, Lasting], places: Iterable[Lasting]
) -> list[Problem]:
    """Contradictions in the agreement.

    `bodies` are organisations that join by this deed, by key; `places` its places.
    """
    return [
        *_term(content, deed),
        *_joining(deed, bodies),
        *_places(deed, places),
        *(problem for pool in content.pools for problem in _pool(pool, content)),
        *(problem for scheme in content.schemes for problem in _scheme(scheme, content)),
    ]


def _term(content: Content, deed: DeedRecord) -> Iterator[Problem]:
    """A later deed must have effect before earlier ones end the agreement, unless it sets a later end."""
    first, last = deed.effective_on, content.end
    if deed.number and first and last and last < first:
        message = f"The agreement ends on {written(last)}, before the deed has effect on {written(first)}"
        yield Problem("DEED_AFTER_END", message, Where(field="effective_on"), fix="Set a later end in the deed.")


def _joining(deed: DeedRecord, bodies: Mapping[int, Lasting]) -> Iterator[Problem]:
    for each in deed.joined:
        body = bodies.get(each.body.pk)
        if body and deed.effective_on and (message := _not_there(body, deed.effective_on)):
            fix = "Correct the first day, or choose the organisation that existed then."
            yield Problem("PARTNER_NOT_OPEN", message, Where(field="organisation"), fix=fix)


def _places(deed: DeedRecord, places: Iterable[Lasting]) -> Iterator[Problem]:
    for place in places:
        if deed.number == 0 and deed.effective_on and (message := _not_there(place, deed.effective_on)):
            yield Problem("PLACE_NOT_OPEN", message, Where(field="places"), fix="Choose the place that existed then.")


def _not_there(thing: Lasting, on: dt.date) -> str:
    if thing.opened and on < thing.opened:
        return f"{thing.name} began on {written(thing.opened)}, so it did not exist on {written(on)}"
    if thing.closed and thing.closed < on:
        return f"{thing.name} ended on {written(thing.closed)}, so it did not exist on {written(on)}"
    return ""


def _is_partner(body: Body, content: Content) -> bool:
    return any(each.body.pk == body.pk for each in content.partners)


def _pool(pool: PoolContent, content: Content) -> Iterator[Problem]:
    fix = "Add it as a partner, or choose one that is."
    if pool.host and not _is_partner(pool.host, content):
        message = f"{pool.host.name} is named as host of the fund “{pool.name}”, but is not a partner"
        yield Problem("HOST_NOT_A_PARTNER", message, Where(field="host"), fix=fix)
    if pool.manager_employer and not _is_partner(pool.manager_employer, content):
        message = (
            f"{pool.manager_employer.name} is named as employer of the manager of “{pool.name}”, but is not a partner"
        )
        yield Problem("EMPLOYER_NOT_A_PARTNER", message, Where(field="manager_employer"), fix=fix)
    for each in pool.limits:
        if not _is_partner(each.partner, content):
            message = f"The fund “{pool.name}” states a limit for {each.partner.name}, which is not a partner"
            yield Problem("LIMIT_NOT_OF_A_PARTNER", message, Where(field="partner"), fix="Remove the limit first.")
    yield from money_term_problems(pool, f"The fund “{pool.name}”")


def _scheme(scheme: SchemeContent, content: Content) -> Iterator[Problem]:
    fix = "Add it as a partner, or choose one that is."
    if scheme.lead and not _is_partner(scheme.lead, content):
        message = f"{scheme.lead.name} is named as lead of the scheme “{scheme.name}”, but is not a partner"
        yield Problem("LEAD_NOT_A_PARTNER", message, Where(field="lead"), fix=fix)
    for each in scheme.functions:
        if each.holder and not _is_partner(each.holder, content):
            message = f"{each.holder.name} is named as holder of a function in “{scheme.name}”, but is not a partner"
            yield Problem("HOLDER_NOT_A_PARTNER", message, Where(field="functions"), fix=fix)
    if scheme.pool and content.pool(scheme.pool) is None:
        message = f"The scheme “{scheme.name}” is paid from a fund that the agreement does not have"
        yield Problem("POOL_NOT_THERE", message, Where(field="pool"), fix="Choose another fund for it, or none.")
    yield from _scheme_days(scheme, content)
    yield from money_term_problems(scheme, f"The scheme “{scheme.name}”")


def _scheme_days(scheme: SchemeContent, content: Content) -> Iterator[Problem]:
    first, last, name = scheme.start_on, scheme.end_on, f"The scheme “{scheme.name}”"
    if content.start and any(each and each < content.start for each in (first, last)):
        message = f"{name} has days before the agreement starts on {written(content.start)}"
        yield Problem("SCHEME_BEFORE_START", message, Where(field="start_on"), fix="Choose days within the agreement.")
    if content.end and any(each and each > content.end for each in (first, last)):
        message = f"{name} has days after the agreement ends on {written(content.end)}"
        yield Problem("SCHEME_AFTER_END", message, Where(field="end_on"), fix="Choose days within the agreement.")
