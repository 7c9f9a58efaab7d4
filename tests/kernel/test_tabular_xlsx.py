"""Workbooks: the text of every kind of cell, and every bound that refuses before anything is unpacked."""

import io
import struct
import zipfile
from decimal import Decimal
from xml.sax.saxutils import escape

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pooledcare.kernel.money import thousands
from pooledcare.kernel.number_formats import ShownNumber
from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.kernel.tabular import Limits, Notice, open_table
from pooledcare.kernel.tabular.cell_text import date_text, number_text
from pooledcare.kernel.tabular.xlsx_parts import unescape
from tests.kernel.files import (
    LINKS,
    blocks_of,
    numbered_rows_of,
    opened,
    packed,
    parts_of_a_workbook,
    rows_of,
    workbook,
)

STYLES = (
    '<numFmts><numFmt numFmtId="164" formatCode="&quot;day&quot; dd\\ mmm"/>'
    '<numFmt numFmtId="165" formatCode="[Red]#,##0.00;&quot;dd&quot;"/><numFmt numFmtId="166" formatCode="[h]:mm"/>'
    '</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>'
    '<xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf/></cellXfs>'
)
TEXTS = (
    "<si><t>plain</t></si>",
    '<si><r><t xml:space="preserve">rich </t></r><r><rPr/><t>text</t></r><rPh><t>phonetic</t></rPh></si>',
    "<si><t>a_x000D_b &amp; &lt;c&gt;</t></si>",
    "<si><t/></si>",
)
MANY = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 2_001))
CELLS = {
    "shared text": ('<c r="A1" t="s"><v>0</v></c>', "plain"),
    "rich text without its phonetic guide": ('<c r="A1" t="s"><v>1</v></c>', "rich text"),
    "escaped text": ('<c r="A1" t="s"><v>2</v></c>', "a\rb & <c>"),
    "half of a surrogate pair": ('<c r="A1" t="inlineStr"><is><t>a_xD83D_b</t></is></c>', "a_xD83D_b"),
    "inline text": ('<c r="A1" t="inlineStr"><is><t>in</t><rPh><t>no</t></rPh><t>line</t></is></c>', "inline"),
    "text that looks like a number": ('<c r="A1" t="inlineStr"><is><t>00123</t></is></c>', "00123"),
    "whole number": ('<c r="A1"><v>42</v></c>', "42"),
    "number as Excel stores 4.35": ('<c r="A1"><v>4.3499999999999996</v></c>', "4.35"),
    "small number with an exponent": ('<c r="A1"><v>-7.1000000000000004E-3</v></c>', "-0.0071"),
    "large number with an exponent": ('<c r="A1"><v>1.055946E9</v></c>', "1055946000"),
    "number with all its digits": ('<c r="A1"><v>39323.658807747692</v></c>', "39323.65880774769"),
    "true": ('<c r="A1" t="b"><v>1</v></c>', "TRUE"),
    "false": ('<c r="A1" t="b"><v>0</v></c>', "FALSE"),
    "A23 error": ('<c r="A1" t="e"><v>#REF!</v></c>', "#REF!"),
    "date": ('<c r="A1" s="1"><v>45748</v></c>', "2025-04-01"),
    "date in a format of one's own": ('<c r="A1" s="2"><v>45748</v></c>', "2025-04-01"),
    "amount in a format with letters in quotes": ('<c r="A1" s="3"><v>45748</v></c>', "45748"),
    "hours": ('<c r="A1" s="4"><v>0.5</v></c>', "12:00:00"),
    "style without a format": ('<c r="A1" s="5"><v>45748</v></c>', "45748"),
    "date as ISO text": ('<c r="A1" t="d"><v>2025-04-01</v></c>', "2025-04-01"),
    "formula with its value": ('<c r="A1"><f>SUM(B1:B9)</f><v>12.5</v></c>', "12.5"),
    "formula with a text": ('<c r="A1" t="str"><f>B1</f><v>a_x000A_b</v></c>', "a\nb"),
    "A24 formula without a value": ('<c r="A1"><f>SUM(B1:B9)</f></c>', "=SUM(B1:B9)"),
    "A24 shared formula without a value": ('<c r="A1"><f t="shared" si="0"/></c>', "="),
}


@pytest.mark.parametrize(("cell", "text"), CELLS.values(), ids=CELLS)
def test_the_text_of_a_cell_is_what_the_workbook_stores(cell, text):
    data = workbook(f'<row r="1">{cell}</row>', texts=TEXTS, styles=STYLES)
    assert rows_of(data, "plan.xlsx") == [[text]]


def test_empty_cells_are_empty_and_rows_keep_their_numbers():
    rows = '<row r="2"><c r="B2"><v>1</v></c><c r="C2" s="1"/><c r="D2" t="s"><v>3</v></c></row><row r="9"/>'
    data = workbook(rows + '<row r="10"><c r="AA10"><v>2</v></c></row>', texts=TEXTS, styles=STYLES)
    assert numbered_rows_of(data, "plan.xlsx") == [(2, ["", "1"]), (9, []), (10, [""] * 26 + ["2"])]


def test_rows_and_cells_without_names_follow_one_another():
    data = workbook("<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>")
    assert numbered_rows_of(data, "plan.xlsx") == [(1, ["1", "2"]), (2, ["3"])]


def test_elements_may_have_a_prefix():
    parts = parts_of_a_workbook({"Data": ""})
    parts["xl/worksheets/sheet1.xml"] = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        '<x:row r="1"><x:c r="A1"><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    assert rows_of(packed(parts), "plan.xlsx") == [["7"]]


