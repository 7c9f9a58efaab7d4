"""What differs between two readings of an agreement, thing by thing and field by field, in words."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from partnerships.rules.agreements.content import (
    Body,
    Content,
    FunctionContent,
    PartnerContent,
    PlaceNamed,
    PoolContent,
    SchemeContent,
)
from partnerships.terms import (
    AccountingTreatment,
    ClauseKind,
    Exclusion,
    Flexibility,
    PartnerRole,
    PoolKind,
    Power,
    VatRegime,
    VatStructure,
    WayOfWorking,
)
from pooledcare.kernel.days import written

_VALUES: dict[str, Any] = {
    "power": Power,
    "role": PartnerRole,
    "kind": PoolKind,
    "vat_structure": VatStructure,
    "vat_regime": VatRegime,
    "accounting": AccountingTreatment,
    "flexibilities": Flexibility,
    "ways_of_working": WayOfWorking,
}
FIELD_LABELS: dict[str, str] = {
    "title": "Title", "power": "Legal power", "start": "Start", "end": "End", "notice_months": "Notice, in months",
    "review_on": "Review dates", "places": "Places", "role": "Role", "contributes": "Contributes", "since": "Since",
    "succeeds": "In place of", "name": "Name", "kind": "Kind", "host": "Host", "manager": "Pool manager",
    "manager_employer": "Employer of the pool manager", "vat_structure": "VAT structure", "vat_regime": "VAT regime",
    "irrecoverable_vat": "Irrecoverable VAT, per cent", "vat_advice": "VAT advice",
    "accounting": "Accounting treatment",
    "aims": "Aims and outcomes", "services": "Services", "client_group": "Client group", "geography": "Geography",
    "providers": "Providers", "governance": "Governance", "exit_terms": "Exit and cost liability",
    "flexibilities": "Flexibilities", "ways_of_working": "Way of working", "lead": "Lead", "pool": "Fund",
    "start_on": "Start", "end_on": "End", "is_voluntary": "Voluntary, beside a mandated pool", "functions": "Functions",
}  # fmt: skip
_OF_AGREEMENT = ("title", "power", "start", "end", "notice_months", "review_on", "places")


class What(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class FieldChange:
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is there only before, only after, or otherwise. `group` says what kind of thing it is."""

    group: str
    name: str
    what: What
    fields: tuple[FieldChange, ...]


def differences(before: Content | None, after: Content) -> list[Difference]:
    """In the order of a written agreement: main terms, partners, funds, schemes, clauses. Nothing before: all added."""
    return list(_differences(before, after))


def _differences(before: Content | None, after: Content) -> Iterator[Difference]:
    main_terms = tuple(_changed(before, after, _OF_AGREEMENT))
    if main_terms:
        yield Difference("Agreement", after.title, What.CHANGED if before else What.ADDED, main_terms)
    yield from _things("Partner", before.partners if before else (), after.partners)
    yield from _things("Fund", before.pools if before else (), after.pools)
    funds = {pool.slug: pool.name for content in (before, after) if content for pool in content.pools}
    yield from _things("Scheme", _with_funds(before, funds), _with_funds(after, funds))
    old, new = dict(before.clauses) if before else {}, dict(after.clauses)
    for kind in ClauseKind:
        was, now = old.get(kind, ""), new.get(kind, "")
        if was != now:
            what = What.CHANGED if was and now else What.ADDED if now else What.REMOVED
            yield Difference("Clause", str(kind.label), what, (FieldChange("Text", was, now),))


def _with_funds(content: Content | None, funds: Mapping[str, str]) -> list[SchemeContent]:
    """Schemes with the name of their fund, as it is called after, in the place of its slug: for people to read."""
    schemes = content.schemes if content else ()
    return [dataclasses.replace(each, pool=funds.get(each.pool, each.pool)) for each in schemes]


def _key(thing: Any) -> str:
    return thing.body.code if isinstance(thing, PartnerContent) else thing.slug


def _named(thing: Any) -> str:
    return thing.body.name if isinstance(thing, PartnerContent) else thing.name


Thing = PartnerContent | PoolContent | SchemeContent


def _things(group: str, before: Iterable[Thing], after: Iterable[Thing]) -> Iterator[Difference]:
    old, new = {_key(each): each for each in before}, {_key(each): each for each in after}
    for key in [*old, *(key for key in new if key not in old)]:
        was, now = old.get(key), new.get(key)
        shown = now or was
        names = [f.name for f in dataclasses.fields(shown) if f.name not in ("pk", "slug", "body")]  # type: ignore[arg-type]
        fields = tuple(_changed(was, now, names))
        if was is None or now is None:
            yield Difference(group, _named(shown), What.ADDED if now else What.REMOVED, fields)
        elif fields:
            yield Difference(group, _named(now), What.CHANGED, fields)


def _changed(before: Any, after: Any, names: Iterable[str]) -> Iterator[FieldChange]:
    for name in names:
        was = value_text(name, getattr(before, name)) if before is not None else ""
        now = value_text(name, getattr(after, name)) if after is not None else ""
        if was != now:
            yield FieldChange(FIELD_LABELS[name], was, now)


def value_text(name: str, value: Any) -> str:
    """A field's value as people read it; empty where nothing is said.

    >>> value_text("end", dt.date(2026, 3, 31)), value_text("contributes", False), value_text("kind", "pooled")
    ('31 March 2026', 'No', 'Pooled fund')
    """
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dt.date):
        return written(value)
    if isinstance(value, (Body, PlaceNamed)):
        return value.name
    if isinstance(value, FunctionContent):
        return _function_text(value)
    if isinstance(value, tuple):
        return "; ".join(value_text(name, each) for each in value)
    if name in _VALUES:
        return str(_VALUES[name](value).label)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _function_text(function: FunctionContent) -> str:
    holder = f", function of {function.holder.name}" if function.holder else ""
    within = ", ".join(str(Exclusion(code).label).lower() for code in function.exclusions)
    evidence = f", delegation recorded: {function.delegation_evidence}" if function.delegation_evidence else ""
    return f"{function.name}{holder}{f' (with {within})' if within else ''}{evidence}"
