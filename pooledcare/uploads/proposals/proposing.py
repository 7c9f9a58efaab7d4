"""Proposing how a file with an unknown layout is meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pooledcare.uploads.proposals.shapes import Proposal

if TYPE_CHECKING:
    from pooledcare.directory.bodies import Bodies
    from pooledcare.kernel.tabular import InputTable
    from pooledcare.uploads.kinds import UploadKind
    from pooledcare.uploads.layouts import Profile


def propose(
    table: InputTable, kind: UploadKind, bodies: Bodies, *, year: str = "", known: Sequence[Profile] = ()
) -> Proposal:
    """How the file is probably meant. `kind` must have `layout_columns`.

    `year` is the financial year that its sender has stated, if any, and `known` the layouts of the organisation, which
    are compared beside the built-in ones.
    """
    raise NotImplementedError