def test_short_rows_are_padded_and_long_ones_refused():
    rows = "".join(
        f'<row r="{n}">' + "".join(f"<c><v>{n}</v></c>" for _ in range(width)) + "</row>"
        for n, width in enumerate([3, 1, 3, 4, 0], start=1)
    )
    with opened(workbook(rows), "plan.xlsx") as table:
        [chunk] = table.sheets[0].chunks(width=3, after=1)
    assert chunk.frame.to_numpy().tolist() == [["2", "", ""], ["3", "3", "3"]]
    assert [(p.code, p.where.sheet, p.where.row) for p in chunk.problems] == [("EXTRA_COLUMN", "Data", 4)]
    assert (chunk.rows_read, chunk.blank_rows, chunk.refused_rows) == (4, 1, 1)


def test_sheets_are_read_by_name_and_hidden_ones_are_marked():
    parts = parts_of_a_workbook({"A & B": "<row><c><v>1</v></c></row>", "Second": "<row><c><v>2</v></c></row>"})
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace('sheetId="2"', 'sheetId="2" state="veryHidden"')
    with opened(packed(parts), "plan.xlsx") as table:
        assert [(sheet.name, sheet.is_hidden) for sheet in table.sheets] == [("A & B", False), ("Second", True)]
        assert list(table.sheet("Second").rows()) == [(1, ["2"])]
        assert table.sheet("Third") is None


def test_the_1904_calendar_is_known():
    parts = parts_of_a_workbook({"Data": '<row><c s="1"><v>44286</v></c></row>'}, styles=STYLES)
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
    assert rows_of(packed(parts), "plan.xlsx") == [["2025-04-01"]]


DATES_FROM_1900 = {
    "0": "1899-12-31", "0.25": "06:00:00", "0.75": "18:00:00", "1": "1900-01-01", "1.5": "1900-01-01T12:00:00",
    "59": "1900-02-28", "60": "1900-02-28", "61": "1900-03-01", "45747": "2025-03-31", "45748": "2025-04-01",
    "45748.25": "2025-04-01T06:00:00", "45748.00001157": "2025-04-01T00:00:01",
    "45748.000001": "2025-04-01T00:00:00",
    "45748." + "0" * 34: "2025-04-01",
    "45748.999999": "2025-04-02T00:00:00", "4.5748E4": "2025-04-01", "2958465": "9999-12-31",
    "2958465.999999": "2958465.999999", "2958466": "2958466", "-1": "-1", "-0.50": "-0.5", "words": "words", "": "",
    "45748x": "45748x", "x45748": "x45748",
    "45748." + "0" * 35: "45748." + "0" * 35,
}  # fmt: skip
DATES_FROM_1904 = {
    "0": "1904-01-01", "0.5": "12:00:00", "1": "1904-01-02", "59": "1904-02-29", "60": "1904-03-01",
    "44286": "2025-04-01", "2957003": "9999-12-31", "2957004": "2957004", "-1": "-1",
}  # fmt: skip


def test_the_dates_of_both_calendars():
    assert {serial: date_text(serial, uses_1904=False) for serial in DATES_FROM_1900} == DATES_FROM_1900
    assert {serial: date_text(serial, uses_1904=True) for serial in DATES_FROM_1904} == DATES_FROM_1904


NUMBERS = {
    # As it stands: it is the shortest text already, or no number that a workbook may hold.
    **dict.fromkeys(
        ("0", "-0", "5", "-5", "0.5", "-0.05", "100", "10.01", "123456789012345", "1234567.8901234", "999999999999.99")
    ),
    **dict.fromkeys(("", "words", "1,5", "+5", "1.", "1e", "--5", "NaN", "INF", " 5", "5 ", "5\n", "1e400", "-1e999")),
    "0." + "1" * 39: None,
    # The shortest text of the same binary number.
    "0." + "1" * 38: "0.1111111111111111",
    "1.0": "1", "1.50": "1.5", "-2.00": "-2", "007": "7", ".5": "0.5", "-.5": "-0.5", "1E2": "100", "1e-2": "0.01",
    "1.5E+3": "1500", "-1.5e3": "-1500", "1E-7": "0.0000001", "1E16": "10000000000000000", "1e22": "1" + "0" * 22,
    "0.30000000000000004": "0.30000000000000004", "0.10000000000000001": "0.1", "1055946.0000000001": "1055946",
    "1234567890123456": "1234567890123456", "12345678901234567": "12345678901234568",
    "999999999999.98999": "999999999999.99", "4.3499999999999996": "4.35",
}  # fmt: skip


def test_a_number_is_the_shortest_text_of_what_is_stored_and_other_text_is_left_alone():
    assert {stored: number_text(stored) for stored in NUMBERS} == {
        stored: stored if text is None else text for stored, text in NUMBERS.items()
    }


ESCAPED = {
    "_x0041_": "A", "_x00e9_": "é", "_x00E9_b_x000D_": "éb\r", "_xD7FF_": "\ud7ff", "_xD800_": "_xD800_",
    "_xDFFF_": "_xDFFF_", "_xE000_": "\ue000", "_xFFFF_": "\uffff", "_x41_": "_x41_", "_x00411_": "_x00411_",
    "x0041_": "x0041_", "_x0041": "_x0041", "_x005F_x0041_": "_x0041_", "_xGGGG_": "_xGGGG_", "plain": "plain", "": "",
}  # fmt: skip


def test_escaped_characters_are_taken_back_once():
    assert {text: unescape(text) for text in ESCAPED} == ESCAPED


def dated(formats, number="45748"):
    """How a number is read under each format code, each in a style of its own."""
    codes = "".join(
        f'<numFmt numFmtId="{n}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>'
        for n, code in enumerate(formats, start=164)
    )
    styles = "".join(f'<xf numFmtId="{n}"/>' for n in range(164, 164 + len(formats)))
    cells = "".join(f'<c s="{style}"><v>{number}</v></c>' for style in range(len(formats)))
    data = workbook(f"<row>{cells}</row>", styles=f"<numFmts>{codes}</numFmts><cellXfs>{styles}</cellXfs>")
    [read] = rows_of(data, "plan.xlsx")
    return dict(zip(formats, read, strict=True))


