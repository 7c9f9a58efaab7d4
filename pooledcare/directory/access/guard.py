"""Access control of pages: the middleware that sets `request.actor`, and `@requires`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRedirect

from pooledcare.directory.access.actors import Actor, request_actor
from pooledcare.directory.access.judging import can
from pooledcare.directory.access.roles import Permission, refusal

AFTER_SECOND_FACTOR = "after_second_factor"


class ActorMiddleware:
    """Sets `request.actor` from the session. The API has its own authentication, by key (`kernel.rest`)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = actor = request_actor(request)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if not actor.is_anonymous and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"  # a page for one person must not be cached
        return response


View = Callable[..., HttpResponseBase]


def requires(permission: Permission | None = None) -> Callable[[View], View]:
    """Require a login and, if given, the permission in at least one organisation. The view itself checks its scope.

    The permission is stored on the view as `required_permission`, for the test of the access matrix.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor: Actor = request.actor  # type: ignore[attr-defined]
            if actor.is_anonymous:
                return ask_to_log_in(request)
            if actor.needs_second_factor:
                request.session[AFTER_SECOND_FACTOR] = request.get_full_path()
                return redirect("mfa_activate_totp")
            if permission is not None and not can(actor, permission):
                raise PermissionDenied(refusal(permission))
            return view(request, *args, **kwargs)

        guarded.required_permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def ask_to_log_in(request: HttpRequest) -> HttpResponse:
    """Redirect to the login page, and back here afterwards. For an htmx request, the whole page is redirected."""
    here = request.get_full_path()
    if htmx := getattr(request, "htmx", None):
        page = redirect_to_login(htmx.current_url_abs_path or here, settings.LOGIN_URL)
        return HttpResponseClientRedirect(page.url)
    return redirect_to_login(here, settings.LOGIN_URL)
