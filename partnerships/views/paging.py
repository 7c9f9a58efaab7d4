"""Agreements a page at a time by their number, the newest first: a place in the list outlives any change of a row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

if TYPE_CHECKING:
    from partnerships.models import AgreementSummary

PAGE = 50
_NUMBER = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


@dataclass(frozen=True)
class Page:
    rows: list[AgreementSummary]
    previous_url: str | None
    next_url: str | None


def page_below(request: HttpRequest, found: QuerySet[AgreementSummary], *, size: int = PAGE) -> Page:
    """`after` names the agreement that ended the page before, `before` the one that began the page after."""
    after, before = number_in(request, "after"), number_in(request, "before")
    if after and before:
        raise BadRequest("Ask for the page after an agreement or before one, not both.")
    if before:
        rows = list(found.filter(agreement__gt=before).order_by("agreement_id")[: size + 1])
        shown, more_before, more_after = rows[:size][::-1], len(rows) > size, True
    else:
        rows = list((found.filter(agreement__lt=after) if after else found)[: size + 1])
        shown, more_before, more_after = rows[:size], after is not None, len(rows) > size
    if not shown and (after or before):
        raise Http404
    return Page(
        rows=shown,
        previous_url=address(request, "before", shown[0].agreement_id) if more_before and shown else None,
        next_url=address(request, "after", shown[-1].agreement_id) if more_after and shown else None,
    )


def number_in(request: HttpRequest, name: str) -> int | None:
    given = request.GET.get(name)
    if given is None:
        return None
    if not _NUMBER.fullmatch(given):
        raise BadRequest(f"“{name}” does not name an agreement.")
    return int(given)


def address(request: HttpRequest, name: str, key: int) -> str:
    parameters = request.GET.copy()
    for old in ("after", "before"):
        parameters.pop(old, None)
    parameters[name] = str(key)
    return f"?{parameters.urlencode()}"
