"""Background work on uploads. A message has only an upload's id, so lost or repeated messages do no harm."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from pooledcare.uploads import kept_files, pipeline, states

log = logging.getLogger(__name__)


@shared_task(acks_late=True, reject_on_worker_lost=True)
def work_upload(upload_id: int) -> None:
    """Do the next step of an upload, if there is one and no other worker is doing it."""
    pipeline.work(upload_id)


@shared_task(expires=30)
def sweep_uploads() -> int:
    """Send messages again for uploads whose message was lost or whose worker died. Late sweeps are skipped."""
    found = states.due(timezone.now())
    for upload_id in found:
        log.info("UP-%s is sent again", upload_id)
        work_upload.delay(upload_id)
    return len(found)


@shared_task(expires=300)
def tidy_staging() -> int:
    """Delete staged rows that are no longer needed, and files that were kept for a day."""
    kept_files.delete_old_files()
    return pipeline.tidy()
