"""The upload kinds of this app."""

from __future__ import annotations


def register() -> None:
    """Make the kinds known to the upload engine."""
