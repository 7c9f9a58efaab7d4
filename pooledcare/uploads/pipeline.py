"""What the worker does with an upload: read, check, stage and preview it; once it is accepted, write its rows.

Every step can be repeated from its start. If a worker dies, its lease expires and another worker repeats the step. The
results of a step take effect in one transaction at its end.
"""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Count
from django.utils import timezone

from pooledcare.directory.access import Actor, actor_for
from pooledcare.directory.history import record
from pooledcare.kernel.actions import action
from pooledcare.kernel.problems import Problem, Refused
from pooledcare.uploads import kinds, reading, rules, staging, states
from pooledcare.uploads.asking.recognition import NeedsLayout
from pooledcare.uploads.models import LayoutQuestion, Upload, UploadProblem
from pooledcare.uploads.states import WORKER, Lease, LostLease
from pooledcare.uploads.terms import SENTENCES, WORK_STATES, Severity, UploadState

log = logging.getLogger(__name__)

RETRY_AFTER = timedelta(seconds=10)
MOST_NOTICES = 200
_CHANGED = "The data have changed since the preview was made. Check the new preview, and accept the upload again."


def work(upload_id: int) -> Upload | None:
    """Do the next step of an upload. Does nothing if there is none, or if another worker has the lease."""
    lease = states.take(upload_id)
    if lease is None:
        return None
    if lease.upload.attempts > settings.UPLOAD_MAX_ATTEMPTS:
        _give_up(lease, "The worker stopped before it had finished, several times.")
        return lease.upload
    try:
        with lease.beat():
            _step(lease)
    except LostLease:
        log.info("Another worker has taken over %s", lease.upload.reference)
    except (OperationalError, InterfaceError):
        # The database cannot be reached. The file is probably not at fault; the step is retried when the lease expires.
        log.warning("The database could not be reached during work on %s", lease.upload.reference, exc_info=True)
    except Exception as error:
        _failed(lease, error)
    return lease.upload


def _step(lease: Lease) -> None:
    if lease.upload.state == UploadState.ACCEPTING:
        _accept(lease)
        return
    try:
        if lease.upload.state != UploadState.CHECKED:
            _stage(lease)
        _conclude(lease)
    except NeedsLayout as needs:
        _ask(lease, needs)
    except Refused as refused:
        _refuse(lease, refused.problems)


def _ask(lease: Lease, needs: NeedsLayout) -> None:
    """Keep the question how the file is read. The file waits for the answer."""
    asked = {"asked": needs.asked, "proposal": needs.proposal, "fitting": needs.fitting}
    answers: dict[str, Any] = {
        "decisions": {},
        "stated": {},
        "decided_by": None,
        "decided_actor": "",
        "decided_at": None,
    }
    with transaction.atomic():
        LayoutQuestion.objects.update_or_create(upload=lease.upload, defaults={**asked, **answers})
        lease.move(UploadState.NEEDS_LAYOUT, note=needs.asked.label, attempts=0, **needs.encoding)


# ── Reading and checking ─────────────────────────────────────────────────────────────────────────────────────────────


def _stage(lease: Lease) -> None:
    """Clear what an earlier attempt staged, then read the file and stage its good rows and problems."""
    upload = lease.upload
    kind = kinds.kind(upload.kind)
    if upload.state == UploadState.RECEIVED:
        lease.move(UploadState.READING)
    kind.steps.clear([upload.pk])
    staging.clear_problems(upload)
    if upload.publishes_id is not None:
        _stage_publication(lease)
        return
    checker = kind.steps.checker(upload, actor_for(upload.prepared_actor))
    counted: Counter[str] = Counter()
    notices: Counter[str] = Counter()
    with (
        default_storage.open(upload.stored_name) as file,
        reading.opened(file, upload, kind) as source,
        staging.Writer(kind.steps.table, kind.steps.copied) as writer,
    ):
        lease.keep(**reading.encoding_fields(source.table))
        for piece in source.pieces():
            checked = checker.check(piece)
            writer.put(staging.load_of(upload, piece, checked))
            counted["read"] += piece.rows_read
            counted["staged"] += checked.staged
            counted["refused"] += checked.refused + piece.refused_before
            notices.update(piece.notices)
            notices.update(checked.notices)
            lease.progress(counted["read"], "Reading and checking rows")
    _check_counts(upload, counted)
    if not counted["refused"]:
        staging.save_problems(upload, source.warnings())
    lease.move(
        UploadState.CHECKED,
        profile=source.profile,
        rows_read=counted["read"],
        rows_staged=counted["staged"],
        progress=counted["read"],
        notices=[*source.notices(), *_sentences(notices)][:MOST_NOTICES],
        preview=source.preview_extras(),
    )


