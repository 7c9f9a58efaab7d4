"""The audit trail as page and file: own organisation only, filtered, page by page."""

from __future__ import annotations

import csv
import datetime as dt
import io
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pooledcare.directory.access import system_actor
from pooledcare.directory.history import record
from pooledcare.directory.models import AuditEvent, Membership, Organisation, OrganisationCode
from pooledcare.directory.queries.audit import AuditFilter, audit_actions, audit_lines, audit_page, lines_about
from pooledcare.directory.queries.organisations import codes_named_by
from tests import factories
from tests.costs import cost

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(organisation: Organisation):
    return factories.member(organisation=organisation, roles=["auditor"])


def line(organisation: Organisation | None, number: int = 1, **fields: str) -> None:
    values = {"action": "example.done", "subject": f"thing:{number}", "sentence": f"Thing thing:{number} was done."}
    code = organisation.code if organisation else ""
    record(by=system_actor("test"), organisation=code, **(values | fields))


def rows_of(client, query: str = "") -> list[list[str]]:
    answer = client.get(f"/audit/download/{query}")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))[1:]


def test_lines_of_other_organisations_are_never_there(auditor, organisation, client_of):
    line(organisation, 1)
    line(factories.organisation(), 2, sentence="CANARY")
    line(None, 3, subject=f"user:{factories.person().pk}", sentence="CANARY")
    client = client_of(auditor)
    assert "thing:1" in client.get("/audit/").content.decode()
    for address in ("/audit/", "/audit/?subject=thing:2", "/audit/?before=999999"):
        assert "CANARY" not in client.get(address).content.decode()
    assert "CANARY" not in str(rows_of(client))


def test_what_members_do_with_their_accounts_is_there(auditor, organisation, client_of):
    line(None, subject=f"user:{auditor.pk}", action="account.password_changed", sentence="Password changed.")
    assert "Password changed." in client_of(auditor).get("/audit/").content.decode()


def test_members_are_named_on_the_page_and_not_in_the_file(auditor, organisation, client_of):
    line(organisation, subject=f"user:{auditor.pk}")
    client = client_of(auditor)
    table = client.get("/audit/").content.decode().split("<table", 1)[1]
    assert auditor.name in table
    assert auditor.name not in str(rows_of(client))


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [3, 2, 1]),
        ("?action=other.done", [2]),
        ("?subject=thing:3", [3]),
        ("?actor=system:test", [3, 2, 1]),
        ("?actor=user:1", []),
        ("?since=2026-04-02", [3, 2]),
        ("?since=2+Apr+2026", [3, 2]),
        ("?until=2026-04-02", [2, 1]),
        ("?since=2026-04-02&until=2026-04-02", [2]),
    ],
)
def test_filters_narrow_page_and_file_alike(query, numbers, auditor, organisation, client_of):
    for number in (1, 2, 3):
        with time_machine.travel(dt.datetime(2026, 4, number, 12, tzinfo=dt.UTC), tick=False):
            line(organisation, number, action="other.done" if number == 2 else "example.done")
    client = client_of(auditor)
    assert [row[4] for row in rows_of(client, query)] == [f"thing:{number}" for number in numbers]
    page = client.get(f"/audit/{query}").content.decode()
    assert [number for number in (3, 2, 1) if f"Thing thing:{number} " in page] == numbers


@pytest.mark.parametrize(
    ("part", "typed"),
    [
        *(("actor", typed) for typed in ("Charlie Ó Dálaigh", "charlie", "ó DÁL", "user:{pk}", "USER:{pk}")),
        *(("subject", typed) for typed in ("Charlie Ó Dálaigh", "charlie", "ó DÁL", "user:{pk}")),
    ],
)
def test_whoever_is_named_beside_a_line_is_found_by_name_and_by_reference(
    part, typed, auditor, organisation, client_of
):
    charlie = factories.member(organisation=organisation, roles=["viewer"], name="Charlie Ó Dálaigh")
    line(organisation, 1)
    record(
        by=factories.actor(charlie), organisation=organisation.code, action="example.done", subject="thing:2",
        sentence="Thing thing:2 was done.",
    )  # fmt: skip
    line(organisation, 3, subject=f"user:{charlie.pk}")
    client = client_of(auditor)
    query = "?" + urlencode({part: typed.format(pk=charlie.pk)})
    rows = rows_of(client, query)
    assert [row[4] for row in rows] == ["thing:2" if part == "actor" else f"user:{charlie.pk}"]
    assert "Charlie" not in str(rows)
    table = client.get(f"/audit/{query}").content.decode().split("<table", 1)[1]
    assert "Charlie Ó Dálaigh" in table
    assert "thing:1" not in table