def test_a_format_of_ones_own_is_a_date_if_it_shows_a_day_a_month_a_year_or_a_time():
    dates = [
        "d",
        "m",
        "y",
        "h",
        "s",
        "DD/MM/YYYY",
        "yyyy-mm-dd",
        "[h]:mm",
        "[hh]",
        "[mm]",
        "[SS]",
        "[S]",
        '"at" h',
        "[Red]d",
        "0;d",
    ]
    assert dated(dates) == dict.fromkeys(dates, "2025-04-01")


def test_a_format_of_ones_own_is_a_number_whatever_letters_it_quotes_or_skips():
    numbers = [
        *("General", "0.00", "#,##0.00", "0.00E+00", "# ?/?", "@", "_d0_)", "* 0"),
        *("[Red]0", "[Magenta]0;[Blue]0", "[$£-809]#,##0.00", '"£"#,##0;[Red]\\-"£"#,##0', "[<100]0;0", ""),
        '_-[$£-809]* #,##0.00_-;\\-[$£-809]* #,##0.00_-;_-"dash"??_-;_-@_-',
    ]
    assert dated(numbers) == dict.fromkeys(numbers, "45748")
    shown = {
        '"day"0': "day45748",
        '0"s"': "45748s",
        "\\d0": "d45748",
        "0\\s": "45748s",
        "*d0": "d45748",
        "0%": "4574800%",
    }
    assert dated(shown) == shown


def test_the_built_in_formats_that_are_dates():
    """Those of the standard, with the formats of East Asia; the numbers between and beside them are amounts."""
    ids = [*range(60), 164]
    styles = "<cellXfs>" + "".join(f'<xf numFmtId="{n}"/>' for n in ids) + "</cellXfs>"
    cells = "".join(f'<c s="{style}"><v>45748</v></c>' for style in range(len(ids)))
    [read] = rows_of(workbook(f"<row>{cells}</row>", styles=styles), "plan.xlsx")
    found = [number for number, text in zip(ids, read, strict=True) if text == "2025-04-01"]
    assert found == [*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)]
    assert set(read) == {"2025-04-01", "45748", "4574800%"}
    assert [number for number, text in zip(ids, read, strict=True) if text.endswith("%")] == [9, 10]


def test_the_format_of_a_highlight_does_not_make_dates_of_amounts():
    """Conditional formats define number formats of their own, under numbers that may be in use already."""
    styles = (
        '<numFmts><numFmt numFmtId="164" formatCode="#,##0.00"/></numFmts><cellXfs><xf numFmtId="164"/></cellXfs>'
        '<dxfs><dxf><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/></dxf></dxfs>'
    )
    assert rows_of(workbook("<row><c><v>45748</v></c></row>", styles=styles), "plan.xlsx") == [["45748"]]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_number_is_that_number_and_no_longer_than_it_needs(value):
    for stored in (repr(value), f"{value:.17g}"):
        text = number_text(stored)
        assert float(text) == value
        assert "e" not in text.lower()
        assert Decimal(text) == Decimal(repr(value))


def problems_of(rows, /, *, book=None, size=50_000, **limits):
    """The cells and problems of the one sheet of a workbook, with the numbers of its rows."""
    with opened(packed(book or parts_of_a_workbook({"Data": rows})), "plan.xlsx", limits=Limits(**limits)) as table:
        read, problems = {}, {}
        for batch in table.sheets[0].batches(size):
            numbers = batch.numbers.tolist()
            read |= dict(zip(numbers, batch.rows, strict=True))
            problems |= {numbers[index]: found for index, found in batch.problems.items()}
        return read, problems


ELSEWHERE = [
    *("[1]Sheet1!B2", "[12]Sheet1!B2", "'[1]Sheet one'!B2", "'[1]Bob''s (2)'!B2", "[1]!Total", "[1]Été!A1"),
    *("[1]A:B!C3", "SUM(A1,[1]S!A1)", "A1+[2]S.x!A1", "[Book.xlsx]S!A1", "'C:\\x\\[b.XLS]S'!A1", "[old.xlsm]S!A1"),
    "Table1[2024]+[1]S!A1",
]
WITHIN = [
    *("SUM(B1:B9)", "Sheet2!B2", "'Sheet two'!B2", "SUBTOTAL(109,Table1[2023/24 £k])", "SUM(Table1[2024])"),
    *("Table1[x]", "Table1[[#This Row],[2024]]*2", "Table1[2024]+Sheet2!A1", "Table1[2024]*'Sheet two'!A1"),
    "A1&amp;&quot;[a]&quot;",
]


def test_a_formula_that_reads_another_workbook_is_refused_and_no_other():
    for formulas, elsewhere in ((ELSEWHERE, True), (WITHIN, False)):
        for formula in formulas:
            read, problems = problems_of(f'<row r="3"><c r="B3"><f>{formula}</f><v>5</v></c></row>')
            assert read == {3: ["", "5"]}
            fix = "Replace the formula by its value: copy the cell, then paste it as values."
            message = "The cell takes its value from another workbook"
            problem = Problem("EXTERNAL_LINK", message, Where(sheet="Data", row=3, column="B"), "5", fix)
            assert problems == ({3: [problem]} if elsewhere else {}), formula


def test_a_shared_formula_is_from_elsewhere_only_where_its_own_first_cell_is():
    rows = (
        '<row><c><f t="shared" si="0">B1</f><v>1</v></c><c><f t="shared" si="1">[1]S!A1</f><v>2</v></c></row>'
        '<row><c><f t="shared" si="0"/><v>3</v></c><c><f t="shared" si="1"/><v>4</v></c><c><v>5</v></c></row>'
        '<row><c><f>B1</f><v>6</v></c><c><f t="shared" si="2"/></c></row>'
    )
    read, problems = problems_of(rows)
    assert read == {1: ["1", "2"], 2: ["3", "4", "5"], 3: ["6", "="]}
    assert {row: [p.where.cell for p in found] for row, found in problems.items()} == {1: ["B1"], 2: ["B2"]}


