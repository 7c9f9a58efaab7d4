"""How long a login lasts, what counts as doing something, and ending it from anywhere."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.http import HttpResponse

from pooledcare.directory import sessions
from pooledcare.directory.models import AuditEvent, Organisation
from tests import factories
from tests.conftest import ParsingClient
from tests.directory.logins import give_code, give_password, is_logged_in, member_with_address

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 6, 1, 8, 0, 0, tzinfo=dt.UTC)
IDLE = dt.timedelta(minutes=30)
ABSOLUTE = dt.timedelta(hours=12)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _no_limits_left_over(db):
    cache.clear()


@pytest.fixture
def member(organisation: Organisation):
    return member_with_address(organisation, "viewer")


def log_in(member) -> ParsingClient:
    client = ParsingClient()
    give_password(client, member.email)
    give_code(client)
    assert is_logged_in(client)
    return client


@pytest.mark.parametrize(("after", "lasts"), [(IDLE - SECOND, True), (IDLE, True), (IDLE + SECOND, False)])
def test_a_login_ends_after_half_an_hour_of_nothing(after, lasts, member):
    with time_machine.travel(START, tick=False) as clock:
        client = log_in(member)
        clock.shift(after)
        assert is_logged_in(client) is lasts


def test_activity_keeps_it_to_the_second(member):
    with time_machine.travel(START, tick=False) as clock:
        client = log_in(member)
        clock.shift(29)  # seconds: a moment that rounding would lose
        client.get("/account/")
        clock.shift(IDLE)
        assert is_logged_in(client)


@pytest.mark.slow
@pytest.mark.parametrize(("after", "lasts"), [(ABSOLUTE, True), (ABSOLUTE + SECOND, False)])
def test_a_login_ends_after_twelve_hours_whatever_one_does(after, lasts, member):
    with time_machine.travel(START, tick=False) as clock:
        client = log_in(member)
        while clock_now() + dt.timedelta(minutes=25) < START + after:
            clock.shift(dt.timedelta(minutes=25))
            assert is_logged_in(client)
        clock.move_to(START + after)
        assert is_logged_in(client) is lasts


def clock_now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC)


def test_the_login_page_says_why_and_leads_back(member):
    with time_machine.travel(START, tick=False) as clock:
        client = log_in(member)
        clock.shift(IDLE + SECOND)
        answer = client.get("/account/name/")
        assert answer.url == "/account/login/?next=/account/name/"
        page = client.get(answer.url).content.decode()
        assert "you did nothing for 30 minutes" in page
        assert 'value="/account/name/"' in page


@pytest.mark.parametrize("away", [ABSOLUTE + SECOND, dt.timedelta(hours=20)])
def test_after_twelve_hours_the_reason_is_another(away, member):
    with time_machine.travel(START, tick=False) as clock:
        client = log_in(member)
        clock.shift(away)
        client.get("/account/")
        assert "logged in for 12 hours" in client.get("/account/login/").content.decode()


def test_a_new_login_starts_both_clocks(member):
    with time_machine.travel(START, tick=False) as clock:
        client = log_in(member)
        clock.shift(ABSOLUTE + SECOND)
        assert not is_logged_in(client)
        give_password(client, member.email)
        give_code(client)
        clock.shift(IDLE)
        assert is_logged_in(client)
        assert "did nothing" not in client.get("/account/").content.decode()


def test_staying_logged_in_says_until_when(member):
    with time_machine.travel(START, tick=False) as clock:
        client = log_in(member)
        clock.shift(dt.timedelta(minutes=28))
        answer = client.post("/session/extend/")
        assert answer.status_code == 204
        assert answer["X-Session-Ends"] == (START + dt.timedelta(minutes=58)).isoformat()
        clock.shift(dt.timedelta(minutes=29))
        assert is_logged_in(client)


def test_staying_logged_in_goes_no_further_than_twelve_hours(member):
    with time_machine.travel(START, tick=False) as clock:
        client = log_in(member)
        while clock_now() < START + ABSOLUTE - dt.timedelta(minutes=20):
            clock.shift(dt.timedelta(minutes=20))
            answer = client.post("/session/extend/")
        assert answer["X-Session-Ends"] == (START + ABSOLUTE).isoformat()


def test_an_ended_login_cannot_be_extended(member):
    with time_machine.travel(START, tick=False) as clock:
        client = log_in(member)
        clock.shift(IDLE + SECOND)
        assert client.post("/session/extend/").status_code == 302
        assert not is_logged_in(client)


def test_parts_of_a_page_that_fetch_themselves_are_no_activity(rf, member):
    @sessions.background
    def poll(request):
        return HttpResponse()

    def ask(view, session):
        request = rf.get("/")
        request.user, request.session = member, session
        sessions.SessionLifetimeMiddleware(view)(request)
        return session[sessions.SEEN]

    with time_machine.travel(START, tick=False) as clock:
        session: dict[str, int] = {}
        began = ask(poll, session)
        clock.shift(60)
        assert ask(poll, session) == began
        assert ask(lambda request: HttpResponse(), session) == began + 60


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/x", "javascript:alert(1)"])
def test_the_page_that_ends_a_session_leads_nowhere_else(target, client):
    answer = client.get("/session/ended/", {"next": target})
    assert answer.url == "/account/login/?next=%2F"


def test_a_page_whose_time_is_up_leads_to_the_login_and_back(client):
    answer = client.get("/session/ended/", {"next": "/places/?q=a"})
    assert answer.url == "/account/login/?next=%2Fplaces%2F%3Fq%3Da"
    assert "did nothing" in client.get(answer.url).content.decode()


def test_an_htmx_part_sends_the_whole_page_to_the_login(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/uploads/7/"}
    answer = client.get("/keys/", headers=headers)
    assert answer["HX-Redirect"] == "/account/login/?next=/uploads/7/"


def test_sessions_are_listed_and_ended_one_by_one(member):
    here, elsewhere = log_in(member), ParsingClient()
    with time_machine.travel(dt.datetime.now(tz=dt.UTC) + dt.timedelta(minutes=2)):
        give_password(elsewhere, member.email)
        give_code(elsewhere)
        assert is_logged_in(elsewhere)
    page = here.get("/account/sessions/").content.decode()
    assert "This browser" in page
    assert "Another browser" in page
    other = UserSession.objects.get(session_key=elsewhere.session.session_key)
    assert here.post(f"/account/sessions/{other.pk}/end/").status_code == 302
    assert not is_logged_in(elsewhere)
    assert is_logged_in(here)
    assert AuditEvent.objects.filter(action="account.session_ended").count() == 1


def test_all_other_sessions_end_at_once(member):
    here, others = log_in(member), [ParsingClient() for _ in range(2)]
    for number, other in enumerate(others, start=1):
        with time_machine.travel(dt.datetime.now(tz=dt.UTC) + dt.timedelta(minutes=2 * number)):
            give_password(other, member.email)
            give_code(other)
    here.post("/account/sessions/end-others/")
    assert is_logged_in(here)
    assert not any(is_logged_in(other) for other in others)


def test_ending_this_session_logs_out(member):
    here = log_in(member)
    own = UserSession.objects.get(session_key=here.session.session_key)
    here.post(f"/account/sessions/{own.pk}/end/")
    assert not is_logged_in(here)


def test_the_session_of_somebody_else_is_not_found(member):
    theirs = log_in(member_with_address(factories.organisation(), "viewer"))
    other = UserSession.objects.get(session_key=theirs.session.session_key)
    mine = log_in(member)
    assert mine.post(f"/account/sessions/{other.pk}/end/").status_code == 404
    assert mine.post("/account/sessions/999999/end/").status_code == 404
    assert is_logged_in(theirs)


def test_logging_out_ends_the_session_on_the_server(member):
    client = log_in(member)
    cookie = client.cookies["session"].value
    assert client.post("/account/logout/").url == "/"
    client.cookies["session"] = cookie
    assert not is_logged_in(client)


def test_a_get_logs_nobody_out(member):
    client = log_in(member)
    client.get("/account/logout/")
    assert is_logged_in(client)


def test_a_page_for_one_person_stays_in_no_cache(member):
    assert log_in(member).get("/account/")["Cache-Control"] == "private, no-store"


def test_the_api_leaves_the_session_alone(member):
    """An export is still being written when a session would be saved, on the same connection."""
    with time_machine.travel(START, tick=False) as clock:
        client = log_in(member)
        before = dict(client.session)
        for minutes in (1, 40):
            clock.move_to(START + dt.timedelta(minutes=minutes))
            assert client.get("/api/v1/organisations/").status_code == 200
            assert dict(client.session) == before
        clock.move_to(START + SECOND)
        export = client.get("/api/v1/organisations/?format=csv")
        assert b"".join(export.streaming_content).startswith(b"code,name,kind")
        assert is_logged_in(client)
