"""Numbers of XLSX worksheets that are not seen as they are stored: beneath merged cells, with conditional formats."""

from __future__ import annotations

import pytest

from pooledcare.kernel.number_formats import ShownNumber
from pooledcare.kernel.problems import Refused
from tests.kernel.files import blocks_of, opened, packed, parts_of_a_workbook

SHEET = "xl/worksheets/sheet1.xml"


def grid(rows: int, columns: int) -> str:
    """Rows of numbers: 11 in A1, 12 in B1, 21 in A2."""
    return "".join(
        f'<row r="{row}">' + "".join(f"<c><v>{row}{column}</v></c>" for column in range(1, columns + 1)) + "</row>"
        for row in range(1, rows + 1)
    )


def with_merged(merged: str, *, rows: str = "", styles: str = "") -> bytes:
    parts = parts_of_a_workbook({"Data": rows or grid(4, 4)}, **({"styles": styles} if styles else {}))
    parts[SHEET] = parts[SHEET].replace("</sheetData>", f"</sheetData>{merged}")
    return packed(parts)


def beneath(data: bytes) -> list[str]:
    """The numbers that nobody sees, of the first sheet; read twice, because the first rows are also read alone."""
    with opened(data, "plan.xlsx") as table:
        sheet = table.sheets[0]
        sheet.head(2)
        return [
            cell.stored
            for _, row in sheet.rows()
            for cell in row
            if isinstance(cell, ShownNumber) and cell.problem == "beneath" and cell.shown == cell == ""
        ]


def cells(*references: str) -> str:
    return "<mergeCells>" + "".join(f'<mergeCell ref="{each}"/>' for each in references) + "</mergeCells>"


BLOCKS = {
    "no merged cell": ("", []),
    "two cells beside each other": (cells("B2:C2"), ["23"]),
    "two cells below each other": (cells("B2:B3"), ["32"]),
    "a square": (cells("B2:C3"), ["23", "32", "33"]),
    "two blocks, the lower one first": (cells("C3:D4", "A1:B1"), ["12", "34", "43", "44"]),
    "two blocks in the same rows": (cells("A2:A3", "C2:D2"), ["24", "31"]),
    "one below the other in the same columns": (cells("A1:B2", "A3:B3"), ["12", "21", "22", "32"]),
    "a cell alone": (cells("B2", "C3:C3"), []),
    "whole columns": (cells("D1:XFD1048576"), ["24", "34", "44"]),
    "below the last row": (cells("A9:B9"), []),
    "with a prefix": ("<x:mergeCells xmlns:x=\"a\"><x:mergeCell ref = 'A1:B1' /></x:mergeCells>", ["12"]),
    "words in a comment": ("<!-- mergeCell A1:B1 -->", []),
}


@pytest.mark.parametrize(("merged", "unseen"), BLOCKS.values(), ids=BLOCKS)
def test_numbers_beneath_merged_cells_are_not_seen(merged, unseen):
    assert beneath(with_merged(merged)) == unseen


def test_blocks_of_any_size_find_each_merged_cell_once():
    data = with_merged(cells(*(f"A{row}:B{row}" for row in range(1, 5))))
    for size in (7, 20, 33, 500, 1 << 18):
        with blocks_of(size):
            assert beneath(data) == ["12", "22", "32", "42"]


def test_texts_and_dates_beneath_are_read_and_a_number_keeps_its_format():
    styles = '<numFmts><numFmt numFmtId="164" formatCode="0,"/></numFmts>' \
             '<cellXfs><xf/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs>'  # fmt: skip
    row = '<row r="1"><c t="inlineStr"><is><t>title</t></is></c><c t="inlineStr"><is><t>5</t></is></c>' \
          '<c s="1"><v>45748</v></c><c s="2"><v>6</v></c><c><v>7</v></c></row>'  # fmt: skip
    with opened(with_merged(cells("A1:E1"), rows=row, styles=styles), "plan.xlsx") as table:
        ((_, (title, text, day, formatted, plain)),) = table.sheets[0].rows()
    assert (title, text, day) == ("title", "5", "2025-04-01")
    assert [(cell.stored, cell.code) for cell in (formatted, plain)] == [("6", "0,"), ("7", "General")]