def test_who_is_not_named_beside_a_line_is_not_found_by_name(auditor, organisation, client_of):
    elsewhere = factories.member(organisation=factories.organisation(), roles=["viewer"], name="Charlie CANARY")
    record(
        by=factories.actor(elsewhere), organisation=organisation.code, action="example.done", subject="thing:1",
        sentence="Thing thing:1 was done.",
    )  # fmt: skip
    client = client_of(auditor)
    assert [row[4] for row in rows_of(client, f"?actor=user:{elsewhere.pk}")] == ["thing:1"]
    for wrong in ("actor=charlie", "subject=charlie", "actor=%25", "actor=_", f"actor={elsewhere.email}"):
        assert rows_of(client, f"?{wrong}") == []
        assert "CANARY" not in client.get(f"/audit/?{wrong}").content.decode()


def test_who_has_left_is_still_found_by_name(auditor, organisation, client_of):
    charlie = factories.member(organisation=organisation, roles=["viewer"], name="Charlie")
    line(organisation, subject=f"user:{charlie.pk}")
    Membership.objects.filter(user=charlie).update(ended_at=dt.datetime(2026, 4, 1, tzinfo=dt.UTC))
    assert len(rows_of(client_of(auditor), "?subject=charlie")) == 1


def test_a_name_that_many_share_takes_the_same_queries_as_one(auditor, organisation, client_of):
    client = client_of(auditor)

    def act(name: str) -> None:
        person = factories.member(organisation=organisation, roles=["viewer"], name=name)
        line(organisation, subject=f"user:{person.pk}")

    act("Charlie One")
    client.get("/audit/")
    one = cost(client, "/audit/?subject=charlie&actor=system:test")
    for number in range(3):
        act(f"Charlie {number}")
    assert cost(client, "/audit/?subject=charlie&actor=system:test") == one


def test_a_day_ends_at_midnight_in_london(auditor, organisation, client_of):
    with time_machine.travel(dt.datetime(2026, 7, 1, 23, 30, tzinfo=dt.UTC), tick=False):
        line(organisation, 1)  # half past midnight of 2 July
    client = client_of(auditor)
    assert rows_of(client, "?until=2026-07-01") == []
    assert len(rows_of(client, "?since=2026-07-02&until=2026-07-02")) == 1


def test_the_newest_lines_about_one_thing_come_first(organisation):
    for number in (1, 2, 1, 1):
        line(organisation, number)
    line(organisation, 9, subject="thing:1", sentence="The last.")
    found = lines_about("thing:1", most=3)
    assert found[0].sentence == "The last."
    assert [each.pk for each in found] == sorted((each.pk for each in found), reverse=True)
    assert (len(found), {each.subject for each in found}) == (3, {"thing:1"})


@pytest.mark.parametrize(("lines", "pages"), [(0, [0]), (50, [50]), (51, [50, 1])])
def test_a_page_holds_fifty_lines_and_says_whether_there_are_older_ones(lines, pages, organisation):
    for number in range(lines):
        line(organisation, number)
    found, before = [], None
    for size in pages:
        page = audit_page(organisation=organisation, asked=AuditFilter(), before=before)
        assert len(page.lines) == size
        found += page.lines
        before = page.older
    assert before is None
    assert [each.subject for each in found] == [f"thing:{number}" for number in reversed(range(lines))]


def test_who_was_or_is_a_member_is_named_and_nobody_else(organisation):
    here = factories.member(organisation=organisation, roles=["viewer"], name="Here")
    left = factories.member(organisation=organisation, roles=["viewer"], name="Left")
    Membership.objects.filter(user=left).update(ended_at=dt.datetime(2026, 4, 1, tzinfo=dt.UTC))
    Membership.objects.create(user=left, organisation=organisation, roles=["auditor"])
    elsewhere = factories.member(organisation=factories.organisation(), roles=["viewer"])
    factories.member(organisation=organisation, roles=["viewer"], name="In no line")
    for subject in (f"user:{left.pk}", f"user:{elsewhere.pk}", f"xuser:{here.pk}", "user:x", f"user:{10**19}"):
        line(organisation, subject=subject)
    record(
        by=factories.actor(here), organisation=organisation.code, action="example.done", subject="thing:1",
        sentence="Done.",
    )  # fmt: skip
    page = audit_page(organisation=organisation, asked=AuditFilter(), before=None)
    assert page.names == {f"user:{here.pk}": "Here", f"user:{left.pk}": "Left"}


