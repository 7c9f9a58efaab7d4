"""Funding streams, allocations and totals as rows for the API and exports: one query each, in a documented order.

The SQL here repeats the rules of `visibility.visible` and `visibility.as_at`; tests compare the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from budgets.models.allocations import KEY
from budgets.queries.listing_columns import (
    ALLOCATION_COLUMNS,
    ALWAYS_APART,
    DIVIDERS,
    MAY_DIVIDE,
    STREAM_COLUMNS,
    total_columns,
)
from budgets.queries.visibility import allocations_visible_to, as_at
from pooledcare.directory.access import Actor
from pooledcare.kernel.rest.listings import Listing

STREAMS = Listing(
    columns=STREAM_COLUMNS,
    tables="budgets_fundingstream s left join budgets_fundingstream w on w.id = s.part_of_id",
    order=("s.position", "s.code"),
)

ALLOCATIONS = Listing(
    columns=ALLOCATION_COLUMNS,
    tables="""budgets_allocation a
        join directory_organisation o on o.id = a.organisation_id
        join directory_organisation p on p.id = a.source_id
        join budgets_fundingstream s on s.id = a.stream_id
        join uploads_upload u on u.id = a.upload_id""",
    order=("a.id",),
)


@dataclass(frozen=True)
class Asked:
    """The filters of a list of allocations, with codes already replaced by keys."""

    organisation_ids: Sequence[int] | None = None
    source_ids: Sequence[int] | None = None
    stream_id: int | None = None
    region_id: int | None = None
    plain: tuple[tuple[str, Any], ...] = ()  # columns of the allocation itself
    as_at: Any = None
    known_at: Any = None

    def key(self) -> dict[str, Any]:
        """The filters on a figure's key, which are applied before choosing versions.

        Other filters, such as the upload, are applied afterwards: they must not hide an earlier or later version.
        """
        found = {name: value for name, value in self.plain if name in KEY}
        for name in ("organisation_ids", "source_ids"):
            if (given := getattr(self, name)) is not None:
                found[name.replace("_ids", "_id__in")] = list(given)
        if self.stream_id is not None:
            found["stream_id"] = self.stream_id
        if self.region_id is not None:
            found["organisation__region_id"] = self.region_id
        return found

    def conditions(self) -> list[tuple[str, Any]]:
        found: list[tuple[str, Any]] = [(f"a.{name} = %s", value) for name, value in self.plain]
        if self.organisation_ids is not None:
            found.append(("a.organisation_id = any(%s)", list(self.organisation_ids)))
        if self.source_ids is not None:
            found.append(("a.source_id = any(%s)", list(self.source_ids)))
        if self.stream_id is not None:
            found.append(("a.stream_id = %s", self.stream_id))
        if self.region_id is not None:
            found.append(("o.region_id = %s", self.region_id))
        return found


def stream_id(code: str) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("select id from budgets_fundingstream where code = %s", [code])
        row = cursor.fetchone()
    return row[0] if row else None


def allocations(asked: Asked, *, actor: Actor) -> Listing:
    """Current figures, or those as at the given times, that the actor may see, in order of reference."""
    listing = ALLOCATIONS
    for condition, value in asked.conditions():
        listing = listing.narrowed(condition, value)
    return listing.narrowed(*_counting("a", asked, actor))


def allocation(pk: int, *, actor: Actor) -> tuple[Any, ...] | None:
    """One version, current or not, if the actor may see it."""
    return ALLOCATIONS.narrowed("a.id = %s", pk).narrowed(*_visible("a", actor)).one()


def _counting(table: str, asked: Asked, actor: Actor) -> tuple[Any, ...]:
    """The SQL condition that a version is current, or was at the given times, and visible; with its values."""
    if asked.as_at is not None or asked.known_at is not None:
        narrowed = allocations_visible_to(actor).filter(**asked.key())
        stood = as_at(narrowed, as_at=asked.as_at, known_at=asked.known_at).order_by().values("pk")
        statement, values = stood.query.sql_with_params()
        return (f"{table}.id in ({statement})", *values)
    visible, *moments = _visible(table, actor)
    return (f"{table}.is_current and not {table}.withdrawn and {visible}", *moments)


def _visible(table: str, actor: Actor) -> tuple[Any, ...]:
    """The rule of `visibility.allocations_visible_to` in SQL; `tests/budgets/test_visibility.py` compares the two."""
    if actor.is_system:
        return ("true",)
    today = timezone.localdate()
    if not actor.readable_organisation_ids:
        return (f"{table}.published_on <= %s", today)
    own = list(actor.readable_organisation_ids)
    return (f"({table}.published_on <= %s or {table}.organisation_id = any(%s))", today, own)


def totals(asked: Asked, by: Sequence[str], *, actor: Actor) -> Listing:
    """Sums of the same figures, separate by year, basis, gross or net, and source. `by` divides them further."""
    names = (*ALWAYS_APART, *(name for name in MAY_DIVIDE if name in by and name not in ALWAYS_APART))
    listing = allocations(asked, actor=actor)
    if "stream" not in names and asked.stream_id is None:
        listing = listing.narrowed(*_outside_any_other(asked, actor))
    keys = ", ".join(f'{DIVIDERS[name]} as "{name}"' for name in names)
    region = "left join directory_region r on r.id = o.region_id" if "region" in names else ""
    positions = ", ".join(str(position + 1) for position in range(len(names)))
    holds = "o.kind = any(s.holder_kinds)"
    sums = f"""(select {keys}, sum(a.amount) as amount, count(a.amount) filter (where {holds}) as reported,
        count(*) filter (where a.amount is null and {holds}) as not_reported,
        count(a.amount) filter (where not {holds}) as included,
        coalesce(sum(a.amount) filter (where not {holds}), 0.00) as included_amount
        from {listing.tables} {region} where {" and ".join(listing.where)} group by {positions}) t"""  # noqa: S608
    return Listing(total_columns(names), sums, order=tuple(f't."{name}"' for name in names), values=listing.values)


def _outside_any_other(asked: Asked, actor: Actor) -> tuple[Any, ...]:
    """Where streams are added together, leave out figures included in another stream of the same holder and source."""
    condition, *values = _counting("w", asked, actor)
    inside = f"""(s.part_of_id is null or not exists (select from budgets_allocation w
        where w.stream_id = s.part_of_id and w.organisation_id = a.organisation_id
        and w.financial_year = a.financial_year and w.basis = a.basis and w.source_id = a.source_id
        and {condition}))"""
    return (inside, *values)
