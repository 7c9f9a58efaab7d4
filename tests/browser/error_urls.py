"""Addresses that answer with each error, for the test of the error pages."""

from __future__ import annotations

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path

from pooledcare import views

handler400, handler403, handler404, handler500 = views.bad_request, views.forbidden, views.not_found, views.server_error


def failing(request: HttpRequest, status: int) -> HttpResponse:
    if status == 400:
        raise BadRequest("The address contains a control character.")
    if status == 403:
        raise PermissionDenied("You need the role finance officer to do this.")
    if status == 413:
        return views.too_large(request)
    if status == 429:
        return views.too_many(request)
    raise RuntimeError("A fault on purpose.")


urlpatterns = [path("failing/<int:status>/", failing)]
