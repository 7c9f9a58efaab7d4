"""Rules on what may be done with an upload. Each function returns the reasons against; an empty list means yes.

They use only their arguments, and no queries.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings

from pooledcare.directory.access import Actor, can, refusal
from pooledcare.directory.models import Organisation
from pooledcare.kernel.days import written
from pooledcare.kernel.periods import FinancialYear, check_in_range
from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.uploads.kinds import UnpublishedPart, UploadKind
from pooledcare.uploads.models import Upload
from pooledcare.uploads.terms import ABANDONABLE_STATES, ACCEPTABLE_STATES, READABLE_AGAIN_STATES, UploadState

_YEAR = Where(field="financial_year")
_DATE = Where(field="published_on")
_PARTS = Where(field="parts")
NEEDS_DATE = "NOT_PUBLISHED"  # the problem of a file without a date that replaces published figures
EARLIEST_PUBLICATION = dt.date(2000, 4, 1)


def preparing_problems(
    *,
    organisation: Organisation,
    kind: UploadKind,
    published_on: dt.date | None,
    complete: bool,
    financial_year: str = "",
    open_uploads: int,
    by: Actor,
    today: dt.date,
) -> list[Problem]:
    """Why this file cannot be received."""
    if not can(by, kind.prepare, organisation):
        return [Problem("NOT_ALLOWED", refusal(kind.prepare))]
    problems = publication_date_problems(kind, published_on, complete=complete, today=today)
    problems += year_problems(kind, financial_year, today) if financial_year else []
    return [*problems, *too_many_open(organisation, open_uploads, by)]


def publication_date_problems(
    kind: UploadKind, published_on: dt.date | None, *, complete: bool, today: dt.date
) -> list[Problem]:
    """What is wrong with the date of publication, or with saying that the file is complete."""
    problems = []
    if not kind.is_published and (published_on is not None or complete):
        problems.append(
            Problem(
                "NOT_PUBLISHED_BY_UPLOAD",
                f"Uploads of {kind.label.lower()} have no publication date and cannot be declared complete",
                fix="Leave the date empty, and do not declare the file complete.",
            )
        )
    if published_on is not None:
        problems += _date_problems(published_on, today)
    return problems


def _date_problems(published_on: dt.date, today: dt.date) -> list[Problem]:
    if published_on > today:
        message = "The publication date must be today or in the past"
        fix = "Leave the date empty until what the file holds is published, or correct it."
        return [Problem("PUBLISHED_IN_FUTURE", message, value=published_on.isoformat(), fix=fix)]
    if published_on < EARLIEST_PUBLICATION:
        message = f"The publication date must be {written(EARLIEST_PUBLICATION)} or later"
        return [Problem("PUBLISHED_TOO_EARLY", message, value=published_on.isoformat(), fix="Correct the date.")]
    return []


def publishing_problems(*, upload: Upload, kind: UploadKind, open_uploads: int, by: Actor) -> list[Problem]:
    """Why this actor cannot prepare a publication of figures of the upload, whatever the date and the figures."""
    if not can(by, kind.prepare, upload.organisation):
        return [Problem("NOT_ALLOWED", refusal(kind.prepare))]
    if not kind.is_published:
        return [Problem("NOT_PUBLISHED_BY_UPLOAD", f"Uploads of {kind.label.lower()} have no publication date")]
    if upload.state != UploadState.ACCEPTED:
        message = f"{upload.reference} cannot be published: it is {_label(upload)}"
        return [Problem("WRONG_STATE", message, fix="Only accepted figures can be published.")]
    return too_many_open(upload.organisation, open_uploads, by)


def publication_problems(
    *, upload: Upload, offered: Sequence[UnpublishedPart], parts: Sequence[str], published_on: dt.date, today: dt.date
) -> list[Problem]:
    """What is wrong with a publication of these parts of the upload on that day, of the parts that are `offered`."""
    if not offered:
        return [Problem("NOTHING_TO_PUBLISH", f"Every figure of {upload.reference} that is current is published")]
    problems = [replace(one, where=_DATE) for one in _date_problems(published_on, today)]
    known = ", ".join(part.key for part in offered)
    unknown = sorted(set(parts) - {part.key for part in offered})
    if unknown:
        message = f"{upload.reference} has no unpublished figures of {', '.join(unknown)}"
        problems.append(Problem("UNKNOWN_PART", message, _PARTS, fix=f"Choose among {known}."))
    if not parts:
        problems.append(Problem("REQUIRED", "Select which figures become public", _PARTS))
    return problems


def dating_problems(
    *,
    upload: Upload,
    kind: UploadKind,
    lacks_date: bool,
    published_on: dt.date,
    open_uploads: int,
    by: Actor,
    today: dt.date,
) -> list[Problem]:
    """Why this actor cannot give a date of publication to an upload that was refused because it had none."""
    if not can(by, kind.prepare, upload.organisation):
        return [Problem("NOT_ALLOWED", refusal(kind.prepare))]
    if upload.state != UploadState.REFUSED or not lacks_date:
        message = f"{upload.reference} does not wait for a publication date: it is {_label(upload)}"
        return [Problem("WRONG_STATE", message)]
    problems = [replace(one, where=_DATE) for one in _date_problems(published_on, today)]
    return problems or too_many_open(upload.organisation, open_uploads, by)


def too_many_open(organisation: Organisation, open_uploads: int, by: Actor) -> list[Problem]:
    if open_uploads < settings.UPLOAD_MAX_OPEN or by.is_system:
        return []
    message = f"{organisation.name} already has {open_uploads} open uploads"
    return [Problem("TOO_MANY_OPEN", message, fix="Accept or abandon some of them first.")]


def year_problems(kind: UploadKind, text: str, today: dt.date) -> list[Problem]:
    """Why this is no year that can be stated with a file of this kind."""
    if kind.layout_columns is None:
        message = f"Files of {kind.label.lower()} say themselves which dates they are for"
        return [Problem("YEAR_NOT_USED", message, _YEAR, text, "Leave the financial year empty.")]
    try:
        check_in_range(FinancialYear.parse(text), today=today)
    except Refused as refused:
        return [replace(problem, where=_YEAR) for problem in refused.problems]
    return []


def is_waived(upload: Upload, kind: UploadKind) -> bool:
    """Whether one person may both prepare and accept: the kind must allow it, and the organisation have chosen it."""
    return kind.may_waive_second_person and upload.organisation.waives_second_person


def accepter_problems(*, upload: Upload, kind: UploadKind, by: Actor) -> list[Problem]:
    """Why this actor cannot accept: no permission, or the same person as prepared it.

    `accept_state_problems` checks the state separately.
    """
    if not can(by, kind.accept, upload.organisation):
        return [Problem("NOT_ALLOWED", refusal(kind.accept))]
    if not is_waived(upload, kind) and is_same_person(upload, by):
        return [
            Problem(
                "FOUR_EYES",
                "The person who prepared an upload cannot also accept it",
                fix="Ask a colleague who may accept, or ask an administrator whether the second person can be waived.",
            )
        ]
    return []


def is_same_person(upload: Upload, by: Actor) -> bool:
    if upload.prepared_actor == by.reference:
        return True
    return by.person is not None and upload.prepared_by_id == by.person.pk


def accept_state_problems(upload: Upload) -> list[Problem]:
    if upload.state in ACCEPTABLE_STATES:
        return encoding_open(upload)
    if upload.state in (UploadState.ACCEPTING, UploadState.ACCEPTED):
        done = "has already been accepted" if upload.state == UploadState.ACCEPTED else "is being accepted already"
        return [Problem("ALREADY_ACCEPTED", f"{upload.reference} {done}")]
    return [Problem("WRONG_STATE", f"{upload.reference} cannot be accepted: it is {_label(upload)}")]


def version_problems(upload: Upload, seen: int | None) -> list[Problem]:
    """That the upload is not what the actor saw, for example because a colleague had it read in another encoding."""
    if seen in (None, upload.version):
        return []
    message = f"{upload.reference} has changed since you opened its page"
    return [Problem("CHANGED_MEANWHILE", message, fix="Look at it as it is now, and then decide.")]


def encoding_open(upload: Upload) -> list[Problem]:
    """That nobody has chosen an encoding yet, although Windows-1252 is not the likeliest."""
    if upload.encoding_chosen_actor or not upload.encoding_choice.get("is_doubtful"):
        return []
    return [
        Problem(
            "ENCODING_NOT_CHOSEN",
            "The characters of the file can be read in several ways, and nobody has chosen one yet",
            fix="Ask somebody who may prepare uploads to choose the encoding on the page of the upload.",
        )
    ]


def encoding_problems(*, upload: Upload, kind: UploadKind, open_uploads: int, by: Actor) -> list[Problem]:
    """Why this actor cannot choose the encoding in which the file is read."""
    if not can(by, kind.prepare, upload.organisation):
        return [Problem("NOT_ALLOWED", refusal(kind.prepare))]
    if not upload.encoding_choice:
        return [Problem("NO_CHOICE", f"{upload.reference} has no characters that can be read in another encoding")]
    if upload.state not in READABLE_AGAIN_STATES:
        return [Problem("WRONG_STATE", f"{upload.reference} cannot be read again: it is {_label(upload)}")]
    if upload.state == UploadState.REFUSED:  # which does not count as open yet
        return too_many_open(upload.organisation, open_uploads, by)
    return []


def abandoning_problems(*, upload: Upload, kind: UploadKind, by: Actor) -> list[Problem]:
    if not (can(by, kind.prepare, upload.organisation) or can(by, kind.accept, upload.organisation)):
        return [Problem("NOT_ALLOWED", refusal(kind.prepare))]
    if upload.state not in ABANDONABLE_STATES:
        return [Problem("WRONG_STATE", f"{upload.reference} cannot be abandoned: it is {_label(upload)}")]
    return []


def retrying_problems(*, upload: Upload, kind: UploadKind, by: Actor) -> list[Problem]:
    if not can(by, kind.prepare, upload.organisation):
        return [Problem("NOT_ALLOWED", refusal(kind.prepare))]
    if upload.state != UploadState.FAILED:
        return [Problem("WRONG_STATE", f"{upload.reference} did not fail: it is {_label(upload)}")]
    return []


def reversing_problems(*, upload: Upload, kind: UploadKind, by: Actor, reason: str) -> list[Problem]:
    """Why it cannot be reversed, except for later changes that depend on it, which need queries."""
    if not can(by, kind.accept, upload.organisation):
        return [Problem("NOT_ALLOWED", refusal(kind.accept))]
    if upload.state == UploadState.REVERSED:
        return [Problem("ALREADY_REVERSED", f"{upload.reference} has already been reversed")]
    if upload.state != UploadState.ACCEPTED:
        return [Problem("WRONG_STATE", f"{upload.reference} cannot be reversed: it is {_label(upload)}")]
    if not reason.strip():
        return [Problem("REQUIRED", "Enter why the upload is reversed", fix="Give the reason in a few words.")]
    return []


def _label(upload: Upload) -> str:
    return UploadState(upload.state).label.lower()
