"""Saying how a file is read: keeping what was decided so far, confirming a layout, choosing one, stating its year."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.files.storage import default_storage
from django.utils import timezone

from pooledcare.directory.access import Actor
from pooledcare.directory.history import record
from pooledcare.kernel.actions import action
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.uploads import kinds, layouts, reading
from pooledcare.uploads import rules as upload_rules
from pooledcare.uploads.asking import rules
from pooledcare.uploads.asking.recognition import CONFIRMED, UNUSABLE, saved_version
from pooledcare.uploads.kinds import UploadKind
from pooledcare.uploads.models import LayoutQuestion, Upload, UploadLayout
from pooledcare.uploads.proposals import Decisions, Proposal, open_questions, stated_layout
from pooledcare.uploads.queueing import tell_worker
from pooledcare.uploads.saved_layouts import queries as saved
from pooledcare.uploads.saved_layouts.actions import change_layout, save_layout
from pooledcare.uploads.states import fields_to_read_again, move
from pooledcare.uploads.terms import OPEN_STATES, SENTENCES, UploadState


@action(SENTENCES)
def keep_decisions(*, upload: Upload, decisions: Decisions, by: Actor) -> LayoutQuestion:
    """Keep what was decided so far. The file is not read yet."""
    upload, question = _asked(upload, by)
    question.decisions = decisions.as_json()
    question.save(update_fields=["decisions"])
    record(
        by=by,
        action="upload.layout_decided",
        subject=f"upload:{upload.reference}",
        sentence=f"{upload.reference} ({upload.kind}): decisions on how its file is read were kept.",
        organisation=upload.organisation.code,
    )
    return question


@action(SENTENCES)
def confirm_layout(
    *,
    upload: Upload,
    decisions: Decisions,
    name: str = "",
    replaces: UploadLayout | None = None,
    version: int | None = None,
    by: Actor,
) -> Upload:
    """Read the file as these decisions say. A second call with the same decisions has no further effect.

    With a `name`, what they say is saved as a layout of the organisation; with `replaces`, as a new version of that
    one. `version` is that of the upload as the actor saw it, if it is known.
    """
    upload = _locked(upload)
    if _is_repeated(upload, decisions, by):
        return upload
    upload, question = _asked(upload, by)
    _refuse(upload_rules.version_problems(upload, version))
    kind = kinds.kind(upload.kind)
    proposal = Proposal.from_json(question.proposal)
    _refuse(rules.open_problems(open_questions(proposal, decisions)))
    fields = _stated_with_file(upload, kind, decisions)
    stated = _stated(upload, kind, decisions, fields)
    profile = CONFIRMED
    if replaces is not None:
        _refuse(rules.replacing_problems(upload, replaces))
        profile = _new_version(replaces, stated, upload, by)
    elif name.strip():
        profile = save_layout(
            organisation=upload.organisation,
            kind=upload.kind,
            name=name,
            stated=stated,
            upload=upload.reference,
            by=by,
        ).key
    question.stated, question.decisions = stated, decisions.as_json()
    return _read_again(upload, question, "How to read it was confirmed", by, profile=profile, **fields)


@action(SENTENCES)
def choose_layout(
    *, upload: Upload, layout: str, financial_year: str = "", version: int | None = None, by: Actor
) -> Upload:
    """Read the file by one of the layouts that fit it, or for the year that the file does not say.

    `layout` is one of the keys in `LayoutQuestion.fitting`.
    """
    upload, question = _asked(upload, by)
    _refuse(upload_rules.version_problems(upload, version))
    if layout not in question.fitting:
        message = "Select one of the layouts that fit the file"
        raise Refused.because("UNKNOWN_LAYOUT", message, where=Where(field="layout"), value=layout)
    found = saved_version(layout)
    if found is not None and not saved.is_usable_by(found, upload.organisation_id):
        raise Refused.because("UNKNOWN_LAYOUT", UNUSABLE, where=Where(field="layout"))
    fields = _year(kinds.kind(upload.kind), financial_year) if financial_year else {}
    note = "Its layout was chosen" if not financial_year else f"Its year was stated: {fields['financial_year']}"
    return _read_again(upload, question, note, by, profile=layout, **fields)


def _asked(upload: Upload, by: Actor) -> tuple[Upload, LayoutQuestion]:
    """The locked upload with its question. Raises `Refused` if this actor may not answer it now."""
    upload = _locked(upload)
    question = LayoutQuestion.objects.filter(upload=upload).first()
    waiting = Upload.objects.filter(organisation=upload.organisation, state__in=OPEN_STATES).count()
    _refuse(
        rules.deciding_problems(
            upload=upload,
            kind=kinds.kind(upload.kind),
            is_asked=question is not None,
            open_uploads=waiting,
            by=by,
        )
    )
    assert question is not None, "Refused above."
    return upload, question


def _new_version(layout: UploadLayout, stated: dict[str, Any], upload: Upload, by: Actor) -> str:
    """The key of a new version of the layout, or of its newest one if that says exactly this already."""
    try:
        return change_layout(layout=layout, stated=stated, upload=upload.reference, by=by).key
    except Refused as refused:
        if refused.code != "UNCHANGED":
            raise
    return saved.newest_of(layout).key


def _is_repeated(upload: Upload, decisions: Decisions, by: Actor) -> bool:
    """Whether this actor has already confirmed these decisions, as after a double click."""
    question = LayoutQuestion.objects.filter(upload=upload, decided_actor=by.reference).first()
    is_on_its_way = upload.state in (UploadState.RECEIVED, UploadState.READING, UploadState.CHECKED)
    return is_on_its_way and question is not None and question.decisions == decisions.as_json()


def _stated_with_file(upload: Upload, kind: UploadKind, decisions: Decisions) -> dict[str, Any]:
    """The fields of the upload that the decisions fill: the year and the date of publication, if they say them."""
    fields = _year(kind, decisions.year) if decisions.year else {}
    if not decisions.published_on:
        return fields
    where = Where(field="published_on")
    try:
        day = dt.date.fromisoformat(decisions.published_on)
    except ValueError:
        raise Refused.because("NOT_ACCEPTED", "The date of publication must be a real date", where=where) from None
    today = timezone.localdate()
    _refuse(upload_rules.publication_date_problems(kind, day, complete=upload.complete, today=today))
    return {**fields, "published_on": day}


def _year(kind: UploadKind, text: str) -> dict[str, Any]:
    _refuse(upload_rules.year_problems(kind, text, timezone.localdate()))
    return {"financial_year": str(FinancialYear.parse(text))}


def _stated(upload: Upload, kind: UploadKind, decisions: Decisions, fields: dict[str, Any]) -> dict[str, Any]:
    """What the decisions say, as a layout that the reader has checked."""
    upload.financial_year = fields.get("financial_year", upload.financial_year)
    with default_storage.open(upload.stored_name) as file, reading.opened_table(file, upload, kind) as table:
        stated = stated_layout(
            decisions, table, kind, title=upload.filename, publisher=upload.organisation.name, summary=""
        )
    layouts.profile_from(stated, CONFIRMED)
    return stated


def _read_again(upload: Upload, question: LayoutQuestion, note: str, by: Actor, **fields: Any) -> Upload:
    question.decided_by, question.decided_actor, question.decided_at = by.person, by.reference, timezone.now()
    question.save()
    moved = move(
        upload=upload,
        to=UploadState.RECEIVED,
        by=by,
        note=note,
        **fields_to_read_again(),
        **fields,
    )
    tell_worker(moved)
    return moved


def _locked(upload: Upload) -> Upload:
    return Upload.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=upload.pk)


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise Refused(problems)
