"""Saved layouts as they are now: which ones an actor sees, and which ones read the files of an organisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from pooledcare.uploads import layouts
from pooledcare.uploads.models import UploadLayout, UploadLayoutVersion

if TYPE_CHECKING:
    from pooledcare.directory.access import Actor
    from pooledcare.uploads.layouts import Profile


def newest() -> QuerySet[UploadLayoutVersion]:
    """The newest version of each layout, by the organisation's and the layout's name."""
    newer = UploadLayoutVersion.objects.filter(layout=OuterRef("layout"), number__gt=OuterRef("number"))
    found = UploadLayoutVersion.objects.filter(~Exists(newer)).select_related("layout__organisation", "made_by")
    return found.order_by("layout__organisation__name", "layout__name", "layout_id")


def newest_of(layout: UploadLayout) -> UploadLayoutVersion:
    return newest().get(layout=layout)


def seen_by(actor: Actor) -> QuerySet[UploadLayoutVersion]:
    """Layouts that the actor sees: those of their organisations, and those that others share."""
    if actor.is_system:
        return newest()
    return newest().filter(Q(layout__organisation__in=actor.readable_organisation_ids) | Q(is_shared=True))


def layout_for(actor: Actor, reference: str) -> UploadLayoutVersion:
    """The newest version of a layout by its reference. Raises Http404 if the actor does not see it."""
    number = number_of(reference)
    found = None if number is None else seen_by(actor).filter(layout=number).first()
    if found is None:
        raise Http404("There is no such layout.")
    return found


def number_of(reference: str) -> int | None:
    """
    >>> number_of("UL-12"), number_of("UL-012"), number_of("12")
    (12, None, None)
    """
    prefix, _, digits = reference.partition("-")
    if prefix != "UL" or not digits.isascii() or not digits.isdigit() or len(digits) > 15 or digits.startswith("0"):
        return None
    return int(digits)


def usable_by(organisation_id: int, kind: str) -> list[UploadLayoutVersion]:
    """Layouts that read files of the organisation: its own first, then those that others share. None is retired."""
    found = newest().filter(layout__kind=kind, is_retired=False)
    usable = found.filter(Q(layout__organisation=organisation_id) | Q(is_shared=True))
    return sorted(usable, key=lambda version: version.layout.organisation_id != organisation_id)


def is_usable_by(version: UploadLayoutVersion, organisation_id: int) -> bool:
    """Whether this version may read a file of the organisation now: its own layout, or one that is shared now.

    A layout that was retired reads nothing more.
    """
    now = newest_of(version.layout)
    is_own = version.layout.organisation_id == organisation_id
    return not now.is_retired and (is_own or now.is_shared)


def versions_of(layout: UploadLayout) -> list[UploadLayoutVersion]:
    """All versions of a layout, oldest first."""
    return list(UploadLayoutVersion.objects.filter(layout=layout).select_related("made_by").order_by("number"))


def profile_of(version: UploadLayoutVersion) -> Profile:
    """The layout as the reader uses it. Its key is that of the version."""
    return layouts.profile_from(version.stated, version.key)
