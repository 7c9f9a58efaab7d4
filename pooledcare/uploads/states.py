"""Changing the state of an upload, and the lease by which only one worker processes it at a time.

Each change writes the state, a row of history and a line of the audit trail together. A worker must give its lease
token: the change fails if another worker has taken over, so that a slow worker cannot do damage.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from pooledcare.directory.access import Actor, system_actor
from pooledcare.directory.history import record
from pooledcare.kernel.problems import Refused
from pooledcare.uploads.models import Upload, UploadStatus
from pooledcare.uploads.terms import FOLLOWS, WORK_STATES, UploadState

log = logging.getLogger(__name__)

WORKER = system_actor("upload-worker")
HEARTBEAT = settings.UPLOAD_HEARTBEAT


class LostLease(Exception):
    """Another worker has taken over this upload."""


def move(
    *, upload: Upload, to: UploadState, by: Actor, note: str = "", token: uuid.UUID | None = None, **fields: Any
) -> Upload:
    """Change the state, and add a row of history and a line of the audit trail.

    Raises Refused if the state cannot follow the current one or has changed meanwhile. With a `token`, raises LostLease
    if the upload no longer has that lease.
    """
    if to not in FOLLOWS[upload.state]:
        raise Refused.because("WRONG_STATE", f"{upload.reference} is {upload.get_state_display().lower()}.")
    now = timezone.now()
    held = Q(pk=upload.pk, state=upload.state)
    if token is not None:
        held &= Q(lease_token=token)
    if to not in WORK_STATES:
        fields |= {"lease_token": None, "lease_until": None, "progress_text": ""}
    with transaction.atomic():
        moved = Upload.objects.filter(held).update(state=to, state_at=now, version=F("version") + 1, **fields)
        if not moved:
            if token is not None:
                raise LostLease(upload.reference)
            raise Refused.because(
                "CHANGED_MEANWHILE", f"Somebody else has just changed {upload.reference}. Look again."
            )
        UploadStatus.objects.create(upload=upload, state=to, at=now, actor=by.reference, note=note)
        record(
            by=by,
            action=f"upload.{to}",
            subject=f"upload:{upload.reference}",
            sentence=f"{upload.reference} ({upload.kind}): {UploadState(to).label.lower()}.",
            organisation=upload.organisation.code,
        )
    upload.refresh_from_db()
    return upload


def locked_version(upload: Upload) -> int:
    """The version of the upload, whose row is locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select version from uploads_upload where id = %s for update", [upload.pk])
        (version,) = cursor.fetchone()
    return int(version)


def fields_to_read_again() -> dict[str, Any]:
    """The fields of an upload whose file is read again from the start, for `move` to `RECEIVED`."""
    return {
        "rows_read": 0,
        "rows_staged": 0,
        "problem_count": 0,
        "warning_count": 0,
        "counts": {},
        "preview": {},
        "notices": [],
        "attempts": 0,
        "progress": 0,
        "lease_token": None,
        "lease_until": timezone.now() + settings.UPLOAD_LEASE,
    }


class Lease:
    """The right of one worker to process one upload, until it expires. `beat` renews it during long statements."""

    def __init__(self, upload: Upload, token: uuid.UUID) -> None:
        self.upload = upload
        self.token = token
        self.lost = False
        self._rows, self._text = upload.progress, upload.progress_text
        self._wake = threading.Event()
        self._stop = False

    def move(self, to: UploadState, *, by: Actor = WORKER, note: str = "", **fields: Any) -> None:
        move(upload=self.upload, to=to, by=by, note=note, token=self.token, **fields)

    def keep(self, **fields: Any) -> None:
        """Store what the worker has found out, without a change of state. Raises LostLease if the lease is lost."""
        if not Upload.objects.filter(pk=self.upload.pk, lease_token=self.token).update(**fields):
            raise LostLease(self.upload.reference)
        for name, value in fields.items():
            setattr(self.upload, name, value)

    def check(self) -> None:
        if self.lost:
            raise LostLease(self.upload.reference)

    def progress(self, rows: int, text: str) -> None:
        """Set the progress that people see. The thread of `beat` writes it, outside any open transaction."""
        self.check()
        self._rows, self._text = rows, text
        self._wake.set()

    @contextmanager
    def beat(self) -> Iterator[None]:
        """Renew the lease from a thread with its own database connection. Does nothing inside a transaction, because
        another connection could not see it."""
        if connection.in_atomic_block:
            yield
            return
        self._thread = threading.Thread(target=self._beat, name=f"lease-{self.upload.pk}", daemon=True)
        self._thread.start()
        try:
            yield
        finally:
            self._stop = True
            self._wake.set()
            self._thread.join()

    def _beat(self) -> None:
        try:
            while not self._stop:
                self._wake.wait(HEARTBEAT.total_seconds())
                self._wake.clear()
                if not self._stop:
                    self._extend()
        finally:
            connection.close()

    def _extend(self) -> None:
        try:
            kept = Upload.objects.filter(pk=self.upload.pk, lease_token=self.token).update(
                lease_until=timezone.now() + settings.UPLOAD_LEASE, progress=self._rows, progress_text=self._text
            )
        except DatabaseError:
            # The database cannot be reached. If the lease expires, the next change of state fails.
            log.warning("The lease on %s could not be extended", self.upload.reference, exc_info=True)
            connection.close()
            return
        if not kept:
            self.lost = True

    def release(self, *, retry_in: timedelta) -> None:
        """Give up the lease, so that `sweep_uploads` sends the upload to a worker again after `retry_in`."""
        Upload.objects.filter(pk=self.upload.pk, lease_token=self.token).update(
            lease_token=None, lease_until=timezone.now() + retry_in
        )


def take(upload_id: int) -> Lease | None:
    """Take the lease of an upload. None if it needs no work, or if another worker has a valid lease."""
    now = timezone.now()
    token = uuid.uuid4()
    free = Q(lease_token=None) | Q(lease_until=None) | Q(lease_until__lt=now)
    with transaction.atomic():
        taken = Upload.objects.filter(free, pk=upload_id, state__in=WORK_STATES).update(
            lease_token=token, lease_until=now + settings.UPLOAD_LEASE, attempts=F("attempts") + 1
        )
    if not taken:
        return None
    return Lease(Upload.objects.select_related("organisation").get(pk=upload_id), token)


def due(now: Any) -> list[int]:
    """The ids of uploads whose message was lost or whose worker died.

    Marks them as sent, so that the next sweep does not send them again at once.
    """
    waiting = Upload.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), state__in=WORK_STATES)
    with transaction.atomic():
        found = list(
            waiting.select_for_update(skip_locked=True, of=("self",)).order_by("pk").values_list("pk", flat=True)
        )
        Upload.objects.filter(pk__in=found).update(lease_token=None, lease_until=now + settings.UPLOAD_LEASE)
    return found
