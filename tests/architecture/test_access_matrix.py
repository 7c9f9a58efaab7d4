"""Every route × every role × every method, against the table in `access_matrix.py`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from pooledcare.directory.access import ROLES
from tests import factories
from tests.architecture.access_matrix import ANONYMOUS, COLUMNS, EXPECTED, KEY, LOGIN, METHODS, OUTSIDER, Line, Named
from tests.world import World

HOW_TO_ADD = "Add a line for it to EXPECTED in tests/architecture/access_matrix.py; the top of that file says how."
# Answers to anything that has no address.
CATCH_ALL = {"api:unknown"}


def all_routes() -> set[str]:
    return set(_walk(get_resolver(), ""))


def _walk(resolver: URLResolver, namespace: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _walk(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        elif isinstance(entry, URLPattern):
            assert entry.name, f"{entry.pattern} has no name"
            yield namespace + entry.name


def test_every_route_has_a_line_and_every_line_a_route():
    routes = all_routes()
    assert len(routes) > 80
    assert routes - CATCH_ALL - set(EXPECTED) == set(), HOW_TO_ADD
    assert set(EXPECTED) - routes == set(), "These lines speak of routes that are gone."


@pytest.fixture
def named(world: World, settings) -> Named:
    settings.DEMO = True
    cache.clear()
    return Named(world)


@pytest.fixture
def clients(named: Named) -> dict[str, Client]:
    made = {column: Client(raise_request_exception=False) for column in COLUMNS}
    for role in ROLES:
        factories.log_in(made[role], named.people[role])
    factories.log_in(made[OUTSIDER], named.stranger)
    made[KEY].defaults["HTTP_AUTHORIZATION"] = f"Bearer {named.key_token}"
    return made


GROUPS = sorted({route.partition(":")[0] if ":" in route else "account" for route in EXPECTED})


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS)
def test_everybody_gets_the_answer_of_the_table(group: str, named: Named, clients: dict[str, Client]):
    tried, wrong = 0, []
    for number, (route, line) in enumerate(EXPECTED.items()):
        if (route.partition(":")[0] if ":" in route else "account") != group:
            continue
        address = reverse(route, kwargs=named.arguments(line))
        for column, method in _cells(line, number):
            tried += 1
            expected, answer = line.expected(method, column), _ask(clients[column], method, address)
            if answer != expected:
                wrong.append(f"{route}: {method} {address} by {column} gives {answer}, expected {expected}")
    assert tried >= len(COLUMNS)
    assert not wrong, "\n".join(wrong)


def _cells(line: Line, number: int) -> list[tuple[str, str]]:
    """Everybody tries each method that the route has; each other method is tried once, by another column each time."""
    cells = []
    for place, method in enumerate(METHODS):
        columns = COLUMNS if method in line.answers else (COLUMNS[(number + place) % len(COLUMNS)],)
        cells.extend((column, method) for column in columns)
    return cells


def _ask(client: Client, method: str, address: str) -> int | str:
    """The answer, with every effect on the database and the session undone."""
    before = client.cookies.copy()
    with transaction.atomic():
        answer = client.generic(method, address)
        if getattr(answer, "streaming", False):
            b"".join(answer.streaming_content)
        transaction.set_rollback(True)
    client.cookies = before
    if answer.status_code == 302 and answer["Location"].startswith("/account/login/?next="):
        return LOGIN
    return answer.status_code


def test_a_page_of_others_and_a_page_that_never_was_look_the_same(named: Named, clients: dict[str, Client]):
    """Not found is not found, whether or not something is there: same words, and no redirect that gives it away."""
    pairs = [
        (f"/members/{named.membership.pk}/", "/members/987654321/"),
        (f"/members/{named.membership.pk}/remove/", "/members/987654321/remove/"),
        (f"/keys/{named.key.prefix}/revoke/", "/keys/zzzzzzzz/revoke/"),
        (f"/members/?organisation={named.organisation.code}", "/members/?organisation=ZZZ99"),
        (f"/audit/?organisation={named.organisation.code}", "/audit/?organisation=ZZZ99"),
        (f"/agreements/{named.draft.reference}/", "/agreements/S75-987654321/"),
        (f"/agreements/{named.draft.reference}/draft/", "/agreements/S75-987654321/draft/"),
        (f"/agreements/{named.draft.reference}/deeds/0/approve/", "/agreements/S75-987654321/deeds/0/approve/"),
    ]
    for real, imaginary in pairs:
        answers = [clients[OUTSIDER].get(address, headers={"X-Request-ID": "a" * 8}) for address in (real, imaginary)]
        assert [answer.status_code for answer in answers] == [404, 404], real
        first, second = (answer.content.decode() for answer in answers)
        assert _without_tokens(first) == _without_tokens(second), real
        gone = [clients[ANONYMOUS].get(address).status_code for address in (real, imaginary)]
        assert gone == [302, 302], real


def _without_tokens(html: str) -> str:
    import re

    # The seconds that are left of the session may tick between two requests.
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"|data-left="[0-9]+"', "", html)


@pytest.mark.slow
def test_a_planted_name_is_on_no_page_of_an_outsider(named: Named, clients: dict[str, Client]):
    """Everything of the first organisation's people carries this name; nobody else may ever read it."""
    for person in named.people.values():
        person.name = person.email = "CANARY"
        person.email = f"canary{person.pk}@example.org"
        person.save()
    walked = 0
    for route, line in EXPECTED.items():
        if "GET" not in line.answers:
            continue
        for column in (ANONYMOUS, OUTSIDER, KEY):
            answer = clients[column].get(reverse(route, kwargs=named.arguments(line)))
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert b"canary" not in body.lower(), f"{route} shows {column} who works elsewhere"
            walked += 1
    assert walked > 150