def test_actions_that_occur_are_offered_once_by_name(organisation):
    for action in ("member.removed", "key.made", "member.removed"):
        line(organisation, action=action)
    line(factories.organisation(), action="upload.received")
    own = factories.member(organisation=organisation, roles=["viewer"])
    line(None, action="account.renamed", subject=f"user:{own.pk}")
    line(None, action="account.logged_in", subject=f"user:{factories.person().pk}")
    assert audit_actions(organisation=organisation) == ["account.renamed", "key.made", "member.removed"]


def test_lines_under_an_earlier_code_stay_and_those_of_whoever_has_that_code_now_are_not_shown(organisation):
    """A council whose code changed keeps its trail. A code that another organisation bears now is no longer its own."""
    line(organisation, action="before")
    former, organisation.code = organisation.code, "NEW1"
    organisation.save()
    scheme = organisation.codes.get(code=former).scheme
    OrganisationCode.objects.create(organisation=organisation, scheme=scheme, code="NEW1")
    OrganisationCode.objects.create(organisation=organisation, scheme="own", code="OTHER")
    AuditEvent.objects.create(actor="user:1", action="other scheme", subject="x", sentence="x", organisation="OTHER")
    line(organisation, action="after")
    assert audit_actions(organisation=organisation) == ["after", "before"]
    assert codes_named_by([organisation.pk]) == sorted(["NEW1", former])
    organisation.codes.filter(code=former).update(valid_to=dt.date(2020, 3, 31))
    other = factories.organisation(code="ELSE")
    other.code = former
    other.save()
    assert audit_actions(organisation=organisation) == ["after"]


def test_lines_about_a_member_at_another_organisation_are_not_shown(organisation):
    """They belong to that organisation, although the person is a member here as well."""
    both = factories.member(organisation=organisation, roles=["viewer"])
    line(factories.organisation(), subject=f"user:{both.pk}")
    assert audit_page(organisation=organisation, asked=AuditFilter(), before=None).lines == []
    assert list(audit_lines(organisation=organisation, asked=AuditFilter())) == []


def test_of_several_filters_each_narrows(organisation):
    line(organisation, 1)
    line(organisation, 2, action="other.done")
    line(organisation, 1, action="other.done")
    asked = AuditFilter(action="other.done", actor="SYSTEM:test", subject="thing:1")
    (found,) = audit_lines(organisation=organisation, asked=asked)
    assert (found.action, found.subject) == ("other.done", "thing:1")


@pytest.mark.parametrize(
    "wrong", ["since=yesterday", "until=2026-02-30", "action=nothing", "before=x", "before=-1", "since=²"]
)
def test_a_filter_that_is_not_understood_is_said_and_answers_400(wrong, auditor, organisation, client_of):
    line(organisation)
    client = client_of(auditor)
    assert client.get(f"/audit/?{wrong}").status_code == 400
    if "before" not in wrong:
        assert client.get(f"/audit/download/?{wrong}").status_code == 400


def test_every_line_is_on_exactly_one_page_and_late_pages_cost_no_more(auditor, organisation, client_of):
    for number in range(1, 131):
        line(organisation, number)
    client = client_of(auditor)
    client.get("/audit/")
    seen, address, costs = [], "/audit/", []
    while address:
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        costs.append(sum("audit" in query["sql"] for query in queries.captured_queries))
        page = answer.content.decode()
        seen += [number for number in range(130, 0, -1) if f"Thing thing:{number} " in page]
        older = page.split('rel="next"', 1)
        address = "/audit/" + older[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&") if older[1:] else ""
    assert seen == list(range(130, 0, -1))
    assert len(costs) == 3
    assert len(set(costs)) == 1


def test_no_cell_of_the_file_runs_in_a_spreadsheet(auditor, organisation, client_of):
    line(organisation, subject="=1+1", sentence="=HYPERLINK(1)")
    (row,) = rows_of(client_of(auditor))
    assert row[4] == "'=1+1"
    assert row[5].startswith("'=")


def test_an_auditor_changes_nothing(auditor, organisation, client_of):
    client = client_of(auditor)
    for address in ("/members/", "/keys/", "/members/invite/"):
        assert client.get(address).status_code == 403
    assert client.post("/audit/").status_code == 405


def test_an_organisation_of_others_is_not_found(auditor, client_of):
    other = factories.organisation()
    assert client_of(auditor).get(f"/audit/?organisation={other.code}").status_code == 404
    assert client_of(auditor).get(f"/audit/download/?organisation={other.code}").status_code == 404
