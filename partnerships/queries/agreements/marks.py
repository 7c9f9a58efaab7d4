"""Which partners have agreed to clear the mark of an existing integrated arrangement."""

from __future__ import annotations

from partnerships.models import Agreement
from partnerships.terms import MarkKind


def released_since_mark(agreement: Agreement) -> set[int]:
    """Keys of the organisations that have agreed since the mark was last set; setting it again cancels earlier ones."""
    rows = agreement.marks.values_list("kind", "organisation_id")
    agreed: set[int] = set()
    for kind, organisation in rows:
        agreed = set() if kind == MarkKind.MARKED else agreed | {organisation}
    return agreed
