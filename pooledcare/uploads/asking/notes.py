"""What the page of an upload says about its layout: that one is needed, which one was used, and who may change it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from pooledcare.directory.access import can
from pooledcare.uploads import kinds, profiles
from pooledcare.uploads.asking.recognition import CONFIRMED, saved_version
from pooledcare.uploads.models import LayoutQuestion
from pooledcare.uploads.terms import READABLE_AGAIN_STATES, Asked, UploadState

if TYPE_CHECKING:
    from pooledcare.directory.access import Actor
    from pooledcare.uploads.models import Upload

_NEEDED = {
    Asked.READING: "PooledCare does not know the layout of this file. Somebody who may prepare uploads needs to say "
    "how it should be read.",
    Asked.LAYOUT: "Several layouts fit this file and read different figures from it. Somebody who may prepare uploads "
    "needs to choose one.",
    Asked.YEAR: "The file does not say its financial year. Somebody who may prepare uploads needs to state it.",
}


@dataclass(frozen=True)
class LayoutNote:
    """`needed` is what is needed, empty if nothing is. `url` is where it is said, None for who may not."""

    needed: str
    url: str | None
    used: str


def layout_note(upload: Upload, actor: Actor) -> LayoutNote:
    """What to say about the layout of the file. Up to two queries."""
    question = None
    if upload.state in READABLE_AGAIN_STATES:
        question = LayoutQuestion.objects.filter(upload=upload).only("asked").first()
    is_open = question is not None and upload.state == UploadState.NEEDS_LAYOUT
    may = can(actor, kinds.kind(upload.kind).prepare, upload.organisation)
    return LayoutNote(
        needed=_NEEDED[Asked(question.asked)] if question is not None and is_open else "",
        url=reverse("uploads:layout-question", args=[upload.reference]) if question is not None and may else None,
        used=layout_words(upload),
    )


def layout_words(upload: Upload) -> str:
    """By which layout the file is read, in words."""
    if not upload.profile:
        return "Our own headings" if upload.rows_read else "Not known yet"
    if upload.profile == CONFIRMED:
        return "Confirmed for this file"
    version = saved_version(upload.profile)
    if version is not None:
        return f"{version.layout.name} ({version.layout.reference}), version {version.number}"
    found = [profile.title for profile in profiles.profiles(upload.kind) if profile.key == upload.profile]
    return found[0] if found else upload.profile
