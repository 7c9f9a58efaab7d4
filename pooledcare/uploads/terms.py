"""The vocabulary of uploads: states, how they may follow one another, and a sentence for every constraint."""

from __future__ import annotations

from django.db.models import TextChoices


class UploadState(TextChoices):
    RECEIVED = "received", "Received"
    READING = "reading", "Being read"
    NEEDS_LAYOUT = "needs_layout", "Waiting for its layout"
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
    State.READING: frozenset(
        {State.CHECKED, State.NEEDS_LAYOUT, State.REFUSED, State.RECEIVED, State.ABANDONED, State.FAILED}
    ),
    State.NEEDS_LAYOUT: frozenset({State.RECEIVED, State.ABANDONED}),
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
    State.NEEDS_LAYOUT,
    State.CHECKED,
    State.READY,
    State.AWAITING_SECOND_PERSON,
    State.ACCEPTING,
)
ACCEPTABLE_STATES = (State.READY, State.AWAITING_SECOND_PERSON)
# States in which a person may choose another encoding or another layout, so that the file is read again.
READABLE_AGAIN_STATES = (State.NEEDS_LAYOUT, State.READY, State.AWAITING_SECOND_PERSON, State.REFUSED)
ABANDONABLE_STATES = (State.RECEIVED, State.NEEDS_LAYOUT, State.READY, State.AWAITING_SECOND_PERSON, State.FAILED)


class Channel(TextChoices):
    PAGE = "page", "Upload page"
    FORM = "form", "Form for a single figure"
    API = "api", "API"
    REFERENCE = "reference", "Reference load"


class Asked(TextChoices):
    """What a person is asked about a file that cannot be read as it is."""

    READING = "reading", "How the file should be read"
    LAYOUT = "layout", "Which of several layouts it has"
    YEAR = "year", "Which year its figures are for"


class LayoutStep(TextChoices):
    """What was done to a saved layout. Each step is a new version."""

    SAVED = "saved", "Saved"
    CHANGED = "changed", "Changed"
    SHARED = "shared", "Shared with all organisations"
    UNSHARED = "unshared", "No longer shared"
    RETIRED = "retired", "Retired"


class Severity(TextChoices):
    ERROR = "error", "Error"
    WARNING = "warning", "Warning"


SENTENCES: dict[str, str] = {
    "upload_same_file_once": "This file has already been uploaded for the organisation and is ready or accepted.",
    "upload_accepted_by_a_second_person": "The person who prepared an upload cannot also accept it.",
    "upload_one_open_publication": "Figures of this upload are already being published.",
    "upload_size_positive": "The selected file is empty.",
    "kept_file_one_per_person": "Only one file is kept for each person.",
    "upload_layout_name_once": "Your organisation already has a layout with this name. Choose another name.",
    "upload_layout_append_only": "A saved layout is never changed or deleted; a change is a new version.",
    "upload_layout_version_once": "Somebody else has just changed this layout. Look at it again.",
    "upload_layout_version_append_only": "A version of a saved layout is never changed or deleted.",
    "upload_status_append_only": "The history of an upload is never changed or deleted.",
}
