"""Queries on uploads: lists, problems, history, and which actions are possible."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import Http404

from pooledcare.directory.access import Actor, can
from pooledcare.directory.queries.people import names_of_those_with
from pooledcare.kernel.paging import in_words
from pooledcare.kernel.problems import Problem, Refused
from pooledcare.uploads import kinds, rules
from pooledcare.uploads.kinds import UnpublishedPart
from pooledcare.uploads.models import Upload, UploadProblem, UploadStatus
from pooledcare.uploads.terms import ACCEPTABLE_STATES, OPEN_STATES, UploadState

REFERENCE = re.compile(r"(\bUP-[0-9]+\b)")
PROBLEMS_ON_A_PAGE = 100
_PEOPLE = ("prepared_by", "accepted_by", "encoding_chosen_by", "publishes")


def uploads_of(actor: Actor) -> QuerySet[Upload]:
    """Uploads of the organisations that the actor belongs to, newest first."""
    found = Upload.objects.select_related("organisation", *_PEOPLE).order_by("-pk")
    return found if actor.is_system else found.filter(organisation__in=actor.readable_organisation_ids)


def upload_for(actor: Actor, reference: str) -> Upload:
    """One upload by its reference; 404 outside the actor's organisations, as for one that does not exist."""
    number = _number(reference)
    upload = None if number is None else uploads_of(actor).filter(pk=number).first()
    if upload is None:
        raise Http404("There is no such upload.")
    return upload


def refreshed(upload: Upload) -> Upload:
    """The upload, read again from the database."""
    return Upload.objects.select_related("organisation", *_PEOPLE).get(pk=upload.pk)


def _number(reference: str) -> int | None:
    prefix, _, digits = reference.partition("-")
    if prefix != "UP" or not digits.isascii() or not digits.isdigit() or len(digits) > 15 or digits.startswith("0"):
        return None
    return int(digits)


# ── Problems ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def problems_page(upload: Upload, after: int = 0, size: int = PROBLEMS_ON_A_PAGE) -> list[UploadProblem]:
    """The problems in the order in which they were found, `size` of them after the one with the id `after`."""
    return list(UploadProblem.objects.filter(upload=upload, pk__gt=after).order_by("pk")[:size])


# ── History and possible actions ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Step:
    """One line of an upload's history."""

    state: str
    label: str
    at: dt.datetime
    actor: str
    note: str


def history(upload: Upload) -> list[Step]:
    """Every state that the upload has been in, oldest first."""
    steps = UploadStatus.objects.filter(upload=upload).order_by("pk")
    return [Step(step.state, UploadState(step.state).label, step.at, step.actor, step.note) for step in steps]


@dataclass(frozen=True)
class Possible:
    """For each action, the reasons why this actor cannot do it with the upload now; empty if it is possible."""

    accept: list[str]
    abandon: list[str]
    reverse: list[str]
    retry: list[str]


def possible(upload: Upload, actor: Actor) -> Possible:
    """The actions that are possible, for showing buttons. The actions themselves check the same rules again."""
    kind = kinds.kind(upload.kind)
    accept = [*rules.accepter_problems(upload=upload, kind=kind, by=actor), *rules.accept_state_problems(upload)]
    return Possible(
        accept=[problem.message for problem in accept],
        abandon=[problem.message for problem in rules.abandoning_problems(upload=upload, kind=kind, by=actor)],
        reverse=[problem.message for problem in reversing_problems(upload, actor)],
        retry=[problem.message for problem in rules.retrying_problems(upload=upload, kind=kind, by=actor)],
    )


def reversing_problems(upload: Upload, actor: Actor) -> list[Problem]:
    """Why this actor cannot reverse the upload now, even with a valid reason."""
    kind = kinds.kind(upload.kind)
    return rules.reversing_problems(upload=upload, kind=kind, by=actor, reason="asked") or kinds.reversal_problems(
        upload
    )


