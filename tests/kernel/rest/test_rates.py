"""How many requests a minute a client may make: edges of the minute, the count kept across, who counts as one."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import connection

from pooledcare.kernel.rest import rates
from pooledcare.kernel.rest.rates import Allowance, client_reference, count_request, forget_old_counts
from tests.kernel.rest.conftest import Somebody, get, refusal

KEY = Somebody("key:a")
NOON = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
EPOCH = int(NOON.timestamp())


@pytest.fixture(autouse=True)
def _limits(settings):
    settings.API_RATE_ANONYMOUS, settings.API_RATE_KEY = 3, 5


@pytest.fixture(autouse=True)
def _nothing_counted_yet(request: pytest.FixtureRequest):
    """Tests that start a server leave its counts behind: they are no model's, so nothing empties their table."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        with connection.cursor() as cursor:
            cursor.execute("delete from request_count")


def counted(seconds: float, client: Somebody | None = KEY, **meta: str) -> Allowance:
    with time_machine.travel(NOON + dt.timedelta(seconds=seconds), tick=False):
        return count_request(get(**meta), client)


def rows() -> list[tuple[str, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute("select client, window_start, used from request_count order by client")
        return cursor.fetchall()


@pytest.mark.parametrize(
    ("used", "remaining", "is_allowed"),
    [(1, "4", True), (4, "1", True), (5, "0", True), (6, "0", False), (9, "0", False)],
)
def test_the_allowance_is_used_up_after_its_last_request(used, remaining, is_allowed):
    allowance = Allowance(limit=5, used=used, reset=17)
    assert allowance.headers() == {"RateLimit-Limit": "5", "RateLimit-Remaining": remaining, "RateLimit-Reset": "17"}
    if is_allowed:
        allowance.check()
    else:
        problem = refusal(allowance.check)
        assert (problem.kind.slug, problem.headers) == ("rate-limit-exceeded", {"Retry-After": "17"})


@pytest.mark.django_db
def test_requests_of_one_minute_are_counted_together_and_a_new_minute_begins_again():
    found = [counted(second) for second in (0, 0.5, 30, 59, 59.999, 60, 61, 180)]
    assert [(one.used, one.reset) for one in found] == [
        (1, 60),
        (2, 60),
        (3, 30),
        (4, 1),
        (5, 1),
        (1, 60),
        (2, 59),
        (1, 60),
    ]
    assert {one.limit for one in found} == {5}
    assert rows() == [("key:a", EPOCH + 180, 1)]


@pytest.mark.django_db
def test_the_minute_is_that_of_the_clock_and_not_of_the_first_request():
    assert counted(30) == Allowance(limit=5, used=1, reset=30)
    assert rows() == [("key:a", EPOCH, 1)]
    assert counted(61) == Allowance(limit=5, used=1, reset=59)
    assert rows() == [("key:a", EPOCH + 60, 1)]


@pytest.mark.django_db
def test_a_clock_that_was_set_back_begins_again_too():
    assert [counted(second).used for second in (60, 60, 59, 59, 60)] == [1, 2, 1, 2, 1]


@pytest.mark.django_db
def test_each_client_and_each_address_is_counted_alone_and_by_its_own_limit():
    nobody = Somebody("anonymous", is_anonymous=True)
    here, there = {"REMOTE_ADDR": "192.0.2.1"}, {"REMOTE_ADDR": "192.0.2.2"}
    assert counted(0, KEY, **here) == Allowance(5, 1, 60)
    assert counted(0, Somebody("key:b"), **here) == Allowance(5, 1, 60)
    assert counted(0, nobody, **here) == Allowance(3, 1, 60)
    assert counted(0, None, **here) == Allowance(3, 2, 60)
    assert counted(0, nobody, **there) == Allowance(3, 1, 60)
    assert counted(0, nobody, **here, HTTP_X_FORWARDED_FOR="198.51.100.9") == Allowance(3, 3, 60)
    assert rows() == [
        ("address:192.0.2.1", EPOCH, 3),
        ("address:192.0.2.2", EPOCH, 1),
        ("key:a", EPOCH, 1),
        ("key:b", EPOCH, 1),
    ]


@pytest.mark.django_db
def test_a_request_beyond_the_limit_is_counted_too():
    assert [counted(0).used for _ in range(7)][-1] == 7
    assert [counted(60).used for _ in range(2)] == [1, 2]


@pytest.mark.django_db
def test_a_long_reference_is_counted_by_its_first_hundred_characters():
    assert counted(0, Somebody("k" * 100)).used == 1
    assert counted(0, Somebody("k" * 101)).used == 2
    assert counted(0, Somebody("k" * 99)).used == 1


def test_who_counts_as_one():
    request = get(REMOTE_ADDR="192.0.2.1")
    assert client_reference(request, None) == "address:192.0.2.1"
    assert client_reference(request, Somebody("x", is_anonymous=True)) == "address:192.0.2.1"
    assert client_reference(request, KEY) == "key:a"
    del request.META["REMOTE_ADDR"]
    assert client_reference(request, None) == "address:"


def test_the_count_is_kept_across_connections(second, monkeypatch):
    with second.cursor() as cursor:  # a table of the same name before the real one, so that nothing of it stays
        cursor.execute(
            "create temporary table request_count"
            " (client varchar(100) not null primary key, window_start bigint not null, used integer not null)"
        )
    monkeypatch.setattr(rates, "connection", second)
    assert [counted(0).used for _ in range(2)] == [1, 2]
    with second.cursor() as cursor:
        cursor.execute("select client, window_start, used from request_count")
        assert cursor.fetchall() == [("key:a", EPOCH, 2)]


@pytest.mark.django_db
def test_counts_are_forgotten_after_an_hour():
    for n, age in enumerate((0, 3599, 3600, 3601, 7200)):
        with connection.cursor() as cursor:
            cursor.execute("insert into request_count values (%s, %s, 1)", [f"key:{n}", EPOCH - age])
    with time_machine.travel(NOON + dt.timedelta(milliseconds=500), tick=False):
        assert forget_old_counts() == 2
        assert [client for client, _, _ in rows()] == ["key:0", "key:1", "key:2"]
        assert forget_old_counts() == 0
