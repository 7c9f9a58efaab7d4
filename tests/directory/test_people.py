"""A person's own account, the invented people of the demonstration, and whether this server may be sent requests."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from pooledcare import health
from pooledcare.directory import demo, tasks
from pooledcare.directory.access import person_actor
from pooledcare.directory.models import Heartbeat, Membership, Organisation, User
from tests import factories
from tests.conftest import ParsingClient
from tests.directory.logins import give_password, is_logged_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(organisation: Organisation):
    return factories.member(organisation=organisation, roles=["org_admin"])


def test_the_account_page_links_what_each_organisation_lets_one_do(member, organisation, client_of):
    second = factories.organisation()
    Membership.objects.create(user=member, organisation=second, roles=["viewer"])
    page = client_of(member).get("/account/").content.decode()
    assert f"/members/?organisation={organisation.code}" in page
    assert f"/members/?organisation={second.code}" not in page
    assert second.name in page


def test_a_name_is_changed_and_a_stale_page_keeps_what_was_typed(member, client_of):
    client = client_of(member)
    assert client.post("/account/name/", {"name": "Robin Example", "version": 1}).status_code == 302
    page = client.post("/account/name/", {"name": "Another Name", "version": 1}).content.decode()
    assert "Somebody else changed this" in page
    assert 'value="Another Name"' in page
    member.refresh_from_db()
    assert member.name == "Robin Example"


def test_fields_that_the_form_does_not_have_change_nothing(member, organisation, client_of):
    sent = {"name": "Robin Example", "version": 1, "email": "x@example.org", "is_active": "0", "id": "1", "pk": "1"}
    client_of(member).post("/account/name/", sent)
    changed = User.objects.get(pk=member.pk)
    assert (changed.name, changed.email, changed.is_active) == ("Robin Example", member.email, True)


# The demonstration


@pytest.fixture
def stage(settings):
    """The organisations in which the invented people act."""
    settings.DEMO = True
    cache.clear()
    factories.nhs_england()
    factories.mhclg()
    factories.organisation(code="QSL", name="NHS Somerset Integrated Care Board")
    factories.organisation(code="E06000066", name="Somerset Council", kind="unitary")


def test_demo_people_are_made_once_and_put_back_into_their_parts(stage):
    first = demo.make_demo_people()
    first[0].user.set_password("changed by a visitor")
    first[0].user.save()
    Membership.objects.filter(user=first[1].user).update(roles=["viewer"])
    again = demo.make_demo_people()
    assert [person.user.pk for person in again] == [person.user.pk for person in first]
    assert len(again) == len(demo.CAST) == User.objects.count()
    assert again[0].user.check_password(demo.PASSWORD)
    assert Membership.objects.get(user=first[1].user).roles == ["finance_approver"]
    assert all("(demo)" in person.user.name for person in again)


def test_one_click_logs_in_past_password_and_code(stage, client):
    demo.make_demo_people()
    page = client.get("/demo/").content.decode()
    assert "Pat Example (demo)" in page
    assert client.post("/demo/pat/").url == "/"
    assert is_logged_in(client)
    assert client.post("/demo/charlie/").status_code == 302
    assert "Charlie Mockup" in client.get("/account/").content.decode()
    assert client.post("/demo/nobody/").status_code == 404


def test_one_click_still_asks_for_the_token_against_forged_forms(stage):
    demo.make_demo_people()
    client = ParsingClient(enforce_csrf_checks=True)
    assert client.post("/demo/pat/").status_code == 403


def test_the_login_page_shows_the_way_in_a_demonstration_only(stage, client, settings):
    assert "/demo/" in client.get("/account/login/").content.decode()
    settings.DEMO = False
    assert "/demo/" not in client.get("/account/login/").content.decode()


def test_outside_the_demonstration_invented_people_are_nobody(stage, settings, client, organisation):
    person = demo.make_demo_people()[0]
    session = ParsingClient()
    session.post("/demo/pat/")
    assert is_logged_in(session)
    settings.DEMO = False
    assert client.get("/demo/").status_code == 404
    assert client.post("/demo/pat/").status_code == 404
    assert "is not correct" in give_password(client, person.user.email, demo.PASSWORD).content.decode()
    assert not is_logged_in(session), "an old session ends"
    assert person_actor(person.user).grants == {}
    assert demo.demo_people() == []
    with pytest.raises(ImproperlyConfigured):
        demo.make_demo_people()


@pytest.mark.parametrize(
    ("embedded", "bind", "expected"),
    [
        ("1", "127.0.0.1:8000", True),
        ("1", "localhost:8000", True),
        ("1", "[::1]:8000", True),
        ("0", "127.0.0.1:8000", False),
        ("1", "0.0.0.0:8000", False),
        ("1", "192.168.1.7:8000", False),
        ("1", "[::]:8000", False),
    ],
)
def test_a_demonstration_needs_the_embedded_database_and_a_loopback_address(embedded, bind, expected, run_settings):
    assert run_settings("DEMO", EMBEDDED=embedded, BIND=bind) == str(expected)


@pytest.fixture
def run_settings():
    """A setting as another process would see it, with another environment."""
    import os
    import subprocess
    import sys

    def read(name: str, **environment: str) -> str:
        code = f"import pooledcare.settings as s; print(s.{name})"
        done = subprocess.run(
            [sys.executable, "-c", code], env=os.environ | environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    return read


def test_the_demo_logins_are_printed_with_a_code_that_works(stage, client):
    demo.make_demo_people()
    printed = io.StringIO()
    call_command("demo_logins", stdout=printed)
    text = printed.getvalue()
    assert "pat@demo.pooledcare.example" in text
    assert demo.PASSWORD in text
    give_password(client, "pat@demo.pooledcare.example", demo.PASSWORD)
    code = text.split("code now: ")[1][:6]
    assert client.post("/account/second-factor/authenticate/", {"code": code}).status_code == 302
    assert is_logged_in(client)


def test_without_a_demonstration_nothing_is_printed(settings):
    settings.DEMO = False
    printed = io.StringIO()
    call_command("demo_logins", stdout=printed)
    assert printed.getvalue() == ""


# Health


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch):
    monkeypatch.setattr(health, "_applied", [])


def test_alive_asks_nobody(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/health/live").json() == {"status": "alive"}


def test_ready_with_a_worker_that_was_seen_a_moment_ago(client):
    tasks.record_heartbeat()
    answer = client.get("/health/ready")
    assert answer.json() == {
        "status": "ready",
        "degraded": [],
        "checks": {"database": "ok", "migrations": "ok", "broker": "ok", "worker": "ok"},
    }


@pytest.mark.parametrize(("age", "state"), [(59, "ok"), (61, "silent"), (None, "never seen")])
def test_a_silent_worker_is_reported_and_pages_still_work(age, state, client):
    if age is not None:
        Heartbeat.objects.create(name="worker", beat_at=timezone.now() - dt.timedelta(seconds=age))
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json()["checks"]["worker"] == state
    assert answer.json()["degraded"] == ([] if state == "ok" else ["worker"])


def test_a_broker_out_of_reach_is_reported_and_pages_still_work(client, settings, tmp_path):
    settings.CELERY_BROKER_URL, settings.BROKER_DIR = "filesystem://", tmp_path / "gone"
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert "broker" in answer.json()["degraded"]


def test_without_a_database_it_is_not_ready(client, monkeypatch, caplog):
    def fail(*args: object, **kwargs: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "cursor", fail)
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["checks"] == {"database": "unreachable"}
    assert "connection refused" not in answer.content.decode()
    told = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert told == [("WARNING", "Not ready: {'database': 'unreachable'}")]


def test_a_database_that_answers_late_is_not_ready(client, monkeypatch):
    clock = iter([0.0, 0.3])
    monkeypatch.setattr(health.time, "monotonic", lambda: next(clock))
    assert client.get("/health/ready").json()["checks"]["database"] == "slow"


def test_a_missing_migration_is_not_ready(client):
    with connection.cursor() as cursor:
        cursor.execute("delete from django_migrations where app = 'directory'")
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["migrations"] == "missing"
