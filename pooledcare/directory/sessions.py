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
    """Ends a login that has been idle or open for too long, and one of an invented person where real ones work.

    The API knows keys only: there the session is neither judged nor touched. Saved beside an export that the database
    is still writing, it would wait on its own connection for ever.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(API):
            return self.get_response(request)
        if request.user.is_authenticated:
            self._judge(request)
        response = self.get_response(request)
        if request.user.is_authenticated and not getattr(request, "is_background", False):
            _note_activity(request)
        return response

    def _judge(self, request: HttpRequest) -> None:
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
    """A login starts both clocks anew, whatever the session held before."""
    request.session[STARTED] = request.session[SEEN] = now()
    request.session.pop(ENDED, None)


def deadline(request: HttpRequest) -> dt.datetime:
    """When the login ends if nothing more is done."""
    moment = now()
    idle = request.session.get(SEEN, moment) + int(settings.SESSION_IDLE.total_seconds())
    absolute = request.session.get(STARTED, moment) + int(settings.SESSION_ABSOLUTE.total_seconds())
    return dt.datetime.fromtimestamp(min(idle, absolute), tz=dt.UTC)


def background(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For parts of a page that fetch themselves: they show that a window is open, not that anybody sits before it."""

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