STORED = {
    "a formula counts as its stored result": ('<c><f>1+1</f><v>2</v></c>', "2"),
    "also as a result that is nought": ('<c><f>A9</f><v>0</v></c>', "0"),
    "also as a text": ('<c t="str"><f>A9</f><v>n/a</v></c>', "n/a"),
    "also as an error": ('<c t="e"><f>1/0</f><v>#DIV/0!</v></c>', "#DIV/0!"),
    "also as a truth": ('<c t="b"><f>1=1</f><v>1</v></c>', "TRUE"),
    "also as a date": ('<c s="1"><f>TODAY()</f><v>45748</v></c>', "2025-04-01"),
    "the result may stand before the formula": ('<c><v>2</v><f>1+1</f></c>', "2"),
    "without a result it is shown as it is": ('<c><f>1+1</f></c>', "=1+1"),
    "an empty result is none": ('<c><f>1+1</f><v></v></c>', "=1+1"),
    "an empty text is a result": ('<c t="str"><f>IF(1=1,"")</f><v></v></c>', ""),
    "also if its element is closed at once": ('<c t="str"><f>IF(1=1,"")</f><v/></c>', ""),
    "also as an inline text": ('<c t="inlineStr"><f>A9</f><is><t></t></is></c>', ""),
    "a text whose element is missing is no result": ('<c t="str"><f>A9</f></c>', "=A9"),
    "the result of the cell before is not that of this one": ('<c t="b"><f>1=1</f><v></v></c>', "=1=1"),
    "a table of data without a result": ('<c><f t="dataTable"/></c>', ""),
    "a truth that is neither": ('<c t="b"><v>2</v></c>', "2"),
    "a formula without the number of its text": ('<c t="s"><f>A9</f><v></v></c>', "=A9"),
    "a shared text without a number": ('<c t="s"><v></v></c>', ""),
    "text in a date format is text": ('<c t="str" s="1"><v>45748</v></c>', "45748"),
    "a number that is none": ('<c><v>1 000</v></c>', "1 000"),
    "white space around elements is no text": ('<c> <v>5</v> </c>', "5"),
    "white space around a text is no part of it": ('<c t="inlineStr"><is> <t>a</t> </is> </c>', "a"),
    "white space after a formula is no part of it": ("<c> <f>1+1</f> </c>", "=1+1"),
    "a percentage is what is stored": ('<c s="3"><v>0.5</v></c>', "0.5"),
    "an inline text without its guide": ('<c t="inlineStr"><is><t>a</t><rPh><t>x</t></rPh></is></c>', "a"),
}  # fmt: skip


def test_what_a_cell_holds_does_not_stay_for_the_next():
    """Every kind of cell in one row, each followed by a plain one."""
    cells = "".join(f"{cell}<c><v>7</v></c>" for cell, _ in STORED.values())
    data = workbook(f"<row>{cells}</row>", texts=TEXTS, styles=STYLES)
    expected = [text for _, shown in STORED.values() for text in (shown, "7")]
    assert rows_of(data, "plan.xlsx") == [expected]
    for size in (5, 16):
        with blocks_of(size):
            assert rows_of(data, "plan.xlsx") == [expected]


def test_shared_texts_are_told_apart_and_keep_nothing_of_what_stands_between():
    texts = (
        "<si> <t>a</t> </si>",
        "<si><t/></si>",
        "<si><rPh><t>no</t></rPh><t>b</t><rPh>no<t>no</t></rPh></si>",
        "<si><r><t> c</t></r><r><t>d </t></r></si>",
        "<si><t>é&#128512;</t></si>",
    )
    cells = "".join(f'<c t="s"><v>{index}</v></c>' for index in (4, 3, 2, 0))
    data = workbook(f"<row>{cells}</row>", texts=texts)
    for size in (5, 1 << 18):
        with blocks_of(size):
            assert rows_of(data, "plan.xlsx") == [["é😀", " cd ", "b", "a"]]


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="_\ufffe\uffff"), max_size=20)
)
def test_the_stored_text_of_a_formula_is_read_whatever_it_is(result):
    cell = f'<c t="str"><f>A9&amp;"x"</f><v>{escape(result)}</v></c><c><v>1</v></c>'
    assert rows_of(workbook(f"<row>{cell}</row>"), "plan.xlsx") == [[result, "1"]]


@given(st.data())
def test_capitals_and_slashes_in_the_names_of_parts_do_not_matter(data):
    parts = parts_of_a_workbook({"Data": '<row><c t="s"><v>0</v></c></row>'}, texts=["<si><t>plain</t></si>"])

    def other(name: str) -> str:
        letters = [data.draw(st.sampled_from([letter.lower(), letter.upper()])) for letter in name]
        return "".join(letters).replace("/", data.draw(st.sampled_from(["/", "\\"])))

    assert rows_of(packed({other(name): content for name, content in parts.items()}), "plan.xlsx") == [["plain"]]


def test_rows_whose_formulas_have_no_result_are_told_apart_in_batches_of_any_size():
    row = '<row r="{0}"><c r="A{0}"><v>1</v></c><c r="B{0}"><f>A1</f>{1}</c></row>'
    data = workbook("".join(row.format(n, "" if n % 3 == 0 else "<v>2</v>") for n in range(1, 10)))
    for size in (1, 2, 4, 500):
        with opened(data, "plan.xlsx") as table:
            batches = list(table.sheets[0].batches(size))
        assert all(batch.problems == {} for batch in batches)
        found = [
            (problem.code, problem.where.row, problem.where.column, int(batch.numbers[index]), problem.value)
            for batch in batches
            for index, problems in batch.without_result.items()
            for problem in problems
        ]
        assert found == [("FORMULA", n, "B", n, "=A1") for n in (3, 6, 9)]
    with opened(data, "plan.xlsx") as table:
        [whole], [part] = table.sheets[0].chunks(width=2, after=1), table.sheets[0].chunks(after=1)
    assert (whole.refused_rows, [one.where.row for one in whole.problems]) == (3, [3, 6, 9])
    assert (part.refused_rows, part.problems, part.frame[1].tolist()) == (0, [], ["2", "=A1", "2"] * 2 + ["2", "=A1"])


