"""Background tasks: the heartbeat of the worker, and deleting what has expired."""

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
    """Record that the worker has run a task that the beat sent, so that beat, broker and worker all work."""
    Heartbeat.objects.beat(WORKER)


@shared_task
def tidy_up() -> None:
    """Delete expired sessions, stored responses and cache entries, and old request counts."""
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
