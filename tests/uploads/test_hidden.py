"""Whatever is hidden in a workbook is read, counted and added up."""

from __future__ import annotations

from decimal import Decimal

from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel import ods_files
from tests.kernel.files import packed, parts_of_a_workbook
from tests.uploads.test_reading import canonical

ROWS = st.lists(st.tuples(st.integers(-(10**9), 10**9), st.booleans()), min_size=1, max_size=30)
SHEET = "xl/worksheets/sheet1.xml"


def text(words: str) -> str:
    return f'<c t="inlineStr"><is><t>{words}</t></is></c>'


def sheet_of(rows: list[tuple[int, bool]], columns: str = "") -> bytes:
    """Codes and amounts in pence; some rows are hidden."""
    lines = [f"<row>{text('code')}{text('amount')}</row>"]
    lines += [
        f"<row hidden='{int(is_hidden)}'>{text('A')}<c><v>{Decimal(pence).scaleb(-2)}</v></c></row>"
        for pence, is_hidden in rows
    ]
    parts = parts_of_a_workbook({"Data": "".join(lines)})
    parts[SHEET] = parts[SHEET].replace("<sheetData>", f"{columns}<sheetData>")
    return packed(parts)


def test_hidden_rows_of_an_ods_workbook_are_told_alike():
    rows = [ods_files.row(ods_files.text("code"), ods_files.text("amount"))]
    rows += [ods_files.row(ods_files.text("A"), ods_files.number("10.5"), visibility="filter", rows=2)]
    rows += [ods_files.row(ods_files.text("A"), ods_files.number("1"))]
    found = canonical(ods_files.ods("".join(rows)), "a.ods")
    with found.table:
        assert sum(len(piece.frame) for piece in found.pieces()) == 3
    assert [(each.code, each.message, each.value) for each in found.warnings()] == [
        ("W_HIDDEN_ROWS", "2 hidden rows were read, adding up to £21.00", "Row 2, 3")
    ]


def pounds(pence: int) -> str:
    return f"{'-' if pence < 0 else ''}£{abs(Decimal(pence).scaleb(-2)):,.2f}"


@given(ROWS, st.integers(1, 40))
def test_hidden_rows_are_counted_and_added_up_in_pieces_of_any_size(rows, size):
    with override_settings(UPLOAD_CHUNK_ROWS=size):
        source = canonical(sheet_of(rows), "a.xlsx")
        assert sum(len(piece.numbers) for piece in source.pieces()) == len(rows)
    hidden = [pence for pence, is_hidden in rows if is_hidden]
    found = [(one.code, one.message) for one in source.warnings()]
    if not hidden:
        assert found == []
        return
    were = "1 hidden row was" if len(hidden) == 1 else f"{len(hidden)} hidden rows were"
    assert found == [("W_HIDDEN_ROWS", f"{were} read, adding up to {pounds(sum(hidden))}")]


@given(ROWS)
def test_a_hidden_column_of_amounts_is_added_up_whatever_rows_are_hidden(rows):
    source = canonical(sheet_of(rows, '<cols><col min="2" max="2" hidden="1"/></cols>'), "a.xlsx")
    list(source.pieces())
    (message,) = [one.message for one in source.warnings() if one.code == "W_HIDDEN_COLUMN"]
    assert message.endswith(f", adding up to {pounds(sum(pence for pence, _ in rows))}")


def test_only_the_first_hidden_rows_are_named_and_the_others_counted():
    source = canonical(sheet_of([(1, number != 2) for number in range(14)]), "a.xlsx")
    list(source.pieces())
    (warning,) = source.warnings()
    assert warning.value == "Row 2, 3, 5, 6, 7, 8, 9, 10, 11, 12 and 3 more"
    assert (warning.where.sheet, warning.where.row, warning.severity) == ("Data", 2, "warning")


def test_a_blank_column_that_is_hidden_is_nothing_to_look_at():
    columns = '<cols><col min="3" max="9" hidden="1"/></cols>'
    source = canonical(sheet_of([(1, False)], columns), "a.xlsx")
    list(source.pieces())
    assert source.warnings() == []
