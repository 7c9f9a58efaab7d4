"""A canonical file: which row is its heading, which columns it has, and its rows in pieces of any size."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.kernel.tabular import open_table
from pooledcare.uploads import kinds, profiles, reading
from pooledcare.uploads.asking import recognition
from pooledcare.uploads.checks import Piece
from pooledcare.uploads.kinds import LayoutColumns, UploadColumn, UploadKind
from pooledcare.uploads.models import Upload
from pooledcare.uploads.reading import Canonical
from pooledcare.uploads.terms import Asked

KIND = UploadKind(
    key="examples",
    label="Examples",
    purpose="For tests.",
    columns=(
        UploadColumn("code", "Code", "A code."),
        UploadColumn("amount", "Amount", "Pounds.", is_amount=True),
        UploadColumn("first_note", "Note", "A note.", required=False),
        UploadColumn("hidden", "Hidden", "Not offered.", required=False, in_template=False),
    ),
    steps=kinds.kind("allocations").steps,
    prepare=kinds.kind("allocations").prepare,
    accept=kinds.kind("allocations").accept,
    shows=kinds.kind("allocations").shows,
    layout_columns=LayoutColumns(("code", "amount", "year"), code="code", amount="amount", year="year"),
)
OFFERED = "Delete the column, or use one of these headings: code, amount, first_note."


def canonical(text: str | bytes, name: str = "a.csv", kind: UploadKind = KIND) -> Canonical:
    data = text.encode() if isinstance(text, str) else text
    return Canonical(open_table(BytesIO(data), name), kind)


def refused(text: str | bytes, name: str = "a.csv") -> list[Problem]:
    with pytest.raises(Refused) as refusal:
        list(canonical(text, name).pieces())
    return refusal.value.problems


def workbook(*sheets: tuple[str, list[list[Any]]], hidden: str = "") -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, lines in sheets:
        sheet = book.create_sheet(name)
        if name == hidden:
            sheet.sheet_state = "hidden"
        for line in lines:
            sheet.append(line)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


# ── Headings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_headings_stand_in_any_order_and_spelling_and_say_where_their_columns_are():
    source = canonical(' Amount ,"FIRST\nnote",,Code\n1,so,,A\n2,,,B\n')
    (piece,) = source.pieces()
    assert piece.letters == {"amount": "A", "first_note": "B", "code": "D"}
    assert piece.headings == {"amount": "Amount", "first_note": "FIRST\nnote", "code": "Code"}
    assert {name: piece.frame[name].tolist() for name in piece.frame.columns} == {
        "amount": ["1", "2"],
        "first_note": ["so", ""],
        "code": ["A", "B"],
        "hidden": ["", ""],
    }
    assert (piece.sheet, piece.numbers.tolist(), piece.rows_read, piece.has_lineage) == ("", [3, 4], 2, False)
    assert (source.profile, source.preview_extras(), source.warnings()) == ("", {}, [])


def test_a_missing_heading_is_told_with_the_one_to_add_or_to_rename():
    missing = refused("code,first_note\n")
    assert missing == [
        Problem(
            "MISSING_HEADER",
            "There is no column amount",
            Where(None, 1),
            None,
            "Add a column with the heading amount.",
        )
    ]
    renamed, unknown = refused("code,,amounts\n")
    assert (renamed.code, renamed.fix) == ("MISSING_HEADER", "Rename “amounts” in column C to amount.")
    assert unknown == Problem(
        "UNKNOWN_HEADER",
        "This heading is not one that we know",
        Where(None, 1, "C", "amounts"),
        "amounts",
        f"{OFFERED} Amounts must be in pounds.",
    )


def test_a_doubled_heading_is_told_at_its_last_place():
    problems = refused("code,amount,CODE,first_note,code\n")
    assert problems == [
        Problem(
            "DUPLICATE_HEADER", "The heading code appears 3 times", Where(None, 1, "E", "code"), "code", "Keep one."
        )
    ]


def test_unknown_headings_are_told_each_where_it_stands_and_blank_ones_are_none():
    problems = refused("code,amount,,Colour,,Size\n")
    assert [(one.code, one.where.column, one.value) for one in problems] == [
        ("UNKNOWN_HEADER", "D", "Colour"),
        ("UNKNOWN_HEADER", "F", "Size"),
    ]


@pytest.mark.parametrize("heading", ["PooledCare: what to correct", "PooledCare: what to mend"])
def test_our_own_column_of_problems_is_neither_read_nor_unknown(heading):
    source = canonical(f"code,amount,{heading}\nA,1,E: This is not an amount.\n")
    (piece,) = source.pieces()
    assert heading not in piece.frame.columns
    assert set(piece.letters) == {"code", "amount"}


def test_headings_below_the_first_row_are_told_with_their_row():
    (problem,) = refused("Title\n\ncode,amount\nA,1\n")
    assert (problem.code, problem.message, problem.where) == (
        "HEADER_NOT_FOUND",
        "The headings must be in row 1; they were found in row 3",
        Where(None, 3),
    )
    assert problem.fix == (
        "Delete everything above the headings and save the file again, or start from the blank template."
    )


def test_a_row_that_is_one_quoted_cell_is_told():
    (problem,) = refused('"code,amount"\n"A,1"\n')
    assert (problem.code, problem.message, problem.where) == (
        "HEADER_NOT_FOUND",
        "Every row is inside quotation marks, so that it has only one cell",
        Where(None, 1),
    )


@pytest.mark.parametrize("text", ["\n\n", ",,\n \n"])
def test_a_file_without_a_word_is_empty(text):
    (problem,) = refused(text)
    assert (problem.code, problem.message) == ("EMPTY_FILE", "The selected file is empty")


def test_the_sheet_whose_headings_come_nearest_is_the_one_that_is_told():
    content = workbook(
        ("Far", [["one", "two", "three", "four"]]), ("Near", [["code", "first_note", "x"]]), ("None", [[None]])
    )
    assert [(one.code, one.where.sheet) for one in refused(content, "a.xlsx")] == [
        ("MISSING_HEADER", "Near"),
        ("UNKNOWN_HEADER", "Near"),
    ]


@pytest.mark.parametrize(("columns", "is_refused"), [(100, False), (101, True)])
def test_a_file_has_at_most_a_hundred_columns(columns, is_refused):
    wide = UploadKind(**{**KIND.__dict__, "columns": (*KIND.columns, *_more(97))})
    heading = [column.heading for column in wide.columns if column.heading != "hidden"]
    heading = [*heading[:-1], *[""] * (columns - len(heading)), heading[-1]]
    source = canonical(",".join(heading) + "\n" + "," * (columns - 1) + "\n", kind=wide)
    assert len(heading) == columns
    if is_refused:
        with pytest.raises(Refused) as refusal:
            list(source.pieces())
        assert [(one.code, one.message) for one in refusal.value.problems] == [
            ("TOO_MANY_COLUMNS", "The selected file must have at most 100 columns")
        ]
    else:
        assert list(source.pieces()) != []


def _more(count: int) -> list[UploadColumn]:
    return [UploadColumn(f"extra{number}", "Extra", "Extra.", required=False) for number in range(count)]


# ── Pieces ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_rows_keep_their_numbers_in_pieces_of_any_size(settings, size):
    settings.UPLOAD_CHUNK_ROWS = size
    text = "code,amount,first_note\nA,1,a\n\nB\nC,3,c\nD,4,d,extra\n,,\nE,5,e\nF,\x07,f\n"
    pieces = list(canonical(text).pieces())
    found = [
        (number, code, amount)
        for piece in pieces
        for number, code, amount in zip(piece.numbers.tolist(), piece.frame["code"], piece.frame["amount"], strict=True)
    ]
    problems = [(one.code, one.where.row) for piece in pieces for one in piece.problems]
    assert found[:3] == [(2, "A", "1"), (5, "C", "3"), (8, "E", "5")]
    assert problems[:2] == [("MISSING_COLUMN", 4), ("EXTRA_COLUMN", 6)]
    assert sum(piece.rows_read for piece in pieces) == 6
    assert sum(piece.refused_before for piece in pieces) + len(found) == 6


def test_every_sheet_with_our_headings_is_read_and_the_others_are_named():
    content = workbook(
        ("One", [["code", "amount"], ["A", 1]]),
        ("Notes", [["words"], ["code", "amount"]]),
        ("Two", [["amount", "code"], [2, "B"], [3, "C"]]),
        hidden="Two",
    )
    source = canonical(content, "a.xlsx")
    pieces: list[Piece] = list(source.pieces())
    assert [(piece.sheet, piece.frame["code"].tolist(), piece.letters["code"]) for piece in pieces] == [
        ("One", ["A"], "A"),
        ("Two", ["B", "C"], "B"),
    ]
    assert source.notices() == ["Sheet “Notes” was not read: its first row has no headings of a column that we know"]
    assert [(one.code, one.where.sheet) for one in source.warnings()] == [("W_HIDDEN_SHEET", "Two")]


def test_wrong_headings_of_every_sheet_are_told_before_any_row_is_read():
    content = workbook(
        ("One", [["code", "amount", "x"], ["A", 1]]), ("Two", [["code", "amount", "code"], ["B", 1, ""]])
    )
    assert [(one.code, one.where.sheet) for one in refused(content, "a.xlsx")] == [
        ("UNKNOWN_HEADER", "One"),
        ("DUPLICATE_HEADER", "Two"),
    ]


def test_what_reading_the_file_put_right_is_said_first():
    with open_table(BytesIO("code,amount\nA,1\n".encode("utf-16")), "a.csv") as table:
        assert Canonical(table, KIND).notices() == ["The file was read as UTF-16"]


def test_what_reading_a_row_put_right_is_counted_in_its_piece():
    content = workbook(("One", [["code", "amount"], ["A", 1], ["=1+1", 2]]))
    pieces = list(canonical(content, "a.xlsx").pieces())
    assert sum((Counter(piece.notices) for piece in pieces), Counter()) == pieces[0].notices


# ── Which layout ─────────────────────────────────────────────────────────────────────────────────────────────────────


LAYOUT = """
title = "Boards"
publisher = "Mereshire"
summary = "One grant."
[defaults]
year = "2024-25"
[[sheets]]
code = 'Board'
[[sheets.figures]]
heading = 'Core'
"""


@pytest.fixture
def boards(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "boards.toml").write_text(LAYOUT, encoding="utf-8")
    (tmp_path / "ours.toml").write_text("published = false\n" + LAYOUT.replace("Board", "Ours"), encoding="utf-8")
    monkeypatch.setattr(profiles, "_FOLDERS", {"examples": [tmp_path]})
    monkeypatch.setattr(recognition.saved, "usable_by", lambda organisation_id, kind: [])
    monkeypatch.setattr(recognition, "asked_how", lambda *_: recognition.NeedsLayout(Asked.READING, {}))


def profile_of(text: str, **fields: Any) -> str:
    upload = Upload(filename="a.csv", **fields)
    with reading.opened(BytesIO(text.encode()), upload, KIND) as source:
        return source.profile


@pytest.mark.usefixtures("boards")
def test_a_layout_that_is_named_is_used_or_asked_about_or_the_file_is_refused():
    assert profile_of("Ours,Core\nQ,1\n", profile="ours") == "ours"
    with pytest.raises(recognition.NeedsLayout):
        profile_of("Ours,Core\nQ,1\n", profile="boards")
    for name, code in (("ours", "WRONG_LAYOUT"), ("nothing", "UNKNOWN_PROFILE")):
        with pytest.raises(Refused) as refusal:
            profile_of("Board,Core\nQ,1\n", profile=name)
        assert refusal.value.code == code


@pytest.mark.usefixtures("boards")
def test_our_own_headings_go_before_a_layout_and_a_layout_before_a_question():
    assert profile_of("code,amount,Board,Core\nA,1,Q,1\n") == ""
    assert profile_of("Board,Core\nQ,1\n") == "boards"
    with pytest.raises(recognition.NeedsLayout) as needs:
        profile_of("Ours,Core\nQ,1\n")
    assert needs.value.encoding == {"encoding": "utf-8", "encoding_choice": {}}


OUR_WORDS = replace(
    KIND,
    columns=(
        UploadColumn("code", "Code", ""),
        UploadColumn("stream", "Stream", "", choices=lambda: [("core", "Core"), ("other", "Other")]),
        UploadColumn("basis", "Basis", "", choices=lambda: [("plan", "Plan"), ("spent", "Spent")]),
        UploadColumn("year", "Year", ""),
        UploadColumn("amount", "Amount", "", is_amount=True),
    ),
)


@pytest.mark.parametrize(
    ("text", "is_ours"),
    [
        (" , \n,\n", True),
        ("code,stream,year,sum\nA,core,2025-26,1\n", True),
        ("code,year,sum\nA,2025-26,1\n", False),
        ("Sums for 2025-26\n\ncode,stream,amount\nA,core,1\n", True),
        ('"code,stream,amount"\n"A,core,1"\n', True),
        ("A,core,plan,2025-26,1\nB,core,plan,2025-26,1\n", True),
        ("A,core,2025-26,1\nB,core,2025-26,1\n", False),
        ("Board,Core\nA,1\n", False),
        ("amount\n1\n", True),
        ("amount\n1,2\n", False),
        ("amount,code\n1,A\n", True),
        ("amount,sum\n1,A\n", False),
    ],
)
def test_a_file_is_ours_with_a_mistake_if_it_has_most_headings_or_our_words(text, is_ours):
    with open_table(BytesIO(text.encode()), "a.csv") as table:
        assert reading.is_meant_as_ours(table, OUR_WORDS) is is_ours


@pytest.mark.usefixtures("boards")
@pytest.mark.parametrize(("most", "setting", "rows", "is_refused"), [
    (None, 3, 3, False), (None, 3, 4, True), (2, 3, 2, False), (2, 3, 3, True), (5, 3, 3, False), (5, 3, 4, True),
])  # fmt: skip
def test_a_file_has_as_many_rows_as_its_kind_and_the_setting_allow(settings, most, setting, rows, is_refused):
    settings.UPLOAD_MAX_ROWS = setting
    kind = UploadKind(**{**KIND.__dict__, "most_rows": most})
    text = "code,amount\n" + "A,1\n" * rows
    with reading.opened(BytesIO(text.encode()), Upload(filename="a.csv"), kind) as source:
        if is_refused:
            with pytest.raises(Refused) as refusal:
                list(source.pieces())
            assert refusal.value.code == "TOO_MANY_ROWS"
        else:
            assert sum(piece.rows_read for piece in source.pieces()) == rows


@pytest.mark.parametrize(("channel", "is_refused"), [("api", True), ("page", False), ("form", False)])
def test_of_what_a_system_sends_no_encoding_is_guessed(channel, is_refused):
    content = "code,amount,first_note\nA,1,£5\n".encode("cp1252")
    upload = Upload(filename="a.csv", channel=channel)
    if is_refused:
        with pytest.raises(Refused) as refusal, reading.opened(BytesIO(content), upload, KIND):
            pass
        assert refusal.value.code == "ENCODING"
    else:
        with reading.opened(BytesIO(content), upload, KIND) as source:
            assert source.notices() == ["The file was read as Windows-1252"]


def test_a_delimiter_is_the_one_under_which_the_headings_are_ours():
    upload = Upload(filename="a.csv")
    with reading.opened(BytesIO(b"code;amount\nA;1,5\n"), upload, KIND) as source:
        (piece,) = source.pieces()
    assert piece.frame["amount"].tolist() == ["1,5"]


def test_a_file_may_not_be_larger_than_the_setting(settings):
    settings.UPLOAD_MAX_BYTES = 10
    with pytest.raises(Refused) as refusal, reading.opened(BytesIO(b"code,amount\n"), Upload(filename="a.csv"), KIND):
        pass
    assert refusal.value.code == "FILE_TOO_LARGE"


# ── Amounts cut by a comma ───────────────────────────────────────────────────────────────────────────────────────────


@given(
    st.integers(min_value=1_000, max_value=10**11),
    st.sampled_from(["", ".50", ".5"]),
    st.sampled_from(["", "-", "£", "-£"]),
    st.sampled_from(["", ",", ",a note", ",12", ",345"]),
    st.sampled_from(["code,amount", "code,amount,first_note", "amount,code", "amount,first_note,code"]),
)
def test_no_part_of_an_amount_that_a_comma_cut_is_ever_read_as_the_amount(whole, pence, sign, note, headings):
    amount = f"{sign}{whole:,}{pence}"
    row = f"A,{amount}{note}" if headings.startswith("code") else f"{amount},A{note}"
    pieces = list(canonical(f"{headings}\n{row}\n").pieces())
    assert [len(piece.frame) for piece in pieces] == [0]
    assert [problem.where.row for piece in pieces for problem in piece.problems] == [2]


@given(
    st.text(alphabet="amount", min_size=1, max_size=8),
    st.sampled_from("\u200b\u2060\u00ad\u200e\u2066\u202a"),
    st.data(),
)
def test_a_heading_is_the_same_whatever_unseen_is_in_it(word, unseen, data):
    place = data.draw(st.integers(0, len(word)))
    assert kinds.normal_heading(word[:place] + unseen + word[place:]) == kinds.normal_heading(word)
