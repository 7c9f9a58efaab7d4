"""Writing the funds and schemes of an agreement. A deed that changes one holds its full terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Manager, QuerySet
from django.utils.text import slugify

from partnerships.changing.agreement import refuse
from partnerships.changing.draft_edit import Edit, begin_edit
from partnerships.models import (
    Deed,
    DelegatedLimit,
    Function,
    LimitDeputy,
    Pool,
    PoolTerms,
    Scheme,
    SchemeFunction,
    SchemeTerms,
)
from partnerships.queries.agreements.drafts import limits_of
from partnerships.records import POOL, SCHEME
from partnerships.rules.agreements import PoolContent, SchemeContent
from partnerships.rules.agreements.drafting import FunctionIn, days_problems, function_problems, slug_for
from partnerships.rules.agreements.limits import LimitIn, limit_problems, tidied
from partnerships.terms import SENTENCES, PoolKind
from pooledcare.directory.access import Actor
from pooledcare.directory.models import Organisation
from pooledcare.kernel.actions import action
from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.kernel.records import Record, cleaned, value_problems

__all__ = ["FunctionIn", "drop_pool", "drop_scheme", "save_pool", "save_scheme"]


@action(SENTENCES)
def save_pool(
    *, deed: Deed, slug: str = "", values: dict[str, Any], limits: Sequence[LimitIn] | None = None, by: Actor
) -> PoolTerms:
    """Write the terms of a fund in the deed; an empty `slug` adds a new fund.

    Fields missing from `values` do not change; nor do delegated limits if `limits` is None.
    """
    edit = begin_edit(deed, by=by)
    before = _existing(edit.content_before_edit.pool(slug), slug, "fund")
    kept = _validated(values, POOL, is_new=before is None, also=limit_problems(limits or ()))
    if before is None:
        kept.setdefault("kind", PoolKind.POOLED)
        slug = slug_for(slugify(kept["name"]), taken=_taken(edit.agreement.pools), otherwise="fund")
        pool, _ = Pool.objects.get_or_create(agreement=edit.agreement, slug=slug)
    else:
        pool = edit.agreement.pools.get(slug=slug)
        kept = _columns_of_pool(before) | kept
    terms, is_new = PoolTerms.objects.update_or_create(deed=edit.deed, pool=pool, defaults={**kept, "is_closed": False})
    if limits is not None:
        _write_limits(terms, limits)
    elif is_new and before is not None:
        _write_limits(terms, limits_of(before))
    if not edit.changes_nothing:
        edit.finish(
            "pool.saved", f"fund {slug} {'added' if before is None else 'changed'}", tell=_changed_part(edit, pool)
        )
    return terms


@action(SENTENCES)
def drop_pool(*, deed: Deed, slug: str, by: Actor) -> Deed:
    """Remove the deed's terms of a fund. If the deed has none, close the fund by this deed."""
    edit = begin_edit(deed, by=by)
    taken_back, _ = PoolTerms.objects.filter(deed=edit.deed, pool__slug=slug).delete()
    if not taken_back:
        before = _must_be_there(edit.content_before_edit.pool(slug), "fund")
        pool = edit.agreement.pools.get(slug=slug)
        PoolTerms.objects.create(deed=edit.deed, pool=pool, name=before.name, kind=before.kind, is_closed=True)
    what = "taken back" if taken_back else "closed"
    return edit.finish("pool.dropped", f"fund {slug} {what}", tell=[("pools", f"{edit.agreement.reference}/{slug}")])


@action(SENTENCES)
def save_scheme(
    *, deed: Deed, slug: str = "", values: dict[str, Any], functions: Sequence[FunctionIn] | None = None, by: Actor
) -> SchemeTerms:
    """Write the terms of a scheme in the deed; an empty `slug` adds a new scheme.

    Fields missing from `values` do not change; nor do functions if `functions` is None.
    """
    edit = begin_edit(deed, by=by)
    before = _existing(edit.content_before_edit.scheme(slug), slug, "scheme")
    known = {each.code: each for each in Function.objects.filter(code__in=[each.code for each in functions or ()])}
    problems = function_problems(functions or (), known)
    kept = _validated(values, SCHEME, is_new=before is None, also=problems)
    if "pool" in kept:
        kept["pool"] = _pool_named(edit, kept["pool"])
    if before is None:
        slug = slug_for(slugify(kept["name"]), taken=_taken(edit.agreement.schemes), otherwise="scheme")
        scheme, _ = Scheme.objects.get_or_create(agreement=edit.agreement, slug=slug)
    else:
        scheme = edit.agreement.schemes.get(slug=slug)
        kept = _columns_of_scheme(edit, before) | kept
    first, last, what = kept.get("start_on"), kept.get("end_on"), f"The scheme “{kept['name']}”"
    refuse(days_problems(first, last, code="SCHEME_ENDS_AFTER_START", what=what))
    terms, is_new = SchemeTerms.objects.update_or_create(
        deed=edit.deed, scheme=scheme, defaults={**kept, "is_ended": False}
    )
    if functions is not None:
        _write_functions(terms, functions, known)
    elif is_new and before is not None:
        _write_functions(terms, *_functions_of(before))
    if not edit.changes_nothing:
        edit.finish(
            "scheme.saved",
            f"scheme {slug} {'added' if before is None else 'changed'}",
            tell=_changed_part(edit, scheme),
        )
    return terms


