"""Whether the text of an open deed contradicts itself. What is missing is never wrong here: drafts save half-finished.

The whole agreement is judged as it would read by the deed, before and after an edit; an edit is refused for what it
has made worse, and not for what was so before, such as a lead whose place two successors have taken.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from partnerships.records import SCHEME_FUNCTION
from partnerships.rules.agreements.content import Body, Content, PoolContent, SchemeContent
from partnerships.rules.agreements.record import DeedRecord
from partnerships.terms import DeedState, Exclusion, PartnerRole
from pooledcare.directory.terms import COUNCIL_KINDS, NHS_KINDS, OrganisationKind
from pooledcare.kernel.days import written
from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.records import value_problems

if TYPE_CHECKING:
    from pooledcare.directory.models import Organisation

# Who may be named as a partner at all. Whether one of these may be one on the day is for the law to say.
PARTNER_KINDS = NHS_KINDS | COUNCIL_KINDS | {OrganisationKind.COUNTY_BOROUGH, OrganisationKind.COMBINED_AUTHORITY}
PROVIDER_KINDS = frozenset({OrganisationKind.NHS_TRUST, OrganisationKind.FOUNDATION_TRUST})
# Words that stand for pages, where the name of a fund or a scheme would stand.
_RESERVED = frozenset({"", "add", "edit", "new"})
LONGEST_SLUG = 60


class Lasting(Protocol):
    """An organisation or a place: something with a first and a last day."""

    name: str
    opened: dt.date | None
    closed: dt.date | None


@dataclass(frozen=True, slots=True)
class FunctionIn:
    """A function as somebody enters it: by its code, with whose it is and which excluded treatments are within."""

    code: str
    holder: Organisation | None = None
    exclusions: tuple[str, ...] = ()
    delegation_evidence: str = ""


def slug_for(name: str, *, taken: Collection[str], otherwise: str) -> str:
    """An address made from the slug of a name, that nothing else of the agreement has.

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
    """Only an open deed is edited."""
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
    """What a body of this kind does in an agreement, unless somebody says otherwise."""
    return PartnerRole.PROVIDER if kind in PROVIDER_KINDS else PartnerRole.COMMISSIONER


def function_problems(functions: Sequence[FunctionIn], known: Collection[str]) -> list[Problem]:
    """Functions by themselves: known, named once, with no treatment that regulation 5 does not know."""
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
    """A last day before the first."""
    if first is None or last is None or first <= last:
        return []
    message = f"{what} cannot end on {written(last)}, before it starts on {written(first)}"
    return [Problem(code, message, Where(field="end_on"), fix="Correct one of the two days.")]


def effect_problems(first: dt.date | None, start: dt.date | None) -> list[Problem]:
    """A later deed that would have effect before there was an agreement."""
    if first is None or start is None or start <= first:
        return []
    message = f"The deed cannot have effect on {written(first)}, before the agreement starts on {written(start)}"
    return [Problem("DEED_BEFORE_START", message, Where(field="effective_on"), fix="Choose a later day.")]


# --- the whole text --------------------------------------------------------------------------------------------------


def drafting_problems(
    content: Content, deed: DeedRecord, *, bodies: Mapping[int, Lasting], places: Iterable[Lasting]
) -> list[Problem]:
    """What contradicts itself. `bodies` are the organisations that join by this deed, `places` those it is about."""
    return [
        *_term(content, deed),
        *_joining(deed, bodies),
        *_places(deed, places),
        *(problem for pool in content.pools for problem in _pool(pool, content)),
        *(problem for scheme in content.schemes for problem in _scheme(scheme, content)),
    ]


def _term(content: Content, deed: DeedRecord) -> Iterator[Problem]:
    """A later deed has effect before the day on which earlier ones end the agreement, or sets a later end."""
    first, last = deed.effective_on, content.end
    if deed.number and first and last and last < first:
        message = f"The agreement ends on {written(last)}, before the deed has effect on {written(first)}"
        yield Problem("DEED_AFTER_END", message, Where(field="effective_on"), fix="Let the deed set a later end.")


def _joining(deed: DeedRecord, bodies: Mapping[int, Lasting]) -> Iterator[Problem]:
    for each in deed.joined:
        body = bodies.get(each.body.pk)
        if body and deed.effective_on and (message := _not_there(body, deed.effective_on)):
            fix = "Correct the first day, or choose the body that was there."
            yield Problem("PARTNER_NOT_OPEN", message, Where(field="organisation"), fix=fix)


def _places(deed: DeedRecord, places: Iterable[Lasting]) -> Iterator[Problem]:
    for place in places:
        if deed.number == 0 and deed.effective_on and (message := _not_there(place, deed.effective_on)):
            yield Problem("PLACE_NOT_OPEN", message, Where(field="places"), fix="Choose the place of that time.")


def _not_there(thing: Lasting, on: dt.date) -> str:
    if thing.opened and on < thing.opened:
        return f"{thing.name} begins on {written(thing.opened)} and was not there on {written(on)}"
    if thing.closed and thing.closed < on:
        return f"{thing.name} ended on {written(thing.closed)} and is not there on {written(on)}"
    return ""


def _is_partner(body: Body, content: Content) -> bool:
    return any(each.body.pk == body.pk for each in content.partners)


def _pool(pool: PoolContent, content: Content) -> Iterator[Problem]:
    fix = "Add it as a partner, or choose one that is."
    if pool.host and not _is_partner(pool.host, content):
        message = f"{pool.host.name} is to host the fund “{pool.name}” and is no partner"
        yield Problem("HOST_NOT_A_PARTNER", message, Where(field="host"), fix=fix)
    if pool.manager_employer and not _is_partner(pool.manager_employer, content):
        message = f"{pool.manager_employer.name} is to employ the manager of “{pool.name}” and is no partner"
        yield Problem("EMPLOYER_NOT_A_PARTNER", message, Where(field="manager_employer"), fix=fix)


def _scheme(scheme: SchemeContent, content: Content) -> Iterator[Problem]:
    fix = "Add it as a partner, or choose one that is."
    if scheme.lead and not _is_partner(scheme.lead, content):
        message = f"{scheme.lead.name} is to lead the scheme “{scheme.name}” and is no partner"
        yield Problem("LEAD_NOT_A_PARTNER", message, Where(field="lead"), fix=fix)
    for each in scheme.functions:
        if each.holder and not _is_partner(each.holder, content):
            message = f"{each.holder.name} is named as holder of a function in “{scheme.name}” and is no partner"
            yield Problem("HOLDER_NOT_A_PARTNER", message, Where(field="functions"), fix=fix)
    if scheme.pool and content.pool(scheme.pool) is None:
        message = f"The scheme “{scheme.name}” is paid from a fund that the agreement does not have"
        yield Problem("POOL_NOT_THERE", message, Where(field="pool"), fix="Choose another fund for it, or none.")
    yield from _scheme_days(scheme, content)


def _scheme_days(scheme: SchemeContent, content: Content) -> Iterator[Problem]:
    first, last, name = scheme.start_on, scheme.end_on, f"The scheme “{scheme.name}”"
    if content.start and any(each and each < content.start for each in (first, last)):
        message = f"{name} has days before the agreement starts on {written(content.start)}"
        yield Problem("SCHEME_BEFORE_START", message, Where(field="start_on"), fix="Choose days within the agreement.")
    if content.end and any(each and each > content.end for each in (first, last)):
        message = f"{name} has days after the agreement ends on {written(content.end)}"
        yield Problem("SCHEME_AFTER_END", message, Where(field="end_on"), fix="Choose days within the agreement.")
