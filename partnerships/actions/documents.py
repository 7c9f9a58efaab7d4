"""Documents of an agreement: added after checks of type and viruses, retitled, and removed permanently."""

from __future__ import annotations

import logging
from typing import BinaryIO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from partnerships.changing.agreement import expect_version, finish_change, lock_agreement, refuse, require_organisation
from partnerships.documents.file_types import paper_type
from partnerships.documents.virus_scan import ScannerAway, is_infected
from partnerships.models import Agreement, Deed, Document
from partnerships.queries.agreements.reach import organisations_with_permission
from partnerships.queries.agreements.summaries import successors_by_organisation
from partnerships.records import DOCUMENT
from partnerships.rules.agreements.recording import deed_problems
from partnerships.terms import SENTENCES, ScanState
from pooledcare.directory.access import Actor, Permission
from pooledcare.directory.models import Organisation
from pooledcare.kernel.actions import action
from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.kernel.records import cleaned, value_problems
from pooledcare.kernel.tabular import display_name
from pooledcare.uploads.receiving import fingerprint, stored

log = logging.getLogger(__name__)

_PREPARE = Permission.PREPARE_AGREEMENTS
_FILE = Where(field="file")


@action(SENTENCES)
def add_document(
    *,
    agreement: Agreement,
    file: BinaryIO | File[bytes],
    filename: str,
    kind: str,
    title: str,
    is_exempt: bool = True,
    deed: Deed | None = None,
    organisation: Organisation | None = None,
    by: Actor,
) -> Document:
    """Store a document.

    It is checked and scanned before the agreement is locked, so that others do not have to wait.
    """
    require_organisation(agreement, permission=_PREPARE, by=by, organisation=organisation)
    given = {"kind": kind, "title": title, "is_exempt": is_exempt}
    refuse([*value_problems(given, DOCUMENT), *deed_problems(agreement.pk, deed)])
    sha256, size = fingerprint(file)
    refuse(_size_problems(size))
    found = paper_type(file, filename)
    scan = _scanned(file)
    agreement = lock_agreement(agreement)
    acting = require_organisation(agreement, permission=_PREPARE, by=by, organisation=organisation)
    if Document.objects.filter(agreement=agreement, sha256=sha256, removed_at=None).exists():
        raise Refused.because("DUPLICATE_FILE", "This file has already been added to the agreement", where=_FILE)
    with stored(file) as stored_name:
        made = Document.objects.create(
            agreement=agreement,
            deed=deed,
            filename=display_name(filename),
            stored_name=stored_name,
            content_type=found.content_type,
            size=size,
            sha256=sha256,
            scan=scan,
            organisation=acting,
            actor=by.reference,
            **cleaned(given, DOCUMENT),
        )
        sentence = f"{agreement.reference}: document {made.pk} added."
        finish_change(agreement, by=by, action="document.added", sentence=sentence, organisation=acting)
    return made


def _size_problems(size: int) -> list[Problem]:
    if size == 0:
        return [Problem("EMPTY_FILE", "The selected file is empty", _FILE)]
    if size >= settings.DOCUMENT_MAX_BYTES:
        most = settings.DOCUMENT_MAX_BYTES // (1024 * 1024)
        fix = "Save it with smaller pictures, or split it."
        return [Problem("FILE_TOO_LARGE", f"The selected file must be smaller than {most}MB", _FILE, fix=fix)]
    return []


def _scanned(file: BinaryIO | File[bytes]) -> ScanState:
    """Scan the file. If a scanner is configured, raises `Refused` unless the file was scanned and found clean."""
    if not settings.CLAMD_ADDRESS:
        return ScanState.NOT_SCANNED
    try:
        infected = is_infected(file, settings.CLAMD_ADDRESS)
    except ScannerAway as error:
        log.exception("The scanner did not answer")
        fix = "The file has not been saved. Try again later; the people who run the service have been told."
        message = "The file could not be checked for viruses"
        raise Refused.because("SCANNER_AWAY", message, where=_FILE, fix=fix) from error
    if infected:
        fix = "The file has not been saved. Tell your IT support."
        raise Refused.because("INFECTED", "The selected file contains a virus", where=_FILE, fix=fix)
    return ScanState.CLEAN


@action(SENTENCES)
def change_document(
    *, document: Document, title: str, is_exempt: bool, version: int | None = None, by: Actor
) -> Document:
    """Change the title, or whether the document is exempt: closed to the public even if the agreement is published."""
    found, acting = _own(document, by)
    expect_version(found, version)
    given = {"title": title, "is_exempt": is_exempt}
    refuse(value_problems(given, DOCUMENT))
    for name, value in cleaned(given, DOCUMENT).items():
        setattr(found, name, value)
    found.version += 1
    found.save()
    what = "exempt" if is_exempt else "not exempt"
    sentence = f"{found.agreement.reference}: document {found.pk} changed, {what}."
    finish_change(found.agreement, by=by, action="document.changed", sentence=sentence, organisation=acting)
    return found


@action(SENTENCES)
def remove_document(*, document: Document, by: Actor) -> Document:
    """Delete the file permanently. The row stays, as a record that there was a document."""
    found, acting = _own(document, by)
    found.removed_at = timezone.now()
    found.version += 1
    found.save()
    transaction.on_commit(lambda: default_storage.delete(found.stored_name))
    sentence = f"{found.agreement.reference}: document {found.pk} removed."
    finish_change(found.agreement, by=by, action="document.removed", sentence=sentence, organisation=acting)
    return found


def _own(document: Document, by: Actor) -> tuple[Document, Organisation]:
    """The document under its agreement's lock, and the organisation for which `by` acts.

    Raises `Refused` unless that is the organisation that added the document or its successor: other partners may read
    an exempt document, but must not publish or remove it.
    """
    agreement = lock_agreement(document.agreement)
    require_organisation(agreement, permission=_PREPARE, by=by)
    found = Document.objects.filter(agreement=agreement, pk=document.pk, removed_at=None).first()
    if found is None:
        raise Refused.because("NOT_THERE", "This document no longer exists", fix="Somebody may have removed it.")
    found.agreement = agreement
    if by.is_system:
        return found, found.organisation
    owners = {found.organisation_id} | successors_by_organisation().get(found.organisation_id, set())
    able = [
        each for each in organisations_with_permission(agreement, actor=by, permission=_PREPARE) if each.pk in owners
    ]
    if not able:
        message = f"This document was added by {found.organisation.name}, and only its members may change it"
        raise Refused.because("NOT_YOURS", message, fix="Ask them.")
    return found, able[0]
