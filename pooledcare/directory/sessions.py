"""How long a login lasts: 30 minutes without activity, 12 hours in all (NHS login guidance, after NIST 800-63B)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

STARTED = "session_started"
SEEN = "session_seen"
ENDED = "session_ended"
API = "/api/v1/"


class SessionLifetimeMiddleware:
    """Ends logins that have been idle or open for too long, and those of demonstration users outside the demonstration.

    It ignores requests to the API, which uses keys only. Saving the session during a streaming export would wait for
    ever for the export's own database connection.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(API):
            return self.get_response(request)
        if request.user.is_authenticated:
            self._check(request)
        response = self.get_response(request)
        if request.user.is_authenticated and not getattr(request, "is_background", False):
            _note_activity(request)
        return response

    def _check(self, request: HttpRequest) -> None:
        if request.user.is_demo_elsewhere:  # type: ignore[union-attr]
            logout(request)
            return
        moment = now()
        started = request.session.setdefault(STARTED, moment)
        seen = request.session.setdefault(SEEN, moment)
        idle, absolute = settings.SESSION_IDLE.total_seconds(), settings.SESSION_ABSOLUTE.total_seconds()
        if moment - started > absolute or moment - seen > idle:
            logout(request)
            request.session[ENDED] = "absolute" if moment - started > absolute else "idle"


def begin(request: HttpRequest) -> None:
    """Start both time limits of a login, whatever the session had before."""
    request.session[STARTED] = request.session[SEEN] = now()
    request.session.pop(ENDED, None)


def deadline(request: HttpRequest) -> dt.datetime:
    """When the login ends if there is no more activity."""
    moment = now()
    idle = request.session.get(SEEN, moment) + int(settings.SESSION_IDLE.total_seconds())
    absolute = request.session.get(STARTED, moment) + int(settings.SESSION_ABSOLUTE.total_seconds())
    return dt.datetime.fromtimestamp(min(idle, absolute), tz=dt.UTC)


def background(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Mark a view that pages call by themselves. Its requests do not count as activity of the person."""

    @wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.is_background = True  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return marked


def _note_activity(request: HttpRequest) -> None:
    moment = now()
    if request.session.get(SEEN) != moment:
        request.session[SEEN] = moment


def now() -> int:
    return int(timezone.now().timestamp())
