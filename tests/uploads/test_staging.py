"""Rows and problems on their way into the database: as lines for COPY, in order, each once."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.db import connection

from pooledcare.kernel.problems import Problem, Where
from pooledcare.uploads import staging
from pooledcare.uploads.checks import Checked, Finding, Piece
from pooledcare.uploads.models import Upload, UploadProblem
from pooledcare.uploads.staging import Load, Writer
from tests import factories

UPLOAD = Upload(pk=7)


def piece(*problems: Problem, sheet: str = "Figures") -> Piece:
    return Piece(
        sheet=sheet,
        numbers=np.array([2, 3], dtype=np.int64),
        frame=pd.DataFrame({"amount": ["x", "y"]}, dtype=object),
        letters={"amount": "E"},
        headings={"amount": "Core\t£k"},
        problems=list(problems),
    )


def finding(column: str = "amount", severity: str = "error") -> Finding:
    return Finding("WRONG", "It is\twrong", "Mend\\it", column, np.array([2, 13]), ["x", "\u200b"], severity)


def test_a_problem_becomes_a_line_with_everything_known_of_it():
    lines = staging.problem_lines(
        UPLOAD,
        [
            Problem("A", "Say\nso", Where("One", 5, "B", "Core"), "v\u200b", "Mend it."),
            Problem("B", "Whole file", severity="warning"),
            Problem("C", "A field", Where(field="amount"), ""),
            Problem("D", "A heading", Where(column_name="Code", field="organisation")),
        ],
    )
    assert lines.splitlines() == [
        "7\terror\tA\tSay\\nso\tMend it.\tOne\t5\tB\tCore\tv<U+200B>",
        "7\twarning\tB\tWhole file\t\t\t\\N\t\t\t",
        "7\terror\tC\tA field\t\t\t\\N\t\tamount\t",
        "7\terror\tD\tA heading\t\t\t\\N\t\tCode\t",
    ]
    assert lines.endswith("\n")
    assert staging.problem_lines(UPLOAD, []) == ""


def test_the_findings_of_a_piece_follow_the_problems_met_in_reading_it():
    early = Problem("EARLY", "Met in reading", Where("Figures", 9))
    checked = Checked("staged\n", 1, 1, [finding(), finding("name", "warning")], Counter())
    load = staging.load_of(UPLOAD, piece(early), checked)
    assert load.lines == "staged\n"
    assert load.problems.splitlines() == [
        "7\terror\tEARLY\tMet in reading\t\tFigures\t9\t\t\t",
        "7\terror\tWRONG\tIt is\\twrong\tMend\\\\it\tFigures\t2\tE\tCore\\t£k\tx",
        "7\terror\tWRONG\tIt is\\twrong\tMend\\\\it\tFigures\t13\tE\tCore\\t£k\t<U+200B>",
        "7\twarning\tWRONG\tIt is\\twrong\tMend\\\\it\tFigures\t2\t\tname\tx",
        "7\twarning\tWRONG\tIt is\\twrong\tMend\\\\it\tFigures\t13\t\tname\t<U+200B>",
    ]


@pytest.mark.django_db
def test_problems_arrive_as_they_were_said_in_the_order_in_which_they_were_found():
    upload = factories.upload(organisation=factories.organisation())
    said = [
        Problem("A", "Back\\slash \\N \\.", Where("O'ne", 5, "B", 'Co"re'), "a b", "One\r\ntwo"),
        Problem("B", "Whole file", severity="warning"),
    ]
    staging.save_problems(upload, said)
    fields = ("severity", "code", "message", "fix", "sheet", "row", "column", "column_name", "value")
    assert list(UploadProblem.objects.filter(upload=upload).values_list(*fields)) == [
        ("error", "A", "Back\\slash \\N \\.", "One\r\ntwo", "O'ne", 5, "B", 'Co"re', "a b"),
        ("warning", "B", "Whole file", "", "", None, "", "", ""),
    ]


@pytest.mark.django_db
def test_inside_a_transaction_each_load_is_written_at_once():
    upload = factories.upload(organisation=factories.organisation())
    lines = [staging.problem_lines(upload, [Problem(str(n), "x")]) for n in range(3)]
    table = UploadProblem._meta.db_table
    threads = threading.active_count()
    with Writer(table, staging.PROBLEM_COLUMNS) as writer:
        for number, line in enumerate(lines):
            writer.put(Load(line, ""))
            assert UploadProblem.objects.count() == number + 1
            assert threading.active_count() == threads
        writer.put(Load("", lines[0]))
    assert list(UploadProblem.objects.values_list("code", flat=True)) == ["0", "1", "2", "0"]


class Outside:
    """A connection outside every transaction, and what is copied over it by which thread."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.copied: list[tuple[str, str]] = []
        self.threads: list[str] = []
        self.broken_at = ""
        monkeypatch.setattr(staging, "connection", self)
        monkeypatch.setattr(staging, "transaction", self)
        monkeypatch.setattr(staging, "copy", self.copy)
        self.closed_by: list[str] = []
        self.in_atomic_block = False

    def atomic(self) -> Outside:
        return self

    def __enter__(self) -> None: ...

    def __exit__(self, *_: Any) -> None: ...

    def close(self) -> None:
        self.closed_by.append(threading.current_thread().name)

    def copy(self, table: str, columns: Any, lines: str) -> None:
        self.threads.append(threading.current_thread().name)
        if lines == self.broken_at and lines:
            raise RuntimeError(f"broken at {lines}")
        self.copied.append((table, lines))


