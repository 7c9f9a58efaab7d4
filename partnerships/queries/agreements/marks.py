"""Who has agreed that the mark of an existing integrated arrangement be cleared."""

from __future__ import annotations

from partnerships.models import Agreement
from partnerships.terms import MarkKind


def released_since_mark(agreement: Agreement) -> set[int]:
    """The organisations that have agreed since it was last marked; a new mark takes all of that back."""
    rows = agreement.marks.values_list("kind", "organisation_id")
    agreed: set[int] = set()
    for kind, organisation in rows:
        agreed = set() if kind == MarkKind.MARKED else agreed | {organisation}
    return agreed
