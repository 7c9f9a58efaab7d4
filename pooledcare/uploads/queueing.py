"""Telling the worker that an upload needs it. The message has only the upload's id, and may be lost."""

from __future__ import annotations

import contextlib
import logging

from django.db import transaction

from pooledcare.uploads.models import Upload
from pooledcare.uploads.tasks import work_upload
from pooledcare.uploads.terms import Channel

log = logging.getLogger(__name__)


def tell_worker(upload: Upload) -> None:
    """Tell the worker after commit. If the broker cannot be reached, `sweep_uploads` tells it later."""
    if upload.channel == Channel.REFERENCE:
        return
    transaction.on_commit(lambda: _send(upload.pk))


def _send(upload_id: int) -> None:
    try:
        work_upload.delay(upload_id)
    except Exception:
        log.warning("The broker did not take the message about UP-%s; the sweep will send it", upload_id, exc_info=True)
        with contextlib.suppress(Exception):
            Upload.objects.filter(pk=upload_id, lease_token=None).update(lease_until=None)
