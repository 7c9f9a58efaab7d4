"""The pages of saved layouts: the list, one layout with its versions, and sharing and retiring it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from pooledcare.directory.access import Actor, requires
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.tables import Column, Table
from pooledcare.uploads import kinds, presenting
from pooledcare.uploads.saved_layouts import actions, describing, queries, rules
from pooledcare.uploads.terms import LayoutStep

if TYPE_CHECKING:
    from pooledcare.uploads.models import UploadLayoutVersion


@require_GET
@requires()
def layout_list(request: HttpRequest) -> HttpResponse:
    """Layouts of the visitor's organisations, and those that others share."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = list(queries.seen_by(actor))
    own = [version for version in found if version.layout.organisation_id in actor.readable_organisation_ids]
    others = [version for version in found if version not in own]
    context = {
        "own": _table("own", "Layouts of your organisations", own, "Your organisations have saved no layout yet."),
        "shared": _table("shared", "Layouts that others share", others, "No other organisation shares a layout."),
        "count": len([version for version in own if not version.is_retired]),
    }
    return render(request, "uploads/layout_list.jinja", context)


def _table(key: str, caption: str, versions: list[UploadLayoutVersion], empty: str) -> Table:
    columns = (
        Column("Layout"),
        Column("For files of"),
        Column("Organisation"),
        Column("Version", "number"),
        Column("Last changed", "date"),
        Column("Use"),
    )
    rows: list[list[Any]] = [
        [
            {
                "value": version.layout.name,
                "url": version.layout.get_absolute_url(),
                "note": version.layout.reference,
            },
            kinds.kind(version.layout.kind).label,
            version.layout.organisation.name,
            version.number,
            timezone.localdate(version.made_at),
            use(version),
        ]
        for version in versions
    ]
    return Table(key, caption, columns, rows, empty=empty)


def use(version: UploadLayoutVersion) -> str:
    """Who has files read by a layout, in words."""
    if version.is_retired:
        return "Retired"
    return "Shared with all" if version.is_shared else "Its organisation only"


@require_GET
@requires()
def layout_detail(request: HttpRequest, reference: str) -> HttpResponse:
    """One layout: what it says, who may use it, and what its versions changed."""
    version = queries.layout_for(request.actor, reference)  # type: ignore[attr-defined]
    return render(request, "uploads/layout_detail.jinja", _context(request, version))


def _context(request: HttpRequest, version: UploadLayoutVersion, refused: Refused | None = None) -> dict[str, Any]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    layout, kind = version.layout, kinds.kind(version.layout.kind)
    is_own = layout.organisation_id in actor.readable_organisation_ids
    return {
        "layout": layout,
        "version": version,
        "kind": kind,
        "use": use(version),
        "says": describing.says_table(queries.profile_of(version), kind),
        "may_change": not rules.changing_problems(version=version, kind=kind, by=actor),
        "history": _history(version, kind) if is_own else None,
        "refusals": [(presenting.problem_text(problem), None) for problem in refused.problems] if refused else [],
    }


def _history(newest: UploadLayoutVersion, kind: kinds.UploadKind) -> Table:
    """The versions, oldest first, with what each changed."""
    versions = queries.versions_of(newest.layout)
    lines = [describing.lines_of(queries.profile_of(version), kind) for version in versions]
    changes = [[], *(describing.differences(old, new) for old, new in itertools.pairwise(lines))]
    columns = (
        Column("Version", "number"),
        Column("What was done"),
        Column("When", "moment"),
        Column("Who"),
        Column("For the file of", missing="None"),
        Column("What differs", missing="Nothing"),
    )
    rows: list[list[Any]] = [
        [
            version.number,
            LayoutStep(version.step).label,
            version.made_at,
            presenting.who(version.made_by, version.made_actor),
            version.upload or None,
            " ".join(changed) or None,
        ]
        for version, changed in zip(versions, changes, strict=True)
    ]
    return Table("versions", "Versions, oldest first", columns, rows)


def _step(act: Callable[..., UploadLayoutVersion], done: str) -> Callable[..., HttpResponseBase]:
    """A view for a button that runs one action on the version that the page showed."""

    @require_POST
    @requires()
    def decide(request: HttpRequest, reference: str) -> HttpResponse:
        version = queries.layout_for(request.actor, reference)  # type: ignore[attr-defined]
        seen = request.POST.get("version", "")
        try:
            number = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None
            act(layout=version.layout, seen=number, by=request.actor)  # type: ignore[attr-defined]
        except Refused as refused:
            context = _context(request, queries.newest_of(version.layout), refused)
            status = presenting.status_of(refused)
            return render(request, "uploads/layout_detail.jinja", context, status=status)
        messages.success(request, done.format(version.layout.name))
        return redirect(version.layout)

    return decide


layout_share = _step(actions.share_layout, "“{}” is now shared with all organisations.")
layout_unshare = _step(actions.unshare_layout, "“{}” is no longer shared.")
layout_retire = _step(actions.retire_layout, "“{}” is retired. No more files are read by it.")
