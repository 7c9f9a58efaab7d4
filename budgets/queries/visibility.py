"""Whose figures an actor may read, and which version of each stands: the start of every page, export and API list.

Two clocks run beside each other. `published_on` says since when the world could know a version, `accepted_at` since
when our record holds it. What was reversed later still stood before: a version counts as taken back only from the
moment at which its upload was reversed.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import F, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from budgets.models import Allocation
from budgets.models.allocations import KEY
from pooledcare.directory.access import Actor


def allocations_visible_to(actor: Actor) -> QuerySet[Allocation]:
    """Every version of every figure that has been published, or belongs to an organisation of the actor's.

    The system itself reads all. Unordered beyond the model's own order; combine with `current` or `as_at`.
    """
    if actor.is_system:
        return Allocation.objects.all()
    return Allocation.objects.filter(visible(actor))


def visible(actor: Actor) -> Q:
    """The same rule as a condition, for queries that need it inside a larger one."""
    published = Q(published_on__lte=timezone.localdate())
    return published | Q(organisation__in=actor.organisation_ids) if actor.organisation_ids else published


def current(allocations: QuerySet[Allocation]) -> QuerySet[Allocation]:
    """The versions that stand now; a figure that its publisher took back has none."""
    return allocations.filter(is_current=True, withdrawn=False)


def as_at(
    allocations: QuerySet[Allocation], *, as_at: dt.date | None = None, known_at: dt.datetime | None = None
) -> QuerySet[Allocation]:
    """The versions that stood: published by the end of `as_at`, in our record by `known_at`, one for each key.

    Narrow `allocations` to an organisation or a stream first, this sorts them. With neither moment given these are
    the current versions. Figures that nobody outside could see have no place in a question about publication.
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


_RELATIONS = frozenset({"organisation", "stream", "source"})
