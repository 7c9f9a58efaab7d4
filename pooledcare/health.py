"""Health checks: is the process alive, and should it be sent requests?

Readiness depends on the database and its migrations only; the state of the broker and the worker is only reported.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import time

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.log import log_response
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from pooledcare.celery import app
from pooledcare.directory.models import Heartbeat
from pooledcare.directory.tasks import WORKER

log = logging.getLogger(__name__)

ANSWER_WITHIN_SECONDS = 0.2
FRESH = dt.timedelta(seconds=60)
OK = "ok"


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """200 if the process can answer at all; it checks nothing else."""
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """503 if the database or its migrations are not ready, so that no requests are sent here.

    200 with "degraded" if only the broker or the worker is not working, because pages still work.
    """
    checks = {"database": database()}
    if checks["database"] == OK:
        checks["migrations"] = migrations()
    if any(state != OK for state in checks.values()):
        problem = {"type": "about:blank", "title": "Service Unavailable", "status": 503, "detail": "Not ready."}
        content = {**problem, "checks": checks}
        response = JsonResponse(content, status=503, content_type="application/problem+json")
        # Django would log every 503 as an error; whoever asks expects this answer while the site starts.
        log_response("Not ready: %s", checks, response=response, request=request, logger=log, level="warning")
        return response
    checks |= {"broker": broker(), "worker": worker()}
    degraded = sorted(name for name, state in checks.items() if state != OK)
    return JsonResponse({"status": "degraded" if degraded else "ready", "degraded": degraded, "checks": checks})


def database() -> str:
    started = time.monotonic()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set local statement_timeout = %s", [f"{int(ANSWER_WITHIN_SECONDS * 1000)}ms"])
            cursor.execute("select 1")
    except (DatabaseError, InterfaceError):
        return "unreachable"
    return OK if time.monotonic() - started <= ANSWER_WITHIN_SECONDS else "slow"


def migrations() -> str:
    """Whether every migration is applied. Migrations are not reversed under a running server, so “ok” is cached."""
    if not _applied:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return "missing"
        _applied.append(True)
    return OK


_applied: list[bool] = []


def broker() -> str:
    """Whether a message could be sent to the broker now. While it cannot, no work is lost: it waits in the database."""
    if settings.CELERY_BROKER_URL.startswith("filesystem:"):
        return OK if os.access(settings.BROKER_DIR / "queue", os.W_OK) else "unreachable"
    try:
        with app.connection_for_write(connect_timeout=ANSWER_WITHIN_SECONDS) as link:
            link.ensure_connection(max_retries=1, timeout=ANSWER_WITHIN_SECONDS)
    except (OperationalError, OSError):
        return "unreachable"
    return OK


def worker() -> str:
    """Whether the worker recorded a heartbeat lately, which needs the beat, the broker and the worker to be running."""
    seen = Heartbeat.objects.filter(name=WORKER).values_list("beat_at", flat=True).first()
    if seen is None:
        return "never seen"
    return OK if timezone.now() - seen < FRESH else "silent"


urlpatterns: list[URLPattern] = [
    path("health/live", live, name="health-live"),
    path("health/ready", ready, name="health-ready"),
]
