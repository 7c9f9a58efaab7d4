"""Judging columns: distinct values once, findings by row, and the words in which kinds write their checks."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pooledcare.kernel.number_formats import NumberFormat
from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.rich_text import RAISED, joined
from pooledcare.uploads import cells, checks
from pooledcare.uploads.checks import Distinct, Findings, Piece, Verdict


def piece(*rows: int, already_reported: set[tuple[str, str, int]] | None = None, **columns: list[str]) -> Piece:
    return Piece(
        sheet="Figures",
        numbers=np.array(rows, dtype=np.int64),
        frame=pd.DataFrame(columns, dtype=object),
        letters={"amount": "E"},
        headings={"amount": "Core, £k"},
        already_reported=already_reported,
    )


def at(*positions: int) -> Any:
    return np.array(positions, dtype=np.int64)


WRONG = Problem("WRONG", "It is wrong", fix="Mend it.")
ODD = Problem("ODD", "It is odd", severity="warning")


# ── Distinct values ──────────────────────────────────────────────────────────────────────────────────────────────────


RAISED_1 = joined([("1500", ""), ("1", RAISED)])


@pytest.mark.parametrize(
    ("odd", "plain"),
    [
        (NumberFormat("0,").shown_as("5000"), "5"),
        (NumberFormat('0,"\u200b"').shown_as("5000"), "5"),
        (NumberFormat("0;0").shown_as("-5"), "5"),
        (RAISED_1, "15001"),
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_cells_with_the_same_text_that_hold_different_numbers_are_judged_apart(odd, plain, is_first):
    judge, memory = cells.money_between("Cost", Decimal(0), None), {}
    column = [odd, plain, plain] if is_first else [plain, plain, odd]
    both = [Distinct(pd.Series(part, dtype=object), judge, memory) for part in (column, column[::-1], [plain], [odd])]
    expected = f"{Decimal(plain):.2f}"
    assert [one.values().tolist() for one in both] == [
        [None, expected, expected] if is_first else [expected, expected, None],
        [expected, expected, None] if is_first else [None, expected, expected],
        [expected],
        [None],
    ]
    assert [code.problem.code for code in both[3].verdicts] == ["SHOWN_OTHERWISE"]


def distinct(cells: list[str], memory: dict[str, Verdict] | None = None) -> tuple[Distinct, list[str]]:
    judged: list[str] = []

    def judge(text: str) -> Verdict:
        judged.append(text)
        if text == "bad":
            return Verdict(problem=WRONG)
        return Verdict(text.upper(), note="Put in capitals" if text.islower() else "") if text else Verdict()

    return Distinct(pd.Series(cells, dtype=object), judge, {} if memory is None else memory), judged


def test_each_distinct_text_is_judged_once_and_remembered_for_the_next_piece():
    memory: dict[str, Verdict] = {}
    first, judged = distinct(["b", "bad", "b", "A"], memory)
    assert (judged, first.texts) == (["b", "bad", "A"], ["b", "bad", "A"])
    assert (first.values().tolist(), first.bad.tolist()) == (["B", None, "B", "A"], [False, True, False, False])
    assert first.notes() == Counter({"Put in capitals": 2})
    second, judged = distinct(["c", "b"], memory)
    assert (judged, second.values().tolist(), second.notes()) == (["c"], ["C", "B"], Counter({"Put in capitals": 2}))


def test_a_value_that_is_missing_has_a_stand_in():
    found, _ = distinct(["A", "", "bad"])
    assert found.values(object, "?").tolist() == ["A", "?", "?"]


def test_a_column_without_rows_has_no_values():
    found, judged = distinct([])
    assert (found.values().tolist(), found.bad.tolist(), found.notes(), judged) == ([], [], Counter(), [])


def test_positions_are_grouped_by_value_in_order():
    found = checks.groups(at(3, 1, 3, 2, 1), at(10, 11, 12, 13, 14))
    assert [(value, positions.tolist()) for value, positions in found] == [(1, [11, 14]), (2, [13]), (3, [10, 12])]
    assert list(checks.groups(at(), at())) == []


# ── Findings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def lines(findings: Findings) -> list[tuple[Any, ...]]:
    return [(f.code, f.column, f.rows.tolist(), list(f.values), f.severity) for f in findings.found]


def test_a_finding_names_its_rows_and_values_and_only_an_error_makes_them_bad():
    found = Findings(piece(5, 6, 9, amount=["1", "x", "y"]))
    found.add("amount", at(1, 2), WRONG)
    found.add("amount", at(0), ODD)
    found.add("amount", at(), Problem("NOWHERE", "Nowhere"))
    found.add("sum", at(2), WRONG, values=["made up"])
    assert lines(found) == [
        ("WRONG", "amount", [6, 9], ["x", "y"], "error"),
        ("ODD", "amount", [5], ["1"], "warning"),
        ("WRONG", "sum", [9], ["made up"], "error"),
    ]
    assert found.bad.tolist() == [False, True, True]
    assert list(found.problems()) == [
        Problem("WRONG", "It is wrong", Where("Figures", 6, "E", "Core, £k"), "x", "Mend it."),
        Problem("WRONG", "It is wrong", Where("Figures", 9, "E", "Core, £k"), "y", "Mend it."),
        Problem("ODD", "It is odd", Where("Figures", 5, "E", "Core, £k"), "1", "", "warning"),
        Problem("WRONG", "It is wrong", Where("Figures", 9, None, "sum"), "made up", "Mend it."),
    ]


def test_a_file_without_sheets_has_none_in_its_problems():
    single = piece(2, amount=["\u200bx"])
    single.sheet = ""
    found = Findings(single)
    found.add("amount", at(0), WRONG)
    (problem,) = found.problems()
    assert (problem.where.sheet, problem.value) == (None, "<U+200B>x")


def test_what_was_reported_of_a_cell_is_not_reported_again_but_stays_bad():
    """The pieces of one row, one for each of its figures, share what has been reported."""
    reported: set[tuple[str, str, int]] = set()
    first = Findings(piece(5, 6, already_reported=reported, amount=["x", "y"]))
    first.add("amount", at(0), WRONG)
    second = Findings(piece(5, 6, already_reported=reported, amount=["x", "y"]))
    second.add("amount", at(0, 1), WRONG)
    second.add("amount", at(0), ODD)
    second.add("sum", at(0), WRONG, values=["z"])
    assert lines(first) == [("WRONG", "amount", [5], ["x"], "error")]
    assert lines(second) == [
        ("WRONG", "amount", [6], ["y"], "error"),
        ("ODD", "amount", [5], ["x"], "warning"),
        ("WRONG", "sum", [5], ["z"], "error"),
    ]
    assert second.bad.tolist() == [True, True]


def test_bad_distinct_values_are_one_finding_for_each_sentence_among_the_rows_asked_about():
    other = Problem("OTHER", "Something else")
    verdicts = {"x": Verdict(problem=WRONG), "y": Verdict(problem=WRONG), "z": Verdict(problem=other), "1": Verdict(1)}
    cells = ["z", "y", "1", "x", "x", "z"]
    column = Distinct(pd.Series(cells, dtype=object), verdicts.__getitem__, {})
    found = Findings(piece(2, 3, 4, 5, 6, 7, amount=cells))
    found.add_distinct("amount", column, np.array([True, True, True, True, False, True]))
    assert lines(found) == [
        ("OTHER", "amount", [2, 7], ["z", "z"], "error"),
        ("WRONG", "amount", [3, 5], ["y", "x"], "error"),
    ]
    good = Findings(piece(2, amount=["1"]))
    good.add_distinct("amount", Distinct(pd.Series(["1"]), verdicts.__getitem__, {}), np.array([True]))
    assert good.found == []


# ── Words ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "is_total"),
    [
        *(
            (text, True)
            for text in (
                "Total", "TOTALS", "total", " Total ", "Grand total", "Sub total", "Sub-total", "Subtotal",
                "Overall total", "England total", "National total", "Regional total", "Region total", "Sum", "England",
                "ENGLAND", "Total for QSL", "Total of boards", "Total North 2", "Subtotal North",
            )
        ),
        *(
            (text, False)
            for text in ("", "Totnes", "Totally", "Grand", "Summit", "New England", "Englands", "Sums", "Total: 5")
        ),
    ],
)  # fmt: skip
def test_the_words_of_a_total_are_told_from_names(text, is_total):
    assert checks.is_total_label(text) is is_total


@pytest.mark.parametrize(
    ("text", "code", "note"),
    [
        ("QXM", "QXM", ""),
        ("qxm", "QXM", "Codes in small letters were read as capitals"),
        (" QXM ", "QXM", "Spaces around codes were removed"),
        (" qxm", "QXM", "Spaces around codes were removed"),
        ("Q\u200bXM", "QXM", "Invisible characters in codes were removed"),
        ("Q\u00adxM", "QXM", "Invisible characters in codes were removed"),
        ("", "", ""),
    ],
)
def test_a_code_is_tidied_and_the_note_says_how(text, code, note):
    assert checks.tidy_code(text) == (code, note)


def test_a_character_that_only_looks_like_a_letter_is_named():
    assert checks.look_alike("QXM-01") is None
    problem = checks.look_alike("QХÉ")
    assert (problem.code, problem.message) == (
        "NON_ASCII_CODE",
        "A character in the code only looks like a letter or digit: cyrillic capital letter ha (U+0425)",
    )
    assert "an unnamed character (U+E000)" in checks.look_alike("\ue000").message


@pytest.mark.parametrize(
    ("text", "is_date"),
    [
        ("1-Mar", True), ("01-Mar", True), ("Mar-01", True), ("1/3/24", True), ("01/03/2024", True),
        ("1-Mar-24", True), ("1-Mar-2024", True), ("001-Mar", False), ("Mar-1", False), ("1-March", False),
        ("1/3", False), ("Q1-Mar", False), ("1-Mar-", False), ("5E1", False),
    ],
)  # fmt: skip
def test_a_code_that_a_spreadsheet_took_for_a_date(text, is_date):
    assert checks.looks_like_an_excel_date(text) is is_date


NAMED = {
    "column": "recurrence",
    "label": "how often",
    "values": ["recurrent", "non-recurrent"],
    "aliases": {"once": "non-recurrent"},
}


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("recurrent", Verdict("recurrent")),
        (" recurrent ", Verdict("recurrent", note="Spaces around words were removed")),
        ("Recurrent", Verdict("recurrent", note="recurrence: “Recurrent” was read as “recurrent”")),
        ("NON  recurrent", Verdict("non-recurrent", note="recurrence: “NON  recurrent” was read as “non-recurrent”")),
        ("non-recurrent", Verdict("non-recurrent")),
        ("Once", Verdict("non-recurrent", note="recurrence: “Once” was read as “non-recurrent”")),
    ],
)
def test_a_word_of_a_list_is_known_however_it_is_written(text, verdict):
    assert checks.choose(text, **NAMED) == verdict


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("recurent", "Use recurrent or non-recurrent. Did you mean recurrent?"),
        ("sometimes", "Use recurrent or non-recurrent."),
    ],
)
def test_a_word_that_is_in_no_list_is_refused_with_the_nearest(text, fix):
    problem = checks.choose(text, **NAMED).problem
    assert (problem.code, problem.message, problem.fix) == (
        "NOT_IN_LIST",
        "How often is not one of those allowed",
        fix,
    )
    assert checks.choose("x", column="c", label="l", values=["a", "b", "c"], aliases={}).problem.fix == "Use a, b or c."
    assert checks.choose("x", column="c", label="l", values=["a"], aliases={}).problem.fix == "Use a."


def test_a_blank_is_required_or_has_a_default():
    problem = checks.choose(" ", **NAMED).problem
    assert (problem.code, problem.message) == ("REQUIRED", "Enter how often")
    assert problem.fix == "Fill in recurrence. A blank is never filled down from the row above."
    assert checks.choose(" ", **NAMED, default="recurrent") == Verdict("recurrent")


TIDIED = "Spaces, line breaks and accents in text were tidied"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("plain", Verdict("plain")),
        ("", Verdict("")),
        (" two\r\n\tlines ", Verdict("two lines", note=TIDIED)),
        ("cafe\u0301", Verdict("café", note=TIDIED)),
        ("x" * 4_000, Verdict("x" * 4_000)),
    ],
)
def test_free_text_is_tidied(text, verdict):
    assert checks.judge_text(text) == verdict


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("a\x07b", "CONTROL_CHAR", "The text has a control character in it"),
        ("a\u202eb", "BIDI_CONTROL", "The text has a character in it that changes the direction of writing"),
        ("\u2066ab", "BIDI_CONTROL", "The text has a character in it that changes the direction of writing"),
        ("x" * 4_001, "FIELD_TOO_LONG", "The text is longer than 4,000 characters"),
    ],
)
def test_free_text_that_nobody_could_read_is_refused(text, code, message):
    verdict = checks.judge_text(text)
    assert (verdict.value, verdict.problem.code, verdict.problem.message) == (None, code, message)


@pytest.mark.parametrize(
    ("cells", "is_plain"),
    [
        ([], True),
        ([""], True),
        (["a", "", "b c"], True),
        (["~", "a-z[]"], True),
        ([" a"], False),
        (["a "], False),
        (["a", " b"], False),
        (["a ", "b"], False),
        (["a\nb", "c"], False),
        (["a\\b"], False),
        (["a\tb"], False),
        (["é"], False),
        (["\x7f"], False),
        (["x" * 4_000, "y"], True),
        (["x" * 4_001, "y"], False),
    ],
)
def test_a_plain_column_is_told_from_one_that_needs_tidying(cells, is_plain):
    assert checks.is_plain(cells) is is_plain
    if is_plain:
        assert [checks.judge_text(cell) for cell in cells] == [Verdict(cell) for cell in cells]
        assert checks.copy_column(cells) == cells


# ── Codes that a spreadsheet spoilt ──────────────────────────────────────────────────────────────────────────────────


CODES = ["5E1", "01E", "001", "00123", "QXM", "05E0"]


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("5.00E+01", "5E1"),
        ("50", "5E1"),
        ("123", "00123"),
        ("1", "001"),
        ("01", "001"),
        ("1E", "01E"),
        ("E", ""),
        ("XM", ""),
        ("QX", ""),
        ("5", "05E0"),
        ("7", ""),
    ],
)
def test_a_spoilt_code_suggests_the_only_one_that_it_can_have_been(code, meant):
    assert checks.did_you_mean(code, CODES, checks.numeric_readings(CODES)) == meant


def test_of_two_codes_that_it_can_have_been_none_is_suggested():
    codes = ["001", "01", "1E0"]
    assert checks.did_you_mean("1", codes, checks.numeric_readings(codes)) == ""
    assert checks.numeric_readings([*codes, "QXM"]) == {1: ["001", "01", "1E0"]}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0012", 12), ("999999999999", 999_999_999_999), ("1000000000000", None), ("", None), ("-1", None),
        ("5E1", 50), ("5e+1", 50), ("1.23E2", 123), ("1.230E2", 123), ("1.23E1", None), ("1.2E0", None),
        ("1.0E0", 1), ("1E30", 10**30), ("1E31", None), ("1E", None), ("E1", None),
    ],
)  # fmt: skip
def test_a_text_that_a_spreadsheet_takes_for_a_number(text, number):
    assert checks._as_number(text) == number


@pytest.mark.parametrize(
    ("code", "is_mangled"),
    [
        ("5E1", True), ("50", True), ("01-Mar", True), ("1E", True), ("1EX", False), ("E1", False), ("QXM", False),
        ("", False),
    ],
)  # fmt: skip
def test_a_spoilt_code_is_told_from_one_that_nobody_knows(code, is_mangled):
    assert checks.is_mangled(code) is is_mangled


# ── COPY ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain1", "plain1"),
        ("two words", "two words"),
        ("\\", "\\\\"),
        ("a\tb", "a\\tb"),
        ("a\nb", "a\\nb"),
        ("a\rb", "a\\rb"),
        ("\\N", "\\\\N"),
    ],
)
def test_what_copy_would_misread_is_escaped(text, written):
    assert checks.copy_text(text) == written
    assert checks.copy_column(["plain", text]) == ["plain", written]


def test_columns_become_lines():
    assert checks.copy_lines([["1", "2"], ["a", "b"]]) == "1\ta\n2\tb\n"
    assert checks.copy_lines([[], []]) == ""
    with pytest.raises(ValueError, match="shorter"):
        checks.copy_lines([["1", "2"], ["a"]])
