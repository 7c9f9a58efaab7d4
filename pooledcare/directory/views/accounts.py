"""A person's own account: name, ways to log in, browsers that are logged in, memberships."""

from __future__ import annotations

from urllib.parse import urlencode

from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pooledcare.directory import sessions
from pooledcare.directory.access import Permission, requires
from pooledcare.directory.actions.accounts import end_other_sessions, end_session, rename_person
from pooledcare.directory.forms import NameForm, show_present_version
from pooledcare.directory.queries import people
from pooledcare.kernel.fields import add_problems
from pooledcare.kernel.problems import Refused


@require_safe
@requires()
def account(request: HttpRequest) -> HttpResponse:
    person = request.user
    context = {
        "memberships": people.memberships_of(person=person),  # type: ignore[arg-type]
        "role_labels": people.role_labels,
        "has_second_factor": get_mfa_adapter().is_mfa_enabled(person),
        "has_password": person.has_usable_password(),  # type: ignore[union-attr]
        "session_count": len(people.sessions_of(person=person)),  # type: ignore[arg-type]
        "provider": settings.OIDC_NAME if settings.OIDC_ISSUER else None,
        "linked_logins": people.linked_logins(person=person),  # type: ignore[arg-type]
        "P": Permission,
    }
    return render(request, "directory/account.jinja", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires()
def account_name(request: HttpRequest) -> HttpResponse:
    person = request.user
    form = NameForm(request.POST or None, initial={"name": person.name, "version": person.version})  # type: ignore[union-attr]
    if request.method == "POST" and form.is_valid():
        try:
            rename_person(by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refused as refusal:
            add_problems(form, refusal)
            show_present_version(form, person.version)  # type: ignore[union-attr]
        else:
            messages.success(request, "Your name has been changed.")
            return redirect("directory:account")
    return render(request, "directory/account_name.jinja", {"form": form})


@require_safe
@requires()
def account_sessions(request: HttpRequest) -> HttpResponse:
    rows = people.sessions_of(person=request.user)  # type: ignore[arg-type]
    here = request.session.session_key
    return render(request, "directory/account_sessions.jinja", {"sessions": rows, "here": here})


@require_POST
@requires()
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    session = people.session_of(person=request.user, pk=pk)  # type: ignore[arg-type]
    is_here = session.session_key == request.session.session_key
    end_session(session=session, by=request.actor)  # type: ignore[attr-defined]
    if is_here:
        request.session.flush()
        return redirect("account_login")
    messages.success(request, "That session has ended.")
    return redirect("directory:account-sessions")


@require_POST
@requires()
def sessions_end_others(request: HttpRequest) -> HttpResponse:
    end_other_sessions(keep=request.session.session_key or "", by=request.actor)  # type: ignore[attr-defined]
    messages.success(request, "You are now logged in here only.")
    return redirect("directory:account-sessions")


@require_POST
@requires()
def session_extend(request: HttpRequest) -> HttpResponse:
    """The target of “Stay logged in”. The request itself counts as activity, which extends the login."""
    request.session[sessions.SEEN] = sessions.now()
    return HttpResponse(status=204, headers={"X-Session-Ends": sessions.deadline(request).isoformat()})


@require_safe
def session_ended(request: HttpRequest) -> HttpResponse:
    """Where a page goes when its login ends: to the login page, which says why, and afterwards back to the page."""
    here = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(here, allowed_hosts=None):
        here = "/"
    if request.user.is_authenticated:
        return HttpResponseRedirect(here)
    request.session.setdefault(sessions.ENDED, "idle")
    return redirect(f"{reverse('account_login')}?{urlencode({'next': here})}")
