"""The problems of an upload by kind: one heading for each, with its count and first places."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pooledcare.kernel.problems import Problem, Where
from pooledcare.uploads import staging
from pooledcare.uploads.models import Upload
from pooledcare.uploads.problem_kinds import problem_kinds
from tests import factories
from tests.uploads.sending import Desk, rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def upload(db: None) -> Upload:
    return factories.upload(organisation=factories.council(name="Somerset Council", code="E06000066"))


def problem(code: str, row: int, message: str = "", fix: str = "Mend.", column: str = "A", **more: str) -> Problem:
    where = Where("One", row, column, f"Column {column}")
    return Problem(code, message or f"{code}.", where, "x", fix, **more)


def test_there_is_one_heading_for_each_kind_errors_first_in_the_order_of_the_file(upload):
    problems = [
        problem("W", 2, severity="warning"), problem("B", 3), problem("A", 4), problem("B", 5),
        problem("B", 6, column="C"), *(problem("B", row) for row in range(7, 12)),
    ]  # fmt: skip
    staging.save_problems(upload, problems)
    staging.save_problems(factories.upload(organisation=upload.organisation), [problem("B", 99)])
    found = problem_kinds(upload)
    assert [(one.code, one.severity, one.heading, one.count, one.is_told) for one in found] == [
        ("B", "error", "B.", 8, True), ("A", "error", "A.", 1, True), ("W", "warning", "W.", 1, True),
    ]  # fmt: skip
    assert [[place.row for place in one.places] for one in found] == [[3, 5, 6, 7, 8], [4], [2]]
    assert [one.fixes for one in found] == [["Mend."]] * 3


@pytest.mark.parametrize(
    ("messages", "fixes", "is_told"),
    [
        (("Same.", "Same."), ("Mend.", "Mend."), True),
        (("Same.", "Same."), ("Mend.", "Or so."), False),
        (("Same.", "Other."), ("Mend.", "Mend."), False),
    ],
)
def test_sentences_stand_with_their_places_unless_the_heading_says_it_all(upload, messages, fixes, is_told):
    pairs = enumerate(zip(messages, fixes, strict=True), start=2)
    staging.save_problems(upload, [problem("A", row, message, fix) for row, (message, fix) in pairs])
    (found,) = problem_kinds(upload)
    assert (found.heading, found.count, found.is_told) == ("Same.", 2, is_told)


def test_three_sentences_of_a_kind_are_shown_and_the_others_counted(upload):
    staging.save_problems(upload, [problem("A", row, f"Sentence {row % 5}.") for row in range(20)])
    (found,) = problem_kinds(upload)
    assert [(one.message, one.count) for one in found.sentences] == [(f"Sentence {n}.", 4) for n in range(3)]
    assert (found.count, found.more) == (20, 8)


def test_the_number_of_queries_is_the_same_for_any_number_of_problems(upload):
    counts = []
    for codes in (1, 40):
        staging.save_problems(upload, [problem(f"C{n}", row) for n in range(codes) for row in range(3)])
        with CaptureQueriesContext(connection) as queries:
            problem_kinds(upload)
        counts.append(len(queries))
    assert counts == [3, 3]


def test_rows_of_forty_other_organisations_are_one_sentence(upload, client_of):
    factories.stream(code="public-health", holder_kinds=["unitary"])
    desk = Desk(upload.organisation)
    others = [factories.council(code=f"E06{number:06}") for number in range(900, 940)]
    sent = desk.send(
        rows(*(f"{2018 + year}-{19 + year},{one.code},public-health,budget,5,," for one in others for year in range(6)))
    )
    assert (sent.state, sent.problem_count) == ("refused", 240)
    (found,) = problem_kinds(sent)
    heading = "240 rows belong to 40 other organisations; submit only Somerset Council’s"
    assert (found.heading, found.count, found.is_told) == (heading, 240, True)
    page = client_of(desk.officer.person).get(sent.get_absolute_url()).content.decode()
    first, _, _ = page.partition("one by one")
    assert first.count("cannot submit for") == 0
    assert first.count("<h3") == 1
    assert "Leave the row out, or ask the organisation itself to submit it." in first
    assert not re.search(r"\bE2\b", first)
    assert re.search(r"\bB2\b", first)
    assert "and 235 more" in first


@pytest.mark.parametrize(
    ("code", "name", "heading"),
    [
        ("E06000066", "Somerset Council", "2 rows belong to 2 other organisations; submit only Somerset Council’s"),
        ("E06000001", "Isle of Mists", "2 rows belong to 2 other organisations; submit only Isle of Mists’"),
    ],
)
def test_the_heading_names_the_organisation_that_uploads(code, name, heading):
    here = factories.council(name=name, code=code)
    upload = factories.upload(organisation=here)
    staging.save_problems(upload, [problem("NOT_PERMITTED", n, f"You cannot submit for {n}.") for n in (2, 3)])
    assert problem_kinds(upload)[0].heading == heading


def test_of_a_publisher_it_does_not_say_that_only_its_own_figures_are_accepted():
    upload = factories.upload(organisation=factories.nhs_england(), profile="nhse-icb-allocations")
    staging.save_problems(upload, [problem("NOT_PERMITTED", n, f"You cannot submit for {n}.") for n in (2, 3)])
    assert problem_kinds(upload)[0].heading == "2 figures belong to 2 organisations that the sender may not submit for"


def test_organisations_that_had_closed_are_told_together_each_with_its_successor(upload):
    closed = [("A", "B"), ("C", "D")]
    staging.save_problems(
        upload,
        [
            problem("ORG_CLOSED", row, f"{old} closed on 1 July 2022, before 2024-25", f"Use the code of {new}.")
            for row, (old, new) in enumerate(closed, start=2)
        ],
    )
    (found,) = problem_kinds(upload)
    assert found.heading == "2 rows are of organisations that had closed by then"
    assert [(one.message, one.fix) for one in found.sentences] == [
        ("A closed on 1 July 2022, before 2024-25", "Use the code of B."),
        ("C closed on 1 July 2022, before 2024-25", "Use the code of D."),
    ]
    assert not found.is_told
