"""Workbooks: the text of every kind of cell, and every bound that refuses before anything is unpacked."""

import io
import struct
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pooledcare.kernel.money import thousands
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.tabular import Limits, open_table
from pooledcare.kernel.tabular.xlsx_reading import date_text, number_text
from tests.kernel.files import numbered_rows_of, opened, packed, parts_of_a_workbook, rows_of, workbook

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


@pytest.mark.parametrize(
    ("serial", "text"),
    [("1", "1900-01-01"), ("59", "1900-02-28"), ("61", "1900-03-01"), ("2958465", "9999-12-31"), ("-1", "-1"),
     ("2958466", "2958466"), ("45748.25", "2025-04-01T06:00:00"), ("words", "words")],
)  # fmt: skip
def test_dates_of_the_1900_calendar(serial, text):
    assert date_text(serial, uses_1904=False) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_number_is_that_number_and_no_longer_than_it_needs(value):
    for stored in (repr(value), f"{value:.17g}"):
        text = number_text(stored)
        assert float(text) == value
        assert "e" not in text.lower()
        assert Decimal(text) == Decimal(repr(value))


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


MANY = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 2_001))
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
                assert read == value if isinstance(value, str) else Decimal(read) == Decimal(repr(value))
        core = table.sheet("ICB Core Allocations 2024-25")
        assert core is not None
        [somerset] = [cells for _, cells in core.rows() if "NHS Somerset ICB" in cells]
        assert [str(thousands(cell)) for cell in somerset if cell.startswith("1055")] == ["1055946000.00"]
    theirs.close()
