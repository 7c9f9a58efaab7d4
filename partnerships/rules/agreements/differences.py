"""The differences between two versions of an agreement's content, field by field, in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from partnerships.records import DEED, PARTNER, PLACES, POOL, POWER, SCHEME
from partnerships.rules.agreements.content import (
    Content,
    FunctionContent,
    LimitContent,
    MoneyTermsContent,
    PartnerContent,
    PoolContent,
    SchemeContent,
)
from partnerships.rules.agreements.limits import limit_text
from partnerships.terms import ClauseKind, Exclusion
from pooledcare.kernel.records import FieldKind, RecordField, value_text

# The fields that are compared, by their names in `Content` and its parts.
_AGREEMENT = {**{field.key: field for field in DEED.values()}, "power": POWER, "places": PLACES}
_PARTNER = {
    **PARTNER,
    "since": RecordField("since", "Since", FieldKind.DAY),
    "succeeds": RecordField("succeeds", "In place of", FieldKind.REFERENCE),
}
_POOL = {**POOL, "limits": RecordField("limits", "Delegated limits", FieldKind.REFERENCE)}
_SCHEME = {**SCHEME, "functions": RecordField("functions", "Functions", FieldKind.REFERENCE)}
_MONEY_TERMS = frozenset(each.name for each in dataclasses.fields(MoneyTermsContent))
_NO_FIELDS = frozenset({"pk", "slug", "body", "partners", "pools", "schemes", "clauses"})


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
    """One thing that was added, removed or changed. `group` says what kind of thing it is."""

    group: str
    name: str
    what: What
    fields: tuple[FieldChange, ...]


def differences(before: Content | None, after: Content) -> list[Difference]:
    """Differences in this order: main terms, partners, funds, schemes, clauses. If `before` is None, all is added."""
    return list(_differences(before, after))


def _differences(before: Content | None, after: Content) -> Iterator[Difference]:
    main_terms = tuple(_changed(before, after, _AGREEMENT))
    if main_terms:
        yield Difference("Agreement", after.title, What.CHANGED if before else What.ADDED, main_terms)
    yield from _things("Partner", before.partners if before else (), after.partners, _PARTNER)
    yield from _things("Fund", before.pools if before else (), after.pools, _POOL)
    funds = {pool.slug: pool.name for content in (before, after) if content for pool in content.pools}
    yield from _things("Scheme", _with_funds(before, funds), _with_funds(after, funds), _SCHEME)
    old, new = dict(before.clauses) if before else {}, dict(after.clauses)
    for kind in ClauseKind:
        was, now = old.get(kind, ""), new.get(kind, "")
        if was != now:
            what = What.CHANGED if was and now else What.ADDED if now else What.REMOVED
            yield Difference("Clause", str(kind.label), what, (FieldChange("Text", was, now),))


def _with_funds(content: Content | None, funds: Mapping[str, str]) -> list[SchemeContent]:
    """The schemes with the slug of their fund replaced by its (new) name, for people to read."""
    schemes = content.schemes if content else ()
    return [dataclasses.replace(each, pool=funds.get(each.pool, each.pool)) for each in schemes]


def _key(thing: Any) -> str:
    return thing.body.code if isinstance(thing, PartnerContent) else thing.slug


def _named(thing: Any) -> str:
    return thing.body.name if isinstance(thing, PartnerContent) else thing.name


Thing = PartnerContent | PoolContent | SchemeContent


def _things(
    group: str, before: Iterable[Thing], after: Iterable[Thing], fields: Mapping[str, RecordField]
) -> Iterator[Difference]:
    old, new = {_key(each): each for each in before}, {_key(each): each for each in after}
    for key in [*old, *(key for key in new if key not in old)]:
        was, now = old.get(key), new.get(key)
        found = tuple(_changed(was, now, fields))
        if was is None or now is None:
            yield Difference(group, _named(now or was), What.ADDED if now else What.REMOVED, found)
        elif found:
            yield Difference(group, _named(now), What.CHANGED, found)


def _changed(before: Any, after: Any, fields: Mapping[str, RecordField]) -> Iterator[FieldChange]:
    """The changed fields, in their order, terms about money last.

    Raises `KeyError` for a field without a declaration rather than omit it.
    """
    for each in sorted(dataclasses.fields(after or before), key=lambda one: one.name in _MONEY_TERMS):
        if each.name in _NO_FIELDS:
            continue
        field = fields[each.name]
        was = text_of(field, getattr(before, each.name)) if before is not None else ""
        now = text_of(field, getattr(after, each.name)) if after is not None else ""
        if was != now:
            yield FieldChange(field.label, was, now)


def text_of(field: RecordField, value: Any) -> str:
    """As `value_text`; functions are shown with holder, treatments and evidence, and limits as sentences."""
    if isinstance(value, tuple) and value and isinstance(value[0], FunctionContent):
        return "; ".join(_function_text(each) for each in value)
    if isinstance(value, tuple) and value and isinstance(value[0], LimitContent):
        return "; ".join(limit_text(each) for each in value)
    return value_text(field, value)


def _function_text(function: FunctionContent) -> str:
    holder = f", function of {function.holder.name}" if function.holder else ""
    within = ", ".join(str(Exclusion(code).label).lower() for code in function.exclusions)
    evidence = f", delegation recorded: {function.delegation_evidence}" if function.delegation_evidence else ""
    return f"{function.name}{holder}{f' (with {within})' if within else ''}{evidence}"
