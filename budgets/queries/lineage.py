"""Where one figure comes from: its versions, and the upload, sheet, row and cell of each."""

from __future__ import annotations

import re
from dataclasses import dataclass

from budgets.models import Allocation
from budgets.models.allocations import KEY
from budgets.queries.visibility import allocations_visible_to, with_restated
from pooledcare.directory.access import Actor

_REFERENCE = re.compile(r"AL-([1-9][0-9]{0,17})")


@dataclass(frozen=True)
class Provenance:
    """A version, and all versions of the same figure that the actor may see, newest first."""

    figure: Allocation
    versions: list[Allocation]

    @property
    def standing(self) -> Allocation | None:
        """The current version; None if the figure was withdrawn or the actor may not see its current version."""
        return next((version for version in self.versions if version.is_current and not version.withdrawn), None)


def figure_referred_to(text: str, *, actor: Actor) -> Allocation | None:
    """The figure with this reference, in any case of its letters, if the actor may see it. At most one query."""
    match = _REFERENCE.fullmatch(text.strip().upper())
    if match is None:
        return None
    visible = allocations_visible_to(actor).select_related("organisation", "stream")
    return visible.filter(pk=int(match[1])).first()


def provenance(reference: str, *, actor: Actor) -> Provenance | None:
    """The provenance of a figure by its reference; None if it does not exist or the actor may not see it."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return None
    visible = with_restated(allocations_visible_to(actor)).select_related(
        "organisation",
        "stream",
        "source",
        "upload",
        "upload__organisation",
        "upload__prepared_by",
        "upload__accepted_by",
    )
    figure = visible.filter(pk=int(match[1])).first()
    if figure is None:
        return None
    same = visible.filter(**{name: getattr(figure, name) for name in KEY})
    return Provenance(figure, list(same.order_by("-version", "-pk")))
