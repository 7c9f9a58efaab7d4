"""Workbooks and headings that were read otherwise than their senders saw them, sent through the whole check."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.formatting.rule import Rule
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat

from budgets.models import StagedAllocation
from pooledcare.uploads import exports
from pooledcare.uploads.models import Upload
from tests import factories
from tests.kernel.files import packed, parts_of_a_workbook
from tests.uploads.sending import HEADINGS, Desk, codes, rows

pytestmark = pytest.mark.django_db

LINE = ["2026-27", "QSL", "nhs-core", "allocation", 100, "recurrent", ""]


@pytest.fixture
def desk() -> Desk:
    for code in ("nhs-core", "running-costs"):
        factories.stream(code=code)
    factories.organisation(name="NHS Somerset ICB", code="QSL")
    return Desk(factories.nhs_england(), ("publisher",))


@pytest.fixture
def cases(shared_data: Path) -> Path:
    if not (shared_data / "cases").is_dir():
        pytest.skip("the small files of ../shared/data/cases are not beside this checkout")
    return shared_data / "cases"


def send(desk: Desk, path: Path) -> Upload:
    return desk.send(path.read_bytes(), name=path.name)


def read(upload: Upload) -> list[tuple[Decimal, str]]:
    """Amount and note of each staged row."""
    return list(StagedAllocation.objects.filter(upload_id=upload.pk).order_by("line").values_list("amount", "note"))


def told(upload: Upload) -> list[tuple[str, str, str]]:
    return [(one.code, one.message, one.fix) for one in upload.problems.order_by("pk")]


def book(*lines: list[Any], change: Callable[[Any], None] = lambda sheet: None, headings: str = HEADINGS) -> bytes:
    made = Workbook()
    sheet = made.active
    for line in [headings.split(","), *(lines or [LINE])]:
        sheet.append(line)
    change(sheet)
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def amount(stored: float, code: str) -> bytes:
    """A workbook with one figure in a number format."""

    def change(sheet: Any) -> None:
        sheet["E2"].value, sheet["E2"].number_format = stored, code

    return book(change=change)


# ── The files themselves ─────────────────────────────────────────────────────────────────────────────────────────────


def test_x01_a_percentage_is_no_amount(desk, cases):
    upload = send(desk, cases / "x01_percent_cell.xlsx")
    (problem,) = upload.problems.all()
    assert (upload.state, problem.code, problem.row, problem.column) == ("refused", "PERCENTAGE", 2, "E")
    assert (problem.message, problem.value) == ("This is a percentage, not an amount", "50%")


def test_x02_a_unit_in_the_number_format_is_asked_about(desk, cases):
    upload = send(desk, cases / "x02_unit_in_number_format.xlsx")
    assert upload.state == "refused"
    assert told(upload) == [
        (
            "UNIT",
            "The cell shows £1,234.5k, but holds the number 1234.5",
            "If £1,234.5k is right, enter 1234500; "
            "if 1234.5 pounds are right, only choose a number format without “k”.",
        )
    ]


def test_x03_a_hidden_row_is_read_and_warned_of_with_its_sum(desk, cases):
    upload = send(desk, cases / "x03_hidden_row.xlsx")
    assert (upload.state, [figure for figure, _ in read(upload)]) == ("awaiting_second_person", [100, 999_999])
    (warning,) = upload.problems.all()
    assert (warning.severity, warning.code, warning.row, warning.value) == ("warning", "W_HIDDEN_ROWS", 3, "Row 3")
    assert warning.message == "1 hidden row was read, adding up to £999,999.00"


def test_x04_a_hidden_column_of_amounts_is_read_and_warned_of_with_its_sum(desk, cases):
    upload = send(desk, cases / "x04_hidden_amount_column.xlsx")
    assert (upload.state, [figure for figure, _ in read(upload)]) == ("awaiting_second_person", [100])
    (warning,) = upload.problems.all()
    assert (warning.severity, warning.code, warning.column) == ("warning", "W_HIDDEN_COLUMN", "E")
    assert warning.message == ("The column is hidden in the workbook, and was read: 1 amount, adding up to £100.00")


@pytest.mark.parametrize(
    ("name", "figures"),
    [
        ("x08_dxf_numfmt_clash.xlsx", [(Decimal("45000.50"), "GBP format, id 164")]),
        ("x13_SharedStrings_case.xlsx", [(Decimal(100), "shared strings")]),
        ("x27_formula_empty_string_note.xlsx", [(Decimal(100), "")]),
        ("x28_prefilled_formula_rows.xlsx", [(Decimal(100), "x")]),
    ],
)
def test_workbooks_that_a_spreadsheet_opens_are_read(desk, cases, name, figures):
    upload = send(desk, cases / name)
    assert (upload.state, read(upload), told(upload)) == ("awaiting_second_person", figures, [])
    if name.startswith("x28"):
        assert (upload.rows_read, upload.notices) == (1, ["Blank rows were left out (2 rows)"])


def test_c21_a_unit_in_a_heading_is_seen(desk, cases):
    upload = send(desk, cases / "c21_heading_with_unit.csv")
    assert upload.state == "refused"
    assert told(upload) == [
        (
            "UNIT_IN_HEADING",
            "The heading says thousands of pounds, and amounts must be in pounds",
            "Multiply each amount by 1,000, so that 12.50 becomes 12500.00. Only then write amount as the heading.",
        )
    ]


# ── Further inputs of each kind ──────────────────────────────────────────────────────────────────────────────────────

SHOWN = {
    # number format: stored number, amount read or code of the problem
    "£ and pence": ('"£"#,##0.00', 1234.5, "1234.50"),
    "£ of the United Kingdom": ("[$£-809]#,##0", 1234.5, "1234.50"),
    "accounting": ('_-"£"* #,##0.00_-;-"£"* #,##0.00_-;_-"£"* "-"??_-;_-@_-', 0, "0.00"),
    "brackets": ("#,##0.00_);(#,##0.00)", -5, "-5.00"),
    "red": ("0.00;[Red]0.00", -5, "-5.00"),
    "thousands shown of pounds held": ('"£"#,##0,"k"', 1234500, "1234500.00"),
    "millions shown of pounds held": ('0.00,,"m"', 12340000, "12340000.00"),
    "largest unit by size": ('[>=1000000]0.0,,"m";[>=1000]0.0,"k";0', 1500, "1500.00"),
    "all red": ("[Red]0.00;[Red]0.00", -5, "SHOWN_OTHERWISE"),
    "nought of thousands": ('0"k"', 0, "0.00"),
    "a thousand without its unit": ("#,##0,", 1234500, "SHOWN_OTHERWISE"),
    "millions as written": ('"£"0.00"m"', 12.34, "UNIT"),
    "000s as written": ('#,##0" (£000s)"', 1234, "UNIT"),
    "noughts put behind": ('#,##0",000"', 1234, "UNIT"),
    "million of thousands": ('0.0,"m"', 1234500, "UNIT"),
    "pence": ('0"p"', 1234, "UNIT"),
    "per cent": ("0.00%", 12.34, "PERCENTAGE"),
    "per cent as text": ('0"%"', 50, "PERCENTAGE"),
    "euros": ("[$€-407]#,##0.00", 5, "CURRENCY"),
    "dollars": ('"$"#,##0.00', 5, "CURRENCY"),
    "patients": ('0" patients"', 5, "UNIT"),
    "credit": ('#,##0" CR"', 5, "SIGN_UNCLEAR"),
    "debit": ('#,##0" CR";#,##0" DR"', -5, "SIGN_UNCLEAR"),
    "deficit": ('0;0" (deficit)"', -5, "SIGN_UNCLEAR"),
    "no sign": ("0.00;0.00", -5, "SHOWN_OTHERWISE"),
    "a minus that is not there": ("-0.00", 5, "SHOWN_OTHERWISE"),
    "nothing": (";;;", 5, "SHOWN_OTHERWISE"),
    "nought as a blank": ("0;-0;", 0, "SHOWN_OTHERWISE"),
    "to be confirmed": ('0;-0;"tbc"', 0, "SHOWN_OTHERWISE"),
}  # fmt: skip


@pytest.mark.parametrize("case", SHOWN)
def test_what_a_cell_shows_is_what_is_read_or_it_is_asked(desk, case):
    code, stored, expected = SHOWN[case]
    upload = desk.send(amount(stored, code), name="a.xlsx")
    found = [f"{figure:.2f}" for figure, _ in read(upload)] or codes(upload)
    assert found == [expected]


def test_a_sheet_that_shows_noughts_as_blanks_is_asked_about_each_nought(desk):
    def change(sheet: Any) -> None:
        sheet["E2"].value = 0
        sheet.sheet_view.showZeros = False

    upload = desk.send(book(change=change), name="a.xlsx")
    assert told(upload) == [
        (
            "SHOWN_OTHERWISE",
            "The cell shows nothing, but holds the number 0",
            "Clear the cell, or choose a number format that shows the amount.",
        )
    ]


def test_an_amount_beneath_a_merged_cell_is_refused(desk):
    upload = desk.send(book(change=lambda sheet: _merge_keeping_what_lies_beneath(sheet, "D2:E2")), name="a.xlsx")
    assert told(upload) == [
        (
            "SHOWN_OTHERWISE",
            "The cell lies beneath a merged cell, where nobody sees it, but holds the number 100",
            "Split the merged cell, then clear this one or correct its amount.",
        )
    ]


def test_an_amount_that_a_conditional_format_may_show_otherwise_is_refused(desk):
    percent = DifferentialStyle(numFmt=NumberFormat(numFmtId=170, formatCode="0%"))
    rule = Rule(type="expression", dxf=percent, formula=["TRUE"])
    upload = desk.send(book(change=lambda sheet: sheet.conditional_formatting.add("E2:E9", rule)), name="a.xlsx")
    assert told(upload) == [
        (
            "SHOWN_OTHERWISE",
            "The cell holds the number 100, and a conditional format may show it in another way",
            "Remove the number format from the conditional format, and check the amount.",
        )
    ]


def _merge_keeping_what_lies_beneath(sheet: Any, cells: str) -> None:
    sheet.merged_cells.add(cells)


HEADINGS_WITH_UNITS = {
    "Amount (£000)": "thousands of pounds",
    "Amount £'000": "thousands of pounds",
    "amount in thousands": "thousands of pounds",
    "Amount K": "thousands of pounds",
    "£m": "millions of pounds",
    "Allocation, £ million": "millions of pounds",
    "Amount (£bn)": "billions of pounds",
    "Amount (pence)": "pence",
    "Amount (€)": "€",
    "Amount (%)": "%",
}


@pytest.mark.parametrize("heading", HEADINGS_WITH_UNITS)
def test_advice_about_a_heading_with_a_unit_never_leads_to_a_wrong_figure(desk, heading):
    text = rows("2026-27,QSL,nhs-core,allocation,5,recurrent,", headings=HEADINGS.replace("amount", f'"{heading}"'))
    (problem,) = desk.send(text).problems.all()
    assert (problem.code, problem.column) == ("UNIT_IN_HEADING", "E")
    assert problem.message == f"The heading says {HEADINGS_WITH_UNITS[heading]}, and amounts must be in pounds"
    assert problem.fix.split(" ")[0] in ("Multiply", "Divide", "Write")
    assert "Only then write amount as the heading." in problem.fix


def test_a_second_sheet_with_a_unit_in_its_heading_is_not_left_out_in_silence(desk):
    content = load_workbook(BytesIO(book()))
    second = content.copy_worksheet(content.active)
    second.title, second["C2"], second["E1"] = "Second", "running-costs", "Amount (£k)"
    out = BytesIO()
    content.save(out)
    (problem,) = desk.send(out.getvalue(), name="a.xlsx").problems.all()
    assert (problem.code, problem.sheet, problem.column) == ("UNIT_IN_HEADING", "Second", "E")


@pytest.mark.parametrize("heading", ["Amount (£)", "Amounts", "amount GBP"])
def test_a_heading_in_pounds_may_be_renamed(desk, heading):
    text = rows("2026-27,QSL,nhs-core,allocation,5,recurrent,", headings=HEADINGS.replace("amount", heading))
    found = {(one.code, one.fix) for one in desk.send(text).problems.all()}
    assert ("MISSING_HEADER", f"Rename “{heading}” in column E to amount.") in found
    assert {code for code, _ in found} == {"MISSING_HEADER", "UNKNOWN_HEADER"}


def test_a_unit_in_a_title_above_the_headings_is_not_lost_with_the_title(desk):
    text = f"Allocations 2026-27 (£'000)\n{rows('2026-27,QSL,nhs-core,allocation,5,recurrent,')}"
    ((code, _, fix),) = told(desk.send(text))
    assert code == "HEADER_NOT_FOUND"
    assert fix.startswith(
        "Row 1 says thousands of pounds: amounts must be in pounds. Multiply each amount by 1,000, so that 12.50 "
        "becomes 12500.00. Delete everything above the headings"
    )


@pytest.mark.parametrize(
    "heading", ["Amount (x1000)", "Amount / 1000", "amount.k", "Amount (CR)", "Amount £10k", "amount (lakh)"]
)
def test_a_heading_that_says_more_than_pounds_is_not_simply_to_be_renamed(desk, heading):
    text = rows("2026-27,QSL,nhs-core,allocation,5,recurrent,", headings=HEADINGS.replace("amount", heading))
    missing, unknown = desk.send(text).problems.order_by("pk")
    assert missing.fix == (
        f"Rename “{heading}” in column E to amount if its cells are amounts in pounds. If they are not, change them to "
        "pounds first."
    )
    assert unknown.fix.endswith(" Amounts must be in pounds.")


REMARKS = ["All amounts are in £000", "(£'000)", "Figures in £ million", "in thousands,,,,,,", ",,,,,,all in £k"]


@pytest.mark.parametrize("remark", REMARKS)
@pytest.mark.parametrize("is_below", [True, False])
def test_a_remark_that_states_a_unit_is_not_simply_to_be_deleted(desk, remark, is_below):
    remark = remark if "," in remark else f"{remark},,,,,,"
    lines = ["2026-27,QSL,nhs-core,allocation,5,recurrent,", remark]
    ((code, message, fix),) = told(desk.send(rows(*(lines if is_below else reversed(lines)))))
    assert code == "UNIT"
    assert message.startswith("The row says ")
    assert (fix.startswith("If that is so: multiply each amount by "), fix.endswith("Then delete the row.")) == (
        True,
        True,
    )


@pytest.mark.parametrize("name", ["Allocations (£000s).csv", "BCF in £m.csv", "figures_in_thousands.csv"])
def test_a_unit_in_the_name_of_the_file_is_seen(desk, name):
    ((code, message, fix),) = told(desk.send(rows("2026-27,QSL,nhs-core,allocation,5,recurrent,"), name=name))
    assert (code, message.startswith("The name of the file says ")) == ("UNIT_IN_HEADING", True)
    assert fix.endswith("Then give the file a name without a unit.")


def test_a_unit_in_the_name_of_the_sheet_is_seen(desk):
    def change(sheet: Any) -> None:
        sheet.title = "Allocations £m"

    ((code, message, _),) = told(desk.send(book(change=change), name="a.xlsx"))
    assert (code, message) == (
        "UNIT_IN_HEADING",
        "The name of the sheet says millions of pounds, and amounts must be in pounds",
    )


def test_a_row_that_only_states_the_unit_is_not_simply_to_be_deleted(desk):
    upload = desk.send(rows(",,,,£k,,", "2026-27,QSL,nhs-core,allocation,5,recurrent,"))
    (fix,) = upload.problems.filter(code="UNIT").values_list("fix", flat=True)
    assert fix.startswith("If the amounts are in thousands of pounds, multiply each of them")


def _grouped(sheet: Any) -> None:
    sheet.row_dimensions.group(3, 4, hidden=True)


def _filtered(sheet: Any) -> None:
    sheet.auto_filter.ref = "A1:G4"
    sheet.auto_filter.add_filter_column(4, ["100"])
    sheet.row_dimensions[3].hidden = sheet.row_dimensions[4].hidden = True


@pytest.mark.parametrize("hide", [_grouped, _filtered])
def test_rows_that_are_folded_or_filtered_are_hidden(desk, hide):
    lines = [LINE, [*LINE[:2], "running-costs", "allocation", 5, "", ""], ["2025-26", *LINE[1:4], -2.5, "", ""]]
    upload = desk.send(book(*lines, change=hide), name="a.xlsx")
    assert [(message, code) for code, message, _ in told(upload)] == [
        ("2 hidden rows were read, adding up to £2.50", "W_HIDDEN_ROWS")
    ]
    assert upload.problems.get().value == "Row 3, 4"


def test_rows_and_columns_without_height_or_width_are_hidden(desk):
    second = f"<row ht='0' customHeight='1'>{cells('2025-26', *LINE[1:4])}<c><v>-5</v></c></row>"
    parts = raw("<c><v>6</v></c>", more=second)
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace("<sheetData>", '<cols><col min="5" max="9" width="0"/></cols><sheetData>')
    found = [(code, message) for code, message, _ in told(desk.send(packed(parts), name="a.xlsx"))]
    assert found == [
        ("W_HIDDEN_ROWS", "1 hidden row was read, adding up to -£5.00"),
        ("W_HIDDEN_COLUMN", "The column is hidden in the workbook, and was read: 2 amounts, adding up to £1.00"),
        ("W_HIDDEN_COLUMN", "The column is hidden in the workbook, and was read"),
    ]


def test_a_hidden_sheet_and_a_column_without_width_are_warned_of_with_their_sums(desk):
    content = load_workbook(BytesIO(book()))
    second = content.copy_worksheet(content.active)
    second.title, second.sheet_state = "Second", "hidden"
    second["C2"] = "running-costs"
    content.worksheets[0]["G2"] = "hidden words"
    content.worksheets[0].column_dimensions["G"].width = 0
    content.worksheets[0].column_dimensions["G"].hidden = True
    out = BytesIO()
    content.save(out)
    assert [(code, message) for code, message, _ in told(desk.send(out.getvalue(), name="a.xlsx"))] == [
        ("W_HIDDEN_COLUMN", "The column is hidden in the workbook, and was read"),
        ("W_HIDDEN_SHEET", "The sheet is hidden in the workbook, and was read: 1 row, adding up to £100.00"),
    ]


def cells(*texts: str) -> str:
    return "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts)


def raw(amount: str, note: str = "", more: str = "") -> dict[str, str]:
    """The parts of a workbook with one figure, written by hand."""
    first = f"<row>{cells(*HEADINGS.split(','))}</row>"
    second = f"<row>{cells(*LINE[:4])}{amount}{cells('recurrent')}{note}</row>"
    return parts_of_a_workbook({"Data": first + second + more})


EMPTY_RESULT = '<c t="str"><f>IF(1=1,"","x")</f><v></v></c>'
NO_RESULT = "<c><f>SUM(A1:A9)</f></c>"
FORMULA = "The cell holds a formula, and the workbook does not hold its result"


@pytest.mark.parametrize(
    ("amount", "note", "more", "expected"),
    [
        ("<c><f>2*3</f><v>6</v></c>", '<c t="str"><f>"a"</f><v>a</v></c>', "", [(Decimal(6), "a")]),
        ("<c><v>6</v></c>", '<c t="inlineStr"><f>A1</f><is><t></t></is></c>', "", [(Decimal(6), "")]),
        ("<c><v>6</v></c>", EMPTY_RESULT, f"<row>{EMPTY_RESULT * 7}</row>", [(Decimal(6), "")]),
        ("<c><v>6</v></c>", NO_RESULT, "", [("FORMULA", 2, "G")]),
        (NO_RESULT, "", "", [("FORMULA", 2, "E")]),
        ("<c><v>6</v></c>", "", f"<row>{NO_RESULT}</row>", [("FORMULA", 3, "A")]),
    ],
)
def test_a_formula_is_its_stored_result_and_refused_without_one(desk, amount, note, more, expected):
    upload = desk.send(packed(raw(amount, note, more)), name="a.xlsx")
    problems = [(one.code, one.row, one.column) for one in upload.problems.all()]
    assert (read(upload) or problems) == expected
    assert {one.message for one in upload.problems.all()} <= {FORMULA}


RUNS = {
    "raised": ('<r><t>1500</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>1</t></r>', "1500¹"),
    "raised before": ('<r><rPr><vertAlign val="superscript"/></rPr><t>2</t></r><r><t>1500</t></r>', "²1500"),
    "lowered": ('<r><t>1500</t></r><r><rPr><vertAlign val="subscript"/></rPr><t>1</t></r>', "1500₁"),
    "struck out": ("<r><rPr><strike/></rPr><t>100</t></r><r><t>200</t></r>", "1\u03360\u03360\u0336200"),
    "bold": ("<r><rPr><b/></rPr><t>100</t></r><r><rPr><strike val='0'/></rPr><t>200</t></r>", ""),
    "on the line": ('<r><t>100</t></r><r><rPr><vertAlign val="baseline"/></rPr><t>200</t></r>', ""),
    "raised before a plain run": ('<r><rPr><vertAlign val="superscript"/></rPr><t>£</t></r><r><t>100200</t></r>', ""),
}  # fmt: skip


@pytest.mark.parametrize("is_shared", [True, False])
@pytest.mark.parametrize("case", RUNS)
def test_digits_that_are_raised_lowered_or_struck_out_are_not_digits_of_the_amount(desk, case, is_shared):
    runs, looks = RUNS[case]
    parts = raw('<c t="s"><v>0</v></c>' if is_shared else f'<c t="inlineStr"><is>{runs}</is></c>')
    if is_shared:
        name = "xl/sharedStrings.xml"
        parts[name] = parts[name].replace("</sst>", f"<si>{runs}</si></sst>")
    upload = desk.send(packed(parts), name="a.xlsx")
    if not looks:
        assert [figure for figure, _ in read(upload)] == [Decimal(100200)]
        return
    message = f"The cell shows {looks}: some of its digits are raised, lowered or struck out"
    assert [(code, said) for code, said, _ in told(upload)] == [("SHOWN_OTHERWISE", message)]
    name, _, content = exports.marked_file(upload)
    again = desk.send(b"".join(content), name=name)
    assert (again.state, read(again)) == ("refused", [])


def _other_case(parts: dict[str, str]) -> dict[str, str]:
    return {name.upper() if name.startswith("xl/") else name: text for name, text in parts.items()}


def _backslashes(parts: dict[str, str]) -> dict[str, str]:
    return {name.replace("/", "\\"): text for name, text in parts.items()}


def _backslashes_in_targets(parts: dict[str, str]) -> dict[str, str]:
    name = "xl/_rels/workbook.xml.rels"
    return parts | {name: parts[name].replace("worksheets/sheet1.xml", "worksheets\\sheet1.xml")}


def _without_shared_texts(parts: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in parts.items() if name != "xl/sharedStrings.xml"}


def _without_styles(parts: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in parts.items() if name != "xl/styles.xml"}


def _absolute_targets(parts: dict[str, str]) -> dict[str, str]:
    name = "xl/_rels/workbook.xml.rels"
    return parts | {name: parts[name].replace("worksheets/sheet1.xml", "/XL/worksheets/sheet1.xml")}


def _other_name_of_the_workbook(parts: dict[str, str]) -> dict[str, str]:
    changed = {name.replace("workbook.xml", "book.xml"): text for name, text in parts.items()}
    return changed | {"_rels/.rels": parts["_rels/.rels"].replace("workbook.xml", "book.xml")}


@pytest.mark.parametrize(
    "change",
    [
        _other_case,
        _backslashes,
        _backslashes_in_targets,
        _without_shared_texts,
        _without_styles,
        _absolute_targets,
        _other_name_of_the_workbook,
    ],
)
def test_archives_that_a_spreadsheet_opens_are_read(desk, change):
    upload = desk.send(packed(change(raw("<c><v>6</v></c>"))), name="a.xlsx")
    assert (read(upload), told(upload)) == ([(Decimal(6), "")], [])


def test_two_parts_whose_names_differ_in_case_only_are_damage(desk):
    parts = raw("<c><v>6</v></c>")
    assert codes(desk.send(packed(parts | {"XL/Workbook.xml": ""}), name="a.xlsx")) == ["DAMAGED_WORKBOOK"]


def test_another_way_of_compressing_is_not_called_damage(desk):
    data = bytearray(packed(raw("<c><v>6</v></c>")))
    with zipfile.ZipFile(BytesIO(data)) as archive:
        entry = data.index(b"PK\x01\x02", archive.start_dir)
    data[entry + 10 : entry + 12] = (9).to_bytes(2, "little")  # Deflate64
    ((code, message, _),) = told(desk.send(bytes(data), name="a.xlsx"))
    assert (code, message) == (
        "UNREADABLE_WORKBOOK",
        "The selected file could not be read: the workbook is compressed in an unusual way",
    )
