"""Publishers' own layouts, as data: one TOML file each, recognised from what a file holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pooledcare.kernel.problems import Refused

if TYPE_CHECKING:
    from pooledcare.kernel.tabular import InputTable
    from pooledcare.uploads.layouts import Profile

_FOLDERS: dict[str, list[Path]] = {}


def register(kind: str, folder: Path) -> None:
    """Where the profiles of a kind lie; called when the app is ready."""
    _FOLDERS.setdefault(kind, []).append(folder)


def profiles(kind: str) -> list[Profile]:
    """All profiles of a kind, by key. Read anew each time: there are few, and they are small."""
    from pooledcare.uploads.layouts import read_profile

    files = [path for folder in _FOLDERS.get(kind, []) for path in sorted(folder.glob("*.toml"))]
    return [read_profile(path) for path in files]


def exists(kind: str, key: str, *, among_ours: bool = False) -> bool:
    """Whether there is such a layout: a publisher's, or among our own too, in which lineage is stated, not found."""
    return any(profile.key == key and (among_ours or profile.is_published) for profile in profiles(kind))


def named(kind: str, key: str) -> Profile:
    for profile in profiles(kind):
        if profile.key == key:
            return profile
    raise Refused.because("UNKNOWN_PROFILE", f"There is no layout called “{key}”", value=key)


def recognise(kind: str, table: InputTable) -> Profile | None:
    """The publisher's layout whose sheets and headings are all there; of several, the one that explains most sheets."""
    fitting = [(profile.fit(table), profile) for profile in profiles(kind) if profile.is_published]
    best = max(fitting, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] > 0 else None


def published() -> list[Profile]:
    """Every layout of every kind, for the page on which files are chosen."""
    return [profile for kind in _FOLDERS for profile in profiles(kind) if profile.is_published]