def test_hidden_rows_and_columns_are_noted_in_batches_of_any_size():
    marks = {
        2: 'hidden="1"',
        3: 'hidden="true"',
        4: 'hidden="0"',
        5: 'ht="0"',
        6: 'ht="15"',
        7: 'ht="0.0" customHeight="1"',
    }
    rows = "".join(f'<row r="{n}" {marks.get(n, "")}><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 10))
    parts = parts_of_a_workbook({"Data": rows})
    columns = (
        '<cols><col min="1" max="1" width="9"/><col min="2" max="3" hidden="1"/><col min="5" max="5" width="0"/></cols>'
    )
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace("<sheetData>", f"{columns}<sheetData>")
    for size in (1, 2, 4, 500):
        with opened(packed(parts), "plan.xlsx") as table:
            found = [
                (set(batch.numbers.tolist()) & batch.hidden, batch.hidden) for batch in table.sheets[0].batches(size)
            ]
            assert table.sheets[0].hidden_columns == {1, 2, 4}
        assert all(own == noted for own, noted in found)
        assert set().union(*(noted for _, noted in found)) == {2, 3, 5, 7}


def test_hidden_rows_and_columns_are_read_like_any_other():
    parts = parts_of_a_workbook(
        {"Data": '<row hidden="1"><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>'}
    )
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace("<sheetData>", '<cols><col min="2" max="2" hidden="1"/></cols><sheetData>')
    assert problems_of("", book=parts) == ({1: ["1", "2"], 2: ["3"]}, {})


def test_rows_and_their_problems_are_the_same_in_batches_and_blocks_of_any_size():
    rows = "".join(
        f'<row r="{n * 2}"><c r="B{n * 2}"><v>{n}</v></c>'
        + (f'<c t="inlineStr"><is><t>{"x" * 11}</t></is></c>' if n % 3 == 1 else "")
        + "</row>"
        for n in range(1, 9)
    )
    data = packed(parts_of_a_workbook({"Data": rows}))
    message, fix = "The cell is longer than 10 characters", "Use at most 10 characters."
    for size in (1, 2, 3, 7, 8, 9, 500):
        for block in (30, 200, 1 << 18):
            read, problems = {}, {}
            with blocks_of(block), opened(data, "plan.xlsx", limits=Limits(cell=10)) as table:
                for batch in table.sheets[0].batches(size):
                    assert 0 < len(batch.rows) <= size
                    numbers = batch.numbers.tolist()
                    read |= dict(zip(numbers, batch.rows, strict=True))
                    problems |= {numbers[index]: found for index, found in batch.problems.items()}
            assert read == {n * 2: ["", str(n), *["x" * 11] * (n % 3 == 1)] for n in range(1, 9)}
            assert problems == {
                n * 2: [Problem("FIELD_TOO_LONG", message, Where(sheet="Data", row=n * 2, column="C"), "x" * 11, fix)]
                for n in (1, 4, 7)
            }


def test_a_cell_is_too_long_from_one_character_above_the_cap():
    cell = "<row><c t='str'><v>{}</v></c></row>"
    assert problems_of(cell.format("é" * 200), cell=200) == ({1: ["é" * 200]}, {})
    _, problems = problems_of(cell.format("é" * 201), cell=200)
    assert [(p.code, p.value) for p in problems[1]] == [("FIELD_TOO_LONG", "é" * 100)]


def bounded(rows="", /, *, book=None, **limits):
    """The answer of a workbook under its limits: None if it is read, or the one problem."""
    try:
        problems_of(rows, book=book, size=2, **limits)
    except Refused as refused:
        [problem] = refused.problems
        return problem
    return None


def test_rows_columns_cells_and_sheets_up_to_their_limits_are_read_and_one_more_is_refused():
    rows = "<row><c><v>1</v></c><c/></row>" * 4
    for block in (20, 1 << 18):
        with blocks_of(block):
            assert bounded(rows, rows=3) is None
            assert bounded(rows + "<row/>", rows=4) is None
            for more in (1, 2, 3):
                assert getattr(bounded(rows + "<row/>" * more, rows=3), "code", None) == "TOO_MANY_ROWS"
            assert bounded(rows, rows=2) == Problem(
                "TOO_MANY_ROWS",
                "The selected file must have at most 2 rows",
                Where(sheet="Data"),
                None,
                "Split the file into smaller files.",
            )
            assert bounded(rows, cells=8) is None
            assert bounded(rows, cells=7) == Problem(
                "TOO_MANY_CELLS",
                "The selected file must have at most 7 cells",
                Where(sheet="Data"),
                None,
                "Split the file, or delete the cells that are not needed.",
            )
    wide = '<row r="5"><c r="B5"><v>1</v></c><c r="D5"><v>2</v></c><c r="F5"/></row>'
    assert bounded(wide, columns=4) is None
    assert bounded(wide, columns=3) == Problem(
        "TOO_MANY_COLUMNS",
        "The selected file must have at most 3 columns",
        Where(sheet="Data", row=5),
        None,
        "Delete the columns that are not needed.",
    )
    two = parts_of_a_workbook({"A": "", "B": ""})
    assert bounded(book=two, sheets=2) is None
    assert bounded(book=two, sheets=1) == Problem(
        "TOO_MANY_SHEETS",
        "The workbook must have at most 1 sheets",
        None,
        None,
        "Delete the sheets that are not needed.",
    )


DAMAGED = Problem(
    "DAMAGED_WORKBOOK",
    "The selected file could not be read: the workbook is damaged",
    None,
    None,
    "Open it in your spreadsheet program, save it as XLSX, ODS or CSV UTF-8, and select it again.",
)


def test_rows_and_cells_are_in_their_order_and_none_is_given_twice():
    assert bounded('<row r="1"/><row r="1048576"/>') is None
    assert bounded('<row r="5"/><row/>') is None
    for rows in (
        *('<row r="2"/><row r="2"/>', '<row r="2"/><row r="1"/>', '<row r="0"/>', '<row r="1048577"/>', '<row r="x"/>'),
        *('<row r="1048576"/><row/>', '<row><c r="A1"/><c r="A1"/></row>', '<row><c r="B1"/><c r="A1"/></row>'),
        *('<row><c s="x"><v>1</v></c></row>', '<row><c t="s"><v>x</v></c></row>', '<row><c t="s"><v>0</v></c></row>'),
    ):
        parts = parts_of_a_workbook({"Data": rows}, styles='<cellXfs><xf numFmtId="14"/></cellXfs>')
        assert bounded(book=parts) == DAMAGED, rows


@pytest.mark.parametrize(
    ("value", "text"), [("1", "2025-04-01"), ("true", "2025-04-01"), ("0", "2021-03-31"), ("false", "2021-03-31")]
)
def test_the_calendar_is_that_which_the_workbook_states(value, text):
    parts = parts_of_a_workbook({"Data": '<row><c s="1"><v>44286</v></c></row>'}, styles=STYLES)
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace("<sheets>", f'<workbookPr date1904="{value}"/><sheets>')
    assert rows_of(packed(parts), "plan.xlsx") == [[text]]
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(f' date1904="{value}"', "")
    assert rows_of(packed(parts), "plan.xlsx") == [["2021-03-31"]]


def related(parts, change):
    name = "xl/_rels/workbook.xml.rels"
    return packed(parts | {name: change(parts[name])})


def test_parts_are_found_by_their_relationships_and_never_outside_the_archive():
    parts = parts_of_a_workbook({"Data": "<row><c><v>1</v></c></row>", "More": "<row><c><v>2</v></c></row>"})

    def sheets(data):
        with opened(data, "plan.xlsx") as table:
            return [(sheet.name, list(sheet.rows())) for sheet in table.sheets]

    both = [("Data", [(1, ["1"])]), ("More", [(1, ["2"])])]
    assert sheets(packed(parts)) == both
    for target in ("/xl/worksheets/sheet1.xml", "./worksheets/sheet1.xml", "../xl/worksheets/sheet1.xml"):
        assert sheets(related(parts, lambda xml, to=target: xml.replace("worksheets/sheet1.xml", to))) == both
    outside = 'Target="worksheets/sheet1.xml" TargetMode="External"'
    assert sheets(related(parts, lambda xml: xml.replace('Target="worksheets/sheet1.xml"', outside))) == both[1:]
    inside = outside.replace("External", "Internal")
    assert sheets(related(parts, lambda xml: xml.replace('Target="worksheets/sheet1.xml"', inside))) == both
    chart = (f'"{LINKS}/worksheet" Target="worksheets/sheet1', f'"{LINKS}/chartsheet" Target="worksheets/sheet1')
    assert sheets(related(parts, lambda xml: xml.replace(*chart))) == both[1:]
    for state in ("hidden", "veryHidden"):
        book = parts["xl/workbook.xml"].replace('sheetId="1"', f'sheetId="1" state="{state}"')
        with opened(packed(parts | {"xl/workbook.xml": book}), "plan.xlsx") as table:
            assert [sheet.is_hidden for sheet in table.sheets] == [True, False]
    book = parts["xl/workbook.xml"].replace('sheetId="1"', 'sheetId="1" state="visible"').replace("r:id", "id")
    with opened(packed(parts | {"xl/workbook.xml": book}), "plan.xlsx") as table:
        assert [sheet.is_hidden for sheet in table.sheets] == [False, False]
    without = {name: content for name, content in parts.items() if name != "_rels/.rels"}
    assert sheets(packed(without)) == both
    moved = {name.replace("workbook.xml", "workbook7.xml"): content for name, content in parts.items()}
    moved["_rels/.rels"] = moved["_rels/.rels"].replace("workbook.xml", "workbook7.xml")
    assert sheets(packed(moved)) == both


def test_a_workbook_without_shared_texts_or_styles_is_read():
    parts = parts_of_a_workbook({"Data": '<row><c s="1"><v>45748</v></c></row>'})
    for part in ("xl/sharedStrings.xml", "xl/styles.xml"):
        del parts[part]
    data = related(parts, lambda xml: xml.replace("/sharedStrings", "/other").replace("/styles", "/other"))
    assert rows_of(data, "plan.xlsx") == [["45748"]]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *((name, "MACROS") for name in ("xl/vbaProject.bin", "vbaProject.bin", "XL/VBAPROJECT.BIN")),
        *((name, "MACROS") for name in ("xl/macrosheets/x", "xl/vbaProjectSignature.bin", "xl/macroSheets/a/b.xml")),
        *((name, "DAMAGED_WORKBOOK") for name in ("/x", "\\x", "../x", "xl/../x", "xl/..")),
        *((name, None) for name in ("xl/vbaProject.txt", "xl/myvbaProject.bin", "xl/x..y", "xl/...", "x/y\\z")),
    ],
)  # fmt: skip
def test_no_part_is_a_macro_and_none_lies_outside(name, code):
    problem = bounded(book=parts_of_a_workbook({"Data": ""}) | {name: "x"})
    if code == "MACROS":
        fix = "Save it as a workbook (XLSX or ODS) without macros, or as CSV UTF-8, and select it again."
        assert problem == Problem("MACROS", "The selected file must not contain macros", None, None, fix)
    else:
        assert problem == (DAMAGED if code else None)


