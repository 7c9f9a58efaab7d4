"""What all resources of uploads share in the API: who the client is, and how a refused action is answered."""

from __future__ import annotations

from rest_framework.request import Request

from pooledcare.directory.access import Actor
from pooledcare.directory.api import actor_of
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.rest.problems import HttpProblem

_FORBIDDEN = frozenset({"NOT_ALLOWED", "FOUR_EYES"})
_ABOUT_THE_BODY = frozenset({"EMPTY_FILE", "REQUIRED"})


def in_http(refused: Refused) -> HttpProblem:
    """The API problem for a refused action."""
    codes = {problem.code for problem in refused.problems}
    if codes & _FORBIDDEN:
        kind = "forbidden"
    elif "FILE_TOO_LARGE" in codes:
        kind = "too-large"
    elif "NO_SPACE" in codes:
        kind = "storage-full"
    elif codes <= _ABOUT_THE_BODY:
        kind = "invalid-body"
    else:
        kind = "refused"
    return HttpProblem(kind, errors=refused.problems)


def member_of(request: Request) -> Actor:
    """The client, if it may see uploads: it must belong to some organisation. Raises a problem 401 or 403."""
    actor = actor_of(request)
    if not actor.readable_organisation_ids:
        raise HttpProblem("forbidden", "This key may not read what its organisation has not published.")
    return actor
