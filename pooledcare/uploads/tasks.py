"""Background work on uploads. A message carries only an upload's id: lost or doubled messages do no harm."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from pooledcare.uploads import pipeline, states

log = logging.getLogger(__name__)


@shared_task(acks_late=True, reject_on_worker_lost=True)
def work_upload(upload_id: int) -> None:
    """Take the upload one step further, if it waits for that and nobody else does it."""
    pipeline.work(upload_id)


@shared_task(expires=30)
def sweep_uploads() -> int:
    """Send again what a lost message or a dead worker left behind; a sweep that had to wait itself is left out."""
    found = states.due(timezone.now())
    for upload_id in found:
        log.info("UP-%s is sent again", upload_id)
        work_upload.delay(upload_id)
    return len(found)


@shared_task(expires=300)
def tidy_staging() -> int:
    """Forget the staged rows of uploads that have come to an end."""
    return pipeline.tidy()
