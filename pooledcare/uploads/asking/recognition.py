"""By which layout a file is read: one that was confirmed or stated for it, a built-in one, or a saved one.

Where that is open, `NeedsLayout` says what a person is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pooledcare.directory.queries.bodies import all_bodies
from pooledcare.kernel.problems import Refused
from pooledcare.uploads import layouts, profiles
from pooledcare.uploads.models import LayoutQuestion, UploadLayoutVersion
from pooledcare.uploads.proposals import propose
from pooledcare.uploads.published import PublishedFile, open_published
from pooledcare.uploads.saved_layouts import queries as saved
from pooledcare.uploads.terms import Asked

if TYPE_CHECKING:
    from pooledcare.kernel.tabular import InputTable
    from pooledcare.uploads.kinds import UploadKind
    from pooledcare.uploads.layouts import Profile
    from pooledcare.uploads.models import Upload

UNUSABLE = "This layout was retired, or is no longer shared with your organisation"
CONFIRMED = "confirmed"  # the key of a layout that was confirmed for one file only


class NeedsLayout(Exception):
    """Raised where a person must say how a file is read. `fitting` are keys of layouts: see `LayoutQuestion`.

    `encoding` are the fields of the upload that say in which encoding the file was opened.
    """

    def __init__(self, asked: Asked, proposal: dict[str, Any], fitting: Sequence[str] = ()) -> None:
        self.asked, self.proposal, self.fitting = asked, proposal, list(fitting)
        self.encoding: dict[str, Any] = {}
        super().__init__(asked.label)


def stated_source(table: InputTable, upload: Upload, kind: UploadKind) -> PublishedFile | None:
    """The file as read by the layout that was confirmed or stated for it; None if none was.

    Raises `NeedsLayout` if a layout was stated that the file does not have, or a saved one that may no longer be used.
    """
    if not upload.profile:
        return None
    if upload.profile == CONFIRMED:
        stated = LayoutQuestion.objects.get(upload=upload).stated
        return _opened(layouts.profile_from(stated, CONFIRMED), table, upload, kind)
    version = saved_version(upload.profile)
    if version is None:
        profile = profiles.named(kind.key, upload.profile)
        # Nobody can be asked about our own compiled files: with another layout they are refused.
        if profile.is_published and not profile.fit(table):
            raise asked_how(table, upload, kind, profile)
        return _opened(profile, table, upload, kind)
    profile = saved.profile_of(version)
    if not saved.is_usable_by(version, upload.organisation_id):
        raise asked_how(table, upload, kind, profile, UNUSABLE)
    if not profile.fit(table):
        raise asked_how(table, upload, kind, profile)
    return _opened(profile, table, upload, kind)


def saved_version(key: str) -> UploadLayoutVersion | None:
    """The version of a saved layout with this key, such as UL-3.2; None if it is no such key."""
    reference, _, number = key.partition(".")
    layout = saved.number_of(reference)
    if layout is None:
        return None
    return UploadLayoutVersion.objects.select_related("layout__organisation").get(layout=layout, number=int(number))


def recognised_source(table: InputTable, upload: Upload, kind: UploadKind) -> PublishedFile | None:
    """The file as read by the layout that it has; None if it has none.

    A built-in layout comes before those of the organisation, and these before the ones that others share. Raises
    `NeedsLayout` if layouts of the organisation read the file otherwise than each other or than a built-in one, or if
    the shared layouts do, where there is no other. A shared layout never competes with a built-in one or with one of
    the organisation, so that nobody can disturb how the files of others are read.
    """
    if kind.layout_columns is None:
        return None
    built_in = profiles.recognise(kind.key, table)
    fitting = [version for version in saved.usable_by(upload.organisation_id, kind.key) if _fits(version, table)]
    own = [version for version in fitting if version.layout.organisation_id == upload.organisation_id]
    first = [*([built_in] if built_in is not None else []), *map(saved.profile_of, own)]
    candidates = first or [saved.profile_of(version) for version in fitting]
    if not candidates:
        return None
    if len(candidates) > 1 and _differ(candidates, table, upload, kind):
        raise _question(Asked.LAYOUT, table, upload, kind, fitting=[profile.key for profile in candidates])
    return _opened(candidates[0], table, upload, kind)


def asked_how(
    table: InputTable, upload: Upload, kind: UploadKind, stated: Profile | None = None, why_not: str = ""
) -> NeedsLayout:
    """The question how the file should be read. `stated` is the layout that its sender wanted, which cannot be used.

    `why_not` says why, if it is not that the file does not have this layout.
    """
    needs = _question(Asked.READING, table, upload, kind, stated=stated)
    if why_not:
        nearest = needs.proposal["nearest"]
        nearest["differences"] = [why_not, *nearest["differences"]]
    return needs


def _question(
    asked: Asked,
    table: InputTable,
    upload: Upload,
    kind: UploadKind,
    *,
    fitting: Sequence[str] = (),
    known: Sequence[Profile] = (),
    stated: Profile | None = None,
) -> NeedsLayout:
    usable = known or [saved.profile_of(version) for version in saved.usable_by(upload.organisation_id, kind.key)]
    proposal = propose(table, kind, all_bodies(), year=upload.financial_year, known=usable, stated=stated)
    return NeedsLayout(asked, proposal.as_json(), fitting)


def _fits(version: UploadLayoutVersion, table: InputTable) -> bool:
    return saved.profile_of(version).fit(table) > 0


def _opened(profile: Profile, table: InputTable, upload: Upload, kind: UploadKind) -> PublishedFile:
    """The file, opened by a layout. Where the file does not say its year and its sender neither, the year is asked."""
    assert kind.layout_columns is not None, "A kind with layouts must say which columns they fill."
    try:
        return open_published(profile, kind.layout_columns, table, upload.financial_year)
    except Refused as refused:
        if refused.code != "NO_YEAR":
            raise
    raise _question(Asked.YEAR, table, upload, kind, fitting=[profile.key], known=[profile])


def _differ(candidates: Sequence[Profile], table: InputTable, upload: Upload, kind: UploadKind) -> bool:
    """Whether the layouts read different figures from the file."""
    first, *others = (_figures(profile, table, upload, kind) for profile in candidates)
    return any(other != first for other in others)


def _figures(profile: Profile, table: InputTable, upload: Upload, kind: UploadKind) -> object:
    """All that a layout reads from a file, comparable with what another reads: rows, or why there are none."""
    filled = kind.layout_columns
    assert filled is not None, "Only kinds with layouts have several."
    rows = []
    try:
        for piece in open_published(profile, filled, table, upload.financial_year).pieces():
            columns = [piece.frame[name].tolist() for name in filled.names]
            place = filled.names.index(filled.amount)
            for row in zip(*columns, strict=True):
                meant = "" if row[place] in piece.missing else str(piece.unit)
                rows.append((*map(str, row), meant))
    except Refused as refused:
        return [(problem.code, problem.message) for problem in refused.problems]
    return sorted(rows)
