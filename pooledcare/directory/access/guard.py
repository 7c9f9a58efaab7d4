"""What stands before every page: the middleware that knows the actor, and `@requires`."""

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
    """Gives every request its `actor`; API requests get theirs from the key they carry (`kernel.rest`)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = actor = request_actor(request)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if not actor.is_anonymous and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"  # a page for one person stays in no cache
        return response


View = Callable[..., HttpResponseBase]


def requires(permission: Permission | None = None) -> Callable[[View], View]:
    """Guards a view: a login first, then the permission somewhere; the view itself narrows to its scope.

    With no permission it asks for a login only. The guard is kept on the view as `required_permission`, so that
    the access matrix can read it.
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
    """To the login page and back here; a part of a page asked for by htmx takes the whole page there."""
    here = request.get_full_path()
    if htmx := getattr(request, "htmx", None):
        page = redirect_to_login(htmx.current_url_abs_path or here, settings.LOGIN_URL)
        return HttpResponseClientRedirect(page.url)
    return redirect_to_login(here, settings.LOGIN_URL)
