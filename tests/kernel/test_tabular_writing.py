"""Rows on their way out: nothing runs in a spreadsheet, no number changes, and what was added comes off again."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import psutil
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pooledcare.kernel.money import LARGEST, as_text
from pooledcare.kernel.tabular import (
    FileColumn,
    SheetOut,
    neutralise,
    neutralise_sql,
    open_table,
    safe_csv,
    safe_text,
    safe_xlsx,
    unneutralise,
)
from pooledcare.kernel.tabular.writing import sheet_name

SKIPPED = " \u00a0\ufeff\u200b\u200d\u3000\u2060"
STARTS = "=+-@\t\r\n\x00＝＋－＠"
hostile = st.text(alphabet=st.sampled_from("=+-@\t\r\n\x00|%'＝＋－＠ \u00a0\ufeff\u200b1aA\"(,;"), max_size=8)
anything = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)
amounts = st.decimals(min_value=-LARGEST, max_value=LARGEST, places=2)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("before", ["", *SKIPPED, " \ufeff\u200b"])
def test_every_start_of_a_formula_is_neutralised_after_anything_that_is_skipped(before, start):
    cell = f"{before}{start}cmd|' /C calc'!A0"
    assert neutralise(cell) == f"'{cell}"
    assert unneutralise(neutralise(cell)) == cell


@pytest.mark.parametrize(
    "text", ["", "St John's", "'quoted'", "a=b", "'a=b", "X=1", "'X=1", "5", "£-5", "'", "''", "n/a", "(5)"]
)
def test_other_text_is_left_alone(text):
    assert neutralise(text) == unneutralise(text) == text


def is_run_by_a_spreadsheet(cell):
    """The rule told a second time, slowly."""
    rest = cell
    while rest and rest[0] in SKIPPED:
        rest = rest[1:]
    return rest[:1] in set(STARTS)


@pytest.mark.slow
@settings(max_examples=10_000)
@given(st.one_of(hostile, anything))
@example("'=1")
@example("''=1")
@example("' =1")
def test_of_ten_thousand_cells_none_runs_and_each_comes_back(cell):
    safe = neutralise(cell)
    assert not is_run_by_a_spreadsheet(safe)
    assert unneutralise(safe) == cell
    if not set(cell) & set(STARTS):
        assert safe == cell


@given(st.lists(st.tuples(hostile, amounts, st.dates(), st.one_of(st.none(), st.integers()))))
def test_a_csv_comes_back_through_the_reader_of_a_spreadsheet_with_its_numbers_untouched(rows):
    columns = ["=note", FileColumn("amount", "number"), FileColumn("on", "date"), "count"]
    written = b"".join(safe_csv(rows, columns))
    read = list(csv.reader(io.StringIO(written.decode(), newline="")))
    assert read[0] == ["'=note", "amount", "on", "count"]
    for (note, amount, day, count), cells in zip(rows, read[1:], strict=True):
        assert unneutralise(cells[0]) == note
        assert not is_run_by_a_spreadsheet(cells[0])
        assert cells[1:] == [f"{amount:f}", day.isoformat(), "" if count is None else str(count)]


@pytest.mark.parametrize(
    ("text", "kind", "written"),
    [
        ("-5", "number", "-5"),
        ("-1234.50", "number", "-1234.50"),
        ("-0.004554294225", "number", "-0.004554294225"),
        ("-0.0045542942251", "number", "'-0.0045542942251"),
        ("-123456789012345", "number", "-123456789012345"),
        ("-1234567890123456", "number", "'-1234567890123456"),
        ("-", "number", "'-"),
        ("-.5", "number", "'-.5"),
        ("-5.", "number", "'-5."),
        ("--5", "number", "'--5"),
        ("-2025-04-01", "date", "'-2025-04-01"),
        ("-5", "text", "'-5"),
        ("-5+cmd", "number", "'-5+cmd"),
        ("+5", "number", "'+5"),
        ("-５", "number", "'-５"),
        ("-5\n", "number", "'-5\n"),
        ("n/a", "number", "n/a"),
        ("2025-04-01", "date", "2025-04-01"),
        ("2025-04-01T12:00:00+01:00", "date", "2025-04-01T12:00:00+01:00"),
        ("-2025", "date", "'-2025"),
    ],
)
def test_a_number_column_leaves_only_numbers_alone(text, kind, written):
    assert safe_text(text, kind) == written


def test_values_are_written_by_what_they_are():
    assert [safe_text(value) for value in (None, True, False, 0, Decimal("-1E+3"), date(2025, 4, 1))] == [
        *("", "true", "false", "0", "-1000", "2025-04-01")
    ]
    assert safe_text(datetime.fromisoformat("2025-04-01T12:00:00+00:00")) == "2025-04-01T12:00:00+00:00"
    with pytest.raises(TypeError, match=r"^A cell cannot be a float\.$"):
        safe_text(0.1)


def test_a_csv_for_a_spreadsheet_starts_with_a_mark_and_lines_end_as_rfc_4180_says():
    assert b"".join(safe_csv([["é", Decimal("1.50")]], ["a", "b"], bom=True)) == b"\xef\xbb\xbfa,b\r\n\xc3\xa9,1.50\r\n"
    assert b"".join(safe_csv([], ["a"])) == b"a\r\n"


def test_a_csv_is_written_in_pieces():
    pieces = list(safe_csv(([str(n)] for n in range(1_700)), ["n"]))
    assert len(pieces) == 4
    assert b"".join(pieces).count(b"\r\n") == 1_701


@pytest.mark.parametrize(
    ("rows", "lines"), [(0, [1]), (1, [2]), (499, [500]), (500, [501, 0]), (501, [501, 1]), (1_001, [501, 500, 1])]
)
def test_a_piece_of_a_csv_holds_five_hundred_rows(rows, lines):
    pieces = list(safe_csv(([str(n)] for n in range(rows)), ["n"], bom=True))
    assert [piece.count(b"\r\n") for piece in pieces] == lines
    assert b"".join(pieces) == ("\ufeffn\r\n" + "".join(f"{n}\r\n" for n in range(rows))).encode()


def test_a_row_of_another_width_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match=r"shorter|longer"):
        list(safe_csv([["a", "b"]], ["a"]))


@settings(max_examples=30)
@given(st.lists(st.tuples(hostile, amounts.map(as_text), amounts), max_size=10))
def test_a_workbook_comes_back_through_our_own_reader(rows):
    columns = ["note", FileColumn("as text", "number"), "as number"]
    data = safe_xlsx([SheetOut("Allocations", columns, rows)])
    with open_table(io.BytesIO(data), "x.xlsx") as table:
        [sheet] = table.sheets
        read = [cells for _, cells in sheet.rows()]
    assert read[0] == ["note", "as text", "as number"]
    for (note, text, amount), cells in zip(rows, read[1:], strict=True):
        assert (unneutralise(cells[0]) if cells else "") == note.replace("\x00", "\ufffd") or "\r" in note
        assert [Decimal(cell) for cell in cells[1:]] == [Decimal(text), amount]


def test_no_cell_of_a_workbook_is_a_formula_or_an_error():
    rows = [["=1+1", "#REF!", " =HYPERLINK()", "＝1"], [None, True, Decimal("-5.00"), date(2025, 4, 1)]]
    data = safe_xlsx([SheetOut("Results: 2025/26", ["a", "b", "c", "=d"], rows)])
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book["Results  2025 26"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s", "inlineStr", "n", "d"}
    assert [cell.value for cell in sheet[2]] == ["'=1+1", "#REF!", "' =HYPERLINK()", "'＝1"]
    assert [cell.value for cell in sheet[1]] == ["a", "b", "c", "'=d"]
    assert sheet["C3"].value == -5
    assert sheet["C3"].number_format == "#,##0.00"
    assert sheet.freeze_panes == "A2"


def loaded(*sheets):
    return openpyxl.load_workbook(io.BytesIO(safe_xlsx(sheets)))


def test_each_value_of_a_workbook_has_the_type_and_the_format_of_what_it_is():
    columns = [FileColumn("a", "number"), "b", FileColumn("c", "date")]
    day, moment = date(2025, 4, 1), datetime.fromisoformat("2025-04-01T12:00:00+00:00")
    rows = [
        ["-1234.50", Decimal("0.10"), day],
        ["n/a", 7, moment],
        [7, "-1234.50", "2025-04-01"],
        [True, False, None],
        ["-5+x", Decimal("999999999999.99"), "=1"],
    ]
    page = loaded(SheetOut("Data", columns, rows))["Data"]
    shown = [
        [(str(cell.value), cell.data_type, cell.number_format) for cell in row] for row in page.iter_rows(min_row=2)
    ]
    text = ("s", "General")
    assert shown == [
        [("-1234.5", "n", "#,##0.00"), ("0.1", "n", "#,##0.00"), ("2025-04-01 00:00:00", "d", "yyyy-mm-dd")],
        [("n/a", *text), ("7", "n", "General"), ("2025-04-01T12:00:00+00:00", *text)],
        [("7", "n", "General"), ("'-1234.50", *text), ("2025-04-01", *text)],
        [("true", *text), ("false", *text), ("None", "inlineStr", "General")],
        [("'-5+x", *text), ("999999999999.99", "n", "#,##0.00"), ("'=1", *text)],
    ]


def test_headings_are_bold_in_sight_and_their_columns_as_wide_as_they_are_long():
    lengths = {1: 14, 10: 14, 11: 15, 30: 34, 56: 60, 57: 60, 90: 60}
    page = loaded(SheetOut("Data", ["h" * length for length in lengths], [["x"] * len(lengths)]))["Data"]
    assert [page.column_dimensions[letter].width for letter in "ABCDEFG"] == list(lengths.values())
    assert page.freeze_panes == "A2"
    assert {cell.font.bold for cell in page[1]} == {True}
    assert {cell.font.bold for cell in page[2]} == {False}


def test_the_name_of_a_sheet_is_one_that_a_workbook_may_hold():
    names = {
        "a[b]c:d*e?f/g\\h": "a b c d e f g h",
        "x" * 31: "x" * 31,
        "x" * 32: "x" * 31,
        "": "Sheet",
        "2025-26": "2025-26",
    }
    assert {name: sheet_name(name) for name in names} == names
    assert loaded(*(SheetOut(name, ["a"]) for name in ("A/B", "C"))).sheetnames == ["A B", "C"]


def test_a_list_of_choices_belongs_to_its_column_wherever_other_columns_stand():
    long = "A heading that is much longer than a title"
    columns = ["note", FileColumn("x", choices=("a", "=b", "c")), "more", FileColumn(long, "number", ("1",))]
    book = loaded(
        SheetOut("One", columns, [["n", "a", "m", "1"]]), SheetOut("Two", [FileColumn("y", choices=("z", "y"))])
    )
    assert book.sheetnames == ["One", "Two", "Lists"]
    rules = [*book["One"].data_validations.dataValidation, *book["Two"].data_validations.dataValidation]
    assert [
        (r.type, r.formula1, str(r.sqref), r.allow_blank, r.showErrorMessage, r.errorTitle, r.error) for r in rules
    ] == [
        ("list", "Lists!$A$1:$A$3", "B2:B10000", True, True, "x", "Choose a value from the list"),
        ("list", "Lists!$B$1:$B$1", "D2:D10000", True, True, long[:32], "Choose a value from the list"),
        ("list", "Lists!$C$1:$C$2", "A2:A10000", True, True, "y", "Choose a value from the list"),
    ]
    assert [[cell.value for cell in row] for row in book["Lists"].iter_rows()] == [
        ["a", "1", "z"],
        ["'=b", None, "y"],
        ["c", None, None],
    ]
    assert [page.sheet_state for page in book] == ["visible", "visible", "hidden"]
    assert loaded(SheetOut("One", ["a"])).sheetnames == ["One"]


def test_a_workbook_that_cannot_be_finished_leaves_no_file_behind():
    process = psutil.Process()
    before = process.num_fds()
    with pytest.raises(ValueError, match=r"shorter|longer") as error:
        safe_xlsx([SheetOut("A", ["a"], [["x"]]), SheetOut("B", ["a"], [["x", "y"]])])
    assert process.num_fds() == before
    assert error.tb is not None  # which still knows the sheets


def test_choices_become_drop_down_lists():
    columns = [FileColumn("stream", choices=("nhs-core", "running-costs")), FileColumn("basis", choices=("budget",))]
    book = openpyxl.load_workbook(io.BytesIO(safe_xlsx([SheetOut("Template", columns)])))
    rules = book["Template"].data_validations.dataValidation
    assert [(rule.formula1, str(rule.sqref)) for rule in rules] == [
        ("Lists!$A$1:$A$2", "A2:A10000"),
        ("Lists!$B$1:$B$1", "B2:B10000"),
    ]
    assert book["Lists"].sheet_state == "hidden"
    assert [[cell.value for cell in row] for row in book["Lists"].iter_rows()] == [
        ["nhs-core", "budget"],
        ["running-costs", None],
    ]


def test_a_cell_that_no_workbook_can_hold_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="32,767"):
        safe_xlsx([SheetOut("x", ["a"], [["y" * 32_768]])])
    with pytest.raises(ValueError, match="32,767"):
        safe_xlsx([SheetOut("x", ["a"], [["=" * 32_767]])])
    assert loaded(SheetOut("x", ["a"], [["y" * 32_767]]))["x"]["A2"].value == "y" * 32_767


@pytest.mark.django_db
def test_postgresql_neutralises_exactly_as_python_does():
    """Each start, each character that is skipped, apostrophes, and plain text; NUL cannot be stored."""
    from django.db import connection

    starts = [f"{quote}{skip}{start}1" for quote in ("", "'", "''") for skip in ("", *SKIPPED) for start in STARTS]
    texts = [text for text in [*starts, "", "plain", "X=1", "'", "St John's", "a=b", "(5)", "%s"] if "\x00" not in text]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT note, {neutralise_sql('note')} FROM unnest(%s::text[]) AS note", [texts])
        assert [(text, neutralise(text)) for text in texts] == cursor.fetchall()
