"""From decisions to a layout, as plain data in the shape of the TOML files of built-in layouts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pooledcare.uploads.proposals.decisions import Decisions

if TYPE_CHECKING:
    from pooledcare.kernel.tabular import InputTable
    from pooledcare.uploads.kinds import UploadKind


def stated_layout(
    decisions: Decisions, table: InputTable, kind: UploadKind, *, title: str, publisher: str = "", summary: str = ""
) -> dict[str, Any]:
    """The layout as data for `layouts.profile_from`, which can be stored as JSON.

    All patterns are literal texts of the file, in which a financial year may stand for any year. The year that the
    sender states is not part of the layout: it is stated with each file (`Upload.financial_year`).

    Raises `Refused` if the decisions are not complete or contradict the file: no unit, no column of bodies, and so on.
    """
    raise NotImplementedError
