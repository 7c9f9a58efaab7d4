"""Who may do what with an upload, in which state, and on which day: plain values, no database."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from pooledcare.directory.access import Actor, Permission, refusal, system_actor
from pooledcare.directory.models import Organisation, User
from pooledcare.kernel.problems import Problem
from pooledcare.uploads import kinds, rules
from pooledcare.uploads.models import Upload
from pooledcare.uploads.terms import FOLLOWS, UploadState

FIGURES = kinds.kind("allocations")
DRAFTS = kinds.kind("agreements")
HERE = Organisation(pk=1, code="QXM", name="NHS Mereshire")
TODAY = dt.date(2024, 5, 3)
DAY = dt.timedelta(days=1)


def actor(*permissions: Permission, at: int = 1, reference: str = "user:7", person: int | None = 7) -> Actor:
    return Actor(
        reference=reference,
        person=None if person is None else User(pk=person),
        grants={at: frozenset(permissions)},
    )


def upload(state: str = "ready", **fields: Any) -> Upload:
    values = {
        "pk": 9,
        "organisation": HERE,
        "kind": "allocations",
        "prepared_actor": "user:5",
        "prepared_by": User(pk=5),
    }
    return Upload(state=state, **values | fields)


def told(problems: list[Problem]) -> list[tuple[str, str]]:
    return [(problem.code, problem.message) for problem in problems]


OFFICER, APPROVER = actor(FIGURES.prepare), actor(FIGURES.accept)
NEEDS_OFFICER = [("NOT_ALLOWED", refusal(FIGURES.prepare))]
NEEDS_APPROVER = [("NOT_ALLOWED", refusal(FIGURES.accept))]
NOBODY_HERE = [
    actor(),
    actor(*Permission, at=2),
    actor(*set(Permission) - {FIGURES.prepare, FIGURES.accept}),
]


# ── Receiving ────────────────────────────────────────────────────────────────────────────────────────────────────────


def preparing(**changed: Any) -> list[tuple[str, str]]:
    values: dict[str, Any] = {
        "organisation": HERE,
        "kind": FIGURES,
        "published_on": TODAY,
        "complete": True,
        "open_uploads": 0,
        "by": OFFICER,
        "today": TODAY,
    }
    return told(rules.preparing_problems(**values | changed))


def test_whoever_may_prepare_sends_published_and_complete_figures():
    assert preparing() == []
    assert preparing(published_on=None, complete=False) == []


@pytest.mark.parametrize("by", [*NOBODY_HERE, APPROVER])
def test_who_may_not_prepare_here_is_told_that_alone(by):
    assert preparing(by=by, published_on=TODAY + DAY, open_uploads=99) == NEEDS_OFFICER


@pytest.mark.parametrize(("published_on", "code"), [(-DAY, []), (0 * DAY, []), (DAY, ["PUBLISHED_IN_FUTURE"])])
def test_a_publication_is_today_or_in_the_past(published_on, code):
    assert [one for one, _ in preparing(published_on=TODAY + published_on)] == code


@pytest.mark.parametrize(("days", "code"), [(-1, ["PUBLISHED_TOO_EARLY"]), (0, []), (1, [])])
def test_a_publication_is_not_before_the_first_of_april_2000(days, code):
    found = preparing(published_on=dt.date(2000, 4, 1) + days * DAY)
    assert [one for one, _ in found] == code
    assert all(message == "The publication date must be 1 April 2000 or later" for _, message in found)


SENTENCES = {
    "NOT_PUBLISHED_BY_UPLOAD": (
        "Uploads of allocations have no publication date and cannot be declared complete",
        "Leave the date empty, and do not declare the file complete.",
    ),
    "PUBLISHED_IN_FUTURE": (
        "The publication date must be today or in the past",
        "Leave the date empty until what the file holds is published, or correct it.",
    ),
    "PUBLISHED_TOO_EARLY": ("The publication date must be 1 April 2000 or later", "Correct the date."),
    "TOO_MANY_OPEN": ("NHS Mereshire already has 20 open uploads", "Accept or abandon some of them first."),
}


def test_every_refusal_at_the_door_says_what_to_do():
    kind = replace(FIGURES, publication=None)
    found = {}
    for day in (TODAY + DAY, dt.date(1999, 1, 2)):
        problems = rules.preparing_problems(
            organisation=HERE, kind=kind, published_on=day, complete=False, open_uploads=20, by=OFFICER, today=TODAY
        )
        found |= {problem.code: (problem.message, problem.fix) for problem in problems}
    assert found == SENTENCES


def test_a_problem_with_the_date_names_the_date():
    for day in (TODAY + DAY, dt.date(1999, 1, 2)):
        (problem,) = rules.preparing_problems(
            organisation=HERE, kind=FIGURES, published_on=day, complete=False, open_uploads=0, by=OFFICER, today=TODAY
        )
        assert (problem.value, problem.is_error) == (day.isoformat(), True)


@pytest.mark.parametrize(("waiting", "code"), [(2, []), (3, ["TOO_MANY_OPEN"]), (4, ["TOO_MANY_OPEN"])])
def test_an_organisation_may_have_as_many_open_uploads_as_the_setting_says(settings, waiting, code):
    settings.UPLOAD_MAX_OPEN = 3
    found = preparing(open_uploads=waiting)
    assert [one for one, _ in found] == code
    assert all(message == f"NHS Mereshire already has {waiting} open uploads" for _, message in found)


def test_a_reference_load_is_not_kept_back_by_what_waits(settings):
    settings.UPLOAD_MAX_OPEN = 3
    assert preparing(open_uploads=3, by=system_actor("load")) == []


@pytest.mark.parametrize(
    ("published_on", "complete", "codes"),
    [
        (None, False, []),
        (TODAY, False, ["NOT_PUBLISHED_BY_UPLOAD"]),
        (None, True, ["NOT_PUBLISHED_BY_UPLOAD"]),
        (TODAY + DAY, True, ["NOT_PUBLISHED_BY_UPLOAD", "PUBLISHED_IN_FUTURE"]),
    ],
)
def test_drafts_have_no_publication_and_are_never_complete(published_on, complete, codes):
    by = actor(DRAFTS.prepare)
    found = preparing(kind=DRAFTS, by=by, published_on=published_on, complete=complete)
    assert [code for code, _ in found] == codes


def test_everything_wrong_with_a_file_at_the_door_is_said_at_once(settings):
    settings.UPLOAD_MAX_OPEN = 1
    kind = replace(FIGURES, publication=None)
    found = preparing(kind=kind, published_on=dt.date(1999, 1, 1), open_uploads=1)
    assert [code for code, _ in found] == ["NOT_PUBLISHED_BY_UPLOAD", "PUBLISHED_TOO_EARLY", "TOO_MANY_OPEN"]


# ── The second person ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", [kind.key for kind in kinds.kinds()])
@pytest.mark.parametrize("waives", [True, False])
def test_the_second_person_is_waived_for_allocations_where_the_organisation_waives_it(key, waives):
    """A kind that is added later needs two people until somebody decides otherwise."""
    organisation = Organisation(pk=1, waives_second_person=waives)
    one = upload(kind=key, organisation=organisation)
    assert rules.is_waived(one, kinds.kind(key)) is (waives and key == "allocations")


@pytest.mark.parametrize("waives", [True, False])
@pytest.mark.parametrize("may_waive", [True, False])
def test_a_waiver_counts_only_where_the_kind_declares_that_there_may_be_one(may_waive, waives):
    one = upload(organisation=Organisation(pk=1, waives_second_person=waives))
    kind = replace(DRAFTS, may_waive_second_person=may_waive)
    assert rules.is_waived(one, kind) is (may_waive and waives)


def accepting(by: Actor, **fields: Any) -> list[tuple[str, str]]:
    one = upload(**fields)
    return told(rules.accepter_problems(upload=one, kind=kinds.kind(one.kind), by=by))


SAME = [("FOUR_EYES", "The person who prepared an upload cannot also accept it")]


@pytest.mark.parametrize("by", [*NOBODY_HERE, OFFICER])
def test_who_may_not_accept_here_is_told_that_alone(by):
    assert accepting(by, prepared_actor=by.reference) == NEEDS_APPROVER


@pytest.mark.parametrize(
    ("prepared_actor", "prepared_by", "by", "expected"),
    [
        ("user:5", 5, actor(FIGURES.accept), []),
        ("user:7", 7, actor(FIGURES.accept), SAME),
        # The same person with a key, whichever of the two steps the key takes.
        ("key:abc", 7, actor(FIGURES.accept), SAME),
        ("user:7", 7, actor(FIGURES.accept, reference="key:abc"), SAME),
        ("key:abc", 7, actor(FIGURES.accept, reference="key:xyz"), SAME),
        ("key:abc", 5, actor(FIGURES.accept, reference="key:xyz"), []),
        # The same key, though the person behind it is gone.
        ("key:abc", None, actor(FIGURES.accept, reference="key:abc", person=None), SAME),
        # Two who are no people are not the same person because neither is one.
        ("system:a", None, actor(FIGURES.accept, reference="key:abc", person=None), []),
        ("system:a", None, system_actor("b"), []),
        ("system:a", None, system_actor("a"), SAME),
    ],
)
def test_whoever_prepared_cannot_accept(prepared_actor, prepared_by, by, expected):
    preparer = None if prepared_by is None else User(pk=prepared_by)
    assert accepting(by, prepared_actor=prepared_actor, prepared_by=preparer) == expected


@pytest.mark.parametrize(
    ("key", "waives", "expected"),
    [("allocations", True, []), ("allocations", False, SAME), ("agreements", True, SAME), ("agreements", False, SAME)],
)
def test_one_person_does_both_only_where_that_kind_may_be_and_is_waived(key, waives, expected):
    by = actor(kinds.kind(key).accept)
    organisation = Organisation(pk=1, waives_second_person=waives)
    one = {"kind": key, "organisation": organisation, "prepared_actor": by.reference, "prepared_by": by.person}
    assert accepting(by, **one) == expected


# ── States ───────────────────────────────────────────────────────────────────────────────────────────────────────────


ACCEPTABLE = {"ready", "awaiting_second_person"}
CANNOT_ACCEPT = {
    "received": ("WRONG_STATE", "UP-9 cannot be accepted: it is received"),
    "reading": ("WRONG_STATE", "UP-9 cannot be accepted: it is being read"),
    "needs_layout": ("WRONG_STATE", "UP-9 cannot be accepted: it is waiting for its layout"),
    "checked": ("WRONG_STATE", "UP-9 cannot be accepted: it is checked"),
    "refused": ("WRONG_STATE", "UP-9 cannot be accepted: it is refused"),
    "accepting": ("ALREADY_ACCEPTED", "UP-9 is being accepted already"),
    "accepted": ("ALREADY_ACCEPTED", "UP-9 has already been accepted"),
    "reversed": ("WRONG_STATE", "UP-9 cannot be accepted: it is reversed"),
    "abandoned": ("WRONG_STATE", "UP-9 cannot be accepted: it is abandoned"),
    "failed": ("WRONG_STATE", "UP-9 cannot be accepted: it is failed"),
}


@pytest.mark.parametrize("state", UploadState.values)
def test_only_what_waits_for_a_person_can_be_accepted(state):
    expected = [] if state in ACCEPTABLE else [CANNOT_ACCEPT[state]]
    assert told(rules.accept_state_problems(upload(state))) == expected


@pytest.mark.parametrize("state", UploadState.values)
@pytest.mark.parametrize("by", [OFFICER, APPROVER])
def test_an_upload_is_abandoned_before_the_worker_has_it_or_while_it_waits_by_either(state, by):
    label = UploadState(state).label.lower()
    may = state in {"received", "needs_layout", "ready", "awaiting_second_person", "failed"}
    expected = [] if may else [("WRONG_STATE", f"UP-9 cannot be abandoned: it is {label}")]
    assert told(rules.abandoning_problems(upload=upload(state), kind=FIGURES, by=by)) == expected
    assert may <= ("abandoned" in FOLLOWS[state])


@pytest.mark.parametrize("by", NOBODY_HERE)
def test_who_may_neither_prepare_nor_accept_abandons_nothing(by):
    assert told(rules.abandoning_problems(upload=upload("accepted"), kind=FIGURES, by=by)) == NEEDS_OFFICER


@pytest.mark.parametrize("state", UploadState.values)
def test_only_what_failed_is_tried_again(state):
    label = UploadState(state).label.lower()
    expected = [] if state == "failed" else [("WRONG_STATE", f"UP-9 did not fail: it is {label}")]
    assert told(rules.retrying_problems(upload=upload(state), kind=FIGURES, by=OFFICER)) == expected


@pytest.mark.parametrize("by", [*NOBODY_HERE, APPROVER])
def test_who_may_not_prepare_tries_nothing_again(by):
    assert told(rules.retrying_problems(upload=upload("accepted"), kind=FIGURES, by=by)) == NEEDS_OFFICER


@pytest.mark.parametrize("state", UploadState.values)
def test_only_what_was_accepted_is_reversed(state):
    label = UploadState(state).label.lower()
    expected = {
        "accepted": [],
        "reversed": [("ALREADY_REVERSED", "UP-9 has already been reversed")],
    }.get(state, [("WRONG_STATE", f"UP-9 cannot be reversed: it is {label}")])
    found = rules.reversing_problems(upload=upload(state), kind=FIGURES, by=APPROVER, reason="Wrong file")
    assert told(found) == expected


@pytest.mark.parametrize("reason", ["", " ", "\n\t"])
def test_a_reversal_needs_a_reason_of_more_than_spaces(reason):
    found = rules.reversing_problems(upload=upload("accepted"), kind=FIGURES, by=APPROVER, reason=reason)
    assert told(found) == [("REQUIRED", "Enter why the upload is reversed")]


@pytest.mark.parametrize("by", [*NOBODY_HERE, OFFICER])
def test_who_may_not_accept_reverses_nothing(by):
    found = rules.reversing_problems(upload=upload("received"), kind=FIGURES, by=by, reason="")
    assert told(found) == NEEDS_APPROVER


def test_who_is_refused_is_told_what_to_do_about_it():
    refused = [
        *rules.accepter_problems(upload=upload(prepared_actor="user:7"), kind=FIGURES, by=APPROVER),
        *rules.reversing_problems(upload=upload("accepted"), kind=FIGURES, by=APPROVER, reason=""),
    ]
    assert [problem.fix for problem in refused] == [
        "Ask a colleague who may accept, or ask an administrator whether the second person can be waived.",
        "Give the reason in a few words.",
    ]


@pytest.mark.parametrize(
    ("seen", "codes"), [(None, []), (1, ["CHANGED_MEANWHILE"]), (2, []), (3, ["CHANGED_MEANWHILE"])]
)
def test_what_was_seen_is_what_is_decided_on(seen, codes):
    current = upload(version=2)
    assert [one.code for one in rules.version_problems(current, seen)] == codes
