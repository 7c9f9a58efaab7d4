"""The vocabulary of uploads: states, how they may follow one another, and a sentence for every constraint."""

from __future__ import annotations

from django.db.models import TextChoices


class UploadState(TextChoices):
    RECEIVED = "received", "Received"
    READING = "reading", "Being read"
    CHECKED = "checked", "Checked"
    REFUSED = "refused", "Refused"
    READY = "ready", "Ready to accept"
    AWAITING_SECOND_PERSON = "awaiting_second_person", "Waiting for a second person"
    ACCEPTING = "accepting", "Being accepted"
    ACCEPTED = "accepted", "Accepted"
    REVERSED = "reversed", "Reversed"
    ABANDONED = "abandoned", "Abandoned"
    FAILED = "failed", "Failed"


State = UploadState

FOLLOWS: dict[str, frozenset[str]] = {
    State.RECEIVED: frozenset({State.READING, State.ABANDONED, State.FAILED}),
    State.READING: frozenset({State.CHECKED, State.REFUSED, State.RECEIVED, State.ABANDONED, State.FAILED}),
    State.CHECKED: frozenset({State.READY, State.REFUSED, State.FAILED}),
    State.READY: frozenset({State.AWAITING_SECOND_PERSON, State.ACCEPTING, State.ABANDONED, State.RECEIVED}),
    State.AWAITING_SECOND_PERSON: frozenset({State.ACCEPTING, State.ABANDONED, State.READY, State.RECEIVED}),
    State.ACCEPTING: frozenset(
        {State.ACCEPTED, State.REFUSED, State.READY, State.AWAITING_SECOND_PERSON, State.FAILED}
    ),
    State.ACCEPTED: frozenset({State.REVERSED}),
    State.REFUSED: frozenset({State.RECEIVED}),
    State.REVERSED: frozenset(),
    State.ABANDONED: frozenset(),
    State.FAILED: frozenset({State.RECEIVED, State.ABANDONED}),
}

# States in which an upload needs the worker. `sweep_uploads` sends it again if its message was lost or its worker died.
WORK_STATES = (State.RECEIVED, State.READING, State.CHECKED, State.ACCEPTING)
# States in which an upload is open: it may still be accepted. A file with the same bytes as an open or accepted upload
# is refused.
OPEN_STATES = (
    State.RECEIVED,
    State.READING,
    State.CHECKED,
    State.READY,
    State.AWAITING_SECOND_PERSON,
    State.ACCEPTING,
)
ACCEPTABLE_STATES = (State.READY, State.AWAITING_SECOND_PERSON)
# States in which another encoding may be chosen, so that the file is read again.
READABLE_AGAIN_STATES = (State.READY, State.AWAITING_SECOND_PERSON, State.REFUSED)
ABANDONABLE_STATES = (State.RECEIVED, State.READY, State.AWAITING_SECOND_PERSON, State.FAILED)


class Channel(TextChoices):
    PAGE = "page", "Upload page"
    FORM = "form", "Form for a single figure"
    API = "api", "API"
    REFERENCE = "reference", "Reference load"


class Severity(TextChoices):
    ERROR = "error", "Error"
    WARNING = "warning", "Warning"


SENTENCES: dict[str, str] = {
    "upload_same_file_once": "This file has already been uploaded for the organisation and is ready or accepted.",
    "upload_accepted_by_a_second_person": "The person who prepared an upload cannot also accept it.",
    "upload_one_open_publication": "Figures of this upload are already being published.",
    "upload_size_positive": "The selected file is empty.",
    "kept_file_one_per_person": "Only one file is kept for each person.",
    "upload_status_append_only": "The history of an upload is never changed or deleted.",
}
