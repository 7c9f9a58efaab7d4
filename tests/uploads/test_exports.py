"""What people take away: every problem as a table, and their own file with what is to be mended in each row."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.tabular import CsvSheet, neutralise
from pooledcare.uploads import exports, staging
from pooledcare.uploads.models import Upload
from tests import factories
from tests.kernel import ods_files
from tests.kernel.files import opened, packed

pytestmark = pytest.mark.django_db

OURS = "PooledCare: what to correct"


@pytest.fixture
def received(db: None):
    def make(content: bytes | str, *problems: Problem, name: str = "my.file.csv") -> Upload:
        data = content.encode() if isinstance(content, str) else content
        stored = default_storage.save("x", ContentFile(data))
        upload = factories.upload(organisation=factories.organisation(), filename=name, stored_name=stored)
        staging.save_problems(upload, problems)
        return upload

    return make


def at(row: int | None, message: str, column: str = "", sheet: str = "", fix: str = "Mend it.") -> Problem:
    return Problem("WRONG", message, Where(sheet, row, column or None, "Core"), "x", fix)


def marked(upload: Upload) -> list[list[str]]:
    name, content_type, content = exports.marked_file(upload)
    assert (name, content_type) == ("my.file with problems.csv", "text/csv; charset=utf-8")
    data = b"".join(content)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_all_problems_are_told_in_the_order_in_which_they_were_found(received):
    upload = received("a", at(3, "Late", "C", "One"), at(2, "Early"), Problem("W", "Odd", severity="warning"))
    staging.save_problems(received("b"), [at(1, "Of another")])
    assert list(exports.problem_rows(upload)) == [
        ["error", "WRONG", "One", 3, "C", "Core", "x", "Late", "Mend it."],
        ["error", "WRONG", "", 2, "", "Core", "x", "Early", "Mend it."],
        ["warning", "W", "", None, "", "", "", "Odd", ""],
    ]
    plain, with_mark = (b"".join(exports.problems_csv(upload, bom=bom)) for bom in (False, True))
    assert with_mark == b"\xef\xbb\xbf" + plain
    assert plain.decode().splitlines()[0] == "severity,code,sheet,row,column,column_name,value,message,fix"
    assert plain.decode().splitlines()[2] == "error,WRONG,,2,,Core,x,Early,Mend it."


def test_each_row_has_what_is_wrong_with_it_and_keeps_its_place(received):
    upload = received(
        "code,amount\nA,1\n\n\nB,x,more,and more\nC\n",
        at(5, "Not an amount.", "B"),
        at(5, "No code", "A", fix="Add one."),
        at(99, "Nowhere"),
    )
    assert marked(upload) == [
        ["code", "amount", "", "", OURS],
        ["A", "1", "", "", ""],
        ["", "", "", "", ""],
        ["", "", "", "", ""],
        ["B", "x", "more", "and more", "B: Not an amount. Mend it. | A: No code. Add one."],
        ["C", "", "", "", ""],
    ]


def test_what_is_wrong_with_the_whole_file_or_with_its_headings_stands_at_the_first_row(received):
    whole = received("code,amount\nA,1\n", at(None, "No rows."))
    assert [line[-1] for line in marked(whole)] == [f"{OURS}: No rows. Mend it.", ""]
    heading = received("code,amount\nA,1\n", at(None, "No rows."), at(1, "No heading", "B"))
    assert [line[-1] for line in marked(heading)] == [f"{OURS}: B: No heading. Mend it.", ""]


def test_only_so_much_is_said_of_one_row(received):
    upload = received("code\nA\n", *(at(2, "x" * 1_000) for _ in range(5)))
    assert len(marked(upload)[1][1]) == 4_000


def workbook(*sheets: tuple[str, list[list[Any]]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, lines in sheets:
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_comes_back_with_every_sheet_and_its_own_problems(received):
    content = workbook(
        ("One", [["code", "amount"], ["A", 1.5], [], ["B", "x", "beyond"]]),
        ("Two", [["code"], ["=1+1"]]),
        ("Three", []),
    )
    problems = [
        at(4, "Not an amount", "B", "One"),
        at(2, "Not known", "", "Two"),
        at(4, "Of no sheet", "", ""),
        at(None, "All of two", "", "Two"),
    ]
    name, content_type, out = exports.marked_file(received(content, *problems, name="my.xlsx"))
    assert (name, content_type) == ("my with problems.xlsx", exports.XLSX)
    book = load_workbook(BytesIO(b"".join(out)))
    rows = {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}
    assert rows["One"] == [
        ["code", "amount", None, OURS],
        ["A", 1.5, None, None],
        [None, None, None, None],
        ["B", "x", "beyond", "B: Not an amount. Mend it."],
    ]
    assert [row[-1] for row in rows["Two"]] == [f"{OURS}: All of two. Mend it.", "Not known. Mend it."]
    assert rows["Three"] == [[OURS]]
    assert list(rows) == ["One", "Two", "Three"]


@pytest.mark.parametrize(("most", "number"), [(2, 4), (3, 5), (4, 5)])
def test_very_many_blank_rows_of_a_workbook_are_not_all_given_back(received, monkeypatch, most, number):
    monkeypatch.setattr(exports, "MOST_BLANK_ROWS", most)
    _, _, out = exports.marked_file(received(workbook(("One", [["code"], [], [], [], ["A"]])), name="my.xlsx"))
    column = [cell.value for cell in load_workbook(BytesIO(b"".join(out))).active["A"]]
    assert (column[0], column.index("A") + 1) == ("code", number)


def test_a_number_that_is_shown_as_something_else_keeps_its_number_and_its_format(received):
    """So that the file, sent again, is read or asked about as before."""
    formats = {"0.0%": 0.025, '"£"#,##0.0"k"': 1234.5, "0,": 1234500}
    book = Workbook()
    book.active.append([*formats])
    book.active.append([*formats.values()])
    for cell, code in zip(book.active[2], formats, strict=True):
        cell.number_format = code
    out = BytesIO()
    book.save(out)
    _, _, content = exports.marked_file(received(out.getvalue(), at(2, "Odd", sheet="Sheet"), name="my.xlsx"))
    given_back = load_workbook(BytesIO(b"".join(content))).active[2][:3]
    assert {cell.number_format: cell.value for cell in given_back} == formats


def test_an_ods_workbook_comes_back_as_xlsx_with_its_sheets_numbers_and_formats(received):
    style = ods_files.number_style(
        "N1", '<number:number number:decimal-places="0" number:min-integer-digits="1" number:display-factor="1000"/>'
    )
    first = ods_files.row(ods_files.text("code"), ods_files.text("amount"))
    second = ods_files.row(ods_files.text("A"), ods_files.number(1234500, "1235", style="ce1"))
    parts = ods_files.parts_of_ods(
        {"One": first + second, "Two": first}, styles=style + ods_files.cell_style("ce1", "N1")
    )
    upload = received(packed(parts), at(2, "Not an amount", "B", "One"), name="my.ods")
    name, content_type, out = exports.marked_file(upload)
    assert (name, content_type) == ("my with problems.xlsx", exports.XLSX)
    book = load_workbook(BytesIO(b"".join(out)))
    assert book.sheetnames == ["One", "Two"]
    assert [cell.value for cell in book["One"][2]] == ["A", 1234500, "B: Not an amount. Mend it."]
    assert book["One"]["B2"].number_format == "0,"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("0", 0),
        ("-5", -5),
        ("1.50", Decimal("1.50")),
        ("123456789012345", 123_456_789_012_345),
        ("1234567890123456", "1234567890123456"),
        ("1234567890.12345", "1234567890.12345"),
        ("00123", "00123"),
        ("1.", "1."),
        (".5", ".5"),
        ("1e5", "1e5"),
        ("+5", "+5"),
        ("", ""),
        ("x" * 32_001, "x" * 32_000),
    ],
)
def test_a_number_is_a_number_again_where_a_workbook_can_hold_it_exactly(text, value):
    found = exports._as_it_was(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("lines", "given_back"),
    [
        ("code;amount\nA;1.500\n", f"code;amount;{OURS}\r\nA;1.500;\r\n"),
        ("sep=;\ncode;amount\nA;1,5\n", f"sep=;\r\ncode;amount;{OURS}\r\nA;1,5;\r\n"),
        ('code,amount\n"A","1",234\n', f'code,amount,,{OURS}\r\n"A","1",234,\r\n'),
        ('code,amount\n"a\nb",-1\nC,+2.50\n', f'code,amount,{OURS}\r\n"a\nb",-1,\r\nC,+2.50,\r\n'),
        ('code,amount\n"A" x,1\n', f'code,amount,{OURS}\r\n"""A"" x",1,\r\n'),
        ("\ncode,amount\nA,1\n", f",,{OURS}\r\ncode,amount,\r\nA,1,\r\n"),
        ("Title\ncode\tamount\nA\t1\n", f"Title\t\t{OURS}\r\ncode\tamount\t\r\nA\t1\t\r\n"),
        ("code;amount\n=1+1;A,=cmd()\n", f"code;amount;{OURS}\r\n'=1+1;A,'=cmd();\r\n"),
    ],
)
def test_a_text_file_comes_back_as_it_was_written(received, monkeypatch, lines, given_back):
    monkeypatch.setattr(exports, "is_heading", lambda row, kind, year: row == ["code", "amount"])
    _, _, content = exports.marked_file(received(lines))
    assert b"".join(content).decode("utf-8-sig") == given_back


CELL = st.text(alphabet='ab1.,;"\n \t£', max_size=6)


@given(st.lists(st.lists(CELL, min_size=1, max_size=4), min_size=1, max_size=5), st.sampled_from(",;\t|"))
def test_the_cells_of_a_text_file_given_back_are_those_that_were_read(rows, delimiter):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([["code", "amount"], *rows])
    width = max(2, *map(len, rows))
    with opened(out.getvalue().encode(), is_heading=lambda row: row == ["code", "amount"]) as table:
        (sheet,) = table.sheets
        assert isinstance(sheet, CsvSheet)
        expected = [[*map(neutralise, row), *[""] * (width - len(row))] for _, row in sheet.rows()]
        lines = list(exports._marked_lines(sheet, {}))
    given_back = list(csv.reader(io.StringIO("".join(lines), newline=""), delimiter=sheet.delimiter))
    assert [row[:-1] for row in given_back] == expected
