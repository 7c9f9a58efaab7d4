"""A publisher's own layout read row by row: what is money, what is a total, what is left out, in pieces of any size."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from pooledcare.kernel.money import read_amount, read_amounts
from pooledcare.kernel.problems import Problem, Refused
from pooledcare.kernel.tabular import InputTable, open_table
from pooledcare.uploads.checks import Piece
from pooledcare.uploads.kinds import LayoutColumns
from pooledcare.uploads.layouts import Profile, read_profile
from pooledcare.uploads.published import PublishedFile

TOP = """
title = "Mereshire: grants to boards"
publisher = "Mereshire County Council"
summary = "Two grants."
source_title = "Grants, second edition"
unit = 1000
year = 'Grants for (?P<year>20\\d\\d[-/]\\d\\d)'
money = '£'
missing = ["tbc"]
notes = ["The grants were paid in May."]

[defaults]
basis = "allocation"
recurrence = "recurrent"
"""
GRANTS = f"""{TOP}
[[sheets]]
code = 'Code'
name = 'Body'
codes = 'Q[A-Z]{{2}}'
totals = [{{ column = 'Body', text = 'All|England' }}]
rows_left_out = [{{ column = 'Body', text = 'Region .*', label = 'Regions', reason = 'They are no boards' }}]
left_out = [{{ column = 'Class', unless = ['A', 'B'], reason = 'They have no such grant' }}]
not_read = [{{ heading = 'Gross, £k', reason = 'Net is read' }}]
[[sheets.figures]]
heading = 'Core(?: (?P<year>20\\d\\d/\\d\\d))?, £k'
stream = "nhs-core"
[[sheets.figures]]
heading = 'Running, £k'
stream = "running-costs"
recurrence = "non_recurrent"
control_note = "Rounded by the publisher"
"""
PLAIN = f"""{TOP}
[[sheets]]
code = 'Code'
totals = [{{ column = 'Code', text = 'All' }}]
[[sheets.figures]]
heading = 'Core, £k'
stream = "nhs-core"
"""
FILLED = LayoutColumns(
    names=("financial_year", "organisation", "stream", "basis", "amount", "recurrence", "note", "gross_or_net"),
    code="organisation",
    amount="amount",
    year="financial_year",
    beside_totals=("stream", "financial_year"),
)
TITLE = ["Grants for 2024-25"]
HEADING = ["Code", "Body", "Class", "Core, £k", "Running, £k", "Gross, £k", "Other, £k", "Heads"]
BODIES = [
    ["QAA", "Anton", "A", "1.5", "tbc", "10", "1", "3"],  # 4
    ["QBB", "Bertha", "A", "2", "0.25", "20", "", "3"],
    ["", "Region North", "C", "7", "8", "100", "1"],  # 6: an aside
    ["QCC", "Caesar", "C", "0", "4"],  # 7: has no core grant, and says so with a 0
    ["QDD", "Dora", "B", "0", "0.00"],
    ["QHH", "England", "A", "1", "1", "5"],  # 9: a body, whatever its name
    ["", "All", "", "10.5", "4.2", "35", "2"],  # 10: the total
    ["", "All", "", "99", "99"],
    [],
    ["QEE", "Emil", "A", "5"],  # 13: lost below the end
    ["QFF", "Fritz", "A", "", "words"],  # no figure, so nothing is lost
    ["", "Region South", "A", "1", "1"],
    ["QGG", "England", "A", "", "3"],  # 16: lost, whatever its name
    ["QEX", "Region West", "A", "6", "6"],  # words of an aside
]


def csv_of(*lines: Sequence[str]) -> bytes:
    return "".join(",".join(f'"{cell}"' if "," in cell else cell for cell in line) + "\n" for line in lines).encode()


@pytest.fixture
def profile_of(tmp_path: Path):
    def make(toml: str) -> Profile:
        path = tmp_path / f"mereshire-{abs(hash(toml))}.toml"
        path.write_text(toml, encoding="utf-8")
        return read_profile(path)

    return make


@pytest.fixture
def read(profile_of):
    """A file under a layout, with all its pieces read."""

    def make(toml: str, content: bytes, name: str = "grants.csv") -> tuple[PublishedFile, list[Piece]]:
        file = PublishedFile(profile_of(toml), FILLED, table(content, name))
        return file, list(file.pieces())

    return make


def table(content: bytes, name: str = "grants.csv") -> InputTable:
    return open_table(BytesIO(content), name)


def figures(pieces: list[Piece]) -> list[tuple[Any, ...]]:
    """Row, column, code, stream, year and text of each figure, in the order of the file."""
    found = []
    for piece in pieces:
        frame = piece.frame
        assert len(frame) == len(piece.numbers)
        for number, code, stream, year, amount in zip(
            piece.numbers.tolist(),
            frame["organisation"],
            frame["stream"],
            frame["financial_year"],
            frame["amount"],
            strict=True,
        ):
            found.append((number, piece.letters["amount"], code, stream, year, amount))
    return sorted(found)


def told(problems: list[Problem]) -> list[tuple[Any, ...]]:
    return [(one.code, one.where.row, one.where.column, one.value) for one in problems]


SIZES = [1, 2, 3, 4, 5, 1_000]


@pytest.mark.parametrize("size", SIZES)
def test_a_file_is_read_alike_in_pieces_of_any_size(read, settings, size):
    settings.UPLOAD_CHUNK_ROWS = size
    file, pieces = read(GRANTS, csv_of(TITLE, [], HEADING, *BODIES))
    assert figures(pieces) == [
        (4, "D", "QAA", "nhs-core", "2024-25", "1.5"),
        (4, "E", "QAA", "running-costs", "2024-25", "tbc"),
        (5, "D", "QBB", "nhs-core", "2024-25", "2"),
        (5, "E", "QBB", "running-costs", "2024-25", "0.25"),
        (7, "E", "QCC", "running-costs", "2024-25", "4"),
        (8, "D", "QDD", "nhs-core", "2024-25", "0"),
        (8, "E", "QDD", "running-costs", "2024-25", "0.00"),
        (9, "D", "QHH", "nhs-core", "2024-25", "1"),
        (9, "E", "QHH", "running-costs", "2024-25", "1"),
    ]
    problems = [problem for piece in pieces for problem in piece.problems]
    assert told(problems) == [("ROW_AFTER_END", 13, "A", "QEE"), ("ROW_AFTER_END", 16, "A", "QGG")]
    assert (sum(piece.rows_read for piece in pieces), sum(piece.refused_before for piece in pieces)) == (11, 2)
    assert file.preview_extras() == {
        "controls": [
            {
                "sheet": "",
                "cell": "D10",
                "label": "Total",
                "column": "Core, £k",
                "stream": "nhs-core",
                "financial_year": "2024-25",
                "ours": "4500.00",
                "publishers": "10500.00",
                "published_text": "10.5",
                "note": "",
            },
            {
                "sheet": "",
                "cell": "E10",
                "label": "Total",
                "column": "Running, £k",
                "stream": "running-costs",
                "financial_year": "2024-25",
                "ours": "5250.00",
                "publishers": "4200.00",
                "published_text": "4.2",
                "note": "Rounded by the publisher",
            },
        ],
        "not_read": [
            {"sheet": "", "label": "Gross, £k", "reason": "Net is read", "amount": "35000.00", "cells": 3},
            {
                "sheet": "",
                "label": "Other, £k",
                "reason": "This layout does not know the column",
                "amount": "1000.00",
                "cells": 1,
            },
            {
                "sheet": "",
                "label": "Regions: Core, £k",
                "reason": "They are no boards",
                "amount": "7000.00",
                "cells": 1,
            },
            {
                "sheet": "",
                "label": "Regions: Running, £k",
                "reason": "They are no boards",
                "amount": "8000.00",
                "cells": 1,
            },
            {"sheet": "", "label": "Rows with 0", "reason": "They have no such grant", "amount": "0.00", "cells": 1},
        ],
        "source_title": "Grants, second edition",
        "profile_notes": ["The grants were paid in May."],
    }
    assert told(file.warnings()) == [("W_CONTROL_TOTAL", 10, "D", "£10,500.00 stated, £4,500.00 read")]


def test_a_piece_says_where_each_of_its_columns_stands(read):
    _, (core, running) = read(GRANTS, csv_of(TITLE, HEADING, BODIES[0]))
    assert (core.unit, core.missing, core.sheet, core.has_lineage) == (Decimal(1000), frozenset({"tbc"}), "", False)
    assert {core.letters[name] for name in ("amount", "stream", "financial_year", "basis")} == {"D"}
    assert (core.letters["organisation"], core.letters["name"], running.letters["amount"]) == ("A", "B", "E")
    assert (core.headings["organisation"], core.headings["name"], core.headings["amount"]) == (
        "Code",
        "Body",
        "Core, £k",
    )
    assert dict(running.frame.iloc[0]) == {
        "financial_year": "2024-25",
        "organisation": "QAA",
        "stream": "running-costs",
        "basis": "allocation",
        "amount": "tbc",
        "recurrence": "non_recurrent",
        "note": "",
        "gross_or_net": "",
        "name": "Anton",
    }
    assert core.frame["recurrence"].tolist() == ["recurrent"]
    assert core.already_reported is running.already_reported == set()


def test_the_columns_that_are_filled_are_those_of_the_kind(profile_of):
    filled = LayoutColumns(("period", "body", "paid", "fund"), code="body", amount="paid", year="period")
    toml = PLAIN.replace('stream = "nhs-core"', 'fund = "reablement"')
    file = PublishedFile(
        profile_of(toml), filled, table(csv_of(TITLE, ["Code", "Core, £k"], ["QAA", "1"], ["All", "1"]))
    )
    (piece,) = file.pieces()
    assert dict(piece.frame.iloc[0]) == {"period": "2024-25", "body": "QAA", "paid": "1", "fund": "reablement"}
    assert (piece.letters, piece.headings["body"]) == ({"period": "B", "body": "A", "paid": "B", "fund": "B"}, "Code")
    (control,) = file.preview_extras()["controls"]
    assert set(control) == {"sheet", "cell", "label", "column", "ours", "publishers", "published_text", "note"}


def test_what_was_reported_of_a_row_is_remembered_for_its_other_figures_but_not_for_other_rows(read, settings):
    settings.UPLOAD_CHUNK_ROWS = 2
    _, pieces = read(GRANTS, csv_of(TITLE, [], HEADING, *BODIES[:6]))
    sets = [id(piece.already_reported) for piece in pieces]
    assert [sets.count(one) for one in dict.fromkeys(sets)] == [2] * (len(pieces) // 2)
    assert len(pieces) >= 6


# ── Where a table ends ───────────────────────────────────────────────────────────────────────────────────────────────


CORE = ["Code", "Core, £k"]


def codes_of(pieces: list[Piece]) -> list[str]:
    return [code for _, _, code, *_ in figures(pieces)]


@pytest.mark.parametrize("size", SIZES)
def test_a_total_above_the_bodies_ends_no_table_and_is_no_money(read, settings, size):
    settings.UPLOAD_CHUNK_ROWS = size
    file, pieces = read(PLAIN, csv_of(TITLE, CORE, ["All", "3"], ["QAA", "1"], ["QBB", "2"]))
    assert (codes_of(pieces), [p for piece in pieces for p in piece.problems]) == (["QAA", "QBB"], [])
    (control,) = file.preview_extras()["controls"]
    assert (control["cell"], control["ours"], control["publishers"]) == ("B3", "3000.00", "3000.00")
    assert file.warnings() == []


@pytest.mark.parametrize("size", SIZES)
def test_blank_rows_above_the_first_body_end_no_table(read, settings, size):
    settings.UPLOAD_CHUNK_ROWS = size
    _, pieces = read(PLAIN, csv_of(TITLE, CORE, [], [], ["QAA", "1"], ["QBB", "2"]))
    assert codes_of(pieces) == ["QAA", "QBB"]


@pytest.mark.parametrize("between", [[], ["All", "1"]], ids=["a blank row", "a total"])
@pytest.mark.parametrize("size", SIZES)
def test_a_body_below_the_end_is_told_with_what_to_do(read, settings, size, between):
    settings.UPLOAD_CHUNK_ROWS = size
    file, pieces = read(PLAIN, csv_of(TITLE, CORE, ["QAA", "1"], between, ["words", ""], ["QBB", "2"], ["All", "9"]))
    assert codes_of(pieces) == ["QAA"]
    (problem,) = [problem for piece in pieces for problem in piece.problems]
    assert told([problem]) == [("ROW_AFTER_END", 6, "A", "QBB")]
    assert (problem.where.column_name, problem.severity) == ("Code", "error")
    assert problem.fix == (
        "Delete the blank row or the total above it, or clear the row if it is not part of the table."
    )
    assert file.preview_extras()["controls"][0]["ours"] == "1000.00"


@pytest.mark.parametrize("size", SIZES)
def test_a_row_that_cannot_be_read_is_no_blank_row(read, settings, size):
    """It is refused for itself; the bodies below it are not told to be below the end of the table."""
    settings.UPLOAD_CHUNK_ROWS = size
    _, pieces = read(PLAIN, csv_of(TITLE, CORE, ["QAA", "1"], ["QXX", "\x1b[1m"], ["QBB", "2"], ["QCC", "3"]))
    assert codes_of(pieces) == ["QAA", "QBB", "QCC"]
    problems = [problem for piece in pieces for problem in piece.problems]
    assert [(one.code, one.where.row) for one in problems] == [("CONTROL_CHAR", 4)]
    assert sum(piece.refused_before for piece in pieces) == 1
    assert sum(piece.rows_read for piece in pieces) == 4


def test_without_a_pattern_for_codes_the_words_of_a_total_decide(read):
    """There, nothing else tells the row of a body from the row of a total."""
    toml = GRANTS.replace("codes = 'Q[A-Z]{2}'\n", "")
    _, pieces = read(toml, csv_of(TITLE, HEADING, BODIES[0], ["QHH", "England", "A", "1", "1"]))
    assert codes_of(pieces) == ["QAA", "QAA"]


# ── The publisher's totals ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("figure", "total", "is_warned"),
    [
        ("1.5", "1.5", False),
        ("1.55", "1.5", False),
        ("1.55001", "1.5", True),
        ("1.45", "1.5", False),
        ("1.44999", "1.5", True),
        ("2.5", "2", False),
        ("2.50001", "2", True),
        ("2.005", "2.00", False),
        ("2.00501", "2.00", True),
        ("2.6", " 3 ", False),
        ("-1.55", "-1.5", False),
        ("-1.55001", "-1.5", True),
    ],
)
def test_a_total_may_be_off_by_half_of_its_last_printed_place(read, figure, total, is_warned):
    file, _ = read(PLAIN, csv_of(TITLE, CORE, ["QAA", figure], ["All", total]))
    assert [one.code for one in file.warnings()] == ["W_CONTROL_TOTAL"] * is_warned


def test_a_warning_of_a_total_names_its_cell_and_both_sums(read):
    file, _ = read(PLAIN, csv_of(TITLE, CORE, ["QAA", "1234.5"], ["QBB", "1"], ["All", "1236.5"]))
    (warning,) = file.warnings()
    assert (warning.where.row, warning.where.column, warning.where.column_name) == (5, "B", "Core, £k")
    assert (warning.severity, warning.value) == ("warning", "£1,236,500.00 stated, £1,235,500.00 read")
    assert warning.message == "The figures do not add up to the publisher’s total, and the layout gives no reason"


def test_the_first_total_that_says_something_counts_for_each_column(read):
    rows = [BODIES[0], ["", "All", "", "", "x"], ["", "All", "", "1.5", "7"], ["", "All", "", "8"]]
    file, _ = read(GRANTS, csv_of(TITLE, HEADING, *rows))
    (control,) = file.preview_extras()["controls"]
    assert (control["cell"], control["published_text"]) == ("D5", "1.5")
    assert file.warnings() == []


def test_a_file_without_totals_has_none_beside_its_figures(read):
    file, _ = read(PLAIN, csv_of(TITLE, CORE, ["QAA", "1"]))
    assert (file.preview_extras()["controls"], file.preview_extras()["not_read"], file.warnings()) == ([], [], [])


# ── Years ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def years(pieces: list[Piece]) -> list[str]:
    return [year for *_, year, _ in figures(pieces)]


def test_a_year_in_the_heading_of_a_column_goes_before_all_others(read):
    heading = ["Code", "Body", "Class", "Core 2019/20, £k", "Core, £k", "Running, £k"]
    toml = GRANTS.replace('stream = "running-costs"', 'stream = "running-costs"\nfinancial_year = "2017/18"')
    _, pieces = read(toml, csv_of(TITLE, heading, ["QAA", "Anton", "A", "1", "2", "3"]))
    assert [(letter, year) for _, letter, _, _, year, _ in figures(pieces)] == [
        ("D", "2019-20"),
        ("E", "2024-25"),
        ("F", "2017-18"),
    ]


def test_the_year_of_the_layout_goes_before_the_title(read):
    _, pieces = read(
        PLAIN.replace("[defaults]", '[defaults]\nfinancial_year = "2016-17"'), csv_of(TITLE, CORE, ["Q", "1"])
    )
    assert years(pieces) == ["2016-17"]


def test_a_year_that_is_none_is_left_for_the_check_to_tell(read):
    _, pieces = read(PLAIN, csv_of(["Grants for 2024-26"], CORE, ["QAA", "1"]))
    assert years(pieces) == ["2024-26"]


def test_the_title_is_the_first_above_the_headings(read):
    _, pieces = read(PLAIN, csv_of(["", "  Grants\tfor  2021/22"], ["Grants for 2022-23"], CORE, ["QAA", "1"]))
    assert years(pieces) == ["2021-22"]


@pytest.mark.parametrize(
    "lines",
    [
        [CORE, ["QAA", "1"]],
        [["Code", "Core, £k", "Grants for 2024-25"], ["QAA", "1"]],
        [CORE, ["Grants for 2024-25", ""], ["QAA", "1"]],
    ],
    ids=["nowhere", "in the headings", "below the headings"],
)
def test_a_file_that_does_not_say_its_year_above_the_headings_is_refused(profile_of, lines):
    with pytest.raises(Refused) as refused:
        PublishedFile(profile_of(PLAIN), FILLED, table(csv_of(*lines)))
    assert [(one.code, one.message) for one in refused.value.problems] == [
        (
            "NO_YEAR",
            "The file does not say which year it is for, as “Mereshire: grants to boards” does above its headings",
        )
    ]


# ── One row, one figure ──────────────────────────────────────────────────────────────────────────────────────────────


LONG = f"""{TOP}
[[sheets]]
[sheets.columns]
financial_year = 'Year'
organisation = 'Code'
amount = 'Pounds'
note = 'Remark'
"""
LINEAGE = LONG + "published_text = 'As printed'\nsource_row = 'Row'\n"


def test_a_table_with_a_column_for_everything_is_read_by_its_headings(read, settings):
    settings.UPLOAD_CHUNK_ROWS = 2
    heading = ["Ignored", "Pounds", "Code", "Year", "Remark"]
    lines = [["x", str(n), f"QA{n}", "2024-25", "so"] for n in range(3)]
    _, pieces = read(LONG, csv_of(TITLE, heading, *lines[:2], [], lines[2], ["y", "\x1b", "", "", ""]))
    assert [number for piece in pieces for number in piece.numbers.tolist()] == [3, 4, 6]
    assert [code for piece in pieces for code in piece.frame["organisation"]] == ["QA0", "QA1", "QA2"]
    first = pieces[0]
    assert (first.letters["organisation"], first.letters["amount"], first.headings["note"]) == ("C", "B", "Remark")
    assert (first.unit, first.missing, first.has_lineage, first.already_reported) == (
        Decimal(1000),
        frozenset({"tbc"}),
        False,
        None,
    )
    assert {name: set(first.frame[name]) for name in ("basis", "recurrence", "stream", "gross_or_net")} == {
        "basis": {"allocation"},
        "recurrence": {"recurrent"},
        "stream": {""},
        "gross_or_net": {""},
    }
    assert {"source_sheet", "source_row", "source_cell", "published_text"} <= set(first.frame.columns)
    assert sum(piece.rows_read for piece in pieces) == 4
    assert sum(piece.refused_before for piece in pieces) == 1
    assert [(p.code, p.where.row) for piece in pieces for p in piece.problems] == [("CONTROL_CHAR", 7)]


def test_a_compiled_table_states_its_lineage(read):
    heading = ["Pounds", "Code", "Year", "Remark", "As printed", "Row"]
    _, (piece,) = read(LINEAGE, csv_of(TITLE, heading, ["1", "QAA", "2024-25", "", "1.0", "77"]))
    assert piece.has_lineage
    assert (piece.frame["published_text"].tolist(), piece.frame["source_row"].tolist()) == (["1.0"], ["77"])


def test_what_was_tidied_in_reading_is_counted_for_its_piece(read):
    heading = ["Pounds", "Code", "Year", "Remark"]
    _, (piece,) = read(LONG, csv_of(TITLE, heading, ["1", "QAA", "2024-25", "so"], ["2", "QBB", "2024-25"]))
    assert piece.rows_read == 2
    assert set(piece.notices.values()) <= {1, 2}


# ── Sheets ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def workbook(*sheets: tuple[str, list[list[Any]], str]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, lines, state in sheets:
        sheet = book.create_sheet(name)
        sheet.sheet_state = state
        for line in lines:
            sheet.append(line)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_each_sheet_is_read_for_itself_and_others_are_named(read):
    """Where one table ends says nothing about the next, and every sheet has totals of its own."""
    content = workbook(
        ("Notes", [["Nothing"]], "visible"),
        ("One", [TITLE, CORE, ["QAA", 1], ["All", 5], ["words", None]], "visible"),
        ("Two", [["Grants for 2023-24"], CORE, ["QBB", 2], ["All", 2]], "hidden"),
    )
    file, pieces = read(PLAIN, content, "grants.xlsx")
    assert file.profile == file.profile_used.key
    assert [(piece.sheet, code) for piece in pieces for code in piece.frame["organisation"]] == [
        ("One", "QAA"),
        ("Two", "QBB"),
    ]
    assert years(pieces) == ["2024-25", "2023-24"]
    assert [(line["sheet"], line["publishers"]) for line in file.preview_extras()["controls"]] == [
        ("One", "5000.00"),
        ("Two", "2000.00"),
    ]
    assert file.notices() == [
        "The file was recognised as “Mereshire: grants to boards”",
        "Sheet “Notes” was not read: this layout does not know it",
    ]
    assert [(one.code, one.where.sheet) for one in file.warnings()] == [
        ("W_HIDDEN_SHEET", "Two"),
        ("W_CONTROL_TOTAL", "One"),
    ]


# ── Units, number formats and what is hidden ─────────────────────────────────────────────────────────────────────────


def styled(code: str, stored: float, hide: str = "") -> bytes:
    """A sheet in £k with one figure in a number format."""
    book = Workbook()
    sheet = book.active
    for line in (TITLE, ["Code", "Core, £k"], ["QAA", stored], ["QBB", 2], ["All", 5]):
        sheet.append(line)
    sheet["B3"].number_format = code
    if hide == "row":
        sheet.row_dimensions[3].hidden = True
    if hide == "column":
        sheet.column_dimensions["B"].hidden = True
    out = BytesIO()
    book.save(out)
    return out.getvalue()


IN_THOUSANDS = {
    "as written": ("0.0", 1.5, "1500.00"),
    "with the unit of the column": ('"£"0.0"k"', 1.5, "1500.00"),
    "pounds shown in the unit of the column": ("#,##0.0,", 1500, "1500.00"),
    "pounds shown in the unit of the column, with its name": ('#,##0.0,"k"', 1500, "1500.00"),
    "thousands shown as millions": ('0.0000,"m"', 1.5, "1500.00"),
}


@pytest.mark.parametrize("case", IN_THOUSANDS)
def test_a_number_format_and_the_unit_of_the_column_are_read_together(read, case):
    code, stored, pounds = IN_THOUSANDS[case]
    _, pieces = read(PLAIN, styled(code, stored), "grants.xlsx")
    (first, _) = pieces[0].frame["amount"]
    assert f"{read_amount(first, Decimal(1000)).value:.2f}" == pounds


@pytest.mark.parametrize("code", ['0.0"m"', '0.0" bn"', "0.0,,", "0%"])
def test_a_number_format_that_contradicts_the_unit_of_the_column_is_asked_about(read, code):
    _, pieces = read(PLAIN, styled(code, 1.5), "grants.xlsx")
    with pytest.raises(Refused):
        read_amount(pieces[0].frame["amount"][0], Decimal(1000))


@pytest.mark.parametrize(
    ("title", "heading", "place"),
    [
        ("Grants for 2024-25", "Core, £m", "the heading"),
        ("Grants for 2024-25, £ million", "Core", "the title"),
        ("Grants for 2024-25 in millions", "Core", "the title"),
    ],
)
def test_a_file_in_another_unit_than_its_layout_is_refused(read, title, heading, place):
    with pytest.raises(Refused) as refusal:
        read(PLAIN.replace("'Core, £k'", "'Core.*'"), csv_of([title], ["Code", heading], ["QAA", "1"]))
    (problem,) = refusal.value.problems
    assert (problem.code, problem.message) == (
        "WRONG_UNIT",
        "The file says millions of pounds, and its layout has thousands of pounds",
    )
    assert (problem.where.row, problem.where.column) == ((2, "B") if place == "the heading" else (1, None))


@pytest.mark.parametrize("title", ["Grants for 2024-25 (£000)", "Grants for 2024-25", "Grants for 2024-25, £m and £k"])
def test_a_title_that_agrees_with_the_layout_or_says_nothing_is_read(read, title):
    _, pieces = read(PLAIN.replace("'Core, £k'", "'Core.*'"), csv_of([title], ["Code", "Core"], ["QAA", "1"]))
    assert pieces[0].frame["amount"].tolist() == ["1"]


@pytest.mark.parametrize(
    ("hide", "found"),
    [
        ("row", ("W_HIDDEN_ROWS", "1 hidden row was read, adding up to £1,500.00")),
        (
            "column",
            (
                "W_HIDDEN_COLUMN",
                "The column is hidden in the workbook, and was read: 2 amounts, adding up to £3,500.00",
            ),
        ),
    ],
)
def test_hidden_figures_are_warned_of_with_their_sum_in_pounds(read, hide, found):
    file, _ = read(PLAIN, styled("0.0", 1.5, hide), "grants.xlsx")
    assert [(one.code, one.message) for one in file.warnings() if "HIDDEN" in one.code] == [found]


def test_a_column_that_is_left_out_is_added_up_in_the_unit_of_its_own_heading(read):
    toml = PLAIN + "[[sheets.not_read]]\nheading = 'Gross.*'\nreason = 'Net is read'\n"
    file, _ = read(toml, csv_of(TITLE, ["Code", "Core, £k", "Gross, £m"], ["QAA", "1", "2"]))
    assert [(line["label"], line["amount"]) for line in file.preview_extras()["not_read"]] == [
        ("Gross, £m", "2000000.00")
    ]


# ── Text files that a spreadsheet saved otherwise ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("core", "read_as"),
    [
        (["1.500", "2.250"], [None, None]),
        (["1.500", "2,25"], ["1500000", "2250"]),
        (["1.500", "2.25"], ["1500", "2250"]),
    ],
)
def test_between_semicolons_the_file_shows_what_a_point_means(read, core, read_as):
    lines = [TITLE, ["Code", "Core, £k"], ["QAA", core[0]], ["QBB", core[1]]]
    source, pieces = read(PLAIN, "".join(";".join(line) + "\n" for line in lines).encode())
    (piece,) = pieces
    found = read_amounts(piece.frame["amount"], piece.unit, piece.style)
    assert [Decimal(text) if text else None for text in found.text] == [text and Decimal(text) for text in read_as]
    assert any("decimal comma" in notice for notice in source.notices()) is (core[1] == "2,25")


def test_a_row_whose_amount_was_cut_by_its_comma_is_refused_and_moves_nothing(read):
    lines = [
        b"Grants for 2024-25",
        b'Code,Body,Class,"Core, \xc2\xa3k","Running, \xc2\xa3k"',
        b"QAA,Anton,A,1,234,5",
        b"QBB,Bertha,A,2,3",
    ]
    _, pieces = read(GRANTS, b"\n".join(lines))
    assert [amount for *_, amount in figures(pieces)] == ["2", "3"]
    (problem,) = [problem for piece in pieces for problem in piece.problems]
    assert (problem.code, problem.where.row) == ("EXTRA_COLUMN", 3)
    assert "look like one number 1,234" in problem.message
    assert sum(piece.refused_before for piece in pieces) == 1


def test_what_cannot_be_seen_in_a_heading_hides_no_column(read):
    lines = [TITLE, ["Co\u200bde", "Core,\u2060 £k\u200e"], ["QAA", "1"]]
    _, pieces = read(PLAIN, csv_of(*lines))
    assert [amount for *_, amount in figures(pieces)] == ["1"]
