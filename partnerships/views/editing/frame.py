"""What editing pages share: who may use them, whether something changed since the page was shown, and redirects."""

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
from partnerships.queries.agreements.reach import agreement_reached, organisations_with_permission
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
    """A request to change an agreement, and the organisations (`able`) for which the person may do so."""

    request: HttpRequest
    actor: Actor
    agreement: Agreement
    able: list[Organisation]

    @property
    def posted(self) -> QueryDict | None:
        """The posted data, even if empty; None for a GET request."""
        return self.request.POST if self.request.method == "POST" else None

    def url(self, name: str, *args: object) -> str:
        return reverse(f"partnerships:{name}", args=[self.agreement.reference, *args])

    def show(self, template: str, **context: Any) -> HttpResponse:
        return render(self.request, f"partnerships/{template}.jinja", {"agreement": self.agreement, **context})

    def go(self, said: str, name: str, *args: object) -> HttpResponse:
        """Show the message `said` and redirect to the page `name`."""
        messages.success(self.request, said)
        return redirect(self.url(name, *args))


@dataclass(frozen=True)
class Done:
    """The result of a successful action. It is wrapped because an action may return None."""

    result: Any


def on_agreement(permission: Permission) -> Callable[[View], Callable[..., HttpResponseBase]]:
    """Decorate a view that needs this permission for a partner. 404 if the person may not read the agreement."""

    def decorate(view: View) -> Callable[..., HttpResponseBase]:
        @require_http_methods(METHODS)
        @requires()
        @wraps(view)
        def guarded(request: HttpRequest, reference: str, **rest: Any) -> HttpResponseBase:
            return view(reached(request, reference, permission), **rest)

        return guarded

    return decorate


def on_draft(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """Decorate a view of the open deed, for people who prepare agreements. Without an open deed it redirects."""

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
    able = organisations_with_permission(found.agreement, actor=actor, permission=permission)
    if not able:
        raise PermissionDenied(refusal(permission))
    return Work(request, actor, found.agreement, able)


def as_at_version(agreement: Agreement) -> str:
    """For pages about the whole agreement: any change to it counts as a change since the page was shown."""
    return str(agreement.version)


def something_new(_: Agreement) -> str:
    return ""


def carried_out(work: Work, form: forms.Form, act: Callable[[dict[str, Any]], Any], *, now: Now) -> Done | None:
    """Carry out the action if the form is valid and nothing has changed since it was shown. None if not carried out.

    `now` returns a text that identifies what the page shows of the agreement; the form posts it back as `seen`, and the
    two are compared under the agreement's lock. With `something_new` nothing is compared: use it for additions, where
    the action itself recognises duplicates. Refusals become errors of the form.
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
        _set_current(form, now(work.agreement))
        return None


def _set_current(form: forms.Form, seen: str) -> None:
    """Update `seen` after a refusal: the page now shows the current state, so saving again is allowed to replace it."""
    data = cast(QueryDict, form.data).copy()
    data["seen"] = seen
    form.data = data


def part_of_draft(part: Callable[[Draft], str]) -> Now:
    """For pages about one part of the draft: only changes to that part count."""

    def now(agreement: Agreement) -> str:
        draft = draft_of(agreement)
        return "" if draft is None else part(draft)

    return now


def acting(work: Work, said: Mapping[str, Any]) -> Organisation:
    """The organisation chosen on the form, or the first for which the person may act."""
    return next((each for each in work.able if each.code == said.get("acting_for")), work.able[0])
