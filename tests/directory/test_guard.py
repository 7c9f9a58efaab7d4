"""What stands before every page: who is asking, who is asked to log in, and who is refused with the reason."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from pooledcare.directory.access import (
    AFTER_SECOND_FACTOR,
    ANONYMOUS,
    Actor,
    ActorMiddleware,
    Permission,
    ask_to_log_in,
    refusal,
    requires,
    system_actor,
)
from pooledcare.directory.models import User

P = Permission
ADDRESS = "/things/7/?b=2&a=1"
QUOTED = "/account/login/?next=/things/7/%3Fb%3D2%26a%3D1"
READER = Actor(person=User(pk=1), grants={3: frozenset({P.READ_UNPUBLISHED})})


@pytest.fixture
def asking(rf):
    def make(actor: Actor, **headers: str):
        request = rf.get(ADDRESS, headers=headers)
        request.actor, request.session = actor, {}
        return request

    return make


def view(request, *args, **kwargs) -> HttpResponse:
    """Shows a thing."""
    return HttpResponse(f"{args} {kwargs}")


@pytest.mark.parametrize("permission", [None, P.READ_UNPUBLISHED])
def test_a_visitor_is_asked_to_log_in_and_comes_back_to_the_same_address(permission, asking):
    answer = requires(permission)(view)(asking(ANONYMOUS))
    assert (answer.status_code, answer.url) == (302, QUOTED)


@pytest.mark.parametrize("permission", [None, P.READ_UNPUBLISHED])
def test_whoever_lacks_a_second_factor_sets_it_up_first_and_comes_back(permission, asking):
    request = asking(Actor(person=User(pk=1), needs_second_factor=True))
    answer = requires(permission)(view)(request)
    assert (answer.status_code, answer.url) == (302, "/account/second-factor/set-up/")
    assert request.session == {AFTER_SECOND_FACTOR: ADDRESS}


@pytest.mark.parametrize(
    ("permission", "actor"), [(None, READER), (P.READ_UNPUBLISHED, READER), (P.READ_AUDIT, system_actor("x"))]
)
def test_who_may_sees_the_page_with_what_the_address_says(permission, actor, asking):
    request = asking(actor)
    answer = requires(permission)(view)(request, 1, code="QSL")
    assert answer.content == b"(1,) {'code': 'QSL'}"
    assert request.session == {}


def test_who_may_not_is_refused_with_the_role_that_it_takes(asking):
    with pytest.raises(PermissionDenied) as caught:
        requires(P.MANAGE_MEMBERS)(view)(asking(READER))
    assert str(caught.value) == refusal(P.MANAGE_MEMBERS)


def test_a_guarded_view_keeps_its_name_and_says_what_it_requires():
    guarded = requires(P.MANAGE_KEYS)(view)
    assert (guarded.__name__, guarded.__doc__, guarded.required_permission) == ("view", view.__doc__, P.MANAGE_KEYS)
    assert requires()(view).required_permission is None


@pytest.mark.parametrize(
    ("htmx", "status", "name", "address"),
    [
        (None, 302, "Location", QUOTED),
        ("/uploads/7/?x=1", 200, "HX-Redirect", "/account/login/?next=/uploads/7/%3Fx%3D1"),
        ("", 200, "HX-Redirect", QUOTED),
    ],
    ids=["page", "part", "part of an unknown page"],
)
def test_a_part_of_a_page_takes_the_whole_page_to_the_login(htmx, status, name, address, asking):
    request = asking(ANONYMOUS)
    if htmx is not None:
        request.htmx = SimpleNamespace(current_url_abs_path=htmx or None)
    answer = ask_to_log_in(request)
    assert (answer.status_code, answer[name]) == (status, address)


@pytest.mark.parametrize(
    ("actor", "header", "kept"),
    [
        (READER, None, "private, no-store"),
        (READER, "max-age=60", "max-age=60"),
        (ANONYMOUS, None, None),
        (ANONYMOUS, "max-age=60", "max-age=60"),
    ],
)
def test_a_page_for_one_person_stays_in_no_cache_unless_it_says_so_itself(actor, header, kept, rf, monkeypatch):
    monkeypatch.setattr("pooledcare.directory.access.guard.request_actor", lambda request: actor)
    seen = []

    def answer(request):
        seen.append(request.actor)
        return HttpResponse(headers={"Cache-Control": header} if header else {})

    assert ActorMiddleware(answer)(rf.get("/")).get("Cache-Control") == kept
    assert seen == [actor]