def _stage_publication(lease: Lease) -> None:
    """Stage the figures that a publication makes public. They were checked when they were accepted."""
    lease.progress(0, "Collecting the figures")
    with transaction.atomic():
        staged = kinds.kind(lease.upload.kind).steps.stage_publication(lease.upload)
    lease.move(UploadState.CHECKED, rows_read=staged, rows_staged=staged, progress=staged, notices=[], preview={})


def _check_counts(upload: Upload, counted: Counter[str]) -> None:
    """Raise AssertionError unless rows read are rows staged plus rows refused, here and in the database."""
    stored = kinds.kind(upload.kind).steps.staged(upload)
    if counted["read"] != counted["staged"] + counted["refused"] or stored != counted["staged"]:
        raise AssertionError(
            f"INTERNAL_COUNT: {counted['read']} rows read, {counted['staged']} to stage, {stored} staged, "
            f"{counted['refused']} refused."
        )


def _sentences(notices: Counter[str]) -> list[str]:
    return [f"{text} ({count:,} rows)" if count > 1 else f"{text} (1 row)" for text, count in notices.most_common()]


def _conclude(lease: Lease) -> None:
    """After all rows are staged, check the file as a whole, then make the preview."""
    upload = lease.upload
    steps = kinds.kind(upload.kind).steps
    lease.progress(upload.rows_read, "Comparing with the current data")
    with transaction.atomic():
        staging.save_problems(upload, steps.duplicate_rows(upload))
        found = _count_problems(upload)
        if upload.rows_staged and not found["problem_count"]:
            staging.save_problems(upload, steps.current_state_problems(upload))
            found = _count_problems(upload)
        if found["problem_count"]:
            _audit_rights(upload)
            steps.clear([upload.pk])
            lease.move(UploadState.REFUSED, **found)
        elif not upload.rows_staged:
            _refuse(
                lease, [Problem("NO_ROWS", "The selected file has no rows", fix="Add the rows and select it again.")]
            )
        else:
            counts, preview = steps.preview(upload)
            _ready(lease, counts=counts, preview={**upload.preview, **preview}, **found)


def _count_problems(upload: Upload) -> dict[str, Any]:
    rows = UploadProblem.objects.filter(upload=upload).order_by().values_list("severity").annotate(count=Count("pk"))
    found = dict(rows)
    return {"problem_count": found.get(Severity.ERROR, 0), "warning_count": found.get(Severity.WARNING, 0)}


def _ready(lease: Lease, *, note: str = "", **fields: Any) -> None:
    """Move to ready, or to waiting for a second person if one is needed."""
    with transaction.atomic():
        lease.move(UploadState.READY, note=note, attempts=0, **fields)
        if not rules.is_waived(lease.upload, kinds.kind(lease.upload.kind)):
            states.move(upload=lease.upload, to=UploadState.AWAITING_SECOND_PERSON, by=WORKER)


def _refuse(lease: Lease, problems: list[Problem]) -> None:
    """Refuse the file as a whole."""
    upload = lease.upload
    staging.save_problems(upload, problems)
    kinds.kind(upload.kind).steps.clear([upload.pk])
    lease.move(UploadState.REFUSED, **_count_problems(upload))


def _audit_rights(upload: Upload) -> None:
    """Record in the audit trail if rows were about organisations for which the sender may not submit."""
    count = UploadProblem.objects.filter(upload=upload, code="NOT_PERMITTED").count()
    if count:
        record(
            by=WORKER,
            action="upload.not_permitted",
            subject=f"upload:{upload.reference}",
            sentence=f"{upload.reference} had {count:,} rows of organisations for which its sender may not submit.",
            organisation=upload.organisation.code,
        )


# ── Accepting ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _accept(lease: Lease) -> None:
    upload = lease.upload
    accepter = actor_for(upload.accepted_actor)
    lease.progress(0, "Writing what was accepted")
    try:
        _apply(lease=lease, by=accepter)
    except Refused as refused:
        # A constraint was broken although the checks passed: another change came first. Make a new preview.
        _preview_again(lease, " ".join(problem.message for problem in refused.problems))
    except _PreviewIsOld:
        _preview_again(lease, _CHANGED)


