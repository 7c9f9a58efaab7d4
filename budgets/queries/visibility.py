"""Which figures an actor may read, and which version of each is current. Every page and export starts here.

Lists of the API are plain SQL: `listings.py` states the rule of `visible` once more, in its function `_visible`. A test
in `tests/budgets/test_visibility.py` compares the two.

There are two time lines: `published_on` is the day from which the public may know a version, `accepted_at` the moment
from which PooledCare had it. When an upload is reversed, its versions stop counting from that moment; for earlier
moments they still count.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from budgets.models import Allocation
from budgets.models.allocations import KEY
from pooledcare.directory.access import Actor


def allocations_visible_to(actor: Actor) -> QuerySet[Allocation]:
    """All versions of figures that are published or held by one of the actor's organisations; for the system, all.

    Combine with `current` or `as_at` to get one version of each figure.
    """
    if actor.is_system:
        return Allocation.objects.all()
    return Allocation.objects.filter(visible(actor))


def visible(actor: Actor) -> Q:
    """The same rule as a `Q`, for use within larger queries. `_visible` of `listings.py` is the same rule in SQL."""
    published = Q(published_on__lte=timezone.localdate())
    return (
        published | Q(organisation__in=actor.readable_organisation_ids)
        if actor.readable_organisation_ids
        else published
    )


def current(allocations: QuerySet[Allocation]) -> QuerySet[Allocation]:
    """The current version of each figure; withdrawn figures are left out."""
    return allocations.filter(is_current=True, withdrawn=False)


def as_at(
    allocations: QuerySet[Allocation], *, as_at: dt.date | None = None, known_at: dt.datetime | None = None
) -> QuerySet[Allocation]:
    """The version of each figure at an earlier time: published by the end of `as_at`, accepted by `known_at`.

    Without both, the current versions. With `as_at`, unpublished figures are left out. Filter `allocations` by
    organisation or stream first, because all of them are sorted.
    """
    if as_at is None and known_at is None:
        return current(allocations)
    moment = known_at or timezone.now()
    standing = allocations.filter(
        Q(upload__reversed_at=None) | Q(upload__reversed_at__gt=moment), accepted_at__lte=moment
    )
    if as_at is not None:
        standing = standing.filter(published_on__lte=as_at)
    latest = (
        standing.annotate(since=Coalesce(F("published_on"), TruncDate("accepted_at")))
        .order_by(*[f"{name}_id" if name in _RELATIONS else name for name in KEY], "-since", "-accepted_at", "-version")
        .distinct(*KEY)
    )
    return Allocation.objects.filter(pk__in=Subquery(latest.values("pk")), withdrawn=False)


def with_restated(figures: QuerySet[Allocation]) -> QuerySet[Allocation]:
    """The same figures, each with `is_restated`: whether another amount of it was published before.

    Versions of reversed uploads do not count. `listing_columns.RESTATED` is the same rule in SQL.
    """
    earlier = Allocation.objects.filter(
        **{name: OuterRef(name) for name in KEY},
        version__lt=OuterRef("version"),
        published_on__lte=timezone.localdate(),
        withdrawn=False,
        amount__isnull=False,
        upload__reversed_at=None,
    ).filter(~Q(amount=OuterRef("amount")))
    return figures.annotate(
        is_restated=ExpressionWrapper(
            Q(version__gt=1) & Q(amount__isnull=False) & Exists(earlier), output_field=BooleanField()
        )
    )


_RELATIONS = frozenset({"organisation", "stream", "source"})
