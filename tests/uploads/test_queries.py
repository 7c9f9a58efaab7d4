"""Reading uploads: whose they are, in which order, page by page, and what somebody may do with one."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from pooledcare.directory.access import Actor, Permission, system_actor
from pooledcare.directory.models import Organisation, User
from pooledcare.kernel.problems import Problem
from pooledcare.uploads import kinds, listings, queries, staging, states
from pooledcare.uploads.models import Upload, UploadStatus
from tests import factories

pytestmark = pytest.mark.django_db

ALL = frozenset(Permission)


@pytest.fixture
def here(db: None) -> Organisation:
    return factories.organisation(code="QXM")


@pytest.fixture
def elsewhere(db: None) -> Organisation:
    return factories.organisation(code="QXN")


def member(*organisations: Organisation, granted: frozenset[Permission] = ALL) -> Actor:
    return Actor(reference="user:0", grants={one.pk: granted for one in organisations})


def waiting(organisation: Organisation, state: str = "ready", **fields: Any) -> Upload:
    return factories.upload(organisation=organisation, state=state, accepted_actor="", **fields)


# ── Whose ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_members_see_uploads_of_their_organisations_the_newest_first(here, elsewhere):
    third = factories.organisation()
    made = [factories.upload(organisation=one) for one in (here, elsewhere, third, here)]
    assert list(queries.uploads_of(member(here, third))) == [made[3], made[2], made[0]]
    assert list(queries.uploads_of(system_actor("x"))) == made[::-1]
    assert list(queries.uploads_of(Actor())) == []
    only_accepts = member(here, granted=frozenset({Permission.ACCEPT_ALLOCATIONS}))
    assert list(queries.uploads_of(only_accepts)) == []


def test_one_upload_is_found_by_its_reference_and_not_by_anything_like_it(here, elsewhere):
    upload = factories.upload(organisation=here)
    actor = member(here)
    assert queries.upload_for(actor, upload.reference) == upload
    number = upload.pk
    for reference in (
        f"UP-{number + 1}", f"up-{number}", f"UP{number}", f"UP-0{number}", f"UP-{number} ", f"UP--{number}", "UP-",
        "UP", "UP-²", f"XX-{number}", f"UP-{'9' * 15}", f"UP-{'9' * 16}", f"UP-{number}-1",
    ):  # fmt: skip
        with pytest.raises(Http404, match="There is no such upload"):
            queries.upload_for(actor, reference)
    with pytest.raises(Http404):
        queries.upload_for(member(elsewhere), upload.reference)


@pytest.mark.parametrize(
    ("reference", "number"),
    [("UP-1", 1), ("UP-999999999999999", 999_999_999_999_999), ("UP-1000000000000000", None), ("UP-0", None),
     ("UP-01", None), ("UP-", None), ("UP-1a", None), ("UP-١", None), ("UQ-1", None), ("1", None)],
)  # fmt: skip
def test_a_reference_is_a_number_of_up_to_fifteen_digits(reference, number):
    assert queries._number(reference) == number


def test_an_upload_is_read_again_with_those_who_took_part(here):
    person = factories.person()
    upload = factories.upload(organisation=here, prepared_by=person)
    Upload.objects.filter(pk=upload.pk).update(filename="other.csv")
    fresh = queries.refreshed(upload)
    with CaptureQueriesContext(connection) as asked:
        assert (fresh.filename, fresh.organisation, fresh.prepared_by, fresh.accepted_by) == (
            "other.csv",
            here,
            person,
            None,
        )
    assert len(asked) == 0


def test_uploads_that_a_text_names_are_those_that_its_reader_may_see(here, elsewhere):
    own, other, theirs = (factories.upload(organisation=one) for one in (here, here, elsewhere))
    text = f"{own.reference}, {theirs.reference} and XUP-{other.pk}; UP-0 and {own.reference}"
    assert queries.seen_uploads(member(here), text) == [own]
    with CaptureQueriesContext(connection) as asked:
        assert queries.seen_uploads(member(here), "UP-0 and nothing") == []
    assert len(asked) == 0


# ── Lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_uploads_that_wait_for_somebody_are_those_that_they_may_accept(here, elsewhere, monkeypatch):
    person = factories.person()
    actor = Actor(reference=f"user:{person.pk}", person=person, grants={here.pk: ALL})
    first = waiting(here, "awaiting_second_person")
    second = waiting(here, "ready")
    for state in ("received", "accepting", "accepted", "failed"):
        waiting(here, state)
    waiting(elsewhere)
    waiting(here, prepared_actor=actor.reference)
    waiting(here, kind="agreements", prepared_by=person)
    assert queries.uploads_waiting(actor) == [second, first]
    actor.grants = {here.pk: ALL - {Permission.ACCEPT_ALLOCATIONS}}
    assert queries.uploads_waiting(actor) == []
    actor.grants = {here.pk: ALL}
    monkeypatch.setattr(queries, "MOST_WAITING", 3)
    assert queries.uploads_waiting(actor) == [second]


def test_a_list_of_uploads_has_those_of_the_readers_organisations_newest_first(here, elsewhere):
    factories.upload(organisation=elsewhere)
    made = [waiting(here, "ready" if number % 2 else "failed") for number in range(5)][::-1]
    assert list(queries.uploads_listed(member(here))) == made
    assert list(queries.uploads_listed(member(here), state="ready")) == [made[1], made[3]]
    with pytest.raises(Http404, match="There is no such list of uploads"):
        queries.uploads_listed(member(here), state="nothing")


# ── Problems ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_problems_come_page_by_page_in_the_order_in_which_they_were_found(here):
    upload = factories.upload(organisation=here)
    staging.save_problems(upload, [Problem("A", f"Sentence {number}") for number in range(101)])
    pks = list(upload.problems.order_by("pk").values_list("pk", flat=True))
    assert [one.pk for one in queries.problems_page(upload, size=3)] == pks[:3]
    assert [one.pk for one in queries.problems_page(upload, after=pks[2], size=3)] == pks[3:6]
    assert len(queries.problems_page(upload)) == 100


def test_a_history_has_every_step_the_oldest_first(here):
    upload, other = factories.upload(organisation=here), factories.upload(organisation=here)
    for one, state, note in ((upload, "received", ""), (other, "received", ""), (upload, "failed", "Broken")):
        UploadStatus.objects.create(upload=one, state=state, actor="user:1", note=note)
    assert [(s.state, s.label, s.actor, s.note) for s in queries.history(upload)] == [
        ("received", "Received", "user:1", ""),
        ("failed", "Failed", "user:1", "Broken"),
    ]
    assert queries.history(upload)[0].at == upload.history.first().at


# ── What may be done ─────────────────────────────────────────────────────────────────────────────────────────────────


NO_APPROVER = "You need the role finance approver to do this. An administrator of your organisation can give it to you."
NO_OFFICER = NO_APPROVER.replace("finance approver", "finance officer or publisher")


@pytest.mark.parametrize(
    ("state", "accept", "abandon", "reverse", "retry"),
    [
        ("ready", "", "", "cannot be reversed: it is ready to accept", "did not fail: it is ready to accept"),
        ("failed", "cannot be accepted: it is failed", "", "cannot be reversed: it is failed", ""),
        (
            "accepted",
            "has already been accepted",
            "cannot be abandoned: it is accepted",
            "",
            "did not fail: it is accepted",
        ),
    ],
)
def test_each_button_says_why_it_cannot_be_pressed(here, state, accept, abandon, reverse, retry):
    upload = waiting(here, state)
    possible = queries.possible(upload, member(here))
    expected = [[f"{upload.reference} {why}"] if why else [] for why in (accept, abandon, reverse, retry)]
    assert [possible.accept, possible.abandon, possible.reverse, possible.retry] == expected


def test_who_may_do_nothing_is_told_for_each_button(here, elsewhere):
    possible = queries.possible(waiting(here, "failed"), member(elsewhere))
    assert possible.accept[0] == NO_APPROVER
    assert (possible.abandon, possible.reverse, possible.retry) == ([NO_OFFICER], [NO_APPROVER], [NO_OFFICER])


def test_the_second_person_is_asked_for_before_the_state(here):
    person = User(pk=8)
    actor = Actor(reference="user:8", person=person, grants={here.pk: ALL})
    upload = waiting(here, "failed", prepared_actor="user:8")
    assert queries.possible(upload, actor).accept == [
        "The person who prepared an upload cannot also accept it",
        f"{upload.reference} cannot be accepted: it is failed",
    ]


def test_what_stands_on_an_upload_is_asked_only_when_it_could_be_reversed_otherwise(here, monkeypatch):
    monkeypatch.setattr(kinds, "_BLOCKERS", [])
    kinds.block_reversal("allocations", lambda upload: [Problem("DRAWN_ON", f"A pool draws on {upload.reference}")])
    accepted, failed = waiting(here, "accepted"), waiting(here, "failed")
    assert [one.code for one in queries.reversing_problems(accepted, member(here))] == ["DRAWN_ON"]
    assert [one.code for one in queries.reversing_problems(failed, member(here))] == ["WRONG_STATE"]


# ── Lists of the API ─────────────────────────────────────────────────────────────────────────────────────────────────


def names(listing: Any) -> list[str]:
    return [row[0] for row in listing.page(50).rows]


def test_the_api_lists_uploads_of_the_actor_narrowed_as_asked(here, elsewhere):
    first = waiting(here, "ready")
    second = waiting(here, "failed", kind="agreements")
    third = waiting(elsewhere, "ready")
    assert names(listings.uploads({}, actor=member(here))) == [second.reference, first.reference]
    assert names(listings.uploads({}, actor=system_actor("x"))) == [one.reference for one in (third, second, first)]
    assert names(listings.uploads({"state": "ready"}, actor=member(here))) == [first.reference]
    assert names(listings.uploads({"kind": "agreements"}, actor=member(here, elsewhere))) == [second.reference]
    assert names(listings.uploads({"kind": "agreements", "state": "ready"}, actor=member(here))) == []
    assert names(listings.uploads({}, actor=Actor())) == []


def test_the_api_says_all_of_an_upload(here):
    upload = factories.upload(
        organisation=here, profile="p", complete=True, filename="f.csv", progress=3, rows_read=4, problem_count=5,
        warning_count=6, counts={"new": 1}, prepared_actor="user:1", accepted_actor="", second_person_waived=True,
        version=7, accepted_at=None, notices=["Tidied"], preview={"a": 1}, encoding="ibm850",
        encoding_chosen_actor="user:1",
    )  # fmt: skip
    row = listings.UPLOAD.narrowed("u.id = %s", upload.pk).one()
    said = dict(zip((column.name for column in listings.UPLOAD.columns), row, strict=True))
    assert said == {
        "reference": upload.reference, "organisation": "QXM", "kind": "allocations", "profile": "p",
        "channel": "reference", "complete": True, "published_on": upload.published_on, "financial_year": None,
        "filename": "f.csv",
        "size": 100, "sha256": upload.sha256, "state": "accepted", "state_at": upload.state_at, "progress": 3,
        "rows_read": 4, "problem_count": 5, "warning_count": 6, "counts": '{"new": 1}', "prepared_by": "user:1",
        "prepared_at": upload.prepared_at, "accepted_by": None, "accepted_at": None, "second_person_waived": True,
        "reversed_at": None, "version": 7, "notices": '["Tidied"]', "preview": '{"a": 1}',
                    "encoding": "ibm850", "encoding_chosen_by": "user:1", "publishes": None,
        }  # fmt: skip
    assert [column.name for column in listings.UPLOADS.columns] == list(said)[:-2]
    statement, values = listings.UPLOADS.export()
    with connection.cursor() as cursor, cursor.copy(f"copy ({statement}) to stdout with (format csv)", values) as out:
        line = b"".join(bytes(part) for part in out).decode()
    assert f",{upload.state_at:%Y-%m-%dT%H:%M:%S.%fZ}," in line
    assert ",true,2024-04-01," in line


def test_the_api_lists_the_problems_of_one_upload_in_the_order_in_which_they_were_found(here):
    upload, other = factories.upload(organisation=here), factories.upload(organisation=here)
    staging.save_problems(other, [Problem("OTHER", "x")])
    staging.save_problems(
        upload, [Problem("Z", "z"), Problem("W", "w", severity="warning"), Problem("A", "a", fix="Mend.")]
    )
    found = listings.problems(upload, {}).page(50).rows
    assert [row[1] for row in found] == ["Z", "W", "A"]
    said = dict(zip((column.name for column in listings.PROBLEMS.columns), found[2], strict=True))
    assert said == {
        "severity": "error", "code": "A", "message": "a", "fix": "Mend.", "sheet": "", "row": None, "column": "",
        "column_name": "", "value": "",
    }  # fmt: skip
    assert [row[1] for row in listings.problems(upload, {"severity": "warning"}).page(50).rows] == ["W"]
    assert {column.name for column in listings.PROBLEMS.columns if column.free} == {
        "message", "fix", "sheet", "column", "column_name", "value",
    }  # fmt: skip
    assert [column.name for column in listings.UPLOADS.columns if column.free] == ["filename"]


def test_the_version_of_an_upload_is_held_still(here):
    factories.upload(organisation=here, version=8)
    upload = factories.upload(organisation=here, version=9)
    with CaptureQueriesContext(connection) as asked:
        assert states.locked_version(upload) == 9
    assert asked.captured_queries[0]["sql"].endswith("for update")