@pytest.fixture
def outside(monkeypatch) -> Outside:
    return Outside(monkeypatch)


def loads(*names: str) -> list[Load]:
    return [Load(f"row {name}", f"problem {name}") for name in names]


def in_order(*names: str) -> list[tuple[str, str]]:
    return [
        line for name in names for line in (("staged", f"row {name}"), ("uploads_uploadproblem", f"problem {name}"))
    ]


def test_a_single_piece_is_written_at_the_end_without_a_thread(outside):
    with Writer("staged", ()) as writer:
        writer.put(*loads("a"))
        assert outside.copied == []
    assert (outside.copied, set(outside.threads)) == (in_order("a"), {"MainThread"})


def test_several_pieces_are_written_by_one_thread_in_order_and_all_before_the_end(outside):
    with Writer("staged", ()) as writer:
        for load in loads("a", "b", "c", "d", "e", "f"):
            writer.put(load)
    assert outside.copied == in_order("a", "b", "c", "d", "e", "f")
    assert (set(outside.threads), outside.closed_by) == ({"staging"}, ["staging"])
    assert "staging" not in {thread.name for thread in threading.enumerate()}


def test_a_single_piece_of_a_file_that_turned_out_wrong_is_not_written(outside):
    with pytest.raises(ZeroDivisionError), Writer("staged", ()) as writer:
        writer.put(*loads("a"))
        raise ZeroDivisionError
    assert outside.copied == []


def test_what_the_thread_could_not_write_stops_the_reading(outside):
    outside.broken_at = "row b"
    with pytest.raises(RuntimeError, match="broken at row b"), Writer("staged", ()) as writer:
        for load in loads("a", "b", "c"):
            writer.put(load)
    assert outside.copied == in_order("a")
    with pytest.raises(RuntimeError, match="broken at row b"):
        writer.put(*loads("d"))
    assert outside.closed_by == ["staging"]


def test_an_error_in_reading_is_told_rather_than_one_in_writing(outside):
    outside.broken_at = "row b"
    with pytest.raises(ZeroDivisionError), Writer("staged", ()) as writer:
        for load in loads("a", "b"):
            writer.put(load)
        raise ZeroDivisionError


def test_nothing_to_write_asks_the_database_nothing(monkeypatch):
    monkeypatch.setattr(connection, "cursor", lambda: 1 / 0)
    staging.copy("staged", ("a",), "")


def test_a_file_without_pieces_writes_nothing(outside):
    with Writer("staged", ()):
        pass
    assert outside.copied == []
