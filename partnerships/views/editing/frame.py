"""What every editing page does around its own business: who may, is it still as it was shown, and where to go next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from partnerships.changing.agreement import unchanged_since
from partnerships.queries.agreements.drafts import Draft, draft_of
from partnerships.queries.agreements.reach import acting_for, agreement_reached
from pooledcare.directory.access import Actor, Permission, refusal, requires
from pooledcare.kernel.fields import add_problems
from pooledcare.kernel.problems import Refused

if TYPE_CHECKING:
    from partnerships.models import Agreement
    from pooledcare.directory.models import Organisation

View = Callable[..., HttpResponse]
Now = Callable[["Agreement"], str]
METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True)
class Work:
    """An agreement that somebody may work on, and the organisations for which they may."""

    request: HttpRequest
    actor: Actor
    agreement: Agreement
    able: list[Organisation]

    @property
    def posted(self) -> QueryDict | None:
        """What was sent, also when that is nothing; None while the page is only looked at."""
        return self.request.POST if self.request.method == "POST" else None

    def url(self, name: str, *args: object) -> str:
        return reverse(f"partnerships:{name}", args=[self.agreement.reference, *args])

    def show(self, template: str, **context: Any) -> HttpResponse:
        return render(self.request, f"partnerships/{template}.jinja", {"agreement": self.agreement, **context})

    def go(self, said: str, name: str, *args: object) -> HttpResponse:
        """On to where the result is seen."""
        messages.success(self.request, said)
        return redirect(self.url(name, *args))


@dataclass(frozen=True)
class Done:
    """What an action returned; it may return nothing."""

    result: Any


def on_agreement(permission: Permission) -> Callable[[View], Callable[..., HttpResponseBase]]:
    """A page of an agreement for those who may do this with it. Out of reach, it is not found."""

    def decorate(view: View) -> Callable[..., HttpResponseBase]:
        @require_http_methods(METHODS)
        @requires()
        @wraps(view)
        def guarded(request: HttpRequest, reference: str, **rest: Any) -> HttpResponseBase:
            return view(reached(request, reference, permission), **rest)

        return guarded

    return decorate


def on_draft(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """A page of the open deed, for those who prepare agreements."""

    @on_agreement(Permission.PREPARE_AGREEMENTS)
    @wraps(view)
    def opened(work: Work, **rest: Any) -> HttpResponse:
        draft = draft_of(work.agreement)
        if draft is None:
            messages.info(
                work.request,
                f"No deed of {work.agreement.reference} is open. Prepare a deed of variation to change what it says.",
            )
            return redirect(work.agreement)
        return view(work, draft, **rest)

    return opened


def reached(request: HttpRequest, reference: str, permission: Permission) -> Work:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = agreement_reached(reference, actor=actor)
    if found is None:
        raise Http404
    if not found.is_partner:
        raise PermissionDenied(f"Only the partners of {found.agreement.reference} may do this.")
    able = acting_for(found.agreement, actor=actor, permission=permission)
    if not able:
        raise PermissionDenied(refusal(permission))
    return Work(request, actor, found.agreement, able)


def as_at_version(agreement: Agreement) -> str:
    """For what concerns the whole agreement: every change of it counts."""
    return str(agreement.version)


def something_new(_: Agreement) -> str:
    return ""


def carried_out(work: Work, form: forms.Form, act: Callable[[dict[str, Any]], Any], *, now: Now) -> Done | None:
    """Does what the form asks if nothing has changed since it was shown; else the form says why not.

    `now` tells, of the agreement, what the page shows of it; the form carries it in `seen`. For something new, whose
    name or bytes tell whether it is there already, it is `something_new`, and nobody has to wait.
    """
    form.initial["seen"] = now(work.agreement)
    if not form.is_bound or not form.is_valid():
        return None
    said = {name: value for name, value in form.cleaned_data.items() if name != "seen"}
    try:
        with nullcontext() if now is something_new else unchanged_since(work.agreement, form.cleaned_data["seen"], now):
            return Done(act(said))
    except Refused as refused:
        add_problems(form, refused)
        _show_present(form, now(work.agreement))
        return None


def _show_present(form: forms.Form, seen: str) -> None:
    """What was typed stays on the page; saving again is then a decision taken with the present state in sight."""
    data = cast(QueryDict, form.data).copy()
    data["seen"] = seen
    form.data = data


def part_of_draft(part: Callable[[Draft], str]) -> Now:
    """For one thing of the draft: only changes of that thing count."""

    def now(agreement: Agreement) -> str:
        draft = draft_of(agreement)
        return "" if draft is None else part(draft)

    return now


def acting(work: Work, said: Mapping[str, Any]) -> Organisation:
    """The organisation chosen on the form, or the first for which the person may act."""
    return next((each for each in work.able if each.code == said.get("acting_for")), work.able[0])