def test_f36_a_single_part_under_a_password_is_enough():
    data = bytearray(workbook(""))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(Refused) as refused:
        opened(bytes(data), "plan.xlsx")
    fix = "Remove the password and save the file again."
    message = "The selected file is password protected"
    assert refused.value.problems == [Problem("PASSWORD_PROTECTED", message, None, None, fix)]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_no_part_is_given_twice():
    parts = [*parts_of_a_workbook({"Data": ""}).items(), ("xl/styles.xml", "<styleSheet/>")]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts:
            archive.writestr(name, content)
    with pytest.raises(Refused) as refused:
        opened(file.getvalue(), "plan.xlsx")
    assert refused.value.problems == [DAMAGED]


def test_links_to_other_workbooks_are_counted_and_told():
    parts = parts_of_a_workbook({"Data": ""})
    links = {f"xl/externalLinks/externalLink{n}.xml": "<externalLink/>" for n in (1, 2)}
    others = {"xl/externalLinks/_rels/externalLink1.xml.rels": "<x/>", "x/externalLinks/a.xml": "<x/>"}
    message = "The workbook has links to other workbooks; no link was followed"
    with opened(packed(parts | links | others), "plan.xlsx") as table:
        assert table.notices == [Notice("EXTERNAL_LINKS", message, 2)]
    with opened(packed(parts | others), "plan.xlsx") as table:
        assert table.notices == []


