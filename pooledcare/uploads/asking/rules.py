"""Rules on who may say how a file is read, and when. Each returns the reasons against; an empty list means yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pooledcare.directory.access import can, refusal
from pooledcare.kernel.problems import Problem, Where
from pooledcare.uploads.rules import too_many_open
from pooledcare.uploads.terms import READABLE_AGAIN_STATES, UploadState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pooledcare.directory.access import Actor
    from pooledcare.uploads.kinds import UploadKind
    from pooledcare.uploads.models import Upload, UploadLayout
    from pooledcare.uploads.proposals import Question


def deciding_problems(
    *, upload: Upload, kind: UploadKind, is_asked: bool, open_uploads: int, by: Actor
) -> list[Problem]:
    """Why this actor cannot say how the file of the upload is read."""
    if not can(by, kind.prepare, upload.organisation):
        return [Problem("NOT_ALLOWED", refusal(kind.prepare))]
    if not is_asked:
        return [Problem("NOT_ASKED", f"How the file of {upload.reference} is read was not asked")]
    if upload.state not in READABLE_AGAIN_STATES:
        is_now = UploadState(upload.state).label.lower()
        return [Problem("WRONG_STATE", f"{upload.reference} cannot be read in another way: it is {is_now}")]
    if upload.state == UploadState.REFUSED:  # which does not count as open yet
        return too_many_open(upload.organisation, open_uploads, by)
    return []


def replacing_problems(upload: Upload, layout: UploadLayout) -> list[Problem]:
    """Why what was confirmed for this upload cannot become a new version of a saved layout."""
    if layout.organisation_id == upload.organisation_id and layout.kind == upload.kind:
        return []
    message = f"{layout.reference} is not a layout of {upload.organisation.name} for files of this kind"
    fix = "Choose one of its layouts, or save a new one."
    return [Problem("UNKNOWN_LAYOUT", message, Where(field="replaces"), layout.reference, fix)]


def open_problems(questions: Iterable[Question]) -> list[Problem]:
    """The questions that nobody has answered yet, as problems. The field names the question."""
    return [
        Problem("OPEN_QUESTION", question.text, Where(sheet=question.sheet or None, field=question.key))
        for question in questions
    ]
