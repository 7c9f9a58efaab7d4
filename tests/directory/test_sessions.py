"""How long a login lasts, what counts as doing something, and ending it from anywhere."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core.cache import cache
from django.http import HttpResponse

from pooledcare.directory import sessions
from pooledcare.directory.models import AuditEvent, Organisation
from pooledcare.directory.models.people import DEMO_DOMAIN
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
    with time_machine.travel(START, tick=False):
        client = log_in(member)
        session = client.session
        session[sessions.STARTED] -= int((ABSOLUTE - dt.timedelta(minutes=20)).total_seconds())
        session.save()
        answer = client.post("/session/extend/")
        assert answer["X-Session-Ends"] == (START + dt.timedelta(minutes=20)).isoformat()


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


@pytest.fixture
def ask(rf):
    """One request through the middleware, with a session that is kept in memory."""

    def make(user, session: SessionStore, path: str = "/") -> SessionStore:
        request = rf.get(path)
        request.user, request.session = user, session
        sessions.SessionLifetimeMiddleware(lambda request: HttpResponse())(request)
        return request

    return make


def clocks(began: dt.timedelta, seen: dt.timedelta) -> SessionStore:
    """A session that began and was last seen so long ago."""
    session = SessionStore()
    now = int(START.timestamp())
    session[sessions.STARTED] = now - int(began.total_seconds())
    session[sessions.SEEN] = now - int(seen.total_seconds())
    return session


@pytest.mark.parametrize(
    ("began", "seen", "ended"),
    [
        (IDLE, IDLE, None),
        (IDLE + SECOND, IDLE + SECOND, "idle"),
        (ABSOLUTE, IDLE, None),
        (ABSOLUTE + SECOND, SECOND, "absolute"),
        (ABSOLUTE + SECOND, IDLE + SECOND, "absolute"),
        (ABSOLUTE, IDLE + SECOND, "idle"),
    ],
)
def test_each_clock_ends_a_login_by_itself_and_says_which(began, seen, ended, ask, member):
    with time_machine.travel(START, tick=False):
        request = ask(member, clocks(began, seen))
    assert request.session.get(sessions.ENDED) == ended
    assert request.user.is_authenticated is (ended is None)
    assert request.session.get(sessions.SEEN) == (int(START.timestamp()) if ended is None else None)


def test_a_session_without_clocks_gets_both_and_a_visitor_none(ask, member):
    with time_machine.travel(START, tick=False):
        now = int(START.timestamp())
        session = ask(member, SessionStore()).session
        assert (session[sessions.STARTED], session[sessions.SEEN]) == (now, now)
        assert ask(AnonymousUser(), SessionStore()).session.is_empty()


def test_a_session_is_saved_again_only_when_something_changed(ask, member):
    with time_machine.travel(START, tick=False):
        session = clocks(SECOND, dt.timedelta(0))
        session.modified = False
        assert not ask(member, session).session.modified
        assert ask(member, clocks(SECOND, SECOND)).session.modified


@pytest.mark.parametrize(
    ("path", "left_alone"),
    [("/api/v1/uploads/", True), ("/api/v1", False), ("/api/docs/", False), ("/search/api/v1/", False)],
)
def test_the_api_alone_knows_no_sessions(path, left_alone, ask, member):
    with time_machine.travel(START, tick=False):
        request = ask(member, clocks(ABSOLUTE + SECOND, SECOND), path)
    assert request.user.is_authenticated is left_alone


@pytest.mark.parametrize("demo", [True, False])
def test_an_invented_person_is_logged_out_where_real_ones_work(demo, ask, settings):
    settings.DEMO = demo
    with time_machine.travel(START, tick=False):
        request = ask(factories.person(email=f"pat@{DEMO_DOMAIN}"), clocks(SECOND, SECOND))
    assert request.user.is_authenticated is demo
    assert sessions.ENDED not in request.session


@pytest.mark.parametrize(
    ("began", "seen", "left"),
    [
        (SECOND, SECOND, IDLE - SECOND),
        (ABSOLUTE - IDLE, dt.timedelta(0), IDLE),
        (ABSOLUTE - IDLE + SECOND, dt.timedelta(0), IDLE - SECOND),
        (ABSOLUTE, SECOND, dt.timedelta(0)),
    ],
)
def test_the_end_of_a_login_is_that_of_the_first_clock(began, seen, left, rf):
    request = rf.get("/")
    request.session = clocks(began, seen)
    with time_machine.travel(START, tick=False):
        assert sessions.deadline(request) == START + left
        request.session = {}
        assert sessions.deadline(request) == START + IDLE


def test_a_login_begins_both_clocks_and_forgets_why_the_last_one_ended(rf):
    request = rf.get("/")
    request.session = {sessions.STARTED: 1, sessions.SEEN: 2, sessions.ENDED: "idle", "other": 3}
    with time_machine.travel(START, tick=False):
        sessions.begin(request)
    now = int(START.timestamp())
    assert request.session == {sessions.STARTED: now, sessions.SEEN: now, "other": 3}


def test_a_background_view_answers_as_before_and_keeps_its_name(rf):
    @sessions.background
    def progress(request, number, *, code):
        return HttpResponse(f"{number} {code}")

    assert progress(rf.get("/"), 7, code="QSL").content == b"7 QSL"
    assert progress.__name__ == "progress"


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
