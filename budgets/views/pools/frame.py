"""What all pages of a fund's year share: who may read it, and the heading and tabs around it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from budgets.pool_tabs import POOL_TABS
from budgets.queries.pools.reach import PoolYearReached, pool_year_reached
from pooledcare.directory.access import requires

View = Callable[..., HttpResponseBase]


def reads_pool_year(view: View) -> View:
    """Decorate a view of one year of a fund, for the partners of its agreement. Others get a 404."""

    @requires()
    @wraps(view)
    def reached_first(request: HttpRequest, reference: str, slug: str, year: str, **rest: Any) -> HttpResponseBase:
        found = pool_year_reached(reference, slug, year, actor=request.actor)  # type: ignore[attr-defined]
        if found is None:
            raise Http404
        return view(request, found, **rest)

    return reached_first


def address(route: str, found: PoolYearReached, *more: object) -> str:
    """The address of a page below the year of a fund."""
    pool = found.pool_year.pool
    return reverse(route, args=[pool.agreement.reference, pool.slug, str(found.pool_year.year), *more])


def shown(
    request: HttpRequest, found: PoolYearReached, template: str, *, tab: str, status: int = 200, **context: Any
) -> HttpResponse:
    """Render `budgets/pools/<template>.jinja` with the frame. `tab` is the route of the current tab."""
    frame = {
        "found": found,
        "pool_year": found.pool_year,
        "agreement": found.reached.agreement,
        "tabs": [
            {"label": each.label, "url": address(each.route, found), "current": each.route == tab} for each in POOL_TABS
        ],
        "here": request.path,
    }
    return render(request, f"budgets/pools/{template}.jinja", {**frame, **context}, status=status)
