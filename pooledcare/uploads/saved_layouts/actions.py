"""Saving a layout, changing it by a new version, sharing and retiring it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pooledcare.directory.access import Actor
from pooledcare.directory.history import record
from pooledcare.directory.models import Organisation
from pooledcare.kernel.actions import action
from pooledcare.kernel.problems import Problem, Refused
from pooledcare.uploads import kinds, layouts
from pooledcare.uploads.models import UploadLayout, UploadLayoutVersion
from pooledcare.uploads.saved_layouts import queries, rules
from pooledcare.uploads.terms import SENTENCES, LayoutStep


@action(SENTENCES)
def save_layout(
    *, organisation: Organisation, kind: str, name: str, stated: Mapping[str, Any], upload: str = "", by: Actor
) -> UploadLayoutVersion:
    """Save a layout under a name. Only the organisation sees and uses it until it is shared.

    `stated` has the shape of a profile file. `upload` is the reference of the upload for whose file it was made.
    """
    declared, name = kinds.kind(kind), " ".join(name.split())
    _refuse(rules.saving_problems(organisation=organisation, kind=declared, name=name, by=by))
    layout = UploadLayout(organisation=organisation, kind=kind, name=name)
    checked = _checked(layout, stated)
    layout.save()
    return _step(layout, 1, LayoutStep.SAVED, checked, by=by, upload=upload)


@action(SENTENCES)
def change_layout(
    *, layout: UploadLayout, stated: Mapping[str, Any], seen: int | None = None, upload: str = "", by: Actor
) -> UploadLayoutVersion:
    """Add a version that says something else. `seen` is the number of the version that the actor saw, if known."""
    version = _changeable(layout, seen, by)
    checked = _checked(version.layout, stated)
    if checked == version.stated:
        raise Refused.because("UNCHANGED", f"The layout “{layout.name}” says exactly this already")
    return _step(
        version.layout, version.number + 1, LayoutStep.CHANGED, checked, by=by, upload=upload, shared=version.is_shared
    )


@action(SENTENCES)
def share_layout(*, layout: UploadLayout, seen: int | None = None, by: Actor) -> UploadLayoutVersion:
    """Let all organisations see the layout, and have their files read by it."""
    version = _changeable(layout, seen, by)
    _refuse(rules.sharing_problems(version, is_shared=True))
    return _step(version.layout, version.number + 1, LayoutStep.SHARED, version.stated, by=by, shared=True)


@action(SENTENCES)
def unshare_layout(*, layout: UploadLayout, seen: int | None = None, by: Actor) -> UploadLayoutVersion:
    """Keep the layout for the organisation that saved it. What others have read by it stays as it is."""
    version = _changeable(layout, seen, by)
    _refuse(rules.sharing_problems(version, is_shared=False))
    return _step(version.layout, version.number + 1, LayoutStep.UNSHARED, version.stated, by=by)


@action(SENTENCES)
def retire_layout(*, layout: UploadLayout, seen: int | None = None, by: Actor) -> UploadLayoutVersion:
    """Read no more files by the layout. It is kept, because files were read by it, and is no longer shared."""
    version = _changeable(layout, seen, by)
    return _step(version.layout, version.number + 1, LayoutStep.RETIRED, version.stated, by=by, retired=True)


def _changeable(layout: UploadLayout, seen: int | None, by: Actor) -> UploadLayoutVersion:
    version = queries.newest_of(layout)
    _refuse(rules.changing_problems(version=version, kind=kinds.kind(layout.kind), by=by))
    _refuse(rules.seen_problems(version, seen))
    return version


def _checked(layout: UploadLayout, stated: Mapping[str, Any]) -> dict[str, Any]:
    """What the layout says, with its name and who made it. Raises `Refused` if it is no layout."""
    named = {**stated, "title": layout.name, "publisher": layout.organisation.name}
    named.setdefault("summary", "")
    if not any(sheet.needed() for sheet in layouts.profile_from(named, "layout").sheets):
        raise Refused.because("BAD_LAYOUT", "A layout needs a sheet with headings", fix="State what its columns are.")
    return named


def _step(
    layout: UploadLayout,
    number: int,
    step: LayoutStep,
    stated: dict[str, Any],
    *,
    by: Actor,
    upload: str = "",
    shared: bool = False,
    retired: bool = False,
) -> UploadLayoutVersion:
    version = UploadLayoutVersion.objects.create(
        layout=layout,
        number=number,
        step=step,
        stated=stated,
        is_shared=shared,
        is_retired=retired,
        upload=upload,
        made_by=by.person,
        made_actor=by.reference,
    )
    record(
        by=by,
        action=f"upload_layout.{step}",
        subject=f"upload-layout:{layout.reference}",
        sentence=f"{layout.reference} “{layout.name}” ({layout.kind}), version {number}: {step.label.lower()}.",
        organisation=layout.organisation.code,
    )
    return version


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise Refused(problems)
