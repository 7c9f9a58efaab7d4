"""The actions of people on uploads: receive, accept, abandon, reverse, retry. The worker reads and writes the rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import BinaryIO

from django.conf import settings
from django.core.files import File
from django.utils import timezone

from pooledcare.directory.access import Actor
from pooledcare.directory.history import record
from pooledcare.directory.models import Organisation
from pooledcare.kernel.actions import action
from pooledcare.kernel.days import written
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.kernel.tabular import OLD_ENCODINGS, display_name
from pooledcare.uploads import kinds, profiles, receiving, rules
from pooledcare.uploads.models import Upload, UploadStatus
from pooledcare.uploads.queueing import tell_worker
from pooledcare.uploads.saved_layouts import queries as saved_layouts
from pooledcare.uploads.states import fields_to_read_again, move
from pooledcare.uploads.terms import OPEN_STATES, SENTENCES, Channel, UploadState

_OPEN_OR_ACCEPTED = [*OPEN_STATES, UploadState.ACCEPTED]


@action(SENTENCES)
def receive_upload(
    *,
    organisation: Organisation,
    kind: str,
    file: BinaryIO | File[bytes],
    filename: str,
    profile: str = "",
    layout: str = "",
    complete: bool = False,
    published_on: dt.date | None = None,
    encoding: str = "",
    financial_year: str = "",
    channel: str,
    by: Actor,
) -> Upload:
    """Store the file and queue the upload. Refused if an upload of the same bytes is still open or accepted.

    `profile` is a built-in layout and `layout` the reference of a saved one, if the sender states by which it is read.
    `encoding` is one of `OLD_ENCODINGS` if the sender states it; otherwise it is recognised when the file is read.
    `financial_year` is the year of the figures as the sender states it, for files that do not say it.
    """
    declared = kinds.kind(kind)
    waiting = _open_uploads(organisation)
    today = timezone.localdate()
    _refuse(
        rules.preparing_problems(
            organisation=organisation,
            kind=declared,
            published_on=published_on,
            complete=complete,
            financial_year=financial_year,
            open_uploads=waiting,
            by=by,
            today=today,
        )
    )
    if profile and not profiles.exists(kind, profile, among_ours=channel == Channel.REFERENCE):
        raise Refused.because("UNKNOWN_PROFILE", f"There is no layout called “{profile}”", value=profile)
    if layout:
        profile = _saved_layout(organisation, kind, layout)
    _refuse(_unknown_encoding(encoding, tuple(OLD_ENCODINGS)) if encoding else [])
    sha256, size = receiving.fingerprint(file)
    _refuse(_file_problems(organisation, kind, sha256, size))
    with receiving.stored(file) as stored_name:
        upload = Upload.objects.create(
            organisation=organisation,
            kind=kind,
            profile=profile,
            channel=Channel(channel),
            complete=complete,
            published_on=published_on,
            financial_year=str(FinancialYear.parse(financial_year)) if financial_year else "",
            filename=display_name(filename),
            stored_name=stored_name,
            size=size,
            sha256=sha256,
            encoding=encoding,
            encoding_chosen_by=by.person if encoding else None,
            encoding_chosen_actor=by.reference if encoding else "",
            prepared_by=by.person,
            prepared_actor=by.reference,
            lease_until=timezone.now() + settings.UPLOAD_LEASE,
        )
        UploadStatus.objects.create(upload=upload, state=upload.state, actor=by.reference)
        record(
            by=by,
            action="upload.received",
            subject=f"upload:{upload.reference}",
            sentence=f"{upload.reference} ({kind}): received{_to_be_read_as(encoding)}.",
            organisation=organisation.code,
        )
    tell_worker(upload)
    return upload


def _file_problems(organisation: Organisation, kind: str, sha256: str, size: int) -> list[Problem]:
    if size == 0:
        return [Problem("EMPTY_FILE", "The selected file is empty", fix="Select a file that has rows in it.")]
    if size >= settings.UPLOAD_MAX_BYTES:
        most = settings.UPLOAD_MAX_BYTES // (1024 * 1024)
        return [Problem("FILE_TOO_LARGE", f"The selected file must be smaller than {most}MB", fix="Split the file.")]
    same_file = Upload.objects.filter(organisation=organisation, kind=kind, sha256=sha256, publishes=None)
    earlier = same_file.filter(state__in=_OPEN_OR_ACCEPTED).first()
    if earlier is not None:
        day = written(timezone.localdate(earlier.prepared_at))
        message = f"The same file was already uploaded on {day} as {earlier.reference}"
        fix = f"Use {earlier.reference}, or abandon or reverse it first."
        return [Problem("DUPLICATE_FILE", message, value=earlier.reference, fix=fix)]
    return []


def _saved_layout(organisation: Organisation, kind: str, reference: str) -> str:
    """The key of the newest version of a saved layout. Raises `Refused` if the organisation cannot use it."""
    for version in saved_layouts.usable_by(organisation.pk, kind):
        if version.layout.reference == reference:
            return version.key
    message = f"There is no saved layout {reference} that reads files of this kind for {organisation.name}"
    raise Refused.because("UNKNOWN_LAYOUT", message, where=Where(field="layout"), value=reference)


def _open_uploads(organisation: Organisation) -> int:
    return Upload.objects.filter(organisation=organisation, state__in=OPEN_STATES).count()


def _unknown_encoding(encoding: str, possible: Sequence[str]) -> list[Problem]:
    if encoding in possible:
        return []
    fix = f"Choose one of {', '.join(possible)}."
    return [Problem("UNKNOWN_ENCODING", "The file cannot be read in this encoding", value=encoding, fix=fix)]


def _to_be_read_as(encoding: str) -> str:
    return f", to be read as {OLD_ENCODINGS[encoding]}" if encoding else ""


@action(SENTENCES)
def choose_encoding(*, upload: Upload, encoding: str, by: Actor) -> Upload:
    """Read the file again in one of the encodings that are possible for it."""
    upload = _locked(upload)
    kind, waiting = kinds.kind(upload.kind), _open_uploads(upload.organisation)
    _refuse(rules.encoding_problems(upload=upload, kind=kind, open_uploads=waiting, by=by))
    if not encoding:
        raise Refused.because("REQUIRED", "Select how the text should be read")
    _refuse(_unknown_encoding(encoding, upload.encoding_choice["possible"]))
    moved = move(
        upload=upload,
        to=UploadState.RECEIVED,
        by=by,
        note=f"To be read as {OLD_ENCODINGS[encoding]}",
        encoding=encoding,
        encoding_chosen_by=by.person,
        encoding_chosen_actor=by.reference,
        **fields_to_read_again(),
    )
    record(
        by=by,
        action="upload.encoding_chosen",
        subject=f"upload:{moved.reference}",
        sentence=f"{moved.reference} ({moved.kind}){_to_be_read_as(encoding)}.",
        organisation=moved.organisation.code,
    )
    tell_worker(moved)
    return moved


@action(SENTENCES)
def accept_upload(*, upload: Upload, by: Actor, version: int | None = None) -> Upload:
    """Accept an upload; the worker then writes the rows. A second call by the same actor has no further effect.

    `version` is that of the upload as the actor saw it, if it is known. Refused if the upload has another by now.
    """
    upload = _locked(upload)
    kind = kinds.kind(upload.kind)
    _refuse(rules.accepter_problems(upload=upload, kind=kind, by=by))
    if upload.state in (UploadState.ACCEPTING, UploadState.ACCEPTED) and upload.accepted_actor == by.reference:
        return upload
    _refuse(rules.accept_state_problems(upload) or rules.version_problems(upload, version))
    moved = move(
        upload=upload,
        to=UploadState.ACCEPTING,
        by=by,
        accepted_by=by.person,
        accepted_actor=by.reference,
        second_person_waived=rules.is_waived(upload, kind),
        attempts=0,
        progress=0,
        lease_token=None,
        lease_until=timezone.now() + settings.UPLOAD_LEASE,
    )
    tell_worker(moved)
    return moved


@action(SENTENCES)
def abandon_upload(*, upload: Upload, by: Actor) -> Upload:
    """Set an upload aside before it changes anything."""
    upload = _locked(upload)
    _refuse(rules.abandoning_problems(upload=upload, kind=kinds.kind(upload.kind), by=by))
    return move(upload=upload, to=UploadState.ABANDONED, by=by)


@action(SENTENCES)
def retry_upload(*, upload: Upload, by: Actor) -> Upload:
    """Process an upload again from the start, after it failed because of a fault of ours."""
    upload = _locked(upload)
    _refuse(rules.retrying_problems(upload=upload, kind=kinds.kind(upload.kind), by=by))
    moved = move(
        upload=upload,
        to=UploadState.RECEIVED,
        by=by,
        attempts=0,
        failure="",
        accepted_by=None,
        accepted_actor="",
        second_person_waived=False,
        lease_token=None,
        lease_until=timezone.now() + settings.UPLOAD_LEASE,
    )
    tell_worker(moved)
    return moved


@action(SENTENCES)
def reverse_upload(*, upload: Upload, by: Actor, reason: str) -> Upload:
    """Restore the previous values. Refused if later changes depend on this upload."""
    upload = _locked(upload)
    kind = kinds.kind(upload.kind)
    _refuse(rules.reversing_problems(upload=upload, kind=kind, by=by, reason=reason))
    kind.steps.lock(upload)
    _refuse(kinds.reversal_problems(upload))
    counts = kind.steps.reverse(upload, by)
    moved = move(upload=upload, to=UploadState.REVERSED, by=by, note=reason.strip(), reversed_at=timezone.now())
    kind.steps.announce(moved, "reversed", counts)
    return moved


@action(SENTENCES)
def publish_upload(
    *, upload: Upload, published_on: dt.date, parts: Sequence[str] | None = None, channel: str, by: Actor
) -> Upload:
    """Prepare the publication of accepted figures, which a second person accepts like any upload.

    `parts` are keys of `UnpublishedPart`; without it, all unpublished figures of the upload. Returns the publication: a
    new upload. The same request again returns the same one while it is open.
    """
    upload = _locked(upload)
    kind = kinds.kind(upload.kind)
    waiting = _open_uploads(upload.organisation)
    again = Upload.objects.filter(publishes=upload, state__in=OPEN_STATES).select_related("organisation").first()
    _refuse(rules.publishing_problems(upload=upload, kind=kind, open_uploads=waiting, by=by))
    offered = kind.steps.unpublished(upload)
    chosen = [part for part in offered if parts is None or part.key in parts]
    keys = [part.key for part in chosen]
    if again is not None:
        if (again.published_on, again.published_parts, again.prepared_actor) == (published_on, keys, by.reference):
            return again
        message = f"{again.reference} already publishes figures of {upload.reference}, and is not decided on yet"
        fix = f"Accept or abandon {again.reference} first."
        raise Refused.because("PUBLICATION_OPEN", message, value=again.reference, fix=fix)
    today = timezone.localdate()
    wanted = keys if parts is None else list(parts)
    _refuse(
        rules.publication_problems(upload=upload, offered=offered, parts=wanted, published_on=published_on, today=today)
    )
    publication = Upload.objects.create(
        organisation=upload.organisation,
        kind=upload.kind,
        publishes=upload,
        published_parts=keys,
        published_on=published_on,
        channel=Channel(channel),
        profile=upload.profile,
        filename=upload.filename,
        stored_name=upload.stored_name,
        size=upload.size,
        sha256=upload.sha256,
        encoding=upload.encoding,
        prepared_by=by.person,
        prepared_actor=by.reference,
        lease_until=timezone.now() + settings.UPLOAD_LEASE,
    )
    UploadStatus.objects.create(upload=publication, state=publication.state, actor=by.reference)
    count = sum(part.count for part in chosen)
    figures = "1 figure" if count == 1 else f"{count:,} figures"
    record(
        by=by,
        action="upload.publication_prepared",
        subject=f"upload:{publication.reference}",
        sentence=f"{publication.reference} prepares the publication of {figures} of {upload.reference}, dated "
        f"{written(published_on)}.",
        organisation=upload.organisation.code,
    )
    tell_worker(publication)
    return publication


@action(SENTENCES)
def date_upload(*, upload: Upload, published_on: dt.date, by: Actor) -> Upload:
    """Give a date of publication to an upload that was refused because it replaces published figures without one.

    The file is then read again.
    """
    upload = _locked(upload)
    lacks_date = upload.problems.filter(code=rules.NEEDS_DATE).exists()
    _refuse(
        rules.dating_problems(
            upload=upload,
            kind=kinds.kind(upload.kind),
            lacks_date=lacks_date,
            published_on=published_on,
            open_uploads=_open_uploads(upload.organisation),
            by=by,
            today=timezone.localdate(),
        )
        or _file_problems(upload.organisation, upload.kind, upload.sha256, upload.size)
    )
    note = f"Published on {written(published_on)}"
    moved = move(
        upload=upload, to=UploadState.RECEIVED, by=by, note=note, published_on=published_on, **fields_to_read_again()
    )
    record(
        by=by,
        action="upload.dated",
        subject=f"upload:{moved.reference}",
        sentence=f"{moved.reference} ({moved.kind}) was given the publication date {written(published_on)}.",
        organisation=moved.organisation.code,
    )
    tell_worker(moved)
    return moved


def _locked(upload: Upload) -> Upload:
    return Upload.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=upload.pk)


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise Refused(problems)