def test_a_workbook_that_unpacks_to_its_limits_is_read_and_one_byte_more_is_refused():
    parts = parts_of_a_workbook({"Data": "<row/>"}, texts=["<si><t>x</t></si>"] * 9)
    packed_parts = zipfile.ZipFile(io.BytesIO(packed(parts))).infolist()
    unpacked = sum(part.file_size for part in packed_parts)
    [texts] = [part.file_size for part in packed_parts if part.filename == "xl/sharedStrings.xml"]
    fix = "Save the sheet that is needed as CSV UTF-8 and select that file."

    def too_far(limit):
        return Problem("EXPANDS_TOO_FAR", f"The selected file must unpack to less than {limit}MB", None, None, fix)

    assert bounded(book=parts, unpacked=unpacked) is None
    assert bounded(book=parts, unpacked=unpacked - 1) == too_far("0")
    assert bounded(book=parts, unpacked_texts=texts) is None
    assert bounded(book=parts, unpacked_texts=texts - 1) == too_far("1,000")
    assert bounded(book=parts, parts=len(parts)) is None
    assert bounded(book=parts, parts=len(parts) - 1) == too_far("1,000")
    renamed = {name.replace("sharedStrings", "SHAREDSTRINGS2"): content for name, content in parts.items()}
    assert bounded(book=renamed, unpacked_texts=texts - 1) == too_far("1,000")