@action(SENTENCES)
def drop_scheme(*, deed: Deed, slug: str, by: Actor) -> Deed:
    """Remove the deed's terms of a scheme. If the deed has none, end the scheme by this deed."""
    edit = begin_edit(deed, by=by)
    taken_back, _ = SchemeTerms.objects.filter(deed=edit.deed, scheme__slug=slug).delete()
    if not taken_back:
        before = _must_be_there(edit.content_before_edit.scheme(slug), "scheme")
        scheme = edit.agreement.schemes.get(slug=slug)
        SchemeTerms.objects.create(deed=edit.deed, scheme=scheme, name=before.name, is_ended=True)
    what = "taken back" if taken_back else "ended"
    reference = f"{edit.agreement.reference}/{slug}"
    return edit.finish("scheme.dropped", f"scheme {slug} {what}", tell=[("schemes", reference)])


# --- shared helpers --------------------------------------------------------------------------------------------------


def _validated(
    values: Mapping[str, Any], columns: Record, *, is_new: bool, also: Sequence[Problem] = ()
) -> dict[str, Any]:
    """The values, validated and cleaned for storing. Something new needs at least a name. Raises `Refused`."""
    given = {"name": "", **values} if is_new else dict(values)
    refuse([*value_problems(given, columns), *also])
    return cleaned(given, columns)


def _taken(things: Manager[Any]) -> set[str]:
    """Slugs in use: those with terms in some deed. A slug without terms in any deed can be used again."""
    return set(things.filter(terms__isnull=False).values_list("slug", flat=True))


def _existing(found: Any, slug: str, what: str) -> Any:
    return _must_be_there(found, what) if slug else None


def _must_be_there(found: Any, what: str) -> Any:
    if found is None:
        raise Refused.because(
            "NOT_THERE", f"The agreement has no such {what}", fix="Somebody may have removed it. Look at it again."
        )
    return found


def _changed_part(edit: Edit, thing: Pool | Scheme) -> list[tuple[str, str]]:
    resource = "pools" if isinstance(thing, Pool) else "schemes"
    return [(resource, f"{edit.agreement.reference}/{thing.slug}")]


def _columns_of_pool(before: PoolContent) -> dict[str, Any]:
    """The current terms of the fund as column values, because a deed that changes any of them stores all of them."""
    return {
        **POOL.plain_values(before),
        "host": _row(before.host),
        "manager_employer": _row(before.manager_employer),
    }


def _columns_of_scheme(edit: Edit, before: SchemeContent) -> dict[str, Any]:
    return {
        **SCHEME.plain_values(before),
        "lead": _row(before.lead),
        "pool": _pool_named(edit, before.pool),
    }


def _write_limits(terms: PoolTerms, limits: Sequence[LimitIn]) -> None:
    DelegatedLimit.objects.filter(terms=terms).delete()
    for each in limits:
        own, deputies = tidied(each)
        made = DelegatedLimit.objects.create(terms=terms, **own)
        LimitDeputy.objects.bulk_create(LimitDeputy(limit=made, **values) for values in deputies)


def _row(body: Any) -> Organisation | None:
    return None if body is None else Organisation.objects.get(pk=body.pk)


def _pool_named(edit: Edit, pool: Pool | str | None) -> Pool | None:
    """A fund of this agreement, by itself or by its slug."""
    if not pool:
        return None
    slug = pool if isinstance(pool, str) else pool.slug
    found = edit.agreement.pools.filter(slug=slug).first()
    if found is None or (isinstance(pool, Pool) and pool.pk != found.pk):
        message = "The agreement has no such fund"
        raise Refused.because("POOL_NOT_THERE", message, where=Where(field="pool"), fix="Choose one of its funds.")
    return found


def _functions_of(before: SchemeContent) -> tuple[list[FunctionIn], dict[str, Function]]:
    known = {each.code: each for each in Function.objects.filter(code__in=[each.code for each in before.functions])}
    bodies = Organisation.objects.in_bulk([each.holder.pk for each in before.functions if each.holder])
    named = [
        FunctionIn(
            code=each.code,
            holder=bodies[each.holder.pk] if each.holder else None,
            exclusions=each.exclusions,
            delegation_evidence=each.delegation_evidence,
        )
        for each in before.functions
    ]
    return named, known


def _write_functions(terms: SchemeTerms, functions: Sequence[FunctionIn], known: Mapping[str, Function]) -> None:
    held: QuerySet[SchemeFunction] = terms.functions.all()
    held.delete()
    SchemeFunction.objects.bulk_create(
        SchemeFunction(
            terms=terms,
            function=known[each.code],
            holder=each.holder,
            exclusions=sorted(set(each.exclusions)),
            delegation_evidence=each.delegation_evidence.strip(),
        )
        for each in functions
    )
