"""Work in the background that keeps the house: a sign of life, and forgetting what has expired to the second."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection

from pooledcare.directory import tasks
from pooledcare.directory.models import Heartbeat, IdempotencyRecord
from tests import factories

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
EDGES = {"before": -SECOND, "on": dt.timedelta(0), "after": SECOND}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def test_the_worker_is_seen_alive_in_one_row(clock):
    tasks.record_heartbeat()
    clock.shift(60)
    tasks.record_heartbeat()
    assert list(Heartbeat.objects.values_list("name", "beat_at")) == [("worker", NOON + dt.timedelta(seconds=60))]
    assert str(Heartbeat.objects.get()) == "worker at 2026-06-01 12:01:00+00:00"


def test_what_has_expired_goes_and_what_counts_still_stays(settings):
    settings.IDEMPOTENCY_KEEP = dt.timedelta(days=7)
    user = factories.person()
    for name, shift in EDGES.items():
        IdempotencyRecord.objects.create(
            client="c", route="r", key=name, fingerprint="f", created_at=NOON - dt.timedelta(days=7) + shift
        )
        Session.objects.create(session_key=name, session_data="", expire_date=NOON + shift)
        UserSession.objects.create(user=user, session_key=name, ip="127.0.0.1", user_agent="Example")
    UserSession.objects.create(user=user, session_key="of no session", ip="127.0.0.1", user_agent="Example")
    tasks.tidy_up()
    for model, column in ((IdempotencyRecord, "key"), (Session, "session_key"), (UserSession, "session_key")):
        assert set(model.objects.values_list(column, flat=True)) == {"on", "after"}, model.__name__


def test_entries_of_the_cache_and_counts_of_requests_go_when_their_time_is_over():
    cache.clear()
    with connection.cursor() as cursor:
        cursor.execute("delete from request_count")  # what tests with a server of their own have left behind
    for name, shift in EDGES.items():
        cache.set(name, 1, timeout=60)
        with connection.cursor() as cursor:
            cursor.execute(
                "update directory_cache set expires = %s where cache_key like %s", [NOON + shift, f"%{name}"]
            )
            cursor.execute("insert into request_count values (%s, 0, 1)", [name])
    tasks.tidy_up()
    with connection.cursor() as cursor:
        cursor.execute("select cache_key from directory_cache order by 1")
        assert [key.rsplit(":", 1)[1] for (key,) in cursor.fetchall()] == ["after", "on"]
        cursor.execute("select count(*) from request_count")
        assert cursor.fetchone() == (0,)
