"""Long lists a page at a time, by name: the last page costs what the first one does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import Q, QuerySet, Subquery
from django.http import Http404, HttpRequest

PAGE = 50
_CURSOR = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    previous_url: str | None
    next_url: str | None


def page_of(request: HttpRequest, rows: QuerySet[Any], *, by: str = "name", size: int = PAGE) -> Page:
    """One page of rows in the order of `by` and then the key; `after` or `before` in the address names a row."""
    after, before = _cursor(request, "after"), _cursor(request, "before")
    if after and before:
        raise BadRequest("Ask for the page after a row or before one, not both.")
    if before:
        found = list(rows.filter(_beyond(rows, by, before, "lt")).order_by(f"-{by}", "-pk")[: size + 1])
        more_before, more_after = len(found) > size, True
        shown = found[:size][::-1]
    else:
        chosen = rows.filter(_beyond(rows, by, after, "gt")) if after else rows
        found = list(chosen.order_by(by, "pk")[: size + 1])
        more_before, more_after = after is not None, len(found) > size
        shown = found[:size]
    if not shown and (after or before):
        raise Http404
    return Page(
        rows=shown,
        previous_url=_address(request, "before", shown[0].pk) if more_before and shown else None,
        next_url=_address(request, "after", shown[-1].pk) if more_after and shown else None,
    )


def _cursor(request: HttpRequest, name: str) -> int | None:
    given = request.GET.get(name)
    if given is None:
        return None
    if not _CURSOR.fullmatch(given):
        raise BadRequest(f"“{name}” does not name a row.")
    return int(given)


def _beyond(rows: QuerySet[Any], by: str, key: int, direction: str) -> Q:
    anchor = Subquery(rows.model._base_manager.filter(pk=key).values(by)[:1])
    return Q(**{f"{by}__{direction}": anchor}) | Q(**{by: anchor, f"pk__{direction}": key})


def _address(request: HttpRequest, name: str, key: int) -> str:
    parameters = request.GET.copy()
    for old in ("after", "before"):
        parameters.pop(old, None)
    parameters[name] = str(key)
    return f"?{parameters.urlencode()}"
