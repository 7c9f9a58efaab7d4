"""Work in the background that keeps the house: a sign of life, and forgetting what has expired."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from pooledcare.directory.models import Heartbeat, IdempotencyRecord
from pooledcare.kernel.rest.rates import forget_old_counts

WORKER = "worker"


@shared_task
def record_heartbeat() -> None:
    """Sent by the beat and written by the worker: a fresh row says that broker, beat and worker all live."""
    Heartbeat.objects.beat(WORKER)


@shared_task
def tidy_up() -> None:
    """Expired sessions, remembered requests and cache entries go; nothing that a person made is touched."""
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    IdempotencyRecord.objects.forget_before(now - settings.IDEMPOTENCY_KEEP)
    forget_old_counts()
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from usersessions_usersession where not exists "
            "(select 1 from django_session where django_session.session_key = usersessions_usersession.session_key)"
        )
        cursor.execute("delete from directory_cache where expires < %s", [now])
