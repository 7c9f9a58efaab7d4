"""The worker's part: read, check, stage, preview; and, once a person has said yes, write the rows.

Every step can be taken again from its start: a worker that dies leaves a lease that runs out, and the next one begins
the step anew. What a step leaves behind is decided in one transaction at its end.
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
from pooledcare.uploads.models import Upload, UploadProblem
from pooledcare.uploads.states import WORKER, Lease, LostLease
from pooledcare.uploads.terms import SENTENCES, WORK_STATES, Severity, UploadState

log = logging.getLogger(__name__)

RETRY_AFTER = timedelta(seconds=10)
MOST_NOTICES = 200
_CHANGED = "What stands has changed since the preview was made. A new preview was made, to be accepted again."


def work(upload_id: int) -> Upload | None:
    """Do what the upload waits for. Harmless when it waits for nothing, or when another worker holds it."""
    lease = states.take(upload_id)
    if lease is None:
        return None
    if lease.upload.attempts > settings.UPLOAD_MAX_ATTEMPTS:
        _give_up(lease, "The worker stopped in the middle, again and again.")
        return lease.upload
    try:
        with lease.beat():
            _step(lease)
    except LostLease:
        log.info("Another worker has taken over %s", lease.upload.reference)
    except (OperationalError, InterfaceError):
        # The database went away: nothing is known to be wrong with the file, and the lease runs out by itself.
        log.warning("The database went away while %s was worked on", lease.upload.reference, exc_info=True)
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
    except Refused as refused:
        _refuse(lease, refused.problems)


# ── Reading and checking ─────────────────────────────────────────────────────────────────────────────────────────────


def _stage(lease: Lease) -> None:
    """Read the file once, staging good rows and problems piece by piece; start clean if it was begun before."""
    upload = lease.upload
    kind = kinds.kind(upload.kind)
    if upload.state == UploadState.RECEIVED:
        lease.move(UploadState.READING)
    kind.steps.clear([upload.pk])
    staging.clear_problems(upload)
    checker = kind.steps.checker(upload, actor_for(upload.prepared_actor))
    counted: Counter[str] = Counter()
    notices: Counter[str] = Counter()
    with (
        default_storage.open(upload.stored_name) as file,
        reading.opened(file, upload, kind) as source,
        staging.Writer(kind.steps.table, kind.steps.copied) as writer,
    ):
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
        preview=source.asides(),
    )


def _check_counts(upload: Upload, counted: Counter[str]) -> None:
    """Rows read are rows staged and rows refused, in the database as here; anything else is our fault, and stops us."""
    stored = kinds.kind(upload.kind).steps.staged(upload)
    if counted["read"] != counted["staged"] + counted["refused"] or stored != counted["staged"]:
        raise AssertionError(
            f"INTERNAL_COUNT: {counted['read']} rows read, {counted['staged']} to stage, {stored} staged, "
            f"{counted['refused']} refused."
        )


def _sentences(notices: Counter[str]) -> list[str]:
    return [f"{text} ({count:,} rows)" if count > 1 else f"{text} (1 row)" for text, count in notices.most_common()]


def _conclude(lease: Lease) -> None:
    """All rows are staged: judge the file as a whole, then show what it would change."""
    upload = lease.upload
    steps = kinds.kind(upload.kind).steps
    lease.progress(upload.rows_read, "Comparing with what stands")
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
    """Ready; and, where a second person is needed, waiting for that person."""
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
    """Somebody tried to submit rows of a body that is not theirs: the trail says so."""
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
        # The database refused what the checks had let pass: somebody was faster. The preview is made again.
        _preview_again(lease, " ".join(problem.message for problem in refused.problems))
    except _PreviewIsOld:
        _preview_again(lease, _CHANGED)


def _preview_again(lease: Lease, note: str) -> None:
    """Something else stands now than at the preview: show what accepting would do today, and ask again."""
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
    """All or nothing, once: whatever was true at the preview is looked at again under the lock."""
    upload = lease.upload
    kind = kinds.kind(upload.kind)
    kind.steps.lock(upload)
    missing_right = rules.accepting_problems(upload=upload, kind=kind, by=by)
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
    _judge_now()
    lease.check()
    lease.move(UploadState.ACCEPTED, by=by, accepted_at=timezone.now(), progress=upload.rows_staged)
    kind.steps.announce(upload, "accepted", counts)


def _judge_now() -> None:
    """Let the database check every reference of the new rows before this upload's row and the change feed are locked:
    for many rows that takes a while, in which others would have to wait."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")


class _PreviewIsOld(Exception):
    """Accepting would do something else than the preview says; the transaction is undone."""


def _send_back(lease: Lease, note: str, **fields: Any) -> None:
    """Not accepted after all: it waits for a person again."""
    _ready(lease, note=note, accepted_by=None, accepted_actor="", second_person_waived=False, **fields)


# ── When it goes wrong ───────────────────────────────────────────────────────────────────────────────────────────────


def _failed(lease: Lease, error: Exception) -> None:
    """Ours, not the file's. Tried again a few times, then given up with a reference."""
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
    """Forget the staged rows of uploads that need them no more."""
    needed = [*WORK_STATES, UploadState.READY, UploadState.AWAITING_SECOND_PERSON]
    cleared = 0
    for kind in kinds.kinds():
        found = kind.steps.left_over(needed)
        kind.steps.clear(found)
        cleared += len(found)
    return cleared
