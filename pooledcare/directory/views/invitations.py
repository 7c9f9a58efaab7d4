"""Opening and accepting an invitation, with a new account or an existing one."""

from __future__ import annotations

import hashlib

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from pooledcare.directory.access import ask_to_log_in, has_role_that_writes
from pooledcare.directory.actions.invitations import accept_as_member, accept_as_new_person
from pooledcare.directory.forms import NewPersonForm
from pooledcare.directory.providers import INVITATION
from pooledcare.directory.queries import people
from pooledcare.directory.views.logins import provider_links
from pooledcare.kernel.fields import add_problems
from pooledcare.kernel.problems import Refused


@require_safe
@never_cache
def invitation_open(request: HttpRequest, token: str) -> HttpResponse:
    """Store the token in the session and redirect, so that browser history and Referer have no working link."""
    request.session[INVITATION] = token
    return redirect("directory:invitation-accept")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation_accept(request: HttpRequest) -> HttpResponse:
    token = request.session.get(INVITATION, "")
    invitation = people.invitation_by_hash(token_hash=hashlib.sha256(token.encode()).hexdigest())
    if invitation is None:
        return render(request, "directory/invitation_closed.jinja", status=410)
    context = {
        "invitation": invitation,
        "roles": people.role_labels(invitation.roles),
        "writes": has_role_that_writes(invitation.roles),
        "providers": provider_links(request),
    }
    person = people.person_with_address(email=invitation.email)
    if request.user.is_authenticated:
        return _join(request, token, context)
    if person is not None and person.has_credentials:
        return ask_to_log_in(request)
    return _make_account(request, token, context)


def _join(request: HttpRequest, token: str, context: dict[str, object]) -> HttpResponse:
    """Add a membership to the person who is logged in. The action refuses an invitation for somebody else."""
    invitation = context["invitation"]
    context["is_theirs"] = request.user.email.lower() == invitation.email.lower()  # type: ignore[union-attr, attr-defined]
    if request.method == "POST":
        accept_as_member(token=token, by=request.actor)  # type: ignore[attr-defined]
        del request.session[INVITATION]
        messages.success(request, f"You are now a member of {invitation.organisation.name}.")  # type: ignore[attr-defined]
        return redirect("directory:account")
    return render(request, "directory/invitation_join.jinja", context)


def _make_account(request: HttpRequest, token: str, context: dict[str, object]) -> HttpResponse:
    """A new person chooses a name and a password, and then sets up a second factor if needed."""
    form = NewPersonForm(request.POST or None, email=context["invitation"].email)  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            membership = accept_as_new_person(token=token, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refused as refusal:
            add_problems(form, refusal)
        else:
            request.session.pop(INVITATION, None)
            return log_in_as(request, membership.user, "/account/")
    return render(request, "directory/invitation_accept.jinja", {**context, "form": form})


def log_in_as(request: HttpRequest, person: object, then: str) -> HttpResponse:
    """Log the person in without asking for their password, and give the session a new key."""
    adapter = get_adapter(request)
    adapter.login(request, person)
    record_authentication(request, person, method="password", reauthenticated=True)
    return adapter.post_login(
        request, person, email_verification="none", signal_kwargs=None, email=None, signup=False, redirect_url=then
    )
