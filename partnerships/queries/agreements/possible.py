"""What a reader of an agreement may do next with it, as labels and addresses."""

from __future__ import annotations

from partnerships.queries.agreements.reach import Reached
from pooledcare.directory.access import Actor


def possible_actions(reached: Reached, actor: Actor) -> list[tuple[str, str]]:
    """Pairs of label and address, the most likely first; nothing for whoever is no partner."""
    return []
