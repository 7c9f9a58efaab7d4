"""Rules on what may be done with a saved layout. Each function returns the reasons against; an empty list means yes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pooledcare.directory.access import can, refusal
from pooledcare.kernel.problems import Problem, Where

if TYPE_CHECKING:
    from pooledcare.directory.access import Actor
    from pooledcare.directory.models import Organisation
    from pooledcare.uploads.kinds import UploadKind
    from pooledcare.uploads.models import UploadLayoutVersion

LONGEST_NAME = 80
# One line with a character that is seen, and none that turns text round; in a form that JSON Schema knows too.
_LINE = r"\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069"
NAME_PATTERN = rf"^[^{_LINE}]*[^\s{_LINE}][^{_LINE}]*$"
_NAME = Where(field="name")


def saving_problems(*, organisation: Organisation, kind: UploadKind, name: str, by: Actor) -> list[Problem]:
    """Why this actor cannot save a layout under this name. Another layout with the name is found by the database."""
    if not can(by, kind.prepare, organisation):
        return [Problem("NOT_ALLOWED", refusal(kind.prepare))]
    if kind.layout_columns is None:
        return [Problem("NO_LAYOUTS", f"Files of {kind.label.lower()} are read by our own headings only")]
    return name_problems(name)


def name_problems(name: str) -> list[Problem]:
    if not name.strip():
        return [Problem("REQUIRED", "Enter a name for the layout", _NAME)]
    if len(name) > LONGEST_NAME:
        return [Problem("TOO_LONG", f"The name must be {LONGEST_NAME} characters or fewer", _NAME, name)]
    if not re.match(NAME_PATTERN, name):
        return [Problem("NOT_ACCEPTED", "The name must be on one line, without control characters", _NAME, name)]
    return []


def changing_problems(*, version: UploadLayoutVersion, kind: UploadKind, by: Actor) -> list[Problem]:
    """Why this actor cannot change, share or retire the layout of which this is the newest version."""
    if not can(by, kind.prepare, version.layout.organisation):
        return [Problem("NOT_ALLOWED", refusal(kind.prepare))]
    if version.is_retired:
        return [Problem("RETIRED", f"The layout “{version.layout.name}” is retired, so it no longer changes")]
    return []


def seen_problems(version: UploadLayoutVersion, seen: int | None) -> list[Problem]:
    """That the newest version is not the one that the actor saw."""
    if seen in (None, version.number):
        return []
    message = f"The layout “{version.layout.name}” has changed since you opened it"
    return [Problem("CHANGED_MEANWHILE", message, fix="Look at it as it is now, and then decide.")]


def sharing_problems(version: UploadLayoutVersion, *, is_shared: bool) -> list[Problem]:
    """That the layout is already shared, or not shared at all."""
    if version.is_shared is not is_shared:
        return []
    is_now = "already shared with all organisations" if is_shared else "not shared"
    return [Problem("WRONG_STATE", f"The layout “{version.layout.name}” is {is_now}")]
