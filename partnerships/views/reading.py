"""What all pages of an agreement share: who may read it, as at which day, and the tabs and actions around it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from partnerships.forms.agreements import MomentForm
from partnerships.queries.agreements.detail import Reading, reading
from partnerships.queries.agreements.possible import possible_actions
from partnerships.queries.agreements.reach import Reached, agreement_reached
from partnerships.rules.agreements.sentences import agreement_sentence
from partnerships.tables.agreement_list import counted
from partnerships.tabs import TABS
from partnerships.terms import AgreementState, Outcome
from pooledcare.directory.access import requires

if TYPE_CHECKING:
    pass

F = TypeVar("F", bound=MomentForm)
View = Callable[..., HttpResponseBase]


@requires()
def out_of_reach(request: HttpRequest) -> HttpResponseBase:
    """Ask anonymous visitors to log in and give others a 404, so that nobody learns whether the agreement exists."""
    raise Http404


def reads_agreement(*, partners_only: bool = False) -> Callable[[View], View]:
    """Decorate a view for people who may read the agreement, or only for its partners."""

    def decorate(view: View) -> View:
        @require_safe
        @wraps(view)
        def reached_first(request: HttpRequest, reference: str, **rest: Any) -> HttpResponseBase:
            reached = agreement_reached(reference, actor=request.actor)  # type: ignore[attr-defined]
            if reached is None or (partners_only and not reached.is_partner):
                return out_of_reach(request)
            return view(request, reached, **rest)

        return reached_first

    return decorate


def opened(reached: Reached, form: MomentForm) -> Reading:
    """The agreement as at the day in the form; as at today if the form is invalid."""
    asked = form.cleaned_data if form.is_valid() else {}
    return reading(reached, as_at=asked.get("as_at"), known_at=asked.get("known_at"))


def moment_of(page: Reading) -> str:
    """The query string with the chosen days, added to the links of the tabs."""
    asked = {"as_at": page.as_at, "known_at": page.known_at}
    given = {name: day.isoformat() for name, day in asked.items() if isinstance(day, dt.date)}
    return f"?{urlencode(given)}" if given else ""


def tabs_of(page: Reading, here: str) -> list[dict[str, Any]]:
    moment = moment_of(page)
    return [
        {
            "label": tab.label,
            "url": reverse(tab.route, args=[page.agreement.reference]) + moment,
            "current": tab.route.partition(":")[2] == here,
        }
        for tab in TABS
        if page.is_partner or not tab.partners_only
    ]


def _sentence(summary: Any) -> str:
    return agreement_sentence(
        state=summary.state,
        is_operating_unsigned=summary.is_operating_unsigned,
        start_on=summary.start_on,
        end_on=summary.end_on,
        verdict=summary.verdict,
        unlawful=summary.unlawful_count,
        not_settled=summary.not_settled_count,
        today=timezone.localdate(),
    )


def shown(
    request: HttpRequest, page: Reading, form: MomentForm, template: str, *, here: str = "", **context: Any
) -> HttpResponse:
    """Render a page with the heading, tabs and actions of its agreement.

    `here` names its tab if not that of the template.
    """
    summary = page.summary
    frame = {
        "page": page,
        "agreement": page.agreement,
        "content": page.content,
        "form": form,
        "moment": moment_of(page),
        "tabs": tabs_of(page, here or template.replace("_", "-")),
        "actions": possible_actions(page.reached, request.actor),  # type: ignore[attr-defined]
        "state": (summary.state, str(AgreementState(summary.state).label)),
        "verdict": (summary.verdict, str(Outcome(summary.verdict).label)),
        "counted": counted(summary),
        "sentence": _sentence(summary),
        "here": request.path,
    }
    status = 400 if form.errors else 200
    return render(request, f"partnerships/{template}.jinja", {**frame, **context}, status=status)