def test_a_worksheet_in_utf_16_is_searched_too():
    parts = parts_of_a_workbook({"Data": grid(2, 2)})
    text = parts[SHEET].replace("</sheetData>", f"</sheetData>{cells('A1:B1')}").replace('encoding="UTF-8"', "")
    data = packed({**parts, SHEET: text.encode("utf-16")})
    assert beneath(data) == ["12"]


@pytest.mark.parametrize("reference", ["A0:B2", "A1:B1:C1", "AAAA1:B2", ":"])
def test_a_merged_cell_that_is_no_place_means_a_damaged_workbook(reference):
    with pytest.raises(Refused) as refused:
        beneath(with_merged(cells(reference)))
    assert refused.value.problems[0].code == "DAMAGED_WORKBOOK"


def test_a_hundred_thousand_merged_cells_are_no_burden():
    data = with_merged(cells(*(f"C{row}:XFD1048576" for row in range(1, 100_001))), rows=grid(500, 4))
    assert len(beneath(data)) == 999


# ── Conditional formats ──────────────────────────────────────────────────────────────────────────────────────────────

STYLES = (
    '<numFmts><numFmt numFmtId="164" formatCode="0,"/></numFmts><cellXfs><xf/><xf numFmtId="14"/><xf numFmtId="164"/>'
    '</cellXfs><dxfs><dxf><font/></dxf><dxf>{}</dxf><dxf><numFmt numFmtId="170" formatCode="#,##0.00"/></dxf></dxfs>'
)


def conditional(cells: str, style: int = 1) -> str:
    return (
        f'<conditionalFormatting sqref="{cells}"><cfRule type="cellIs" dxfId="{style}"><formula>0</formula></cfRule>'
        '<cfRule type="colorScale"/></conditionalFormatting>'
    )


def in_doubt(formats: str, code: str, rows: str = "") -> list[str]:
    styles = STYLES.format(f'<numFmt numFmtId="164" formatCode="{code}"/>' if code else "")
    with opened(with_merged(formats, rows=rows, styles=styles), "plan.xlsx") as table:
        found = [cell for _, row in table.sheets[0].rows() for cell in row if isinstance(cell, ShownNumber)]
    assert all(cell.problem == "conditional" and cell == cell.shown == cell.stored for cell in found)
    return [cell.stored for cell in found]


CONDITIONS = {
    "the cells of a range": (conditional("B2:C2"), "0%", ["22", "23"]),
    "several ranges": (conditional("A1 C3:D4 A1"), "0.0,", ["11", "33", "34", "43", "44"]),
    "two formats": (conditional("A1") + conditional("B1:B2"), "0%", ["11", "12", "22"]),
    "a date": (conditional("A1"), "dd/mm/yyyy", ["11"]),
    "a format that shows the number": (conditional("A1"), "#,##0.00", []),
    "a style without a number format": (conditional("A1:D4", 0), "0%", []),
    "a style with a format that shows the number": (conditional("A1:D4", 2), "0%", []),
    "no format": (conditional("A1:D4"), "", []),
    "a rule without style": (conditional("A1:D4").replace('dxfId="1"', ""), "0%", []),
}


@pytest.mark.parametrize(("formats", "code", "doubted"), CONDITIONS.values(), ids=CONDITIONS)
def test_numbers_that_a_conditional_format_may_show_otherwise_are_in_doubt(formats, code, doubted):
    assert in_doubt(formats, code) == doubted


def test_texts_and_dates_are_never_in_doubt_and_a_number_is_not_if_both_formats_show_the_same():
    text = '<c t="inlineStr"><is><t>5</t></is></c><c s="1"><v>45748</v></c>'
    styles = STYLES.format('<numFmt numFmtId="164" formatCode="0,"/>')
    row = f'<row r="1">{text}<c s="2"><v>6000</v></c><c><v>7</v></c></row>'
    with opened(with_merged(conditional("A1:D1"), rows=row, styles=styles), "plan.xlsx") as table:
        ((_, (five, day, thousands, seven)),) = table.sheets[0].rows()
    assert (five, day, thousands.problem, seven.problem) == ("5", "2025-04-01", "", "conditional")


def test_a_conditional_format_for_no_place_means_a_damaged_workbook():
    with pytest.raises(Refused) as refused:
        in_doubt(conditional("A0"), "0%")
    assert refused.value.problems[0].code == "DAMAGED_WORKBOOK"
