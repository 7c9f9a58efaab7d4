"""Logging in as a demonstration user with one click, if `settings.DEMO` is true."""

from __future__ import annotations

from itertools import groupby

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from pooledcare.directory.demo import demo_people
from pooledcare.directory.views.invitations import log_in_as


@require_safe
def demo_list(request: HttpRequest) -> HttpResponse:
    _only_in_the_demonstration()
    groups = [(body, list(people)) for body, people in groupby(demo_people(), key=lambda person: person.organisation)]
    return render(request, "directory/demo_list.jinja", {"groups": groups})


@require_POST
def demo_log_in(request: HttpRequest, handle: str) -> HttpResponse:
    _only_in_the_demonstration()
    found = {person.handle: person for person in demo_people()}
    if handle not in found:
        raise Http404
    return log_in_as(request, found[handle].user, "/")


def _only_in_the_demonstration() -> None:
    if not settings.DEMO:
        raise Http404