def accepters(upload: Upload) -> list[str]:
    """The names of those who can accept the upload. For members of its organisation only. One query."""
    kind = kinds.kind(upload.kind)
    but = None if rules.is_waived(upload, kind) else upload.prepared_by
    return names_of_those_with(kind.accept, organisation=upload.organisation, but=but)


def unpublished_parts(upload: Upload) -> list[UnpublishedPart]:
    """What of an accepted upload can be published; nothing unless it is accepted."""
    return kinds.kind(upload.kind).steps.unpublished(upload) if upload.state == UploadState.ACCEPTED else []


def publishable_instead(refused: Refused, actor: Actor) -> Upload | None:
    """The accepted upload of the same file, if its figures can be published instead of uploading the file again."""
    same = next((one.value for one in refused.problems if one.code == "DUPLICATE_FILE"), None)
    found = seen_uploads(actor, same) if same else []
    return next((upload for upload in found if unpublished_parts(upload)), None)


def publications_of(upload: Upload) -> list[Upload]:
    """The publications of figures of the upload that are open or accepted, oldest first."""
    states = [*OPEN_STATES, UploadState.ACCEPTED]
    return list(Upload.objects.filter(publishes=upload, state__in=states).order_by("pk"))


def publishing_problems(upload: Upload, actor: Actor) -> list[Problem]:
    """Why this actor cannot prepare a publication of figures of the upload."""
    waiting = Upload.objects.filter(organisation=upload.organisation, state__in=OPEN_STATES).count()
    kind = kinds.kind(upload.kind)
    return rules.publishing_problems(upload=upload, kind=kind, open_uploads=waiting, by=actor)


def lacks_date(upload: Upload) -> bool:
    """Whether the upload was refused because it replaces published figures and has no date of publication."""
    if upload.state != UploadState.REFUSED:
        return False
    return UploadProblem.objects.filter(upload=upload, code=rules.NEEDS_DATE).exists()


def encoding_problems(upload: Upload, actor: Actor) -> list[Problem]:
    """Why this actor cannot choose the encoding in which the file of the upload is read."""
    waiting = Upload.objects.filter(organisation=upload.organisation, state__in=OPEN_STATES).count()
    kind = kinds.kind(upload.kind)
    return rules.encoding_problems(upload=upload, kind=kind, open_uploads=waiting, by=actor)


def seen_uploads(actor: Actor, text: str) -> list[Upload]:
    """The uploads that a text mentions by reference and that the actor may see. At most one query."""
    numbers = [_number(reference) for reference in REFERENCE.findall(text)]
    named = {number for number in numbers if number is not None}
    return list(uploads_of(actor).filter(pk__in=named)) if named else []


MOST_WAITING = 50


def uploads_waiting(actor: Actor) -> list[Upload]:
    """The uploads that this actor may accept, and those whose layout they may say, newest first. One query."""
    open_ones = uploads_of(actor).filter(state__in=[UploadState.NEEDS_LAYOUT, *ACCEPTABLE_STATES])[:MOST_WAITING]
    return [upload for upload in open_ones if _is_for(upload, actor)]


def _is_for(upload: Upload, actor: Actor) -> bool:
    """Whether the next step of an upload that waits for a person is for this one."""
    kind = kinds.kind(upload.kind)
    if upload.state == UploadState.NEEDS_LAYOUT:
        return can(actor, kind.prepare, upload.organisation)
    return not rules.accepter_problems(upload=upload, kind=kind, by=actor)


def uploads_listed(actor: Actor, *, state: str = "") -> QuerySet[Upload]:
    """Uploads of the actor's organisations, newest first, with `state_in_words` to sort by. Raises Http404 for an
    unknown state."""
    if state and state not in UploadState.values:
        raise Http404("There is no such list of uploads.")
    found = uploads_of(actor).annotate(state_in_words=in_words("state", UploadState))
    return found.filter(state=state) if state else found