def test_a_part_may_expand_as_far_as_its_limit_and_small_parts_as_far_as_they_like():
    def with_part(size, method):
        data = packed(parts_of_a_workbook({"Data": ""}) | {"xl/media/x": bytes(size)}, method)
        return next(p for p in zipfile.ZipFile(io.BytesIO(data)).infolist() if p.filename == "xl/media/x"), data

    def is_read(data, expansion):
        try:
            rows_of(data, "plan.xlsx", limits=Limits(expansion=expansion))
        except Refused as refused:
            return refused.code
        return True

    assert is_read(with_part(1_000_000, zipfile.ZIP_DEFLATED)[1], 1) is True
    part, data = with_part(1_000_001, zipfile.ZIP_DEFLATED)
    enough = -(-part.file_size // part.compress_size)
    assert is_read(data, enough) is True
    assert is_read(data, enough - 1) == "EXPANDS_TOO_FAR"
    assert is_read(with_part(1_000_001, zipfile.ZIP_STORED)[1], 1) is True


def test_s_a_cell_from_another_workbook_is_refused_but_links_alone_are_only_told():
    rows = (
        '<row r="1"><c r="A1"><f>[1]Sheet1!B2</f><v>5</v></c><c r="B1"><v>1</v></c></row>'
        '<row r="2"><c r="A2"><f t="shared" ref="A2:A3" si="4">[2]S!A1</f><v>5</v></c></row>'
        '<row r="3"><c r="A3"><f t="shared" si="4"/><v>6</v></c></row>'
        '<row r="4"><c r="A4"><f>SUBTOTAL(109,Table1[2023/24 £k])</f><v>7</v></c></row>'
    )
    parts = parts_of_a_workbook({"Data": rows}) | {"xl/externalLinks/externalLink1.xml": "<externalLink/>"}
    with opened(packed(parts), "plan.xlsx") as table:
        assert [(notice.code, notice.count) for notice in table.notices] == [("EXTERNAL_LINKS", 1)]
        [chunk] = table.sheets[0].chunks(width=2)
    assert [(p.code, p.where.cell) for p in chunk.problems] == [
        ("EXTERNAL_LINK", "A1"),
        ("EXTERNAL_LINK", "A2"),
        ("EXTERNAL_LINK", "A3"),
    ]
    assert chunk.frame.to_numpy().tolist() == [["7", ""]]


def test_a_long_cell_and_a_control_character_are_problems_of_their_rows():
    rows = f"<row><c t='inlineStr'><is><t>{'x' * 4_001}</t></is></c></row><row><c t='str'><v>a_x0001_b</v></c></row>"
    with opened(workbook(rows), "plan.xlsx") as table:
        [chunk] = table.sheets[0].chunks(width=1)
    assert [(p.code, p.where.cell) for p in chunk.problems] == [("FIELD_TOO_LONG", "A1"), ("CONTROL_CHAR", "A2")]


DOCTYPE = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'


def changed(part, change, rows=MANY, **more):
    parts = parts_of_a_workbook({"Data": rows})
    parts[part] = change(parts[part])
    return packed(parts | more)


REFUSED = {
    "F20 expands too far in all": (workbook(MANY), {"unpacked": 50_000}, "EXPANDS_TOO_FAR"),
    "F20 a part expands too much": (
        packed(parts_of_a_workbook({"Data": MANY}) | {"xl/media/x": b"\0" * 5_000_000}),
        {"expansion": 200},
        "EXPANDS_TOO_FAR",
    ),
    "F20 too many shared texts": (
        workbook(MANY, texts=["<si><t>x</t></si>"] * 9),
        {"unpacked_texts": 100},
        "EXPANDS_TOO_FAR",
    ),
    "F20 too many parts": (packed(parts_of_a_workbook({"Data": ""})), {"parts": 6}, "EXPANDS_TOO_FAR"),
    "too many cells": (workbook(MANY), {"cells": 1_999}, "TOO_MANY_CELLS"),
    "too many sheets": (packed(parts_of_a_workbook({"A": "", "B": ""})), {"sheets": 1}, "TOO_MANY_SHEETS"),
    "F23 too many rows": (workbook(MANY), {"rows": 1_000}, "TOO_MANY_ROWS"),
    "F26 too many columns": (workbook('<row><c r="DA1"><v>1</v></c></row>'), {"columns": 100}, "TOO_MANY_COLUMNS"),
    "macros": (packed(parts_of_a_workbook({"A": ""}) | {"xl/vbaProject.bin": b"x"}), {}, "MACROS"),
    "macro sheets": (packed(parts_of_a_workbook({"A": ""}) | {"xl/macrosheets/sheet1.xml": b"x"}), {}, "MACROS"),
    "path out of the archive": (packed(parts_of_a_workbook({"A": ""}) | {"../../etc/x": b"x"}), {}, "DAMAGED_WORKBOOK"),
    "entities in a sheet": (changed("xl/worksheets/sheet1.xml", lambda xml: DOCTYPE + xml), {}, "DAMAGED_WORKBOOK"),
    "entities in the texts": (changed("xl/sharedStrings.xml", lambda xml: DOCTYPE + xml), {}, "DAMAGED_WORKBOOK"),
    "broken sheet": (changed("xl/worksheets/sheet1.xml", lambda xml: xml[:-40]), {}, "DAMAGED_WORKBOOK"),
    "broken texts": (changed("xl/sharedStrings.xml", lambda xml: xml + "<"), {}, "DAMAGED_WORKBOOK"),
    "broken styles": (
        changed("xl/styles.xml", lambda xml: xml.replace("</style", '<cellXfs><xf numFmtId="x"/></cellXfs></style')),
        {},
        "DAMAGED_WORKBOOK",
    ),
    "a sheet that is not there": (
        changed("xl/_rels/workbook.xml.rels", lambda xml: xml.replace("sheet1.xml", "sheet9.xml")),
        {},
        "DAMAGED_WORKBOOK",
    ),
    "no sheets": (changed("xl/workbook.xml", lambda xml: xml.replace("<sheet ", "<other ")), {}, "DAMAGED_WORKBOOK"),
    "text that is not there": (workbook('<row><c t="s"><v>5</v></c></row>'), {}, "DAMAGED_WORKBOOK"),
    "a row beyond the last": (workbook('<row r="3000000000"><c><v>5</v></c></row>'), {}, "DAMAGED_WORKBOOK"),
    "a row of 24 digits": (workbook(f'<row r="{"9" * 24}"><c><v>5</v></c></row>'), {}, "DAMAGED_WORKBOOK"),
    "rows going back": (workbook('<row r="2"/><row r="1"/>'), {}, "DAMAGED_WORKBOOK"),
    "cells going back": (workbook('<row><c r="B1"/><c r="A1"/></row>'), {}, "DAMAGED_WORKBOOK"),
    "cell without a name": (workbook('<row><c r="7"/></row>'), {}, "DAMAGED_WORKBOOK"),
}


@pytest.mark.parametrize(("data", "limits", "code"), REFUSED.values(), ids=REFUSED)
def test_a_workbook_beyond_its_bounds_is_refused(data, limits, code):
    with pytest.raises(Refused) as refused:
        rows_of(data, "plan.xlsx", limits=Limits(**limits))
    assert refused.value.code == code
    assert refused.value.problems[0].fix


def test_no_more_is_unpacked_than_the_directory_declares():
    """A directory that lies about the size of a sheet to pass the check does not get the rest of it read."""
    data = bytearray(workbook(MANY))
    archive = zipfile.ZipFile(io.BytesIO(data))
    part = archive.getinfo("xl/worksheets/sheet1.xml")
    entry = data.index(b"PK\x01\x02", archive.start_dir)
    while data[entry + 46 : entry + 46 + len(part.filename)] != part.filename.encode():
        entry = data.index(b"PK\x01\x02", entry + 4)
    data[entry + 24 : entry + 28] = struct.pack("<I", 500)
    with pytest.raises(Refused) as refused:
        rows_of(bytes(data), "plan.xlsx")
    assert refused.value.code == "DAMAGED_WORKBOOK"


@pytest.mark.slow
def test_the_published_workbook_of_nhs_england_adds_up(shared_data):
    """Column by column as openpyxl reads it, and Somerset's line to the penny."""
    path = shared_data / "allocations" / "nhse_icb_allocations_2023-24_2024-25.xlsx"
    theirs = openpyxl.load_workbook(path, read_only=True, data_only=True)
    with path.open("rb") as file, open_table(file, path.name) as table:
        assert [sheet.name for sheet in table.sheets] == theirs.sheetnames
        for sheet in table.sheets:
            numbers = {}
            for row, cells in sheet.rows():
                numbers |= {(row, column): cell for column, cell in enumerate(cells) if cell}
            expected = {
                (row, column): value
                for row, values in enumerate(theirs[sheet.name].iter_rows(values_only=True), start=1)
                for column, value in enumerate(values)
                if value not in (None, "")
            }
            assert numbers.keys() == expected.keys()
            for place, value in expected.items():
                read = numbers[place]
                stored = read.stored if isinstance(read, ShownNumber) else read
                assert stored == value if isinstance(value, str) else Decimal(stored) == Decimal(repr(value))
        core = table.sheet("ICB Core Allocations 2024-25")
        assert core is not None
        [somerset] = [cells for _, cells in core.rows() if "NHS Somerset ICB" in cells]
        assert [str(thousands(cell)) for cell in somerset if cell.startswith("1055")] == ["1055946000.00"]
    theirs.close()
