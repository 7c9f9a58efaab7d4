"""Pages on the API keys of an organisation. A key's secret is shown once, on one page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from pooledcare.directory.access import Permission, can, demand, requires, scope_of
from pooledcare.directory.actions.keys import make_key, revoke_key
from pooledcare.directory.forms import KeyForm
from pooledcare.directory.queries import people
from pooledcare.directory.rules import KEY_MADE_ALREADY
from pooledcare.directory.terms import PERMISSION_LABELS
from pooledcare.kernel.fields import add_problems
from pooledcare.kernel.problems import Refused

MAKE = Permission.MAKE_KEYS


def _home(code: str) -> str:
    return f"{reverse('directory:keys')}?organisation={code}"


@require_safe
@requires(MAKE)
def key_list(request: HttpRequest) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    organisation = scope_of(actor, MAKE, request.GET.get("organisation", ""))
    manages = can(actor, Permission.MANAGE_KEYS, organisation)
    context = {
        "organisation": organisation,
        "choices": actor.holds(MAKE),
        "manages": manages,
        "keys": people.keys(organisation=organisation, actor=actor, all_of_them=manages),
        "labels": PERMISSION_LABELS,
    }
    return render(request, "directory/key_list.jinja", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@requires(MAKE)
def key_make(request: HttpRequest) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    organisation = scope_of(actor, MAKE, request.GET.get("organisation", ""))
    form = KeyForm(request.POST or None, organisation=organisation, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            key, token = make_key(organisation=organisation, by=actor, **form.cleaned_data)
        except Refused as refusal:
            if refusal.code == KEY_MADE_ALREADY:
                messages.warning(request, f"{refusal.problems[0].message}.")
                return redirect(_home(organisation.code))
            add_problems(form, refusal)
        else:
            # No redirect, because the secret is only in this response.
            context = {"key": key, "token": token, "organisation": organisation, "labels": PERMISSION_LABELS}
            return render(request, "directory/key_made.jinja", context)
    return render(request, "directory/key_make.jinja", {"form": form, "organisation": organisation})


@require_http_methods(["GET", "HEAD", "POST"])
@requires()
def key_revoke(request: HttpRequest, prefix: str) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    key = people.key_in_scope(actor=actor, prefix=prefix)
    if key.created_by_id != request.user.pk:
        demand(actor, Permission.MANAGE_KEYS, key.organisation)
    errors: list[tuple[str, None]] = []
    if request.method == "POST":
        try:
            revoke_key(key=key, by=actor)
        except Refused as refusal:
            errors = [(problem.message, None) for problem in refusal.problems]
        else:
            messages.success(request, f"The key {key.name} no longer works.")
            return redirect(_home(key.organisation.code))
    return render(request, "directory/key_revoke.jinja", {"key": key, "errors": errors})
