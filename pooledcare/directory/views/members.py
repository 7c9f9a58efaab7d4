"""Members of an organisation: who they are, what they may do, and how an administrator changes that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pooledcare.directory.access import Permission, demand, requires, roles_for, scope_of
from pooledcare.directory.actions import invitations, members
from pooledcare.directory.forms import InviteForm, RolesForm, VersionForm, show_present_version
from pooledcare.directory.queries import people
from pooledcare.kernel.fields import add_problems
from pooledcare.kernel.problems import Refused

MANAGE = Permission.MANAGE_MEMBERS


def _home(code: str) -> str:
    return f"{reverse('directory:members')}?organisation={code}"


@require_safe
@requires(MANAGE)
def member_list(request: HttpRequest) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    organisation = scope_of(actor, MANAGE, request.GET.get("organisation", ""))
    context = {
        "organisation": organisation,
        "choices": actor.holds(MANAGE),
        "members": people.members(organisation=organisation, actor=actor),
        "invitations": people.open_invitations(organisation=organisation),
        "role_labels": people.role_labels,
        "roles": roles_for(organisation),
    }
    return render(request, "directory/member_list.jinja", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE)
def member_invite(request: HttpRequest) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    organisation = scope_of(actor, MANAGE, request.GET.get("organisation", ""))
    form = InviteForm(request.POST or None, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        try:
            invitations.invite_person(organisation=organisation, by=actor, **form.cleaned_data)
        except Refused as refusal:
            add_problems(form, refusal)
        else:
            messages.success(request, "The invitation is on its way.")
            return redirect(_home(organisation.code))
    context = {"form": form, "organisation": organisation, "roles": roles_for(organisation)}
    return render(request, "directory/member_invite.jinja", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires()
def member_change(request: HttpRequest, pk: int) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    membership = people.membership_in_scope(actor=actor, pk=pk)
    organisation = membership.organisation
    demand(actor, MANAGE, organisation)
    started = {"roles": membership.roles, "version": membership.version}
    form = RolesForm(request.POST or None, initial=started, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        try:
            members.change_roles(membership=membership, by=actor, **form.cleaned_data)
        except Refused as refusal:
            add_problems(form, refusal)
            # Keep what was typed. The page shows the current roles, and saving again overwrites them.
            show_present_version(form, membership.version)
        else:
            messages.success(request, f"The roles of {membership.user.name} have been changed.")
            return redirect(_home(organisation.code))
    context = {
        "form": form,
        "membership": membership,
        "organisation": organisation,
        "held": people.role_labels(membership.roles),
        "roles": roles_for(organisation),
    }
    return render(request, "directory/member_change.jinja", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires()
def member_remove(request: HttpRequest, pk: int) -> HttpResponse:
    return _confirm(request, pk, "directory/member_remove.jinja", members.end_membership, "{} is no longer a member.")


@require_http_methods(["GET", "HEAD", "POST"])
@requires()
def member_reset(request: HttpRequest, pk: int) -> HttpResponse:
    done = "{} needs to set up a new second factor at the next login. We have told them by e-mail."
    return _confirm(request, pk, "directory/member_reset.jinja", members.reset_second_factor, done)


def _confirm(request: HttpRequest, pk: int, template: str, act: Callable[..., Any], done: str) -> HttpResponse:
    """A page that says what will happen, with a button that does it."""
    actor = request.actor  # type: ignore[attr-defined]
    membership = people.membership_in_scope(actor=actor, pk=pk)
    demand(actor, MANAGE, membership.organisation)
    form = VersionForm(request.POST or None, initial={"version": membership.version})
    if request.method == "POST" and form.is_valid():
        try:
            act(membership=membership, by=actor, **form.cleaned_data)
        except Refused as refusal:
            add_problems(form, refusal)
            show_present_version(form, membership.version)
        else:
            messages.success(request, done.format(membership.user.name))
            return redirect(_home(membership.organisation.code))
    context = {"form": form, "membership": membership, "held": people.role_labels(membership.roles)}
    return render(request, template, context)


@require_POST
@requires()
def invitation_resend(request: HttpRequest, pk: int) -> HttpResponse:
    return _on_invitation(request, pk, invitations.resend_invitation, "A new invitation is on its way.")


@require_POST
@requires()
def invitation_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    return _on_invitation(request, pk, invitations.withdraw_invitation, "The invitation has been withdrawn.")


def _on_invitation(request: HttpRequest, pk: int, act: Callable[..., Any], done: str) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    invitation = people.invitation_in_scope(actor=actor, pk=pk)
    demand(actor, MANAGE, invitation.organisation)
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise BadRequest("The form has no version.")
    try:
        act(invitation=invitation, by=actor, **form.cleaned_data)
        messages.success(request, done)
    except Refused as refusal:
        messages.error(request, refusal.problems[0].message)
    return redirect(_home(invitation.organisation.code))


SECOND_PERSON: dict[str, tuple[Callable[..., Any], str]] = {
    "waive": (members.waive_second_person, "One person may now prepare and accept uploads of allocations at {}."),
    "restore": (members.restore_second_person, "Every upload of allocations at {} now needs a second person again."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.WAIVE_SECOND_PERSON)
def second_person(request: HttpRequest) -> HttpResponse:
    """A page that explains the waiver of the second person, with a button to waive the rule or to restore it."""
    actor = request.actor  # type: ignore[attr-defined]
    given = request.POST if request.method == "POST" else request.GET
    organisation = scope_of(actor, Permission.WAIVE_SECOND_PERSON, given.get("organisation", ""))
    if request.method == "POST":
        asked = request.POST.get("change", "")
        if asked not in SECOND_PERSON:
            raise BadRequest("The form says neither waive nor restore.")
        act, done = SECOND_PERSON[asked]
        act(organisation=organisation, by=actor)
        messages.success(request, done.format(organisation.name))
        return redirect(_home(organisation.code))
    context = {"organisation": organisation, "able": people.able_to_do_both(organisation=organisation)}
    return render(request, "directory/second_person.jinja", context)
