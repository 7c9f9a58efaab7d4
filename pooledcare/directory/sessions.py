"""How long a login lasts: 30 minutes without activity, 12 hours in all (NHS login guidance, after NIST 800-63B)."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

STARTED = "session_started"
SEEN = "session_seen"
WRITE_EVERY_SECONDS = 30


class SessionLifetimeMiddleware:
    """Ends a login that has been idle or open for too long; notes activity at most every half minute."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._judge(request)
        return self.get_response(request)

    def _judge(self, request: HttpRequest) -> None:
        now = int(timezone.now().timestamp())
        started = request.session.setdefault(STARTED, now)
        seen = request.session.get(SEEN, now)
        if now - seen > settings.SESSION_IDLE.total_seconds() or now - started > settings.SESSION_ABSOLUTE.total_seconds():
            logout(request)
            request.session["ended"] = "timeout"
            return
        if SEEN not in request.session or now - seen >= WRITE_EVERY_SECONDS:
            request.session[SEEN] = now
