"""Is it alive, and may it be sent requests? Database and migrations decide; broker and worker are only reported."""

from __future__ import annotations

import datetime as dt
import os
import time

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from pooledcare.celery import app
from pooledcare.directory.models import Heartbeat
from pooledcare.directory.tasks import WORKER

ANSWER_WITHIN_SECONDS = 0.2
FRESH = dt.timedelta(seconds=60)
OK = "ok"


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """503 takes this server out of service; anything merely degraded leaves it in, because pages still work."""
    checks = {"database": database()}
    if checks["database"] == OK:
        checks["migrations"] = migrations()
    if any(state != OK for state in checks.values()):
        problem = {"type": "about:blank", "title": "Service Unavailable", "status": 503, "detail": "Not ready."}
        return JsonResponse({**problem, "checks": checks}, status=503, content_type="application/problem+json")
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
    """Applied migrations are not taken back under a running server, so that one good answer is remembered."""
    if not _applied:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return "missing"
        _applied.append(True)
    return OK


_applied: list[bool] = []


def broker() -> str:
    """Whether a message could be left now; nothing is lost while it could not, it only waits."""
    if settings.CELERY_BROKER_URL.startswith("filesystem:"):
        return OK if os.access(settings.BROKER_DIR / "queue", os.W_OK) else "unreachable"
    try:
        with app.connection_for_write(connect_timeout=ANSWER_WITHIN_SECONDS) as link:
            link.ensure_connection(max_retries=1, timeout=ANSWER_WITHIN_SECONDS)
    except (OperationalError, OSError):
        return "unreachable"
    return OK


def worker() -> str:
    """A fresh row says that broker, beat and worker all live."""
    seen = Heartbeat.objects.filter(name=WORKER).values_list("beat_at", flat=True).first()
    if seen is None:
        return "never seen"
    return OK if timezone.now() - seen < FRESH else "silent"


urlpatterns: list[URLPattern] = [
    path("health/live", live, name="health-live"),
    path("health/ready", ready, name="health-ready"),
]
