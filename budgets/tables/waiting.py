"""What is waiting for the reader, one line each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from partnerships.tables.agreement_list import title_of, waiting_for_you
from pooledcare.uploads.terms import UploadState

if TYPE_CHECKING:
    from budgets.queries.waiting import WaitingForYou
    from pooledcare.uploads.models import Upload


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
    return agreements + [_of_upload(each) for each in found.uploads]


def _of_upload(upload: Upload) -> Line:
    if upload.state == UploadState.NEEDS_LAYOUT:
        address = reverse("uploads:layout-question", args=[upload.reference])
        return Line(address, upload.filename, upload.reference, "Waits for how it should be read")
    words = "Waits to be accepted" if upload.publishes_id is None else "Waits to be published"
    return Line(upload.get_absolute_url(), upload.filename, upload.reference, words)
