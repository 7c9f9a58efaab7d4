"""The registered layouts of publishers, one TOML file each, and recognising the layout of a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pooledcare.kernel.problems import Refused

if TYPE_CHECKING:
    from pooledcare.kernel.tabular import InputTable
    from pooledcare.uploads.layouts import Profile

_FOLDERS: dict[str, list[Path]] = {}


def register(kind: str, folder: Path) -> None:
    """Register the folder with the profiles of a kind. Apps call it in `ready`."""
    _FOLDERS.setdefault(kind, []).append(folder)


def profiles(kind: str) -> list[Profile]:
    """All profiles of a kind, by key."""
    from pooledcare.uploads.layouts import read_profile

    files = [path for folder in _FOLDERS.get(kind, []) for path in sorted(folder.glob("*.toml"))]
    return [read_profile(path) for path in files]


def exists(kind: str, key: str, *, among_ours: bool = False) -> bool:
    """Whether there is a publisher's layout with this key. With `among_ours`, the layouts of our own compiled files,
    which state the lineage of their figures, count too."""
    return any(profile.key == key and (among_ours or profile.is_published) for profile in profiles(kind))


def named(kind: str, key: str) -> Profile:
    for profile in profiles(kind):
        if profile.key == key:
            return profile
    raise Refused.because("UNKNOWN_PROFILE", f"There is no layout called “{key}”", value=key)


def recognise(kind: str, table: InputTable) -> Profile | None:
    """The layout all of whose required sheets and headings the file has; if several, the one with most sheets."""
    fitting = [(profile.fit(table), profile) for profile in profiles(kind) if profile.is_published]
    best = max(fitting, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] > 0 else None


def published() -> list[Profile]:
    """Every publisher's layout of every kind, for the page on which people choose a file."""
    return [profile for kind in _FOLDERS for profile in profiles(kind) if profile.is_published]
