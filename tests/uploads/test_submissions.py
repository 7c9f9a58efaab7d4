"""What a client submits: every field read strictly, and rows as JSON as the file that they stand for."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from pooledcare.kernel.rest.parsers import FormParser, StrictJsonParser
from pooledcare.kernel.rest.problems import HttpProblem
from pooledcare.uploads import kinds, submissions
from pooledcare.uploads.submissions import Submission

ROW = {
    "financial_year": "2024-25",
    "organisation": "QXM",
    "stream": "nhs-core",
    "basis": "allocation",
    "amount": "1.00",
}
FILE = SimpleUploadedFile("figures.csv", b"abc")


@pytest.fixture(autouse=True)
def _in_memory(settings) -> None:
    settings.FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]


def form(**fields: Any) -> Submission:
    body = {"file": SimpleUploadedFile("figures.csv", b"abc"), "kind": "allocations"} | fields
    body = {name: value for name, value in body.items() if value is not None}
    request = APIRequestFactory().post("/", body, format="multipart")
    return submissions.read_submission(Request(request, parsers=[FormParser()]))


def sent(body: Any) -> Submission:
    request = APIRequestFactory().post("/", json.dumps(body), content_type="application/json")
    return submissions.read_submission(Request(request, parsers=[StrictJsonParser()]))


def rows(*many: Any, **fields: Any) -> Submission:
    return sent({"kind": "allocations", "rows": list(many)} | fields)


def refused(function: Any, *arguments: Any, **named: Any) -> list[tuple[str | None, str, str]]:
    with pytest.raises(HttpProblem) as problem:
        function(*arguments, **named)
    assert problem.value.kind.slug == "invalid-body"
    return [(one.where and one.where.field, one.code, one.message) for one in problem.value.errors]


# ── Forms ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_form_says_all_about_its_file():
    said = form(profile="nhse-icb_2.x", complete="true", published_on="2024-05-03")
    assert (said.kind, said.filename, said.profile, said.complete, said.published_on) == (
        "allocations",
        "figures.csv",
        "nhse-icb_2.x",
        True,
        dt.date(2024, 5, 3),
    )
    assert said.file.read() == b"abc"


def test_what_a_form_leaves_out_is_empty():
    said = form()
    assert (said.profile, said.complete, said.published_on) == ("", False, None)
    assert form(complete="false").complete is False


OF_A_FORM = (
    "The field is not known here. Known: kind, profile, complete, published_on, layout, encoding, financial_year."
)
NOT_AN_ENCODING = "Write one of windows-1252, ibm850, macintosh, ibm437, or leave it out."
NOT_BOOLEAN = ("complete", "NOT_ACCEPTED", "Write true or false.")
NOT_A_PROFILE = ("profile", "NOT_ACCEPTED", "The profile is the name of a publisher's layout.")


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({"complete": "True"}, [NOT_BOOLEAN]),
        ({"complete": ""}, [NOT_BOOLEAN]),
        ({"profile": "../a"}, [NOT_A_PROFILE]),
        ({"profile": "a" * 81}, [NOT_A_PROFILE]),
        ({"profile": "a\n"}, [NOT_A_PROFILE]),
        ({"published_on": "2024-02-30"}, [("published_on", "NOT_ACCEPTED", "There is no such date.")]),
        ({"published_on": ""}, [("published_on", "NOT_ACCEPTED", "Write the date like 2025-04-01.")]),
        ({"kind": ["allocations", "allocations"]}, [("kind", "DUPLICATE_FIELD", "The field is given more than once.")]),
        ({"file": None}, [("file", "REQUIRED", "Send one file, in the field file.")]),
        ({"file": None, "upload": FILE}, [("file", "REQUIRED", "Send one file, in the field file.")]),
        ({"rows": "[]"}, [("rows", "UNKNOWN_FIELD", OF_A_FORM)]),
        (
            {"state": "x", "version": "1"},
            [("state", "UNKNOWN_FIELD", OF_A_FORM), ("version", "UNKNOWN_FIELD", OF_A_FORM)],
        ),
        ({"encoding": "UTF-8"}, [("encoding", "NOT_ACCEPTED", NOT_AN_ENCODING)]),
    ],
)
def test_a_field_of_a_form_that_is_not_accepted_is_named(fields, problems):
    assert refused(form, **fields) == problems


def test_the_longest_name_of_a_layout_has_eighty_characters():
    assert form(profile="a" * 80).profile == "a" * 80


@pytest.mark.parametrize("kind", [None, "nothing"])
def test_an_unknown_kind_is_told_with_those_that_there_are(kind):
    known = ", ".join(one.key for one in kinds.kinds())
    assert refused(form, kind=kind) == [("kind", "UNKNOWN_KIND", f"Choose one of {known}.")]


def test_the_value_of_a_wrong_date_is_told():
    with pytest.raises(HttpProblem) as problem:
        form(published_on="3 May")
    assert problem.value.errors[0].value == "3 May"


# ── Rows as JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_rows_become_the_canonical_file_that_they_stand_for():
    said = rows(ROW | {"note": '=cmd, "so"'}, ROW | {"amount": "-5", "recurrence": "+x"}, complete=True, profile="a")
    assert (said.filename, said.kind, said.complete, said.profile, said.published_on) == (
        "rows.csv",
        "allocations",
        True,
        "a",
        None,
    )
    names = ["financial_year", "organisation", "stream", "basis", "amount", "recurrence", "note"]
    assert list(csv.reader(io.StringIO(said.file.read().decode()))) == [
        names,
        ["2024-25", "QXM", "nhs-core", "allocation", "1.00", "", '\'=cmd, "so"'],
        ["2024-25", "QXM", "nhs-core", "allocation", "-5", "'+x", ""],
    ]
    assert rows(ROW).complete is False


@pytest.mark.parametrize("complete", ["true", 1, None])
def test_complete_is_a_boolean(complete):
    assert refused(rows, ROW, complete=complete) == [NOT_BOOLEAN]


@pytest.mark.parametrize(("count", "is_refused"), [(0, True), (1, False), (1000, False), (1001, True)])
def test_a_body_has_one_to_a_thousand_rows(count, is_refused):
    if is_refused:
        assert refused(rows, *[ROW] * count) == [
            ("rows", "NOT_ACCEPTED", "Give 1 to 1,000 rows; for more, send a file.")
        ]
    else:
        assert rows(*[ROW] * count).file.read().count(b"\n") == count + 1


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        ([], [(None, "NOT_AN_OBJECT", "The body is not a JSON object.")]),
        (
            {"kind": "allocations", "rows": {}},
            [("rows", "NOT_ACCEPTED", "Give 1 to 1,000 rows; for more, send a file.")],
        ),
        ({"rows": [ROW]}, [("kind", "UNKNOWN_KIND", "Choose one of allocations, agreements, schemes.")]),
        (
            {"kind": "allocations", "rows": [ROW], "profile": 5},
            [NOT_A_PROFILE],
        ),
    ],
)
def test_a_body_that_is_not_accepted_is_told(body, problems):
    known = ", ".join(one.key for one in kinds.kinds())
    problems = [
        (field, code, message.replace("allocations, agreements, schemes", known)) for field, code, message in problems
    ]
    assert refused(sent, body) == problems


def test_every_wrong_cell_is_named_by_its_row_and_column():
    short = {name: text for name, text in ROW.items() if name != "amount"}
    assert refused(rows, ROW, 5, short | {"colour": "red", "note": 5}) == [
        ("rows.1", "NOT_AN_OBJECT", "The row is not a JSON object."),
        ("rows.2.colour", "UNKNOWN_FIELD", "There is no such column."),
        ("rows.2.amount", "REQUIRED", "This column is needed."),
        ("rows.2.note", "NOT_TEXT", 'Write the value as a string; money like "1234.50".'),
    ]


def test_a_column_that_people_do_not_see_cannot_be_sent_either():
    """Only PooledCare itself says which figure a row corrects."""
    assert [field for field, *_ in refused(rows, ROW | {"corrects": "F-1"})] == ["rows.0.corrects"]


def test_only_the_first_problems_of_many_are_told():
    assert len(refused(rows, *[5] * 150)) == 100
    assert len(refused(rows, ROW, **{f"x{number}": 1 for number in range(30)})) == 20
    assert refused(rows, ROW, **{"x" * 100: 1})[0][0] == "x" * 80


# ── Other bodies ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_reason_is_text_of_up_to_a_thousand_characters():
    assert submissions.read_reason({"reason": "x" * 1000}) == "x" * 1000
    wrong = ("reason", "REQUIRED", "Say in up to 1,000 characters why the upload is reversed.")
    for reason in ("x" * 1001, "", " \n", 5, None):
        assert refused(submissions.read_reason, {"reason": reason}) == [wrong]
    assert refused(submissions.read_reason, {}) == [wrong]
    assert refused(submissions.read_reason, {"reason": "a", "state": "b"}) == [
        ("state", "UNKNOWN_FIELD", "The field is not known here. Known: reason.")
    ]


def test_a_step_takes_no_body():
    submissions.refuse_body({})
    submissions.refuse_body(b"")
    assert refused(submissions.refuse_body, {"a": 1}) == [(None, "NO_BODY", "This operation takes no body.")]
