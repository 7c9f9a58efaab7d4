"""The publications that the reference tables come from."""

from __future__ import annotations

from pooledcare.directory.models import Source


def sources_listed() -> list[Source]:
    """By publisher and title."""
    return list(Source.objects.order_by("publisher", "title", "pk"))
