"""What is waiting for the reader, one line each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from partnerships.tables.agreement_list import title_of, waiting_for_you

if TYPE_CHECKING:
    from budgets.queries.waiting import WaitingForYou


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the address, its text, the reference, and what is to be done."""

    url: str
    title: str
    reference: str
    words: str


def waiting_lines(found: WaitingForYou) -> list[Line]:
    agreements = [
        Line(each.agreement.get_absolute_url(), title_of(each), each.agreement.reference, words)
        for each in found.agreements.rows
        for words in waiting_for_you(each, found.agreements.who)
    ]
    uploads = [
        Line(
            each.get_absolute_url(),
            each.filename,
            each.reference,
            "Waits to be accepted" if each.publishes_id is None else "Waits to be published",
        )
        for each in found.uploads
    ]
    return agreements + uploads