def _preview_again(lease: Lease, note: str) -> None:
    """The data have changed since the preview: make a new one, and wait for a person to accept it again."""
    upload = lease.upload
    upload.refresh_from_db()
    steps = kinds.kind(upload.kind).steps
    with transaction.atomic():
        found = [problem for problem in steps.current_state_problems(upload) if problem.is_error]
        if found:
            _refuse(lease, found)
            return
        counts, preview = steps.preview(upload)
        notices = [note, *upload.notices][:MOST_NOTICES]
        _send_back(lease, note, counts=counts, preview={**upload.preview, **preview}, notices=notices)


@action(SENTENCES)
def _apply(*, lease: Lease, by: Actor) -> None:
    """Write all rows, or none. Everything that the preview relied on is checked again under the lock."""
    upload = lease.upload
    kind = kinds.kind(upload.kind)
    kind.steps.lock(upload)
    missing_right = rules.accepter_problems(upload=upload, kind=kind, by=by)
    if missing_right:
        _send_back(lease, missing_right[0].message)
        return
    stale = kind.steps.outdated_references(upload, actor_for(upload.prepared_actor))
    if stale:
        _refuse(lease, stale)
        return
    if kind.steps.staged(upload) != upload.rows_staged:
        raise AssertionError(f"INTERNAL_COUNT: not all {upload.rows_staged} rows of {upload.reference} are staged.")
    before = dict(upload.counts)
    counts = kind.steps.accept(upload)
    if counts != before:
        raise _PreviewIsOld
    _check_constraints_now()
    lease.check()
    lease.move(UploadState.ACCEPTED, by=by, accepted_at=timezone.now(), progress=upload.rows_staged)
    if upload.publishes_id is not None:
        _record_publication(upload, by)
    kind.steps.announce(upload, "accepted" if upload.publishes_id is None else "published", counts)


def _record_publication(upload: Upload, by: Actor) -> None:
    figures = "1 figure" if upload.rows_staged == 1 else f"{upload.rows_staged:,} figures"
    record(
        by=by,
        action="upload.published",
        subject=f"upload:{upload.reference}",
        sentence=f"{upload.reference} made {figures} of UP-{upload.publishes_id} public.",
        organisation=upload.organisation.code,
    )


def _check_constraints_now() -> None:
    """Check the deferred constraints of the new rows before the upload's row and the change feed are locked.

    With many rows that takes a while, and others would have to wait for the locks.
    """
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")


class _PreviewIsOld(Exception):
    """Accepting would not do what the preview says. Raised to roll the transaction back."""


def _send_back(lease: Lease, note: str, **fields: Any) -> None:
    """Undo the acceptance: the upload waits for a person to accept it again."""
    _ready(lease, note=note, accepted_by=None, accepted_actor="", second_person_waived=False, **fields)


# ── Failures ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _failed(lease: Lease, error: Exception) -> None:
    """Handle a fault of ours: retry a few times, then mark the upload as failed, with a reference to the log."""
    reference = uuid.uuid4().hex[:8]
    log.exception("Work on %s failed (%s)", lease.upload.reference, reference)
    counted_wrong = "INTERNAL_COUNT" in str(error)
    if counted_wrong or lease.upload.attempts >= settings.UPLOAD_MAX_ATTEMPTS:
        _give_up(lease, f"{'INTERNAL_COUNT' if counted_wrong else type(error).__name__} (reference {reference})")
    else:
        lease.release(retry_in=RETRY_AFTER)


def _give_up(lease: Lease, failure: str) -> None:
    try:
        lease.upload.refresh_from_db()
        lease.move(UploadState.FAILED, failure=failure)
    except (LostLease, Refused):
        log.info("Another worker has taken over %s", lease.upload.reference)


# ── Afterwards ───────────────────────────────────────────────────────────────────────────────────────────────────────


def tidy() -> int:
    """Delete staged rows that are no longer needed. Returns how many uploads had any."""
    needed = [*WORK_STATES, UploadState.READY, UploadState.AWAITING_SECOND_PERSON]
    cleared = 0
    for kind in kinds.kinds():
        found = kind.steps.left_over(needed)
        kind.steps.clear(found)
        cleared += len(found)
    return cleared
